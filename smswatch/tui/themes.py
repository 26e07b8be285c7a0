"""Themes: dark, light, high contrast, and the terminal's own sixteen colours. Textual's others can be chosen, too.

What arrived is never told from what failed by red and green alone: the colours of our own themes stay apart for
readers who see no red, no green or no blue (a test simulates each), and a glyph and a word stand beside them.
"""

from __future__ import annotations

from collections.abc import Collection

from textual.theme import Theme

from smswatch.errors import SettingsError
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion

_INKS = ("success", "error", "warning", "primary", "secondary", "accent")


def _inks(*colours: str) -> dict[str, str]:
    """Give text its colours: good, bad, warning, open, doubtful, heading."""
    return {f"text-{name}": colour for name, colour in zip(_INKS, colours, strict=True)}


THEMES: tuple[Theme, ...] = (
    Theme(
        name="dark",
        primary="#2f7fd6",
        secondary="#5a4a8a",
        accent="#e8a33d",
        warning="#e8a33d",
        error="#c2410c",
        success="#1f9e83",
        foreground="#e4e4e4",
        background="#121212",
        surface="#1e1e1e",
        variables=_inks("#5ee0b8", "#ff7a5c", "#f2d95c", "#6aa6ff", "#edbcff", "#ffc069")
        | {"block-cursor-background": "#1f5fa8", "block-cursor-foreground": "#ffffff"},
    ),
    Theme(
        name="light",
        dark=False,
        primary="#0b52c4",
        secondary="#5a4a8a",
        accent="#0b52c4",
        warning="#a87400",
        error="#9c1c00",
        success="#00705c",
        foreground="#1a1a1a",
        background="#fafafa",
        surface="#efefef",
        panel="#e2e6ec",
        variables=_inks("#00705c", "#9c1c00", "#856200", "#0b52c4", "#7a1590", "#0b4aa8")
        | {
            "block-cursor-background": "#bcd5f7",
            "block-cursor-foreground": "#0a0a0a",
            "footer-key-foreground": "#0b4aa8",
        },
    ),
    Theme(
        name="high-contrast",
        primary="#6cb4ff",
        secondary="#f7ccff",
        accent="#fff04d",
        warning="#fff04d",
        error="#ff8c66",
        success="#5effd0",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        variables=_inks("#5effd0", "#ff8c66", "#fff04d", "#6cb4ff", "#f7ccff", "#fff04d")
        | {
            "block-cursor-background": "#ffffff",
            "block-cursor-foreground": "#000000",
            "block-cursor-blurred-background": "#4a4a4a",
            "foreground-muted": "#ffffff",
        },
    ),
    # No green, and neither blue nor yellow, which some terminals hardly show on black or on white.
    Theme(
        name="ansi",
        ansi=True,
        primary="ansi_blue",
        secondary="ansi_magenta",
        accent="ansi_magenta",
        warning="ansi_magenta",
        error="ansi_red",
        success="ansi_cyan",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables=_inks(
            "ansi_cyan", "ansi_red", "ansi_magenta", "ansi_default", "ansi_default", "ansi_magenta"
        )
        | {
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "block-cursor-background": "ansi_blue",
            "block-cursor-foreground": "ansi_bright_white",
            "border": "ansi_blue",
        },
    ),
)
NAMES = tuple(theme.name for theme in THEMES)
"""In the order in which they are offered."""
_OF_SIXTEEN = "standard"
"""Rich's word for a terminal with sixteen colours."""


def usual_theme(color_system: str | None) -> str:
    """Return the theme for a terminal that a person has chosen none for."""
    return "ansi" if color_system == _OF_SIXTEEN else "dark"


def check_theme(name: str, known: Collection[str]) -> None:
    """Raise SettingsError where no theme is called so."""
    if name in known:
        return
    all_of_them = f"there are {', '.join(NAMES)}, and those of Textual"
    hint = suggestion(name, known, all_of_them, quote="`")
    raise SettingsError(f"theme: none is called `{safe_line(name, 40)}`; {hint}")

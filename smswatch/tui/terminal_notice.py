"""Terminal notices: the sequence with which a terminal shows a notice on the desktop, where it has one.

No terminal can be asked whether it shows notices, so what is known of it decides; elsewhere the bell rings.
"""

from __future__ import annotations

from collections.abc import Mapping

from smswatch.safe_text import safe_line

LONGEST = 160
"""Characters of a notice."""
_OSC_9 = ("xterm-kitty", "xterm-ghostty", "wezterm")
"""What TERM begins with at terminals that take OSC 9."""
_OSC_9_PROGRAMS = frozenset(("iTerm.app", "WezTerm", "ghostty"))
_OSC_777 = ("foot", "rxvt")
_BETWEEN = ("screen", "tmux")


def notice(environment: Mapping[str, str], text: str) -> str | None:
    """Return what shows a notice, None where the terminal has none. The text may come from anywhere."""
    said = f"smswatch: {safe_line(text, LONGEST)}"
    term = environment.get("TERM", "")
    if environment.get("TMUX") or environment.get("STY") or term.startswith(_BETWEEN):
        return None  # it stands between us and the terminal, and drops what it does not know
    if term.startswith(_OSC_777) or environment.get("VTE_VERSION"):
        # There the first semicolon would end the title.
        return f"\x1b]777;notify;smswatch;{said.removeprefix('smswatch: ').replace(';', ',')}\x07"
    program = environment.get("TERM_PROGRAM") or environment.get("LC_TERMINAL", "").replace(
        "iTerm2", "iTerm.app"
    )
    if term.startswith(_OSC_9) or program in _OSC_9_PROGRAMS:
        return f"\x1b]9;{said}\x07"
    return None


def is_certain(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal surely shows what `notice` returns: only some of the VTE family do."""
    return not environment.get("VTE_VERSION")

"""The application as one person has it: colours, keys and mouse, remembered from start to start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import Monochrome, NoColor
from textual.notifications import Notify

from smswatch.errors import SmswatchError
from smswatch.tui import ink, themes
from smswatch.tui.driver import set_mouse
from smswatch.tui.failsafe import Failsafe
from smswatch.tui.key_hints import USUAL, Hints, hints, printed
from smswatch.tui.keymap import Place, bindings_of, read_keymap
from smswatch.tui.memory import MemoryFile
from smswatch.tui.notices import Notices


class PersonalApp(Failsafe):
    """What a person arranges, below the dashboard itself."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ink.COMPONENT_CLASSES)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "mouse", "Mouse: ours, or the terminal's own", show=False, id="mouse"),
    ]

    def __init__(
        self,
        memory: MemoryFile,
        *,
        theme: str | None,
        keys: Mapping[str, str],
        everywhere: Place,
        places: Sequence[Place],
    ) -> None:
        """`theme` and `keys` are those of the configuration. SettingsError where one of them does not exist."""
        super().__init__()
        self.notices = Notices(self)
        self.memory = memory
        """What is remembered from start to start."""
        self.keys_in_force = read_keymap(keys, everywhere, places)
        """By name of binding, where they are not the usual ones."""
        self.set_keymap(self.keys_in_force)
        owned = (binding for _, owner in (everywhere, *places) for binding in bindings_of(owner))
        self.key_hints = hints(owned, self.keys_in_force)
        """By name of binding: the key that sentences name."""
        for one in themes.THEMES:
            self.register_theme(one)
        if theme is not None:
            themes.check_theme(theme, self.available_themes)
        remembered = memory.now.theme if memory.now.theme in self.available_themes else None
        self._is_theme_configured = theme is not None
        self.theme = theme or remembered or themes.usual_theme(self.console.color_system)
        self._fit_no_color()
        self.is_mouse_ours = memory.now.mouse
        """The mouse is reported to the dashboard; else the terminal selects text with it."""
        self.greeting: str | None = None
        """What a person is told once there is a screen."""

    def get_key_display(self, binding: Binding) -> str:
        """Name a key in the last line as sentences name it: `Enter`, `Ctrl+K`."""
        return binding.key_display or printed(binding.key)

    def _fit_no_color(self) -> None:
        """Where NO_COLOR asks for none: greys, or with the terminal's own colours none at all.

        Textual decides that once, before it knows the theme; the greys of the terminal's own colours are black on black.
        """
        wanted = NoColor if self.native_ansi_color else Monochrome
        self._filters = [wanted() if isinstance(one, NoColor | Monochrome) else one for one in self._filters]

    def on_notify(self, event: Notify) -> None:
        """Let a notice stand once: an identical one is not put beside it."""
        wanted = event.notification
        if any(
            (one.message, one.severity) == (wanted.message, wanted.severity) for one in self._notifications
        ):
            event.prevent_default()

    def greet(self) -> None:
        """Say what is to be said at the start."""
        if self.greeting is not None:
            self.notices.say(self.greeting, seconds=10)
        self.say_whose_mouse()

    def say_whose_mouse(self) -> None:
        """Tell a person whose clicks will do nothing why; nothing where they work."""
        if not self.is_mouse_ours:
            key = self.key_hints["mouse"]
            self.notices.say(f"The mouse is the terminal's; {key} gives it to the dashboard", seconds=5)

    def watch_theme(self, before: str, now: str) -> None:
        """Remember colours that were chosen in the palette."""
        self._fit_no_color()
        if not self.is_running or before == now:
            return
        self._remember(theme=now)
        if self._is_theme_configured:
            said = "Until the next start: the configuration names a theme, which comes first"
            self.notices.say(said, seconds=5)

    def _choose_theme(self, name: str) -> None:
        self.theme = name

    def _theme_commands(self) -> Iterable[SystemCommand]:
        for theme in themes.NAMES:
            choose = partial(self._choose_theme, theme)
            yield SystemCommand(f"Theme: {theme}", "Colours, from now on", choose)

    def action_mouse(self) -> None:
        """Give the mouse to the terminal, so that it can select text, or take it back."""
        self.is_mouse_ours = not self.is_mouse_ours
        if self._driver is not None:
            set_mouse(self._driver, is_ours=self.is_mouse_ours)
        self._remember(mouse=self.is_mouse_ours)
        if self.is_mouse_ours:
            said = "The mouse is the dashboard's again"
        else:
            key = self.key_hints["mouse"]
            said = f"The mouse is the terminal's: select and copy text; {key} gives it back"
        self.notices.say(said, seconds=4)

    def _remember(self, **changes: object) -> None:
        try:
            self.memory.remember(**changes)
        except SmswatchError as error:
            self.notices.tell(error)


def hints_in(app: App[Any]) -> Hints:
    """Return the keys that sentences name in this application."""
    return app.key_hints if isinstance(app, PersonalApp) else USUAL

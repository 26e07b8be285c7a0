"""The banner: one line, only there when a person must know something; the most serious first."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from smswatch.safe_text import safe_line
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.ink import line
from smswatch.tui.key_hints import USUAL, Hints
from smswatch.tui.list_pane import ListPane


def sentence(
    facts: ListenerFacts, pane: ListPane | None, *, can_take_over: bool, keys: Hints = USUAL
) -> tuple[str, str] | None:
    """Return (class, sentence) of the banner, None where there is nothing to say."""
    if facts.trouble:
        return "-trouble", f"Nothing is kept (answered 503): {facts.trouble}"
    if pane is not None and pane.trouble:
        return "-trouble", pane.trouble
    if facts.is_viewer and facts.holder_pid is None:
        offer = f"; press {keys['take_over']} to listen here" if can_take_over else ""
        return "-notice", f"Nobody listens now: webhooks are not received{offer}"
    if facts.is_open:
        return "-notice", "Open (--open): requests need no key, so anybody who finds the address can post"
    return None


class Banner(Static):
    """Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__("", id="banner", markup=False)
        self._said: tuple[str, str] | None = ("", "")

    def say(self, said: tuple[str, str] | None) -> None:
        """Show a sentence, or nothing; costs nothing where it is the same."""
        if said == self._said:
            return
        self._said = said
        self.display = said is not None
        if said is not None:
            kind, words = said
            self.set_class(kind == "-trouble", "-trouble")
            self.update(line(safe_line(words, 300)))

    @property
    def words(self) -> Content:
        """What it says now."""
        return line(self._said[1] if self._said else "")

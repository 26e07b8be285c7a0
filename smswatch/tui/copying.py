"""Copying: hands safe text to the terminal's clipboard, to tmux or to a file, and says which of them it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App

from smswatch.errors import SmswatchError
from smswatch.safe_text import SafeText, safe_block, safe_line
from smswatch.tui import clipboard
from smswatch.tui.notices import Notices
from smswatch.wording import how_many

_LONGEST = 1024 * 1024


class Copier:
    """Takes any text; control characters never reach what it is copied to."""

    def __init__(self, app: App[Any], notices: Notices, environment: Mapping[str, str]) -> None:
        """`environment` tells what the terminal is."""
        self._app = app
        self._notices = notices
        self._environment = environment

    def copy(self, text: str, *, to_file: bool = False) -> None:
        """Copy it, or put it into a file where nothing takes it; say what was done."""
        safe = safe_block(text, max_chars=_LONGEST, max_lines=_LONGEST)
        reason = clipboard.why_not(self._environment, len(safe.encode()))
        if to_file:
            self._put_into_file(safe, "")
        elif clipboard.is_in_tmux(self._environment):
            self._app.run_worker(self._give_to_tmux(safe), group="copy")
        elif reason is not None:
            self._put_into_file(safe, f"; {reason}")
        else:
            self._app.copy_to_clipboard(safe)
            # A terminal does not answer: it may have taken it or not.
            self._notices.say(f"{how_many(len(safe), 'character')} sent to the terminal's clipboard (OSC 52)")

    async def _give_to_tmux(self, safe: SafeText) -> None:
        if await clipboard.give_to_tmux(safe):
            self._notices.say(
                f"{how_many(len(safe), 'character is', 'characters are')} in tmux's buffer, and sent on to its terminal"
            )
        else:
            self._put_into_file(safe, "; tmux did not take them")

    def _put_into_file(self, safe: SafeText, why: str) -> None:
        try:
            path = clipboard.put_into_file(safe)
        except SmswatchError as error:
            self._notices.tell(error)
            return
        self._notices.say(f"Put into a file for you alone{why}:\n{safe_line(str(path), 300)}", seconds=10)

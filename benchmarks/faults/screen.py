"""What a person sees of a terminal: the bytes that came, put together by pyte."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pyte
from terminal import COLUMNS, LINES, Terminal

# What pyte does not know and would print.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")
_UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<>=$ ]*|\][^\x07\x1b]*)?\Z")
_AGAIN_S = 0.05


class Screen:
    """Follows a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._mark = 0
        self._rest = b""

    @property
    def text(self) -> str:
        """What is seen now, a line a row."""
        mark = self._terminal.mark()
        new = self._rest + self._terminal.text_between(self._mark, mark)
        self._mark = mark
        unfinished = _UNFINISHED.search(new)
        whole = new[: unfinished.start()] if unfinished else new
        self._rest = new[len(whole) :]
        self._stream.feed(_UNKNOWN.sub(b"", whole))
        return "\n".join(line.rstrip() for line in self._screen.display)

    def lose_everything(self) -> None:
        """Forget what was drawn until now, as a terminal that becomes as small as can be."""
        self._mark, self._rest = self._terminal.mark(), b""
        self._screen.reset()

    def comes_to(self, holds: Callable[[str], bool], timeout: float) -> bool:
        """Look until what is seen is as wished; False if that does not come to be in time."""
        seen = self.text  # putting together what came until now may take longer than that
        deadline = time.monotonic() + timeout
        while not holds(seen):
            if time.monotonic() > deadline:
                return False
            time.sleep(_AGAIN_S)
            seen = self.text
        return True

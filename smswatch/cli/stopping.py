"""Stopping: signals end the program in order, and in time whatever hangs.

Every part of the way out has its bound: bodies that still arrive two seconds, requests four, a database that another
process holds locked two, a thread of ours what it is given in its place. All together have five, from the moment in
which the signal reached the process; then it ends by force, with the terminal as it was. The sixth second is the machine's.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_TAKES_AT_MOST_S = 5.0
_LAST_WORDS_GET_S = 0.5
_STANDARD_INPUT, _STANDARD_ERROR = 0, 2
_NO_DASHBOARD = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"
)
"""To a terminal that a dashboard did not leave: mouse, focus, pasting, sizes, line wrap, keys, screen and cursor as usual."""


def last_words(words: str, code: int) -> None:
    """Write on standard error, or end at once with `code` if the terminal takes nothing any more.

    The thread that draws then still waits for it, and keeps Python from an end in order.
    """
    if not select.select([], [_STANDARD_ERROR], [], _LAST_WORDS_GET_S)[1]:
        os._exit(code)
    try:
        sys.stderr.write(words)
        sys.stderr.flush()
    except OSError:
        # The terminal is gone; Python would try again at its end, and complain.
        os._exit(code)


class Screen(NamedTuple):
    """A dashboard in the terminal, and its loop."""

    loop: asyncio.AbstractEventLoop
    end: Callable[[], object]
    """Called in the loop."""
    has_terminal: Callable[[], bool]
    """The terminal shows it still, or again. Called from any thread."""


class Stop:
    """The wish to end, from when this is made: the first signal wishes it, a second one ends at once.

    But not SIGHUP, which comes twice where a terminal goes: from the system, and from its shell. SIGQUIT ends at once.

    A thread of its own hears the signals, told by the system in the moment in which they come: a main thread that is
    busy, or hangs, delays neither what follows nor the limit.
    """

    def __init__(self, *, outlives_terminal: bool = False, takes_at_most_s: float = _TAKES_AT_MOST_S) -> None:
        """Listen for signals; with `outlives_terminal` a terminal that hangs up ends the screen alone."""
        self.outlives_terminal = outlives_terminal
        self._takes_at_most_s = takes_at_most_s
        self._wished = threading.Event()
        self._limited = threading.Event()
        self._screen: Screen | None = None
        self._terminal = _terminal_modes()
        self._heard, told = os.pipe()
        os.set_blocking(told, False)
        threading.Thread(target=self._hear, name="smswatch-signals", daemon=True).start()
        threading.Thread(target=self._end_in_time, name="smswatch-stop", daemon=True).start()
        # First, so that none is lost: from here on a signal is told, and from the next lines on it does nothing else.
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        for number in (*SIGNALS, signal.SIGQUIT):
            signal.signal(number, _nothing)

    @property
    def is_wished(self) -> bool:
        """A signal has come that means the end."""
        return self._wished.is_set()

    @contextmanager
    def ending(self, screen: Screen) -> Iterator[None]:
        """Within the block there is this dashboard, which signals end."""
        self._screen = screen
        try:
            yield
        finally:
            self._screen = None

    def wait(self) -> None:
        """Return when a signal has come."""
        self._wished.wait()

    def begin(self) -> None:
        """Say that the program ends now: should anything hang, it ends by force in time.

        What a disk that hangs did not take was not acknowledged either.
        """
        self._limited.set()

    def _hear(self) -> None:
        while True:
            for number in os.read(self._heard, 1024):
                if number in SIGNALS:
                    self._wish(number)
                elif number == signal.SIGQUIT:
                    self._end(128 + number)
                else:
                    # The system may have given it to this thread, and Python runs a handler in the main one alone.
                    self._call(lambda: None)

    def _wish(self, number: int) -> None:
        is_end = number != signal.SIGHUP or not self.outlives_terminal
        if self.is_wished and number != signal.SIGHUP:
            self._end(128 + number)
        if is_end:
            # From here time is limited: what is loaded at a start may take seconds itself.
            self._wished.set()
            self._limited.set()
        screen = self._screen
        if screen is not None:
            self._call(screen.end)

    def _call(self, what: Callable[[], object]) -> None:
        """Call it in the dashboard's loop, if there is one."""
        screen = self._screen
        if screen is not None:
            with contextlib.suppress(RuntimeError):
                # The loop has ended already.
                screen.loop.call_soon_threadsafe(what)

    def _end_in_time(self) -> None:
        self._limited.wait()
        time.sleep(self._takes_at_most_s)
        self._end(0)

    def _end(self, code: int) -> None:
        """End by force; a terminal that still shows a dashboard is as it was before."""
        screen = self._screen
        if screen is not None and screen.has_terminal() and self._terminal is not None:
            with contextlib.suppress(termios.error, OSError):
                # From the background of a shell, too.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
                termios.tcsetattr(_STANDARD_INPUT, termios.TCSANOW, self._terminal)
                if select.select([], [_STANDARD_ERROR], [], 0)[1]:
                    os.write(_STANDARD_ERROR, _NO_DASHBOARD)
        os._exit(code)


def _nothing(number: int, frame: FrameType | None) -> None:
    """Be there, so that a signal is told to whoever hears them, and does nothing else."""


def _terminal_modes() -> list[int | list[bytes | int]] | None:
    try:
        return termios.tcgetattr(_STANDARD_INPUT)
    except (termios.error, OSError):
        return None

"""Stopping: signals end the program in order, and in time whatever hangs."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_TAKES_AT_MOST_S = 5.8
_LAST_WORDS_GET_S = 0.5
_LOOK_EVERY_S = 0.5
_STANDARD_ERROR = 2


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


class Stop:
    """The wish to end, from when this is made: the first signal wishes it, a second one ends at once.

    What runs in a signal's handler takes no lock: the thread that it interrupts may hold it.
    """

    def __init__(self, *, outlives_terminal: bool = False) -> None:
        """Listen for signals; with `outlives_terminal` a terminal that hangs up ends the screen alone."""
        self.outlives_terminal = outlives_terminal
        self.is_wished = False
        """A signal has come."""
        self._wish_read, self._wish_write = os.pipe()
        self._limit_read, self._limit_write = os.pipe()
        self._limited = False
        threading.Thread(target=self._end_in_time, name="smswatch-stop", daemon=True).start()
        self.listen()

    def listen(self) -> None:
        """Take the signals, from whoever has them."""
        for number in SIGNALS:
            signal.signal(number, self._wish)
        if self.outlives_terminal:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def wait(self) -> None:
        """Return when a signal has come, at the latest half a second later."""
        while not self.is_wished:
            # The system may give the signal to another thread (after a stop and a continue it does), and
            # then Python runs our handler only once this one moves.
            select.select([self._wish_read], [], [], _LOOK_EVERY_S)

    def wish(self) -> None:
        """Say that a signal has come. From here time is limited: what is loaded at a start may take seconds itself."""
        self.is_wished = True
        os.write(self._wish_write, b"!")
        self.limit()

    def begin(self) -> None:
        """Say that the program ends now: should anything hang, it ends by force within six seconds.

        What a disk that hangs did not take was not acknowledged either.
        """
        self.listen()
        self.limit()

    def limit(self) -> None:
        """Let the program last six seconds more at most; the first call counts."""
        if not self._limited:
            self._limited = True
            os.write(self._limit_write, b"!")

    def _end_in_time(self) -> None:
        os.read(self._limit_read, 1)
        time.sleep(_TAKES_AT_MOST_S)
        os._exit(0)

    def _wish(self, number: int, _: FrameType | None) -> None:
        if self.is_wished:
            os._exit(128 + number)
        self.wish()

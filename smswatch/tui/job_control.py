"""Job control: Ctrl-Z, `fg`, `bg` and stops from elsewhere leave the terminal to whom it belongs, and come back in order.

A terminal that is gone hangs up, whoever it belonged to.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import cast

from textual.driver import Driver

_STANDARD_INPUT = 0
_LOOK_AGAIN_S = 0.2


class JobControl(Driver):
    """Mixed into the platform's driver."""

    has_terminal = False
    """The terminal is in the modes of a dashboard, and shows one."""
    _has_hung_up = False

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._of_the_platform("start_application_mode")()
        self.has_terminal = True

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was found; nothing where that has happened already: it may be a shell's by now."""
        if self.has_terminal:
            self._of_the_platform("stop_application_mode")()
            self.has_terminal = False

    def disable_input(self) -> None:
        """Take no more keys; nothing where the terminal was left already."""
        if self.has_terminal:
            self._of_the_platform("disable_input")()

    def mind_terminal(self) -> None:
        """Let a terminal that is gone hang up.

        The system says so to those whose controlling terminal it was, and to no others: a container's, a session of its
        own. Textual would read its end for ever, as fast as it can.
        """
        if self.has_terminal and not self._has_hung_up and not os.isatty(_STANDARD_INPUT):
            self._has_hung_up = True
            os.kill(os.getpid(), signal.SIGHUP)

    def _sigtstp_application(self, *_: object) -> None:
        """Stop, as after Ctrl-Z, between two steps of the loop.

        Textual stops in the signal's handler. In the middle of a `write` that waits for ever for the lock of the queue
        that it holds itself.
        """
        self._loop.call_soon_threadsafe(self._of_the_platform("_sigtstp_application"))

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop, between two steps of the loop, too."""
        self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        """Take the terminal once more, unless it is a shell's: what stopped may go on only to end (`kill %1`)."""
        if self._is_ending:
            return
        if _is_in_background():
            self._loop.call_later(_LOOK_AGAIN_S, self._stop_again)
            return
        if self.has_terminal:
            # Stopped by SIGSTOP, which asks nobody. Taken twice, its modes of today would be left behind at the end.
            self.suspend_application_mode()
        self._of_the_platform("_sigcont_application")()

    def _stop_again(self) -> None:
        """Stop once more in the background, where nothing can be drawn."""
        if self._is_ending:
            return
        if _is_in_background():
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            self._go_on()

    @property
    def _is_ending(self) -> bool:
        return self._app._exit  # noqa: SLF001 - Textual tells it nowhere else; a test guards it

    def _of_the_platform(self, name: str) -> Callable[[], None]:
        return cast("Callable[[], None]", getattr(super(), name))


def _is_in_background() -> bool:
    """Tell whether the terminal is another job's now."""
    with contextlib.suppress(OSError):
        return os.tcgetpgrp(_STANDARD_INPUT) != os.getpgrp()
    return False

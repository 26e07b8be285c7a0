"""The failsafe: an exception in a screen ends that dashboard in order, and says where it was, not what it showed.

Textual would print the variables of every function on the way: texts, numbers and the access key. It relies on
three private names of Textual's, which a test guards.
"""

from __future__ import annotations

from textual.app import App
from textual.worker import WorkerFailed

from smswatch.tui.job_control import JobControl


class Failsafe(App[int]):
    """An application that remembers how it failed; whoever runs it may start another."""

    def __init__(self) -> None:
        super().__init__()
        self.crash: BaseException | None = None
        """What ended it, or went wrong while it ended."""
        self.was_leaving = False
        """It had been told to end before that."""

    @property
    def has_terminal(self) -> bool:
        """The terminal shows it, in modes that it has to be given back from."""
        return isinstance(self._driver, JobControl) and self._driver.has_terminal

    def mind_terminal(self) -> None:
        """End as by a signal where the terminal is gone, and nobody said so. To be called every now and then."""
        if isinstance(self._driver, JobControl):
            self._driver.mind_terminal()

    def _fatal_error(self) -> None:
        self._fail()

    def panic(self, *renderables: object) -> None:
        """End as after any other exception; what was to be printed may hold anything."""
        del renderables
        self._fail()

    def _fail(self) -> None:
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error
        if self.crash is None:
            self.crash, self.was_leaving = error, self._exit
        self._close_messages_no_wait()

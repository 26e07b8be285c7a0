"""Taking over: a viewer becomes the listener, where nobody else is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from smswatch.errors import SmswatchError
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.notices import Notices


class TakingOver:
    """Says what came of it."""

    def __init__(self, take_over: Callable[[], Awaitable[None]] | None, notices: Notices) -> None:
        """`take_over` raises SmswatchError if it fails; None where this process never listens."""
        self._take_over = take_over
        self._notices = notices

    @property
    def is_possible(self) -> bool:
        """This process could listen."""
        return self._take_over is not None

    async def try_it(self, facts: ListenerFacts) -> None:
        """Become the listener, unless somebody listens."""
        if self._take_over is None:
            return
        if not facts.is_viewer:
            self._notices.say("This window listens already", seconds=5)
            return
        if facts.holder_pid is not None:
            self._notices.say(f"Process {facts.holder_pid} listens; end it first", seconds=5)
            return
        try:
            await self._take_over()
        except SmswatchError as error:
            self._notices.tell(error)
        else:
            self._notices.say("This window listens now", seconds=5)

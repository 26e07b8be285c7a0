"""The providers' side of the wire: posts callbacks at their times, and minds what is answered."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import aiohttp
import msgspec

from smswatch.simulate.events import Callback, Event, Sent

ATTEMPTS = 5
"""How often a provider tries in all."""

_RETRY_S = 2.0
_OK = 200
_TRY_LATER = frozenset({429, 503})
_TIMEOUT = aiohttp.ClientTimeout(total=15)


class Traffic(msgspec.Struct):
    """What became of the requests."""

    posted: int = 0
    repeated: int = 0
    given_up: int = 0
    answers: dict[int, int] = msgspec.field(default_factory=dict[int, int])
    """HTTP status to how many."""


class Sender:
    """Plays providers (and the application that sends) against one listener.

    Callbacks go out one after the other, as from one connection; what has to be sent again waits
    beside that line. `announce` is called for each `Sent`, before the callbacks about it.
    """

    def __init__(
        self,
        base_url: str,
        announce: Callable[[Sent], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry_s: float = _RETRY_S,
    ) -> None:
        """`base_url` may carry the key of the keyed paths; it has no slash at its end."""
        self._base_url = base_url
        self._announce = announce
        self._now = now
        self._retry_s = retry_s
        self.traffic = Traffic()

    async def play(self, events: Iterable[Event], stop: asyncio.Event | None = None) -> Traffic:
        """Send every event at its time, those overdue at once; return when all is settled or at `stop`."""
        stop = stop or asyncio.Event()
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            asyncio.TaskGroup() as unsettled,
        ):
            for event in events:
                await self._wait(stop, (event.due - self._now()).total_seconds())
                if stop.is_set():
                    break
                if isinstance(event, Sent):
                    self._announce(event)
                    continue
                left = await self._post(session, event)
                if left is not None:
                    unsettled.create_task(self._settle(session, stop, *left))
        return self.traffic

    async def _settle(
        self, session: aiohttp.ClientSession, stop: asyncio.Event, callback: Callback, wait_s: float
    ) -> None:
        for _ in range(ATTEMPTS - 1):
            await self._wait(stop, wait_s)
            if stop.is_set():
                return
            self.traffic.repeated += 1
            left = await self._post(session, callback)
            if left is None:
                return
            callback, wait_s = left
        self.traffic.given_up += 1

    async def _post(
        self, session: aiohttp.ClientSession, callback: Callback
    ) -> tuple[Callback, float] | None:
        """Return what is still to be sent and the seconds to wait before; None if nothing is."""
        headers = {"Content-Type": callback.content_type}
        self.traffic.posted += 1
        try:
            url = self._base_url + callback.path
            async with session.post(url, data=callback.body, headers=headers) as response:
                status, answer = response.status, await response.read()
                retry_after = response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError):
            return callback, self._retry_s
        self.traffic.answers[status] = self.traffic.answers.get(status, 0) + 1
        if status in _TRY_LATER:
            return callback, float(retry_after) if retry_after.isdigit() else self._retry_s
        if status != _OK:
            return None
        if callback.lost_answers:
            once_less = callback.lost_answers - 1
            return msgspec.structs.replace(callback, lost_answers=once_less), self._retry_s
        remainder = callback.remainder(answer)
        return None if remainder is None else (remainder, self._retry_s)

    @staticmethod
    async def _wait(stop: asyncio.Event, seconds: float) -> None:
        if seconds <= 0 or math.isnan(seconds):
            return
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            pass

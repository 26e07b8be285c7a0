"""The listening post: where this process stands to the listener, for the dashboard to ask and to change."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from smswatch.access_key import KeyFiles
from smswatch.errors import SmswatchError, StoreError
from smswatch.settings import Settings
from smswatch.wording import how_many

if TYPE_CHECKING:
    from smswatch.cli.service import Service
    from smswatch.store.lock import Holder
    from smswatch.tui.facts import ListenerFacts


class ListeningPost:
    """What the dashboard asks while it runs: is somebody listening, and where; and can we."""

    def __init__(self, settings: Settings, service: Service | None) -> None:
        self.settings = settings
        self.service = service
        self._keys = KeyFiles(settings.data_directory)
        self._looked_at = 0.0
        self._holder: Holder | None = None
        self.failure: SmswatchError | None = None
        """Why it cannot listen, which ends the dashboard."""

    def facts(self) -> ListenerFacts:
        """Return how things stand; cheap enough for ten times a second."""
        from smswatch.tui.facts import ListenerFacts  # noqa: PLC0415 - only with the dashboard

        service = self.service
        address = service.address if service is not None else None
        keys = self._keys()
        holder = self._holder_now() if service is None else None
        return ListenerFacts(
            address=address.url if address is not None else None,
            public_url=self.settings.public_url,
            key=keys.key,
            old_keys_until_s=keys.old_until_s(time.time()),
            is_open=self.settings.open and service is not None,
            is_viewer=service is None,
            holder_pid=holder.pid if holder is not None else None,
            holder_address=holder.address if holder is not None else None,
            trouble=self._trouble(),
            database=str(self.settings.database),
            keeps=_kept(self.settings),
        )

    async def listen(self) -> None:
        """Begin to receive, if we hold the database. What prevents it is kept in `failure` and raised."""
        if self.service is None:
            return
        try:
            await asyncio.to_thread(self.service.listen)
        except SmswatchError as error:
            self.failure = error
            raise

    async def take_over(self) -> None:
        """Become the listener. SmswatchError if that fails."""
        from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

        service = Service(self.settings)

        def start() -> None:
            service.start()
            # In the thread: where the dashboard is left meanwhile, nobody is there to take it, and `close` ends it.
            self.service = service

        await asyncio.to_thread(start)

    def close(self) -> None:
        """Stop listening, if we do."""
        if self.service is not None:
            self.service.stop()

    def _trouble(self) -> str | None:
        if self.service is None:
            return None
        if self.service.has_ended:
            return "the listener has stopped; restart smswatch (its log says why)"
        return self.service.trouble

    def _holder_now(self) -> Holder | None:
        """Look once a second who writes the database; where that cannot be seen, it is who it was."""
        from smswatch.store.lock import holder_of  # noqa: PLC0415 - only a viewer asks

        now = time.monotonic()
        if now - self._looked_at >= 1.0:
            self._looked_at = now
            with contextlib.suppress(StoreError):
                # As when this process may open no more files: no reason to end the dashboard.
                self._holder = holder_of(self.settings.database)
        return self._holder


def _kept(settings: Settings) -> str | None:
    """Write what is kept, as in `30 days, the newest 1,000 messages`; None where there is no limit."""
    age = None if settings.keep_for_ms is None else _in_words(settings.keep_for_ms)
    newest = settings.keep_newest
    number = None if newest is None else f"the newest {how_many(newest, 'message')}"
    return ", ".join(filter(None, (age, number))) or None


def _in_words(duration_ms: int) -> str:
    """Write how long, as in `30 days`, in the largest unit that goes into it."""
    for unit, size in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000)):
        if duration_ms >= size and duration_ms % size == 0:
            return how_many(duration_ms // size, unit)
    return f"{duration_ms:,} ms"

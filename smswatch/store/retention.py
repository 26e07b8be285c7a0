"""Retention: where a limit of age or number is set, what is older goes, once an hour, and the log says how much."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.store.removal import Removal
from smswatch.store.removal_questions import oldest_to_keep_ms
from smswatch.store.writer import Writer, now_ms

LOG = logging.getLogger(__name__)

_EVERY_S = 3600.0


class Retention:
    """Removes what last changed longer ago than `keep_for_ms`, or before the newest `keep_newest` messages.

    At once and then every hour until it is closed; nothing where neither is set.
    """

    def __init__(
        self,
        writer: Writer,
        path: Path,
        *,
        keep_for_ms: int | None = None,
        keep_newest: int | None = None,
        every_s: float = _EVERY_S,
    ) -> None:
        self._writer = writer
        self._path = path
        self._keep_for_ms = keep_for_ms
        self._keep_newest = keep_newest
        self._every_s = every_s
        self._closing = threading.Event()
        self._looking = threading.Lock()
        if keep_for_ms is None and keep_newest is None:
            return
        threading.Thread(target=self._run, name="smswatch-retention", daemon=True).start()

    def close(self) -> None:
        """Start no other removal. One that is under way ends with the writer."""
        self._closing.set()
        # A connection that is still open when the writer closes would leave the log's files behind.
        with self._looking:
            pass

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._remove()
            except StoreError as error:
                LOG.warning("what keep_for or keep_newest no longer keeps could not be removed: %s", error)
            self._closing.wait(self._every_s)

    def _remove(self) -> None:
        with self._looking:
            older_than_ms = None if self._closing.is_set() else self._older_than_ms()
        if older_than_ms is None:
            return
        removed = self._writer.remove(Removal(older_than_ms=older_than_ms)).result()
        if removed.messages or removed.inbound or removed.requests:
            LOG.warning(
                "removed what keep_for or keep_newest no longer keeps: %s%s", removed.gone, removed.staying
            )

    def _older_than_ms(self) -> int | None:
        """Return the later of the limits' times, UTC milliseconds; None where neither is reached."""
        by_age = None if self._keep_for_ms is None else now_ms() - self._keep_for_ms
        by_number = None if self._keep_newest is None else oldest_to_keep_ms(self._path, self._keep_newest)
        return max((limit for limit in (by_age, by_number) if limit is not None), default=None)

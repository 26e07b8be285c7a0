"""Retention: where a limit is set, what is older goes, once an hour, and the log says how much."""

from __future__ import annotations

import logging
import threading

from smswatch.errors import StoreError
from smswatch.store.removal import Removal
from smswatch.store.writer import Writer, now_ms

LOG = logging.getLogger(__name__)

_EVERY_S = 3600.0


class Retention:
    """Removes what last changed longer ago than `keep_for_ms`, at once and then every hour until it is closed."""

    def __init__(self, writer: Writer, keep_for_ms: int, every_s: float = _EVERY_S) -> None:
        self._writer = writer
        self._keep_for_ms = keep_for_ms
        self._every_s = every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smswatch-retention", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Start no other removal. One that is under way ends with the writer."""
        self._closing.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                removed = self._writer.remove(Removal(older_than_ms=now_ms() - self._keep_for_ms)).result()
            except StoreError as error:
                LOG.warning("what is too old could not be removed: %s", error)
            else:
                if removed.messages or removed.inbound or removed.requests:
                    LOG.warning("removed what was too old: %s%s", removed.gone, removed.staying)
            self._closing.wait(self._every_s)

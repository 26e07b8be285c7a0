"""The budget of what cannot be read: however much of it comes, the disk stays free for what can.

Requests that cannot be read rest on nothing and nothing rests on them. Where they take more than their budget, the
oldest of them go, until a tenth of it is free again; the log says how many, and so does Setup.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.store.database import connect_reader
from smswatch.store.removal import UNREADABLE_AT_MOST, Removal
from smswatch.store.writer import Writer
from smswatch.wording import how_many

LOG = logging.getLogger(__name__)

_EVERY_S = 30.0
_ROW_BYTES = 1024
"""What a row takes beside its body and headers, about."""
_KEPT_FREE = 0.1
_COUNT = "SELECT coalesce(sum(n), 0) FROM counters WHERE subject = 'requests' AND name = 'unreadable'"
_SIZES = (
    "SELECT id, length(body) + length(headers) + ? FROM requests WHERE outcome = 'unreadable' AND provider IN"
    " (SELECT provider FROM counters WHERE subject = 'requests' AND name = 'unreadable') ORDER BY id DESC"
)


class UnreadableBudget:
    """Looks every half minute, on a thread of its own, until it is closed."""

    def __init__(
        self, writer: Writer, path: Path, at_most: int = UNREADABLE_AT_MOST, every_s: float = _EVERY_S
    ) -> None:
        """`at_most` is in bytes."""
        self._writer = writer
        self._path = path
        self._at_most = at_most
        self._every_s = every_s
        self._counted = 0
        self._closing = threading.Event()
        self._looking = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="smswatch-unreadable", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more. A removal that is under way ends with the writer."""
        self._closing.set()
        # A connection that is still open when the writer closes would leave the log's files behind.
        with self._looking:
            pass

    def _run(self) -> None:
        while not self._closing.wait(self._every_s):
            try:
                up_to = self._too_much()
                if up_to is not None:
                    removed = self._writer.remove(Removal(unreadable_up_to=up_to)).result()
                    many = how_many(removed.requests, "unreadable request")
                    LOG.warning("removed %s, the oldest: there were more than is kept of them", many)
            except StoreError as error:
                LOG.warning("what cannot be read could not be kept to its budget: %s", error)

    def _too_much(self) -> int | None:
        """Return the youngest request that is to go; None while all is within the budget, or once it is closed."""
        with self._looking:
            return None if self._closing.is_set() else self._look()

    def _look(self) -> int | None:
        with contextlib.closing(connect_reader(self._path)) as connection:
            try:
                count = connection.execute(_COUNT).fetchone()[0]
                if count == self._counted:
                    return None
                up_to = self._youngest_to_go(connection)
            except sqlite3.Error as error:
                raise StoreError(f"the database cannot be read: {error}") from error
        self._counted = count
        return up_to

    def _youngest_to_go(self, connection: sqlite3.Connection) -> int | None:
        total, up_to = 0, None
        for row_id, size in connection.execute(_SIZES, (_ROW_BYTES,)):
            total += size
            if up_to is None and total > self._at_most * (1 - _KEPT_FREE):
                up_to = row_id
        return up_to if total > self._at_most else None

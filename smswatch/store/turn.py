"""The writer's turn: waiting for another process that holds the database locked, as long as that makes sense."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE_S = 5.0
_PATIENCE_IN_A_HURRY_S = 2.0
_LOOK_EVERY_MS = 100
_PRIMARY_CODE = 0xFF
"""Without what SQLite adds: another process that recovers the log is busy, too."""


class Turn:
    """Begins the writing connection's transactions. Not SQLite's own patience, which nothing can cut short."""

    def __init__(self, connection: sqlite3.Connection, patience_s: float = _PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._connection = connection
        self._gives_up_at = float("inf")
        self._wait_for_locks(_LOOK_EVERY_MS)

    def hurry(self) -> None:
        """Wait two seconds more at most, now and from now on. From any thread."""
        self._gives_up_at = time.monotonic() + _PATIENCE_IN_A_HURRY_S

    def begin(self) -> None:
        """Begin to write. Raises sqlite3.OperationalError if the database stays locked, or cannot be written."""
        until = time.monotonic() + self.patience_s
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() >= min(until, self._gives_up_at):
                    raise
            else:
                return

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within the block, each statement waits as long as that makes sense: for readers, where it empties the log."""
        left_s = min(self.patience_s, max(self._gives_up_at - time.monotonic(), 0.0))
        self._wait_for_locks(int(left_s * 1000))
        try:
            yield
        finally:
            self._wait_for_locks(_LOOK_EVERY_MS)

    def _wait_for_locks(self, milliseconds: int) -> None:
        self._connection.execute(f"PRAGMA busy_timeout={milliseconds}")

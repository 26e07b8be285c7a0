"""Scrubbing: what a purge must not leave behind beside the rows: the write-ahead log, and old copies in the pages.

`secure_delete` overwrites what is deleted, but not the copies that SQLite left in the unused middle of a page when it
moved rows to make room, while they still were to be kept. Nothing reads that middle, so it can be overwritten under
readers, and an end in between harms nothing.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.store.turn import Turn

_SLICE_BYTES = 4 * 1024 * 1024
"""Looked at in one go: some ten milliseconds."""
_FILE_HEADER_BYTES = 100
_PAGE_HEADER_BYTES = {2: 12, 5: 12, 10: 8, 13: 8}
"""By the first byte of a page that holds rows or keys."""
_MOST_PAGES = 0x0200_0000
"""Other pages begin with a page's number, whose first byte is less than these as long as the file has fewer."""
_DESCRIPTORS: dict[tuple[int, int], int] = {}
"""Of databases, by device and inode. Never closed: that would free the locks of this process's connections."""


def empty_log(connection: sqlite3.Connection) -> None:
    """Copy the write-ahead log into the database and cut it to nothing.

    Raises StoreError while another process still reads an older state from it.
    """
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreError(
            "everything was removed, but another window still reads the write-ahead log, which holds a copy;"
            " close other windows and repeat the command"
        )


class Scrubbing:
    """Goes once through the file of a database, on its writing connection, between commits."""

    def __init__(self, connection: sqlite3.Connection, turn: Turn, path: Path) -> None:
        self._connection = connection
        self._turn = turn
        self._path = path
        self._page_bytes: int = connection.execute("PRAGMA page_size").fetchone()[0]
        self._has_maps = connection.execute("PRAGMA auto_vacuum").fetchone() != (0,)
        """Pages that say where others are, whose first byte may be that of a page with rows. Never in a database of ours."""
        self._at = 0

    def step(self) -> bool:
        """Empty the log and scrub one slice; False behind the last one.

        Raises StoreError, sqlite3.Error or OSError where it cannot.
        """
        with self._turn.kept():
            empty_log(self._connection)
        self._turn.begin()
        # With the lock and an empty log nobody writes into the file: no other program, and no checkpoint.
        goes_on = self._log_bytes() > 0 or self._scrub()
        self._connection.execute("ROLLBACK")
        # Else the next change of a page would bring back what the cache remembers of it.
        self._connection.execute("PRAGMA shrink_memory")
        return goes_on

    def _log_bytes(self) -> int:
        return self._path.with_name(self._path.name + "-wal").stat().st_size

    def _scrub(self) -> bool:
        file = _descriptor(self._path)
        size = os.fstat(file).st_size
        if self._has_maps or size >= _MOST_PAGES * self._page_bytes:
            reason = "vacuums itself" if self._has_maps else "is too large"
            raise StoreError(f"everything was removed, but no copies were looked for: the database {reason}")
        part = os.pread(file, _SLICE_BYTES, self._at)
        for start, end in _unused(part, self._page_bytes, is_beginning=not self._at):
            if part.count(0, start, end) != end - start:
                os.pwrite(file, bytes(end - start), self._at + start)
        self._at += len(part)
        if part and self._at < size:
            return True
        os.fsync(file)
        return False


def _descriptor(path: Path) -> int:
    found = path.stat()
    place = found.st_dev, found.st_ino
    if place not in _DESCRIPTORS:
        _DESCRIPTORS[place] = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    return _DESCRIPTORS[place]


def _unused(pages: bytes, page_bytes: int, *, is_beginning: bool) -> Iterator[tuple[int, int]]:
    """Yield where the unused middle of each page begins and ends: between its list of rows and the rows."""
    for start in range(0, len(pages) - page_bytes + 1, page_bytes):
        head = start + _FILE_HEADER_BYTES if is_beginning and not start else start
        head_bytes = _PAGE_HEADER_BYTES.get(pages[head])
        if head_bytes is None:
            continue
        rows, first_row = struct.unpack_from(">HH", pages, head + 3)
        # Of a page of 64 KiB without rows, 0.
        unused, end = head + head_bytes + 2 * rows, start + (first_row or 65536)
        if unused < end <= start + page_bytes:
            yield unused, end

"""The same files: SQLite writes on into a file that was deleted or replaced, and every commit succeeds into nothing."""

from __future__ import annotations

import os
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.store.entry import storable


class SameFiles:
    """Remembers which files a database and its log are, while they are open."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._files = (database, database.with_name(database.name + "-wal"))
        self._identities = [_identity(file) for file in self._files]

    def check(self) -> None:
        """Raise StoreError where one of them was deleted or replaced."""
        for file, was in zip(self._files, self._identities, strict=True):
            if _identity(file) != was:
                what = "database" if file == self._database else "database's log"
                raise StoreError(f"the {what} was deleted or replaced in mid-writing: {storable(str(file))}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - read beside st_ino, in the terms of the system call
    except OSError:
        return None
    return found.st_dev, found.st_ino

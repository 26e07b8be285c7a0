"""Failures: what SQLite raises, told apart and said in the words of a person with a disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from smswatch.errors import StoreError


def is_of_the_database(error: Exception) -> bool:
    """Tell an error of the file or the disk from one that a single request's values may have caused."""
    if isinstance(error, (sqlite3.OperationalError, sqlite3.InternalError, StoreError)):
        return True
    # A damaged file has no class of its own.
    return type(error) is sqlite3.DatabaseError


_ADVICE = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process holds the database locked",
    "SQLITE_READONLY": "the database is read-only",
    "SQLITE_IOERR_WRITE": "the disk refuses to write",
    "SQLITE_IOERR": "the disk fails",
    "SQLITE_CANTOPEN": "the database cannot be opened",
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_NOTADB": "the file is not a database any more",
}


def store_error(error: Exception) -> StoreError:
    """Return what a person is told of it."""
    if isinstance(error, StoreError):
        return error
    name = str(getattr(error, "sqlite_errorname", ""))
    advice = next((text for code, text in _ADVICE.items() if name.startswith(code)), None)
    return StoreError(f"{advice} ({error})" if advice else str(error))


def opening_error(path: Path, error: Exception) -> StoreError:
    """Return what a person is told who wanted to open a database, with what can be done about it."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith("SQLITE_NOTADB"):
        return StoreError(f"{path} is not a database and was left as it is; choose another file with --db")
    told = f"cannot open the database {path}: {store_error(error)}"
    if name.startswith("SQLITE_CORRUPT"):
        told += (
            "; it was left as it is: keep a copy, then `sqlite3 FILE .recover` may read the rest of it,"
            " or choose another file with --db"
        )
    return StoreError(told)

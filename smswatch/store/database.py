"""Opening the file: who may, with which pragmas, and how it is brought to the newest shape."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

from smswatch.errors import StoreEmptyError, StoreError
from smswatch.filters import SQL_FUNCTIONS
from smswatch.safe_text import safe_line
from smswatch.store.failure import opening_error
from smswatch.store.schema import APPLICATION_ID, MIGRATIONS, VERSION

LOG = logging.getLogger(__name__)

OLDEST_SQLITE = (3, 37, 2)
_CACHE_KIB = 65536


def check_file(path: Path) -> None:
    """Look at what lies there without changing anything: neither its mode, nor a file beside it.

    Raises StoreError if it is no database, not one of smswatch, or of a newer version.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot open the database {path}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path} is not a file; choose another one with --db")
    # Through SQLite: closing a file of our own opening would free the locks of this process's readers.
    # Without its log it may be of yesterday, or torn; what is of ours already in there is enough.
    try:
        with contextlib.closing(sqlite3.connect(_untouched_uri(path), uri=True)) as connection:
            _checked_version(connection, path)
    except sqlite3.Error as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise opening_error(path, error) from error


def _untouched_uri(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}?immutable=1"


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the one writing connection: WAL, `synchronous=FULL`, no automatic checkpoint; migrated.

    Raises StoreError if the file cannot be made, is not a smswatch database, or is of a newer version.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; smswatch needs 3.37.2 or newer")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_or_keep_to_ourselves(path)
    except OSError as error:
        raise StoreError(f"cannot open the database {path}: {error.strerror}") from error
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=5.0, cached_statements=1024
        )
    except sqlite3.Error as error:
        raise opening_error(path, error) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise opening_error(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _make_or_keep_to_ourselves(path: Path) -> None:
    """Make the file ours alone, or take other people's rights from it; SQLite copies them to a new log.

    A log that lies there already, after a `kill -9` or beside a copy, holds the same texts.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        _keep_to_ourselves(path, path.stat())
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        with contextlib.suppress(FileNotFoundError):
            _keep_to_ourselves(beside, beside.lstat())


def _keep_to_ourselves(path: Path, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)
        LOG.warning("%s could be read by others; now it is ours alone (mode 0600)", safe_line(str(path), 300))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _checked_version(connection, path)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        # On macOS a plain fsync does not reach the platter.
        "fullfsync=1",
        "checkpoint_fullfsync=1",
        # The default checkpoint runs inside COMMIT, so an answer would wait for it.
        "wal_autocheckpoint=0",
        "journal_size_limit=67108864",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
        # Whatever goes is overwritten at once: where it only became free room, a later purge could not find it.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA application_id={APPLICATION_ID};"
            f" PRAGMA user_version={number}; COMMIT;"
        )


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version, refusing files that are not ours or come from a newer smswatch."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(f"{path} is not a smswatch database; choose another file with --db")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer smswatch (its version {version}, this one knows {VERSION});"
            " update smswatch or choose another file with --db"
        )
    return version


def reader_uri(path: Path) -> str:
    """Return the URI that opens the database for reading only."""
    return f"file:{quote(str(path.absolute()))}?mode=ro"


READER_PRAGMAS = ("PRAGMA query_only=1", f"PRAGMA cache_size=-{_CACHE_KIB}", "PRAGMA busy_timeout=1000")


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a synchronous read-only connection for short reads.

    Raises StoreError if there is no such database, or if it is not one that this smswatch can read.
    """
    with contextlib.suppress(OSError):
        # SQLite says what it makes of that. A pipe would keep it waiting for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise StoreError(f"{path} is not a file; choose another one with --db")
    try:
        connection = sqlite3.connect(
            reader_uri(path), uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except sqlite3.Error as error:
        raise opening_error(path, error) from error
    try:
        check_readable(_checked_version(connection, path), path)
        for pragma in READER_PRAGMAS:
            connection.execute(pragma)
        for name, arguments, function in SQL_FUNCTIONS:
            connection.create_function(name, arguments, function, deterministic=True)
    except sqlite3.Error as error:
        connection.close()
        raise opening_error(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def check_readable(version: int, path: Path) -> None:
    """Raise StoreError where a writer must first bring the database to this version."""
    if version == 0:
        raise StoreEmptyError(
            f"{path} is empty or of an older version; start `smswatch serve` once to update it"
        )
    if version != VERSION:
        raise StoreError(f"{path} is of an older version; start `smswatch serve` once to update it")

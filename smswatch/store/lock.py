"""One writer: an OS lock beside the database, freed by the system even after `kill -9`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from pathlib import Path
from typing import NamedTuple, Self

from smswatch.errors import StoreError, StoreLockedError

_PATIENCE_S = 0.25
_AGAIN_S = 0.005
_ADDRESS = re.compile(rb"http://[0-9a-z.:\[\]_-]{1,200}:[0-9]{1,5}")


def lock_path(database: Path) -> Path:
    """Where the lock of this database lies."""
    return database.with_name(database.name + ".lock")


class WriterLock:
    """Held by the one process that writes a database. The file stays; the lock goes with the process."""

    def __init__(self, path: Path, descriptor: int, *, is_new: bool) -> None:
        self._path = path
        self._descriptor = descriptor
        self._is_new = is_new

    @classmethod
    def acquire(cls, database: Path) -> Self:
        """Take the lock, making the folder (0700) if need be.

        Raises:
            StoreLockedError: another process writes this database; its pid is in the error.
            StoreError: the folder or the lock file cannot be made.
        """
        path = lock_path(database)
        try:
            database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                descriptor, is_new = _open_or_make(path)
                if not _take(descriptor):
                    pid = _pid_in(descriptor)
                    os.close(descriptor)
                    holder = f"process {pid}" if pid else "another process"
                    raise StoreLockedError(f"{holder} already writes {database}", pid)
                if _is_at(path, descriptor):
                    break
                # Withdrawn by whoever made it, between our opening and our locking it.
                os.close(descriptor)
            try:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            except OSError:
                os.close(descriptor)
                raise
        except OSError as error:
            raise StoreError(f"cannot open the lock file {path}: {error.strerror}") from error
        return cls(path, descriptor, is_new=is_new)

    def announce(self, address: str) -> None:
        """Tell other processes where this one listens, as in `http://127.0.0.1:7670`."""
        with contextlib.suppress(OSError):
            # On a full disk nobody is told, and the database says that the disk is full.
            os.pwrite(self._descriptor, f"{os.getpid()}\n{address}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in. Safe to call twice."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def withdraw(self) -> None:
        """Let go as if it had never been taken: a file that was made for it goes, too."""
        if self._descriptor >= 0 and self._is_new:
            self._path.unlink(missing_ok=True)
        self.release()


class Holder(NamedTuple):
    """The process that writes a database."""

    pid: int
    """0 until it has said so."""
    address: str | None
    """Where it listens, None until it has said so."""


def holder_of(database: Path) -> Holder | None:
    """Return who writes this database now, None if nobody does."""
    try:
        descriptor = os.open(lock_path(database), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot open the lock file {lock_path(database)}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Holder(_pid_in(descriptor) or 0, _address_in(descriptor))
    else:
        return None
    finally:
        os.close(descriptor)


def _open_or_make(path: Path) -> tuple[int, bool]:
    """Open the file; tell whether it was made."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags), False
        with contextlib.suppress(FileExistsError):
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600), True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _take(descriptor: int) -> bool:
    """Take the lock. Where nobody alive says that it is theirs, somebody may only be looking: try again."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _is_alive(_pid_in(descriptor)) or time.monotonic() > until:
                return False
            time.sleep(_AGAIN_S)
        else:
            return True


def _is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _pid_in(descriptor: int) -> int | None:
    text = _lines(descriptor)[0]
    return int(text) if text.isdigit() else None


def _address_in(descriptor: int) -> str | None:
    found = _ADDRESS.fullmatch(_lines(descriptor)[1])
    return found[0].decode() if found else None


def _lines(descriptor: int) -> list[bytes]:
    return [*os.pread(descriptor, 300, 0).split(b"\n"), b""]

"""Handing a change to the process that writes: one JSON line over a 0600 socket beside the database.

Synchronous on both sides: the holder serves one after the other on a small thread, and each removal on one of its
own; whoever asks waits for the answer.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from hashlib import blake2s
from pathlib import Path

import msgspec

from smswatch.errors import StoreError
from smswatch.store.removal import STOPPED, Removal, Removed
from smswatch.store.rows import Marking, Registration
from smswatch.store.writer import Writer

LOG = logging.getLogger(__name__)

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one change: about a hundred thousand registrations."""
_TIMEOUT_S = 30.0
_REMOVAL_TAKES_AT_MOST_S = 3600.0
_AGAIN_S = 0.1
_BACKLOG = 128
_LONGEST_FILE_NAME = 32
_LONGEST_NAME = 100
"""Bytes; the system's own limit is 104 to 108."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What another process wants written."""

    register: tuple[Registration, ...] = ()
    remove: Removal | None = None
    mark: Marking | None = None


class Reply(msgspec.Struct, frozen=True):
    """What became of it: how many were kept, or why none was."""

    kept: int = 0
    removed: Removed | None = None
    error: str | None = None


_encode = msgspec.json.Encoder().encode
_decode_change = msgspec.json.Decoder(Change).decode
_decode_reply = msgspec.json.Decoder(Reply).decode


def socket_path(database: Path) -> Path:
    """Where the holder of this database's lock listens for changes."""
    name = f"{database.name}.sock"
    if len(os.fsencode(name)) > _LONGEST_FILE_NAME:
        name = f"{blake2s(os.fsencode(name), digest_size=12).hexdigest()}.sock"
    return database.with_name(name)


@contextlib.contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """Yield a name for the socket that fits the system's limit, if need be by way of a link to its folder."""
    name = str(path)
    if len(os.fsencode(name)) < _LONGEST_NAME:
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="smswatch-") as folder:
        link = Path(folder, "d")
        link.symlink_to(path.parent.absolute())
        yield str(link / path.name)


class HandoverServer:
    """Writes what other processes hand over, until it is closed. The caller holds the writer's lock."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._path = socket_path(writer.path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._served: socket.socket | None = None
        self._removing: list[threading.Thread] = []
        self._closing = threading.Event()
        try:
            self._path.unlink(missing_ok=True)
            with _short_name(self._path) as name:
                old_mask = os.umask(0o177)
                try:
                    self._socket.bind(name)
                finally:
                    os.umask(old_mask)
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self._socket.close()
            raise StoreError(f"cannot listen on {self._path}: {error.strerror}") from error
        self._thread = threading.Thread(target=self._serve, name="smswatch-handover", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the change that was received, if any, but no removal; stop serving and remove the socket."""
        self._closing.set()
        self._wake()
        self._socket.close()
        served = self._served
        if served is not None:
            with contextlib.suppress(OSError):
                # Whoever has not said all yet is not waited for; who waits for an answer still gets it.
                served.shutdown(socket.SHUT_RD)
        self._thread.join()
        for one in self._removing:
            one.join()
        self._path.unlink(missing_ok=True)

    def _wake(self) -> None:
        """Wake the thread out of accept(): a shutdown does that on Linux, a call everywhere as long as the socket is there."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.setblocking(False)
            with _short_name(self._path) as name:
                caller.connect(name)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                # Too many open files: it passes, and whoever called waits in the backlog.
                LOG.warning("a change from another process must wait: %s", error)
                self._closing.wait(_AGAIN_S)
                continue
            connection.settimeout(_TIMEOUT_S)
            self._served = connection
            if self._closing.is_set():
                connection.close()
                return
            self._serve_one(connection)
            self._served = None

    def _serve_one(self, connection: socket.socket) -> None:
        """Answer one change; a removal, which may take long, beside those that come after it."""
        try:
            change = _decode_change(_read_line(connection))
        except (OSError, msgspec.MsgspecError) as error:
            _answer(connection, Reply(error=str(error)))
            return
        if change.remove is None:
            self._carry_out(connection, change)
            return
        thread = threading.Thread(target=self._carry_out, args=(connection, change), daemon=True)
        self._removing = [*(one for one in self._removing if one.is_alive()), thread]
        thread.start()

    def _carry_out(self, connection: socket.socket, change: Change) -> None:
        try:
            reply = self._written(change)
        except (StoreError, sqlite3.Error) as error:
            reply = Reply(error=str(error))
        except FutureTimeoutError:
            reply = Reply(error="the database did not answer in time")
        _answer(connection, reply)

    def _written(self, change: Change) -> Reply:
        if change.remove is not None:
            return Reply(removed=self._removed(self._writer.remove(change.remove)))
        if change.mark is not None:
            return Reply(kept=self._writer.mark(change.mark).result(_TIMEOUT_S))
        return Reply(kept=self._writer.register(change.register).result(_TIMEOUT_S))

    def _removed(self, removing: Future[Removed]) -> Removed:
        """Wait for a removal, which may take long, as long as nobody wants us to stop."""
        until = time.monotonic() + _REMOVAL_TAKES_AT_MOST_S
        while True:
            try:
                return removing.result(_AGAIN_S)
            except FutureTimeoutError:
                if self._closing.is_set():
                    raise StoreError(STOPPED) from None
                if time.monotonic() > until:
                    raise


def _answer(connection: socket.socket, reply: Reply) -> None:
    """Say what became of a change, and hang up."""
    with connection:
        try:
            connection.sendall(_encode(reply) + b"\n")
        except OSError as error:
            LOG.warning("a change from another process was cut off: %s", error)


def hand_over(database: Path, change: Change) -> Reply | None:
    """Hand a change to the process that writes this database; what became of it.

    None if nobody listens, too many call at once, or the holder went without an answer. Then it may be written
    or not; since a change replaces what it changes, it can be handed over again.

    Raises StoreError if the holder could not write it, or it is too long to be handed over.
    """
    line = _encode(change) + b"\n"
    if len(line) > MAX_LINE:
        raise StoreError(f"one change may be {MAX_LINE // 1024**2} MiB long at most")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_TIMEOUT_S if change.remove is None else _REMOVAL_TAKES_AT_MOST_S)
        try:
            with _short_name(socket_path(database)) as name:
                connection.connect(name)
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
            # The last: so many call at once that the system lets no more of them wait.
            return None
        except OSError as error:
            raise StoreError(f"cannot reach the process that writes {database}: {error}") from error
        try:
            connection.sendall(line)
            reply = _decode_reply(_read_line(connection))
        except ConnectionError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(f"the process that writes {database} did not answer: {error}") from error
    if reply.error is not None:
        raise StoreError(reply.error)
    return reply


def _read_line(connection: socket.socket) -> bytes:
    """Read to the first newline; OSError if the peer stops earlier or says too much."""
    parts: list[bytes] = []
    size = 0
    while not parts or not parts[-1].endswith(b"\n"):
        part = connection.recv(65536)
        size += len(part)
        if not part or size > MAX_LINE:
            raise ConnectionError("the line was cut off or is too long")
        parts.append(part)
    return b"".join(parts)

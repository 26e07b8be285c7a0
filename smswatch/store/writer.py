"""The only writing connection, on a thread of its own: requests that wait together share one commit.

Measured on a plain `sqlite3` connection with multi-row statements: about a fifth more requests a second
at 64 connections than the same group commit through aiosqlite, because each hop and each SQLite step hands
over Python's lock. No linger: what arrives while one commit runs is the next batch. This connection also
does every checkpoint, after the answers have gone; the default one runs inside COMMIT and delays them, and
two connections that write and checkpoint one WAL can corrupt it in SQLite before 3.51.3.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import msgspec

from smswatch.errors import StoreError
from smswatch.store.batch import Batch, Counts
from smswatch.store.database import check_file, connect_writer
from smswatch.store.entry import Entry, Kept, Refused, storable
from smswatch.store.lock import WriterLock
from smswatch.store.removal import Removal, RemovalJob, Removed, empty_log
from smswatch.store.rows import Marking, Registration

LOG = logging.getLogger(__name__)

MAX_BATCH = 512
"""Entries in one commit."""
MAX_WAITING = 4096
"""Entries that may wait for a commit before new ones are turned away."""
_COUNTS_EVERY_S = 0.5
_CHECKPOINT_PAGES = 1024
"""4 MiB of log. Rarer is cheaper, for pages that are written often are copied once; longer logs slow readers."""
_PAGES_OF_COMMIT = 6
_PAGES_OF_SLICE = 200


class _Waiting(msgspec.Struct):
    """An entry and the future, in the loop of whoever waits, that its fate resolves."""

    entry: Entry
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Kept]


class _Track(msgspec.Struct):
    registrations: Sequence[Registration]
    future: Future[int]


class _Remove(msgspec.Struct):
    removal: Removal
    future: Future[Removed]


class _Mark(msgspec.Struct):
    marking: Marking
    future: Future[int]


_Place = tuple[str, int]
"""(provider, answer) of a `refused` line."""


class _Stop:
    """The last thing the thread takes from its queue."""


class _Wake:
    """Counts are waiting; nobody waits for them."""


_Item = list[_Waiting] | _Track | _Mark | _Remove | _Stop | _Wake


def now_ms() -> int:
    """Our own clock, UTC milliseconds."""
    return time.time_ns() // 1_000_000


def claim(path: Path) -> WriterLock:
    """Take the lock of a database, unless something lies there that is none of ours: that is left untouched.

    Raises:
        StoreLockedError: another process writes this database.
        StoreError: what lies there is not ours, or no lock can be made beside it.
    """
    check_file(path)
    return WriterLock.acquire(path)


class Writer:
    """Keeps requests durably. Made by `open`; every method may be called from any thread."""

    def __init__(self, path: Path, lock: WriterLock, connection: sqlite3.Connection) -> None:
        self.path = path
        self.trouble: str | None = None
        """Why the database cannot be written now, for a banner; None while all is well."""
        self._lock = lock
        self._connection = connection
        self._batch = Batch(connection)
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._waiting = 0
        self._waiting_lock = threading.Lock()
        self._arrived: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._counts: Counts = Counter()
        self._refused: dict[_Place, Refused] = {}
        self._counts_lock = threading.Lock()
        self._counts_written_at = 0.0
        self._pages = 0.0
        self._pages_of_entry = 5.0
        self._entries = 0
        self._identity = _identity(path)
        self._removing: tuple[RemovalJob, Future[Removed]] | None = None
        self._removals: list[_Remove] = []
        self._thread = threading.Thread(target=self._run, name="smswatch-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, path: Path, lock: WriterLock | None = None) -> Self:
        """Bring the database to the newest version and start the thread, under a lock that `claim` took or takes.

        Raises:
            StoreLockedError: another process writes this database.
            StoreError: the database cannot be opened, or is not ours; the lock is let go.
        """
        lock = lock or claim(path)
        try:
            connection = connect_writer(path)
            try:
                return cls(path, lock, connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            lock.withdraw()
            raise StoreError(f"cannot open the database {path}: {_store_error(error)}") from error
        except BaseException:
            lock.withdraw()
            raise

    def announce(self, address: str) -> None:
        """Tell other processes where this one listens."""
        self._lock.announce(address)

    def store(self, entry: Entry) -> asyncio.Future[Kept]:
        """Queue an entry for the next commit; the future resolves once it is durable.

        The future raises StoreError if the database cannot keep it; nothing of it is stored then.

        Raises:
            StoreError: too many entries wait already.
        """
        loop = asyncio.get_running_loop()
        with self._waiting_lock:
            if self._waiting >= MAX_WAITING:
                raise StoreError("too many requests wait for the disk")
            self._waiting += 1
        future: asyncio.Future[Kept] = loop.create_future()
        arrived = self._arrived.setdefault(loop, [])
        if not arrived:
            # Once per round of the loop, when every request of this round is here: woken at the first of
            # them, the writer's thread would fight the listener's for Python's lock over all the others.
            loop.call_soon(self._hand_in, loop)
        arrived.append(_Waiting(entry, loop, future))
        return future

    def _hand_in(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue.put(self._arrived.pop(loop))

    def register(self, registrations: Sequence[Registration]) -> Future[int]:
        """Queue what `track` said; the future gives how many were kept, or raises StoreError."""
        future: Future[int] = Future()
        self._queue.put(_Track(registrations, future))
        return future

    def mark(self, marking: Marking) -> Future[int]:
        """Queue marks; the future gives how many messages changed, or raises StoreError."""
        future: Future[int] = Future()
        self._queue.put(_Mark(marking, future))
        return future

    def remove(self, removal: Removal) -> Future[Removed]:
        """Queue a removal, which goes on in small slices between commits; the future tells how much went.

        The future raises StoreError if it failed; what was removed until then is gone.
        """
        future: Future[Removed] = Future()
        self._queue.put(_Remove(removal, future))
        return future

    def count(self, subject: str, provider: str, name: str) -> None:
        """Count something that is not kept; written with the next commit, at the latest after a second."""
        with self._counts_lock:
            first = not self._counts and not self._refused
            self._counts[subject, provider, name] += 1
        if first:
            self._queue.put(_Wake())

    def note_refused(self, refused: Refused) -> None:
        """Keep the one `refused` line that a provider has for this answer, updated in place."""
        with self._counts_lock:
            first = not self._counts and not self._refused
            self._add_refused(refused)
        if first:
            self._queue.put(_Wake())

    def _add_refused(self, refused: Refused) -> None:
        place = refused.provider, refused.answer_status
        standing = self._refused.get(place)
        if standing is not None:
            refused = msgspec.structs.replace(refused, times=refused.times + standing.times)
        self._refused[place] = refused

    def close(self) -> None:
        """Write what waits, stop the thread, close the database and let the next writer in."""
        self._queue.put(_Stop())
        self._thread.join()
        self._connection.close()
        self._lock.release()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            item = self._next()
            waiting: list[_Waiting] = []
            tracks: list[_Track] = []
            marks: list[_Mark] = []
            while item is not None:
                if isinstance(item, list):
                    waiting.extend(item)
                elif isinstance(item, _Track):
                    tracks.append(item)
                elif isinstance(item, _Mark):
                    marks.append(item)
                elif isinstance(item, _Remove):
                    self._removals.append(item)
                elif isinstance(item, _Stop):
                    stopping = True
                item = self._more() if len(waiting) < MAX_BATCH else None
            if waiting or tracks or stopping or self._counts_are_due():
                self._commit(waiting, tracks)
            for mark in marks:
                self._set_marks(mark)
            self._remove_a_slice()
            self._checkpoint_if_due()
        self._give_up_removals()

    def _more(self) -> _Item | None:
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def _next(self) -> _Item | None:
        """Wait for something to do; None when counts have waited long enough."""
        if self._removing is not None or self._removals:
            return self._more()
        if not self._counts and not self._refused:
            return self._queue.get()
        try:
            return self._queue.get(timeout=_COUNTS_EVERY_S)
        except queue.Empty:
            return None

    def _set_marks(self, mark: _Mark) -> None:
        try:
            self._guard()
            self._connection.execute("BEGIN IMMEDIATE")
            changed = self._batch.mark(mark.marking, now_ms())
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - who asked is told, and the thread lives on
            self._roll_back(())
            mark.future.set_exception(_store_error(error))
        else:
            self._pages += _PAGES_OF_COMMIT
            mark.future.set_result(changed)

    def _remove_a_slice(self) -> None:
        if self._removing is None:
            if not self._removals:
                return
            asked = self._removals.pop(0)
            try:
                self._removing = RemovalJob(self._connection, asked.removal), asked.future
            except StoreError as error:
                asked.future.set_exception(error)
                return
        job, future = self._removing
        try:
            self._guard()
            self._connection.execute(f"PRAGMA secure_delete={'ON' if job.is_purge else 'FAST'}")
            self._connection.execute("BEGIN IMMEDIATE")
            goes_on = job.step()
            self._connection.execute("COMMIT")
            self._pages += _PAGES_OF_SLICE
            # Messages that it remembers may be among what went.
            self._batch.forget()
            if goes_on:
                return
            if job.is_purge:
                empty_log(self._connection)
        except Exception as error:  # noqa: BLE001 - who asked is told, and the thread lives on
            self._roll_back(())
            future.set_exception(_store_error(error))
        else:
            future.set_result(job.removed)
        self._removing = None

    def _give_up_removals(self) -> None:
        futures = [asked.future for asked in self._removals]
        if self._removing is not None:
            futures.append(self._removing[1])
        for future in futures:
            future.set_exception(StoreError("smswatch stopped before everything was removed; repeat it"))

    def _counts_are_due(self) -> bool:
        return bool(self._counts or self._refused) and (
            time.monotonic() - self._counts_written_at >= _COUNTS_EVERY_S
        )

    def _commit(self, waiting: list[_Waiting], tracks: list[_Track]) -> None:
        """Write one batch; where it fails for another reason than the database, find the culprit."""
        entries = [item.entry for item in waiting]
        with self._waiting_lock:
            self._waiting -= len(waiting)
        kept: list[Kept | StoreError]
        try:
            kept = list(self._transaction(entries, tracks))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told and the thread lives on
            if len(entries) + len(tracks) > 1 and not _is_of_the_database(error):
                kept = self._one_by_one(entries, tracks)
            else:
                kept = self._fail(error, entries, tracks)
        _resolve(waiting, kept)

    def _transaction(self, entries: Sequence[Entry], tracks: Sequence[_Track]) -> list[Kept]:
        """Run one transaction; on return it is on the disk."""
        self._guard()
        counts, refused = self._take_counts()
        registrations = [registration for track in tracks for registration in track.registrations]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            kept = self._batch.write(entries, registrations, counts, now_ms())
            self._batch.write_refused(refused.values(), now_ms())
            self._connection.execute("COMMIT")
        except BaseException:
            self._give_back(counts, refused)
            self._roll_back(entries)
            raise
        if self.trouble is not None:
            LOG.warning("the database can be written again")
            self.trouble = None
        self._pages += self._pages_of_entry * len(entries) + _PAGES_OF_COMMIT
        self._entries += len(entries)
        for track in tracks:
            track.future.set_result(len(track.registrations))
        return kept

    def _roll_back(self, entries: Sequence[Entry]) -> None:
        with contextlib.suppress(sqlite3.Error):
            # Some errors have rolled back already; a database that is gone cannot.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        with contextlib.suppress(sqlite3.Error):
            # Read again before the next batch, which fails in its turn if this does.
            self._batch.forget()
        for entry in entries:
            for _, report in entry.reports:
                report.id, report.request_id, report.times_received = 0, 0, 1
            for sms in entry.inbound:
                sms.id, sms.request_id, sms.times_received = 0, 0, 1

    def _one_by_one(self, entries: Sequence[Entry], tracks: Sequence[_Track]) -> list[Kept | StoreError]:
        """Replay a failed batch request by request, so that one poisonous request fails alone."""
        kept: list[Kept | StoreError] = []
        for track in tracks:
            try:
                self._transaction((), (track,))
            except Exception as error:  # noqa: BLE001 - as in `_commit`
                self._fail(error, (), (track,))
        for entry in entries:
            try:
                kept.extend(self._transaction((entry,), ()))
            except Exception as error:  # noqa: BLE001 - as in `_commit`
                kept.extend(self._fail(error, (entry,), ()))
        return kept

    def _fail(
        self, error: Exception, entries: Sequence[Entry], tracks: Sequence[_Track]
    ) -> list[Kept | StoreError]:
        """Tell everyone who waits that nothing was kept, and remember it for a row once that is possible."""
        failure = _store_error(error)
        if not _is_of_the_database(error):
            LOG.error("what arrived could not be kept", exc_info=error)
        else:
            if self.trouble is None:
                LOG.error("the database cannot be written: %s", failure)
            self.trouble = str(failure)
        self._counts_written_at = time.monotonic()
        for track in tracks:
            track.future.set_exception(failure)
        with self._counts_lock:
            for entry in entries:
                self._counts["refusals", entry.provider, "503"] += 1
                problem = storable(f"answered 503, to be sent again by the provider: {failure}")
                self._add_refused(Refused(entry.provider, entry.request.path, problem, 503))
        return [failure] * len(entries)

    def _take_counts(self) -> tuple[Counts, dict[_Place, Refused]]:
        self._counts_written_at = time.monotonic()
        with self._counts_lock:
            counts, self._counts = self._counts, Counter()
            refused, self._refused = self._refused, {}
        return counts, refused

    def _give_back(self, counts: Counts, refused: dict[_Place, Refused]) -> None:
        with self._counts_lock:
            self._counts.update(counts)
            for one in refused.values():
                self._add_refused(one)

    def _guard(self) -> None:
        """Refuse to write into a file that was deleted or replaced: commits would succeed into nothing."""
        if _identity(self.path) != self._identity:
            raise StoreError(
                f"{storable(str(self.path))} was deleted or replaced while smswatch was writing it"
            )

    def _checkpoint_if_due(self) -> None:
        """Copy the log into the database once it is long; nobody tells how long, so every time teaches it."""
        if self._pages < _CHECKPOINT_PAGES:
            return
        try:
            _, logged, copied = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            LOG.warning("the database could not be checkpointed: %s", error)
            self._pages = 0
            return
        if self._entries:
            self._pages_of_entry = min(5.0, max(0.25, logged / self._entries))
        self._pages = max(0, logged - copied)
        self._entries = 0 if copied == logged else self._entries


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - read beside st_ino, in the terms of the system call
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_of_the_database(error: Exception) -> bool:
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
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_NOTADB": "the file is not a database any more",
}


def _store_error(error: Exception) -> StoreError:
    if isinstance(error, StoreError):
        return error
    name = str(getattr(error, "sqlite_errorname", ""))
    advice = next((text for code, text in _ADVICE.items() if name.startswith(code)), None)
    return StoreError(f"{advice} ({error})" if advice else str(error))


def _resolve(waiting: Sequence[_Waiting], kept: Sequence[Kept | StoreError]) -> None:
    """Resolve all futures with one call into each loop that waits."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Kept], Kept | StoreError]]] = {}
    for item, one in zip(waiting, kept, strict=True):
        by_loop.setdefault(item.loop, []).append((item.future, one))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):
            # The loop was closed while its request waited; what was asked for is stored all the same.
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[asyncio.Future[Kept], Kept | StoreError]]) -> None:
    for future, one in pairs:
        if future.done():
            continue
        if isinstance(one, StoreError):
            future.set_exception(one)
        else:
            future.set_result(one)

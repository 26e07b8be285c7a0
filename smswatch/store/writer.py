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
import queue
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import msgspec

from smswatch.errors import StoreError
from smswatch.store.batch import Batch
from smswatch.store.checkpoints import Checkpoints
from smswatch.store.database import check_file, connect_writer
from smswatch.store.entry import Entry, Kept, Refused, storable
from smswatch.store.failure import is_of_the_database, opening_error, store_error
from smswatch.store.lock import WriterLock
from smswatch.store.removal import Removal, Removed
from smswatch.store.removal_queue import AskedRemoval, RemovalQueue
from smswatch.store.rows import Marking, Registration
from smswatch.store.same_files import SameFiles
from smswatch.store.tally import Tally
from smswatch.store.turn import Turn

LOG = logging.getLogger(__name__)

MAX_BATCH = 512
"""Entries in one commit."""
MAX_WAITING = 4096
"""Entries that may wait for a commit before new ones are turned away."""


class _Waiting(msgspec.Struct):
    """An entry and the future, in the loop of whoever waits, that its fate resolves."""

    entry: Entry
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Kept]


class _Track(msgspec.Struct):
    registrations: Sequence[Registration]
    future: Future[int]


class _Mark(msgspec.Struct):
    marking: Marking
    future: Future[int]


class _Stop:
    """The last thing the thread takes from its queue."""


class _Wake:
    """Counts are waiting; nobody waits for them."""


_Item = list[_Waiting] | _Track | _Mark | AskedRemoval | _Stop | _Wake


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
        self._tally = Tally()
        self._checkpoints = Checkpoints(connection)
        self._turn = Turn(connection)
        self._removals = RemovalQueue(connection, self._turn, path)
        self._same_files = SameFiles(path)
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
            raise opening_error(path, error) from error
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
        self._queue.put(AskedRemoval(removal, future))
        return future

    def count(self, subject: str, provider: str, name: str) -> None:
        """Count something that is not kept; written with the next commit, at the latest after a second."""
        if self._tally.count(subject, provider, name):
            self._queue.put(_Wake())

    def note_refused(self, refused: Refused) -> None:
        """Keep the one `refused` line that a provider has for this answer, updated in place."""
        if self._tally.note(refused):
            self._queue.put(_Wake())

    def hurry(self) -> None:
        """Wait two seconds at most for a process that holds the database locked: this one ends."""
        self._turn.hurry()

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
                elif isinstance(item, AskedRemoval):
                    self._removals.add(item)
                elif isinstance(item, _Stop):
                    stopping = True
                item = self._more() if len(waiting) < MAX_BATCH else None
            if waiting or tracks or stopping or self._tally.is_due:
                self._commit(waiting, tracks)
            for mark in marks:
                self._set_marks(mark)
            self._remove_a_slice()
            self._checkpoints.checkpoint_if_due()
        self._removals.give_up()

    def _more(self) -> _Item | None:
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def _next(self) -> _Item | None:
        """Wait for something to do; None when counts have waited long enough."""
        if self._removals:
            return self._more()
        if not self._tally:
            return self._queue.get()
        try:
            return self._queue.get(timeout=self._tally.every_s)
        except queue.Empty:
            return None

    def _set_marks(self, mark: _Mark) -> None:
        try:
            self._same_files.check()
            self._turn.begin()
            changed = self._batch.mark(mark.marking, now_ms())
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - who asked is told, and the thread lives on
            self._roll_back(())
            mark.future.set_exception(store_error(error))
        else:
            self._checkpoints.note_commit()
            mark.future.set_result(changed)

    def _remove_a_slice(self) -> None:
        if not self._removals:
            return
        try:
            self._same_files.check()
            self._removals.step()
        except Exception as error:  # noqa: BLE001 - who asked is told, and the thread lives on
            self._roll_back(())
            self._removals.fail(store_error(error))
        else:
            self._checkpoints.note_removal()
            # Messages that it remembers may be among what went.
            self._batch.forget_rows()

    def _commit(self, waiting: list[_Waiting], tracks: list[_Track]) -> None:
        """Write one batch; where it fails for another reason than the database, find the culprit."""
        entries = [item.entry for item in waiting]
        with self._waiting_lock:
            self._waiting -= len(waiting)
        kept: list[Kept | StoreError]
        try:
            kept = list(self._transaction(entries, tracks))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told and the thread lives on
            if len(entries) + len(tracks) > 1 and not is_of_the_database(error):
                kept = self._one_by_one(entries, tracks)
            else:
                kept = self._fail(error, entries, tracks)
        _resolve(waiting, kept)

    def _transaction(self, entries: Sequence[Entry], tracks: Sequence[_Track]) -> list[Kept]:
        """Run one transaction; on return it is on the disk."""
        self._same_files.check()
        taken = self._tally.take()
        registrations = [registration for track in tracks for registration in track.registrations]
        try:
            self._turn.begin()
            kept = self._batch.write(entries, registrations, taken.counts, now_ms())
            self._batch.write_refused(taken.refused.values(), now_ms())
            self._connection.execute("COMMIT")
        except BaseException:
            self._tally.give_back(taken)
            self._roll_back(entries)
            raise
        if self.trouble is not None:
            LOG.warning("the database can be written again")
            self.trouble = None
        self._checkpoints.note_commit(len(entries))
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
        failure = store_error(error)
        if not is_of_the_database(error):
            LOG.error("what arrived could not be kept", exc_info=error)
        else:
            if self.trouble is None:
                LOG.error("the database cannot be written: %s", failure)
            self.trouble = str(failure)
        self._tally.put_off()
        for track in tracks:
            track.future.set_exception(failure)
        problem = storable(f"answered 503, to be sent again by the provider: {failure}")
        for entry in entries:
            self._tally.count("refusals", entry.provider, "503")
            self._tally.note(Refused(entry.provider, entry.request.path, problem, 503))
        return [failure] * len(entries)


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

"""The removals that were asked for: one after the other, a slice between two commits each."""

from __future__ import annotations

import sqlite3
from collections import deque
from concurrent.futures import Future

import msgspec

from smswatch.errors import StoreError
from smswatch.store.removal import STOPPED, Removal, RemovalJob, Removed, empty_log
from smswatch.store.turn import Turn


class AskedRemoval(msgspec.Struct):
    """A removal, and the future that tells how it went."""

    removal: Removal
    future: Future[Removed]


class RemovalQueue:
    """Carries them out on the writer's connection and thread."""

    def __init__(self, connection: sqlite3.Connection, turn: Turn) -> None:
        self._connection = connection
        self._turn = turn
        self._asked: deque[AskedRemoval] = deque()
        self._job: RemovalJob | None = None

    def __bool__(self) -> bool:
        return bool(self._asked)

    def add(self, asked: AskedRemoval) -> None:
        """Carry it out after those that came before."""
        self._asked.append(asked)

    def step(self) -> None:
        """Do one slice, in a transaction of its own. Raises whatever prevents it; `fail` is to be told of that."""
        job = self._job = self._job or RemovalJob(self._connection, self._asked[0].removal)
        self._turn.begin()
        goes_on = job.step()
        self._connection.execute("COMMIT")
        if goes_on:
            return
        if job.is_purge:
            with self._turn.kept():
                empty_log(self._connection)
        self._job = None
        self._asked.popleft().future.set_result(job.removed)

    def fail(self, error: StoreError) -> None:
        """Give up the one that is being carried out."""
        self._job = None
        self._asked.popleft().future.set_exception(error)

    def give_up(self) -> None:
        """Tell all who wait that there is no more time."""
        while self._asked:
            self.fail(StoreError(STOPPED))

"""The removals that were asked for: one after the other, a slice between two commits each."""

from __future__ import annotations

import sqlite3
from collections import deque
from concurrent.futures import Future
from pathlib import Path

import msgspec

from smswatch.errors import StoreError
from smswatch.store.removal import STOPPED, Removal, RemovalJob, Removed
from smswatch.store.scrubbing import Scrubbing
from smswatch.store.turn import Turn


class AskedRemoval(msgspec.Struct):
    """A removal, and the future that tells how it went."""

    removal: Removal
    future: Future[Removed]


class RemovalQueue:
    """Carries them out on the writer's connection and thread."""

    def __init__(self, connection: sqlite3.Connection, turn: Turn, path: Path) -> None:
        self._connection = connection
        self._turn = turn
        self._path = path
        self._asked: deque[AskedRemoval] = deque()
        self._job: RemovalJob | None = None
        self._scrubbing: Scrubbing | None = None

    def __bool__(self) -> bool:
        return bool(self._asked)

    def add(self, asked: AskedRemoval) -> None:
        """Carry it out after those that came before."""
        self._asked.append(asked)

    def step(self) -> None:
        """Do one slice, between two commits. Raises whatever prevents it; `fail` is to be told of that."""
        job = self._job = self._job or RemovalJob(self._connection, self._asked[0].removal)
        if self._goes_on(job):
            return
        self._job = self._scrubbing = None
        self._asked.popleft().future.set_result(job.removed)

    def _goes_on(self, job: RemovalJob) -> bool:
        if self._scrubbing is not None:
            return self._scrubbing.step()
        self._turn.begin()
        goes_on = job.step()
        self._connection.execute("COMMIT")
        if not goes_on and job.is_purge:
            self._scrubbing = Scrubbing(self._connection, self._turn, self._path)
        return goes_on or job.is_purge

    def fail(self, error: StoreError) -> None:
        """Give up the one that is being carried out."""
        self._job = self._scrubbing = None
        self._asked.popleft().future.set_exception(error)

    def give_up(self) -> None:
        """Tell all who wait that there is no more time."""
        while self._asked:
            self.fail(StoreError(STOPPED))

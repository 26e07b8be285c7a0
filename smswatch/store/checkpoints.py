"""Checkpoints: the log goes back into the database once it is long, between commits and after the answers."""

from __future__ import annotations

import logging
import sqlite3

LOG = logging.getLogger(__name__)

_LONGEST_PAGES = 1024
"""4 MiB of log. Rarer is cheaper, for pages that are written often are copied once; longer logs slow readers."""
_PAGES_OF_COMMIT = 6
_PAGES_OF_SLICE = 200


class Checkpoints:
    """Guesses how long the log is, for nobody tells, and learns from every checkpoint how wrong that was."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._pages = 0.0
        self._pages_of_entry = 5.0
        self._entries = 0

    def note_commit(self, entries: int = 0) -> None:
        """A commit wrote so many entries."""
        self._pages += self._pages_of_entry * entries + _PAGES_OF_COMMIT
        self._entries += entries

    def note_removal(self) -> None:
        """A commit removed a slice."""
        self._pages += _PAGES_OF_SLICE

    def checkpoint_if_due(self) -> None:
        """Copy the log into the database if it is long by now."""
        if self._pages < _LONGEST_PAGES:
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

"""Arrivals: which rows something arrived about since a reader last looked, as far as a filter lets them through.

A mark, a registration or a repeat of a report changes a row too, but nothing new has arrived then.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from smswatch.errors import StoreError
from smswatch.filters import Condition
from smswatch.model import Kind
from smswatch.store.database import connect_reader
from smswatch.store.select import Row, columns, row_from

AT_ONCE = 5000
"""Arrivals that are looked at in one go."""

_ARRIVED = {
    Kind.MESSAGES: "messages.id IN (SELECT message FROM reports WHERE reports.id > ? AND reports.id <= ?)",
    Kind.INBOUND: "inbound.id > ? AND inbound.id <= ?",
    Kind.REQUESTS: "requests.id > ? AND requests.id <= ?",
}


class Arrivals(msgspec.Struct, frozen=True):
    """What arrived."""

    up_to: int
    """Ask for what came after this the next time."""
    is_all: bool
    """There was no more than could be looked at in one go."""
    rows: tuple[Row, ...]
    """The rows that match now, oldest first; each once."""


def read_arrivals(path: Path, kind: Kind, since: int, condition: Condition) -> Arrivals:
    """Return what arrived after `since` (see `Window.newest_arrival`) and matches. Raises StoreError.

    Waits for the disk; takes the same time at any size of the history.
    """
    table = "reports" if kind is Kind.MESSAGES else kind
    with contextlib.closing(connect_reader(path)) as connection:
        try:
            newest = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]  # noqa: S608
            up_to = min(newest, since + AT_ONCE)
            rows = connection.execute(
                f"SELECT {columns(kind)} FROM {kind} WHERE {_ARRIVED[kind]} AND ({condition.sql}) ORDER BY id",  # noqa: S608 - our own names, bound values
                (since, up_to, *condition.params),
            ).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error
    # Some were removed where the newest is older than before.
    return Arrivals(up_to, newest <= up_to, tuple(row_from(kind, row) for row in rows))

"""Known messages: those that a batch speaks of, with all their reports; those spoken of last are not read again.

Only the one writer may remember so: what it remembers is what it has written.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

import msgspec

from smswatch.model import Status
from smswatch.store.columns import MESSAGES_BY_ID, REGISTRATIONS_BY_ID, REPORTS_BY_MESSAGE, report_from_row
from smswatch.store.rows import Registration
from smswatch.store.statements import select_in, select_pairs
from smswatch.summary import KeptReport, Summary

Key = tuple[str, str]
"""(provider, message id)."""

MESSAGES_REMEMBERED = 4_096
REPORTS_REMEMBERED = 50_000
"""Of all remembered messages together: some 20 MB."""


class KnownMessage(msgspec.Struct, kw_only=True):
    """A message while a batch is being planned."""

    row_id: int
    reports: dict[int, KeptReport]
    """By digest, in the order of first arrival."""
    status_before: Status | None
    """What the database says of it; None of one that is new."""
    last_seen_ms: int
    registration: Registration | None
    summary: Summary | None = None


class KnownMessages:
    """Finds messages on the writing connection, and gives row ids to those that are new."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[Key, KnownMessage] = OrderedDict()
        self._reports = 0
        self._newest = 0
        self._has_registrations = False

    def forget_rows(self) -> None:
        """Forget what is remembered of rows; needed after a removal. No id is given to a second row after one."""
        self._known.clear()
        self._reports = 0
        self._has_registrations = bool(
            self._one("SELECT count(*) FROM (SELECT 1 FROM registrations LIMIT 1)")
        )

    def read_newest_id(self) -> None:
        """Read from the database which id was given last; needed at first and after a rollback."""
        self._newest = self._one("SELECT coalesce(max(id), 0) FROM messages")

    def _one(self, sql: str) -> int:
        return cast("int", self._connection.execute(sql).fetchone()[0])

    def load(self, spoken_of: Mapping[Key, int], tracked: Collection[Key]) -> dict[Key, KnownMessage]:
        """Return the messages that reports speak of, by their first arrival, and those tracked ones that there are.

        Those of `spoken_of` that are not stored yet are made.
        """
        messages = self._find({*spoken_of, *tracked} if tracked else spoken_of)
        new = [key for key in spoken_of if key not in messages]
        registered = self._registered(new)
        for key in new:
            self._newest += 1
            messages[key] = self._known[key] = KnownMessage(
                row_id=self._newest,
                reports={},
                status_before=None,
                last_seen_ms=spoken_of[key],
                registration=registered.get(key),
            )
        return messages

    def add(self, message: KnownMessage, report: KeptReport) -> None:
        """Take in a report that its message did not have."""
        message.reports[report.digest] = report
        self._reports += 1

    def note_registrations(self) -> None:
        """Hear that there are registrations now."""
        self._has_registrations = True

    def forget_oldest(self) -> None:
        """Remember no more messages, and no more reports of them, than there is memory for."""
        while len(self._known) > MESSAGES_REMEMBERED or self._reports > REPORTS_REMEMBERED:
            self._reports -= len(self._known.popitem(last=False)[1].reports)

    def remembered(self) -> Mapping[Key, KnownMessage]:
        """Return what would not be read again."""
        return self._known

    def _find(self, keys: Iterable[Key]) -> dict[Key, KnownMessage]:
        messages: dict[Key, KnownMessage] = {}
        missing: list[Key] = []
        for key in keys:
            known = self._known.get(key)
            if known is None:
                missing.append(key)
            else:
                self._known.move_to_end(key)
                messages[key] = known
        if missing:
            stored = self.stored(missing)
            messages |= stored
            self._known |= stored
            self._reports += sum([len(message.reports) for message in stored.values()])
        return messages

    def stored(self, keys: Sequence[Key]) -> dict[Key, KnownMessage]:
        """Read messages with all their reports from the database; those that are not stored are left out."""
        messages: dict[Key, KnownMessage] = {}
        by_row: dict[int, KnownMessage] = {}
        for row in select_pairs(self._connection, MESSAGES_BY_ID, keys):
            row_id, provider, message_id, status, last_seen = cast("tuple[int, str, str, str, int]", row)
            messages[provider, message_id] = by_row[row_id] = KnownMessage(
                row_id=row_id,
                reports={},
                status_before=Status(status),
                last_seen_ms=last_seen,
                registration=None,
            )
        for row in select_in(self._connection, REPORTS_BY_MESSAGE, list(by_row)):
            report = report_from_row(row[1:])
            by_row[cast("int", row[0])].reports[report.digest] = report
        for key, registration in self._registered(messages).items():
            messages[key].registration = registration
        return messages

    def _registered(self, keys: Iterable[Key]) -> dict[Key, Registration]:
        if not self._has_registrations:
            return {}
        found: dict[Key, Registration] = {}
        for row in select_pairs(self._connection, REGISTRATIONS_BY_ID, list(keys)):
            provider, message_id, number, text, label = cast(
                "tuple[str, str, str, str | None, str | None]", row
            )
            found[provider, message_id] = Registration(
                provider=provider, message_id=message_id, number=number, text=text, label=label
            )
        return found

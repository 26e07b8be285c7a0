"""Removal: what is old or must be forgotten goes, in slices so small that intake hardly notices.

`older_than_ms` removes messages whose last report, and inbound SMS and requests that, came before; a request that
anything kept still rests on stays, whatever our clock said when it came, and so does a marked message with its
requests. `number` removes everything
of one number: its rows go, it is taken out of messages that are shown with another number, and the raw requests that
spoke of it are emptied, for others may rest on them (of a name or a short code only those under its own rows: its few
characters stand in any body). SQLite overwrites what is deleted (`secure_delete`), and at the
end the file is scrubbed, so that no byte of it is left. What other people wrote stays as they
wrote it, though it may mention the number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from smswatch.errors import StoreError
from smswatch.model import Outcome
from smswatch.store.spellings import Spellings
from smswatch.store.statements import select_in
from smswatch.wording import how_many

SLICE = 200
"""Rows looked at in one transaction: some ten milliseconds."""
_LONG_SLICE = 5_000
"""The same of rows that hold no raw body and are seldom changed."""
REREAD_AFTER = 20_000
"""With more changes than these between two looks a list reads itself anew; a removal moves the sequence on by
as many, because a change feed cannot name rows that are gone."""

_RESTING = (
    "SELECT id, request FROM reports WHERE id > ? ORDER BY id",
    "SELECT id, request FROM inbound WHERE id > ? ORDER BY id",
    "SELECT id, request FROM repeats WHERE id > ? AND report IS NOT NULL ORDER BY id",
    "SELECT id, request FROM repeats WHERE id > ? AND inbound IS NOT NULL ORDER BY id",
)
"""What rests on requests; in each of them the requests stand in their order, too."""

UNREADABLE_AT_MOST = 256 * 1024 * 1024
"""Bytes that requests which cannot be read may take, however many come."""
_HEAVY_SLICE = 20
"""Rows of which each may have a raw body of 256 KiB."""

STOPPED = "smswatch stopped before everything was removed; repeat it"
"""What whoever asked for a removal is told where the writer stops before its end."""


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to go: one of the three."""

    older_than_ms: int | None = None
    """UTC milliseconds."""
    number: str | None = None
    """As it is stored: E.164, or the sender's name."""
    unreadable_up_to: int | None = None
    """The id of a request: those that could not be read, up to it."""


class Removed(msgspec.Struct):
    """How much went."""

    messages: int = 0
    inbound: int = 0
    requests: int = 0
    """Deleted, or emptied."""
    marked: int = 0
    """Messages that are old enough, and stay because a person has marked them."""

    @property
    def gone(self) -> str:
        """What went, in words: `1 message, 0 inbound SMS, 2 requests`."""
        sms = how_many(self.inbound, "inbound SMS", "inbound SMS")
        return f"{how_many(self.messages, 'message')}, {sms}, {how_many(self.requests, 'request')}"

    @property
    def forgotten(self) -> str:
        """What a purge did, in words: `1 message, 0 inbound SMS removed, 2 requests emptied`."""
        sms = how_many(self.inbound, "inbound SMS", "inbound SMS")
        emptied = how_many(self.requests, "request")
        return f"{how_many(self.messages, 'message')}, {sms} removed, {emptied} emptied"

    @property
    def staying(self) -> str:
        """The end of a sentence that says how much marked is left; empty where nothing is."""
        words = how_many(self.marked, "marked message stays", "marked messages stay")
        return f"; {words}" if self.marked else ""


class RemovalJob:
    """Carries out one removal, slice by slice, on the writer's connection. Each `step` is one transaction's work."""

    def __init__(self, connection: sqlite3.Connection, removal: Removal) -> None:
        asked = (removal.older_than_ms, removal.number, removal.unreadable_up_to)
        if asked.count(None) != len(asked) - 1:
            raise StoreError("say what is to be removed: by age or by number")
        self.removed = Removed()
        self.is_purge = removal.number is not None
        self._connection = connection
        if removal.number is not None:
            self._number = removal.number
            self._spellings = Spellings.of(removal.number)
            self._steps = iter(
                (
                    self._number_messages,
                    self._number_inbound,
                    self._number_reports,
                    self._number_registered,
                    self._number_bodies,
                    self._contact,
                )
            )
        elif removal.unreadable_up_to is not None:
            self._up_to = removal.unreadable_up_to
            self._steps = iter((self._unreadable,))
        else:
            self._cutoff_ms = cast("int", removal.older_than_ms)
            self._resting_at = [0] * len(_RESTING)
            self._steps = iter((self._old_messages, self._old_inbound, self._old_requests))
        self._step = next(self._steps)
        self._at = 0

    def step(self) -> bool:
        """Remove one more slice, inside the open transaction; False once nothing is left to do."""
        if not self._step():
            self._at = 0
            following = next(self._steps, None)
            if following is None:
                self._execute("UPDATE sequence SET n = n + ?", (REREAD_AFTER + 1,))
                return False
            self._step = following
        return True

    # --- by age: rows stand in the order of their arrival, so each table is walked from its beginning ---------

    def _old_messages(self) -> bool:
        rows = self._execute(
            "SELECT id, first_seen_ms, last_seen_ms, EXISTS(SELECT 1 FROM marks WHERE message = messages.id)"
            " FROM messages WHERE id > ? ORDER BY id LIMIT ?",
            (self._at, SLICE),
        ).fetchall()
        old = [
            row_id for row_id, _, last_ms, is_marked in rows if last_ms < self._cutoff_ms and not is_marked
        ]
        self.removed.marked += sum(
            bool(is_marked) for _, _, last_ms, is_marked in rows if last_ms < self._cutoff_ms
        )
        self._delete_messages(old)
        return self._walked(rows)

    def _old_inbound(self) -> bool:
        rows = self._execute(
            "SELECT id, arrived_ms FROM inbound WHERE id > ? ORDER BY id LIMIT ?", (self._at, SLICE)
        ).fetchall()
        self._delete_inbound([row_id for row_id, arrived_ms in rows if arrived_ms < self._cutoff_ms])
        return self._walked(rows)

    def _old_requests(self) -> bool:
        rows = self._execute(
            "SELECT id, arrived_ms, provider, outcome FROM requests WHERE id > ? ORDER BY id LIMIT ?",
            (self._at, SLICE),
        ).fetchall()
        needed = self._rested_on(rows[-1][0]) if rows else set()
        old = [row for row in rows if row[1] < self._cutoff_ms and row[0] not in needed]
        self._delete("requests", "id", [row[0] for row in old])
        for _, _, provider, outcome in old:
            self._count("requests", provider, outcome)
        self.removed.requests += len(old)
        # A `refused` line is renewed in its old place, so its time says nothing about what stands behind it.
        return self._walked([row for row in rows if row[3] != Outcome.REFUSED])

    def _rested_on(self, last: int) -> set[int]:
        """Return which requests, behind those that were asked for before and up to `last`, something rests on."""
        needed: set[int] = set()
        for number, question in enumerate(_RESTING):
            for row_id, request in self._execute(question, (self._resting_at[number],)):
                if request > last:
                    break
                needed.add(request)
                self._resting_at[number] = row_id
        return needed

    def _walked(self, rows: Sequence[Sequence[int]]) -> bool:
        """Move on behind a slice of (id, when); False at the end of the table or where all is younger."""
        if not rows:
            return False
        self._at, when_ms = rows[-1][:2]
        return when_ms < self._cutoff_ms

    # --- what could not be read ------------------------------------------------------------------------------

    def _unreadable(self) -> bool:
        rows = self._execute(
            "SELECT id, provider, outcome FROM requests WHERE outcome = 'unreadable' AND id <= ? AND provider IN"
            " (SELECT provider FROM counters WHERE subject = 'requests' AND name = 'unreadable') LIMIT ?",
            (self._up_to, _HEAVY_SLICE),
        ).fetchall()
        self._delete("requests", "id", [row[0] for row in rows])
        for _, provider, outcome in rows:
            self._count("requests", provider, outcome)
        self._execute(
            "INSERT INTO counters(subject, provider, name, n) VALUES ('let_go', '', 'unreadable', ?)"
            " ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (len(rows),),
        )
        self.removed.requests += len(rows)
        return bool(rows)

    # --- by number -------------------------------------------------------------------------------------------

    def _number_messages(self) -> bool:
        ids = self._of_contact("messages")
        self._empty_requests(self._requests_of(ids))
        self._delete_messages(ids)
        return bool(ids)

    def _number_inbound(self) -> bool:
        ids = self._of_contact("inbound")
        again = self._one_column("SELECT request FROM repeats WHERE inbound IN", ids)
        self._empty_requests({*self._one_column("SELECT request FROM inbound WHERE id IN", ids), *again})
        self._delete_inbound(ids)
        return bool(ids)

    def _number_reports(self) -> bool:
        """Take the number out of single reports of messages that are shown with another one."""
        rows = self._execute(
            "SELECT reports.id, reports.request FROM reports JOIN messages ON messages.id = reports.message"
            " WHERE reports.id > ? AND reports.id <= ? AND reports.number = ? AND messages.number IS NOT ?",
            (self._at, self._at + _LONG_SLICE, self._number, self._number),
        ).fetchall()
        ids = [row_id for row_id, _ in rows]
        again = self._one_column("SELECT request FROM repeats WHERE report IN", ids)
        self._empty_requests({request for _, request in rows} | set(again))
        for row_id in ids:
            self._execute("UPDATE reports SET number = NULL WHERE id = ?", (row_id,))
        self._at += _LONG_SLICE
        return self._at < (self._execute("SELECT max(id) FROM reports").fetchone()[0] or 0)

    def _number_registered(self) -> bool:
        """Take what `track` said out of messages that went, as their provider says, to another number."""
        keys = self._execute(
            "SELECT provider, message_id FROM registrations WHERE number = ? LIMIT ?", (self._number, SLICE)
        ).fetchall()
        for key in keys:
            self._execute(
                "UPDATE messages SET registered_number = NULL, text = NULL, label = NULL"
                " WHERE provider = ? AND message_id = ?",
                key,
            )
            self._execute("DELETE FROM registrations WHERE provider = ? AND message_id = ?", key)
        return bool(keys)

    def _number_bodies(self) -> bool:
        """Empty every other request that spells the number, such as one that could not be read."""
        if self._spellings is None:
            return False
        found, values = self._spellings.question()
        rows = self._execute(
            f"SELECT id, {found} FROM requests WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 - our own words
            (*values, self._at, SLICE),
        ).fetchall()
        self._empty_requests({row_id for row_id, is_found in rows if is_found and self._is_spelled(row_id)})
        if not rows:
            return False
        self._at = rows[-1][0]
        return True

    def _is_spelled(self, request: int) -> bool:
        body, headers, query = self._execute(
            "SELECT body, headers, query FROM requests WHERE id = ?", (request,)
        ).fetchone()
        return self._spellings is not None and self._spellings.are_in(body, headers, query)

    def _contact(self) -> bool:
        """Forget who it was, and first what has arrived between the slices."""
        if self._number_messages() or self._number_inbound() or self._number_registered():
            return True
        self._execute("DELETE FROM contacts WHERE number = ?", (self._number,))
        return False

    def _of_contact(self, table: str) -> list[int]:
        found = self._execute(
            f"SELECT {table}.id FROM contacts CROSS JOIN {table} ON {table}.contact = contacts.id"  # noqa: S608 - our own names
            " WHERE contacts.number = ? LIMIT ?",
            (self._number, SLICE),
        )
        return [row[0] for row in found]

    # --- rows and what hangs on them -----------------------------------------------------------------------

    def _delete_messages(self, ids: Sequence[int]) -> None:
        reports = self._one_column("SELECT id FROM reports WHERE message IN", ids)
        self._delete("repeats", "report", reports)
        self._delete("reports", "message", ids)
        keys = [
            cast("tuple[str, str, str]", row)
            for row in select_in(
                self._connection, "SELECT provider, message_id, status FROM messages WHERE id IN", ids
            )
        ]
        self._delete("messages", "id", ids)
        self._delete("marks", "message", ids)
        for provider, message_id, status in keys:
            self._execute(
                "DELETE FROM registrations WHERE provider = ? AND message_id = ?", (provider, message_id)
            )
            self._count("messages", provider, status)
        self.removed.messages += len(keys)

    def _delete_inbound(self, ids: Sequence[int]) -> None:
        self._delete("repeats", "inbound", ids)
        for provider in self._one_column("SELECT provider FROM inbound WHERE id IN", ids):
            self._count("inbound", cast("str", provider), "")
        self._delete("inbound", "id", ids)
        self.removed.inbound += len(ids)

    def _requests_of(self, messages: Sequence[int]) -> set[int]:
        requests = set(self._one_column("SELECT request FROM reports WHERE message IN", messages))
        reports = self._one_column("SELECT id FROM reports WHERE message IN", messages)
        return requests | set(self._one_column("SELECT request FROM repeats WHERE report IN", reports))

    def _empty_requests(self, ids: Iterable[int]) -> None:
        said = "emptied: what it said was purged"
        for row_id in ids:
            emptied = self._execute(
                "UPDATE requests SET body = x'', headers = '', query = '', answer_body = '', problem = ?"
                " WHERE id = ? AND problem IS NOT ?",
                (said, row_id, said),
            )
            self.removed.requests += emptied.rowcount

    def _delete(self, table: str, column: str, ids: Sequence[int]) -> None:
        for row_id in ids:
            self._execute(f"DELETE FROM {table} WHERE {column} = ?", (row_id,))  # noqa: S608 - our own names

    def _count(self, subject: str, provider: str, name: str) -> None:
        self._execute(
            "UPDATE counters SET n = n - 1 WHERE subject = ? AND provider = ? AND name = ?",
            (subject, provider, name),
        )

    def _one_column(self, head: str, ids: Sequence[int]) -> list[int]:
        return [cast("int", row[0]) for row in select_in(self._connection, head, ids)]

    def _execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

"""One transaction: requests, reports, inbound SMS, registrations and counters, and the summaries they change.

A batch is planned in memory from what the database holds, then written in a few multi-row statements.
Nothing here commits: the writer does.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

from smswatch.model import Outcome
from smswatch.store.columns import (
    INBOUND_BY_DIGEST,
    INSERT_INBOUND,
    INSERT_MESSAGES,
    INSERT_REPORTS,
    INSERT_REQUESTS,
    RENEW_REFUSED,
    UPDATE_MESSAGES,
    MessageParts,
    inbound_from_row,
    inbound_row,
    message_row,
    refused_row,
    report_row,
    request_row,
)
from smswatch.store.contacts import Contacts
from smswatch.store.entry import Entry, Kept, KeptInbound, Refused
from smswatch.store.known_messages import Key, KnownMessage, KnownMessages
from smswatch.store.marks import set_marks
from smswatch.store.room import Room
from smswatch.store.rows import Marking, Registration
from smswatch.store.statements import insert_rows, select_in
from smswatch.summary import KeptReport, Summary, summarise
from smswatch.wording import how_many

Counts = Counter[tuple[str, str, str]]
"""(subject, provider, name) to how many more."""


class Batch:
    """Plans and writes batches on one connection.

    As the only writer it may remember what it wrote: the next ids, the ids of contacts, and the messages
    that were spoken of last, so that a follow-up reads nothing. `forget` after a rollback, `forget_rows` after a
    removal.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._contacts = Contacts(connection)
        self._known = KnownMessages(connection)
        self.forget()

    def forget(self) -> None:
        """Read the next ids from the database again; needed after a rollback."""
        self.forget_rows()
        self._request_id = self._one("SELECT coalesce(max(id), 0) FROM requests")
        self._known.read_newest_id()
        self._report_id = self._one("SELECT coalesce(max(id), 0) FROM reports")
        self._inbound_id = self._one("SELECT coalesce(max(id), 0) FROM inbound")
        self._contacts.read_newest_id()

    def forget_rows(self) -> None:
        """Forget what is remembered of rows; needed after a removal. No id is given to a second row after one."""
        self._contacts.forget_rows()
        self._known.forget_rows()
        self._sequence = self._one("SELECT n FROM sequence")

    def _one(self, sql: str) -> int:
        return cast("int", self._connection.execute(sql).fetchone()[0])

    def write(
        self, entries: Sequence[Entry], registrations: Sequence[Registration], counts: Counts, now_ms: int
    ) -> list[Kept]:
        """Write everything inside the open transaction; one `Kept` for each entry, in order."""
        self._sequence += 1
        self._counts = Counter(counts)
        kept = [self._admit(entry) for entry in entries]
        messages = self._load_messages(entries, registrations)
        repeats: list[tuple[int | None, int | None, int, int]] = []
        touched = self._place_reports(entries, kept, messages, repeats)
        self._place_inbound(entries, kept, repeats)
        self._register(registrations, messages, touched, now_ms)
        self._write_messages(touched)
        _mark_flags(entries, kept, touched)
        self._write_requests(entries, kept)
        insert_rows(self._connection, "INSERT INTO repeats(report, inbound, request, arrived_ms)", repeats)
        insert_rows(
            self._connection,
            "INSERT INTO counters(subject, provider, name, n)",
            [(*key, n) for key, n in self._counts.items() if n],
            "ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )
        self._connection.execute("UPDATE sequence SET n = ?", (self._sequence,))
        self._known.forget_oldest()
        return kept

    def write_refused(self, refused: Iterable[Refused], now_ms: int) -> None:
        """Write or renew, inside the open transaction, the one line for each provider and answer."""
        for one in refused:
            key = "refused", one.provider, str(one.answer_status)
            insert_rows(
                self._connection,
                "INSERT INTO counters(subject, provider, name, n)",
                [(*key, one.times)],
                "ON CONFLICT DO UPDATE SET n = n + excluded.n",
            )
            times = self._connection.execute(
                "SELECT n FROM counters WHERE subject = ? AND provider = ? AND name = ?", key
            ).fetchone()[0]
            problem = f"{how_many(times, 'time')}: {one.advice}"
            renewed = self._connection.execute(
                RENEW_REFUSED,
                (now_ms, one.path, problem, self._sequence, one.provider, one.answer_status),
            )
            if not renewed.rowcount:
                self._request_id += 1
                insert_rows(
                    self._connection,
                    INSERT_REQUESTS,
                    [refused_row(self._request_id, one, problem, now_ms, self._sequence)],
                )

    def mark(self, marking: Marking, now_ms: int) -> int:
        """Mark messages or take their marks away, inside the open transaction; how many changed."""
        self._sequence += 1
        changed = set_marks(self._connection, marking, self._sequence, now_ms)
        self._connection.execute("UPDATE sequence SET n = ?", (self._sequence,))
        return changed

    def _admit(self, entry: Entry) -> Kept:
        self._request_id += 1
        return Kept(
            request_id=self._request_id,
            outcome=entry.outcome or Outcome.DUPLICATE,
            reports=[],
            inbound=[],
        )

    def _load_messages(
        self, entries: Sequence[Entry], registrations: Sequence[Registration]
    ) -> dict[Key, KnownMessage]:
        """Read the messages that this batch speaks of, with their reports, and make room for new ones."""
        spoken_of: dict[Key, int] = {}
        for entry in entries:
            for message_id, report in entry.reports:
                spoken_of.setdefault((entry.provider, message_id), report.arrived_ms)
        tracked = {(registration.provider, registration.message_id) for registration in registrations}
        return self._known.load(spoken_of, tracked)

    def _place_reports(
        self,
        entries: Sequence[Entry],
        kept: Sequence[Kept],
        messages: dict[Key, KnownMessage],
        repeats: list[tuple[int | None, int | None, int, int]],
    ) -> dict[Key, KnownMessage]:
        """Tell new reports from repeats; returns the messages that changed."""
        touched: dict[Key, KnownMessage] = {}
        new: list[tuple[int, KeptReport]] = []
        repeated: dict[int, KeptReport] = {}
        newest_stored = self._report_id
        room = Room()
        for entry, one in zip(entries, kept, strict=True):
            for message_id, report in entry.reports:
                key = entry.provider, message_id
                message = messages[key]
                standing = message.reports.get(report.digest)
                if standing is None and not room.takes(message.row_id, message.reports, report):
                    report.request_id = one.request_id
                    _leave_out(message_id, report, one)
                    continue
                touched[key] = message
                message.last_seen_ms = max(message.last_seen_ms, report.arrived_ms)
                if standing is None:
                    self._report_id += 1
                    report.id = self._report_id
                    report.request_id = one.request_id
                    self._known.add(message, report)
                    standing = report
                    new.append((message.row_id, report))
                    if one.outcome is Outcome.DUPLICATE:
                        one.outcome = Outcome.STORED
                else:
                    standing.times_received += 1
                    repeats.append((standing.id, None, one.request_id, report.arrived_ms))
                    if standing.id <= newest_stored:
                        repeated[standing.id] = standing
                one.reports.append((message_id, standing, (), standing.times_received))
        insert_rows(self._connection, INSERT_REPORTS, [report_row(row, report) for row, report in new])
        if repeated:
            self._connection.executemany(
                "UPDATE reports SET times_received = ? WHERE id = ?",
                [(report.times_received, report.id) for report in repeated.values()],
            )
        return touched

    def _place_inbound(
        self,
        entries: Sequence[Entry],
        kept: Sequence[Kept],
        repeats: list[tuple[int | None, int | None, int, int]],
    ) -> None:
        """Tell new inbound SMS from repeats, and write both."""
        standing = self._stored_inbound(entries)
        if standing is None:
            return
        stored = {sms.id for sms in standing.values()}
        new: list[tuple[str, KeptInbound]] = []
        repeated: dict[int, KeptInbound] = {}
        for entry, one in zip(entries, kept, strict=True):
            for sms in entry.inbound:
                found = standing.setdefault((entry.provider, sms.digest), sms)
                if found is sms:
                    self._inbound_id += 1
                    sms.id, sms.request_id = self._inbound_id, one.request_id
                    new.append((entry.provider, sms))
                    if one.outcome is Outcome.DUPLICATE:
                        one.outcome = Outcome.STORED
                else:
                    found.times_received += 1
                    repeats.append((None, found.id, one.request_id, sms.arrived_ms))
                    if found.id in stored:
                        repeated[found.id] = found
                one.inbound.append((found, found.times_received))
        self._write_inbound(new, repeated.values())

    def _stored_inbound(self, entries: Sequence[Entry]) -> dict[tuple[str, int], KeptInbound] | None:
        """Read those inbound SMS of the batch that are stored already; None if it has no inbound SMS."""
        wanted: dict[str, list[int]] = {}
        for entry in entries:
            for sms in entry.inbound:
                wanted.setdefault(entry.provider, []).append(sms.digest)
        if not wanted:
            return None
        standing: dict[tuple[str, int], KeptInbound] = {}
        for provider, digests in wanted.items():
            for row in select_in(self._connection, INBOUND_BY_DIGEST, digests, (provider,)):
                sms = inbound_from_row(row)
                standing[provider, sms.digest] = sms
        return standing

    def _write_inbound(self, new: Sequence[tuple[str, KeptInbound]], repeated: Iterable[KeptInbound]) -> None:
        contacts = self._contacts.ids({sms.number for _, sms in new if sms.number})
        rows = []
        for provider, sms in new:
            self._counts["inbound", provider, ""] += 1
            contact = contacts[sms.number] if sms.number else None
            rows.append(inbound_row(provider, sms, contact, self._sequence))
        insert_rows(self._connection, INSERT_INBOUND, rows)
        self._connection.executemany(
            "UPDATE inbound SET times_received = ?, changed = ? WHERE id = ?",
            [(sms.times_received, self._sequence, sms.id) for sms in repeated],
        )

    def _register(
        self,
        registrations: Sequence[Registration],
        messages: dict[Key, KnownMessage],
        touched: dict[Key, KnownMessage],
        now_ms: int,
    ) -> None:
        """Keep what `track` said; a second one replaces the first."""
        if not registrations:
            return
        insert_rows(
            self._connection,
            "INSERT INTO registrations(provider, message_id, number, text, label, registered_ms)",
            [(r.provider, r.message_id, r.number, r.text, r.label, now_ms) for r in registrations],
            "ON CONFLICT DO UPDATE SET number = excluded.number, text = excluded.text,"
            " label = excluded.label, registered_ms = excluded.registered_ms",
        )
        self._known.note_registrations()
        for registration in registrations:
            key = registration.provider, registration.message_id
            if key in messages:
                messages[key].registration = registration
                touched[key] = messages[key]

    def _write_messages(self, touched: dict[Key, KnownMessage]) -> None:
        if not touched:
            return
        rows: list[tuple[Key, KnownMessage, Summary, str | None]] = []
        for key, message in touched.items():
            summary = message.summary = summarise(tuple(message.reports.values()))
            registered = message.registration.number if message.registration else None
            rows.append((key, message, summary, summary.number or registered))
            if summary.status is not message.status_before:
                self._counts["messages", key[0], summary.status] += 1
                if message.status_before is not None:
                    self._counts["messages", key[0], message.status_before] -= 1
                message.status_before = summary.status
        contacts = self._contacts.ids({number for *_, number in rows if number})
        insert_rows(
            self._connection,
            INSERT_MESSAGES,
            [
                message_row(
                    MessageParts(
                        row_id=message.row_id,
                        provider=key[0],
                        message_id=key[1],
                        summary=summary,
                        registration=message.registration,
                        number=number,
                        contact=contacts[number] if number else None,
                        last_seen_ms=message.last_seen_ms,
                        sequence=self._sequence,
                    )
                )
                for key, message, summary, number in rows
            ],
            UPDATE_MESSAGES,
        )

    def _write_requests(self, entries: Sequence[Entry], kept: Sequence[Kept]) -> None:
        for entry, one in zip(entries, kept, strict=True):
            if entry.outcome is None and not entry.reports and not entry.inbound:
                # Nothing in it could have been stored before: an empty batch, a note.
                one.outcome = Outcome.STORED
            self._counts["requests", entry.provider, one.outcome] += 1
        insert_rows(
            self._connection,
            INSERT_REQUESTS,
            [request_row(entry, one, self._sequence) for entry, one in zip(entries, kept, strict=True)],
        )


def _leave_out(message_id: str, report: KeptReport, kept: Kept) -> None:
    """Tell of a report for which its message has no room: it stays in the bytes of its request."""
    kept.left_out += 1
    kept.reports.append((message_id, report, (), 1))
    if kept.outcome is Outcome.DUPLICATE:
        kept.outcome = Outcome.STORED


def _mark_flags(entries: Sequence[Entry], kept: Sequence[Kept], touched: dict[Key, KnownMessage]) -> None:
    """Tell those who wait what the summaries made of their reports."""
    flagged = {
        key: message.summary.report_flags
        for key, message in touched.items()
        if message.summary is not None and message.summary.report_flags
    }
    if not flagged:
        return
    for entry, one in zip(entries, kept, strict=True):
        one.reports = [
            (message_id, report, flagged.get((entry.provider, message_id), {}).get(report.id, ()), times)
            for message_id, report, _, times in one.reports
        ]

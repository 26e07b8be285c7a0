"""Reading at length: pages, searches, counts and details, through aiosqlite and off the caller's loop.

Each read is short or comes in chunks, and each fetches all it asked for at once: a half-read cursor is an
open transaction, under which the write-ahead log cannot be emptied.
"""

from __future__ import annotations

import bisect
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self, cast

import aiosqlite
import msgspec

from smswatch.errors import StoreError
from smswatch.filters import SQL_FUNCTIONS, Condition
from smswatch.model import Kind
from smswatch.store.columns import REPORT_COLUMNS
from smswatch.store.conversation import read_conversation
from smswatch.store.database import READER_PRAGMAS, connect_reader, reader_uri
from smswatch.store.failure import opening_error
from smswatch.store.insight import Counting, count_in_steps
from smswatch.store.ordering import NEWEST_FIRST, Order, in_order
from smswatch.store.rows import Conversation, InboundRow, MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.store.search import EVERYTHING, Found, search
from smswatch.store.select import Row, columns, reports_of, row_from, timeline_of, timeline_of_reports
from smswatch.store.totals import TOTALS_QUERY, Totals, totals_from
from smswatch.store.waiting import Waiting, still_open

PAGE = 500
"""Rows read at a time."""
REQUESTS_AT_ONCE = 20
"""Whole bodies in a screen's detail."""
REPLIES_AT_ONCE = 50

_REPEATS = (
    "SELECT report, request, arrived_ms FROM repeats WHERE report IN"
    " (SELECT id FROM reports WHERE message = ?) ORDER BY id"
)
_SOME_REPEATS = (
    "SELECT repeats.report, repeats.request, repeats.arrived_ms FROM reports CROSS JOIN repeats ON repeats.id IN"
    " (SELECT id FROM (SELECT id FROM repeats WHERE report = reports.id ORDER BY id LIMIT 20)"
    " UNION SELECT max(id) FROM repeats WHERE report = reports.id)"
    " WHERE reports.message = ? ORDER BY repeats.id"
)
"""Of each report the first twenty and the last."""


def _around(ids: Sequence[int], near: int) -> Sequence[int]:
    """Return those of the sorted ids that lie around one."""
    start = bisect.bisect_left(ids, near) - REQUESTS_AT_ONCE // 2
    start = max(min(start, len(ids) - REQUESTS_AT_ONCE), 0)
    return ids[start : start + REQUESTS_AT_ONCE]


class Changes(msgspec.Struct, frozen=True):
    """What changed since a reader last looked."""

    sequence: int
    """Ask for what came after this the next time."""
    ids: tuple[int, ...]
    """Rows that are new or changed, oldest change first."""
    matching: frozenset[int]
    """Those among them that the condition lets through now."""


class Reader:
    """A read-only view of the database. Methods raise StoreError if it cannot be read."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open an existing database; StoreError if there is none or it is not ours."""
        connect_reader(path).close()
        opening = aiosqlite.connect(reader_uri(path), uri=True, isolation_level=None, cached_statements=256)
        # One that is left behind, in an end by force, must not keep Python from ending. It only reads.
        opening._thread.daemon = True  # noqa: SLF001 - aiosqlite offers no other way; a test guards it
        connection = await opening
        try:
            for pragma in READER_PRAGMAS:
                await connection.execute_fetchall(pragma)
            for name, arguments, function in SQL_FUNCTIONS:
                await connection.create_function(name, arguments, function, deterministic=True)
        except BaseException as error:
            await connection.close()
            if isinstance(error, sqlite3.Error):
                raise opening_error(path, error) from error
            raise
        return cls(connection)

    async def close(self) -> None:
        """Close the connection and end its thread; what is still being read is given up."""
        await self.interrupt()
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def interrupt(self) -> None:
        """Stop the query that runs now; it raises StoreError where it is awaited. Nothing, once closed."""
        with contextlib.suppress(ValueError):
            # aiosqlite's word for a connection that was closed meanwhile.
            await self._connection.interrupt()

    async def sequence(self) -> int:
        """Return the number of the last change."""
        return cast("int", (await self._all("SELECT n FROM sequence"))[0][0])

    async def totals(self) -> Totals:
        """Return how many there are of everything."""
        return totals_from(cast("list[tuple[str, str, str, int]]", await self._all(TOTALS_QUERY)))

    async def page(
        self, kind: Kind, condition: Condition | None = None, *, limit: int, before_id: int | None = None
    ) -> list[Row]:
        """Return up to `limit` rows (0: all), newest first, that are older than `before_id`."""
        found: list[Row] = []
        async with contextlib.aclosing(
            self.pages(kind, condition, limit=limit, before_id=before_id)
        ) as pages:
            async for page in pages:
                found.extend(page)
        return found

    async def pages(
        self,
        kind: Kind,
        condition: Condition | None = None,
        *,
        limit: int = 0,
        before_id: int | None = None,
    ) -> AsyncGenerator[list[Row]]:
        """Yield up to `limit` rows (0: all), newest first, some hundreds at a time, so that none holds them all."""
        left = limit
        steps = search(self._all, kind, condition or EVERYTHING, before_id=before_id)
        async with contextlib.aclosing(steps):
            async for found in steps:
                for start in range(0, len(found.ids), PAGE):
                    ids = found.ids[start : start + min(PAGE, left) if limit else start + PAGE]
                    yield await self._rows(kind, ids)
                    left -= len(ids)
                    if limit and left <= 0:
                        return

    async def _rows(self, kind: Kind, ids: Sequence[int]) -> list[Row]:
        """Return whole rows in the order of their ids."""
        marks = ",".join("?" * len(ids))
        sql = f"SELECT {columns(kind, whole=True)} FROM {kind} WHERE id IN ({marks})"  # noqa: S608 - bound
        rows = {row[0]: row_from(kind, row) for row in await self._all(sql, ids)}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def found(
        self, kind: Kind, condition: Condition | None = None, order: Order = NEWEST_FIRST
    ) -> AsyncGenerator[Found]:
        """Yield the ids of the matching rows, in order, with each step of the search; steps may bring none.

        `interrupt` ends the step that runs with StoreError.
        """
        return in_order(self._all, kind, condition or EVERYTHING, order)

    async def count(self, kind: Kind, condition: Condition | None = None) -> int:
        """Count the matching rows."""
        total = 0
        async with contextlib.aclosing(self.found(kind, condition)) as steps:
            async for found in steps:
                total += len(found.ids)
        return total

    async def changes(self, kind: Kind, since: int, condition: Condition | None = None) -> Changes:
        """Return the rows that changed after `since`, and which of them the condition lets through."""
        condition = condition or EVERYTHING
        sql = (
            f"SELECT {kind}.id, {kind}.changed, ({condition.sql}) FROM {kind}"  # noqa: S608 - our own names, bound values
            f" WHERE {kind}.changed > ? ORDER BY {kind}.changed, {kind}.id"
        )
        rows = await self._all(sql, (*condition.params, since))
        return Changes(
            rows[-1][1] if rows else since,
            tuple(row[0] for row in rows),
            frozenset(row[0] for row in rows if row[2]),
        )

    async def message_detail(self, row_id: int, near: int = 0) -> MessageDetail | None:
        """Return what a screen shows of one message, None if there is no such row.

        However much came about it: the first `REPLIES_AT_ONCE` replies, and of the requests behind it those
        `REQUESTS_AT_ONCE` that lie around the id `near`.
        """
        message = await self._message("id = ?", (row_id,))
        return await self._detail(message, near) if message is not None else None

    async def find_message(self, provider: str, message_id: str) -> MessageDetail | None:
        """Return everything known of one message by the provider's id, None if there is none."""
        message = await self.message(provider, message_id)
        return await self._detail(message, None) if message is not None else None

    async def message(self, provider: str, message_id: str) -> MessageRow | None:
        """Return the row of one message by the provider's id, None if there is none."""
        return await self._message("provider = ? AND message_id = ?", (provider, message_id))

    async def _message(self, condition: str, values: Sequence[object]) -> MessageRow | None:
        sql = f"SELECT {columns(Kind.MESSAGES, whole=True)} FROM messages WHERE {condition}"  # noqa: S608 - our own words
        rows = await self._all(sql, values)
        return cast("MessageRow", row_from(Kind.MESSAGES, rows[0])) if rows else None

    async def timelines(self, row_ids: Sequence[int]) -> dict[int, tuple[TimelineEntry, ...]]:
        """Return the timelines of these messages, by row id; meant for a page of them."""
        by_message: dict[int, list[Any]] = {row_id: [] for row_id in row_ids}
        for start in range(0, len(row_ids), 500):
            part = row_ids[start : start + 500]
            marks = ",".join("?" * len(part))
            sql = f"SELECT message, {REPORT_COLUMNS} FROM reports WHERE message IN ({marks})"  # noqa: S608 - bound
            for row in await self._all(sql, part):
                by_message[row[0]].append(row[1:])
        return {row_id: timeline_of(rows, {}) for row_id, rows in by_message.items()}

    async def request(self, row_id: int) -> RequestRow | None:
        """Return one request with its whole body."""
        rows = await self._requests([row_id])
        return rows[0] if rows else None

    async def inbound(self, row_id: int) -> InboundRow | None:
        """Return one inbound SMS with its whole text, None if there is no such row."""
        rows = await self._rows(Kind.INBOUND, [row_id])
        return cast("InboundRow", rows[0]) if rows else None

    def insight(self, since_ms: int | None, now_ms: int) -> AsyncGenerator[Counting]:
        """Yield, after each step, what has been counted of the messages first seen at `since_ms` or later.

        None counts all of them. `interrupt` ends the step that runs with StoreError.
        """
        return count_in_steps(self._all, since_ms, now_ms)

    async def still_open(self, stuck_before_ms: Callable[[str], int]) -> tuple[Waiting, ...]:
        """Return what is still expected of each provider; `stuck_before_ms` says when a message is stuck."""
        return await still_open(self._all, stuck_before_ms)

    async def conversation(self, number: str, limit: int) -> Conversation:
        """Return the newest `limit` messages to and inbound SMS from a number, as it is stored."""
        return await read_conversation(self._all, number, limit)

    async def _detail(self, message: MessageRow, near: int | None) -> MessageDetail:
        """Read what is behind a message: all of it, or what a screen shows around the request `near`."""
        rows = await self._all(f"SELECT {REPORT_COLUMNS} FROM reports WHERE message = ?", (message.id,))  # noqa: S608
        reports = reports_of(rows)
        repeats: dict[int, list[int]] = {}
        requests = {report.request_id for report in reports}
        for report, request, arrived in await self._all(
            _REPEATS if near is None else _SOME_REPEATS, (message.id,)
        ):
            repeats.setdefault(report, []).append(arrived)
            requests.add(request)
        ids = await self._existing(sorted(requests))
        of_message = message.provider, message.message_id
        replies = await self._all(
            f"SELECT {columns(Kind.INBOUND, whole=True)} FROM inbound WHERE provider = ? AND reply_to = ? ORDER BY id LIMIT ?",  # noqa: S608
            (*of_message, -1 if near is None else REPLIES_AT_ONCE),
        )
        counted = await self._all(
            "SELECT count(*) FROM inbound WHERE provider = ? AND reply_to = ?", of_message
        )
        return MessageDetail(
            message=message,
            timeline=timeline_of_reports(
                reports, {report: tuple(times) for report, times in repeats.items()}
            ),
            requests=tuple(await self._requests(ids if near is None else _around(ids, near))),
            replies=tuple(cast("InboundRow", row_from(Kind.INBOUND, row)) for row in replies),
            reports=reports,
            request_ids=tuple(ids),
            replies_in_all=counted[0][0],
        )

    async def _existing(self, request_ids: Sequence[int]) -> list[int]:
        """Return those of the requests that were not removed."""
        found: list[int] = []
        for start in range(0, len(request_ids), PAGE):
            part = request_ids[start : start + PAGE]
            marks = ",".join("?" * len(part))
            sql = f"SELECT id FROM requests WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - bound
            found.extend(row[0] for row in await self._all(sql, part))
        return found

    async def _requests(self, row_ids: Sequence[int]) -> list[RequestRow]:
        found: list[RequestRow] = []
        for start in range(0, len(row_ids), 500):
            part = row_ids[start : start + 500]
            marks = ",".join("?" * len(part))
            sql = (
                f"SELECT {columns(Kind.REQUESTS, whole=True)} FROM requests WHERE id IN ({marks}) ORDER BY id"  # noqa: S608
            )
            found.extend(
                cast("RequestRow", row_from(Kind.REQUESTS, row)) for row in await self._all(sql, part)
            )
        return found

    async def _all(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        try:
            return list(await self._connection.execute_fetchall(sql, tuple(values)))
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error

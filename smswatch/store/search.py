"""Searching: all rows that a condition lets through, newest first, in short steps.

A step is one statement that takes some milliseconds and leaves nothing open, so a search can be given up between
any two of them, others get their turn, and the log can be emptied. Which index a step goes by is decided here and
forced: left alone, SQLite took a second for "failed, and a number that begins with +49151", where the right index
takes a quarter of a millisecond.

Exact numbers, beginnings, endings, statuses, providers, outcomes and times go by an index and look at nothing that
they do not find. Everything else, and a number that more than `MOST_CONTACTS` share, walks down the table, newest
first, as far as whoever asked wants to go.
"""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from smswatch.filters import Condition
from smswatch.model import Kind, Outcome, Status

Run = Callable[[str, Iterable[object]], Awaitable[list[Any]]]
"""Runs one statement and returns all its rows."""

EVERYTHING = Condition("1", ())
MOST_CONTACTS = 3_000
"""Go by their index; looking each of more up costs more than looking at rows."""
STEP_S = 0.006
"""What a step should take; they grow and shrink towards it."""
_FIRST_STEP, _SMALLEST_STEP, _LARGEST_STEP = 4_000, 2_000, 1 << 40
_FASTEST_GROWTH = 2.5
"""From step to step: the next rows may be dearer than these were."""
_MOST_IN_A_STEP = 20_000
"""Matches: each becomes a Python object for a moment, while nothing else runs."""
_CONTIGUOUS_IN_A_STEP = 100_000
_NEWEST = 10_000
_EVER = -(1 << 62)

_INDEXES: dict[Kind, tuple[tuple[str, frozenset[str]], ...]] = {
    Kind.MESSAGES: (
        ("messages_provider_status", frozenset(("provider", "status"))),
        ("messages_status", frozenset(("status",))),
        ("messages_provider_status", frozenset(("provider",))),
    ),
    Kind.INBOUND: (("inbound_provider", frozenset(("provider",))),),
    Kind.REQUESTS: (
        ("requests_provider_outcome", frozenset(("provider", "outcome"))),
        ("requests_provider_outcome", frozenset(("provider",))),
        ("requests_provider_outcome", frozenset(("outcome",))),
    ),
}
"""Which index serves which columns, the best first."""
_LED_BY: dict[str, tuple[str, ...]] = {
    "messages_provider_status": ("provider", "status"),
    "messages_status": ("status",),
    "inbound_provider": ("provider",),
    "requests_provider_outcome": ("provider", "outcome"),
}
"""The columns before the id. Bounds on the id serve only where each of them is given."""
_ANY = {
    "provider": "SELECT provider FROM counters",
    "status": ", ".join(f"'{status}'" for status in Status),
    "outcome": ", ".join(f"'{outcome}'" for outcome in Outcome),
}
"""All that a column may hold; there are few."""
_TIMES: dict[Kind, tuple[str, str]] = {
    Kind.MESSAGES: ("first_seen_ms", "messages_first_seen"),
    Kind.INBOUND: ("arrived_ms", "inbound_arrived"),
    Kind.REQUESTS: ("arrived_ms", "requests_arrived"),
}


_decode_ids = msgspec.json.Decoder(list[int]).decode


class Found(msgspec.Struct, frozen=True):
    """What one step of a search brought."""

    ids: array[int]
    """Newest first; older than all that came before. Where our clock was set back, by time and not by id."""
    share: float
    """How much of what there is to look at has been looked at, 0 to 1."""


Step = Callable[[int, int], tuple[str, tuple[object, ...]]]
"""From a step's bounds (above, and up to) to its statement and parameters."""


class Steps:
    """How far the next step goes, from how long the last one took."""

    def __init__(self, first: int = _FIRST_STEP, target_s: float = STEP_S) -> None:
        self.size = first
        self._target_s = target_s
        self._smallest = min(first, _SMALLEST_STEP)

    def took(self, seconds: float, matches: int) -> None:
        factor = min(_FASTEST_GROWTH, self._target_s / max(seconds, 0.0005))
        if matches:
            factor = min(factor, _MOST_IN_A_STEP / matches)
        self.size = int(min(max(self.size * factor, self._smallest), _LARGEST_STEP))


async def search(
    run: Run,
    kind: Kind,
    condition: Condition = EVERYTHING,
    *,
    before_id: int | None = None,
    upwards: bool = False,
) -> AsyncGenerator[Found]:
    """Yield what each step finds, newest first, or oldest first: `upwards`; only rows older than `before_id`."""
    newest = await one(run, f"SELECT max(id) FROM {kind}")  # noqa: S608 - our own names
    highest = newest if before_id is None else min(newest, before_id - 1)
    if highest < 1:
        return
    if condition == EVERYTHING:
        steps = _everything(run, kind, highest)
    elif condition.by_id is not None and condition.contacts is None:
        steps = _at_once(run, kind, condition, highest)
    else:
        steps = await _chosen(run, kind, condition, highest)
    async with aclosing(_upwards(steps) if upwards else steps) as all_found:
        async for found in all_found:
            yield found


async def _upwards(steps: AsyncGenerator[Found]) -> AsyncGenerator[Found]:
    """Turn a whole search around."""
    kept: list[array[int]] = []
    async with aclosing(steps) as all_found:
        async for found in all_found:
            kept.append(found.ids[::-1])
            yield Found(array("q"), found.share)
    for ids in reversed(kept):
        yield Found(ids, 1.0)


def within(kind: Kind, condition: Condition, column: str, values: tuple[str, ...]) -> Condition:
    """Return the condition that lets only rows through that hold one of the values as well."""
    equal = dict(condition.equal)
    named = tuple(value for value in equal.get(column, values) if value in values)
    marks = ", ".join("?" * len(values))
    return msgspec.structs.replace(
        condition,
        sql=f"({condition.sql}) AND {kind}.{column} IN ({marks})",
        params=(*condition.params, *values),
        equal=tuple((equal | {column: named}).items()),
    )


async def _chosen(run: Run, kind: Kind, condition: Condition, highest: int) -> AsyncGenerator[Found]:
    """Choose between the ways that could serve; none of them: walk."""
    index, rows = await _narrowest(run, kind, condition)
    if condition.contacts is not None:
        if index is None:
            return _by_contacts(run, kind, condition, highest)
        few = await _few_contacts(run, condition.contacts)
        if few is not None:
            return _windows(run, by_contact(kind, condition, few), highest)
    if condition.since_ms is not None or condition.until_ms is not None:
        in_time = await _rows_in_time(run, kind, condition)
        if index is None or in_time <= rows:
            return _by_time(run, kind, condition, highest, in_time)
    return _windows(run, by_index(kind, condition, index), highest)


async def ids_of(run: Run, statement: tuple[str, tuple[object, ...]]) -> array[int]:
    """Return the ids that a statement selects, in its order.

    As one row of JSON: each row by itself would drop and retake Python's lock, while others want it.
    """
    sql, params = statement
    return array("q", _decode_ids((await run(f"SELECT json_group_array(id) FROM ({sql})", params))[0][0]))  # noqa: S608 - ours


async def one(run: Run, sql: str, params: Sequence[object] = ()) -> int:
    rows = await run(sql, params)
    return int(rows[0][0] or 0) if rows else 0


async def _everything(run: Run, kind: Kind, highest: int) -> AsyncGenerator[Found]:
    """Yield all ids. Where none is missing, which is the rule, only the newest are read: the others are known."""
    walk = by_index(kind, EVERYTHING, None)
    newest = await ids_of(run, walk(max(0, highest - _FIRST_STEP), highest))
    yield Found(newest, min(1.0, _FIRST_STEP / highest))
    high = max(0, highest - _FIRST_STEP)
    sql = f"SELECT (SELECT min(id) FROM {kind}), (SELECT max(id) FROM {kind}), (SELECT count(*) FROM {kind})"  # noqa: S608 - our own names
    first, last, count = (await run(sql, ()))[0]
    if count != last - first + 1:
        async with aclosing(_windows(run, walk, high)) as steps:
            async for found in steps:
                yield found
        return
    while high >= first:
        low = max(first - 1, high - _CONTIGUOUS_IN_A_STEP)
        yield Found(array("q", range(high, low, -1)), (highest - low) / highest)
        high = low


async def _at_once(run: Run, kind: Kind, condition: Condition, highest: int) -> AsyncGenerator[Found]:
    """Yield rows that are found by their ids: all there are, in one step."""
    ids = await ids_of(run, by_id(kind, condition))
    yield Found(array("q", [row_id for row_id in ids if row_id <= highest]), 1.0)


async def _windows(run: Run, step: Step, highest: int, lowest: int = 0) -> AsyncGenerator[Found]:
    """Go down the ids a window at a time."""
    steps, high = Steps(), highest
    while high > lowest:
        low = max(lowest, high - steps.size)
        begun = time.monotonic()
        ids = await ids_of(run, step(low, high))
        steps.took(time.monotonic() - begun, len(ids))
        yield Found(ids, (highest - low) / highest)
        high = low


async def _by_contacts(run: Run, kind: Kind, condition: Condition, highest: int) -> AsyncGenerator[Found]:
    """Go from the contacts to their rows where they are few; else walk."""
    contacts = condition.contacts or EVERYTHING
    walk = by_index(kind, condition, None)
    if contacts.is_walk:
        # To look through all contacts takes a while, and the newest rows are what a person waits for.
        newest = max(0, highest - _NEWEST)
        async with aclosing(_windows(run, walk, highest, newest)) as steps:
            async for found in steps:
                yield found
        highest = newest
    few = await _few_contacts(run, contacts)
    if few is None:
        step = walk
    else:
        named = await ids_of(run, by_id(kind, condition.by_id)) if condition.by_id else ()
        step = by_contact(kind, condition, few, named)
    async with aclosing(_windows(run, step, highest)) as steps:
        async for found in steps:
            yield found


async def _few_contacts(run: Run, contacts: Condition) -> array[int] | None:
    """Return the contacts, or None if there are too many of them."""
    if not contacts.is_walk:
        sql = f"SELECT id FROM contacts WHERE ({contacts.sql}) LIMIT {MOST_CONTACTS + 1}"  # noqa: S608 - bound
        few = await ids_of(run, (sql, contacts.params))
        return few if len(few) <= MOST_CONTACTS else None
    few, high, steps = array("q"), await one(run, "SELECT max(id) FROM contacts"), Steps()
    sql = f"SELECT id FROM contacts NOT INDEXED WHERE id > ? AND id <= ? AND ({contacts.sql})"  # noqa: S608 - bound
    while high > 0 and len(few) <= MOST_CONTACTS:
        low = max(0, high - steps.size)
        begun = time.monotonic()
        some = await ids_of(run, (sql, (low, high, *contacts.params)))
        steps.took(time.monotonic() - begun, len(some))
        few += some
        high = low
    return few if len(few) <= MOST_CONTACTS else None


async def _narrowest(run: Run, kind: Kind, condition: Condition) -> tuple[str | None, int]:
    """Return the best index for what the condition asks to be equal, and how many rows it leads to."""
    asked = dict(condition.equal)
    for index, served in _INDEXES[kind]:
        if served <= asked.keys():
            # Everything that is counted is counted by provider and one name, the status or the outcome.
            names = [values for column, values in asked.items() if column != "provider"]
            where, params = ["subject = ?"], [str(kind)]
            for column, values in (
                ("provider", asked.get("provider")),
                ("name", names[0] if names else None),
            ):
                if values is not None:
                    where.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608 - our own names
                    params.append(json.dumps(values))
            return index, await one(run, f"SELECT sum(n) FROM counters WHERE {' AND '.join(where)}", params)  # noqa: S608
    return None, 0


async def _rows_in_time(run: Run, kind: Kind, condition: Condition) -> int:
    """Return about how many rows there are between the condition's times: ids rise with time."""
    column, index = _TIMES[kind]
    sql = f"SELECT id FROM {kind} INDEXED BY {index} WHERE {column} >= ? ORDER BY {column} LIMIT 1"  # noqa: S608 - our own names
    newest = await one(run, f"SELECT max(id) FROM {kind}") + 1  # noqa: S608 - our own names
    edges = [
        await one(run, sql, (at,)) or newest
        for at in (_EVER if condition.since_ms is None else condition.since_ms, condition.until_ms)
        if at is not None
    ]
    return max(1, (edges[1] if len(edges) > 1 else newest) - edges[0])


async def _by_time(
    run: Run, kind: Kind, condition: Condition, highest: int, expected: int
) -> AsyncGenerator[Found]:
    """Go down the times, as many rows at a time as a step can take."""
    column, index = _TIMES[kind]
    slicing = (
        f"SELECT min(at), count(*) FROM (SELECT {column} AS at FROM {kind} INDEXED BY {index}"  # noqa: S608 - our own names
        f" WHERE {column} >= ? AND {column} <= ? ORDER BY {column} DESC LIMIT ?)"
    )
    lowest = _EVER if condition.since_ms is None else condition.since_ms
    high = await one(run, f"SELECT max({column}) FROM {kind}")  # noqa: S608 - our own names
    if condition.until_ms is not None:
        high = min(high, condition.until_ms - 1)
    steps, seen, step = Steps(), 0, by_time(kind, condition, highest)
    while high >= lowest:
        begun = time.monotonic()
        bottom, count = (await run(slicing, (lowest, high, min(steps.size, _MOST_IN_A_STEP))))[0]
        if not count:
            return
        ids = await ids_of(run, step(bottom - 1, high))
        steps.took(time.monotonic() - begun, len(ids))
        seen += count
        yield Found(ids, min(1.0, seen / expected))
        high = bottom - 1


def by_id(kind: Kind, condition: Condition) -> tuple[str, tuple[object, ...]]:
    """Return the statement that finds rows by their ids."""
    sql = f"SELECT {kind}.id FROM {kind} WHERE ({condition.sql}) ORDER BY {kind}.id DESC"  # noqa: S608 - bound
    return sql, condition.params


def by_index(kind: Kind, condition: Condition, index: str | None) -> Step:
    """Return the step down an index, or, without one, down the table."""
    asked = dict(condition.equal)
    way = f"INDEXED BY {index}" if index else "NOT INDEXED"
    filled = "".join(
        f" AND {kind}.{column} IN ({_ANY[column]})"
        for column in (_LED_BY[index] if index else ())
        if column not in asked
    )
    sql = (
        f"SELECT {kind}.id FROM {kind} {way} WHERE {kind}.id > ? AND {kind}.id <= ?{filled}"  # noqa: S608 - bound
        f" AND ({condition.sql}) ORDER BY {kind}.id DESC"
    )
    return lambda low, high: (sql, (low, high, *condition.params))


def by_contact(kind: Kind, condition: Condition, contacts: Sequence[int], named: Sequence[int] = ()) -> Step:
    """Return the step from few contacts to their rows, and to those rows that are named beside them."""
    sql = (
        f"SELECT {kind}.id FROM {kind} WHERE {kind}.id IN ("  # noqa: S608 - our own names, bound values
        f"SELECT theirs.id FROM {kind} AS theirs INDEXED BY {kind}_contact"
        " WHERE theirs.contact IN (SELECT value FROM json_each(?)) AND theirs.id > ? AND theirs.id <= ?"
        " UNION ALL SELECT value FROM json_each(?) WHERE value > ? AND value <= ?)"
        f" AND ({condition.sql}) ORDER BY {kind}.id DESC"
    )
    few, some = json.dumps(list(contacts)), json.dumps(list(named))
    return lambda low, high: (sql, (few, low, high, some, low, high, *condition.params))


def by_time(kind: Kind, condition: Condition, highest: int) -> Step:
    """Return the step down the times; its bounds are times."""
    column, index = _TIMES[kind]
    sql = (
        f"SELECT {kind}.id FROM {kind} INDEXED BY {index}"  # noqa: S608 - our own names, bound values
        f" WHERE {kind}.{column} > ? AND {kind}.{column} <= ? AND +{kind}.id <= ?"
        f" AND ({condition.sql}) ORDER BY {kind}.{column} DESC, {kind}.id DESC"
    )
    return lambda low, high: (sql, (low, high, highest, *condition.params))

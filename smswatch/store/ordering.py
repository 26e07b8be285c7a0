"""Sorting: the rows of a list in another order than newest first, in short steps as `search` has them.

Few rows are found and sorted. Many come group by group (provider, status, outcome: each group through its index,
newest first) or number by number, through the index of the contacts. What has neither an index nor few values
(latency, reports, answer, size) is looked through once, and the first `MOST_SORTED` are kept. Rows that lack the
value come last, whichever way the order goes.
"""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from itertools import groupby
from typing import Literal

import msgspec

from smswatch.filters import Condition
from smswatch.model import RANKS, Kind, Outcome, Status
from smswatch.store.search import EVERYTHING, Found, Run, Steps, ids_of, one, search, within

OrderName = Literal["time", "provider", "number", "status", "latency", "reports", "answer", "size"]

MOST_SORTED = 10_000
_FIRST_NUMBERS = 200
_FAR = 1 << 62
_BEHIND_ALL_NUMBERS = "\U0010ffff\U0010ffff"

_KEYS: dict[Kind, dict[OrderName, str]] = {
    Kind.MESSAGES: {
        "time": "messages.id",
        "provider": "messages.provider",
        "number": "messages.number",
        "status": "messages.rank",
        "latency": "messages.latency_ms",
        "reports": "messages.reports",
    },
    Kind.INBOUND: {
        "time": "inbound.id",
        "provider": "inbound.provider",
        "number": "inbound.number",
        "reports": "inbound.times_received",
    },
    Kind.REQUESTS: {
        "time": "requests.id",
        "provider": "requests.provider",
        "status": "requests.outcome",
        "answer": "requests.answer_status",
        "size": "length(requests.body)",
    },
}


class Order(msgspec.Struct, frozen=True):
    """How a list is sorted; ties are broken newest first."""

    name: OrderName = "time"
    descending: bool = True


NEWEST_FIRST = Order()


def order_names(kind: Kind) -> tuple[OrderName, ...]:
    """Return the columns that a list can be sorted by."""
    return tuple(_KEYS[kind])


def is_cut(order: Order) -> bool:
    """Tell whether a long list in this order ends after its first `MOST_SORTED` rows."""
    return order.name in {"latency", "reports", "answer", "size"}


async def in_order(run: Run, kind: Kind, condition: Condition, order: Order) -> AsyncGenerator[Found]:
    """Yield what each step finds, in order."""
    if order.name == "time":
        async with aclosing(search(run, kind, condition, upwards=not order.descending)) as steps:
            async for found in steps:
                yield found
        return
    if condition != EVERYTHING:
        few: array[int] = array("q")
        async with aclosing(search(run, kind, condition)) as steps:
            async for found in steps:
                few.extend(found.ids)
                if len(few) > MOST_SORTED:
                    break
                yield Found(array("q"), found.share)
            else:
                yield Found(await _sorted(run, kind, few, order), 1.0)
                return
    match order.name:
        case "provider" | "status":
            many = _by_group(run, kind, condition, order)
        case "number":
            many = _by_number(run, kind, condition, order)
        case _:
            many = _the_first(run, kind, condition, order)
    async with aclosing(many) as steps:
        async for found in steps:
            yield found


async def _sorted(run: Run, kind: Kind, ids: Sequence[int], order: Order) -> array[int]:
    """Sort rows that have been found."""
    key = _KEYS[kind][order.name]
    sql = (
        f"SELECT {kind}.id FROM {kind} WHERE {kind}.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own names
        f" ORDER BY {key} IS NULL, {key} {_direction(order)}, {kind}.id DESC"
    )
    return await ids_of(run, (sql, (json.dumps(list(ids)),)))


def _direction(order: Order) -> str:
    return "DESC" if order.descending else "ASC"


async def _groups(run: Run, kind: Kind, order: Order) -> list[tuple[str, tuple[str, ...]]]:
    """Return (column, values) of each group, in order."""
    if order.name == "provider":
        names = sorted(str(row[0]) for row in await run("SELECT DISTINCT provider FROM counters", ()))
        groups: list[tuple[str, tuple[str, ...]]] = [("provider", (name,)) for name in names]
    elif kind is Kind.MESSAGES:
        rungs = groupby(sorted(Status, key=RANKS.__getitem__), key=RANKS.__getitem__)
        groups = [("status", tuple(map(str, rung))) for _, rung in rungs]
    else:
        groups = [("outcome", (name,)) for name in sorted(map(str, Outcome))]
    return groups[::-1] if order.descending else groups


async def _by_group(run: Run, kind: Kind, condition: Condition, order: Order) -> AsyncGenerator[Found]:
    groups = await _groups(run, kind, order)
    for done, (column, values) in enumerate(groups):
        async with aclosing(search(run, kind, within(kind, condition, column, values))) as steps:
            async for found in steps:
                yield Found(found.ids, (done + found.share) / len(groups))


async def _by_number(run: Run, kind: Kind, condition: Condition, order: Order) -> AsyncGenerator[Found]:
    """Go along the index of the contacts' numbers; who has none comes last."""
    slicing, reading = along_numbers(kind, condition, order)
    total = max(1, await one(run, "SELECT max(id) FROM contacts"))
    steps, done, edge = Steps(_FIRST_NUMBERS), 0, _BEHIND_ALL_NUMBERS if order.descending else ""
    while True:
        begun = time.monotonic()
        count, least, most = (await run(slicing, (edge, steps.size)))[0]
        if not count:
            break
        ids = await ids_of(run, (reading, (least, most, *condition.params)))
        steps.took(time.monotonic() - begun, len(ids))
        done += count
        edge = least if order.descending else most
        yield Found(ids, min(1.0, done / total))
    missing = Condition(f"({condition.sql}) AND {kind}.contact IS NULL", condition.params, condition.equal)
    async with aclosing(search(run, kind, missing)) as rest:
        async for found in rest:
            yield found


def along_numbers(kind: Kind, condition: Condition, order: Order) -> tuple[str, str]:
    """Return what finds the next so many numbers, and what reads the rows of all between two of them."""
    sign = "<" if order.descending else ">"
    slicing = (
        "SELECT count(*), min(number), max(number) FROM (SELECT number FROM contacts"  # noqa: S608 - our own names
        f" WHERE number {sign} ? ORDER BY number {_direction(order)} LIMIT ?)"
    )
    reading = (
        f"SELECT {kind}.id FROM contacts CROSS JOIN {kind} INDEXED BY {kind}_contact"  # noqa: S608 - our own names
        f" ON {kind}.contact = contacts.id WHERE contacts.number >= ? AND contacts.number <= ?"
        f" AND ({condition.sql}) ORDER BY contacts.number {_direction(order)}, {kind}.id DESC"
    )
    return slicing, reading


async def _the_first(run: Run, kind: Kind, condition: Condition, order: Order) -> AsyncGenerator[Found]:
    """Look at everything once, newest first, and keep the first in order, and then those that lack the value."""
    key = _KEYS[kind][order.name]
    sign = -1 if order.descending else 1
    best: list[tuple[int, int]] = []
    step = keyed(kind, condition, order)
    highest = await one(run, f"SELECT max(id) FROM {kind}")  # noqa: S608 - our own names
    steps, high, edge = Steps(), highest, sign * _FAR
    while high > 0:
        low = max(0, high - steps.size)
        begun = time.monotonic()
        rows = await run(*step(low, high, edge))
        steps.took(time.monotonic() - begun, len(rows))
        if rows:
            # Equal ones that come later are older, so they stand behind: the sort is stable.
            best = sorted([*best, *((sign * value, row_id) for value, row_id in rows)], key=_value)[
                :MOST_SORTED
            ]
        if len(best) == MOST_SORTED:
            edge = sign * best[-1][0]
        yield Found(array("q"), (highest - low) / highest)
        high = low
    yield Found(array("q", [row_id for _, row_id in best]), 1.0)
    left = MOST_SORTED - len(best)
    lacking = Condition(f"({condition.sql}) AND {key} IS NULL", condition.params, condition.equal)
    async with aclosing(search(run, kind, lacking)) as rest:
        async for found in rest:
            if left <= 0:
                return
            yield Found(found.ids[:left], 1.0)
            left -= len(found.ids)


def _value(one: tuple[int, int]) -> int:
    return one[0]


def keyed(
    kind: Kind, condition: Condition, order: Order
) -> Callable[[int, int, int], tuple[str, tuple[object, ...]]]:
    """Return the step down the table that reads (value, id) of the first rows whose value is before an edge."""
    key = _KEYS[kind][order.name]
    sql = (
        f"SELECT {key}, {kind}.id FROM {kind} NOT INDEXED WHERE {kind}.id > ? AND {kind}.id <= ?"  # noqa: S608 - our own names
        f" AND {key} {'>' if order.descending else '<'} ? AND ({condition.sql})"
        f" ORDER BY {key} {_direction(order)}, {kind}.id DESC LIMIT {MOST_SORTED}"
    )
    return lambda low, high, edge: (sql, (low, high, edge, *condition.params))

"""What does each filter cost over a long history: which way is it found, and when is the first page there?

For each filter of the language: the index that SQLite says it goes by (`walk`: row by row, newest first), the time
to a first page of 100 whole rows (median of several, warm, and once after the file has been dropped from memory),
the time until every match is known, and the longest single step, which is how long the next key may have to wait.

A violation is an exact number, a beginning, an ending, a status, a provider or a time that walks or scans; a step
of more than 20 ms; a first page later than 10 ms where a match lies among the newest 10,000 rows. Only the first
kind, which does not depend on the machine, makes the exit code 1. Times are to be compared within one run, with its
first line; `stolen` says how much of the machine others had meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from build_database import build
from history import END_MS, OWN_NUMBER
from machine import Meanwhile

from smswatch.filters import Condition, FilterContext, condition, parse
from smswatch.model import Kind
from smswatch.store.ordering import NEWEST_FIRST, Order, order_names
from smswatch.store.reader import Reader

PAGE = 100
NEAR = 10_000
ROUNDS, LONG_S = 3, 2.0
"""The longest step is the least of so many rounds: others on the machine lengthen one of them, never all."""
STEP_MS, PAGE_MS, COLD_MS = 20.0, 10.0, 100.0
CONTEXT = FilterContext(now_ms=END_MS, zone=UTC, default_region="RO")
NEVER, MAY = True, False
_EDGE = re.compile(r"SELECT m(?:in|ax)\(\w+\) FROM \w+$|SELECT \(SELECT min")
"""The first or last of an index; and how many rows there are."""
_WALK = re.compile(r"\bNOT INDEXED\b")
_TABLE = re.compile(
    r"(SEARCH|SCAN) (messages|theirs|found|inbound|requests|contacts)(?: AS \S+)?\b"
    r"(?: USING (?:COVERING )?INDEX (\S+)| USING (INTEGER PRIMARY KEY) \((rowid>)?)?"
)

FILTERS: tuple[tuple[Kind, str, bool], ...] = (
    (Kind.MESSAGES, "", MAY),
    (Kind.MESSAGES, "number:+491510030025", NEVER),
    (Kind.MESSAGES, f"number:{OWN_NUMBER}", NEVER),
    (Kind.MESSAGES, "number:+40722001*", NEVER),
    # Thousands of numbers share these: what is found is dense, so the newest are found soonest by walking.
    (Kind.MESSAGES, "number:+49151000*", MAY),
    (Kind.MESSAGES, "number:+49151*", MAY),
    (Kind.MESSAGES, "number:*4455", NEVER),
    (Kind.MESSAGES, "number:*55", MAY),
    (Kind.MESSAGES, "number:*5", MAY),
    (Kind.MESSAGES, "number:*2233*", MAY),
    (Kind.MESSAGES, "0722 334 455", MAY),
    (Kind.MESSAGES, "0722334455", MAY),
    (Kind.MESSAGES, "id:123457", NEVER),
    (Kind.MESSAGES, "status:failed", NEVER),
    (Kind.MESSAGES, "status:bad", NEVER),
    (Kind.MESSAGES, "status:delivered", NEVER),
    (Kind.MESSAGES, "status:buffered", NEVER),
    (Kind.MESSAGES, "provider:webcom", NEVER),
    (Kind.MESSAGES, "provider:nobody", NEVER),
    (Kind.MESSAGES, "provider:smso status:expired", NEVER),
    (Kind.MESSAGES, "is:open", NEVER),
    (Kind.MESSAGES, "is:final", NEVER),
    (Kind.MESSAGES, "is:stuck", NEVER),
    (Kind.MESSAGES, "after:10m", NEVER),
    (Kind.MESSAGES, "after:20d", NEVER),
    (Kind.MESSAGES, "before:10d", NEVER),
    (Kind.MESSAGES, "after:20d before:19d", NEVER),
    (Kind.MESSAGES, "status:failed after:1d", NEVER),
    (Kind.MESSAGES, "status:bad number:+49151*", NEVER),
    (Kind.MESSAGES, "status:failed number:*55", NEVER),
    (Kind.MESSAGES, "text:code", MAY),
    (Kind.MESSAGES, 'text:"nowhere to be found"', MAY),
    (Kind.MESSAGES, "courier", MAY),
    (Kind.MESSAGES, "status:failed text:parcel", NEVER),
    (Kind.MESSAGES, "-provider:smso", MAY),
    (Kind.MESSAGES, "-status:delivered", MAY),
    (Kind.MESSAGES, "status:expired OR number:*4455", MAY),
    (Kind.MESSAGES, "number:*44* OR text:invoice", MAY),
    (Kind.MESSAGES, "is:conflict", MAY),
    (Kind.MESSAGES, "is:out_of_order", MAY),
    (Kind.MESSAGES, "is:duplicate", MAY),
    (Kind.MESSAGES, "is:after_final", MAY),
    (Kind.MESSAGES, "has:reply", MAY),
    (Kind.MESSAGES, "-has:number", MAY),
    (Kind.MESSAGES, "error:9", MAY),
    (Kind.MESSAGES, "channel:viber", MAY),
    (Kind.MESSAGES, "latency:>2m", MAY),
    (Kind.INBOUND, "", MAY),
    (Kind.INBOUND, "number:*4455", NEVER),
    (Kind.INBOUND, "provider:smso", NEVER),
    (Kind.INBOUND, "after:2h", NEVER),
    (Kind.INBOUND, "text:STOP", MAY),
    (Kind.REQUESTS, "", MAY),
    (Kind.REQUESTS, "outcome:duplicate", NEVER),
    (Kind.REQUESTS, "provider:webcom", NEVER),
    (Kind.REQUESTS, "after:2h", NEVER),
    (Kind.REQUESTS, "before:20d", NEVER),
    (Kind.REQUESTS, "id:1234", NEVER),
    (Kind.REQUESTS, "-outcome:stored", MAY),
    (Kind.REQUESTS, "undelivered", MAY),
)


@dataclass
class Trace:
    """The statements of one search."""

    statements: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    longest_s: float = 0.0


class TracedReader(Reader):
    """A reader that tells what it ran and how long the longest statement took."""

    trace = Trace()

    async def _all(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        params = tuple(values)
        self.trace.statements.append((sql, params))
        begun = time.perf_counter()
        try:
            return await super()._all(sql, params)
        finally:
            self.trace.longest_s = max(self.trace.longest_s, time.perf_counter() - begun)

    async def way(self) -> tuple[str, bool]:
        """Say by which indexes the traced search went, and whether it walked or scanned."""
        names: dict[str, None] = {}
        walked = False
        for sql in {statement: None for statement, _ in self.trace.statements}:
            params = next(values for statement, values in self.trace.statements if statement == sql)
            for row in await super()._all(f"EXPLAIN QUERY PLAN {sql}", params):
                found = _TABLE.match(row[3])
                if found is None or _EDGE.match(sql):
                    continue
                means, table, index, by_id, is_range = found.groups()
                if means == "SCAN" or (by_id and is_range and _WALK.search(sql)):
                    walked = True
                    index = f"{'walk' if by_id else 'scan'} of {table}"
                if index:
                    names[index.replace("sqlite_autoindex_", "auto ")] = None
        return ", ".join(names) or "ids", walked


async def first_page(reader: Reader, kind: Kind, wanted: Condition | None, order: Order) -> float:
    """Return the seconds until the first page of whole rows is there, or nothing was found."""
    begun = time.perf_counter()
    ids: list[int] = []
    async with aclosing(reader.found(kind, wanted, order)) as steps:
        async for found in steps:
            ids.extend(found.ids)
            if len(ids) >= PAGE:
                break
    await reader._rows(kind, ids[:PAGE])  # noqa: SLF001 - the page that is drawn
    return time.perf_counter() - begun


async def everything(
    reader: Reader, kind: Kind, wanted: Condition | None, order: Order
) -> tuple[float, int, int]:
    """Return the seconds until the search has ended, the matches, and how many are among the newest rows."""
    begun, matches, newest, near = time.perf_counter(), 0, 0, 0
    async with aclosing(reader.found(kind, wanted, order)) as steps:
        async for found in steps:
            matches += len(found.ids)
            if order == NEWEST_FIRST and near < PAGE:
                newest = newest or (await reader._all(f"SELECT max(id) FROM {kind}"))[0][0]  # noqa: S608, SLF001
                near += sum(row_id > newest - NEAR for row_id in found.ids[:NEAR])
    return time.perf_counter() - begun, matches, near


async def _best_round(
    reader: TracedReader, kind: Kind, wanted: Condition | None, order: Order
) -> tuple[float, int, int, float]:
    """Search several times, where that does not take long; return the round whose longest step was shortest."""
    found: list[tuple[float, int, int, float]] = []
    while len(found) < ROUNDS and (not found or found[-1][0] <= LONG_S):
        reader.trace = Trace()
        whole, matches, near = await everything(reader, kind, wanted, order)
        found.append((whole, matches, near, reader.trace.longest_s * 1000))
    return min(found, key=lambda round_: round_[3])


def forget(database: Path) -> None:
    """Drop the file from the system's memory, so that the next read comes from the disk."""
    for path in (database, database.with_name(f"{database.name}-wal")):
        if path.exists() and hasattr(os, "posix_fadvise"):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


async def measure(
    database: Path, kind: Kind, text: str, order: Order, repeats: int, *, never: bool
) -> tuple[str, bool]:
    """Measure one filter; return its line, and whether it went a way that it must not go."""
    wanted = condition(parse(text), kind, CONTEXT) if text else None
    forget(database)
    async with await Reader.open(database) as cold_reader:
        cold = await first_page(cold_reader, kind, wanted, order) * 1000
    async with await TracedReader.open(database) as reader:
        warm = statistics.median(
            [await first_page(reader, kind, wanted, order) for _ in range(repeats + 1)][1:]
        )
        whole, matches, near, step = await _best_round(reader, kind, wanted, order)
        way, walked = await reader.way()
    said = []
    if never and walked:
        said.append("WALKS")
    if walked and step > STEP_MS:
        said.append("LONG STEP")
    if near >= PAGE and warm * 1000 > PAGE_MS:
        said.append("LATE")
    if near >= PAGE and cold > COLD_MS:
        said.append("LATE COLD")
    name = f"{kind}: {text or 'no filter'}"
    if order != NEWEST_FIRST:
        name += f" by {order.name} {'down' if order.descending else 'up'}"
    return (
        f"{name:<48} {matches:>9,} {warm * 1000:>8.1f} {cold:>8.1f} {whole * 1000:>8.0f} {step:>7.1f}  "
        f"{' '.join(said) or 'ok':<10} {way}"
    ), never and walked


async def run(database: Path, repeats: int, only: str) -> int:
    """Measure all and print; return how many went a way that they must not go."""
    bad = 0
    meanwhile = Meanwhile()
    print(
        f"{'filter':<48} {'matches':>9} {'page ms':>8} {'cold ms':>8} {'all ms':>8} {'step ms':>7}  {'verdict':<10} way"
    )
    jobs = [(kind, text, NEWEST_FIRST, never) for kind, text, never in FILTERS]
    for kind in Kind:
        for name in order_names(kind):
            jobs += [
                (kind, "", Order(name, down), MAY) for down in (True, False) if (name, down) != ("time", True)
            ]
    jobs += [
        (Kind.MESSAGES, "status:failed", Order("latency"), MAY),
        (Kind.MESSAGES, "provider:smso", Order("number"), MAY),
    ]
    for kind, text, order, never in jobs:
        if only and only not in f"{kind}: {text} {order.name}":
            continue
        line, is_bad = await measure(database, kind, text, order, repeats, never=never)
        bad += is_bad
        print(line, flush=True)
    print(f"stolen by others meanwhile: {meanwhile.stolen:.0%} of the machine")
    return bad


def main() -> int:
    """Measure as told on the command line; 1 if anything walks that must not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "database", type=Path, nargs="?", help="made by build_database.py; without it a small one is"
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", default="", help="only filters whose name contains this")
    parser.add_argument(
        "--small", action="store_true", help="3,000 messages, for CI: proves the ways, not the times"
    )
    arguments = parser.parse_args()
    if arguments.database is not None and not arguments.small:
        return 1 if asyncio.run(run(arguments.database, arguments.repeats, arguments.only)) else 0
    with tempfile.TemporaryDirectory(prefix="smswatch-queries-") as folder:
        database = Path(folder) / "small.db"
        build(database, 3_000 if arguments.small else 20_000)
        return (
            1
            if asyncio.run(run(database, 1 if arguments.small else arguments.repeats, arguments.only))
            else 0
        )


if __name__ == "__main__":
    sys.exit(main())

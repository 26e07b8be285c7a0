"""What does it cost to count a long history for Insight, and to know what is stuck?

For each time that can be chosen, the time until all of it is counted, as a multiple of the barest pass over the same
rows that SQLite can make (the sum of one column) in the same round; the medians of several rounds. Beside it the
longest step, which is how long leaving the screen may have to wait, and the time that making the screen's figures
takes. The last line is what the header asks every two seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import aclosing, closing
from pathlib import Path

from build_database import build
from history import END_MS
from machine import Meanwhile

from smswatch.filters import FilterContext
from smswatch.store.database import connect_reader
from smswatch.store.insight import Counting
from smswatch.store.reader import Reader
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import RANGES, Around, TimeRange

CONTEXT = FilterContext(now_ms=END_MS)


def bare_pass(database: Path, since_ms: int) -> float:
    """Return the seconds that a sum over these rows takes."""
    begun = time.perf_counter()
    with closing(connect_reader(database)) as connection:
        sql = "SELECT sum(latency_ms) FROM messages NOT INDEXED WHERE id >= (SELECT min(id) FROM messages INDEXED BY"
        connection.execute(f"{sql} messages_first_seen WHERE first_seen_ms >= ?)", (since_ms,)).fetchall()
    return time.perf_counter() - begun


async def counted(reader: Reader, chosen: TimeRange) -> tuple[float, float, Counting]:
    """Return the seconds that counting took, those of its longest step, and what was counted."""
    begun = last = time.perf_counter()
    longest, found = 0.0, Counting(None, 1)
    async with aclosing(reader.insight(chosen.since_ms(END_MS), END_MS)) as countings:
        async for counting in countings:
            now = time.perf_counter()
            longest, last, found = max(longest, now - last), now, counting
    return last - begun, longest, found


async def run(database: Path, rounds: int) -> None:
    """Measure and print."""
    meanwhile = Meanwhile()
    print(
        f"{'time':<8} {'messages':>10} {'all s':>8} {'of a bare pass':>15} {'step ms':>8} {'figures ms':>11}"
    )
    async with await Reader.open(database) as reader:
        for chosen in RANGES:
            times, ratios, steps, figures, messages = [], [], [], [], 0
            for _ in range(rounds):
                bare = bare_pass(database, chosen.since_ms(END_MS) or 0)
                whole, longest, counting = await counted(reader, chosen)
                begun = time.perf_counter()
                made = sheet(counting.insight(), Around(chosen, END_MS, (), is_masked=False))
                figures.append(time.perf_counter() - begun)
                messages = made.total.messages
                times.append(whole)
                ratios.append(whole / bare)
                steps.append(longest)
            print(
                f"{chosen.name:<8} {messages:>10,} {statistics.median(times):>8.2f}"
                f" {statistics.median(ratios):>15.1f} {statistics.median(steps) * 1000:>8.1f}"
                f" {statistics.median(figures) * 1000:>11.1f}",
                flush=True,
            )
        looks, stuck = [], 0
        for _ in range(10 * rounds):
            begun = time.perf_counter()
            waiting = await reader.still_open(CONTEXT.stuck_before_ms)
            looks.append(time.perf_counter() - begun)
            stuck = sum(one.stuck for one in waiting)
    print(f"what is stuck ({stuck:,}): {statistics.median(looks) * 1000:.1f} ms")
    print(f"stolen by others meanwhile: {meanwhile.stolen:.0%} of the machine")


def main() -> int:
    """Measure as told on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "database", type=Path, nargs="?", help="made by build_database.py; without it a small one is"
    )
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.database is not None:
        asyncio.run(run(arguments.database, arguments.rounds))
        return 0
    with tempfile.TemporaryDirectory(prefix="smswatch-insight-") as folder:
        database = Path(folder) / "small.db"
        build(database, 20_000)
        asyncio.run(run(database, arguments.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())

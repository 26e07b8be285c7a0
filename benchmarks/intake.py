"""How much of a bare aiohttp server is left when every answer is a promise that survives a power cut?

Servers take turns in rounds: a bare aiohttp handler that reads the body and answers 200, `smswatch serve`,
and `smswatch watch` drawing its dashboard in a pseudo-terminal. Each round measures each of them at each
number of connections, in random order, with ids never used before; shares are computed inside the round and
their median is shown. At the end every acknowledged report is looked up in the database.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path

import servers
from load_client import Message, Result

BARE, HEADLESS, DASHBOARD = "bare", "serve", "watch"
IDS_APART = 1_000_000
FIRST_ID = 3_000_000_000


def measure(
    ports: dict[str, int], connections: list[int], rounds: int, seconds: float, seed: int
) -> dict[tuple[str, int], list[Result]]:
    """Return the results of each server and number of connections, one for each round."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    results: dict[tuple[str, int], list[Result]] = defaultdict(list)
    first_id = FIRST_ID
    for number in range(rounds + 1):
        turns = [(name, count) for name in ports for count in connections]
        rng.shuffle(turns)
        for name, count in turns:
            warming_up = number == 0
            result = servers.load(ports[name], count, min(seconds, 1) if warming_up else seconds, first_id)
            first_id += IDS_APART
            if result.refused or result.lost_connections:
                print(
                    f"{name} at {count}: refused {result.refused}, {result.lost_connections} connections lost"
                )
            results[name, count].append(result)
        sys.stderr.write("warmed up\n" if number == 0 else f"round {number} of {rounds}\n")
    return results


def report(results: dict[tuple[str, int], list[Result]], names: list[str], connections: list[int]) -> None:
    """Print medians over the rounds; the warm-up is left out."""
    print(f"{'connections':>11}  {'server':<8} {'req/s':>8} {'of bare':>8} {'p50 ms':>8} {'p99 ms':>8}")
    for count in connections:
        for name in names:
            measured = results[name, count][1:]
            yardstick = results[BARE, count][1:]
            share = statistics.median(
                own.rate / other.rate for own, other in zip(measured, yardstick, strict=True)
            )
            print(
                f"{count:>11}  {name:<8} {statistics.median(each.rate for each in measured):>8,.0f}"
                f" {share:>8.2f} {statistics.median(each.percentile_ms(0.5) for each in measured):>8.1f}"
                f" {statistics.median(each.percentile_ms(0.99) for each in measured):>8.1f}"
            )


def acknowledged(results: dict[tuple[str, int], list[Result]], name: str) -> Counter[Message]:
    """Count, for each message, the reports that this server acknowledged, warm-up included."""
    promised: Counter[Message] = Counter()
    for (server, _), runs in results.items():
        if server == name:
            for run in runs:
                promised.update(run.acknowledged)
    return promised


def main() -> int:
    """Measure, print, and check; 1 if an acknowledged report is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one sample")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--no-dashboard", action="store_true", help="leave `watch` out")
    parser.add_argument("--seed", type=int, default=0, help="of the order inside a round")
    parser.add_argument("--small", action="store_true", help="one short round, for CI: proves that it runs")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.rounds, arguments.seconds, arguments.connections = 1, 0.5, [1, 16]

    with tempfile.TemporaryDirectory(prefix="smswatch-benchmark-") as folder, ExitStack() as running:
        home = Path(folder)
        databases = {HEADLESS: home / "serve.db", DASHBOARD: home / "watch.db"}
        port, _ = running.enter_context(servers.serve(home, databases[HEADLESS]))
        ports = {BARE: running.enter_context(servers.bare()), HEADLESS: port}
        if not arguments.no_dashboard:
            ports[DASHBOARD] = running.enter_context(servers.watch(home, databases[DASHBOARD]))
        results = measure(ports, arguments.connections, arguments.rounds, arguments.seconds, arguments.seed)
        report(results, list(ports), arguments.connections)
        lost = 0
        for name in list(ports)[1:]:
            promised = acknowledged(results, name)
            gone = servers.missing(databases[name], promised)
            print(
                f"{name}: {promised.total():,} reports of {len(promised):,} messages acknowledged", end="; "
            )
            print("every one is in the database" if not gone else f"MISSING: {gone[:10]}")
            lost += len(gone)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())

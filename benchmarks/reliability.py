"""Does an acknowledgement survive the worst?

`kill9`: kill -9 at a random moment while many connections post, restart on the same database, look up every
report that was answered 200; several times over.
"""

from __future__ import annotations

import argparse
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

import servers
from load_client import Message

IDS_APART = 1_000_000
LONGEST_S = 30.0


def kill9(cycles: int, connections: int, seed: int) -> int:
    """Return how many acknowledged reports are missing after so many kills."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    promised: Counter[Message] = Counter()
    print(f"seed {seed}: {cycles} kills under {connections} connections")
    with tempfile.TemporaryDirectory(prefix="smswatch-kill9-") as folder:
        home = Path(folder)
        database = home / "kill9.db"
        for cycle in range(cycles):
            after_s = rng.uniform(0.3, 2.0)
            with servers.serve(home, database) as (port, process):
                killer = threading.Timer(after_s, _kill, (process,))
                killer.start()
                result = servers.load(port, connections, LONGEST_S, 3_000_000_000 + cycle * IDS_APART)
                killer.join()
            promised.update(result.acknowledged)
            if result.refused or not result.lost_connections:
                print(
                    f"kill {cycle + 1}: refused {result.refused}, {result.lost_connections} connections cut"
                )
                return 1
            with servers.serve(home, database):
                gone = servers.missing(database, promised)
            print(
                f"kill {cycle + 1} after {after_s:.2f} s: {len(result.latencies_us):,} reports acknowledged, "
                f"{promised.total():,} so far, {len(gone)} missing {gone[:5] or ''}"
            )
            if gone:
                return len(gone)
    return 0


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)


def main() -> int:
    """Run the trial named on the command line; 1 if anything acknowledged is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trial", choices=["kill9"])
    parser.add_argument("--cycles", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seed", type=int, default=None, help="repeat an earlier run")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    return 1 if kill9(arguments.cycles, arguments.connections, seed) else 0


if __name__ == "__main__":
    sys.exit(main())

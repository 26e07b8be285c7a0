"""Does it keep its promises under the worst? Each trial causes one fault, many times, and counts broken promises.

python benchmarks/reliability.py powerloss            # the long form
python benchmarks/reliability.py powerloss --runs 2   # as often as you like
python benchmarks/reliability.py all --keep           # all of them; the figures go to results.jsonl

Everything happens on the loopback address and in folders that are deleted afterwards.
"""

from __future__ import annotations

import argparse
import importlib
import secrets
import sys

from faults import Found, UnavailableError
from results import RESULTS, Trial

TRIALS = ("kill9", "powerloss", "disk", "signals", "slow", "unread", "resize", "bodies")


def run(name: str, runs: int | None, seed: int, *, small: bool, keep: bool) -> int:
    """Run one trial; 1 if a promise was broken."""
    room = importlib.import_module(f"faults.{name}")
    times = runs or (room.SHORT if small else room.LONG)
    print(f"{name}, seed {seed}, {times} times: {room.PROMISE}", flush=True)
    trial = Trial(name, f"python benchmarks/reliability.py {name} --runs {times} --seed {seed}")
    try:
        found: Found = room.run(times, seed)
    except UnavailableError as error:
        print(f"{name}: {error}")
        return 3
    print(f"{name}: {found.summary}; {len(found.faults)} faults, {trial.took_s:.0f} s", flush=True)
    if keep:
        trial.keep(found.summary, found.faults)
    return 1 if found.faults else 0


def main() -> int:
    """Run the trials named on the command line: 0 all promises kept, 1 some broken, 3 not possible here."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trial", choices=[*TRIALS, "all"])
    parser.add_argument("--runs", type=int, default=None, help="how often")
    parser.add_argument("--small", action="store_true", help="as often as the test suite does")
    parser.add_argument("--seed", type=int, default=None, help="repeat an earlier run")
    parser.add_argument("--keep", action="store_true", help=f"add the figures to {RESULTS.name}")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    trials = TRIALS if arguments.trial == "all" else (arguments.trial,)
    return max(run(name, arguments.runs, seed, small=arguments.small, keep=arguments.keep) for name in trials)


if __name__ == "__main__":
    sys.exit(main())

"""Slow heads, slow bodies, endless chunks, held sockets, too few descriptors: normal callbacks go on meanwhile.

Quiet and besieged take turns, because the machine is shared: what counts is the ratio within one round.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import servers
from load_client import Message

from faults import Found
from faults.patience import Waits, waits
from faults.station import post

PROMISE = "who gives little keeps nobody else waiting"
LONG, SHORT = 5, 1
SENDERS = {"heads": 500, "bodies": 500, "chunks": 200, "held": 500}
NAMES = {
    "heads": "500 slow heads", "bodies": "500 slow bodies", "chunks": "200 endless chunks", "held": "500 held sockets",
}  # fmt: skip
FEW_FILES, TOO_MANY = 256, 1000
MOST_LOG_LINES = 100
RECOVERS_S = 2.0
RATIO = 2.0
_SCRIPT = Path(__file__).with_name("slow_senders.py")


@contextmanager
def senders(kind: str, port: int, count: int) -> Iterator[None]:
    """Let so many slow senders loose, until the end of the block."""
    with subprocess.Popen(
        [sys.executable, str(_SCRIPT), kind, str(port), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()


def _recovery_s(port: int, number: int) -> float:
    """Return how long it takes until a callback is answered 200."""
    began = time.perf_counter()
    while time.perf_counter() - began < 30:
        try:
            if post(port, number).status == 200:
                break
        except OSError:
            pass
        time.sleep(0.02)
    return time.perf_counter() - began


def _promise(promised: Counter[Message], seen: Waits) -> None:
    promised.update(("webcom", str(number)) for number in seen.answered)


def _besiege(home: Path, runs: int, found: Found) -> tuple[dict[str, tuple[Waits, Waits]], float]:
    """Return for each kind what was waited quiet and besieged, all rounds together; and the longest recovery."""
    seconds = 4.0 if runs > SHORT else 1.0
    all_waits = {kind: (Waits(), Waits()) for kind in SENDERS}
    promised: Counter[Message] = Counter()
    slowest_s, number = 0.0, 1
    database = home / "slow.db"
    with servers.serve(home, database) as (port, _):
        for cycle in range(runs):
            for kind, count in SENDERS.items():
                quiet = waits(port, seconds, number)
                with senders(kind, port, count):
                    besieged = waits(port, seconds, number + 10_000)
                recovery_s = _recovery_s(port, number + 20_000)
                number += 30_000
                for seen in (quiet, besieged):
                    _promise(promised, seen)
                    found.expect(not seen.refused, f"{NAMES[kind]}: answered {Counter(seen.refused)}")
                for sum_of_all, seen in zip(all_waits[kind], (quiet, besieged), strict=True):
                    sum_of_all.waits_ms += seen.waits_ms
                slowest_s = max(slowest_s, recovery_s)
                print(
                    f"{cycle + 1}: {NAMES[kind]}: p99 {quiet.p99_ms:.1f} ms quiet, {besieged.p99_ms:.1f} ms"
                    f" besieged, back after {recovery_s:.2f} s",
                    flush=True,
                )
    gone = servers.missing(database, promised)
    found.expect(not gone, f"{len(gone)} acknowledged are missing")
    return all_waits, slowest_s


def _exhaust(home: Path, found: Found) -> tuple[float, int, float]:
    """Open more connections than there may be files; return the recovery, the lines of log, the share answered."""
    shell = ["/bin/sh", "-c", f'ulimit -n {FEW_FILES}; exec "$@"', "sh", *servers.SERVE]
    with servers.serve(home, home / "few.db", command=shell) as (port, process):
        with senders("held", port, TOO_MANY):
            besieged = waits(port, 3.0, 1)
        recovery_s = _recovery_s(port, 50_000)
        found.expect(process.poll() is None, "out of descriptors: it ended")
    # Of a burst of new connections larger than there is room for, the one in the middle may have to go.
    few = len(besieged.waits_ms) // 50
    found.expect(len(besieged.refused) <= few, f"out of descriptors: answered {Counter(besieged.refused)}")
    promised = Counter(("webcom", str(number)) for number in besieged.answered)
    found.expect(
        not servers.missing(home / "few.db", promised), "out of descriptors: acknowledged are missing"
    )
    lines = sum(len(log.read_text(errors="replace").splitlines()) for log in home.rglob("*.log"))
    found.expect(lines < MOST_LOG_LINES, f"out of descriptors: {lines} lines of log")
    return recovery_s, lines, len(besieged.answered) / len(besieged.waits_ms)


def run(runs: int, seed: int) -> Found:
    """Besiege it so many times with each kind; nothing here is random."""
    del seed
    found = Found()
    with tempfile.TemporaryDirectory(prefix="smswatch-slow-") as folder:
        all_waits, slowest_s = _besiege(Path(folder), runs, found)
        recovery_s, lines, answered = _exhaust(Path(folder) / "few", found)
    ratios = {kind: besieged.p99_ms / quiet.p99_ms for kind, (quiet, besieged) in all_waits.items()}
    if runs > SHORT:  # where others work on the machine, one round says nothing
        for kind, ratio in ratios.items():
            found.expect(ratio < RATIO, f"{NAMES[kind]}: p99 is {ratio:.1f} times the quiet one")
        found.expect(
            max(slowest_s, recovery_s) < RECOVERS_S, f"back after {max(slowest_s, recovery_s):.1f} s"
        )
    told = ", ".join(f"{NAMES[kind]} {ratio:.2f}" for kind, ratio in ratios.items())
    found.summary = (
        f"p99 of normal callbacks as a multiple of the quiet one beside it, {runs} rounds: {told}; {TOO_MANY} connections"
        f" with {FEW_FILES} descriptors: {answered:.1%} answered, {lines} lines of log; back after"
        f" {max(slowest_s, recovery_s):.2f} s at most"
    )
    return found

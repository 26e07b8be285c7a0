"""`kill -9` at a random moment under load, restart, and the provider's retry of what was not answered."""

from __future__ import annotations

import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import servers
from load_client import Message

from faults import Found

PROMISE = "acknowledged means kept, once, whatever kills it"
LONG, SHORT = 100, 1
CONNECTIONS = 16
IDS_APART = 1_000_000
LONGEST_S = 30.0
START_S = 2.0


def run(runs: int, seed: int) -> Found:
    """Kill so many times; everything answered 200 must be there, and nothing twice in a timeline."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    found = Found()
    promised: Counter[Message] = Counter()
    starts_s: list[float] = []
    retried = broken = 0
    with tempfile.TemporaryDirectory(prefix="smswatch-kill9-") as folder:
        home = Path(folder)
        database = home / "kill9.db"
        for cycle in range(runs):
            with servers.serve(home, database) as (port, process):
                killer = threading.Thread(
                    target=kill_under_load, args=(process, database, rng.uniform(0, 1.5))
                )
                killer.start()
                result = servers.load(port, CONNECTIONS, LONGEST_S, 3_000_000_000 + cycle * IDS_APART)
                killer.join()
            promised.update(result.acknowledged)
            found.expect(not result.refused, f"kill {cycle + 1}: refused {result.refused}")
            found.expect(bool(result.lost_connections), f"kill {cycle + 1}: it came too late")
            began = time.perf_counter()
            with servers.serve(home, database) as (port, _):
                starts_s.append(time.perf_counter() - began)
                gone = servers.missing(database, promised)
                for message, request in result.unanswered:
                    status = servers.exchange(port, request)
                    found.expect(status == 200, f"a retry was answered {status}")
                    promised[message] += 1
                retried += len(result.unanswered)
            twice = servers.not_once(database, promised)
            whole = servers.integrity(database)
            found.expect(not gone, f"kill {cycle + 1}: {len(gone)} missing, {gone[:5]}")
            found.expect(not twice, f"kill {cycle + 1}: {len(twice)} not exactly once, {twice[:5]}")
            found.expect(whole == "ok", f"kill {cycle + 1}: integrity check says {whole}")
            print(
                f"kill {cycle + 1}: {promised.total():,} reports, {retried} retried, start {starts_s[-1]:.2f} s"
            )
            broken += len(gone) + len(twice)
            if found.faults:
                break
    middle_s = statistics.median(starts_s)
    if runs > SHORT:  # where others work on the machine, one start says nothing
        found.expect(middle_s < START_S, f"a start takes {middle_s:.2f} s")
    found.summary = (
        f"{len(starts_s)} kills under {CONNECTIONS} connections, {promised.total():,} reports acknowledged,"
        f" {retried} of them at the retry; {broken} lost or twice in a timeline; start after it"
        f" {middle_s:.2f} s in the middle, {max(starts_s):.2f} s at most"
    )
    return found


def kill_under_load(process: subprocess.Popen[str], database: Path, after_s: float) -> None:
    """End a process without a warning, so long after it has begun to keep what the load sends."""
    before = servers.kept_requests(database)
    while process.poll() is None and servers.kept_requests(database) == before:
        time.sleep(0.02)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)

"""A terminal that nobody reads, as behind Ctrl-S or a frozen ssh: callbacks are answered as ever."""

from __future__ import annotations

import tempfile
from pathlib import Path

import servers

from faults import Found
from faults.patience import waits
from faults.station import SCREEN_S, station

PROMISE = "a terminal that is not read keeps no callback waiting (seconds, not times)"
LONG, SHORT = 60, 3
QUIET_S = 10.0
RATIO = 2.0


def run(runs: int, seed: int) -> Found:
    """Leave the terminal unread for so many seconds at fifty callbacks a second, then read it again."""
    del seed
    found = Found()
    with tempfile.TemporaryDirectory(prefix="smswatch-unread-") as folder:
        with station(Path(folder)) as running:
            read = waits(running.port, min(QUIET_S, runs), 10_000)
            running.screen.comes_to(lambda seen: str(read.answered[-1]) in seen, SCREEN_S)
            running.terminal.pause()
            unread = waits(running.port, runs, 20_000)
            running.terminal.read_on()
            last = str(unread.answered[-1])
            caught_up = running.screen.comes_to(lambda seen: last in seen, SCREEN_S)
            found.expect(caught_up, f"the screen does not come to {last}; it shows\n{running.screen.text}")
            after = waits(running.port, min(QUIET_S, runs), 30_000)
            read.answered += after.answered
            read.refused += after.refused
            read.waits_ms += after.waits_ms
            for seen in (read, unread):
                found.expect(not seen.refused, f"answered {seen.refused[:5]}")
                running.promised.update(("webcom", str(number)) for number in seen.answered)
        gone = servers.missing(running.database, running.promised)
    found.expect(not gone, f"{len(gone)} acknowledged are missing")
    if runs > SHORT:
        found.expect(
            unread.p99_ms < RATIO * read.p99_ms, f"p99 {unread.p99_ms / read.p99_ms:.1f} times as long"
        )
    found.summary = (
        f"{runs} s unread at 50 callbacks a second: {len(unread.answered):,} of {len(unread.answered) + len(unread.refused):,}"
        f" answered, p99 {unread.p99_ms:.1f} ms (read, before and after: {read.p99_ms:.1f} ms), median {unread.median_ms:.1f} ms"
        f" ({read.median_ms:.1f} ms); the screen {'catches up' if caught_up else 'stays behind'}"
    )
    return found

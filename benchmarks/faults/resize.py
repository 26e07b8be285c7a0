"""A terminal whose size storms: windows that are dragged, panes that are zoomed, sizes that are none at all.

A hundred sizes a second, from 1 by 1 to 500 by 200 and 0 by 0, while reports come. Each time everything is answered, and
afterwards the screen is the one that a dashboard shows which has just begun.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import servers
from terminal import COLUMNS, LINES

from faults import Found
from faults.station import SCREEN_S, Station, station

PROMISE = "after every storm of resizes the screen is that of a dashboard which has just begun"
LONG, SHORT = 20, 1
STORM = 200
PAUSE_S = 0.01
ODD = ((1, 1), (500, 200), (0, 0), (1, 200), (500, 1), (3, 2))


def _storm(running: Station, rng: random.Random, over: threading.Event) -> None:
    for _ in range(STORM):
        odd = rng.random() < 0.3
        size = rng.choice(ODD) if odd else (rng.randint(1, 250), rng.randint(1, 100))
        running.terminal.resize(*size)
        time.sleep(PAUSE_S)
    over.set()


def _at_rest(seen: str) -> str:
    """Return a screen without its port, and without the rate beside it."""
    header, *rest = seen.splitlines()
    return "\n".join([header.partition(":")[0], *rest])


def _shows(message_id: str, seen: str) -> bool:
    return message_id in seen and "Quit" in seen


def _is_as(other: Station, seen: str) -> bool:
    return _at_rest(seen) == _at_rest(other.screen.text)


def _fresh(home: Path, database: Path) -> contextlib.AbstractContextManager[Station]:
    """Begin a dashboard on a copy of a database."""
    home.mkdir()
    copy = home / "fresh.db"
    with (
        contextlib.closing(sqlite3.connect(database)) as source,
        contextlib.closing(sqlite3.connect(copy)) as into,
    ):
        source.backup(into)
    return station(home, database=copy)


def run(runs: int, seed: int) -> Found:
    """Let it storm so many times."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    found, reports, settled_s = Found(), 0, list[float]()
    with tempfile.TemporaryDirectory(prefix="smswatch-resize-") as folder:
        home = Path(folder)
        with station(home / "stormy") as running:
            for cycle in range(runs):
                over = threading.Event()
                blows = threading.Thread(target=_storm, args=(running, rng, over))
                blows.start()
                while not over.is_set():
                    found.expect(running.report().status == 200, f"storm {cycle + 1}: a report was refused")
                    reports += 1
                blows.join()
                running.screen.lose_everything()
                began = time.monotonic()
                running.terminal.resize(COLUMNS, LINES)
                back = running.screen.comes_to(partial(_shows, str(running.last_id)), SCREEN_S)
                settled_s.append(time.monotonic() - began)
                with _fresh(home / f"fresh{cycle}", running.database) as fresh:
                    # Both have taken one more: a station's first report, which is of the first message again.
                    running.report(1)
                    same = back and running.screen.comes_to(partial(_is_as, fresh), SCREEN_S)
                found.expect(same, f"storm {cycle + 1}: the screen shows\n{running.screen.text}")
                print(f"{cycle + 1}: drawn {settled_s[-1]:.2f} s after the last resize", flush=True)
            promised = running.promised
        gone = servers.missing(running.database, promised)
    found.expect(not gone, f"{len(gone)} acknowledged are missing")
    found.summary = (
        f"{runs} storms of {STORM} resizes, a hundred a second, 1 by 1, 500 by 200 and 0 by 0 among them: each time the"
        f" screen is that of a fresh dashboard, drawn {sorted(settled_s)[len(settled_s) // 2]:.2f} s after the last one"
        f" in the middle, {max(settled_s):.2f} s at most; {reports:,} reports meanwhile, all answered, {len(gone)} missing"
    )
    return found

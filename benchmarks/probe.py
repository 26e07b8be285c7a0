"""Runs inside the terminal: one application over one database, measured from inside, result as JSON in a file.

`empty` is a Textual application that shows nothing, the yardstick of every start. `ours` is the dashboard, `stock`
Textual's own DataTable and `fast` textual-fastdatatable, the latter two filled with the same columns of the same rows.
A frame is what the screen's update takes: layout, drawing, composing, writing. An action's time is from the key's
arrival in the application to the end of its frame. A stall is the longest a task that wakes every millisecond waited.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import DataTable

COLUMNS = ("seen", "status", "provider", "number", "message id", "reports", "text")
QUERY = (
    "SELECT first_seen_ms, status, provider, coalesce(number, ''), message_id, reports, coalesce(text, '')"
    " FROM messages ORDER BY id DESC LIMIT ?"
)
ACTIONS = {
    "cursor": ("down",) * 12 + ("up",) * 12,
    "page": ("pagedown",) * 12 + ("pageup",) * 12,
    "end": ("end", "home") * 8,
    "home": ("end", "home") * 8,
}


class Frames:
    """Measures every screen update."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.processor_s: list[float] = []
        self.ended_at = 0.0
        update = Screen._on_timer_update  # noqa: SLF001 - the one place that every frame passes

        def timed(screen: Screen[Any]) -> None:
            wishes = ("_dirty_widgets", "_layout_required", "_repaint_required", "_scroll_required")
            is_frame = any(getattr(screen, wish) for wish in wishes)
            begun, used = time.perf_counter(), time.thread_time()
            update(screen)
            if is_frame:
                self.processor_s.append(time.thread_time() - used)
                self.ended_at = time.perf_counter()
                self.seconds.append(self.ended_at - begun)

        Screen._on_timer_update = timed  # type: ignore[method-assign, assignment]  # noqa: SLF001 - as above

    async def of(self, act: Callable[[], object]) -> tuple[float, float]:
        """Do something; return the milliseconds until its frame was done, and those of the frame itself."""
        count, begun = len(self.seconds), time.perf_counter()
        act()
        while len(self.seconds) == count:
            await asyncio.sleep(0)
            if time.perf_counter() - begun > 60:
                raise TimeoutError("no frame came")
        return (self.ended_at - begun) * 1000, self.seconds[-1] * 1000


class Stalls:
    """A task that wakes every millisecond and notes how late it was."""

    def __init__(self) -> None:
        self.worst_ms = 0.0

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst_ms = max(self.worst_ms, (time.perf_counter() - begun - 0.001) * 1000)


async def quiet(frames: Frames, seconds: float = 0.06) -> None:
    """Wait until no frame has come for a while."""
    count = -1
    while count != len(frames.seconds):
        count = len(frames.seconds)
        await asyncio.sleep(seconds)


async def press(app: App[Any], frames: Frames, keys: tuple[str, ...]) -> list[float]:
    """Press keys one after another; return the milliseconds of each until its frame."""
    took = []
    for key in keys:
        await quiet(frames, 0.02)
        took.append((await frames.of(partial(app.simulate_key, key)))[0])
    return took


def percentile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measured(app: App[Any], frames: Frames, table: Any, update: Callable[[], None]) -> dict[str, float]:  # noqa: ANN401 - three kinds of table
    """Press keys, let a row change, and say what it took."""
    stalls = Stalls()
    beat = asyncio.ensure_future(stalls.watch())
    await quiet(frames)
    stalls.worst_ms = 0.0
    found: dict[str, float] = {}
    everything: list[float] = []
    for name, keys in ACTIONS.items():
        took = await press(app, frames, keys)
        if name in {"end", "home"}:
            took = took[0 if name == "end" else 1 :: 2]
        found[name] = statistics.median(took)
        everything += took
    whole, used, updates, wheel = [], [], [], []
    for _ in range(20):
        await quiet(frames, 0.02)
        whole.append((await frames.of(lambda: table.refresh(layout=True)))[1])
        used.append(frames.processor_s[-1] * 1000)
        await quiet(frames, 0.02)
        updates.append((await frames.of(update))[0])
        await quiet(frames, 0.02)
        wheel.append((await frames.of(lambda: table.scroll_relative(y=3, animate=False, immediate=True)))[0])
    found |= {
        "frame": statistics.median(whole),
        "frame_processor": statistics.median(used),
        "update": statistics.median(updates),
        "wheel": statistics.median(wheel),
        "p99": percentile(everything + wheel, 0.99),
        "stall": stalls.worst_ms,
        "memory": memory_mb(),
    }
    beat.cancel()
    return found


class Tables(App[None]):
    """A table of somebody else's with the same rows."""

    def __init__(self, kind: str, database: Path, rows: int) -> None:
        super().__init__()
        self.kind, self.database, self.rows = kind, database, rows
        self.found: dict[str, float] = {}
        self.frames = Frames()
        self.table: Any = None

    def compose(self) -> ComposeResult:
        if self.kind == "stock":
            self.table = DataTable(cursor_type="row")
        else:
            from textual_fastdatatable import DataTable as FastTable  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - an extra

            self.table = FastTable(column_labels=list(COLUMNS), cursor_type="row")
        yield self.table

    async def on_mount(self) -> None:
        self.run_worker(self.go())

    async def go(self) -> None:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        rows = connection.execute(QUERY, (self.rows,)).fetchall()
        connection.close()
        self.table.focus()
        await quiet(self.frames)
        begun = time.perf_counter()
        if self.kind == "stock":
            self.table.add_columns(*COLUMNS)
            self.table.add_rows([tuple(map(str, row)) for row in rows])
        else:
            from textual_fastdatatable.backend import ArrowBackend  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - an extra

            names = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
            self.table.backend = ArrowBackend.from_pydict(names)
        await self.frames.of(lambda: self.table.refresh(layout=True))
        await quiet(self.frames)
        load = time.perf_counter() - begun
        serial = iter(range(1_000_000))

        def update() -> None:
            value = f"status {next(serial)}"
            if self.kind == "stock":
                self.table.update_cell_at((5, 1), value)
            else:
                self.table.update_cell(5, 1, value)

        found = await measured(self, self.frames, self.table, update)
        self.found = found | {"load": load * 1000}
        self.exit()


async def ours(database: Path) -> dict[str, float]:
    """Run the dashboard itself, without a listener."""
    from smswatch.cli.dashboard import provider_facts  # noqa: PLC0415 - only here
    from smswatch.filters import FilterContext  # noqa: PLC0415
    from smswatch.model import Kind  # noqa: PLC0415
    from smswatch.tui.app import SmsWatchApp  # noqa: PLC0415
    from smswatch.tui.facts import ListenerFacts  # noqa: PLC0415

    facts = ListenerFacts(
        address="http://127.0.0.1:7670",
        public_url=None,
        key="k" * 26,
        is_open=False,
        is_viewer=False,
        holder_pid=None,
        holder_address=None,
        trouble=None,
        database=str(database),
    )
    frames, measured_here = Frames(), dict[str, float]()
    begun = time.perf_counter()
    app = SmsWatchApp(
        database=database,
        providers=provider_facts(),
        listener=lambda: facts,
        filter_context=lambda: FilterContext(now_ms=time.time_ns() // 1_000_000),
        clock=lambda: time.time_ns() // 1_000_000,
    )

    async def go() -> None:
        pane = app._screens.panes[Kind.MESSAGES]  # noqa: SLF001 - measured from inside
        while not pane.feed.is_complete:  # noqa: ASYNC110 - measured, not changed
            await asyncio.sleep(0.002)
        load = time.perf_counter() - begun
        gc.collect()
        found = await measured(app, frames, pane.table, pane.table.show_rows)
        found["load"] = load * 1000
        pane.table.action_last()
        oldest = pane.table.selected
        found["reached"] = float(len(pane.feed)) if oldest is not None and oldest.id == 1 else 0.0
        app.exit(0)
        measured_here.update(found)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(app.run_async())
        tasks.create_task(go())
    return measured_here


def main() -> None:
    """Run one of the applications."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["empty", "ours", "stock", "fast"])
    parser.add_argument("--database", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--result", type=Path)
    arguments = parser.parse_args()
    if arguments.kind == "empty":
        App[None]().run()
    elif arguments.kind == "ours":
        arguments.result.write_text(json.dumps(asyncio.run(ours(arguments.database))))
    else:
        tables = Tables(arguments.kind, arguments.database, arguments.rows)
        tables.run()
        arguments.result.write_text(json.dumps(tables.found))


if __name__ == "__main__":
    main()

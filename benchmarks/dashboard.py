"""What does the dashboard cost over a long history: its start, its frames, its keys, its rest?

- start: first frame with real rows, port open, whole list, and memory, of `smswatch watch` in a pseudo-terminal of 120 by
  40, as multiples of an empty Textual application started in the same round
- frames: one repaint of the list, and from a key's arrival to the end of its frame, over 1,000 rows and over the
  long history; beside Textual's own DataTable and textual-fastdatatable over the same rows
- keys: from a key pressed in the terminal to its effect on the screen, while 1,000 callbacks a second arrive
- rest: bytes sent to the terminal and processor time while nothing happens

Each figure stands beside its goal. Times of a shared machine wander: compare within a run, and see `stolen`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import servers
from build_database import build
from machine import Meanwhile, wait_until_quiet
from terminal import LINES, Terminal

from smswatch.numbers import display

PROBE = Path(__file__).with_name("probe.py")
RATE = 1000
LETTERS = "ЖФЩЪЫЭЮЯЂЉЊЋЏ"
"""Typed into the filter line: they stand nowhere else on the screen."""
LAST_LINE = f"\x1b[{LINES};1H".encode()
"""Whoever writes there has drawn a whole screen."""
Figures = dict[str, float]


def median(values: list[float]) -> float:
    """Return the middle one."""
    return statistics.median(values) if values else float("nan")


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of them stays below."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else float("nan")


def say(what: str, figure: str, goal: str = "", *, met: bool | None = None) -> None:
    """Print one line: what, how much, and whether that is good enough."""
    verdict = "" if met is None else ("met" if met else "MISSED")
    print(f"{what:<58} {figure:>26}  {goal:<28} {verdict}", flush=True)


def newest_row(database: Path) -> tuple[str, int]:
    """Return how the newest number is written on the screen, and how many messages there are."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        number = connection.execute(
            "SELECT number FROM (SELECT id, number FROM messages ORDER BY id DESC LIMIT 20)"
            " WHERE number IS NOT NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()[0]
        return display(number), connection.execute("SELECT count(*) FROM messages").fetchone()[0]


# --- start -------------------------------------------------------------------------------------------------


def start_empty(home: Path) -> Figures:
    """Start the application that shows nothing."""
    with Terminal([sys.executable, str(PROBE), "empty"], servers.environment(home)) as terminal:
        return {"frame": terminal.wait_for(LAST_LINE, 0, 30) - terminal.started}


def start_ours(home: Path, database: Path) -> Figures:
    """Start the dashboard and its listener."""
    number, messages = newest_row(database)
    port, opened = servers.free_port(), [0.0]
    command = [str(servers.SMSWATCH), "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, servers.environment(home)) as terminal:
        knocking = threading.Thread(target=_knock, args=(port, opened), daemon=True)
        knocking.start()
        frame = terminal.wait_for(number.encode(), 0, 30)
        whole = terminal.wait_for(f"all {messages:,} messages\x1b[".encode(), 0, 60)
        knocking.join(30)
        time.sleep(1.0)
        return {
            "frame": frame - terminal.started,
            "port": opened[0] - terminal.started,
            "list": whole - terminal.started,
            "memory": terminal.memory_mb(),
        }


def _knock(port: int, opened: list[float]) -> None:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.004)
        else:
            opened[0] = time.perf_counter()
            return


def starts(home: Path, databases: dict[str, Path], rounds: int) -> None:
    """Start each in turn, several times; print medians of the multiples within a round."""
    empty: list[Figures] = []
    found: dict[str, list[Figures]] = {name: [] for name in databases}
    for _ in range(rounds + 1):
        wait_until_quiet(10)
        empty.append(start_empty(home))
        for name, database in databases.items():
            found[name].append(start_ours(home, database))
    del empty[0]
    say("empty Textual application: first frame", f"{median([one['frame'] for one in empty]) * 1000:,.0f} ms")
    for name, runs in found.items():
        del runs[0]
        for what, words, most in (("frame", "first frame with rows", 1.3), ("port", "port open", 2.5)):
            times = median([run[what] / one["frame"] for run, one in zip(runs, empty, strict=True)])
            figure = f"{median([run[what] for run in runs]) * 1000:,.0f} ms = {times:.2f} x"
            say(f"{name}: {words}", figure, f"<= {most} x the empty one", met=times <= most)
        whole = median([run["list"] for run in runs])
        say(f"{name}: whole list known", f"{whole * 1000:,.0f} ms", "<= 1,000 ms", met=whole <= 1)
        memory = median([run["memory"] for run in runs])
        say(f"{name}: memory", f"{memory:,.0f} MB", "<= 100 MB", met=memory <= 100)


# --- frames ------------------------------------------------------------------------------------------------


def probed(home: Path, kind: str, database: Path, rows: int = 0) -> Figures:
    """Run one application in a terminal and return what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, str(PROBE), kind, "--database", str(database), "--rows", str(rows)]
        with Terminal([*command, "--result", str(result)], servers.environment(home)) as terminal:
            terminal.process.wait(600)
            if not result.exists():
                raise RuntimeError(terminal.text_since(0)[-2000:].decode(errors="replace"))
        found: Figures = json.loads(result.read_text())
        return found


def frames(home: Path, databases: dict[str, Path], rounds: int) -> None:
    """Measure the list over each database in turn."""
    runs: dict[str, list[Figures]] = {name: [] for name in databases}
    for _ in range(rounds):
        for name, database in databases.items():
            wait_until_quiet(10)
            runs[name].append(probed(home, "ours", database))
    small = next(iter(databases))
    for name, found in runs.items():
        middle = {what: median([run[what] for run in found]) for what in found[0]}
        times = median([run["frame"] / one["frame"] for run, one in zip(found, runs[small], strict=True)])
        goal = "<= 10 ms" if name == small else "<= 10 ms, <= 1.5 x the small"
        say(
            f"{name}: repaint of the list",
            f"{middle['frame']:.1f} ms = {times:.2f} x",
            goal,
            met=middle["frame"] <= 10 and times <= 1.5,
        )
        for what in ("cursor", "page", "home", "end", "wheel"):
            say(
                f"{name}: {what} to the end of its frame",
                f"{middle[what]:.1f} ms",
                "<= 16 ms",
                met=middle[what] <= 16,
            )
        say(f"{name}: p99 of all of them", f"{middle['p99']:.1f} ms", "<= 50 ms", met=middle["p99"] <= 50)
        say(
            f"{name}: worst stall of the loop",
            f"{middle['stall']:.1f} ms",
            "<= 50 ms",
            met=middle["stall"] <= 50,
        )


def others(home: Path, database: Path, sizes: dict[str, list[int]]) -> None:
    """Measure other tables over the same rows."""
    ours = probed(home, "ours", database)
    line = "{:<34} {:>9} {:>10} {:>10} {:>10} {:>10} {:>9}"
    print(line.format("table", "rows", "load ms", "update ms", "page ms", "cursor ms", "MB"))

    def row(name: str, rows: str, found: Figures) -> None:
        figures = (f"{found[what]:,.1f}" for what in ("load", "update", "page", "cursor", "memory"))
        print(line.format(name, rows, *figures), flush=True)

    row("ours", "all", ours)
    for kind, name in (("stock", "Textual's DataTable"), ("fast", "textual-fastdatatable")):
        if kind == "fast" and importlib.util.find_spec("textual_fastdatatable") is None:
            print("textual-fastdatatable is not installed (pip install '.[benchmark]'): left out")
            continue
        for rows in sizes[kind]:
            wait_until_quiet(10)
            row(name, f"{rows:,}", probed(home, kind, database, rows))


# --- keys --------------------------------------------------------------------------------------------------


def keys(home: Path, database: Path, presses: int) -> None:
    """Press keys while callbacks arrive; the database is copied, for it grows."""
    with tempfile.TemporaryDirectory(prefix="smswatch-keys-", dir=database.parent) as folder:
        copy = Path(folder) / "keys.db"
        shutil.copyfile(database, copy)
        port = servers.free_port()
        command = [str(servers.SMSWATCH), "watch", "--db", str(copy), "--port", str(port)]
        with Terminal(command, servers.environment(home)) as terminal:
            _knock(port, [0.0])
            time.sleep(3.0)
            seconds = presses * 0.35 + 10
            load = subprocess.Popen(
                [
                    *(sys.executable, str(Path(__file__).with_name("load_client.py")), "--port", str(port)),
                    *("--connections", "16", "--rate", str(RATE), "--seconds", str(seconds)),
                ],
                stdout=subprocess.PIPE,
            )
            try:
                time.sleep(2.0)
                cursor = _cursor_keys(terminal, presses)
                typed = _typed_letters(terminal, presses)
                said, _ = load.communicate(timeout=seconds + 30)
            finally:
                load.kill()
                load.wait()
    answered = json.loads(said)
    rate = len(answered["latencies_us"]) / answered["seconds"]
    waits = [each / 1000 for each in answered["latencies_us"]]
    say(
        "callbacks answered meanwhile",
        f"{rate:,.0f}/s, p99 {percentile(waits, 0.99):.0f} ms",
        f"{RATE:,}/s",
        met=rate >= 0.97 * RATE,
    )
    for what, took in (("cursor keys", cursor), ("letters into the filter line", typed)):
        p95 = percentile(took, 0.95)
        say(
            f"{what}: key to screen",
            f"p50 {median(took):.0f} ms, p95 {p95:.0f} ms",
            "p95 <= 50 ms",
            met=p95 <= 50,
        )


def _cursor_keys(terminal: Terminal, presses: int) -> list[float]:
    """Move the cursor far down the list, where nothing else draws its mark."""
    dice, took = random.Random(0), []  # noqa: S311 - repeatable dice, nothing secret
    for _ in range(3):
        terminal.send(b"\x1b[6~")
        time.sleep(0.3)
    for press in range(presses):
        time.sleep(dice.uniform(0.05, 0.2))
        mark = terminal.mark()
        begun = terminal.send(b"k" if press % 2 else b"j")
        took.append((terminal.wait_for("▌".encode(), mark, 5) - begun) * 1000)
    return took


def _typed_letters(terminal: Terminal, presses: int) -> list[float]:
    """Type into the filter line; each letter begins another search and ends the one before it."""
    dice, took = random.Random(1), []  # noqa: S311 - repeatable dice, nothing secret
    terminal.send(b"/")
    time.sleep(0.5)
    for press in range(presses):
        time.sleep(dice.uniform(0.05, 0.25))
        letter = LETTERS[press % len(LETTERS)].encode()
        mark = terminal.mark()
        begun = terminal.send(letter)
        took.append((terminal.wait_for(letter, mark, 5) - begun) * 1000)
        if press % len(LETTERS) == len(LETTERS) - 1:
            terminal.send(b"\x15")
            time.sleep(0.3)
    terminal.send(b"\x1b")
    return took


# --- rest --------------------------------------------------------------------------------------------------


def rest(home: Path, database: Path, seconds: float) -> None:
    """Let the dashboard stand."""
    port = servers.free_port()
    command = [str(servers.SMSWATCH), "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, servers.environment(home)) as terminal:
        _knock(port, [0.0])
        time.sleep(min(4.0, seconds))
        mark, used, begun = terminal.mark(), terminal.processor_s(), time.perf_counter()
        time.sleep(seconds)
        sent, share = (
            terminal.came_since(mark),
            (terminal.processor_s() - used) / (time.perf_counter() - begun),
        )
    say(
        f"rest of {seconds:.0f} s: bytes to the terminal",
        f"{sent:,}",
        "a clock a minute",
        met=sent <= 200 * (1 + seconds / 60),
    )
    say(f"rest of {seconds:.0f} s: processor", f"{share:.2%}", "<= 0.5 %", met=share <= 0.005)


def main() -> int:
    """Measure as told on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "database", type=Path, nargs="?", help="made by build_database.py; without it a small one is"
    )
    parser.add_argument("--parts", nargs="+", default=["start", "frames", "others", "keys", "rest"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--small", action="store_true", help="short, over 2,000 messages, for CI: proves that it runs"
    )
    arguments = parser.parse_args()
    meanwhile = Meanwhile()
    with tempfile.TemporaryDirectory(prefix="smswatch-dashboard-") as folder:
        home, small = Path(folder), Path(folder) / "small.db"
        build(small, 1_000)
        big = arguments.database
        if big is None or arguments.small:
            big = home / "big.db"
            build(big, 2_000)
        if arguments.small:
            arguments.rounds = 1
        servers.migrate(big)
        databases = {"1,000 rows": small, f"{newest_row(big)[1]:,} rows": big}
        quick = arguments.small
        parts = {
            "start": lambda: starts(home, databases, arguments.rounds),
            "frames": lambda: frames(home, databases, arguments.rounds),
            "others": lambda: others(
                home,
                big,
                {"stock": [1_000], "fast": [1_000]}
                if quick
                else {"stock": [1_000, 100_000], "fast": [1_000, 1_000_000]},
            ),
            "keys": lambda: keys(home, big, 10 if quick else 100),
            "rest": lambda: rest(home, big, 3.0 if quick else 65.0),
        }
        for name in arguments.parts:
            print(f"\n{name}")
            parts[name]()
    print(f"\nstolen by others meanwhile: {meanwhile.stolen:.0%} of the machine")
    return 0


if __name__ == "__main__":
    sys.exit(main())

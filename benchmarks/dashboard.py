"""What does the dashboard cost over a long history: its start, its frames, its keys, its rest?

- start: first frame with real rows, port open, whole list, and memory, of `smswatch watch` in a pseudo-terminal of 120 by
  40, as multiples of an empty Textual application started in the same round
- frames: one repaint of the list, and from a key's arrival to the end of its frame, over 1,000 rows and over the
  long history; beside Textual's own DataTable and textual-fastdatatable over the same rows
- keys: from a key pressed in the terminal to its effect on the screen, while 1,000 callbacks a second arrive
- intake: acknowledgements a second at 64 connections, over an empty database and over the long history, without and
  with the dashboard, as shares of a bare aiohttp handler and of each other
- rest: bytes sent to the terminal and processor time while nothing happens

Each figure stands beside its goal. Exit code 1 where rows are not reached or an acknowledged report is missing. Times of a shared machine wander: compare within a run, and see `stolen`.
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
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import servers
from build_database import build
from load_client import Message
from machine import Meanwhile, wait_until_quiet
from sheet import Sheet, machine
from terminal import LINES, Terminal

from smswatch.numbers import display

PROBE = Path(__file__).with_name("probe.py")
RATE = 1000
LETTERS = "ЖФЩЪЫЭЮЯЂЉЊЋЏ"
"""Typed into the filter line: they stand nowhere else on the screen."""
LAST_LINE = f"\x1b[{LINES};1H".encode()
"""Whoever writes there has drawn a whole screen."""
Figures = dict[str, float]
PARTS = ["start", "frames", "others", "keys", "intake", "rest"]
CONNECTIONS = 64
FIRST_ID = 5_000_000_000
"""Ids that no history and no other part has."""
_SERVERS = {
    "bare": "a bare aiohttp handler",
    "empty": "serve over an empty database",
    "long": "serve over this database",
    "dashboard": "watch over this database",
}


def median(values: list[float]) -> float:
    """Return the middle one."""
    return statistics.median(values) if values else float("nan")


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of them stays below."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else float("nan")


def newest_row(database: Path) -> tuple[str, int]:
    """Return how the newest number is written on the screen, and how many messages there are."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        number = connection.execute(
            "SELECT number FROM (SELECT id, number FROM messages ORDER BY id DESC LIMIT 20)"
            " WHERE number IS NOT NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()[0]
        return display(number), connection.execute("SELECT count(*) FROM messages").fetchone()[0]


def whole_list(messages: int) -> bytes:
    """Return what the screen says once it knows all of so many messages."""
    return f"all {messages:,} messages\x1b[".encode()


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
        whole = terminal.wait_for(whole_list(messages), 0, 60)
        knocking.join(30)
        terminal.wait_until_still(1.0, 30)
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


def starts(sheet: Sheet, home: Path, databases: dict[str, Path], rounds: int) -> None:
    """Start each in turn, several times; print medians of the multiples within a round."""
    empty: list[Figures] = []
    found: dict[str, list[Figures]] = {name: [] for name in databases}
    for _ in range(rounds + 1):
        wait_until_quiet(sheet.patience_s)
        empty.append(start_empty(home))
        for name, database in databases.items():
            found[name].append(start_ours(home, database))
    del empty[0]
    sheet.say(
        "empty Textual application: first frame", f"{median([one['frame'] for one in empty]) * 1000:,.0f} ms"
    )
    for name, runs in found.items():
        del runs[0]
        for what, words, most in (("frame", "first frame with rows", 1.3), ("port", "port open", 2.5)):
            times = median([run[what] / one["frame"] for run, one in zip(runs, empty, strict=True)])
            figure = f"{median([run[what] for run in runs]) * 1000:,.0f} ms = {times:.2f} x"
            sheet.say(f"{name}: {words}", figure, f"<= {most} x the empty one", met=times <= most)
        whole = median([run["list"] for run in runs])
        sheet.say(f"{name}: whole list known", f"{whole * 1000:,.0f} ms", "<= 1,000 ms", met=whole <= 1)
        memory = median([run["memory"] for run in runs])
        sheet.say(f"{name}: memory", f"{memory:,.0f} MB", "<= 100 MB", met=memory <= 100)


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


def frames(sheet: Sheet, home: Path, databases: dict[str, Path], rounds: int) -> None:
    """Measure the list over each database in turn."""
    runs: dict[str, list[Figures]] = {name: [] for name in databases}
    for _ in range(rounds):
        for name, database in databases.items():
            wait_until_quiet(sheet.patience_s)
            runs[name].append(probed(home, "ours", database))
    small = next(iter(databases))
    for name, found in runs.items():
        rows = newest_row(databases[name])[1]
        sheet.check(f"{name}: End reaches the oldest row", holds=all(run["reached"] == rows for run in found))
        middle = {what: median([run[what] for run in found]) for what in found[0]}
        times = median([run["frame"] / one["frame"] for run, one in zip(found, runs[small], strict=True)])
        goal = "<= 10 ms" if name == small else "<= 10 ms, <= 1.5 x the small"
        sheet.say(
            f"{name}: repaint of the list",
            f"{middle['frame']:.1f} ms = {times:.2f} x",
            goal,
            met=middle["frame"] <= 10 and times <= 1.5,
        )
        sheet.say(f"{name}: processor time of that repaint", f"{middle['frame_processor']:.1f} ms")
        for what in ("cursor", "page", "home", "end", "wheel"):
            sheet.say(
                f"{name}: {what} to the end of its frame",
                f"{middle[what]:.1f} ms",
                "<= 16 ms",
                met=middle[what] <= 16,
            )
        sheet.say(
            f"{name}: p99 of all of them", f"{middle['p99']:.1f} ms", "<= 50 ms", met=middle["p99"] <= 50
        )
        sheet.say(
            f"{name}: worst stall of the loop",
            f"{middle['stall']:.1f} ms",
            "<= 50 ms",
            met=middle["stall"] <= 50,
        )


def others(sheet: Sheet, home: Path, database: Path, sizes: dict[str, list[int]]) -> None:
    """Measure other tables over the same rows."""
    ours = probed(home, "ours", database)

    def row(name: str, found: Figures) -> None:
        if not found:
            sheet.say(name, "ended without figures")
            return
        for what, words in (
            ("load", "until all rows are there"),
            ("update", "a changed cell to the end of its frame"),
            ("page", "page to the end of its frame"),
            ("cursor", "cursor to the end of its frame"),
        ):
            sheet.say(f"{name}: {words}", f"{found[what]:,.1f} ms")
        sheet.say(f"{name}: memory", f"{found['memory']:,.0f} MB")

    row(f"ours, {newest_row(database)[1]:,} rows", ours)
    for kind, name in (("stock", "Textual's DataTable"), ("fast", "textual-fastdatatable")):
        if kind == "fast" and importlib.util.find_spec("textual_fastdatatable") is None:
            sheet.say("textual-fastdatatable", "not installed: left out", "pip install textual-fastdatatable")
            continue
        for rows in sizes[kind]:
            wait_until_quiet(sheet.patience_s)
            row(f"{name}, {rows:,} rows", probed(home, kind, database, rows))


# --- keys --------------------------------------------------------------------------------------------------


def keys(sheet: Sheet, home: Path, database: Path, presses: int) -> None:
    """Press keys while callbacks arrive; the database is copied, for it grows."""
    with tempfile.TemporaryDirectory(prefix="smswatch-keys-", dir=database.parent) as folder:
        copy = Path(folder) / "keys.db"
        shutil.copyfile(database, copy)
        port = servers.free_port()
        command = [str(servers.SMSWATCH), "watch", "--db", str(copy), "--port", str(port)]
        with Terminal(command, servers.environment(home)) as terminal:
            _knock(port, [0.0])
            terminal.wait_for(whole_list(newest_row(copy)[1]), 0, 60)
            terminal.wait_until_still(1.0, 30)
            quiet = terminal.mark()
            seconds = presses * 0.35 + 10
            load = subprocess.Popen(
                [
                    *(sys.executable, str(Path(__file__).with_name("load_client.py")), "--port", str(port)),
                    *("--connections", "16", "--rate", str(RATE), "--seconds", str(seconds)),
                ],
                stdout=subprocess.PIPE,
            )
            try:
                terminal.wait_for(b"/s", quiet, 30)  # the rate in the header
                cursor = _cursor_keys(terminal, presses)
                typed = _typed_letters(terminal, presses)
                said, _ = load.communicate(timeout=seconds + 30)
            finally:
                load.kill()
                load.wait()
        answered = json.loads(said)
        promised = Counter({(provider, id_): n for provider, id_, n in answered["acknowledged"]})
        sheet.check("every acknowledged report is in the database", holds=not servers.missing(copy, promised))
    rate = len(answered["latencies_us"]) / answered["seconds"]
    waits = [each / 1000 for each in answered["latencies_us"]]
    sheet.say(
        "callbacks answered meanwhile",
        f"{rate:,.0f}/s, p99 {percentile(waits, 0.99):.0f} ms",
        f"{RATE:,}/s",
        met=rate >= 0.97 * RATE,
    )
    for what, took in (("cursor keys", cursor), ("letters into the filter line", typed)):
        p95 = percentile(took, 0.95)
        sheet.say(
            f"{what}: key to screen",
            f"p50 {median(took):.0f} ms, p95 {p95:.0f} ms",
            "p95 <= 50 ms",
            met=p95 <= 50,
        )


def _cursor_keys(terminal: Terminal, presses: int) -> list[float]:
    """Move the cursor far down the list, where nothing else draws its mark."""
    dice, took = random.Random(0), []  # noqa: S311 - repeatable dice, nothing secret
    for _ in range(3):
        mark = terminal.mark()
        terminal.send(b"\x1b[6~")
        terminal.wait_for("▌".encode(), mark, 5)
    for press in range(presses):
        time.sleep(dice.uniform(0.05, 0.2))
        mark = terminal.mark()
        begun = terminal.send(b"k" if press % 2 else b"j")
        took.append((terminal.wait_for("▌".encode(), mark, 5) - begun) * 1000)
    return took


def _typed_letters(terminal: Terminal, presses: int) -> list[float]:
    """Type into the filter line; each letter begins another search and ends the one before it."""
    dice, took = random.Random(1), []  # noqa: S311 - repeatable dice, nothing secret
    mark = terminal.mark()
    terminal.send(b"/")
    terminal.wait_for(b"Discard", mark, 5)
    for press in range(presses):
        time.sleep(dice.uniform(0.05, 0.25))
        letter = LETTERS[press % len(LETTERS)].encode()
        mark = terminal.mark()
        begun = terminal.send(letter)
        took.append((terminal.wait_for(letter, mark, 5) - begun) * 1000)
        if press % len(LETTERS) == len(LETTERS) - 1:
            mark = terminal.mark()
            terminal.send(b"\x15")
            terminal.wait_for(b"all ", mark, 5)
    terminal.send(b"\x1b")
    return took


# --- intake ------------------------------------------------------------------------------------------------


def intake(sheet: Sheet, home: Path, database: Path, rounds: int, seconds: float) -> None:
    """Saturate a bare server, `serve` over an empty database and over a long history, and `watch` over that."""
    with (
        tempfile.TemporaryDirectory(prefix="smswatch-intake-", dir=database.parent) as folder,
        ExitStack() as on,
    ):
        kept = {name: Path(folder) / f"{name}.db" for name in ("empty", "long", "dashboard")}
        for name in ("long", "dashboard"):
            shutil.copyfile(database, kept[name])
        ports = {
            "bare": on.enter_context(servers.bare()),
            "empty": on.enter_context(servers.serve(home / "empty", kept["empty"]))[0],
            "long": on.enter_context(servers.serve(home / "long", kept["long"]))[0],
            "dashboard": on.enter_context(servers.watch(home / "dashboard", kept["dashboard"])),
        }
        rates: dict[str, list[float]] = {name: [] for name in ports}
        promised: dict[str, Counter[Message]] = {name: Counter() for name in ports}
        order, next_id = list(ports), FIRST_ID
        for _ in range(rounds + 1):
            random.shuffle(order)
            for name in order:
                result = servers.load(ports[name], CONNECTIONS, seconds, next_id)
                next_id += len(result.latencies_us) + CONNECTIONS
                rates[name].append(result.rate)
                promised[name].update(result.acknowledged)
        for name, path in kept.items():
            gone = servers.missing(path, promised[name])
            sheet.check(f"{name}: {promised[name].total():,} reports acknowledged, all kept", holds=not gone)
    for name, of, most in (("long", "bare", 0.42), ("long", "empty", 0.75), ("dashboard", "long", 0.75)):
        pairs = zip(rates[name][1:], rates[of][1:], strict=True)
        share = median([own / other for own, other in pairs])
        words = f"{_SERVERS[name]}, of {_SERVERS[of]}"
        sheet.say(words, f"{median(rates[name][1:]):,.0f}/s = {share:.2f}", f">= {most}", met=share >= most)


# --- rest --------------------------------------------------------------------------------------------------


def rest(sheet: Sheet, home: Path, database: Path, seconds: float) -> None:
    """Let the dashboard stand."""
    port = servers.free_port()
    command = [str(servers.SMSWATCH), "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, servers.environment(home)) as terminal:
        _knock(port, [0.0])
        terminal.wait_for(whole_list(newest_row(database)[1]), 0, 60)
        terminal.wait_until_still(min(2.0, seconds), 30)
        mark, used, begun = terminal.mark(), terminal.processor_s(), time.perf_counter()
        time.sleep(seconds)
        sent, share = (
            terminal.came_since(mark),
            (terminal.processor_s() - used) / (time.perf_counter() - begun),
        )
    sheet.say(
        f"rest of {seconds:.0f} s: bytes to the terminal",
        f"{sent:,}",
        "a clock a minute",
        met=sent <= 200 * (1 + seconds / 60),
    )
    sheet.say(f"rest of {seconds:.0f} s: processor", f"{share:.2%}", "<= 0.5 %", met=share <= 0.005)


def main() -> int:
    """Measure as told on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "database", type=Path, nargs="?", help="made by build_database.py; without it a small one is"
    )
    parser.add_argument("--parts", nargs="+", default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--small", action="store_true", help="short, over 2,000 messages, for CI: proves that it runs"
    )
    parser.add_argument(
        "--json", type=Path, help="keep the figures in this file, beside those of other parts"
    )
    arguments = parser.parse_args()
    meanwhile, sheet = Meanwhile(), Sheet(patience_s=0 if arguments.small else 3)
    print(machine())
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
            "start": lambda: starts(sheet, home, databases, arguments.rounds),
            "frames": lambda: frames(sheet, home, databases, arguments.rounds),
            "others": lambda: others(
                sheet,
                home,
                big,
                {"stock": [1_000], "fast": [1_000]}
                if quick
                else {"stock": [1_000, 100_000], "fast": [1_000, 1_000_000]},
            ),
            "keys": lambda: keys(sheet, home, big, 10 if quick else 100),
            "intake": lambda: intake(sheet, home, big, *((1, 0.5) if quick else (arguments.rounds, 2.0))),
            "rest": lambda: rest(sheet, home, big, 3.0 if quick else 65.0),
        }
        for name in arguments.parts:
            sheet.begin(name)
            parts[name]()
            if arguments.json is not None:
                sheet.save(arguments.json, meanwhile.stolen)
    print(f"\nstolen by others meanwhile: {meanwhile.stolen:.0%} of the machine")
    for wrong in sheet.wrong:
        print(f"WRONG: {wrong}")
    return 1 if sheet.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

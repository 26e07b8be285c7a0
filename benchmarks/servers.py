"""Starts and stops the servers that are measured: the bare one, `serve`, and `watch` in a pseudo-terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from load_client import Message, Result

from smswatch.store.writer import Writer

HERE = Path(__file__).parent
SMSWATCH = Path(sys.executable).with_name("smswatch")
SERVE = (str(SMSWATCH),)
START_S = 20.0
ANSWER_S = 15.0
COLUMNS, ROWS = 120, 40

_LISTENING = re.compile(r"listening on http://[^\s:]+:(\d+)")


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which smswatch finds no settings and no database but its own."""
    # Compiled modules are kept, as an installation keeps them: without, every start would compile them anew.
    # And nobody counts its lines meanwhile, which would make it half as fast.
    ours = ("SMSWATCH_", "XDG_", "COVERAGE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }


@contextmanager
def bare() -> Iterator[int]:
    """Run the yardstick; yields its port."""
    with _announced([sys.executable, str(HERE / "bare.py")], dict(os.environ)) as (port, _):
        yield port


@contextmanager
def serve(
    home: Path,
    database: Path,
    port: int = 0,
    *,
    command: Sequence[str] | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run `smswatch serve`, or another command that takes its arguments; yields its port and its process."""
    arguments = ["serve", "--db", str(database), "--port", str(port)]
    with _announced([*(command or SERVE), *arguments], {**environment(home), **(more or {})}) as running:
        yield running


@contextmanager
def _announced(command: list[str], env: dict[str, str]) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    # A session of its own, so that an interrupt of the benchmark stops it in order and not by surprise.
    process = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _announced_port(process), process
    finally:
        stop(process)


def _announced_port(process: subprocess.Popen[str]) -> int:
    stderr = process.stderr
    assert stderr is not None
    said = []
    for line in stderr:
        said.append(line)
        if found := _LISTENING.search(line):
            threading.Thread(target=_drain, args=(stderr,), daemon=True).start()
            return int(found[1])
    raise RuntimeError(f"the server did not start: {''.join(said)}")


def _drain(stream: IO[str]) -> None:
    for _ in stream:
        pass


def stop(process: subprocess.Popen[str]) -> None:
    """End a server in order; by force if it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def watch(home: Path, database: Path) -> Iterator[int]:
    """Run `smswatch watch` in a pseudo-terminal of 120 by 40 that is read all the time; yields its port."""
    port = free_port()
    command = [str(SMSWATCH), "watch", "--db", str(database), "--port", str(port)]
    leader, follower = pty.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command,
        env={**environment(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        text=True,
        start_new_session=True,
    )
    os.close(follower)
    done = threading.Event()
    reader = threading.Thread(target=_read_terminal, args=(leader, done), daemon=True)
    reader.start()
    try:
        _wait_for(port, process)
        yield port
    finally:
        stop(process)
        done.set()
        reader.join()
        os.close(leader)


def _read_terminal(leader: int, done: threading.Event) -> None:
    while not done.is_set():
        if select.select([leader], [], [], 0.2)[0]:
            try:
                os.read(leader, 65536)
            except OSError:  # Linux says EIO once the other side is closed
                return


def migrate(database: Path) -> None:
    """Bring a database of an older version to this one's shape, as `serve` does when it starts."""
    Writer.open(database).close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the dashboard ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the dashboard does not listen")


def load(port: int, connections: int, seconds: float, first_id: int) -> Result:
    """Drive a server from a process of its own."""
    run = subprocess.run(
        [
            *(sys.executable, str(HERE / "load_client.py"), "--port", str(port)),
            *("--connections", str(connections), "--seconds", str(seconds), "--first-id", str(first_id)),
        ],
        check=True,
        stdout=subprocess.PIPE,
        timeout=seconds + 60,
    )
    said = json.loads(run.stdout)
    return Result(
        said["seconds"],
        array("L", said["latencies_us"]),
        {(provider, id_): reports for provider, id_, reports in said["acknowledged"]},
        {int(status): count for status, count in said["refused"].items()},
        said["lost_connections"],
        [((provider, id_), request.encode("latin-1")) for provider, id_, request in said["unanswered"]],
    )


def exchange(port: int, request: bytes) -> int:
    """Send one request on a connection of its own; return the status of the answer, 0 if there was none."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n" not in answer:
            part = connection.recv(65536)
            if not part:
                return 0
            answer += part
    return int(answer[9:12])


def log_of(database: Path) -> Path:
    """Where a database's write-ahead log lies."""
    return database.with_name(database.name + "-wal")


def integrity(database: Path) -> str:
    """Return what SQLite's own check of the whole file says: `ok`, or what is wrong."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("PRAGMA integrity_check(5)").fetchall()
    return "; ".join(str(row[0]) for row in rows)


def not_once(database: Path, promised: Counter[Message]) -> list[str]:
    """Say of each message where the reports in its timeline are not exactly those that were sent, each once."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        kept = {
            (provider, id_): reports
            for provider, id_, reports in connection.execute(
                "SELECT provider, message_id, count(reports.id) FROM messages"
                " LEFT JOIN reports ON reports.message = messages.id GROUP BY messages.id"
            )
        }
    return [
        f"{provider} {id_}: {promised[provider, id_]} sent, {kept.get((provider, id_), 0)} in the timeline"
        for provider, id_ in promised.keys() | kept.keys()
        if promised[provider, id_] != kept.get((provider, id_), 0)
    ]


def kept_requests(database: Path) -> int:
    """Return the number of the newest request that is kept."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM requests").fetchone()[0])
    finally:
        connection.close()


def missing(database: Path, acknowledged: Counter[Message]) -> list[str]:
    """Say of each acknowledged report that the database does not have which message it belongs to."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        kept = {
            (provider, id_): reports + duplicates
            for provider, id_, reports, duplicates in connection.execute(
                "SELECT provider, message_id, reports, duplicates FROM messages"
            )
        }
    finally:
        connection.close()
    return [
        f"{provider} {id_}: {count} acknowledged, {kept.get((provider, id_), 0)} kept"
        for (provider, id_), count in acknowledged.items()
        if kept.get((provider, id_), 0) < count
    ]

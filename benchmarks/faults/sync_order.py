"""Does the sync precede the answer? Asked of a system-call trace, one request at a time.

By strace where it is installed and may trace; else by the log of the preloaded `powerloss.c`.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import load_client
import servers

_CALLS = "trace=pwrite64,write,fdatasync,fsync,send,sendto,sendmsg"
_LOG_WRITTEN = re.compile(r"pwrite64\(\d+<[^>]*-wal>")
_LOG_SYNC_BEGUN = re.compile(r"^(\d+) +(?:fdatasync|fsync)\(\d+<[^>]*-wal>(?P<done>\) += 0)?")
_SYNC_DONE = re.compile(r"^(\d+) +<\.\.\. (?:fdatasync|fsync) resumed>\) += 0")
_ANSWERED = re.compile(r'^\d+ +send(?:to|msg)?\(\d+<TCP.*"HTTP/1\.1 200')


@dataclass
class Traced:
    """What a trace tells."""

    tool: str
    answers: int = 0
    early: int = 0
    """Answers that left while something written to the log was not synced, or with nothing synced before."""


def answers_before_sync(home: Path, library: Path, answers: int) -> Traced:
    """Send so many callbacks one after another to a listener that is traced."""
    home.mkdir(parents=True)
    log = home / "trace"
    database = home / "order.db"
    strace = shutil.which("strace")
    # -D: the listener is our child, and strace its.
    command: list[str] | None = None
    more: dict[str, str] = {}
    if strace is not None and _may_trace(strace):
        command = [strace, "-D", "-f", "-yy", "-s", "16", "-e", _CALLS, "-o", str(log), *servers.SERVE]
    else:
        strace = None
        disk = home / "disk"
        disk.mkdir()
        more = {
            "LD_PRELOAD": str(library),
            "SMSWATCH_LOSS_DATABASE": str(database),
            "SMSWATCH_LOSS_DISK": str(disk),
            "SMSWATCH_LOSS_LOG": str(log),
        }
    with servers.serve(home, database, command=command, more=more) as (port, process):
        _send_one_by_one(port, answers)
    if strace is None:
        return _order("preloaded library", log.read_text())
    return _order("strace", _events(_whole(log, process.pid)))


def _whole(log: Path, pid: int) -> list[str]:
    """Return strace's lines, once it has written that the process has ended."""
    end = re.compile(rf"^{pid} +\+\+\+ exited", re.MULTILINE)
    deadline = time.monotonic() + 30
    while not end.search(text := log.read_text(errors="replace")):
        if time.monotonic() > deadline:
            raise TimeoutError("strace did not end")
        time.sleep(0.05)
    return text.splitlines()


def _may_trace(strace: str) -> bool:
    return subprocess.run([strace, "true"], check=False, capture_output=True, timeout=20).returncode == 0


def _send_one_by_one(port: int, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        for _, request in islice(load_client.requests(5_000_000_000, 1), count):
            connection.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                part = connection.recv(65536)
                if not part:
                    raise ConnectionError("the listener closed the connection")
                answer += part


def _events(lines: Iterable[str]) -> str:
    """Translate strace's lines into the letters of `powerloss.c`; a sync counts when it has returned."""
    letters = []
    syncing = set()
    for line in lines:
        if _LOG_WRITTEN.search(line):
            letters.append("W")
        elif begun := _LOG_SYNC_BEGUN.match(line):
            if begun["done"]:
                letters.append("S")
            else:
                syncing.add(begun[1])
        elif (done := _SYNC_DONE.match(line)) and done[1] in syncing:
            syncing.discard(done[1])
            letters.append("S")
        elif _ANSWERED.match(line):
            letters.append("A")
    return "".join(letters)


def _order(tool: str, letters: str) -> Traced:
    traced = Traced(tool)
    is_synced = False
    for letter in letters:
        if letter == "W":
            is_synced = False
        elif letter == "S":
            is_synced = True
        else:
            traced.answers += 1
            traced.early += not is_synced
            # The next answer needs a write and a sync of its own.
            is_synced = False
    return traced

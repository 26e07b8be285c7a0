"""The disk fails while the listener runs: full, refusing, locked, gone, replaced. And what starts on a bad file.

Each time: 503 with `Retry-After` and never a false acknowledgement, a banner that names the cause, and an
acknowledgement again, without a restart, once the cause has gone.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import random
import resource
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import servers

from faults import Found
from faults.bad_files import start_on_bad_files
from faults.preload import compiled
from faults.station import Answer, Station, station

PROMISE = "a disk that fails means 503, a banner with the cause, and recovery without a restart"
LONG, SHORT = 10, 1
SWEEP = 25
"""Calls that fail in each run, one after another."""
RECOVERS_S = 20.0
WRITING, SYNCING = 1, 2
ALWAYS = 1_000_000_000
_LARGE = 200_000
_LONG_LOCK_S = 30


class FailingDisk:
    """Tells the preloaded `failing_disk.c` what fails."""

    def __init__(self, library: Path, control: Path, database: Path) -> None:
        control.write_bytes(bytes(16))
        with control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)
        self.environment = {
            "LD_PRELOAD": str(library),
            "SMSWATCH_LOSS_DATABASE": str(database),
            "SMSWATCH_FAIL_CONTROL": str(control),
        }

    def fail(self, calls: int, error: int, *, after: int = 0, times: int = ALWAYS) -> None:
        """Let calls of this kind fail, after so many that pass, so many times."""
        self._map[:] = bytes(16)
        self._map[4:] = struct.pack("iii", error, after, times)
        self._map[:4] = struct.pack("i", calls)

    def work(self) -> None:
        """Be a good disk again."""
        self._map[:4] = bytes(4)


@dataclass(frozen=True)
class Fault:
    """Something that keeps a running listener from writing."""

    name: str
    words: str
    """In the banner."""
    cause: Callable[[Path], contextlib.AbstractContextManager[None]]
    """Given the database and, within the block, true."""


def _failing(disk: FailingDisk, calls: int, error: int) -> Callable[[Path], Iterator[None]]:
    def cause(_: Path) -> Iterator[None]:
        disk.fail(calls, error)
        yield
        disk.work()

    return cause


def _moved_away(
    name: Callable[[Path], Path], instead: bytes | None = None
) -> Callable[[Path], Iterator[None]]:
    def cause(database: Path) -> Iterator[None]:
        path = name(database)
        aside = path.with_name(path.name + ".aside")
        path.rename(aside)
        if instead is not None:
            path.write_bytes(instead)
        yield
        aside.replace(path)

    return cause


def _locked(database: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _faults(disk: FailingDisk) -> list[Fault]:
    told = (
        ("full", "the disk is full", _failing(disk, WRITING, errno.ENOSPC)),
        ("over quota", "the disk refuses to write", _failing(disk, WRITING, errno.EDQUOT)),
        ("turned read-only", "the disk refuses to write", _failing(disk, WRITING, errno.EROFS)),
        ("failing at a write", "the disk refuses to write", _failing(disk, WRITING, errno.EIO)),
        ("failing at a sync", "the disk fails", _failing(disk, SYNCING, errno.EIO)),
        ("locked by another process", "another process holds the database locked", _locked),
        ("without its folder", "was deleted or replaced", _moved_away(lambda database: database.parent)),
        ("deleted", "was deleted or replaced", _moved_away(lambda database: database)),
        ("replaced", "was deleted or replaced", _moved_away(lambda database: database, b"another file")),
        ("without its log", "the database's log was deleted or replaced", _moved_away(servers.log_of)),
    )
    return [Fault(name, words, contextmanager(cause)) for name, words, cause in told]


def _endure(running: Station, fault: Fault, found: Found) -> float:
    """Cause a fault, look, end it; return how long it took to recover."""
    with fault.cause(running.database):
        _expect_refusal(running.report(), fault.name, found)
        found.expect(running.says(fault.words), f"{fault.name}: no banner says '{fault.words}'")
    return _recovers(running, fault.name, found)


def _expect_refusal(answer: Answer, name: str, found: Found) -> None:
    right = answer.status == 503 and (answer.retry_after or "").isdigit()
    found.expect(right, f"{name}: answered {answer.status}, Retry-After {answer.retry_after}")


def _recovers(running: Station, name: str, found: Found) -> float:
    """Send what was refused last again and again, as its provider does; return when it was taken."""
    began = time.monotonic()
    while running.report(running.last_id).status != 200:
        if time.monotonic() - began > RECOVERS_S:
            found.expect(False, f"{name}: no recovery in {RECOVERS_S:.0f} s")
            break
        time.sleep(0.05)
    took_s = time.monotonic() - began
    found.expect(running.is_silent(), f"{name}: the banner stays")
    return took_s


def _short_lock(running: Station, found: Found) -> None:
    """Locked for three seconds, shorter than our patience: the request waits and is acknowledged."""
    answers: list[Answer] = []
    with contextlib.closing(sqlite3.connect(running.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waits = threading.Thread(target=lambda: answers.append(running.report()))
        waits.start()
        waits.join(3)
        found.expect(not answers, "locked for 3 s: it did not wait")
        other.execute("ROLLBACK")
        waits.join()
    found.expect(answers[-1].status == 200, f"locked for 3 s: answered {answers[-1].status}")


def _long_lock(running: Station, found: Found, seconds: float) -> None:
    began = time.monotonic()
    with contextmanager(_locked)(running.database):
        while time.monotonic() - began < seconds:
            _expect_refusal(running.report(), f"locked for {seconds:.0f} s", found)
    _recovers(running, f"locked for {seconds:.0f} s", found)


def _sweep(running: Station, disk: FailingDisk, rng: random.Random, found: Found) -> int:
    """Let one call after another fail, once or until we notice; return how many reports were refused."""
    refused = 0
    for after in range(SWEEP):
        kind, error = rng.choice(((WRITING, errno.ENOSPC), (WRITING, errno.EIO), (SYNCING, errno.EIO)))
        disk.fail(kind, error, after=after if kind == WRITING else after % 2, times=rng.choice((1, ALWAYS)))
        answer = running.report()
        if answer.status != 200:
            _expect_refusal(answer, f"failing at call {after}", found)
            refused += 1
        disk.work()
        if answer.status != 200:
            _recovers(running, f"failing at call {after}", found)
    return refused


def _kept_once(running: Station, found: Found) -> None:
    """Check what was acknowledged on the station's database, which is closed."""
    gone = servers.missing(running.database, running.promised)
    found.expect(not gone, f"{len(gone)} acknowledged are missing, {gone[:3]}")
    whole = servers.integrity(running.database)
    found.expect(whole == "ok", f"integrity check says {whole}")


def _full_tmpfs(home: Path, found: Found) -> bool:
    """Fill a small file system to its last byte; False where none can be mounted."""
    folder = home / "small"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounted, check=False, capture_output=True).returncode != 0:
        return False
    try:
        with station(home / "full", database=folder / "small.db") as running:
            ballast = folder / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
            answers = [running.report(padding=_LARGE) for _ in range(60)]
            refused = [answer for answer in answers if answer.status != 200]
            found.expect(bool(refused), "a full file system refused nothing")
            for answer in refused:
                _expect_refusal(answer, "a full file system", found)
            found.expect(running.says("the disk is full"), "a full file system: no banner")
            ballast.unlink()
            _recovers(running, "a full file system", found)
        _kept_once(running, found)
    finally:
        subprocess.run(["umount", str(folder)], check=False)
    return True


def _file_limit(home: Path, found: Found) -> None:
    """Forbid the running process to write beyond the present end of its files."""
    with station(home / "limit") as running:
        pid, largest = running.terminal.process.pid, servers.log_of(running.database).stat().st_size
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, hard))
        _expect_refusal(running.report(padding=_LARGE), "a limit of file sizes", found)
        found.expect(running.says("the disk"), "a limit of file sizes: no banner")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        _recovers(running, "a limit of file sizes", found)
    _kept_once(running, found)


def run(runs: int, seed: int) -> Found:
    """Cause every fault so many times in one process, sweep over the calls, then start on bad files."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    found = Found()
    recovered_s: list[float] = []
    refused = 0
    with tempfile.TemporaryDirectory(prefix="smswatch-disk-") as folder:
        home = Path(folder).resolve()
        database = home / "running" / "station" / "station.db"
        disk = FailingDisk(compiled("failing_disk", home), home / "control", database)
        with station(home / "running", database=database, more=disk.environment) as running:
            faults = _faults(disk)
            for cycle in range(runs):
                for fault in rng.sample(faults, len(faults)):
                    recovered_s.append(_endure(running, fault, found))
                    print(f"{cycle + 1}: {fault.name}: back after {recovered_s[-1]:.2f} s")
                refused += _sweep(running, disk, rng, found)
                _short_lock(running, found)
            if runs > 1:
                _long_lock(running, found, _LONG_LOCK_S)
        _kept_once(running, found)
        is_full = _full_tmpfs(home, found)
        _file_limit(home, found)
        started = start_on_bad_files(home / "bad", rng, runs, found)
        shutil.rmtree(home / "bad")
    found.summary = (
        f"{len(faults)} faults of the disk, {runs} times each in one running process"
        f"{', and a full file system' if is_full else ''}: each time 503 with `Retry-After`, the cause in the"
        f" banner, acknowledged again within {max(recovered_s):.1f} s; {runs * SWEEP} single calls that fail"
        f" ({refused} refusals); locked for 3 s: waits, for {_LONG_LOCK_S} s: 503;"
        f" {running.promised.total()} acknowledged, 0 missing; {started}"
    )
    return found

"""Loss of power: what was written but not synced is gone, and the folder's entries with it.

`kill -9` cannot tell a safe setting from an unsafe one, for the system still writes what the process left.
Here a small library (`powerloss.c`) is preloaded into the listener and keeps, beside the database, files as
a disk would hold them that forgets all that was not synced. After the kill these take the place of the
real ones: in every other run as they are, in the rest with a random half of the forgotten sectors on them,
because a disk may also have written more than it was asked for, in any order.

The same runs with `synchronous=NORMAL`, which only this trial can set, prove that it would find losses.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import servers
from load_client import Message

from faults import Found
from faults.kill9 import kill_under_load
from faults.preload import compiled
from faults.sync_order import answers_before_sync

PROMISE = "acknowledged means synced"
LONG, SHORT = 30, 2
CONNECTIONS = 16
IDS_APART = 1_000_000
LONGEST_S = 30.0
SECTOR = 512
ENDINGS = ("", "-wal", "-journal")
_CARELESS = Path(__file__).with_name("careless_serve.py")


@dataclass
class Disk:
    """A database and what a loss of power would leave of it."""

    home: Path
    library: Path
    promised: Counter[Message] = field(default_factory=Counter[Message])
    forgotten: int = 0
    """Bytes that were written and not on the disk when the power went."""

    def __post_init__(self) -> None:
        self.home.mkdir()
        self.database = self.home / "here" / "power.db"
        self.kept = self.home / "disk" / "power.db"
        self.database.parent.mkdir()
        self.kept.parent.mkdir()

    @property
    def environment(self) -> Mapping[str, str]:
        """What the listener is started with."""
        return {
            "LD_PRELOAD": str(self.library),
            "SMSWATCH_LOSS_DATABASE": str(self.database),
            "SMSWATCH_LOSS_DISK": str(self.kept.parent),
            "SMSWATCH_LOSS_LOG": str(self.home / "log"),
        }

    def lose_power(self, rng: random.Random, *, some_survives: bool) -> None:
        """Put in the place of the database what the disk has of it."""
        for ending in ENDINGS:
            real, kept = (path.with_name(path.name + ending) for path in (self.database, self.kept))
            written = real.read_bytes() if real.exists() else b""
            stays = kept.read_bytes() if kept.exists() else None
            self.forgotten += _different(written, stays or b"")
            if stays is not None and some_survives:
                stays = _mixed(rng, written, stays)
                kept.write_bytes(stays)
            real.unlink(missing_ok=True)
            if stays is not None:
                real.write_bytes(stays)
            kept.with_name(kept.name + ".fresh").unlink(missing_ok=True)
        self.database.with_name(self.database.name + "-shm").unlink(missing_ok=True)


def _sectors(data: bytes) -> list[bytes]:
    return [data[at : at + SECTOR] for at in range(0, len(data), SECTOR)]


def _different(written: bytes, stays: bytes) -> int:
    pairs = zip(_sectors(written), _sectors(stays), strict=False)
    return max(len(written), len(stays)) - sum(len(one) for one, other in pairs if one == other)


def _mixed(rng: random.Random, written: bytes, stays: bytes) -> bytes:
    """Let every other forgotten sector have reached the disk, whatever the order of their writing."""
    old, new = _sectors(stays), _sectors(written)
    for place, sector in enumerate(new):
        if place >= len(old):
            old.append(sector if rng.random() < 0.5 else bytes(len(sector)))
        elif old[place] != sector and len(old[place]) == len(sector) and rng.random() < 0.5:
            old[place] = sector
    return b"".join(old)


def lose_power_once(disk: Disk, rng: random.Random, cycle: int, *, careless: bool = False) -> list[str]:
    """Serve, cut, restart from what was left; return what of the acknowledged is missing."""
    command = [sys.executable, str(_CARELESS)] if careless else None
    with servers.serve(disk.home, disk.database, command=command, more=disk.environment) as (port, process):
        killer = threading.Thread(target=kill_under_load, args=(process, disk.database, rng.uniform(0, 1.5)))
        killer.start()
        result = servers.load(port, CONNECTIONS, LONGEST_S, 3_000_000_000 + cycle * IDS_APART)
        killer.join()
        process.wait(30)
    disk.promised.update(result.acknowledged)
    disk.lose_power(rng, some_survives=cycle % 2 == 1)
    if not disk.database.exists():
        return [f"{provider} {id_}" for provider, id_ in disk.promised]
    gone = servers.missing(disk.database, disk.promised)
    whole = servers.integrity(disk.database)
    if whole != "ok":
        gone.append(f"integrity check: {whole}")
    return gone


def run(runs: int, seed: int) -> Found:
    """Cut the power so many times, then a third as often with the unsafe setting."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    found = Found()
    missing = 0
    with tempfile.TemporaryDirectory(prefix="smswatch-powerloss-") as folder:
        library = compiled("powerloss", Path(folder))
        disk = Disk(Path(folder).resolve() / "full", library)
        for cycle in range(runs):
            gone = lose_power_once(disk, rng, cycle)
            missing += len(gone)
            found.expect(not gone, f"cut {cycle + 1}: {len(gone)} missing, {gone[:5]}")
            print(
                f"cut {cycle + 1}: {disk.promised.total():,} acknowledged, {disk.forgotten:,} bytes forgotten,"
                f" {len(gone)} missing"
            )
            if gone:
                break
        controls = max(1, runs // 3)
        lost = promised = 0
        for cycle in range(controls):
            careless = Disk(Path(folder).resolve() / f"normal-{cycle}", library)
            lost += len(lose_power_once(careless, rng, 0, careless=True))
            promised += len(careless.promised)
            print(f"with synchronous=NORMAL, cut {cycle + 1}: {lost:,} of {promised:,} messages damaged")
        found.expect(lost > 0, "with synchronous=NORMAL nothing was lost either: this trial is blind")
        traced = answers_before_sync(disk.home / "order", library, answers=50 * runs)
    found.expect(traced.early == 0, f"{traced.early} answers left before the sync")
    found.expect(traced.answers >= 50 * runs, f"only {traced.answers} answers were traced")
    found.summary = (
        f"{runs} losses of power, {disk.promised.total():,} reports acknowledged, {missing}"
        f" missing; with `synchronous=NORMAL` (the control) {lost:,} of {promised:,} messages lost or short"
        f" of a report in {controls}; {traced.answers:,} answers in a system-call trace ({traced.tool}),"
        f" {traced.early} before the sync"
    )
    return found

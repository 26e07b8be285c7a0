"""What a benchmark found: printed line by line, and kept as JSON, from which README has its table."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One line: what, how much, and whether that is good enough."""

    part: str
    what: str
    figure: str
    goal: str = ""
    met: bool | None = None


class Record(msgspec.Struct, frozen=True):
    """A whole run."""

    machine: str
    measured: str
    stolen: float
    """The share of the machine that others had meanwhile."""
    figures: tuple[Figure, ...]


class Sheet:
    """Takes figures as they come."""

    def __init__(self, patience_s: float = 0) -> None:
        self.patience_s = patience_s
        """How long to wait for a quiet machine before something is measured."""
        self._part = ""
        self._figures: list[Figure] = []
        self.wrong: list[str] = []
        """What came out wrong, whatever time it took."""

    def begin(self, part: str) -> None:
        """What comes now belongs to this part."""
        self._part = part
        print(f"\n{part}", flush=True)

    def say(self, what: str, figure: str, goal: str = "", *, met: bool | None = None) -> None:
        """Take and print one figure."""
        verdict = "" if met is None else ("met" if met else "MISSED")
        print(f"{what:<60} {figure:>28}  {goal:<30} {verdict}", flush=True)
        self._figures.append(Figure(self._part, what, figure, goal, met))

    def check(self, what: str, *, holds: bool) -> None:
        """Take what must hold on any machine; the benchmark ends with 1 where it does not."""
        print(f"{what:<60} {'yes' if holds else 'NO':>28}", flush=True)
        if not holds:
            self.wrong.append(f"{self._part}: {what}")

    def save(self, path: Path, stolen: float) -> None:
        """Write what was taken, in place of what an earlier run found of the same parts."""
        parts = {figure.part for figure in self._figures}
        earlier = msgspec.json.decode(path.read_bytes(), type=Record).figures if path.exists() else ()
        figures = (*(figure for figure in earlier if figure.part not in parts), *self._figures)
        record = Record(machine(), time.strftime("%Y-%m-%d", time.gmtime()), round(stolen, 3), figures)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def machine() -> str:
    """Say on what all this was measured."""
    python = ".".join(map(str, sys.version_info[:3]))
    # 0 is how everything runs that nobody gave another turn.
    first = " ahead of everything else (chrt)" if os.sched_getscheduler(0) else ""
    return f"{os.cpu_count()} shared cores, {platform.system()} {platform.machine()}, Python {python}{first}"

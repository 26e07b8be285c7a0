"""The faults that `reliability.py` causes, one room each: `run(runs, seed)` says what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Found:
    """What a trial saw."""

    summary: str = ""
    """Its figures, in one sentence for a table."""
    faults: list[str] = field(default_factory=list[str])
    """What must not have been; empty if all promises were kept."""

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note a broken promise."""
        if not holds:
            self.faults.append(otherwise)
            print(f"FAULT: {otherwise}", flush=True)


class UnavailableError(Exception):
    """This machine lacks what the trial needs."""

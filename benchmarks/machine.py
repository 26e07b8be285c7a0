"""What the machine did meanwhile: on a shared one, others take their part of every time that is measured."""

from __future__ import annotations

import time
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE, _STEAL = 3, 7


class Meanwhile:
    """From its making on: how much of the machine's processors went to other machines."""

    def __init__(self) -> None:
        self._begun = _times()

    @property
    def stolen(self) -> float:
        """The share, 0 to 1; 0 where the system does not tell."""
        passed = [now - then for now, then in zip(_times(), self._begun, strict=True)]
        return passed[_STEAL] / sum(passed) if sum(passed) else 0.0


def _times() -> list[int]:
    if not _STAT.exists():
        return [0] * (_STEAL + 1)
    return [int(word) for word in _STAT.read_text().split("\n", 1)[0].split()[1 : _STEAL + 2]]


def busy_share(seconds: float = 0.3) -> float:
    """Watch the machine for a moment; return how much of it was in use, by anybody."""
    begun = _times()
    time.sleep(seconds)
    passed = [now - then for now, then in zip(_times(), begun, strict=True)]
    idle = passed[_IDLE] + passed[_IDLE + 1]
    return 1 - idle / sum(passed) if sum(passed) else 0.0


def wait_until_quiet(most_s: float, share: float = 0.2) -> bool:
    """Wait until most of the machine is idle; False if that did not come to be in time."""
    deadline = time.monotonic() + most_s
    while busy_share() > share:
        if time.monotonic() > deadline:
            return False
    return True

"""What the machine did meanwhile: on a shared one, others take their part of every time that is measured."""

from __future__ import annotations

from pathlib import Path

_STAT = Path("/proc/stat")
_STEAL = 7


class Meanwhile:
    """From its making on: how much of the machine's processors went to other machines."""

    def __init__(self) -> None:
        self._begun = _counters()

    @property
    def stolen(self) -> float:
        """The share, 0 to 1; 0 where the system does not tell."""
        passed = [now - then for now, then in zip(_counters(), self._begun, strict=True)]
        return passed[_STEAL] / sum(passed) if sum(passed) else 0.0


def _counters() -> list[int]:
    if not _STAT.exists():
        return [0] * (_STEAL + 1)
    return [int(word) for word in _STAT.read_text().split("\n", 1)[0].split()[1 : _STEAL + 2]]

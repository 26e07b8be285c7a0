"""How long a provider waits: one callback after another, each on a connection of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from faults.station import post

EVERY_S = 0.02
"""Fifty a second."""


@dataclass
class Waits:
    """What a provider saw over a while."""

    answered: list[int] = field(default_factory=list[int])
    """Ids of the messages whose report was answered 200."""
    refused: list[int] = field(default_factory=list[int])
    """Other answers, 0 for none."""
    waits_ms: list[float] = field(default_factory=list[float])

    @property
    def p99_ms(self) -> float:
        """What ninety-nine of a hundred waited at most."""
        return sorted(self.waits_ms)[int(len(self.waits_ms) * 0.99)]

    @property
    def median_ms(self) -> float:
        """What half of them waited at most."""
        return sorted(self.waits_ms)[len(self.waits_ms) // 2]


def waits(port: int, seconds: float, first_id: int) -> Waits:
    """Send fifty callbacks a second; where answers take longer, the next one waits for its turn."""
    seen = Waits()
    began = time.perf_counter()
    for number in range(int(seconds / EVERY_S)):
        pause = began + number * EVERY_S - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        asked = time.perf_counter()
        try:
            status = post(port, first_id + number).status
        except OSError:
            status = 0
        seen.waits_ms.append((time.perf_counter() - asked) * 1000)
        if status == 200:
            seen.answered.append(first_id + number)
        else:
            seen.refused.append(status)
    return seen

"""Timing: when a message was delivered, and how long that took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from smswatch.model import RANKS, Status, Zone
from smswatch.summary.records import KeptReport

_FIRST_ARRIVAL = attrgetter("id")
_SENT = RANKS[Status.SENT]


def delivered_ms_of(reports: Iterable[KeptReport]) -> int | None:
    """Return the earliest time of delivery, UTC milliseconds; None if none is told."""
    times = [r.occurred_ms for r in reports if r.status is Status.DELIVERED and r.occurred_ms is not None]
    return min(times) if times else None


def latency_of(reports: Sequence[KeptReport]) -> int | None:
    """Milliseconds from the first report of rank 40 or lower to the first delivery; None if negative."""
    end = _earliest([r for r in reports if r.status is Status.DELIVERED])
    start = _earliest([r for r in reports if 0 < RANKS[r.status] <= _SENT]) if end is not None else None
    return time_between(start, end)


def time_between(start: KeptReport | None, end: KeptReport | None) -> int | None:
    """Milliseconds by the provider's clock where both zones are stated, else by ours; None if negative or open."""
    if start is None or end is None:
        return None
    if start.zone is Zone.STATED and end.zone is Zone.STATED:
        taken = (end.occurred_ms or 0) - (start.occurred_ms or 0)
    else:
        taken = end.arrived_ms - start.arrived_ms
    return taken if taken >= 0 else None


def _earliest(reports: Sequence[KeptReport]) -> KeptReport | None:
    return min(reports, key=_FIRST_ARRIVAL) if reports else None

"""Flags: what is odd about a report, or about a message, and should be noticed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from smswatch.model import RANKS, Flag, Status
from smswatch.summary.records import KeptReport

_FLAGS = tuple(Flag)
_FIRST_ARRIVAL = attrgetter("id")
_UNKNOWN = RANKS[Status.UNKNOWN]
_DELIVERED = RANKS[Status.DELIVERED]


def levels(report: KeptReport) -> list[tuple[str, int]]:
    """The (channel, rank) statements of a report; a report that names no channel speaks for `""`."""
    if report.channels:
        return [(named.channel, RANKS[named.status]) for named in report.channels]
    return [("", RANKS[report.status])]


def flags_of_reports(reports: Sequence[KeptReport], attempts: dict[int, int]) -> dict[int, tuple[Flag, ...]]:
    """Walk the reports in the order of first arrival; an unmapped one neither sets nor gets a flag."""
    highest: dict[tuple[int, str], int] = {}
    final_seen = False
    flags: dict[int, tuple[Flag, ...]] = {}
    for report in sorted(reports, key=_FIRST_ARRIVAL):
        late = False
        for channel, rank in levels(report):
            if rank:
                place = (attempts.get(report.id, 0), channel)
                late = late or rank < highest.get(place, 0)
                highest[place] = max(rank, highest.get(place, 0))
        if report.status is Status.UNMAPPED:
            continue
        if late or final_seen:
            flags[report.id] = flags_of(late=late, after_final=final_seen)
        final_seen = final_seen or report.status.is_final
    return flags


def flags_of(*, late: bool, after_final: bool) -> tuple[Flag, ...]:
    """Return the flags of one report."""
    return ((Flag.OUT_OF_ORDER,) if late else ()) + ((Flag.AFTER_FINAL,) if after_final else ())


def flags_of_message(
    report_flags: dict[int, tuple[Flag, ...]], *, is_conflict: bool, is_repeated: bool
) -> tuple[Flag, ...]:
    """Return the flags of a message: those of its reports, and its own."""
    seen = {flag for flags in report_flags.values() for flag in flags}
    if is_conflict:
        seen.add(Flag.CONFLICT)
    if is_repeated:
        seen.add(Flag.DUPLICATE)
    return tuple([flag for flag in _FLAGS if flag in seen]) if seen else ()


def is_conflict(reports: Sequence[KeptReport], attempts: dict[int, int]) -> bool:
    """Tell whether a negative final stands beside a delivery, in one channel and attempt."""
    failed: set[tuple[int, str]] = set()
    arrived: set[tuple[int, str]] = set()
    for report in reports:
        for channel, rank in levels(report):
            if rank >= _DELIVERED:
                arrived.add((attempts.get(report.id, 0), channel))
            elif rank > _UNKNOWN:
                failed.add((attempts.get(report.id, 0), channel))
    return bool(failed & arrived)

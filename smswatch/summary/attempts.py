"""Attempts: a message that failed may be sent again under its id, and only the last attempt counts."""

from __future__ import annotations

from collections.abc import Sequence

from smswatch.model import FAILURES
from smswatch.summary.records import KeptReport

_FAILED = frozenset(FAILURES)


def attempts_of(reports: Sequence[KeptReport]) -> dict[int, int]:
    """Number the attempts, by report; empty where there is but one: a failed message may be sent again.

    In the order of the provider's own times, an attempt begins at a report that may start one and is
    later than a failure of the attempt before. A report without such a time cannot be shown to be
    outdated and belongs to the last attempt.
    """
    if not any([report.status in _FAILED for report in reports]):  # noqa: C419 - hot, and a list is quicker
        return {}
    timed = [report for report in reports if report.ordered_ms is not None]
    timed.sort(
        key=lambda report: (report.ordered_ms, report.status not in _FAILED, not report.starts_attempt)
    )
    numbers: dict[int, int] = {}
    attempt, failed_at = 0, None
    for report in timed:
        if report.starts_attempt and failed_at is not None and report.ordered_ms != failed_at:
            attempt, failed_at = attempt + 1, None
        if report.status in _FAILED:
            failed_at = report.ordered_ms
        numbers[report.id] = attempt
    for report in reports:
        numbers.setdefault(report.id, attempt)
    return numbers

"""Summarising: the general way, and the short one for the many messages without failures and channels."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from smswatch.model import FAILURES, RANKS, Flag, Status
from smswatch.summary.attempts import attempts_of
from smswatch.summary.flags import flags_of, flags_of_message, flags_of_reports, is_conflict
from smswatch.summary.ladder import channel_winners, deciding, detail, detail_of, overall, rung_of
from smswatch.summary.records import KeptReport, Summary, Verdict
from smswatch.summary.timing import delivered_ms_of, latency_of, time_between

_FIRST_ARRIVAL = attrgetter("id")
_FAILED = frozenset(FAILURES)
_SENT = RANKS[Status.SENT]


def summarise(reports: Sequence[KeptReport]) -> Summary:
    """Return the summary of at least one report, in whatever order they come."""
    if not any([report.channels or report.status in _FAILED for report in reports]):  # noqa: C419 - hot, and a list is quicker
        return _summary_of_plain(reports)
    return _summary_of_any(reports)


def _summary_of_any(reports: Sequence[KeptReport]) -> Summary:
    attempts = attempts_of(reports)
    last = max(attempts.values(), default=0)
    shown = [report for report in reports if attempts.get(report.id, 0) == last] if last else reports
    channels = channel_winners(shown)
    ladder = sorted(shown, key=rung_of, reverse=True)
    status, word, channel = overall(ladder, channels)
    report_flags = flags_of_reports(reports, attempts)
    duplicates = sum([report.times_received for report in reports]) - len(reports)
    return Summary(
        status=status,
        provider_status=word,
        channel=channel,
        channels={name: won.status for name, (_, won) in channels.items()},
        **detail(ladder),
        flags=flags_of_message(
            report_flags, is_conflict=is_conflict(reports, attempts), is_repeated=duplicates > 0
        ),
        report_flags=report_flags,
        reports=len(reports),
        duplicates=duplicates,
        first_seen_ms=min([report.arrived_ms for report in reports]),
        delivered_ms=delivered_ms_of(shown),
        latency_ms=latency_of(shown),
    )


def _summary_of_plain(reports: Sequence[KeptReport]) -> Summary:
    """What the general way gives where nothing failed and no channel is named, several times as fast.

    Most messages are like that, and a busy writer summarises them anew with every report. Without a failure
    there is one attempt and no conflict.
    """
    best = reports[0]
    best_rung = rung_of(best)
    highest, is_read, received = 0, False, 0
    sent: KeptReport | None = None
    delivered: KeptReport | None = None
    report_flags: dict[int, tuple[Flag, ...]] = {}
    for report in sorted(reports, key=_FIRST_ARRIVAL) if len(reports) > 1 else reports:
        received += report.times_received
        status, rank = report.status, RANKS[report.status]
        if rank >= best_rung[0] and report is not best:
            rung = rung_of(report)
            if rung > best_rung:
                best, best_rung = report, rung
        if status is Status.UNMAPPED:
            continue
        if rank < highest or is_read:
            report_flags[report.id] = flags_of(late=rank < highest, after_final=is_read)
        highest = max(highest, rank)
        if rank <= _SENT:
            sent = sent or report
        elif status is Status.DELIVERED:
            delivered = delivered or report
        elif status is Status.READ:
            is_read = True
    duplicates = received - len(reports)
    return Summary(
        status=best.status,
        provider_status=best.provider_status,
        channel=None,
        channels={},
        **detail_of(best, reports),
        flags=flags_of_message(report_flags, is_conflict=False, is_repeated=duplicates > 0),
        report_flags=report_flags,
        reports=len(reports),
        duplicates=duplicates,
        first_seen_ms=min([report.arrived_ms for report in reports]),
        delivered_ms=delivered_ms_of(reports) if delivered is not None else None,
        latency_ms=time_between(sent, delivered),
    )


def judge(reports: Sequence[KeptReport]) -> Verdict:
    """Return the summary of at least one report together with what decided it."""
    attempts = attempts_of(reports)
    last = max(attempts.values(), default=0)
    if not last:
        attempts = {}
    ladder = sorted((r for r in reports if attempts.get(r.id, 0) == last), key=rung_of, reverse=True)
    channels = channel_winners(ladder)
    return Verdict(
        summary=summarise(reports),
        attempts=attempts,
        ladder=tuple(ladder),
        channels={name: named for name, (_, named) in channels.items()},
        decisive=deciding(ladder, channels),
    )

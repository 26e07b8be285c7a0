"""summarise(): the set of reports of one message → the one status a person sees, with its flags.

The status is a function of the *set* of reports: neither the order of the list nor the order of arrival
decides it. Arrival only sets the flags `out_of_order` and `after_final`, and it does so through the
first-arrival number (`id`) that each report carries. Repeats are counted, never weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from smswatch.model import FAILURES, RANKS, ChannelStatus, Flag, Status, Zone


class KeptReport(msgspec.Struct, kw_only=True):
    """One distinct report of a message, placed on our clock. Times are UTC milliseconds."""

    id: int = 0
    """The first-arrival number, given by the writer; 0 until then."""
    digest: int = 0
    """Signed 64-bit digest of the report's identity, unique within its message."""
    status: Status
    provider_status: str
    overall_stated: bool = True
    channels: tuple[ChannelStatus, ...] = ()
    occurred_ms: int | None = None
    zone: Zone | None = None
    occurred_raw: str | None = None
    ordered_ms: int | None = None
    starts_attempt: bool = False
    number: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    device: str | None = None
    sim: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    arrived_ms: int = 0
    times_received: int = 1
    request_id: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the reports of one message amount to."""

    status: Status
    provider_status: str
    channel: str | None
    channels: dict[str, Status]
    number: str | None
    mcc: str | None
    mnc: str | None
    device: str | None
    sim: str | None
    error_code: str | None
    error_text: str | None
    flags: tuple[Flag, ...]
    report_flags: dict[int, tuple[Flag, ...]]
    """Flags of single reports, by `id`; reports without a flag are left out."""
    reports: int
    duplicates: int
    first_seen_ms: int
    delivered_ms: int | None
    latency_ms: int | None


Rung = tuple[int, int, int, str, str, int, int]
"""Compares two statements: rank, provider time (none is earliest), the order of failures, the word; then
the channel, the time that orders attempts and the digest, so that no two distinct reports ever tie."""

_NO_TIME = -(2**63)
_FLAGS = tuple(Flag)
_FIRST_ARRIVAL = attrgetter("id")
_FAILURE_ORDER = {status: index for index, status in enumerate(FAILURES)}
_FAILED = frozenset(FAILURES)
_SENT = RANKS[Status.SENT]
_UNKNOWN = RANKS[Status.UNKNOWN]
_DELIVERED = RANKS[Status.DELIVERED]


def summarise(reports: Sequence[KeptReport]) -> Summary:
    """Return the summary of at least one report, in whatever order they come."""
    if not any([report.channels or report.status in _FAILED for report in reports]):  # noqa: C419 - hot, and a list is quicker
        return _summary_of_plain(reports)
    return _summary_of_any(reports)


def _summary_of_any(reports: Sequence[KeptReport]) -> Summary:
    attempts = _attempts(reports)
    last = max(attempts.values(), default=0)
    shown = [report for report in reports if attempts.get(report.id, 0) == last] if last else reports
    channels = _channel_winners(shown)
    ladder = sorted(shown, key=_rung, reverse=True)
    status, word, channel = _overall(ladder, channels)
    report_flags = _report_flags(reports, attempts)
    duplicates = sum([report.times_received for report in reports]) - len(reports)
    return Summary(
        status=status,
        provider_status=word,
        channel=channel,
        channels={name: won.status for name, (_, won) in channels.items()},
        **_detail(ladder),
        flags=_message_flags(
            report_flags, is_conflict=_is_conflict(reports, attempts), is_repeated=duplicates > 0
        ),
        report_flags=report_flags,
        reports=len(reports),
        duplicates=duplicates,
        first_seen_ms=min([report.arrived_ms for report in reports]),
        delivered_ms=_delivered_ms(shown),
        latency_ms=_latency(shown),
    )


def _summary_of_plain(reports: Sequence[KeptReport]) -> Summary:
    """What the general way gives where nothing failed and no channel is named, several times as fast.

    Most messages are like that, and a busy writer summarises them anew with every report. Without a failure
    there is one attempt and no conflict.
    """
    best = reports[0]
    best_rung = _rung(best)
    highest, is_read, received = 0, False, 0
    sent: KeptReport | None = None
    delivered: KeptReport | None = None
    report_flags: dict[int, tuple[Flag, ...]] = {}
    for report in sorted(reports, key=_FIRST_ARRIVAL) if len(reports) > 1 else reports:
        received += report.times_received
        status, rank = report.status, RANKS[report.status]
        if rank >= best_rung[0] and report is not best:
            rung = _rung(report)
            if rung > best_rung:
                best, best_rung = report, rung
        if status is Status.UNMAPPED:
            continue
        if rank < highest or is_read:
            report_flags[report.id] = _flags_of(late=rank < highest, after_final=is_read)
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
        **_detail_of(best, reports),
        flags=_message_flags(report_flags, is_conflict=False, is_repeated=duplicates > 0),
        report_flags=report_flags,
        reports=len(reports),
        duplicates=duplicates,
        first_seen_ms=min([report.arrived_ms for report in reports]),
        delivered_ms=_delivered_ms(reports) if delivered is not None else None,
        latency_ms=_time_between(sent, delivered),
    )


_DETAIL = ("number", "mcc", "mnc", "device", "sim", "error_code", "error_text")


_details_of = attrgetter(*_DETAIL)


def _detail(ladder: Sequence[KeptReport]) -> dict[str, str | None]:
    """Take each detail from the highest report that has it: one without detail never erases any."""
    found: list[str | None] = list(_details_of(ladder[0]))
    for report in ladder[1:]:
        for place, value in enumerate(_details_of(report)):
            if found[place] is None:
                found[place] = value
    return dict(zip(_DETAIL, found, strict=True))


def _detail_of(best: KeptReport, reports: Sequence[KeptReport]) -> dict[str, str | None]:
    """`_detail`, which needs the ladder only where the reports do not all say the same."""
    own = _details_of(best)
    if len(reports) > 1 and any([_details_of(report) != own for report in reports]):  # noqa: C419 - hot
        return _detail(sorted(reports, key=_rung, reverse=True))
    return dict(zip(_DETAIL, own, strict=True))


def channel_shown(status: Status, channels: Sequence[ChannelStatus]) -> str | None:
    """Return the channel whose status a report shows, None if it names none."""
    if not channels:
        return None
    same = [named for named in channels if named.status is status]
    return (same or [_most_telling(channels)])[0].channel


def _attempts(reports: Sequence[KeptReport]) -> dict[int, int]:
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


def _rung(report: KeptReport) -> Rung:
    status, time, ordered = report.status, report.occurred_ms, report.ordered_ms
    return (
        RANKS[status],
        _NO_TIME if time is None else time,
        _FAILURE_ORDER.get(status, -1),
        report.provider_status,
        "",
        _NO_TIME if ordered is None else ordered,
        report.digest,
    )


def _statement_rung(status: Status, word: str, occurred_ms: int | None, channel: str) -> Rung:
    time = _NO_TIME if occurred_ms is None else occurred_ms
    return RANKS[status], time, _FAILURE_ORDER.get(status, -1), word, channel, _NO_TIME, 0


_Winners = dict[str, tuple[Rung, ChannelStatus]]


def _channel_winners(reports: Iterable[KeptReport]) -> _Winners:
    """Run each channel's own ladder, sorted by the channel's name."""
    winners: _Winners = {}
    for report in reports:
        for named in report.channels:
            rung = _statement_rung(named.status, named.provider_status, report.occurred_ms, named.channel)
            standing = winners.get(named.channel)
            if standing is None or rung > standing[0]:
                winners[named.channel] = (rung, named)
    return dict(sorted(winners.items())) if len(winners) > 1 else winners


def _overall(ladder: Sequence[KeptReport], channels: _Winners) -> tuple[Status, str, str | None]:
    """Return status, provider's word and channel: what the provider states overall, else the channels."""
    decisive = _decisive(ladder, channels)
    if isinstance(decisive, ChannelStatus):
        return decisive.status, decisive.provider_status, decisive.channel
    if not channels:
        return decisive.status, decisive.provider_status, None
    shown = channel_shown(decisive.status, decisive.channels)
    if shown is None:
        shown = channel_shown(decisive.status, [won for _, won in channels.values()])
    return decisive.status, decisive.provider_status, shown


def _decisive(ladder: Sequence[KeptReport], channels: _Winners) -> KeptReport | ChannelStatus:
    """Return what the shown status is taken from: a report, or one channel of those that were named.

    Where some reports state an overall status and others name channels only, the higher of the two wins.
    """
    if not channels:
        return ladder[0]
    stated = [r for r in ladder if r.overall_stated and r.status is not Status.UNMAPPED]
    unstated = _channel_winners(r for r in ladder if not r.overall_stated or r.status is Status.UNMAPPED)
    best_stated = stated[0] if stated else None
    best_named = _from_channels(unstated)
    if best_named is not None and (best_stated is None or best_named[0] > _rung(best_stated)):
        return best_named[1]
    return best_stated or ladder[0]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a summary was made from, for those who explain it."""

    summary: Summary
    attempts: dict[int, int]
    """The attempt that a report belongs to, from 0, by `id`; empty where there is but one."""
    ladder: tuple[KeptReport, ...]
    """The reports that count, those of the last attempt, the one furthest along first."""
    channels: dict[str, ChannelStatus]
    """What each channel has come to."""
    decisive: KeptReport | ChannelStatus
    """What the shown status is taken from."""


def judge(reports: Sequence[KeptReport]) -> Verdict:
    """Return the summary of at least one report together with what decided it."""
    attempts = _attempts(reports)
    last = max(attempts.values(), default=0)
    if not last:
        attempts = {}
    ladder = sorted((r for r in reports if attempts.get(r.id, 0) == last), key=_rung, reverse=True)
    channels = _channel_winners(ladder)
    return Verdict(
        summary=summarise(reports),
        attempts=attempts,
        ladder=tuple(ladder),
        channels={name: named for name, (_, named) in channels.items()},
        decisive=_decisive(ladder, channels),
    )


def _from_channels(winners: _Winners) -> tuple[Rung, ChannelStatus] | None:
    """Read if any is, else delivered if any is, else the most advanced open one, else the last failure."""
    if not winners:
        return None
    return max(winners.values(), key=lambda won: _telling(won[0]))


def _telling(rung: Rung) -> tuple[int, Rung]:
    rank = rung[0]
    if rank >= _DELIVERED:
        return 3, rung
    if 0 < rank < _UNKNOWN:
        return 2, rung
    return (1 if rank else 0), rung


def _most_telling(channels: Sequence[ChannelStatus]) -> ChannelStatus:
    return max(
        channels,
        key=lambda named: _telling(_statement_rung(named.status, named.provider_status, None, named.channel)),
    )


def status_of_channels(channels: Sequence[ChannelStatus]) -> ChannelStatus:
    """Return the channel that speaks for a report that states no overall status."""
    return _most_telling(channels)


def levels(report: KeptReport) -> list[tuple[str, int]]:
    """The (channel, rank) statements of a report; a report that names no channel speaks for `""`."""
    if report.channels:
        return [(named.channel, RANKS[named.status]) for named in report.channels]
    return [("", RANKS[report.status])]


def _report_flags(reports: Sequence[KeptReport], attempts: dict[int, int]) -> dict[int, tuple[Flag, ...]]:
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
            flags[report.id] = _flags_of(late=late, after_final=final_seen)
        final_seen = final_seen or report.status.is_final
    return flags


def _flags_of(*, late: bool, after_final: bool) -> tuple[Flag, ...]:
    return ((Flag.OUT_OF_ORDER,) if late else ()) + ((Flag.AFTER_FINAL,) if after_final else ())


def _message_flags(
    report_flags: dict[int, tuple[Flag, ...]], *, is_conflict: bool, is_repeated: bool
) -> tuple[Flag, ...]:
    seen = {flag for flags in report_flags.values() for flag in flags}
    if is_conflict:
        seen.add(Flag.CONFLICT)
    if is_repeated:
        seen.add(Flag.DUPLICATE)
    return tuple([flag for flag in _FLAGS if flag in seen]) if seen else ()


def _is_conflict(reports: Sequence[KeptReport], attempts: dict[int, int]) -> bool:
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


def _delivered_ms(reports: Iterable[KeptReport]) -> int | None:
    times = [r.occurred_ms for r in reports if r.status is Status.DELIVERED and r.occurred_ms is not None]
    return min(times) if times else None


def _latency(reports: Sequence[KeptReport]) -> int | None:
    """Milliseconds from the first report of rank 40 or lower to the first delivery; None if negative."""
    end = _earliest([r for r in reports if r.status is Status.DELIVERED])
    start = _earliest([r for r in reports if 0 < RANKS[r.status] <= _SENT]) if end is not None else None
    return _time_between(start, end)


def _time_between(start: KeptReport | None, end: KeptReport | None) -> int | None:
    if start is None or end is None:
        return None
    if start.zone is Zone.STATED and end.zone is Zone.STATED:
        taken = (end.occurred_ms or 0) - (start.occurred_ms or 0)
    else:
        taken = end.arrived_ms - start.arrived_ms
    return taken if taken >= 0 else None


def _earliest(reports: Sequence[KeptReport]) -> KeptReport | None:
    return min(reports, key=_FIRST_ARRIVAL) if reports else None

"""The ladder: which of several statements counts, over all and on each channel, and what details they agree on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from smswatch.model import FAILURES, RANKS, ChannelStatus, Status
from smswatch.summary.records import KeptReport

Rung = tuple[int, int, int, str, str, int, int]
"""Compares two statements: rank, provider time (none is earliest), the order of failures, the word; then
the channel, the time that orders attempts and the digest, so that no two distinct reports ever tie."""

_NO_TIME = -(2**63)
_FAILURE_ORDER = {status: index for index, status in enumerate(FAILURES)}
_UNKNOWN = RANKS[Status.UNKNOWN]
_DELIVERED = RANKS[Status.DELIVERED]
_DETAIL = ("number", "mcc", "mnc", "device", "sim", "error_code", "error_text")
_details_of = attrgetter(*_DETAIL)
Winners = dict[str, tuple[Rung, ChannelStatus]]
"""The highest statement of each channel, by its name, and where it stands."""


def rung_of(report: KeptReport) -> Rung:
    """Return where a report stands; of several the highest counts."""
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


def channel_winners(reports: Iterable[KeptReport]) -> Winners:
    """Run each channel's own ladder, sorted by the channel's name."""
    winners: Winners = {}
    for report in reports:
        for named in report.channels:
            rung = _statement_rung(named.status, named.provider_status, report.occurred_ms, named.channel)
            standing = winners.get(named.channel)
            if standing is None or rung > standing[0]:
                winners[named.channel] = (rung, named)
    return dict(sorted(winners.items())) if len(winners) > 1 else winners


def overall(ladder: Sequence[KeptReport], channels: Winners) -> tuple[Status, str, str | None]:
    """Return status, provider's word and channel: what the provider states overall, else the channels."""
    decisive = deciding(ladder, channels)
    if isinstance(decisive, ChannelStatus):
        return decisive.status, decisive.provider_status, decisive.channel
    if not channels:
        return decisive.status, decisive.provider_status, None
    shown = channel_shown(decisive.status, decisive.channels)
    if shown is None:
        shown = channel_shown(decisive.status, [won for _, won in channels.values()])
    return decisive.status, decisive.provider_status, shown


def deciding(ladder: Sequence[KeptReport], channels: Winners) -> KeptReport | ChannelStatus:
    """Return what the shown status is taken from: a report, or one channel of those that were named.

    Where some reports state an overall status and others name channels only, the higher of the two wins.
    """
    if not channels:
        return ladder[0]
    stated = [r for r in ladder if r.overall_stated and r.status is not Status.UNMAPPED]
    unstated = channel_winners(r for r in ladder if not r.overall_stated or r.status is Status.UNMAPPED)
    best_stated = stated[0] if stated else None
    best_named = _from_channels(unstated)
    if best_named is not None and (best_stated is None or best_named[0] > rung_of(best_stated)):
        return best_named[1]
    return best_stated or ladder[0]


def _from_channels(winners: Winners) -> tuple[Rung, ChannelStatus] | None:
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


def channel_shown(status: Status, channels: Sequence[ChannelStatus]) -> str | None:
    """Return the channel whose status a report shows, None if it names none."""
    if not channels:
        return None
    same = [named for named in channels if named.status is status]
    return (same or [_most_telling(channels)])[0].channel


def detail(ladder: Sequence[KeptReport]) -> dict[str, str | None]:
    """Take each detail from the highest report that has it: one without detail never erases any."""
    found: list[str | None] = list(_details_of(ladder[0]))
    for report in ladder[1:]:
        for place, value in enumerate(_details_of(report)):
            if found[place] is None:
                found[place] = value
    return dict(zip(_DETAIL, found, strict=True))


def detail_of(best: KeptReport, reports: Sequence[KeptReport]) -> dict[str, str | None]:
    """`detail`, which needs the ladder only where the reports do not all say the same."""
    own = _details_of(best)
    if len(reports) > 1 and any([_details_of(report) != own for report in reports]):  # noqa: C419 - hot
        return detail(sorted(reports, key=rung_of, reverse=True))
    return dict(zip(_DETAIL, own, strict=True))

"""Explanation: why a message shows the status it does, and what is odd about single reports, in sentences.

Pure: from the reports alone, as `summarise` is. Every sentence is safe to show. Nothing is called a failure
but what a provider calls one: an open message is one of which we do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from smswatch.model import RANKS, ChannelStatus, Flag, Status, Zone
from smswatch.safe_text import SafeText, safe_line
from smswatch.summary import KeptReport, Verdict, judge, levels
from smswatch.times import duration
from smswatch.wording import how_many

Clock = Callable[[int], str]
"""Writes UTC milliseconds for a person."""

_WORD_LIMIT = 40
_SENTENCE_LIMIT = 400
_NAMED = 4
"""Rivals, channels or words that a sentence names before it counts the rest."""
_CLOCKS_DIFFER_MS = 120_000
_UNKNOWN = RANKS[Status.UNKNOWN]
_FAILED = RANKS[Status.FAILED]
_DELIVERED = RANKS[Status.DELIVERED]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told about one message beside the facts."""

    why: tuple[SafeText, ...]
    """Why this status is shown, the weightiest reason first; clauses without a full stop."""
    notes: dict[int, tuple[SafeText, ...]]
    """What is odd about single reports, by `id`; reports without oddity are left out."""
    repeats: dict[int, SafeText]
    """How often a report came, by `id`; those that came once are left out."""
    attempts: dict[int, int]
    """The attempt that a report belongs to, from 1, by `id`; empty where there is but one."""
    decided_by: int | None
    """The `id` of the report that the shown status is taken from."""


def explain(
    reports: Sequence[KeptReport],
    repeats: Mapping[int, Sequence[int]],
    clock: Clock,
    shown: Collection[int] | None = None,
) -> Explanation:
    """Explain at least one report, in whatever order they come; `repeats` gives arrival times, by `id`.

    `shown` are the ids of the reports that notes are wanted of, where that is not all of them.
    """
    verdict = judge(reports)
    noted = reports if shown is None else [report for report in reports if report.id in shown]
    return Explanation(
        why=tuple(_sentence(words) for words in _why(verdict, clock)),
        notes=_notes(reports, frozenset(report.id for report in noted), verdict),
        repeats={
            report.id: _sentence(_repeated(report, repeats.get(report.id, ())))
            for report in noted
            if report.times_received > 1
        },
        attempts={report: attempt + 1 for report, attempt in verdict.attempts.items()},
        decided_by=_decided_by(verdict),
    )


def _sentence(words: str) -> SafeText:
    return safe_line(words, _SENTENCE_LIMIT)


def _word(word: str) -> str:
    return f"“{safe_line(word, _WORD_LIMIT)}”"


def _listed(names: Iterable[str]) -> str:
    """Join names as English does; many are counted."""
    given = list(dict.fromkeys(names))
    left = len(given) - _NAMED
    if left > 0:
        given = [*given[:_NAMED], f"{left:,} more"]
    if len(given) < 2:  # noqa: PLR2004 - one name needs no joining
        return "".join(given)
    return f"{', '.join(given[:-1])} and {given[-1]}"


# --- why this status


def _why(verdict: Verdict, clock: Clock) -> Iterator[str]:
    decisive, ladder = verdict.decisive, verdict.ladder
    status = verdict.summary.status
    if status is Status.UNMAPPED:
        words = _listed(_word(report.provider_status) for report in ladder)
        yield f"only words that smswatch does not know have come ({words}): nothing is concluded from them"
    elif isinstance(decisive, ChannelStatus):
        yield from _why_channels(verdict, decisive)
    else:
        yield from _why_report(verdict, decisive, clock)
    yield from _why_attempt(verdict, clock)
    if Flag.CONFLICT in verdict.summary.flags:
        yield "the provider reports both a failure and a delivery: only one of them can be true"
    if status is Status.UNKNOWN:
        yield "the provider never learnt the outcome: it may have arrived, and it may not"
    elif Status.UNMAPPED is not status and status.rank < _UNKNOWN:
        yield "no final report has come yet: whether it arrives is not known"


def _why_attempt(verdict: Verdict, clock: Clock) -> Iterator[str]:
    last = max(verdict.attempts.values(), default=0)
    if not last:
        return
    began = min(
        (r.ordered_ms for r in verdict.ladder if r.starts_attempt and r.ordered_ms is not None), default=None
    )
    earlier = (
        "the earlier attempt no longer counts" if last == 1 else f"{last:,} earlier ones no longer count"
    )
    when = f" at {clock(began)}" if began is not None else ""
    yield f"a new attempt began{when}; {earlier}"


def _why_channels(verdict: Verdict, decisive: ChannelStatus) -> Iterator[str]:
    named = _channels(verdict)
    reason = _channel_reason(decisive, len(verdict.channels))
    yield f"the channels decide: {named}{reason}"
    stated = [r.status for r in verdict.ladder if r.overall_stated and r.status is not Status.UNMAPPED]
    if stated and stated[0] is not decisive.status:
        yield f"that outranks {stated[0]}, which the provider states for the message as a whole"


def _channel_reason(decisive: ChannelStatus, channels: int) -> str:
    if channels < 2:  # noqa: PLR2004 - of one channel there is nothing to choose
        return ""
    name = safe_line(decisive.channel, _WORD_LIMIT)
    if decisive.status.rank >= _DELIVERED:
        return f"; {name} reached the person, and one channel is enough"
    if decisive.status.is_failure:
        return f"; none is left, and {name} is the last that failed"
    return f"; {name} is still under way" if decisive.status.rank < _UNKNOWN else ""


def _channels(verdict: Verdict) -> str:
    named = [f"{safe_line(name, _WORD_LIMIT)} {said.status}" for name, said in verdict.channels.items()]
    more = f", {len(named) - 2 * _NAMED:,} more" if len(named) > 2 * _NAMED else ""
    return ", ".join(named[: 2 * _NAMED]) + more


def _why_report(verdict: Verdict, best: KeptReport, clock: Clock) -> Iterator[str]:
    known = [report for report in verdict.ladder if report.status is not Status.UNMAPPED]
    if verdict.channels:
        known = [report for report in known if report.overall_stated]
        yield (
            f"the provider states {best.status} for the message as a whole ({_channels(verdict)})"
            if any(said.status is not best.status for said in verdict.channels.values())
            else f"the provider states {best.status} for the message as a whole"
        )
    rivals = [report for report in known if report is not best]
    said = [*_outranked(best, rivals), *_settled(best, rivals, clock)]
    yield from said
    if not said and not verdict.channels:
        if rivals:
            yield f"{best.status} is the furthest along of {how_many(len(known), 'report')}"
        else:
            yield "it is the only report so far" if len(verdict.ladder) == 1 else "it is the only known word"
    if unknown := [r.provider_status for r in verdict.ladder if r.status is Status.UNMAPPED]:
        yield f"{_listed(map(_word, unknown))}: not known to smswatch, so it changes nothing"


def _outranked(best: KeptReport, rivals: Sequence[KeptReport]) -> Iterator[str]:
    """Name the statuses that one may wonder about: those that came later, and those that sounded final."""
    lower = [report for report in rivals if report.status.rank < best.status.rank]
    later = [report.status for report in lower if report.id > best.id]
    before = [r.status for r in lower if r.id < best.id and r.status.rank >= _UNKNOWN]
    if later:
        yield f"{best.status} outranks {_listed(later)}, which arrived later"
    if before := [status for status in before if status not in later]:
        yield f"{best.status} outranks {_listed(before)}, which came first"


def _settled(best: KeptReport, rivals: Sequence[KeptReport], clock: Clock) -> Iterator[str]:
    """Say how a tie was settled: by the provider's time, by the kind of failure, by spelling."""
    equal = [r for r in rivals if r.status.rank == best.status.rank]
    others = [r for r in equal if (r.status, r.provider_status) != (best.status, best.provider_status)]
    if not others:
        return
    second = others[0]
    names = _listed(
        str(r.status) if r.status is not best.status else _word(r.provider_status) for r in others
    )
    shown = str(best.status) if second.status is not best.status else _word(best.provider_status)
    kind = "failures" if best.status.rank == _FAILED else f"reports of {best.status}"
    if (
        best.occurred_ms is not None
        and second.occurred_ms is not None
        and best.occurred_ms > second.occurred_ms
    ):
        which = (
            f"the later of two {kind}" if len(others) == 1 else f"the latest of {len(others) + 1:,} {kind}"
        )
        times = f"{shown} at {clock(best.occurred_ms)}, {_word_or_status(best, second)} at {clock(second.occurred_ms)}"
        yield f"{which} counts: {times}"
    elif best.occurred_ms is not None and second.occurred_ms is None:
        yield f"of {kind} the one with a time counts: {shown}; {names} came without one"
    elif second.status is not best.status:
        yield f"no time tells which failure is the later one: {shown} says more than {names}"
    else:
        yield f"no time tells which report is the later one: {shown} is shown before {names}"


def _word_or_status(best: KeptReport, other: KeptReport) -> str:
    return str(other.status) if other.status is not best.status else _word(other.provider_status)


def _decided_by(verdict: Verdict) -> int | None:
    decisive = verdict.decisive
    if not isinstance(decisive, ChannelStatus):
        return decisive.id
    saying = [r for r in verdict.ladder if decisive in r.channels]
    return min((report.id for report in saying), default=None)


# --- what is odd about single reports

_Place = tuple[int, str]
"""An attempt, and a channel in it; `""` where a report names none."""


def _notes(
    reports: Sequence[KeptReport], noted: frozenset[int], verdict: Verdict
) -> dict[int, tuple[SafeText, ...]]:
    arrivals = sorted(reports, key=lambda report: report.id)
    orders = _order_notes(arrivals, noted, verdict)
    conflicts = _conflict_notes(arrivals, noted, verdict.attempts)
    notes: dict[int, tuple[SafeText, ...]] = {}
    for report in arrivals:
        if report.id not in noted:
            continue
        said = [
            *orders.get(report.id, ()),
            *conflicts.get(report.id, ()),
            *_word_notes(report, verdict),
            *_clock_notes(report),
            *_attempt_notes(report, verdict),
        ]
        if said:
            notes[report.id] = tuple(_sentence(words) for words in said)
    return notes


def _order_notes(
    arrivals: Sequence[KeptReport], noted: frozenset[int], verdict: Verdict
) -> dict[int, list[str]]:
    """Say after what a report came that it should have come before."""
    furthest: dict[_Place, tuple[int, KeptReport]] = {}
    final: KeptReport | None = None
    notes: dict[int, list[str]] = {}
    for report in arrivals:
        flags = verdict.summary.report_flags.get(report.id, ()) if report.id in noted else ()
        places = [((verdict.attempts.get(report.id, 0), name), rank) for name, rank in levels(report) if rank]
        ahead = [
            (*furthest[place], place[1])
            for place, rank in places
            if place in furthest and furthest[place][0] > rank
        ]
        said = notes.setdefault(report.id, [])
        if Flag.OUT_OF_ORDER in flags and ahead:
            said.append(_out_of_order(report, *max(ahead, key=lambda found: found[0])[1:]))
        if Flag.AFTER_FINAL in flags and final is not None:
            ended = verdict.attempts.get(final.id, 0)
            is_again = ended != verdict.attempts.get(report.id, 0)
            what = f"which ended attempt {ended + 1}" if is_again else "which is final"
            said.append(
                f"arrived {duration(report.arrived_ms - final.arrived_ms)} after {final.status}, {what}"
            )
        for place, rank in places:
            if place not in furthest or rank > furthest[place][0]:
                furthest[place] = rank, report
        if report.status.is_final:
            final = report
    return notes


def _stated(report: KeptReport, channel: str) -> KeptReport | ChannelStatus:
    """Return what a report says of a channel; itself where it names none."""
    return next((named for named in report.channels if named.channel == channel), report)


def _out_of_order(report: KeptReport, ahead: KeptReport, channel: str) -> str:
    late = duration(report.arrived_ms - ahead.arrived_ms)
    status = _stated(ahead, channel).status
    # Where it says the same of the message as a whole, one need not ask of what.
    which = str(status) if status is ahead.status else f"{status} by {safe_line(channel, _WORD_LIMIT)}"
    said = f"arrived out of order, {late} after {which}, which is further along"
    if (
        report.occurred_ms is not None
        and ahead.occurred_ms is not None
        and report.occurred_ms < ahead.occurred_ms
    ):
        said += f"; it happened {duration(ahead.occurred_ms - report.occurred_ms)} before"
    return said


def _conflict_notes(
    arrivals: Sequence[KeptReport], noted: frozenset[int], attempts: Mapping[int, int]
) -> dict[int, list[str]]:
    """Set each failure against the delivery that contradicts it, in one attempt and channel."""
    failed: dict[_Place, list[KeptReport]] = {}
    arrived: dict[_Place, list[KeptReport]] = {}
    for report in arrivals:
        for name, rank in levels(report):
            sides = arrived if rank >= _DELIVERED else failed if rank > _UNKNOWN else None
            if sides is not None:
                sides.setdefault((attempts.get(report.id, 0), name), []).append(report)
    notes: dict[int, list[str]] = {}
    for place in failed.keys() & arrived.keys():
        channel = f" by {safe_line(place[1], _WORD_LIMIT)}" if place[1] else ""
        for one, other in ((failed[place], arrived[place][0]), (arrived[place], failed[place][0])):
            for report in (report for report in one if report.id in noted):
                word = _word(_stated(other, place[1]).provider_status)
                said = f"contradicts {word}{channel}, request {other.request_id}"
                notes.setdefault(report.id, []).append(said)
    return notes


def _word_notes(report: KeptReport, verdict: Verdict) -> Iterator[str]:
    if report.status is Status.UNMAPPED and len(verdict.ladder) > 1:
        yield "a word that smswatch does not know: kept as it came, it changes nothing"


def _repeated(report: KeptReport, repeats: Sequence[int]) -> str:
    said = f"came {report.times_received:,} times"
    if not repeats:
        return said
    last = duration(max(repeats) - report.arrived_ms)
    return f"{said}, {'last' if len(repeats) > 1 else 'again'} after {last}"


def _clock_notes(report: KeptReport) -> Iterator[str]:
    """A report cannot arrive before it happened: then a zone or a clock is wrong."""
    if report.occurred_ms is not None and report.occurred_ms - report.arrived_ms > _CLOCKS_DIFFER_MS:
        ahead = duration(report.occurred_ms - report.arrived_ms)
        cause = (
            "its zone is assumed, and may be set wrong"
            if report.zone is Zone.ASSUMED
            else "one clock is wrong"
        )
        yield f"happened {ahead} after it arrived: {cause}"


def _attempt_notes(report: KeptReport, verdict: Verdict) -> Iterator[str]:
    if verdict.attempts and report.ordered_ms is None:
        yield "came without a time that orders attempts, so it counts for the last one"

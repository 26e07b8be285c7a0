"""What `serve` prints: each report, inbound SMS and unreadable body, once it is on the disk."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from smswatch.export.shapes import Json, inbound_fields, timeline_json
from smswatch.model import Flag, Outcome
from smswatch.numbers import display
from smswatch.safe_text import safe_line
from smswatch.store.entry import Entry, Kept, KeptInbound
from smswatch.store.select import timeline_entry
from smswatch.summary import KeptReport, channel_shown
from smswatch.times import arrival_text

_LONGEST_NAME = 30
_LONGEST_PART = 160


def event_json(entry: Entry, kept: Kept) -> list[Json]:
    """Return one object for each report and inbound SMS of a request, and one for what could not be read."""
    provider = entry.provider
    events: list[Json] = [
        {
            "kind": "status",
            "provider": provider,
            "message_id": message_id,
            **timeline_json(timeline_entry(report, flags)),
            "times_received": times,
        }
        for message_id, report, flags, times in kept.reports
    ]
    events += [
        {"kind": "inbound", "provider": provider, **inbound_fields(sms), "times_received": times}
        for sms, times in kept.inbound
    ]
    if kept.outcome in {Outcome.UNREADABLE, Outcome.PARTIAL}:
        events.append(
            {
                "kind": "unreadable",
                "provider": provider,
                "message_id": None,
                "outcome": kept.outcome.value,
                "problem": entry.problem,
                "arrived_at": arrival_text(entry.request.arrived_ms),
                "request_id": kept.request_id,
            }
        )
    return events


def event_lines(entry: Entry, kept: Kept, zone: tzinfo | None = None) -> list[str]:
    """Write the same events as lines for people, safe to see; times in `zone`, None: this machine's.

    Straight from what was kept, not from the JSON: at thousands of events a second the detour would be felt.
    """
    provider = safe_line(entry.provider, _LONGEST_NAME)
    # Not the report's own time, which of a repeat is that of its first arrival: a log goes forward.
    arrived_ms = entry.request.arrived_ms
    lines = [
        _line(arrived_ms, zone, provider, _report_words(message_id, report, flags), times)
        for message_id, report, flags, times in kept.reports
    ]
    lines += [_line(arrived_ms, zone, provider, _inbound_words(sms), times) for sms, times in kept.inbound]
    if kept.outcome in {Outcome.UNREADABLE, Outcome.PARTIAL}:
        words = f"{kept.outcome}, request {kept.request_id}: {_part(entry.problem or '')}"
        lines.append(_line(arrived_ms, zone, provider, words, 1))
    return lines


def _line(arrived_ms: int, zone: tzinfo | None, provider: str, words: str, times_received: int) -> str:
    repeat = f" (received {times_received} times)" if times_received > 1 else ""
    return f"{_clock(arrived_ms // 1000, zone)} {provider} {words}{repeat}"


@lru_cache(maxsize=64)
def _clock(seconds: int, zone: tzinfo | None) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _report_words(message_id: str, report: KeptReport, flags: tuple[Flag, ...]) -> str:
    named = channel_shown(report.status, report.channels)
    channel = f" by {_part(named)}" if named is not None else ""
    marks = "".join([f" [{flag}]" for flag in flags])
    return f"{_part(message_id)} {report.status} ({_part(report.provider_status)}){channel}{marks}"


def _inbound_words(sms: KeptInbound) -> str:
    sender = _part(display(sms.number)) or "somebody"
    answers = f" in reply to {_part(sms.reply_to)}" if sms.reply_to is not None else ""
    return f"inbound from {sender}{answers} – {_part(sms.body)}"


def _part(text: str) -> str:
    return safe_line(text, _LONGEST_PART)

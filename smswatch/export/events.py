"""What `serve` prints: each report, inbound SMS and unreadable body, once it is on the disk."""

from __future__ import annotations

from datetime import tzinfo

from smswatch.export.cells import local_time
from smswatch.export.shapes import Json, inbound_fields, timeline_json
from smswatch.model import Outcome
from smswatch.numbers import display
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.entry import Entry, Kept
from smswatch.store.select import timeline_entry
from smswatch.times import arrival_text

_LONGEST_LINE = 400
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
        }
        for message_id, report, flags in kept.reports
    ]
    events += [{"kind": "inbound", "provider": provider, **inbound_fields(sms)} for sms in kept.inbound]
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


def event_line(event: Json, zone: tzinfo | None = None) -> SafeText:
    """Write one of these objects as a line for people; times in `zone`, None: this machine's."""
    words = [local_time(event["arrived_at"], zone), str(safe_line(event["provider"], 30)), *_words(event)]
    if event.get("times_received", 1) > 1:
        words.append(f"(received {event['times_received']} times)")
    return safe_line(" ".join(words), _LONGEST_LINE)


def _words(event: Json) -> list[str]:
    match event["kind"]:
        case "status":
            channel = [f"by {_part(event['channel'])}"] if event["channel"] else []
            flags = [f"[{flag}]" for flag in event["flags"]]
            said = _part(event["provider_status"])
            return [_part(event["message_id"]), event["status"], f"({said})", *channel, *flags]
        case "inbound":
            sender = _part(display(event["number"])) or "somebody"
            answers = [f"in reply to {_part(event['reply_to'])}"] if event["reply_to"] is not None else []
            return ["inbound from", sender, *answers, "–", _part(event["body"])]
        case _:
            return [f"{event['outcome']}, request {event['request_id']}:", _part(event["problem"] or "")]


def _part(text: str) -> str:
    return safe_line(text, _LONGEST_PART)

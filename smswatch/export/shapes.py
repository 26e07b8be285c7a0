"""The JSON shapes that scripts rely on: keys are never renamed, new ones come last."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from smswatch.store.entry import KeptInbound
from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.times import arrival_text, provider_text

Json = dict[str, Any]
"""One object, its keys in the order in which they are written."""

# The encoder itself escapes C0. These are DEL, C1, line separators, the bidirectional controls, and what is never
# seen; the joiners stay, which belong to emoji.
_ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SURROGATES = "\ud800", "\udfff"


def message_json(row: MessageRow, timeline: Sequence[TimelineEntry]) -> Json:
    """Return a tracked message with its timeline, which comes in the order of first arrival."""
    return {
        "provider": row.provider,
        "message_id": row.message_id,
        "number": row.number,
        "status": row.status.value,
        "final": row.status.is_final,
        "provider_status": row.provider_status,
        "channel": row.channel,
        "channels": _channels(row),
        "error_code": row.error_code,
        "error_text": row.error_text,
        "flags": [flag.value for flag in row.flags],
        "reports": row.reports,
        "duplicates": row.duplicates,
        "text": row.text,
        "label": row.label,
        "mcc": row.mcc,
        "mnc": row.mnc,
        "device": row.device,
        "sim": row.sim,
        "first_seen_at": arrival_text(row.first_seen_ms),
        "last_seen_at": arrival_text(row.last_seen_ms),
        "delivered_at": provider_text(row.delivered_ms),
        "timeline": [timeline_json(entry) for entry in timeline],
        "registered_number": row.registered_number,
        "latency_ms": row.latency_ms,
    }


def timeline_json(entry: TimelineEntry) -> Json:
    """Return one report of a timeline."""
    return {
        "status": entry.status.value,
        "provider_status": entry.provider_status,
        "channel": entry.channel,
        "occurred_at": provider_text(entry.occurred_ms),
        "zone": entry.zone.value if entry.zone else None,
        "arrived_at": arrival_text(entry.arrived_ms),
        "times_received": entry.times_received,
        "flags": [flag.value for flag in entry.flags],
        "request_id": entry.request_id,
        "channels": _channels(entry),
        "error_code": entry.error_code,
        "error_text": entry.error_text,
        "occurred_raw": entry.occurred_raw,
    }


def inbound_json(row: InboundRow) -> Json:
    """Return one inbound SMS."""
    return {"provider": row.provider, **inbound_fields(row)}


def inbound_fields(sms: InboundRow | KeptInbound) -> Json:
    """Return what is known of one inbound SMS apart from its provider."""
    return {
        "message_id": sms.message_id,
        "number": sms.number,
        "body": sms.body,
        "reply_to": sms.reply_to,
        "sent_at": provider_text(sms.sent_ms),
        "received_at": provider_text(sms.received_ms),
        "zone": sms.zone.value if sms.zone else None,
        "arrived_at": arrival_text(sms.arrived_ms),
        "mcc": sms.mcc,
        "mnc": sms.mnc,
        "sim": sms.sim,
        "device": sms.device,
        "times_received": sms.times_received,
        "request_id": sms.request_id,
        "media_url": sms.media_url,
    }


def request_json(row: RequestRow, *, raw: bool = False) -> Json:
    """Return one webhook request; `raw` gives the body byte for byte, in base64, instead of as text."""
    body: Json = (
        {"body_base64": base64.b64encode(row.body).decode()}
        if raw
        else {"body": row.body.decode(errors="replace")}
    )
    return {
        "id": row.id,
        "arrived_at": arrival_text(row.arrived_ms),
        "provider": row.provider,
        "method": row.method,
        "path": row.path,
        "content_type": row.content_type,
        "size": row.size,
        "outcome": row.outcome.value,
        "problem": row.problem,
        "answer_status": row.answer_status,
        "answer_body": row.answer_body,
        **body,
        "query": row.query,
        "headers": [list(header) for header in row.headers],
        "answer_type": row.answer_type,
    }


def detail_json(detail: MessageDetail, *, raw: bool = False) -> Json:
    """Return one message with the requests behind it and the replies to it."""
    return {
        **message_json(detail.message, detail.timeline),
        "requests": [request_json(request, raw=raw) for request in detail.requests],
        "replies": [inbound_json(reply) for reply in detail.replies],
    }


def json_line(shape: Json) -> str:
    r"""Write an object on one line: values verbatim, nothing in them that could steer a terminal.

    Control, bidirectional, invisible and line-separator characters are `\uXXXX` (or `\n` and its kin), lone
    surrogates U+FFFD; all other text stays readable UTF-8.
    """
    return _ESCAPED.sub(_escape, json.dumps(shape, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    first, last = _SURROGATES
    return "\ufffd" if first <= char <= last else json.dumps(char)[1:-1]


def _channels(row: MessageRow | TimelineEntry) -> Json:
    return {name: status.value for name, status in row.channels.items()}

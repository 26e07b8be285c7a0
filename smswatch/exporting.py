"""Export: rows as the JSON shapes, as lines, as CSV and as a table for a terminal.

JSON is lossless: values verbatim, and every character that could steer a terminal or break a line written as
`\\uXXXX`. Table and CSV are for eyes and spreadsheets: they pass through safe text, and a CSV cell that a
spreadsheet would take for a formula gets an apostrophe in front (a phone number's plus counts as one).
"""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, TextIO

from smswatch.model import Outcome
from smswatch.numbers import display as grouped_number
from smswatch.safe_text import safe_line
from smswatch.store.entry import Entry, Kept
from smswatch.store.rows import InboundRow, Kind, MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.store.select import timeline_entry
from smswatch.times import arrival_text, provider_text

Json = dict[str, Any]

_STEERING = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def json_line(document: object) -> str:
    """Write a document as JSON on one line, lossless and safe to print; lone surrogates become U+FFFD."""
    text = json.dumps(document, ensure_ascii=False, separators=(", ", ": "))
    if text.isascii() and "\x7f" not in text:
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def message_json(row: MessageRow, timeline: Sequence[TimelineEntry]) -> Json:
    """Return the `messages` object."""
    return {
        "provider": row.provider,
        "message_id": row.message_id,
        "number": row.number,
        "status": row.status.value,
        "final": row.status.is_final,
        "provider_status": row.provider_status,
        "channel": row.channel,
        "channels": {name: status.value for name, status in row.channels.items()},
        "error_code": row.error_code,
        "error_text": row.error_text,
        "flags": [flag.value for flag in row.flags],
        "reports": row.reports,
        "duplicates": row.duplicates,
        "text": row.text,
        "label": row.label,
        "registered_number": row.registered_number,
        "mcc": row.mcc,
        "mnc": row.mnc,
        "device": row.device,
        "sim": row.sim,
        "latency_ms": row.latency_ms,
        "first_seen_at": arrival_text(row.first_seen_ms),
        "last_seen_at": arrival_text(row.last_seen_ms),
        "delivered_at": provider_text(row.delivered_ms),
        "timeline": [timeline_json(entry) for entry in timeline],
    }


def timeline_json(entry: TimelineEntry) -> Json:
    """Return one entry of a `timeline`."""
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
    }


def inbound_json(row: InboundRow) -> Json:
    """Return the `inbound` object."""
    return {
        "provider": row.provider,
        "message_id": row.message_id,
        "number": row.number,
        "body": row.body,
        "reply_to": row.reply_to,
        "sent_at": provider_text(row.sent_ms),
        "received_at": provider_text(row.received_ms),
        "zone": row.zone.value if row.zone else None,
        "arrived_at": arrival_text(row.arrived_ms),
        "mcc": row.mcc,
        "mnc": row.mnc,
        "sim": row.sim,
        "device": row.device,
        "media_url": row.media_url,
        "times_received": row.times_received,
        "request_id": row.request_id,
    }


def request_json(row: RequestRow, *, raw: bool = False) -> Json:
    """Return the `requests` object; `raw` gives the body byte for byte as `body_base64`."""
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
        "query": row.query,
        "content_type": row.content_type,
        "headers": [list(pair) for pair in row.headers],
        "size": row.size,
        "outcome": row.outcome.value,
        "problem": row.problem,
        "answer_status": row.answer_status,
        "answer_body": row.answer_body,
        **body,
    }


def detail_json(detail: MessageDetail, *, raw: bool = False) -> Json:
    """Return the `messages` object with the requests behind it and the replies to it."""
    return {
        **message_json(detail.message, detail.timeline),
        "requests": [request_json(request, raw=raw) for request in detail.requests],
        "replies": [inbound_json(reply) for reply in detail.replies],
    }


def event_json(entry: Entry, kept: Kept) -> list[Json]:
    """Return the events of one kept request: its reports, its inbound SMS, or that it is unreadable."""
    if kept.outcome is Outcome.UNREADABLE:
        return [
            {
                "kind": "unreadable",
                "provider": entry.provider,
                "message_id": None,
                "problem": entry.problem,
                "arrived_at": arrival_text(entry.request.arrived_ms),
                "request_id": kept.request_id,
            }
        ]
    events: list[Json] = []
    for message_id, report, flags in kept.reports:
        shown = timeline_json(timeline_entry(report, flags))
        events.append({"kind": "status", "provider": entry.provider, "message_id": message_id, **shown})
    for sms in kept.inbound:
        events.append(
            {
                "kind": "inbound",
                "provider": entry.provider,
                "message_id": sms.message_id,
                "number": sms.number,
                "body": sms.body,
                "reply_to": sms.reply_to,
                "received_at": provider_text(sms.received_ms),
                "zone": sms.zone.value if sms.zone else None,
                "arrived_at": arrival_text(sms.arrived_ms),
                "times_received": sms.times_received,
                "request_id": sms.request_id,
            }
        )
    return events


def event_line(event: Json) -> str:
    """Write one event for a person."""
    head = f"{event['arrived_at']} {safe_line(event['provider'], 30)}"
    if event["kind"] == "unreadable":
        return f"{head} unreadable: {safe_line(event['problem'] or '', 300)}"
    repeat = f" (received {event['times_received']} times)" if event["times_received"] > 1 else ""
    if event["kind"] == "inbound":
        sender = safe_line(event["number"] or "unknown", 40)
        return f"{head} inbound from {sender}: {safe_line(event['body'], 160)}{repeat}"
    channel = f" by {safe_line(event['channel'], 20)}" if event["channel"] else ""
    flags = "".join(f" [{flag}]" for flag in event["flags"])
    word = safe_line(event["provider_status"], 60)
    return f"{head} {safe_line(event['message_id'], 128)} {event['status']} ({word}){channel}{flags}{repeat}"


# --- lists ------------------------------------------------------------------------------------------------

_TABLE_COLUMNS: dict[Kind, tuple[tuple[str, str, int], ...]] = {
    Kind.MESSAGES: (
        ("first_seen_at", "first seen", 24),
        ("provider", "provider", 12),
        ("message_id", "id", 20),
        ("number", "number", 21),
        ("status", "status", 11),
        ("channel", "channel", 8),
        ("reports", "reports", 7),
        ("flags", "flags", 24),
        ("text", "text", 0),
    ),
    Kind.INBOUND: (
        ("arrived_at", "arrived", 24),
        ("provider", "provider", 12),
        ("number", "from", 21),
        ("reply_to", "answers", 12),
        ("body", "text", 0),
    ),
    Kind.REQUESTS: (
        ("id", "id", 7),
        ("arrived_at", "arrived", 24),
        ("provider", "provider", 12),
        ("outcome", "outcome", 10),
        ("answer_status", "answer", 6),
        ("size", "bytes", 7),
        ("problem", "problem", 0),
    ),
}
_CSV_LEFT_OUT = {"timeline", "channels", "headers"}
_NARROWEST_LAST = 12


async def write_json(rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write an array, one object a line, as the rows come."""
    opened = False
    async for row in rows:
        out.write(("[\n" if not opened else ",\n") + json_line(row))
        opened = True
    out.write("\n]\n" if opened else "[]\n")


async def write_jsonl(rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write one object a line."""
    async for row in rows:
        out.write(json_line(row) + "\n")


async def write_csv(rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write a header and quoted cells; lists become words, what is nested deeper is left to JSON."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    names: list[str] | None = None
    async for row in rows:
        if names is None:
            names = [name for name in row if name not in _CSV_LEFT_OUT]
            writer.writerow(names)
        writer.writerow([csv_cell(row[name]) for name in names])


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width twins
_LONGEST_CELL = 32_000


def csv_cell(value: object) -> str:
    """Return a value as a CSV cell: safe to see, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(str, value))
    raw = str(value)
    text = safe_line(raw, _LONGEST_CELL)
    starts = raw.lstrip(" '\"\u00a0\u3000;,").startswith(_FORMULA_STARTS) or raw.startswith(_FORMULA_STARTS)
    return f"'{text}" if starts and not isinstance(value, int | float) else text


async def write_table(kind: Kind, rows: AsyncIterator[Json], out: TextIO, width: int) -> None:
    """Write aligned columns that fit `width` cells; the last takes what is left."""
    columns = _TABLE_COLUMNS[kind]
    fixed = sum(cells + 2 for _, _, cells in columns)
    while len(columns) > 3 and fixed + _NARROWEST_LAST > width:  # noqa: PLR2004 - a table of less says nothing
        drop = columns[-2]
        columns = tuple(column for column in columns if column != drop)
        fixed = sum(cells + 2 for _, _, cells in columns)
    last = max(width - fixed, _NARROWEST_LAST)
    titles_written = False
    async for row in rows:
        if not titles_written:
            out.write(_table_line([title for _, title, _ in columns], columns, last))
            titles_written = True
        out.write(_table_line([_table_cell(name, row[name]) for name, _, _ in columns], columns, last))


def _table_cell(name: str, value: object) -> str:
    if value is None:
        return "–"
    if name == "number":
        return grouped_number(str(value))
    if name.endswith("_at"):
        return str(value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table_line(cells: Sequence[str], columns: Sequence[tuple[str, str, int]], last: int) -> str:
    shown = [
        safe_line(cell, width or last).ljust(width)
        for cell, (_, _, width) in zip(cells, columns, strict=True)
    ]
    return "  ".join(shown).rstrip() + "\n"

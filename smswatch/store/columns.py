"""Column lists, and records to rows and back: outside this folder only `filters` knows a column's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from smswatch.model import ChannelStatus, Outcome, Status, WebhookRequest, Zone
from smswatch.store.entry import Entry, Kept, KeptInbound, Refused, storable
from smswatch.store.room import words_of_left_out
from smswatch.store.rows import Registration
from smswatch.summary import KeptReport, Summary

_encode = msgspec.json.Encoder().encode
_decode_channels = msgspec.json.Decoder(tuple[tuple[str, str, str], ...]).decode

MESSAGES_BY_ID = (
    "SELECT id, provider, message_id, status, last_seen_ms"
    " FROM wanted CROSS JOIN messages USING (provider, message_id)"
)
REGISTRATIONS_BY_ID = (
    "SELECT provider, message_id, number, text, label"
    " FROM wanted CROSS JOIN registrations USING (provider, message_id)"
)

REPORT_COLUMNS = (
    "id, digest, status, provider_status, overall_stated, channels, occurred_ms, occurred_zone,"
    " occurred_raw, ordered_ms, starts_attempt, number, mcc, mnc, device, sim, error_code, error_text,"
    " arrived_ms, times_received, request"
)
REPORTS_BY_MESSAGE = f"SELECT message, {REPORT_COLUMNS} FROM reports WHERE message IN"  # noqa: S608 - our own names
INSERT_REPORTS = f"INSERT INTO reports(message, {REPORT_COLUMNS})"


def report_from_row(row: Sequence[Any]) -> KeptReport:
    """Make a report from a row of `REPORT_COLUMNS`."""
    return KeptReport(
        id=row[0],
        digest=row[1],
        status=Status(row[2]),
        provider_status=row[3],
        overall_stated=bool(row[4]),
        channels=channels_from_text(row[5]) if row[5] else (),
        occurred_ms=row[6],
        zone=Zone(row[7]) if row[7] else None,
        occurred_raw=row[8],
        ordered_ms=row[9],
        starts_attempt=bool(row[10]),
        number=row[11],
        mcc=row[12],
        mnc=row[13],
        device=row[14],
        sim=row[15],
        error_code=row[16],
        error_text=row[17],
        arrived_ms=row[18],
        times_received=row[19],
        request_id=row[20],
    )


def channels_from_text(text: str) -> tuple[ChannelStatus, ...]:
    """Read the `channels` column of a report."""
    return tuple(ChannelStatus(name, Status(status), word) for name, status, word in _decode_channels(text))


def _channels_to_text(channels: tuple[ChannelStatus, ...]) -> str:
    if not channels:
        return ""
    return _encode([(c.channel, c.status, c.provider_status) for c in channels]).decode()


def report_row(message: int, report: KeptReport) -> tuple[object, ...]:
    """Return a row for `INSERT_REPORTS`."""
    return (
        message,
        report.id,
        report.digest,
        report.status,
        report.provider_status,
        report.overall_stated,
        _channels_to_text(report.channels),
        report.occurred_ms,
        report.zone,
        report.occurred_raw,
        report.ordered_ms,
        report.starts_attempt,
        report.number,
        report.mcc,
        report.mnc,
        report.device,
        report.sim,
        report.error_code,
        report.error_text,
        report.arrived_ms,
        report.times_received,
        report.request_id,
    )


INSERT_MESSAGES = (
    "INSERT INTO messages(id, provider, message_id, contact, number, registered_number, status, rank,"
    " provider_status, channel, channels, error_code, error_text, flags, reports, duplicates, text, label,"
    " mcc, mnc, device, sim, first_seen_ms, last_seen_ms, delivered_ms, latency_ms, changed)"
)
_RECOMPUTED = tuple(
    "contact number registered_number status rank provider_status channel channels error_code error_text"  # noqa: SIM905 - reads as the table does
    " flags reports duplicates text label mcc mnc device sim last_seen_ms delivered_ms latency_ms changed".split()
)
UPDATE_MESSAGES = "ON CONFLICT(id) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}" for column in _RECOMPUTED
)


class MessageParts(msgspec.Struct, kw_only=True):
    """What the row of one message is made of."""

    row_id: int
    provider: str
    message_id: str
    summary: Summary
    registration: Registration | None
    number: str | None
    """The provider's, else the registered one."""
    contact: int | None
    last_seen_ms: int
    sequence: int


def message_row(parts: MessageParts) -> tuple[object, ...]:
    """Return a row for `INSERT_MESSAGES`."""
    summary, registration = parts.summary, parts.registration
    return (
        parts.row_id,
        parts.provider,
        parts.message_id,
        parts.contact,
        parts.number,
        registration.number if registration else None,
        summary.status,
        summary.status.rank,
        summary.provider_status,
        summary.channel,
        _encode(summary.channels).decode() if summary.channels else "",
        summary.error_code,
        summary.error_text,
        " ".join(summary.flags),
        summary.reports,
        summary.duplicates,
        registration.text if registration else None,
        registration.label if registration else None,
        summary.mcc,
        summary.mnc,
        summary.device,
        summary.sim,
        summary.first_seen_ms,
        parts.last_seen_ms,
        summary.delivered_ms,
        summary.latency_ms,
        parts.sequence,
    )


INBOUND_BY_DIGEST = (
    "SELECT id, digest, message_id, number, body, reply_to, sent_ms, sent_raw, received_ms, received_raw,"
    " zone, mcc, mnc, device, sim, media_url, arrived_ms, times_received, request"
    " FROM inbound WHERE provider = ? AND digest IN"
)


def inbound_from_row(row: Sequence[Any]) -> KeptInbound:
    """Make an inbound SMS from a row of `INBOUND_BY_DIGEST`."""
    return KeptInbound(
        id=row[0],
        digest=row[1],
        message_id=row[2],
        number=row[3],
        body=row[4],
        reply_to=row[5],
        sent_ms=row[6],
        sent_raw=row[7],
        received_ms=row[8],
        received_raw=row[9],
        zone=Zone(row[10]) if row[10] else None,
        mcc=row[11],
        mnc=row[12],
        device=row[13],
        sim=row[14],
        media_url=row[15],
        arrived_ms=row[16],
        times_received=row[17],
        request_id=row[18],
    )


INSERT_INBOUND = (
    "INSERT INTO inbound(id, provider, digest, message_id, contact, number, body, reply_to, sent_ms,"
    " sent_raw, received_ms, received_raw, zone, mcc, mnc, device, sim, media_url, arrived_ms,"
    " times_received, request, changed)"
)


def inbound_row(provider: str, sms: KeptInbound, contact: int | None, sequence: int) -> tuple[object, ...]:
    """Return a row for `INSERT_INBOUND`."""
    return (
        sms.id,
        provider,
        sms.digest,
        sms.message_id,
        contact,
        sms.number,
        sms.body,
        sms.reply_to,
        sms.sent_ms,
        sms.sent_raw,
        sms.received_ms,
        sms.received_raw,
        sms.zone,
        sms.mcc,
        sms.mnc,
        sms.device,
        sms.sim,
        sms.media_url,
        sms.arrived_ms,
        sms.times_received,
        sms.request_id,
        sequence,
    )


INSERT_REQUESTS = (
    "INSERT INTO requests(id, arrived_ms, provider, method, path, query, headers, content_type, body,"
    " outcome, problem, answer_status, answer_type, answer_body, changed)"
)


def headers_to_text(request: WebhookRequest) -> str:
    """Write the headers as the column keeps them: `Name: value` lines."""
    return "\n".join([f"{name}: {value}" for name, value in request.headers])


def headers_from_text(text: str) -> tuple[tuple[str, str], ...]:
    """Read the `headers` column back."""
    pairs = (line.partition(": ") for line in text.split("\n") if line)
    return tuple((name, value) for name, _, value in pairs)


def request_row(entry: Entry, kept: Kept, sequence: int) -> tuple[object, ...]:
    """Return a row for `INSERT_REQUESTS`."""
    request = entry.request
    return (
        kept.request_id,
        request.arrived_ms,
        entry.provider,
        request.method,
        request.path,
        storable(request.query),
        storable(headers_to_text(request)),
        storable(request.content_type),
        request.body,
        kept.outcome,
        _problem(entry, kept),
        entry.answer_status,
        entry.answer_type,
        entry.answer_body,
        sequence,
    )


def _problem(entry: Entry, kept: Kept) -> str | None:
    said = words_of_left_out(kept.left_out) if kept.left_out else None
    return "; ".join(filter(None, (entry.problem, said))) or None


RENEW_REFUSED = (
    "UPDATE requests SET arrived_ms = ?, path = ?, problem = ?, changed = ?"
    " WHERE outcome = 'refused' AND provider = ? AND answer_status = ?"
)


def refused_row(
    row_id: int, refused: Refused, problem: str, arrived_ms: int, sequence: int
) -> tuple[object, ...]:
    """Return a row for `INSERT_REQUESTS` of requests of which nothing but a count is kept."""
    return (
        row_id,
        arrived_ms,
        refused.provider,
        "POST",
        refused.path,
        "",
        "",
        "",
        b"",
        Outcome.REFUSED,
        problem,
        refused.answer_status,
        "",
        "",
        sequence,
    )

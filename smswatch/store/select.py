"""Reading rows: the columns of each list, and rows to the records that people are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from smswatch.model import Flag, Kind, Outcome, Status, Zone
from smswatch.store.columns import headers_from_text, report_from_row
from smswatch.store.rows import InboundRow, MessageRow, RequestRow, TimelineEntry
from smswatch.summary import KeptReport, channel_shown, summarise

Row = MessageRow | InboundRow | RequestRow

LIST_BODY_BYTES = 400
"""How much a list reads of a request's body (in bytes) and of texts; the detail reads all of it."""
_LONG = re.compile(r"\{(\w+)\}")

_COLUMNS = {
    Kind.MESSAGES: (
        "id, provider, message_id, number, registered_number, status, {provider_status}, channel, channels,"
        " error_code, {error_text}, flags, reports, duplicates, {text}, {label}, mcc, mnc, device, sim,"
        " first_seen_ms, last_seen_ms, delivered_ms, latency_ms, changed,"
        " id IN (SELECT message FROM marks)"
    ),
    Kind.INBOUND: (
        "id, provider, message_id, number, {body}, reply_to, sent_ms, received_ms, zone, arrived_ms,"
        " mcc, mnc, sim, device, media_url, times_received, request, changed"
    ),
    Kind.REQUESTS: (
        "id, arrived_ms, provider, method, path, query, headers, content_type, {body}, outcome, problem,"
        " answer_status, answer_type, answer_body, changed, length(body)"
    ),
}

_decode_statuses = msgspec.json.Decoder(dict[str, Status]).decode
_STATUSES = {status.value: status for status in Status}
_FLAGS = {"": ()} | {flag.value: (flag,) for flag in Flag}


def columns(kind: Kind, *, whole: bool = False) -> str:
    """Return the column list that `row_from` reads; `whole` reads bodies and texts to their end."""
    return _LONG.sub(r"\1" if whole else rf"substr(\1, 1, {LIST_BODY_BYTES})", _COLUMNS[kind])


def row_from(kind: Kind, row: Sequence[Any]) -> Row:
    """Make the record of one row of `columns(kind)`."""
    return _MAKERS[kind](row)


def _message(row: Sequence[Any]) -> MessageRow:
    flags = row[11]
    return MessageRow(
        id=row[0],
        provider=row[1],
        message_id=row[2],
        number=row[3],
        registered_number=row[4],
        status=_STATUSES[row[5]],
        provider_status=row[6],
        channel=row[7],
        channels=_decode_statuses(row[8]) if row[8] else {},
        error_code=row[9],
        error_text=row[10],
        flags=_FLAGS[flags] if flags in _FLAGS else tuple(map(Flag, flags.split())),
        reports=row[12],
        duplicates=row[13],
        text=row[14],
        label=row[15],
        mcc=row[16],
        mnc=row[17],
        device=row[18],
        sim=row[19],
        first_seen_ms=row[20],
        last_seen_ms=row[21],
        delivered_ms=row[22],
        latency_ms=row[23],
        changed=row[24],
        is_marked=bool(row[25]),
    )


def _inbound(row: Sequence[Any]) -> InboundRow:
    return InboundRow(
        id=row[0],
        provider=row[1],
        message_id=row[2],
        number=row[3],
        body=row[4],
        reply_to=row[5],
        sent_ms=row[6],
        received_ms=row[7],
        zone=Zone(row[8]) if row[8] else None,
        arrived_ms=row[9],
        mcc=row[10],
        mnc=row[11],
        sim=row[12],
        device=row[13],
        media_url=row[14],
        times_received=row[15],
        request_id=row[16],
        changed=row[17],
    )


def _request(row: Sequence[Any]) -> RequestRow:
    return RequestRow(
        id=row[0],
        arrived_ms=row[1],
        provider=row[2],
        method=row[3],
        path=row[4],
        query=row[5],
        headers=headers_from_text(row[6]),
        content_type=row[7],
        body=row[8] or b"",
        outcome=Outcome(row[9]),
        problem=row[10],
        answer_status=row[11],
        answer_type=row[12],
        answer_body=row[13],
        changed=row[14],
        size=row[15],
    )


_MAKERS: dict[Kind, Callable[[Sequence[Any]], Row]] = {
    Kind.MESSAGES: _message,
    Kind.INBOUND: _inbound,
    Kind.REQUESTS: _request,
}


def timeline_of(
    rows: Sequence[Sequence[Any]], repeats: dict[int, tuple[int, ...]]
) -> tuple[TimelineEntry, ...]:
    """Make a message's timeline from all its rows of `REPORT_COLUMNS`, in the order of first arrival.

    `repeats` gives, by report, the arrival times of its repeats.
    """
    return timeline_of_reports(reports_of(rows), repeats)


def reports_of(rows: Sequence[Sequence[Any]]) -> tuple[KeptReport, ...]:
    """Make the reports of one message from all its rows of `REPORT_COLUMNS`, in the order of first arrival."""
    return tuple(sorted((report_from_row(row) for row in rows), key=lambda report: report.id))


def timeline_of_reports(
    reports: Sequence[KeptReport], repeats: dict[int, tuple[int, ...]]
) -> tuple[TimelineEntry, ...]:
    """Show all the reports of one message as its timeline."""
    if not reports:
        return ()
    flags = summarise(reports).report_flags
    return tuple(
        timeline_entry(report, flags.get(report.id, ()), repeats.get(report.id, ())) for report in reports
    )


def timeline_entry(
    report: KeptReport, flags: tuple[Flag, ...], repeats: tuple[int, ...] = ()
) -> TimelineEntry:
    """Show one kept report as an entry of its message's timeline."""
    return TimelineEntry(
        id=report.id,
        status=report.status,
        provider_status=report.provider_status,
        channel=channel_shown(report.status, report.channels),
        channels={named.channel: named.status for named in report.channels},
        occurred_ms=report.occurred_ms,
        occurred_raw=report.occurred_raw,
        zone=report.zone,
        arrived_ms=report.arrived_ms,
        times_received=report.times_received,
        flags=flags,
        error_code=report.error_code,
        error_text=report.error_text,
        request_id=report.request_id,
        repeats=repeats,
    )

"""Rows for a shared place: numbers as stable pseudonyms, texts as their shape; statuses, times and ids as they are."""

from __future__ import annotations

from msgspec.structs import replace

from smswatch.masking import is_impersonal, mask_number, mask_text
from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow

Row = MessageRow | InboundRow | RequestRow


def masked(row: Row) -> Row:
    """Return the row without what a number or a text would tell about a person."""
    if isinstance(row, MessageRow):
        return _message(row)
    return _inbound(row) if isinstance(row, InboundRow) else _request(row)


def masked_detail(detail: MessageDetail) -> MessageDetail:
    """Return the message, its replies and the requests behind it, masked."""
    return replace(
        detail,
        message=_message(detail.message),
        replies=tuple(map(_inbound, detail.replies)),
        requests=tuple(map(_request, detail.requests)),
        reports=tuple(replace(report, number=_number(report.number)) for report in detail.reports),
    )


def _message(row: MessageRow) -> MessageRow:
    return replace(
        row,
        number=_number(row.number),
        registered_number=_number(row.registered_number),
        text=_text(row.text),
    )


def _inbound(row: InboundRow) -> InboundRow:
    return replace(row, number=_number(row.number), body=mask_text(row.body), media_url=_text(row.media_url))


def _request(row: RequestRow) -> RequestRow:
    return replace(
        row,
        query=mask_text(row.query),
        headers=tuple(
            (name, value if is_impersonal(name) else mask_text(value)) for name, value in row.headers
        ),
        body=mask_text(row.body.decode("utf-8", "replace")).encode(),
        answer_body=mask_text(row.answer_body),
    )


def _number(number: str | None) -> str | None:
    return None if number is None else mask_number(number)


def _text(text: str | None) -> str | None:
    return None if text is None else mask_text(text)

"""Rows for a shared place: numbers as stable pseudonyms, texts as their shape; statuses, times and ids as they are."""

from __future__ import annotations

from msgspec.structs import replace

from smswatch.masking import is_impersonal, mask_number, mask_text
from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.summary import KeptReport

Row = MessageRow | InboundRow | RequestRow


class Masker:
    """Masks rows; `secret` is what pseudonyms of numbers are made with."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def row(self, row: Row) -> Row:
        """Return the row without what a number or a text would tell about a person."""
        if isinstance(row, MessageRow):
            return self._message(row)
        return self._inbound(row) if isinstance(row, InboundRow) else _request(row)

    def entry(self, entry: TimelineEntry) -> TimelineEntry:
        """Return one report of a timeline, masked."""
        return replace(
            entry,
            error_text=_text(entry.error_text),
            occurred_raw=_time(entry.occurred_raw, entry.occurred_ms),
        )

    def detail(self, detail: MessageDetail) -> MessageDetail:
        """Return the message, its replies and the requests behind it, masked."""
        return replace(
            detail,
            message=self._message(detail.message),
            timeline=tuple(map(self.entry, detail.timeline)),
            replies=tuple(map(self._inbound, detail.replies)),
            requests=tuple(map(_request, detail.requests)),
            reports=tuple(self._report(report) for report in detail.reports),
        )

    def _message(self, row: MessageRow) -> MessageRow:
        return replace(
            row,
            number=self._number(row.number),
            registered_number=self._number(row.registered_number),
            text=_text(row.text),
            label=_text(row.label),
            error_text=_text(row.error_text),
            device=_text(row.device),
        )

    def _inbound(self, row: InboundRow) -> InboundRow:
        return replace(
            row,
            number=self._number(row.number),
            body=mask_text(row.body),
            media_url=_text(row.media_url),
            device=_text(row.device),
        )

    def _report(self, report: KeptReport) -> KeptReport:
        return replace(report, number=self._number(report.number), error_text=_text(report.error_text))

    def _number(self, number: str | None) -> str | None:
        return None if number is None else mask_number(number, self._secret)


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


def _time(raw: str | None, read_ms: int | None) -> str | None:
    """Leave a time as it was written; what is none may be anything."""
    return raw if read_ms is not None else _text(raw)


def _text(text: str | None) -> str | None:
    return None if text is None else mask_text(text)

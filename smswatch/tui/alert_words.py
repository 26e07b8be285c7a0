"""Alert words: one sentence about a row, short, safe to show anywhere, and masked where the dashboard is."""

from __future__ import annotations

from typing import assert_never

from smswatch.masking import mask_number, mask_text
from smswatch.numbers import display as grouped_number
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.display_options import DisplayOptions

_LONGEST_PART = 40
_LONGEST = 140


def alert_words(row: Row, more: int, display: DisplayOptions) -> SafeText:
    """Say what arrived, and how many more did."""
    said = _of(row, display)
    others = f", and {more:,} more" if more else ""
    return safe_line(safe_line(said, _LONGEST - len(others)) + others, _LONGEST)


def _of(row: Row, display: DisplayOptions) -> str:
    match row:
        case MessageRow():
            to = f" to {_number(row.number, display)}" if row.number else ""
            return f"{row.status}: {_part(row.provider)} {_part(row.message_id)}{to}"
        case InboundRow():
            body = mask_text(row.body[:_LONGEST]) if display.masked else row.body[:_LONGEST]
            return f"SMS from {_number(row.number, display)}: {body}"
        case RequestRow():
            problem = f", {row.problem}" if row.problem and not display.masked else ""
            return f"request {row.id} of {_part(row.provider)}: {row.outcome}{problem}"
        case _:
            assert_never(row)


def _number(number: str | None, display: DisplayOptions) -> str:
    if number is None:
        return "an unknown number"
    return _part(mask_number(number, display.masking_secret) if display.masked else grouped_number(number))


def _part(text: str) -> SafeText:
    return safe_line(text, _LONGEST_PART)

"""Columns: what each list shows of a row, and how much of it fits a width. No terminal needed.

Free text is the last column: terminals disagree on the width of some characters, and there only the rest
of that text can shift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from smswatch.masking import mask_number, mask_text
from smswatch.model import Kind, Outcome
from smswatch.numbers import display as grouped_number
from smswatch.safe_text import safe_line
from smswatch.store.ordering import OrderName
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.times import short_duration
from smswatch.tui import ink
from smswatch.tui.detail_times import ago, placed
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.glyphs import MARK, MARK_AT_CURSOR, flag_word, glyph, outcome_glyph

Cell = tuple[str, str]
"""Safe text and the style it is written in."""

_FREE_TEXT = 400
_NOTHING: Cell = ("–", ink.QUIET)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a list."""

    name: str
    title: str
    width: int
    """Cells; the last column that is shown takes what is left."""
    cell: Callable[[Row, DisplayOptions], Cell]
    sort: OrderName | None = None
    """The order that clicking or `o` gives; None: it cannot be sorted by."""
    narrowest: int = 0
    """The column goes where the list is narrower than this."""
    right: bool = False


def fitting(columns: Sequence[Column], total: int) -> list[tuple[Column, int]]:
    """Return the columns that fit and their widths; the last takes what is left."""
    shown = [column for column in columns if total >= column.narrowest]
    if not shown:
        return []
    *others, last = shown
    widths = [column.width for column in others]
    rest = total - sum(widths) - len(widths) - 1
    return [*zip(others, widths, strict=True), (last, max(rest, 1))]


def arranged(columns: Sequence[Column], order: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns in an order by name; those it does not name follow, and the free text stays last."""
    places = {name: place for place, name in enumerate(order)}
    *others, last = columns
    return (*sorted(others, key=lambda column: places.get(column.name, len(places))), last)


def gutter(row: Row, *, is_cursor: bool) -> Cell:
    """Return the one cell before the first column: the cursor, the mark that a person set, or both."""
    if isinstance(row, MessageRow) and row.is_marked:
        return (MARK_AT_CURSOR if is_cursor else MARK), ink.HEADING
    return ("▌" if is_cursor else " "), ink.PLAIN


def _time(ms: int, display: DisplayOptions) -> Cell:
    if display.time_mode == "relative":
        return ago(max(0, display.now_ms - ms)), ink.PLAIN
    when, today = placed(ms, display), placed(display.now_ms, display)
    if when.date() == today.date():
        return f"{when:%H:%M:%S}", ink.PLAIN
    return f"{when:%d %b %H:%M}" if when.year == today.year else f"{when:%Y-%m-%d}", ink.QUIET


def _number(number: str | None, display: DisplayOptions) -> Cell:
    if number is None:
        return _NOTHING
    if display.masked:
        return safe_line(mask_number(number, display.masking_secret), 40), ink.PLAIN
    return safe_line(grouped_number(number), 40), ink.PLAIN


def _text(text: str, display: DisplayOptions) -> Cell:
    return safe_line(mask_text(text) if display.masked else text, _FREE_TEXT), ink.PLAIN


def _message_number(row: Row, display: DisplayOptions) -> Cell:
    message = cast("MessageRow", row)
    if message.number is None:
        return f"id {safe_line(message.message_id, 36)}", ink.QUIET
    return _number(message.number, display)


def _message_status(row: Row, _display: DisplayOptions) -> Cell:
    status = cast("MessageRow", row).status
    return f"{glyph(status)} {status.value}", ink.status_ink(status)


def _message_flags(row: Row, _display: DisplayOptions) -> Cell:
    return " ".join(flag_word(flag) for flag in cast("MessageRow", row).flags), ink.WARNING


def _message_latency(row: Row, _display: DisplayOptions) -> Cell:
    latency = cast("MessageRow", row).latency_ms
    return _NOTHING if latency is None else (short_duration(latency), ink.PLAIN)


def _message_reports(row: Row, _display: DisplayOptions) -> Cell:
    message = cast("MessageRow", row)
    extra = f"+{message.duplicates}" if message.duplicates else ""
    return f"{message.reports}{extra}", ink.QUIET


def _message_text(row: Row, display: DisplayOptions) -> Cell:
    message = cast("MessageRow", row)
    if message.error_text and message.status.is_failure:
        said = mask_text(message.error_text) if display.masked else message.error_text
        return safe_line(f"{message.error_code}: {said}", _FREE_TEXT), ink.BAD
    if message.text or message.label:
        label = f"[{message.label}] " if message.label else ""
        return _text(label + (message.text or ""), display)
    return safe_line(message.provider_status, 60), ink.QUIET


def _provider(row: Row, _display: DisplayOptions) -> Cell:
    return safe_line(row.provider, 40), ink.PLAIN


def _channel(row: Row, _display: DisplayOptions) -> Cell:
    channel = cast("MessageRow", row).channel
    return (safe_line(channel, 20), ink.PLAIN) if channel else _NOTHING


def _inbound_reply(row: Row, _display: DisplayOptions) -> Cell:
    return ("↩" if cast("InboundRow", row).reply_to else "", ink.LINK)


def _inbound_body(row: Row, display: DisplayOptions) -> Cell:
    sms = cast("InboundRow", row)
    if not sms.body and sms.media_url:
        return "(image)", ink.QUIET
    return _text(sms.body, display)


def _outcome(row: Row, _display: DisplayOptions) -> Cell:
    outcome = cast("RequestRow", row).outcome
    style, _ = ink.OUTCOME_MEANINGS[outcome]
    return f"{outcome_glyph(outcome)} {outcome.value}", style


def _answer(row: Row, _display: DisplayOptions) -> Cell:
    return str(cast("RequestRow", row).answer_status), ink.PLAIN


def _size(row: Row, _display: DisplayOptions) -> Cell:
    return f"{cast('RequestRow', row).size:,}", ink.QUIET


def _problem(row: Row, display: DisplayOptions) -> Cell:
    request = cast("RequestRow", row)
    if request.problem:
        serious = request.outcome not in {Outcome.STORED, Outcome.DUPLICATE}
        return safe_line(request.problem, _FREE_TEXT), ink.BAD if serious else ink.QUIET
    return _text(request.body.decode(errors="replace"), display)


def _first_seen(row: Row, display: DisplayOptions) -> Cell:
    return _time(cast("MessageRow", row).first_seen_ms, display)


def _arrived(row: Row, display: DisplayOptions) -> Cell:
    return _time(cast("InboundRow", row).arrived_ms, display)


def _inbound_number(row: Row, display: DisplayOptions) -> Cell:
    return _number(cast("InboundRow", row).number, display)


COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.MESSAGES: (
        Column(name="time", title="time", width=12, cell=_first_seen, sort="time"),
        Column(name="status", title="status", width=13, cell=_message_status, sort="status"),
        Column(name="provider", title="provider", width=12, cell=_provider, sort="provider", narrowest=68),
        Column(name="number", title="number", width=20, cell=_message_number, sort="number"),
        Column(name="channel", title="channel", width=7, cell=_channel, narrowest=112),
        Column(
            name="latency",
            title="latency",
            width=7,
            cell=_message_latency,
            sort="latency",
            right=True,
            narrowest=78,
        ),
        Column(
            name="reports",
            title="reports",
            width=7,
            cell=_message_reports,
            sort="reports",
            right=True,
            narrowest=104,
        ),
        Column(name="flags", title="flags", width=12, cell=_message_flags, narrowest=56),
        Column(name="text", title="text or error", width=0, cell=_message_text, narrowest=94),
    ),
    Kind.INBOUND: (
        Column(name="time", title="time", width=12, cell=_arrived, sort="time"),
        Column(name="provider", title="provider", width=12, cell=_provider, sort="provider", narrowest=64),
        Column(name="number", title="from", width=20, cell=_inbound_number, sort="number"),
        Column(name="reply", title="re", width=2, cell=_inbound_reply),
        Column(name="text", title="text", width=0, cell=_inbound_body),
    ),
    Kind.REQUESTS: (
        Column(name="time", title="time", width=12, cell=_arrived, sort="time"),
        Column(name="provider", title="provider", width=12, cell=_provider, sort="provider"),
        Column(name="outcome", title="outcome", width=12, cell=_outcome, sort="status"),
        Column(name="answer", title="answer", width=6, cell=_answer, sort="answer", right=True),
        Column(name="size", title="bytes", width=7, cell=_size, sort="size", right=True, narrowest=80),
        Column(name="problem", title="problem or body", width=0, cell=_problem),
    ),
}

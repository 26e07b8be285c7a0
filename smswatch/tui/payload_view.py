"""The Payload page: one request as it came, what became of it, and what was answered."""

from __future__ import annotations

import msgspec
from textual.content import Content

from smswatch.masking import mask_text
from smswatch.model import Outcome
from smswatch.safe_text import safe_line
from smswatch.store.rows import RequestRow
from smswatch.tui import ink
from smswatch.tui.detail_times import arrival_time
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page, field, hang, line, paragraph
from smswatch.tui.pretty import ValueWriter
from smswatch.tui.shown_body import HIDDEN, View, shown_body
from smswatch.wording import how_many

_LINE_LIMIT = 500
_SHORT_ANSWER = 160
_INDENT = 2
_NARROW = 80
_FIRST_ERROR = 400


class PayloadChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the requests behind a row is shown, and how."""

    request: RequestRow
    position: int = 0
    """Zero-based among `total`, in the order of arrival."""
    total: int = 1
    view: View = View.PRETTY
    marked: str | None = None
    """The id of the message that the person looks at; it stands out in the body."""


def payload_page(choice: PayloadChoice, display: DisplayOptions, width: int) -> Page:
    """Lay out the request, its outcome, our answer and its body."""
    request = choice.request
    answer = request.answer_body
    is_long = len(answer) > _SHORT_ANSWER
    page = _request_lines(choice, display, width)
    page += field("answered", _answer(request, is_long=is_long), width)
    page.append(Content(""))
    hint = f"r: {choice.view.following}"
    mask = mask_text if display.masked else None
    kit = _Kit(view=choice.view, writer=ValueWriter(choice.marked, mask), width=width)
    if display.masked and request.outcome is Outcome.UNREADABLE:
        # Nobody knows what in it is a name and what a number or a text.
        page += [ink.rule(f"body ── {hint}", width), *paragraph(HIDDEN, width, ink.WARNING)]
        return page
    page += _body_lines(request.body, request.content_type, kit, hint)
    if request.query:
        page.append(Content(""))
        query = request.query.encode(errors="replace")
        page += _body_lines(query, "", kit, "the query")
    if is_long:
        page.append(Content(""))
        sent = answer.encode(errors="replace")
        page += _body_lines(sent, "", kit, f"our answer, {request.answer_status}")
    return page


def _request_lines(choice: PayloadChoice, display: DisplayOptions, width: int) -> Page:
    request = choice.request
    others = f"   {choice.position + 1} of {choice.total}" if choice.total > 1 else ""
    keys = "   < > for the others" if others else ""
    page = field("request", line((str(request.id), ink.STRONG), others, (keys, ink.QUIET)), width)
    page += field("arrived", Content(arrival_time(request.arrived_ms, display)), width)
    came = line(
        safe_line(f"{request.method} {request.path}", _LINE_LIMIT),
        (f"   {how_many(request.size, 'byte')}", ink.QUIET),
        (f"   {safe_line(request.content_type, 80)}" if request.content_type else "", ink.QUIET),
    )
    page += field("came as", came, width)
    style, meaning = ink.OUTCOME_MEANINGS[request.outcome]
    page += field("outcome", line((request.outcome.value, style), (f"  {meaning}", ink.QUIET)), width)
    if request.problem:
        page += field("problem", line((safe_line(request.problem, _LINE_LIMIT), ink.BAD)), width)
    return page


def _answer(request: RequestRow, *, is_long: bool) -> Content:
    status = (str(request.answer_status), ink.GOOD if request.answer_status < _FIRST_ERROR else ink.BAD)
    if is_long:
        return line(status, ("  shown below", ink.QUIET))
    if not request.answer_body:
        return line(status, ("  with no body", ink.QUIET))
    return line(status, "  ", safe_line(request.answer_body, 2 * _SHORT_ANSWER))


class _Kit(msgspec.Struct, frozen=True, kw_only=True):
    """What every body of a page is written with."""

    view: View
    writer: ValueWriter
    width: int


def _body_lines(body: bytes, content_type: str, kit: _Kit, about: str) -> Page:
    width = kit.width
    if not body:
        return [ink.rule("no body", width)]
    per_row = 8 if width < _NARROW else 16
    shown = shown_body(body, content_type, kit.view, kit.writer, bytes_per_row=per_row)
    page: Page = [ink.rule(f"{shown.title} ── {about}", width)]
    if shown.note:
        page += paragraph(shown.note, width, ink.WARNING)
    for row in shown.lines:
        indent = min(ink.MARGIN + _INDENT * row.depth, width // 2)
        page += _hanging(row.content, width, indent)
    if shown.missing:
        page += paragraph(shown.missing, width, ink.QUIET)
    return page


def _hanging(content: Content, width: int, indent: int) -> Page:
    """Indent a line; what does not fit goes on below, two cells further in."""
    if content.cell_length + indent <= width:
        return [line(" " * indent, content)]
    return hang(content, width, indent + _INDENT, Content(" " * indent))

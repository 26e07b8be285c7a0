"""The Headers page: the request line and the headers, as they came and in their order."""

from __future__ import annotations

from smswatch.masking import is_impersonal, mask_text
from smswatch.safe_text import safe_line
from smswatch.store.rows import RequestRow
from smswatch.tui import ink
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page, hang, line, paragraph
from smswatch.wording import how_many

_VALUE_LIMIT = 2000
_NAME_LIMIT = 80
_NAME_COLUMN = 26
_HEADERS_SHOWN = 100
_TARGET_LIMIT = 2000


def headers_page(request: RequestRow, display: DisplayOptions, width: int) -> Page:
    """Lay out the request line and up to a hundred headers."""
    target = request.path
    if request.query:
        target += "?" + (mask_text(request.query) if display.masked else request.query)
    page = hang(
        line((safe_line(request.method, 20), ink.STRONG), " ", safe_line(target, _TARGET_LIMIT)),
        width,
        ink.MARGIN,
    )
    page.append(line(""))
    shown = request.headers[:_HEADERS_SHOWN]
    names = [safe_line(name, _NAME_LIMIT) for name, _ in shown]
    room = min(max((len(name) for name in names), default=0), _NAME_COLUMN, width // 3) + 2
    for name, (_, value) in zip(names, shown, strict=True):
        page += _header_lines(name, _value(name, value, display), room, width)
    if not shown:
        page += paragraph("it came without headers", width, ink.QUIET)
    if left := len(request.headers) - len(shown):
        page += paragraph(
            f"… {how_many(left, 'more header is', 'more headers are')} not shown", width, ink.QUIET
        )
    return page


def _value(name: str, value: str, display: DisplayOptions) -> str:
    if display.masked and not is_impersonal(name):
        return safe_line(mask_text(value), _VALUE_LIMIT)
    return safe_line(value, _VALUE_LIMIT)


def _header_lines(name: str, value: str, room: int, width: int) -> Page:
    """Put the value beside its name, or below it where the name is too long for its column."""
    indent = ink.MARGIN + room
    if len(name) + 1 < room:
        return hang(line(value), width, indent, line(" " * ink.MARGIN, (name, ink.NAME)))
    return [*hang(line((name, ink.NAME)), width, ink.MARGIN), *hang(line(value), width, indent)]

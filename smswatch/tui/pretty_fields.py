"""Forms: `key=value&…` as a table, decoded as the provider's reading decodes it."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from smswatch.safe_text import safe_line
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.tui.pretty import NAME_CHARS, Pretty, Sheet, ValueWriter

_NAME_COLUMN = 24


def pretty_fields(fields: Mapping[str, str], writer: ValueWriter) -> Pretty:
    """Lay fields out in the order of their first appearance."""
    names = [safe_line(name, NAME_CHARS) for name in fields]
    room = min(max((len(name) for name in names), default=0), _NAME_COLUMN)
    sheet = Sheet()
    left = 0
    for name, value in zip(names, fields.values(), strict=True):
        if sheet.is_full:
            left += len(name) + len(value) + 1
        else:
            sheet.add(0, line((name.ljust(room), ink.NAME), "  "), _value(value, writer))
    return sheet.finish(left)


def _value(value: str, writer: ValueWriter) -> Content:
    if not value:
        return line(("empty", ink.QUIET))
    # A plus that was lost on the way is a space at the front: it must be seen.
    return writer.value(value, ink.TEXT, spell=str if value == value.strip() else _quoted)


def _quoted(value: str) -> str:
    return f'"{value}"'

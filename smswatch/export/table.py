"""The table: aligned columns for a terminal, safe to see, sized by the first rows and then streamed."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Sequence
from datetime import tzinfo
from typing import TextIO

from smswatch.export.cells import COLUMNS, Column
from smswatch.export.shapes import Json
from smswatch.model import Kind
from smswatch.safe_text import safe_line

_GAP = 2
_CUT = "…"
_SIZED_BY = 200  # rows


async def write_table(
    kind: Kind, rows: AsyncIterator[Json], out: TextIO, width: int | None, zone: tzinfo | None = None
) -> bool:
    """Write lines of at most `width` cells (None: as wide as it gets), times in `zone` (None: local).

    Nothing is written for no rows, and False is returned. Where even the columns that always stay do not fit, lines are longer.
    """
    columns = COLUMNS[kind]
    waiting: list[list[str]] = []
    widths: dict[int, int] = {}
    async for row in rows:
        line = [str(safe_line(column.cell(row, zone), column.most + 1)) for column in columns]
        if widths:
            out.write(_line(line, columns, widths))
            continue
        waiting.append(line)
        if len(waiting) == _SIZED_BY:
            widths = _begin(waiting, columns, out, width)
    if waiting and not widths:
        _begin(waiting, columns, out, width)
    return bool(waiting)


def _begin(
    lines: Sequence[Sequence[str]], columns: Sequence[Column], out: TextIO, width: int | None
) -> dict[int, int]:
    """Size the columns by the first lines, write these under their titles, and return the widths."""
    natural = [
        min(column.most, max(len(column.title), *(width_of(line[index]) for line in lines)))
        for index, column in enumerate(columns)
    ]
    widths = fit(columns, natural, width)
    titles = [column.title for column in columns]
    out.writelines(_line(line, columns, widths) for line in (titles, *lines))
    return widths


def _line(line: Sequence[str], columns: Sequence[Column], widths: dict[int, int]) -> str:
    shown = [_pad(line[index], width, columns[index]) for index, width in widths.items()]
    return (" " * _GAP).join(shown).rstrip() + "\n"


def fit(columns: Sequence[Column], natural: Sequence[int], width: int | None) -> dict[int, int]:
    """Return the width of each column that is shown, by its place, so that a line fits if it can."""
    widths = dict(enumerate(natural))
    yielding = sorted(
        (index for index, column in enumerate(columns) if column.yields), key=lambda i: -columns[i].yields
    )
    too_long = _length(widths) - width if width else 0
    for index in yielding:
        spare = min(max(widths[index] - columns[index].least, 0), max(too_long, 0))
        widths[index] -= spare
        too_long -= spare
    for index in yielding:
        if too_long <= 0:
            break
        too_long -= widths.pop(index) + _GAP
    return _regrown(columns, natural, widths, -too_long) if width else widths


def _regrown(
    columns: Sequence[Column], natural: Sequence[int], widths: dict[int, int], spare: int
) -> dict[int, int]:
    """Give room that leaving a column out has freed back to those that were narrowed, the dearest first."""
    for index in sorted(widths, key=lambda i: columns[i].yields):
        grown = min(natural[index] - widths[index], max(spare, 0))
        widths[index] += grown
        spare -= grown
    return widths


def _length(widths: dict[int, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def width_of(text: str) -> int:
    """Return how many cells a terminal gives to a safe text, as far as they agree."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _pad(text: str, width: int, column: Column) -> str:
    taken = width_of(text)
    if taken > width:
        text, taken = _cut(text, width)
    space = " " * (width - taken)
    return space + text if column.right else text + space


def _cut(text: str, width: int) -> tuple[str, int]:
    taken = 0
    for index, char in enumerate(text):
        if taken + _cells(char) > width - 1:
            return text[:index] + _CUT, taken + 1
        taken += _cells(char)
    return text, taken

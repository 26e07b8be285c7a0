"""The table: aligned columns for people, safe to see, sized by the first rows and then streamed.

Only free text, which stands last, is cut, and only where there is a width to keep. A figure, id or flag that is longer
than those before it moves the rest of its line.
"""

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
_LONGEST = 1 << 20
"""Characters of a cell: more than a request may bring."""


async def write_table(
    kind: Kind, rows: AsyncIterator[Json], out: TextIO, width: int | None, zone: tzinfo | None = None
) -> bool:
    """Write lines of at most `width` cells (None: everything, whole), times in `zone` (None: local).

    Nothing is written for no rows, and False is returned. Columns are left out where they do not fit; where even those that always stay
    do not, or an id is very long, lines are longer.
    """
    columns = COLUMNS[kind]
    waiting: list[list[str]] = []
    widths: dict[int, int] = {}
    async for row in rows:
        line = [
            _cell(row, column, zone, is_cut=width is not None and column is columns[-1]) for column in columns
        ]
        if widths:
            out.write(_line(line, columns, widths, width))
            continue
        waiting.append(line)
        if len(waiting) == _SIZED_BY:
            widths = _begin(waiting, columns, out, width)
    if waiting and not widths:
        _begin(waiting, columns, out, width)
    return bool(waiting)


def _cell(row: Json, column: Column, zone: tzinfo | None, *, is_cut: bool) -> str:
    return str(safe_line(column.cell(row, zone), column.most + 1 if is_cut else _LONGEST))


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
    out.writelines(_line(line, columns, widths, width) for line in (titles, *lines))
    return widths


def _line(line: Sequence[str], columns: Sequence[Column], widths: dict[int, int], width: int | None) -> str:
    last = len(columns) - 1
    shown = (" " * _GAP).join(_pad(line[at], widths[at], columns[at]) for at in widths if at != last)
    if last not in widths:
        return shown.rstrip() + "\n"
    text = line[last]
    if width is not None:
        text = _cut(text, max(min(widths[last], width - width_of(shown) - _GAP), 1))
    return f"{shown}{' ' * _GAP}{text}".rstrip() + "\n"


def fit(columns: Sequence[Column], natural: Sequence[int], width: int | None) -> dict[int, int]:
    """Return the width of each column that is shown, by its place, so that a line fits if it can."""
    widths = dict(enumerate(natural))
    yielding = sorted(
        (index for index, column in enumerate(columns) if column.yields), key=lambda i: -columns[i].yields
    )
    too_long = _length(widths) - width if width else 0
    last = len(columns) - 1
    spare = min(max(widths[last] - columns[last].least, 0), max(too_long, 0))
    widths[last] -= spare
    too_long -= spare
    for index in yielding:
        if too_long <= 0:
            break
        too_long -= widths.pop(index) + _GAP
    if width and last in widths:
        # What leaving a column out has freed beyond need is the text's again.
        widths[last] += min(natural[last] - widths[last], max(-too_long, 0))
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
    space = " " * (width - width_of(text))
    return space + text if column.right else text + space


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    taken = 0
    for index, char in enumerate(text):
        if taken + _cells(char) > width - 1:
            return text[:index] + _CUT
        taken += _cells(char)
    return text

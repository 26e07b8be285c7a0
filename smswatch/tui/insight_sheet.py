"""Insight's sheet: what the screen shows of one reading, as records that know no terminal and no widths."""

from __future__ import annotations

import msgspec

from smswatch.filters import Expression
from smswatch.filters.expression import After, Ago, All
from smswatch.safe_text import SafeText
from smswatch.store.figures import Figures
from smswatch.tui import ink
from smswatch.tui.facts import ProviderFacts

Terms = tuple[Expression, ...]
RowKey = tuple[str, ...]


class TimeRange(msgspec.Struct, frozen=True):
    """A time that a person can choose, counted back from now."""

    name: SafeText
    back: Ago | None
    """None: everything that is kept."""

    @property
    def terms(self) -> Terms:
        """The filter that lets through what was first seen in it."""
        return () if self.back is None else (After(self.back),)

    def since_ms(self, now_ms: int) -> int | None:
        """Return its beginning; None where it has none."""
        return None if self.back is None else now_ms - self.back.milliseconds


RANGES = (
    TimeRange(SafeText("1 h"), Ago(1, "h")),
    TimeRange(SafeText("24 h"), Ago(24, "h")),
    TimeRange(SafeText("7 d"), Ago(7, "d")),
    TimeRange(SafeText("all"), None),
)


def range_named(name: str) -> TimeRange:
    """Return the range of that name; the last 24 hours where there is none."""
    return next((one for one in RANGES if one.name == name), RANGES[1])


class Cell(msgspec.Struct, frozen=True):
    """One figure."""

    text: str
    """Short: a count, a share or a time."""
    style: str
    filter_text: str | None
    """Lists the messages that it is about; None where there are none."""
    about: SafeText
    """What it says, in words."""
    count: int = 0
    """How many messages its filter lists."""
    more: str = ""
    """What stands beside it where there is room."""


class Row(msgspec.Struct, frozen=True):
    """One line that a person can select."""

    key: RowKey
    """Stays the same while figures change."""
    title: SafeText
    cells: dict[str, Cell]
    """By name of column."""
    note: SafeText = SafeText("")
    """An explanation, shown while it is selected."""
    style: str = ink.PLAIN


class Section(msgspec.Struct, frozen=True):
    """Rows under a heading."""

    title: SafeText
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    remark: SafeText = SafeText("")
    """What the rows leave out."""


class Bar(msgspec.Struct, frozen=True):
    """One piece of the picture over time."""

    from_ms: int
    until_ms: int
    figures: Figures


class Sheet(msgspec.Struct, frozen=True):
    """Everything that the screen shows of one reading."""

    total: Figures
    share: float
    """How much has been counted, newest first, 0 to 1."""
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]


class Around(msgspec.Struct, frozen=True):
    """What beside the count decides what is shown."""

    range: TimeRange
    now_ms: int
    providers: tuple[ProviderFacts, ...]
    is_masked: bool


def filter_of(*terms: Expression) -> str:
    """Write the filter that asks for all of these, so that it is read back as meant."""
    return str(All(terms))


def with_section(counted: Sheet, section: Section | None) -> Sheet:
    """Put a section behind the first one, if it has anything to show."""
    if section is None or not section.rows:
        return counted
    sections = (*counted.sections[:1], section, *counted.sections[1:])
    return msgspec.structs.replace(counted, sections=sections)

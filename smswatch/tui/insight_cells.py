"""Insight's cells: what became of a group of messages as figures, each with the filter that lists what it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from smswatch.filters.expression import Claim, Comparison, Is, Latency, StatusIn
from smswatch.model import FAILURES, Status
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.figures import Figures
from smswatch.tui import ink
from smswatch.tui.insight_sheet import Cell, Row, RowKey, Terms, filter_of
from smswatch.tui.insight_words import share_text, time_text, typed_time
from smswatch.wording import how_many

MOST_ROWS = 15
"""Of countries, networks and reasons; the rest is counted in one line."""
FIGURES = ("messages", "delivered", "bad", "open", "unknown", "p50", "p95")
"""Columns of what became of messages."""

_Key = TypeVar("_Key")


def figure_cells(figures: Figures, terms: Terms, name: str) -> dict[str, Cell]:
    """Return the cells of a group of messages; `name` is what a person calls the group, safe to show."""
    whole = figures.messages
    about = f"{name}: {how_many(whole, 'message')}"
    cells = {"messages": Cell(f"{whole:,}", ink.STRONG, filter_of(*terms), safe_line(about), whole)}
    for column, part, asked, style, words in (
        ("delivered", figures.delivered, StatusIn((Status.DELIVERED, Status.READ)), ink.GOOD, "delivered"),
        ("bad", figures.bad, StatusIn(FAILURES), ink.BAD, "did not arrive"),
        ("open", figures.open, Is(Claim.OPEN), ink.OPEN, "still open"),
        ("unknown", figures.unknown, StatusIn((Status.UNKNOWN,)), ink.DOUBT, "will never be known"),
    ):
        cells[column] = _part_cell(name, (part, whole), (*terms, asked), style, words)
    for percent in (50, 95):
        cells[f"p{percent}"] = _latency_cell(figures, percent, terms, name)
    return cells


def _part_cell(name: str, parts: tuple[int, int], terms: Terms, style: str, words: str) -> Cell:
    part, whole = parts
    if not part:
        return Cell("–", ink.QUIET, None, safe_line(f"{name}: none {words}"))
    share, count = share_text(part, whole), f"{part:,}"
    about = safe_line(f"{name}: {count} of {whole:,} {words}, {share}")
    if style in {ink.GOOD, ink.BAD}:
        return Cell(share, style, filter_of(*terms), about, part, more=count)
    return Cell(count, style, filter_of(*terms), about, part)


def _latency_cell(figures: Figures, percent: int, terms: Terms, name: str) -> Cell:
    edge = figures.latency(percent)
    if edge is None:
        return Cell("–", ink.QUIET, None, safe_line(f"{name}: no time to delivery is known"))
    slow = Latency(Comparison.AT_LEAST, *typed_time(edge))
    about = f"{name}: {percent}% of {figures.timed:,} timed deliveries took at most {time_text(edge)}"
    text = filter_of(*terms, slow)
    return Cell(time_text(edge), ink.PLAIN, text, safe_line(about), figures.slower(edge))


def figures_row(key: RowKey, title: SafeText, figures: Figures, terms: Terms) -> Row:
    """Return the row of a group of messages; `terms` is the filter that lists it."""
    return Row(key, title, figure_cells(figures, terms, title))


def most_first(groups: Mapping[_Key, Figures]) -> list[tuple[_Key, Figures]]:
    """Sort groups by how many messages they have."""
    return sorted(groups.items(), key=lambda group: (-group[1].messages, str(group[0])))


def cut(rows: Sequence[Row], remark: str, what: str) -> tuple[tuple[Row, ...], SafeText]:
    """Leave out what is too much for a screen, and say so."""
    said = [f"and {len(rows) - MOST_ROWS:,} more {what}"] if len(rows) > MOST_ROWS else []
    return tuple(rows[:MOST_ROWS]), safe_line("; ".join((*said, *filter(None, [remark]))))

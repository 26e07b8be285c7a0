"""Insight's picture over time: one bar for each piece of it, drawn in eighths of a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from smswatch.filters.expression import After, At, Before
from smswatch.model import Status
from smswatch.safe_text import safe_line
from smswatch.store.figures import no_figures
from smswatch.store.insight import Insight
from smswatch.tui import ink
from smswatch.tui.detail_times import placed
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import Page, line
from smswatch.tui.insight_sheet import Bar, Cell, filter_of
from smswatch.wording import how_many

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LEAD = 18
"""Cells before the bars: what a line shows and its highest bar."""
_FEWEST_CELLS = 10
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


def bars_of(insight: Insight, now_ms: int) -> tuple[Bar, ...]:
    """Return a bar for each piece of the time until now, those in which nothing was seen among them."""
    width, since_ms = insight.bucket_ms, insight.since_ms
    if since_ms is None:
        known = [at for at in insight.buckets if at <= now_ms]
        since_ms = min(known, default=now_ms // width * width)
    return tuple(
        Bar(max(at, since_ms), at + width, insight.buckets.get(at, no_figures()))
        for at in range(since_ms // width * width, now_ms + 1, width)
    )


def fitting(bars: Sequence[Bar], width: int) -> tuple[Bar, ...]:
    """Return as many bars as fit, each of several where all do not."""
    room = max(width - _LEAD, _FEWEST_CELLS)
    several = -(-len(bars) // room)
    if several <= 1:
        return tuple(bars)
    # From the end, so that only the first one is of fewer.
    ends = range(len(bars), 0, -several)
    return tuple(_together(bars[max(end - several, 0) : end]) for end in reversed(ends))


def _together(bars: Iterable[Bar]) -> Bar:
    bars = tuple(bars)
    figures = no_figures()
    for bar in bars:
        figures = figures.with_more(bar.figures)
    return Bar(bars[0].from_ms, bars[-1].until_ms, figures)


def bar_cell(bar: Bar, display: DisplayOptions) -> Cell:
    """Say in words what a bar shows, with the filter that lists what it counts."""
    figures = bar.figures
    terms = After(At(placed(bar.from_ms, display))), Before(At(placed(bar.until_ms, display)))
    listed = filter_of(*terms) if figures.messages else None
    when = f"{_clock(bar.from_ms, display, with_day=True)} to {_clock(bar.until_ms, display, with_day=False)}"
    said = [how_many(figures.messages, "message")]
    said += [f"{figures.delivered:,} delivered"] if figures.delivered else []
    said += [f"{figures.bad:,} did not arrive"] if figures.bad else []
    said += [f"{figures.open:,} still open"] if figures.open else []
    return Cell("", ink.PLAIN, listed, safe_line(f"{when}: {', '.join(said)}"), figures.messages)


def picture(bars: Sequence[Bar], selected: int | None, display: DisplayOptions, width: int) -> Page:
    """Draw messages, deliveries on the same scale, failures on their own, and the times below; `bars` fit."""
    if not bars:
        return []
    cells = max((width - _LEAD) // len(bars), 1)
    whole = [bar.figures.messages for bar in bars]
    bad = [bar.figures.bad for bar in bars]
    rows = (
        (f"messages ≤{compact(max(whole))}", whole, max(whole), ink.PLAIN),
        (
            f"{glyph(Status.DELIVERED)} delivered",
            [bar.figures.delivered for bar in bars],
            max(whole),
            ink.GOOD,
        ),
        (
            f"{glyph(Status.UNDELIVERED)} bad{f' ≤{compact(max(bad))}' if any(bad) else ''}",
            bad,
            max(bad),
            ink.BAD,
        ),
    )
    page: Page = [ink.rule(f"Over time, {_length(bars[-1].until_ms - bars[-1].from_ms)} a bar", width)]
    mark = "▸ " if selected is not None else "  "
    for number, (label, values, most, style) in enumerate(rows):
        lead = line((mark if number == 0 else "  ", ink.STRONG), (label.ljust(_LEAD - 2), ink.LABEL))
        page.append(line(lead, *_bar_cells(values, most, cells, style, selected)))
    page.append(_axis(bars, cells, selected, display))
    return page


def _bar_cells(
    values: Sequence[int], most: int, cells: int, style: str, selected: int | None
) -> list[tuple[str, str]]:
    """Return the bars of one line, each piece with its style."""
    drawn = [_EIGHTHS[-(-value * 8 // most) if most else 0] * cells for value in values]
    if selected is None:
        return [("".join(drawn), style)]
    before, after = "".join(drawn[:selected]), "".join(drawn[selected + 1 :])
    return [(before, style), (drawn[selected], ink.MARK), (after, style)]


def _axis(bars: Sequence[Bar], cells: int, selected: int | None, display: DisplayOptions) -> Content:
    """Write when the first bar begins and the last one ends, and point at the selected one instead of a time."""
    with_day = bars[-1].until_ms - bars[0].from_ms > _DAY_MS
    span = len(bars) * cells
    first = _clock(bars[0].from_ms, display, with_day=with_day)
    last = _clock(bars[-1].until_ms, display, with_day=with_day)
    if len(first) + len(last) >= span:
        first, last = first[:span], ""
    if selected is None:
        return line(" " * _LEAD, (f"{first}{last.rjust(span - len(first))}", ink.QUIET))
    before, after = selected * cells, span - (selected + 1) * cells
    first = first if len(first) < before else ""
    last = last if len(last) < after else ""
    return line(
        " " * _LEAD,
        (first.ljust(before), ink.QUIET),
        ("▴" * cells, ink.STRONG),
        (last.rjust(after), ink.QUIET),
    )


def _clock(ms: int, display: DisplayOptions, *, with_day: bool) -> str:
    when = placed(ms, display)
    return f"{when:{'%d %b ' if with_day else ''}%H:%M}"


def _length(ms: int) -> str:
    for unit, name in ((_DAY_MS, "d"), (_HOUR_MS, "h"), (_MINUTE_MS, "min")):
        if ms >= unit and ms % unit == 0:
            return f"{ms // unit:,} {name}"
    return f"{ms // 1000:,} s"


def compact(number: int) -> str:
    """Write a number in a few cells: 999, 1.2k, 12k, 1.2M."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit:
            value = number / unit
            return f"{value:.1f}{name}" if value < 9.95 else f"{value:,.0f}{name}"  # noqa: PLR2004 - two digits
    return str(number)

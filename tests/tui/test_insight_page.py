"""Insight's page fits every width, its picture every time, and its cursor stays where a person put it."""

from __future__ import annotations

import itertools
from collections import Counter

import msgspec
import pytest

from smswatch.model import Status
from smswatch.safe_text import SafeText
from smswatch.store.figures import Figures
from smswatch.store.insight import Insight, Reason, Told
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.insight_bars import bars_of, compact, fitting, picture
from smswatch.tui.insight_cells import MOST_ROWS
from smswatch.tui.insight_cursor import InsightCursor, steps_to_line
from smswatch.tui.insight_page import TIME_ROW, Chosen, Stop, insight_page
from smswatch.tui.insight_readout import readout_lines
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import RANGES, Around, Sheet

HOUR_MS = 3_600_000
NOW_MS = 1_795_176_000_000
DISPLAY = DisplayOptions(time_mode="utc", now_ms=NOW_MS)


def figures(delivered: int = 0, failed: int = 0, sent: int = 0, unknown: int = 0) -> Figures:
    statuses = {
        Status.DELIVERED: delivered,
        Status.FAILED: failed,
        Status.SENT: sent,
        Status.UNKNOWN: unknown,
    }
    return Figures(Counter({status: n for status, n in statuses.items() if n}), Counter({4200: delivered}))


def insight(**changes: object) -> Insight:
    some = figures(90, 5, 4, 1)
    made = Insight(
        since_ms=NOW_MS - 24 * HOUR_MS,
        share=1.0,
        total=some,
        by_provider={"smso": some, "webcom": figures(12_345_678)},
        by_beginning={None: figures(1), "+407": some, "+120": figures(3), "VODA": figures(2)},
        by_network={("226", "03"): some, (None, None): figures(7)},
        beginnings={("226", "03"): Counter({"+407": 100}), (None, None): Counter()},
        reasons={
            Reason("smso", Status.FAILED, str(code), has_text=True): Told(5, {"error"}, "no signal " * 30)
            for code in range(MOST_ROWS + 3)
        },
        bucket_ms=HOUR_MS // 2,
        buckets={NOW_MS - place * HOUR_MS: figures(place, place % 2) for place in range(1, 24)},
    )
    return msgspec.structs.replace(made, **changes)


def made_of(reading: Insight) -> Sheet:
    return sheet(reading, Around(RANGES[1], NOW_MS, (), is_masked=False))


@pytest.mark.parametrize("width", [20, 40, 50, 76, 78, 104, 117, 200])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    for chosen in (None, Chosen(("all",), "messages"), Chosen(("provider", "smso"), "p95")):
        page = insight_page(made_of(insight()), chosen, DISPLAY, width)
        assert max(line.cell_length for line in page.lines) <= width
        assert all(stop.columns for stop in page.stops)


def test_where_there_is_no_room_figures_go_before_names() -> None:
    def heads(width: int) -> list[str]:
        page = insight_page(made_of(insight()), None, DISPLAY, width)
        return next(line.plain for line in page.lines if "Providers" in line.plain).split()[2:]

    assert heads(117)[1:] == ["messages", "✓", "delivered", "✗", "bad", "open", "¿", "unknown", "p50", "p95"]
    assert heads(76)[1:] == ["messages", "✓", "delivered", "✗", "bad", "open", "p50", "p95"]
    assert heads(46)[1:] == ["messages", "✓", "delivered", "✗", "bad"]


@pytest.mark.parametrize("width", [40, 46, 57, 58, 76, 104, 117])
def test_heads_stand_above_their_figures_however_little_room_there_is(width: int) -> None:
    page = insight_page(made_of(insight()), None, DISPLAY, width)
    for heading, row in itertools.pairwise(line.plain for line in page.lines):
        if "messages " in heading and "──" in heading:
            end = heading.index("messages") + len("messages")
            assert row[end - 1].isdigit(), (heading, row)
            assert row[end] == " "


def test_what_is_too_much_for_a_screen_is_counted() -> None:
    page = insight_page(made_of(insight()), None, DISPLAY, 100)
    text = "\n".join(line.plain for line in page.lines)
    assert "and 3 more reasons" in text


@pytest.mark.parametrize(("width", "bars"), [(200, 49), (78, 49), (60, 25), (20, 10)])
def test_the_picture_takes_the_room_that_there_is(width: int, bars: int) -> None:
    all_bars = bars_of(insight(), NOW_MS)
    shown = fitting(all_bars, width)
    assert len(shown) == bars
    assert sum(bar.figures.messages for bar in shown) == sum(bar.figures.messages for bar in all_bars)
    assert (shown[0].from_ms, shown[-1].until_ms) == (NOW_MS - 24 * HOUR_MS, NOW_MS + HOUR_MS // 2)
    assert all(one.until_ms == other.from_ms for one, other in itertools.pairwise(shown))
    drawn = picture(shown, len(shown) - 1, DISPLAY, width)
    assert max(line.cell_length for line in drawn[1:-1]) <= max(width, 18 + bars)
    assert drawn[-1].plain.rstrip().endswith("▴")


def test_the_pointer_takes_the_place_of_a_time_and_not_of_a_part_of_it() -> None:
    bars = fitting(bars_of(insight(), NOW_MS), 78)
    axes = [picture(bars, place, DISPLAY, 78)[-1].plain[18:] for place in range(len(bars))]
    first, last = axes[len(bars) // 2].replace("▴", " ").split("  ")[0], axes[0].rstrip().split("  ")[-1]
    assert all(axis[place] == "▴" for place, axis in enumerate(axes))
    assert {axis.replace("▴", " ").strip() for axis in axes} == {
        axes[len(bars) // 2].replace("▴", " "),
        first,
        last,
    }


def test_bars_of_everything_begin_with_the_first_message() -> None:
    bars = bars_of(insight(since_ms=None), NOW_MS)
    assert bars[0].from_ms == NOW_MS - 23 * HOUR_MS
    assert bars[0].figures.messages
    assert len(bars_of(insight(since_ms=None, buckets={}), NOW_MS)) == 1


def test_a_bar_that_is_not_empty_is_seen() -> None:
    reading = insight(buckets={NOW_MS - HOUR_MS: figures(1), NOW_MS - 2 * HOUR_MS: figures(10_000)})
    drawn = picture(fitting(bars_of(reading, NOW_MS), 78), None, DISPLAY, 78)
    assert drawn[1].plain.strip().split() == ["messages", "≤10k", "█", "▁"]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1234, "1.2k"), (12_345, "12k"), (1_234_567, "1.2M")]
)
def test_numbers_beside_the_picture_are_short(number: int, text: str) -> None:
    assert compact(number) == text


STOPS = (
    Stop(TIME_ROW, range(5), ("1", "2", "3")),
    Stop(("all",), range(6, 8), ("messages", "bad", "p95")),
    Stop(("open", "smso"), range(9, 11), ("open", "stuck")),
)


def test_the_cursor_begins_below_the_picture_and_keeps_its_column() -> None:
    cursor = InsightCursor()
    assert cursor.chosen is None
    cursor.row(1)
    cursor.settle(STOPS)
    assert cursor.chosen == Chosen(("all",), "messages")
    cursor.figure(2)
    cursor.row(1)
    assert cursor.chosen == Chosen(("open", "smso"), "open")
    cursor.row(-1)
    assert cursor.chosen == Chosen(("all",), "p95")
    cursor.row(-1)
    assert cursor.chosen == Chosen(TIME_ROW, "3")
    cursor.figure(-1)
    assert cursor.chosen == Chosen(TIME_ROW, "2")


def test_the_cursor_follows_its_row() -> None:
    cursor = InsightCursor()
    cursor.settle(STOPS)
    cursor.edge(1)
    cursor.settle(STOPS[1:])
    assert cursor.chosen == Chosen(("open", "smso"), "open")
    cursor.settle(STOPS[:2])
    assert cursor.chosen == Chosen(("all",), "messages")
    cursor.settle(())
    assert cursor.chosen is None


@pytest.mark.parametrize(("wanted", "steps"), [(-5, -1), (6, 0), (8, 1), (99, 1)])
def test_a_page_is_so_many_rows(wanted: int, steps: int) -> None:
    assert steps_to_line(STOPS, STOPS[1], wanted) == steps


def test_the_readout_says_what_enter_does() -> None:
    page = insight_page(made_of(insight()), None, DISPLAY, 100)
    cell = page.cell(Chosen(("provider", "smso"), "bad"))
    assert [line.plain for line in readout_lines(cell, SafeText("why"), 80)] == [
        "smso: 5 of 100 did not arrive, 5.0%   Enter lists 5 messages",
        "why",
    ]
    assert all(line.cell_length <= 30 for line in readout_lines(cell, SafeText("why " * 20), 30))
    assert readout_lines(None, SafeText(""), 80) == []

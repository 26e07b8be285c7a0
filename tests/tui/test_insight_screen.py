"""The Insight screen: counts while it is shown, leads to the messages that a figure counts, and back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest
from dashboard_station import (
    DEADLINE_S,
    AppPilot,
    Clock,
    MakeApp,
    Station,
    app_of,
    matches_golden,
    pane_of,
    running,
    screen_text,
    sees,
    until,
)
from insight_day import MINUTE_MS, receive_day

from smswatch.errors import StoreError
from smswatch.filters import FilterContext
from smswatch.store.insight import Counting, Insight
from smswatch.store.reader import Reader
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.insight_pane import InsightPane
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import Around, Sheet


@pytest.fixture
async def day(station: Station, clock: Clock) -> Station:
    """An hour and a quarter of traffic, seen from its end."""
    await receive_day(station)
    clock.now_ms += 75 * MINUTE_MS
    return station


def insight_of(app: SmsWatchApp) -> InsightPane:
    return app.query_one(InsightPane)


def cursor_line(app: SmsWatchApp) -> str:
    """Return the line of the screen that the cursor is on."""
    return next((line for line in screen_text(app).splitlines() if "▸" in line), "")


async def enter_insight(pilot: AppPilot) -> None:
    await pilot.press("5")
    await sees(pilot, "first seen in this time")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24)])
async def test_what_is_shown(make_app: MakeApp, clock: Clock, width: int, height: int) -> None:
    context = FilterContext(now_ms=clock.now_ms, stuck_after_ms=15 * MINUTE_MS)
    async with running(make_app(filter_context=lambda: context), size=(width, height)) as pilot:
        await enter_insight(pilot)
        await sees(pilot, "4 stuck")
        await sees(pilot, "Still open, now")
        await matches_golden(pilot, f"insight-{width}x{height}")


@pytest.mark.usefixtures("station")
async def test_where_nothing_has_come_it_says_what_to_do(make_app: MakeApp) -> None:
    async with running(make_app(), size=(80, 24)) as pilot:
        await pilot.press("5")
        await sees(pilot, "No message was first seen in the last 24 h.")
        await pilot.press("r", "r")
        await sees(pilot, "No delivery report has arrived yet.")
        await matches_golden(pilot, "insight-empty-80x24")


@pytest.mark.usefixtures("day")
async def test_a_figure_leads_to_its_messages_and_esc_comes_back(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        pane = pane_of(app_of(pilot))
        await pilot.press("/", *"provider:smso", "enter", "M")
        await enter_insight(pilot)
        await pilot.press("down", "right", "right")
        await sees(pilot, "did not arrive, ")
        before = cursor_line(app_of(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: pane.feed.is_complete and "status:bad" in pane.filter_text)
        assert pane.filter_text.startswith("provider:")
        assert not pane.is_marked_only
        await sees(pilot, "Esc goes back to Insight")
        count = len(pane.feed)
        await pilot.press("enter", "escape")
        assert pane.filter_text.endswith("status:bad")
        await pilot.press("escape")
        await sees(pilot, f"Enter lists {count} message")
        assert cursor_line(app_of(pilot)) == before
        assert (pane.filter_text, pane.is_marked_only) == ("provider:smso", True)


@pytest.mark.usefixtures("day")
async def test_once_the_filter_is_another_one_esc_clears_it(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await pilot.press("enter")
        await sees(pilot, "/after:24h")
        await pilot.press("/", *" is:open", "enter")
        await sees(pilot, "Esc clears")
        await pilot.press("escape")
        await until(pilot, lambda: not pane_of(app_of(pilot)).filter_text)
        await sees(pilot, "all 60 messages")


@pytest.mark.usefixtures("day")
async def test_whoever_goes_elsewhere_is_not_brought_back(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await pilot.press("enter", "2", "1", "escape")
        await until(pilot, lambda: not pane_of(app_of(pilot)).filter_text)


@pytest.mark.usefixtures("day")
async def test_a_bar_leads_to_the_messages_of_its_time(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await pilot.press("up", "left")
        await sees(pilot, "20 Nov 12:30 to 13:00: 9 messages")
        await pilot.press("enter")
        pane = pane_of(app_of(pilot))
        await until(pilot, lambda: pane.feed.is_complete and len(pane.feed) == 9)
        assert pane.filter_text == "after:2026-11-20T12:30:00+00:00 before:2026-11-20T13:00:00+00:00"


@pytest.mark.usefixtures("day")
async def test_another_range_counts_other_messages(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await sees(pilot, "60 messages first seen")
        for expected in ("60 messages", "60 messages", "32 messages"):
            await pilot.press("r")
            await sees(pilot, f"{expected} first seen")
        await pilot.click("#insight TabStrip", offset=(8, 0))
        await sees(pilot, "30 min a bar")


@pytest.mark.usefixtures("day")
async def test_the_range_is_there_again_at_the_next_start(make_app: MakeApp) -> None:
    for range_before, range_after in (("30 min a bar", "3 h a bar"), ("3 h a bar", "2 min a bar")):
        async with running(make_app()) as pilot:
            await pilot.press("5")
            await sees(pilot, range_before)
            await pilot.press("r")
            await sees(pilot, range_after)


async def test_what_arrives_is_counted(make_app: MakeApp, station: Station) -> None:
    await station.smso("one", "sent")
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await sees(pilot, "1 message first seen")
        await station.smso("two", "delivered")
        await sees(pilot, "2 messages first seen")


async def test_masked_it_holds_back_what_strangers_wrote(make_app: MakeApp, station: Station) -> None:
    await station.gateway(71, 9, "No signal at +40722334455", "+40722334401")
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await sees(pilot, "No signal")
        await pilot.press("*")
        await until(pilot, lambda: "No signal" not in screen_text(app_of(pilot)))
        await sees(pilot, "masked")


async def test_what_is_masked_while_it_is_counted_comes_masked(
    make_app: MakeApp, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    await station.gateway(71, 9, "No signal at +40722334455", "+40722334401")
    begun, goes_on = threading.Event(), threading.Event()

    def slowly(insight: Insight, around: Around) -> Sheet:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            goes_on.wait(DEADLINE_S)
        return sheet(insight, around)

    monkeypatch.setattr("smswatch.tui.insight_pane.sheet", slowly)
    async with running(make_app()) as pilot:
        await pilot.press("5")
        await until(pilot, begun.is_set)
        await pilot.press("*")
        goes_on.set()
        await sees(pilot, "SmsGateWay24 9")
        assert "No signal" not in screen_text(app_of(pilot))


@pytest.mark.usefixtures("day")
async def test_the_cursor_stays_in_the_page(make_app: MakeApp) -> None:
    async with running(make_app(), size=(80, 24)) as pilot:
        await enter_insight(pilot)
        await pilot.press("G", "down", *["right"] * 9)
        assert "226" in cursor_line(app_of(pilot))
        await pilot.press("home", "up", *["left"] * 60)
        assert "messages" in cursor_line(app_of(pilot))
        await pilot.press("pagedown")
        assert cursor_line(app_of(pilot))
        await pilot.press("pageup", "pageup")
        assert "messages" in cursor_line(app_of(pilot))


@pytest.mark.usefixtures("day")
async def test_leaving_ends_the_counting(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    added = 0
    add = Counting.add

    def slowly(self: Counting, *parts: str) -> None:
        nonlocal added
        added += 1
        add(self, *parts)

    monkeypatch.setattr(Counting, "add", slowly)
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await pilot.press("1")
        counting = [one for one in app_of(pilot).workers if one.group == "counting"]
        assert not counting
        before = added
        await pilot.press("5")
        await until(pilot, lambda: added > before)


@pytest.mark.usefixtures("day")
async def test_a_long_counting_shows_how_far_it_is_and_can_be_left(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = asyncio.Event()
    insight = Reader.insight

    async def halfway(self: Reader, since_ms: int | None, now_ms: int) -> AsyncGenerator[Counting]:
        async for counting in insight(self, since_ms, now_ms):
            counting.share = 0.5
            yield counting
            await goes_on.wait()
            counting.share = 1.0
            yield counting

    monkeypatch.setattr(Reader, "insight", halfway)
    monkeypatch.setattr("smswatch.tui.insight_reading._SHOWN_AGAIN_S", 0.0)
    async with running(make_app()) as pilot:
        await pilot.press("5")
        await sees(pilot, "counting, 50%")
        await pilot.press("1")
        await sees(pilot, "all 60 messages")
        goes_on.set()
        await enter_insight(pilot)


async def test_the_header_and_the_setup_tell_what_is_stuck_and_who_is_quiet(
    make_app: MakeApp, station: Station, clock: Clock
) -> None:
    await station.webcom((1, "send"), (2, "send"))
    await station.smso("one", "sent")
    clock.now_ms += 5 * 3_600_000
    async with running(make_app()) as pilot:
        await sees(pilot, "3 stuck")
        await pilot.press("4")
        await sees(pilot, "webcom: 2 open, last callback 5 h ago")
        await station.webcom((1, "deliver"), (2, "not_deliver"), after_ms=5 * 3_600_000)
        await sees(pilot, "1 stuck")
        await until(pilot, lambda: "webcom: 2 open" not in screen_text(app_of(pilot)))


async def test_the_selected_line_stays_in_view_while_lines_come_above_it(
    make_app: MakeApp, station: Station
) -> None:
    await receive_day(station, 12)
    async with running(make_app(), size=(80, 24)) as pilot:
        await enter_insight(pilot)
        await pilot.press("G")
        before = cursor_line(app_of(pilot)).split()[:3]
        assert before
        for code, words in ((8, "Not delivered"), (10, "No service"), (11, "No SIM"), (100, "Stopped")):
            await station.gateway(1000 + code, code, words, "+40722334455")
        await sees(pilot, "16 messages first seen")
        assert cursor_line(app_of(pilot)).split()[:3] == before


async def test_what_cannot_be_read_is_said_and_tried_again(
    make_app: MakeApp, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    await station.smso("one", "sent")
    is_broken = True
    insight = Reader.insight

    def broken(self: Reader, since_ms: int | None, now_ms: int) -> AsyncGenerator[Counting]:
        if is_broken:
            raise StoreError("the disk is gone")
        return insight(self, since_ms, now_ms)

    monkeypatch.setattr(Reader, "insight", broken)
    async with running(make_app()) as pilot:
        await pilot.press("5")
        await sees(pilot, "the disk is gone")
        is_broken = False
        await sees(pilot, "1 message first seen")
        assert "the disk is gone" not in screen_text(app_of(pilot))


@pytest.mark.usefixtures("day")
async def test_help_and_palette_know_it(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await enter_insight(pilot)
        await pilot.press("?")
        await sees(pilot, "List these messages")
        await pilot.press("escape", "1", "ctrl+p", *"insight")
        await sees(pilot, "The key 5")
        await pilot.press("enter")
        await sees(pilot, "first seen in this time")

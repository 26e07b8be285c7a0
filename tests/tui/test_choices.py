"""Stories of what a person arranges: marks, columns and times, there again at the next start."""

from __future__ import annotations

import pytest
from dashboard_station import (
    MakeApp,
    Station,
    app_of,
    pane_of,
    running,
    screen_text,
    sees,
    selected_id,
    until,
)

from smswatch.errors import StoreError
from smswatch.model import Kind
from smswatch.store.rows import Marking
from smswatch.tui.columns import COLUMNS, arranged
from smswatch.tui.memory import ColumnChoice, MemoryFile


@pytest.fixture
async def traffic(station: Station) -> Station:
    """Three messages, the newest of them failed."""
    await station.webcom((3001, "send"), (3002, "deliver"))
    await station.webcom((3003, "not_deliver"))
    return station


def row_of(text: str, message_id: str) -> str:
    return next(row for row in text.splitlines() if f"id {message_id}" in row)


# --- marks


@pytest.mark.usefixtures("traffic")
async def test_where_none_is_marked_it_says_so_and_speaks_of_no_filter(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("M")
        await sees(pilot, "No message is marked.")
        assert "Nothing matches" not in screen_text(app_of(pilot))
        await pilot.press("/", *"status:bad", "enter")
        await sees(pilot, "Nothing matches the filter.")


@pytest.mark.usefixtures("traffic")
async def test_m_marks_a_message_and_takes_the_mark_away(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("down", "m")
        await sees(pilot, "◈")
        await pilot.press("up")
        text = screen_text(app_of(pilot))
        assert row_of(text, "3002").startswith("◆")
        assert row_of(text, "3003").startswith("▌")
        await pilot.press("down", "m")
        await until(pilot, lambda: row_of(screen_text(app_of(pilot)), "3002").startswith("▌"))


@pytest.mark.usefixtures("traffic")
async def test_a_mark_is_there_at_the_next_start(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("m")
        await sees(pilot, "◈")
    async with running(make_app()) as pilot:
        assert row_of(screen_text(app_of(pilot)), "3003").startswith("◈")


async def test_capital_m_shows_only_marked_messages_and_arrivals_obey_it(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("down", "m", "M")
        await sees(pilot, "◆ marked")
        await sees(pilot, "1 of 3")
        assert selected_id(app) == "3002"
        await traffic.webcom((3004, "send"))
        await sees(pilot, "1 of 4")
        await pilot.press("M")
        await sees(pilot, "all 4 messages")


@pytest.mark.usefixtures("traffic")
async def test_only_marked_stands_beside_the_filter_and_esc_clears_one_after_the_other(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("m", "down", "m", "M")
        await sees(pilot, "2 of 3")
        await pilot.press("slash", *"status:delivered OR id:3001", "enter")
        await sees(pilot, "1 of 3")
        assert selected_id(app) == "3002"
        await pilot.press("escape")
        await sees(pilot, "2 of 3")
        await pilot.press("escape")
        await sees(pilot, "all 3 messages")


@pytest.mark.usefixtures("traffic")
async def test_the_mark_of_an_open_detail_is_that_of_its_message(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("enter", "m")
        await sees(pilot, "Marked")
        await sees(pilot, "◈")


async def test_what_cannot_be_marked_says_so(traffic: Station, make_app: MakeApp) -> None:
    await traffic.inbound("Da")
    async with running(make_app()) as pilot:
        await pilot.press("2")
        await sees(pilot, "Da")
        await pilot.press("m")
        await sees(pilot, "Only messages can be marked")


@pytest.mark.usefixtures("traffic")
async def test_a_mark_that_cannot_be_written_says_why(make_app: MakeApp) -> None:
    def refuse(_: Marking) -> int:
        raise StoreError("the process that writes it did not answer")

    async with running(make_app(mark=refuse)) as pilot:
        await pilot.press("m")
        await sees(pilot, "did not answer")
        assert "◈" not in screen_text(app_of(pilot))


# --- columns and times


def test_columns_come_in_the_order_that_was_chosen_and_free_text_stays_last() -> None:
    columns = COLUMNS[Kind.MESSAGES]
    names = [column.name for column in arranged(columns, ("status", "text", "gone", "time"))]
    assert names[:2] == ["status", "time"]
    assert names[-1] == "text"
    assert sorted(names) == sorted(column.name for column in columns)
    assert arranged(columns, ()) == columns


@pytest.mark.usefixtures("traffic")
async def test_columns_their_order_and_the_time_are_there_at_the_next_start(
    make_app: MakeApp, station: Station
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("c", "J", "down", "down", "space", "escape", "t", "t")
        await sees(pilot, "status        time UTC")
    choice = MemoryFile.beside(station.path).now.columns["messages"]
    assert choice.order[:3] == ("status", "time", "provider")
    assert choice.hidden == {"number"}
    async with running(make_app()) as pilot:
        await sees(pilot, "status        time UTC")
        titles = next(row for row in screen_text(app_of(pilot)).splitlines() if "time UTC" in row)
        assert "number" not in titles


@pytest.mark.usefixtures("traffic")
async def test_the_chooser_brings_the_columns_back_as_they_were(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("c", "J", "space", "r", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert pane_of(app).table.column_choice == ColumnChoice()


@pytest.mark.usefixtures("traffic")
async def test_columns_of_another_version_do_no_harm(make_app: MakeApp, station: Station) -> None:
    columns = {"messages": ColumnChoice(("gone", "status"), frozenset({"gone"})), "letters": ColumnChoice()}
    MemoryFile.beside(station.path).remember(columns=columns)
    async with running(make_app()) as pilot:
        await sees(pilot, " status        time")


@pytest.mark.usefixtures("traffic")
async def test_a_choice_that_cannot_be_kept_says_why_and_holds_meanwhile(
    make_app: MakeApp, station: Station
) -> None:
    MemoryFile.beside(station.path).path.mkdir()
    async with running(make_app()) as pilot:
        await pilot.press("t", "t")
        await sees(pilot, "time UTC")
        await sees(pilot, "cannot be kept")


# --- dialogs


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("height", [12, 19, 24])
@pytest.mark.parametrize(
    ("key", "last", "hint"),
    [("y", "support ticket", "A letter copies it"), ("c", "text or error", "r as at first, Esc closes")],
    ids=["copy", "columns"],
)
async def test_a_dialog_shows_what_is_selected_and_its_keys_however_low_the_terminal_is(
    make_app: MakeApp, height: int, key: str, last: str, hint: str
) -> None:
    async with running(make_app(), (60, height)) as pilot:
        await pilot.press(key)
        await sees(pilot, hint)
        await pilot.press("end")
        await sees(pilot, f" {last} ")
        assert hint in screen_text(app_of(pilot))

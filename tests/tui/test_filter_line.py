"""Stories of the filter line: what is refused, what is completed, what comes back."""

from __future__ import annotations

import pytest
from dashboard_station import AppPilot, MakeApp, Station, app_of, pane_of, running, screen_text, sees, until
from textual.events import Key

from smswatch.tui.filter_line import FilterLine
from smswatch.tui.memory import MOST_HISTORY, MemoryFile


@pytest.fixture
async def traffic(station: Station) -> Station:
    """Messages of two providers, one with a label of two words."""
    await station.webcom((3001, "send"), (3002, "deliver"))
    station.track("3001", "+40722334455", "Your code", "night run")
    await station.smso("u-1", "undelivered", number="+447700900123")
    return station


def line_of(pilot: AppPilot) -> FilterLine:
    return app_of(pilot).query_one(FilterLine)


async def opened(pilot: AppPilot, station: Station) -> None:
    """Open the line and wait until the values of the database are there."""
    del station
    await pilot.press("/")
    await until(pilot, lambda: line_of(pilot)._choice.values)


# --- Enter


@pytest.mark.usefixtures("traffic")
async def test_enter_on_an_unreadable_filter_stays_in_the_line_and_marks_the_wrong_part(
    make_app: MakeApp,
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"provider:smso", "enter", "/", "end", *" status:delivred", "enter")
        await sees(pilot, "✗ no status is called delivred; did you mean delivered?")
        line = line_of(pilot)
        assert line.has_focus
        assert (line.value, line.wrong_from) == ("provider:smso status:delivred", 21)
        assert app_of(pilot).query_one("#filter-bar").has_class("-refused")
        await pilot.press("escape")
        await until(pilot, lambda: not line.has_focus)
        assert pane_of(app_of(pilot)).filter_text == "provider:smso"


async def test_a_long_filter_that_cannot_be_read_can_be_seen(station: Station, make_app: MakeApp) -> None:
    await station.webcom((3001, "send"))
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press("/", *"status:de")
        await sees(pilot, "✗ no status is called de; there are bad, unmapped")
        await pilot.press(*"livered provider:webcom nonsense:1")
        await sees(pilot, "red provider:webcom nonsense:1")
        await sees(pilot, "✗ there is no nonsense:")


@pytest.mark.usefixtures("traffic")
async def test_mended_it_is_taken(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"status:delivred", "enter")
        await sees(pilot, "✗ no status")
        await pilot.press("backspace", "backspace", "backspace", *"ered", "enter")
        await sees(pilot, "/status:delivered  1 of 3")
        assert not line_of(pilot).has_focus


@pytest.mark.usefixtures("traffic")
async def test_what_is_missing_at_the_end_marks_the_last_term(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"code status:")
        await sees(pilot, "✗ a value is missing")
        line = line_of(pilot)
        (span,) = line._value.spans
        assert line.value[span.start : span.end] == "status:"


# --- completion


async def test_what_exists_is_offered_behind_the_cursor_and_tab_takes_it(
    traffic: Station, make_app: MakeApp
) -> None:
    async with running(make_app()) as pilot:
        await opened(pilot, traffic)
        await pilot.press(*"text:ni")
        await sees(pilot, "/ text:night run")
        assert line_of(pilot).value == "text:ni"
        await pilot.press("tab", "enter")
        await sees(pilot, '/text:"night run"  1 of 3')


async def test_right_takes_it_at_the_end_and_moves_elsewhere(traffic: Station, make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await opened(pilot, traffic)
        await pilot.press(*"pro", "left", "right")
        assert line_of(pilot).value == "pro"
        await pilot.press("right")
        assert line_of(pilot).value == "provider:"


async def test_shift_tab_offers_another(traffic: Station, make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await opened(pilot, traffic)
        await pilot.press(*"provider:")
        await sees(pilot, "/ provider:webcom")
        await pilot.press("shift+tab")
        await sees(pilot, "/ provider:smso")
        await pilot.press("tab")
        assert line_of(pilot).value == "provider:smso"


async def test_tab_typed_ahead_completes_what_was_typed_before_it(
    traffic: Station, make_app: MakeApp
) -> None:
    async with running(make_app()) as pilot:
        await opened(pilot, traffic)
        driver = app_of(pilot)._driver
        assert driver is not None
        for key in ("s", "t", "a", "tab", "f", "tab", "enter"):
            driver.process_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: pane_of(app_of(pilot)).filter_text == "status:failed")
        await until(pilot, lambda: not line_of(pilot).has_focus)


async def test_while_masked_no_label_and_no_number_is_offered(traffic: Station, make_app: MakeApp) -> None:
    async with running(make_app(is_masked=True)) as pilot:
        await opened(pilot, traffic)
        assert not {"text", "number"} & line_of(pilot)._choice.values.keys()
        await pilot.press(*"text:ni", "tab")
        assert line_of(pilot).value == "text:ni"


async def test_a_hostile_label_is_not_offered(station: Station, make_app: MakeApp) -> None:
    await station.webcom((3001, "send"))
    station.track("3001", "+40722334455", None, "evil\x1b]52;c;aGk=\x07 [bold]")
    async with running(make_app()) as pilot:
        await opened(pilot, station)
        await pilot.press(*"text:ev", "tab")
        assert line_of(pilot).value == "text:ev"


# --- history


@pytest.mark.usefixtures("traffic")
async def test_filters_of_an_earlier_start_come_back_the_newest_first(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"is:open", "enter", "escape", "/", *"is:final", "enter")
        await sees(pilot, "/is:final")
    async with running(make_app()) as pilot:
        await pilot.press("/", *"draft", "up")
        assert line_of(pilot).value == "is:final"
        await pilot.press("up", "up")
        assert line_of(pilot).value == "is:open"
        await pilot.press("down", "down", "down")
        assert line_of(pilot).value == "draft"


@pytest.mark.usefixtures("traffic")
async def test_while_masked_nothing_is_kept_and_nothing_comes_back(
    station: Station, make_app: MakeApp
) -> None:
    memory = MemoryFile.beside(station.path)
    memory.note_filter("0722334455")
    async with running(make_app(is_masked=True)) as pilot:
        await pilot.press("/", *"secret", "enter")
        await sees(pilot, "/••••••")
        await pilot.press("escape", "/", "up")
        assert not line_of(pilot).value
    assert MemoryFile.beside(station.path).now.history == ("0722334455",)


@pytest.mark.usefixtures("traffic")
async def test_an_unreadable_filter_is_not_kept(station: Station, make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"status:x", "enter")
        await sees(pilot, "✗ no status")
    assert MemoryFile.beside(station.path).now.history == ()


def test_the_history_is_bounded_and_has_each_filter_once(station: Station) -> None:
    memory = MemoryFile.beside(station.path)
    for n in (*range(MOST_HISTORY + 5), 50):
        memory.note_filter(f"id:{n}")
    history = memory.now.history
    assert len(history) == len(set(history)) == MOST_HISTORY
    assert history[-1] == "id:50"


# --- help


@pytest.mark.usefixtures("traffic")
async def test_f1_in_the_line_shows_the_keys_of_the_line_first(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", "f1")
        await sees(pilot, "Filter line")
        assert "Another completion" in screen_text(app_of(pilot))


async def test_a_list_says_what_it_lacks_of_the_filter(station: Station, make_app: MakeApp) -> None:
    await station.webcom((3001, "send"))
    async with running(make_app()) as pilot:
        await pilot.press("3", "slash", *"status:failed", "enter")
        await sees(pilot, "0 of 1  requests have no status")

"""What happens when the database goes away, the terminal shrinks, or the person leaves in the middle."""

from __future__ import annotations

import msgspec
import pytest
from dashboard_station import LISTENER, Clock, MakeApp, Station, pane_of, running, screen_text, sees, until
from textual.events import AppBlur, AppFocus
from textual.widgets import Input

from smswatch.tui.banner import sentence
from smswatch.tui.facts import ListenerFacts


@pytest.fixture
async def traffic(station: Station) -> Station:
    """Five hundred messages and one that failed."""
    for start in range(0, 500, 100):
        await station.webcom(*((5000 + start + number, "send") for number in range(100)))
    await station.webcom((4000, "not_deliver"))
    return station


async def test_a_database_that_is_deleted_is_said_and_ends_nothing(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        traffic.path.unlink()
        for keys in (("enter",), ("escape", "y"), ("2",)):
            await pilot.press(*keys)
            await sees(pilot, "cannot open the database")
        await pilot.press("1", "q")
    assert app.return_code == 0


@pytest.mark.usefixtures("traffic")
async def test_a_database_that_cannot_be_read_is_said_whatever_key_comes(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        app._window.close()
        await sees(pilot, "the database cannot be read")
        assert app.query_one("#banner").has_class("-trouble")
        await pilot.press("p", "e", "G", "pagedown", "f", "o", "enter", "escape", "2", "3", "1", "t", "q")
    assert app.return_code == 0


@pytest.mark.usefixtures("traffic")
async def test_a_mark_where_nothing_can_be_read_ends_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        row = pane_of(app).table.selected
        assert row is not None
        app._window.close()
        await app._marker.turn(row, is_said=True)
        await sees(pilot, "the database cannot be read")


@pytest.mark.usefixtures("traffic")
async def test_a_storm_of_sizes_leaves_a_screen_that_works(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("down", "enter")
        for width, height in ((1, 1), (300, 90), (3, 60), (200, 2), (80, 24), (20, 5), (2, 2), (120, 40)):
            await pilot.resize_terminal(width, height)
        await sees(pilot, "message id")
        await pilot.press("escape")
        await sees(pilot, "all 501 messages")
        assert len(screen_text(app).splitlines()) == 40


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(("/", "5", "0"), id="while a filter is read"),
        pytest.param(("o", "O"), id="while an order is read"),
        pytest.param(("enter", "]"), id="while a detail is read"),
        pytest.param(("2", "3"), id="while lists are opened"),
        pytest.param(("e", "E"), id="while a failure is looked for"),
        pytest.param(("?",), id="under the help"),
        pytest.param(("y",), id="under the copy menu"),
    ],
)
async def test_leaving_in_the_middle_is_in_order(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        app.exit(0)
    assert app.return_code == 0


async def test_an_open_detail_keeps_its_message_while_rows_arrive(
    traffic: Station, make_app: MakeApp, clock: Clock
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("down", "enter")
        await sees(pilot, "message id 5499")
        for number in range(20):
            await traffic.webcom((6000 + number, "send"))
            clock.now_ms += 600
        await sees(pilot, "1 Messages 521")
        await sees(pilot, "message id 5499")
        await until(pilot, lambda: pane_of(app).feed.arrived_unseen == 20)


async def test_a_window_in_the_background_gives_the_keys_back_to_the_filter_line(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"is:open")
        app.post_message(AppBlur())
        await until(pilot, lambda: not app.app_focus)
        await traffic.webcom((7000, "send"))
        await sees(pilot, "501 of 502")
        app.post_message(AppFocus())
        await until(pilot, lambda: app.app_focus)
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("q")
        assert app.query_one("#filter-input", Input).value == "is:openq"


@pytest.mark.usefixtures("traffic")
async def test_a_click_on_the_list_leaves_the_filter_line_as_enter_does(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"is:final")
        await sees(pilot, "1 of 501")
        await pilot.click("#table-messages", offset=(3, 1))
        await until(pilot, lambda: app.focused is pane_of(app).table)
        await until(pilot, lambda: not app.query_one("#filter-bar").display)
        assert pane_of(app).filter_text == "is:final"


@pytest.mark.usefixtures("traffic")
async def test_ages_are_drawn_again_only_where_they_change(
    make_app: MakeApp, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("t", "t", "t", "t")
        await sees(pilot, " ago")
        clock.now_ms += 3_600_000
        await sees(pilot, "1 h ago")
        app.tick()
        await pilot.pause()  # what was still to be drawn is drawn now
        drawn: list[object] = []
        monkeypatch.setattr(app, "_display", lambda _, update: drawn.append(update))
        for _ in range(5):
            clock.now_ms += 1000
            app.tick()
            await pilot.pause()
        assert not any(drawn)


VIEWER = msgspec.structs.replace(LISTENER, is_viewer=True, address=None)


@pytest.mark.parametrize(
    ("facts", "can_take_over", "said"),
    [
        pytest.param(LISTENER, True, None, id="nothing"),
        pytest.param(msgspec.structs.replace(LISTENER, is_open=True), True, "Open (--open)", id="open"),
        pytest.param(VIEWER, True, "Nobody listens now: webhooks are not received; press L", id="nobody"),
        pytest.param(VIEWER, False, "Nobody listens now: webhooks are not received", id="only nobody"),
        pytest.param(msgspec.structs.replace(VIEWER, holder_pid=1), True, None, id="viewer"),
        pytest.param(
            msgspec.structs.replace(VIEWER, is_open=True, trouble="the disk is full"),
            True,
            "Nothing is kept (answered 503): the disk is full",
            id="trouble before all",
        ),
    ],
)
def test_the_banner_says_the_most_serious_thing(
    facts: ListenerFacts, can_take_over: bool, said: str | None
) -> None:
    found = sentence(facts, None, can_take_over=can_take_over)
    assert (found is None) if said is None else (found is not None and found[1].startswith(said))

"""Stories: what a person sees and does, over a real database that a real writer fills meanwhile."""

from __future__ import annotations

import shlex

import msgspec
import pytest
from dashboard_station import (
    LISTENER,
    Clock,
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
from textual.events import Key, Resize
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import Input

from smswatch.errors import StoreError
from smswatch.model import Kind
from smswatch.store.rows import MessageRow
from smswatch.tui.app import EVERYWHERE, SmsWatchApp
from smswatch.tui.key_line import KeyLine
from smswatch.tui.keymap import key_help
from smswatch.tui.places import PLACES


@pytest.fixture
async def traffic(station: Station) -> Station:
    """Five messages: sent, delivered, undelivered, sent, and delivered by another provider."""
    await station.webcom((3001, "send"))
    await station.webcom((3002, "send"), (3002, "deliver"))
    await station.webcom((3003, "not_deliver"))
    await station.webcom((3004, "send"))
    await station.smso("8a5d2f89", "delivered", "+447700900123")
    station.track("3001", "+40722334455", "Codul dvs. este 4711", "codes")
    return station


@pytest.mark.usefixtures("traffic")
async def test_the_first_frame_shows_rows_header_and_counts(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await sees(pilot, "+40 722 334 455 RO")
        await sees(pilot, "http://127.0.0.1:7670")
        await sees(pilot, "✓ 2 delivered")
        await sees(pilot, "1 Messages 5")
        await sees(pilot, "all 5 messages")


async def test_a_report_that_arrives_is_on_the_screen_a_tick_later(
    traffic: Station, make_app: MakeApp
) -> None:
    async with running(make_app()) as pilot:
        await traffic.webcom((3099, "send"))
        await sees(pilot, "id 3099")
        assert selected_id(app_of(pilot)) == "3099"
        await traffic.webcom((3099, "expired"))
        await sees(pilot, "⊗ expired")


async def test_navigating_pauses_following_and_the_selection_follows_the_message(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("j", "down")
        chosen = selected_id(app)
        await traffic.webcom((3099, "send"))
        await sees(pilot, "paused, 1 new")
        assert selected_id(app) == chosen
        await pilot.press("g")
        await sees(pilot, "▶ following")
        assert selected_id(app) == "3099"


async def test_f_stops_and_resumes_following(traffic: Station, make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("f")
        await sees(pilot, "‖ paused")
        await traffic.webcom((3099, "send"))
        await sees(pilot, "paused, 1 new")
        assert selected_id(app) == "8a5d2f89"
        await pilot.press("f")
        await sees(pilot, "▶ following")
        assert selected_id(app) == "3099"


async def test_p_freezes_the_list_while_intake_and_totals_go_on(traffic: Station, make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("p")
        await traffic.webcom((3099, "send"))
        await sees(pilot, "frozen, 1 new")
        await sees(pilot, "1 Messages 6")
        assert "id 3099" not in screen_text(app)
        await pilot.press("p")
        await sees(pilot, "id 3099")


async def test_a_row_that_stops_matching_leaves_the_filtered_list(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"is:open", "enter")
        await sees(pilot, "2 of 5")
        await traffic.webcom((3004, "deliver"))
        await sees(pilot, "1 of 5")
        assert "id 3004" not in screen_text(app)


async def test_a_selected_row_that_stops_matching_stays_until_the_cursor_leaves_it(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"is:open", "enter")
        await sees(pilot, "2 of 5")
        await pilot.press("down")
        assert selected_id(app) == "3001"
        await traffic.webcom((3001, "deliver"))
        await sees(pilot, "✓ delivered   webcom       +40 722 334 455")
        assert selected_id(app) == "3001"
        await pilot.press("up")
        await sees(pilot, "1 of 5")
        assert "+40 722 334 455" not in screen_text(app)


async def test_what_arrives_obeys_the_filter_in_force(traffic: Station, make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"status:undelivered", "enter")
        await sees(pilot, "1 of 5")
        await traffic.webcom((3098, "send"), (3099, "not_deliver"))
        await sees(pilot, "2 of 7")
        assert "id 3098" not in screen_text(app)
        await sees(pilot, "id 3099")


def in_one_go(app: SmsWatchApp, *keys: str) -> None:
    """Let keys arrive as from a slow line: all at once."""
    assert app._driver is not None
    for key in keys:
        character = "/" if key == "slash" else key if len(key) == 1 else None
        app._driver.process_message(Key(key, character))


@pytest.mark.usefixtures("traffic")
async def test_keys_typed_ahead_go_into_the_filter_line(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        in_one_go(app, "slash", *"fpqy1")
        await until(pilot, lambda: app.query_one("#filter-input", Input).value == "fpqy1")
        assert not pane_of(app).is_frozen


@pytest.mark.usefixtures("traffic")
async def test_keys_in_one_go_each_find_what_the_one_before_left(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        in_one_go(app, "slash", *"3004", "enter", "2")
        await sees(pilot, "no inbound SMS")
        assert pane_of(app).filter_text == "3004"
        await pilot.press("1")
        in_one_go(app, "slash", *"x", "backspace", *"5", "escape", "slash", *"3001", "enter", "p")
        await until(pilot, lambda: pane_of(app).is_frozen)
        assert pane_of(app).filter_text == "3001"
        assert not app.query_one("#filter-bar").display


@pytest.mark.usefixtures("traffic")
async def test_a_half_typed_filter_says_why_and_leaves_the_last_valid_one_in_force(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"status:undelivered")
        await sees(pilot, "✓ 1 of 5")
        await pilot.press("backspace")
        await sees(pilot, "✗ ")
        assert pane_of(app).filter_text == "status:undelivered"
        assert len(pane_of(app).feed) == 1


@pytest.mark.usefixtures("traffic")
async def test_esc_in_the_line_discards_the_edit_and_enter_keeps_it(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"provider:smso", "enter")
        await sees(pilot, "1 of 5")
        await pilot.press("/")
        assert app.query_one("#filter-input", Input).value == "provider:smso"
        await pilot.press(*" 12345")
        await sees(pilot, "0 of 5")
        await pilot.press("escape")
        await until(pilot, lambda: pane_of(app).filter_text == "provider:smso")
        await sees(pilot, "1 of 5")
        await pilot.press("escape")
        await sees(pilot, "all 5 messages")
        await pilot.press("escape")
        assert app.is_running


@pytest.mark.usefixtures("traffic")
async def test_a_filter_that_nothing_matches_says_how_to_go_on(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"provider:nobody", "enter")
        await sees(pilot, "Nothing matches the filter.")
        await sees(pilot, "Esc clears it")
        await pilot.press("escape")
        await sees(pilot, "+40 722 334 455 RO")
        await pilot.press("down")
        assert selected_id(app) == "3004"


@pytest.mark.usefixtures("traffic")
async def test_earlier_filters_come_back_with_the_arrow_keys(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"provider:smso", "enter", "escape", "/", "up")
        assert app.query_one("#filter-input", Input).value == "provider:smso"
        await pilot.press("down")
        assert not app.query_one("#filter-input", Input).value


@pytest.mark.usefixtures("traffic")
async def test_a_filter_by_age_lets_go_of_what_grows_too_old(make_app: MakeApp, clock: Clock) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"after:57s", "enter")
        await sees(pilot, "3 of 5")
        clock.now_ms += 16_000
        await sees(pilot, "0 of 5")


async def test_a_filter_by_age_is_read_anew_without_moving_what_a_person_looks_at(
    station: Station, make_app: MakeApp, clock: Clock
) -> None:
    for number in range(50):
        await station.webcom((3000 + number, "send"))
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press("/", *"before:30s", "enter")
        await sees(pilot, "29 of 50")
        await pilot.press(*"jjjjj")
        table, selected = pane_of(app).table, selected_id(app)
        clock.now_ms += 15_000
        pane_of(app).renew_filter()
        assert table.feed.is_complete
        assert (table.feed.cursor, table.scroll_offset.y) == (5, 0)
        await sees(pilot, "44 of 50")
        assert (table.feed.cursor, table.scroll_offset.y, selected_id(app)) == (20, 15, selected)


@pytest.mark.usefixtures("traffic")
async def test_a_list_that_is_still_being_read_is_not_begun_anew_because_time_passes(
    make_app: MakeApp, clock: Clock
) -> None:
    app = make_app()
    async with running(app):
        pane = pane_of(app)
        await pane.set_filter("after:57s")
        begun = pane._filter.condition
        clock.now_ms += 15_000
        pane.renew_filter()
        assert pane._filter.condition is begun


@pytest.mark.usefixtures("traffic")
async def test_a_dashboard_can_begin_with_a_filter(make_app: MakeApp) -> None:
    async with running(make_app(initial_filter="provider:smso")) as pilot:
        await sees(pilot, "/provider:smso  1 of 5")


@pytest.mark.usefixtures("traffic")
async def test_enter_opens_the_detail_and_esc_goes_back(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("G", "enter")
        await sees(pilot, "message id 3001")
        await sees(pilot, "2026-11-20 12:00:01")
        await pilot.press("escape")
        await until(pilot, lambda: "message id 3001" not in screen_text(app))
        assert app.focused is pane_of(app).table


async def test_an_open_detail_follows_what_arrives_about_its_message(
    traffic: Station, make_app: MakeApp, clock: Clock
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("G", "enter")
        await sees(pilot, "── 1 report ─")
        await traffic.webcom((3001, "deliver"))
        clock.now_ms += 1000
        await sees(pilot, "── 2 reports ─")


async def test_four_screens_by_number(traffic: Station, make_app: MakeApp) -> None:
    await traffic.inbound("Da, confirm 👍", replied_to="8a5d2f89")
    await traffic.receive("smso", b"nonsense", "text/plain")
    async with running(make_app()) as pilot:
        await pilot.press("2")
        await sees(pilot, "Da, confirm 👍")
        await pilot.press("enter")
        await sees(pilot, "8a5d2f89")
        await pilot.press("3")
        await sees(pilot, "✗ unreadable")
        await pilot.press("enter")
        await sees(pilot, "nonsense")
        await pilot.press("4")
        await sees(pilot, "/webhooks/smsgateway24")
        await pilot.press("1")
        await sees(pilot, "+40 722 334 455 RO")


async def test_a_list_not_on_the_screen_catches_up_when_it_is_shown(
    traffic: Station, make_app: MakeApp
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("2", "1")
        await traffic.inbound("Da")
        await sees(pilot, "2 Inbound 1")
        await pilot.press("2")
        await sees(pilot, " Da")


@pytest.mark.usefixtures("traffic")
async def test_e_goes_to_the_next_failure_and_says_when_there_is_none(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: selected_id(app) == "3003")
        await pilot.press("e")
        await sees(pilot, "No failure below")
        await pilot.press("G", "E")
        await until(pilot, lambda: selected_id(app) == "3003")


@pytest.mark.usefixtures("traffic")
async def test_sorting_keeps_the_order_and_f_goes_back_to_the_newest(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("o")
        await sees(pilot, "by provider ▾")
        await until(pilot, lambda: selected_id(app) == "3004")
        await pilot.press("O")
        await sees(pilot, "by provider ▴")
        await until(pilot, lambda: selected_id(app) == "8a5d2f89")
        await pilot.press("f")
        await sees(pilot, "▶ following")


async def test_what_arrives_finds_its_place_in_a_sorted_list(traffic: Station, make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("o", "O")
        await sees(pilot, "by provider ▴")
        await until(pilot, lambda: pane_of(app).feed.is_complete)
        await traffic.smso("ffffffff", "sent")
        await until(pilot, lambda: len(pane_of(app).feed) == 6)
        row = pane_of(app).table.row_at(0)
        assert isinstance(row, MessageRow)
        assert row.message_id == "ffffffff"


@pytest.mark.usefixtures("traffic")
async def test_times_and_masking_reach_table_and_detail(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("t")
        await sees(pilot, "59 s ago")
        await pilot.press("t")
        await sees(pilot, "time UTC")
        await pilot.press("*", "G", "enter")
        await sees(pilot, "message id 3001")
        await sees(pilot, "masked")
        assert "4711" not in screen_text(app)
        assert "334 455" not in screen_text(app)


@pytest.mark.usefixtures("traffic")
async def test_columns_can_be_hidden_but_not_all_of_them(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("c", "down", "down", "space", "escape")
        await until(pilot, lambda: pane_of(app).table.column_choice.hidden == {"provider"})
        assert "provider " not in screen_text(app)
        assert "webcom" not in screen_text(app)


async def test_y_sends_what_is_chosen_to_the_clipboard_without_control_characters(
    traffic: Station, make_app: MakeApp
) -> None:
    app = make_app()
    traffic.track("3004", "+447700900999", "call\x1b]52;c;AAAA\x07 me")
    async with running(app) as pilot:
        await pilot.press("down", "y")
        await sees(pilot, "message id")
        await pilot.press("t")
        await sees(pilot, "sent to the terminal's clipboard")
        assert app.clipboard == r"call\x1b]52;c;AAAA\x07 me"
        await pilot.press("y")
        await sees(pilot, "JSON object")
        await pilot.press("o")
        await until(pilot, lambda: app.clipboard.startswith("{"))
        assert msgspec.json.decode(app.clipboard)["message_id"] == "3004"


async def test_hostile_text_is_shown_and_does_nothing(traffic: Station, make_app: MakeApp) -> None:
    app = make_app()
    await traffic.inbound("pay [/] now \x1b[2J[@click=app.quit]tap[/]")
    traffic.track("3004", "[/b]", "[/] \u202e gpj", "[a=")
    async with running(app) as pilot:
        await sees(pilot, r"[[a=] [/] \u202e gpj")
        await pilot.press("down", "y")
        await sees(pilot, "message id")
        await pilot.press("escape", "2")
        await sees(pilot, r"pay [/] now \x1b[2J[@click=app.quit]tap[/]")
        await pilot.press("/", *"[/] [b")
        await sees(pilot, "/ [/] [b")
        assert "\x1b" not in screen_text(app)


@pytest.mark.usefixtures("traffic")
async def test_trouble_and_open_intake_are_said_in_a_banner(make_app: MakeApp) -> None:
    facts = [msgspec.structs.replace(LISTENER, is_open=True)]
    async with running(make_app(listener=lambda: facts[0])) as pilot:
        await sees(pilot, "requests need no key")
        facts[0] = msgspec.structs.replace(LISTENER, trouble="the disk is full")
        await sees(pilot, "Nothing is kept (answered 503): the disk is full")
        assert pilot.app.query_one("#banner").has_class("-trouble")
        facts[0] = LISTENER
        await until(pilot, lambda: not pilot.app.query_one("#banner").display)


@pytest.mark.usefixtures("traffic")
async def test_a_viewer_says_so_and_takes_over_once_nobody_listens(make_app: MakeApp) -> None:
    viewer = msgspec.structs.replace(LISTENER, is_viewer=True, holder_pid=4711, address=None)
    facts = [viewer]
    failures = [StoreError("somebody was faster")]

    async def take_over() -> None:
        if failures:
            raise failures.pop()
        facts[0] = LISTENER

    async with running(make_app(listener=lambda: facts[0], take_over=take_over)) as pilot:
        await sees(pilot, "viewer · process 4711 listens")
        await pilot.press("L")
        await sees(pilot, "Process 4711 listens; end it first")
        facts[0] = msgspec.structs.replace(viewer, holder_pid=None)
        await sees(pilot, "press L to listen here")
        await pilot.press("L")
        await sees(pilot, "somebody was faster")
        await pilot.press("L")
        await sees(pilot, "This window listens now")
        await pilot.press("L")
        await sees(pilot, "This window listens already")


async def test_the_wheel_moves_the_page_takes_the_cursor_along_and_pauses(
    traffic: Station, make_app: MakeApp
) -> None:
    for number in range(100):
        await traffic.webcom((4000 + number, "send"))
    app = make_app()
    async with running(app) as pilot:
        table = pane_of(app).table
        table.scroll_to(y=20, animate=False, immediate=True)
        await sees(pilot, "‖ paused")
        assert pane_of(app).feed.cursor == 20
        await traffic.webcom((5000, "send"))
        await sees(pilot, "paused, 1 new")
        assert table.scroll_offset.y == 21
        await pilot.press("home")
        assert table.scroll_offset.y == 0


async def test_a_long_list_can_be_walked_to_its_end(traffic: Station, make_app: MakeApp) -> None:
    for start in range(0, 400, 100):
        await traffic.webcom(*((5000 + start + number, "send") for number in range(100)))
    app = make_app()
    async with running(app, size=(80, 24)) as pilot:
        await until(pilot, lambda: len(pane_of(app).feed) == 405)
        await pilot.press("G")
        await sees(pilot, "+40 722 334 455 RO")
        assert selected_id(app) == "3001"
        await pilot.press("pageup", "ctrl+d")
        assert 380 < pane_of(app).feed.cursor < 404


@pytest.mark.usefixtures("traffic")
async def test_a_click_on_a_title_sorts_and_on_a_row_selects(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.click(f"#table-{Kind.MESSAGES}", offset=(3, 3))
        assert selected_id(app) == "3003"
        await pilot.click(f"#table-{Kind.MESSAGES}", offset=(16, 0))
        await sees(pilot, "by status ▾")
        await pilot.click("#header", offset=(20, 2))
        await sees(
            pilot,
            "No"  # the list of inbound SMS is empty
            "body has sent an SMS yet.",
        )


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 12), (40, 10), (20, 5), (2, 2), (1, 1)])
@pytest.mark.usefixtures("traffic")
async def test_any_size_can_be_drawn_and_used(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with running(make_app(), size=size) as pilot:
        await pilot.press("j", "enter", "]", "]", "escape", "3", "4", "?", "escape", "1", "/", *"x", "escape")
        await pilot.resize_terminal(80, 24)
        await pilot.press("q")
    assert pilot.app.return_code == 0


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting_gives_0(make_app: MakeApp, key: str) -> None:
    async with running(make_app()) as pilot:
        await pilot.press(key)
    assert pilot.app.return_code == 0


async def test_ctrl_c_tells_the_key_that_quits(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("ctrl+c")
        await sees(pilot, "Press q to quit")


async def test_an_empty_screen_gives_a_curl_command_that_makes_a_row(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await sees(pilot, "No delivery report has arrived yet.")
        await pilot.press("y")
        await sees(pilot, "sent to the terminal's clipboard")
        program, *arguments = shlex.split(app.clipboard)
        assert program == "curl"
        assert arguments[-1] == "http://127.0.0.1:7670/webhooks/smsgateway24"
        msgspec.json.decode(arguments[-2])


async def test_ctrl_c_does_not_quit(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("ctrl+c")
        await sees(pilot, "to quit")
        assert pilot.app.is_running


async def test_the_palette_knows_every_command(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("ctrl+p", *"mask")
        await sees(pilot, "Mask numbers and text")
        await pilot.press("enter")
        await sees(pilot, "masked")


async def test_help_names_every_key(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("?")
        await sees(pilot, "Mask numbers and text")
        await pilot.press("escape")
    assert {"/", "y", "f", "p", "?", "q", "1", "2", "3", "4"} <= {
        key for _, key, _ in key_help((EVERYWHERE, *PLACES))
    }


@pytest.mark.usefixtures("traffic")
async def test_the_footer_holds_at_most_eight_keys(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        for keys in ((), ("enter",), ("escape", "4"), ("1", "/")):
            await pilot.press(*keys)
            await pilot.pause()
            assert 1 <= len(app_of(pilot).query_one(KeyLine).keys) <= 8


@pytest.mark.usefixtures("traffic")
async def test_a_click_on_a_key_in_the_last_line_is_as_good_as_the_key(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        at = screen_text(app_of(pilot)).splitlines()[-1].index("? Help")
        await pilot.click(KeyLine, offset=(at + 3, 0))
        await sees(pilot, "Mask numbers and text")


@pytest.mark.usefixtures("traffic")
async def test_a_key_pressed_before_everything_is_mounted_finds_its_screen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        in_one_go(app, "enter")
        await until(pilot, lambda: app.query("DetailPane LinesView"))
        in_one_go(app, "4")
        await sees(pilot, "/webhooks/smso")


@pytest.mark.usefixtures("traffic")
async def test_an_idle_dashboard_draws_nothing(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.pause()
        drawn: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *arguments: drawn.append(arguments))
        for _ in range(20):
            app.tick()
            await pilot.pause()
        assert not drawn


@pytest.mark.usefixtures("traffic")
async def test_moving_the_cursor_draws_two_lines(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("down")
        await pilot.pause()
        table = pane_of(app).table
        drawn: list[int] = []
        render_line = table.render_line

        def note_line(y: int) -> Strip:
            drawn.append(y)
            return render_line(y)

        monkeypatch.setattr(table, "render_line", note_line)
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(drawn)) == [2, 3]


@pytest.mark.usefixtures("traffic")
async def test_a_resized_terminal_is_arranged_for_its_new_size(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        # The lower the terminal, the fewer lines go to what is not a row.
        for columns, lines, above in ((80, 24, 5), (30, 8, 1), (12, 4, 1), (80, 14, 4), (160, 50, 5)):
            await pilot.resize_terminal(columns, lines)
            await until(pilot, lambda above=above: "▌" in screen_text(app).splitlines()[above])  # type: ignore[misc]
            assert all("▌" not in line for line in screen_text(app).splitlines()[:above])


@pytest.mark.usefixtures("traffic")
async def test_a_resize_is_heard_of_though_textual_lost_the_timer_that_passes_it_on(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with running(app) as pilot:
        app._resize_timer = app.set_timer(3_600, lambda: None)
        app.post_message(Resize(Size(80, 14), Size(80, 14)))
        await until(pilot, lambda: len(screen_text(app).splitlines()) == 14)
        await until(pilot, lambda: "▌" in screen_text(app).splitlines()[4])

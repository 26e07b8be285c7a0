from __future__ import annotations

import msgspec
import pytest
from dashboard_station import LISTENER, MakeApp, Station, pane_of, running, sees

from smswatch.errors import SmswatchError
from smswatch.model import Kind, Outcome, Status
from smswatch.safe_text import safe_line
from smswatch.store.ordering import Order
from smswatch.store.totals import Totals
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.header import Rate, address_line, statuses_line, tabs
from smswatch.tui.list_status import ListState, status_line

TOTALS = Totals(
    old_key={},
    statuses={Status.DELIVERED: 1200, Status.SENT: 30, Status.FAILED: 4, Status.EXPIRED: 2},
    inbound=7,
    requests={Outcome.STORED: 2000, Outcome.DUPLICATE: 12},
    refusals={},
    by_provider={},
)
STATE = ListState(kind=Kind.MESSAGES, shown=1236, total=1236, is_complete=True)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        pytest.param(80, "✓ 1,200 delivered  ↑ 30 sent  ∅ 4 failed  ⊗ 2 expired", id="all words"),
        pytest.param(40, "✓ 1,200 delivered  ↑ 30 sent  ∅ 4  ⊗ 2", id="some words"),
        pytest.param(30, "✓ 1,200  ↑ 30  ∅ 4  ⊗ 2", id="no words"),
        pytest.param(12, "✓ 1,200  ↑ …", id="cut"),
        pytest.param(0, "", id="no room"),
    ],
)
def test_totals_shorten_by_width(width: int, text: str) -> None:
    assert statuses_line(TOTALS, width).plain == text


def test_the_tabs_count_what_each_screen_holds() -> None:
    titles = [tab.plain for tab in tabs(1, TOTALS, 80)]
    assert titles == [" 1 Messages 1,236 ", " 2 Inbound 7 ", " 3 Requests 2,012 ", " 4 Setup ", " 5 Insight "]


@pytest.mark.parametrize(
    ("room", "text"),
    [
        pytest.param(69, " 1 Messages 1,236  2 Inbound 7  3 Requests 2,012  4 Setup  5 Insight ", id="whole"),
        pytest.param(68, " 1 Messages 1.2k  2 Inbound 7  3 Requests 2k  4 Setup  5 Insight ", id="rounded"),
        pytest.param(60, " 1 Messages  2 Inbound  3 Requests  4 Setup  5 Insight ", id="names alone"),
        pytest.param(50, " 1 Messages  2  3  4  5 ", id="the open one"),
    ],
)
def test_the_tabs_are_shorter_where_there_is_no_room(room: int, text: str) -> None:
    assert "".join(tab.plain for tab in tabs(1, TOTALS, room)) == text


@pytest.mark.parametrize(("stuck", "text"), [(0, "  quiet"), (1200, "  1,200 stuck  quiet")])
def test_the_header_says_how_many_messages_are_stuck(stuck: int, text: str) -> None:
    assert address_line(LISTENER, "quiet", 100, stuck).plain.endswith(f" {text}")


VIEWER = msgspec.structs.replace(LISTENER, is_viewer=True, address=None)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        pytest.param(LISTENER, "http://127.0.0.1:7670 · https://example.ngrok.app", id="listening"),
        pytest.param(
            msgspec.structs.replace(VIEWER, holder_pid=7), "viewer · process 7 listens", id="viewer"
        ),
        pytest.param(VIEWER, "viewer · nobody listens", id="nobody"),
        pytest.param(
            msgspec.structs.replace(LISTENER, public_url="https://a\x1b[2J"),
            r"https://a\x1b[2J",
            id="hostile",
        ),
    ],
)
def test_the_header_says_where_webhooks_come_in(facts: ListenerFacts, text: str) -> None:
    shown = address_line(facts, "2.0/s", 100).plain
    assert text in shown
    assert shown.endswith("2.0/s")
    assert len(shown) == 100


def test_the_rate_is_a_second_where_it_is_fast_and_a_minute_where_it_is_slow() -> None:
    rate = Rate()
    assert rate.note(0, 100) == "quiet"
    assert rate.note(1000, 140) == "40/s"
    assert rate.note(11_000, 140) == "40/min"
    assert rate.note(20_000, 160) == "2.0/s"
    assert rate.note(62_000, 160) == "20/min"
    assert rate.note(200_000, 160) == "quiet"


def test_the_rate_counts_from_anew_once_something_was_removed() -> None:
    rate = Rate()
    rate.note(0, 11_000)
    assert rate.note(1000, 144) == "quiet"
    assert rate.note(2000, 154) == "10/s"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({}, "all 1,236 messages", id="everything"),
        pytest.param({"shown": 1, "total": 1}, "1 message   ", id="one"),
        pytest.param({"shown": 0, "total": 0}, "no messages   ", id="none"),
        pytest.param({}, "▶ following", id="following"),
        pytest.param({"is_complete": False}, "all 1,236 messages, still reading", id="reading"),
        pytest.param({"is_following": False, "unseen": 17}, "‖ paused, 17 new g follows", id="paused"),
        pytest.param({"frozen_new": 3}, "■ frozen, 3 new p goes on", id="frozen"),
        pytest.param({"is_masked": True}, "masked  ▶ following", id="masked"),
        pytest.param(
            {"order": Order("number", descending=False), "is_following": False}, "by number ▴", id="sorted"
        ),
        pytest.param(
            {"filter_text": "is:open", "english": safe_line("something is expected"), "shown": 12},
            "/is:open  12 of 1,236  something is expected  Esc clears",
            id="filtered",
        ),
        pytest.param(
            {"filter_text": "is:open", "shown": 12, "is_excursion": True},
            "/is:open  12 of 1,236    Esc goes back to Insight",
            id="the messages of a figure",
        ),
        pytest.param(
            {"is_excursion": True},
            "all 1,236 messages  Esc goes back to Insight",
            id="all messages of a figure",
        ),
        pytest.param(
            {"filter_text": "x", "shown": 12, "is_complete": False}, "/x  12+ of 1,236", id="reading a filter"
        ),
        pytest.param({"filter_text": "a\x1b[2J"}, r"/a\x1b[2J", id="hostile filter"),
    ],
)
def test_the_line_above_a_list_says_what_is_shown(changes: dict[str, object], text: str) -> None:
    shown = status_line(msgspec.structs.replace(STATE, **changes), 118).plain
    assert text in shown
    assert len(shown) == 118


def test_the_english_goes_first_where_the_line_is_narrow() -> None:
    state = msgspec.structs.replace(STATE, filter_text="is:open", english=safe_line("word " * 20), shown=12)
    shown = status_line(state, 60).plain
    assert shown == "/is:open  12 of 1,236  Esc clears                ▶ following"
    assert "▶ following" in status_line(state, 20).plain


async def test_the_arrow_of_the_order_stands_in_a_narrow_heading(make_app: MakeApp, station: Station) -> None:
    await station.webcom((3001, "send"), (3002, "deliver"))
    app = make_app()
    async with running(app) as pilot:
        await pane_of(app).sort_by("latency")
        await sees(pilot, "latenc▾")


async def test_a_notice_that_stands_is_not_said_again(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        for _ in range(3):
            app.notices.say("No failure below", seconds=600)
            app.notices.tell(SmswatchError("the disk is full"))
        await pilot.pause()
        assert [one.message for one in app._notifications] == ["No failure below", "the disk is full"]
        app.clear_notifications()
        app.notices.say("No failure below", seconds=600)
        await pilot.pause()
        assert len(app._notifications) == 1

"""Conversations: one number's messages and answers in one thread, by the keys C and Enter."""

from __future__ import annotations

import pytest
from dashboard_station import (
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

from smswatch.model import Kind
from smswatch.tui.detail_pane import DetailPane


@pytest.fixture
async def talk(station: Station) -> Station:
    """Two messages to one person through two providers, answers to both, and STOP in Romanian."""
    station.track("3001", "+40722334455", "Codul dvs. este 4711", "codes")
    await station.webcom((3001, "send"))
    await station.webcom((3001, "deliver"))
    await station.smso("8a5d2f89", "undelivered")
    await station.smso("ffffffff", "sent", "+447700900123")
    await station.inbound("Da, confirm 👍", replied_to="8a5d2f89")
    await station.inbound("Oprește!")
    await station.inbound("Who is this", "+447700900123", replied_to="gone")
    return station


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.usefixtures("talk")
async def test_both_directions_in_one_thread(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with running(make_app(), size=size) as pilot:
        await pilot.press("G", "C")
        await sees(pilot, "2 messages out, 2 in")
        await sees(pilot, "↳ answered after 2 s")
        await sees(pilot, "↰ answers 8a5d2f89 of 12:00:03.000")
        await sees(pilot, "STOP   asks to get no more messages")
        await sees(pilot, "“undelivered”  it did not arrive")
        text = screen_text(app_of(pilot))
        order = ["Codul dvs. este 4711 ◂"[:20], "undelivered", "Da, confirm", "Oprește!"]
        places = [text.rindex(words) for words in order]
        assert places == sorted(places)
        await matches_golden(pilot, f"conversation-{size[0]}x{size[1]}")


@pytest.mark.usefixtures("talk")
async def test_it_opens_from_the_list_and_from_the_detail(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("enter")
        await sees(pilot, "── 1 report")
        await pilot.press("C")
        await sees(pilot, "1 message out, 1 in")
        await sees(pilot, "↰ answers gone, of which nothing has arrived here")
        await pilot.press("escape")
        await until(pilot, lambda: not app_of(pilot).query_one(DetailPane).display)


@pytest.mark.usefixtures("talk")
async def test_enter_opens_a_turn_and_its_answer_leads_back(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: pane_of(app, Kind.INBOUND).feed.is_complete)
        await pilot.press("down", "down", "C")
        await sees(pilot, "2 messages out, 2 in")
        await pilot.press("k", "enter")
        await sees(pilot, "why        it is the only report so far")
        await sees(pilot, "smso 8a5d2f89")
        await pilot.press("C", "j", "enter")
        await sees(pilot, "from       +40 722 334 455 RO")


@pytest.mark.usefixtures("talk")
async def test_an_inbound_sms_is_marked_and_its_answer_page_opens_the_message(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: pane_of(app, Kind.INBOUND).feed.is_complete)
        await pilot.press("down", "enter")
        await sees(pilot, "keyword     STOP   asks to get no more messages")
        await pilot.press("escape", "down", "enter", "]", "]", "]")
        await sees(pilot, "answers    8a5d2f89")
        await pilot.press("enter")
        await sees(pilot, "why        it is the only report so far")


async def test_what_arrives_joins_the_open_conversation(
    talk: Station, make_app: MakeApp, clock: Clock
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("G", "C")
        await sees(pilot, "2 messages out, 2 in")
        await talk.inbound("Încă ceva")
        clock.now_ms += 1000
        await sees(pilot, "2 messages out, 3 in")
        await sees(pilot, "Încă ceva")


async def test_older_turns_come_when_the_first_is_left_upwards(station: Station, make_app: MakeApp) -> None:
    for number in range(250):
        await station.inbound(f"text {number:03}")
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: pane_of(app, Kind.INBOUND).feed.is_complete)
        await pilot.press("C")
        await sees(pilot, "◂ this one")
        await pilot.press("home")
        await sees(pilot, "0 messages out, 200 in")
        await sees(pilot, "There are older ones: ↑ on the first shows more.")
        await sees(pilot, "text 050")
        await pilot.press("up")
        await sees(pilot, "text 049")
        await pilot.press("home")
        await sees(pilot, "0 messages out, 250 in")
        assert "older" not in screen_text(app)


async def test_a_message_of_which_nobody_knows_the_number_has_none(
    station: Station, make_app: MakeApp
) -> None:
    await station.webcom((1, "send"))
    async with running(make_app()) as pilot:
        await pilot.press("C")
        await sees(pilot, "Whom it went to is not known; smswatch track can tell it.")
        await pilot.press("up", "down", "home", "end", "enter", "escape", "3", "C")
        await sees(pilot, "A request has no number")


@pytest.mark.usefixtures("talk")
async def test_it_is_masked_with_the_rest(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("*", "G", "C")
        await sees(pilot, "2 messages out, 2 in")
        text = screen_text(app_of(pilot))
        assert "4711" not in text
        assert "confirm" not in text
        assert "334 455" not in text


async def test_an_open_detail_stays_on_its_message_whatever_arrives(
    talk: Station, make_app: MakeApp, clock: Clock
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("enter")
        await sees(pilot, "smso ffffffff")
        await talk.webcom((9999, "send"))
        clock.now_ms += 1000
        await sees(pilot, "paused, 1 new")
        assert "smso ffffffff" in screen_text(app_of(pilot))

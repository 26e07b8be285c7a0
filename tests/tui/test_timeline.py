"""The Timeline page tells the story of a message: its steps, why its status is shown, what a code means."""

from __future__ import annotations

import pytest
from dashboard_station import MakeApp, Station, app_of, matches_golden, running, screen_text, sees

from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.lines_view import LinesView


def cascade(*channels: str) -> bytes:
    states = "".join(f'<state id_sms="77" time="" {named}></state>' for named in channels)
    return f"<response>{states}</response>".encode()


async def test_it_says_why_and_marks_what_is_odd_in_words(station: Station, make_app: MakeApp) -> None:
    await station.smso("8a5d2f89", "delivered")
    await station.smso("8a5d2f89", "expired", after_ms=3000)
    await station.smso("8a5d2f89", "expired", after_ms=4000)
    async with running(make_app(), size=(120, 60)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "why        delivered outranks expired, which arrived later")
        await sees(pilot, "steps      ⊗ expired ! ──−3 s── ✓ delivered   by arrival")
        await sees(pilot, "✓ delivered  “delivered”  delivered to the phone  ◂ the status shown")
        await sees(pilot, "! arrived out of order, 3 s after delivered, which is further along")
        await sees(pilot, "repeated came 2 times, again after 4 s; at 12:00:08.000")


async def test_channels_are_tracks_of_their_own(station: Station, make_app: MakeApp) -> None:
    await station.receive("webcom", cascade('viber="send"'), "text/xml")
    await station.receive("webcom", cascade('viber="expired" sms="send"'), "text/xml", after_ms=62_000)
    await station.receive("webcom", cascade('viber="expired" sms="deliver"'), "text/xml", after_ms=3000)
    async with running(make_app(), size=(80, 24)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "viber      ↑ sent ──+1 min 02 s── ⊗ expired")
        await sees(pilot, "sms                               ↑ sent ─────+3 s── ✓ delivered")
        await sees(pilot, "why        the channels decide: sms delivered, viber expired; sms reached")
        await matches_golden(pilot, "cascade-80x24")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_failure_is_explained_in_the_providers_sense(
    station: Station, make_app: MakeApp, size: tuple[int, int]
) -> None:
    await station.gateway(72, 12, "Not Sent - Radio Off", "+40722334402")
    async with running(make_app(), size=size) as pilot:
        await pilot.press("enter")
        await sees(pilot, "error      12  Not Sent - Radio Off")
        await sees(pilot, "means      not sent: the phone's radio was off")
        await sees(pilot, "likely     airplane mode")
        await sees(pilot, "check      airplane mode")


async def test_what_is_not_known_is_never_called_a_failure(station: Station, make_app: MakeApp) -> None:
    await station.webcom((1, "moderation"))
    await station.webcom((2, "partly_deliver"))
    await station.webcom((3, "send"))
    async with running(make_app(), size=(120, 40)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "no final report has come yet: whether it arrives is not known")
        await pilot.press("escape", "down", "enter")
        await sees(pilot, "the provider never learnt the outcome: it may have arrived, and it may not")
        await sees(pilot, "means      it was sent, and the platform never learnt what became of it")
        await pilot.press("escape", "down", "enter")
        await sees(pilot, "only words that smswatch does not know have come (“moderation”)")
        assert "fail" not in screen_text(app_of(pilot)).split("Timeline")[1].casefold()


async def test_attempts_stand_apart_and_the_payload_is_one_key_away(
    station: Station, make_app: MakeApp
) -> None:
    for status_id, second in ((9, 1), (1, 20), (7, 22)):
        fields = f'"sms_id":72,"status_id":{status_id},"senttime":"2026-11-20 12:00:{second:02}"'
        await station.receive("smsgateway24", f"{{{fields}}}".encode(), "application/json")
    async with running(make_app(), size=(120, 60)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "attempt 2  · accepted ──+1 s── ✓ delivered")
        await sees(
            pilot, "a new attempt began at 2026-11-20 12:00:20 +00:00; the earlier attempt no longer counts"
        )
        await sees(pilot, "! arrived 1 s after failed, which ended attempt 1")
        await pilot.press("down", "enter")
        await sees(pilot, '"status_id": 1')


async def test_of_very_many_reports_the_first_and_the_last_are_shown_and_each_one_has_its_payload(
    station: Station, make_app: MakeApp
) -> None:
    for number in range(100):
        time = f"2026-11-20 12:{number // 60:02}:{number % 60:02}"
        body = f'[{{"id_sms":7,"time":"{time}","state":"send"}}]'.encode()
        await station.receive("webcom", body, "application/json")
    async with running(make_app(), size=(120, 40)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "100 reports")
        pane = app_of(pilot).query_one(DetailPane)
        page = "\n".join(row.plain for row in pane.query_one(LinesView).page)
        assert "… 40 reports between these are not shown here; smswatch show prints them" in page
        assert (page.count("request 30\n"), page.count("request 31\n"), page.count("request 71\n")) == (
            1,
            0,
            1,
        )
        await pilot.press(*["down"] * 30, "enter")
        await sees(pilot, "71   71 of 100")
        await sees(pilot, "2026-11-20 12:01:10")
        await pilot.press("less_than_sign")
        await sees(pilot, "70   70 of 100")
        await pilot.press(*["greater_than_sign"] * 31)
        await sees(pilot, "1   1 of 100")

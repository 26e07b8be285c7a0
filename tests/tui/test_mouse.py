"""The mouse reaches what the keys reach: a report, a turn of a conversation, a provider on Setup."""

from __future__ import annotations

import pytest
from dashboard_station import AppPilot, MakeApp, Station, app_of, running, screen_text, sees, until

from smswatch.tui.lines_view import LinesView


async def click_on(pilot: AppPilot, words: str, *, times: int = 1) -> None:
    """Click on the first place on the screen where these words stand."""
    await sees(pilot, words)
    lines = screen_text(app_of(pilot)).splitlines()
    y = next(y for y, line in enumerate(lines) if words in line)
    await pilot.click(offset=(lines[y].index(words), y), times=times)


def selected_lines(pilot: AppPilot) -> str:
    """Return what is highlighted on the open page of the detail."""
    view = app_of(pilot).query_one("#detail LinesView", LinesView)
    return "\n".join(view.page[index].plain for index in view._selected)


async def test_a_click_selects_a_report_and_a_second_one_opens_its_payload(
    station: Station, make_app: MakeApp
) -> None:
    await station.webcom((3001, "send"))
    await station.webcom((3001, "deliver"))
    async with running(make_app(), size=(120, 60)) as pilot:
        await pilot.press("enter")
        await click_on(pilot, "“deliver”  delivered; in Viber")
        await until(pilot, lambda: "“deliver”" in selected_lines(pilot))
        await click_on(pilot, "“send”", times=2)
        await sees(pilot, '"state": "send"')


async def test_a_double_click_on_a_turn_of_a_conversation_opens_it(
    station: Station, make_app: MakeApp
) -> None:
    await station.smso("8a5d2f89", "sent")
    await station.inbound("Da, confirm", replied_to="8a5d2f89")
    async with running(make_app(), size=(120, 60)) as pilot:
        await pilot.press("C")
        await sees(pilot, "1 message out, 1 in")
        await click_on(pilot, "│ Da, confirm", times=2)
        await sees(pilot, "inbound SMS 1")


@pytest.mark.usefixtures("station")
async def test_a_click_on_setup_takes_a_provider_in_hand(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("4")
        await sees(pilot, "▸ SmsGateWay24")
        await click_on(pilot, "/webhooks/webcom")
        await sees(pilot, "▸ Webcom")


@pytest.mark.parametrize("size", [(120, 40), (80, 14)])
async def test_a_click_on_a_total_lists_its_messages_and_another_lists_all(
    station: Station, make_app: MakeApp, size: tuple[int, int]
) -> None:
    await station.webcom((3001, "send"))
    await station.webcom((3002, "deliver"))
    async with running(make_app(), size=size) as pilot:
        await pilot.press("2")
        await click_on(pilot, "↑ 1")
        await sees(pilot, "/status:sent  1 of 2")
        await click_on(pilot, "↑ 1")
        await sees(pilot, "all 2 messages")
        await click_on(pilot, "5 Insight")
        await sees(pilot, "Over time")

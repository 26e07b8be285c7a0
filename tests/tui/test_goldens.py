"""The screen as text, one file a story; CONTRIBUTING.md says how to accept a wanted change."""

from __future__ import annotations

import pytest
from dashboard_station import (
    MakeApp,
    Station,
    app_of,
    matches_golden,
    pane_of,
    running,
    sees,
    until,
)

from smswatch.model import Kind

SIZES = [(120, 40), (80, 24)]


@pytest.fixture
async def day(station: Station) -> Station:
    """A short day with all three providers."""
    for number, text in ((3234, "Codul dvs. este 4711"), (3235, "Ihr Paket kommt heute"), (3236, None)):
        station.track(str(number), f"+4072233{number}", text, "codes" if text else None)
    await station.webcom((3234, "send"), (3235, "send"), (3236, "send"))
    await station.webcom((3234, "deliver"), after_ms=4210)
    await station.webcom((3234, "deliver"), after_ms=5000)
    await station.webcom((3235, "not_deliver"), after_ms=9000)
    await station.webcom((3236, "read"), (3237, "moderation"))
    await station.smso("8a5d2f89-0b3c-4b0e-9d55-000000000001", "sent", "+447700900123")
    await station.smso("8a5d2f89-0b3c-4b0e-9d55-000000000002", "dispatched", "+12025550123")
    await station.gateway(71, 6, "Sent", "+40722334401")
    await station.gateway(72, 12, "Not Sent - Radio Off", "+40722334402")
    await station.inbound("Da, confirm 👍", replied_to="8a5d2f89-0b3c-4b0e-9d55-000000000001")
    await station.inbound("STOP\nși atât", "+447700900123")
    await station.receive("smso", b"nonsense", "text/plain")
    return station


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (50, 16)])
async def test_messages(make_app: MakeApp, width: int, height: int) -> None:
    async with running(make_app(), size=(width, height)) as pilot:
        await sees(pilot, "all 8 messages")
        await matches_golden(pilot, f"messages-{width}x{height}")


@pytest.mark.usefixtures("day")
async def test_messages_filtered(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"status:bad", "enter")
        await sees(pilot, "2 of 8")
        await matches_golden(pilot, "messages-filtered")


@pytest.mark.usefixtures("day")
async def test_filter_that_cannot_be_read(make_app: MakeApp) -> None:
    async with running(make_app(), size=(80, 24)) as pilot:
        await pilot.press("/", *"is:open -provider:")
        await sees(pilot, "✗ a value is missing")
        await matches_golden(pilot, "filter-error-80x24")


@pytest.mark.usefixtures("station")
async def test_nothing_has_arrived(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await sees(pilot, "No delivery report has arrived yet.")
        await matches_golden(pilot, "empty")


@pytest.mark.usefixtures("day")
async def test_detail_below_the_list(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("G", "enter")
        await sees(pilot, "── 2 reports")
        await matches_golden(pilot, "detail-120x40")


@pytest.mark.usefixtures("day")
async def test_detail_instead_of_the_list(make_app: MakeApp) -> None:
    async with running(make_app(), size=(80, 24)) as pilot:
        await pilot.press("G", "enter")
        await sees(pilot, "── 2 reports")
        await matches_golden(pilot, "detail-80x24")
        await pilot.press("]")
        await sees(pilot, "id_sms")
        await matches_golden(pilot, "payload-80x24")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_inbound(make_app: MakeApp, width: int, height: int) -> None:
    async with running(make_app(), size=(width, height)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: pane_of(app_of(pilot), Kind.INBOUND).feed.is_complete)
        await sees(pilot, "all 2 inbound SMS")
        await matches_golden(pilot, f"inbound-{width}x{height}")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_requests(make_app: MakeApp, width: int, height: int) -> None:
    async with running(make_app(), size=(width, height)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: pane_of(app_of(pilot), Kind.REQUESTS).feed.is_complete)
        await sees(pilot, "all 12 requests")
        await matches_golden(pilot, f"requests-{width}x{height}")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_setup(make_app: MakeApp, width: int, height: int) -> None:
    async with running(make_app(), size=(width, height)) as pilot:
        await pilot.press("4")
        await sees(pilot, "Callback URLs")
        await matches_golden(pilot, f"setup-{width}x{height}")


@pytest.mark.usefixtures("day")
@pytest.mark.parametrize("width", [120, 80])
async def test_help(make_app: MakeApp, width: int) -> None:
    async with running(make_app(), size=(width, 40)) as pilot:
        await pilot.press("?")
        await sees(pilot, "Next failure")
        await matches_golden(pilot, f"help-{width}x40")

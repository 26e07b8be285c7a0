"""What a stranger wrote, at its largest and widest, pasted and clicked: seen, and nothing else."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from dashboard_station import MakeApp, Station, pane_of, running, screen_text, sees, until
from polluted import every_page
from rich.segment import Segment
from textual.events import Paste
from textual.widgets import Input

from smswatch.model import Kind, WebhookRequest
from smswatch.providers import all_providers
from smswatch.store.reader import Reader
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.display_options import DisplayOptions

VECTORS = {
    "E19 C1 controls": "a\x9b2Jb\x9d0;x\x9cc\x85d",
    "W02 100,000 short lines": "x\n" * 100_000,
    "W02 wide": "漢" * 50_000,
    "emoji": "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3 👍🏽 🇷🇴",
    "marks": "Z" + "\u0335" * 60,
}
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
DISPLAYS = (DisplayOptions(), DisplayOptions(masked=True, time_mode="relative", now_ms=1_795_176_200_000))
each_vector = pytest.mark.parametrize("evil", VECTORS.values(), ids=VECTORS.keys())


async def receive_everywhere(station: Station, evil: str) -> None:
    """Put a text into every field of every format, and into what people register."""
    short = evil[:60]
    reports = [{"id_sms": short, "state": evil, "time": evil}]
    await station.receive("webcom", json.dumps(reports).encode(), evil[:99])
    mixed = [{"id_sms": 7, "state": "send"}, {"id_sms": 8, "state": []}, evil]
    await station.receive("webcom", json.dumps(mixed).encode(), "")
    await station.receive("webcom", evil.encode(), "text/plain")
    await station.receive("webcom", f"<response>{evil}</response>".encode(), "text/xml")
    await station.smso(short, "delivered", number=short)
    await station.smso("8a5d2f89", evil[:200])
    await station.inbound(evil, number=short, replied_to=short)
    await station.gateway(9, 12, evil, short)
    sms = {"address": short, "body": evil, "sms_id": 3, "device_name": evil, "internal_id": 1}
    await station.receive("smsgateway24", json.dumps(sms).encode(), "application/json")
    station.track("7", short, evil, short)
    request = WebhookRequest(
        method=short,
        path=f"/webhooks/{short}",
        query=urlencode({"q": short}) + short,
        headers=((short, evil), ("Content-Type", short)),
        body=urlencode({short: evil, "uuid": "99", "status": "sent"}).encode(),
        arrived_ms=1_795_176_100_000,
    )
    await station._intake.receive(all_providers()["smso"], request)


def unseen_in(text: str) -> set[str]:
    """Return the categories of characters that no eye sees, or that a terminal obeys."""
    return UNSEEN & set(map(unicodedata.category, text))


def segments_of(app: SmsWatchApp) -> Iterator[Segment]:
    for strip in app.screen._compositor.render_strips():
        yield from strip


def is_read(app: SmsWatchApp, kind: Kind) -> bool:
    return pane_of(app, kind).feed.is_complete


def assert_harmless(app: SmsWatchApp) -> None:
    """Nothing on the screen can move a cursor, hide itself or be clicked."""
    for segment in segments_of(app):
        assert not unseen_in(segment.text), segment
        style = segment.style
        assert style is None or (style.link is None and "@click" not in style.meta), segment


@each_vector
async def test_every_page_of_the_detail_is_harmless_and_fits_its_width(station: Station, evil: str) -> None:
    await receive_everywhere(station, evil)
    async with await Reader.open(station.path) as reader:
        for display, width in zip(DISPLAYS, (77, 12), strict=True):
            async for page in every_page(reader, display, width):
                for line in page:
                    assert not unseen_in(line.plain)
                    assert all(str(span.style).startswith(".ink--") for span in line.spans)
                    assert line.cell_length <= width or width < 30


@each_vector
async def test_every_list_and_an_open_detail_are_harmless(
    station: Station, make_app: MakeApp, evil: str
) -> None:
    await receive_everywhere(station, evil)
    app = make_app()
    async with running(app) as pilot:
        for key, kind in (("1", Kind.MESSAGES), ("2", Kind.INBOUND), ("3", Kind.REQUESTS)):
            await pilot.press(key)
            await until(pilot, partial(is_read, app, kind))
            assert_harmless(app)
            await pilot.press("enter")
            assert_harmless(app)
            await pilot.press("]")
            assert_harmless(app)
        await pilot.press("1", "y")
        assert_harmless(app)
        await pilot.press("escape")
        app._copier.copy(evil)
        await pilot.pause()
        assert_harmless(app)
        assert not unseen_in(app.clipboard.replace("\n", ""))
    assert app.return_code in {None, 0}


async def test_what_is_pasted_into_the_filter_line_is_harmless(station: Station, make_app: MakeApp) -> None:
    await receive_everywhere(station, "x")
    app = make_app()
    async with running(app, size=(80, 24)) as pilot:
        await pilot.press("/")
        entry = app.query_one("#filter-input", Input)
        for evil in VECTORS.values():
            entry.value = ""
            entry.post_message(Paste(evil[:300]))
            await until(pilot, lambda: entry.value)
            await pilot.pause()
            assert_harmless(app)
        await pilot.press("escape")
        await sees(pilot, "all ")


async def test_a_click_on_markup_does_nothing(station: Station, make_app: MakeApp) -> None:
    await station.inbound("[@click=app.quit]tap[/]")
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await sees(pilot, "[@click=app.quit]tap[/]")
        lines = screen_text(app).splitlines()
        y = next(y for y, line in enumerate(lines) if "tap[/]" in line)
        await pilot.click(offset=(lines[y].index("tap"), y))
        await pilot.press("enter")
        await sees(pilot, "│ [@click=app.quit]tap[/]")
        assert app.is_running

"""A body made to be slow costs the screen no more than a page: its beginning is shown, and how much is left."""

from __future__ import annotations

import json
from urllib.parse import quote_from_bytes

import pytest
from dashboard_station import MakeApp, Station, app_of, running, sees

from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.lines_view import LinesView
from smswatch.tui.pretty import MAX_CHARS, MAX_LINES

FULL = 256 * 1024
JSON, FORM, XML, TEXT = "application/json", "application/x-www-form-urlencoded", "text/xml", "text/plain"
AROUND = 40
"""Lines of a page that are not the body: the request, its outcome, the answer, their headings."""


def sms(text: str) -> bytes:
    quoted = quote_from_bytes(text.encode()).encode()
    return b"sender[number]=%2B40722334455&received_at=2026-11-20+12:35:00&body=" + quoted


def state(word: str) -> bytes:
    return json.dumps([{"id_sms": 7, "time": "", "state": word}]).encode()


BODIES = {
    "one long word": ("webcom", JSON, state("x" * 260_000), "characters"),
    "very many lines": ("webcom", TEXT, b"a\n" * 130_000, "more characters are not shown"),
    "wide characters": ("webcom", TEXT, ("漢字" * 43_000).encode(), "more characters are not shown"),
    "marks on marks": (
        "webcom",
        TEXT,
        b"Z" + "\u0351\u036b".encode() * 60_000,
        "more characters are not shown",
    ),
    "an array": ("webcom", JSON, b"[" + b"1," * 130_000 + b"1]", "more characters are not shown"),
    "elements": ("webcom", XML, b"<r>" + b"<s a='b'/>" * 26_000 + b"</r>", "more characters are not shown"),
    "an SMS of lines": ("smso", FORM, sms("a\n" * 45_000), "90,000 characters"),
    "an SMS of escapes": ("smso", FORM, sms("\x1b[31m" * 15_000), "75,000 characters"),
    "bytes": ("webcom", TEXT, bytes(range(256)) * 1024, "more bytes are not shown"),
}


def page_of(view: LinesView) -> str:
    return "\n".join(row.plain for row in view.page)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("masked", [False, True], ids=["", "masked"])
async def test_every_view_is_as_long_as_a_page_and_keys_answer(
    station: Station,
    make_app: MakeApp,
    name: str,
    *,
    masked: bool,
) -> None:
    provider, content_type, body, says = BODIES[name]
    assert len(body) <= FULL
    await station.receive(provider, body, content_type)
    async with running(make_app(is_masked=masked), size=(120, 40)) as pilot:
        await pilot.press("3", "enter")
        await sees(pilot, f"{len(body):,} bytes")
        view = app_of(pilot).query_one(DetailPane).query_one(LinesView)
        said = masked or says in page_of(view)
        for _ in range(3):
            page = view.page
            assert len(page) <= MAX_LINES + AROUND
            assert sum(len(row) for row in page) <= 3 * MAX_CHARS
            await pilot.press("r")
            said = said or says in page_of(view)
        assert said, page_of(view)[-500:]
        await pilot.press("escape", "question_mark")
        await sees(pilot, "Everywhere")


async def test_a_timeline_of_very_many_reports_is_laid_out_in_part(
    station: Station, make_app: MakeApp
) -> None:
    report = '{{"id_sms":7,"time":"2026-11-20 12:{:02}:{:02}","state":"send"}}'
    body = ",".join(report.format(number // 60, number % 60) for number in range(3_500))
    await station.receive("webcom", f"[{body}]".encode(), JSON)
    async with running(make_app(), size=(120, 40)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "1,000 reports")
        view = app_of(pilot).query_one(DetailPane).query_one(LinesView)
        page = page_of(view)
        assert "… 940 reports between these are not shown here" in page
        assert "a timeline ends after 1,000 different reports" in page
        assert len(view.page) < 400
        await pilot.press("3", "enter")
        await sees(pilot, "2,500 reports are kept in this request alone")

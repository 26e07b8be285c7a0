"""While numbers and texts are masked, none of those in the database stands anywhere: screens, copies of rows, pictures."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC

import pytest
from dashboard_station import LISTENER, MakeApp, Station, pane_of, running, screen_text, sees, until
from polluted import every_page
from textual.command import CommandPalette

from smswatch.cli import show
from smswatch.export import (
    Json,
    Masker,
    detail_json,
    inbound_json,
    json_line,
    message_json,
    request_json,
    write_csv,
    write_jsonl,
    write_table,
)
from smswatch.export.ticket import ticket
from smswatch.model import Kind
from smswatch.settings import NotifyRule
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.tui import picture
from smswatch.tui.alert_words import alert_words
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.memory import MemoryFile

MASKED = DisplayOptions(masked=True, now_ms=1_795_176_200_000, masking_secret=b"ours")
PRIVATE = (
    "SELECT number FROM contacts",
    "SELECT number FROM registrations",
    "SELECT text FROM messages",
    "SELECT label FROM messages",
    "SELECT error_text FROM messages",
    "SELECT device FROM messages",
    "SELECT body FROM inbound",
    "SELECT device FROM inbound",
    "SELECT media_url FROM inbound",
)
"""Every column that tells of a person."""


@pytest.fixture
async def private(station: Station) -> Station:
    """Numbers and texts in every field that may tell of a person, in messages, SMS and what cannot be read."""
    station.track("3001", "+40722998877", "Quokkas vă așteaptă mâine", "numbatlabel")
    await station.webcom((3001, "send"))
    await station.webcom((3001, "deliver"), (3002, "unheardword"))
    station.track("3002", "WOMBATSHOP", "Wallabytext", "bilbylabel")
    await station.smso("8a5d2f89", "undelivered", "+447700900123")
    await station.gateway(77, 9, "No route to 0733445566 dinglefoot", "+40733445566")
    device = {"device_id": "Kookaburraphone"}
    sms = {"address": "+40744556677", "body": "Platypusbody 4711", "sms_id": 3, **device}
    await station.receive("smsgateway24", json.dumps(sms).encode(), "application/json")
    await station.inbound("Echidnabody, STOP", "+447700900123", replied_to="8a5d2f89")
    await station.inbound("Cassowarybody", "+40722998877", replied_to="3001")
    await station.receive("webcom", b'{"sendto": "+40722998877", "message": "Quokkas"', "application/json")
    await station.receive("smso", "număr=+40722998877&Quokkas=Wallabytext".encode(), "text/plain")
    await station.receive("webcom", "<x>Quokkas +40722998877</x>".encode("utf-16"), "text/xml")
    return station


def words_of(station: Station) -> set[str]:
    """Return every word and number of the private columns, as they are compared."""
    found: set[str] = set()
    with closing(sqlite3.connect(station.path)) as connection:
        for question in PRIVATE:
            for (value,) in connection.execute(question):
                found |= {compared(word) for word in re.findall(r"\w{5,}", value or "")}
                digits = re.sub(r"\D", "", value or "")
                found |= {digits[-9:]} if len(digits) >= 9 else set()
    return found


def compared(text: str) -> str:
    """Return the text without what wrapping and grouping put between its letters and digits."""
    return re.sub(r"[\W_]", "", text).casefold()


def told(words: set[str], shown: str) -> set[str]:
    within = compared(shown)
    return {word for word in words if word in within}


async def test_the_words_are_those_that_a_person_would_look_for(private: Station) -> None:
    words = words_of(private)
    assert {"quokkas", "numbatlabel", "wombatshop", "kookaburraphone", "dinglefoot", "722998877"} <= words
    assert told(words, "+40 722 998\n877 RO, Quok\nkas") >= {"722998877", "quokkas"}


async def test_no_page_tells_of_a_person(private: Station) -> None:
    words = words_of(private)
    async with await Reader.open(private.path) as reader:
        for width in (100, 40):
            async for page in every_page(reader, MASKED, width):
                shown = "\n".join(line.plain for line in page)
                assert not told(words, shown), shown
        for kind in Kind:
            for row in await reader.page(kind, limit=0):
                assert not told(words, alert_words(row, 0, MASKED))


async def masked_rows(reader: Reader, kind: Kind, *, raw: bool = False) -> AsyncIterator[Json]:
    masker = Masker(b"ours")
    for row in await reader.page(kind, limit=0):
        match masker.row(row):
            case MessageRow() as message:
                timeline = (await reader.timelines([row.id]))[row.id]
                yield message_json(message, [masker.entry(entry) for entry in timeline])
            case InboundRow() as sms:
                yield inbound_json(sms)
            case RequestRow() as request:
                yield request_json(request, raw=raw)


async def exports(reader: Reader) -> AsyncIterator[str]:
    for kind in Kind:
        out = io.StringIO()
        await write_jsonl(masked_rows(reader, kind), out)
        await write_csv(kind, masked_rows(reader, kind), out)
        await write_table(kind, masked_rows(reader, kind), out, None, UTC)
        yield out.getvalue()
    for row in await reader.page(Kind.MESSAGES, limit=0):
        detail = await reader.message_detail(row.id)
        assert detail is not None
        shared = Masker(b"ours").detail(detail)
        yield "\n".join(show._lines(shared))
        yield json_line(detail_json(shared))
        yield ticket(shared)


async def test_no_masked_export_tells_of_a_person(private: Station) -> None:
    words = words_of(private)
    async with await Reader.open(private.path) as reader:
        async for shown in exports(reader):
            assert not told(words, shown), shown


def shown_now(app: SmsWatchApp) -> Iterator[str]:
    yield screen_text(app)
    yield re.sub(r"<[^>]*>", "", picture.clean(app.export_screenshot()))


KEYS = (
    *(
        "1",
        "enter",
        "]",
        "]",
        "]",
        "C",
        "k",
        "escape",
        "y",
        "escape",
        "down",
        "enter",
        "C",
        "escape",
        "N",
        "escape",
    ),
    *(
        "2",
        "enter",
        "]",
        "]",
        "]",
        "C",
        "escape",
        "down",
        "enter",
        "escape",
        "y",
        "escape",
        "/",
        "up",
        "tab",
        "escape",
    ),
    *(
        "3",
        "enter",
        "r",
        "r",
        "r",
        "]",
        "escape",
        "down",
        "enter",
        "escape",
        "4",
        "5",
        "j",
        "tab",
        "j",
        "?",
        "escape",
    ),
    *("1", "c", "escape", "m", "M", "M", "e", "E"),
)
"""Every screen, page and dialog."""


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_no_screen_and_no_picture_of_one_tells_of_a_person(
    private: Station, make_app: MakeApp, size: tuple[int, int]
) -> None:
    words = words_of(private) | {LISTENER.key}
    memory = MemoryFile.beside(private.path)
    memory.note_filter("text:Quokkas")
    memory.name_filter("mine", "number:+40722998877")
    app = make_app(
        is_masked=True,
        masking_secret=b"ours",
        initial_filter="0722998877 OR -text:Quokkas",
        filters={"theirs": "text:Wallabytext"},
        notify=[NotifyRule(filter="", list="inbound", how="desktop")],
    )
    async with running(app, size=size) as pilot:
        for key in KEYS:
            await pilot.press(key)
            for shown in shown_now(app):
                assert not told(words, shown), (key, told(words, shown), screen_text(app))
        await private.inbound("Cassowarybody again", "+40722998877")
        await until(pilot, lambda: pane_of(app, Kind.INBOUND).feed.is_complete)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"filter")
        await sees(pilot, "Masked")
        for shown in shown_now(app):
            assert not told(words, shown)

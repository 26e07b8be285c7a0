"""Intake: what is kept, what is answered, and how numbers and times are placed."""

from __future__ import annotations

import asyncio
import calendar
import contextlib
import json
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
import pytest

from smswatch.intake import RETRY_AFTER_S, Answer, Intake
from smswatch.model import Flag, Kind, Outcome, Reading, Status, WebhookRequest, Zone
from smswatch.numbers import NumberReader
from smswatch.provider import Provider
from smswatch.providers import all_providers
from smswatch.store.entry import Entry, Kept
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow
from smswatch.store.writer import Writer

PROVIDERS = all_providers()
WEBCOM, SMSO, GATEWAY = PROVIDERS["webcom"], PROVIDERS["smso"], PROVIDERS["smsgateway24"]
NOON_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""
DEADLINE_S = 20.0
JSON_TYPE = "application/json; charset=utf-8"
XML_TYPE = "text/xml; charset=utf-8"


class Desk:
    """An intake over a real database, and what became of everything."""

    def __init__(self, path: Path, zone: tzinfo | None, region: str | None) -> None:
        self.writer = Writer.open(path)
        self.kept: list[tuple[Entry, Kept]] = []
        self.intake = Intake(
            self.writer,
            NumberReader(region),
            lambda provider: zone if provider == "webcom" else None,
            lambda entry, kept: self.kept.append((entry, kept)),
        )

    async def post(
        self,
        provider: Provider,
        body: bytes,
        may_be_unreadable: Callable[[], bool] | None = None,
        query: str = "",
    ) -> Answer:
        request = WebhookRequest(
            method="POST",
            path=provider.path,
            query=query,
            headers=(("Content-Type", "text/plain"),),
            body=body,
            arrived_ms=NOON_MS,
        )
        async with asyncio.timeout(DEADLINE_S):
            return await self.intake.receive(provider, request, may_be_unreadable)

    async def message(self, provider: Provider, message_id: str) -> MessageDetail:
        async with await Reader.open(self.writer.path) as reader:
            found = await reader.find_message(provider.name, message_id)
        assert found is not None
        return found

    async def rows(self, kind: Kind) -> list[Any]:
        async with await Reader.open(self.writer.path) as reader:
            return list(await reader.page(kind, limit=0))

    async def inbound(self) -> InboundRow:
        (row,) = await self.rows(Kind.INBOUND)
        assert isinstance(row, InboundRow)
        return row

    async def request(self) -> RequestRow:
        (row,) = await self.rows(Kind.REQUESTS)
        assert isinstance(row, RequestRow)
        return row


@contextlib.contextmanager
def desk_in(folder: Path, zone: tzinfo | None = None, region: str | None = None) -> Iterator[Desk]:
    desk = Desk(folder / "sms.db", zone, region)
    try:
        yield desk
    finally:
        desk.writer.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with desk_in(tmp_path) as desk:
        yield desk


@pytest.fixture
def summer_abroad(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine stands five and a half hours east."""
    monkeypatch.setenv("TZ", "XYZ-5:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def webcom(*elements: object) -> bytes:
    return json.dumps(list(elements)).encode()


def form(**fields: str) -> bytes:
    return urlencode(
        {name.replace("__", "[") + "]" * ("__" in name): text for name, text in fields.items()}
    ).encode()


def delivered(message_id: object, at: str = "2026-11-20 14:00:04") -> dict[str, object]:
    return {"id_sms": message_id, "time": at, "state": "deliver"}


# --- the answers -----------------------------------------------------------------------------------------


TWO = webcom(
    {"id_sms": 3234, "state": "send"},
    {"id_sms": " 3235 ", "state": "deliver"},
    {"id_sms": 3234, "state": "deliver"},
)
HOLES = webcom(
    {"id_sms": 1, "state": "send"},
    {"id_sms": 2},
    7,
    {"id_sms": True, "state": "send"},
    {"id_sms": "3", "state": "odd"},
)
XML = (
    b'<response><state id_sms="3234" time="2026-11-20 14:00:04">deliver</state><state id_sms="5"/></response>'
)
BIG_ID = b'[{"id_sms":340282366920938463463374607431768211456,"state":"send"}]'
NOTHING = b"", "text/plain; charset=utf-8"
CASES = [
    pytest.param(WEBCOM, TWO, (b'[{"id_sms":3234},{"id_sms":" 3235 "}]', JSON_TYPE), Outcome.STORED, id="each id once, as it came"),
    pytest.param(WEBCOM, BIG_ID, (BIG_ID.replace(b',"state":"send"', b""), JSON_TYPE), Outcome.STORED, id="an id past 64 bits"),
    pytest.param(WEBCOM, b"[]", (b"[]", JSON_TYPE), Outcome.STORED, id="an empty batch"),
    pytest.param(WEBCOM, HOLES, (b'[{"id_sms":1},{"id_sms":"3"}]', JSON_TYPE), Outcome.PARTIAL, id="only what is stored is acknowledged"),
    pytest.param(WEBCOM, XML, (b'<?xml version="1.0" encoding="utf-8"?><response><id_sms>3234</id_sms></response>', XML_TYPE), Outcome.PARTIAL, id="XML with a hole"),
    pytest.param(WEBCOM, b"<request/>", (b'<?xml version="1.0" encoding="utf-8"?><response></response>', XML_TYPE), Outcome.STORED, id="an empty XML batch"),
    pytest.param(SMSO, form(uuid="8a5d", status="delivered"), NOTHING, Outcome.STORED, id="SMSO is told nothing"),
    pytest.param(SMSO, form(uuid="8a5d", status="teleported"), NOTHING, Outcome.STORED, id="an unknown word"),
    pytest.param(SMSO, form(received_at="2026-11-20 12:00:00", body="Da"), NOTHING, Outcome.STORED, id="an inbound SMS"),
    pytest.param(GATEWAY, b'{"sms_id":1,"status_id":7}', NOTHING, Outcome.STORED, id="SmsGateWay24 is told nothing"),
    pytest.param(GATEWAY, b'{"sms_id":1,"status_id":5}', NOTHING, Outcome.STORED, id="status 5 says nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "body", "answer", "outcome"), CASES)
async def test_what_is_kept_is_answered_200_in_the_providers_words(
    desk: Desk, provider: Provider, body: bytes, answer: tuple[bytes, str], outcome: Outcome
) -> None:
    said = await desk.post(provider, body)
    assert (said.status, said.body, said.content_type, said.retry_after) == (200, *answer, None)
    row = await desk.request()
    assert (row.outcome, row.answer_status, row.answer_body) == (outcome, 200, answer[0].decode())
    assert (row.body, row.path, row.answer_type) == (body, provider.path, said.content_type)


@pytest.mark.parametrize(("provider", "body", "answer", "outcome"), CASES)
async def test_a_repeat_is_answered_as_the_first_was(
    desk: Desk, provider: Provider, body: bytes, answer: tuple[bytes, str], outcome: Outcome
) -> None:
    first, second = await desk.post(provider, body), await desk.post(provider, body)
    assert first == second
    entry, kept = desk.kept[1]
    nothing_in_it = not entry.reports and not entry.inbound
    assert answer == (second.body, second.content_type)
    assert kept.outcome is (outcome if nothing_in_it or outcome is Outcome.PARTIAL else Outcome.DUPLICATE)


async def test_exactly_the_acknowledged_ids_are_stored(desk: Desk) -> None:
    said = await desk.post(WEBCOM, HOLES)
    acknowledged = {str(one["id_sms"]) for one in json.loads(said.body)}
    assert acknowledged == {row.message_id for row in await desk.rows(Kind.MESSAGES)} == {"1", "3"}
    problem = (await desk.request()).problem
    assert problem is not None
    assert [part.partition(":")[0] for part in problem.split("; ")] == ["element 2", "element 3", "element 4"]


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        pytest.param(WEBCOM, b"", id="empty"),
        pytest.param(WEBCOM, b"hello <script>", id="neither JSON nor XML"),
        pytest.param(WEBCOM, b'[{"id_sms":1,"state":"se', id="JSON that breaks off"),
        pytest.param(WEBCOM, b'[{"id_sms":1}]', id="no readable element"),
        pytest.param(WEBCOM, b"<html/>", id="another root"),
        pytest.param(WEBCOM, b"<!DOCTYPE a [<!ENTITY e 'x'>]><response>&e;</response>", id="entities"),
        pytest.param(SMSO, b"uuid=1", id="half a status"),
        pytest.param(SMSO, b"\xff\xfe\x00", id="noise"),
        pytest.param(GATEWAY, b"[]", id="an array"),
        pytest.param(GATEWAY, b'{"hello":"<script>"}', id="other fields"),
        pytest.param(GATEWAY, b"[" * 100_000, id="a hundred thousand brackets"),
    ],
)
async def test_what_cannot_be_read_is_kept_raw_and_answered_400_with_a_reason(
    desk: Desk, provider: Provider, body: bytes
) -> None:
    said = await desk.post(provider, body)
    assert said.status == 400
    assert said.content_type == "text/plain; charset=utf-8"
    assert re.fullmatch(rb"[ -~\xe2\x80\xa6]+\n", said.body), said.body
    assert b"script" not in said.body
    row = await desk.request()
    assert (row.outcome, row.body, row.answer_status) == (Outcome.UNREADABLE, body, 400)
    assert row.problem == said.body.decode().strip() == row.answer_body.strip()
    assert await desk.rows(Kind.MESSAGES) == []


async def test_an_unknown_word_is_kept_verbatim_and_changes_nothing(desk: Desk) -> None:
    await desk.post(SMSO, form(uuid="8a5d", status="sent"))
    await desk.post(SMSO, form(uuid="8a5d", status=" Teleported "))
    found = await desk.message(SMSO, "8a5d")
    assert (found.message.status, found.message.reports) == (Status.SENT, 2)
    assert [one.provider_status for one in found.timeline] == ["sent", "Teleported"]
    assert found.timeline[1].status is Status.UNMAPPED


async def test_a_note_is_seen_on_the_request(desk: Desk) -> None:
    await desk.post(GATEWAY, b'{"sms_id":1,"status_id":5}')
    assert "status 5" in str((await desk.request()).problem)


async def test_a_query_that_is_not_utf_8_is_kept_all_the_same(desk: Desk) -> None:
    odd = b"uuid=8a5d&status=sent&x=\xff\x00".decode("utf-8", "surrogateescape")
    assert (await desk.post(SMSO, b"", query=odd)).status == 200
    assert (await desk.post(GATEWAY, b'{"sms_id":1,"status_id":7}', query=odd)).status == 200
    assert (await desk.post(WEBCOM, b"", query=odd)).status == 400
    assert {row.query for row in await desk.rows(Kind.REQUESTS)} == {"uuid=8a5d&status=sent&x=\ufffd\ufffd"}


async def test_hostile_values_are_kept(desk: Desk) -> None:
    hostile = "a\x00\x1b[2J\u202e\ud800"
    await desk.post(
        GATEWAY, json.dumps({"sms_id": hostile, "status_id": 9, "status_message": hostile}).encode()
    )
    await desk.post(GATEWAY, json.dumps({"address": hostile, "body": hostile, "sms_id": 2}).encode())
    kept = "a\ufffd\x1b[2J\u202e\ufffd"
    found = (await desk.message(GATEWAY, kept)).message
    assert (found.error_text, found.error_code) == (kept, "9")
    assert ((await desk.inbound()).body, (await desk.inbound()).number) == (kept, kept)


# --- when it cannot be kept ------------------------------------------------------------------------------


def move(path: Path, target: Path) -> None:
    path.rename(target)


async def test_nothing_is_acknowledged_that_cannot_be_kept(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    path = desk.writer.path
    move(path, path.with_name("aside.db"))
    said = await desk.post(WEBCOM, webcom(delivered(1)))
    assert (said.status, said.body, said.retry_after) == (503, b"", RETRY_AFTER_S)
    assert "deleted" in str(desk.intake.trouble)
    assert desk.kept == []
    move(path.with_name("aside.db"), path)
    assert (await desk.post(WEBCOM, webcom(delivered(1)))).status == 200
    assert desk.intake.trouble is None
    assert (await desk.message(WEBCOM, "1")).message.duplicates == 0
    refused = [row for row in await desk.rows(Kind.REQUESTS) if row.outcome is Outcome.REFUSED]
    assert [(row.answer_status, row.path) for row in refused] == [(503, "/webhooks/webcom")]


@pytest.mark.parametrize(("size", "apart"), [(300, False), (200_000, True)])
async def test_a_large_body_is_read_beside_the_loop_which_answers_others(
    desk: Desk, size: int, apart: bool
) -> None:
    read_by: list[int] = []

    def parse(request: WebhookRequest) -> Reading:
        read_by.append(threading.get_ident())
        return WEBCOM.parse(request)

    body = b'[{"id_sms":7,"time":"","state":"deliver"}]' + b" " * size
    answer = await desk.post(msgspec.structs.replace(WEBCOM, parse=parse), body)
    assert (answer.status, answer.body) == (200, b'[{"id_sms":7}]')
    assert (read_by[0] != threading.get_ident()) is apart
    (message,) = await desk.rows(Kind.MESSAGES)
    assert message.status is Status.DELIVERED


async def test_a_full_queue_is_a_503(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smswatch.store.writer.MAX_WAITING", 0)
    said = await desk.post(WEBCOM, webcom(delivered(1)))
    assert (said.status, said.retry_after) == (503, RETRY_AFTER_S)
    monkeypatch.undo()
    assert await desk.rows(Kind.REQUESTS) == []


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_budget_is_asked_of_unreadable_bodies_only(desk: Desk, allowed: bool) -> None:
    asked: list[bool] = []

    def may_be_unreadable() -> bool:
        asked.append(allowed)
        return allowed

    assert (await desk.post(WEBCOM, webcom(delivered(1)), may_be_unreadable)).status == 200
    assert asked == []
    said = await desk.post(WEBCOM, b"garbage", may_be_unreadable)
    assert asked == [allowed]
    assert (said.status, said.retry_after) == ((400, None) if allowed else (429, 1))
    desk.writer.close()
    async with await Reader.open(desk.writer.path) as reader:
        totals = await reader.totals()
    assert totals.refusals == ({} if allowed else {"429": 1})
    assert totals.requests.get(Outcome.UNREADABLE, 0) == int(allowed)


async def test_refusals_are_counted_and_the_line_says_what_to_do(desk: Desk) -> None:
    desk.intake.count("", 404)
    desk.intake.count("smso", 413)
    desk.intake.note_refused(SMSO, "use the key")
    desk.intake.note_refused(SMSO, "use the key")
    desk.writer.close()
    row = await desk.request()
    assert (row.outcome, row.problem, row.path) == (Outcome.REFUSED, "2 times: use the key", "/webhooks/smso")
    async with await Reader.open(desk.writer.path) as reader:
        assert (await reader.totals()).refusals == {"404": 3, "413": 1}


# --- who is told -----------------------------------------------------------------------------------------


async def test_whoever_listens_is_told_before_the_answer_leaves(desk: Desk) -> None:
    await desk.post(WEBCOM, webcom({"id_sms": 1, "state": "read"}, {"id_sms": 1, "state": "send"}))
    ((entry, kept),) = desk.kept
    assert entry.provider == "webcom"
    assert kept.outcome is Outcome.STORED
    assert [(message_id, one.status, flags) for message_id, one, flags, _ in kept.reports] == [
        ("1", Status.READ, ()),
        ("1", Status.SENT, (Flag.OUT_OF_ORDER, Flag.AFTER_FINAL)),
    ]


# --- times -----------------------------------------------------------------------------------------------


def ms(*moment: int) -> int:
    return calendar.timegm(moment) * 1000


@pytest.mark.usefixtures("summer_abroad")
async def test_an_unstated_zone_is_this_machines_and_assumed(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        await desk.post(WEBCOM, webcom(delivered("1", "2026-07-01 14:00:04")))
        found = await desk.message(WEBCOM, "1")
    assert found.message.delivered_ms == ms(2026, 7, 1, 8, 30, 4)
    assert found.timeline[0].zone is Zone.ASSUMED
    assert found.timeline[0].occurred_raw == "2026-07-01 14:00:04"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param(ZoneInfo("Europe/Bucharest"), ms(2026, 7, 1, 11, 0, 4), id="Bucharest, in summer"),
        pytest.param(timezone(-timedelta(hours=3)), ms(2026, 7, 1, 17, 0, 4), id="three hours west"),
    ],
)
async def test_a_configured_zone_is_used_and_still_assumed(
    tmp_path: Path, zone: tzinfo, expected: int
) -> None:
    with desk_in(tmp_path, zone=zone) as desk:
        await desk.post(WEBCOM, webcom(delivered("1", "2026-07-01 14:00:04")))
        found = await desk.message(WEBCOM, "1")
    assert found.message.delivered_ms == expected
    assert found.timeline[0].zone is Zone.ASSUMED


@pytest.mark.usefixtures("summer_abroad")
async def test_a_documented_zone_is_stated(desk: Desk) -> None:
    await desk.post(
        SMSO,
        form(
            uuid="8a5d", status="delivered", sent_at="2026-11-20 12:00:00", delivered_at="2026-11-20 12:00:04"
        ),
    )
    found = await desk.message(SMSO, "8a5d")
    assert found.message.delivered_ms == ms(2026, 11, 20, 12, 0, 4)
    assert found.timeline[0].zone is Zone.STATED


@pytest.mark.usefixtures("summer_abroad")
async def test_an_offset_in_the_wording_is_stated(desk: Desk) -> None:
    await desk.post(WEBCOM, webcom(delivered("1", "2026-11-20T14:00:04+02:00")))
    found = await desk.message(WEBCOM, "1")
    assert found.message.delivered_ms == ms(2026, 11, 20, 12, 0, 4)
    assert found.timeline[0].zone is Zone.STATED


@pytest.mark.parametrize("wording", ["yesterday", "0000-00-00 00:00:00", "9999-12-31T23:59:59-14:00", ""])
async def test_a_time_that_cannot_be_placed_is_none_and_the_report_is_kept(desk: Desk, wording: str) -> None:
    assert (await desk.post(WEBCOM, webcom(delivered("1", wording)))).status == 200
    found = await desk.message(WEBCOM, "1")
    assert (found.message.status, found.message.delivered_ms) == (Status.DELIVERED, None)
    assert (found.timeline[0].occurred_ms, found.timeline[0].zone) == (None, None)


# --- numbers and replies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sendto", "region", "expected"),
    [
        pytest.param('"+40 722-334-455"', None, "+40722334455", id="written with spaces"),
        pytest.param("40722334455", None, "+40722334455", id="an integer that lost its plus"),
        pytest.param('"0722334455"', None, "0722334455", id="national, and nobody said where"),
        pytest.param('"0722334455"', "RO", "+40722334455", id="national, in the region of the settings"),
        pytest.param('"1234"', "RO", "1234", id="a short code"),
        pytest.param('" VODAFONE "', "RO", "VODAFONE", id="a sender name"),
        pytest.param('""', "RO", None, id="nothing"),
        pytest.param("null", "RO", None, id="null"),
    ],
)
async def test_numbers_are_e164_where_the_payload_lets_us_know(
    tmp_path: Path, sendto: str, region: str | None, expected: str | None
) -> None:
    with desk_in(tmp_path, region=region) as desk:
        await desk.post(GATEWAY, f'{{"sms_id":1,"status_id":7,"sendto":{sendto}}}'.encode())
        assert (await desk.message(GATEWAY, "1")).message.number == expected


async def test_a_lost_plus_of_a_form_is_restored(desk: Desk) -> None:
    await desk.post(SMSO, b"uuid=8a5d&status=sent&receiver[number]=+40722334455&receiver[mnc]=03")
    found = (await desk.message(SMSO, "8a5d")).message
    assert (found.number, found.mnc) == ("+40722334455", "03")


async def test_a_reply_is_found_with_its_message(desk: Desk) -> None:
    await desk.post(SMSO, form(uuid="8a5d", status="delivered"))
    await desk.post(
        SMSO,
        form(
            body="Da, confirm 👍",
            replied_to="8a5d",
            received_at="2026-11-20 12:35:00",
            sender__number="+40722334455",
            sender__mcc="226",
        ),
    )
    row = await desk.inbound()
    assert (row.reply_to, row.number, row.mcc, row.zone) == ("8a5d", "+40722334455", "226", Zone.STATED)
    assert row.received_ms == ms(2026, 11, 20, 12, 35, 0)
    assert (await desk.message(SMSO, "8a5d")).replies == (row,)


async def test_json_and_xml_of_one_message_meet_in_one_row(desk: Desk) -> None:
    await desk.post(WEBCOM, b'[{"id_sms":3234,"time":"2026-11-20 14:00:00","state":"send"}]')
    await desk.post(
        WEBCOM, b'<request><state id_sms="3234" time="2026-11-20 14:00:04" viber="expired" sms="deliver">deliver</state></request>'
    )  # fmt: skip
    (row,) = await desk.rows(Kind.MESSAGES)
    assert isinstance(row, MessageRow)
    assert (row.message_id, row.status, row.channel, row.reports) == ("3234", Status.DELIVERED, "sms", 2)
    assert row.channels == {"viber": Status.EXPIRED, "sms": Status.DELIVERED}


# --- every sample ------------------------------------------------------------------------------------------


SAMPLES = Path(__file__).parent.parent / "sample_payloads"
EXPECTED = [
    pytest.param(folder.parent.name, name, wanted, id=f"{folder.parent.name}/{name}")
    for folder in sorted(SAMPLES.glob("*/expected.json"))
    for name, wanted in json.loads(folder.read_text()).items()
]


@pytest.mark.parametrize(("provider", "name", "wanted"), EXPECTED)
async def test_every_sample_is_answered_and_kept_as_it_says(
    desk: Desk, provider: str, name: str, wanted: dict[str, Any]
) -> None:
    body = (SAMPLES / provider / name).read_bytes()
    said = await desk.post(PROVIDERS[provider], body)
    assert said.status == wanted["status"]
    if "answer" in wanted:
        assert said.body.decode() == wanted["answer"]
    row = await desk.request()
    assert (row.body, row.answer_status) == (body, wanted["status"])
    ((entry, _),) = desk.kept
    assert len(entry.reports) == wanted.get("reports", 0)
    assert len(entry.inbound) == wanted.get("inbound", 0)


def reports_of(first: int, count: int) -> bytes:
    return json.dumps([{"id_sms": first + n, "time": "", "state": "send"} for n in range(count)]).encode()


@pytest.mark.parametrize("size", [60, 1000])
async def test_heavy_bodies_are_kept_one_at_a_time_and_keep_nobody_else_waiting(
    desk: Desk, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[int] = []
    together: list[int] = []

    def store(writer: Writer, entry: Entry) -> asyncio.Future[Kept]:
        future = keep(writer, entry)
        if len(entry.reports) == size:
            waiting.append(1)
            together.append(len(waiting))
            future.add_done_callback(lambda _: waiting.pop())
        return future

    keep = Writer.store
    monkeypatch.setattr(Writer, "store", store)
    heavy = [desk.post(WEBCOM, reports_of(10_000 * number, size)) for number in range(1, 6)]
    light = [desk.post(WEBCOM, reports_of(number, 1)) for number in range(5)]
    answers = await asyncio.gather(*heavy, *light)
    assert {answer.status for answer in answers} == {200}
    assert together == [1] * 5
    order = [len(entry.reports) for entry, _ in desk.kept]
    assert sorted(order) == [1] * 5 + [size] * 5
    assert order.index(1) < len(order) - 1 - order[::-1].index(size), "the light ones came in between"

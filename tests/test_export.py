"""Exported rows keep their shape; JSON loses nothing, CSV and table are safe to open."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.export import (
    Json,
    csv_cell,
    detail_json,
    event_json,
    event_lines,
    inbound_json,
    json_line,
    message_json,
    request_json,
    write_csv,
    write_json,
    write_jsonl,
    write_table,
)
from smswatch.export.table import width_of
from smswatch.model import Flag, Kind, Outcome, Status, WebhookRequest, Zone
from smswatch.store.entry import Entry, Kept, KeptInbound
from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.summary import KeptReport

NOON = int(datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp() * 1000)

DELIVERED = TimelineEntry(
    id=1, status=Status.DELIVERED, provider_status="deliver", channel="sms", channels={"sms": Status.DELIVERED},
    occurred_ms=NOON + 4000, occurred_raw="2026-11-20 12:00:04", zone=Zone.ASSUMED, arrived_ms=NOON + 123,
    times_received=2, flags=(), error_code=None, error_text=None, request_id=17,
)  # fmt: skip
SENT = TimelineEntry(
    id=2, status=Status.SENT, provider_status="send", channel="viber", channels={"viber": Status.SENT},
    occurred_ms=None, occurred_raw=None, zone=None, arrived_ms=NOON + 5456, times_received=1,
    flags=(Flag.OUT_OF_ORDER,), error_code=None, error_text=None, request_id=19,
)  # fmt: skip
MESSAGE = MessageRow(
    id=1, provider="webcom", message_id="3234", number=None, registered_number=None, status=Status.DELIVERED,
    provider_status="deliver", channel="sms", channels={"viber": Status.EXPIRED, "sms": Status.DELIVERED},
    error_code=None, error_text=None, flags=(Flag.OUT_OF_ORDER, Flag.DUPLICATE), reports=2, duplicates=1, text=None,
    label=None, mcc=None, mnc=None, device=None, sim=None, first_seen_ms=NOON + 123, last_seen_ms=NOON + 5456,
    delivered_ms=NOON + 4000, latency_ms=None, changed=9,
)  # fmt: skip
INBOUND = InboundRow(
    id=1, provider="smso", message_id=None, number="+40722334455", body="Da, confirm 👍", reply_to="8a5d2f89",
    sent_ms=None, received_ms=NOON + 2_100_000, zone=Zone.STATED, arrived_ms=NOON + 2_101_002, mcc="226", mnc="03",
    sim=None, device=None, media_url=None, times_received=1, request_id=18, changed=3,
)  # fmt: skip
REQUEST = RequestRow(
    id=17, arrived_ms=NOON, provider="webcom", method="POST", path="/webhooks/webcom", query="",
    headers=(("Content-Type", "application/json"),), content_type="application/json", body=b'[{"id_sms":3234}]\xff',
    outcome=Outcome.STORED, problem=None, answer_status=200, answer_type="application/json",
    answer_body='[{"id_sms":3234}]', changed=1, size=18,
)  # fmt: skip
SHAPES = {
    Kind.MESSAGES: message_json(MESSAGE, (DELIVERED, SENT)),
    Kind.INBOUND: inbound_json(INBOUND),
    Kind.REQUESTS: request_json(REQUEST),
}


async def each(rows: Sequence[Json]) -> AsyncIterator[Json]:
    for row in rows:
        yield row


def promised(shape: Json, wording: str) -> bool:
    """Say whether a shape has the keys and values of the documentation, first and in that order."""
    documented: Json = json.loads(wording)
    return list(shape.items())[: len(documented)] == list(documented.items())


def test_a_message_has_the_documented_shape() -> None:
    shape = SHAPES[Kind.MESSAGES]
    timeline = shape["timeline"]
    assert promised(
        shape | {"timeline": []},
        """{"provider": "webcom", "message_id": "3234", "number": null, "status": "delivered", "final": false,
        "provider_status": "deliver", "channel": "sms", "channels": {"viber": "expired", "sms": "delivered"},
        "error_code": null, "error_text": null, "flags": ["out_of_order", "duplicate"], "reports": 2,
        "duplicates": 1, "text": null, "label": null, "mcc": null, "mnc": null, "device": null, "sim": null,
        "first_seen_at": "2026-11-20T12:00:00.123Z", "last_seen_at": "2026-11-20T12:00:05.456Z",
        "delivered_at": "2026-11-20T12:00:04Z", "timeline": []}""",
    )
    assert promised(
        timeline[0],
        """{"status": "delivered", "provider_status": "deliver", "channel": "sms",
        "occurred_at": "2026-11-20T12:00:04Z", "zone": "assumed", "arrived_at": "2026-11-20T12:00:00.123Z",
        "times_received": 2, "flags": [], "request_id": 17}""",
    )
    assert promised(
        timeline[1],
        """{"status": "sent", "provider_status": "send", "channel": "viber", "occurred_at": null, "zone": null,
        "arrived_at": "2026-11-20T12:00:05.456Z", "times_received": 1, "flags": ["out_of_order"],
        "request_id": 19}""",
    )


def test_an_inbound_sms_has_the_documented_shape() -> None:
    assert promised(
        SHAPES[Kind.INBOUND],
        """{"provider": "smso", "message_id": null, "number": "+40722334455", "body": "Da, confirm 👍",
        "reply_to": "8a5d2f89", "sent_at": null, "received_at": "2026-11-20T12:35:00Z", "zone": "stated",
        "arrived_at": "2026-11-20T12:35:01.002Z", "mcc": "226", "mnc": "03", "sim": null, "device": null,
        "times_received": 1, "request_id": 18}""",
    )


def test_a_request_has_the_documented_shape() -> None:
    assert promised(
        SHAPES[Kind.REQUESTS],
        r"""{"id": 17, "arrived_at": "2026-11-20T12:00:00.000Z", "provider": "webcom", "method": "POST",
        "path": "/webhooks/webcom", "content_type": "application/json", "size": 18, "outcome": "stored",
        "problem": null, "answer_status": 200, "answer_body": "[{\"id_sms\":3234}]",
        "body": "[{\"id_sms\":3234}]\ufffd"}""",
    )


def test_a_raw_request_has_its_bytes_instead_of_its_text() -> None:
    shape = request_json(REQUEST, raw=True)
    assert shape["body_base64"] == "W3siaWRfc21zIjozMjM0fV3/"
    assert "body" not in shape


def test_a_detail_is_a_message_with_its_requests_and_replies() -> None:
    shape = detail_json(
        MessageDetail(message=MESSAGE, timeline=(DELIVERED,), requests=(REQUEST,), replies=(INBOUND,))
    )
    assert shape["message_id"] == "3234"
    assert [request["id"] for request in shape["requests"]] == [17]
    assert [reply["body"] for reply in shape["replies"]] == ["Da, confirm 👍"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("Da, ăîșț 👩\u200d❤\ufe0f\u200d👨", '"Da, ăîșț 👩\u200d❤\ufe0f\u200d👨"', id="readable"),
        pytest.param("\x1b[2J\x00\x07", r'"\u001b[2J\u0000\u0007"', id="C0"),
        pytest.param("\x7f\x85\x9b", r'"\u007f\u0085\u009b"', id="DEL and C1"),
        pytest.param("\u202e\u2066\u061c\u200f", r'"\u202e\u2066\u061c\u200f"', id="bidi"),
        pytest.param("\u2028\u2029", r'"\u2028\u2029"', id="line separators"),
        pytest.param("a\nb\tc", r'"a\nb\tc"', id="short forms"),
        pytest.param("x\ud800y", '"x\ufffdy"', id="lone surrogate"),
    ],
)
def test_json_is_readable_and_steers_nothing(text: str, written: str) -> None:
    assert json_line({"a": text}) == f'{{"a": {written}}}'


@given(st.text())
def test_json_loses_nothing_and_stays_on_one_line(text: str) -> None:
    line = json_line({"body": text})
    assert json.loads(line) == {"body": text}
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("Your code is 1", "Your code is 1", id="text"),
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("+40722334455", "'+40722334455", id="number"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(1)", "'@SUM(1)", id="at"),
        pytest.param("\t=1", "'⇥=1", id="tab"),
        pytest.param("\rx", r"'\rx", id="CR"),
        pytest.param("\nx", "'⏎x", id="LF"),
        pytest.param("\uff1d1", "'\uff1d1", id="full-width"),
        pytest.param(" =1", "' =1", id="space"),
        pytest.param('"=1', "'\"=1", id="quote"),
        pytest.param(";=1", "';=1", id="semicolon"),
        pytest.param("\u00a0\u3000=1", "'\u00a0\u3000=1", id="wide spaces"),
        pytest.param("a\nb\x1b[2J", r"a⏎b\x1b[2J", id="controls"),
        pytest.param(None, "", id="none"),
        pytest.param(True, "true", id="claim"),
        pytest.param(-5, "-5", id="an integer of ours"),
        pytest.param(["out_of_order", "duplicate"], "out_of_order duplicate", id="list"),
        pytest.param({"viber": "expired", "sms": "sent"}, "viber:expired sms:sent", id="channels"),
        pytest.param({"=cmd()": "sent"}, "'=cmd():sent", id="hostile channel"),
    ],
)
def test_a_csv_cell_is_never_a_formula(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


@pytest.mark.parametrize("kind", list(Kind))
async def test_csv_has_a_header_and_a_line_for_each_row(kind: Kind) -> None:
    out = io.StringIO()
    hostile = {
        key: 'a\r\n=b"c,\x1b' if isinstance(value, str) else value for key, value in SHAPES[kind].items()
    }
    await write_csv(kind, each([SHAPES[kind], hostile]), out)
    lines = out.getvalue().splitlines()
    header, row, _ = csv.reader(lines)
    assert len(lines) == 3
    assert len(header) == len(row)
    assert set(header) == set(SHAPES[kind]) - {"timeline", "headers"}
    assert dict(zip(header, row, strict=True))["provider"] == SHAPES[kind]["provider"]


async def test_csv_of_nothing_still_names_its_columns() -> None:
    out = io.StringIO()
    await write_csv(Kind.INBOUND, each([]), out)
    assert out.getvalue().startswith('"provider","message_id","number","body"')


async def test_csv_keeps_raw_bodies_as_they_are() -> None:
    out = io.StringIO()
    await write_csv(Kind.REQUESTS, each([request_json(REQUEST, raw=True)]), out)
    assert '"W3siaWRfc21zIjozMjM0fV3/"' in out.getvalue()


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_json_is_an_array_and_json_lines_are_objects(count: int) -> None:
    array, lines = io.StringIO(), io.StringIO()
    rows = [SHAPES[Kind.INBOUND]] * count
    await write_json(each(rows), array)
    await write_jsonl(each(rows), lines)
    assert json.loads(array.getvalue()) == rows
    assert [json.loads(line) for line in lines.getvalue().splitlines()] == rows


async def table(kind: Kind, rows: Sequence[Json], width: int | None) -> list[str]:
    out = io.StringIO()
    await write_table(kind, each(rows), out, width, UTC)
    return out.getvalue().splitlines()


def message(**fields: Any) -> Json:
    return message_json(msgspec.structs.replace(MESSAGE, **fields), ())


async def test_a_table_is_aligned_under_its_titles() -> None:
    rows = [
        inbound_json(INBOUND),
        inbound_json(msgspec.structs.replace(INBOUND, number=None, reply_to=None, body="漢字\n\x1b[2J")),
    ]
    assert await table(Kind.INBOUND, rows, None) == [
        "arrived              provider  number              reply to  text",
        "2026-11-20 12:35:01  smso      +40 722 334 455 RO  8a5d2f89  Da, confirm 👍",
        r"2026-11-20 12:35:01  smso      –                             漢字⏎\x1b[2J",
    ]


async def test_in_eighty_columns_a_message_keeps_what_matters() -> None:
    rows = [
        message(number="+40722334455", text="Codul tău este 1234", latency_ms=4000),
        message(status=Status.UNDELIVERED, error_text="no signal", flags=()),
    ]
    assert await table(Kind.MESSAGES, rows, 80) == [
        "first seen           provider  message id  number              status",
        "2026-11-20 12:00:00  webcom    3234        +40 722 334 455 RO  delivered",
        "2026-11-20 12:00:00  webcom    3234        –                   undelivered",
    ]


LONG_TEXT = "Codul tău este 1234. " * 20


async def test_without_a_terminal_nothing_is_cut() -> None:
    flags = tuple(Flag)
    said = message(message_id="x" * 60, reports=123_456, duplicates=654_321, text=LONG_TEXT, flags=flags)
    (_, line) = await table(Kind.MESSAGES, [said], None)
    assert "…" not in line
    for whole in ("x" * 60, "123456+654321", " ".join(flag.value for flag in flags), LONG_TEXT.rstrip()):
        assert whole in line


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
async def test_on_a_terminal_only_the_last_column_is_cut(width: int) -> None:
    few = request_json(REQUEST, raw=False)
    rows = [few] * 250 + [few | {"id": 1_234_567, "size": 256_000, "problem": LONG_TEXT}]
    lines = await table(Kind.REQUESTS, rows, width)
    titles = lines[0].split()
    cells = lines[-1].split()
    assert "1234567" in cells
    assert ("size" in titles) == ("256000" in cells)
    before_text = lines[-1].partition("Codul")[0] if "problem" in titles else lines[-1]
    assert "…" not in before_text
    for flags in (tuple(Flag)[:2], tuple(Flag)[2:]):
        (titles_line, line) = await table(Kind.MESSAGES, [message(flags=flags)], width + 40)
        assert ("flags" in titles_line) == (" ".join(flag.value for flag in flags) in line)


async def test_a_message_shows_its_label_before_its_text_and_an_error_instead_of_both() -> None:
    rows = [
        message(label="codes", text="Your code is 1234"),
        message(label="codes"),
        message(text="Hello"),
        message(label="codes", text="Hello", error_text="no signal"),
    ]
    shown = await table(Kind.MESSAGES, rows, None)
    assert [line.partition("duplicate")[2].strip() for line in shown[1:]] == [
        "[codes] Your code is 1234",
        "[codes]",
        "Hello",
        "no signal",
    ]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_table_fits_the_terminal_unless_id_and_number_are_too_long_for_it(
    kind: Kind, width: int
) -> None:
    rows = [
        SHAPES[kind],
        SHAPES[kind] | {"number": "+447700900123", "message_id": "8a5d2f89-0000-4000-8000-0123456789ab"},
        SHAPES[kind]
        | {"body": "漢字" * 100, "text": "x\n\x1b[2J" * 100, "problem": "element 2: " + "y" * 300},
    ]
    lines = await table(kind, rows, width)
    assert len(lines) == 4
    if kind is Kind.MESSAGES and width < 100:
        assert all(part in lines[2] for part in ("+44 7700 900123", "8a5d2f89-0000-4000-8000-0123456789ab"))
    else:
        assert max(map(width_of, lines)) <= width
    assert all(line.isprintable() for line in lines)


async def test_a_long_table_is_written_as_it_comes() -> None:
    lines = await table(Kind.MESSAGES, [message()] * 500, 80)
    assert len(lines) == 501
    assert len(set(lines[1:])) == 1


async def test_a_table_of_nothing_is_nothing() -> None:
    assert await table(Kind.MESSAGES, [], 80) == []


def kept(outcome: Outcome) -> tuple[Entry, Kept]:
    request = WebhookRequest(
        method="POST", path="/webhooks/smso", query="", headers=(), body=b"", arrived_ms=NOON
    )
    report = KeptReport(
        id=5, status=Status.DELIVERED, provider_status="delivered\x1b[2J", arrived_ms=NOON - 5000,
        times_received=2, request_id=16,
    )  # fmt: skip
    sms = KeptInbound(
        digest=1, message_id=None, number="+40722334455", body="Da\n[/b]", reply_to="8a5d", sent_ms=None,
        sent_raw=None, received_ms=NOON, received_raw=None, zone=Zone.STATED, mcc=None, mnc=None, device=None,
        sim=None, media_url=None, arrived_ms=NOON, request_id=17,
    )  # fmt: skip
    bad = outcome is Outcome.UNREADABLE
    return (
        Entry(provider="smso", request=request, problem="element 2: no id"),
        Kept(
            request_id=17,
            outcome=outcome,
            reports=[] if bad else [("8a5d", report, (Flag.OUT_OF_ORDER,), 2)],
            inbound=[] if bad else [(sms, 1)],
        ),
    )


def test_events_name_their_kind_and_carry_a_timeline_entry() -> None:
    status, inbound = event_json(*kept(Outcome.STORED))
    assert list(status)[:4] == ["kind", "provider", "message_id", "status"]
    assert (status["kind"], status["message_id"], status["flags"]) == ("status", "8a5d", ["out_of_order"])
    assert (inbound["kind"], inbound["message_id"], inbound["body"]) == ("inbound", None, "Da\n[/b]")
    (unreadable,) = event_json(*kept(Outcome.UNREADABLE))
    assert (unreadable["kind"], unreadable["problem"]) == ("unreadable", "element 2: no id")
    assert [event["kind"] for event in event_json(*kept(Outcome.PARTIAL))] == [
        "status",
        "inbound",
        "unreadable",
    ]


def test_events_read_as_lines_and_a_repeat_at_the_time_of_the_repeat() -> None:
    assert event_lines(*kept(Outcome.PARTIAL), UTC) == [
        r"2026-11-20 12:00:00 smso 8a5d delivered (delivered\x1b[2J) [out_of_order] (received 2 times)",
        "2026-11-20 12:00:00 smso inbound from +40 722 334 455 RO in reply to 8a5d – Da⏎[/b]",
        "2026-11-20 12:00:00 smso partial, request 17: element 2: no id",
    ]

from __future__ import annotations

import re
from typing import Any

import pytest

from smswatch.masking import mask_number, mask_text
from smswatch.model import Flag, Kind, Outcome, Status
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.columns import COLUMNS, fitting
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.glyphs import glyph

NOON_MS = 1_795_176_000_000
LOCAL = DisplayOptions(now_ms=NOON_MS + 60_000)


def make_message(**overrides: object) -> MessageRow:
    usual: dict[str, Any] = {
        "id": 1,
        "provider": "webcom",
        "message_id": "3234",
        "number": "+40722334455",
        "registered_number": None,
        "status": Status.SENT,
        "provider_status": "send",
        "channel": None,
        "channels": {},
        "error_code": None,
        "error_text": None,
        "flags": (),
        "reports": 1,
        "duplicates": 0,
        "text": None,
        "label": None,
        "mcc": None,
        "mnc": None,
        "device": None,
        "sim": None,
        "first_seen_ms": NOON_MS,
        "last_seen_ms": NOON_MS,
        "delivered_ms": None,
        "latency_ms": None,
        "changed": 1,
    }
    return MessageRow(**{**usual, **overrides})


def make_inbound(**overrides: object) -> InboundRow:
    usual: dict[str, Any] = {
        "id": 1,
        "provider": "smso",
        "message_id": None,
        "number": "+40722334455",
        "body": "Da",
        "reply_to": None,
        "sent_ms": None,
        "received_ms": None,
        "zone": None,
        "arrived_ms": NOON_MS,
        "mcc": None,
        "mnc": None,
        "sim": None,
        "device": None,
        "media_url": None,
        "times_received": 1,
        "request_id": 1,
        "changed": 1,
    }
    return InboundRow(**{**usual, **overrides})


def make_request(**overrides: object) -> RequestRow:
    usual: dict[str, Any] = {
        "id": 1,
        "arrived_ms": NOON_MS,
        "provider": "webcom",
        "method": "POST",
        "path": "/webhooks/webcom",
        "query": "",
        "headers": (),
        "content_type": "application/json",
        "body": b"[]",
        "outcome": Outcome.STORED,
        "problem": None,
        "answer_status": 200,
        "answer_type": "",
        "answer_body": "",
        "changed": 1,
        "size": 2,
    }
    return RequestRow(**{**usual, **overrides})


def cell(kind: Kind, name: str, row: Row, display: DisplayOptions = LOCAL) -> str:
    column = next(column for column in COLUMNS[kind] if column.name == name)
    return column.cell(row, display)[0]


@pytest.mark.parametrize(
    ("name", "overrides", "text"),
    [
        pytest.param("time", {}, "12:00:00", id="today"),
        pytest.param("time", {"first_seen_ms": NOON_MS - 86_400_000}, "19 Nov 12:00", id="another day"),
        pytest.param("time", {"first_seen_ms": NOON_MS - 400 * 86_400_000}, "2025-10-16", id="another year"),
        pytest.param("status", {}, "↑ sent", id="status"),
        pytest.param("number", {}, "+40 722 334 455 RO", id="number"),
        pytest.param("number", {"number": None}, "id 3234", id="number not known"),
        pytest.param("number", {"number": "INFO\x1b[2J"}, r"INFO\x1b[2J", id="hostile sender"),
        pytest.param("channel", {"channel": "viber"}, "viber", id="channel"),
        pytest.param("channel", {}, "–", id="no channel"),
        pytest.param("latency", {"latency_ms": 4200}, "4.2s", id="seconds"),
        pytest.param("latency", {"latency_ms": 64_000}, "1m04s", id="minutes"),
        pytest.param("latency", {"latency_ms": 7_260_000}, "2h01m", id="hours"),
        pytest.param("latency", {}, "–", id="no latency"),
        pytest.param("reports", {"reports": 2, "duplicates": 3}, "2+3", id="repeats"),
        pytest.param("flags", {"flags": (Flag.OUT_OF_ORDER, Flag.AFTER_FINAL)}, "order late", id="flags"),
        pytest.param("text", {"text": "Cod 4711", "label": "codes"}, "[codes] Cod 4711", id="text and label"),
        pytest.param("text", {"text": "a\nb\x07"}, r"a⏎b\x07", id="hostile text"),
        pytest.param(
            "text",
            {"status": Status.FAILED, "error_code": "9", "error_text": "Generic", "text": "Hi"},
            "9: Generic",
            id="an error matters more than the text",
        ),
        pytest.param("text", {}, "send", id="the provider's word where there is nothing else"),
    ],
)
def test_a_message_is_shown(name: str, overrides: dict[str, object], text: str) -> None:
    assert cell(Kind.MESSAGES, name, make_message(**overrides)) == text


def test_an_inbound_sms_is_shown() -> None:
    row = make_inbound(reply_to="8a5d2f89", body="Da,\nconfirm")
    assert cell(Kind.INBOUND, "reply", row) == "↩"
    assert cell(Kind.INBOUND, "text", row) == "Da,⏎confirm"
    assert cell(Kind.INBOUND, "text", make_inbound(body="", media_url="https://x")) == "(image)"


def test_a_request_shows_its_problem_or_its_body() -> None:
    unreadable = make_request(outcome=Outcome.UNREADABLE, problem="no id", answer_status=400)
    assert cell(Kind.REQUESTS, "outcome", unreadable) == "✗ unreadable"
    assert cell(Kind.REQUESTS, "answer", unreadable) == "400"
    assert cell(Kind.REQUESTS, "problem", unreadable) == "no id"
    assert cell(Kind.REQUESTS, "problem", make_request(body=b"\xff[")) == "\ufffd["


def test_times_can_be_ages() -> None:
    display = DisplayOptions(now_ms=NOON_MS + 90_000, time_mode="relative")
    assert cell(Kind.MESSAGES, "time", make_message(), display) == "1 min ago"


def test_masking_covers_every_cell_that_tells_of_a_person() -> None:
    display = DisplayOptions(now_ms=NOON_MS, masked=True)
    message = make_message(text="Cod 4711", label="Ana")
    shown = " ".join(column.cell(message, display)[0] for column in COLUMNS[Kind.MESSAGES])
    assert "722" not in shown
    assert "4711" not in shown
    assert "Ana" not in shown
    sms = make_inbound(body="Da, Ana")
    assert "Ana" not in cell(Kind.INBOUND, "text", sms, display)
    request = make_request(body=b'{"to":"40722334455"}')
    assert "722" not in cell(Kind.REQUESTS, "problem", request, display)


def test_a_masked_number_is_the_same_everywhere_and_others_differ() -> None:
    shown = mask_number("+40722334455", b"ours")
    assert re.fullmatch(r"\+40•••55 [a-z2-7]{4}", shown)
    assert mask_number("+40722334455", b"ours") == shown != mask_number("+40722334455", b"theirs")
    assert mask_number("+40722999955", b"ours") != shown, "they differ in the middle alone"
    assert mask_number("INFO") != mask_number("BANK")
    assert mask_text("Cod: 47") == "•••: ••"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("width", [20, 40, 56, 60, 78, 80, 100, 118, 160, 250])
def test_the_columns_fill_the_width_and_never_exceed_it(kind: Kind, width: int) -> None:
    columns = fitting(COLUMNS[kind], width)
    taken = sum(cells + 1 for _, cells in columns)
    assert taken == width or width < 60
    assert all(cells >= 1 for _, cells in columns)


def test_narrow_lists_keep_time_status_and_number() -> None:
    names = [column.name for column, _ in fitting(COLUMNS[Kind.MESSAGES], 50)]
    assert names == ["time", "status", "number"]


def test_hiding_every_column_leaves_none() -> None:
    assert fitting((), 80) == []


def test_no_two_statuses_share_a_glyph() -> None:
    assert len({glyph(status) for status in Status}) == len(Status)

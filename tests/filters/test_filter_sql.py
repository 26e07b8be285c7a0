"""Filters select the right rows from a real database, and their SQL always runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smswatch.filters import SQL_FUNCTIONS, FilterContext, FilterError, condition, parse
from smswatch.filters.operators import OPERATORS
from smswatch.model import OPEN, Kind
from smswatch.numbers import digits_key
from smswatch.store.schema import MIGRATIONS

NOON = int(datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
CONTEXT = FilterContext(
    now_ms=NOON, zone=timezone(timedelta(hours=2)), default_region="RO", stuck_after_ms=10 * MINUTE
)

MESSAGES: dict[str, dict[str, Any]] = {
    "smso-delivered": {
        "provider": "smso", "message_id": "8a5d2f89", "number": "+40722334455", "status": "delivered",
        "rank": 80, "text": "Codul tău este 1234", "latency_ms": 4000, "channel": "sms", "mcc": "226", "mnc": "03",
        "registered_number": "+40722334455",
    },
    "smso-open": {
        "provider": "smso", "message_id": "77aa", "number": "+40722334456", "status": "sent", "rank": 40,
        "mcc": "226", "registered_number": "+40722334456",
        "first_seen_ms": NOON - MINUTE,
    },
    "webcom-stuck": {
        "provider": "webcom", "message_id": "3234", "status": "sent", "rank": 40, "flags": "out_of_order",
        "first_seen_ms": NOON - 20 * MINUTE,
    },
    "webcom-viber": {
        "provider": "webcom", "message_id": "3235", "number": "+447700900123", "status": "delivered",
        "rank": 80, "channel": "sms", "channels": '{"viber":"expired","sms":"delivered"}',
        "label": "Welcome 100%", "flags": "conflict duplicate", "latency_ms": 45_000,
    },
    "gateway-failed": {
        "provider": "smsgateway24", "message_id": "0722334455", "number": "VODAFONE", "status": "failed",
        "rank": 70, "error_code": "9", "error_text": "No signal, code 19", "first_seen_ms": NOON - 90 * MINUTE,
    },
    "gateway-read": {
        "provider": "smsgateway24", "message_id": "x_y", "number": "1234", "status": "read", "rank": 90,
        "text": "nul\ufffdbehind", "flags": "after_final", "first_seen_ms": NOON - 26 * 60 * MINUTE,
    },
}  # fmt: skip
INBOUND: dict[str, dict[str, Any]] = {
    "yes": {
        "provider": "smso", "number": "+40722334455", "body": "DA, CONFIRM ȘI MULȚUMESC", "mcc": "226", "mnc": "1",
        "reply_to": "8a5d2f89", "digest": 1,
    },
    "again": {
        "provider": "smsgateway24", "number": "Vodafone", "message_id": "9001", "body": "STOP", "digest": 2,
        "times_received": 2, "arrived_ms": NOON - 60 * MINUTE,
    },
}  # fmt: skip
REQUESTS: dict[str, dict[str, Any]] = {
    "stored": {"provider": "smso", "body": b"uuid=8a5d2f89&receiver[number]=+40722334455", "outcome": "stored"},
    "unreadable": {
        "provider": "webcom", "path": "/webhooks/webcom", "body": b"\xff\xfe{Not json\x00END \xc8\x99",
        "outcome": "unreadable", "problem": "element 1: no id", "arrived_ms": NOON - 60 * MINUTE,
    },
    "repeat": {"provider": "webcom", "body": '[{"id_sms":3234,"t":"ȘI"}]'.encode(), "outcome": "duplicate"},
}  # fmt: skip
ROWS = {Kind.MESSAGES: MESSAGES, Kind.INBOUND: INBOUND, Kind.REQUESTS: REQUESTS}
DEFAULTS: dict[Kind, dict[str, Any]] = {
    Kind.MESSAGES: {
        "contact": None, "rank": 0, "provider_status": "x", "channels": "", "flags": "", "reports": 1,
        "duplicates": 0, "first_seen_ms": NOON, "last_seen_ms": NOON, "changed": 1,
    },
    Kind.INBOUND: {"arrived_ms": NOON, "times_received": 1, "request": 1, "changed": 1},
    Kind.REQUESTS: {
        "arrived_ms": NOON, "method": "POST", "path": "/webhooks/x", "query": "", "headers": "",
        "content_type": "", "answer_status": 200, "answer_type": "", "answer_body": "", "changed": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in MIGRATIONS:
        connection.executescript(migration)
    for name, arguments, function in SQL_FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    for kind, rows in ROWS.items():
        for row_id, row in enumerate(rows.values(), start=1):
            insert(connection, kind, DEFAULTS[kind] | {"id": row_id} | row)
    yield connection
    connection.close()


def insert(connection: sqlite3.Connection, kind: Kind, values: dict[str, Any]) -> None:
    number = values.get("number")
    if number:
        connection.execute(
            "INSERT OR IGNORE INTO contacts(number, reversed, digits) VALUES (?, ?, ?)",
            (number, number[::-1], digits_key(number)),
        )
        found = connection.execute("SELECT id FROM contacts WHERE number = ?", (number,)).fetchone()
        values = values | {"contact": found[0]}
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT INTO {kind}({', '.join(values)}) VALUES ({marks})",  # noqa: S608 - our own names
        tuple(values.values()),
    )


def matching(database: sqlite3.Connection, kind: Kind, text: str, *, index: str = "") -> set[str]:
    found = condition(parse(text), kind, CONTEXT)
    names = dict(enumerate(ROWS[kind], start=1))
    sql = f"SELECT {kind}.id FROM {kind} {index} WHERE ({found.sql}) ORDER BY {kind}.id DESC"  # noqa: S608 - bound
    return {names[row[0]] for row in database.execute(sql, found.params)}


def case(text: str, *names: str, id: str | None = None) -> Any:  # noqa: A002 - as pytest calls it
    return pytest.param(text, set(names), id=id or text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        case("", *MESSAGES, id="empty"),
        case("codul", "smso-delivered"),
        case("TĂU", "smso-delivered"),
        case("vodaf", "gateway-failed"),
        case("8A5D", "smso-delivered"),
        case("100%", "webcom-viber"),
        case("%", "webcom-viber"),
        case("_", "gateway-read"),
        case("\\"),
        case("este 1", "smso-delivered"),
        case('"tău este"', "smso-delivered"),
        case('"Ă"', "smso-delivered"),
        case("behind", "gateway-read"),
        case('"nul\x00be"', "gateway-read", id="NUL"),
        case("4455", "smso-delivered", "gateway-failed"),
        case("codul este", "smso-delivered"),
        case('"codul este"'),
        case("0722 334 455", "smso-delivered"),
        case("0722334455", "smso-delivered", "gateway-failed", id="a number, or an id in full"),
        case("+40722334455", "smso-delivered"),
        case("0040 722 33 44 55", "smso-delivered"),
        case("722-334-45", "smso-delivered", "smso-open"),
        case("07700 900 123", "webcom-viber"),
        case("+44 (0)7700 900123", "webcom-viber"),
        case("-0722334455 is:final", "webcom-viber", "gateway-read"),
        case("number:+40722334455", "smso-delivered"),
        case("number:0722334455", "smso-delivered"),
        case('number:"0722 334 455"', "smso-delivered"),
        case("number:40722334455", "smso-delivered"),
        case("number:722334", id="an exact number is no part of one"),
        case("number:VODAFONE", "gateway-failed"),
        case("number:1234", "gateway-read"),
        case("number:+40722*", "smso-delivered", "smso-open"),
        case("number:0722*", "smso-delivered", "smso-open"),
        case("number:40722*", "smso-delivered", "smso-open"),
        case("number:VODA*", "gateway-failed"),
        case("number:*4455", "smso-delivered"),
        case("number:*fone"),
        case("number:*FONE", "gateway-failed"),
        case("number:*334*", "smso-delivered", "smso-open"),
        case("number:*dafo*", "gateway-failed"),
        case("number:*", "smso-delivered", "smso-open", "webcom-viber", "gateway-failed", "gateway-read"),
        case("-number:*", "webcom-stuck"),
        case("status:delivered", "smso-delivered", "webcom-viber"),
        case("status:failed,read", "gateway-failed", "gateway-read"),
        case("status:bad", "gateway-failed"),
        case("-status:sent,delivered", "gateway-failed", "gateway-read"),
        case("provider:SMSO", "smso-delivered", "smso-open"),
        case("provider:nobody"),
        case("provider:smso status:sent", "smso-open"),
        case("channel:viber", "webcom-viber"),
        case("channel:SMS", "smso-delivered", "webcom-viber"),
        case("-channel:sms,viber", "smso-open", "webcom-stuck", "gateway-failed", "gateway-read"),
        case("id:3234", "webcom-stuck"),
        case("id:3234,77aa", "webcom-stuck", "smso-open"),
        case("id:323"),
        case("text:codul", "smso-delivered"),
        case("text:welcome", "webcom-viber"),
        case('text:"este 1234"', "smso-delivered"),
        case("text:smso"),
        case("error:9", "gateway-failed"),
        case("error:19"),
        case("error:signal", "gateway-failed"),
        case("-error:9 provider:smsgateway24", "gateway-read"),
        case("mcc:226", "smso-delivered", "smso-open"),
        case("mcc:226 mnc:03", "smso-delivered"),
        case("mnc:3", id="a code is text: 03 is not 3"),
        case("mcc:226 -has:network", "smso-open"),
        case("is:unregistered", "webcom-stuck", "webcom-viber", "gateway-failed", "gateway-read"),
        case("-is:unregistered", "smso-delivered", "smso-open"),
        case("is:final", "smso-delivered", "webcom-viber", "gateway-failed", "gateway-read"),
        case("is:open", "smso-open", "webcom-stuck"),
        case("is:stuck", "webcom-stuck"),
        case("is:conflict", "webcom-viber"),
        case("is:duplicate", "webcom-viber"),
        case("is:out_of_order", "webcom-stuck"),
        case("is:after_final", "gateway-read"),
        case("has:reply", "smso-delivered"),
        case("-has:number", "webcom-stuck"),
        case("has:label", "webcom-viber"),
        case("has:text", "smso-delivered", "gateway-read"),
        case("has:error", "gateway-failed"),
        case("after:10m", "smso-delivered", "smso-open", "webcom-viber"),
        case("before:10m after:1d", "webcom-stuck", "gateway-failed"),
        case("before:2026-11-20T13:00 after:2026-11-20", "gateway-failed", id="local times"),
        case("before:2026-11-20T11:00Z after:2026-11-20", "gateway-failed", id="a time with its offset"),
        case("latency:>30s", "webcom-viber"),
        case("latency:<=4s", "smso-delivered"),
        case("latency:=4s", "smso-delivered"),
        case("latency:=4000ms", "smso-delivered"),
        case("latency:=0.7m", "webcom-viber"),
        case("latency:=0.70m"),
        case("-latency:>30s provider:webcom", "webcom-stuck"),
        case("outcome:stored", id="a term that the list lacks"),
        case("-outcome:stored", *MESSAGES, id="not a term that the list lacks"),
        case("is:stuck OR status:bad provider:smsgateway24", "webcom-stuck", "gateway-failed"),
        case("status:bad -vodafone"),
        case("'; DROP TABLE messages;--"),
    ],
)
def test_messages_are_found(database: sqlite3.Connection, text: str, names: set[str]) -> None:
    assert matching(database, Kind.MESSAGES, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        case("confirm", "yes"),
        case("mulțumesc", "yes"),
        case("text:ȘI", "yes"),
        case("8a5d2f89", "yes", id="the message that it answers"),
        case("0722334455", "yes"),
        case("number:0722*", "yes"),
        case("number:Vodafone", "again"),
        case("id:9001", "again"),
        case("provider:smso", "yes"),
        case("is:duplicate", "again"),
        case("after:10m", "yes"),
        case("before:10m", "again"),
        case("has:number", "yes", "again"),
        case("has:text", "yes", "again"),
        case("status:delivered"),
        case("-status:delivered", "yes", "again"),
        case("is:open"),
        case("has:reply"),
        case("latency:>1ms"),
        case("error:9"),
        case("channel:sms"),
        case("mcc:226 mnc:1,2", "yes"),
        case("-has:network", "again"),
        case("is:unregistered"),
        case("outcome:stored"),
    ],
)
def test_inbound_sms_are_found(database: sqlite3.Connection, text: str, names: set[str]) -> None:
    assert matching(database, Kind.INBOUND, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        case("not", "unreadable"),
        case("end", "unreadable", id="behind a NUL and bytes that are no text"),
        case("Ș", "unreadable", "repeat", id="any case, outside ASCII"),
        case('"no id"', "unreadable"),
        case("webhooks/webcom", "unreadable"),
        case("smso", "stored"),
        case("0722 334 455", "stored", id="a number in the body"),
        case("id:2", "unreadable"),
        case("id:1,3,abc", "stored", "repeat"),
        case("id:99999999999999999999999"),
        case("provider:webcom", "unreadable", "repeat"),
        case("outcome:unreadable", "unreadable"),
        case("outcome:stored,duplicate", "stored", "repeat"),
        case("is:duplicate", "repeat"),
        case("text:uuid", "stored"),
        case("before:30m", "unreadable"),
        case("number:+40722334455"),
        case("-number:*", *REQUESTS, id="not a term that the list lacks"),
        case("status:sent"),
    ],
)
def test_requests_are_found(database: sqlite3.Connection, text: str, names: set[str]) -> None:
    assert matching(database, Kind.REQUESTS, text) == names


def test_the_contacts_of_a_number_can_be_counted_first(database: sqlite3.Connection) -> None:
    found = condition(parse("number:0722* status:sent"), Kind.MESSAGES, CONTEXT).contacts
    assert found is not None
    sql = f"SELECT count(*) FROM (SELECT 1 FROM contacts WHERE {found.sql} LIMIT 3001)"  # noqa: S608 - bound
    assert database.execute(sql, found.params).fetchone() == (2,)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        pytest.param("number:+40722334455", "sqlite_autoindex_contacts_1 (number=?)", id="exact number"),
        pytest.param("number:+40722*", "sqlite_autoindex_contacts_1 (number>? AND number<?)", id="beginning"),
        pytest.param("number:*4455", "contacts_reversed (reversed>? AND reversed<?)", id="ending"),
    ],
)
def test_an_index_serves_for_contacts(database: sqlite3.Connection, text: str, plan: str) -> None:
    found = condition(parse(text), Kind.MESSAGES, CONTEXT).contacts
    assert found is not None
    assert not found.is_walk
    sql = f"EXPLAIN QUERY PLAN SELECT id FROM contacts WHERE ({found.sql}) LIMIT 3001"  # noqa: S608 - bound
    steps = [row[3] for row in database.execute(sql, found.params)]
    assert any(plan in step for step in steps), steps
    assert not any("SCAN" in step for step in steps), steps


@pytest.mark.parametrize(
    ("text", "is_walk"),
    [
        ("0722 334 455", True),
        ("number:*2233*", True),
        ("0722334455", True),
        ("0722 334 455 number:+40*", False),
        ("number:*4455", False),
    ],
)
def test_it_is_said_where_every_contact_must_be_looked_at(text: str, is_walk: bool) -> None:
    found = condition(parse(text), Kind.MESSAGES, CONTEXT).contacts
    assert found is not None
    assert found.is_walk == is_walk


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        pytest.param("id:3234", "sqlite_autoindex_messages_1 (provider=? AND message_id=?)", id="id"),
        pytest.param("has:reply", "inbound_reply (provider=? AND reply_to=?)", id="reply"),
    ],
)
def test_an_index_serves(database: sqlite3.Connection, text: str, plan: str) -> None:
    found = condition(parse(text), Kind.MESSAGES, CONTEXT)
    sql = f"EXPLAIN QUERY PLAN SELECT id FROM messages WHERE ({found.sql}) ORDER BY id DESC"  # noqa: S608 - bound
    steps = [row[3] for row in database.execute(sql, found.params)]
    assert any(plan in step for step in steps), steps


@pytest.mark.parametrize(
    ("kind", "text", "equal"),
    [
        pytest.param(Kind.MESSAGES, "status:sent x", {"status": ("sent",)}, id="status"),
        pytest.param(
            Kind.MESSAGES,
            "provider:smso status:sent,read",
            {"provider": ("smso",), "status": ("sent", "read")},
            id="both",
        ),
        pytest.param(Kind.INBOUND, "provider:smso status:sent", {"provider": ("smso",)}, id="inbound"),
        pytest.param(Kind.REQUESTS, "outcome:stored", {"outcome": ("stored",)}, id="outcome"),
        pytest.param(Kind.REQUESTS, "is:duplicate", {"outcome": ("duplicate",)}, id="repeats"),
        pytest.param(Kind.MESSAGES, "is:open", {"status": tuple(map(str, OPEN))}, id="open"),
        pytest.param(Kind.MESSAGES, "-status:sent", {}, id="not for a negation"),
        pytest.param(Kind.MESSAGES, "status:sent OR code", {}, id="nor for an alternative"),
    ],
)
def test_what_must_be_equal_is_said(kind: Kind, text: str, equal: dict[str, tuple[str, ...]]) -> None:
    assert dict(condition(parse(text), kind, CONTEXT).equal) == equal


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        pytest.param("after:10m", NOON - 600_000, None, id="after"),
        pytest.param("before:10m", None, NOON - 600_000, id="before"),
        pytest.param("after:2h after:1h before:10m", NOON - 3_600_000, NOON - 600_000, id="the narrowest"),
        pytest.param("is:stuck", None, NOON - CONTEXT.stuck_after_ms, id="stuck"),
        pytest.param("-after:10m", None, None, id="not for a negation"),
    ],
)
def test_times_are_said(text: str, since: int | None, until: int | None) -> None:
    found = condition(parse(text), Kind.MESSAGES, CONTEXT)
    assert (found.since_ms, found.until_ms) == (since, until)


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        pytest.param("is:stuck", {"smso": 0, "webcom": 30 * MINUTE}, {"smso-open"}, id="each its own"),
        pytest.param("is:stuck", {"smso": 0}, {"smso-open", "webcom-stuck"}, id="the others the usual one"),
        pytest.param("-is:stuck is:open", {"smso": 0}, set(), id="negated"),
        pytest.param("is:stuck", {"smso'; --": 0}, {"webcom-stuck"}, id="a name is a value"),
    ],
)
def test_a_provider_may_have_a_time_of_its_own_until_its_messages_are_stuck(
    database: sqlite3.Connection, text: str, own: dict[str, int], expected: set[str]
) -> None:
    context = msgspec.structs.replace(CONTEXT, stuck_after_by_provider_ms=own)
    found = condition(parse(text), Kind.MESSAGES, context)
    rows = database.execute(f"SELECT message_id FROM messages WHERE {found.sql}", found.params)  # noqa: S608 - ours
    ids = {row[0] for row in rows}
    assert ids == {MESSAGES[name]["message_id"] for name in expected}
    if "-" not in text:
        assert found.until_ms == NOON - min(CONTEXT.stuck_after_ms, *own.values())


def test_a_machine_without_a_zone_of_its_own_in_the_settings_uses_the_clock_of_its_place() -> None:
    local = datetime(2026, 11, 20, 12, 0).astimezone()
    found = condition(parse("after:2026-11-20T12:00"), Kind.MESSAGES, FilterContext(NOON))
    assert found.params == (int(local.timestamp() * 1000),)


def test_the_longest_filters_still_run(database: sqlite3.Connection) -> None:
    for text in (
        "-xș " * 200,
        "a OR " * 99 + "a",
        "id:" + ",".join(map(str, range(100))),
        "number:" + "1" * 7000,
    ):
        for kind in Kind:
            matching(database, kind, text)


PIECES = st.sampled_from(
    [
        *(f"{operator.key}:{word}" for operator in OPERATORS for word in operator.words),
        *(example for operator in OPERATORS for example in operator.examples),
        *(
            "number:*",
            "id:",
            "text:",
            "error:",
            "provider:",
            "channel:",
            "OR",
            "-",
            '"',
            "0722334455",
            "ș",
            "\x00",
        ),
        *("\ud800", "99999999999999999999999999", "after:999999999w", "latency:>999999999w", "%", "'", "\\"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["", " ", " -"]), PIECES | st.text(max_size=4)), max_size=8).map(
        lambda pieces: "".join(gap + piece for gap, piece in pieces)
    ),
    st.sampled_from(Kind),
)
def test_the_sql_of_every_filter_runs_and_a_negation_is_its_complement(
    database: sqlite3.Connection, text: str, kind: Kind
) -> None:
    try:
        expression = parse(text)
    except FilterError:
        return
    found = condition(expression, kind, CONTEXT)
    sql = "SELECT id FROM {} WHERE ({})"
    matched = set(database.execute(sql.format(kind, found.sql), found.params))
    others = set(database.execute(sql.format(kind, f"({found.sql}) IS NOT TRUE"), found.params))
    assert matched.isdisjoint(others)
    assert len(matched | others) == len(ROWS[kind])

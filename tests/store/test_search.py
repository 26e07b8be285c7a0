"""A search finds exactly what its condition lets through, newest first, by an index where there is one, in steps."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from array import array
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from store_desk import DEADLINE_S, NOON_MS, entry, filled, inbound, report, store, writing

from smswatch.errors import StoreError
from smswatch.filters import SQL_FUNCTIONS, Condition, FilterContext, condition, parse
from smswatch.model import Kind, Outcome, Status
from smswatch.store import ordering, search
from smswatch.store.entry import Entry, Refused
from smswatch.store.ordering import NEWEST_FIRST, Order, OrderName, is_cut, order_names
from smswatch.store.reader import Reader
from smswatch.store.rows import Registration
from smswatch.store.writer import Writer

MESSAGES = 600
STATUSES = (Status.DELIVERED, Status.SENT, Status.FAILED, Status.EXPIRED, Status.DELIVERED, Status.READ)
PROVIDERS = ("webcom", "smso", "smsgateway24")
CONTEXT = FilterContext(now_ms=NOON_MS, zone=UTC, default_region="RO")
SECOND = 1000


def arrived(number: int) -> int:
    """Return when a message came: one a second until noon, and once our clock was set back by a minute."""
    set_back = 60 * SECOND if number >= MESSAGES // 2 else 0
    return NOON_MS - (MESSAGES - number) * SECOND - set_back


def telephone(number: int) -> str | None:
    """Return a number, or none; now and then one that could not be brought to E.164."""
    if number % 11 == 0:
        return None
    return f"0722 {number % 50:03d}" if number % 13 == 0 else f"+4072{number % 7}334{number % 90:03d}"


def life(number: int) -> Entry:
    at, status = arrived(number), STATUSES[number % 6]
    sent = report(Status.SENT, at, arrived_ms=at, number=telephone(number))
    last = report(status, at + number * 7 % 900, arrived_ms=at + 2, number=telephone(number))
    reports = [(str(number), sent)] + ([(str(number), last)] if status is not Status.SENT else [])
    return entry(*reports, provider=PROVIDERS[number % 3], body=b"x" * (number % 40), arrived_ms=at)


async def fill(writer: Writer) -> None:
    words = ("code", "parcel", "Ștampilă")
    writer.register(
        [
            Registration(
                provider="webcom",
                message_id=str(number),
                number=telephone(number) or "+40722111222",
                text=f"your {words[number // 6 % 3]} {number}",
                label=None,
            )
            for number in range(0, MESSAGES, 6)
        ]
    )
    for start in range(0, MESSAGES, 100):
        await store(writer, *map(life, range(start, start + 100)))
    await store(writer, *(life(number) for number in range(0, 60, 5)))  # told once more
    await store(
        writer,
        *(
            entry(
                sms=[inbound(f"Da {number}", arrived_ms=arrived(number), reply_to=str(number))],
                provider=PROVIDERS[number % 2],
                arrived_ms=arrived(number),
            )
            for number in range(0, MESSAGES, 9)
        ),
        entry(outcome=Outcome.UNREADABLE, problem="no JSON"),
    )
    writer.note_refused(Refused("smso", "/webhooks/smso", "use the URL with the key", 404))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with some of everything."""
    return filled(tmp_path_factory.mktemp("search") / "sms.db", fill)


@pytest.fixture
async def reader(path: Path) -> AsyncIterator[Reader]:
    async with await Reader.open(path) as reader:
        yield reader


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let searches take many steps over few rows."""
    monkeypatch.setattr(search.Steps, "took", lambda *_: None)
    for name, size in (("_FIRST_STEP", 37), ("_CONTIGUOUS_IN_A_STEP", 53), ("_NEWEST", 90)):
        monkeypatch.setattr(search, name, size)
    monkeypatch.setattr(search.Steps.__init__, "__defaults__", (37, search.STEP_S))
    monkeypatch.setattr(ordering, "_FIRST_NUMBERS", 7)


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        for name, arguments, function in SQL_FUNCTIONS:
            connection.create_function(name, arguments, function, deterministic=True)
        yield connection


async def found(
    reader: Reader, kind: Kind, wanted: Condition | None, order: Order = NEWEST_FIRST
) -> list[int]:
    ids: list[int] = []
    async for step in reader.found(kind, wanted, order):
        assert isinstance(step.ids, array)
        ids.extend(step.ids)
    return ids


def looked_through(database: sqlite3.Connection, kind: Kind, wanted: Condition) -> list[int]:
    """Return the ids of all rows that the condition is true of, by looking at each."""
    sql = f"SELECT {kind}.id FROM {kind} NOT INDEXED WHERE +({wanted.sql}) ORDER BY {kind}.id DESC"  # noqa: S608 - bound
    return [row[0] for row in database.execute(sql, wanted.params)]


FOUND_BY_INDEX = [
    (Kind.MESSAGES, "number:+40722334005"),
    (Kind.MESSAGES, "number:0722334005"),
    (Kind.MESSAGES, "number:+40723*"),
    (Kind.MESSAGES, "number:*005"),
    (Kind.MESSAGES, "number:*005 status:failed"),
    (Kind.MESSAGES, "status:failed"),
    (Kind.MESSAGES, "status:bad"),
    (Kind.MESSAGES, "status:buffered"),
    (Kind.MESSAGES, "provider:smso"),
    (Kind.MESSAGES, "provider:nobody"),
    (Kind.MESSAGES, "provider:smso,webcom status:sent,failed"),
    (Kind.MESSAGES, "is:open"),
    (Kind.MESSAGES, "is:final"),
    (Kind.MESSAGES, "is:stuck"),
    (Kind.MESSAGES, "after:2m"),
    (Kind.MESSAGES, "before:2m"),
    (Kind.MESSAGES, "after:8m before:3m"),
    (Kind.MESSAGES, "after:2m before:8m"),
    (Kind.MESSAGES, "after:1m status:delivered"),
    (Kind.MESSAGES, "after:9m status:failed -provider:smso"),
    (Kind.MESSAGES, "id:17"),
    (Kind.MESSAGES, "id:17,18 status:sent"),
    (Kind.INBOUND, "number:+40722334455"),
    (Kind.INBOUND, "provider:smso"),
    (Kind.INBOUND, "after:3m"),
    (Kind.REQUESTS, "outcome:unreadable"),
    (Kind.REQUESTS, "outcome:refused,duplicate"),
    (Kind.REQUESTS, "provider:smso"),
    (Kind.REQUESTS, "provider:smso outcome:stored"),
    (Kind.REQUESTS, "is:duplicate"),
    (Kind.REQUESTS, "before:4m"),
    (Kind.REQUESTS, "id:3"),
]
WALKED = [
    (Kind.MESSAGES, "number:*334*"),
    (Kind.MESSAGES, "0722 33 40 05"),
    (Kind.MESSAGES, "number:*2201*"),
    (Kind.MESSAGES, "00000017"),
    (Kind.MESSAGES, "0000017 OR status:failed"),
    (Kind.MESSAGES, "number:*"),
    (Kind.MESSAGES, "-number:+40723*"),
    (Kind.MESSAGES, "text:code"),
    (Kind.MESSAGES, "text:ștampilă"),
    (Kind.MESSAGES, "CODE"),
    (Kind.MESSAGES, "-provider:smso"),
    (Kind.MESSAGES, "status:failed OR number:*005"),
    (Kind.MESSAGES, "-status:delivered -has:number"),
    (Kind.MESSAGES, "is:duplicate"),
    (Kind.MESSAGES, "is:out_of_order"),
    (Kind.MESSAGES, "has:reply"),
    (Kind.MESSAGES, "latency:>100ms"),
    (Kind.MESSAGES, "channel:viber"),
    (Kind.INBOUND, "text:da"),
    (Kind.REQUESTS, "-outcome:stored"),
    (Kind.REQUESTS, "xxxxx"),
]
NOTHING = (Kind.INBOUND, "status:failed")
"""A term that the list lacks."""


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("most_contacts", [3, 3000], ids=["many contacts", "few contacts"])
@pytest.mark.parametrize(("kind", "text"), [*FOUND_BY_INDEX, *WALKED, NOTHING], ids=str)
async def test_every_filter_finds_what_looking_at_each_row_finds(
    *,
    reader: Reader,
    database: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    text: str,
    most_contacts: int,
) -> None:
    monkeypatch.setattr(search, "MOST_CONTACTS", most_contacts)
    wanted = condition(parse(text), kind, CONTEXT)
    ids = await found(reader, kind, wanted)
    assert sorted(ids, reverse=True) == looked_through(database, kind, wanted)
    if wanted.since_ms is None and wanted.until_ms is None:
        assert ids == sorted(ids, reverse=True)
    assert await reader.count(kind, wanted) == len(ids)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("text", ["after:8m", "before:3m", "after:8m before:3m -provider:smso"])
async def test_by_time_the_last_seen_come_first_even_where_the_clock_was_set_back(
    reader: Reader, database: sqlite3.Connection, text: str
) -> None:
    wanted = condition(parse(text), Kind.MESSAGES, CONTEXT)
    seen: dict[int, int] = dict(database.execute("SELECT id, first_seen_ms FROM messages"))
    times = [seen[row_id] for row_id in await found(reader, Kind.MESSAGES, wanted)]
    assert times
    assert times == sorted(times, reverse=True)


@contextmanager
def statements(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Sequence[object]]]:
    """Note the values of every statement that runs meanwhile."""
    ran: dict[str, Sequence[object]] = {}
    original = reader._all

    async def noted(sql: str, values: Sequence[object] = ()) -> list[Any]:
        ran[sql] = tuple(values)
        return await original(sql, values)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "_all", noted)
        yield ran
    assert ran, "the search runs its statements in another way"


async def ways(
    reader: Reader, kind: Kind, text: str, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, str]]:
    """Return (statement, line of its plan) of everything that a search runs."""
    with statements(reader, monkeypatch) as ran:
        await found(reader, kind, condition(parse(text), kind, CONTEXT) if text else None)
    return [
        (sql, row[3])
        for sql, values in ran.items()
        for row in await reader._all(f"EXPLAIN QUERY PLAN {sql}", values)
    ]


@pytest.mark.parametrize(("kind", "text"), FOUND_BY_INDEX, ids=str)
async def test_numbers_statuses_providers_and_times_never_scan(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, kind: Kind, text: str
) -> None:
    for sql, plan in await ways(reader, kind, text, monkeypatch):
        assert "NOT INDEXED" not in sql, sql
        assert not re.match(r"SCAN (messages|inbound|requests|contacts|theirs|found)\b", plan), (sql, plan)
        # Bounds on the id reach into the index: no step looks at what lies outside them.
        if re.search(r"INDEXED BY (messages|inbound|requests)_(provider|status)", sql) and "COVERING" in plan:
            assert "rowid>? AND rowid<?" in plan, (sql, plan)


@pytest.mark.parametrize(("kind", "text"), WALKED, ids=str)
async def test_a_walk_is_bounded_by_ids(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, kind: Kind, text: str
) -> None:
    for sql, plan in await ways(reader, kind, text, monkeypatch):
        assert not re.match(r"SCAN (messages|inbound|requests|contacts|theirs|found)\b", plan), (sql, plan)


async def test_the_narrower_of_two_indexes_is_taken(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, index in (
        ("status:failed after:9m", "messages_status"),
        ("status:delivered after:10s", "messages_first_seen"),
        ("number:+40722334005 status:failed", "messages_contact"),
    ):
        used = " ".join(plan for _, plan in await ways(reader, Kind.MESSAGES, text, monkeypatch))
        assert f"COVERING INDEX {index}" in used or f"INDEX {index} (" in used, (text, used)


@pytest.mark.usefixtures("small_steps")
async def test_a_count_grows_step_by_step_and_then_is_exact(reader: Reader) -> None:
    wanted = condition(parse("text:code"), Kind.MESSAGES, CONTEXT)
    counts, shares, total = [], [], 0
    async for step in reader.found(Kind.MESSAGES, wanted):
        total += len(step.ids)
        counts.append(total)
        shares.append(step.share)
    assert len(counts) > 10
    assert counts == sorted(counts)
    assert counts[-1] == await reader.count(Kind.MESSAGES, wanted) == 34
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.usefixtures("small_steps")
async def test_a_search_that_is_given_up_reads_nothing_more(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    original = reader._all

    async def noted(sql: str, values: Sequence[object] = ()) -> list[Any]:
        ran.append(sql)
        return await original(sql, values)

    monkeypatch.setattr(reader, "_all", noted)
    wanted = condition(parse("text:code"), Kind.MESSAGES, CONTEXT)
    async with aclosing(reader.found(Kind.MESSAGES, wanted)) as steps:
        async for _ in steps:
            break
    # Which row is the newest, and one step.
    assert len(ran) == 2


async def test_a_step_that_runs_can_be_interrupted_and_the_next_search_works(reader: Reader) -> None:
    endless = Condition(
        "EXISTS(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 1 FROM n WHERE i < 0)"
    )
    async with asyncio.timeout(DEADLINE_S):
        searching = asyncio.ensure_future(found(reader, Kind.MESSAGES, endless))
        while not searching.done():
            await reader.interrupt()
            await asyncio.sleep(0)
        with pytest.raises(StoreError, match="interrupted"):
            await searching
        assert len(await found(reader, Kind.MESSAGES, None)) == MESSAGES


@pytest.mark.usefixtures("small_steps")
async def test_ids_with_a_gap_are_read_and_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "gap.db"
    with writing(path) as writer:
        await store(writer, *map(life, range(90)))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM messages WHERE id = 7")
        connection.commit()
    async with await Reader.open(path) as reader:
        assert await found(reader, Kind.MESSAGES, None) == [row for row in range(90, 0, -1) if row != 7]


# --- orders ------------------------------------------------------------------------------------------------

KEYS = {
    "time": "id",
    "status": {Kind.MESSAGES: "rank", Kind.REQUESTS: "outcome"},
    "latency": "latency_ms",
    "reports": {Kind.MESSAGES: "reports", Kind.INBOUND: "times_received"},
    "answer": "answer_status",
    "size": "length(body)",
}


def key_of(kind: Kind, name: OrderName) -> str:
    key = KEYS.get(name, name)
    return key[kind] if isinstance(key, dict) else str(key)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("most", [25, 10_000], ids=["more than are kept", "few"])
@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in Kind for name in order_names(kind)], ids=str
)
@pytest.mark.parametrize("text", ["", "-provider:smsgateway24"])
async def test_every_order_sorts_under_every_plan(
    *,
    reader: Reader,
    database: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    kind: Kind,
    name: OrderName,
    descending: bool,
    most: int,
) -> None:
    monkeypatch.setattr(ordering, "MOST_SORTED", most)
    wanted = condition(parse(text), kind, CONTEXT) if text else Condition("1", ())
    order, key = Order(name, descending), key_of(kind, name)
    sql = (
        f"SELECT id FROM {kind} WHERE ({wanted.sql}) ORDER BY {key} IS NULL, {key}"  # noqa: S608 - our own names
        f" {'DESC' if descending else 'ASC'}, id DESC"
    )
    expected = [row[0] for row in database.execute(sql, wanted.params)]
    ids = await found(reader, kind, wanted if text else None, order)
    if is_cut(order) and len(expected) > most:
        expected = expected[:most]
    assert ids == expected


async def test_no_order_sorts_a_whole_table_at_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    with statements(reader, monkeypatch) as ran:
        for kind in Kind:
            for name in order_names(kind):
                await found(reader, kind, None, Order(name))
    for sql, values in ran.items():
        if "count(*) FROM" in sql and "WHERE" not in sql:
            continue  # how many there are is counted along the shortest index
        for row in await reader._all(f"EXPLAIN QUERY PLAN {sql}", values):
            assert not re.match(r"SCAN (messages|inbound|requests)\b", row[3]), (sql, row[3])


# --- pages -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("text", ["", "status:failed", "text:code", "after:5m", "number:*005"])
async def test_pages_go_on_where_the_last_one_ended(reader: Reader, text: str) -> None:
    wanted = condition(parse(text), Kind.MESSAGES, CONTEXT) if text else None
    everything = [row.id for row in await reader.page(Kind.MESSAGES, wanted, limit=0)]
    assert everything == await found(reader, Kind.MESSAGES, wanted)
    first = await reader.page(Kind.MESSAGES, wanted, limit=3)
    assert [row.id for row in first] == everything[:3]
    if wanted is None or wanted.since_ms is None:
        rest = await reader.page(Kind.MESSAGES, wanted, limit=0, before_id=first[-1].id)
        assert [row.id for row in first + rest] == everything


async def test_rows_that_arrive_during_a_search_are_not_in_it(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    with writing(path) as writer:
        await store(writer, *map(life, range(20)))
        async with await Reader.open(path) as reader, aclosing(reader.found(Kind.MESSAGES)) as steps:
            ids: list[int] = []
            async for step in steps:
                ids.extend(step.ids)
                await _more(writer)
    assert ids == list(range(20, 0, -1))


async def _more(writer: Writer) -> None:
    await store(writer, *map(life, range(20, 30)))

"""Readers show what was stored, whole and in order, whatever it holds and wherever it lies."""

from __future__ import annotations

import asyncio
import sqlite3
from array import array
from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from operator import itemgetter
from pathlib import Path

import msgspec
import pytest
from store_desk import (
    DEADLINE_S,
    NOON_MS,
    NUMBER,
    entry,
    inbound,
    report,
    request,
    status_entry,
    store,
    writing,
)

from smswatch.errors import StoreError
from smswatch.filters import Condition
from smswatch.model import ChannelStatus, Flag, Kind, Outcome, Status, Zone
from smswatch.store.entry import Entry, Refused, storable
from smswatch.store.ordering import Order, OrderName, order_names
from smswatch.store.reader import Changes, Reader
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.schema import VERSION
from smswatch.store.select import LIST_BODY_BYTES, Row
from smswatch.store.window import Window
from smswatch.store.writer import Writer

ODD_NAMES = ["what?.db", "a#b.db", "100%.db", "%41%2F.db", "two words.db", "mode=rw&x.db", "ș☃.db", "'\".db"]
HOSTILE = "a\x00b\ud800c\x1b[31m\u202e\u2028'\";--👍"
KEPT = "a\ufffdb\ufffdc\x1b[31m\u202e\u2028'\";--👍"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


def numbered(number: int) -> Entry:
    status = (Status.SENT, Status.DELIVERED, Status.FAILED)[number % 3]
    at = NOON_MS + number
    one = report(status, at, arrived_ms=at, number=f"+40722334{number:03}")
    return entry((str(number), one), body=b"x" * number, arrived_ms=at)


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    """A writer over twelve messages, three inbound SMS and their requests."""
    with writing(path) as writer:
        await store(writer, *map(numbered, range(12)))
        replies = (("Da", "3"), ("Nu", None), ("Stop", "3"))
        await store(writer, *(entry(sms=[inbound(body, reply_to=reply_to)]) for body, reply_to in replies))
        yield writer


@pytest.fixture
async def reader(writer: Writer) -> AsyncIterator[Reader]:
    async with await Reader.open(writer.path) as reader:
        yield reader


def ids_of(rows: list[Row]) -> list[int]:
    return [row.id for row in rows]


async def all_ids(reader: Reader, kind: Kind, condition: Condition | None, order: Order) -> list[int]:
    found: list[int] = []
    async for step in reader.found(kind, condition, order):
        assert isinstance(step.ids, array)
        found.extend(step.ids)
    return found


DELIVERED = Condition("messages.status = ?", ("delivered",))


# --- lists -----------------------------------------------------------------------------------------------


async def test_a_page_is_newest_first_and_the_next_one_follows(reader: Reader) -> None:
    assert ids_of(await reader.page(Kind.MESSAGES, limit=3)) == [12, 11, 10]
    assert ids_of(await reader.page(Kind.MESSAGES, limit=3, before_id=10)) == [9, 8, 7]
    assert ids_of(await reader.page(Kind.MESSAGES, limit=0)) == list(range(12, 0, -1))
    assert ids_of(await reader.page(Kind.MESSAGES, DELIVERED, limit=2)) == [11, 8]
    assert ids_of(await reader.page(Kind.MESSAGES, DELIVERED, limit=0, before_id=8)) == [5, 2]


async def test_an_alternative_in_a_condition_does_not_reach_past_the_page(reader: Reader) -> None:
    either = Condition("messages.message_id = ? OR messages.message_id = ?", ("1", "9"))
    assert ids_of(await reader.page(Kind.MESSAGES, either, limit=0, before_id=10)) == [2]


@pytest.mark.parametrize("limit", [0, 1, 5, 12, 50])
async def test_rows_come_a_page_at_a_time_and_stop_at_the_limit(reader: Reader, limit: int) -> None:
    found = [row.id for row in await reader.page(Kind.MESSAGES, limit=limit)]
    assert found == list(range(12, 0, -1))[: limit or 12]


@pytest.mark.parametrize("kind", Kind)
async def test_window_and_reader_show_the_same(reader: Reader, path: Path, kind: Kind) -> None:
    with closing(Window(path)) as window:
        newest = await reader.page(kind, limit=5)
        assert window.newest(kind, 5) == newest
        assert window.rows(kind, [*ids_of(newest), 9999]) == {row.id: row for row in newest}
        assert window.highest_id(kind) == newest[0].id
        assert window.sequence() == await reader.sequence() == 2
        assert window.totals() == await reader.totals()


def by(row: Row, name: OrderName) -> object:
    if name == "size":
        assert isinstance(row, RequestRow)
        return row.size
    attribute = {"time": "id", "latency": "latency_ms", "answer": "answer_status"}.get(name, name)
    if name == "status":
        return row.status.rank if isinstance(row, MessageRow) else getattr(row, "outcome", None)
    if name == "reports" and isinstance(row, InboundRow):
        return row.times_received
    return getattr(row, attribute)


@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in Kind for name in order_names(kind)], ids=str
)
async def test_every_order_sorts_and_ties_are_newest_first(
    reader: Reader, kind: Kind, name: OrderName, descending: bool
) -> None:
    rows = await reader.page(kind, limit=0)
    keyed = [(by(row, name), row) for row in rows]
    # `reverse` keeps equal ones in their order, which is newest first. Rows that lack the value come last.
    known = sorted(
        ((key, row) for key, row in keyed if key is not None), key=itemgetter(0), reverse=descending
    )
    expected = [row.id for _, row in known] + [row.id for key, row in keyed if key is None]
    assert await all_ids(reader, kind, None, Order(name, descending)) == expected


async def test_count_agrees_with_the_rows(reader: Reader) -> None:
    assert await reader.count(Kind.MESSAGES) == 12
    assert await reader.count(Kind.MESSAGES, DELIVERED) == 4
    assert await reader.count(Kind.INBOUND, Condition("0", ())) == 0


async def test_totals_are_those_of_the_rows(writer: Writer, reader: Reader) -> None:
    await store(writer, entry(outcome=Outcome.UNREADABLE), status_entry("0", Status.SENT, NOON_MS))
    totals = await reader.totals()
    assert totals.statuses == {Status.SENT: 4, Status.DELIVERED: 4, Status.FAILED: 4}
    assert (totals.messages, totals.inbound, totals.by_provider) == (12, 3, {"webcom": 12})
    assert totals.requests == {Outcome.STORED: 15, Outcome.UNREADABLE: 1, Outcome.DUPLICATE: 1}


# --- what changed ------------------------------------------------------------------------------------------


async def test_changes_are_what_is_new_or_different_since(writer: Writer, reader: Reader) -> None:
    since = await reader.sequence()
    assert await reader.changes(Kind.MESSAGES, since) == Changes(since, (), frozenset())
    await store(writer, status_entry("new", Status.DELIVERED))
    await store(writer, status_entry("0", Status.READ))
    changes = await reader.changes(Kind.MESSAGES, since, DELIVERED)
    assert changes == Changes(since + 2, (13, 1), frozenset((13,)))
    assert await reader.changes(Kind.MESSAGES, changes.sequence) == Changes(since + 2, (), frozenset())
    assert (await reader.changes(Kind.REQUESTS, since)).ids == (16, 17)
    assert (await reader.changes(Kind.INBOUND, since)).ids == ()


async def test_a_repeat_and_a_renewed_refused_line_are_changes(writer: Writer, reader: Reader) -> None:
    writer.note_refused(Refused("smso", "/webhooks/smso", "use the key", 404))
    await store(writer, entry(sms=[inbound("Da")]))
    since = await reader.sequence()
    await store(writer, entry(sms=[inbound("Da")]))
    assert (await reader.changes(Kind.INBOUND, since)).ids == (1,)
    (line,) = await reader.page(Kind.REQUESTS, Condition("requests.outcome = ?", ("refused",)), limit=0)
    since = await reader.sequence()
    writer.note_refused(Refused("smso", "/webhooks/smso", "use the key", 404))
    await store(writer, entry())
    assert line.id in (await reader.changes(Kind.REQUESTS, since)).ids


# --- one message -------------------------------------------------------------------------------------------


async def test_a_detail_has_the_timeline_the_requests_and_the_replies(writer: Writer, reader: Reader) -> None:
    channels = (ChannelStatus("viber", Status.EXPIRED, "expired"),)
    late = report(Status.SENT, NOON_MS, arrived_ms=NOON_MS + 900, channels=channels, zone=Zone.ASSUMED)
    again = report(Status.SENT, NOON_MS + 3, arrived_ms=NOON_MS + 950)
    await store(writer, entry(("3", msgspec.structs.replace(again)), body=b"repeat"))
    await store(writer, entry(("3", report(Status.READ, arrived_ms=NOON_MS + 800))))
    await store(writer, entry(("3", late), body=b"y" * (LIST_BODY_BYTES * 2)))
    found = await reader.find_message("webcom", "3")
    assert found is not None
    assert found == await reader.message_detail(found.message.id)
    assert [(one.status, one.flags, one.times_received, one.repeats) for one in found.timeline] == [
        (Status.SENT, (), 2, (NOON_MS + 950,)),
        (Status.READ, (), 1, ()),
        (Status.SENT, (Flag.AFTER_FINAL,), 1, ()),
    ]
    assert found.timeline[2].channels == {"viber": Status.EXPIRED}
    assert found.timeline[2].zone is Zone.ASSUMED
    assert [one.id for one in found.requests] == [4, 16, 17, 18]
    assert found.requests[-1].body == b"y" * (LIST_BODY_BYTES * 2)
    assert [one.body for one in found.replies] == ["Da", "Stop"]
    assert await reader.timelines([found.message.id]) == {
        found.message.id: tuple(msgspec.structs.replace(one, repeats=()) for one in found.timeline)
    }


async def test_what_is_not_there_is_none(reader: Reader) -> None:
    assert await reader.find_message("smso", "3") is None
    assert await reader.message_detail(99) is None
    assert await reader.request(99) is None
    assert await reader.timelines([]) == {}


async def test_a_detail_reads_a_body_whole_and_a_drawn_row_does_not(writer: Writer, path: Path) -> None:
    body = bytes(range(256)) * 10
    await store(writer, entry(body=body))
    async with await Reader.open(path) as reader:
        whole = await reader.request(16)
    with closing(Window(path)) as window:
        cut = window.rows(Kind.REQUESTS, [16])[16]
    assert isinstance(cut, RequestRow)
    assert whole is not None
    assert (whole.body, whole.size) == (body, len(body))
    assert (cut.body, cut.size) == (body[:LIST_BODY_BYTES], len(body))


# --- interrupting ------------------------------------------------------------------------------------------


ENDLESS = Condition(
    "EXISTS(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 1 FROM n WHERE i < 0)", ()
)


async def test_an_interrupted_read_ends_with_an_error_and_the_next_one_works(reader: Reader) -> None:
    async def count() -> int:
        return await reader.count(Kind.MESSAGES, ENDLESS)

    async def interrupt() -> None:
        # It may come before SQLite has begun, which then is not interrupted: again, until it has ended.
        while not counting.done():
            await reader.interrupt()
            await asyncio.sleep(0)

    async with asyncio.timeout(DEADLINE_S):
        counting = asyncio.ensure_future(count())
        with pytest.raises(StoreError, match="interrupted"):
            await asyncio.gather(interrupt(), counting)
        assert await reader.count(Kind.MESSAGES) == 12


async def test_a_search_that_is_left_early_holds_nothing(writer: Writer, reader: Reader) -> None:
    async with aclosing(reader.found(Kind.MESSAGES)) as steps:
        async for _ in steps:
            break
    await store(writer, *(entry(body=b"z" * 9000) for _ in range(5)))
    ((busy, log, moved),) = await asyncio.to_thread(
        lambda: writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    )
    assert (busy, log, moved) == (0, 0, 0)


# --- files -------------------------------------------------------------------------------------------------


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with writing(path) as writer:
        await store(writer, status_entry("1", Status.SENT))
        async with await Reader.open(path) as reader:
            assert await reader.count(Kind.MESSAGES) == 1
        with closing(Window(path)) as window:
            assert window.highest_id(Kind.MESSAGES) == 1
    assert names_in(tmp_path) == {name, f"{name}.lock"}


async def test_a_relative_name_is_found_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with writing(Path("sms.db")) as writer:
        await store(writer, status_entry("1", Status.SENT))
        async with await Reader.open(Path("sms.db")) as reader:
            assert await reader.count(Kind.MESSAGES) == 1


async def test_there_is_nothing_to_read_where_there_is_no_database(path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open the database"):
        await Reader.open(path)
    with pytest.raises(StoreError, match="cannot open the database"):
        Window(path)
    assert not list(path.parent.iterdir())


def text_file(path: Path) -> None:
    path.write_text("not a database\n" * 100)


def older(path: Path) -> None:
    path.touch()


def newer(path: Path) -> None:
    with writing(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes(text)")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(text_file, "not a database"), (older, "older version"), (newer, "newer"), (foreign, "not a smswatch")],
)
async def test_what_cannot_be_read_is_one_sentence(path: Path, make: object, sentence: str) -> None:
    assert callable(make)
    make(path)
    with pytest.raises(StoreError, match=sentence):
        await Reader.open(path)
    with pytest.raises(StoreError, match=sentence):
        Window(path)


async def test_a_reader_cannot_write(reader: Reader, path: Path) -> None:
    with pytest.raises(StoreError, match="readonly"):
        await reader._all("DELETE FROM messages")
    with closing(Window(path)) as window, pytest.raises(StoreError, match="readonly"):
        window._all("DELETE FROM messages")


async def test_a_database_without_a_writer_can_be_read(writer: Writer, path: Path) -> None:
    await asyncio.to_thread(writer.close)
    async with await Reader.open(path) as reader:
        assert await reader.count(Kind.MESSAGES) == 12


# --- hostile values ------------------------------------------------------------------------------------------


async def test_hostile_text_comes_back_as_it_came_save_what_cannot_be_stored(path: Path) -> None:
    text = storable(HOSTILE)
    assert text == KEPT
    one = report(Status.FAILED, number=text, error_text=text, device=text)
    sms = msgspec.structs.replace(inbound(text, reply_to=text), number=text, media_url=text)
    headers = (("X-Odd", "tab\there: and: colons"), ("X-Empty", ""), ("X-Odd", "again"))
    asked = msgspec.structs.replace(request(b"\x00\xff\xfe\x1b"), headers=headers)
    with writing(path) as writer:
        await store(writer, msgspec.structs.replace(entry((text, one), sms=[sms]), request=asked))
        async with await Reader.open(path) as reader:
            detail = await reader.find_message("webcom", text)
            (message_sms,) = await reader.page(Kind.INBOUND, limit=0)
    assert detail is not None
    assert isinstance(message_sms, InboundRow)
    assert (detail.message.number, detail.message.error_text, detail.message.device) == (text, text, text)
    assert (message_sms.body, message_sms.number, message_sms.media_url) == (text, text, text)
    assert detail.requests[0].headers == headers
    assert detail.requests[0].body == b"\x00\xff\xfe\x1b"
    assert detail.replies == (message_sms,)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("ș👍", "ș👍"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d\udc4d", "\ufffd\ufffd"),
        ("ș\0\udfff", "ș\ufffd\ufffd"),
    ],
    ids=["ascii", "other scripts", "NUL", "two lone surrogates", "NUL and a surrogate"],
)
def test_what_cannot_be_stored_becomes_the_replacement_character(text: str, kept: str) -> None:
    assert storable(text) == kept


async def test_numbers_are_kept_as_text(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, entry(("007", report(Status.SENT, mnc="03", number=NUMBER))))
        await store(writer, entry(("9" * 40, report(Status.SENT, mnc="3"))))
        async with await Reader.open(path) as reader:
            rows = [row for row in await reader.page(Kind.MESSAGES, limit=0) if isinstance(row, MessageRow)]
    assert [(row.message_id, row.mnc) for row in rows] == [("9" * 40, "3"), ("007", "03")]

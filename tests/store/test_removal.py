"""Removal: what is old goes and what is young stays whole; what is purged leaves no byte behind."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import struct
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from store_desk import DEADLINE_S, NOON_MS, NUMBER, entry, inbound, look, report, store, writing

from smswatch.errors import StoreError
from smswatch.model import Outcome, Status
from smswatch.store.batch import Batch
from smswatch.store.change import register, remove
from smswatch.store.database import connect_writer
from smswatch.store.entry import Entry, Kept, KeptInbound, Refused
from smswatch.store.handover import HandoverServer
from smswatch.store.removal import SLICE, Removal, RemovalJob, Removed
from smswatch.store.retention import Retention
from smswatch.store.rows import Marking, Registration
from smswatch.store.totals import TOTALS_QUERY, totals_from
from smswatch.store.unreadable import UnreadableBudget
from smswatch.store.writer import Writer, now_ms

HOUR_MS = 3_600_000
OTHER = "+12025550123"
TABLES = ("messages", "reports", "repeats", "inbound", "requests", "registrations", "contacts")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


def counts(path: Path) -> dict[str, int]:
    return {table: look(path, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}  # noqa: S608 - our own names


def at(hours: int) -> int:
    return NOON_MS + hours * HOUR_MS


async def keep_some(path: Path) -> None:
    """An old message, one that began long ago and goes on, a young one; an old and a young inbound SMS."""
    with writing(path) as writer:
        for message_id, status, hours in (
            ("old", Status.SENT, 0),
            ("old", Status.DELIVERED, 1),
            ("old", Status.DELIVERED, 1),
            ("long", Status.SENT, 2),
            ("long", Status.DELIVERED, 20),
            ("young", Status.SENT, 21),
        ):
            one = report(status, arrived_ms=at(hours), number=NUMBER)
            await store(writer, entry((message_id, one), arrived_ms=at(hours), body=message_id.encode()))
        for hours in (3, 22):
            sms = inbound(f"after {hours}", arrived_ms=at(hours))
            await store(writer, entry(sms=[sms], arrived_ms=at(hours)))
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="not JSON", arrived_ms=at(4)))


async def test_what_last_changed_before_goes_with_all_that_hangs_on_it(path: Path) -> None:
    await keep_some(path)
    assert remove(path, Removal(older_than_ms=at(10))) == Removed(messages=1, inbound=1, requests=5)
    assert look(path, "SELECT message_id, reports FROM messages ORDER BY id") == [("long", 2), ("young", 1)]
    assert look(path, "SELECT body FROM inbound") == [("after 22",)]
    assert counts(path)["repeats"] == 0
    # The request of two hours past noon is old, but the message that goes on rests on it.
    arrivals = [(row[0] - NOON_MS) // HOUR_MS for row in look(path, "SELECT arrived_ms FROM requests")]
    assert arrivals == [2, 20, 21, 22]
    totals = totals_from(look(path, TOTALS_QUERY))
    assert (totals.messages, totals.inbound) == (2, 1)
    assert totals.statuses == {Status.DELIVERED: 1, Status.SENT: 1}
    assert sum(totals.requests.values()) == 4


async def test_what_came_while_the_clock_was_behind_keeps_the_requests_it_rests_on(path: Path) -> None:
    many = [(str(n), report(Status.SENT, arrived_ms=at(20))) for n in range(SLICE)]
    with writing(path) as writer:
        await store(writer, entry(*many, sms=[inbound("ahead", arrived_ms=at(20))], arrived_ms=at(20)))
        # The clock is set back; what comes now goes on and is kept, or is behind what is young.
        behind = inbound("behind", arrived_ms=at(1))
        late = entry(("late", report(Status.SENT, arrived_ms=at(1))), sms=[behind], arrived_ms=at(1))
        again = entry(("0", report(Status.SENT, arrived_ms=at(1))), sms=[behind], arrived_ms=at(1))
        more = entry(("1", report(Status.DELIVERED, arrived_ms=at(1))), arrived_ms=at(1))
        alone = entry(outcome=Outcome.UNREADABLE, problem="not JSON", arrived_ms=at(1))
        await store(writer, late, again, more, alone)
        await store(writer, entry(("late", report(Status.DELIVERED, arrived_ms=at(21))), arrived_ms=at(21)))
        await store(writer, *[entry(outcome=Outcome.UNREADABLE, problem="?", arrived_ms=at(2))] * SLICE)
        removed = writer.remove(Removal(older_than_ms=at(10))).result(DEADLINE_S)
    assert removed.requests == SLICE + 1
    kept = {row[0] for row in look(path, "SELECT id FROM requests")}
    for table in ("reports", "repeats", "inbound"):
        resting = {row[0] for row in look(path, f"SELECT request FROM {table}")}  # noqa: S608 - our own names
        assert resting <= kept, table
    assert kept == {1, 2, 3, 4, 6}


async def test_a_refused_line_that_was_renewed_does_not_hide_what_is_old_behind_it(path: Path) -> None:
    old = [entry(outcome=Outcome.UNREADABLE, problem="?", arrived_ms=1) for _ in range(SLICE - 1)]
    with writing(path) as writer:
        await store(writer, *old)
        writer.note_refused(Refused("webcom", "/webhooks/webcom", "use the key", 404))
    with writing(path) as writer:
        await store(writer, *old)
    assert look(path, "SELECT id FROM requests WHERE outcome = 'refused'") == [(SLICE,)]
    assert remove(path, Removal(older_than_ms=2)).requests == 2 * len(old)
    assert look(path, "SELECT outcome FROM requests") == [("refused",)]


async def test_a_marked_message_is_never_too_old_and_keeps_its_requests(path: Path) -> None:
    await keep_some(path)
    with writing(path) as writer:
        assert writer.mark(Marking((1,), is_marked=True)).result(DEADLINE_S) == 1
        removed = writer.remove(Removal(older_than_ms=at(30))).result(DEADLINE_S)
        assert removed == Removed(messages=2, inbound=2, requests=6, marked=1)
        assert look(path, "SELECT message_id, reports, duplicates FROM messages") == [("old", 2, 1)]
        bodies = look(path, "SELECT body FROM requests ORDER BY id")
        assert bodies == [(b"old",), (b"old",), (b"old",)]
        # Once the mark is taken away, it is as old as any other.
        writer.mark(Marking((1,), is_marked=False)).result(DEADLINE_S)
        removed = writer.remove(Removal(older_than_ms=at(30))).result(DEADLINE_S)
        assert removed == Removed(messages=1, requests=3)
    assert counts(path)["requests"] == 0


async def test_a_marked_message_is_forgotten_with_its_number(path: Path) -> None:
    await keep_some(path)
    with writing(path) as writer:
        writer.mark(Marking((1,), is_marked=True)).result(DEADLINE_S)
        assert writer.remove(Removal(number=NUMBER)).result(DEADLINE_S).messages == 3
    assert look(path, "SELECT * FROM marks") == []


async def test_a_follow_up_after_the_removal_makes_a_new_message(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, entry(("1", report(Status.SENT))))
        writer.remove(Removal(older_than_ms=at(1))).result(20)
        (kept,) = await store(
            writer, entry(("1", report(Status.DELIVERED, arrived_ms=at(2))), arrived_ms=at(2))
        )
        assert kept.outcome is Outcome.STORED
    assert look(path, "SELECT status, reports, first_seen_ms FROM messages") == [("delivered", 1, at(2))]


async def test_what_comes_after_a_removal_is_never_taken_for_what_went(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, entry(("1", report(Status.SENT, number=NUMBER)), sms=[inbound("hello")]))
        writer.remove(Removal(older_than_ms=at(1))).result(DEADLINE_S)
        later = entry(("2", report(Status.SENT, number=NUMBER)), sms=[inbound("again")], arrived_ms=at(2))
        (kept,) = await store(writer, later)
        assert kept.request_id == 2
    for table in ("messages", "reports", "inbound", "requests"):
        assert look(path, f"SELECT id FROM {table}") == [(2,)]  # noqa: S608 - our own names
    assert look(path, "SELECT contact FROM messages") == look(path, "SELECT id FROM contacts")


async def test_intake_goes_on_while_much_is_removed(path: Path) -> None:
    with writing(path) as writer:
        for start in range(0, 3000, 500):
            await store(writer, *[entry((str(n), report(Status.SENT))) for n in range(start, start + 500)])
        removing = writer.remove(Removal(older_than_ms=at(1)))
        kept: list[Kept] = []
        while not removing.done():
            later = report(Status.SENT, arrived_ms=at(2))
            kept += await store(writer, entry((f"later {len(kept)}", later), arrived_ms=at(2)))
        assert removing.result() == Removed(messages=3000, requests=3000)
    assert kept, "the removal was over before anything else could be stored"
    assert look(path, "SELECT count(*) FROM messages") == [(len(kept),)]
    assert look(path, "SELECT count(*) FROM requests") == [(len(kept),)]


async def test_a_purged_number_leaves_no_byte_in_the_files(path: Path) -> None:
    secret = "Your code is 4711-SECRET"  # noqa: S105 - what an SMS says
    register(path, [Registration(provider="webcom", message_id="1", number=NUMBER, text=secret, label="x")])
    sms: KeptInbound = msgspec.structs.replace(inbound("my PIN is 99-SECRET"), number=NUMBER)
    with writing(path) as writer:
        body = f'[{{"sendto":"{NUMBER}","message":"{secret}"}}]'.encode()
        await store(writer, entry(("1", report(Status.SENT, number=NUMBER)), body=body))
        await store(writer, entry(sms=[sms], body=b"my PIN is 99-SECRET"))
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=b"{" + body))
        await store(writer, entry(("2", report(Status.SENT, number=OTHER)), body=b"other " + OTHER.encode()))
    removed = remove(path, Removal(number=NUMBER))
    assert (removed.messages, removed.inbound, removed.requests) == (1, 1, 3)
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert b"SECRET" not in content, file
        assert NUMBER[1:].encode() not in content, file
        assert NUMBER[:0:-1].encode() not in content, file
    assert look(path, "SELECT message_id FROM messages") == [("2",)]
    assert look(path, "SELECT number FROM contacts") == [(OTHER,)]
    assert [len(row[0]) for row in look(path, "SELECT body FROM requests ORDER BY id")] == [0, 0, 0, 18]


def unused_middles(file: bytes, page_bytes: int = 4096) -> bytes:
    """Return what stands between the lists of rows and the rows, page by page."""
    found = []
    for start in range(page_bytes, len(file), page_bytes):
        if file[start] in {2, 5, 10, 13}:
            rows, first_row = struct.unpack_from(">HH", file, start + 3)
            found.append(file[start + (12 if file[start] < 10 else 8) + 2 * rows : start + first_row])
    return b"\0".join(found)


def test_a_copy_that_sqlite_left_when_it_moved_a_row_goes_with_its_number(path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - a database like any other
    numbers = [f"+40722{chance.randrange(10**6):06}" for _ in range(3000)]

    def keep(writer: Writer, entries: Iterable[Entry]) -> None:
        asyncio.run(store(writer, *entries))

    with writing(path) as writer:
        for status in (Status.SENT, Status.DELIVERED):
            keep(writer, [entry((one, report(status, number=one)), body=b"") for one in numbers])
        middles = ""
        while not middles:
            # The writer copies the log into the database by itself, from time to time.
            keep(writer, [entry((f"{chance.random()}", report(Status.SENT))) for _ in range(200)])
            middles = unused_middles(path.read_bytes()).decode("latin-1")
        left = [one for one in numbers if one[1:] in middles or one[:0:-1] in middles]
        assert left, "SQLite left no copy, so nothing was tried"
        for number in left:
            writer.remove(Removal(number=number)).result(DEADLINE_S)
        # Pages that change again are not written as the cache remembers them.
        made = (f"+40722{chance.randrange(10**6):06}" for _ in range(300))
        more = [one for one in made if one not in left]
        keep(writer, [entry((f"more {one}", report(Status.SENT, number=one))) for one in more])
    content = path.read_bytes()
    for number in left:
        assert number[1:].encode() not in content
        assert number[:0:-1].encode() not in content
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    assert look(path, "SELECT count(*) FROM contacts") == [(len({*numbers, *more} - {*left}),)]


def test_a_database_that_vacuums_itself_is_not_written_past_sqlite(path: Path) -> None:
    with writing(path) as writer:
        asyncio.run(store(writer, entry(("1", report(Status.SENT, number=NUMBER)))))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA auto_vacuum=FULL")
        connection.execute("VACUUM")
    with (
        writing(path) as writer,
        pytest.raises(StoreError, match="no copies were looked for: the database vacuums"),
    ):
        writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
    assert look(path, "SELECT count(*) FROM messages") == [(0,)]
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


SPELLED = {
    "UTF-8": f"to={NUMBER} MARKERTEXT".encode(),
    "UTF-16": f"to={NUMBER} MARKERTEXT".encode("utf-16"),
    "UTF-16, big end first": f"to={NUMBER} MARKERTEXT".encode("utf-16-be"),
    "percent-encoded": "".join(f"%{byte:02X}" for byte in f"{NUMBER} MARKERTEXT".encode()).encode(),
    "JSON escapes": "".join(f"\\u{ord(one):04x}" for one in f"{NUMBER} MARKERTEXT").encode(),
    "XML references": "".join(f"&#{ord(one)};" for one in f"{NUMBER} MARKERTEXT").encode(),
    "XML references, hexadecimal": "".join(f"&#x{ord(one):x};" for one in f"{NUMBER} MARKERTEXT").encode(),
}


@pytest.mark.parametrize("spelled", SPELLED)
async def test_whatever_the_spelling_no_byte_of_a_purged_text_is_left(path: Path, spelled: str) -> None:
    unreadable, readable = b"?" + SPELLED[spelled], b"!" + SPELLED[spelled]
    with writing(path) as writer:
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=unreadable))
        sms = msgspec.structs.replace(inbound("MARKERTEXT of theirs"), number=NUMBER)
        await store(writer, entry(("1", report(Status.SENT, number=NUMBER)), sms=[sms], body=readable))
        await store(writer, *(entry((f"other {n}", report(Status.SENT, number=OTHER))) for n in range(50)))
        writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
        for file in path.parent.iterdir():
            content = file.read_bytes()
            for secret in (
                SPELLED[spelled],
                b"MARKERTEXT",
                "MARKERTEXT".encode("utf-16-le"),
                NUMBER[1:].encode(),
            ):
                assert secret not in content, file
    assert [row[0] for row in look(path, "SELECT body FROM requests WHERE id <= 2")] == [b"", b""]


ANOTHERS = ("1407223344556", "407223344556", "140722334455", "id=9940722334455;")
ITS_OWN = (
    "+40722334455",
    "0040722334455",
    "to=%2B40722334455&",
    "to=%2040722334455&",
    r'"\u002040722334455"',
    "01140722334455,1",
    "1407223344556 40722334455",
)


@pytest.mark.parametrize(
    ("body", "is_emptied"), [(one, False) for one in ANOTHERS] + [(one, True) for one in ITS_OWN]
)
async def test_a_longer_number_of_somebody_else_is_not_taken_for_the_purged_one(
    path: Path, body: str, is_emptied: bool
) -> None:
    with writing(path) as writer:
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=body.encode()))
        removed = writer.remove(Removal(number="+40722334455")).result(DEADLINE_S)
    assert removed.requests == is_emptied
    assert look(path, "SELECT body FROM requests") == [(b"" if is_emptied else body.encode(),)]


@pytest.mark.parametrize("body", ["40722334455", "+40722334455", "0722334455", "0040722334455"])
@pytest.mark.parametrize("number", ["0722334455", "722334455"])
async def test_a_number_without_its_country_is_purged_where_the_country_stands_before_it(
    path: Path, number: str, body: str
) -> None:
    with writing(path) as writer:
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=body.encode()))
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=b"5" + body.encode() + b"6"))
        assert writer.remove(Removal(number=number)).result(DEADLINE_S).requests == 1


async def test_in_a_body_that_is_not_utf_8_any_run_of_the_digits_is_emptied(path: Path) -> None:
    body = b"\xff" + b"1" + NUMBER[1:].encode() + b"6"
    with writing(path) as writer:
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=body))
        assert writer.remove(Removal(number=NUMBER)).result(DEADLINE_S).requests == 1


@pytest.mark.parametrize("number", ["5", "181818", "Shop", "Shop1234567"])
async def test_a_short_code_or_a_name_empties_only_the_requests_behind_its_own_rows(
    path: Path, number: str
) -> None:
    body = f"{number} 5 181818".encode()
    sms = msgspec.structs.replace(inbound("theirs"), number=number)
    with writing(path) as writer:
        await store(writer, entry(("1", report(Status.SENT, number=number)), body=body))
        await store(writer, entry(sms=[sms], body=body))
        await store(writer, entry(("2", report(Status.SENT, number=OTHER)), body=body))
        await store(writer, entry(outcome=Outcome.UNREADABLE, problem="?", body=body))
        removed = writer.remove(Removal(number=number)).result(DEADLINE_S)
    assert removed == Removed(messages=1, inbound=1, requests=2)
    assert look(path, "SELECT body FROM requests ORDER BY id") == [(b"",), (b"",), (body,), (body,)]


@pytest.mark.parametrize("number", ["1234", "ACME"])
async def test_what_a_short_code_or_a_name_sent_twice_is_emptied_twice(path: Path, number: str) -> None:
    with writing(path) as writer:
        for _ in range(3):
            sms = msgspec.structs.replace(inbound("theirs"), number=number)
            await store(writer, entry(sms=[sms], body=b"theirs"))
        removed = writer.remove(Removal(number=number)).result(DEADLINE_S)
    assert removed == Removed(inbound=1, requests=3)
    assert look(path, "SELECT body FROM requests ORDER BY id") == [(b"",)] * 3


async def test_a_request_behind_many_messages_is_emptied_and_counted_once(path: Path) -> None:
    many = [(str(n), report(Status.SENT, number=NUMBER)) for n in range(2 * SLICE)]
    with writing(path) as writer:
        await store(writer, entry(*many))
        removed = writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
    assert removed == Removed(messages=2 * SLICE, requests=1)


async def test_a_purged_number_leaves_messages_that_went_to_another(path: Path) -> None:
    register(path, [Registration(provider="webcom", message_id="1", number=NUMBER, text="SECRET", label="x")])
    with writing(path) as writer:
        await store(writer, entry(("1", report(Status.SENT, number=OTHER))))
        first = entry(("2", report(Status.SENT, number=NUMBER)), body=b"0722334455")
        again = entry(("2", report(Status.SENT, number=NUMBER)), body=b"0722334455 again")
        await store(writer, first, again, entry(("2", report(Status.DELIVERED, number=OTHER))))
        removed = writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
        assert (removed.messages, removed.requests) == (0, 2)
        # What the writer remembers of them does not come back with the next report.
        await store(writer, entry(*((number, report(Status.DELIVERED, 1, number=OTHER)) for number in "12")))
    for file in path.parent.iterdir():
        for part in (b"SECRET", NUMBER[1:].encode(), b"0722334455"):
            assert part not in file.read_bytes(), file
    rows = look(path, "SELECT number, registered_number, text, label, reports FROM messages ORDER BY id")
    assert rows == [(OTHER, None, None, None, 2), (OTHER, None, None, None, 3)]


def test_what_arrives_of_a_number_while_it_is_purged_is_whole_or_gone(path: Path) -> None:
    with closing(connect_writer(path)) as connection:
        batch = Batch(connection)
        job = RemovalJob(connection, Removal(number=NUMBER))
        goes_on, slices = True, 0
        while goes_on:
            if 2 <= slices < 6:  # once its messages and inbound SMS have been looked for
                first = report(Status.SENT, number=OTHER), report(Status.DELIVERED, number=NUMBER)
                told = Registration(provider="webcom", message_id=f"{slices} told", number=NUMBER)
                arriving = [entry((str(slices), one)) for one in first]
                arriving.append(entry((told.message_id, report(Status.SENT)), sms=[inbound(str(slices))]))
                connection.execute("BEGIN")
                batch.write(arriving, [told], Counter(), NOON_MS)
                connection.execute("COMMIT")
            connection.execute("BEGIN")
            goes_on = job.step()
            connection.execute("COMMIT")
            batch.forget()
            slices += 1
    assert slices > 6
    for table in ("messages", "inbound", "contacts", "registrations"):
        assert look(path, f"SELECT * FROM {table} WHERE number = ?", NUMBER) == []  # noqa: S608 - our own names
    assert look(path, "SELECT * FROM reports WHERE number IS NOT ?", OTHER) == []


async def test_what_was_too_old_before_leaves_no_byte_either(path: Path) -> None:
    with writing(path) as writer:
        for start in range(0, 600, 200):
            numbers = range(start, start + 200)
            body = f'{{"to":"{NUMBER}"}}'.encode()
            await store(
                writer, *(entry((str(n), report(Status.SENT, number=NUMBER)), body=body) for n in numbers)
            )
        assert writer.remove(Removal(older_than_ms=at(1))).result(DEADLINE_S).messages == 600
        writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
        for file in path.parent.iterdir():
            assert NUMBER[1:].encode() not in file.read_bytes(), file


async def test_a_window_that_holds_the_log_is_named(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, entry(("1", report(Status.SENT, number=NUMBER))))
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0.1)) as window:
            window.execute("BEGIN")
            window.execute("SELECT count(*) FROM messages").fetchone()
            with pytest.raises(StoreError, match="another window still reads"):
                writer.remove(Removal(number=NUMBER)).result(20)
        assert writer.remove(Removal(number=NUMBER)).result(20) == Removed()


async def test_the_process_that_writes_removes_for_others(path: Path) -> None:
    await keep_some(path)
    with writing(path) as writer:
        server = HandoverServer(writer)
        try:
            results: list[Removed] = []
            asking = threading.Thread(target=lambda: results.append(remove(path, Removal(number=NUMBER))))
            asking.start()
            asking.join(20)
        finally:
            server.close()
    assert results == [Removed(messages=3, inbound=2, requests=8)]
    assert counts(path)["messages"] == 0


def test_a_removal_says_what_it_removes(path: Path) -> None:
    with writing(path) as writer, pytest.raises(StoreError, match="by age or by number"):
        writer.remove(Removal()).result(20)


async def test_a_flood_of_what_cannot_be_read_pushes_itself_out_and_nothing_else(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flood = [entry(outcome=Outcome.UNREADABLE, problem="?", body=b"x" * 9_000) for _ in range(100)]
    partial = entry(("part", report(Status.SENT)), outcome=Outcome.PARTIAL, problem="element 2")
    with writing(path) as writer:
        await store(writer, entry(("good", report(Status.SENT))), partial, *flood)
        await store(writer, entry(("later", report(Status.SENT))), *flood)
        budget = UnreadableBudget(writer, path, at_most=500_000, every_s=0.01)
        async with asyncio.timeout(DEADLINE_S):
            while "removed 156 unreadable requests" not in caplog.text:  # noqa: ASYNC110 - a log wakes nobody
                await asyncio.sleep(0.01)
            # What comes then has room again, and what is within the budget stays.
            await store(writer, flood[0])
        budget.close()
        writer.remove(Removal(older_than_ms=1)).result(DEADLINE_S)  # stands behind whatever it asked for
    assert [row[0] for row in look(path, "SELECT message_id FROM messages ORDER BY id")] == [
        "good",
        "part",
        "later",
    ]
    kept = look(path, "SELECT outcome, count(*), max(id) FROM requests GROUP BY 1 ORDER BY 1")
    assert kept == [("partial", 1, 2), ("stored", 2, 103), ("unreadable", 45, 204)]
    totals = totals_from(look(path, TOTALS_QUERY))
    assert (totals.requests[Outcome.UNREADABLE], totals.let_go) == (45, 156)


async def test_a_limit_removes_what_is_older_at_once_and_says_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await keep_some(path)
    with writing(path) as writer:
        retention = Retention(writer, path, keep_for_ms=now_ms() - at(10))
        async with asyncio.timeout(DEADLINE_S):
            while "removed what keep_for or keep_newest no longer keeps" not in caplog.text:  # noqa: ASYNC110 - a log wakes nobody
                await asyncio.sleep(0.01)
        retention.close()
    assert (
        "removed what keep_for or keep_newest no longer keeps: 1 message, 1 inbound SMS, 5 requests"
        in caplog.text
    )


async def test_a_limit_of_number_keeps_the_newest_and_what_is_marked(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with writing(path) as writer:
        for number in range(6):
            arrived_ms = at(number)
            one = (str(number), report(Status.SENT, arrived_ms, arrived_ms=arrived_ms))
            await store(writer, entry(one, arrived_ms=arrived_ms))
        oldest = look(path, "SELECT id FROM messages WHERE message_id = '0'")[0][0]
        writer.mark(Marking((oldest,), is_marked=True)).result(DEADLINE_S)
        retention = Retention(writer, path, keep_newest=2)
        async with asyncio.timeout(DEADLINE_S):
            while "removed what keep_for or keep_newest no longer keeps" not in caplog.text:  # noqa: ASYNC110 - a log wakes nobody
                await asyncio.sleep(0.01)
        retention.close()
    kept = look(path, "SELECT message_id FROM messages ORDER BY id")
    assert [row[0] for row in kept] == ["0", "4", "5"]


def test_a_limit_of_number_reads_no_more_once_it_is_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def look_long(*_: object) -> None:
        begun.set()
        ended.wait(0.2)
        ended.set()

    monkeypatch.setattr("smswatch.store.retention.oldest_to_keep_ms", look_long)
    with writing(path) as writer:
        retention = Retention(writer, path, keep_newest=2)
        assert begun.wait(DEADLINE_S)
        retention.close()
        assert ended.is_set()

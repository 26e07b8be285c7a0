"""The writer keeps what it says it keeps, tells what it cannot keep, and is alone."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from store_desk import (
    DEADLINE_S,
    NOON_MS,
    NUMBER,
    entry,
    fates,
    inbound,
    look,
    move,
    report,
    request,
    status_entry,
    store,
    write,
    writing,
)

from smswatch.errors import StoreError, StoreLockedError
from smswatch.model import Flag, Outcome, Status
from smswatch.store.entry import Entry, Kept, Refused
from smswatch.store.lock import WriterLock, holder_of, lock_path
from smswatch.store.rows import Registration
from smswatch.store.schema import APPLICATION_ID, VERSION
from smswatch.store.tally import Tally
from smswatch.store.writer import MAX_WAITING, Writer

CHILD_THAT_HOLDS = """
import sys
from pathlib import Path
from smswatch.store.writer import Writer
writer = Writer.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""
CHILD_THAT_STORES = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from store_desk import status_entry
from smswatch.model import Status
from smswatch.store.writer import Writer
async def main():
    writer = Writer.open(Path(sys.argv[1]))
    for number in range(50):
        await writer.store(status_entry(str(number), Status.SENT))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    with writing(path) as writer:
        yield writer


# --- what is acknowledged is on the disk ---------------------------------------------------------------


async def test_what_is_acknowledged_can_be_read_at_once_by_anybody(writer: Writer, path: Path) -> None:
    (kept,) = await store(writer, status_entry("3234", Status.DELIVERED, NOON_MS))
    assert look(path, "SELECT message_id, status, rank, delivered_ms FROM messages") == [
        ("3234", "delivered", 80, NOON_MS)
    ]
    assert look(path, "SELECT id, outcome, body FROM requests") == [(kept.request_id, "stored", b"{}")]


def test_what_was_acknowledged_survives_kill_9(path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD_THAT_STORES, path, Path(__file__).parent],
        timeout=DEADLINE_S,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    assert len(look(path, "SELECT 1 FROM messages")) == 50
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


async def test_requests_that_wait_together_share_one_commit(writer: Writer, path: Path) -> None:
    kept = await store(writer, *(status_entry(str(number), Status.SENT) for number in range(300)))
    assert [one.request_id for one in kept] == list(range(1, 301))
    assert look(path, "SELECT n FROM sequence") == [(1,)]
    assert look(path, "SELECT count(*), count(DISTINCT changed) FROM messages") == [(300, 1)]


async def test_what_waits_at_a_close_is_written(path: Path) -> None:
    writer = Writer.open(path)
    futures = [writer.store(status_entry(str(number), Status.SENT)) for number in range(20)]
    await asyncio.sleep(0)
    writer.close()
    async with asyncio.timeout(DEADLINE_S):
        assert len(await asyncio.gather(*futures)) == 20
    assert look(path, "SELECT count(*) FROM messages") == [(20,)]


async def test_two_loops_on_two_threads_may_store_at_once(writer: Writer, path: Path) -> None:
    def other() -> None:
        asyncio.run(in_turn("other"))

    async def in_turn(name: str) -> None:
        for number in range(40):
            await store(writer, status_entry(f"{name}-{number}", Status.SENT))

    thread = threading.Thread(target=other)
    thread.start()
    await in_turn("this")
    await asyncio.to_thread(thread.join, DEADLINE_S)
    assert look(path, "SELECT count(*) FROM messages") == [(80,)]


async def test_where_too_many_wait_the_next_is_turned_away_until_the_disk_has_caught_up(
    writer: Writer, path: Path
) -> None:
    waiting = [writer.store(entry(body=b"%d" % number)) for number in range(MAX_WAITING)]
    with pytest.raises(StoreError, match="wait for the disk"):
        await writer.store(entry())
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(*waiting)
    assert writer._waiting == 0
    await store(writer, entry())
    assert look(path, "SELECT count(*) FROM requests") == [(MAX_WAITING + 1,)]


# --- repeats and outcomes --------------------------------------------------------------------------------


async def test_a_repeat_in_another_request_is_counted_and_remembered(writer: Writer, path: Path) -> None:
    first, second = [
        (await store(writer, entry(("1", report(Status.SENT, arrived_ms=at)), arrived_ms=at)))[0]
        for at in (NOON_MS, NOON_MS + 500)
    ]
    assert (first.outcome, second.outcome) == (Outcome.STORED, Outcome.DUPLICATE)
    assert look(path, "SELECT times_received, request, arrived_ms FROM reports") == [
        (2, first.request_id, NOON_MS)
    ]
    assert look(path, "SELECT report, inbound, request, arrived_ms FROM repeats") == [
        (1, None, second.request_id, NOON_MS + 500)
    ]
    assert look(path, "SELECT reports, duplicates, flags, first_seen_ms, last_seen_ms FROM messages") == [
        (1, 1, "duplicate", NOON_MS, NOON_MS + 500)
    ]


async def test_a_repeat_inside_one_body_is_a_repeat_and_the_request_is_stored(
    writer: Writer, path: Path
) -> None:
    twice = entry(("1", report(Status.SENT)), ("1", report(Status.SENT)), ("1", report(Status.DELIVERED)))
    (kept,) = await store(writer, twice)
    assert kept.outcome is Outcome.STORED
    assert [(one.id, times) for _, one, _, times in kept.reports] == [(1, 1), (1, 2), (2, 1)]
    assert look(path, "SELECT times_received FROM reports ORDER BY id") == [(2,), (1,)]
    assert look(path, "SELECT count(*) FROM repeats") == [(1,)]
    assert look(path, "SELECT status, reports, duplicates FROM messages") == [("delivered", 2, 1)]


async def test_a_repeat_in_the_same_commit_is_the_duplicate(writer: Writer, path: Path) -> None:
    kept = await store(writer, *(status_entry("1", Status.SENT) for _ in range(3)))
    assert [one.outcome for one in kept] == [Outcome.STORED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert look(path, "SELECT times_received FROM reports") == [(3,)]


async def test_an_inbound_sms_that_comes_again_is_one_row(writer: Writer, path: Path) -> None:
    await store(writer, entry(sms=[inbound("Da"), inbound("Da")]))
    first, second = await store(writer, entry(sms=[inbound("Da")]), entry(sms=[inbound("Nu"), inbound("Da")]))
    assert (first.outcome, second.outcome) == (Outcome.DUPLICATE, Outcome.STORED)
    assert look(path, "SELECT body, times_received, changed FROM inbound ORDER BY id") == [
        ("Da", 4, 2),
        ("Nu", 1, 2),
    ]
    assert look(path, "SELECT inbound, request FROM repeats ORDER BY id") == [(1, 1), (1, 2), (1, 3)]


async def test_one_id_at_two_providers_is_two_messages(writer: Writer, path: Path) -> None:
    await store(
        writer,
        entry(("1", report(Status.SENT)), provider="webcom"),
        entry(("1", report(Status.SENT)), provider="smso"),
    )
    assert look(path, "SELECT provider, reports FROM messages ORDER BY id") == [("webcom", 1), ("smso", 1)]


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        pytest.param(entry(("1", report(Status.SENT))), Outcome.DUPLICATE, id="known"),
        pytest.param(
            entry(("1", report(Status.SENT)), ("1", report(Status.READ))), Outcome.STORED, id="known and new"
        ),
        pytest.param(entry(("2", report(Status.SENT))), Outcome.STORED, id="new"),
        pytest.param(entry(), Outcome.STORED, id="an empty batch"),
        pytest.param(
            entry(("1", report(Status.SENT)), outcome=Outcome.PARTIAL, problem="element 2: no id"),
            Outcome.PARTIAL,
            id="known beside unreadable",
        ),
        pytest.param(entry(outcome=Outcome.UNREADABLE, problem="no"), Outcome.UNREADABLE, id="unreadable"),
    ],
)
async def test_the_outcome_is_the_first_that_applies(
    writer: Writer, path: Path, again: Entry, outcome: Outcome
) -> None:
    await store(writer, status_entry("1", Status.SENT))
    (kept,) = await store(writer, again)
    assert kept.outcome is outcome
    assert look(path, "SELECT outcome, problem FROM requests ORDER BY id DESC LIMIT 1") == [
        (outcome, again.problem)
    ]


async def test_whoever_waits_is_told_of_the_flags(writer: Writer) -> None:
    (kept,) = await store(writer, entry(("1", report(Status.READ)), ("1", report(Status.SENT))))
    assert [flags for _, _, flags, _ in kept.reports] == [(), (Flag.OUT_OF_ORDER, Flag.AFTER_FINAL)]


async def test_ids_go_on_rising_after_a_restart(path: Path) -> None:
    numbers: list[int] = []
    for turn in range(3):
        with writing(path) as writer:
            (kept,) = await store(
                writer, entry((str(turn), report(Status.SENT, number=NUMBER)), sms=[inbound(str(turn))])
            )
            numbers.append(kept.request_id)
    assert numbers == [1, 2, 3]
    for table in ("messages", "reports", "inbound"):
        assert look(path, f"SELECT id FROM {table} ORDER BY id") == [(1,), (2,), (3,)]  # noqa: S608 - our names
    assert look(path, "SELECT id, number, digits FROM contacts") == [(1, NUMBER, NUMBER[1:])]


# --- what cannot be kept ------------------------------------------------------------------------------------


POISON = {
    "a text that cannot be encoded": entry(("9", report(Status.SENT)), problem="\ud800"),
    "a number past 64 bits": entry(("9", report(Status.SENT, occurred_ms=2**70))),
    "a NULL where there must be a value": msgspec.structs.replace(
        entry(("9", report(Status.SENT))), request=msgspec.structs.replace(request(), arrived_ms=None)
    ),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
async def test_one_poisonous_request_fails_alone(writer: Writer, path: Path, poison: Entry) -> None:
    await store(writer, status_entry("1", Status.SENT))
    before, failed, after = await fates(
        writer, status_entry("1", Status.DELIVERED), poison, status_entry("2", Status.SENT)
    )
    assert isinstance(before, Kept)
    assert isinstance(failed, StoreError)
    assert isinstance(after, Kept)
    await store(writer, status_entry("1", Status.READ))
    assert look(path, "SELECT message_id, status, reports FROM messages ORDER BY id") == [
        ("1", "read", 3),
        ("2", "sent", 1),
    ]
    assert writer.trouble is None


@pytest.mark.usefixtures("unhurried")
async def test_a_poisonous_request_is_no_trouble_of_the_database(writer: Writer, path: Path) -> None:
    (failed,) = await fates(writer, entry(problem="\ud800"))
    assert isinstance(failed, StoreError)
    assert writer.trouble is None
    await store(writer, entry())
    assert look(path, "SELECT outcome, answer_status FROM requests ORDER BY id") == [
        ("stored", 200),
        ("refused", 503),
    ]


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    ((root,),) = look(path, "SELECT rootpage FROM sqlite_schema WHERE name = ?", table)
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xaa" * 4096)


@pytest.mark.usefixtures("unhurried")
async def test_a_damaged_file_is_trouble_of_the_database(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, status_entry("1", Status.SENT))
    damage(path, "counters")
    with writing(path) as writer:
        with pytest.raises(StoreError, match="the database is damaged"):
            await store(writer, status_entry("1", Status.DELIVERED))
        assert "damaged" in str(writer.trouble)


async def test_a_damaged_file_is_one_sentence_at_the_start(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, status_entry("1", Status.SENT))
    damage(path, "requests")
    with pytest.raises(StoreError, match=r"cannot open the database .*damaged"):
        Writer.open(path)
    assert holder_of(path) is None


async def test_a_registration_beside_a_poisonous_request_is_kept(writer: Writer, path: Path) -> None:
    tracked = writer.register([Registration(provider="webcom", message_id="1", number=NUMBER)])
    results = await fates(writer, status_entry("1", Status.SENT), entry(problem="\ud800"))
    assert isinstance(results[1], StoreError)
    assert await asyncio.to_thread(tracked.result, DEADLINE_S) == 1
    assert look(path, "SELECT number FROM messages") == [(NUMBER,)]


async def test_a_poisonous_registration_is_told_so_and_the_requests_are_kept(
    writer: Writer, path: Path
) -> None:
    tracked = writer.register([Registration(provider="webcom", message_id="1", number="\ud800")])
    await store(writer, status_entry("1", Status.SENT))
    with pytest.raises(StoreError, match="surrogates"):
        await asyncio.to_thread(tracked.result, DEADLINE_S)
    assert look(path, "SELECT status FROM messages") == [("sent",)]


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts wait for the next commit, so that nothing heals before the test has looked."""
    monkeypatch.setattr(Tally, "every_s", 3600.0)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("instead", [None, b"", b"another file"], ids=["deleted", "emptied", "replaced"])
async def test_a_database_that_is_gone_is_never_written_into_nothing(
    writer: Writer, path: Path, instead: bytes | None
) -> None:
    await store(writer, status_entry("1", Status.SENT))
    aside = path.with_name("aside.db")
    move(path, aside)
    if instead is not None:
        write(path, instead)
    with pytest.raises(StoreError, match="deleted or replaced"):
        await store(writer, status_entry("1", Status.DELIVERED))
    assert "deleted or replaced" in str(writer.trouble)
    move(aside, path)
    (kept,) = await store(writer, status_entry("1", Status.DELIVERED))
    assert kept.outcome is Outcome.STORED
    assert writer.trouble is None
    assert look(path, "SELECT status, reports, duplicates FROM messages") == [("delivered", 2, 0)]


@pytest.mark.usefixtures("unhurried")
async def test_a_log_that_is_gone_is_never_written_into_nothing(writer: Writer, path: Path) -> None:
    await store(writer, status_entry("1", Status.SENT))
    log, aside = path.with_name("sms.db-wal"), path.with_name("aside-wal")
    log.rename(aside)
    with pytest.raises(StoreError, match="the database's log was deleted or replaced"):
        await store(writer, status_entry("2", Status.SENT))
    aside.rename(log)
    await store(writer, status_entry("2", Status.SENT))
    assert writer.trouble is None
    assert look(path, "SELECT count(*) FROM messages") == [(2,)]


@pytest.mark.usefixtures("unhurried")
async def test_trouble_with_a_file_whose_name_is_not_utf_8_passes_too(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.db"))
    with writing(path) as writer:
        aside = tmp_path / "aside.db"
        move(path, aside)
        with pytest.raises(StoreError, match="deleted or replaced"):
            await store(writer, entry())
        move(aside, path)
        await store(writer, entry())
        assert writer.trouble is None


@pytest.mark.usefixtures("unhurried")
async def test_a_full_disk_is_a_503_a_banner_and_afterwards_a_row(writer: Writer, path: Path) -> None:
    await store(writer, status_entry("1", Status.SENT))
    connection = writer._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    large = entry(("1", report(Status.DELIVERED)), body=b"x" * 200_000)
    for _ in range(3):
        with pytest.raises(StoreError, match="the disk is full"):
            await store(writer, large)
        assert writer.trouble is not None
        assert "the disk is full" in writer.trouble
    assert look(path, "SELECT status, reports FROM messages") == [("sent", 1)]

    connection.execute("PRAGMA max_page_count=1000000")
    (kept,) = await store(writer, large)
    assert kept.outcome is Outcome.STORED
    assert kept.reports[0][1].times_received == 1
    assert writer.trouble is None
    assert look(path, "SELECT status, reports, duplicates FROM messages") == [("delivered", 2, 0)]
    ((times, advice),) = look(
        path,
        "SELECT substr(problem, 1, 8), problem FROM requests WHERE outcome = 'refused' AND answer_status = 503",
    )
    assert times == "3 times:"
    assert "the disk is full" in advice
    assert look(path, "SELECT n FROM counters WHERE subject = 'refusals'") == [(3,)]


async def test_trouble_passes_by_itself_once_the_database_can_be_written(writer: Writer, path: Path) -> None:
    aside = path.with_name("aside.db")
    move(path, aside)
    with pytest.raises(StoreError):
        await store(writer, entry())
    move(aside, path)
    async with asyncio.timeout(DEADLINE_S):
        while writer.trouble is not None:
            await asyncio.to_thread(writer._thread.join, 0.02)
    assert look(path, "SELECT answer_status FROM requests") == [(503,)]


@pytest.mark.usefixtures("unhurried")
async def test_a_database_that_another_locks_is_told_by_name(path: Path) -> None:
    with writing(path) as writer, closing(sqlite3.connect(path, isolation_level=None)) as other:
        writer._turn.patience_s = 0
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process holds the database locked"):
            await store(writer, status_entry("1", Status.SENT))
        other.execute("ROLLBACK")
        await store(writer, status_entry("1", Status.SENT))


async def test_a_writer_in_a_hurry_gives_up_on_a_lock_long_before_its_patience_ends(path: Path) -> None:
    with writing(path) as writer, closing(sqlite3.connect(path, isolation_level=None)) as other:
        writer._turn.patience_s = 2 * DEADLINE_S
        other.execute("BEGIN IMMEDIATE")
        waits = asyncio.ensure_future(store(writer, status_entry("1", Status.SENT)))
        writer.hurry()
        async with asyncio.timeout(DEADLINE_S):
            with pytest.raises(StoreError, match="another process holds the database locked"):
                await waits
        other.execute("ROLLBACK")


# --- counts and the refused line ---------------------------------------------------------------------------


def refused(path: Path) -> list[tuple[object, ...]]:
    return look(path, "SELECT id, problem, path, answer_status FROM requests WHERE outcome = 'refused'")


async def test_a_refused_line_is_one_and_is_updated_in_place(path: Path) -> None:
    line = Refused("smso", "/webhooks/smso", "use the key", 404)
    with writing(path) as writer:
        writer.note_refused(line)
    assert refused(path) == [(1, "1 time: use the key", "/webhooks/smso", 404)]
    with writing(path) as writer:
        await store(writer, status_entry("1", Status.SENT))
        for _ in range(1234):
            writer.note_refused(line)
        writer.note_refused(msgspec.structs.replace(line, provider="webcom", path="/webhooks/webcom"))
    assert refused(path) == [
        (1, "1,235 times: use the key", "/webhooks/smso", 404),
        (3, "1 time: use the key", "/webhooks/webcom", 404),
    ]
    ((older, newer),) = look(
        path,
        "SELECT (SELECT changed FROM requests WHERE id = 2), (SELECT changed FROM requests WHERE id = 1)",
    )
    assert newer >= older


async def test_counts_are_written_without_a_request_to_carry_them(writer: Writer, path: Path) -> None:
    writer.count("refusals", "", "404")
    async with asyncio.timeout(DEADLINE_S):
        while look(path, "SELECT subject, provider, name, n FROM counters") != [("refusals", "", "404", 1)]:
            await asyncio.to_thread(writer._thread.join, 0.02)


def test_counts_of_many_threads_are_all_written(path: Path) -> None:
    def count(writer: Writer) -> None:
        for _ in range(500):
            writer.count("refusals", "smso", "413")

    with writing(path) as writer:
        threads = [threading.Thread(target=count, args=(writer,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
    assert look(path, "SELECT n FROM counters") == [(4000,)]


# --- the file and the lock -----------------------------------------------------------------------------------


async def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sms.db"
    with writing(path) as writer:
        await store(writer, status_entry("1", Status.SENT))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"sms.db", "sms.db-wal", "sms.db-shm", "sms.db.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_database_says_whose_it_is_and_of_which_version(path: Path) -> None:
    with writing(path):
        pass
    assert look(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert look(path, "PRAGMA user_version") == [(VERSION,)]
    assert look(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_database_of_a_newer_smswatch_is_refused_and_left_alone(path: Path) -> None:
    with writing(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
        connection.execute("PRAGMA journal_mode=DELETE")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"newer smswatch .*version {VERSION + 1}"):
        Writer.open(path)
    assert path.read_bytes() == before
    assert holder_of(path) is None


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes(text)")
        connection.execute("INSERT INTO notes VALUES ('mine')")
        connection.commit()


def foreign_header(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id=42")


def text_file(path: Path) -> None:
    path.write_text("Dear diary, this is not a database at all.\n" * 40)


def a_few_bytes(path: Path) -> None:
    path.write_bytes(b"SQLite")


def foreign_database_with_a_log(path: Path) -> None:
    """Make one that its owner left in the middle of something."""
    busy, left = path.with_name("busy"), path.with_name("left")
    busy.mkdir()
    with closing(sqlite3.connect(busy / path.name)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE notes(text)")
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        connection.execute("CREATE TABLE more(text)")
        shutil.copytree(busy, left)
    for file in left.iterdir():
        file.rename(path.parent / file.name)
    shutil.rmtree(busy)
    left.rmdir()


@pytest.mark.parametrize(
    "made", [foreign_database, foreign_database_with_a_log, foreign_header, text_file, a_few_bytes]
)
def test_a_file_that_is_not_ours_is_refused_and_nothing_around_it_changes(path: Path, made: object) -> None:
    assert callable(made)
    made(path)
    path.chmod(0o644)
    before = {
        file: (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns)
        for file in path.parent.iterdir()
        if file.is_file()
    }
    with pytest.raises(StoreError, match="not a"):
        Writer.open(path)
    after = {
        file: (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns)
        for file in path.parent.iterdir()
        if file.is_file()
    }
    assert after == before


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match=r"pipe is not a file"):
        Writer.open(tmp_path / "pipe")
    assert [file.name for file in tmp_path.iterdir()] == ["pipe"]


def test_a_lock_that_is_withdrawn_leaves_no_file_unless_there_was_one(path: Path) -> None:
    WriterLock.acquire(path).withdraw()
    assert not lock_path(path).exists()
    WriterLock.acquire(path).release()
    WriterLock.acquire(path).withdraw()
    assert lock_path(path).exists()
    assert holder_of(path) is None


def test_of_many_who_take_and_withdraw_only_one_ever_holds(path: Path) -> None:
    held: list[str] = []
    twice: list[str] = []

    def take_and_withdraw(name: str) -> None:
        for _ in range(100):
            try:
                lock = WriterLock.acquire(path)
            except StoreLockedError:
                continue
            held.append(name)
            twice.extend(held[1:])
            held.remove(name)
            lock.withdraw()

    threads = [threading.Thread(target=take_and_withdraw, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert (twice, held) == ([], [])


def test_a_path_that_cannot_be_a_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot open"):
        Writer.open(tmp_path / "file" / "sms.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match=r"folder\.db is not a file"):
        Writer.open(tmp_path / "folder.db")


def test_a_second_writer_is_refused_with_the_pid_of_the_first(path: Path) -> None:
    with writing(path):
        with pytest.raises(StoreLockedError, match=f"process {os.getpid()} already writes") as refusal:
            Writer.open(path)
        assert refusal.value.pid == os.getpid()
        assert holder_of(path) == (os.getpid(), None)
    assert holder_of(path) is None
    Writer.open(path).close()


def test_who_looks_learns_where_the_writer_listens(path: Path) -> None:
    with writing(path) as writer:
        writer.announce("http://127.0.0.1:7671")
        assert holder_of(path) == (os.getpid(), "http://127.0.0.1:7671")
        writer.announce("http://127.0.0.1:80/\x1b[2J")
        assert holder_of(path) == (os.getpid(), None)
    assert holder_of(path) is None


def test_a_database_that_others_could_read_is_ours_alone_once_it_is_opened(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Writer.open(path).close()
    path.chmod(0o644)
    with writing(path) as writer:
        writer.count("refusals", "", "404")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text


def test_a_log_that_was_left_behind_for_others_to_read_is_ours_alone_too(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with writing(path):
        for suffix in ("", "-wal", "-shm"):
            beside = copy.with_name(copy.name + suffix)
            beside.write_bytes(path.with_name(path.name + suffix).read_bytes())
            beside.chmod(0o644)
    with writing(copy):
        modes = [stat.S_IMODE(found.stat().st_mode) for found in tmp_path.glob("copy.db*")]
    assert modes == [0o600] * len(modes)
    assert len(modes) == 4


def test_kill_9_frees_the_lock(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD_THAT_HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(StoreLockedError) as refusal:
            Writer.open(path)
        assert refusal.value.pid == child.pid
        assert holder_of(path) == (child.pid, None)
        child.kill()
        child.wait(DEADLINE_S)
    assert holder_of(path) is None
    Writer.open(path).close()


def test_whoever_looks_for_the_holder_never_keeps_a_writer_out(path: Path) -> None:
    done = threading.Event()

    def look_and_look() -> None:
        while not done.is_set():
            holder_of(path)

    Writer.open(path).close()
    thread = threading.Thread(target=look_and_look)
    thread.start()
    try:
        for _ in range(40):
            Writer.open(path).close()
    finally:
        done.set()
        thread.join(DEADLINE_S)


def test_a_lock_that_a_full_disk_does_not_take_is_a_sentence_and_is_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "pwrite", full)
        with pytest.raises(StoreError, match=r"sms\.db\.lock: No space left on device"):
            Writer.open(path)
    with writing(path) as writer, monkeypatch.context() as disk:
        disk.setattr(os, "pwrite", full)
        writer.announce("http://127.0.0.1:7670")


def test_a_lock_that_is_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    lock_path(path).symlink_to(precious)
    with pytest.raises(StoreError, match="lock file"):
        Writer.open(path)
    assert precious.read_text() == "keep me"

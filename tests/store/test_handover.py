"""Whom a message went to is kept by whoever holds the lock, and shown beside what the provider says."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from store_desk import DEADLINE_S, NOON_MS, NUMBER, entry, look, report, store, writing

from smswatch.errors import StoreError, StoreLockedError
from smswatch.model import Kind, Status
from smswatch.store.change import register, remove
from smswatch.store.handover import MAX_LINE, Change, HandoverServer, hand_over, socket_path
from smswatch.store.reader import Reader
from smswatch.store.removal import Removal, Removed
from smswatch.store.rows import MessageRow, Registration
from smswatch.store.writer import Writer

TOLD = Registration(provider="webcom", message_id="3234", number=NUMBER, text="Bună", label="welcome")
OTHER_NUMBER = "+447700900123"
CHILD_THAT_SERVES = """
import sys
from pathlib import Path
from smswatch.store.handover import HandoverServer
from smswatch.store.writer import Writer
writer = Writer.open(Path(sys.argv[1]))
server = HandoverServer(writer)
print("open", flush=True)
sys.stdin.read()
server.close()
writer.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


@contextmanager
def holding(path: Path) -> Iterator[Writer]:
    with writing(path) as writer:
        server = HandoverServer(writer)
        try:
            yield writer
        finally:
            server.close()


def registrations(path: Path) -> list[tuple[object, ...]]:
    return look(path, "SELECT provider, message_id, number, text, label FROM registrations")


async def message(path: Path) -> MessageRow:
    async with await Reader.open(path) as reader:
        (row,) = await reader.page(Kind.MESSAGES, limit=0)
    assert isinstance(row, MessageRow)
    return row


# --- whoever holds the lock ----------------------------------------------------------------------------


def test_with_no_holder_it_is_written_here_and_the_lock_is_let_go(path: Path) -> None:
    assert register(path, [TOLD]) == 1
    assert registrations(path) == [("webcom", "3234", NUMBER, "Bună", "welcome")]
    Writer.open(path).close()


def test_a_holder_in_this_process_writes_it(path: Path) -> None:
    with holding(path):
        assert register(path, [TOLD]) == 1
        assert registrations(path) == [("webcom", "3234", NUMBER, "Bună", "welcome")]


def test_a_holder_in_another_process_writes_it(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD_THAT_SERVES, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(StoreLockedError):
            Writer.open(path)
        assert register(path, [TOLD]) == 1
        assert registrations(path) == [("webcom", "3234", NUMBER, "Bună", "welcome")]
        child.communicate(timeout=DEADLINE_S)
    assert child.returncode == 0
    assert not socket_path(path).exists()


def test_a_holder_that_was_killed_leaves_a_socket_that_hinders_nobody(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD_THAT_SERVES, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        child.kill()
        child.wait(DEADLINE_S)
    assert socket_path(path).exists()
    assert hand_over(path, Change((TOLD,))) is None
    assert register(path, [TOLD]) == 1
    with holding(path):
        assert register(path, [TOLD]) == 1


def test_nobody_listens_where_there_is_nothing(tmp_path: Path) -> None:
    assert hand_over(tmp_path / "sms.db", Change((TOLD,))) is None
    assert hand_over(tmp_path / "no folder" / "sms.db", Change((TOLD,))) is None


@pytest.mark.parametrize("length", [90, 108, 250], ids=lambda length: f"{length} bytes")
def test_a_path_longer_than_a_sockets_name_may_be(tmp_path: Path, length: int) -> None:
    folder = tmp_path / ("f" * length)
    path = folder / "sms.db"
    with holding(path):
        assert register(path, [TOLD]) == 1
        assert socket_path(path).is_socket()
    assert not socket_path(path).exists()


def test_a_database_with_a_name_longer_than_a_sockets_may_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 200}.db"
    with holding(path):
        assert register(path, [TOLD]) == 1
        assert socket_path(path).is_socket()
    assert not socket_path(path).exists()


def test_the_socket_is_for_its_owner_alone(path: Path) -> None:
    with holding(path):
        assert stat.S_IMODE(socket_path(path).stat().st_mode) == 0o600


def test_many_at_once_all_go_through(path: Path) -> None:
    rows = [msgspec.structs.replace(TOLD, message_id=str(number)) for number in range(200)]
    with holding(path), ThreadPoolExecutor(len(rows)) as senders:
        kept = list(senders.map(lambda row: register(path, [row]), rows, timeout=DEADLINE_S))
    assert kept == [1] * 200
    assert look(path, "SELECT count(*) FROM registrations") == [(200,)]


# --- what goes wrong -----------------------------------------------------------------------------------


def test_what_the_holder_cannot_write_is_told(path: Path) -> None:
    with holding(path) as writer:
        aside = path.with_name("aside.db")
        path.rename(aside)
        with pytest.raises(StoreError, match="deleted or replaced"):
            hand_over(path, Change((TOLD,)))
        aside.rename(path)
        assert register(path, [TOLD]) == 1
        assert writer.trouble is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"garbage\n", id="not JSON"),
        pytest.param(b'{"register":[{"provider":1}]}\n', id="wrong types"),
        pytest.param(b'{"drop":"tables"}\n', id="an unknown change"),
        pytest.param(b"\n", id="nothing"),
        pytest.param(b'{"register":[{"provider":"webcom","message_id":"1","number":"\\ud800"}]}\n', id="surrogate"),
    ],
)  # fmt: skip
def test_a_change_that_makes_no_sense_is_refused_and_the_next_is_taken(path: Path, line: bytes) -> None:
    with holding(path):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(DEADLINE_S)
            stranger.connect(str(socket_path(path)))
            stranger.sendall(line)
            assert b'"error":"' in stranger.recv(65536)
        assert register(path, [TOLD]) == 1


def test_one_that_goes_in_mid_line_changes_nothing(path: Path) -> None:
    with holding(path):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(socket_path(path)))
            stranger.sendall(b'{"register":[')
        assert register(path, [TOLD]) == 1
    assert len(registrations(path)) == 1


def test_one_that_says_nothing_does_not_hold_up_a_stop(path: Path) -> None:
    with writing(path) as writer, socket.socket(socket.AF_UNIX) as stranger:
        server = HandoverServer(writer)
        stranger.connect(str(socket_path(path)))
        stranger.sendall(b'{"register":[')
        closing = threading.Thread(target=server.close)
        closing.start()
        closing.join(15.0)  # it would be 30
        assert not closing.is_alive()


def test_neither_a_stop_nor_another_change_waits_for_the_end_of_a_removal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def never_done(_: Writer, removal: Removal) -> Future[Removed]:
        assert removal.older_than_ms == NOON_MS
        asked.set()
        return Future()

    monkeypatch.setattr(Writer, "remove", never_done)
    with writing(path) as writer, ThreadPoolExecutor() as pool:
        server = HandoverServer(writer)
        asking = pool.submit(remove, path, Removal(older_than_ms=NOON_MS))
        assert asked.wait(DEADLINE_S)
        # Others need not wait for it either.
        assert register(path, [TOLD]) == 1
        server.close()
        with pytest.raises(StoreError, match="stopped before everything was removed; repeat it"):
            asking.result(DEADLINE_S)


def test_a_holder_that_ends_in_mid_change_is_not_the_end_of_it(path: Path) -> None:
    kept: list[int] = []
    with socket.socket(socket.AF_UNIX) as ending:
        with writing(path):
            ending.bind(str(socket_path(path)))
            ending.listen()
            ending.settimeout(DEADLINE_S)
            telling = threading.Thread(target=lambda: kept.append(register(path, [TOLD])))
            telling.start()
            connection, _ = ending.accept()
            connection.close()
            socket_path(path).unlink()
        telling.join(DEADLINE_S)
    assert kept == [1]
    assert len(registrations(path)) == 1


# --- what is shown -------------------------------------------------------------------------------------


@pytest.mark.parametrize("told_first", [True, False], ids=["before the callback", "after it"])
@pytest.mark.parametrize("restarted", [True, False], ids=["with a restart", "at once"])
async def test_it_does_not_matter_which_comes_first(path: Path, told_first: bool, restarted: bool) -> None:
    async def told() -> None:
        assert await asyncio.to_thread(register, path, [TOLD]) == 1

    async def called(writer: Writer) -> None:
        await store(writer, entry(("3234", report(Status.SENT)), ("3235", report(Status.SENT))))

    with holding(path) as writer:
        await (told() if told_first else called(writer))
        if not restarted:
            await (called(writer) if told_first else told())
    if restarted:
        with holding(path) as writer:
            await (called(writer) if told_first else told())
    async with await Reader.open(path) as reader:
        found = await reader.find_message("webcom", "3234")
        assert found is not None
        row = found.message
        assert (row.number, row.registered_number, row.text, row.label) == (NUMBER, NUMBER, "Bună", "welcome")
        assert (row.status, row.reports) == (Status.SENT, 1)
        other = await reader.find_message("webcom", "3235")
        assert other is not None
        assert (other.message.number, other.message.registered_number) == (None, None)
    assert look(path, "SELECT number FROM contacts") == [(NUMBER,)]


async def test_a_second_track_replaces_the_first_whole(path: Path) -> None:
    with holding(path) as writer:
        await store(writer, entry(("3234", report(Status.SENT))))
        register(path, [TOLD])
        register(path, [Registration(provider="webcom", message_id="3234", number=OTHER_NUMBER)])
        row = await message(path)
        assert (row.number, row.registered_number, row.text, row.label) == (
            OTHER_NUMBER,
            OTHER_NUMBER,
            None,
            None,
        )
        await store(writer, entry(("3234", report(Status.DELIVERED, NOON_MS))))
    assert (await message(path)).number == OTHER_NUMBER


async def test_the_last_of_one_file_counts(path: Path) -> None:
    with holding(path) as writer:
        await store(writer, entry(("3234", report(Status.SENT))))
        assert register(path, [TOLD, msgspec.structs.replace(TOLD, number=OTHER_NUMBER)]) == 2
    assert (await message(path)).number == OTHER_NUMBER


async def test_the_providers_number_is_shown_and_the_registered_one_beside_it(path: Path) -> None:
    with holding(path) as writer:
        await store(writer, entry(("3234", report(Status.SENT))))
        register(path, [TOLD])
        assert (await message(path)).number == NUMBER
        await store(writer, entry(("3234", report(Status.DELIVERED, number=OTHER_NUMBER))))
    row = await message(path)
    assert (row.number, row.registered_number) == (OTHER_NUMBER, NUMBER)


async def test_it_is_a_change_that_readers_see(path: Path) -> None:
    with holding(path) as writer:
        await store(writer, entry(("3234", report(Status.SENT))))
        async with await Reader.open(path) as reader:
            since = await reader.sequence()
            register(path, [TOLD])
            assert (await reader.changes(Kind.MESSAGES, since)).ids == (1,)


async def test_one_provider_is_not_told_of_anothers_message(path: Path) -> None:
    with holding(path) as writer:
        await store(writer, entry(("3234", report(Status.SENT)), provider="smso"))
        register(path, [TOLD])
    row = await message(path)
    assert (row.provider, row.number, row.registered_number) == ("smso", None, None)


def test_what_cannot_be_stored_is_replaced_before_it_is_handed_over(path: Path) -> None:
    odd = msgspec.structs.replace(TOLD, text="a\ud800\0b", label="\udfff")
    with holding(path):
        assert register(path, [odd]) == 1
    assert registrations(path) == [("webcom", "3234", NUMBER, "a\ufffd\ufffdb", "\ufffd")]


def test_what_is_too_long_to_be_handed_over_is_said_at_once(path: Path) -> None:
    long = msgspec.structs.replace(TOLD, text="x" * MAX_LINE)
    with holding(path), pytest.raises(StoreError, match="one change may be 16 MiB long at most"):
        register(path, [long])


def test_as_many_as_a_file_may_hold(path: Path) -> None:
    rows = [msgspec.structs.replace(TOLD, message_id=str(number)) for number in range(5000)]
    with holding(path):
        assert register(path, rows) == 5000
    assert look(path, "SELECT count(*) FROM registrations") == [(5000,)]

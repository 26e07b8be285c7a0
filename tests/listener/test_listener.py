"""The whole service as `serve` runs it: writer, hand-over, intake and listener of one database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from http_station import DEADLINE_S, answer, everything, post

from smswatch.cli.service import Service
from smswatch.errors import ListenError, SettingsError, StoreError, StoreLockedError
from smswatch.model import Kind, Outcome, Status
from smswatch.settings import Settings
from smswatch.store.change import register
from smswatch.store.entry import Entry, Kept
from smswatch.store.handover import socket_path
from smswatch.store.lock import holder_of
from smswatch.store.reader import Reader
from smswatch.store.rows import Registration

TUNNEL = "X-Forwarded-For: 203.0.113.9"
CLOSE = "Connection: close"
WEBCOM = b'[{"id_sms":3234,"time":"2026-11-20 12:00:04","state":"deliver"}]'
ACKNOWLEDGED = 200, b'[{"id_sms":3234}]'


def settings_in(folder: Path, **changes: Any) -> Settings:
    plain = Settings(database=folder / "sms.db", data_directory=folder / "data", port=0)
    return msgspec.structs.replace(plain, **changes)


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[tuple[Service, list[tuple[Entry, Kept]]]]:
    """Run a service, and keep what it tells of."""
    kept: list[tuple[Entry, Kept]] = []
    service = Service(settings, lambda entry, one: kept.append((entry, one)))
    try:
        service.start()
        yield service, kept
    finally:
        service.stop()


async def exchange(service: Service, sent: bytes) -> tuple[int, bytes, bytes]:
    """Send a request that closes its connection; return the status, the head and the body of the answer."""
    assert service.address is not None
    reader, writer = await asyncio.open_connection(service.address.host, service.address.port)
    writer.write(sent)
    head, _, body = (await everything(reader)).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), head, body


def move(path: Path, target: Path) -> None:
    path.rename(target)


def files_with(text: str, folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def test_a_webhook_through_a_tunnel_is_stored_told_of_and_acknowledged(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with serving(settings) as (service, kept):
        status, _, body = await exchange(
            service,
            post(f"/{service.keys().key}/webhooks/webcom", WEBCOM, CLOSE, TUNNEL, host="example.ngrok.app"),
        )
        assert (status, body) == ACKNOWLEDGED
        async with await Reader.open(settings.database) as reader:
            found = await reader.find_message("webcom", "3234")
    assert found is not None
    assert found.message.status is Status.DELIVERED
    ((entry, one),) = kept
    assert (entry.provider, one.outcome, one.request_id) == ("webcom", Outcome.STORED, found.requests[0].id)


async def test_many_at_once_are_all_stored_and_acknowledged(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    async def one_sender(service: Service, sender: int) -> None:
        assert service.address is not None
        reader, writer = await asyncio.open_connection(service.address.host, service.address.port)
        for number in range(25):
            message_id = sender * 1000 + number
            writer.write(post("/webhooks/webcom", b'[{"id_sms":%d,"state":"send"}]' % message_id))
            assert await answer(reader) == (200, b'[{"id_sms":%d}]' % message_id)
        writer.close()

    with serving(settings) as (service, kept):
        async with asyncio.TaskGroup() as group:
            for sender in range(1, 17):
                group.create_task(one_sender(service, sender))
        async with await Reader.open(settings.database) as reader:
            assert await reader.count(Kind.MESSAGES) == 400
            assert (await reader.totals()).requests == {Outcome.STORED: 400}
    assert len(kept) == 400


@pytest.mark.parametrize("target", ["webcom?x=\udcff\udcfe", "webcom?x=%ff%00", "webcom?\udce2\udc98"])
async def test_no_query_makes_us_answer_that_we_are_broken(tmp_path: Path, target: str) -> None:
    with serving(settings_in(tmp_path)) as (service, _):
        lines = f"POST /webhooks/{target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(WEBCOM)}\r\n{CLOSE}\r\n\r\n"
        status, _, body = await exchange(service, lines.encode("utf-8", "surrogateescape") + WEBCOM)
        assert service.trouble is None
    assert (status, body) == ACKNOWLEDGED or (status, body) == (400, b"this is not a valid HTTP request\n")


async def test_a_database_that_cannot_be_written_is_a_503_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    settings = settings_in(tmp_path)
    aside = tmp_path / "aside.db"
    with serving(settings) as (service, kept):
        move(settings.database, aside)
        status, head, _ = await exchange(service, post("/webhooks/webcom", WEBCOM, CLOSE))
        assert status == 503
        assert b"\r\nRetry-After: 5" in head
        assert "deleted or replaced" in str(service.trouble)
        assert kept == []
        move(aside, settings.database)
        status, _, body = await exchange(service, post("/webhooks/webcom", WEBCOM, CLOSE))
        assert (status, body) == ACKNOWLEDGED
        assert service.trouble is None
        ((_, one),) = kept
        assert one.outcome is Outcome.STORED


async def test_the_key_is_in_no_file_but_its_own(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as (service, _):
        path, key = f"/{service.keys().key}/webhooks/smso", service.keys().key
        for sent in (
            post(path, b"uuid=1&status=sent", CLOSE, TUNNEL, f"X-Original-URI: {path}"),
            post(f"{path}?again={key}", b"garbage", CLOSE, TUNNEL, f"Referer: https://x{path}"),
            post(path, b"", CLOSE, TUNNEL, f"Content-Type: {key}"),
            post(path, b"x", CLOSE, TUNNEL, "Content-Encoding: gzip"),
            post(f"/{key}/webhooks/nobody", b"x", CLOSE, TUNNEL),
            f"GET {path} HTTP/9\r\nHost: x\r\n\r\n".encode(),
            post(path, b"", "Transfer-Encoding: chunked") + b"zz\r\n",
        ):
            await exchange(service, sent)
        assert files_with(key, tmp_path) == ["access-key"]
        service.stop()
        assert files_with(key, tmp_path) == ["access-key"]


async def test_track_reaches_a_service_that_runs(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    told = Registration(provider="webcom", message_id="3234", number="+40722334455")
    with serving(settings) as (service, _):
        assert await asyncio.to_thread(register, settings.database, [told]) == 1
        await exchange(service, post("/webhooks/webcom", WEBCOM, CLOSE))
        async with await Reader.open(settings.database) as reader:
            found = await reader.find_message("webcom", "3234")
    assert found is not None
    assert found.message.number == "+40722334455"


def test_a_second_service_on_the_database_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with serving(settings) as (first, _), pytest.raises(StoreLockedError), serving(settings):
        assert first.is_running
    with serving(settings) as (again, _):
        assert again.is_running


def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_in(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(ListenError, match="is already in use"), serving(settings):
            pass
    assert holder_of(settings.database) is None
    assert not socket_path(settings.database).exists()


def test_a_stop_may_come_twice_and_lets_the_next_one_in(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    service = Service(settings)
    service.stop()
    service.start()
    service.stop()
    service.stop()
    assert not service.is_running
    assert holder_of(settings.database) is None
    assert not socket_path(settings.database).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"data", "sms.db", "sms.db.lock"}


async def test_what_was_received_before_a_stop_is_on_the_disk_after_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with serving(settings) as (service, _):
        assert service.address is not None
        reader, writer = await asyncio.open_connection(service.address.host, service.address.port)
        writer.write(
            b"".join(post("/webhooks/webcom", b'[{"id_sms":%d,"state":"send"}]' % n) for n in range(50))
        )
        assert await answer(reader) == (200, b'[{"id_sms":0}]')
        async with asyncio.timeout(DEADLINE_S):
            stopping = asyncio.to_thread(service.stop)
            rest, _ = await asyncio.gather(everything(reader), stopping)
        writer.close()
        acknowledged = 1 + rest.count(b'"id_sms"')
        async with await Reader.open(settings.database) as database:
            assert await database.count(Kind.MESSAGES) == acknowledged


def test_an_unknown_provider_in_the_settings_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Service(settings_in(tmp_path, zones={"nobody": "Europe/Bucharest"}))
    assert not (tmp_path / "sms.db").exists()


def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sms.db").write_text("not a database\n" * 100)
    with pytest.raises(StoreError, match="not a database"), serving(settings_in(tmp_path)):
        pass

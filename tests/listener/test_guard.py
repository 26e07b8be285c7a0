from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from http_station import DEADLINE_S, KEY, Station, answer, everything, listening, post

from smswatch.errors import ListenError
from smswatch.listener.guard import GuardedServer, is_local
from smswatch.listener.thread import Limits
from smswatch.model import WebhookRequest
from smswatch.provider import Provider

TUNNEL = "X-Forwarded-For: 203.0.113.9"
WEBCOM = b'[{"id_sms":"3234","time":"2019-05-1 15:18:20","state":"deliver"}]'
DELIVERED = 200, b'[{"id_sms":"3234"}]'


class Told:
    """An answer of 200."""

    status = 200
    body = b"kept"
    content_type = "text/plain"
    retry_after = None


class SlowDisk:
    """Keeps a request only when the test says so."""

    def __init__(self) -> None:
        self.received = asyncio.Event()
        self.kept = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.bodies: list[bytes] = []

    async def receive(
        self, provider: Provider, request: WebhookRequest, may_be_unreadable: Callable[[], bool] | None
    ) -> Told:
        del provider, may_be_unreadable
        self.bodies.append(request.body)
        self.loop.call_soon_threadsafe(self.received.set)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.kept.wait(), self.loop))
        return Told()

    def count(self, provider: str, answer_status: int) -> None:
        """Count nothing."""

    def count_old_key(self, provider: Provider, valid_until_s: int) -> None:
        """Count nothing."""

    def note_refused(self, provider: Provider, advice: str) -> None:
        """Note nothing."""


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"POST /webhooks/smso HTTP/1.1\r\nHost: local", id="headers break off"),
        pytest.param(post("/webhooks/webcom", WEBCOM) + b"POST /", id="the second request breaks off"),
    ],
)
async def test_a_connection_that_never_completes_its_headers_is_closed(tmp_path: Path, sent: bytes) -> None:
    with listening(tmp_path, limits=Limits(header_s=0.3)) as station:
        began = time.monotonic()
        await station.exchange(sent)
        assert time.monotonic() - began < 10  # it would be 15


async def test_headers_that_drip_do_not_hold_a_connection(tmp_path: Path) -> None:
    with listening(tmp_path, limits=Limits(header_s=0.3)) as station:
        async with station.connection() as (reader, writer):

            async def drip() -> None:
                writer.write(b"POST /webhooks/smso HTTP/1.1\r\nHost: localhost\r\n")
                with contextlib.suppress(ConnectionError):
                    for number in range(1000):
                        writer.write(b"X-Drop-%d: x\r\n" % number)
                        await writer.drain()
                        await asyncio.sleep(0.05)  # the drip is what is tested

            async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
                dripping = group.create_task(drip())
                await everything(reader)
                dripping.cancel()


async def test_the_oldest_idle_connection_makes_room_for_a_new_one(tmp_path: Path) -> None:
    with listening(tmp_path, limits=Limits(connections=2)) as station, contextlib.ExitStack() as stack:
        first = stack.enter_context(socket.create_connection((station.address.host, station.address.port)))
        first.setblocking(False)
        async with station.connection() as (old_reader, old_writer):
            old_writer.write(post("/webhooks/webcom", WEBCOM))
            assert await answer(old_reader) == DELIVERED
            async with station.connection() as (reader, writer):
                writer.write(post("/webhooks/webcom", WEBCOM))
                assert await answer(reader) == DELIVERED
                assert await closed(first)
                old_writer.write(post("/webhooks/webcom", WEBCOM))
                assert await answer(old_reader) == DELIVERED


async def closed(connection: socket.socket) -> bool:
    async with asyncio.timeout(DEADLINE_S):
        try:
            return await asyncio.get_running_loop().sock_recv(connection, 1) == b""
        except ConnectionError:
            return True


async def test_where_all_are_busy_the_new_connection_is_turned_away(tmp_path: Path) -> None:
    disk = SlowDisk()
    with listening(tmp_path, limits=Limits(connections=1), intake=disk) as station:
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/webcom", b"first"))
            await disk.received.wait()
            assert await station.exchange(post("/webhooks/webcom", b"second")) == b""
            disk.kept.set()
            assert await answer(reader) == (200, b"kept")
    assert disk.bodies == [b"first"]


@pytest.mark.parametrize("requests", [1, 2], ids=["the first", "a later one"])
async def test_a_sender_that_closes_its_half_after_the_request_is_answered(
    tmp_path: Path, requests: int
) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            for left in range(requests, 0, -1):
                writer.write(post("/webhooks/webcom", WEBCOM))
                if left == 1:
                    writer.write_eof()
                assert await answer(reader) == DELIVERED
            assert await everything(reader) == b""


@pytest.mark.parametrize("sent", [b"", b"POST /webh", post("/webhooks/webcom", WEBCOM)[:-5]], ids=len)
async def test_a_sender_that_closes_its_half_before_the_request_is_whole_is_let_go(
    tmp_path: Path, sent: bytes
) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            writer.write(sent)
            writer.write_eof()
            assert b"200" not in await everything(reader)
        assert await station.messages() == []


async def test_a_flood_of_connections_does_not_keep_a_webhook_out(tmp_path: Path) -> None:
    with listening(tmp_path, limits=Limits(connections=50)) as station, contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection((station.address.host, station.address.port)))
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/webcom", WEBCOM))
            assert await answer(reader) == DELIVERED


async def test_a_client_that_reads_no_answers_is_cut_off() -> None:
    server = GuardedServer(_never)
    left, right = socket.socketpair()
    left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport, protocol = await asyncio.get_running_loop().connect_accepted_socket(server, left)
    with right:
        transport.write(b"x" * 10_000_000)
        server.abort_unread()
        assert not transport.is_closing()
        server.abort_unread()
        assert transport.is_closing()
    await server.shutdown(0)
    del protocol


async def _never(request: web.BaseRequest) -> web.StreamResponse:
    raise AssertionError(request)


async def statuses(station: Station, requests: list[bytes]) -> list[int]:
    async with station.connection() as (reader, writer):
        found = []
        for request in requests:
            writer.write(request)
            found.append((await answer(reader))[0])
        return found


async def test_wrong_keys_through_a_tunnel_are_limited(tmp_path: Path) -> None:
    wrong = post(f"/{KEY[::-1]}/webhooks/smso", b"", TUNNEL)
    with listening(tmp_path) as station:
        found = await statuses(station, [wrong] * 60)
        received = await station.exchange(
            post(f"/{KEY[::-1]}/webhooks/smso", b"", TUNNEL, "Connection: close")
        )
        right = await statuses(station, [post(f"/{KEY}/webhooks/webcom", WEBCOM, TUNNEL)] * 60)
        totals = await station.totals()
    assert found[:20] == [404] * 20
    assert 429 in found
    assert right == [200] * 60
    assert totals.refusals["429"] >= found.count(429)
    assert b"Retry-After: 1\r\n" in received or received.startswith(b"HTTP/1.1 404")


async def test_unreadable_bodies_through_a_tunnel_are_limited_and_readable_ones_never(tmp_path: Path) -> None:
    bad = post(f"/{KEY}/webhooks/webcom", b"{", TUNNEL)
    good = post(f"/{KEY}/webhooks/webcom", WEBCOM, TUNNEL)
    with listening(tmp_path) as station:
        found = await statuses(station, [bad, good] * 60)
        rows = await station.requests()
    assert found[1::2] == [200] * 60
    assert set(found[::2]) == {400, 429}
    assert len(rows) == 60 + found.count(400)


async def test_this_machine_is_never_limited(tmp_path: Path) -> None:
    wrong = post(f"/{KEY[::-1]}/webhooks/smso")
    bad = post("/webhooks/webcom", b"{")
    with listening(tmp_path) as station:
        assert await statuses(station, [wrong] * 60) == [404] * 60
        assert await statuses(station, [bad] * 60) == [400] * 60


class Broken(SlowDisk):
    async def receive(
        self, provider: Provider, request: WebhookRequest, may_be_unreadable: Callable[[], bool] | None
    ) -> Told:
        del provider, may_be_unreadable
        raise RuntimeError(f"a bug, seen at /{KEY}/webhooks\x1b[31m {request.path}")


async def test_a_fault_of_ours_is_a_503_and_goes_to_the_log_without_the_key(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with listening(tmp_path, intake=Broken()) as station:
        for _ in range(3):
            received = await station.exchange(post("/webhooks/webcom", WEBCOM))
            assert received.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: 5\r\n" in received
    log = (tmp_path / "smswatch.log").read_text()
    assert log.count("a request could not be handled") == 1
    assert "RuntimeError\n" in log
    assert "test_guard.py" in log
    assert "a bug, seen at" not in log
    assert KEY not in log
    assert "\x1b" not in log
    assert capfd.readouterr() == ("", "")


async def test_a_stop_finishes_what_was_received(tmp_path: Path) -> None:
    disk = SlowDisk()
    with listening(tmp_path, intake=disk) as station:
        async with station.connection() as (reader, writer), asyncio.TaskGroup() as group:
            writer.write(post("/webhooks/webcom", b"first"))
            await disk.received.wait()
            stopping = group.create_task(asyncio.to_thread(station.listener.stop))
            await refused(station.address.host, station.address.port)
            disk.kept.set()
            assert await answer(reader) == (200, b"kept")
            assert await everything(reader) == b""
            await stopping
        assert not station.listener.is_running


async def refused(host: str, port: int) -> None:
    """Wait until nobody listens any more."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except ConnectionError:
                return
            writer.close()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("rest", [b"body", b""], ids=["it arrives", "it never arrives"])
async def test_a_body_that_still_arrives_at_a_stop_gets_two_seconds(tmp_path: Path, rest: bytes) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer), asyncio.TaskGroup() as group:
            writer.write(post("/webhooks/webcom", WEBCOM[:10], f"Content-Length: {len(WEBCOM)}"))
            async with station.connection() as (other_reader, other):
                # Answered later than the first was begun, so the first is being read.
                other.write(post("/webhooks/webcom", b"[]"))
                await answer(other_reader)
            began = time.monotonic()
            stopping = group.create_task(asyncio.to_thread(station.listener.stop))
            await refused(station.address.host, station.address.port)
            if rest:
                writer.write(WEBCOM[10:])
            received = await everything(reader)
            await stopping
            took = time.monotonic() - began
    if rest:
        assert received.startswith(b"HTTP/1.1 200 ")
        assert took < 4  # it is not among those that get all the time there is
    else:
        assert received.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: " in received
        assert 1.5 < took < 6


async def test_a_stop_takes_less_than_six_seconds_whatever_hangs(tmp_path: Path) -> None:
    disk = SlowDisk()
    with listening(tmp_path, intake=disk) as station:
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/webcom", b"first"))
            await disk.received.wait()
            began = time.monotonic()
            await asyncio.to_thread(station.listener.stop)
            assert time.monotonic() - began < 6
            assert not station.listener.is_running
            assert await everything(reader) == b""


async def test_a_stop_closes_idle_connections_at_once(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/webcom", WEBCOM))
            await answer(reader)
            began = time.monotonic()
            await asyncio.to_thread(station.listener.stop)
            await asyncio.to_thread(station.listener.stop)
            assert time.monotonic() - began < 4  # which busy ones get
            assert await everything(reader) == b""


def test_a_port_in_use_is_one_sentence_with_its_holder_and_a_free_port(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        port = int(holder.stdout.readline())
        with pytest.raises(ListenError) as caught, listening(tmp_path, port=port):
            pass
        holder.communicate("")
    said = str(caught.value)
    assert said.startswith(f"port {port} is already in use")
    if sys.platform == "linux":
        assert f"by pid {holder.pid};" in said
    assert int(said.rpartition(" ")[2]) > port


@pytest.mark.parametrize(
    ("host", "sentence"),
    [("203.0.113.1", "is not an address of this machine"), ("no.such.invalid", "cannot be resolved")],
)
def test_a_host_that_cannot_be_had_is_one_sentence(tmp_path: Path, host: str, sentence: str) -> None:
    with pytest.raises(ListenError, match=sentence), listening(tmp_path, host=host):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0"])  # noqa: S104 - must work, too
async def test_port_0_picks_a_free_one_and_says_which(tmp_path: Path, host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with listening(tmp_path, host=host) as station:
        assert station.address.port > 0
        assert station.url.startswith(("http://[::1]:", "http://127.0.0.1:", "http://0.0.0.0:"))
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/webcom", WEBCOM, host=f"localhost:{station.address.port}"))
            assert await answer(reader) == DELIVERED


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


class Ends:
    """A transport of which only the two ends are known."""

    def __init__(self, peer: object, own: object) -> None:
        self._ends = {"peername": peer, "sockname": own}

    def get_extra_info(self, name: str) -> object:
        return self._ends[name]


@pytest.mark.parametrize(
    ("peer", "own", "local"),
    [
        (("127.0.0.1", 5), ("127.0.0.1", 7670), True),
        (("127.9.9.9", 5), ("127.0.0.1", 7670), True),
        (("::1", 5, 0, 0), ("::1", 7670, 0, 0), True),
        (("::ffff:127.0.0.1", 5, 0, 0), ("::ffff:127.0.0.1", 7670, 0, 0), True),
        (("192.168.1.5", 5), ("192.168.1.5", 7670), True),
        (("192.168.1.6", 5), ("192.168.1.5", 7670), False),
        (("fe80::1%eth0", 5, 0, 2), ("fe80::2%eth0", 7670, 0, 2), False),
        (None, ("127.0.0.1", 7670), False),
        ("", "", False),
    ],
)
def test_where_a_connection_began(peer: object, own: object, local: bool) -> None:
    assert is_local(Ends(peer, own)) is local  # type: ignore[arg-type]


def test_a_connection_that_is_gone_began_nowhere() -> None:
    assert not is_local(None)

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest
from http_station import DEADLINE_S, KEY, answer, body_of, everything, listening, post, status_of

from smswatch.access_key import Keys, OldKey
from smswatch.listener.admission import MAX_BODY
from smswatch.listener.thread import Limits
from smswatch.model import Outcome

OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba"
OLDEST_KEY, ENDED_KEY = "o" * 26, "e" * 26
TUNNEL = "X-Forwarded-For: 203.0.113.9"
WEBCOM = b'[{"id_sms":"3234","time":"2019-05-1 15:18:20","state":"deliver"}]'
SMSO = b"uuid=8a5d2f89&status=delivered&receiver[number]=40722334455"


def header_of(received: bytes, name: str) -> str | None:
    found = re.search(rf"^{name}: ([^\r]*)\r$", received.decode(), re.MULTILINE | re.IGNORECASE)
    return found[1] if found else None


CLOSE = "Connection: close"


@pytest.mark.parametrize(
    ("request_bytes", "content_type", "body"),
    [
        pytest.param(
            post("/webhooks/webcom", WEBCOM, CLOSE),
            "application/json; charset=utf-8",
            b'[{"id_sms":"3234"}]',
            id="Webcom JSON",
        ),
        pytest.param(
            post("/webhooks/webcom/?from=vendor", b"[]", CLOSE),
            "application/json; charset=utf-8",
            b"[]",
            id="an empty batch, a slash and a query",
        ),
        pytest.param(
            post(
                f"/{KEY}/webhooks/webcom",
                b'<response><state id_sms="7" time="2019-05-1 15:18:20" sms="deliver">deliver</state></response>',
                CLOSE,
                TUNNEL,
                host="example.ngrok.app",
            ),
            "text/xml; charset=utf-8",
            b'<?xml version="1.0" encoding="utf-8"?><response><id_sms>7</id_sms></response>',
            id="Webcom XML through a tunnel",
        ),
        pytest.param(post("/webhooks/smso", SMSO, CLOSE), None, b"", id="SMSO is told nothing more"),
    ],
)
async def test_what_is_stored_is_acknowledged_in_the_providers_own_words(
    tmp_path: Path, request_bytes: bytes, content_type: str | None, body: bytes
) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(request_bytes)
        kept = await station.requests()
    assert status_of(received) == 200
    assert body_of(received) == body
    assert header_of(received, "Content-Type") == content_type
    assert [(row.answer_status, row.answer_body.encode()) for row in kept] == [(200, body)]


REFUSED = [
    pytest.param(post("/", b"", CLOSE), 404, b"", id="nothing is served at the root"),
    pytest.param(post("/webhooks/nobody", b"x", CLOSE), 404, b"", id="unknown provider"),
    pytest.param(post(f"/{OTHER_KEY}/webhooks/smso", SMSO, CLOSE), 404, b"", id="wrong key"),
    pytest.param(post("/webhooks/smso", SMSO, CLOSE, TUNNEL), 404, b"", id="tunnel without the key"),
    pytest.param(post("/webhooks/smso", SMSO, CLOSE, host="example.org"), 404, b"", id="another Host"),
    pytest.param(post("/webhooks/smso", SMSO, CLOSE, "Origin: null"), 403, b"browser", id="browser page"),
    pytest.param(post("/webhooks/smso", SMSO, CLOSE, method="PUT"), 405, b"POST", id="PUT"),
    pytest.param(post("/webhooks/webcom?a=1", b"", CLOSE, method="GET"), 405, b"POST", id="GET with a query"),
    pytest.param(post("/webhooks/smso", b"x", CLOSE, "Content-Encoding: gzip"), 415, b"Encoding", id="gzip"),
    pytest.param(
        post("/webhooks/smso", b"", CLOSE, f"Content-Length: {MAX_BODY + 1}"), 413, b"256", id="large"
    ),
    pytest.param(post("/webhooks/smso", b"garbage", CLOSE), 400, b"", id="unreadable"),
    pytest.param(b"GARBAGE\r\n\r\n", 400, b"HTTP", id="not HTTP"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, b"HTTP", id="TLS"),
    pytest.param(b"GET /webhooks/smso HTTP/1.0\r\n\r\n", 400, b"HTTP", id="HTTP/1.0 without Host"),
    pytest.param(b"GET /webhooks/smso HTTP/2.0\r\nHost: localhost\r\n\r\n", 400, b"HTTP", id="HTTP/2.0"),
    pytest.param(b"GET /webhooks/smso\r\n\r\n", 400, b"HTTP", id="HTTP/0.9"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, b"HTTP", id="HTTP/2 preface"),
    pytest.param(b"POST /webhooks/smso HTTP/1.1\r\n\r\n", 400, b"HTTP", id="no Host"),
    pytest.param(
        post("/webhooks/smso", b"", "Content-Length: 1", "Transfer-Encoding: chunked"),
        400,
        b"HTTP",
        id="CL and TE",
    ),
    pytest.param(post("/webhooks/smso", b"", "Host: localhost"), 400, b"HTTP", id="two Hosts"),
    pytest.param(post("/webhooks/smso", b"", "X-Long: " + "x" * 9000), 400, b"HTTP", id="a header of 9 KB"),
    pytest.param(
        post("/webhooks/smso", b"zz\r\nabc", CLOSE, "Transfer-Encoding: chunked"),
        400,
        b"HTTP",
        id="bad chunk",
    ),
]


@pytest.mark.parametrize(("request_bytes", "status", "words"), REFUSED)
async def test_what_is_refused_is_told_why_in_one_line_that_echoes_nothing(
    tmp_path: Path, request_bytes: bytes, status: int, words: bytes
) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(request_bytes)
        assert status_of(received) == status
        body = body_of(received)
        assert words in body
        assert body == b"" if status == 404 else body.count(b"\n") == 1
        assert b"garbage" not in body.lower()
        assert header_of(received, "Server") == "smswatch"
        if status not in {400, 404}:
            assert not await station.requests()
        assert status_of(await station.exchange(post("/webhooks/webcom", WEBCOM, CLOSE))) == 200


async def test_a_wrong_key_and_a_wrong_path_look_alike(tmp_path: Path) -> None:
    def without_date(received: bytes) -> bytes:
        return re.sub(rb"Date: [^\r]*", b"", received)

    with listening(tmp_path) as station:
        unknown = await station.exchange(post("/favicon.ico", b"", CLOSE, TUNNEL))
        wrong = await station.exchange(post(f"/{OTHER_KEY}/webhooks/smso", b"", CLOSE, TUNNEL))
        plain = await station.exchange(post("/webhooks/smso", b"", CLOSE, TUNNEL))
    assert without_date(unknown) == without_date(wrong) == without_date(plain)


async def test_a_method_that_is_refused_is_told_which_are_not(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(post("/webhooks/smso", b"", CLOSE, method="DELETE"))
    assert header_of(received, "Allow") == "POST, GET, HEAD"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_probe_finds_somebody_there_and_leaves_no_trace(tmp_path: Path, method: str) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(post("/webhooks/smso", b"", CLOSE, method=method))
        assert (status_of(received), body_of(received)) == (200, b"")
        assert not await station.requests()


async def test_a_provider_that_delivers_by_query_is_read_from_it(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        target = "/webhooks/smso?uuid=8a5d2f89&status=delivered"
        assert status_of(await station.exchange(post(target, b"", CLOSE, method="GET"))) == 200
        assert [row.message_id for row in await station.messages()] == ["8a5d2f89"]


async def test_calls_without_the_key_are_one_line_that_says_what_to_use_instead(tmp_path: Path) -> None:
    with listening(tmp_path, public_url="https://example.ngrok.app") as station:
        for _ in range(3):
            await station.exchange(post("/webhooks/smso", SMSO, CLOSE, TUNNEL))
        totals = await station.totals()
        (line,) = await station.requests()
    assert totals.refusals == {"404": 3}
    assert (line.outcome, line.provider, line.answer_status) == (Outcome.REFUSED, "smso", 404)
    assert "https://example.ngrok.app/<key>/webhooks/smso" in (line.problem or "")
    assert KEY not in (line.problem or "")


async def test_open_lets_tunnelled_requests_in_without_the_key(tmp_path: Path) -> None:
    with listening(tmp_path, open=True) as station:
        received = await station.exchange(post("/webhooks/smso", SMSO, CLOSE, TUNNEL, host="example.org"))
        assert status_of(received) == 200
        received = await station.exchange(post("/webhooks/smso", SMSO, CLOSE, "Origin: https://example.org"))
        assert status_of(received) == 403


def files_with(text: str, folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and text.encode() in path.read_bytes()]


async def test_the_key_is_never_stored(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        path = f"/{KEY}/webhooks/smso"
        received = await station.exchange(
            post(
                f"{path}?next={KEY}",
                SMSO,
                CLOSE,
                TUNNEL,
                f"X-Original-URI: {path}",
                f"Referer: https://x{path}",
            )
        )
        assert status_of(received) == 200
        (row,) = await station.requests()
    assert (row.path, row.query) == ("/webhooks/smso", "next=<key>")
    assert ("X-Original-URI", "/<key>/webhooks/smso") in row.headers
    assert not files_with(KEY, tmp_path)


async def test_a_key_that_a_proxy_cut_out_of_the_path_is_not_stored_with_its_headers(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        uri = f"X-Original-URI: /{KEY}/webhooks/smso"
        assert status_of(await station.exchange(post("/webhooks/smso", SMSO, CLOSE, uri))) == 200
        (row,) = await station.requests()
    assert ("X-Original-URI", "/<key>/webhooks/smso") in row.headers
    assert not files_with(KEY, tmp_path)


async def test_a_request_is_kept_as_it_came(tmp_path: Path) -> None:
    body = b"uuid=1&status=sent&x=\xff\x00\xfe"
    with listening(tmp_path) as station:
        await station.exchange(
            post("/webhooks/smso?a=%20b", body, CLOSE, "X-Name: \u0218tefan", "content-TYPE: a/b")
        )
        (row,) = await station.requests()
    assert (row.method, row.path, row.query, row.content_type) == ("POST", "/webhooks/smso", "a=%20b", "a/b")
    assert row.body == body
    assert row.headers[0][0] == "Host"
    assert ("X-Name", "Ștefan") in row.headers
    assert ("content-TYPE", "a/b") in row.headers


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BODY, 400), (MAX_BODY + 1, 413)], ids=["256 KiB", "a byte more"]
)
async def test_a_chunked_body_may_be_256_kib(tmp_path: Path, size: int, status: int) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    rest = size % 0x8000
    body = chunk * (size // 0x8000) + (b"%x\r\n%s\r\n" % (rest, b"x" * rest) if rest else b"") + b"0\r\n\r\n"
    with listening(tmp_path) as station:
        received = await station.exchange(post("/webhooks/smso", body, CLOSE, "Transfer-Encoding: chunked"))
    assert status_of(received) == status


async def test_a_large_body_is_neither_invited_nor_awaited(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(
            post("/webhooks/smso", b"", f"Content-Length: {10**11}", "Expect: 100-continue", CLOSE)
        )
    assert received.startswith(b"HTTP/1.1 413 ")
    assert header_of(received, "Connection") == "close"


async def test_a_body_that_waits_to_be_invited_is_invited(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            head = post("/webhooks/webcom", b"", f"Content-Length: {len(WEBCOM)}", "Expect: 100-continue")
            writer.write(head)
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(WEBCOM)
            assert await answer(reader) == (200, b'[{"id_sms":"3234"}]')


async def test_a_refused_sender_that_goes_on_sending_gets_to_read_the_answer(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            size = 1024 * 1024
            writer.write(post("/webhooks/smso", b"", f"Content-Length: {size}"))
            async with asyncio.timeout(DEADLINE_S):
                assert await reader.readuntil(b"\r\n\r\n") != b""
                writer.write(b"x" * size)
                await writer.drain()
            assert b"256 KiB" in await everything(reader)


async def send_for_ever(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            writer.write(chunk)
            await writer.drain()


async def test_an_endless_refused_body_is_cut(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            writer.write(post("/nowhere", b"", "Transfer-Encoding: chunked"))
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
            chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            with pytest.raises(ConnectionError):
                await send_for_ever(writer, chunk)


async def test_a_body_slower_than_the_deadline_is_told_so(tmp_path: Path) -> None:
    with listening(tmp_path, limits=Limits(body_s=0.2)) as station:
        received = await station.exchange(post("/webhooks/smso", b"uuid=1", "Content-Length: 100"))
        assert status_of(received) == 408
        assert (await station.totals()).refusals == {"408": 1}


async def test_a_sender_that_goes_in_mid_body_leaves_nothing(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            writer.write(post("/webhooks/smso", SMSO, "Content-Length: 1000"))
            await writer.drain()
            writer.write_eof()
            await everything(reader)
        assert status_of(await station.exchange(post("/webhooks/webcom", WEBCOM, CLOSE))) == 200
        assert [row.provider for row in await station.requests()] == ["webcom"]


async def test_requests_on_one_connection_are_answered_in_order(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        async with station.connection() as (reader, writer):
            bodies = [WEBCOM.replace(b"3234", str(number).encode()) for number in range(300)]
            writer.write(b"".join(post("/webhooks/webcom", body) for body in bodies))
            for number in range(300):
                assert await answer(reader) == (200, b'[{"id_sms":"%d"}]' % number)


async def test_an_upgrade_is_not_taken_and_its_body_is_read(tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(
            post("/webhooks/webcom", WEBCOM, "Connection: close, Upgrade, HTTP2-Settings", "Upgrade: h2c")
        )
        assert (status_of(received), body_of(received)) == (200, b'[{"id_sms":"3234"}]')


async def test_the_keys_before_the_present_one_let_in_and_are_counted_apart(tmp_path: Path) -> None:
    until_s = int(time.time()) + 60
    keys = Keys(OTHER_KEY, (OldKey(OLDEST_KEY, until_s - 9), OldKey(KEY, until_s), OldKey(ENDED_KEY, 1)))
    with listening(tmp_path, keys=lambda: keys) as station:
        for key in (KEY, OTHER_KEY, OLDEST_KEY, KEY):
            request = post(f"/{key}/webhooks/webcom", WEBCOM, CLOSE, TUNNEL, f"X-Forwarded-Uri: /{key}/x")
            assert (await station.exchange(request)).startswith(b"HTTP/1.1 200")
        assert (await station.totals()).old_key == {
            ("webcom", str(until_s)): 2,
            ("webcom", str(until_s - 9)): 1,
        }
    assert not files_with(KEY, tmp_path)
    assert not files_with(OTHER_KEY, tmp_path)
    assert not files_with(OLDEST_KEY, tmp_path)

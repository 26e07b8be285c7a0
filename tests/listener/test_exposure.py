"""The port answers webhooks and nothing else: whatever the path, the method, the Host or the headers."""

from __future__ import annotations

import asyncio
from itertools import product
from pathlib import Path

import pytest
from http_station import KEY, Station, body_of, listening, post, status_of

WEBCOM = b'[{"id_sms":"3234","time":"","state":"send"}]'
OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba"
SURFACES = (
    *(
        "",
        "api",
        "api/messages",
        "messages",
        "inbound",
        "requests",
        "purge",
        "prune",
        "track",
        "metrics",
        "health",
    ),
    *(
        "debug",
        "static/app.js",
        ".env",
        ".git/config",
        "favicon.ico",
        "robots.txt",
        "admin",
        "events",
        "ws",
        "socket",
    ),
    *(
        "smswatch.db",
        "access-key",
        "webhooks",
        "webhooks/",
        "webhooks/nobody",
        "webhooks/smso/extra",
        "webhooks/SMSO",
    ),
    *(KEY, f"{KEY}/", f"{KEY}/api", f"{KEY}/messages", f"{OTHER_KEY}/webhooks/smso"),
)
SPELLINGS = (
    *(
        "/{0}",
        "//{0}",
        "/./{0}",
        "/../{0}",
        "/%2e%2e/{0}",
        "/%2E/{0}",
        "/webhooks/../{0}",
        "/webhooks/smso/../../{0}",
    ),
    *(
        "/webhooks/smso/%2e%2e/%2e%2e/{0}",
        "/%2f{0}",
        "/\\{0}",
        "/{0};x=1",
        "/{0}%00",
        "/{0}%0d%0aHost:%20localhost",
    ),
    *(
        "http://127.0.0.1/{0}",
        "http://localhost/{0}",
        "http://evil.example/{0}",
        "https://[::1]/{0}",
        "/{0}?a=1",
    ),
)
METHODS = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "POST", "PROPFIND")
CLOSE = "Connection: close"
WEBSOCKET = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: eHg=",
    "Sec-WebSocket-Version: 13",
)
AT_ONCE = 20


async def exchanged(station: Station, requests: list[bytes]) -> list[bytes]:
    """Send each on a connection of its own, some at once; return what came back."""
    some = asyncio.Semaphore(AT_ONCE)

    async def one(request: bytes) -> bytes:
        async with some:
            return await station.exchange(request)

    return await asyncio.gather(*map(one, requests))


async def assert_nothing_came_of(station: Station, requests: list[bytes]) -> None:
    for request, received in zip(requests, await exchanged(station, requests), strict=True):
        status = status_of(received)
        assert 400 <= status < 500, (request, received)
        assert len(body_of(received)) < 300, (request, received)
        assert b"access-control" not in received.lower(), (request, received)
    assert not await station.requests()
    good = await station.exchange(post("/webhooks/webcom", WEBCOM, CLOSE))
    assert status_of(good) == 200


async def test_no_path_leads_anywhere_but_to_a_webhook(tmp_path: Path) -> None:
    paths = [spelling.format(surface) for spelling, surface in product(SPELLINGS, SURFACES)]
    assert len(paths) > 500
    methods = [METHODS[number % len(METHODS)] for number in range(len(paths))]
    asked = [post(path, WEBCOM, CLOSE, method=method) for path, method in zip(paths, methods, strict=True)]
    with listening(tmp_path) as station:
        await assert_nothing_came_of(station, asked)


@pytest.mark.parametrize("path", ["/webhooks/smso", f"/{KEY}/webhooks/smso"])
async def test_no_other_method_and_no_browser_reaches_a_webhook(tmp_path: Path, path: str) -> None:
    asked = [
        post(path, WEBCOM, CLOSE, method=method)
        for method in METHODS
        if method not in {"GET", "HEAD", "POST"}
    ]
    for header in (
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:7670",
        "Sec-Fetch-Site: none",
    ):
        asked += [
            post(path, WEBCOM, CLOSE, header, method=method) for method in ("POST", "GET", "HEAD", "OPTIONS")
        ]
    asked.append(post(path, WEBCOM, CLOSE, "Content-Encoding: gzip"))
    asked.append(b"CONNECT 127.0.0.1:7670 HTTP/1.1\r\nHost: 127.0.0.1:7670\r\nConnection: close\r\n\r\n")
    with listening(tmp_path) as station:
        await assert_nothing_came_of(station, asked)


HOSTS = (
    *(
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "0.0.0.0",  # noqa: S104 - a header
        "169.254.169.254",
        "[::2]",
        "2130706433",
    ),
    *(
        "evil.example:7670",
        "127.0.0.1@evil.example",
        "127.0.0.1:80:80",
        "0x7f000001",
        "127.1",
        "\u009b2J",
        "localhost, x",
    ),
)
TUNNELS = (
    *(
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: localhost",
        "Forwarded: for=127.0.0.1",
        "X-Real-IP: 127.0.0.1",
    ),
    *("CF-Connecting-IP: ::1", "True-Client-IP: 127.0.0.1", "Via: 1.1 localhost", "x-forwarded-anything:"),
)


async def test_without_the_key_no_host_and_no_claim_lets_in(tmp_path: Path) -> None:
    asked = [post("/webhooks/webcom", WEBCOM, CLOSE, host=host) for host in HOSTS]
    asked += [post("/webhooks/webcom", WEBCOM, CLOSE, header) for header in TUNNELS]
    asked += [post(f"/{OTHER_KEY}/webhooks/webcom", WEBCOM, CLOSE, host=host) for host in HOSTS[:5]]
    with listening(tmp_path) as station:
        answers = await exchanged(station, asked)
        assert {status_of(received) for received in answers} <= {400, 404}
        assert (await station.totals()).refusals
        lines = await station.requests()
        # What is shown is the one line for the provider, updated in place, with nothing of what was sent.
        assert [(line.outcome, line.body, line.headers) for line in lines] == [("refused", b"", ())]
        assert not await station.messages()


@pytest.mark.parametrize("path", ["/webhooks/smso", "/", f"/{KEY}/webhooks/smso"])
async def test_no_socket_is_opened_for_whoever_asks_for_one(tmp_path: Path, path: str) -> None:
    with listening(tmp_path) as station:
        received = await station.exchange(post(path, b"", *WEBSOCKET, CLOSE, method="GET"))
        assert status_of(received) == (404 if path == "/" else 200)
        assert body_of(received) == b""
        assert b"101 " not in received
        assert not await station.requests()

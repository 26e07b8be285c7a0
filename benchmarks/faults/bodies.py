"""Bodies made to be slow: how long they hold up the listener's loop, and the screen's.

What is measured is the processor time that the loop's own thread spends between two turns of the loop. Other
processes still have a part in it: they take the caches, and the other half of a core. So a usual report goes between
the bodies, and both are told: of each the least of its rounds, and of the usual report the median, too.
"""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import servers
from textual.pilot import Pilot

from faults import Found
from smswatch.cli.dashboard import dashboard
from smswatch.cli.listening_post import ListeningPost
from smswatch.cli.service import Service
from smswatch.settings import Settings

PROMISE = "no body holds up the listener for 20 ms, or the screen for 50 ms"
LONG, SHORT = 2, 1
LISTENER_MS, SCREEN_MS = 20.0, 50.0
_BESIDE_SMALL = 1.5
"""On a slow machine a usual report takes its time, too: opening the detail is most of it."""
SMALL = "a usual report"
_FULL = 256 * 1024
_FORM, _JSON, _XML = "application/x-www-form-urlencoded", "application/json", "text/xml"
_KEYS = (
    "enter", "right_square_bracket", "right_square_bracket", "r", "r", "end", "escape",
)  # fmt: skip
"""Open the detail, go through its tabs, through the views of the body, to its end and back."""
_USUAL_EVERY = 5
"""A usual report goes between so many bodies."""


@dataclass(frozen=True)
class Body:
    """One that is slow for somebody."""

    provider: str
    content_type: str
    data: bytes


def _inbound(text: bytes) -> bytes:
    quoted = quote_from_bytes(text).encode()
    return b"sender[number]=%2B40722334455&received_at=2026-11-20+12:35:00&body=" + quoted


def _cut(text: str, size: int) -> bytes:
    return text.encode()[:size].decode(errors="ignore").encode()


_AT = '{{"id_sms":8,"time":"2026-11-20 12:{:02}:{:02}","state":"send"}}'


def bodies() -> dict[str, Body]:
    """Return them by name, each at most as large as the listener takes."""
    report = '{{"id_sms":{},"time":"2026-11-20 12:00:04","state":"deliver"}}'
    reports = ",".join(report.format(7_000_000 + n) for n in range(3_700))
    fields = "&".join(f"k{n}=v" for n in range(25_000))
    same = ",".join(_AT.format(n // 60, n % 60) for n in range(3_600))
    channels = " ".join(f'c{number}="deliver"' for number in range(9_000))
    gateway = {"sms_id": 5, "status_id": 9, "senttime": "2026-11-20 12:00:20", "sendto": "+40722334402"}
    wide, joined = "漢字" * 60_000, "Z" + "\u0351\u036b\u0343" * 40
    lines = "a\n" * 100_000
    in_json = json.dumps([{"id_sms": 1, "time": "", "state": lines}]).encode()[:_FULL]
    nested = b'{"a":[' * 40 + b"1" + b"]}" * 40
    return {
        SMALL: Body("webcom", _JSON, f"[{report.format(7)}]".encode()),
        "3,700 reports in one body": Body("webcom", _JSON, f"[{reports}]".encode()[:_FULL]),
        "3,600 reports of one message": Body("webcom", _JSON, f"[{same}]".encode()[:_FULL]),
        "an error text of 256 KiB": Body(
            "smsgateway24",
            _JSON,
            json.dumps({**gateway, "status_message": "no way " * 37_000}).encode()[:_FULL],
        ),
        "256 KiB of one JSON string": Body(
            "webcom", _JSON, b'[{"id_sms":1,"time":"","state":"' + b"x" * 262_000 + b'"}]'
        ),
        "100,000 lines in JSON": Body("webcom", _JSON, in_json),
        "a JSON array of 130,000": Body("webcom", _JSON, b"[" + b"1," * 130_000 + b"1]"),
        "nested JSON": Body("webcom", _JSON, b"[" + b",".join([nested] * 700) + b"]"),
        "not JSON, 256 KiB": Body("webcom", _JSON, b"{" * _FULL),
        "25,000 fields": Body("smso", _FORM, fields.encode()[:_FULL]),
        "256 KiB of percent signs": Body("smso", _FORM, b"uuid=" + b"%41" * 87_000),
        "256 KiB of bare percent signs": Body("smso", _FORM, b"uuid=" + b"%" * 260_000),
        "an SMS of wide characters": Body("smso", _FORM, _inbound(_cut(wide, 85_000))),
        "an SMS of combining characters": Body("smso", _FORM, _inbound(_cut(joined * 2_000, 85_000))),
        "an SMS of 100,000 lines": Body("smso", _FORM, _inbound(b"a\n" * 50_000)),
        "an SMS of control characters": Body("smso", _FORM, _inbound(b"\x1b[31m" * 15_000)),
        "wide characters in raw": Body("webcom", "text/plain", _cut(wide * 2, _FULL)),
        "combining characters in raw": Body("webcom", "text/plain", _cut(joined * 2_000, _FULL)),
        "100,000 lines in raw": Body("webcom", "text/plain", b"a\n" * 130_000),
        "random bytes": Body("webcom", "application/octet-stream", bytes(range(256)) * 1024),
        "XML with 30,000 elements": Body("webcom", _XML, b"<r>" + b"<s a='b'/>" * 26_000 + b"</r>"),
        "a report of 9,000 channels": Body(
            "webcom", _XML, f'<response><state id_sms="9" {channels}></state></response>'.encode()
        ),
        "XML of one long text": Body("webcom", _XML, b"<r>" + b"x " * 131_000 + b"</r>"),
    }


class Turns:
    """Watches a loop from within: the longest that its thread worked between two turns."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._task: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        """Tick until it is cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.0005)
            now = time.thread_time()
            self.longest_ms = max(self.longest_ms, (now - before) * 1000)
            before = time.thread_time()

    def reset(self) -> float:
        """Return the longest until now, and begin anew."""
        longest, self.longest_ms = self.longest_ms, 0.0
        return longest


@contextmanager
def _service(home: Path) -> Iterator[tuple[Service, int]]:
    home.mkdir()
    settings = Settings(database=home / "bodies.db", data_directory=home / "data", port=0)
    service = Service(settings)
    address = service.start()
    try:
        yield service, address.port
    finally:
        service.stop()


def _send(port: int, body: Body) -> int:
    head = (
        f"POST /webhooks/{body.provider} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: {body.content_type}\r\nContent-Length: {len(body.data)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=servers.ANSWER_S) as connection:
        connection.sendall(head.encode() + body.data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return int(answer[9:12])


def _in_listener(home: Path, runs: int) -> dict[str, float]:
    """Return for each body how long the listener's loop was held up, in milliseconds."""
    held: defaultdict[str, list[float]] = defaultdict(list)
    with _service(home) as (service, port):
        loop = service._listener._loop  # type: ignore[union-attr]  # noqa: SLF001 - it is running, and nobody else asks
        assert loop is not None
        turns = Turns()
        watching = asyncio.run_coroutine_threadsafe(turns.watch(), loop)
        warm = next(iter(bodies().values()))
        _send(port, warm)
        for _ in range(runs):
            for name, body in bodies().items():
                turns.reset()
                status = _send(port, body)
                held[f"{name} ({status})"].append(turns.reset())
        watching.cancel()
    return {name: min(values) for name, values in held.items()}


@asynccontextmanager
async def _watched(turns: Turns) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(turns.watch())
        yield
        watching.cancel()


async def _on_screen(home: Path, runs: int) -> dict[str, list[float]]:
    """Return for each body how long the screen's loop was held up in each round, in milliseconds."""
    held: defaultdict[str, list[float]] = defaultdict(list)
    made = bodies()  # before the loop is watched: making them takes a tenth of a second
    with _service(home) as (service, port):
        app = dashboard(ListeningPost(service.settings, service))
        turns = Turns()
        async with app.run_test(size=(120, 40)) as pilot, _watched(turns):
            for _ in range(runs):
                for place, (name, body) in enumerate(made.items()):
                    if place % _USUAL_EVERY == 0 and name != SMALL:
                        held[SMALL].append(await _walk(pilot, turns, port, SMALL, made[SMALL]))
                    held[name].append(await _walk(pilot, turns, port, name, body))
    return dict(held)


async def _walk(pilot: Pilot[int], turns: Turns, port: int, name: str, body: Body) -> float:
    """Send a body, look at it in every way, and return how long the loop was held up, in milliseconds."""
    worst: list[tuple[float, str]] = []
    turns.reset()
    await asyncio.to_thread(_send, port, body)
    await pilot.pause(0.3)
    worst.append((turns.reset(), "arrives"))
    for screen in ("2" if "SMS" in name else "1", "3"):
        await pilot.press(screen)
        await pilot.pause(0.05)
        await pilot.press("g")
        for key in _KEYS:
            await pilot.press(key)
            await pilot.pause(0.02)
            worst.append((turns.reset(), f"{screen} {key}"))
    print(f"  screen, {name}: {max(worst)[0]:.1f} ms at {max(worst)[1]}", flush=True)
    return max(worst)[0]


def run(runs: int, seed: int) -> Found:
    """Send each body so many times; nothing here is random."""
    del seed
    found = Found()
    with tempfile.TemporaryDirectory(prefix="smswatch-bodies-") as folder:
        listener = _in_listener(Path(folder) / "listener", runs)
        for name, held_ms in listener.items():
            print(f"listener, {name}: {held_ms:.1f} ms")
            found.expect(held_ms < LISTENER_MS, f"listener: {name} holds it up for {held_ms:.1f} ms")
        rounds = asyncio.run(_on_screen(Path(folder) / "screen", runs))
    screen = {name: min(held) for name, held in rounds.items()}
    most_ms = max(SCREEN_MS, _BESIDE_SMALL * statistics.median(rounds[SMALL]))
    for name, held_ms in screen.items():
        found.expect(held_ms < most_ms, f"screen: {name} holds it up for {held_ms:.1f} ms")
    del screen[SMALL]
    longest, slowest = max(listener, key=listener.__getitem__), max(screen, key=screen.__getitem__)
    found.summary = (
        f"{len(bodies())} bodies of up to 256 KiB, best of {runs}: the listener's loop is held up for at most"
        f" {listener[longest]:.1f} ms ({longest}), the screen's for at most {screen[slowest]:.1f} ms ({slowest}),"
        f" in the middle {statistics.median(screen.values()):.1f} ms; a usual report between them:"
        f" {min(rounds[SMALL]):.1f} ms at best, {statistics.median(rounds[SMALL]):.1f} ms in the middle"
    )
    return found

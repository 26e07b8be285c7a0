"""What the tests of the dashboard share: a station that receives, a clock that stands, ways to wait and look."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from textual.pilot import Pilot

from smswatch.intake import Intake
from smswatch.model import Kind, WebhookRequest
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.store.rows import Marking, MessageRow, Registration
from smswatch.store.window import Window
from smswatch.store.writer import Writer
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.list_pane import ListPane

NOON_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""
DEADLINE_S = 30
GOLDENS = Path(__file__).parent / "goldens"
LISTENER = ListenerFacts(
    address="http://127.0.0.1:7670",
    public_url="https://example.ngrok.app",
    key="abcdefghijklmnopqrstuvwxyz",
    is_open=False,
    is_viewer=False,
    holder_pid=None,
    holder_address=None,
    trouble=None,
    database="smswatch.db",
)
AppPilot = Pilot[Any]
MakeApp = Callable[..., SmsWatchApp]


class Clock:
    """UTC milliseconds that move only when a test moves them."""

    def __init__(self) -> None:
        self.now_ms = NOON_MS + 60_000

    def __call__(self) -> int:
        return self.now_ms


class Station:
    """Receives webhooks into the database, as the listener would, at the times that a test gives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer.open(path)
        self._intake = Intake(self.writer, NumberReader("RO"), lambda _: None)
        self._arrived_ms = NOON_MS
        self._windows: list[Window] = []

    def window(self) -> Window:
        """Open the database to read, until the station is closed."""
        self._windows.append(Window(self.path))
        return self._windows[-1]

    def close(self) -> None:
        """Close what was opened."""
        for window in self._windows:
            window.close()
        self.writer.close()

    async def receive(self, provider: str, body: bytes, content_type: str, *, after_ms: int = 1000) -> int:
        """Let a request arrive so long after the last one; return the answer's status."""
        self._arrived_ms += after_ms
        headers = (("Host", "127.0.0.1:7670"), ("Content-Type", content_type))
        request = WebhookRequest(
            method="POST",
            path=f"/webhooks/{provider}",
            query="",
            headers=headers,
            body=body,
            arrived_ms=self._arrived_ms,
        )
        return (await self._intake.receive(all_providers()[provider], request)).status

    async def webcom(self, *reports: tuple[int, str], after_ms: int = 1000) -> None:
        """Let Webcom report (id, state) pairs."""
        body = [{"id_sms": number, "time": "", "state": state} for number, state in reports]
        await self.receive("webcom", json.dumps(body).encode(), "application/json", after_ms=after_ms)

    async def smso(self, uuid: str, status: str, number: str = "+40722334455", after_ms: int = 1000) -> None:
        """Let SMSO report a status."""
        fields = {"uuid": uuid, "status": status, "sent_at": "2026-11-20 12:00:00", "delivered_at": ""}
        form = urlencode({**fields, "receiver[number]": number, "receiver[mcc]": "226"}).encode()
        await self.receive("smso", form, "application/x-www-form-urlencoded", after_ms=after_ms)

    async def gateway(self, sms_id: int, status_id: int, words: str, number: str) -> None:
        """Let SmsGateWay24 report a status."""
        fields = {"sms_id": sms_id, "status_id": status_id, "status_message": words, "sendto": number}
        body = {**fields, "senttime": "2026-11-20 12:00:20", "sim": 0, "device_id": 17}
        await self.receive("smsgateway24", json.dumps(body).encode(), "application/json")

    async def inbound(self, body: str, number: str = "+40722334455", replied_to: str = "") -> None:
        """Let a person answer, through SMSO."""
        fields = {"body": body, "replied_to": replied_to, "received_at": "2026-11-20 12:35:00"}
        form = urlencode({**fields, "sender[number]": number}).encode()
        await self.receive("smso", form, "application/x-www-form-urlencoded")

    def track(self, message_id: str, number: str, text: str | None = None, label: str | None = None) -> None:
        """Say whom a Webcom message went to."""
        told = Registration(provider="webcom", message_id=message_id, number=number, text=text, label=label)
        self.writer.register([told]).result(DEADLINE_S)

    def mark(self, marking: Marking) -> int:
        """Write a mark, as a dashboard asks for it."""
        return self.writer.mark(marking).result(DEADLINE_S)


def screen_text(app: SmsWatchApp) -> str:
    """Return what stands on the screen, as text, without blanks at the line ends."""
    lines = ("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
    return "\n".join(line.rstrip() for line in lines) + "\n"


def app_of(pilot: AppPilot) -> SmsWatchApp:
    """Return the dashboard that a pilot flies."""
    assert isinstance(pilot.app, SmsWatchApp)
    return pilot.app


def pane_of(app: SmsWatchApp, kind: Kind = Kind.MESSAGES) -> ListPane:
    """Return one of the lists."""
    return app.query_one(f"#pane-{kind}", ListPane)


def selected_id(app: SmsWatchApp) -> str:
    """Return the provider's id of the message under the cursor."""
    row = pane_of(app).table.selected
    assert isinstance(row, MessageRow)
    return row.message_id


async def until(pilot: AppPilot, condition: Callable[[], object]) -> None:
    """Wait until it is so; a test that waits too long fails and shows the screen."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                await pilot.pause(0.01)
    except TimeoutError:
        pytest.fail(f"it never came to that:\n{screen_text(app_of(pilot))}")


async def sees(pilot: AppPilot, text: str) -> None:
    """Wait until a text stands on the screen."""
    await until(pilot, lambda: text in screen_text(app_of(pilot)))


@asynccontextmanager
async def running(app: SmsWatchApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[AppPilot]:
    """Run the dashboard, with its first list read to the end and everything mounted."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: pane_of(app).feed.is_complete and app.query("#pane-setup LinesView"))
        await pilot.pause()
        yield pilot


async def matches_golden(pilot: AppPilot, name: str) -> None:
    """Wait until the screen is as in a file; `UPDATE_GOLDENS=1` rewrites the file instead."""
    app, path = app_of(pilot), GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(screen_text(app), encoding="utf-8")
    wanted = path.read_text(encoding="utf-8")
    try:
        async with asyncio.timeout(DEADLINE_S):
            while screen_text(app) != wanted:
                await pilot.pause(0.01)
    except TimeoutError:
        assert screen_text(app) == wanted

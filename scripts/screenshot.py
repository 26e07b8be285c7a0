"""Makes docs/screenshot.svg and docs/insight.svg: the real dashboard over real databases.

The first shows the sample payloads, the second a day of invented traffic, the same each time.

python scripts/screenshot.py
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from smswatch.cli.dashboard import provider_facts
from smswatch.filters import FilterContext
from smswatch.intake import Intake
from smswatch.model import Kind, WebhookRequest
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.store.rows import Registration
from smswatch.store.window import Window
from smswatch.store.writer import Writer
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.facts import ListenerFacts

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_payloads"
PICTURES = ROOT / "docs"
WIDTH, HEIGHT = 120, 34
BEGINS_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""
NOW_MS = BEGINS_MS + 70_000
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

STORY = (
    ("smsgateway24", "1-pending.json", 0.0),
    ("smsgateway24", "3-queued.json", 0.4),
    ("smsgateway24", "2-taken-by-phone.json", 1.1),
    ("smsgateway24", "6-sent.json", 2.0),
    ("smsgateway24", "7-delivered.json", 4.2),
    ("smsgateway24", "12-radio-off.json", 9.0),
    ("smsgateway24", "10-no-service.json", 15.5),
    ("smsgateway24", "delivered-with-channel-id.json", 21.0),
    ("webcom", "partly_deliver.json", 23.0),
    ("webcom", "not_deliver.json", 25.0),
    ("webcom", "string-id.json", 26.4),
    ("webcom", "batch.json", 28.0),
    ("webcom", "read.json", 31.0),
    ("webcom", "expired.xml", 33.0),
    ("webcom", "white-label-request.xml", 34.5),
    ("webcom", "viber-then-sms.xml", 36.0),
    ("smso", "vendors-page-status.form", 38.0),
    ("smso", "dispatched.form", 40.0),
    ("smso", "sent.form", 41.0),
    ("smso", "sent.form", 43.0),
    ("smso", "delivered.form", 44.5),
    ("smso", "inbound-reply.form", 58.0),
    ("smso", "malformed/empty.form", 59.0),
)
TEXTS = (
    ("+40722334455", "Codul dvs. este 4711", "codes"),
    ("+4915752982212", "Ihr Paket kommt heute zwischen 14 und 16 Uhr", "orders"),
    ("+447700900123", "Your table is booked for 19:30", "bookings"),
    ("+12025550123", "Your code is 0423", "codes"),
)
_Call = tuple[str, bytes, int]
"""(provider, body, arrival in milliseconds)."""
_DAY_MS = 86_400_000
_A_DAY = 1200
"""Messages of the day that Insight shows."""


def story() -> Iterator[_Call]:
    """Yield the sample payloads at their times."""
    for provider, name, seconds in STORY:
        yield provider, (SAMPLES / provider / name).read_bytes(), BEGINS_MS + int(seconds * 1000)


def day() -> Iterator[_Call]:
    """Yield a day's callbacks: many at noon, few at night, and an hour in which much fails."""
    dice = random.Random(7)  # noqa: S311 - repeatable, nothing secret
    calls: list[_Call] = []
    for number in range(_A_DAY):
        at = NOW_MS - int(_DAY_MS * dice.random())
        if dice.random() > 0.55 - 0.45 * math.cos((at % _DAY_MS) / _DAY_MS * math.tau):
            continue
        is_bad_hour = NOW_MS - 7 * 3_600_000 < at < NOW_MS - 6 * 3_600_000
        is_fine = dice.random() < (0.4 if is_bad_hour else 0.94)
        is_silent = dice.random() < 0.02  # noqa: PLR2004 - a share
        took = int(dice.lognormvariate(8.3, 0.8))
        telephone = dice.choice(("+40722334455", "+40722334455", "+4915752982212", "+447700900123"))
        sent, last = _BODIES[number % len(_BODIES)](number, telephone, is_fine)
        provider = _SENDERS[number % len(_SENDERS)]
        calls.append((provider, sent, at))
        calls += [] if is_silent else [(provider, last, at + took)]
    yield from sorted((call for call in calls if call[2] <= NOW_MS), key=lambda call: call[2])


def _smso(number: int, telephone: str, is_fine: bool) -> tuple[bytes, bytes]:
    def form(status: str) -> bytes:
        fields = {"uuid": f"u{number}", "status": status, "sent_at": "", "delivered_at": ""}
        network = {"receiver[mcc]": "226", "receiver[mnc]": ("01", "03", "10")[number % 3]}
        return urlencode({**fields, "receiver[number]": telephone, **network}).encode()

    return form("sent"), form("delivered" if is_fine else "undelivered")


def _gateway(number: int, telephone: str, is_fine: bool) -> tuple[bytes, bytes]:
    def body(code: int, words: str) -> bytes:
        fields = {"sms_id": number, "status_id": code, "status_message": words, "sendto": telephone}
        return json.dumps({**fields, "senttime": "", "sim": 0, "device_id": 17}).encode()

    return body(6, "Sent"), body(7, "Delivered") if is_fine else body(12, "Not Sent - Radio Off")


def _webcom(number: int, _telephone: str, is_fine: bool) -> tuple[bytes, bytes]:
    def body(state: str) -> bytes:
        return json.dumps([{"id_sms": number, "time": "", "state": state}]).encode()

    return body("send"), body("deliver" if is_fine else ("not_deliver", "expired")[number % 2])


_SENDERS = ("smso", "webcom", "smso", "smsgateway24")
_BODIES: tuple[Callable[[int, str, bool], tuple[bytes, bytes]], ...] = (_smso, _webcom, _smso, _gateway)


async def fill(database: Path, calls: Iterator[_Call]) -> None:
    """Receive the calls into a database, at their times."""
    writer = Writer.open(database)
    try:
        intake = Intake(writer, NumberReader(None), lambda _: None)
        for provider, body, arrived_ms in calls:
            request = WebhookRequest(
                method="POST",
                path=all_providers()[provider].path,
                query="",
                headers=(("Host", "127.0.0.1:7670"),),
                body=body,
                arrived_ms=arrived_ms,
            )
            await intake.receive(all_providers()[provider], request)
    finally:
        writer.close()


def track(database: Path) -> None:
    """Say whom the messages went to, as `smswatch track` would."""
    window = Window(database)
    rows = window.newest(Kind.MESSAGES, 100)
    window.close()
    writer = Writer.open(database)
    registrations = [
        Registration(
            provider=row.provider,
            message_id=str(getattr(row, "message_id", "")),
            number=TEXTS[place % len(TEXTS)][0],
            text=TEXTS[place % len(TEXTS)][1],
            label=TEXTS[place % len(TEXTS)][2],
        )
        for place, row in enumerate(rows)
    ]
    writer.register(registrations).result()
    writer.close()


async def photograph(app: SmsWatchApp, *keys: str) -> str:
    """Press the keys and return the picture."""
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause(0.5)
        await pilot.press(*keys)
        await pilot.pause(1)
        return app.export_screenshot(title="smswatch")


def main() -> None:
    """Make the pictures."""
    os.environ |= {"TZ": "UTC", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    time.tzset()
    PICTURES.mkdir(exist_ok=True)
    for name, calls, keys in (
        ("screenshot", story(), ("enter",)),
        ("insight", day(), ("5", "down", "right")),
    ):
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder, "smswatch.db")
            asyncio.run(fill(database, calls))
            if name == "screenshot":
                track(database)
            app = SmsWatchApp(
                theme="dark",
                database=database,
                providers=provider_facts(),
                listener=lambda: LISTENER,
                filter_context=lambda: FilterContext(now_ms=NOW_MS),
                clock=lambda: NOW_MS,
            )
            (PICTURES / f"{name}.svg").write_text(asyncio.run(photograph(app, *keys)), encoding="utf-8")


if __name__ == "__main__":
    main()

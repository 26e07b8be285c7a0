"""Makes docs/screenshot.svg: the real dashboard over a real database, filled from the sample payloads.

python scripts/screenshot.py
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from smswatch.cli.watch import provider_facts
from smswatch.filters import FilterContext
from smswatch.intake import Intake
from smswatch.model import WebhookRequest
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.store.rows import Kind, Registration
from smswatch.store.window import Window
from smswatch.store.writer import Writer
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.facts import ListenerFacts

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_payloads"
PICTURE = ROOT / "docs" / "screenshot.svg"
WIDTH, HEIGHT = 120, 34
BEGINS_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""
NOW_MS = BEGINS_MS + 70_000
LISTENER = ListenerFacts(
    address="http://127.0.0.1:7670",
    public_url="https://example.ngrok.app",
    key="abcdefghijklmnopqrstuvwxyz",
    old_key_until_s=None,
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


async def fill(database: Path) -> None:
    """Play the story into a database, at its times."""
    writer = Writer.open(database)
    try:
        intake = Intake(writer, NumberReader(None), lambda _: None)
        for provider, name, seconds in STORY:
            path = SAMPLES / provider / name
            request = WebhookRequest(
                method="POST",
                path=all_providers()[provider].path,
                query="",
                headers=(("Host", "127.0.0.1:7670"),),
                body=path.read_bytes(),
                arrived_ms=BEGINS_MS + int(seconds * 1000),
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


async def photograph(app: SmsWatchApp) -> str:
    """Open the detail of the newest message and return the picture."""
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause(0.5)
        return app.export_screenshot(title="smswatch")


def main() -> None:
    """Make the picture."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "smswatch.db")
        asyncio.run(fill(database))
        track(database)
        app = SmsWatchApp(
            database=database,
            providers=provider_facts(),
            listener=lambda: LISTENER,
            filter_context=lambda: FilterContext(now_ms=NOW_MS),
            clock=lambda: NOW_MS,
        )
        picture = asyncio.run(photograph(app))
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()

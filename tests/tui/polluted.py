"""A database into which every vector was written, in every field that a stranger, or who registers messages, can fill."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from vectors import RAW_BODIES, VECTORS, canary

from smswatch.intake import Answer, Intake
from smswatch.model import Kind, Outcome, WebhookRequest
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.store.entry import Entry, Kept, storable
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageDetail, Registration, RequestRow
from smswatch.store.writer import Writer
from smswatch.tui.conversation_view import conversation_page
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.headers_view import headers_page
from smswatch.tui.ink import Page
from smswatch.tui.payload_view import PayloadChoice, payload_page
from smswatch.tui.replies_view import answered_page, inbound_page, replies_page
from smswatch.tui.shown_body import View
from smswatch.tui.timeline_view import timeline_page

NOON_MS = 1_795_176_000_000
DEADLINE_S = 60
_SHORT = 60
"""Characters: what an id or a number may have, at least."""


class Polluted(msgspec.Struct, frozen=True, kw_only=True):
    """The database, and what was said while it was filled."""

    path: Path
    kept: list[tuple[Entry, Kept]]
    answers: list[Answer]
    unreadable: dict[str, bytes]
    """Bodies that cannot be read, by vector, byte for byte."""
    registered: dict[str, str]
    """Texts that were registered, by vector, whole."""


def requests_with(name: str, evil: str) -> Iterator[tuple[str, WebhookRequest]]:
    """Yield (provider, request) with the vector in every field of every format, and around the body."""
    short = evil[:_SHORT]
    as_json = ("Content-Type", "application/json")
    form = ("Content-Type", "application/x-www-form-urlencoded")

    def request(body: bytes, *headers: tuple[str, str], query: str = "") -> WebhookRequest:
        return WebhookRequest(
            method="POST", path="/webhooks/x", query=query, headers=headers, body=body, arrived_ms=NOON_MS
        )

    def fields(**values: str) -> bytes:
        named = {
            key.replace("__", "[") + ("]" if "__" in key else ""): value for key, value in values.items()
        }
        return urlencode(named, errors="surrogatepass").encode()

    def spelled(value: object) -> bytes:
        return json.dumps(value).encode()

    tracked = {"id_sms": f"tracked {name}", "state": "send", "time": evil[:200]}
    channels = {
        "id_sms": f"channels {name}",
        "channels": {short: {"state": evil[:99]}, "sms": {"state": "send"}},
    }
    yield "webcom", request(spelled([{"id_sms": short, "state": evil[:200], "time": evil[:200]}]), as_json)
    yield "webcom", request(spelled([tracked, channels, {"id_sms": [evil]}, {evil: evil}]), as_json)
    as_xml = "".join(one for one in short if one.isprintable()).replace("<", "&lt;").replace("&", "&amp;", 1)
    xml = f"<response><state id_sms='x{name}'>{as_xml}</state><{canary(name)}/></response>"
    yield "webcom", request(xml.encode("utf-8", "replace"), ("Content-Type", short))
    yield (
        "smso",
        request(fields(uuid=short, status="delivered", receiver__number=short, sent_at=evil[:99]), form),
    )
    yield "smso", request(fields(uuid=f"word {name}", status=evil[:200]), form)
    sms = {"sender__number": short, "received_at": evil[:99], "replied_to": short, "sender__mcc": short}
    yield "smso", request(fields(body=evil, **sms), form)
    around = (short, evil[:3000]), ("User-Agent", evil[:300]), ("Content-Type", short)
    yield (
        "smso",
        request(fields(uuid=f"around {name}", status="sent"), *around, query=f"{short}={evil[:300]}"),
    )
    report = {"sms_id": f"r{name}", "status_id": 12, "status_message": evil[:2000], "sendto": short}
    yield "smsgateway24", request(spelled({**report, "device_name": short, "senttime": evil[:99]}), as_json)
    coming = {"address": short, "body": evil[:900], "sms_id": f"i{name}", "device_name": short}
    yield "smsgateway24", request(spelled({**coming, "sim": short, evil[:300]: evil[:300]}), as_json)
    yield "webcom", request(unreadable_with(evil), ("Content-Type", "text/plain"))


def unreadable_with(evil: str) -> bytes:
    """Return a body that no provider can read."""
    return b"{" + evil[:6000].encode("utf-8", "surrogatepass")


def pollute(path: Path) -> Polluted:
    """Fill a database."""
    found = Polluted(path=path, kept=[], answers=[], unreadable={}, registered={})
    writer = Writer.open(path)
    registrations = []
    for name, evil in VECTORS.items():
        found.registered[name] = storable(evil[:2000])
        found.unreadable[name] = unreadable_with(evil)
        registrations.append(
            Registration(
                provider="webcom",
                message_id=f"tracked {name}",
                number=storable(evil[:_SHORT]),
                text=found.registered[name],
                label=storable(evil[:_SHORT]),
            )
        )
    requests = [one for name, evil in VECTORS.items() for one in requests_with(name, evil)]
    for name, body in RAW_BODIES.items():
        found.unreadable[name] = b"{" + canary(name).encode() + body
        raw = WebhookRequest(
            method="POST",
            path="/webhooks/webcom",
            query="",
            headers=(),
            body=found.unreadable[name],
            arrived_ms=NOON_MS,
        )
        requests.append(("webcom", raw))
    intake = Intake(writer, NumberReader("RO"), lambda _: UTC, lambda *kept: found.kept.append(kept))
    providers = all_providers()

    async def receive() -> list[Answer]:
        return await asyncio.gather(*(intake.receive(providers[name], request) for name, request in requests))

    try:
        found.answers.extend(asyncio.run(receive()))
        writer.register(registrations).result(DEADLINE_S)
    finally:
        writer.close()
    return found


async def every_detail(reader: Reader) -> AsyncIterator[MessageDetail]:
    """Read every message whole."""
    for row in await reader.page(Kind.MESSAGES, limit=0):
        detail = await reader.message_detail(row.id)
        assert detail is not None
        yield detail


async def every_page(reader: Reader, display: DisplayOptions, width: int) -> AsyncIterator[Page]:
    """Lay out every page of every row of a database."""
    async for detail in every_detail(reader):
        yield timeline_page(detail, display, width).lines
        yield replies_page(detail.replies, detail.replies_in_all, display, width)
    for sms in await reader.page(Kind.INBOUND, limit=0):
        assert isinstance(sms, InboundRow)
        replied = await reader.find_message(sms.provider, sms.reply_to) if sms.reply_to else None
        yield inbound_page(sms, display, width)
        yield answered_page(sms, replied.message if replied else None, display, width)
        if sms.number is not None:
            talk = await reader.conversation(sms.number, 200)
            yield conversation_page(talk, ("inbound", sms.id), display, width).lines
    for row in await reader.page(Kind.REQUESTS, limit=0):
        request = await reader.request(row.id)
        assert request is not None
        for page in pages_of_request(request, display, width):
            yield page


def pages_of_request(request: RequestRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    """Lay out one request; in every view where its bytes are all there is."""
    yield headers_page(request, display, width)
    for view in View if request.outcome is Outcome.UNREADABLE else (View.PRETTY,):
        yield payload_page(PayloadChoice(request=request, view=view), display, width)

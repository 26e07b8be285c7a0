"""Entries to store, a writer to store them with, and another connection to look at what came of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from smswatch.model import Outcome, Status, WebhookRequest
from smswatch.store.entry import Entry, Kept, KeptInbound, digest_of
from smswatch.store.writer import Writer
from smswatch.summary import KeptReport

NOON_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC."""
DEADLINE_S = 20.0
NUMBER = "+40722334455"


def request(body: bytes = b"{}", arrived_ms: int = NOON_MS, provider: str = "webcom") -> WebhookRequest:
    return WebhookRequest(
        method="POST",
        path=f"/webhooks/{provider}",
        query="",
        headers=(("Content-Type", "application/json"),),
        body=body,
        arrived_ms=arrived_ms,
    )


def report(
    status: Status, occurred_ms: int | None = None, *, arrived_ms: int = NOON_MS, **more: Any
) -> KeptReport:
    """Make a report whose identity is its status and its time."""
    return KeptReport(
        digest=digest_of((status, str(occurred_ms))),
        status=status,
        provider_status=status.value,
        occurred_ms=occurred_ms,
        arrived_ms=arrived_ms,
        **more,
    )


def inbound(body: str, *, arrived_ms: int = NOON_MS, reply_to: str | None = None) -> KeptInbound:
    """Make an inbound SMS whose identity is its body."""
    return KeptInbound(
        digest=digest_of((body,)),
        message_id=None,
        number=NUMBER,
        body=body,
        reply_to=reply_to,
        sent_ms=None,
        sent_raw=None,
        received_ms=None,
        received_raw=None,
        zone=None,
        mcc=None,
        mnc=None,
        device=None,
        sim=None,
        media_url=None,
        arrived_ms=arrived_ms,
    )


def entry(
    *reports: tuple[str, KeptReport],
    provider: str = "webcom",
    body: bytes = b"{}",
    sms: Sequence[KeptInbound] = (),
    arrived_ms: int = NOON_MS,
    outcome: Outcome | None = None,
    problem: str | None = None,
) -> Entry:
    return Entry(
        provider=provider,
        request=request(body, arrived_ms, provider),
        reports=reports,
        inbound=tuple(sms),
        outcome=outcome,
        problem=problem,
        answer_status=400 if outcome is Outcome.UNREADABLE else 200,
    )


def status_entry(message_id: str, status: Status, occurred_ms: int | None = None) -> Entry:
    return entry((message_id, report(status, occurred_ms)))


async def store(writer: Writer, *entries: Entry) -> list[Kept]:
    """Store entries in one round of the loop, so in one commit."""
    async with asyncio.timeout(DEADLINE_S):
        return await asyncio.gather(*[writer.store(one) for one in entries])


async def fates(writer: Writer, *entries: Entry) -> list[Kept | BaseException]:
    """Store entries in one round of the loop; return what became of each, errors included."""
    async with asyncio.timeout(DEADLINE_S):
        return await asyncio.gather(*[writer.store(one) for one in entries], return_exceptions=True)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    writer = Writer.open(path)
    try:
        yield writer
    finally:
        writer.close()


def filled(path: Path, fill: Callable[[Writer], Coroutine[Any, Any, None]]) -> Path:
    """Make a database there, with what `fill` stores; return the path."""
    with writing(path) as writer:
        asyncio.run(fill(writer))
    return path


def look(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the file itself, on a connection of its own."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


def move(path: Path, target: Path) -> None:
    path.rename(target)


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)

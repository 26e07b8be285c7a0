"""Build a database of any size through the real store: every body is read by its provider and kept by the writer.

The same seed gives the same history. Large batches make it quick: thousands of requests wait at a time, and what
waits together shares a commit.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC
from pathlib import Path

from history import Happening, History

from smswatch.intake import Intake
from smswatch.model import WebhookRequest
from smswatch.numbers import NumberReader
from smswatch.provider import Provider
from smswatch.providers import all_providers
from smswatch.store.writer import MAX_WAITING, Writer

TOGETHER = MAX_WAITING // 2
"""Requests handed in at once; while one lot is being written the next is being read."""


def build(database: Path, messages: int, seed: int = 0, *, progress: bool = False) -> None:
    """Make the database; one that is there already is taken as it is. Removes a half-built one."""
    if database.exists():
        return
    unfinished = database.with_name(f"{database.name}.unfinished")
    for path in (unfinished, *(Path(f"{unfinished}{suffix}") for suffix in ("-wal", "-shm", ".lock"))):
        path.unlink(missing_ok=True)
    writer = Writer.open(unfinished)
    try:
        asyncio.run(_fill(writer, History(messages, seed), progress=progress))
    finally:
        writer.close()
    unfinished.rename(database)


async def _fill(writer: Writer, history: History, *, progress: bool) -> None:
    intake = Intake(writer, NumberReader(), lambda _: UTC)
    providers = all_providers()
    happenings = history.happenings()
    begun, done = time.monotonic(), 0
    room = asyncio.Semaphore(2)
    async with asyncio.TaskGroup() as lots:
        while lot := list(itertools.islice(happenings, TOGETHER)):
            await room.acquire()
            hand_in = lots.create_task(_hand_in(writer, intake, providers, lot))
            hand_in.add_done_callback(lambda _: room.release())
            done += len(lot)
            if progress and done // TOGETHER % 50 == 0:
                rate = done / (time.monotonic() - begun)
                sys.stderr.write(f"{done:,} requests, {rate:,.0f} a second\n")


async def _hand_in(
    writer: Writer, intake: Intake, providers: Mapping[str, Provider], lot: Iterable[Happening]
) -> None:
    registrations = [one for happening in lot for one in happening.registrations]
    if registrations:
        writer.register(registrations)
    answers = await asyncio.gather(
        *(intake.receive(providers[happening.provider], _request(happening)) for happening in lot)
    )
    assert all(answer.status == 200 for answer in answers), {answer.status for answer in answers}


def _request(happening: Happening) -> WebhookRequest:
    return WebhookRequest(
        method="POST",
        path=f"/webhooks/{happening.provider}",
        query="",
        headers=(
            ("Host", "sms.example.org"),
            ("User-Agent", f"{happening.provider}-callback/1.4"),
            ("Content-Type", happening.content_type),
            ("Content-Length", str(len(happening.body))),
        ),
        body=happening.body,
        arrived_ms=happening.arrived_ms,
    )


def main() -> int:
    """Build as told on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    begun = time.monotonic()
    build(arguments.database, arguments.messages, arguments.seed, progress=True)
    size = arguments.database.stat().st_size / 1e6
    print(
        f"{arguments.database}: {arguments.messages:,} messages, {size:,.0f} MB, {time.monotonic() - begun:,.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

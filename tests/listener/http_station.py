"""A running listener over a real database, and raw bytes to and from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from smswatch.access_key import Keys
from smswatch.intake import Intake
from smswatch.listener import seam
from smswatch.listener.ports import Address
from smswatch.listener.thread import Limits, Listener
from smswatch.model import Kind
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.settings import Settings
from smswatch.store.reader import Reader
from smswatch.store.rows import MessageRow, RequestRow
from smswatch.store.totals import Totals
from smswatch.store.writer import Writer

KEY = "abcdefghijklmnopqrstuvwxyz"
DEADLINE_S = 30.0


class Station:
    """A running listener over a real database."""

    def __init__(self, address: Address, listener: Listener, settings: Settings, writer: Writer) -> None:
        self.address = address
        self.listener = listener
        self.settings = settings
        self.writer = writer

    @property
    def url(self) -> str:
        return self.address.url

    async def exchange(self, sent: bytes) -> bytes:
        """Send bytes and return everything that comes back until the listener closes."""
        async with self.connection() as (reader, writer):
            writer.write(sent)
            return await everything(reader)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self.address.host, self.address.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def requests(self) -> list[RequestRow]:
        async with await Reader.open(self.settings.database) as reader:
            return [row for row in await reader.page(Kind.REQUESTS, limit=0) if isinstance(row, RequestRow)]

    async def messages(self) -> list[MessageRow]:
        async with await Reader.open(self.settings.database) as reader:
            return [row for row in await reader.page(Kind.MESSAGES, limit=0) if isinstance(row, MessageRow)]

    async def totals(self) -> Totals:
        """Return the totals once everything that was counted is written."""
        await asyncio.to_thread(self.writer.close)
        async with await Reader.open(self.settings.database) as reader:
            return await reader.totals()


def status_of(received: bytes) -> int:
    """Return the status of an answer."""
    assert received.startswith(b"HTTP/"), received
    return int(received.split()[1])


def body_of(received: bytes) -> bytes:
    """Return what stands behind the head of an answer."""
    return received.partition(b"\r\n\r\n")[2]


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Read to the end; a reset is an end, too."""
    received = b""
    async with asyncio.timeout(DEADLINE_S):
        try:
            while part := await reader.read(65536):
                received += part
        except ConnectionError:
            pass
    return received


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer, status and body, from a connection that stays open."""
    async with asyncio.timeout(DEADLINE_S):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        return int(head.split()[1]), await reader.readexactly(length)


def post(
    path: str, body: bytes = b"", *headers: str, host: str = "127.0.0.1:7670", method: str = "POST"
) -> bytes:
    """Write a request with its length, unless a header says how long it is."""
    names = {header.partition(":")[0].lower() for header in headers}
    framing = [] if names & {"content-length", "transfer-encoding"} else [f"Content-Length: {len(body)}"]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *framing, *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def listening(
    folder: Path,
    *,
    limits: Limits | None = None,
    intake: seam.Intake | None = None,
    keys: Callable[[], Keys] | None = None,
    **changes: object,
) -> Iterator[Station]:
    """Run a listener with a database in `folder`, as a person has it who sets nothing but `changes`."""
    settings = msgspec.structs.replace(
        Settings(database=folder / "sms.db", data_directory=folder, port=0), **changes
    )
    writer = Writer.open(settings.database)
    kept = intake or Intake(writer, NumberReader(None), settings.zone)
    listener = Listener(settings, keys or (lambda: Keys(KEY)), all_providers(), kept, limits)
    try:
        yield Station(listener.start(), listener, settings, writer)
    finally:
        listener.stop()
        writer.close()

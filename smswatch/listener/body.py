"""Bodies: read whole, raw, under a deadline and a limit; or drained, after a refusal."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
from aiohttp import web

from smswatch.listener.admission import MAX_BODY, Head, Refusal
from smswatch.listener.guard import Connection

DEADLINE_S = 10.0
MAX_DRAINED = 1024 * 1024
DRAIN_DEADLINE_S = 2.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_BROKEN_OFF = (web.RequestPayloadError, aiohttp.ClientError, ConnectionError)
"""What reading raises when the sender goes, or frames its chunks wrongly."""


class BodyRefusedError(Exception):
    """A body that is not taken, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Bodies:
    """Reads bodies; knows which are still arriving, so that a stop can hurry them."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._arriving: set[asyncio.Timeout] = set()
        self._hurry_until: float | None = None

    async def read(self, request: web.BaseRequest, head: Head) -> bytes:
        """Return the whole body as it came. Raises BodyRefusedError: 413, 408, 400 or, at a stop, 503."""
        content = request.content
        if content.is_eof() and content.exception() is None:
            body = content.read_nowait()
            if len(body) > MAX_BODY:
                raise BodyRefusedError(Refusal.TOO_LARGE)
            return body
        if isinstance(request.protocol, Connection) and request.protocol.is_half_closed:
            raise BodyRefusedError(Refusal.MALFORMED)
        if head.awaits_continue and request.version == aiohttp.HttpVersion11:
            await request.writer.write(_CONTINUE)
            # Else the answer counts as begun, and an error could not be answered any more.
            request.writer.output_size = 0
        try:
            return await self._read_arriving(content)
        except TimeoutError as error:
            hurried = self._hurry_until is not None
            raise BodyRefusedError(Refusal.STOPPING if hurried else Refusal.TOO_SLOW) from error
        except _BROKEN_OFF as error:
            raise BodyRefusedError(Refusal.MALFORMED) from error

    async def _read_arriving(self, content: aiohttp.StreamReader) -> bytes:
        until = asyncio.get_running_loop().time() + self._deadline_s
        timeout = asyncio.timeout_at(min(until, self._hurry_until or until))
        self._arriving.add(timeout)
        body = bytearray()
        try:
            async with timeout:
                while chunk := await content.readany():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise BodyRefusedError(Refusal.TOO_LARGE)
        finally:
            self._arriving.discard(timeout)
        return bytes(body)

    def hurry(self, seconds: float) -> None:
        """Give bodies that are still arriving, and later ones, no more than so long from now."""
        self._hurry_until = until = asyncio.get_running_loop().time() + seconds
        for timeout in self._arriving:
            when = timeout.when()
            if not timeout.expired() and (when is None or when > until):
                timeout.reschedule(until)


async def drain(content: aiohttp.StreamReader) -> None:
    """Take what is left of a refused body, within limits, so that its sender gets to read the answer."""
    drained = 0
    with contextlib.suppress(TimeoutError, *_BROKEN_OFF):
        async with asyncio.timeout(DRAIN_DEADLINE_S):
            while drained < MAX_DRAINED and (chunk := await content.readany()):
                drained += len(chunk)

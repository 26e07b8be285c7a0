"""The connection guard: how many may be open, which go first, and what a broken one is told.

aiohttp closes a connection whose first or next request has not fully begun within the keep-alive time, which
is therefore also the deadline for headers; it has no other limits of its own.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from typing import Any

from aiohttp import web

MAX_CONNECTIONS = 512
KEEPALIVE_S = 15.0
RETRY_AFTER_S = 5
SERVER_NAME = "smswatch"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """One connection, which says in one line and no more that something went wrong."""

    __slots__ = ("is_half_closed",)

    def __init__(self, server: web.Server, *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(server, loop=loop, **options)
        self.is_half_closed = False
        """The sender will send nothing more, but may read."""

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio lets it say that the answer still goes out
        """Answer a sender that closed its half of the connection after a whole request; aiohttp would not.

        It relies on three private names of aiohttp's; the tests fail without them.
        """
        is_idle = not self._request_count or (self._waiter is not None and not self._waiter.done())
        request = self._current_request
        if is_idle or (request is not None and not request.content.is_eof()):
            return False
        self.is_half_closed = True
        self.close()
        return True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature; the message echoes what came
    ) -> web.StreamResponse:
        """Answer 400 to what is not HTTP, and 503 to what went wrong here: never a 500, never an echo."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun; no other can follow")
        if status < web.HTTPInternalServerError.status_code:
            response = plain(400, "this is not a valid HTTP request")
        else:
            self.log_exception("a request could not be handled", exc_info=exc)
            response = plain(503, "the request could not be kept; send it again later", RETRY_AFTER_S)
        response.force_close()
        return response


def plain(status: int, line: str = "", retry_after: int | None = None) -> web.Response:
    """Make an answer of one line of text, or of none."""
    headers = {"Server": SERVER_NAME}
    if line:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.Response(status=status, body=f"{line}\n".encode() if line else b"", headers=headers)


class GuardedServer(web.Server):
    """aiohttp's low-level server with a cap on connections, which knows the idle from the busy ones.

    A connection is busy while it is in `in_flight`; whoever handles a request puts it there.
    """

    def __init__(
        self, handler: Handler, *, max_connections: int = MAX_CONNECTIONS, keepalive_s: float = KEEPALIVE_S
    ) -> None:
        super().__init__(handler)
        self._max_connections = max_connections
        self._options: dict[str, Any] = {
            "keepalive_timeout": keepalive_s,
            "access_log": None,
            "auto_decompress": False,
            # What is left of a refused body was drained by its handler.
            "lingering_time": 0,
        }
        self._transports: dict[web.RequestHandler, asyncio.Transport] = {}
        self._unread: set[web.RequestHandler] = set()
        self.in_flight: set[web.RequestHandler] = set()

    def __call__(self) -> Connection:
        """Make the protocol of a new connection."""
        return Connection(self, loop=asyncio.get_running_loop(), **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Make room for a new connection: the oldest idle one goes, or, if none is idle, the new one."""
        super().connection_made(handler, transport)
        if len(self._transports) >= self._max_connections:
            oldest_idle = next((one for one in self._transports if one not in self.in_flight), None)
            if oldest_idle is None:
                transport.abort()
                return
            self._transports.pop(oldest_idle).abort()
        self._transports[handler] = transport

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        super().connection_lost(handler, exc)
        self._transports.pop(handler, None)
        self._unread.discard(handler)

    def abort_unread(self) -> None:
        """Abort connections that left their answers unread now and at the last call."""
        unread = {one for one, transport in self._transports.items() if transport.get_write_buffer_size()}
        for one in unread & self._unread:
            self._transports[one].abort()
        self._unread = unread

    def close_idle(self, idle_before: AbstractSet[web.RequestHandler]) -> AbstractSet[web.RequestHandler]:
        """Close what is idle now and was so before; return what is idle now."""
        idle = self._transports.keys() - self.in_flight
        for one in idle & idle_before:
            one.force_close()
        return idle

    @property
    def is_empty(self) -> bool:
        """Nobody is connected."""
        return not self._transports


def is_local(transport: asyncio.BaseTransport | None) -> bool:
    """Tell whether a connection began on this machine: over loopback, or between one address and itself."""
    if transport is None:
        return False
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    try:
        address = ipaddress.ip_address(peer[0].partition("%")[0])
    except (TypeError, IndexError, ValueError):
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or peer[0] == own[0]

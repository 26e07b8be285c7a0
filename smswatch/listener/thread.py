"""The listener's thread: its own asyncio loop, so that no screen can keep a callback waiting."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import resource
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec
from aiohttp import web

from smswatch.access_key import Keys
from smswatch.errors import ListenError
from smswatch.listener import library_log
from smswatch.listener.body import DEADLINE_S, Bodies
from smswatch.listener.endpoint import Endpoint
from smswatch.listener.guard import KEEPALIVE_S, MAX_CONNECTIONS, GuardedServer
from smswatch.listener.ports import BACKLOG, Address, address_of, bind
from smswatch.listener.seam import Intake
from smswatch.provider import Provider
from smswatch.settings import Settings

LOG = logging.getLogger(__name__)

_LOOK_EVERY_S = 5.0
_BODIES_GET_S = 2.0
_REQUESTS_GET_S = 4.0
_LAST_MOMENT_S = 0.2
_STOP_TAKES_AT_MOST_S = 6.0
_DESCRIPTORS_FOR_OTHERS = 160
"""Files that the database, the log, the terminal and the next guests need beside the connections."""


class Limits(msgspec.Struct, frozen=True):
    """What a connection may take."""

    connections: int = MAX_CONNECTIONS
    header_s: float = KEEPALIVE_S
    """Until the first or the next request has fully begun."""
    body_s: float = DEADLINE_S


class Listener:
    """Serves the intake port until it is stopped. Started once."""

    def __init__(
        self,
        settings: Settings,
        keys: Callable[[], Keys],
        providers: Mapping[str, Provider],
        intake: Intake,
        limits: Limits | None = None,
        *,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        """Set up; nothing runs before `start`. `sockets` are bound already, and closed with the listener."""
        self._sockets = sockets
        self._settings = settings
        self._keys = keys
        self._providers = providers
        self._intake = intake
        self._limits = limits or Limits()
        self._thread = threading.Thread(target=self._run, name="smswatch-listener")
        self._bound: Future[Address] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def start(self) -> Address:
        """Return the bound address once requests are accepted. Raises ListenError."""
        self._thread.start()
        try:
            return self._bound.result()
        except ListenError:
            self._thread.join()
            raise

    def stop(self) -> None:
        """Stop accepting, finish what was received, return within six seconds. Safe to call twice."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                # The loop has ended already.
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_STOP_TAKES_AT_MOST_S)

    @property
    def is_running(self) -> bool:
        """Requests are being accepted, or a stop is under way."""
        return self._thread.is_alive()

    def _run(self) -> None:
        log = library_log.send_to_file(self._settings.data_directory, self._keys)
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._bound.done():
                LOG.exception("the listener ended")
            else:
                self._bound.set_exception(error)
        finally:
            library_log.stop(log)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_from_loop)
        bodies = Bodies(self._limits.body_s)
        endpoint = Endpoint(
            self._providers,
            self._keys,
            self._intake,
            bodies,
            open_to_all=self._settings.open,
            only_loopback=_is_loopback(self._settings.host),
            public_url=self._settings.public_url,
        )

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            protocol = request.protocol
            server.in_flight.add(protocol)
            try:
                return await endpoint.answer(request)
            finally:
                server.in_flight.discard(protocol)

        server = GuardedServer(
            handle, max_connections=_affordable(self._limits.connections), keepalive_s=self._limits.header_s
        )
        bound = self._sockets or bind(self._settings.host, self._settings.port)
        sites = [await loop.create_server(server, sock=one, backlog=BACKLOG) for one in bound]
        self._loop = loop
        self._bound.set_result(address_of(bound[0]))
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._stop.wait()
            server.abort_unread()
        await _wind_down(sites, server, bodies)


async def _wind_down(sites: Sequence[asyncio.Server], server: GuardedServer, bodies: Bodies) -> None:
    """Finish and answer what was received; hurry the bodies that still arrive; then close."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _REQUESTS_GET_S
    # Connections that wait in the backlog are accepted in the loop's next round.
    await asyncio.sleep(0)
    for site in sites:
        site.close()
    bodies.hurry(_BODIES_GET_S)
    idle = server.close_idle(frozenset())
    while not server.is_empty and loop.time() < until:
        await asyncio.sleep(0.02)
        idle = server.close_idle(idle)
    await server.shutdown(_LAST_MOMENT_S)


def _affordable(connections: int) -> int:
    """Raise the limit of open files as needed and allowed; return how many connections fit."""
    wanted = connections + _DESCRIPTORS_FOR_OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return max(1, min(connections, soft - _DESCRIPTORS_FOR_OTHERS))
    return connections


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _log_from_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG001 - asyncio's signature
    LOG.error("%s", context.get("message", "error in the loop"), exc_info=context.get("exception"))

"""The endpoint: one HTTP request in, one answer out; everything that is refused is refused here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping

from aiohttp import HttpVersion10, HttpVersion11, web

from smswatch.access_key import STANDS_HERE, Keys
from smswatch.listener import admission
from smswatch.listener.admission import ANSWERS, Head, Refusal
from smswatch.listener.body import Bodies, BodyRefusedError, drain
from smswatch.listener.guard import RETRY_AFTER_S, is_local, plain
from smswatch.listener.limits import TokenBucket
from smswatch.listener.routing import Route, Routes
from smswatch.listener.seam import Intake
from smswatch.listener.whole_answer import WholeAnswer
from smswatch.model import WebhookRequest
from smswatch.provider import Provider
from smswatch.settings import YOUR_TUNNEL

_LINES: dict[Refusal, str] = {
    Refusal.FROM_BROWSER: "browser pages may not post here",
    Refusal.METHOD: "send a POST",
    Refusal.ENCODING: "send the body without a Content-Encoding",
    Refusal.TOO_LARGE: f"the body is larger than {admission.MAX_BODY // 1024} KiB",
    Refusal.TOO_SLOW: "the body took too long to arrive",
    Refusal.RATE_LIMITED: "too many bad requests",
    Refusal.MALFORMED: "this is not a valid HTTP request",
    Refusal.STOPPING: "smswatch is stopping",
}
"""One line each; a 404 has none, so that a wrong path and a wrong key look alike."""
_NOTHING_FOLLOWS = {Refusal.MALFORMED, Refusal.TOO_SLOW, Refusal.STOPPING}
"""After these nobody waits for the rest of the body: it was waited for, or cannot be told from noise."""
_ALLOWED = "POST, GET, HEAD"


class Endpoint:
    """Answers the requests of one listener."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        keys: Callable[[], Keys],
        intake: Intake,
        bodies: Bodies,
        *,
        open_to_all: bool,
        only_loopback: bool,
        public_url: str | None,
    ) -> None:
        """Set up the paths; `only_loopback` says that no other machine can connect."""
        self._routes = Routes(providers, keys)
        self._keys = keys
        self._intake = intake
        self._bodies = bodies
        self._open = open_to_all
        self._only_loopback = only_loopback
        self._public_url = public_url or YOUR_TUNNEL
        self._wrong_keys = TokenBucket()
        self._unreadable = TokenBucket()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request. What it raises is answered 503 by the connection."""
        if request.version not in (HttpVersion11, HttpVersion10):
            return await self._refuse(request, Refusal.MALFORMED)
        head = admission.read_head(request.raw_headers)
        if head.host is None:
            return await self._refuse(request, Refusal.MALFORMED)
        route = self._routes.find(request.raw_path)
        peer_is_local = self._only_loopback or is_local(request.transport)
        through_tunnel = not admission.is_from_this_machine(head, peer_is_local=peer_is_local)
        nowhere = admission.refuse_route(route, through_tunnel=through_tunnel, open_to_all=self._open)
        if nowhere is not None or route.provider is None:
            return await self._refuse_route(request, route, nowhere or Refusal.UNKNOWN_PATH, through_tunnel)
        return await self._answer_provider(request, head, route, route.provider, through_tunnel)

    async def _answer_provider(
        self, request: web.BaseRequest, head: Head, route: Route, provider: Provider, through_tunnel: bool
    ) -> web.StreamResponse:
        query = request.raw_path.partition("?")[2]
        refusal = admission.refuse_request(
            head, request.method, query=bool(query), delivers_by_query=provider.delivers_by_query
        )
        if refusal is not None:
            return await self._refuse(request, refusal, provider.name)
        if admission.is_probe(request.method, query=bool(query)):
            return await _send_and_drain(request, plain(200))
        try:
            body = await self._bodies.read(request, head)
        except BodyRefusedError as error:
            return await self._refuse(request, error.refusal, provider.name)
        hide = self._keys().hide
        # Tunnels and proxies repeat the path in headers of their own, also where they have cut the key out of it.
        received = WebhookRequest(
            method=request.method,
            path=provider.path,
            query=hide(query),
            headers=tuple([(name, hide(value)) for name, value in head.headers]),
            body=body,
            arrived_ms=time.time_ns() // 1_000_000,
        )
        if route.old_key_until_s is not None:
            self._intake.count_old_key(provider, route.old_key_until_s)
        limit = self._may_be_unreadable if through_tunnel else None
        return WholeAnswer(await self._intake.receive(provider, received, limit))

    def _may_be_unreadable(self) -> bool:
        return self._unreadable.take(asyncio.get_running_loop().time()) == 0

    async def _refuse_route(
        self, request: web.BaseRequest, route: Route, refusal: Refusal, through_tunnel: bool
    ) -> web.StreamResponse:
        if refusal is Refusal.WITHOUT_KEY and route.provider is not None:
            self._intake.note_refused(
                route.provider,
                f"it came through a tunnel without the access key; use {self._public_url}/{STANDS_HERE}"
                f"{route.provider.path}, which `smswatch urls` prints with the key in place",
            )
            return await _send_and_drain(request, plain(ANSWERS[refusal]))
        if refusal is Refusal.WRONG_KEY and through_tunnel:
            wait = self._wrong_keys.take(asyncio.get_running_loop().time())
            if wait:
                return await self._refuse(request, Refusal.RATE_LIMITED, retry_after=wait)
        return await self._refuse(request, refusal)

    async def _refuse(
        self,
        request: web.BaseRequest,
        refusal: Refusal,
        provider: str = "",
        *,
        retry_after: int | None = None,
    ) -> web.StreamResponse:
        status = ANSWERS[refusal]
        self._intake.count(provider, status)
        if refusal is Refusal.STOPPING:
            retry_after = RETRY_AFTER_S
        response = plain(status, _LINES.get(refusal, ""), retry_after)
        if refusal is Refusal.METHOD:
            response.headers["Allow"] = _ALLOWED
        if refusal in _NOTHING_FOLLOWS:
            response.force_close()
            return response
        return await _send_and_drain(request, response)


async def _send_and_drain(request: web.BaseRequest, response: web.Response) -> web.Response:
    """Return an answer that did not wait for the body; if one is still arriving, send it at once and close."""
    if request.content.is_eof():
        return response
    response.force_close()
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
        await drain(request.content)
    return response

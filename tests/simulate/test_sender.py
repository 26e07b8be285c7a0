from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from smswatch.simulate.events import Callback, Event, Scene, Sent
from smswatch.simulate.scenarios import traffic
from smswatch.simulate.sender import ATTEMPTS, Sender
from smswatch.simulate.webcom import State, json_batch, xml_batch

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATES = [State(3234, "", "send"), State(3235, "", "send")]

Answer = Callable[[str, bytes, int], Awaitable[web.Response] | web.Response]
"""From path, body and the number of requests before this one."""


@asynccontextmanager
async def listening(answer: Answer) -> AsyncGenerator[tuple[str, list[bytes]]]:
    """Yield the URL of a server that answers so, and the bodies it has received."""
    received: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        received.append(body)
        answered = answer(request.path, body, len(received) - 1)
        return answered if isinstance(answered, web.Response) else await answered

    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", received
    finally:
        await runner.cleanup()


def scene() -> Scene:
    return Scene(rng=random.Random(1), begins=NOW, zone=UTC, serial=0)  # noqa: S311 - dice


def no_announcement(sent: Sent) -> None:
    raise AssertionError(sent)


def sender(url: str) -> Sender:
    return Sender(url, no_announcement, now=lambda: NOW, retry_s=0)


def acknowledging(*ids: int) -> web.Response:
    return web.json_response([{"id_sms": each} for each in ids])


async def test_webcom_is_content_when_every_id_is_named() -> None:
    async with listening(lambda *_: acknowledging(3235, 3234)) as (url, received):
        traffic = await sender(url).play([json_batch(scene(), 0, STATES)])

    assert len(received) == 1
    assert (traffic.posted, traffic.repeated, traffic.given_up) == (1, 0, 0)


async def test_webcom_sends_again_only_what_was_not_named() -> None:
    def answer(_path: str, _body: bytes, before: int) -> web.Response:
        return acknowledging(3235) if before == 0 else acknowledging(3234)

    async with listening(answer) as (url, received):
        await sender(url).play([json_batch(scene(), 0, STATES)])

    assert [[each["id_sms"] for each in json.loads(body)] for body in received] == [[3234, 3235], [3234]]


async def test_webcom_xml_sends_again_only_what_was_not_named() -> None:
    def answer(_path: str, _body: bytes, before: int) -> web.Response:
        ids = b"<id_sms>3234</id_sms>" if before == 0 else b"<id_sms>3235</id_sms>"
        return web.Response(body=b"<response>" + ids + b"</response>", content_type="text/xml")

    async with listening(answer) as (url, received):
        await sender(url).play([xml_batch(scene(), 0, STATES)])

    assert [(b"3234" in body, b"3235" in body) for body in received] == [(True, True), (False, True)]


async def test_webcom_gives_up_after_five_attempts() -> None:
    async with listening(lambda *_: web.Response(text="ok")) as (url, received):
        traffic = await sender(url).play([json_batch(scene(), 0, STATES)])

    assert len(received) == ATTEMPTS
    assert traffic.given_up == 1


async def test_an_answer_lost_on_the_way_back_makes_a_repeat() -> None:
    async with listening(lambda *_: acknowledging(3234, 3235)) as (url, received):
        await sender(url).play([json_batch(scene(), 0, STATES, lost_answers=2)])

    assert len(received) == 3
    assert len(set(received)) == 1


async def test_a_listener_that_cannot_store_is_asked_again_after_its_retry_after() -> None:
    def answer(_path: str, _body: bytes, before: int) -> web.Response:
        if before == 0:
            return web.Response(status=503, headers={"Retry-After": "0"})
        return acknowledging(3234, 3235)

    async with listening(answer) as (url, received):
        traffic = await sender(url).play([json_batch(scene(), 0, STATES)])

    assert len(received) == 2
    assert traffic.answers == {503: 1, 200: 1}


async def test_a_body_that_is_refused_is_not_sent_again() -> None:
    body = Callback(due=NOW, provider="webcom", body=b"{", content_type="application/json")
    async with listening(lambda *_: web.Response(status=400)) as (url, received):
        traffic = await sender(url).play([body])

    assert len(received) == 1
    assert traffic.answers == {400: 1}


async def test_a_listener_that_is_gone_is_tried_five_times() -> None:
    async with listening(lambda *_: web.Response()) as (url, _):
        pass
    traffic = await sender(url).play([json_batch(scene(), 0, STATES)])

    assert (traffic.posted, traffic.given_up, traffic.answers) == (5, 1, {})


async def test_messages_are_announced_before_callbacks_and_all_keep_their_order() -> None:
    happened: list[str] = []

    def answer(path: str, _body: bytes, _before: int) -> web.Response:
        happened.append(path)
        return acknowledging(3234, 3235)

    events: list[Event] = [
        Sent(due=NOW, provider="webcom", message_id="3234", number="+40722334455", text="Hi"),
        json_batch(scene(), 0, STATES),
        Callback(due=NOW, provider="smso", body=b"", content_type=""),
    ]
    async with listening(answer) as (url, _):
        playing = Sender(url, lambda sent: happened.append(sent.message_id), now=lambda: NOW)
        await playing.play(events)

    assert happened == ["3234", "/webhooks/webcom", "/webhooks/smso"]


async def test_it_stops_at_once_while_it_waits_for_what_is_due_later() -> None:
    stop = asyncio.Event()
    later = json_batch(scene(), 3600, STATES)

    async def stop_at_first(_body: bytes) -> web.Response:
        stop.set()
        return acknowledging()  # so that a repeat waits as well

    async with listening(lambda _path, body, _before: stop_at_first(body)) as (url, received):
        playing = Sender(url, no_announcement, now=lambda: NOW, retry_s=3600)
        async with asyncio.timeout(5):
            await playing.play([json_batch(scene(), 0, STATES), later], stop)

    assert len(received) == 1


async def test_what_is_overdue_goes_out_at_once() -> None:
    async with listening(lambda *_: acknowledging(3234, 3235)) as (url, received):
        playing = Sender(url, lambda _: None, retry_s=0)
        stop = asyncio.Event()
        started = datetime.now(UTC)
        past = traffic(1, started - timedelta(minutes=5), rate=0.5, zone=UTC)
        overdue = [event for event, _ in zip(past, range(300), strict=False) if event.due < started]
        async with asyncio.timeout(10):
            await playing.play(overdue, stop)

    assert len(received) >= sum(isinstance(event, Callback) for event in overdue)

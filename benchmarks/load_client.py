"""A load generator in plain Python that is not the bottleneck: raw sockets, one selector, no parser.

It runs in a process of its own (and shares the machine's cores with the server it drives). Each
connection keeps one request in flight and sends the next when the answer is complete. The same client,
with the same bytes, drives every server that is compared.

The mix: lives of messages of three formats in turn, Webcom JSON (`send`, `deliver`), SMSO (`sent`,
`delivered`) and SmsGateWay24 (1, 3, 2, 6, 7), so one request in three brings a new message and two bring a
further report of a known one. Each connection has sixteen lives open and walks through them in turn, so
a follow-up comes some sixteen requests after the one before it. No id is used twice.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Message: TypeAlias = tuple[str, str]
"""Provider and message id."""

OPEN_LIVES = 16
_RECEIVE = 65536
_FORM = b"application/x-www-form-urlencoded"
_JSON = b"application/json"


@dataclass
class Result:
    """What one run of the load generator saw."""

    seconds: float
    latencies_us: array[int]
    """One for each answer 200."""
    acknowledged: dict[Message, int]
    """How many reports of each message were answered 200."""
    refused: dict[int, int] = field(default_factory=dict[int, int])
    """Other answers, by status."""
    lost_connections: int = 0
    unanswered: list[tuple[Message, bytes]] = field(default_factory=list[tuple[Message, bytes]])
    """What was sent on connections that were cut before its answer: a provider sends it again."""

    @property
    def rate(self) -> float:
        """Answers 200 in a second."""
        return len(self.latencies_us) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Return the latency that this share of the answers stayed below."""
        ranked = sorted(self.latencies_us)
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))] / 1000 if ranked else float("nan")


def _request(path: str, content_type: bytes, body: bytes) -> bytes:
    return (
        b"POST /webhooks/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
    ) % (path.encode(), content_type, len(body), body)


def _webcom(number: int) -> list[bytes]:
    times = ((b"send", b""), (b"deliver", b"2026-11-20 12:00:04"))
    return [
        _request("webcom", _JSON, b'[{"id_sms":%d,"time":"%s","state":"%s"}]' % (number, when, state))
        for state, when in times
    ]


def _smso(number: int) -> list[bytes]:
    form = (
        b"uuid=%s&status=%s&sent_at=2026-11-20+12%%3A00%%3A01&delivered_at=%s"
        b"&receiver%%5Bnumber%%5D=%%2B40722%06d&receiver%%5Bmcc%%5D=226&receiver%%5Bmnc%%5D=03"
    )
    uuid, ending = smso_id(number).encode(), number % 1_000_000
    return [
        _request("smso", _FORM, form % (uuid, b"sent", b"", ending)),
        _request("smso", _FORM, form % (uuid, b"delivered", b"2026-11-20+12%3A00%3A04", ending)),
    ]


def smso_id(number: int) -> str:
    """Spell a running number as SMSO spells ids."""
    return f"8a5d2f89-90a1-4b65-b2cb-{number:012d}"


def _smsgateway24(number: int) -> list[bytes]:
    text = (
        b'{"sms_id":%d,"status_id":%d,"status_message":"","sendto":"+447700900%03d",'
        b'"senttime":"2026-11-20 12:00:0%d","sim":0,"device_id":10403}'
    )
    return [
        _request("smsgateway24", _JSON, text % (number, code, number % 1000, second))
        for second, code in enumerate((1, 3, 2, 6, 7))
    ]


def _lives(first: int, step: int) -> Iterator[tuple[Message, list[bytes]]]:
    number = first
    while True:
        yield ("webcom", str(number)), _webcom(number)
        yield ("smso", smso_id(number)), _smso(number)
        yield ("smsgateway24", str(number)), _smsgateway24(number)
        number += step


def requests(first: int, step: int) -> Iterator[tuple[Message, bytes]]:
    """Yield the mix without end: the message that a request tells of, and the whole request."""
    lives = _lives(first, step)
    opened = [(message, iter(reports)) for message, reports in (next(lives) for _ in range(OPEN_LIVES))]
    while True:
        for place, (message, reports) in enumerate(opened):
            report = next(reports, None)
            if report is None:
                fresh, following = next(lives)
                opened[place] = (fresh, iter(following[1:]))
                yield fresh, following[0]
            else:
                yield message, report


class _Connection:
    """One keep-alive connection with one request in flight."""

    __slots__ = ("answer", "message", "request", "requests", "sent_ns", "socket")

    def __init__(self, port: int, first: int, step: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = requests(first, step)
        self.answer = b""
        self.message: Message = ("", "")
        self.request = b""
        self.sent_ns = 0

    def send_next(self) -> None:
        """Send the next request; the socket's buffer is empty, so it takes all of it."""
        self.message, self.request = next(self.requests)
        self.answer = b""
        self.sent_ns = time.perf_counter_ns()
        self.socket.sendall(self.request)

    def receive(self) -> int | None:
        """Return the status of the answer, once it is complete; ConnectionError if there is no more."""
        data = self.socket.recv(_RECEIVE)
        if not data:
            raise ConnectionResetError
        answer = self.answer = self.answer + data if self.answer else data
        end = answer.find(b"\r\n\r\n")
        if end < 0:
            return None
        start = answer.lower().find(b"\r\ncontent-length:", 0, end)
        if start >= 0:
            stop = answer.find(b"\r\n", start + 17)
            if len(answer) < end + 4 + int(answer[start + 17 : stop]):
                return None
        return int(answer[9:12])


def drive(port: int, connections: int, seconds: float, first_id: int) -> Result:
    """Drive a server for so long, then wait for the answers still out.

    Ids start at `first_id`. A connection that the server closes is not opened again.
    """
    selector = selectors.DefaultSelector()
    result = Result(seconds, array("L"), {})
    clients = [_Connection(port, first_id + place, connections) for place in range(connections)]
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
    started = time.perf_counter()
    deadline = started + seconds
    for client in clients:
        client.send_next()
    outstanding = connections
    while outstanding:
        ready = selector.select(15)
        if not ready:
            raise TimeoutError("no answer for fifteen seconds")
        going_on = time.perf_counter() < deadline
        for key, _ in ready:
            if not _take(key.data, result, going_on=going_on):
                selector.unregister(key.fileobj)
                outstanding -= 1
    result.seconds = time.perf_counter() - started
    for client in clients:
        client.socket.close()
    selector.close()
    return result


def drive_at(port: int, rate: float, connections: int, seconds: float, first_id: int) -> Result:
    """Send so many requests a second, evenly, whatever the answers do; late ones are sent as soon as possible."""
    selector = selectors.DefaultSelector()
    result = Result(seconds, array("L"), {})
    idle = [_Connection(port, first_id + place, connections) for place in range(connections)]
    started = time.perf_counter()
    sent = outstanding = 0
    while True:
        now = time.perf_counter() - started
        while idle and now < seconds and sent < now * rate:
            client = idle.pop()
            client.send_next()
            selector.register(client.socket, selectors.EVENT_READ, client)
            sent, outstanding = sent + 1, outstanding + 1
        if now >= seconds and not outstanding:
            break
        for key, _ in selector.select(max(0.0005, (sent + 1) / rate - now) if idle else 15):
            client = key.data
            try:
                status = client.receive()
            except ConnectionError:
                result.lost_connections += 1
                status = 0
            if status is None:
                continue
            selector.unregister(client.socket)
            outstanding -= 1
            if status == 200:
                result.latencies_us.append((time.perf_counter_ns() - client.sent_ns) // 1000)
                result.acknowledged[client.message] = result.acknowledged.get(client.message, 0) + 1
            elif status:
                result.refused[status] = result.refused.get(status, 0) + 1
            if status:
                idle.append(client)
    result.seconds = time.perf_counter() - started
    selector.close()
    return result


def _take(client: _Connection, result: Result, *, going_on: bool) -> bool:
    """Take what has come on a connection; False once nothing more is to be expected from it."""
    try:
        status = client.receive()
        if status is None:
            return True
        if status == 200:
            result.latencies_us.append((time.perf_counter_ns() - client.sent_ns) // 1000)
            result.acknowledged[client.message] = result.acknowledged.get(client.message, 0) + 1
        else:
            result.refused[status] = result.refused.get(status, 0) + 1
        if going_on:
            client.send_next()
    except ConnectionError:
        result.lost_connections += 1
        result.unanswered.append((client.message, client.request))
        return False
    return going_on


def main() -> None:
    """Drive a server as told on the command line and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--first-id", type=int, default=3_000_000_000)
    parser.add_argument(
        "--rate", type=float, default=None, help="requests a second; without it as many as go"
    )
    arguments = parser.parse_args()
    how_many, first_id = (arguments.connections, arguments.seconds), arguments.first_id
    if arguments.rate is None:
        result = drive(arguments.port, *how_many, first_id)
    else:
        result = drive_at(arguments.port, arguments.rate, *how_many, first_id)
    json.dump(
        {
            "seconds": result.seconds,
            "latencies_us": result.latencies_us.tolist(),
            "acknowledged": [
                [provider, id_, reports] for (provider, id_), reports in result.acknowledged.items()
            ],
            "refused": result.refused,
            "lost_connections": result.lost_connections,
            "unanswered": [
                [provider, id_, request.decode("latin-1")] for (provider, id_), request in result.unanswered
            ],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()

"""A dashboard with its listener in a pseudo-terminal, and a provider that remembers what it was promised."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import servers
from load_client import Message
from terminal import Terminal

from faults.screen import Screen

ANSWER_S = 40.0
SCREEN_S = 30.0
BANNER = "Nothing is kept"


@dataclass(frozen=True)
class Answer:
    """What a provider is told."""

    status: int
    retry_after: str | None


@dataclass
class Station:
    """`watch` on one database. Each report is of a message of its own."""

    database: Path
    port: int
    terminal: Terminal
    screen: Screen
    promised: Counter[Message] = field(default_factory=Counter[Message])
    _next_id: int = 1

    def report(self, message_id: int | None = None, *, padding: int = 0) -> Answer:
        """Send one report, of a new message or, again, of this one; remember what a 200 promises."""
        if message_id is None:
            message_id, self._next_id = self._next_id, self._next_id + 1
        answer = post(self.port, message_id, padding=padding)
        if answer.status == 200:
            self.promised["webcom", str(message_id)] += 1
        return answer

    @property
    def last_id(self) -> int:
        """The message that was reported last."""
        return self._next_id - 1

    def says(self, words: str) -> bool:
        """Tell whether the screen shows these words, sooner or later."""
        return self.screen.comes_to(lambda seen: words in seen, SCREEN_S)

    def is_silent(self) -> bool:
        """Tell whether the banner of trouble goes, sooner or later."""
        return self.screen.comes_to(lambda seen: BANNER not in seen, SCREEN_S)


def post(port: int, message_id: int, *, padding: int = 0) -> Answer:
    """Send one report of Webcom's; status 0 if the connection was closed without an answer."""
    report = {"id_sms": message_id, "time": "2026-11-20 12:00:04", "state": "deliver", "x": "x" * padding}
    body = json.dumps([report]).encode()
    head = (
        "POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
        try:
            connection.sendall(head.encode() + body)
            while part := connection.recv(65536):
                answer += part
        except ConnectionError:
            pass
    if not answer.startswith(b"HTTP/1.1 "):
        return Answer(0, None)
    lines = answer.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1 : lines.index("")])
    return Answer(int(lines[0].split()[1]), fields.get("retry-after"))


@contextmanager
def station(
    home: Path, *, database: Path | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Station]:
    """Run it until the end of the block; it has answered its first report."""
    home.mkdir(parents=True, exist_ok=True)
    database = database or home / "station" / "station.db"
    port = servers.free_port()
    command = [*servers.SERVE, "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, {**servers.environment(home), **(more or {})}) as terminal:
        terminal.wait_for(b"Messages", 0, SCREEN_S)
        running = Station(database, port, terminal, Screen(terminal))
        if running.report().status != 200:
            raise RuntimeError("the first report was not acknowledged")
        yield running

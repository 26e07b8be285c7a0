"""Senders that hold connections and give little: run as a process of its own, until its standard input ends.

python slow_senders.py heads|bodies|chunks|held PORT COUNT

It says `ready` once all are connected. A connection that the listener closes is opened again.
"""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import sys
import time

_HEAD = b"POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BEGINNING = {
    "heads": _HEAD,
    "bodies": _HEAD + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n[",
    "chunks": _HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    "held": b"",
}
DROP = {"heads": b"X-Drop: x\r\n", "bodies": b" ", "chunks": b"40\r\n" + b" " * 64 + b"\r\n", "held": b""}
_ROUND_S = 0.2
_OF_EACH_ROUND = 10
"""One in so many sends something in a round."""


def _opened(port: int, beginning: bytes) -> socket.socket | None:
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall(beginning)
    except OSError:
        return None
    connection.setblocking(False)
    return connection


def _is_alive(connection: socket.socket | None, drop: bytes) -> bool:
    if connection is None:
        return False
    try:
        if drop:
            connection.send(drop)
        return connection.recv(65536) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def main() -> None:
    """Hold as many connections as told."""
    kind, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    connections = [_opened(port, BEGINNING[kind]) for _ in range(count)]
    print("ready", flush=True)
    for turn in itertools.count():
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        for place in range(turn % _OF_EACH_ROUND, count, _OF_EACH_ROUND):
            connection = connections[place]
            if not _is_alive(connection, DROP[kind]):
                if connection is not None:
                    with contextlib.suppress(OSError):
                        connection.close()
                connections[place] = _opened(port, BEGINNING[kind])
        time.sleep(_ROUND_S)


if __name__ == "__main__":
    main()

"""A request of which one half has arrived."""

from __future__ import annotations

import socket

ANSWER_S = 30.0


class HalfRequest:
    """Sends the head and half of the body of a report when it is made, the rest when it is told to."""

    def __init__(self, port: int, message_id: int) -> None:
        body = f'[{{"id_sms":{message_id},"time":"2026-11-20 12:00:04","state":"deliver"}}]'.encode()
        head = (
            "POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S)
        self._socket.sendall(head.encode() + body[: len(body) // 2])
        self._rest = body[len(body) // 2 :]

    def finish(self) -> int:
        """Send the rest; return the status of the answer, 0 if there was none."""
        answer = b""
        with self._socket as connection:
            try:
                connection.sendall(self._rest)
                while b"\r\n" not in answer:
                    part = connection.recv(65536)
                    if not part:
                        return 0
                    answer += part
            except OSError:
                return 0
        return int(answer[9:12])

"""A stored request as a curl command that sends it again to this machine, byte for byte, without the key."""

from __future__ import annotations

import base64
import shlex

from smswatch.safe_text import safe_block, safe_line
from smswatch.store.rows import RequestRow

_LONGEST_READABLE = 16_384
"""Bytes: nobody reads more on one line, and a single argument of a program may not be of any length."""
_LONGEST_HEADER = 200


def curl_command(request: RequestRow, address: str) -> str:
    """Return a command that works as it stands in a POSIX shell; nothing in it can steer a terminal.

    A body with anything in it that is not plain to see is carried as base64.
    """
    url = f"{address}/webhooks/{request.provider}"
    if request.query and _is_plain(request.query):
        url += f"?{request.query}"
    if request.method == "GET":
        return shlex.join(["curl", "--globoff", url])
    header = ["-H", f"Content-Type: {request.content_type}".strip()]
    if safe_line(request.content_type, _LONGEST_HEADER) != request.content_type:
        header = ["-H", "Content-Type: application/octet-stream"]
    body = _plain_text(request.body)
    if body is not None:
        return shlex.join(["curl", "--globoff", *header, "--data-raw", body, url])
    encoded = base64.b64encode(request.body).decode()
    send = shlex.join(["curl", "--globoff", *header, "--data-binary", "@-", url])
    return f"printf %s {encoded} | base64 -d | {send}"


def _is_plain(text: str) -> bool:
    return safe_block(text, max_chars=len(text) + 1, max_lines=len(text) + 1) == text


def _plain_text(body: bytes) -> str | None:
    """Return a body that a shell line can carry and a person can read; None for any other."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if len(body) <= _LONGEST_READABLE and _is_plain(text) else None

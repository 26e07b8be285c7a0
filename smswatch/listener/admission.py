"""Admission: who may come in, decided from the request line and the headers alone. Pure.

The order of refusals is 404, 403, 405, 415, 413.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable
from enum import Enum, StrEnum, auto

import msgspec

from smswatch.listener.routing import Route

MAX_BODY = 256 * 1024


class Refusal(StrEnum):
    """Why a request was not looked at."""

    UNKNOWN_PATH = "unknown_path"
    WRONG_KEY = "wrong_key"
    WITHOUT_KEY = "without_key"
    """Through a tunnel to a plain path."""
    FROM_BROWSER = "from_browser"
    METHOD = "method"
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    RATE_LIMITED = "rate_limited"
    MALFORMED = "malformed"
    """Not an HTTP request, or one that breaks off."""
    STOPPING = "stopping"
    """Its body was still arriving when the listener stopped."""


ANSWERS: dict[Refusal, int] = {
    Refusal.UNKNOWN_PATH: 404,
    Refusal.WRONG_KEY: 404,
    Refusal.WITHOUT_KEY: 404,
    Refusal.FROM_BROWSER: 403,
    Refusal.METHOD: 405,
    Refusal.ENCODING: 415,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_SLOW: 408,
    Refusal.RATE_LIMITED: 429,
    Refusal.MALFORMED: 400,
    Refusal.STOPPING: 503,
}


class Head(msgspec.Struct, frozen=True, gc=False):
    """What the headers say, as far as admission asks."""

    headers: tuple[tuple[str, str], ...]
    host: str | None
    """None where there is none, or more than one."""
    forwarded: bool
    from_browser: bool
    encoded: bool
    """The body is compressed."""
    content_length: int
    """As declared; 0 where it is not."""
    awaits_continue: bool


class _Role(Enum):
    """What a header means to admission."""

    PLAIN = auto()
    HOST = auto()
    FORWARDED = auto()
    BROWSER = auto()
    ENCODING = auto()
    LENGTH = auto()
    EXPECT = auto()


_ROLES = {
    "host": _Role.HOST,
    "forwarded": _Role.FORWARDED,
    "x-real-ip": _Role.FORWARDED,
    "true-client-ip": _Role.FORWARDED,
    "via": _Role.FORWARDED,
    "origin": _Role.BROWSER,
    "sec-fetch-site": _Role.BROWSER,
    "content-encoding": _Role.ENCODING,
    "content-length": _Role.LENGTH,
    "expect": _Role.EXPECT,
}
_FORWARDED_PREFIXES = ("x-forwarded-", "cf-")


@functools.lru_cache(maxsize=1024)
def _name(raw: bytes) -> tuple[str, _Role]:
    """Return a header's name as text, and its meaning; cached, for senders use few names."""
    text = raw.decode("utf-8", "replace")
    lower = text.lower()
    if lower.startswith(_FORWARDED_PREFIXES):
        return text, _Role.FORWARDED
    return text, _ROLES.get(lower, _Role.PLAIN)


def read_head(raw_headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """Read the headers once: as text, names spelled as they came, and for what admission asks."""
    headers = []
    telling: list[tuple[_Role, str]] = []
    for raw_name, raw_value in raw_headers:
        name, role = _name(raw_name)
        value = raw_value.decode("utf-8", "replace")
        headers.append((name, value))
        if role is not _Role.PLAIN:
            telling.append((role, value))
    return _head(tuple(headers), telling)


def _head(headers: tuple[tuple[str, str], ...], telling: list[tuple[_Role, str]]) -> Head:
    hosts = []
    forwarded = from_browser = encoded = awaits_continue = False
    content_length = 0
    for role, value in telling:
        if role is _Role.HOST:
            hosts.append(value)
        elif role is _Role.LENGTH:
            content_length = _length(value)
        elif role is _Role.FORWARDED:
            forwarded = True
        elif role is _Role.BROWSER:
            from_browser = True
        elif role is _Role.ENCODING:
            encoded = encoded or value.strip().lower() not in {"", "identity"}
        else:
            awaits_continue = value.strip().lower() == "100-continue"
    host = hosts[0] if len(hosts) == 1 else None
    return Head(headers, host, forwarded, from_browser, encoded, content_length, awaits_continue)


_MOST_DIGITS = 12


def _length(value: str) -> int:
    """Read a declared length; what is not a plausible number is too large."""
    plausible = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return int(value) if plausible else MAX_BODY + 1


_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^]\[:]+))(?::\d{1,5})?", re.ASCII)
_LOOPBACK_V4 = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_V6 = ipaddress.ip_network("::1/128")


@functools.lru_cache(maxsize=256)
def is_loopback_host(host: str) -> bool:
    """Tell whether a Host header names this machine: localhost, *.localhost, 127.0.0.0/8, [::1]; any port."""
    found = _HOST.fullmatch(host.strip().lower())
    if found is None:
        return False
    if found["name"] == "localhost" or (found["name"] or "").endswith(".localhost"):
        return not found["name"].startswith(".")
    try:
        address = ipaddress.ip_address(found["v6"] or found["name"])
    except ValueError:
        return False
    return address in (_LOOPBACK_V6 if found["v6"] else _LOOPBACK_V4)


def is_from_this_machine(head: Head, *, peer_is_local: bool) -> bool:
    """Tell a request of this machine from one that came through a tunnel.

    `peer_is_local` says that the connection itself began here, which a Host header can only claim.
    """
    return peer_is_local and not head.forwarded and head.host is not None and is_loopback_host(head.host)


def refuse_route(route: Route, *, through_tunnel: bool, open_to_all: bool) -> Refusal | None:
    """Return why a path leads nowhere: the 404s."""
    if route.provider is None:
        return Refusal.WRONG_KEY if route.wrong_key else Refusal.UNKNOWN_PATH
    if through_tunnel and not route.keyed and not open_to_all:
        return Refusal.WITHOUT_KEY
    return None


def refuse_request(head: Head, method: str, *, query: bool, delivers_by_query: bool) -> Refusal | None:
    """Return why a request on a webhook path is not taken: 403, 405, 415, 413; None also for probes."""
    if head.from_browser:
        return Refusal.FROM_BROWSER
    if method != "POST" and not is_probe(method, query=query) and not (method == "GET" and delivers_by_query):
        return Refusal.METHOD
    if head.encoded:
        return Refusal.ENCODING
    if head.content_length > MAX_BODY:
        return Refusal.TOO_LARGE
    return None


def is_probe(method: str, *, query: bool) -> bool:
    """Tell whether a provider only looks whether somebody is there: HEAD, or GET without a query."""
    return method == "HEAD" or (method == "GET" and not query)

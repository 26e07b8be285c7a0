"""Routing: a request's path to a provider, with or without the key."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from smswatch.access_key import Keys
from smswatch.provider import Provider


class Route(msgspec.Struct, frozen=True, gc=False):
    """Where a path leads."""

    provider: Provider | None
    """None: to nothing."""
    keyed: bool = False
    """The path carries a valid key."""
    old_key_until_s: int | None = None
    """When the key ends, if it is one before the present one, in seconds since 1970."""
    wrong_key: bool = False
    """It has the shape of a keyed path and another key."""


UNKNOWN = Route(None)
WRONG_KEY = Route(None, wrong_key=True)


class Routes:
    """The paths of every provider: `/webhooks/smso`, and the same behind `/<key>`.

    A path is decoded before it is compared, so an encoded spelling meets the same guards. A trailing slash
    is accepted; the query plays no part.
    """

    def __init__(self, providers: Mapping[str, Provider], keys: Callable[[], Keys]) -> None:
        self._keys = keys
        self._plain: dict[str, Route] = {}
        self._keyed: dict[str, Route] = {}
        for provider in providers.values():
            for path in (provider.path, provider.path + "/"):
                self._plain[path] = Route(provider)
                self._keyed[path] = Route(provider, keyed=True)

    def find(self, target: str) -> Route:
        """Return where a request target, path and query, leads."""
        path = target.partition("?")[0]
        if "%" in path:
            path = unquote(path, errors="replace")
        route = self._plain.get(path)
        if route is not None:
            return route
        candidate, slash, rest = path[1:].partition("/")
        if not path.startswith("/") or slash + rest not in self._keyed:
            return UNKNOWN
        until_s = self._keys().valid_until_s(candidate, time.time())
        if until_s is None:
            return WRONG_KEY
        route = self._keyed[slash + rest]
        return route if until_s == math.inf else replace(route, old_key_until_s=int(until_s))

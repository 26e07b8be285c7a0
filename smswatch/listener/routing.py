"""Routing: a request's path to a provider, with or without the key. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from smswatch import access_key
from smswatch.provider import Provider


class Route(msgspec.Struct, frozen=True, gc=False):
    """Where a path leads."""

    provider: Provider | None
    """None: to nothing."""
    keyed: bool = False
    """The path carries the right key."""
    wrong_key: bool = False
    """It has the shape of a keyed path and another key."""


UNKNOWN = Route(None)
WRONG_KEY = Route(None, wrong_key=True)


class Routes:
    """The paths of every provider: `/webhooks/smso`, and the same behind `/<key>`.

    A path is decoded before it is compared, so an encoded spelling meets the same guards. A trailing slash
    is accepted; the query plays no part.
    """

    def __init__(self, providers: Mapping[str, Provider], key: str) -> None:
        self._key = key
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
        if not access_key.matches(self._key, candidate):
            return WRONG_KEY
        return self._keyed[slash + rest]

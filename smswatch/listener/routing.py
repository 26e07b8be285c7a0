"""Routing: a request's path to a provider, with or without the key."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote

import msgspec

from smswatch.access_key import Fit, Keys
from smswatch.provider import Provider


class Route(msgspec.Struct, frozen=True, gc=False):
    """Where a path leads."""

    provider: Provider | None
    """None: to nothing."""
    keyed: bool = False
    """The path carries a valid key."""
    by_old_key: bool = False
    """It is the key before the present one."""
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
        self._keyed_before: dict[str, Route] = {}
        for provider in providers.values():
            for path in (provider.path, provider.path + "/"):
                self._plain[path] = Route(provider)
                self._keyed[path] = Route(provider, keyed=True)
                self._keyed_before[path] = Route(provider, keyed=True, by_old_key=True)

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
        fit = self._keys().fit(candidate, time.time())
        if fit is Fit.WRONG:
            return WRONG_KEY
        return (self._keyed if fit is Fit.RIGHT else self._keyed_before)[slash + rest]

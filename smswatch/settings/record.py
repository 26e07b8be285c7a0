"""The record: everything that a person can set, as the rest of the program reads it."""

from __future__ import annotations

import zoneinfo
from datetime import tzinfo
from pathlib import Path
from typing import Literal

import msgspec

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7670
DEFAULT_STUCK_AFTER_MS = 3_600_000
YOUR_TUNNEL = "https://YOUR-TUNNEL"
"""Stands where a public URL belongs that nobody has told."""


class NotifyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table `[[notify]]` of the configuration file: when the dashboard calls a person."""

    filter: str
    """What must arrive."""
    how: Literal["bell", "desktop"] = "bell"
    list: Literal["messages", "inbound", "requests"] = "messages"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person can set."""

    database: Path
    data_directory: Path
    """Holds the access key, one for all databases, and the listener's log."""
    config: Path | None = None
    """The file that was read, if any."""
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 picks a free one."""
    public_url: str | None = None
    """What the tunnel shows to the world, without a slash at its end."""
    open: bool = False
    """Tunnelled requests need no key."""
    default_region: str | None = None
    """Two letters: the country of numbers that are written without one."""
    stuck_after_ms: int = DEFAULT_STUCK_AFTER_MS
    """A message that is still open so long after it was first seen is stuck."""
    stuck_after_by_provider_ms: dict[str, int] = {}
    """The same for those providers that have a time of their own."""
    keep_for_ms: int | None = None
    """What last changed longer ago is removed; None keeps everything."""
    keep_newest: int | None = None
    """Of more messages than these the oldest are removed; None keeps all."""
    theme: str | None = None
    """The dashboard's colours; None goes by what was chosen there last."""
    keys: dict[str, str] = {}
    """The dashboard's keys, by what they do, where they are not the usual ones."""
    filters: dict[str, str] = {}
    """The dashboard's named filters: texts, which can be read, by name."""
    notify: tuple[NotifyRule, ...] = ()
    """When the dashboard calls a person; filters that can be read."""
    zones: dict[str, str] = {}
    """Zone names by provider, each known to this machine."""

    def zone(self, provider: str) -> tzinfo | None:
        """Return the zone of a provider's unstated times; None is this machine's own."""
        name = self.zones.get(provider)
        return zoneinfo.ZoneInfo(name) if name else None

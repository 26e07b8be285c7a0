"""What happens in simulated traffic: an application sends a message, a provider calls back."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

import msgspec


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The application has sent a message, and knows what the callbacks may not say: to whom."""

    due: datetime
    """Aware."""
    provider: str
    message_id: str
    number: str
    text: str
    label: str | None = None


Remainder: TypeAlias = "Callable[[bytes], Callback | None]"
"""From the body of a 200 answer to what the provider still has to send; None once it is content."""


def content(answer: bytes) -> None:
    """Read nothing in the answer: most providers are content with any 200."""


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook request that a provider makes."""

    due: datetime
    """When the provider makes it. Aware."""
    provider: str
    body: bytes
    content_type: str
    remainder: Remainder = content
    lost_answers: int = 0
    """How many of our answers get lost on the way back, so that the provider sends again."""

    @property
    def path(self) -> str:
        """Where the provider was told to send it."""
        return f"/webhooks/{self.provider}"


Event: TypeAlias = Sent | Callback


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What one story has to work with: its dice, and the moment at which it begins."""

    rng: random.Random
    begins: datetime
    """Aware."""
    zone: tzinfo
    """The zone of the providers that write their times without one."""
    serial: int
    """Rises with each scene, so that ids built from it are unique in one traffic."""

    def after(self, seconds: float) -> datetime:
        """Return the moment so many seconds into the scene."""
        return self.begins + timedelta(seconds=seconds)

    def local(self, seconds: float) -> datetime:
        """Return that moment in the account's zone."""
        return self.after(seconds).astimezone(self.zone)

    def wall_clock(self, seconds: float) -> str:
        """Write that moment as an account's local time, without its zone."""
        return f"{self.local(seconds):%Y-%m-%d %H:%M:%S}"

    def between(self, low: float, high: float) -> float:
        """Draw a number of seconds, nearer to `low` than to `high`, as waiting times are."""
        return self.rng.triangular(low, high, low)

    def happens(self, chance: float) -> bool:
        """Throw the dice."""
        return self.rng.random() < chance


Story: TypeAlias = Callable[[Scene], list[Event]]
"""All events of one message, or of one mailing, from its sending to the last callback."""

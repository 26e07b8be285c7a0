"""The filter shelf: filters that have a name, a person's own and those of the configuration."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from smswatch.errors import SmswatchError
from smswatch.tui.memory import MemoryFile

LONGEST_NAME = 40


class ShelvedFilter(msgspec.Struct, frozen=True):
    """One filter with a name."""

    name: str
    text: str
    is_configured: bool
    """It stands in the configuration, so it cannot be changed here."""


class FilterShelf:
    """Own filters are kept in the memory file; those of the configuration are only read."""

    def __init__(self, memory: MemoryFile, configured: Mapping[str, str]) -> None:
        """`configured` has filter texts by name."""
        self._memory = memory
        self._configured = dict(configured)

    @property
    def filters(self) -> list[ShelvedFilter]:
        """All of them, by name."""
        own = (ShelvedFilter(one.name, one.text, is_configured=False) for one in self._memory.now.filters)
        theirs = (ShelvedFilter(name, text, is_configured=True) for name, text in self._configured.items())
        # One that was kept before the configuration took its name would never be seen else.
        return sorted((*own, *theirs), key=lambda one: (one.name.casefold(), one.is_configured))

    def save(self, name: str, text: str) -> None:
        """Keep a filter under a name, in the place of an own one of that name.

        SmswatchError if it cannot be kept, has no name, or the name is one of the configuration's.
        """
        name = " ".join("".join(filter(str.isprintable, name)).split())[:LONGEST_NAME]
        if not name:
            raise SmswatchError("a filter needs a name to be kept under")
        if not text:
            raise SmswatchError("there is no filter in force that could be kept; type one with / first")
        if name in self._configured:
            raise SmswatchError(f"{name} stands in the configuration; choose another name")
        self._memory.name_filter(name, text)

    def delete(self, one: ShelvedFilter) -> None:
        """Forget an own filter. SmswatchError for one of the configuration, or if that cannot be kept."""
        if one.is_configured:
            raise SmswatchError(f"{one.name} stands in the configuration and is deleted there")
        self._memory.forget_filter(one.name)

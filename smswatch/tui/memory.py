"""The dashboard's memory: what a person chose on the screen, kept in a small file beside the database.

It is the dashboard's own: nothing of it came from a provider, and losing it loses a few choices. Every change is
put upon what the file says at that moment, since another window may have changed it meanwhile.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from smswatch.errors import SmswatchError
from smswatch.tui.display_options import TimeMode

LOG = logging.getLogger(__name__)

MOST_HISTORY = 100
"""Filters that are remembered; the oldest go."""
MOST_NAMED = 200
_LARGEST = 1024 * 1024
"""Bytes; of a larger file only so much is read."""


class ColumnChoice(msgspec.Struct, frozen=True):
    """Which columns of a list are wanted, and in which order."""

    order: tuple[str, ...] = ()
    """By name; columns that are not named follow in their usual order."""
    hidden: frozenset[str] = frozenset()


class NamedFilter(msgspec.Struct, frozen=True):
    """A filter that a person gave a name."""

    name: str
    text: str


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is remembered. The defaults are those of a first start."""

    columns: dict[str, ColumnChoice] = {}
    """By list."""
    theme: str | None = None
    time_mode: TimeMode = "local"
    mouse: bool = True
    """The mouse is the dashboard's, not the terminal's own."""
    filters: tuple[NamedFilter, ...] = ()
    """By name, in the order of the alphabet."""
    history: tuple[str, ...] = ()
    """Filters that were used, the newest last."""
    insight_range: str = "24 h"
    """The time that Insight counts, by name."""


_decode = msgspec.json.Decoder(Memory).decode


class MemoryFile:
    """A file that holds a `Memory`. A file that cannot be read counts as empty, and is said once in the log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = self._read(is_first=True)
        """What is remembered, as this window knows it."""

    @classmethod
    def beside(cls, database: Path) -> MemoryFile:
        """Return the file that belongs to a database."""
        return cls(database.with_name(database.name + ".dashboard.json"))

    def remember(self, **changes: object) -> None:
        """Change some of it and keep it. SmswatchError if that fails; this window goes by it all the same."""
        kept = self._read(is_first=False)
        self.now = msgspec.structs.replace(self.now, **changes)
        # What other windows chose since stays; what is ours to show stays ours.
        self._write(msgspec.structs.replace(kept, **changes))

    def note_filter(self, text: str) -> None:
        """Remember a filter that was used. SmswatchError as above."""
        text = text.strip()
        if text and self.now.history[-1:] != (text,):
            others = tuple(one for one in self._read(is_first=False).history if one != text)
            self.remember(history=(*others, text)[-MOST_HISTORY:])

    def name_filter(self, name: str, text: str) -> None:
        """Give a filter a name; it takes the place of another of that name. SmswatchError if that cannot be kept."""
        others = [one for one in self._read(is_first=False).filters if one.name != name]
        if len(others) >= MOST_NAMED:
            raise SmswatchError(f"there are {MOST_NAMED} named filters already; delete one first")
        named = sorted((*others, NamedFilter(name, text)), key=lambda one: one.name.casefold())
        self.remember(filters=tuple(named))

    def forget_filter(self, name: str) -> None:
        """Delete a named filter. SmswatchError if that cannot be kept."""
        self.remember(filters=tuple(one for one in self._read(is_first=False).filters if one.name != name))

    def forget_filters(self, speaks_of: Callable[[str], bool]) -> int:
        """Forget the filters, used or named, of whose text this is true; how many. SmswatchError as above."""
        kept = self._read(is_first=False)
        history = tuple(text for text in kept.history if not speaks_of(text))
        filters = tuple(one for one in kept.filters if not speaks_of(one.text) and not speaks_of(one.name))
        forgotten = len(kept.history) - len(history) + len(kept.filters) - len(filters)
        if forgotten:
            self.remember(history=history, filters=filters)
        return forgotten

    def _read(self, *, is_first: bool) -> Memory:
        try:
            with self.path.open("rb") as file:
                # Cut off where it is far too large, it is no JSON any more.
                return _decode(file.read(_LARGEST))
        except FileNotFoundError:
            return Memory()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if is_first:
                LOG.warning("%s cannot be read, so the dashboard begins anew: %s", self.path.name, error)
            return Memory()

    def _write(self, memory: Memory) -> None:
        """Replace the file as a whole: whoever reads it finds the old or the new one."""
        content = msgspec.json.format(msgspec.json.encode(memory), indent=1)
        try:
            # 0600 from the first byte on; the folder is the database's.
            descriptor, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content + b"\n")
                os.replace(name, self.path)  # noqa: PTH105 - beside mkstemp, which names a str
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108 - as above
                raise
        except OSError as error:
            reason = error.strerror or str(error)
            raise SmswatchError(f"what you chose cannot be kept in {self.path}: {reason}") from error

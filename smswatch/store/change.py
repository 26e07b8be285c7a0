"""Changes that a person asks for, whoever holds the writer's lock: `track`, marks, `prune` and `purge`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from smswatch.errors import StoreError, StoreLockedError
from smswatch.store.entry import storable, storable_or_none
from smswatch.store.handover import Change, Reply, hand_over
from smswatch.store.removal import Removal, Removed
from smswatch.store.rows import Marking, Registration
from smswatch.store.writer import Writer

_PATIENCE_S = 5.0
_AGAIN_S = 0.05


def register(database: Path, registrations: Sequence[Registration]) -> int:
    """Keep registrations, durably; a later one for the same message replaces an earlier one.

    Raises StoreError if that fails.
    """
    rows = tuple(_storable(row) for row in registrations)
    reply = _write(database, Change(rows), lambda writer: Reply(kept=writer.register(rows).result()))
    return reply.kept


def mark(database: Path, marking: Marking) -> int:
    """Mark messages, or take their marks away, durably; how many changed. Raises StoreError if that fails."""
    change = Change(mark=marking)
    return _write(database, change, lambda writer: Reply(kept=writer.mark(marking).result())).kept


def remove(database: Path, removal: Removal) -> Removed:
    """Remove what is old, or what is of one number.

    Raises StoreError if that fails; what was removed until then is gone.
    """
    reply = _write(
        database, Change(remove=removal), lambda writer: Reply(removed=writer.remove(removal).result())
    )
    return reply.removed or Removed()


def _write(database: Path, change: Change, write: Callable[[Writer], Reply]) -> Reply:
    """Write it here if nobody holds the lock, else let the holder write it.

    Between the two, while a holder starts or ends, it tries again for up to five seconds.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            writer = Writer.open(database)
        except StoreLockedError as locked:
            reply = hand_over(database, change)
            if reply is not None:
                return reply
            if time.monotonic() > deadline:
                raise StoreError(f"{locked}, and it does not take changes") from locked
            time.sleep(_AGAIN_S)
            continue
        try:
            return write(writer)
        finally:
            writer.close()


def _storable(row: Registration) -> Registration:
    return Registration(
        provider=row.provider,
        message_id=storable(row.message_id),
        number=storable(row.number),
        text=storable_or_none(row.text),
        label=storable_or_none(row.label),
    )

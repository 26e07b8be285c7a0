"""`track`: keep whom messages went to, whoever holds the writer's lock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from smswatch.errors import StoreError, StoreLockedError
from smswatch.store.entry import storable, storable_or_none
from smswatch.store.handover import Change, hand_over
from smswatch.store.rows import Registration
from smswatch.store.writer import Writer

_PATIENCE_S = 5.0
_AGAIN_S = 0.05


def register(database: Path, registrations: Sequence[Registration]) -> int:
    """Keep registrations, durably; a later one for the same message replaces an earlier one.

    With no holder of the lock this process writes; else the holder does. Between the two, while a holder
    starts or ends, it tries again for up to five seconds.

    Raises StoreError if neither works.
    """
    rows = tuple(_storable(row) for row in registrations)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            writer = Writer.open(database)
        except StoreLockedError as locked:
            kept = hand_over(database, Change(rows))
            if kept is not None:
                return kept
            if time.monotonic() > deadline:
                raise StoreError(f"{locked}, and it does not take changes") from locked
            time.sleep(_AGAIN_S)
            continue
        try:
            return writer.register(rows).result()
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

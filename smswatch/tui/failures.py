"""Finding the next row that tells of a failure, in whatever order the list is, without stalling the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from smswatch.model import Outcome
from smswatch.store.rows import MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.feed import Feed

_AT_ONCE = 200
_SERIOUS = frozenset((Outcome.UNREADABLE, Outcome.PARTIAL, Outcome.REFUSED))


def tells_of_failure(row: Row) -> bool:
    """A message that did not arrive, or a request that could not be taken in whole."""
    if isinstance(row, MessageRow):
        return row.status.is_failure
    return isinstance(row, RequestRow) and row.outcome in _SERIOUS


async def find_failure(feed: Feed, fetch: Callable[[Sequence[int]], dict[int, Row]], step: int) -> int | None:
    """Return the id of the nearest such row below the cursor (`step` 1) or above it (-1), None if none."""
    place = feed.cursor + step
    while 0 <= place < len(feed):
        start = place if step > 0 else max(0, place - _AT_ONCE + 1)
        ids = feed.window(start, _AT_ONCE if step > 0 else place - start + 1)
        rows = fetch(ids)
        for row_id in ids if step > 0 else reversed(ids):
            row = rows.get(row_id)
            if row is not None and tells_of_failure(row):
                return row_id
        place = start + len(ids) if step > 0 else start - 1
        await asyncio.sleep(0)
    return None

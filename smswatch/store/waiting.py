"""Waiting: what is still open, how much of it for too long, and when each provider last called.

Counters say how many are open. Of these, the ones that are not stuck yet are counted, through the indexes of times and
statuses: it costs what arrived within the time until stuck, whatever the size of the history.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smswatch.model import OPEN, Outcome
from smswatch.store.search import Run

_OPEN_WORDS = ", ".join(f"'{status}'" for status in OPEN)
_OPEN = (
    "SELECT provider, sum(n) FROM counters WHERE subject = 'messages'"  # noqa: S608 - our own names
    f" AND name IN ({_OPEN_WORDS}) GROUP BY provider HAVING sum(n) > 0 ORDER BY provider"
)
_CALLED = [
    "SELECT (SELECT arrived_ms FROM requests INDEXED BY requests_provider_outcome"  # noqa: S608 - our own names
    f" WHERE provider = ? AND outcome = '{outcome}' ORDER BY id DESC LIMIT 1) AS at"
    for outcome in Outcome
    if outcome is not Outcome.REFUSED
]
# One statement, so that all it says is of one moment. The lowest id, and not that of the first in time: where our
# clock was set back, later ids have earlier times.
_OF_PROVIDER = (
    f"SELECT (SELECT sum(n) FROM counters WHERE subject = 'messages' AND provider = ? AND name IN ({_OPEN_WORDS})),"  # noqa: S608 - our own names
    " (SELECT count(*) FROM messages INDEXED BY messages_provider_status"
    f" WHERE provider = ? AND status IN ({_OPEN_WORDS}) AND first_seen_ms >= ?"
    " AND id >= (SELECT min(id) FROM messages INDEXED BY messages_first_seen WHERE first_seen_ms >= ?)),"
    f" (SELECT max(at) FROM ({' UNION ALL '.join(_CALLED)}))"
)


class Waiting(msgspec.Struct, frozen=True):
    """One provider's messages of which something is still expected."""

    provider: str
    open: int
    """At least one."""
    stuck: int
    """Those among them that `is:stuck` finds."""
    called_ms: int | None
    """When its last callback came, whatever was in it, UTC milliseconds; None where none is kept."""


async def still_open(run: Run, stuck_before_ms: Callable[[str], int]) -> tuple[Waiting, ...]:
    """Return those providers of which messages are open; `stuck_before_ms` says since when they are stuck."""
    found: list[Waiting] = []
    for provider, _ in await run(_OPEN, ()):
        since = stuck_before_ms(provider)
        wanted = (provider, provider, since, since, *[provider] * len(_CALLED))
        still, recent, called = (await run(_OF_PROVIDER, wanted))[0]
        if still:
            found.append(Waiting(provider, still, max(still - recent, 0), called))
    return tuple(found)

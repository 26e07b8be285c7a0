"""Totals, from the counters that are kept in the same transaction as the rows: one small read at any size."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smswatch.model import Outcome, Status

TOTALS_QUERY = "SELECT subject, provider, name, n FROM counters"


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of everything."""

    statuses: dict[Status, int]
    inbound: int
    requests: dict[Outcome, int]
    refusals: dict[str, int]
    """Answer (`404`, `413`, ...) to how many requests got it without being kept."""
    by_provider: dict[str, int]
    """Messages of each provider."""
    old_key: dict[tuple[str, str], int]
    """(provider, until when the old access key is valid, in seconds) to requests that came with it."""
    let_go: int = 0
    """Requests that could not be read and were removed, because there were more than is kept of them."""

    @property
    def messages(self) -> int:
        """All tracked messages."""
        return sum(self.statuses.values())


def totals_from(rows: Iterable[tuple[str, str, str, int]]) -> Totals:
    """Add up the rows of `TOTALS_QUERY`."""
    statuses: dict[Status, int] = {}
    requests: dict[Outcome, int] = {}
    refusals: dict[str, int] = {}
    by_provider: dict[str, int] = {}
    old_key: dict[tuple[str, str], int] = {}
    inbound = let_go = 0
    for subject, provider, name, n in rows:
        if subject == "messages":
            statuses[Status(name)] = statuses.get(Status(name), 0) + n
            by_provider[provider] = by_provider.get(provider, 0) + n
        elif subject == "requests":
            requests[Outcome(name)] = requests.get(Outcome(name), 0) + n
        elif subject == "inbound":
            inbound += n
        elif subject == "refusals":
            refusals[name] = refusals.get(name, 0) + n
        elif subject == "let_go":
            let_go += n
        elif subject == "old_key":
            old_key[provider, name] = n
    return Totals(
        statuses=statuses,
        inbound=inbound,
        requests=requests,
        refusals=refusals,
        by_provider=by_provider,
        old_key=old_key,
        let_go=let_go,
    )

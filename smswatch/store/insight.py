"""Insight: what became of the messages of a time, by provider, country and network, counted in short steps.

One pass over the table, newest first. A step is one statement over a window of ids; it brings place, state and time to
delivery of each row as three JSON arrays, which C code adds up: 21 ms of one core for 10,000 rows, two seconds for a
million. `GROUP BY` would sort each window once for each of the groupings, and takes four times as long.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable

import msgspec

from smswatch.model import Status
from smswatch.store.figures import LATENCY_BIN, Figures, no_figures
from smswatch.store.search import Run, Steps, one

MOST_BUCKETS = 60
"""Bars of a picture over time, one or two more where the first and the last are not whole."""
MOST_PLACES = 20_000
"""Combinations of provider, country and network that are told apart; of further ones the network is left out."""
MOST_REASONS = 2_000
_FIRST_STEP = 4_000
_STEP_S = 0.05
_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
BUCKETS_MS = (
    *(n * _SECOND_MS for n in (1, 5, 10, 30)),
    *(n * _MINUTE_MS for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR_MS for n in (1, 2, 3, 6, 12)),
    *(n * _DAY_MS for n in (1, 2, 7, 14, 28, 91, 182, 364, 3_640)),
)
"""Widths of a bar that a person can name."""

Network = tuple[str | None, str | None]
"""(mcc, mnc), as the provider wrote them."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a message went."""

    provider: str
    beginning: str | None
    """The first four characters of the number: `+` and enough to tell the country code."""
    mcc: str | None
    mnc: str | None


class Reason(msgspec.Struct, frozen=True):
    """Why messages did not arrive, as far as the provider says."""

    provider: str
    status: Status
    code: str | None
    has_text: bool
    """The provider explained it in words beside its code, or instead of one."""


class Told(msgspec.Struct):
    """How often a reason was given, and in which words."""

    messages: int
    words: set[str]
    """The provider's status words; a few."""
    text: str | None
    """The newest explanation."""


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the messages that were first seen at `since_ms` or later; a `None` key is what is not known."""

    since_ms: int | None
    """None: of all messages."""
    share: float
    """How much of it has been counted so far, newest first, 0 to 1."""
    total: Figures
    by_provider: dict[str, Figures]
    by_beginning: dict[str | None, Figures]
    """By the first four characters of the number."""
    by_network: dict[Network, Figures]
    beginnings: dict[Network, Counter[str | None]]
    """To numbers of which country the messages of a network went."""
    reasons: dict[Reason, Told]
    bucket_ms: int
    buckets: dict[int, Figures]
    """First millisecond of a bar, a multiple of `bucket_ms`, to what was first seen in it; times are not kept."""


_decode_texts = msgspec.json.Decoder(list[str]).decode
_decode_times = msgspec.json.Decoder(list[int | None]).decode
_decode_place = msgspec.json.Decoder(Place).decode
_decode_state = msgspec.json.Decoder(tuple[Status, int]).decode
_decode_reason = msgspec.json.Decoder(tuple[str, Status, str | None, str, str | None]).decode
_MOST_WORDS = 4

# `|| ''` makes a text of what would be an array in the array: then equal ones are equal texts, and quickly counted.
_STEP = (
    "SELECT json_group_array(json_array(provider, substr(number, 1, 4), mcc, mnc) || ''),"  # noqa: S608 - our own names
    " json_group_array(json_array(status, first_seen_ms / ?) || ''),"
    f" json_group_array({LATENCY_BIN}),"
    " json_group_array(json_array(provider, status, error_code, provider_status, substr(error_text, 1, 200)) || '')"
    " FILTER (WHERE rank = 70)"
    " FROM messages NOT INDEXED WHERE id > ? AND id <= ? AND first_seen_ms >= ?"
)
_EARLIEST = "SELECT first_seen_ms FROM messages INDEXED BY messages_first_seen ORDER BY first_seen_ms LIMIT 1"
# Of the index alone. Not the id of the first in time: where our clock was set back, later ids have earlier times.
_LOWEST = "SELECT min(id) FROM messages INDEXED BY messages_first_seen WHERE first_seen_ms >= ?"
_EVER = -(1 << 62)


def bucket_width(length_ms: int) -> int:
    """Return the width of a bar so that a time of this length has no more than `MOST_BUCKETS`."""
    wanted = -(-length_ms // MOST_BUCKETS)
    return next((width for width in BUCKETS_MS if width >= wanted), BUCKETS_MS[-1])


class _Numbered(dict[str, int]):
    """Texts to small numbers; a text that is new is read by whoever made this."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> int:
        number = self._read(text)
        if len(self) < 2 * MOST_PLACES:
            self[text] = number
        return number


class Counting:
    """Adds up what the steps bring. Not for two threads at a time."""

    def __init__(self, since_ms: int | None, bucket_ms: int) -> None:
        self.since_ms = since_ms
        self.bucket_ms = bucket_ms
        self.share = 0.0
        """How much of what there is to count has been counted."""
        self._place_numbers = _Numbered(self._place)
        self._places: dict[Place, int] = {}
        self._state_numbers = _Numbered(self._state)
        self._states: list[tuple[Status, int]] = []
        self._statuses: list[Status] = []
        self._counts: Counter[tuple[int, Status]] = Counter()
        self._over_time: Counter[int] = Counter()
        self._times: Counter[tuple[int, int | None]] = Counter()
        self._reasons: dict[Reason, Told] = {}

    def _place(self, text: str) -> int:
        place = _decode_place(text)
        if len(self._places) >= MOST_PLACES and place not in self._places:
            place = Place(place.provider, place.beginning, None, None)
        return self._places.setdefault(place, len(self._places))

    def _state(self, text: str) -> int:
        state = _decode_state(text)
        self._states.append(state)
        self._statuses.append(state[0])
        return len(self._states) - 1

    def add(self, places: str, states: str, times: str, reasons: str) -> None:
        """Take in the four arrays of a step."""
        place_numbers = [*map(self._place_numbers.__getitem__, _decode_texts(places))]
        state_numbers = [*map(self._state_numbers.__getitem__, _decode_texts(states))]
        statuses = map(self._statuses.__getitem__, state_numbers)
        self._counts.update(zip(place_numbers, statuses, strict=True))
        self._over_time.update(state_numbers)
        self._times.update(zip(place_numbers, _decode_times(times), strict=True))
        for text, messages in Counter(_decode_texts(reasons)).items():
            self._add_reason(text, messages)

    def _add_reason(self, text: str, messages: int) -> None:
        provider, status, code, word, explanation = _decode_reason(text)
        reason = Reason(provider, status, code, explanation is not None)
        if len(self._reasons) >= MOST_REASONS and reason not in self._reasons:
            reason = Reason(provider, status, None, has_text=False)
        told = self._reasons.setdefault(reason, Told(0, set(), explanation))
        told.messages += messages
        if len(told.words) < _MOST_WORDS:
            told.words.add(word)

    def insight(self) -> Insight:
        """Return what has been counted so far."""
        total = no_figures()
        by_provider: defaultdict[str, Figures] = defaultdict(no_figures)
        by_beginning: defaultdict[str | None, Figures] = defaultdict(no_figures)
        by_network: defaultdict[Network, Figures] = defaultdict(no_figures)
        beginnings: defaultdict[Network, Counter[str | None]] = defaultdict(Counter)
        places = list(self._places)
        groups = []
        for place in places:
            network = place.mcc, place.mnc
            groups.append(
                (total, by_provider[place.provider], by_beginning[place.beginning], by_network[network])
            )
        for (number, status), messages in self._counts.items():
            for group in groups[number]:
                group.statuses[status] += messages
            place = places[number]
            beginnings[place.mcc, place.mnc][place.beginning] += messages
        for (number, edge), messages in self._times.items():
            if edge is not None:
                for group in groups[number]:
                    group.latencies[edge] += messages
        return Insight(
            since_ms=self.since_ms,
            share=self.share,
            total=total,
            by_provider=dict(by_provider),
            by_beginning=dict(by_beginning),
            by_network=dict(by_network),
            beginnings=dict(beginnings),
            reasons={reason: msgspec.structs.replace(told) for reason, told in self._reasons.items()},
            bucket_ms=self.bucket_ms,
            buckets=self._buckets(),
        )

    def _buckets(self) -> dict[int, Figures]:
        buckets: defaultdict[int, Figures] = defaultdict(no_figures)
        for number, messages in self._over_time.items():
            status, place = self._states[number]
            buckets[place * self.bucket_ms].statuses[status] += messages
        return dict(sorted(buckets.items()))


async def count_in_steps(run: Run, since_ms: int | None, now_ms: int) -> AsyncGenerator[Counting]:
    """Count the messages that were first seen at `since_ms` or later, None: all; yield the counting after each step.

    Until the next step is asked for, it stands still.
    """
    counting = Counting(since_ms, bucket_width(now_ms - await _first_ms(run, since_ms, now_ms)))
    lowest = 0 if since_ms is None else await one(run, _LOWEST, (since_ms,)) - 1
    highest = await one(run, "SELECT max(id) FROM messages") if lowest >= 0 else 0
    steps, high, lowest = Steps(_FIRST_STEP, _STEP_S), highest, max(lowest, 0)
    while high > lowest:
        low = max(lowest, high - steps.size)
        begun = time.monotonic()
        rows = await run(_STEP, (counting.bucket_ms, low, high, _EVER if since_ms is None else since_ms))
        steps.took(time.monotonic() - begun, 0)
        # Adding up holds Python's lock, but lets it go between its parts: a frame can be drawn meanwhile.
        await asyncio.to_thread(counting.add, *rows[0])
        counting.share = (highest - low) / (highest - lowest)
        yield counting
        high = low
    if not counting.share:
        counting.share = 1.0
        yield counting


async def _first_ms(run: Run, since_ms: int | None, now_ms: int) -> int:
    """Return when the picture over time begins."""
    if since_ms is not None:
        return since_ms
    return await one(run, _EARLIEST) or now_ms

"""Insight counts what the filters find: each figure is held against the rows themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from store_desk import NOON_MS, entry, filled, report, store, writing

from smswatch.filters import FilterContext, condition, parse
from smswatch.model import FAILURES, Kind, Status
from smswatch.store import insight
from smswatch.store.entry import Entry
from smswatch.store.figures import no_figures
from smswatch.store.insight import Insight, Place, Reason
from smswatch.store.reader import Reader
from smswatch.store.rows import MessageRow
from smswatch.store.search import Steps
from smswatch.store.writer import Writer

MESSAGES = 400
STATUSES = (
    Status.DELIVERED,
    Status.SENT,
    Status.FAILED,
    Status.DELIVERED,
    Status.EXPIRED,
    Status.READ,
    Status.UNKNOWN,
)
PROVIDERS = ("webcom", "smso", "smsgateway24")
NUMBERS = ("+4072233440", "+4915112345", "+1202555010", "VODAFONE", "0722 33", None, "+99912345")
NETWORKS = ((None, None), ("226", "03"), ("226", "3"), ("226", None), ("262", "01"))
MINUTE = 60_000
CONTEXT = FilterContext(now_ms=NOON_MS, stuck_after_ms=30 * MINUTE)


def arrived(number: int) -> int:
    """Return when a message came: one a minute until noon, and once our clock was set back by an hour."""
    return NOON_MS - (MESSAGES - number) * MINUTE - (60 * MINUTE if number >= MESSAGES // 2 else 0)


def life(number: int) -> Entry:
    at, status, (mcc, mnc) = arrived(number), STATUSES[number % 7], NETWORKS[number % 5]
    is_coded = status is Status.FAILED and number % 2 == 0
    told = {"number": NUMBERS[number // 3 % 7], "mcc": mcc, "mnc": mnc}
    sent = report(Status.SENT, at, arrived_ms=at, **told)
    last = report(
        status,
        at + 7 * number * number % 90_000,
        arrived_ms=at + 2,
        error_code=str(number % 3) if is_coded else None,
        error_text=f"number {number}" if is_coded else None,
        **told,
    )
    reports = [(str(number), sent)] + ([(str(number), last)] if status is not Status.SENT else [])
    return entry(*reports, provider=PROVIDERS[number % 3], arrived_ms=at)


async def fill(writer: Writer) -> None:
    for start in range(0, MESSAGES, 100):
        await store(writer, *map(life, range(start, start + 100)))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("insight") / "sms.db", fill)


@pytest.fixture
async def reader(path: Path) -> AsyncIterator[Reader]:
    async with await Reader.open(path) as reader:
        yield reader


@pytest.fixture(params=[37, 4_000], ids=["many steps", "one step"])
def _steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insight, "_FIRST_STEP", request.param)
    monkeypatch.setattr(Steps, "took", lambda *_: None)


async def counted(reader: Reader, since_ms: int | None = None) -> Insight:
    shares: list[float] = []
    found: Insight | None = None
    async with aclosing(reader.insight(since_ms, NOON_MS)) as tallies:
        async for tally in tallies:
            shares.append(tally.share)
            found = tally.insight()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert found is not None
    return found


async def rows_since(reader: Reader, since_ms: int | None) -> list[MessageRow]:
    rows = await reader.page(Kind.MESSAGES, limit=0)
    return [
        row
        for row in rows
        if isinstance(row, MessageRow) and (since_ms is None or row.first_seen_ms >= since_ms)
    ]


SINCE = [
    pytest.param(None, id="all"),
    pytest.param(NOON_MS - 60 * MINUTE, id="an hour"),
    pytest.param(NOON_MS - 260 * MINUTE, id="back to where the clock was set back"),
    pytest.param(NOON_MS + MINUTE, id="nothing"),
]


@pytest.mark.usefixtures("_steps")
@pytest.mark.parametrize("since_ms", SINCE)
async def test_every_message_of_the_time_is_counted_once_in_each_grouping(
    reader: Reader, since_ms: int | None
) -> None:
    found, rows = await counted(reader, since_ms), await rows_since(reader, since_ms)

    def by(key: Callable[[MessageRow], object]) -> dict[object, Counter[Status]]:
        counts: dict[object, Counter[Status]] = {}
        for row in rows:
            counts.setdefault(key(row), Counter())[row.status] += 1
        return counts

    assert found.total.statuses == Counter(row.status for row in rows)
    assert {name: one.statuses for name, one in found.by_provider.items()} == by(lambda row: row.provider)
    assert {name: one.statuses for name, one in found.by_network.items()} == by(
        lambda row: (row.mcc, row.mnc)
    )
    assert {name: one.statuses for name, one in found.by_beginning.items()} == by(
        lambda row: row.number and row.number[:4]
    )
    width = found.bucket_ms
    assert {at: one.statuses for at, one in found.buckets.items()} == by(
        lambda row: row.first_seen_ms // width * width
    )
    assert sum(told.messages for told in found.reasons.values()) == found.total.bad


@pytest.mark.usefixtures("_steps")
async def test_times_to_delivery_are_right_in_two_digits(reader: Reader) -> None:
    found, rows = await counted(reader), await rows_since(reader, None)
    for provider in PROVIDERS:
        times = sorted(
            row.latency_ms for row in rows if row.provider == provider and row.latency_ms is not None
        )
        figures = found.by_provider[provider]
        assert figures.timed == len(times)
        for percent in (1, 50, 95, 100):
            exact = times[-(-len(times) * percent // 100) - 1]
            read = figures.latency(percent)
            assert read is not None
            assert f"{exact:e}"[:3] == f"{read:e}"[:3] or read == exact
            assert read <= exact


@pytest.mark.usefixtures("_steps")
async def test_reasons_are_told_apart_by_provider_status_and_code(reader: Reader) -> None:
    found, rows = await counted(reader), await rows_since(reader, None)
    expected = Counter(
        Reason(row.provider, row.status, row.error_code, row.error_text is not None)
        for row in rows
        if row.status in FAILURES
    )
    assert {reason: told.messages for reason, told in found.reasons.items()} == expected
    assert {word for told in found.reasons.values() for word in told.words} == {"failed", "expired"}


async def test_where_nothing_is_kept_everything_is_nothing(tmp_path: Path) -> None:
    with writing(tmp_path / "sms.db") as writer:
        async with await Reader.open(writer.path) as reader:
            for since_ms in (None, NOON_MS):
                found = await counted(reader, since_ms)
                assert found.total == no_figures()
                assert found.total.latency(50) is None
                assert not found.buckets


async def test_what_strangers_write_does_not_grow_without_bound(
    monkeypatch: pytest.MonkeyPatch, reader: Reader
) -> None:
    monkeypatch.setattr(insight, "MOST_PLACES", 5)
    monkeypatch.setattr(insight, "MOST_REASONS", 2)
    found = await counted(reader)
    assert found.total.messages == MESSAGES
    assert sum(one.messages for one in found.by_network.values()) == MESSAGES
    assert sum(one.messages for one in found.by_provider.values()) == MESSAGES
    assert len(found.by_network) <= 5
    assert sum(told.messages for told in found.reasons.values()) == found.total.bad
    assert len(found.reasons) <= 2 + len(PROVIDERS) * len(FAILURES)


@pytest.mark.parametrize("length", [0, 1, MINUTE, 60 * MINUTE, 86_400_000, 7 * 86_400_000, 10**12, 10**15])
def test_a_time_has_no_more_bars_than_fit(length: int) -> None:
    width = insight.bucket_width(length)
    assert width in insight.BUCKETS_MS
    assert length // width <= insight.MOST_BUCKETS or width == insight.BUCKETS_MS[-1]


async def test_counting_can_be_interrupted_and_begun_anew(reader: Reader) -> None:
    tallies = reader.insight(None, NOON_MS)
    await reader.interrupt()
    async for _ in tallies:
        break
    await tallies.aclose()
    assert (await counted(reader)).total.messages == MESSAGES


@pytest.mark.parametrize("now_ms", [NOON_MS - 300 * MINUTE, NOON_MS, NOON_MS + 200 * MINUTE])
async def test_as_many_are_stuck_as_the_filter_finds(reader: Reader, now_ms: int) -> None:
    context = FilterContext(
        now_ms=now_ms, stuck_after_ms=30 * MINUTE, stuck_after_by_provider_ms={"smso": 90 * MINUTE}
    )
    for waiting in await reader.still_open(context.stuck_before_ms):
        for claim, expected in (("stuck", waiting.stuck), ("open", waiting.open)):
            text = f"is:{claim} provider:{waiting.provider}"
            wanted = condition(parse(text), Kind.MESSAGES, context)
            assert await reader.count(Kind.MESSAGES, wanted) == expected, text


async def test_the_last_callback_counts_whatever_was_in_it(tmp_path: Path) -> None:
    with writing(tmp_path / "sms.db") as writer:
        await store(
            writer, entry(("1", report(Status.SENT))), entry(("2", report(Status.SENT)), provider="smso")
        )
        await store(writer, entry(("1", report(Status.SENT)), arrived_ms=NOON_MS + MINUTE))
        await store(writer, entry(("2", report(Status.DELIVERED)), provider="smso"))
        async with await Reader.open(writer.path) as reader:
            (webcom,) = await reader.still_open(CONTEXT.stuck_before_ms)
    assert (webcom.provider, webcom.open, webcom.stuck) == ("webcom", 1, 0)
    assert webcom.called_ms == NOON_MS + MINUTE


def test_a_place_is_read_as_the_database_writes_it() -> None:
    assert insight._decode_place('["smso","+407",null,"03"]') == Place("smso", "+407", None, "03")

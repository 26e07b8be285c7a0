from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from smswatch.errors import PayloadError
from smswatch.model import Reading, Status, WebhookRequest
from smswatch.providers import all_providers
from smswatch.simulate.events import Callback, Event, Sent
from smswatch.simulate.scenarios import traffic

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Bucharest")
PROVIDERS = all_providers()


def events(count: int = 4000, *, seed: int = 7, rate: float = 1.0) -> list[Event]:
    return list(itertools.islice(traffic(seed, START, rate=rate, zone=ZONE), count))


def read(callback: Callback) -> Reading:
    request = WebhookRequest(
        method="POST",
        path=callback.path,
        query="",
        headers=(("Content-Type", callback.content_type),),
        body=callback.body,
        arrived_ms=0,
    )
    return PROVIDERS[callback.provider].parse(request)


def callbacks(given: list[Event]) -> list[Callback]:
    return [event for event in given if isinstance(event, Callback)]


def test_the_same_seed_gives_the_same_traffic() -> None:
    def shown(seed: int) -> list[str]:
        return [
            f"{event.due} {event.body!r}" if isinstance(event, Callback) else str(event)
            for event in events(500, seed=seed)
        ]

    assert shown(3) == shown(3)
    assert shown(3) != shown(4)


def test_events_come_in_the_order_in_which_they_are_due() -> None:
    due = [event.due for event in events()]

    assert due == sorted(due)


def test_the_rate_is_that_of_stories_begun() -> None:
    lasting = (events(4000, rate=10)[-1].due - START).total_seconds()
    tenfold = (events(4000, rate=1)[-1].due - START).total_seconds()

    assert 5 < tenfold / lasting < 15


def test_a_message_is_announced_before_its_first_callback() -> None:
    announced: set[tuple[str, str]] = set()
    for event in events():
        if isinstance(event, Sent):
            announced.add((event.provider, event.message_id))
            continue
        try:
            reports = read(event).reports
        except PayloadError:
            continue
        for report in reports:
            # Oddities are about messages that no application announced.
            if not report.message_id.startswith("11436"):
                assert (event.provider, report.message_id) in announced


def test_every_format_is_there_and_few_bodies_are_unreadable() -> None:
    seen = callbacks(events())
    unreadable = 0
    for callback in seen:
        try:
            read(callback)
        except PayloadError:
            unreadable += 1

    assert {callback.provider for callback in seen} == {"webcom", "smso", "smsgateway24"}
    assert {callback.body[:1] == b"<" for callback in seen if callback.provider == "webcom"} == {True, False}
    assert 0 < unreadable < len(seen) * 0.03


def test_messages_mostly_arrive_and_fail_in_every_way() -> None:
    best: dict[tuple[str, str], Status] = {}
    for callback in callbacks(events(12_000)):
        try:
            reports = read(callback).reports
        except PayloadError:
            continue
        for report in reports:
            key = callback.provider, report.message_id
            best[key] = max(best.get(key, Status.UNMAPPED), report.status, key=lambda each: each.rank)
    shares = Counter(best.values())

    arrived = shares[Status.DELIVERED] + shares[Status.READ]
    assert 0.7 < arrived / len(best) < 0.95
    assert {
        Status.UNMAPPED,
        Status.UNDELIVERED,
        Status.EXPIRED,
        Status.FAILED,
        Status.UNKNOWN,
        Status.READ,
    } <= set(shares)


def test_some_reports_come_late_some_twice_and_some_messages_are_sent_again() -> None:
    arrived: dict[tuple[str, str], list[Status]] = defaultdict(list)
    bodies: Counter[bytes] = Counter()
    for callback in callbacks(events(12_000)):
        bodies[callback.body] += 1
        try:
            reports = read(callback).reports
        except PayloadError:
            continue
        for report in reports:
            arrived[callback.provider, report.message_id].append(report.status)

    assert any(
        Status.DELIVERED in statuses and statuses.index(Status.DELIVERED) < len(statuses) - 1
        for statuses in arrived.values()
    )
    assert max(bodies.values()) > 1
    assert any(callback.lost_answers for callback in callbacks(events()))
    assert any(
        Status.FAILED in statuses and Status.QUEUED in statuses[statuses.index(Status.FAILED) :]
        for statuses in arrived.values()
    )


def test_replies_answer_messages_of_the_same_traffic() -> None:
    given = events(12_000)
    announced = {event.message_id: event for event in given if isinstance(event, Sent)}
    replies = []
    for callback in callbacks(given):
        try:
            reading = read(callback)
        except PayloadError:
            continue
        replies += [sms for sms in reading.inbound if sms.reply_to]

    assert replies
    for sms in replies:
        assert sms.reply_to in announced
        assert sms.number is not None
        assert sms.number.text == announced[sms.reply_to].number
    texts = {sms.body for sms in replies}
    assert "STOP" in texts
    assert any(ord(character) > 0xFFFF for text in texts for character in text)


def test_provider_times_lie_near_the_moment_of_the_callback() -> None:
    for callback in callbacks(events()):
        try:
            reports = read(callback).reports
        except PayloadError:
            continue
        for report in reports:
            time = report.occurred_at
            if time is None:
                continue
            offset = ZONE.utcoffset(callback.due.replace(tzinfo=None)) or timedelta()
            if time.offset_minutes is not None:
                offset = timedelta(minutes=time.offset_minutes)
            behind = callback.due - (time.local - offset).replace(tzinfo=UTC)
            assert timedelta(seconds=-2) < behind < timedelta(minutes=5), callback.body


@pytest.mark.parametrize("seed", range(5))
def test_no_seed_breaks_a_reader(seed: int) -> None:
    for callback in callbacks(events(2000, seed=seed)):
        try:
            read(callback)
        except PayloadError:
            assert callback.lost_answers == 0

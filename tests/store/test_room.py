"""Nobody makes a message slow: a timeline takes so many different reports, and nothing acknowledged is lost."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from store_desk import NOON_MS, entry, inbound, look, report, store, writing

from smswatch.model import ChannelStatus, Kind, Outcome, Status
from smswatch.store import known_messages
from smswatch.store.entry import Entry
from smswatch.store.reader import REPLIES_AT_ONCE, REQUESTS_AT_ONCE, Reader
from smswatch.store.room import MOST_CHANNELS, MOST_REPORTS, words_of_left_out
from smswatch.store.rows import InboundRow, MessageRow
from smswatch.store.select import LIST_BODY_BYTES
from smswatch.store.window import Window

SENT = range(MOST_REPORTS + 50)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


def sent(number: int) -> Entry:
    return entry(("7", report(Status.SENT, NOON_MS + number)), body=b"%d" % number)


async def test_what_a_timeline_has_no_room_for_stays_in_its_request_and_says_so(path: Path) -> None:
    with writing(path) as writer:
        kept = await store(writer, *map(sent, SENT))
        async with await Reader.open(path) as reader:
            detail = await reader.find_message("webcom", "7")
    assert detail is not None
    assert len(detail.timeline) == detail.message.reports == MOST_REPORTS
    assert {one.outcome for one in kept} == {Outcome.STORED}
    bodies = look(path, "SELECT body, problem FROM requests ORDER BY id")
    assert [body for body, _ in bodies] == [b"%d" % number for number in SENT]
    assert [problem for _, problem in bodies[:MOST_REPORTS]] == [None] * MOST_REPORTS
    assert {problem for _, problem in bodies[MOST_REPORTS:]} == {words_of_left_out(1)}


async def test_every_report_is_told_also_one_without_room(path: Path) -> None:
    with writing(path) as writer:
        kept = await store(writer, *map(sent, SENT))
    assert [one.reports[0][1].request_id for one in kept] == [one.request_id for one in kept]


async def test_a_status_that_is_new_has_room_behind_any_number_of_others(path: Path) -> None:
    named = ChannelStatus("viber", Status.READ, "read")
    with writing(path) as writer:
        await store(writer, *map(sent, SENT))
        await store(writer, entry(("7", report(Status.DELIVERED, NOON_MS - 1))))
        await store(writer, entry(("7", report(Status.DELIVERED, NOON_MS - 2))))
        await store(writer, entry(("7", report(Status.READ, NOON_MS - 3, channels=(named,)))))
        async with await Reader.open(path) as reader:
            detail = await reader.find_message("webcom", "7")
    assert detail is not None
    assert (detail.message.status, detail.message.reports) == (Status.READ, MOST_REPORTS + 2)


async def test_new_statuses_have_room_only_so_often(path: Path) -> None:
    named = [ChannelStatus(f"channel {n}", status, "word") for n in range(50) for status in list(Status)[1:5]]
    with writing(path) as writer:
        await store(writer, *map(sent, SENT))
        await store(
            writer,
            *(entry(("7", report(Status.SENT, number, channels=(one,)))) for number, one in enumerate(named)),
        )
    assert look(path, "SELECT reports FROM messages") == [(MOST_REPORTS + 100,)]


async def test_a_report_that_has_its_place_is_still_counted_when_it_comes_again(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, *map(sent, SENT))
        await store(writer, sent(0))
    assert look(path, "SELECT reports, duplicates FROM messages") == [(MOST_REPORTS, 1)]


async def test_the_writer_remembers_no_more_reports_than_it_has_memory_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_messages, "REPORTS_REMEMBERED", 10)
    with writing(path) as writer:
        for number in range(30):
            reports = [(str(number), report(Status.SENT, NOON_MS + time)) for time in range(4)]
            await store(writer, entry(*reports))
        remembered = writer._batch._known.remembered()
        assert sum(len(message.reports) for message in remembered.values()) <= 10
        await store(writer, entry(("0", report(Status.DELIVERED, NOON_MS))))
    assert look(path, "SELECT reports, status FROM messages WHERE message_id = '0'") == [(5, "delivered")]


async def test_a_screens_detail_reads_a_few_of_very_many_requests_and_replies(path: Path) -> None:
    times = 4 * REQUESTS_AT_ONCE
    with writing(path) as writer:
        for _ in range(times):
            await store(writer, sent(0))
        await store(writer, *(entry(sms=[inbound(f"{n}", reply_to="7")]) for n in range(2 * REPLIES_AT_ONCE)))
        async with await Reader.open(path) as reader:
            whole = await reader.find_message("webcom", "7")
            assert whole is not None
            first = await reader.message_detail(whole.message.id)
            last = await reader.message_detail(whole.message.id, near=times)
    assert first is not None
    assert last is not None
    assert (len(whole.requests), len(whole.replies)) == (times, 2 * REPLIES_AT_ONCE)
    assert [one.id for one in first.requests] == list(range(1, REQUESTS_AT_ONCE + 1))
    assert last.requests[-1].id == times
    assert len(last.requests) == REQUESTS_AT_ONCE
    assert first.request_ids == (*range(1, 22), times), "of one report's repeats the first and the last"
    assert (len(first.replies), first.replies_in_all) == (REPLIES_AT_ONCE, 2 * REPLIES_AT_ONCE)
    assert first.timeline[0].times_received == times


async def test_a_message_takes_only_so_many_channels(path: Path) -> None:
    def on(channel: int) -> Entry:
        named = (ChannelStatus(f"channel {channel}", Status.SENT, "sent"),)
        return entry(("7", report(Status.SENT, NOON_MS + channel, channels=named)))

    with writing(path) as writer:
        kept = await store(writer, *map(on, range(MOST_CHANNELS + 20)))
        async with await Reader.open(path) as reader:
            detail = await reader.find_message("webcom", "7")
    assert detail is not None
    assert len(detail.message.channels) < MOST_CHANNELS + 1
    assert sum(one.left_out for one in kept) == MOST_CHANNELS + 20 - len(detail.timeline)


async def test_a_list_reads_the_beginning_of_a_text_and_a_detail_all_of_it(path: Path) -> None:
    text, word = "ș" * 100_000, "w" * 100_000
    with writing(path) as writer, closing(Window(path)) as window:
        long = report(Status.UNMAPPED, error_text=text)
        long.provider_status = word
        await store(writer, entry(("7", long), sms=[inbound(text)]))
        async with await Reader.open(path) as reader:
            message, sms = await reader.message_detail(1), await reader.inbound(1)
        in_list, sms_in_list = window.rows(Kind.MESSAGES, [1])[1], window.rows(Kind.INBOUND, [1])[1]
    assert message is not None
    assert sms is not None
    assert isinstance(in_list, MessageRow)
    assert isinstance(sms_in_list, InboundRow)
    assert (message.message.provider_status, message.message.error_text, sms.body) == (word, text, text)
    assert in_list.provider_status == word[:LIST_BODY_BYTES]
    assert in_list.error_text == sms_in_list.body == text[:LIST_BODY_BYTES]

"""A conversation: both directions of one number by time, bounded, found through the index of contacts."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_desk import NOON_MS, NUMBER, entry, inbound, report, store, writing

from smswatch.model import Status
from smswatch.store.conversation import read_conversation
from smswatch.store.reader import Reader
from smswatch.store.rows import Conversation, MessageRow
from smswatch.store.writer import Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    """Four messages to one number through two providers, three answers, and somebody else's traffic."""
    with writing(tmp_path / "sms.db") as writer:
        for second, (provider, number) in enumerate(
            [
                ("webcom", NUMBER),
                ("smso", NUMBER),
                ("webcom", "+447700900123"),
                ("webcom", NUMBER),
                ("smso", NUMBER),
            ]
        ):
            at = NOON_MS + 10_000 * second
            one = report(Status.SENT, at, arrived_ms=at, number=number)
            await store(writer, entry((str(second), one), provider=provider, arrived_ms=at))
        for body, at, reply_to in (("Da", 5_000, "0"), ("Stop", 25_000, "2"), ("?", 60_000, "99")):
            sms = inbound(body, arrived_ms=NOON_MS + at, reply_to=reply_to)
            await store(writer, entry(sms=[sms], arrived_ms=NOON_MS + at))
        yield writer


@pytest.fixture
async def reader(writer: Writer) -> AsyncIterator[Reader]:
    async with await Reader.open(writer.path) as reader:
        yield reader


def told(conversation: Conversation) -> list[str]:
    return [turn.message_id if isinstance(turn, MessageRow) else turn.body for turn in conversation.turns]


async def test_both_directions_and_all_providers_by_time(reader: Reader) -> None:
    conversation = await reader.conversation(NUMBER, 200)
    assert told(conversation) == ["0", "Da", "1", "Stop", "3", "4", "?"]
    assert not conversation.has_older


@pytest.mark.parametrize(
    ("limit", "turns", "has_older"),
    [
        (1, ["?"], True),
        (2, ["4", "?"], True),
        (6, ["Da", "1", "Stop", "3", "4", "?"], True),
        (7, None, False),
    ],
)
async def test_only_the_newest_are_read(
    reader: Reader, limit: int, turns: list[str] | None, has_older: bool
) -> None:
    conversation = await reader.conversation(NUMBER, limit)
    assert turns is None or told(conversation) == turns
    assert conversation.has_older is has_older


async def test_answers_know_what_they_answer_also_outside_the_conversation(reader: Reader) -> None:
    """The second answer is to a message to another number, the third to one of which nothing is known."""
    answered = (await reader.conversation(NUMBER, 200)).answered
    assert {key: message.number for key, message in answered.items()} == {
        ("webcom", "0"): NUMBER,
        ("webcom", "2"): "+447700900123",
    }
    assert set((await reader.conversation(NUMBER, 6)).answered) == set(answered)


@pytest.mark.parametrize("number", ["", "+40700000000", "'; DROP TABLE contacts --", "\x00"])
async def test_a_number_that_nobody_has_gives_nothing(reader: Reader, number: str) -> None:
    conversation = await reader.conversation(number, 200)
    assert (conversation.turns, conversation.has_older, conversation.answered) == ((), False, {})


async def test_every_statement_goes_by_an_index_and_sorts_nothing(writer: Writer) -> None:
    plans: list[str] = []
    with closing(sqlite3.connect(writer.path)) as connection:

        async def select(sql: str, values: Iterable[object]) -> list[Any]:
            bound = tuple(values)
            plans.extend(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", bound))
            return connection.execute(sql, bound).fetchall()

        await read_conversation(select, NUMBER, 6)
    on_tables = [
        plan
        for plan in plans
        if any(f" {name} " in f"{plan} " for name in ("messages", "inbound", "contacts"))
    ]
    assert len(on_tables) == 4
    assert [plan for plan in on_tables if not plan.startswith("SEARCH")] == []
    assert not any("TEMP B-TREE" in plan and "ORDER" in plan for plan in plans)

"""Marks: a person's own sign on a message, kept with it, found by it, gone with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_desk import DEADLINE_S, NOON_MS, NUMBER, entry, look, report, status_entry, store, writing

from smswatch.errors import StoreError
from smswatch.filters import FilterContext, condition, parse
from smswatch.model import Kind, Status
from smswatch.store.change import mark
from smswatch.store.handover import HandoverServer
from smswatch.store.reader import Reader
from smswatch.store.removal import Removal
from smswatch.store.rows import Marking, MessageRow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


async def keep_three(path: Path) -> None:
    with writing(path) as writer:
        for message_id in ("a", "b", "c"):
            await store(writer, status_entry(message_id, Status.SENT))


async def marked(path: Path, filter_text: str = "is:marked") -> list[str]:
    """Return the message ids that a filter finds, each of which must know that it is marked, or not."""
    wanted = condition(parse(filter_text), Kind.MESSAGES, FilterContext(now_ms=NOON_MS))
    async with await Reader.open(path) as reader:
        rows = await reader.page(Kind.MESSAGES, wanted, limit=0)
    known = {row[0] for row in look(path, "SELECT message FROM marks")}
    assert all(isinstance(row, MessageRow) and row.is_marked == (row.id in known) for row in rows)
    return [row.message_id or "" for row in rows if isinstance(row, MessageRow)]


async def test_a_marked_message_says_so_and_is_found_by_it(path: Path) -> None:
    await keep_three(path)
    assert mark(path, Marking((1, 3), is_marked=True)) == 2
    assert await marked(path) == ["c", "a"]
    assert await marked(path, "-is:marked") == ["b"]
    assert await marked(path, "is:marked id:a") == ["a"]
    assert await marked(path, "is:marked status:delivered") == []
    assert await marked(path, "is:marked OR id:b") == ["c", "b", "a"]
    assert mark(path, Marking((1,), is_marked=False)) == 1
    assert await marked(path) == ["c"]


async def test_a_mark_is_a_change_that_every_window_hears_of(path: Path) -> None:
    await keep_three(path)
    async with await Reader.open(path) as reader:
        before = await reader.sequence()
        mark(path, Marking((2,), is_marked=True))
        changes = await reader.changes(Kind.MESSAGES, before)
    assert changes.ids == (2,)
    assert changes.sequence == before + 1


async def test_marking_twice_changes_nothing_more(path: Path) -> None:
    await keep_three(path)
    assert mark(path, Marking((2,), is_marked=True)) == 1
    assert mark(path, Marking((2,), is_marked=True)) == 0
    assert mark(path, Marking((1, 99), is_marked=False)) == 0


async def test_what_is_not_there_cannot_be_marked(path: Path) -> None:
    await keep_three(path)
    assert mark(path, Marking((99,), is_marked=True)) == 0
    assert look(path, "SELECT * FROM marks") == []


async def test_whoever_holds_the_lock_writes_it_and_intake_goes_on(path: Path) -> None:
    with writing(path) as writer:
        server = HandoverServer(writer)
        try:
            await store(writer, status_entry("a", Status.SENT))
            assert mark(path, Marking((1,), is_marked=True)) == 1
            await store(writer, status_entry("a", Status.DELIVERED))
        finally:
            server.close()
    assert await marked(path, "is:marked status:delivered") == ["a"]


async def test_a_mark_goes_with_its_message_and_does_not_pass_to_the_next(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, entry(("a", report(Status.SENT, number=NUMBER))))
        writer.mark(Marking((1,), is_marked=True)).result(DEADLINE_S)
        writer.remove(Removal(number=NUMBER)).result(DEADLINE_S)
        await store(writer, entry(("b", report(Status.SENT))))
    assert await marked(path) == []
    assert await marked(path, "") == ["b"]


async def test_a_database_that_is_gone_is_said(path: Path) -> None:
    with writing(path) as writer:
        await store(writer, status_entry("a", Status.SENT))
        for file in path.parent.glob("sms.db*"):
            file.unlink()
        with pytest.raises(StoreError, match="deleted or replaced"):
            writer.mark(Marking((1,), is_marked=True)).result(DEADLINE_S)

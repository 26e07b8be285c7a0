"""One number's conversation: the newest rows of two lists by the contact's index, merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

from smswatch.model import Kind
from smswatch.store.rows import Conversation, InboundRow, MessageRow
from smswatch.store.select import columns, row_from

_Select = Callable[[str, Iterable[object]], Awaitable[list[Any]]]
"""Runs a statement and returns all its rows."""

_IDS_AT_ONCE = 200


async def read_conversation(select: _Select, number: str, limit: int) -> Conversation:
    """Return the newest `limit` turns with a number, at least 1; none where nobody of that number is known."""
    contact = await select("SELECT id FROM contacts WHERE number = ?", (number,))
    if not contact:
        return Conversation(number=number, turns=(), has_older=False, answered={})
    rows: dict[Kind, list[MessageRow | InboundRow]] = {}
    for kind in (Kind.MESSAGES, Kind.INBOUND):
        sql = (
            f"SELECT {columns(kind, whole=True)} FROM {kind} INDEXED BY {kind}_contact"  # noqa: S608 - our own names
            " WHERE contact = ? ORDER BY id DESC LIMIT ?"
        )
        found = await select(sql, (contact[0][0], limit + 1))
        rows[kind] = [cast("MessageRow | InboundRow", row_from(kind, row)) for row in found]
    newest = heapq.nlargest(limit, (row for of_kind in rows.values() for row in of_kind), key=_order)
    turns = tuple(reversed(newest))
    return Conversation(
        number=number,
        turns=turns,
        has_older=sum(map(len, rows.values())) > len(turns),
        answered=await _answered(select, turns),
    )


def turn_ms(turn: MessageRow | InboundRow) -> int:
    """Return when a turn was first seen here, UTC milliseconds."""
    return turn.first_seen_ms if isinstance(turn, MessageRow) else turn.arrived_ms


def _order(turn: MessageRow | InboundRow) -> tuple[int, bool, int]:
    return turn_ms(turn), isinstance(turn, InboundRow), turn.id


async def _answered(
    select: _Select, turns: Sequence[MessageRow | InboundRow]
) -> dict[tuple[str, str], MessageRow]:
    """Return the messages that are answered, most of which are turns themselves."""
    known = {(turn.provider, turn.message_id): turn for turn in turns if isinstance(turn, MessageRow)}
    answers = [turn for turn in turns if isinstance(turn, InboundRow) and turn.reply_to]
    wanted = {(turn.provider, cast("str", turn.reply_to)) for turn in answers}
    found = {key: known[key] for key in wanted & known.keys()}
    missing = sorted(wanted - known.keys())
    for start in range(0, len(missing), _IDS_AT_ONCE):
        part = missing[start : start + _IDS_AT_ONCE]
        marks = ",".join(["(?, ?)"] * len(part))
        sql = (
            f"WITH wanted(provider, message_id) AS (VALUES {marks})"  # noqa: S608 - our own names, bound values
            f" SELECT {columns(Kind.MESSAGES, whole=True)} FROM wanted CROSS JOIN messages USING (provider, message_id)"
        )
        for row in await select(sql, [value for key in part for value in key]):
            message = cast("MessageRow", row_from(Kind.MESSAGES, row))
            found[message.provider, message.message_id] = message
    return found

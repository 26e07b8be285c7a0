"""Pieces of SQL with their parameters, and the few ways in which filters compare."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smswatch.filters.condition import SqlValue


class Phrase(msgspec.Struct, frozen=True):
    """One SQL expression. NULL counts as false."""

    sql: str
    params: tuple[SqlValue, ...] = ()


NOTHING = Phrase("0")

_BLOBS = frozenset({"requests.body"})


def any_of(phrases: Sequence[Phrase]) -> Phrase:
    """One of them is enough."""
    sql = " OR ".join(f"({phrase.sql})" for phrase in phrases)
    return Phrase(sql, tuple(value for phrase in phrases for value in phrase.params))


def one_of(column: str, values: Sequence[SqlValue]) -> Phrase:
    """The column holds one of the values."""
    if len(values) == 1:
        return Phrase(f"{column} = ?", (_plain(values[0]),))
    marks = ", ".join("?" * len(values))
    return Phrase(f"{column} IN ({marks})", tuple(map(_plain, values)))


def contains(columns: Sequence[str], text: str) -> Phrase:
    """One of the columns contains the text, whatever the case."""
    return any_of([_contains(column, text) for column in columns])


def starts_with(column: str, text: str) -> Phrase:
    """The column begins with the text, exactly; a range, so that its index serves."""
    return Phrase(f"{column} >= ? AND {column} < ?", (text, text + "\U0010ffff"))


def _contains(column: str, text: str) -> Phrase:
    if not text.isascii():
        return Phrase(f"folded_contains({column}, ?)", (text.casefold(),))
    # LIKE would stop at a NUL in the column, and give its own meaning to % and _.
    whole = f"CAST({column} AS TEXT)" if column in _BLOBS else column
    return Phrase(f"instr(lower({whole}), ?) > 0", (text.lower(),))


def _plain(value: SqlValue) -> SqlValue:
    return str(value) if isinstance(value, str) else value

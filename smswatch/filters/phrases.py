"""Pieces of SQL with their parameters, and the few ways in which filters compare."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from smswatch.filters.condition import SqlValue


class Phrase(msgspec.Struct, frozen=True):
    """One SQL expression. NULL counts as false."""

    sql: str
    params: tuple[SqlValue, ...] = ()


NOTHING = Phrase("0")

_WILDCARD = re.compile(r"[%_\\]")
_ASCII_RUN = re.compile("[\x20-\x7e]{2,}")
_NOT_ASCII = "*[^ -~]*"
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
    if column in _BLOBS:
        return _blob_contains(column, text)
    if text.isascii():
        return _like(column, text)
    # Calling back into Python costs twenty times as much, so rows that cannot match are sorted out before.
    runs = _ASCII_RUN.findall(text)
    sieve = _like(column, max(runs, key=len)) if runs else Phrase(f"{column} GLOB ?", (_NOT_ASCII,))
    return Phrase(f"{sieve.sql} AND folded_contains({column}, ?)", (*sieve.params, text.casefold()))


def _like(column: str, text: str) -> Phrase:
    pattern = _WILDCARD.sub(r"\\\g<0>", text)
    return Phrase(rf"{column} LIKE ? ESCAPE '\'", (f"%{pattern}%",))


def _blob_contains(column: str, text: str) -> Phrase:
    """LIKE would stop at the first NUL of a raw body."""
    if text.isascii():
        return Phrase(f"instr(lower(CAST({column} AS TEXT)), ?) > 0", (text.lower(),))
    return Phrase(f"folded_contains({column}, ?)", (text.casefold(),))


def _plain(value: SqlValue) -> SqlValue:
    return str(value) if isinstance(value, str) else value

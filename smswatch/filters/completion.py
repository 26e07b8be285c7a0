"""Completing a filter: what the term that is being typed may become, written so that the language takes it.

Values come from strangers. Only those that can be shown as they are, and that the language reads back, are offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from smswatch.errors import FilterError
from smswatch.filters.expression import KEY, quoted, written
from smswatch.filters.lacking import lacked_keys
from smswatch.filters.operators import BY_KEY
from smswatch.filters.parse import LONGEST, parse
from smswatch.model import Kind
from smswatch.safe_text import safe_line

MOST = 20
"""Completions of one term."""
LONGEST_VALUE = 60
"""Characters; longer values are not offered."""

_LISTS = frozenset(("status", "provider", "channel", "error", "mcc", "mnc", "outcome"))
"""Keys after which several values may stand, with commas between them."""
_USUAL: Mapping[str, tuple[str, ...]] = {
    "after": ("10m", "1h", "24h", "7d"),
    "before": ("1h", "24h", "7d"),
    "latency": (">30s", ">5m", "<10s"),
}
_QUOTED_PIECE = re.compile(r'\\["\\]|[^"]')


class Completion(msgspec.Struct, frozen=True):
    """One way to go on."""

    text: str
    """The whole filter with it."""
    rest: str
    """What it adds, as it is shown behind what was typed."""


class _Typed(msgspec.Struct, frozen=True):
    """The last term, as far as it was typed."""

    before: str
    """Everything in front of its last value."""
    term: str
    """What of the term stands in front of that value: `-status:failed,`."""
    key: str | None
    value: str
    is_quoted: bool = False
    others: frozenset[str] = frozenset()
    """Values that stand in the same list already, in small letters."""


def completions(
    text: str, values: Mapping[str, Sequence[str]], kind: Kind | None = None
) -> tuple[Completion, ...]:
    """Return how the filter's last term may go on, the likeliest first; nothing where none has begun.

    `values` are those that exist, by key; with `kind`, keys that its list lacks are not offered. Each completion can be
    read by `parse`, if what was typed before can; a key alone (`status:`) still wants its value.
    """
    typed = _last_term(text) if len(text) < LONGEST else None
    if typed is None:
        return ()
    lacked = frozenset[str]() if kind is None else lacked_keys(kind)
    found = _keys(typed, lacked) if typed.key is None else _values(typed, typed.key, values)
    return tuple(one for one, _ in zip(found, range(MOST), strict=False))


def _keys(typed: _Typed, lacked: frozenset[str]) -> Iterator[Completion]:
    wanted = typed.value.casefold()
    if wanted and not typed.is_quoted:
        for key in BY_KEY:
            if key.startswith(wanted) and key not in lacked:
                yield Completion(f"{typed.before}{typed.term}{key}:", f"{key[len(wanted) :]}:")


def _values(typed: _Typed, key: str, values: Mapping[str, Sequence[str]]) -> Iterator[Completion]:
    operator = BY_KEY.get(key)
    if operator is None:
        return
    wanted = typed.value.casefold()
    for value in dict.fromkeys((*values.get(key, ()), *operator.words, *_USUAL.get(key, ()))):
        folded = value.casefold()
        is_new = len(value) > len(wanted) and folded not in typed.others
        if not (is_new and folded.startswith(wanted) and len(folded) == len(value)):
            continue
        term = _term(typed, value)
        if term is not None:
            rest = value[len(typed.value) :] + '"' * typed.is_quoted
            yield Completion(typed.before + term, rest)


def _term(typed: _Typed, value: str) -> str | None:
    """Write the last term with this value; None if the language could not read it, or a person not see it."""
    if safe_line(value, LONGEST_VALUE) != value or not value.strip():
        return None
    form = quoted(value) if typed.is_quoted else written(value)
    if typed.others and form != value:
        return None  # a list holds no quotes
    term = typed.term + form
    try:
        parse(term)
    except FilterError:
        return None
    return term


def _last_term(text: str) -> _Typed | None:
    """Find the term that the text ends in; None if it ends between terms, or behind closed quotes."""
    index = 0
    while True:
        while index < len(text) and text[index].isspace():
            index += 1
        if index == len(text):
            return None
        start = index
        index += text[index] == "-"
        found = KEY.match(text, index)
        index = found.end() if found else index
        key = found[1].casefold() if found else None
        if text[index : index + 1] == '"':
            end = _end_of_quotes(text, index)
            if end is None:
                value = re.sub(r'\\(["\\])', r"\1", text[index + 1 :])
                return _Typed(text[:start], text[start:index], key, value, is_quoted=True)
        else:
            end = next((at for at in range(index, len(text)) if text[at].isspace()), len(text))
            if end == len(text):
                return _unquoted(text, start, index, key)
        index = end


def _unquoted(text: str, start: int, value: int, key: str | None) -> _Typed | None:
    if key not in _LISTS:
        return _Typed(text[:start], text[start:value], key, text[value:])
    *others, last = text[value:].split(",")
    folded = frozenset(other.casefold() for other in others)
    return _Typed(text[:start], text[start : len(text) - len(last)], key, last, others=folded)


def _end_of_quotes(text: str, start: int) -> int | None:
    index = start + 1
    while piece := _QUOTED_PIECE.match(text, index):
        index = piece.end()
    return index + 1 if text[index : index + 1] == '"' else None

"""The operators of the filter language: how each value is read, and the words that explain it.

Parser, help screen and README all use this one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from smswatch.errors import FilterError
from smswatch.filters.expression import (
    UNITS,
    After,
    Ago,
    At,
    Before,
    ChannelIn,
    Claim,
    Comparison,
    CountryCodeIn,
    ErrorIn,
    Expression,
    Has,
    IdIn,
    Is,
    Latency,
    NetworkCodeIn,
    Number,
    OutcomeIn,
    Part,
    ProviderIn,
    StatusIn,
    TextHas,
)
from smswatch.model import FAILURES, Outcome, Status
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion

_MOST_VALUES = 100
_EARLIEST_YEAR, _LATEST_YEAR = 1971, 2999  # what every machine's calendar can place in its own zone

_AGO = re.compile(rf"([0-9]{{1,9}})({'|'.join(UNITS)})", re.ASCII)
_LATENCY = re.compile(rf"(<=|>=|<|>|=)([0-9]{{1,9}}(?:\.[0-9]{{1,3}})?)({'|'.join(UNITS)})", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)

_Name = TypeVar("_Name", bound=StrEnum)


class Value(msgspec.Struct, frozen=True):
    """What stands after `key:`."""

    text: str
    position: int
    quoted: bool


class Operator(msgspec.Struct, frozen=True):
    """One `key:` of the language."""

    key: str
    read: Callable[[Value], Expression]
    """Raises FilterError with the position."""
    examples: tuple[str, ...]
    meaning: str
    words: tuple[str, ...] = ()
    """The values it knows, where they are a closed set."""


def _items(value: Value) -> list[Value]:
    """Split a list at its commas; a quoted value is one item whatever it holds."""
    if value.quoted:
        return [value]
    items: list[Value] = []
    position = value.position
    for item in value.text.split(","):
        if not item:
            raise FilterError("a value is missing in the list", position)
        items.append(Value(item, position, quoted=False))
        position += len(item) + 1
    if len(items) > _MOST_VALUES:
        raise FilterError(f"more than {_MOST_VALUES} values in one list", items[_MOST_VALUES].position)
    return items


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _names(value: Value) -> tuple[str, ...]:
    return _distinct(item.text.casefold() for item in _items(value))


def _one_of(names: type[_Name], what: str, item: Value, *others: str) -> _Name:
    """Return the name that is meant. FilterError lists the names, and `others` that may stand in their place."""
    word = item.text.casefold()
    try:
        return names(word)
    except ValueError:
        hint = suggestion(word, (*others, *names))
        raise FilterError(f"no {what} is called {safe_line(item.text, 40)}; {hint}", item.position) from None


_BAD = "bad"
"""Every negative final status."""


def _status(value: Value) -> Expression:
    found: dict[Status, None] = {}
    for item in _items(value):
        if item.text.casefold() == _BAD:
            found.update(dict.fromkeys(FAILURES))
        else:
            found[_one_of(Status, "status", item, _BAD)] = None
    return StatusIn(tuple(found))


def _number(value: Value) -> Expression:
    text = value.text
    open_start, open_end = text.startswith("*"), text.endswith("*") and len(text) > 1
    inner = text[open_start : len(text) - open_end].strip()
    if "*" in inner:
        raise FilterError(
            "in a number a * stands at its beginning or end", value.position + text.index("*", open_start)
        )
    if not inner and not open_start:
        raise FilterError("a number is missing", value.position)
    return Number(inner, open_start=open_start, open_end=open_end or not inner)


def _outcome(value: Value) -> Expression:
    return OutcomeIn(tuple(dict.fromkeys(_one_of(Outcome, "outcome", item) for item in _items(value))))


def _when(value: Value) -> Ago | At:
    text = value.text.strip()
    if ago := _AGO.fullmatch(text.casefold()):
        return Ago(int(ago[1]), ago[2])
    if not _MOMENT.fullmatch(text):
        raise FilterError("no time; write 10m, 2h, 3d, 2026-11-20 or 2026-11-20T12:00", value.position)
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise FilterError("there is no such date or time", value.position) from None
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise FilterError(f"a year must be from {_EARLIEST_YEAR} to {_LATEST_YEAR}", value.position)
    return At(moment)


def _latency(value: Value) -> Expression:
    found = _LATENCY.fullmatch(value.text.replace(" ", "").casefold())
    if found is None:
        raise FilterError("no time to compare with; write >30s, <=500ms or =2m", value.position)
    return Latency(Comparison(found[1]), found[2], found[3])


OPERATORS: tuple[Operator, ...] = (
    Operator(
        "number",
        _number,
        ("number:0722334455", "number:+40722*", "number:*4455"),
        "the number, exactly, or with * its beginning, end or middle; without a country code it needs default_region",
    ),
    Operator(
        "status",
        _status,
        ("status:delivered", "status:failed,expired", "status:bad"),
        "the status shown; bad is every negative final one",
        (_BAD, *Status),
    ),
    Operator("provider", lambda value: ProviderIn(_names(value)), ("provider:smso",), "the provider"),
    Operator(
        "channel",
        lambda value: ChannelIn(_names(value)),
        ("channel:viber",),
        "a channel that the message went through",
    ),
    Operator(
        "id",
        lambda value: IdIn(_distinct(item.text for item in _items(value))),
        ("id:3234",),
        "the provider's message id, exactly; on Requests the request's own number",
    ),
    Operator(
        "text",
        lambda value: TextHas(value.text),
        ("text:code", 'text:"two words"'),
        "part of the text or label; of the body on Inbound and Requests",
    ),
    Operator(
        "error",
        lambda value: ErrorIn(_names(value)),
        ("error:9",),
        "the provider's error code, or a part of its explanation",
    ),
    Operator(
        "mcc",
        lambda value: CountryCodeIn(_distinct(item.text for item in _items(value))),
        ("mcc:226",),
        "the mobile country code that the provider names",
    ),
    Operator(
        "mnc",
        lambda value: NetworkCodeIn(_distinct(item.text for item in _items(value))),
        ("mcc:226 mnc:03",),
        "the mobile network code, as the provider writes it: 03 is not 3",
    ),
    Operator(
        "is",
        lambda value: Is(_one_of(Claim, "state", value)),
        (
            "is:open",
            "is:final",
            "is:stuck",
            "is:conflict",
            "is:duplicate",
            "is:out_of_order",
            "is:after_final",
            "is:marked",
            "is:unregistered",
        ),
        "something is still expected, or not; open for too long; what should be noticed; your own marks;"
        " ids that `track` was never told",
        tuple(Claim),
    ),
    Operator(
        "has",
        lambda value: Has(_one_of(Part, "part", value)),
        ("has:reply", "-has:number"),
        "somebody replied; a number, text, label, error or network is known",
        tuple(Part),
    ),
    Operator(
        "after",
        lambda value: After(_when(value)),
        ("after:10m", "after:2026-11-20T12:00"),
        "first seen, or arrived, since then; local time unless it has an offset",
    ),
    Operator("before", lambda value: Before(_when(value)), ("before:2h",), "earlier than that"),
    Operator("latency", _latency, ("latency:>30s",), "from the first report to the delivery: ms s m h d"),
    Operator(
        "outcome",
        _outcome,
        ("outcome:unreadable",),
        "what became of a request",
        tuple(Outcome),
    ),
)

BY_KEY: dict[str, Operator] = {operator.key: operator for operator in OPERATORS}


class FilterHelp(msgspec.Struct, frozen=True):
    """One line of the help."""

    examples: tuple[str, ...]
    meaning: str


FILTER_HELP: tuple[FilterHelp, ...] = (
    FilterHelp(("code", '"two words"'), "number, message id or text contain it, in capitals or not"),
    FilterHelp(("0722 334 455",), "seven digits or more: the number contains them"),
    *(FilterHelp(operator.examples, operator.meaning) for operator in OPERATORS),
    FilterHelp(("status:bad after:1h",), "both must hold"),
    FilterHelp(("is:stuck OR status:bad",), "one is enough; binds looser than the space"),
    FilterHelp(("-provider:smso",), "everything else"),
)
"""The whole language for people, in the order in which to show it."""

"""A filter in English, for the line that says what is being shown."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smswatch.filters.expression import (
    After,
    Ago,
    All,
    At,
    Before,
    ChannelIn,
    Claim,
    Comparison,
    CountryCodeIn,
    Either,
    ErrorIn,
    Everything,
    Expression,
    Has,
    IdIn,
    Is,
    Latency,
    NetworkCodeIn,
    Not,
    Number,
    NumberRun,
    OutcomeIn,
    Part,
    ProviderIn,
    StatusIn,
    TextHas,
    Word,
)
from smswatch.filters.lacking import lack
from smswatch.model import FAILURES, Kind
from smswatch.numbers import digits_key
from smswatch.safe_text import SafeText, safe_line

_SHOWN = 60  # characters of a value

_CLAIMS: dict[Claim, str] = {
    Claim.FINAL: "nothing more is expected",
    Claim.OPEN: "something is still expected",
    Claim.STUCK: "open for too long",
    Claim.CONFLICT: "reports contradict each other",
    Claim.DUPLICATE: "received more than once",
    Claim.OUT_OF_ORDER: "reports came out of order",
    Claim.AFTER_FINAL: "a report came after a final one",
    Claim.MARKED: "you marked it",
    Claim.UNREGISTERED: "its id was never registered",
}
_PARTS: dict[Part, str] = {
    Part.REPLY: "somebody replied",
    Part.NUMBER: "the number is known",
    Part.TEXT: "the text is known",
    Part.LABEL: "it has a label",
    Part.ERROR: "it has an error",
    Part.NETWORK: "the network is known",
}
_COMPARISONS: dict[Comparison, str] = {
    Comparison.LESS: "under",
    Comparison.GREATER: "over",
    Comparison.AT_MOST: "at most",
    Comparison.AT_LEAST: "at least",
    Comparison.EQUAL: "exactly",
}
_UNITS = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


class Reading(msgspec.Struct, frozen=True):
    """Where a filter is in force, for what it says there that it does not say elsewhere."""

    kind: Kind | None = None
    """The list; None is none in particular."""
    default_region: str | None = None
    """Where numbers in national form belong."""


def describe(expression: Expression, reading: Reading | None = None) -> SafeText:
    """Say what a filter lets through, on one line that is safe to show; where it is in force, also why nothing."""
    return safe_line(_english(expression, reading), limit=1000)


def shortcomings(expression: Expression, reading: Reading) -> tuple[SafeText, ...]:
    """Say why terms of a filter can match nothing, or less than is meant, where it is in force."""
    match expression:
        case Either(parts) | All(parts):
            said = [one for part in parts for one in shortcomings(part, reading)]
        case Not(inner):
            said = [*shortcomings(inner, reading)]
        case _:
            missing = None if reading.kind is None else lack(expression, reading.kind)
            if missing is None and isinstance(expression, Number) and is_national(expression, reading):
                missing = _number(expression, reading)
            said = [] if missing is None else [safe_line(missing, 200)]
    return tuple(dict.fromkeys(said))


def is_national(term: Number, reading: Reading) -> bool:
    """Tell whether a number was typed without its country, and none is known to add."""
    if reading.default_region is not None or term.open_start:
        return False
    digits = digits_key(term.text)
    is_written = digits == "".join(one for one in term.text if one not in " ().-/")
    return is_written and digits.startswith("0") and not digits.startswith("00") and len(digits) > 1


def _english(term: Expression, reading: Reading | None) -> str:  # noqa: PLR0911, C901, PLR0912 - one line for each operator
    if reading is not None and reading.kind is not None and (missing := _lack_of(term, reading.kind)):
        return missing
    match term:
        case Everything():
            return "everything"
        case Either(alternatives):
            return "; or ".join(_english(one, reading) for one in alternatives)
        case All(terms):
            return ", and ".join(_english(one, reading) for one in terms)
        case Not(inner):
            return f"not ({_english(inner, reading)})"
        case Word(text):
            return f"“{_cut(text)}” in number, id or text"
        case NumberRun():
            number = f"the number contains {term.digits}"
            return f"{number} (or the id is {term.message_id})" if term.message_id else number
        case Number():
            return _number(term, reading)
        case StatusIn(statuses):
            return "it did not arrive" if statuses == FAILURES else f"the status is {_any(statuses)}"
        case ProviderIn(names):
            return f"the provider is {_any(names)}"
        case ChannelIn(names):
            return f"it went through {_any(names)}"
        case IdIn(ids):
            return f"the id is {_any(ids)}"
        case TextHas(text):
            return f"“{_cut(text)}” in the text"
        case ErrorIn(errors):
            return f"the error is {_any(errors)}"
        case CountryCodeIn(codes):
            return f"the country's code is {_any(codes)}"
        case NetworkCodeIn(codes):
            return f"the network's code is {_any(codes)}"
        case OutcomeIn(outcomes):
            return f"the outcome is {_any(outcomes)}"
        case Is(claim):
            return _CLAIMS[claim]
        case Has(part):
            return _PARTS[part]
        case After(when):
            return f"first seen in the last {_ago(when)}" if isinstance(when, Ago) else f"from {_at(when)} on"
        case Before(when):
            return f"first seen over {_ago(when)} ago" if isinstance(when, Ago) else f"before {_at(when)}"
        case Latency():
            time = f"{term.amount} {_unit(term.unit, plural=term.amount != '1')}"
            return f"delivery took {_COMPARISONS[term.comparison]} {time}"


def _lack_of(term: Expression, kind: Kind) -> str | None:
    """Its negation lets everything through for the same reason."""
    return lack(term.term if isinstance(term, Not) else term, kind)


def _number(term: Number, reading: Reading | None) -> str:
    text = _cut(term.text)
    if reading is not None and is_national(term, reading):
        text = SafeText(f"{text} as received; without default_region no country is added")
    match term.open_start, term.open_end:
        case False, False:
            return f"the number is {text}"
        case False, True:
            return f"the number begins with {text}"
        case True, False:
            return f"the number ends in {text}"
        case _:
            return f"the number contains {text}" if text else "the number is known"


def _any(values: Sequence[str]) -> str:
    shown = [_cut(value) for value in values]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _cut(text: str) -> SafeText:
    return safe_line(text, _SHOWN)


def _ago(when: Ago) -> str:
    return f"{when.amount} {_unit(when.unit, plural=when.amount != 1)}"


def _unit(unit: str, *, plural: bool) -> str:
    return _UNITS[unit] + "s" * plural


def _at(when: At) -> str:
    return when.moment.isoformat(sep=" ", timespec="auto")

"""What a filter means: one small frozen record for each operator.

`str()` of a record is the filter text that means the same.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import msgspec

from smswatch.model import FAILURES, Outcome, Status

NUMBER_CHARACTERS = frozenset("0123456789+-().")
"""A bare word made only of these may be a part of a telephone number."""

KEY = re.compile(r"([A-Za-z_]+):")
"""How a word that is no bare word begins."""

_BEGINS_LIKE_SYNTAX = re.compile(rf'["-]|{KEY.pattern}')
_SPECIAL = re.compile(r'[\s,"\\]')


def quoted(text: str) -> str:
    """Write a text so that the filter language takes it as it is."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written(text: str) -> str:
    """Write a value as it may stand after a key, in quotes where it needs them."""
    return quoted(text) if _SPECIAL.search(text) or not text else text


def _list(values: tuple[str, ...]) -> str:
    return written(values[0]) if len(values) == 1 else ",".join(values)


class Everything(msgspec.Struct, frozen=True):
    """The empty filter."""

    def __str__(self) -> str:
        return ""


class Either(msgspec.Struct, frozen=True):
    """One of them is enough."""

    alternatives: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.alternatives))


class All(msgspec.Struct, frozen=True):
    """Each of them must hold."""

    terms: tuple[Expression, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))


class Not(msgspec.Struct, frozen=True):
    """Everything else: also the rows of a list that lacks the term."""

    term: Expression

    def __str__(self) -> str:
        return f"-{self.term}"


class Word(msgspec.Struct, frozen=True):
    """A bare word: number, message id or text contain it."""

    text: str

    def __str__(self) -> str:
        plain = (
            self.text != "OR"
            and not re.search(r"\s", self.text)
            and not _BEGINS_LIKE_SYNTAX.match(self.text)
            and not NUMBER_CHARACTERS.issuperset(self.text)
        )
        return self.text if plain else quoted(self.text)


class NumberRun(msgspec.Struct, frozen=True):
    """A telephone number as a person types it: the stored number contains its digits.

    A single word may as well be the id of a message, in full.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def digits(self) -> str:
        """The digits to look for: without a leading 00, or one 0, or the zero of `+40 (0)722`."""
        written = re.sub("[^0-9()+]", "", self.text)
        written = re.sub(r"^(\+|00)(.*?)\(0\)", r"\1\2", written)
        digits = re.sub("[^0-9]", "", written)
        return digits[2:] if digits.startswith("00") else digits.removeprefix("0")

    @property
    def message_id(self) -> str | None:
        """The id that it may be; None where it is not one word of digits alone."""
        return self.text if self.text.isdecimal() else None


class Number(msgspec.Struct, frozen=True):
    """`number:`, exact or open at an end."""

    text: str
    open_start: bool = False
    open_end: bool = False

    def __str__(self) -> str:
        return "number:" + written("*" * self.open_start + self.text + "*" * self.open_end)


class StatusIn(msgspec.Struct, frozen=True):
    """`status:`; that rung only."""

    statuses: tuple[Status, ...]

    def __str__(self) -> str:
        return "status:" + ("bad" if self.statuses == FAILURES else ",".join(self.statuses))


class ProviderIn(msgspec.Struct, frozen=True):
    """`provider:`; any word, because a database may know providers that this version does not."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "provider:" + _list(self.names)


class ChannelIn(msgspec.Struct, frozen=True):
    """`channel:`; one of the channels that the message went through."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "channel:" + _list(self.names)


class IdIn(msgspec.Struct, frozen=True):
    """`id:`; the provider's message id, on Requests our own number of the request."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return "id:" + _list(self.ids)


class TextHas(msgspec.Struct, frozen=True):
    """`text:`; the text or the label of a message, the body of an inbound SMS or of a request."""

    text: str

    def __str__(self) -> str:
        return "text:" + written(self.text)


class ErrorIn(msgspec.Struct, frozen=True):
    """`error:`; the code, or a part of the provider's explanation."""

    errors: tuple[str, ...]

    def __str__(self) -> str:
        return "error:" + _list(self.errors)


class CountryCodeIn(msgspec.Struct, frozen=True):
    """`mcc:`; the mobile country code that the provider named, as text: the network's country."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return "mcc:" + _list(self.codes)


class NetworkCodeIn(msgspec.Struct, frozen=True):
    """`mnc:`; the mobile network code that the provider named, as text: `03` is not `3`."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return "mnc:" + _list(self.codes)


class OutcomeIn(msgspec.Struct, frozen=True):
    """`outcome:` of a request."""

    outcomes: tuple[Outcome, ...]

    def __str__(self) -> str:
        return "outcome:" + ",".join(self.outcomes)


class Claim(StrEnum):
    """What `is:` can claim."""

    FINAL = "final"
    OPEN = "open"
    STUCK = "stuck"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    AFTER_FINAL = "after_final"
    MARKED = "marked"
    UNREGISTERED = "unregistered"


class Is(msgspec.Struct, frozen=True):
    """`is:`."""

    claim: Claim

    def __str__(self) -> str:
        return f"is:{self.claim}"


class Part(StrEnum):
    """What `has:` can ask for."""

    REPLY = "reply"
    NUMBER = "number"
    TEXT = "text"
    LABEL = "label"
    ERROR = "error"
    NETWORK = "network"


MARKED = Is(Claim.MARKED)
"""What a person marked."""


def both(one: Expression, other: Expression) -> Expression:
    """Join two filters: each of them must hold."""
    terms = [part for whole in (one, other) for part in (whole.terms if isinstance(whole, All) else (whole,))]
    return All(tuple(term for term in terms if not isinstance(term, Everything)))


class Has(msgspec.Struct, frozen=True):
    """`has:`."""

    part: Part

    def __str__(self) -> str:
        return f"has:{self.part}"


class Ago(msgspec.Struct, frozen=True):
    """So long before now."""

    amount: int
    unit: str
    """A key of UNITS."""

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def milliseconds(self) -> int:
        return self.amount * UNITS[self.unit]


class At(msgspec.Struct, frozen=True):
    """A date and time; local where it has no offset."""

    moment: datetime

    def __str__(self) -> str:
        return self.moment.isoformat()


class After(msgspec.Struct, frozen=True):
    """`after:`; seen at that moment or later."""

    when: Ago | At

    def __str__(self) -> str:
        return f"after:{self.when}"


class Before(msgspec.Struct, frozen=True):
    """`before:`; seen earlier than that moment."""

    when: Ago | At

    def __str__(self) -> str:
        return f"before:{self.when}"


class Comparison(StrEnum):
    """How `latency:` compares."""

    LESS = "<"
    GREATER = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    EQUAL = "="


class Latency(msgspec.Struct, frozen=True):
    """`latency:`; `=` is as exact as it was typed: `=30s` is 30 000 to 30 999 ms."""

    comparison: Comparison
    amount: str
    """Digits with at most three decimals."""
    unit: str
    """A key of UNITS."""

    def __str__(self) -> str:
        return f"latency:{self.comparison}{self.amount}{self.unit}"

    @property
    def milliseconds(self) -> int:
        """The time to compare with, rounded down."""
        whole, _, decimals = self.amount.partition(".")
        return int(whole + decimals.ljust(3, "0")) * UNITS[self.unit] // 1000

    @property
    def precision(self) -> int:
        """How many milliseconds the last digit typed stands for."""
        _, _, decimals = self.amount.partition(".")
        return max(UNITS[self.unit] // int(10 ** len(decimals)), 1)


UNITS: dict[str, int] = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
"""Milliseconds in each unit of time that can be typed."""

Expression = (
    Everything
    | Either
    | All
    | Not
    | Word
    | NumberRun
    | Number
    | StatusIn
    | ProviderIn
    | ChannelIn
    | IdIn
    | TextHas
    | ErrorIn
    | CountryCodeIn
    | NetworkCodeIn
    | OutcomeIn
    | Is
    | Has
    | After
    | Before
    | Latency
)
"""What a filter text is parsed into."""

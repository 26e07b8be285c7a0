"""What a list lacks of the filter language: such a term matches nothing there, and a person is told so."""

from __future__ import annotations

from collections.abc import Mapping

from smswatch.filters.expression import (
    ChannelIn,
    CountryCodeIn,
    ErrorIn,
    Expression,
    Has,
    Is,
    Latency,
    NetworkCodeIn,
    Number,
    OutcomeIn,
    StatusIn,
)
from smswatch.filters.sql import knows_claim, knows_part
from smswatch.model import Kind

_NOUNS = {Kind.MESSAGES: "messages", Kind.INBOUND: "inbound SMS", Kind.REQUESTS: "requests"}
_OF_MESSAGES: Mapping[str, str] = {
    "status": "status",
    "channel": "channel",
    "error": "error",
    "latency": "time to delivery",
}
_NOT_OF_REQUESTS: Mapping[str, str] = {
    "number": "number of their own",
    "mcc": "country",
    "mnc": "network",
    "has": "parts to ask for",
}
_LACKED: Mapping[Kind, Mapping[str, str]] = {
    Kind.MESSAGES: {"outcome": "outcome"},
    Kind.INBOUND: {**_OF_MESSAGES, "outcome": "outcome"},
    Kind.REQUESTS: {**_OF_MESSAGES, **_NOT_OF_REQUESTS},
}
_KEYS: Mapping[type, str] = {
    StatusIn: "status",
    ChannelIn: "channel",
    ErrorIn: "error",
    Latency: "latency",
    OutcomeIn: "outcome",
    Number: "number",
    CountryCodeIn: "mcc",
    NetworkCodeIn: "mnc",
}


def lacked_keys(kind: Kind) -> frozenset[str]:
    """Return the keys of the language that match nothing on this list, whatever stands behind them."""
    return frozenset(_LACKED[kind])


def lack(term: Expression, kind: Kind) -> str | None:
    """Say what of a term this list lacks: `requests have no status`; None where it has it."""
    missing: str | None
    if isinstance(term, Is):
        missing = None if knows_claim(kind, term.claim) else f"is:{term.claim}"
    elif isinstance(term, Has):
        missing = None if knows_part(kind, term.part) else str(term.part)
    else:
        missing = _LACKED[kind].get(_KEYS.get(type(term), ""))
    return None if missing is None else f"{_NOUNS[kind]} have no {missing}"

"""Telephone numbers: what a provider wrote to E.164 where the payload lets us know it, and to a form for people.

Never guesses: a short code, a sender name or a number that no numbering plan knows stays as it was received.
The numbering plans are imported at the first number that needs them, not at start-up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import ModuleType
from typing import Any

import msgspec

from smswatch.model import ReceivedNumber

_E164 = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_WRITTEN = re.compile(r"[0-9+() ./\u00a0-]+", re.ASCII)
_NO_DIGIT = re.compile(r"[^0-9]+")
_AFTER_PLUS = re.compile(r"\+([0-9]{1,3})", re.ASCII)

_LONGEST_WRITTEN = 40  # nothing longer is a telephone number, nor worth a place in a cache
_SHORTEST_NATIONAL = 6  # below are short codes in every country
_SHORTEST_INTEGER, _LONGEST_INTEGER = 10, 15


class NumberReader(msgspec.Struct, frozen=True):
    """Brings numbers into the one form under which they are stored, shown and found."""

    default_region: str | None = None
    """Two letters, `RO`: where numbers in national form belong. None: they stay as received."""

    def normalise(self, number: ReceivedNumber) -> str:
        """Return E.164 where the number lets us know it, else the text as received, trimmed."""
        text = number.text.strip()
        if _E164.fullmatch(text):
            return text
        if len(text) > _LONGEST_WRITTEN or not _WRITTEN.fullmatch(text):
            return text
        return _normalise(text, number.is_integer, self.default_region)

    def readings(self, text: str) -> tuple[str, ...]:
        """Return every stored form that a person who types this exact number may mean."""
        typed = text.strip()
        forms = (typed, *(self.normalise(ReceivedNumber(typed, whole)) for whole in (False, True)))
        return tuple(dict.fromkeys(forms))

    def beginnings(self, text: str) -> tuple[str, ...]:
        """Return what a stored number may begin with, for a person who types this beginning."""
        typed = text.strip()
        if not _WRITTEN.fullmatch(typed) or len(typed) > _LONGEST_WRITTEN:
            return (typed,)
        digits = digits_key(typed)
        if typed.startswith("+") or digits.startswith("00"):
            return tuple(dict.fromkeys((typed, "+" + digits.removeprefix("00"))))
        forms = [typed, digits]
        national = _plus_for_national(digits, self.default_region)
        forms += [national] if national else []
        forms += [] if digits.startswith("0") else ["+" + digits]
        return tuple(dict.fromkeys(filter(None, forms)))


def digits_key(number: str) -> str:
    """Return the ASCII digits of a number, which is what a search for part of it looks through."""
    return _NO_DIGIT.sub("", number)


@lru_cache(maxsize=8192)
def display(number: str | None) -> str:
    """Write a number for people: `+40 722 334 455 RO`; names and short codes unchanged, None empty.

    Not safe to show as it is: what is not E.164 was written by a stranger.
    """
    if number is None:
        return ""
    if not _E164.fullmatch(number):
        return number
    plans, parsed = _plans(), _parsed(number)
    if parsed is None:
        return number
    grouped = str(plans.format_number(parsed, plans.PhoneNumberFormat.INTERNATIONAL))
    region = country(number)
    return f"{grouped} {region}" if region else grouped


@lru_cache(maxsize=8192)
def country(number: str) -> str | None:
    """Return the ISO code of the country of an E.164 number; None where the plans cannot tell."""
    if not _E164.fullmatch(number):
        return None
    plans, parsed = _plans(), _parsed(number)
    if parsed is None:
        return None
    sharing = plans.region_codes_for_country_code(parsed.country_code)
    region = sharing[0] if len(sharing) == 1 else plans.region_code_for_number(parsed)
    return None if region in {None, plans.REGION_CODE_FOR_NON_GEO_ENTITY} else str(region)


@lru_cache(maxsize=16)
def _parsed(number: str) -> Any | None:  # noqa: ANN401 - the class comes with the plans
    """Read an E.164 number; what is shown of it and its country need the same, one after the other."""
    plans = _plans()
    try:
        return plans.parse(number)
    except plans.NumberParseException:
        return None


@lru_cache(maxsize=2048)
def calling_code(beginning: str) -> str | None:
    """Return the country calling code, `40`, with which a number begins as it is stored; None where there is none.

    The plus and three more characters are enough: no code is longer, and none begins with another.
    """
    digits = _AFTER_PLUS.match(beginning)
    if digits is None:
        return None
    known = _plans().COUNTRY_CODE_TO_REGION_CODE
    return next((code for length in (1, 2, 3) if int(code := digits[1][:length]) in known), None)


def regions(code: str) -> tuple[str, ...]:
    """Return the ISO codes of the countries that share a calling code, the main one first; `40` is `RO`'s alone."""
    return tuple(
        str(region)
        for region in _plans().region_codes_for_country_code(int(code))
        if region not in {_plans().UNKNOWN_REGION, _plans().REGION_CODE_FOR_NON_GEO_ENTITY}
    )


@lru_cache(maxsize=8192)
def _normalise(text: str, is_integer: bool, region: str | None) -> str:
    digits = digits_key(text)
    if text.startswith(("+", "00")):
        whole = "+" + digits_key(text.replace("(0)", "")).removeprefix("" if text[0] == "+" else "00")
        return whole if "+" not in text[1:] and _E164.fullmatch(whole) else text
    if "+" in text:
        return text
    if is_integer and _SHORTEST_INTEGER <= len(digits) <= _LONGEST_INTEGER and _valid("+" + digits, None):
        return "+" + digits
    if region and len(digits) >= _SHORTEST_NATIONAL:
        return _valid(digits, region.upper()) or text
    return text


def _valid(digits: str, region: str | None) -> str | None:
    """Return the number as E.164 if its numbering plan knows it, and it is that of `region` if given."""
    plans = _plans()
    try:
        parsed = plans.parse(digits, region)
    except plans.NumberParseException:
        return None
    if not plans.is_valid_number(parsed):
        return None
    if region and parsed.country_code != plans.country_code_for_region(region):
        return None
    return str(plans.format_number(parsed, plans.PhoneNumberFormat.E164))


def _plus_for_national(digits: str, region: str | None) -> str | None:
    """Return the international beginning of a national one: `0722`, or `722`, in RO is `+40722`."""
    if not region or not digits:
        return None
    plans = _plans()
    code = plans.country_code_for_region(region.upper())
    trunk = plans.ndd_prefix_for_region(region.upper(), True) if code else None
    return f"+{code}{digits.removeprefix(trunk or '')}" if code else None


@lru_cache(maxsize=1)
def _plans() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - 30 ms that the first frame need not wait for

    return phonenumbers

"""Spellings: the ways in which a raw request may write a number, told from another number's longer run of digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from smswatch.numbers import digits_key

FEWEST_DIGITS = 7
"""With fewer digits, as those of a short code, anything at all is found: times, ids, sizes."""

_BEGINNING = rb"(?:(?<![0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"
"""No digit stands before it, unless as the end of an escaped character: `%20`, `\\u0020`."""
_CALLED_ABROAD = rb"(?:0{1,3}|0?011|010|810)?"
"""What is dialled before a country code."""
_CALLED_AT_HOME = rb"(?:0{1,3}|0?011|010|810)?[0-9]{0,4}"
"""The same, a country code, and a trunk digit: what may stand before a number that names no country."""


class Spellings(msgspec.Struct, frozen=True):
    """One number as requests may spell it."""

    plain: bytes
    escaped: tuple[bytes, ...]
    whole: re.Pattern[bytes]
    """The plain spelling, where it is no part of another number."""

    @classmethod
    def of(cls, number: str) -> Spellings | None:
        """Return the spellings of a number as it is stored; None of a name, or of too few digits to look for."""
        if len(digits_key(number)) < FEWEST_DIGITS or any(one.isalpha() for one in number):
            return None
        plain, *escaped = _spelled(number.removeprefix("+"))
        before = _CALLED_ABROAD if number.startswith("+") else _CALLED_AT_HOME
        return cls(plain, tuple(escaped), re.compile(_BEGINNING + before + re.escape(plain) + rb"(?![0-9])"))

    def question(self) -> tuple[str, Sequence[bytes | str]]:
        """Return an SQL expression, true of each request in which `are_in` may find one, and its values."""
        spelled = (self.plain, *self.escaped)
        texts = [one.decode("utf-8", "replace") for one in spelled]
        found = [*["instr(body, ?)"] * len(spelled), *["instr(headers, ?)", "instr(query, ?)"] * len(texts)]
        return " OR ".join(found), (*spelled, *(text for text in texts for _ in range(2)))

    def are_in(self, body: bytes, headers: str, query: str) -> bool:
        """Tell whether one of them is in a request. In a body that is not UTF-8, any run of the digits counts."""
        texts = (headers.encode("utf-8", "replace"), query.encode("utf-8", "replace"))
        parts = (body, *texts)
        if any(one in part for one in self.escaped for part in parts):
            return True
        if not _is_utf_8(body) and self.plain in body:
            return True
        return any(self.whole.search(part) for part in parts)


def _spelled(digits: str) -> list[bytes]:
    r"""Return it in UTF-8, UTF-16, percent-encoded, as `\uXXXX`, and as XML's references, decimal and hexadecimal."""
    utf_8 = digits.encode("utf-8", "replace")
    units = [ord(one) for one in digits]
    return [
        utf_8,
        digits.encode("utf-16-le", "replace"),
        digits.encode("utf-16-be", "replace"),
        b"".join(b"%%%02X" % byte for byte in utf_8),
        b"".join(b"\\u%04x" % unit for unit in units),
        b"".join(b"&#%d;" % unit for unit in units),
        b"".join(b"&#x%x;" % unit for unit in units),
    ]


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

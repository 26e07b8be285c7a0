"""Masking: numbers and texts hidden for a shared screen, each number by the same pseudonym everywhere."""

from __future__ import annotations

import hashlib

_KEPT_AT_START = 3
_KEPT_AT_END = 2
_SHORTEST_SPLIT = 9

_IMPERSONAL = frozenset(
    (
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "date",
        "host",
        "user-agent",
    )
)
"""Headers that say nothing about a person, so that masking leaves them."""


def is_impersonal(header: str) -> bool:
    """Tell whether a header says nothing about a person, so that masking leaves it."""
    return header.casefold() in _IMPERSONAL


def mask_number(number: str) -> str:
    """Hide a number but for its country and last digits; a short code or name becomes a stable pseudonym."""
    if len(number) >= _SHORTEST_SPLIT and number.startswith("+"):
        hidden = "•" * (len(number) - _KEPT_AT_START - _KEPT_AT_END)
        return number[:_KEPT_AT_START] + hidden + number[-_KEPT_AT_END:]
    return "•" + hashlib.blake2b(number.encode("utf-8", "replace"), digest_size=2).hexdigest()


def mask_text(text: str) -> str:
    """Hide a text but for its shape: its length, its spaces and its punctuation."""
    return "".join("•" if character.isalnum() else character for character in text)

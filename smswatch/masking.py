"""Masking: numbers and texts hidden for a shared screen, each number by the same pseudonym everywhere.

A pseudonym ends in four characters that tell numbers apart which differ in the hidden part. They are made with
a secret of this machine, so that whoever sees them cannot find the number by trying all.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import secrets
import tempfile
import unicodedata
from pathlib import Path

from smswatch.errors import SmswatchError

FILE_NAME = "masking-secret"
_SECRET_BYTES = 32
_KEPT_AT_START = 3
_KEPT_AT_END = 2
_SHORTEST_SPLIT = 9
_TAG_LENGTH = 4

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


def load_or_create_secret(directory: Path) -> bytes:
    """Return the secret kept in `directory` (0600), made where there is none. SmswatchError if it cannot be kept."""
    path = directory / FILE_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _publish(path)
        secret = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SmswatchError(f"cannot keep the secret of masked numbers in {path}: {reason}") from error
    if len(secret) < _SECRET_BYTES:
        raise SmswatchError(f"{path} is cut short; delete it to have a new one made")
    return secret[:_SECRET_BYTES]


def _publish(path: Path) -> None:
    """Put the whole file in place at once; the first one stays."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()


def is_impersonal(header: str) -> bool:
    """Tell whether a header says nothing about a person, so that masking leaves it."""
    return header.casefold() in _IMPERSONAL


def mask_number(number: str, secret: bytes = b"") -> str:
    """Hide a number but for its country and last digits; a short code or name hides whole.

    The same number and secret give the same pseudonym, other numbers most likely another one.
    """
    digest = hashlib.blake2b(number.encode("utf-8", "replace"), key=secret, digest_size=5).digest()
    tag = base64.b32encode(digest).decode().lower()[:_TAG_LENGTH]
    is_number = number.startswith("+") and not any(one.isalpha() for one in number)
    if is_number and len(number) >= _SHORTEST_SPLIT:
        return f"{number[:_KEPT_AT_START]}•••{number[-_KEPT_AT_END:]} {tag}"
    return f"•{tag}"


_LETTERS_OF_OTHER_KINDS = re.compile("[\u2800-\u28ff\U0001f100-\U0001f1ff\U000e0000-\U000e007f]")
"""Braille, letters in squares and of flags, tags: symbols to Unicode, and a text to whoever reads them."""


class _Shapes(dict[int, str]):
    """What stands for each code point; a table, because a text may be as long as a body."""

    def __missing__(self, code: int) -> str:
        return "•" if _tells(chr(code)) else chr(code)


def _tells(character: str) -> bool:
    """Tell whether a text could be read from it: no white space, punctuation or picture."""
    if character.isalnum():
        return True
    category = unicodedata.category(character)
    if category.startswith("M"):
        # The vowels of many scripts, and accents that stand behind their letter. A sign's style is none.
        return character not in "\ufe0e\ufe0f"
    if category in {"Cn", "Co", "Cs"} or _LETTERS_OF_OTHER_KINDS.match(character):
        # What this Python does not know may be a letter; its escape would name it.
        return True
    # Also `Ⓐ` and `℡`, which are made of letters.
    return any(one.isalnum() for one in unicodedata.normalize("NFKD", character))


_SHAPES = _Shapes({code: _Shapes()[code] for code in range(0x530)})
"""The letters of most languages; what is kept must not grow with what strangers send."""


def mask_text(text: str) -> str:
    """Hide a text but for its shape: its length, its spaces and its punctuation."""
    return text.translate(_SHAPES)

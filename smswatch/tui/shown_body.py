"""A raw body as a person may read it: pretty by what it is, as it came, or as bytes."""

from __future__ import annotations

import json
import re
from enum import StrEnum

import msgspec
from textual.content import Content

from smswatch.errors import PayloadError
from smswatch.payload import read_form
from smswatch.safe_text import safe_block
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.tui.pretty import (
    MAX_CHARS,
    MAX_LINES,
    NotThatFormError,
    Pretty,
    PrettyLine,
    ValueWriter,
)
from smswatch.tui.pretty_fields import pretty_fields
from smswatch.tui.pretty_json import pretty_json
from smswatch.tui.pretty_xml import pretty_xml
from smswatch.wording import how_many


class View(StrEnum):
    """How a body is shown; the key `r` goes round."""

    PRETTY = "pretty"
    RAW = "raw"
    BYTES = "bytes"

    @property
    def following(self) -> View:
        """The view that `r` switches to."""
        views = list(View)
        return views[(views.index(self) + 1) % len(views)]


HIDDEN = "hidden while numbers and texts are masked; * shows them"


class ShownBody(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the page in place of the bytes."""

    title: str
    lines: tuple[PrettyLine, ...]
    note: str | None = None
    """What a reader should know before trusting the picture."""
    missing: str | None = None
    """How much is not shown."""


def shown_body(
    body: bytes, content_type: str, view: View, writer: ValueWriter, *, bytes_per_row: int = 16
) -> ShownBody:
    """Return the body in this view; what is not what it looks like falls back to text, and says so."""
    if view is not View.PRETTY and writer.mask is not None:
        return _hidden(view)
    if view is View.BYTES:
        return _bytes(body, bytes_per_row)
    text = body_text(body)
    if text is None:
        return _hidden(view) if writer.mask else _bytes(body, bytes_per_row, "this is not text")
    if view is View.RAW:
        return _raw(text)
    try:
        return _pretty(body, text, content_type, writer)
    except (NotThatFormError, PayloadError) as error:
        return _hidden(view) if writer.mask else _raw(text, f"{error}; shown as it came")


def _hidden(view: View) -> ShownBody:
    return ShownBody(title=f"body, {view}", lines=(), note=HIDDEN)


# What a body is

_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CODECS = re.compile(r"windows-125\d|iso-8859-\d{1,2}|koi8-[ru]", re.ASCII)
_FIELD = re.compile(r"[^\s=&{}<>]{1,200}=")
_SAMPLE = 1024
_TEXTUAL_SHARE = 0.7


def body_text(body: bytes) -> str | None:
    r"""Decode a body; bytes that belong to no character read `\xe3`; None if it is no text at all."""
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.match(body)
    name = declared[1].decode().casefold() if declared else ""
    if _CODECS.fullmatch(name):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            pass
    sample = body[:_SAMPLE]
    readable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in sample)  # noqa: PLR2004 - ASCII
    if readable < _TEXTUAL_SHARE * len(sample):
        return None
    return body.decode("utf-8", "backslashreplace")


def _pretty(body: bytes, text: str, content_type: str, writer: ValueWriter) -> ShownBody:
    start = text.lstrip("\ufeff \t\r\n")[:2]
    if start.startswith(("{", "[")):
        return _named("JSON", pretty_json(text, writer))
    if start.startswith("<"):
        return _named("XML", pretty_xml(text, writer))
    if start == "--" or _FIELD.match(text.lstrip()[: 2 * _SAMPLE]):
        fields = read_form(body, content_type)
        is_repeated = start != "--" and sum(map(bool, body.split(b"&"))) > len(fields)
        note = "a field that comes more than once shows its last value" if is_repeated else None
        return _named("form", pretty_fields(fields, writer), note)
    if writer.mask is not None:
        return _hidden(View.PRETTY)
    return _raw(text)


def _named(form: str, printed: Pretty, note: str | None = None) -> ShownBody:
    missing = (
        f"… {how_many(printed.left, 'more character is', 'more characters are')} not shown"
        if printed.left
        else None
    )
    return ShownBody(title=f"body, {form}", lines=printed.lines, note=note, missing=missing)


def _raw(text: str, note: str | None = None) -> ShownBody:
    block = safe_block(text, max_chars=MAX_CHARS, max_lines=MAX_LINES)
    rows = tuple(PrettyLine(0, Content(row)) for row in block.split("\n"))
    return ShownBody(title="body, as it came", lines=rows, note=note)


def _bytes(body: bytes, per_row: int, note: str | None = None) -> ShownBody:
    shown = body[: MAX_LINES * per_row]
    rows = tuple(
        _byte_row(start, shown[start : start + per_row], per_row) for start in range(0, len(shown), per_row)
    )
    left = len(body) - len(shown)
    missing = f"… {how_many(left, 'more byte is', 'more bytes are')} not shown" if left else None
    return ShownBody(title="body, byte by byte", lines=rows, note=note, missing=missing)


_SIGNS = bytes(byte if 32 <= byte < 127 else 0xB7 for byte in range(256))  # noqa: PLR2004 - ASCII; a middle dot


def _byte_row(start: int, row: bytes, per_row: int) -> PrettyLine:
    signs = row.translate(_SIGNS).decode("latin-1")
    half = per_row // 2
    digits = f"{row[:half].hex(' ')}  {row[half:].hex(' ')}".ljust(3 * per_row + 1)
    return PrettyLine(0, line((f"{start:06x}  ", ink.QUIET), (digits, ink.DIGITS), " ", (signs, ink.TEXT)))

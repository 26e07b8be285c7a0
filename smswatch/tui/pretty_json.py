"""JSON, indented token by token: every scalar spelled as it came, strings with their characters."""

from __future__ import annotations

import json
import re

from textual.content import Content

from smswatch.safe_text import safe_line
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.tui.pretty import NAME_CHARS, NotThatFormError, Pretty, Sheet, ValueWriter

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null")


def pretty_json(text: str, writer: ValueWriter) -> Pretty:
    """Indent JSON until the sheet is full; raises NotThatFormError where it stops being JSON before that."""
    return _JsonPrinter(text, writer).print()


class _JsonPrinter:
    def __init__(self, text: str, writer: ValueWriter) -> None:
        self._text = text
        self._writer = writer
        self._position = 0
        self._sheet = Sheet()
        self._open: list[str] = []

    def print(self) -> Pretty:
        self._position = len(self._text) - len(self._text.lstrip("\ufeff"))
        while True:
            opened = self._value_line()
            if self._sheet.is_full:
                return self._done()
            if opened:
                continue
            if self._after_value() or self._sheet.is_full:
                return self._done()

    def _done(self) -> Pretty:
        return self._sheet.finish(len(self._text) - self._position)

    def _peek(self) -> str:
        found = _SPACE.match(self._text, self._position)
        self._position = found.end() if found else self._position
        return self._text[self._position : self._position + 1]

    def _take(self, pattern: re.Pattern[str], missing: str) -> str:
        found = pattern.match(self._text, self._position)
        if found is None:
            raise NotThatFormError(missing, self._position)
        self._position = found.end()
        return found.group()

    def _value_line(self) -> bool:
        """Print the line that a value begins; return True if more values follow inside it."""
        depth = len(self._open)
        name = self._name() if self._open and self._open[-1] == "}" else Content("")
        start = self._peek()
        if start and start in "{[":
            close = "}" if start == "{" else "]"
            self._position += 1
            if self._peek() == close:
                self._position += 1
                self._sheet.add(depth, name, Content(start + close), self._comma())
                return False
            self._sheet.add(depth, name, Content(start))
            self._open.append(close)
            return True
        self._sheet.add(depth, name, self._scalar(start), self._comma())
        return False

    def _name(self) -> Content:
        if self._peek() != '"':
            raise NotThatFormError("a key is missing", self._position)
        key = self._string()
        if self._peek() != ":":
            raise NotThatFormError("a colon is missing", self._position)
        self._position += 1
        return line((safe_line(_quoted(key), NAME_CHARS), ink.NAME), ": ")

    def _string(self) -> str:
        start = self._position
        token = self._take(_STRING, "a string does not end")
        try:
            return str(json.loads(token, strict=False))
        except ValueError as error:
            raise NotThatFormError("a bad escape in a string", start) from error

    def _scalar(self, start: str) -> Content:
        if start == '"':
            return self._writer.value(self._string(), ink.TEXT, spell=_quoted)
        return self._writer.value(self._take(_SCALAR, "no JSON value"), ink.DIGITS)

    def _comma(self) -> Content:
        """Return the comma behind a value, without passing it."""
        return Content("," if self._open and self._peek() == "," else "")

    def _after_value(self) -> bool:
        """Pass what stands behind a value; return True at the end of the body."""
        while True:
            sign = self._peek()
            if not self._open:
                if sign:
                    raise NotThatFormError("more text behind the end", self._position)
                return True
            if sign == ",":
                self._position += 1
                return False
            if sign != self._open[-1]:
                raise NotThatFormError(
                    "the end is missing" if not sign else "a comma is missing", self._position
                )
            self._position += 1
            self._open.pop()
            self._sheet.add(len(self._open), Content(sign), self._comma())
            if self._sheet.is_full:
                return False


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

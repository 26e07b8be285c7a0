"""XML, indented tag by tag: entities stay as they are written, none is ever expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from textual.content import Content

from smswatch.safe_text import safe_line
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.tui.pretty import MAX_LINES, NAME_CHARS, NotThatFormError, Pretty, Sheet, ValueWriter

_TAG = re.compile(r"""<(/?)([^\s/<>"'=!?][^\s/<>"'=]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]++)(\s*=\s*)("[^"]*+"|'[^']*+')""")
_TEXT = re.compile(r"[^<]++")
_MARKED_UP = (("<?", "?>"), ("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"))


class _Token(msgspec.Struct, frozen=True):
    sort: str
    """`open`, `close`, `empty`, `text` or `other`."""
    name: str
    source: str
    end: int


def pretty_xml(text: str, writer: ValueWriter) -> Pretty:
    """Indent XML until the sheet is full; raises NotThatFormError where it stops being XML before that.

    Text before, between and behind elements passes: one vendor documents a dot behind its root.
    """
    sheet = Sheet()
    names: list[str] = []
    position = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    while not sheet.is_full:
        token = _token(text, position)
        if token is None:
            if names:
                raise NotThatFormError("an element is not closed", len(text))
            break
        position = _print_token(text, token, names, sheet, writer)
    return sheet.finish(len(text) - position)


def _token(text: str, position: int) -> _Token | None:
    if position >= len(text):
        return None
    if text[position] != "<":
        found = _TEXT.match(text, position)
        end = found.end() if found else position + 1
        return _Token("text", "", text[position:end], end)
    for start, stop in _MARKED_UP:
        if text.startswith(start, position):
            end = text.find(stop, position + len(start))
            if end < 0:
                raise NotThatFormError("a marked section does not end", position)
            return _Token("other", "", text[position : end + len(stop)], end + len(stop))
    tag = _TAG.match(text, position)
    if tag is None:
        raise NotThatFormError("no XML tag", position)
    slash, name, rest = tag.groups()
    sort = "close" if slash else "empty" if rest.endswith("/") else "open"
    return _Token(sort, name, tag.group(), tag.end())


def _print_token(text: str, token: _Token, names: list[str], sheet: Sheet, writer: ValueWriter) -> int:
    """Print one token, with all of a small element if it holds nothing but text; return where it ends."""
    match token.sort:
        case "text":
            if words := token.source.strip():
                sheet.add(len(names), writer.value(words, ink.PLAIN))
        case "close":
            if not names or names.pop() != token.name:
                raise NotThatFormError("a closing tag without its opening", token.end - len(token.source))
            sheet.add(len(names), _tag_content(token, writer))
        case "open":
            inside = _token(text, token.end)
            words = inside.source if inside is not None and inside.sort == "text" else ""
            close = _token(text, inside.end) if inside is not None and words else inside
            if close is not None and close.sort == "close" and close.name == token.name:
                parts = (
                    _tag_content(token, writer),
                    writer.value(words, ink.PLAIN),
                    _tag_content(close, writer),
                )
                sheet.add(len(names), *parts)
                return close.end
            sheet.add(len(names), _tag_content(token, writer))
            names.append(token.name)
        case "empty":
            sheet.add(len(names), _tag_content(token, writer))
        case _:
            style = ink.PLAIN if token.source.startswith("<![CDATA[") else ink.QUIET
            sheet.add(len(names), writer.value(token.source, style))
    return token.end


def _tag_content(token: _Token, writer: ValueWriter) -> Content:
    slash = "/" if token.sort == "close" else ""
    attributes = [
        line(
            " ",
            (safe_line(name, NAME_CHARS), ink.LABEL),
            "=",
            quoted[0],
            writer.value(quoted[1:-1], ink.TEXT),
            quoted[0],
        )
        for name, _, quoted in _attributes(token)
    ]
    ending = " />" if token.sort == "empty" else ">"
    return line(
        ("<" + slash, ink.QUIET),
        (safe_line(token.name, NAME_CHARS), ink.NAME),
        *attributes,
        (ending, ink.QUIET),
    )


def _attributes(token: _Token) -> Iterator[tuple[str, str, str]]:
    for number, found in enumerate(_ATTRIBUTE.finditer(token.source)):
        if number >= MAX_LINES:
            return
        name, equals, quoted = found.groups()
        yield name, equals, quoted

r"""Safe text: what a stranger wrote, turned into what a person may see on a terminal, in a log or in a table.

Nothing is hidden: whatever could steer a terminal, reorder a line or stay invisible is written as a
visible escape (`\x1b`, `\u202e`, `\U000e0041`), because the reader is debugging that very text. Escaped are
all control, format, surrogate, private-use and unassigned code points, line and paragraph separators,
fillers and blanks that print nothing.

Four things are shortened instead, because terminals disagree about their width:

- joiners, the two emoji variation selectors and skin tones vanish where they belong, after a character
  outside ASCII (a family becomes its members, a red heart a plain one); anywhere else, as in an id or a
  telephone number, they are escaped;
- more than four combining marks on one character are cut, shown as `…`;
- a line break reads `⏎` and a tab `⇥` on one line; a block keeps its line breaks and expands tabs;
- text beyond the limit is cut, shown as `…`, in a block with a last line that says how much is missing.

Markup is not this room's business: square brackets pass, so hand the result to `Content` or `Text`.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, NewType

SafeText = NewType("SafeText", str)
"""Text that may be shown. Only this module makes it from what arrived."""

_MARKS_KEPT = 4
_MODIFIERS_KEPT = 3  # skin tone, variation selector and joiner may follow one another
_TAB_WIDTH = 4
_NOTICE_ROOM = 64
_CUT = "…"
_ON_ONE_LINE = {"\n": "⏎", "\t": "⇥"}

_MODIFIERS = frozenset("\u200c\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_FIRST_EMOJI = "\u231a"
_KEYCAP = re.compile("([0-9#*])\ufe0f(?=\u20e3)")

# Printable by their category, yet nothing is printed.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
    + "".join(map(chr, range(0xFE00, 0xFE0E)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)

# Only characters that are plain, most of those that are met, so that a run of them is one piece.
_PLAIN_RUN = re.compile("[ -~¡-¬®-\u02ff\u0410-\u044f\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fa5\uac00-\ud7a3]+")
_MARK_RUN = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""Likewise marks: thousands on one character are looked at in one go."""


class _Sort(enum.Enum):
    PLAIN = enum.auto()
    MARK = enum.auto()
    MODIFIER = enum.auto()
    ESCAPED = enum.auto()


def safe_line(raw: str, limit: int = 160) -> SafeText:
    """Return at most `limit` (at least 1) characters on one line. Applying it twice changes nothing."""
    if len(raw) <= limit and raw.isprintable() and (raw.isascii() or max(raw) < "\u0300"):
        return SafeText(raw)
    limit = max(limit, 1)
    shown: list[_Piece] = []
    length = 0
    window = _fold(raw[: _looked_at(limit)])
    complete = len(raw) <= _looked_at(limit)
    for piece in _pieces(window):
        shown.append(_Piece(_ON_ONE_LINE.get(piece.text, piece.text), piece.end, piece.is_plain))
        length += len(piece.text)
        if length > limit:
            complete = False
            break
    if not complete:
        _shorten(shown, length - (limit - 1))
    return SafeText("".join([piece.text for piece in shown]) + ("" if complete else _CUT))


def safe_block(raw: str, *, max_chars: int = 8192, max_lines: int = 200, behind: int = 0) -> SafeText:
    """Return at most `max_chars` characters in at most `max_lines` lines (each at least 1).

    If something is missing, the last line says how many characters; where there is no room for that
    line the text just ends in `…`. Applying it twice changes nothing. `behind` characters of the text were
    left out by the caller; they count as missing.
    """
    if not behind and len(raw) <= max_chars and raw.isascii() and raw.isprintable():
        return SafeText(raw)
    max_chars, max_lines = max(max_chars, 1), max(max_lines, 1)
    window = _fold(raw[: _looked_at(max_chars)])
    unread = behind + max(len(raw) - _looked_at(max_chars), 0)
    shown: list[_Piece] = []
    length, lines, column = 0, 1, 0
    complete = not unread
    for found in _pieces(window):
        piece = found
        if found.text == "\t":
            piece = _Piece(" " * (_TAB_WIDTH - column % _TAB_WIDTH), found.end, is_plain=False)
        shown.append(piece)
        length += len(piece.text)
        is_break = piece.text == "\n"
        lines += is_break
        column = 0 if is_break else column + len(piece.text)
        if length > max_chars or lines > max_lines:
            complete = False
            break
    if complete:
        return SafeText("".join([piece.text for piece in shown]))
    return _cut_block(shown, len(window) + unread, max_chars, max_lines)


def start_of(raw: str, limit: int) -> str:
    """Return as much of a text as `safe_line` looks at for this limit: what is behind it costs nothing."""
    return raw[: _looked_at(limit) + 1]


def _looked_at(limit: int) -> int:
    """Characters: some take no room, so that more are looked at than are shown."""
    return 4 * limit + 8


def _cut_block(shown: list[_Piece], total: int, max_chars: int, max_lines: int) -> SafeText:
    with_notice = max_lines > 1 and max_chars > 2 * _NOTICE_ROOM
    chars = max_chars - (_NOTICE_ROOM if with_notice else 1)
    breaks = max_lines - (2 if with_notice else 1)
    lines = sum([piece.text == "\n" for piece in shown])
    while lines > breaks:
        lines -= shown.pop().text == "\n"
    _shorten(shown, sum([len(piece.text) for piece in shown]) - chars)
    end = shown[-1].end if shown else 0
    left = total - end
    more = "1 more character is" if left == 1 else f"{left:,} more characters are"
    ending = f"\n{_CUT} {more} not shown" if with_notice else _CUT
    return SafeText("".join([piece.text for piece in shown]) + ending)


def _shorten(shown: list[_Piece], by: int) -> None:
    """Take away at least so many characters at the end: exactly so many of a plain piece, others whole."""
    while by > 0:
        text, end, is_plain = shown.pop()
        if is_plain and len(text) > by:
            shown.append(_Piece(text[:-by], end - by, is_plain))
        by -= len(text)


def _fold(window: str) -> str:
    """Fold CRLF to a line break and drop the selector inside a keycap, which is one sign."""
    window = window.replace("\r\n", "\n")
    return _KEYCAP.sub(r"\1", window) if "\u20e3" in window else window


class _Piece(NamedTuple):
    """What to show, and the offset in the window just after it."""

    text: str
    end: int
    is_plain: bool
    """Each of its characters stands for itself, so that it may be cut anywhere; else it is one whole."""


def _pieces(window: str) -> Iterator[_Piece]:
    """Yield what to show, piece by piece.

    Line breaks and tabs come through for the caller to place. A piece is never a part of an escape.
    """
    base = ""  # the character that marks and modifiers would belong to; empty where there is none
    marks = modifiers = end = 0
    while end < len(window):
        run = _PLAIN_RUN.match(window, end)
        if run is not None:
            end = run.end()
            base, marks, modifiers = window[end - 1], 0, 0
            yield _Piece(run[0], end, is_plain=True)
            continue
        stack = _MARK_RUN.match(window, end) if base else None
        if stack is not None:
            yield from _marks(window, stack.span(), marks)
            marks, end = marks + stack.end() - end, stack.end()
            continue
        char, end = window[end], end + 1
        sort = _sort(char)
        if sort is _Sort.PLAIN:
            base, marks, modifiers = char, 0, 0
            yield _Piece(char, end, is_plain=True)
        elif sort is _Sort.MARK and base:
            yield from _marks(window, (end - 1, end), marks)
            marks += 1
        elif sort is _Sort.MODIFIER and modifiers < _MODIFIERS_KEPT and _modifies(char, base):
            modifiers += 1
        else:
            base = ""
            yield _Piece(char if char in "\n\t" else _escape(char), end, is_plain=False)


def _marks(window: str, span: tuple[int, int], before: int) -> Iterator[_Piece]:
    """Yield the marks of a span that are kept, and the sign for the first that is not; `before` came already."""
    start, end = span
    first_cut = start + max(_MARKS_KEPT - before, 0)
    for place in range(start, min(end, first_cut)):
        yield _Piece(window[place], place + 1, is_plain=False)
    if before <= _MARKS_KEPT and first_cut < end:
        yield _Piece(_CUT, first_cut + 1, is_plain=False)


def _modifies(modifier: str, base: str) -> bool:
    if modifier in _SKIN_TONES:
        return base >= _FIRST_EMOJI
    return bool(base) and not base.isascii()


@lru_cache(maxsize=4096)
def _sort(char: str) -> _Sort:
    if char in _MODIFIERS:
        return _Sort.MODIFIER
    if char in _BLANK:
        return _Sort.ESCAPED
    category = unicodedata.category(char)
    if category.startswith("M"):
        return _Sort.MARK
    return _Sort.PLAIN if char.isprintable() or category == "Zs" else _Sort.ESCAPED


def _escape(char: str) -> str:
    if char == "\r":
        return r"\r"
    if char <= "\xff":
        return f"\\x{ord(char):02x}"
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"

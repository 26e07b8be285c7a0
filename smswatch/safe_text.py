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
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that may be shown. Only this module makes it from what arrived."""

_MARKS_KEPT = 4
_MODIFIERS_KEPT = 3  # skin tone, variation selector and joiner may follow one another
_TAB_WIDTH = 4
_NOTICE_ROOM = 64
_CUT = "…"

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
    pieces: list[str] = []
    length = 0
    window = _fold(raw[: 4 * limit + 8])
    complete = len(raw) <= 4 * limit + 8
    for piece, _ in _pieces(window):
        pieces.append({"\n": "⏎", "\t": "⇥"}.get(piece, piece))
        length += len(piece)
        if length > limit:
            complete = False
            break
    if not complete:
        while length > limit - 1:
            length -= len(pieces.pop())
        pieces.append(_CUT)
    return SafeText("".join(pieces))


def safe_block(raw: str, *, max_chars: int = 8192, max_lines: int = 200) -> SafeText:
    """Return at most `max_chars` characters in at most `max_lines` lines (each at least 1).

    If something is missing, the last line says how many characters; where there is no room for that
    line the text just ends in `…`. Applying it twice changes nothing.
    """
    if len(raw) <= max_chars and raw.isascii() and raw.isprintable():
        return SafeText(raw)
    max_chars, max_lines = max(max_chars, 1), max(max_lines, 1)
    window = _fold(raw[: 4 * max_chars + 8])
    unread = len(raw) - min(len(raw), 4 * max_chars + 8)
    shown: list[tuple[str, int]] = []  # each piece, and where in the window it ends
    length, lines, column = 0, 1, 0
    complete = not unread
    for piece, end in _pieces(window):
        text = " " * (_TAB_WIDTH - column % _TAB_WIDTH) if piece == "\t" else piece
        shown.append((text, end))
        length += len(text)
        lines += text == "\n"
        column = 0 if text == "\n" else column + len(text)
        if length > max_chars or lines > max_lines:
            complete = False
            break
    if complete:
        return SafeText("".join(text for text, _ in shown))
    return _cut_block(shown, len(window) + unread, max_chars, max_lines)


def _cut_block(shown: list[tuple[str, int]], total: int, max_chars: int, max_lines: int) -> SafeText:
    with_notice = max_lines > 1 and max_chars > 2 * _NOTICE_ROOM
    chars = max_chars - (_NOTICE_ROOM if with_notice else 1)
    breaks = max_lines - (2 if with_notice else 1)
    length = sum(len(text) for text, _ in shown)
    lines = sum(text == "\n" for text, _ in shown)
    while length > chars or lines > breaks:
        text, _ = shown.pop()
        length -= len(text)
        lines -= text == "\n"
    end = shown[-1][1] if shown else 0
    left = total - end
    more = "1 more character is" if left == 1 else f"{left:,} more characters are"
    ending = f"\n{_CUT} {more} not shown" if with_notice else _CUT
    return SafeText("".join(text for text, _ in shown) + ending)


def _fold(window: str) -> str:
    """Fold CRLF to a line break and drop the selector inside a keycap, which is one sign."""
    window = window.replace("\r\n", "\n")
    return _KEYCAP.sub(r"\1", window) if "\u20e3" in window else window


def _pieces(window: str) -> Iterator[tuple[str, int]]:
    """Yield what to show, piece by piece, with the offset in `window` just after it.

    Line breaks and tabs come through for the caller to place. A piece is never a part of an escape.
    """
    base = ""  # the character that marks and modifiers would belong to; empty where there is none
    marks = modifiers = 0
    for end, char in enumerate(window, start=1):
        sort = _sort(char)
        if sort is _Sort.PLAIN:
            base, marks, modifiers = char, 0, 0
            yield char, end
        elif sort is _Sort.MARK and base:
            marks += 1
            if marks <= _MARKS_KEPT:
                yield char, end
            elif marks == _MARKS_KEPT + 1:
                yield _CUT, end
        elif sort is _Sort.MODIFIER and modifiers < _MODIFIERS_KEPT and _modifies(char, base):
            modifiers += 1
        else:
            base = ""
            yield (char if char in "\n\t" else _escape(char)), end


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

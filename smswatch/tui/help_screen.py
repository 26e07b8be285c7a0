"""The help screen: every key, from the bindings themselves, and the filter language, from its own table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from smswatch.filters import FILTER_HELP
from smswatch.tui import ink
from smswatch.tui.ink import Page, line, rule
from smswatch.tui.key_hints import KEY_NAMES
from smswatch.tui.keymap import KeyHelp
from smswatch.tui.lines_view import LinesView

_KEY_WIDTH = 16
_TWO_COLUMNS_FROM = 90
_EXAMPLE_WIDTH, _MEANING_BELOW = 34, 4
_MEANING_BESIDE_FROM = 70


def help_page(keys: Sequence[KeyHelp], width: int) -> Page:
    """Lay out keys, in two columns where they fit, then the filter language; nothing is cut."""
    found = [(place, list(group)) for place, group in groupby(keys, key=lambda key: key[0])]
    has_two = width >= _TWO_COLUMNS_FROM and len(found) > 1
    groups = [_key_lines(place, group, width // 2 - 1 if has_two else width) for place, group in found]
    page: Page = [rule("Keys", width)]
    if has_two:
        page += _side_by_side(*_two_columns(groups), width // 2)
    else:
        page += [row for group in groups for row in group]
    page.append(rule("Filter", width))
    indent = _EXAMPLE_WIDTH if width >= _MEANING_BESIDE_FROM else _MEANING_BELOW
    for help_line in FILTER_HELP:
        examples = line(("  ".join(help_line.examples), ink.TEXT))
        meaning = line(help_line.meaning)
        if 1 + examples.cell_length < indent:
            page += ink.hang(meaning, width, indent, line(" ", examples))
        else:
            page += [*ink.hang(examples, width, 1), *ink.hang(meaning, width, indent)]
    return page


def _key_lines(group: str, keys: Sequence[KeyHelp], width: int) -> Page:
    page: Page = [line((f" {group}", ink.STRONG))]
    for _, key, meaning in keys:
        names = " ".join(KEY_NAMES.get(name, name) for name in key.split())
        head = line("  ", (names.ljust(_KEY_WIDTH), ink.DIGITS))
        page += ink.hang(line(meaning), width, max(head.cell_length, 2 + _KEY_WIDTH), head)
    return [*page, Content("")]


def _two_columns(groups: Sequence[Page]) -> tuple[Page, Page]:
    """Share groups out, in order, so that the longer column is as short as can be."""
    shared = [
        ([row for group in groups[:at] for row in group], [row for group in groups[at:] for row in group])
        for at in range(1, len(groups) + 1)
    ]
    return min(shared, key=lambda columns: max(map(len, columns)))


def _side_by_side(left: Page, right: Page, width: int) -> Page:
    blank = Content("")
    rows = max(len(left), len(right))
    left, right = left + [blank] * (rows - len(left)), right + [blank] * (rows - len(right))
    return [
        one.truncate(width - 1, pad=True) + Content(" ") + other
        for one, other in zip(left, right, strict=True)
    ]


class HelpScreen(ModalScreen[None]):
    """Esc, q and ? close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]

    def __init__(self, keys: Sequence[KeyHelp]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with Vertical(id="help"):
            yield LinesView()

    def on_mount(self) -> None:
        self.query_one(LinesView).show(lambda width: help_page(self._keys, width), y=0)

    def action_close(self) -> None:
        _ = self.dismiss(None)  # not awaited: a screen that awaits its own end waits for ever

    def action_scroll(self, lines: int) -> None:
        self.query_one(LinesView).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        view = self.query_one(LinesView)
        view.scroll_relative(y=pages * max(1, view.size.height - 1), animate=False)

"""The line above a list: what is being shown, and whether the list moves. Always there, so nothing jumps."""

from __future__ import annotations

import msgspec
from textual.content import Content

from smswatch.model import Kind
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.ordering import NEWEST_FIRST, Order
from smswatch.tui import ink
from smswatch.tui.glyphs import MARK
from smswatch.tui.ink import line
from smswatch.tui.inked import Inked
from smswatch.tui.key_hints import USUAL, Hints
from smswatch.tui.personal_app import hints_in
from smswatch.wording import how_many

_NOUNS = {
    Kind.MESSAGES: ("message", "messages"),
    Kind.INBOUND: ("inbound SMS", "inbound SMS"),
    Kind.REQUESTS: ("request", "requests"),
}


class ListState(msgspec.Struct, frozen=True, kw_only=True):
    """All that the line tells of a list."""

    kind: Kind
    shown: int
    """Rows in the list."""
    total: int
    """Rows without a filter."""
    is_complete: bool
    searched: float = 0.0
    """While it is not complete: how much has been looked through, 0 to 1."""
    is_cut: bool = False
    """There are more rows than these first ones in the order."""
    filter_text: str = ""
    is_marked_only: bool = False
    english: SafeText = safe_line("")
    """The filter in words."""
    order: Order = NEWEST_FIRST
    is_following: bool = True
    unseen: int = 0
    """Rows that came in above the cursor since following was paused."""
    frozen_new: int | None = None
    """Rows that came in since the list was frozen; None while it is not."""
    is_masked: bool = False
    is_editing: bool = False
    """The filter line is open; Esc means something else there."""
    is_excursion: bool = False
    """The filter is that of a figure; Esc goes back to it."""


def count_words(state: ListState) -> str:
    """Say how many rows the filter lets through: `12 of 4,210`."""
    more = "+" if state.is_cut or not state.is_complete else ""
    return f"{state.shown:,}{more} of {max(state.total, state.shown):,}"


def status_line(state: ListState, width: int, keys: Hints = USUAL) -> Content:
    """Write the line, with the keys that are in force; where it does not fit, the filter's English goes first."""
    right = Content("  ").join(_movement(state, keys))
    for with_english in (True, False):
        left = _subject(state, keys, with_english=with_english)
        gap = width - left.cell_length - right.cell_length
        if gap >= 1:
            break
    else:
        left = left.truncate(max(width - right.cell_length - 1, 0), ellipsis=True)
        gap = width - left.cell_length - right.cell_length
    return line(left, " " * max(gap, 0), right).truncate(width)


def _subject(state: ListState, keys: Hints, *, with_english: bool) -> Content:
    leaves = "" if state.is_editing else f"  {_way_out(state, keys)}"
    if not state.filter_text and not state.is_marked_only:
        reading = "" if state.is_complete else _progress(state) or ", still reading"
        subject = line((f"{_rows(state)}{reading}{leaves if state.is_excursion else ''}", ink.QUIET))
    else:
        subject = line(
            (f"{MARK} marked  " if state.is_marked_only else "", ink.HEADING),
            ("/" if state.filter_text else "", ink.QUIET),
            (safe_line(state.filter_text, 80), ink.HEADING),
            (f"  {count_words(state)}", ink.STRONG),
            (_progress(state), ink.QUIET),
            (f"  {state.english}" if with_english and state.filter_text else "", ink.QUIET),
            (leaves, ink.QUIET),
        )
    if state.order == NEWEST_FIRST:
        return subject
    direction = "▾" if state.order.descending else "▴"
    return line(subject, (f"  by {state.order.name} {direction}", ink.OPEN))


def _way_out(state: ListState, keys: Hints) -> str:
    if state.is_excursion:
        return f"{keys['back']} goes back to Insight"
    return f"{keys['back']} clears" if state.filter_text else f"{keys['marked_only']} shows all"


def _rows(state: ListState) -> str:
    one, many = _NOUNS[state.kind]
    all_rows = max(state.total, state.shown)
    if state.is_cut:
        return f"the first {state.shown:,} of {how_many(all_rows, one, many)}"
    if not all_rows:
        return f"no {many}"
    return how_many(all_rows, one, many) if all_rows == 1 else f"all {all_rows:,} {many}"


def _progress(state: ListState) -> str:
    """Say how far a search is that has more to do than a person notices."""
    is_noticed = not state.is_complete and state.searched > 0
    return f", searched {state.searched:.0%}" if is_noticed else ""


def _movement(state: ListState, keys: Hints) -> list[Content]:
    parts = [line(("masked", ink.WARNING))] if state.is_masked else []
    if state.frozen_new is not None:
        goes_on = f" {keys['freeze']} goes on"
        parts.append(line((f"■ frozen, {state.frozen_new:,} new", ink.WARNING), (goes_on, ink.QUIET)))
    elif state.is_following:
        parts.append(line(("▶ following", ink.GOOD)))
    elif state.order != NEWEST_FIRST:
        parts.append(line(("sorted", ink.QUIET)))
    else:
        new = f", {state.unseen:,} new" if state.unseen else ""
        parts.append(line((f"‖ paused{new}", ink.WARNING), (f" {keys['list_first']} follows", ink.QUIET)))
    return parts


class ListStatus(Inked, can_focus=False):
    """Draws again only when what it says has changed."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._state: ListState | None = None

    def show(self, state: ListState) -> None:
        """Say this; costs nothing where it is the same."""
        if state != self._state:
            self._state = state
            self.refresh()

    def render(self) -> Content:
        """Write the line."""
        if self._state is None:
            return Content("")
        return status_line(self._state, self.size.width, hints_in(self.app))

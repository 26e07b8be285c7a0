"""The lifecycle of a message from left to right: its steps, the time between them, a track for each channel.

Steps stand in the order in which they must have happened, so a report that arrived out of order is put where it
belongs and carries a `!`. What does not fit goes on below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from textual.content import Content

from smswatch.model import RANKS, Flag, Status
from smswatch.safe_text import safe_line
from smswatch.store.rows import TimelineEntry
from smswatch.times import delta
from smswatch.tui import ink
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import Page, line
from smswatch.wording import how_many

_TRACKS_SHOWN = 8
_STEPS_SHOWN = 40
_ATTEMPTS_SHOWN = 4
_NAME_LIMIT = 24


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which at least one track came to another status."""

    at_ms: int
    is_odd: bool
    statuses: dict[str, Status]
    """Track to the status that it came to; the track without a channel is `""`."""


class Lifecycle(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt."""

    steps: tuple[Step, ...]
    by_provider: bool
    """The times are the provider's own; else those of arrival."""

    @property
    def tracks(self) -> tuple[str, ...]:
        """The tracks in the order in which they began."""
        return tuple(dict.fromkeys(track for step in self.steps for track in step.statuses))


def lifecycle(reports: Sequence[TimelineEntry], *, is_sent_again: bool = False) -> Lifecycle:
    """Bring the reports of one attempt into the order in which they happened; words not known are left out.

    `is_sent_again`: there are other attempts, so that a report after a final one is nothing odd.
    """
    odd = {Flag.OUT_OF_ORDER} if is_sent_again else {Flag.OUT_OF_ORDER, Flag.AFTER_FINAL}
    known = [entry for entry in reports if any(RANKS[status] for status in _statements(entry).values())]
    by_provider = all(entry.occurred_ms is not None for entry in known)
    known.sort(key=lambda entry: (_at(entry, by_provider=by_provider), entry.id))
    ordered: list[Step] = []
    for entry in known:
        at_ms = _at(entry, by_provider=by_provider)
        statuses = {track: status for track, status in _statements(entry).items() if RANKS[status]}
        step = Step(at_ms=at_ms, is_odd=not odd.isdisjoint(entry.flags), statuses=statuses)
        ordered.insert(_place(step, ordered), step)
    return Lifecycle(steps=tuple(_changes(ordered)), by_provider=by_provider)


def _at(entry: TimelineEntry, *, by_provider: bool) -> int:
    return entry.occurred_ms if by_provider and entry.occurred_ms is not None else entry.arrived_ms


def _statements(entry: TimelineEntry) -> Mapping[str, Status]:
    return entry.channels or {entry.channel or "": entry.status}


def _place(step: Step, ordered: Sequence[Step]) -> int:
    """Return where a step belongs: before the first one that is further along on a track of its own."""
    for place, other in enumerate(ordered):
        for track, status in step.statuses.items():
            if track in other.statuses and RANKS[other.statuses[track]] > RANKS[status]:
                return place
    return len(ordered)


def _changes(ordered: Sequence[Step]) -> Iterator[Step]:
    """Leave out what a track has said already."""
    now: dict[str, Status] = {}
    for step in ordered:
        new = {track: status for track, status in step.statuses.items() if now.get(track) is not status}
        if new:
            now |= new
            yield msgspec.structs.replace(step, statuses=new)


def lifecycle_page(reports: Sequence[TimelineEntry], attempts: Mapping[int, int], width: int) -> Page:
    """Lay out every attempt below the one before; `attempts` as in an explanation."""
    numbers = sorted({attempts.get(entry.id, 1) for entry in reports})
    page: Page = []
    if len(numbers) > _ATTEMPTS_SHOWN:
        page += ink.paragraph(
            f"… {how_many(len(numbers) - _ATTEMPTS_SHOWN, 'earlier attempt')}", width, ink.QUIET
        )
    for number in numbers[-_ATTEMPTS_SHOWN:]:
        own = [entry for entry in reports if attempts.get(entry.id, 1) == number]
        is_sent_again = len(numbers) > 1
        life = lifecycle(own, is_sent_again=is_sent_again)
        page += _attempt_page(life, f"attempt {number}" if is_sent_again else "", width)
    return page


def _attempt_page(life: Lifecycle, title: str, width: int) -> Page:
    if not life.steps:
        return []
    indent = ink.MARGIN + ink.LABEL_WIDTH
    room = max(width - indent, 8)
    tracks = life.tracks[:_TRACKS_SHOWN]
    grid = _Grid(life.steps[:_STEPS_SHOWN], tracks)
    page: Page = []
    named: set[str] = set()
    if title and any(tracks):
        page.append(line(" " * ink.MARGIN, (title, ink.LABEL)))
    for part in grid.folded(room):
        for track in tracks:
            row = grid.row(track, part, room)
            if row is None:
                continue
            name = safe_line(track, _NAME_LIMIT) if track else "message" if any(tracks) else title or "steps"
            name = "" if len(tracks) == 1 and track in named else name
            named.add(track)
            style = ink.NAME if track else ink.LABEL
            head = line(" " * ink.MARGIN, (name, style)).truncate(indent - 1, ellipsis=True, pad=True)
            page.append(line(head, " ", row))
    page[-1] = _with_basis(page[-1], life, width)
    missing = len(life.tracks) - len(tracks), len(life.steps) - _STEPS_SHOWN
    for count, what in zip(missing, ("more channel", "more step"), strict=True):
        if count > 0:
            page += ink.paragraph(f"… {how_many(count, what)}", width, ink.QUIET, indent)
    return page


def _with_basis(row: Content, life: Lifecycle, width: int) -> Content:
    """Say which clock the steps go by, where there is room."""
    if len(life.steps) < 2:  # noqa: PLR2004 - one step has no time between
        return row
    said = "   by the provider's times" if life.by_provider else "   by arrival"
    return line(row, (said, ink.QUIET)) if row.cell_length + len(said) <= width else row


class _Grid:
    """Steps as columns, tracks as rows: what is said between two steps, and how wide it all is."""

    def __init__(self, steps: Sequence[Step], tracks: Sequence[str]) -> None:
        self._steps = steps
        self._stops = {
            track: [number for number, step in enumerate(steps) if track in step.statuses] for track in tracks
        }
        self._waits: list[dict[str, tuple[str, bool]]] = [
            self._waits_of(number) for number in range(len(steps))
        ]
        self._gaps = [max((len(text) for text, _ in waits.values()), default=1) for waits in self._waits]
        self._widths = [
            max(len(self._words(step, status)) for status in step.statuses.values()) for step in steps
        ]

    def _waits_of(self, number: int) -> dict[str, tuple[str, bool]]:
        """Return, by track that stops here, the time since its stop before and whether it goes backwards."""
        found = {}
        for track, stops in self._stops.items():
            if number in stops and number != stops[0]:
                before = self._steps[stops[stops.index(number) - 1]]
                passed = self._steps[number].at_ms - before.at_ms
                found[track] = f" ──{delta(passed)}── ", passed < 0
        return found

    @staticmethod
    def _words(step: Step, status: Status) -> str:
        return f"{glyph(status)} {status.value}{' !' if step.is_odd else ''}"

    def folded(self, room: int) -> Iterator[range]:
        """Cut the columns into parts that fit; a column that does not fit alone is cut short."""
        start, used = 0, 0
        for number, (gap, width) in enumerate(zip(self._gaps, self._widths, strict=True)):
            needed = width + (gap if number else 0)
            if number > start and used + needed > room:
                yield range(start, number)
                start, used = number, 0
            used += needed
        yield range(start, len(self._steps))

    def row(self, track: str, part: range, room: int) -> Content | None:
        """Draw a track in one part; None where it has nothing in it."""
        stops = self._stops[track]
        if not any(number in part for number in stops):
            return None
        pieces: list[tuple[str, str]] = []
        for number in part:
            is_under_way = stops[0] < number <= stops[-1]
            if number:
                pieces.append(self._gap(track, number, is_under_way=is_under_way))
            pieces.append(self._cell(track, number, is_under_way=is_under_way))
        return line(*pieces).rstrip().truncate(room, ellipsis=True)

    def _gap(self, track: str, number: int, *, is_under_way: bool) -> tuple[str, str]:
        room = self._gaps[number]
        if track in self._waits[number]:
            text, is_backwards = self._waits[number][track]
            drawn = f"{text.strip().rjust(room - 2, '─')} "
            lead = " " if self._is_full(track, number - 1) else "─"
            return lead + drawn, ink.WARNING if is_backwards else ink.QUIET
        return ("─" if is_under_way else " ") * room, ink.QUIET

    def _cell(self, track: str, number: int, *, is_under_way: bool) -> tuple[str, str]:
        step, width = self._steps[number], self._widths[number]
        status = step.statuses.get(track)
        if status is None:
            return ("─" if is_under_way else " ") * width, ink.QUIET
        words = self._words(step, status)
        if number < self._stops[track][-1] and len(words) + 1 < width:
            words = f"{words} ".ljust(width, "─")
        return words.ljust(width), ink.status_ink(status)

    def _is_full(self, track: str, number: int) -> bool:
        """Tell whether words reach to the end of a cell, so that a line after it wants a blank."""
        status = self._steps[number].statuses.get(track)
        return (
            status is not None and len(self._words(self._steps[number], status)) + 1 >= self._widths[number]
        )

"""Insight's cursor: which figure is selected. It stays on its row while figures change around it."""

from __future__ import annotations

from collections.abc import Sequence

from smswatch.tui.insight_page import TIME_ROW, Chosen, Stop

_USUAL_COLUMN = "messages"


class InsightCursor:
    """Moves between stops, up and down, and between the figures of one, left and right."""

    def __init__(self) -> None:
        self._stops: Sequence[Stop] = ()
        self._place = 0
        self._column = _USUAL_COLUMN
        """The figure that is wanted in rows; a row that lacks it shows its nearest."""
        self._bar: str | None = None
        """The piece of time that is wanted; None: the newest."""
        self._key: tuple[str, ...] | None = None

    @property
    def chosen(self) -> Chosen | None:
        """The figure that is selected; None where there is none."""
        stop = self.stop
        return None if stop is None else Chosen(stop.key, stop.columns[self._column_of(stop)])

    @property
    def stop(self) -> Stop | None:
        """Where the cursor stands."""
        return self._stops[self._place] if self._place < len(self._stops) else None

    def settle(self, stops: Sequence[Stop]) -> None:
        """Stay on the same row among other ones; where it is gone, at its place."""
        self._stops = [stop for stop in stops if stop.columns]
        places = [place for place, stop in enumerate(self._stops) if stop.key == self._key]
        if self._key is None:
            # The picture can be entered; what a person looks at first are the figures below it.
            places = [place for place, stop in enumerate(self._stops) if stop.key != TIME_ROW]
        self._place = places[0] if places else max(min(self._place, len(self._stops) - 1), 0)

    def row(self, step: int) -> None:
        """Go so many rows down, or up."""
        self._go(self._place + step)

    def edge(self, which: int) -> None:
        """Go to the first row (below 0) or the last one."""
        self._go(0 if which < 0 else len(self._stops) - 1)

    def figure(self, step: int) -> None:
        """Go so many figures, or pieces of time, to the right, or left."""
        stop = self.stop
        if stop is None:
            return
        self._key = stop.key
        place = max(min(self._column_of(stop) + step, len(stop.columns) - 1), 0)
        if stop.key == TIME_ROW:
            self._bar = stop.columns[place]
        else:
            self._column = stop.columns[place]

    def _go(self, place: int) -> None:
        self._place = max(min(place, len(self._stops) - 1), 0)
        if self.stop is not None:
            self._key = self.stop.key

    def _column_of(self, stop: Stop) -> int:
        if stop.key == TIME_ROW:
            return stop.columns.index(self._bar) if self._bar in stop.columns else len(stop.columns) - 1
        return stop.columns.index(self._column) if self._column in stop.columns else 0


def steps_to_line(stops: Sequence[Stop], here: Stop, wanted: int) -> int:
    """Return how many stops it is from here to the one nearest to a line of the page."""
    nearest = min(stops, key=lambda stop: abs(stop.lines.start - wanted))
    return stops.index(nearest) - stops.index(here)

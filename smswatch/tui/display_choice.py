"""The display choice: how times and private text are shown now, and when time alone asks for a new frame."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smswatch.tui.detail_times import placed
from smswatch.tui.display_options import DisplayOptions, TimeMode

_TIME_MODES: tuple[TimeMode, ...] = ("local", "relative", "utc")
_SECOND_MS = 1000


class DisplayChoice:
    """Holds the options that every list and pane is shown with."""

    def __init__(self, options: DisplayOptions, clock: Callable[[], int]) -> None:
        """`clock` gives UTC milliseconds."""
        self._clock = clock
        self.options = msgspec.structs.replace(options, now_ms=clock())

    def renew(self) -> DisplayOptions:
        """Return the options as of now."""
        self.options = msgspec.structs.replace(self.options, now_ms=self._clock())
        return self.options

    def is_due(self, now_ms: int) -> bool:
        """Tell whether what is shown is out of date: ages by the second, else at the day's change."""
        then = self.options.now_ms
        if self.options.time_mode == "relative":
            return now_ms - then >= _SECOND_MS
        return placed(now_ms, self.options).date() != placed(then, self.options).date()

    def next_time_mode(self) -> TimeMode:
        """Show times in the next of the three ways; return which."""
        following = _TIME_MODES[(_TIME_MODES.index(self.options.time_mode) + 1) % len(_TIME_MODES)]
        self.options = msgspec.structs.replace(self.options, time_mode=following)
        return following

    def turn_mask(self) -> None:
        """Hide numbers and texts, or show them again."""
        self.options = msgspec.structs.replace(self.options, masked=not self.options.masked)

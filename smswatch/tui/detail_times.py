"""Times of the detail pane: always absolute, to the second or the millisecond, with the offset named."""

from __future__ import annotations

from datetime import UTC, datetime

from smswatch.times import moment
from smswatch.tui.display_options import DisplayOptions

_SECOND = 1_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def provider_time(ms: int, display: DisplayOptions) -> str:
    """Write a provider's time to the second, with a fraction only where there is one that is not zero."""
    return _absolute(ms, display, with_milliseconds=bool(ms % _SECOND))


def arrival_time(ms: int, display: DisplayOptions) -> str:
    """Write an arrival time to the millisecond."""
    return _absolute(ms, display, with_milliseconds=True)


def arrival_clock(ms: int, display: DisplayOptions, day_of: int) -> str:
    """Write an arrival time without what it shares with `day_of`: the date, where it is the same, and the offset."""
    when, same = placed(ms, display), placed(day_of, display)
    pattern = "%H:%M:%S" if when.date() == same.date() else "%Y-%m-%d %H:%M:%S"
    return f"{when:{pattern}}.{ms % _SECOND:03d}"


def _absolute(ms: int, display: DisplayOptions, *, with_milliseconds: bool) -> str:
    when = placed(ms, display)
    fraction = f".{ms % _SECOND:03d}" if with_milliseconds else ""
    offset = "UTC" if when.tzinfo is UTC else f"{when:%z}"[:3] + ":" + f"{when:%z}"[3:5]
    text = f"{when:%Y-%m-%d %H:%M:%S}{fraction} {offset}"
    return f"{text} ({ago(display.now_ms - ms)})" if display.time_mode == "relative" else text


def placed(ms: int, display: DisplayOptions) -> datetime:
    """Return a moment in the zone that the person chose."""
    when = moment(ms)
    if display.time_mode == "utc":
        return when
    try:
        return when.astimezone()
    except (OverflowError, ValueError, OSError):
        return when  # the first or the last day of the calendar: the offset would lead out of it


def ago(ms: int) -> str:
    """Say how long ago something was, in one unit; the future says `in 5 s`."""
    size = abs(ms)
    if size < _SECOND:
        return "now"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (_SECOND, "s")):
        if size >= unit:
            text = f"{size // unit:,} {name}"
            return f"in {text}" if ms < 0 else f"{text} ago"
    return "now"

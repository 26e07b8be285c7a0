"""Times: a provider's wording to `ProviderTime`, to UTC milliseconds, to the text of the JSON shapes."""

from __future__ import annotations

import re
import time as clock
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from smswatch.model import ProviderTime, Zone

_WORDING = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)

_PLAIN_LENGTH = len("2019-05-01 15:18:20")
"""Almost every time is written like this, and `fromisoformat` reads it ten times faster than the pattern."""


def read_time(wording: str, *, offset_minutes: int | None = None) -> ProviderTime | None:
    """Read `2019-05-1 15:18:20` and its kin; None for empty, all-zero or impossible dates.

    An offset in the wording wins over `offset_minutes`, which is what the provider documents.
    """
    text = wording.strip()
    if len(text) == _PLAIN_LENGTH and text[7] == "-" and text[13] == text[16] == ":" and text[10] in " T":
        try:
            return ProviderTime(datetime.fromisoformat(text), offset_minutes, wording)
        except ValueError:
            pass  # read below, where unpadded days and fractions are understood
    found = _WORDING.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(  # noqa: DTZ001 - the zone is applied by intake
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro
        )
    except ValueError:
        return None
    return ProviderTime(local, _minutes(offset) if offset else offset_minutes, wording)


def _minutes(offset: str) -> int:
    if offset.upper() in {"Z", "UTC"}:
        return 0
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:]))


def to_milliseconds(time: ProviderTime, zone: tzinfo | None) -> tuple[int, Zone] | None:
    """Place a provider's time on our clock; `zone` (None: this machine's) fills an unstated offset.

    None where the result lies outside what a calendar can hold.
    """
    naive = (time.local - _NAIVE_EPOCH) // _MILLISECOND
    if time.offset_minutes is not None:
        placed, sure = naive - time.offset_minutes * 60_000, Zone.STATED
    else:
        try:
            placed, sure = naive - _offset_ms(naive // _QUARTER_MS, zone, clock.tzname), Zone.ASSUMED
        except (ValueError, OverflowError, OSError):
            return None
    return (placed, sure) if _FIRST_MS <= placed <= _LAST_MS else None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - subtracted from naive times
_MILLISECOND = timedelta(milliseconds=1)
_QUARTER_MS = 900_000
"""Clocks are put forward and back at a quarter of an hour, wherever they are."""
_FIRST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=4096)
def _offset_ms(quarter: int, zone: tzinfo | None, local_names: tuple[str, str]) -> int:
    """Return the offset of a zone (None: this machine's, of these names) in a quarter of its own local time."""
    del local_names
    local = _NAIVE_EPOCH + timedelta(milliseconds=quarter * _QUARTER_MS)
    aware = local.astimezone() if zone is None else local.replace(tzinfo=zone)
    offset = aware.utcoffset()
    return 0 if offset is None else offset // _MILLISECOND


def moment(milliseconds: int) -> datetime:
    """Return UTC milliseconds as an aware datetime."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def arrival_text(milliseconds: int) -> str:
    """Write an arrival time: always three decimals, `2026-11-20T12:00:00.123Z`."""
    return f"{moment(milliseconds):%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def provider_text(milliseconds: int | None) -> str | None:
    """Write a provider time: a fraction only where there is one that is not zero."""
    if milliseconds is None:
        return None
    fraction = f".{milliseconds % 1000:03d}" if milliseconds % 1000 else ""
    # Not %Y, which leaves out the leading zeros of a year before 1000.
    return f"{moment(milliseconds).replace(tzinfo=None).isoformat(timespec='seconds')}{fraction}Z"


_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS


def duration(ms: int) -> str:
    """Write a length of time with the precision that a reader wants: `0.210 s`, `12.5 s`, `3 min 05 s`."""
    size = abs(ms)
    sign = "−" if ms < 0 else ""
    if size < 10 * _SECOND_MS:
        text = f"{size / _SECOND_MS:.3f}".rstrip("0").rstrip(".") + " s"
    elif size < _MINUTE_MS:
        text = f"{size // 100 / 10:.1f}".removesuffix(".0") + " s"
    elif size < _HOUR_MS:
        text = f"{size // _MINUTE_MS} min {size % _MINUTE_MS // _SECOND_MS:02d} s"
    elif size < _DAY_MS:
        text = f"{size // _HOUR_MS} h {size % _HOUR_MS // _MINUTE_MS:02d} min"
    else:
        text = f"{size // _DAY_MS:,} d {size % _DAY_MS // _HOUR_MS:02d} h"
    return sign + text


def short_duration(ms: int) -> str:
    """Write a length of time as a column has room for it: `0.2s`, `12s`, `3m05s`, `2h07m`."""
    if ms < 10 * _SECOND_MS:
        return f"{ms / _SECOND_MS:.1f}s"
    if ms < _MINUTE_MS:
        return f"{ms // _SECOND_MS}s"
    if ms < _HOUR_MS:
        return f"{ms // _MINUTE_MS}m{ms % _MINUTE_MS // _SECOND_MS:02d}s"
    return f"{ms // _HOUR_MS}h{ms % _HOUR_MS // _MINUTE_MS:02d}m"


def delta(ms: int) -> str:
    """Write the step from one time to the next; a step back in time shows its minus."""
    return duration(ms) if ms < 0 else f"+{duration(ms)}"

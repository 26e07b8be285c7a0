"""Insight's words: shares and times as short as a table needs, and never more exact than they are known."""

from __future__ import annotations

_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
_TENTHS = 1_000


def share_text(part: int, whole: int) -> str:
    """Write a share so that neither nothing nor everything is claimed where that is not so: `<0.1%`, `>99.9%`."""
    if not whole:
        return "–"
    if part in {0, whole}:
        return "100%" if part else "0%"
    tenths = round(part * _TENTHS / whole)
    if not tenths:
        return "<0.1%"
    return ">99.9%" if tenths == _TENTHS else f"{tenths / 10:.1f}%"


def time_text(ms: int | None) -> str:
    """Write a time to delivery in the two digits in which it is known: `420 ms`, `4.2 s`, `42 s`, `4.2 min`."""
    if ms is None:
        return "–"
    if ms < _SECOND_MS:
        return f"{ms} ms"
    for unit, name in ((_SECOND_MS, "s"), (_MINUTE_MS, "min"), (_HOUR_MS, "h")):
        if ms < 100 * unit:
            return f"{_two_digits(ms / unit)} {name}"
    return f"{_two_digits(ms / _DAY_MS)} d"


def typed_time(ms: int) -> tuple[str, str]:
    """Return (amount, unit) as the filter language takes them, exactly."""
    if ms < _SECOND_MS:
        return str(ms), "ms"
    return f"{ms // _SECOND_MS}{f'.{ms % _SECOND_MS:03d}'.rstrip('0') if ms % _SECOND_MS else ''}", "s"


def _two_digits(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"  # noqa: PLR2004 - what rounds to two digits

"""Room on a timeline: how many distinct reports a message takes, so that nobody can make one slow for everybody.

A message costs as much as it has reports, each time that one comes and each time that it is looked at. Providers
send a handful; whoever sends a thousand is broken or means harm.
"""

from __future__ import annotations

from collections.abc import Mapping

from smswatch.model import Status
from smswatch.summary import KeptReport
from smswatch.wording import how_many

MOST_REPORTS = 1_000
"""Distinct reports that a message takes, whatever they say."""
_SPARE = 100
"""More of them, for those that say something new."""


MOST_CHANNELS = 64
"""Channels of one message."""

TIMELINE_ENDS = f"a timeline ends after {MOST_REPORTS:,} different reports or {MOST_CHANNELS} channels"

_Statement = tuple[str, Status]
"""A channel, `""` where none is named, and what it has come to."""


class Room:
    """Decides, within one commit, which new reports have room on the timelines of their messages."""

    def __init__(self) -> None:
        self._said: dict[int, set[_Statement]] = {}

    def takes(self, message: int, reports: Mapping[int, KeptReport], report: KeptReport) -> bool:
        """Tell whether a report that is not among those of a message, by its row id, has room beside them.

        Past `MOST_REPORTS` only one that names a status, on a channel, that none has named before: what a
        message has come to is known, however many came in front of it. None has room that would bring the
        channels to more than `MOST_CHANNELS`.
        """
        if len(reports) < MOST_REPORTS and not report.channels:
            return True
        if len(reports) >= MOST_REPORTS + _SPARE:
            return False
        said = self._said.get(message)
        if said is None:
            said = self._said[message] = {one for kept in reports.values() for one in _statements(kept)}
        new = _statements(report) - said
        if len({channel for channel, _ in said | new}) > MOST_CHANNELS:
            return False
        said |= new
        return bool(new) or len(reports) < MOST_REPORTS


def _statements(report: KeptReport) -> set[_Statement]:
    return {("", report.status), *((named.channel, named.status) for named in report.channels)}


def words_of_left_out(reports: int) -> str:
    """Say of a request how many of its reports are kept in it alone."""
    return f"{how_many(reports, 'report is', 'reports are')} kept in this request alone: {TIMELINE_ENDS}"

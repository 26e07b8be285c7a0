"""summarise(): the set of reports of one message → the one status a person sees, with its flags.

The status is a function of the *set* of reports: neither the order of the list nor the order of arrival
decides it. Arrival only sets the flags `out_of_order` and `after_final`, and it does so through the
first-arrival number (`id`) that each report carries. Repeats are counted, never weighed.
"""

from smswatch.summary.flags import levels
from smswatch.summary.ladder import channel_shown, status_of_channels
from smswatch.summary.records import KeptReport, Summary, Verdict
from smswatch.summary.summarising import judge, summarise

__all__ = [
    "KeptReport",
    "Summary",
    "Verdict",
    "channel_shown",
    "judge",
    "levels",
    "status_of_channels",
    "summarise",
]

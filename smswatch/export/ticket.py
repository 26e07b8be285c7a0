"""A message as markdown for a support ticket: what is known, why, and the timeline as a table.

Holds neither the access key nor the text of the SMS. All times are UTC. What arrived stands in code spans, in which
markdown does nothing; a backtick reads `'` there and a bar `¦`, which would end the span or the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from smswatch.explanation import Explanation
from smswatch.model import STATUS_MEANINGS
from smswatch.provider import ErrorCode
from smswatch.safe_text import safe_line
from smswatch.store.rows import MessageDetail, TimelineEntry
from smswatch.times import arrival_text, delta, duration, provider_text
from smswatch.wording import how_many

_VALUE_LIMIT = 200
_MOST_ROWS = 100
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&@])")
_IN_CODE = str.maketrans({"`": "'", "|": "¦"})


def ticket(detail: MessageDetail, told: ErrorCode | None = None) -> str:
    """Return the ticket; `told` explains the message's failure, where it is one."""
    explanation = detail.explanation(lambda ms: provider_text(ms) or "")
    lines = [*_head(detail, told), "", "Why this status:", ""]
    lines += [f"- {_plain(said)}" for said in explanation.why]
    lines += ["", *_table(detail, explanation)]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    shown = safe_line(text.strip(), _VALUE_LIMIT).translate(_IN_CODE)
    return f"`{shown}`" if shown else "–"


def _plain(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", text)


def _head(detail: MessageDetail, told: ErrorCode | None) -> Iterator[str]:
    message = detail.message
    yield f"### SMS {_code(message.message_id)} of {_code(message.provider)}: {message.status}"
    yield ""
    yield f"- Status: **{message.status}** ({STATUS_MEANINGS[message.status]}), reported as {_code(message.provider_status)}"
    if message.number is not None:
        yield f"- Number: {_code(message.number)}"
    network = " ".join(part for part in (message.mcc, message.mnc) if part)
    for name, value in (("Network", network), ("Device", message.device), ("SIM", message.sim)):
        if value:
            yield f"- {name}: {_code(value)}"
    if message.error_code or message.error_text:
        yield f"- Error: {' '.join(_code(part) for part in (message.error_code, message.error_text) if part)}"
    if told is not None:
        yield f"- Meaning: {_plain(told.meaning)}"
    if message.channels:
        named = ", ".join(f"{_code(name)} {status}" for name, status in message.channels.items())
        yield f"- Channels: {named}"
    yield f"- First report: {arrival_text(message.first_seen_ms)}, last: {arrival_text(message.last_seen_ms)}"
    if message.latency_ms is not None:
        yield f"- Time to delivery: {duration(message.latency_ms)}"


def _table(detail: MessageDetail, explanation: Explanation) -> Iterator[str]:
    again = bool(explanation.attempts)
    titles = [
        "arrived (UTC)",
        "after",
        "provider's time",
        "status",
        "provider's word",
        "channels",
        "what is odd",
    ]
    titles = (["attempt"] if again else []) + titles
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    previous: TimelineEntry | None = None
    for entry in detail.timeline[:_MOST_ROWS]:
        cells = [str(explanation.attempts.get(entry.id, 1))] if again else []
        cells += _cells(entry, previous, explanation)
        yield "| " + " | ".join(cells) + " |"
        previous = entry
    if (left := len(detail.timeline) - _MOST_ROWS) > 0:
        yield ""
        yield f"{how_many(left, 'more report is', 'more reports are')} not listed."


def _cells(entry: TimelineEntry, previous: TimelineEntry | None, explanation: Explanation) -> list[str]:
    repeated = explanation.repeats.get(entry.id)
    notes = [*explanation.notes.get(entry.id, ()), *((repeated,) if repeated else ())]
    told = provider_text(entry.occurred_ms)
    channels = ", ".join(f"{_code(name)} {status}" for name, status in entry.channels.items())
    return [
        arrival_text(entry.arrived_ms),
        delta(entry.arrived_ms - previous.arrived_ms) if previous is not None else "–",
        f"{told} ({entry.zone})" if told and entry.zone else told or "–",
        str(entry.status),
        _code(entry.provider_status),
        channels or (_code(entry.channel) if entry.channel else "–"),
        "; ".join(_plain(note) for note in notes) or "–",
    ]

"""What a reader gives back: one frozen record for each kind of row, in the words of the model."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smswatch.explanation import Clock, Explanation, explain
from smswatch.model import Flag, Outcome, Status, Zone
from smswatch.summary import KeptReport


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One tracked message as the list shows it. Times are UTC milliseconds."""

    id: int
    """Ours; rises in the order of first arrival."""
    provider: str
    message_id: str
    number: str | None
    registered_number: str | None
    """What `track` said; `number` is the same where the provider says none."""
    status: Status
    provider_status: str
    channel: str | None
    channels: dict[str, Status]
    error_code: str | None
    error_text: str | None
    flags: tuple[Flag, ...]
    reports: int
    duplicates: int
    text: str | None
    label: str | None
    mcc: str | None
    mnc: str | None
    device: str | None
    sim: str | None
    first_seen_ms: int
    last_seen_ms: int
    delivered_ms: int | None
    latency_ms: int | None
    """First report of rank 40 or lower to first delivery; None if unknown or negative."""
    changed: int
    is_marked: bool = False
    """A person marked it."""


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One report of a message's timeline; entries come in the order of first arrival."""

    id: int
    status: Status
    provider_status: str
    channel: str | None
    channels: dict[str, Status]
    occurred_ms: int | None
    occurred_raw: str | None
    zone: Zone | None
    arrived_ms: int
    times_received: int
    flags: tuple[Flag, ...]
    error_code: str | None
    error_text: str | None
    request_id: int
    repeats: tuple[int, ...] = ()
    """Arrival times of the repeats; of very many the first and the last."""


class InboundRow(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound SMS. Times are UTC milliseconds."""

    id: int
    provider: str
    message_id: str | None
    number: str | None
    body: str
    reply_to: str | None
    sent_ms: int | None
    received_ms: int | None
    zone: Zone | None
    arrived_ms: int
    mcc: str | None
    mnc: str | None
    sim: str | None
    device: str | None
    media_url: str | None
    times_received: int
    request_id: int
    changed: int


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook request as it arrived, and what it was answered."""

    id: int
    arrived_ms: int
    provider: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    outcome: Outcome
    problem: str | None
    answer_status: int
    answer_type: str
    answer_body: str
    changed: int
    size: int
    """Bytes of the body; `body` itself may be cut in a list."""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a message went to, told by a person because the provider's callbacks do not say."""

    provider: str
    message_id: str
    number: str
    text: str | None = None
    label: str | None = None


class Marking(msgspec.Struct, frozen=True):
    """A person marks messages, or takes their marks away."""

    messages: tuple[int, ...]
    """By our own ids; those that are gone are left out."""
    is_marked: bool


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of one message."""

    message: MessageRow
    timeline: tuple[TimelineEntry, ...]
    requests: tuple[RequestRow, ...]
    """Requests behind it, repeats included, in the order of arrival: all, or those that were asked for."""
    replies: tuple[InboundRow, ...]
    """The first answers, or all."""
    reports: tuple[KeptReport, ...] = ()
    """What the timeline shows, with all that was kept; never empty where it was read from a database."""
    request_ids: tuple[int, ...] = ()
    """Of all requests behind it, in the order of arrival; of one report's repeats the first and the last."""
    replies_in_all: int = 0

    def explanation(self, clock: Clock, shown: Sequence[TimelineEntry] | None = None) -> Explanation:
        """Say why this status is shown and what is odd about single reports, or those shown; `clock` writes times."""
        repeats = {entry.id: entry.repeats for entry in self.timeline}
        ids = None if shown is None else {entry.id for entry in shown}
        return explain(self.reports, repeats, clock, ids)


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What went to and came from one number, over all providers."""

    number: str
    turns: tuple[MessageRow | InboundRow, ...]
    """The newest ones, oldest first; messages by their first report, inbound SMS by their arrival."""
    has_older: bool
    answered: dict[tuple[str, str], MessageRow]
    """The messages that inbound ones among the turns answer, by provider and message id, where they are known."""

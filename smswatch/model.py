"""The vocabulary: statuses, requests, reports and inbound SMS, frozen and pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """What is known of a message, in the field's standard words."""

    UNMAPPED = "unmapped"
    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    BUFFERED = "buffered"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    DELIVERED = "delivered"
    READ = "read"

    @property
    def rank(self) -> int:
        """How far along a message is; the highest rank of its reports is the one shown."""
        return RANKS[self]

    @property
    def is_final(self) -> bool:
        """Nothing may follow. `delivered` and `unknown` are soft: something still may."""
        return self in FINAL

    @property
    def is_failure(self) -> bool:
        """The message did not arrive, for good."""
        return self in FAILURES


RANKS: dict[Status, int] = {
    Status.UNMAPPED: 0,
    Status.SCHEDULED: 5,
    Status.ACCEPTED: 10,
    Status.QUEUED: 20,
    Status.SENDING: 30,
    Status.SENT: 40,
    Status.BUFFERED: 45,
    Status.UNKNOWN: 60,
    Status.FAILED: 70,
    Status.CANCELED: 70,
    Status.EXPIRED: 70,
    Status.UNDELIVERED: 70,
    Status.REJECTED: 70,
    Status.DELIVERED: 80,
    Status.READ: 90,
}

FAILURES: tuple[Status, ...] = (
    Status.FAILED,
    Status.CANCELED,
    Status.EXPIRED,
    Status.UNDELIVERED,
    Status.REJECTED,
)
"""The negative final statuses, in the order in which the later one wins a tie."""

FINAL: frozenset[Status] = frozenset((*FAILURES, Status.READ))

OPEN: tuple[Status, ...] = tuple(status for status in Status if RANKS[status] < RANKS[Status.UNKNOWN])
"""`is:open`: something is still expected."""

STATUS_MEANINGS: dict[Status, str] = {
    Status.UNMAPPED: "only words that smswatch does not know so far",
    Status.SCHEDULED: "held for a later time",
    Status.ACCEPTED: "the provider took the request",
    Status.QUEUED: "waiting inside the provider or the phone",
    Status.SENDING: "being handed to the network",
    Status.SENT: "the network took it; no delivery report yet",
    Status.BUFFERED: "the network keeps trying",
    Status.UNKNOWN: "the provider says that the outcome will not be known",
    Status.FAILED: "it never left",
    Status.CANCELED: "withdrawn",
    Status.EXPIRED: "its validity is over",
    Status.UNDELIVERED: "tried without success",
    Status.REJECTED: "refused",
    Status.DELIVERED: "the handset confirmed it",
    Status.READ: "opened",
}


class Flag(StrEnum):
    """What a person should notice about a message, in the order in which they are listed."""

    CONFLICT = "conflict"
    OUT_OF_ORDER = "out_of_order"
    AFTER_FINAL = "after_final"
    DUPLICATE = "duplicate"


class Zone(StrEnum):
    """How sure a provider time is."""

    STATED = "stated"
    ASSUMED = "assumed"


class Outcome(StrEnum):
    """What became of one webhook request, first that applies."""

    UNREADABLE = "unreadable"
    PARTIAL = "partial"
    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


_CONTENT_TYPE_LENGTH = len("content-type")


class Kind(StrEnum):
    """The three lists that can be shown, filtered and exported."""

    MESSAGES = "messages"
    INBOUND = "inbound"
    REQUESTS = "requests"


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP request as it arrived at a webhook path."""

    method: str
    path: str
    """The path without its key, so that the key is never stored: `/webhooks/smso`."""
    query: str
    """The raw query string, without the question mark."""
    headers: tuple[tuple[str, str], ...]
    """Names as they were spelled, in order; the values may hold anything."""
    body: bytes
    arrived_ms: int
    """Our own clock, UTC milliseconds."""

    @property
    def content_type(self) -> str:
        """What the sender calls its body; shown, never trusted."""
        for name, value in self.headers:
            if len(name) == _CONTENT_TYPE_LENGTH and name.lower() == "content-type":
                return value
        return ""


class ProviderTime(msgspec.Struct, frozen=True, gc=False):
    """A time as a provider wrote it. Zone and region are applied by intake, not by providers."""

    local: datetime
    """Naive."""
    offset_minutes: int | None
    """The offset that the payload states or the provider documents; None if nobody says."""
    raw: str
    """Verbatim."""


class ReceivedNumber(msgspec.Struct, frozen=True, gc=False):
    """A telephone number, short code or sender name as a provider wrote it."""

    text: str
    is_integer: bool = False
    """It was a JSON integer, so a plus and leading zeros may have been lost on the way."""


class ChannelStatus(msgspec.Struct, frozen=True, gc=False):
    """The status of one channel (sms, viber, ...) inside one report."""

    channel: str
    status: Status
    provider_status: str


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a provider about one message."""

    message_id: str
    """Trimmed text, scoped by provider. Never a number: ids exceed 64 bits."""
    status: Status
    provider_status: str
    """The provider's own word, verbatim."""
    identity: tuple[str, ...]
    """What makes two reports of this message the same one, trimmed."""
    overall_stated: bool = True
    """False where `status` was worked out from `channels` alone."""
    channels: tuple[ChannelStatus, ...] = ()
    occurred_at: ProviderTime | None = None
    ordered_at: ProviderTime | None = None
    """Orders the attempts of a message that is sent again; not shown as the time of the report."""
    starts_attempt: bool = False
    """This report may begin a new attempt (SmsGateWay24's 1, 3 and 2)."""
    number: ReceivedNumber | None = None
    mcc: str | None = None
    mnc: str | None = None
    device: str | None = None
    sim: str | None = None
    error_code: str | None = None
    error_text: str | None = None


class InboundSms(msgspec.Struct, frozen=True, kw_only=True):
    """One SMS that a person, or a machine, sent to us."""

    identity: tuple[str, ...]
    """What makes two deliveries of this SMS the same one, trimmed."""
    message_id: str | None = None
    number: ReceivedNumber | None = None
    body: str = ""
    reply_to: str | None = None
    """The id of the message that this one answers."""
    sent_at: ProviderTime | None = None
    received_at: ProviderTime | None = None
    mcc: str | None = None
    mnc: str | None = None
    device: str | None = None
    sim: str | None = None
    media_url: str | None = None
    """Shown, never fetched."""


class Problem(msgspec.Struct, frozen=True, gc=False):
    """One element of a batch that could not be read."""

    position: str
    """Where, in a reader's words: `element 2`."""
    reason: str
    """Why; never echoes the input."""

    def __str__(self) -> str:
        return f"{self.position}: {self.reason}"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider's format says, element by element."""

    reports: tuple[StatusReport, ...] = ()
    inbound: tuple[InboundSms, ...] = ()
    problems: tuple[Problem, ...] = ()
    dialect: str = ""
    """Which of its provider's formats the body was in, where the answer depends on it."""
    ack_ids: tuple[str, ...] = ()
    """The ids to acknowledge, each once, in order, spelled as the answer must spell them."""
    note: str | None = None
    """Said about a body that is stored and acknowledged though it carries no report."""


class Acknowledgement(msgspec.Struct, frozen=True, gc=False):
    """The body that tells a provider that its reports are kept."""

    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"

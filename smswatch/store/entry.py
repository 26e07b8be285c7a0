"""What intake hands to the writer: one request with everything that was read out of it."""

from __future__ import annotations

import hashlib
import re

import msgspec

from smswatch.model import Flag, Outcome, WebhookRequest, Zone
from smswatch.summary import KeptReport


class KeptInbound(msgspec.Struct, kw_only=True):
    """One inbound SMS, placed on our clock. Times are UTC milliseconds."""

    id: int = 0
    digest: int
    message_id: str | None
    number: str | None
    body: str
    reply_to: str | None
    sent_ms: int | None
    sent_raw: str | None
    received_ms: int | None
    received_raw: str | None
    zone: Zone | None
    mcc: str | None
    mnc: str | None
    device: str | None
    sim: str | None
    media_url: str | None
    arrived_ms: int
    times_received: int = 1
    request_id: int = 0


class Entry(msgspec.Struct, kw_only=True):
    """One request to keep. The bytes are kept whatever the rest says."""

    provider: str
    request: WebhookRequest
    reports: tuple[tuple[str, KeptReport], ...] = ()
    """(message id, report), in the order of the body."""
    inbound: tuple[KeptInbound, ...] = ()
    outcome: Outcome | None = None
    """`unreadable` or `partial`; None lets the writer say `stored` or `duplicate`."""
    problem: str | None = None
    answer_status: int = 200
    answer_type: str = ""
    answer_body: str = ""


class Kept(msgspec.Struct, kw_only=True):
    """What became of one entry, once it is on the disk."""

    request_id: int
    outcome: Outcome
    reports: list[tuple[str, KeptReport, tuple[Flag, ...], int]]
    """(message id, report, its flags, how many times it had come with this entry), in the order of the body.

    The report itself counts on: the next entry of the same commit may bring it again.
    """
    inbound: list[tuple[KeptInbound, int]]
    """(SMS, how many times it had come with this entry)."""
    left_out: int = 0
    """Reports among them for which their message has no room: they are in the bytes of the request alone."""


class Refused(msgspec.Struct, frozen=True):
    """Requests that were turned away without being kept; a person reads of them in one line."""

    provider: str
    path: str
    advice: str
    """What happened and what to do about it."""
    answer_status: int
    times: int = 1


def digest_of(identity: tuple[str, ...]) -> int:
    """Return a signed 64-bit digest of an identity; unique enough within one message or provider."""
    joined = "\x1f".join(identity).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "big", signed=True)


_NOT_STORABLE = re.compile(r"[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Make text safe to bind: lone surrogates, which cannot be encoded, and NUL, which cuts searches, become U+FFFD."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return _NOT_STORABLE.sub("\ufffd", text)


def storable_or_none(text: str | None) -> str | None:
    """`storable`, letting None through."""
    return None if text is None else storable(text)

"""Records: what summarise() takes, and what it gives."""

from __future__ import annotations

import msgspec

from smswatch.model import ChannelStatus, Flag, Status, Zone


class KeptReport(msgspec.Struct, kw_only=True):
    """One distinct report of a message, placed on our clock. Times are UTC milliseconds."""

    id: int = 0
    """The first-arrival number, given by the writer; 0 until then."""
    digest: int = 0
    """Signed 64-bit digest of the report's identity, unique within its message."""
    status: Status
    provider_status: str
    overall_stated: bool = True
    channels: tuple[ChannelStatus, ...] = ()
    occurred_ms: int | None = None
    zone: Zone | None = None
    occurred_raw: str | None = None
    ordered_ms: int | None = None
    starts_attempt: bool = False
    number: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    device: str | None = None
    sim: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    arrived_ms: int = 0
    times_received: int = 1
    request_id: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the reports of one message amount to."""

    status: Status
    provider_status: str
    channel: str | None
    channels: dict[str, Status]
    number: str | None
    mcc: str | None
    mnc: str | None
    device: str | None
    sim: str | None
    error_code: str | None
    error_text: str | None
    flags: tuple[Flag, ...]
    report_flags: dict[int, tuple[Flag, ...]]
    """Flags of single reports, by `id`; reports without a flag are left out."""
    reports: int
    duplicates: int
    first_seen_ms: int
    delivered_ms: int | None
    latency_ms: int | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a summary was made from, for those who explain it."""

    summary: Summary
    attempts: dict[int, int]
    """The attempt that a report belongs to, from 0, by `id`; empty where there is but one."""
    ladder: tuple[KeptReport, ...]
    """The reports that count, those of the last attempt, the one furthest along first."""
    channels: dict[str, ChannelStatus]
    """What each channel has come to."""
    decisive: KeptReport | ChannelStatus
    """What the shown status is taken from."""

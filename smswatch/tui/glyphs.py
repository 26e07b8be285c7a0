"""Glyphs: one for each status, so that colour is never the only sign. Each is one cell wide and its own."""

from __future__ import annotations

from smswatch.model import Flag, Outcome, Status

MARK, MARK_AT_CURSOR = "◆", "◈"
"""A message that a person marked; the same where the cursor stands on it."""

_STATUS: dict[Status, str] = {
    Status.UNMAPPED: "?",
    Status.SCHEDULED: "◷",
    Status.ACCEPTED: "·",
    Status.QUEUED: "…",
    Status.SENDING: "→",
    Status.SENT: "↑",
    Status.BUFFERED: "~",
    Status.UNKNOWN: "¿",
    Status.FAILED: "∅",
    Status.CANCELED: "⊖",
    Status.EXPIRED: "⊗",
    Status.UNDELIVERED: "✗",
    Status.REJECTED: "⊘",
    Status.DELIVERED: "✓",
    Status.READ: "◉",
}
_OUTCOME: dict[Outcome, str] = {
    Outcome.STORED: "✓",
    Outcome.DUPLICATE: "=",
    Outcome.PARTIAL: "~",
    Outcome.UNREADABLE: "✗",
    Outcome.REFUSED: "⊘",
}
_FLAG: dict[Flag, str] = {
    Flag.CONFLICT: "conflict",
    Flag.OUT_OF_ORDER: "order",
    Flag.AFTER_FINAL: "late",
    Flag.DUPLICATE: "dup",
}


def glyph(status: Status) -> str:
    """Return the sign of a status."""
    return _STATUS[status]


def outcome_glyph(outcome: Outcome) -> str:
    """Return the sign of what became of a request."""
    return _OUTCOME[outcome]


def flag_word(flag: Flag) -> str:
    """Return a flag in the short word of the table."""
    return _FLAG[flag]

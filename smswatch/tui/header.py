"""The header: where webhooks come in, how fast, what became of the messages, and what a person must know."""

from __future__ import annotations

from collections import deque

from textual.content import Content
from textual.widget import Widget

from smswatch.model import Status
from smswatch.safe_text import safe_line
from smswatch.store.rows import Kind
from smswatch.store.totals import Totals
from smswatch.tui import ink
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import line

_RATE_WINDOW_MS = 10_000
_WORDS_FROM_WIDTH = 112

SHOWN_STATUSES = (
    Status.DELIVERED,
    Status.READ,
    Status.SENT,
    Status.UNDELIVERED,
    Status.FAILED,
    Status.EXPIRED,
    Status.REJECTED,
    Status.CANCELED,
    Status.UNKNOWN,
    Status.BUFFERED,
    Status.SENDING,
    Status.QUEUED,
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.UNMAPPED,
)
TITLES = {Kind.MESSAGES: "Messages", Kind.INBOUND: "Inbound", Kind.REQUESTS: "Requests"}


class Rate:
    """Requests a second over the last ten."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, int]] = deque()

    def note(self, now_ms: int, requests: int) -> float:
        """Take in how many requests there have been; return the rate."""
        self._seen.append((now_ms, requests))
        while self._seen[0][0] < now_ms - _RATE_WINDOW_MS:
            self._seen.popleft()
        then, before = self._seen[0]
        return (requests - before) * 1000 / max(now_ms - then, 1000)


def address_line(facts: ListenerFacts, rate: float, width: int) -> Content:
    """Write the first line: name, address, rate."""
    left = line(("smswatch ", ink.STRONG), _where(facts))
    speed = f"{rate:,.1f}/s" if rate else "quiet"
    return _apart(left, line((speed, ink.GOOD if rate else ink.QUIET)), width)


def _where(facts: ListenerFacts) -> Content:
    if facts.is_viewer:
        holder = f"process {facts.holder_pid} listens" if facts.holder_pid else "nobody listens"
        return line((f"viewer · {holder}", ink.WARNING))
    text = safe_line(facts.address or "not listening", 60)
    return line(
        (text, ink.LINK), (f" · {safe_line(facts.public_url, 60)}" if facts.public_url else "", ink.QUIET)
    )


def totals_line(kind: Kind | None, totals: Totals, width: int) -> Content:
    """Write the second line: the screens and how much is on each, then the statuses."""
    requests = sum(totals.requests.values())
    screens = (
        ("1", Kind.MESSAGES, totals.messages),
        ("2", Kind.INBOUND, totals.inbound),
        ("3", Kind.REQUESTS, requests),
    )
    parts: list[Content] = []
    for key, name, number in screens:
        style = ink.MARK if name is kind else ink.PLAIN
        parts.append(line((key, ink.QUIET), " ", (f"{TITLES[name]} {number:,}", style), "  "))
    parts.append(line(("4", ink.QUIET), " ", ("Setup", ink.MARK if kind is None else ink.PLAIN)))
    left = Content("").join(parts)
    return _apart(left, _statuses(totals, width - left.cell_length - 2), width)


def _statuses(totals: Totals, room: int) -> Content:
    """Name the statuses that fit, with words where there is room for them."""
    present = [status for status in SHOWN_STATUSES if totals.statuses.get(status)]
    full, short = (
        Content("  ").join(_total(status, totals.statuses[status], with_words=words) for status in present)
        for words in (True, False)
    )
    return full if full.cell_length <= room else short.truncate(max(room, 0), ellipsis=True)


def _total(status: Status, number: int, *, with_words: bool) -> Content:
    words = f" {status.value}" if with_words else ""
    return line((f"{glyph(status)} {number:,}{words}", ink.status_ink(status)))


def _apart(left: Content, right: Content, width: int) -> Content:
    gap = width - left.cell_length - right.cell_length
    return left + Content(" " * max(gap, 1)) + right


class HeaderBar(Widget, can_focus=False):
    """Two lines at the top. Draws again only when what it shows has changed."""

    COMPONENT_CLASSES = set(ink.COMPONENT_CLASSES)  # noqa: RUF012 - Textual's own way

    def __init__(self) -> None:
        super().__init__(id="header")
        self._shown: tuple[object, ...] = ()

    def show(self, facts: ListenerFacts, totals: Totals, rate: float, kind: Kind | None) -> None:
        """Show these; costs nothing where nothing is new."""
        shown = (facts, totals, round(rate, 1), kind)
        if shown != self._shown:
            self._shown = shown
            self._facts, self._totals, self._rate, self._kind = facts, totals, round(rate, 1), kind
            self.refresh()

    def render(self) -> Content:
        """Write the two lines."""
        if not self._shown:
            return Content("")
        width = self.size.width
        lines = (
            address_line(self._facts, self._rate, width),
            totals_line(self._kind, self._totals, width),
        )
        return Content("\n").join(line.truncate(width) for line in lines)

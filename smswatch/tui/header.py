"""The header: where webhooks come in, how fast, what became of the messages, and what a person must know."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.style import Style

from smswatch.model import Kind, Status
from smswatch.safe_text import safe_line
from smswatch.store.totals import Totals
from smswatch.tui import ink
from smswatch.tui.facts import ListenerFacts
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import line
from smswatch.tui.inked import Inked

_RATE_WINDOW_MS = 10_000
_MINUTE_MS = 60_000
_WHOLE_FROM = 10

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
TALL = 3
"""Lines of the header where there is room; else the tabs and the totals share one."""
_GAP = "  "
OPEN_TAB, CLOSED_TAB = ".tabs--open", ".tabs--closed"
LISTS = (("Messages", Kind.MESSAGES), ("Inbound", Kind.INBOUND), ("Requests", Kind.REQUESTS))
OTHERS = ("Setup", "Insight")
_COMPACT = ((1_000_000, "M"), (1_000, "k"))


class Rate:
    """How fast requests come: a second over the last ten, a minute where they come slowly."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, int]] = deque()
        self._started_ms = 0

    def note(self, now_ms: int, requests: int) -> str:
        """Take in how many requests there have been; return the rate in words."""
        if self._seen and requests < self._seen[-1][1]:
            # Some were removed: count from here.
            self._seen.clear()
        if not self._seen:
            self._started_ms = now_ms
        if not self._seen or self._seen[-1][1] != requests:
            self._seen.append((now_ms, requests))
        while len(self._seen) > 1 and self._seen[1][0] <= now_ms - _MINUTE_MS:
            self._seen.popleft()
        in_a_minute = requests - self._count_at(now_ms - _MINUTE_MS)
        window_ms = min(max(now_ms - self._started_ms, 1000), _RATE_WINDOW_MS)
        a_second = (requests - self._count_at(now_ms - window_ms)) * 1000 / window_ms
        if a_second >= 1:
            return f"{a_second:,.0f}/s" if a_second >= _WHOLE_FROM else f"{a_second:.1f}/s"
        return f"{in_a_minute:,}/min" if in_a_minute else "quiet"

    def _count_at(self, then_ms: int) -> int:
        """Return how many there had been at that time; the earliest known where that was later."""
        count = self._seen[0][1]
        for seen_ms, requests in self._seen:
            if seen_ms > then_ms:
                break
            count = requests
        return count


def address_line(facts: ListenerFacts, rate: str, width: int, stuck: int = 0) -> Content:
    """Write the first line: name, address, how many messages are stuck, rate."""
    left = line(("smswatch", ink.STRONG), "  ", _where(facts))
    waiting = (f"{stuck:,} stuck  " if stuck else "", ink.WARNING)
    return _apart(left, line(waiting, (rate, ink.QUIET if rate == "quiet" else ink.GOOD)), width)


def _where(facts: ListenerFacts) -> Content:
    if facts.is_viewer:
        holder = f"process {facts.holder_pid} listens" if facts.holder_pid else "nobody listens"
        if facts.holder_pid and facts.holder_address:
            holder += f" on {safe_line(facts.holder_address, 60)}"
        return line((f"viewer · {holder}", ink.WARNING))
    text = safe_line(facts.address or "not listening", 60)
    return line(
        (text, ink.LINK), (f" · {safe_line(facts.public_url, 60)}" if facts.public_url else "", ink.QUIET)
    )


def tabs(number: int, totals: Totals, room: int, opened: str | Style = OPEN_TAB) -> list[Content]:
    """Write the five screens and how much is on each, the open one marked; shorter where there is no room."""
    counts = {
        Kind.MESSAGES: totals.messages,
        Kind.INBOUND: totals.inbound,
        Kind.REQUESTS: sum(totals.requests.values()),
    }
    full, rounded = (
        [f"{title} {count(counts[kind])}" for title, kind in LISTS] for count in ("{:,}".format, _compact)
    )
    names = [*(title for title, _ in LISTS), *OTHERS]
    only_open = [name if place == number else "" for place, name in enumerate(names, start=1)]
    found: list[Content] = []
    for titles in ([*full, *OTHERS], [*rounded, *OTHERS], names, only_open):
        found = [
            line((f" {place} {title} ".replace("  ", " "), opened if place == number else CLOSED_TAB))
            for place, title in enumerate(titles, start=1)
        ]
        if sum(tab.cell_length for tab in found) <= room:
            break
    return found


def _compact(number: int) -> str:
    """Write a count in four cells: 999, 1.2k, 12k, 1.2M."""
    for unit, name in _COMPACT:
        if number >= unit:
            return (
                f"{number // (unit // 10) / 10:g}{name}" if number < 10 * unit else f"{number // unit}{name}"
            )
    return str(number)


def statuses_line(totals: Totals, room: int) -> Content:
    """Write how many messages stand where; from the end, words go where there is no room for them."""
    if not any(totals.statuses.values()):
        return line(("no messages yet", ink.QUIET)).truncate(max(room, 0), ellipsis=True)
    found = Content(_GAP).join(text for _, text in status_totals(totals, room))
    return found if found.cell_length <= room else found.truncate(max(room, 0), ellipsis=True)


def status_totals(totals: Totals, room: int) -> list[tuple[Status, Content]]:
    """Return each status that there is and its total, in the order in which they are written."""
    present = [status for status in SHOWN_STATUSES if totals.statuses.get(status)]
    found: list[tuple[Status, Content]] = []
    for with_words in range(len(present), -1, -1):
        found = [
            (status, _total(status, totals.statuses[status], with_word=place < with_words))
            for place, status in enumerate(present)
        ]
        if sum(text.cell_length + len(_GAP) for _, text in found) - len(_GAP) <= room:
            break
    return found


def _total(status: Status, number: int, *, with_word: bool) -> Content:
    word = f" {status.value}" if with_word else ""
    return line((f"{glyph(status)} {number:,}{word}", ink.status_ink(status)))


def _apart(left: Content, right: Content, width: int) -> Content:
    """Put one at each edge; where both do not fit, the left one is cut."""
    left = left.truncate(max(width - right.cell_length - 1, 0), ellipsis=True)
    return line(left, " " * (width - left.cell_length - right.cell_length), right)


class HeaderBar(Inked, can_focus=False):
    """Three lines at the top, two where the terminal is low. Draws again only when it would look different."""

    COMPONENT_CLASSES = {"tabs--open", "tabs--closed"}  # noqa: RUF012 - Textual's form
    ALLOW_SELECT = False

    class Chosen(Message):
        """A person clicked on a screen's tab."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class StatusChosen(Message):
        """A person clicked on the total of a status."""

        def __init__(self, status: Status) -> None:
            super().__init__()
            self.status = status

    def __init__(self) -> None:
        super().__init__(id="header")
        self._shown: tuple[ListenerFacts, Totals, str, int, int] | None = None

    def show(self, facts: ListenerFacts, totals: Totals, rate: str, number: int, stuck: int) -> None:
        """Show these, and which screen is open; costs nothing where nothing is new."""
        shown = (facts, totals, rate, number, stuck)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """Write the lines."""
        if self._shown is None:
            return Content("")
        facts, totals, rate, number, stuck = self._shown
        # By name the style would lose its background: Textual leaves an opaque one out of a partial style.
        opened = self.get_visual_style("tabs--open")
        width = self.size.width
        screens = Content("").join(tabs(number, totals, width, opened))
        lines = [address_line(facts, rate, width, stuck)]
        if self.size.height >= TALL:
            lines += [statuses_line(totals, width), screens]
        else:
            lines.append(line(screens, " ", statuses_line(totals, width - screens.cell_length - 1)))
        return Content("\n").join(text.truncate(width) for text in lines)

    def on_click(self, event: Click) -> None:
        """Choose the screen or the status under the pointer."""
        if self._shown is None:
            return
        is_last = event.y == self.size.height - 1
        _, totals, _, number, _ = self._shown
        screens = tabs(number, totals, self.size.width)
        left = 0
        if is_last:
            place = _under(event.x, 0, screens, gap=0)
            if place is not None:
                self.post_message(self.Chosen(place + 1))
                return
            left = sum(tab.cell_length for tab in screens) + 1
        if event.y == 1 and is_last == (self.size.height < TALL):
            written = status_totals(totals, self.size.width - left)
            place = _under(event.x, left, [text for _, text in written], gap=len(_GAP))
            if place is not None:
                self.post_message(self.StatusChosen(written[place][0]))


def _under(x: int, left: int, parts: Sequence[Content], *, gap: int) -> int | None:
    """Return which part stands in column `x`, where the first begins at `left`; None between them and beyond."""
    for place, part in enumerate(parts):
        if left <= x < left + part.cell_length:
            return place
        left += part.cell_length + gap
    return None

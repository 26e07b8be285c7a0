"""The Timeline page: what is known of a message, then each report in the order of first arrival."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual.content import Content

from smswatch.model import STATUS_MEANINGS, Flag, Status, Zone
from smswatch.numbers import display as grouped_number
from smswatch.safe_text import safe_block, safe_line
from smswatch.store.rows import MessageDetail, MessageRow, TimelineEntry
from smswatch.times import delta, duration
from smswatch.tui import ink
from smswatch.tui.detail_times import arrival_clock, arrival_time, provider_time
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import Page, field, hang, line
from smswatch.tui.masking import mask_number, mask_text

_ID_LIMIT = 512
_WORD_LIMIT = 160
_ERROR_LIMIT = 1000
_TEXT_CHARS = 2000
_TEXT_LINES = 40
_REPEATS_NAMED = 5
_STEPS_SHOWN = 300
_RAIL = 3


class TimelinePage(msgspec.Struct, frozen=True):
    """The laid-out page, and which of its lines belong to which step."""

    lines: Page
    steps: tuple[range, ...]


def timeline_page(detail: MessageDetail, display: DisplayOptions, width: int) -> TimelinePage:
    """Lay out the summary and every step of a message."""
    lines = summary_lines(detail, display, width)
    lines.append(Content(""))
    shown = detail.timeline[:_STEPS_SHOWN]
    lines.append(ink.rule(_count(len(detail.timeline), "report"), width))
    steps: list[range] = []
    for number, entry in enumerate(shown):
        start = len(lines)
        previous = shown[number - 1] if number else None
        lines += _step_lines(entry, previous, display, width)
        steps.append(range(start, len(lines)))
        if number + 1 < len(shown):
            lines.append(line("  ", ("│", ink.QUIET)))
    if left := len(detail.timeline) - len(shown):
        lines += ink.paragraph(f"… {_count(left, 'more report')} not shown here", width, ink.QUIET)
    return TimelinePage(lines, tuple(steps))


def status_content(status: Status, *, strong: bool = False) -> Content:
    """Write a status as its glyph and its word."""
    text = line((f"{glyph(status)} {status.value}", ink.status_ink(status)))
    return text.stylize(ink.STRONG) if strong else text


def own_word(word: str) -> Content:
    """Write the provider's own word, in the quotes that mark it as theirs."""
    return line(("“", ink.QUIET), safe_line(word, _WORD_LIMIT) or "", ("”", ink.QUIET))


def number_content(number: str, display: DisplayOptions) -> Content:
    """Write a number grouped, with its country; masked where the person asked for it."""
    if display.masked:
        return Content(safe_line(mask_number(number)))
    return Content(safe_line(grouped_number(number)))


def summary_lines(detail: MessageDetail, display: DisplayOptions, width: int) -> Page:
    """Lay out what is known of the message as a whole; what is not known takes no line."""
    message = detail.message
    return ink.join_pages(
        (
            *_headline(message, width),
            *_identity(message, display, width),
            *_channel_lanes(detail, display, width),
            *_outcome(message, display, width),
            *_flag_lines(message, width),
            *_wording(message, display, width),
        )
    )


def _headline(message: MessageRow, width: int) -> Iterator[Page]:
    own = message.provider_status
    parts = [status_content(message.status, strong=True)]
    if own and own.strip().casefold() != message.status:
        parts += [Content("  "), own_word(own)]
    parts.append(line((f"  {STATUS_MEANINGS[message.status]}", ink.QUIET)))
    yield hang(line(*parts), width, ink.MARGIN)


def _identity(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    yield field("number", _numbers(message, display), width)
    yield field("message id", Content(safe_line(message.message_id, _ID_LIMIT)), width)
    yield field("provider", _provider(message), width)


def _numbers(message: MessageRow, display: DisplayOptions) -> Content:
    if message.number is None:
        return line(("not known; smswatch track can tell it", ink.QUIET))
    parts = [number_content(message.number, display).stylize(ink.STRONG)]
    registered = message.registered_number
    if registered == message.number:
        parts.append(line(("  registered with smswatch track", ink.QUIET)))
    elif registered is not None:
        parts += [line(("  registered as ", ink.WARNING)), number_content(registered, display)]
    return line(*parts)


def _provider(message: MessageRow) -> Content:
    facts = [
        (name, value)
        for name, value in (
            ("network", " ".join(part for part in (message.mcc, message.mnc) if part)),
            ("device", message.device),
            ("sim", message.sim),
        )
        if value
    ]
    extra = [line((f"   {name} ", ink.LABEL), safe_line(value, _WORD_LIMIT)) for name, value in facts]
    return line(safe_line(message.provider), *extra)


def _channel_lanes(detail: MessageDetail, display: DisplayOptions, width: int) -> Iterator[Page]:
    """Draw each channel as a line of its own: what happened on Viber beside what happened by SMS."""
    channels = detail.message.channels
    room = max((len(safe_line(name, 20)) for name in channels), default=0)
    for number, (name, last) in enumerate(channels.items()):
        lane = _lane(detail.timeline, name, display) or [(last, "")]
        stops = [
            line((" → " if index else "", ink.QUIET), status_content(status), (f" {clock}", ink.QUIET))
            for index, (status, clock) in enumerate(lane)
        ]
        content = line((safe_line(name, 20).ljust(room + 2), ink.NAME), *stops)
        yield field("channels" if number == 0 else "", content, width)


def _lane(
    timeline: Sequence[TimelineEntry], channel: str, display: DisplayOptions
) -> list[tuple[Status, str]]:
    """Return the statuses that one channel went through, by arrival, repeats of a status left out."""
    stops: list[tuple[Status, str]] = []
    for entry in timeline[:_STEPS_SHOWN]:
        status = entry.channels.get(channel, entry.status if entry.channel == channel else None)
        if status is not None and (not stops or stops[-1][0] is not status):
            stops.append((status, arrival_clock(entry.arrived_ms, display, timeline[0].arrived_ms)))
    return stops


def _outcome(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    if message.error_code or message.error_text:
        yield field("error", error_content(message.error_code, message.error_text), width)
    if message.delivered_ms is not None:
        yield field("delivered", Content(provider_time(message.delivered_ms, display)), width)
    if message.latency_ms is not None:
        value = line(duration(message.latency_ms), ("  until delivery", ink.QUIET))
        yield field("latency", value, width)
    yield field("first seen", Content(arrival_time(message.first_seen_ms, display)), width)
    if message.last_seen_ms != message.first_seen_ms:
        later = line(
            arrival_time(message.last_seen_ms, display),
            (f"  {delta(message.last_seen_ms - message.first_seen_ms)}", ink.QUIET),
        )
        yield field("last seen", later, width)


def error_content(code: str | None, text: str | None) -> Content:
    """Write an error as the provider gives it: code, then words."""
    shown = [safe_line(part, _ERROR_LIMIT) for part in (code, text) if part]
    return line(("  ".join(shown), ink.BAD))


def _flag_lines(message: MessageRow, width: int) -> Iterator[Page]:
    for number, flag in enumerate(message.flags):
        meaning = ink.FLAG_MEANINGS[flag]
        if flag is Flag.DUPLICATE:
            meaning = f"{meaning}: {_count(message.duplicates, 'repeat')}"
        style = ink.QUIET if flag is Flag.DUPLICATE else ink.WARNING
        value = line((f"! {flag.value.replace('_', ' ')}", style), (f"  {meaning}", ink.QUIET))
        yield field("flags" if number == 0 else "", value, width)


def _wording(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    if message.label:
        yield field("label", Content(safe_line(message.label, _ERROR_LIMIT)), width)
    if message.text:
        yield field("text", Content(""), width)
        yield text_fence(message.text, display, width)


def text_fence(text: str, display: DisplayOptions, width: int) -> Page:
    """Lay out the text of an SMS, fenced, masked where the person asked for it."""
    shown = mask_text(text) if display.masked else text
    return ink.fence(safe_block(shown, max_chars=_TEXT_CHARS, max_lines=_TEXT_LINES), width, ink.MARGIN)


def _step_lines(
    entry: TimelineEntry, previous: TimelineEntry | None, display: DisplayOptions, width: int
) -> Page:
    page = _step_headline(entry, width)
    for label, value in _step_facts(entry, previous, display):
        page += hang(value, width, _RAIL + 10, line("  ", ("│ ", ink.QUIET), (f"{label:<9}", ink.LABEL)))
    for flag in entry.flags:
        page += hang(
            line((f"! {ink.STEP_FLAGS[flag]}", ink.WARNING)),
            width,
            _RAIL + 1,
            line("  ", ("│ ", ink.QUIET)),
        )
    return page


def _step_headline(entry: TimelineEntry, width: int) -> Page:
    parts = [status_content(entry.status, strong=True), Content("  "), own_word(entry.provider_status)]
    if entry.channel and not entry.channels:
        parts.append(line(("  via ", ink.QUIET), (safe_line(entry.channel, 40), ink.NAME)))
    return hang(line(*parts), width, 2)


def _step_facts(
    entry: TimelineEntry, previous: TimelineEntry | None, display: DisplayOptions
) -> Iterator[tuple[str, Content]]:
    for number, (channel, status) in enumerate(entry.channels.items()):
        value = line((f"{safe_line(channel, 20)}  ", ink.NAME), status_content(status))
        yield ("channels" if number == 0 else ""), value
    yield "happened", _happened(entry, previous, display)
    arrived = [line(arrival_time(entry.arrived_ms, display))]
    if previous is not None:
        arrived.append(line((f"  {delta(entry.arrived_ms - previous.arrived_ms)}", ink.STRONG)))
    arrived.append(line((f"  request {entry.request_id}", ink.QUIET)))
    yield "arrived", line(*arrived)
    if entry.times_received > 1:
        yield "repeated", _repeats(entry, display)
    if entry.error_code or entry.error_text:
        yield "error", error_content(entry.error_code, entry.error_text)


def _happened(entry: TimelineEntry, previous: TimelineEntry | None, display: DisplayOptions) -> Content:
    written = safe_line(entry.occurred_raw or "", 80)
    if entry.occurred_ms is None:
        if written:
            return line(("not a time: ", ink.QUIET), written)
        return line(("the provider gives no time", ink.QUIET))
    parts = [line(provider_time(entry.occurred_ms, display))]
    if previous is not None and previous.occurred_ms is not None:
        parts.append(line((f"  {delta(entry.occurred_ms - previous.occurred_ms)}", ink.STRONG)))
    if entry.zone is Zone.STATED:
        parts.append(line(("  zone stated", ink.QUIET)))
    else:
        parts.append(line(("  zone assumed", ink.WARNING)))
    if written:
        parts.append(line((f", written “{written}”", ink.QUIET)))
    return line(*parts)


def _repeats(entry: TimelineEntry, display: DisplayOptions) -> Content:
    named = [arrival_clock(ms, display, entry.arrived_ms) for ms in entry.repeats[:_REPEATS_NAMED]]
    if left := len(entry.repeats) - len(named):
        named.append(f"and {left:,} more")
    times = f"  again at {', '.join(named)}" if named else ""
    return line((f"×{entry.times_received}", ink.STRONG), (times, ink.QUIET))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

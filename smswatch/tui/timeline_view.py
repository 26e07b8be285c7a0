"""The Timeline page: a message's lifecycle and why it stands where it does, then every report as it arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual.content import Content

from smswatch.explanation import Explanation
from smswatch.masking import mask_number, mask_text
from smswatch.model import STATUS_MEANINGS, Flag, Status, Zone
from smswatch.numbers import display as grouped_number
from smswatch.provider import explained
from smswatch.safe_text import SafeText, safe_block, safe_line
from smswatch.store.room import MOST_REPORTS, TIMELINE_ENDS
from smswatch.store.rows import MessageDetail, MessageRow, TimelineEntry
from smswatch.times import delta, duration
from smswatch.tui import ink
from smswatch.tui.detail_times import arrival_clock, arrival_time, provider_time
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import Page, field, hang, line
from smswatch.tui.lifecycle import lifecycle_page
from smswatch.wording import how_many

_ID_LIMIT = 512
_WORD_LIMIT = 160
_ERROR_LIMIT = 1000
_TEXT_CHARS = 2000
_TEXT_LINES = 40
_REPEATS_NAMED = 5
_STEPS_AT_AN_END = 30
"""Reports that are laid out at the beginning of a timeline, and as many at its end."""
_RAIL = 3


class TimelinePage(msgspec.Struct, frozen=True):
    """The laid-out page, and which of its lines belong to which step."""

    lines: Page
    steps: tuple[range, ...]


class _Story(msgspec.Struct, frozen=True, kw_only=True):
    """One message, as it is to be told."""

    detail: MessageDetail
    explanation: Explanation
    facts: ProviderFacts | None
    display: DisplayOptions


def timeline_page(
    detail: MessageDetail, display: DisplayOptions, width: int, facts: ProviderFacts | None = None
) -> TimelinePage:
    """Lay out the summary and every step of a message; `facts` of its provider explain words and codes."""
    shown = steps_shown(detail.timeline)
    explanation = detail.explanation(lambda ms: provider_time(ms, display), shown)
    story = _Story(detail=detail, explanation=explanation, facts=facts, display=display)
    lines = _summary_lines(story, width)
    lines.append(Content(""))
    left = len(detail.timeline) - len(shown)
    lines.append(ink.rule(how_many(len(detail.timeline), "report"), width))
    steps: list[range] = []
    attempt = 0 if explanation.attempts else 1
    for number, entry in enumerate(shown):
        now = explanation.attempts.get(entry.id, 1)
        if now != attempt:
            attempt = now
            lines.append(line((f" attempt {attempt}", ink.HEADING)))
        if left and number == _STEPS_AT_AN_END:
            said = f"… {how_many(left, 'report')} between these are not shown here; smswatch show prints them"
            lines += [*ink.paragraph(said, width, ink.QUIET), Content("")]
        start = len(lines)
        lines += _step_lines(entry, shown[number - 1] if number else None, story, width)
        steps.append(range(start, len(lines)))
        if number + 1 < len(shown):
            lines.append(line("  ", ("│", ink.QUIET)))
    if len(detail.timeline) >= MOST_REPORTS:
        lines += [Content(""), *ink.paragraph(TIMELINE_ENDS, width, ink.WARNING)]
    return TimelinePage(lines, tuple(steps))


def steps_shown(timeline: Sequence[TimelineEntry]) -> Sequence[TimelineEntry]:
    """Return the reports that are laid out: all, or of very many the first and the last."""
    if len(timeline) <= 2 * _STEPS_AT_AN_END:
        return timeline
    return (*timeline[:_STEPS_AT_AN_END], *timeline[-_STEPS_AT_AN_END:])


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
        return Content(safe_line(mask_number(number, display.masking_secret)))
    return Content(safe_line(grouped_number(number)))


def _summary_lines(story: _Story, width: int) -> Page:
    """Lay out what is known of the message as a whole; what is not known takes no line."""
    message, display = story.detail.message, story.display
    return ink.join_pages(
        (
            *_headline(message, width),
            lifecycle_page(steps_shown(story.detail.timeline), story.explanation.attempts, width),
            *_why(story, width),
            *_failure(story, display, width),
            *_identity(message, display, width),
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


def _why(story: _Story, width: int) -> Iterator[Page]:
    for number, said in enumerate(story.explanation.why):
        yield field("" if number else "why", Content(said), width)


def _failure(story: _Story, display: DisplayOptions, width: int) -> Iterator[Page]:
    """Show what went wrong in the provider's words, and what they mean at that provider."""
    message = story.detail.message
    if message.error_code or message.error_text:
        yield field("error", error_content(message.error_code, message.error_text, display), width)
    if story.facts is None or not (message.status.is_failure or message.status is Status.UNKNOWN):
        return
    told = explained(story.facts.codes, message.error_code, message.provider_status)
    if told is not None:
        yield field("means", Content(told.meaning), width)
        yield field("likely", line((told.cause, ink.QUIET)), width)
        yield field("check", Content(told.check), width)


def _identity(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    yield field("number", _numbers(message, display), width)
    yield field("message id", Content(safe_line(message.message_id, _ID_LIMIT)), width)
    yield field("provider", _provider(message, display), width)


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


def _provider(message: MessageRow, display: DisplayOptions) -> Content:
    facts = [
        (name, value)
        for name, value in (
            ("network", " ".join(part for part in (message.mcc, message.mnc) if part)),
            ("device", message.device and private(message.device, display, _WORD_LIMIT)),
            ("sim", message.sim),
        )
        if value
    ]
    extra = [line((f"   {name} ", ink.LABEL), safe_line(value, _WORD_LIMIT)) for name, value in facts]
    return line(safe_line(message.provider), *extra)


def _outcome(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
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


def private(text: str, display: DisplayOptions, limit: int) -> SafeText:
    """Write on one line what may tell about a person; masked where the person asked for it."""
    return safe_line(mask_text(text[: limit + 1]) if display.masked else text, limit)


def error_content(code: str | None, text: str | None, display: DisplayOptions) -> Content:
    """Write an error as the provider gives it: code, then words."""
    text = mask_text(text[: _ERROR_LIMIT + 1]) if text and display.masked else text
    shown = [safe_line(part, _ERROR_LIMIT) for part in (code, text) if part]
    return line(("  ".join(shown), ink.BAD))


def _flag_lines(message: MessageRow, width: int) -> Iterator[Page]:
    for number, flag in enumerate(message.flags):
        meaning = ink.FLAG_MEANINGS[flag]
        if flag is Flag.DUPLICATE:
            meaning = f"{meaning}: {how_many(message.duplicates, 'repeat')}"
        style = ink.QUIET if flag is Flag.DUPLICATE else ink.WARNING
        value = line((f"! {flag.value.replace('_', ' ')}", style), (f"  {meaning}", ink.QUIET))
        yield field("flags" if number == 0 else "", value, width)


def _wording(message: MessageRow, display: DisplayOptions, width: int) -> Iterator[Page]:
    if message.label:
        yield field("label", Content(private(message.label, display, _ERROR_LIMIT)), width)
    if message.text:
        yield field("text", Content(""), width)
        yield text_fence(message.text, display, width)


def text_fence(text: str, display: DisplayOptions, width: int) -> Page:
    """Lay out the text of an SMS, fenced, masked where the person asked for it."""
    shown = mask_text(text) if display.masked else text
    return ink.fence(safe_block(shown, max_chars=_TEXT_CHARS, max_lines=_TEXT_LINES), width, ink.MARGIN)


def _step_lines(entry: TimelineEntry, previous: TimelineEntry | None, story: _Story, width: int) -> Page:
    page = _step_headline(entry, story, width)
    for label, value in _step_facts(entry, previous, story):
        page += hang(value, width, _RAIL + 10, line("  ", ("│ ", ink.QUIET), (f"{label:<9}", ink.LABEL)))
    for note in story.explanation.notes.get(entry.id, ()):
        page += hang(line((f"! {note}", ink.WARNING)), width, _RAIL + 3, line("  ", ("│ ", ink.QUIET)))
    return page


def _step_headline(entry: TimelineEntry, story: _Story, width: int) -> Page:
    parts = [status_content(entry.status, strong=True), Content("  "), own_word(entry.provider_status)]
    if entry.channel and not entry.channels:
        parts.append(line(("  via ", ink.QUIET), (safe_line(entry.channel, 40), ink.NAME)))
    meaning = story.facts.meaning_of(entry.provider_status) if story.facts is not None else None
    if meaning is not None and meaning.casefold() != entry.provider_status.strip().casefold():
        parts.append(line((f"  {meaning}", ink.QUIET)))
    if entry.id == story.explanation.decided_by and len(story.detail.timeline) > 1:
        parts.append(line(("  ◂ the status shown", ink.STRONG)))
    return hang(line(*parts), width, 2)


def _step_facts(
    entry: TimelineEntry, previous: TimelineEntry | None, story: _Story
) -> Iterator[tuple[str, Content]]:
    display = story.display
    for number, (channel, status) in enumerate(entry.channels.items()):
        value = line((f"{safe_line(channel, 20)}  ", ink.NAME), status_content(status))
        yield ("channels" if number == 0 else ""), value
    yield "happened", _happened(entry, previous, display)
    arrived = [line(arrival_time(entry.arrived_ms, display))]
    if previous is not None:
        arrived.append(line((f"  {delta(entry.arrived_ms - previous.arrived_ms)}", ink.STRONG)))
    arrived.append(line((f"  request {entry.request_id}", ink.QUIET)))
    yield "arrived", line(*arrived)
    if repeated := story.explanation.repeats.get(entry.id):
        yield "repeated", line((repeated, ink.STRONG), (_repeats(entry, display), ink.QUIET))
    if entry.error_code or entry.error_text:
        yield "error", error_content(entry.error_code, entry.error_text, display)


def _happened(entry: TimelineEntry, previous: TimelineEntry | None, display: DisplayOptions) -> Content:
    written = safe_line(entry.occurred_raw or "", 80)
    if entry.occurred_ms is None:
        if entry.occurred_raw:
            return line(("not a time: ", ink.QUIET), private(entry.occurred_raw, display, 80))
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


def _repeats(entry: TimelineEntry, display: DisplayOptions) -> str:
    named = [arrival_clock(ms, display, entry.arrived_ms) for ms in entry.repeats[:_REPEATS_NAMED]]
    if named and (left := entry.times_received - 1 - len(named)) > 0:
        named.append(f"and {left:,} more")
    return f"; at {', '.join(named)}" if named else ""

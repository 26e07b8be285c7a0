"""The Conversation page: what went to and came from one number, newest at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from textual.content import Content

from smswatch.keywords import KEYWORD_MEANINGS, Keyword, keyword
from smswatch.masking import mask_text
from smswatch.safe_text import safe_block, safe_line
from smswatch.store.conversation import turn_ms
from smswatch.store.rows import Conversation, InboundRow, MessageRow
from smswatch.times import duration
from smswatch.tui import ink
from smswatch.tui.detail_times import arrival_clock, placed
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page, hang, line, paragraph
from smswatch.tui.timeline_view import number_content, own_word, private, status_content
from smswatch.wording import how_many

Turn = MessageRow | InboundRow
TurnKey = tuple[str, int]
"""Tells one turn from another: `message` or `inbound`, and its row."""

TURNS_AT_ONCE = 200
MOST_TURNS = 2000
_ID_LIMIT = 48
_QUOTE_LIMIT = 48
_INDENT = 11
_TEXT_CHARS = 600
_TEXT_LINES = 8
_KEYWORD_INKS = {Keyword.STOP: ink.BAD, Keyword.HELP: ink.WARNING, Keyword.START: ink.GOOD}


_Answers = dict[tuple[str, str], tuple[InboundRow, ...]]
"""By provider and message id of what is answered."""


class ConversationPage(msgspec.Struct, frozen=True):
    """The laid-out page, and which of its lines belong to which turn."""

    lines: Page
    turns: tuple[range, ...]


def turn_key(turn: Turn) -> TurnKey:
    """Return what identifies a turn, whatever changes in it."""
    return ("message" if isinstance(turn, MessageRow) else "inbound"), turn.id


Kept = dict[tuple[object, ...], Page]
"""Turns as they were laid out, by everything that they depend on: a new turn need not lay out all others."""


def conversation_page(
    conversation: Conversation,
    current: TurnKey,
    display: DisplayOptions,
    width: int,
    kept: Kept | None = None,
) -> ConversationPage:
    """Lay out the turns; `current` is the row that the pane is about, and stands out. Renews `kept`."""
    if not conversation.turns:
        return ConversationPage(paragraph("Nothing is known of this number.", width, ink.QUIET), ())
    lines = _head(conversation, display, width)
    answers = _answers(conversation.turns)
    turns: list[range] = []
    before, now = kept or {}, Kept()
    day = ""
    for turn in conversation.turns:
        date = f"{placed(turn_ms(turn), display):%Y-%m-%d}"
        if date != day:
            day = date
            lines += [Content(""), line((f" {day}", ink.HEADING))]
        start = len(lines)
        is_current = turn_key(turn) == current
        linked = _linked(turn, answers, conversation.answered)
        links = tuple((turn_key(other), other.changed) for other in linked)
        depends = (turn_key(turn), turn.changed, is_current, links, width, display.masked, display.time_mode)
        now[depends] = before.get(depends) or _turn_lines(turn, linked, display, width, is_current=is_current)
        lines += now[depends]
        turns.append(range(start, len(lines)))
    if kept is not None:
        kept.clear()
        kept |= now
    return ConversationPage(lines, tuple(turns))


def _linked(turn: Turn, answers: _Answers, answered: Mapping[tuple[str, str], MessageRow]) -> Sequence[Turn]:
    """Return the answers to a message, or the message that an inbound SMS answers."""
    if isinstance(turn, MessageRow):
        return answers.get((turn.provider, turn.message_id), ())
    found = answered.get((turn.provider, turn.reply_to)) if turn.reply_to else None
    return () if found is None else (found,)


def _head(conversation: Conversation, display: DisplayOptions, width: int) -> Page:
    inbound = sum(isinstance(turn, InboundRow) for turn in conversation.turns)
    sent = len(conversation.turns) - inbound
    counts = f"   {how_many(sent, 'message')} out, {inbound:,} in"
    page = hang(
        line(number_content(conversation.number, display).stylize(ink.STRONG), (counts, ink.QUIET)), width, 1
    )
    if conversation.has_older and len(conversation.turns) < MOST_TURNS:
        page += paragraph("There are older ones: ↑ on the first shows more.", width, ink.WARNING)
    elif conversation.has_older:
        page += paragraph(
            "There are older ones: the filter number: finds them on 1 and 2.", width, ink.WARNING
        )
    return page


def _answers(turns: Sequence[Turn]) -> _Answers:
    found: _Answers = {}
    for turn in turns:
        if isinstance(turn, InboundRow) and turn.reply_to:
            key = turn.provider, turn.reply_to
            found[key] = (*found.get(key, ()), turn)
    return found


def _turn_lines(
    turn: Turn, linked: Sequence[Turn], display: DisplayOptions, width: int, *, is_current: bool
) -> Page:
    page = _turn_head(turn, display, width, is_current=is_current)
    if isinstance(turn, MessageRow):
        answers = [other for other in linked if isinstance(other, InboundRow)]
        return page + _message_lines(turn, answers, display, width)
    answered = [other for other in linked if isinstance(other, MessageRow)]
    return page + _inbound_lines(turn, answered[0] if answered else None, display, width)


def _turn_head(turn: Turn, display: DisplayOptions, width: int, *, is_current: bool) -> Page:
    clock = f"{placed(turn_ms(turn), display):%H:%M:%S}"
    where = line((f"  {safe_line(turn.provider, 20)}", ink.QUIET))
    if isinstance(turn, MessageRow):
        what = line(
            ("out  ", ink.LABEL),
            status_content(turn.status),
            where,
            (f"  {safe_line(turn.message_id, _ID_LIMIT)}", ink.QUIET),
            (f"  [{private(turn.label, display, 40)}]" if turn.label else "", ink.LABEL),
        )
    else:
        repeats = f"  came {turn.times_received:,} times" if turn.times_received > 1 else ""
        what = line(("in ", ink.NAME), where, (repeats, ink.STRONG), *_marked(turn.body))
    here = line(("  ◂ this one", ink.STRONG)) if is_current else Content("")
    return hang(
        line(what, here), width, _INDENT, line((f"  {clock}", ink.STRONG if is_current else ink.PLAIN))
    )


def _marked(body: str) -> tuple[Content, ...]:
    found = keyword(body)
    if found is None:
        return ()
    return (line("  ", (f" {found} ", ink.MARK), (f"  {KEYWORD_MEANINGS[found]}", _KEYWORD_INKS[found])),)


def _message_lines(
    message: MessageRow, answers: Sequence[InboundRow], display: DisplayOptions, width: int
) -> Page:
    page: Page = []
    if message.text:
        page += _text_lines(message.text, display, width)
    if message.status.is_failure:
        page += hang(
            line(own_word(message.provider_status), ("  it did not arrive", ink.BAD)), width, _INDENT
        )
    if answers:
        first = answers[0]
        after = duration(first.arrived_ms - message.first_seen_ms)
        more = f", and {len(answers) - 1:,} more" if len(answers) > 1 else ""
        page += hang(line((f"↳ answered after {after}{more}", ink.GOOD)), width, _INDENT)
    return page


def _inbound_lines(sms: InboundRow, message: MessageRow | None, display: DisplayOptions, width: int) -> Page:
    page = _text_lines(sms.body, display, width)
    if sms.reply_to is None:
        return page
    said = line(("↰ answers ", ink.GOOD), safe_line(sms.reply_to, _ID_LIMIT))
    if message is None:
        said = line(said, (", of which nothing has arrived here", ink.QUIET))
    else:
        said = line(said, (f" of {arrival_clock(message.first_seen_ms, display, sms.arrived_ms)}", ink.QUIET))
        if message.text:
            shown = mask_text(message.text) if display.masked else message.text
            said = line(said, (f"  “{safe_line(shown, _QUOTE_LIMIT)}”", ink.QUIET))
    return page + hang(said, width, _INDENT)


def _text_lines(text: str, display: DisplayOptions, width: int) -> Page:
    shown = mask_text(text) if display.masked else text
    return ink.fence(safe_block(shown, max_chars=_TEXT_CHARS, max_lines=_TEXT_LINES), width, _INDENT)

"""Inbound SMS in the detail pane: the replies to a message, one inbound SMS, and the message it answers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from smswatch.keywords import KEYWORD_MEANINGS, keyword
from smswatch.model import Zone
from smswatch.safe_text import safe_line
from smswatch.store.rows import InboundRow, MessageRow
from smswatch.times import delta
from smswatch.tui import ink
from smswatch.tui.detail_times import arrival_time, provider_time
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page, field, line, paragraph
from smswatch.tui.timeline_view import (
    number_content,
    own_word,
    private,
    status_content,
    text_fence,
)
from smswatch.wording import how_many

_ID_LIMIT = 512


def replies_page(replies: Sequence[InboundRow], in_all: int, display: DisplayOptions, width: int) -> Page:
    """Lay out what people answered, the first answer first, and how many of them all are left out."""
    if not replies:
        return paragraph("Nobody has answered this message yet.", width, ink.QUIET)
    page: Page = []
    for reply in replies:
        page += _inbound_head(reply, display, width)
        page += text_fence(reply.body, display, width)
        page.append(Content(""))
    if (left := in_all - len(replies)) > 0:
        page += paragraph(f"… {how_many(left, 'more is', 'more are')} not shown here", width, ink.QUIET)
    return page


def inbound_page(row: InboundRow, display: DisplayOptions, width: int) -> Page:
    """Lay out one inbound SMS with everything that its provider says about it."""
    page = _inbound_head(row, display, width)
    page += text_fence(row.body, display, width)
    page.append(Content(""))
    facts = {
        "provider": row.provider,
        "message id": row.message_id,
        "answers": row.reply_to,
        "network": " ".join(part for part in (row.mcc, row.mnc) if part),
        "device": row.device and private(row.device, display, _ID_LIMIT),
        "sim": row.sim,
        "media": row.media_url and private(row.media_url, display, _ID_LIMIT),
    }
    for label, value in facts.items():
        if value:
            page += field(label, Content(safe_line(value, _ID_LIMIT)), width)
    page += field("request", Content(str(row.request_id)), width)
    return page


def answered_page(row: InboundRow, replied: MessageRow | None, display: DisplayOptions, width: int) -> Page:
    """Lay out the message that an inbound SMS answers."""
    if row.reply_to is None:
        return paragraph("Its provider does not say that it answers a message.", width, ink.QUIET)
    if replied is None:
        page = field("answers", Content(safe_line(row.reply_to, _ID_LIMIT)), width)
        said = "No callback about that message has arrived here yet."
        return page + paragraph(said, width, ink.QUIET)
    page = field("answers", Content(safe_line(replied.message_id, _ID_LIMIT)), width)
    status = line(status_content(replied.status, strong=True), "  ", own_word(replied.provider_status))
    page += field("status", status, width)
    if replied.number is not None:
        page += field("number", number_content(replied.number, display), width)
    page += field("provider", Content(safe_line(replied.provider)), width)
    if replied.delivered_ms is not None:
        page += field("delivered", Content(provider_time(replied.delivered_ms, display)), width)
    page += field("first seen", Content(arrival_time(replied.first_seen_ms, display)), width)
    after = line(delta(row.arrived_ms - replied.first_seen_ms), (" after it was first seen", ink.QUIET))
    page += field("answered", after, width)
    if replied.label:
        page += field("label", Content(private(replied.label, display, _ID_LIMIT)), width)
    if replied.text:
        page += field("text", Content(""), width) + text_fence(replied.text, display, width)
    return page


def _inbound_head(row: InboundRow, display: DisplayOptions, width: int) -> Page:
    sender = number_content(row.number, display) if row.number else line(("unknown", ink.QUIET))
    page = field("from", sender.stylize(ink.STRONG), width)
    for label, moment_ms in (("sent", row.sent_ms), ("received", row.received_ms)):
        if moment_ms is not None:
            page += field(label, _provider_time(moment_ms, row.zone, display), width)
    arrived = line(arrival_time(row.arrived_ms, display))
    if row.times_received > 1:
        arrived = line(arrived, (f"  came ×{row.times_received}", ink.STRONG))
    page += field("arrived", arrived, width)
    found = keyword(row.body)
    if found is not None:
        page += field("keyword", line((f" {found} ", ink.MARK), f"  {KEYWORD_MEANINGS[found]}"), width)
    return page


def _provider_time(moment_ms: int, zone: Zone | None, display: DisplayOptions) -> Content:
    sure = zone is Zone.STATED
    mark = ("  zone stated", ink.QUIET) if sure else ("  zone assumed", ink.WARNING)
    return line(provider_time(moment_ms, display), mark)

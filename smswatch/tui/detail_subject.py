"""What the detail pane is about: one row with everything behind it, and the pages that this makes."""

from __future__ import annotations

from typing import assert_never

import msgspec

from smswatch.safe_text import safe_line
from smswatch.store.rows import Conversation, InboundRow, MessageDetail, MessageRow, RequestRow
from smswatch.store.select import Row

CONVERSATION = "Conversation"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the pane is about: exactly one of the three, and the requests behind it."""

    about: str
    """Safe."""
    message: MessageDetail | None = None
    inbound: InboundRow | None = None
    replied: MessageRow | None = None
    requests: tuple[RequestRow, ...] = ()
    """Those that were read."""
    request_ids: tuple[int, ...] = ()
    """Of all of them."""
    conversation: Conversation | None = None
    """None until it was asked for and read."""

    @property
    def tabs(self) -> tuple[str, ...]:
        """The titles of its pages."""
        if self.message is not None:
            replies = self.message.replies_in_all
            titles = ("Timeline", "Payload", "Headers", f"Replies {replies}" if replies else "Replies")
            return (*titles, CONVERSATION)
        if self.inbound is not None:
            return ("SMS", "Payload", "Headers", "Answers", CONVERSATION)
        return ("Payload", "Headers")

    @property
    def number(self) -> str | None:
        """Whom it went to or came from, where that is known."""
        row = self.message.message if self.message is not None else self.inbound
        return row.number if row is not None else None

    @property
    def identity(self) -> tuple[str, int]:
        """Tells one row from another, whatever changes in it."""
        if self.message is not None:
            return "message", self.message.message.id
        if self.inbound is not None:
            return "inbound", self.inbound.id
        return "request", self.requests[0].id if self.requests else 0


def identity_of(row: Row) -> tuple[str, int]:
    """Return the identity of the subject that a row becomes."""
    match row:
        case MessageRow():
            return "message", row.id
        case InboundRow():
            return "inbound", row.id
        case RequestRow():
            return "request", row.id
        case _:
            assert_never(row)


def of_message(detail: MessageDetail, conversation: Conversation | None = None) -> Subject:
    """Return a message: timeline, payload, headers, replies, and the conversation where it is wanted."""
    about = f"{safe_line(detail.message.provider, 30)} {safe_line(detail.message.message_id, 60)}"
    return Subject(
        about=about,
        message=detail,
        requests=detail.requests,
        request_ids=detail.request_ids,
        conversation=conversation,
    )


def of_inbound(
    row: InboundRow,
    replied: MessageRow | None,
    request: RequestRow | None,
    conversation: Conversation | None = None,
) -> Subject:
    """Return an inbound SMS, the message that it answers, and the conversation where it is wanted."""
    requests = (request,) if request is not None else ()
    return Subject(
        about=f"inbound SMS {row.id}",
        inbound=row,
        replied=replied,
        requests=requests,
        request_ids=tuple(one.id for one in requests),
        conversation=conversation,
    )


def of_request(row: RequestRow) -> Subject:
    """Return one request as it arrived."""
    return Subject(about=f"request {row.id}", requests=(row,), request_ids=(row.id,))

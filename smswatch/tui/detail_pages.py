"""The detail's pages: lays out any page of a row, with the request and the view that the person chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smswatch.store.rows import InboundRow, MessageDetail, MessageRow, RequestRow
from smswatch.tui import ink
from smswatch.tui.conversation_place import ConversationPlace
from smswatch.tui.detail_subject import CONVERSATION, Subject
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.headers_view import headers_page
from smswatch.tui.ink import Page, paragraph
from smswatch.tui.payload_view import PayloadChoice, payload_page
from smswatch.tui.replies_view import answered_page, inbound_page, replies_page
from smswatch.tui.shown_body import View
from smswatch.tui.timeline_view import timeline_page

LayOut = Callable[[int], Page]
"""Lays out a page for a width in cells."""


def nothing_selected(width: int) -> Page:
    """Lay out what is shown where there is no row."""
    return paragraph("Nothing is selected.", width, ink.QUIET)


class DetailPages:
    """Holds which request is shown and how; a page is laid out anew at each call."""

    def __init__(self, providers: Mapping[str, ProviderFacts], talk: ConversationPlace) -> None:
        """`providers`, by name, explain their words and codes; `talk` is the place in the conversation."""
        self._providers = providers
        self._talk = talk
        self._request = 0
        self._view = View.PRETTY
        self.display = DisplayOptions()
        self.steps: tuple[range, ...] = ()
        """The lines of each report of the timeline, once it was laid out."""

    def page(self, subject: Subject, title: str) -> LayOut:
        """Return what lays out the page of this title."""
        if title in {"Payload", "Headers"}:
            return self._request_page(subject, title)
        if title == CONVERSATION:
            return self._conversation_page(subject)
        if subject.message is not None:
            return self._message_page(subject.message, title)
        if subject.inbound is not None:
            return self._inbound_page(subject.inbound, subject.replied, title)
        return nothing_selected

    def shown_request(self, subject: Subject) -> RequestRow | None:
        """Return the request that Payload and Headers show."""
        requests = subject.requests
        return requests[min(self._request, len(requests) - 1)] if requests else None

    def show_first_request(self) -> None:
        """Show the first request of what comes next."""
        self._request = 0

    def step_request(self, subject: Subject, step: int) -> None:
        """Show the request so many places on, around the end."""
        self._request = (self._request + step) % len(subject.requests)

    def show_request_of(self, detail: MessageDetail, step: int) -> None:
        """Show the request that brought a report of the timeline."""
        if step < len(detail.timeline):
            wanted = detail.timeline[step].request_id
            places = (place for place, request in enumerate(detail.requests) if request.id == wanted)
            self._request = next(places, 0)

    def turn_view(self) -> None:
        """Show payloads in the next way: pretty, raw, bytes."""
        self._view = self._view.following

    def _request_page(self, subject: Subject, title: str) -> LayOut:
        request, display = self.shown_request(subject), self.display
        if request is None:
            return lambda width: paragraph("The request is gone.", width, ink.QUIET)
        if title == "Headers":
            return lambda width: headers_page(request, display, width)
        choice = PayloadChoice(
            request=request,
            position=self._request,
            total=len(subject.requests),
            view=self._view,
            marked=subject.message.message.message_id if subject.message is not None else None,
        )
        return lambda width: payload_page(choice, display, width)

    def _message_page(self, detail: MessageDetail, title: str) -> LayOut:
        display = self.display
        if title == "Timeline":
            return lambda width: self._timeline(detail, width)
        return lambda width: replies_page(detail.replies, display, width)

    def _inbound_page(self, sms: InboundRow, replied: MessageRow | None, title: str) -> LayOut:
        display = self.display
        if title == "SMS":
            return lambda width: inbound_page(sms, display, width)
        return lambda width: answered_page(sms, replied, display, width)

    def _conversation_page(self, subject: Subject) -> LayOut:
        if subject.number is None:
            said = "Whom it went to is not known; smswatch track can tell it."
            return lambda width: paragraph(said, width, ink.QUIET)
        if subject.conversation is None:
            return lambda width: paragraph("…", width, ink.QUIET)
        conversation, current = subject.conversation, subject.identity
        return lambda width: self._talk.page(conversation, current, self.display, width)

    def _timeline(self, detail: MessageDetail, width: int) -> Page:
        facts = self._providers.get(detail.message.provider)
        page = timeline_page(detail, self.display, width, facts)
        self.steps = page.steps
        return page.lines

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
from smswatch.tui.timeline_view import steps_shown, timeline_page

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
        wanted = self.wanted_request(subject)
        return next((request for request in subject.requests if request.id == wanted), None)

    def wanted_request(self, subject: Subject) -> int:
        """Return the id of the request that Payload and Headers are to show, read or not; 0 where there is none."""
        ids = subject.request_ids
        return self._request if self._request in ids else ids[0] if ids else 0

    def must_be_read(self, subject: Subject) -> bool:
        """Tell whether the request that is to be shown was not read, among many."""
        return bool(subject.request_ids) and self.shown_request(subject) is None

    def show_first_request(self) -> None:
        """Show the first request of what comes next."""
        self._request = 0

    def step_request(self, subject: Subject, step: int) -> None:
        """Show the request so many places on, around the end."""
        ids = subject.request_ids
        self._request = ids[(ids.index(self.wanted_request(subject)) + step) % len(ids)]

    def show_request_of(self, detail: MessageDetail, step: int) -> None:
        """Show the request that brought a report of the timeline."""
        shown = steps_shown(detail.timeline)
        if step < len(shown):
            self._request = shown[step].request_id

    def turn_view(self) -> None:
        """Show payloads in the next way: pretty, raw, bytes."""
        self._view = self._view.following

    def _request_page(self, subject: Subject, title: str) -> LayOut:
        request, display = self.shown_request(subject), self.display
        if request is None and subject.request_ids:
            return lambda width: paragraph("…", width, ink.QUIET)
        if request is None:
            return lambda width: paragraph("The request is gone.", width, ink.QUIET)
        if title == "Headers":
            return lambda width: headers_page(request, display, width)
        choice = PayloadChoice(
            request=request,
            position=subject.request_ids.index(request.id),
            total=len(subject.request_ids),
            view=self._view,
            marked=subject.message.message.message_id if subject.message is not None else None,
        )
        return lambda width: payload_page(choice, display, width)

    def _message_page(self, detail: MessageDetail, title: str) -> LayOut:
        display = self.display
        if title == "Timeline":
            return lambda width: self._timeline(detail, width)
        return lambda width: replies_page(detail.replies, detail.replies_in_all, display, width)

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

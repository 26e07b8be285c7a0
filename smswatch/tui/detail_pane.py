"""The detail pane: one row of a list, page by page, and the keys that walk through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smswatch.safe_text import safe_line
from smswatch.store.rows import Conversation, InboundRow, MessageDetail, MessageRow, RequestRow
from smswatch.tui import ink
from smswatch.tui.conversation_place import ConversationPlace
from smswatch.tui.conversation_view import TURNS_AT_ONCE, Turn
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.headers_view import headers_page
from smswatch.tui.ink import Page, line, paragraph
from smswatch.tui.lines_view import LinesView
from smswatch.tui.payload_view import PayloadChoice, payload_page
from smswatch.tui.replies_view import answered_page, inbound_page, replies_page
from smswatch.tui.shown_body import View
from smswatch.tui.tab_strip import TabStrip
from smswatch.tui.timeline_view import timeline_page

LayOut = Callable[[int], Page]

_STEPS, _PAYLOAD = 0, 1
_CONVERSATION = "Conversation"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the pane is about: exactly one of the three, and the requests behind it."""

    about: str
    """Safe."""
    message: MessageDetail | None = None
    inbound: InboundRow | None = None
    replied: MessageRow | None = None
    requests: tuple[RequestRow, ...] = ()
    conversation: Conversation | None = None
    """None until it was asked for and read."""

    @property
    def tabs(self) -> tuple[str, ...]:
        """The titles of its pages."""
        if self.message is not None:
            replies = len(self.message.replies)
            titles = ("Timeline", "Payload", "Headers", f"Replies {replies}" if replies else "Replies")
            return (*titles, _CONVERSATION)
        if self.inbound is not None:
            return ("SMS", "Payload", "Headers", "Answers", _CONVERSATION)
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


class DetailPane(Vertical, can_focus=True):
    """Shows what it is handed. Its place in a row's pages survives changes of that row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back", "Back", key_display="Esc", id="back"),
        Binding("right_square_bracket", "tab(1)", "Next page", key_display="]", id="detail_next_page"),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            "Previous page",
            key_display="[",
            show=False,
            id="detail_previous_page",
        ),
        Binding("down,j", "move(1)", "Next report, or down", show=False, id="detail_down"),
        Binding("up,k", "move(-1)", "Previous report, or up", show=False, id="detail_up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="detail_page_down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="detail_page_up"),
        Binding("home,g", "edge(-1)", "Top", show=False, id="detail_top"),
        Binding("end,G", "edge(1)", "Bottom", show=False, id="detail_bottom"),
        Binding(
            "greater_than_sign",
            "request(1)",
            "Next request behind it",
            key_display=">",
            show=False,
            id="detail_next_request",
        ),
        Binding(
            "less_than_sign",
            "request(-1)",
            "Previous request behind it",
            key_display="<",
            show=False,
            id="detail_previous_request",
        ),
        Binding("r", "view", "Pretty, raw, bytes", id="detail_view"),
        Binding("enter", "payload", "Payload of the report; open the row", show=False, id="detail_payload"),
    ]

    class MoreWanted(Message):
        """The open page needs what was not read yet."""

    class RowChosen(Message):
        """The person chose another row, which a page of this one shows."""

        def __init__(self, row: Turn) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        providers: Mapping[str, ProviderFacts],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        """`providers`, by name, explain their words and codes."""
        super().__init__(id=id)
        self._providers = providers
        # Held, not looked up: what comes last, while the application ends, finds no children any more.
        self._strip = TabStrip()
        self._lines = LinesView()
        self._subject: Subject | None = None
        self._display = DisplayOptions()
        self._tab = 0
        self._step = 0
        self._request = 0
        self._view = View.PRETTY
        self._steps: tuple[range, ...] = ()
        self._wanted_title: str | None = None
        self._talk = ConversationPlace()

    def compose(self) -> ComposeResult:
        """Lay out the tabs and the page."""
        yield self._strip
        yield self._lines

    def show_message(self, detail: MessageDetail, conversation: Conversation | None = None) -> None:
        """Show a message: timeline, payload, headers, replies, and the conversation where it is wanted."""
        about = f"{safe_line(detail.message.provider, 30)} {safe_line(detail.message.message_id, 60)}"
        self._show(Subject(about=about, message=detail, requests=detail.requests, conversation=conversation))

    def show_inbound(
        self,
        row: InboundRow,
        replied: MessageRow | None,
        request: RequestRow | None,
        conversation: Conversation | None = None,
    ) -> None:
        """Show an inbound SMS, the message that it answers, and the conversation where it is wanted."""
        requests = (request,) if request is not None else ()
        about = f"inbound SMS {row.id}"
        self._show(
            Subject(about=about, inbound=row, replied=replied, requests=requests, conversation=conversation)
        )

    def show_request(self, row: RequestRow) -> None:
        """Show one request as it arrived."""
        self._show(Subject(about=f"request {row.id}", requests=(row,)))

    def want_conversation(self) -> None:
        """Open the conversation of what is shown now, or next."""
        self._wanted_title = _CONVERSATION
        if self._subject is not None:
            self._open_tab(self._subject)

    def turns_wanted(self, number: str | None) -> int:
        """Return how many turns with this number are to be read; 0 where the page is not open."""
        title = self._wanted_title or self._title
        if number is None or title != _CONVERSATION:
            return 0
        if self._subject is None or self._subject.number != number:
            self._talk.wanted = TURNS_AT_ONCE
        return self._talk.wanted

    def clear(self) -> None:
        """Show nothing."""
        self._subject = None
        self._strip.show((), 0, Content(""))
        self._lines.show(lambda width: paragraph("Nothing is selected.", width, ink.QUIET), y=0)

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        self._display = display
        if self._subject is not None:
            self._lay_out()

    def _show(self, subject: Subject) -> None:
        is_other = self._subject is None or self._subject.identity != subject.identity
        if self._subject is not None and self._subject.identity[0] != subject.identity[0]:
            self._tab = 0
        self._subject = subject
        if is_other:
            self._step = self._request = 0
            self._follow_step()
        if self._wanted_title in subject.tabs:
            self._tab = subject.tabs.index(self._wanted_title or "")
        self._wanted_title = None
        was_at_end = self._lines.is_vertical_scroll_end
        has_come_before = self._talk.show(subject.conversation)
        self._lay_out(y=0 if is_other else None)
        if self._is_on_conversation:
            if is_other:
                self._talk.select(subject.identity)
            if is_other or has_come_before:
                self.call_after_refresh(self._reveal_turn)
            elif was_at_end:
                self._lines.scroll_end(animate=False)

    def _lay_out(self, y: int | None = None) -> None:
        subject = self._subject
        if subject is None:
            return
        self._tab = min(self._tab, len(subject.tabs) - 1)
        self._strip.show(subject.tabs, self._tab, line((subject.about, ink.QUIET)))
        view = self._lines
        view.show(self._page(subject), y=y)
        self._mark_step()

    def _page(self, subject: Subject) -> LayOut:
        title = subject.tabs[self._tab]
        if title in {"Payload", "Headers"}:
            return self._request_page(subject, title)
        if title == _CONVERSATION:
            return self._conversation_page(subject)
        if subject.message is not None:
            return self._message_page(subject.message)
        if subject.inbound is not None:
            return self._inbound_page(subject.inbound, subject.replied)
        return lambda width: paragraph("Nothing is selected.", width, ink.QUIET)

    def _request_page(self, subject: Subject, title: str) -> LayOut:
        request, display = self._shown_request(subject), self._display
        if request is None:
            return lambda width: paragraph("The request is gone.", width, ink.QUIET)
        if title == "Headers":
            return lambda width: headers_page(request, display, width)
        return self._payload_page(subject, request)

    def _message_page(self, detail: MessageDetail) -> LayOut:
        display = self._display
        if self._tab == _STEPS:
            return lambda width: self._timeline(detail, width)
        return lambda width: replies_page(detail.replies, display, width)

    def _inbound_page(self, sms: InboundRow, replied: MessageRow | None) -> LayOut:
        display = self._display
        if self._tab == 0:
            return lambda width: inbound_page(sms, display, width)
        return lambda width: answered_page(sms, replied, display, width)

    def _conversation_page(self, subject: Subject) -> LayOut:
        if subject.number is None:
            said = "Whom it went to is not known; smswatch track can tell it."
            return lambda width: paragraph(said, width, ink.QUIET)
        if subject.conversation is None:
            return lambda width: paragraph("…", width, ink.QUIET)
        conversation, current = subject.conversation, subject.identity
        return lambda width: self._talk.page(conversation, current, self._display, width)

    def _timeline(self, detail: MessageDetail, width: int) -> Page:
        facts = self._providers.get(detail.message.provider)
        page = timeline_page(detail, self._display, width, facts)
        self._steps = page.steps
        return page.lines

    def _payload_page(self, subject: Subject, request: RequestRow) -> LayOut:
        choice = PayloadChoice(
            request=request,
            position=self._request,
            total=len(subject.requests),
            view=self._view,
            marked=subject.message.message.message_id if subject.message is not None else None,
        )
        return lambda width: payload_page(choice, self._display, width)

    @property
    def shown_request(self) -> RequestRow | None:
        """The request that Payload and Headers show: the one that brought the selected report."""
        return None if self._subject is None else self._shown_request(self._subject)

    def _shown_request(self, subject: Subject) -> RequestRow | None:
        requests: Sequence[RequestRow] = subject.requests
        return requests[min(self._request, len(requests) - 1)] if requests else None

    @property
    def _title(self) -> str:
        if self._subject is None:
            return ""
        return self._subject.tabs[min(self._tab, len(self._subject.tabs) - 1)]

    @property
    def _is_on_conversation(self) -> bool:
        return self._title == _CONVERSATION

    @property
    def _is_on_timeline(self) -> bool:
        return self._subject is not None and self._subject.message is not None and self._tab == _STEPS

    def _mark_step(self) -> None:
        view = self._lines
        if self._is_on_timeline and self._step < len(self._steps) and self.has_focus:
            view.select_lines(self._steps[self._step])
        elif self._is_on_conversation and self.has_focus:
            view.select_lines(self._talk.lines)
        else:
            view.select_lines(range(0))

    def _follow_step(self) -> None:
        """Let Payload and Headers show the request that brought the selected report."""
        detail = self._subject.message if self._subject is not None else None
        if detail is None or self._step >= len(detail.timeline):
            return
        wanted = detail.timeline[self._step].request_id
        self._request = next(
            (place for place, request in enumerate(detail.requests) if request.id == wanted), 0
        )

    def on_focus(self) -> None:
        self._mark_step()

    def on_blur(self) -> None:
        self._mark_step()

    def on_tab_strip_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._switch_to(event.index)

    def action_tab(self, step: int) -> None:
        if self._subject is not None:
            self._switch_to((self._tab + step) % len(self._subject.tabs))

    def _open_tab(self, subject: Subject) -> None:
        if self._wanted_title in subject.tabs:
            self._switch_to(subject.tabs.index(self._wanted_title or ""))

    def _switch_to(self, tab: int) -> None:
        self._tab = tab
        self._lay_out(y=0)
        if self._is_on_conversation and self._subject is not None:
            self._talk.select(self._subject.identity)
            self.call_after_refresh(self._reveal_turn)
            self.post_message(self.MoreWanted())

    def _reveal_turn(self) -> None:
        if self._is_on_conversation and self._talk.is_last:
            self._lines.scroll_end(animate=False)
        elif self._is_on_conversation and self._talk.lines:
            self._lines.reveal(self._talk.lines)
        self._mark_step()

    def _move_turn(self, step: int) -> None:
        if self._talk.step(step):
            self._reveal_turn()
        elif step < 0 and self._talk.want_older():
            self.post_message(self.MoreWanted())

    def action_move(self, step: int) -> None:
        view = self._lines
        if self._is_on_conversation:
            self._move_turn(step)
            return
        following = self._step + step
        if self._is_on_timeline and len(self._steps) > 1 and 0 <= following < len(self._steps):
            self._step = following
            self._follow_step()
            self._mark_step()
            view.reveal(self._steps[self._step])
        else:
            view.scroll_relative(y=step, animate=False)

    def action_page(self, pages: int) -> None:
        view = self._lines
        view.scroll_relative(y=pages * max(1, view.size.height - 1), animate=False)

    def action_edge(self, which: int) -> None:
        view = self._lines
        if self._is_on_conversation:
            self._talk.select_edge(which)
            self._mark_step()
        if which < 0:
            view.scroll_home(animate=False)
        else:
            view.scroll_end(animate=False)

    def action_request(self, step: int) -> None:
        if self._subject is not None and self._subject.requests:
            self._request = (self._request + step) % len(self._subject.requests)
            self._lay_out(y=0)

    def action_view(self) -> None:
        self._view = self._view.following
        self._lay_out()

    def action_payload(self) -> None:
        if self._title == "Answers" and self._subject is not None:
            turn: Turn | None = self._subject.replied
        else:
            turn = self._talk.turn if self._is_on_conversation else None
        if self._is_on_timeline:
            self._tab = _PAYLOAD
            self._lay_out(y=0)
        elif turn is not None:
            self._tab = 0
            self._lay_out(y=0)
            self.post_message(self.RowChosen(turn))

"""The detail pane: one row of a list, page by page, and the keys that walk through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smswatch.store.rows import MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui import ink
from smswatch.tui.conversation_place import ConversationPlace
from smswatch.tui.conversation_view import TURNS_AT_ONCE, Turn
from smswatch.tui.detail_pages import DetailPages, nothing_selected
from smswatch.tui.detail_subject import CONVERSATION, Subject, identity_of
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.ink import line
from smswatch.tui.lines_view import LinesView
from smswatch.tui.tab_strip import TabStrip

_STEPS, _PAYLOAD = 0, 1


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
        # Held, not looked up: what comes last, while the application ends, finds no children any more.
        self._strip = TabStrip()
        self._lines = LinesView()
        self._subject: Subject | None = None
        self._tab = 0
        self._step = 0
        self._wanted_title: str | None = None
        self._title_before = ""
        self._talk = ConversationPlace()
        self._pages = DetailPages(providers, self._talk)

    def compose(self) -> ComposeResult:
        """Lay out the tabs and the page."""
        yield self._strip
        yield self._lines

    def show(self, subject: Subject) -> None:
        """Show a row, or a later state of it."""
        is_other = self._subject is None or self._subject.identity != subject.identity
        if self._subject is not None and self._subject.identity[0] != subject.identity[0]:
            self._tab = 0
        self._subject = subject
        if is_other:
            self._step = 0
            self._pages.show_first_request()
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

    def want_conversation(self) -> None:
        """Open the conversation of what is shown now, or next."""
        self._wanted_title = CONVERSATION
        if self._subject is not None:
            self._open_tab(self._subject)

    def turns_wanted(self, number: str | None) -> int:
        """Return how many turns with this number are to be read; 0 where the page is not open."""
        title = self._wanted_title or self._title
        if number is None or title != CONVERSATION:
            return 0
        if self._subject is None or self._subject.number != number:
            self._talk.wanted = TURNS_AT_ONCE
        return self._talk.wanted

    def request_wanted(self, row: MessageRow) -> int:
        """Return the id of the request around which those behind a message are to be read; 0: the first."""
        subject = self._subject
        if subject is None or subject.identity != ("message", row.id):
            return 0
        return self._pages.wanted_request(subject)

    def clear(self) -> None:
        """Show nothing."""
        self._subject = None
        self._strip.show((), 0, Content(""))
        self._lines.show(nothing_selected, y=0)

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        self._pages.display = display
        if self._subject is not None:
            self._lay_out()

    def _lay_out(self, y: int | None = None) -> None:
        subject = self._subject
        if subject is None:
            return
        self._tab = min(self._tab, len(subject.tabs) - 1)
        self._strip.show(subject.tabs, self._tab, line((subject.about, ink.QUIET)))
        self._lines.show(self._pages.page(subject, self._title), y=y)
        self._mark_step()
        if self._title != self._title_before:
            self._title_before = self._title
            self.refresh_bindings()
        if self._title in {"Payload", "Headers"} and self._pages.must_be_read(subject):
            self.post_message(self.MoreWanted())

    def shown_request(self, row: Row) -> RequestRow | None:
        """Return the request that Payload and Headers show of a row; None while another row is still shown."""
        subject = self._subject
        if subject is None or subject.identity != identity_of(row):
            return None
        return self._pages.shown_request(subject)

    @property
    def _title(self) -> str:
        if self._subject is None:
            return ""
        return self._subject.tabs[min(self._tab, len(self._subject.tabs) - 1)]

    @property
    def _is_on_conversation(self) -> bool:
        return self._title == CONVERSATION

    @property
    def _is_on_timeline(self) -> bool:
        return self._subject is not None and self._subject.message is not None and self._tab == _STEPS

    def _mark_step(self) -> None:
        view = self._lines
        if self._is_on_timeline and self._step < len(self._pages.steps) and self.has_focus:
            view.select_lines(self._pages.steps[self._step])
        elif self._is_on_conversation and self.has_focus:
            view.select_lines(self._talk.lines)
        else:
            view.select_lines(range(0))

    def _follow_step(self) -> None:
        """Let Payload and Headers show the request that brought the selected report."""
        if self._subject is not None and self._subject.message is not None:
            self._pages.show_request_of(self._subject.message, self._step)

    def on_focus(self) -> None:
        self._mark_step()

    def on_blur(self) -> None:
        self._mark_step()

    def on_tab_strip_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._switch_to(event.index)

    def on_lines_view_line_clicked(self, event: LinesView.LineClicked) -> None:
        """Select the report or the turn under the pointer; the second click opens it."""
        event.stop()
        self.screen.set_focus(self)
        if self._is_on_conversation:
            found = self._talk.select_line(event.index)
        elif self._is_on_timeline:
            step = next((n for n, lines in enumerate(self._pages.steps) if event.index in lines), None)
            found = step is not None
            if step is not None:
                self._step = step
                self._follow_step()
        else:
            return
        self._mark_step()
        if found and event.opens:
            self.action_payload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the ways to show a payload where there is one."""
        del parameters
        return action != "view" or self._title == "Payload"

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
        if self._is_on_timeline and len(self._pages.steps) > 1 and 0 <= following < len(self._pages.steps):
            self._step = following
            self._follow_step()
            self._mark_step()
            view.reveal(self._pages.steps[self._step])
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
        if self._subject is not None and self._subject.request_ids:
            self._pages.step_request(self._subject, step)
            self._lay_out(y=0)

    def action_view(self) -> None:
        self._pages.turn_view()
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

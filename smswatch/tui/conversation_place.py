"""A reader's place in a conversation: which turn is selected, where it stands, how many turns are wanted."""

from __future__ import annotations

from smswatch.store.rows import Conversation
from smswatch.tui.conversation_view import (
    MOST_TURNS,
    TURNS_AT_ONCE,
    Kept,
    Turn,
    TurnKey,
    conversation_page,
    turn_key,
)
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page


class ConversationPlace:
    """The selection follows the turn, whatever comes before or after it."""

    def __init__(self) -> None:
        self.wanted = TURNS_AT_ONCE
        self._conversation: Conversation | None = None
        self._lines: tuple[range, ...] = ()
        self._kept: Kept = {}
        self._selected: TurnKey | None = None

    @property
    def conversation(self) -> Conversation | None:
        """What is shown; None until it was read."""
        return self._conversation

    def show(self, conversation: Conversation | None) -> bool:
        """Hold another conversation, or a later state of this one; True if turns came in front of the first."""
        before, self._conversation = self._conversation, conversation
        if before is None or conversation is None or not before.turns:
            return True
        first = turn_key(before.turns[0])
        return any(turn_key(turn) == first for turn in conversation.turns[1:])

    def page(self, conversation: Conversation, current: TurnKey, display: DisplayOptions, width: int) -> Page:
        """Lay out the conversation and note where each turn stands."""
        page = conversation_page(conversation, current, display, width, self._kept)
        self._lines = page.turns
        return page.lines

    def select(self, key: TurnKey) -> None:
        """Select a turn; the last one stands for a turn that is not among them."""
        self._selected = key

    def select_edge(self, which: int) -> None:
        """Select the first turn (below 0) or the last."""
        if self._turns:
            self._selected = turn_key(self._turns[0 if which < 0 else -1])

    def select_line(self, index: int) -> bool:
        """Select the turn that stands in this line of the page; False if none does."""
        place = next((place for place, lines in enumerate(self._lines) if index in lines), None)
        if place is None or place >= len(self._turns):
            return False
        self._selected = turn_key(self._turns[place])
        return True

    @property
    def turn(self) -> Turn | None:
        """The selected turn."""
        place = self._place
        return self._turns[place] if place is not None else None

    @property
    def lines(self) -> range:
        """The lines of the selected turn; none before it is laid out."""
        place = self._place
        return self._lines[place] if place is not None and place < len(self._lines) else range(0)

    @property
    def is_last(self) -> bool:
        """The newest turn is selected."""
        return self._place == len(self._turns) - 1

    def step(self, step: int) -> bool:
        """Select the turn so many places on; False if there is none."""
        place = self._place
        if place is None or not 0 <= place + step < len(self._turns):
            return False
        self._selected = turn_key(self._turns[place + step])
        return True

    def want_older(self) -> bool:
        """Want more turns; False if there are none, or enough."""
        conversation = self._conversation
        if conversation is None or not conversation.has_older or self.wanted >= MOST_TURNS:
            return False
        self.wanted = min(len(conversation.turns) + TURNS_AT_ONCE, MOST_TURNS)
        return True

    @property
    def _turns(self) -> tuple[Turn, ...]:
        return self._conversation.turns if self._conversation is not None else ()

    @property
    def _place(self) -> int | None:
        places = (place for place, turn in enumerate(self._turns) if turn_key(turn) == self._selected)
        return next(places, len(self._turns) - 1) if self._turns else None

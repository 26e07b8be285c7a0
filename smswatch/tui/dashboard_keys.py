"""The dashboard's keys: those that work everywhere, and which of them mean something only over a list."""

from __future__ import annotations

from textual.binding import Binding, BindingType

DASHBOARD_KEYS: list[BindingType] = [
    Binding("slash", "filter", "Filter", key_display="/", priority=True, id="filter"),
    Binding("y", "copy", "Copy", id="copy"),
    Binding("f", "follow", "Follow", show=False, id="follow"),
    Binding("p", "freeze", "Freeze", show=False, id="freeze"),
    Binding("question_mark,f1", "help", "Help", key_display="?", id="help"),
    Binding("q", "quit", "Quit", id="quit"),
    Binding("1", "screen(1)", "Messages", show=False, id="messages"),
    Binding("2", "screen(2)", "Inbound", show=False, id="inbound"),
    Binding("3", "screen(3)", "Requests", show=False, id="requests"),
    Binding("4", "screen(4)", "Setup", show=False, id="setup"),
    Binding("5", "screen(5)", "Insight", show=False, id="insight"),
    Binding("escape", "back", "Back, or clear the filter", show=False, id="back"),
    Binding("e", "failure(1)", "Next failure", show=False, id="next_failure"),
    Binding("E", "failure(-1)", "Previous failure", show=False, id="previous_failure"),
    Binding("o", "sort", "Sort by the next column", show=False, id="sort"),
    Binding("O", "reverse", "Turn the order around", show=False, id="reverse"),
    Binding("c", "columns", "Choose columns", show=False, id="columns"),
    Binding("C", "conversation", "Conversation with this number", show=False, id="conversation"),
    Binding("t", "time_mode", "Times: local, relative, UTC", show=False, id="time"),
    Binding("m", "mark", "Mark, or take the mark away", show=False, id="mark"),
    Binding("M", "marked_only", "Only marked messages, or all", show=False, id="marked_only"),
    Binding("N", "named_filters", "Named filters", show=False, id="named_filters"),
    Binding("asterisk", "mask", "Mask numbers and text", key_display="*", show=False, id="mask"),
    Binding("L", "take_over", "Listen here, where nobody else does", show=False, id="take_over"),
    Binding("ctrl+z", "suspend_process", "Stop; nothing is received until fg", show=False, id="suspend"),
]

OF_A_LIST = frozenset(
    (
        "copy",
        "follow",
        "freeze",
        "failure",
        "sort",
        "reverse",
        "columns",
        "mark",
        "marked_only",
        "conversation",
    )
)
"""Actions that mean nothing where no list is shown."""

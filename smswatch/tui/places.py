"""The places where keys of their own work, beside those that work everywhere."""

from __future__ import annotations

from textual.screen import Screen

from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.feed_table import FeedTable
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.insight_pane import InsightPane
from smswatch.tui.keymap import Place
from smswatch.tui.named_filters import NamedFilters
from smswatch.tui.setup_pane import SetupPane

LIST: Place = ("List", FeedTable)
DETAIL: Place = ("Detail", DetailPane)
SETUP: Place = ("Setup", SetupPane)
INSIGHT: Place = ("Insight", InsightPane)
FILTER_LINE: Place = ("Filter line", FilterBar)
NAMED: Place = ("Named filters", NamedFilters)
PLACES = (LIST, DETAIL, SETUP, INSIGHT, FILTER_LINE, NAMED)

_DIALOGS = {"CopyMenu": "Copy", "ColumnChooser": "Columns", "NamedFilters": "Named filters"}


def dialog(screen: Screen[object]) -> Place:
    """Return a dialog as a place."""
    title = type(screen).__name__
    return _DIALOGS.get(title, title), type(screen)

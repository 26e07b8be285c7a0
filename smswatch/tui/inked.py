"""Widgets that write with ink: its styles lie in the application, once, and not in each widget anew.

Textual works a component class out for every widget that has it, at its start and whenever its focus, a class or the
theme changes: with fourteen inks in a dozen widgets, a fifth of the time to the first frame.
"""

from __future__ import annotations

from textual.css.styles import RenderStyles
from textual.widget import Widget

from smswatch.tui import ink


class Inked(Widget):
    """A widget in an application whose `COMPONENT_CLASSES` hold the inks.

    Stands last among the bases: Textual takes a widget's own style sheet from the first one.
    """

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Return the styles of inks, which are the application's, or of component classes of its own."""
        if ink.COMPONENT_CLASSES.issuperset(names):
            return self.app.get_component_styles(*names)
        return super().get_component_styles(*names)

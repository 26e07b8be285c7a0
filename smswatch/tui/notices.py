"""Notices: the few words in the corner, always plain text."""

from __future__ import annotations

from typing import Any

from textual.app import App

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line


class Notices:
    """Says things to the person in front of an application."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app

    def say(self, text: str, *, seconds: float = 3) -> None:
        """Say it; the caller made safe what came from strangers."""
        self._app.notify(text, markup=False, timeout=seconds)

    def tell(self, error: SmswatchError) -> None:
        """Say what went wrong."""
        self._app.notify(safe_line(str(error), 300), markup=False, severity="error")

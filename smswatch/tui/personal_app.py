"""The application as one person has it: what was chosen on the screen is remembered from start to start."""

from __future__ import annotations

from textual.app import App

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line
from smswatch.tui.memory import MemoryFile


class PersonalApp(App[int]):
    """What a person arranges, below the dashboard itself."""

    def __init__(self, memory: MemoryFile) -> None:
        super().__init__()
        self.memory = memory
        """What is remembered; changed by `_remember` alone."""

    def _remember(self, **changes: object) -> None:
        try:
            self.memory.remember(**changes)
        except SmswatchError as error:
            self._tell(error)

    def _tell(self, error: SmswatchError) -> None:
        self.notify(safe_line(str(error), 300), markup=False, severity="error")

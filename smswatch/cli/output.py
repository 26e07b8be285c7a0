"""Standard output, whatever the locale is: data is UTF-8, and text for people loses no line."""

from __future__ import annotations

import io
import sys
from typing import TextIO


def for_people() -> None:
    """Let a character that the terminal's encoding lacks be shown as an escape instead of ending the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def for_machines() -> TextIO:
    """Return standard output as UTF-8, which JSON is by definition and a script can rely on."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout

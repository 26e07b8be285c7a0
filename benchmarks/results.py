"""Keeps the figures of the long forms, a line of JSON each, for `scripts/security_figures.py`."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from machine import Meanwhile

RESULTS = Path(__file__).with_name("results.jsonl")


class Trial:
    """One run of a long form, from its making on."""

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self.command = command
        self._meanwhile = Meanwhile()
        self._began = time.monotonic()
        self._load_before = os.getloadavg()[0]

    @property
    def took_s(self) -> float:
        """How long it lasts until now."""
        return time.monotonic() - self._began

    def keep(self, result: str, faults: Sequence[str]) -> None:
        """Add its figures to the file; those of a run that failed, too."""
        record = {
            "trial": self.name,
            "command": self.command,
            "result": result,
            "faults": list(faults),
            "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "seconds": round(self.took_s),
            "machine": f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}",
            "load": [round(self._load_before, 1), round(os.getloadavg()[0], 1)],
            "processor_time_stolen": round(self._meanwhile.stolen, 2),
            "versions": f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        }
        with RESULTS.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")

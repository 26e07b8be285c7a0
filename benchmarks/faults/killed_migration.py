"""Opens a database as `serve` does, and is killed after so many steps of SQLite's machine.

python killed_migration.py DATABASE STEPS
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from unittest.mock import patch

from smswatch.store.writer import Writer

_really_connect = sqlite3.connect
STEPS_AT_ONCE = 10


def _kill_later(*arguments: object, **options: object) -> sqlite3.Connection:
    connection = _really_connect(*arguments, **options)  # type: ignore[call-overload] # as it was called
    left = int(sys.argv[2])

    def step() -> int:
        nonlocal left
        left -= STEPS_AT_ONCE
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    connection.set_progress_handler(step, STEPS_AT_ONCE)
    return connection  # type: ignore[no-any-return] # of an untyped call


with patch("sqlite3.connect", _kill_later):
    Writer.open(Path(sys.argv[1])).close()

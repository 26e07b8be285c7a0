"""`smswatch serve` with a setting that the product does not have, so that `powerloss` can prove its eyes.

It makes no checkpoints either: one just before the cut syncs the log, and then nothing is lost by luck.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from unittest.mock import patch

from smswatch.cli import main
from smswatch.store.checkpoints import Checkpoints
from smswatch.store.database import connect_writer


def connect_carelessly(path: Path) -> sqlite3.Connection:
    """Open as always, then let commits return before they are on the disk."""
    connection = connect_writer(path)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection


def make_no_checkpoint(_: Checkpoints) -> None:
    """Let the log grow."""


with (
    patch("smswatch.store.writer.connect_writer", connect_carelessly),
    patch.object(Checkpoints, "checkpoint_if_due", make_no_checkpoint),
):
    main()

"""`smswatch serve` with a setting that the product does not have, so that `powerloss` can prove its eyes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from unittest.mock import patch

from smswatch.cli import main
from smswatch.store.database import connect_writer


def connect_carelessly(path: Path) -> sqlite3.Connection:
    """Open as always, then let commits return before they are on the disk."""
    connection = connect_writer(path)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


with patch("smswatch.store.writer.connect_writer", connect_carelessly):
    main()

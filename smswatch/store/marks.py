"""Marks: the messages that a person wants to find again, written by the one writer like everything else."""

from __future__ import annotations

import sqlite3

from smswatch.store.rows import Marking

_MARK = "INSERT OR IGNORE INTO marks(message, marked_ms) SELECT id, ? FROM messages WHERE id = ?"


def set_marks(connection: sqlite3.Connection, marking: Marking, sequence: int, now_ms: int) -> int:
    """Mark messages or take their marks away, inside the open transaction; how many changed.

    Those that did carry this number of the change.
    """
    changed = 0
    for row_id in marking.messages:
        if marking.is_marked:
            done = connection.execute(_MARK, (now_ms, row_id))
        else:
            done = connection.execute("DELETE FROM marks WHERE message = ?", (row_id,))
        if done.rowcount:
            changed += 1
            connection.execute("UPDATE messages SET changed = ? WHERE id = ?", (sequence, row_id))
    return changed

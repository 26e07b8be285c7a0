"""Contacts: each number once, with a row id for the tables that name it; the writer remembers those it met last."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Collection
from typing import cast

from smswatch.store.statements import insert_rows, select_in

REMEMBERED = 20_000
"""Contacts whose ids are not read again."""


class Contacts:
    """Finds and makes contacts on the writing connection, inside its open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, int] = OrderedDict()
        self._newest = 0

    def forget_rows(self) -> None:
        """Forget what is remembered of rows; needed after a removal. No id is given to a second row after one."""
        self._known.clear()

    def read_newest_id(self) -> None:
        """Read from the database which id was given last; needed at first and after a rollback."""
        (newest,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM contacts").fetchone()
        self._newest = cast("int", newest)

    def ids(self, numbers: Collection[str]) -> dict[str, int]:
        """Return the contacts' row ids, making the ones that are new."""
        found: dict[str, int] = {}
        missing: list[str] = []
        for number in numbers:
            known = self._known.get(number)
            if known is None:
                missing.append(number)
            else:
                found[number] = known
        if missing:
            self._read(missing, found)
            self._make([number for number in missing if number not in found], found)
            for number in missing:
                self._known[number] = found[number]
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _read(self, numbers: list[str], found: dict[str, int]) -> None:
        for row in select_in(self._connection, "SELECT number, id FROM contacts WHERE number IN", numbers):
            number, contact = cast("tuple[str, int]", row)
            found[number] = contact

    def _make(self, numbers: list[str], found: dict[str, int]) -> None:
        rows = []
        for number in numbers:
            self._newest += 1
            found[number] = self._newest
            digits = "".join(filter(str.isdecimal, number)) if number.isascii() else ""
            rows.append((self._newest, number, number[::-1], digits))
        insert_rows(self._connection, "INSERT INTO contacts(id, number, reversed, digits)", rows)

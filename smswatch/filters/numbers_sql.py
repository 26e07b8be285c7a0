"""Number terms to conditions on `contacts`, where each number stands once, forwards and backwards."""

from __future__ import annotations

import re

from smswatch.filters.expression import Number, NumberRun
from smswatch.filters.phrases import Phrase, any_of, contains, one_of, starts_with
from smswatch.numbers import NumberReader, digits_key

_SEPARATORS = re.compile(r"[\s().-]+")


def contacts_of_run(run: NumberRun) -> Phrase:
    """Contacts whose digits contain those that were typed."""
    return Phrase("instr(contacts.digits, ?) > 0", (run.digits,))


def contacts_of_number(term: Number, reader: NumberReader) -> Phrase:
    """Contacts whose number is, begins with, ends in or contains what was typed after `number:`."""
    if term.open_start and not term.open_end:
        return any_of([starts_with("contacts.reversed", text[::-1]) for text in _endings(term.text)])
    if term.open_start:
        return _containing("contacts", term.text)
    return _from_its_beginning("contacts.number", term, reader)


def rows_of_run(table: str, run: NumberRun) -> Phrase:
    """Rows whose number's digits contain those that were typed; looks nothing up."""
    return _digits_contain(table, run.digits)


def rows_of_number(table: str, term: Number, reader: NumberReader) -> Phrase:
    """Rows whose number is, begins with, ends in or contains what was typed; looks nothing up."""
    if term.open_start and not term.open_end:
        return any_of(
            [Phrase(f"substr({table}.number, ?) = ?", (-len(text), text)) for text in _endings(term.text)]
        )
    if term.open_start:
        return _containing(table, term.text)
    return _from_its_beginning(f"{table}.number", term, reader)


def _from_its_beginning(column: str, term: Number, reader: NumberReader) -> Phrase:
    if term.open_end:
        return any_of([starts_with(column, text) for text in reader.beginnings(term.text)])
    return one_of(column, reader.readings(term.text))


def _endings(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((text, _SEPARATORS.sub("", text) or text)))


def _containing(table: str, text: str) -> Phrase:
    if not text:
        return Phrase("1") if table == "contacts" else Phrase(f"{table}.number IS NOT NULL")
    digits = digits_key(text)
    if not digits or digits != _SEPARATORS.sub("", text):
        return contains((f"{table}.number",), text)
    if table == "contacts":
        return Phrase("instr(contacts.digits, ?) > 0", (digits,))
    return _digits_contain(table, digits)


def _digits_contain(table: str, digits: str) -> Phrase:
    """A number that was not brought to E.164 may have anything between its digits; its contact knows them."""
    looked_up = f"EXISTS (SELECT 1 FROM contacts WHERE contacts.id = {table}.contact AND instr(contacts.digits, ?) > 0)"  # noqa: S608 - bound
    # Read as an integer and written again: nothing but a plus and digits comes out the same. GLOB takes thrice as long.
    is_plain = f"'+' || CAST({table}.number AS INTEGER) = {table}.number"
    return Phrase(
        f"CASE WHEN {is_plain} THEN instr({table}.number, ?) > 0 ELSE {looked_up} END", (digits, digits)
    )

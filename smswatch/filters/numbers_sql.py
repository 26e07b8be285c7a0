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
    match term.open_start, term.open_end:
        case False, False:
            return one_of("contacts.number", reader.readings(term.text))
        case False, True:
            return any_of([starts_with("contacts.number", text) for text in reader.beginnings(term.text)])
        case True, False:
            endings = dict.fromkeys((term.text, _SEPARATORS.sub("", term.text) or term.text))
            return any_of([starts_with("contacts.reversed", text[::-1]) for text in endings])
        case _:
            return _containing(term.text)


def _containing(text: str) -> Phrase:
    if not text:
        return Phrase("1")
    digits = digits_key(text)
    if digits and digits == _SEPARATORS.sub("", text):
        return Phrase("instr(contacts.digits, ?) > 0", (digits,))
    return contains(("contacts.number",), text)

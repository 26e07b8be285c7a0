"""Filters while numbers and texts are masked: the same filter with what may be private hidden."""

from __future__ import annotations

import msgspec

from smswatch.filters.expression import All, Either, Expression, Not, Number, NumberRun, TextHas, Word
from smswatch.masking import mask_text


def without_private(expression: Expression) -> Expression:
    """Return the filter as it may be shown on a shared screen; it is not meant to be put in force."""
    match expression:
        case Either(alternatives):
            return Either(tuple(map(without_private, alternatives)))
        case All(terms):
            return All(tuple(map(without_private, terms)))
        case Not(term):
            return Not(without_private(term))
        case Word(text) | NumberRun(text):
            return Word(mask_text(text))
        case Number() | TextHas():
            return msgspec.structs.replace(expression, text=mask_text(expression.text))
        case _:
            return expression

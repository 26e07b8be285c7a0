"""Filter text to what it means. Raises FilterError, with the position, and nothing else."""

from __future__ import annotations

import re

import msgspec

from smswatch.errors import FilterError
from smswatch.filters.expression import (
    KEY,
    NUMBER_CHARACTERS,
    All,
    Either,
    Everything,
    Expression,
    Not,
    NumberRun,
    Word,
)
from smswatch.filters.operators import BY_KEY, Value
from smswatch.wording import suggestion

LONGEST = 8000
"""Characters in a filter; what is longer was pasted by mistake."""

_MOST_TERMS = 200  # the depth of an SQL expression is limited
_FEWEST_DIGITS = 7  # of a number term
_WHOLE_NUMBER = 10  # digits after which a minus is no dash any more
_DIGIT = re.compile("[0-9]")
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")  # the store, too, keeps U+FFFD in their place


class _Token(msgspec.Struct, frozen=True):
    """One term as typed."""

    position: int
    negated: bool
    key: str | None
    value: Value

    @property
    def is_or(self) -> bool:
        return not self.negated and self.key is None and not self.value.quoted and self.value.text == "OR"

    @property
    def numeric(self) -> str | None:
        """The word as typed if it may be a part of a telephone number."""
        if self.key is not None or self.value.quoted or not NUMBER_CHARACTERS.issuperset(self.value.text):
            return None
        return "-" * self.negated + self.value.text


def parse(text: str) -> Expression:
    """Return what a filter means; the empty filter is Everything. Raises FilterError only."""
    if len(text) > LONGEST:
        raise FilterError(f"the filter is longer than {LONGEST:,} characters", LONGEST)
    tokens = _tokens(_NOT_STORABLE.sub("\ufffd", text))
    if len(tokens) > _MOST_TERMS:
        raise FilterError(f"the filter has more than {_MOST_TERMS} terms", tokens[_MOST_TERMS].position)
    if not tokens:
        return Everything()
    groups: list[list[_Token]] = [[]]
    for token in tokens:
        if not token.is_or:
            groups[-1].append(token)
        elif groups[-1]:
            groups.append([])
        else:
            raise FilterError("a term is missing before OR", token.position)
    if not groups[-1]:
        raise FilterError("a term is missing after OR", len(text))
    alternatives = tuple(_all(group) for group in groups)
    return alternatives[0] if len(alternatives) == 1 else Either(alternatives)


def _all(tokens: list[_Token]) -> Expression:
    terms: list[Expression] = []
    index = 0
    while index < len(tokens):
        run, used = _number_run(tokens[index:])
        terms.append(run or _term(tokens[index]))
        index += used
    return terms[0] if len(terms) == 1 else All(tuple(terms))


def _number_run(tokens: list[_Token]) -> tuple[Expression | None, int]:
    """Read a telephone number from adjacent words, and say how many words it took.

    A minus before a word of the run is a dash, as in `0722 -334 -455`, until the number is
    as long as a whole one.
    """
    words: list[str] = []
    digits = 0
    for token in tokens:
        word = token.numeric
        if word is None or (digits >= _WHOLE_NUMBER and token.negated and len(word) > 1):
            break
        words.append(word)
        digits += len(_DIGIT.findall(word))
    if digits < _FEWEST_DIGITS:
        return None, 1
    run = NumberRun(" ".join(filter(_DIGIT.search, words)).lstrip("-"))
    return (Not(run) if tokens[0].negated else run), len(words)


def _term(token: _Token) -> Expression:
    term: Expression
    if token.key is None and not token.value.text:
        raise FilterError("a term is missing after the minus", token.value.position)
    if token.key is None:
        term = Word(token.value.text)
    elif operator := BY_KEY.get(token.key):
        term = operator.read(token.value)
    else:
        hint = suggestion(token.key, BY_KEY)
        raise FilterError(
            f"there is no {token.key[:40]}: in the language; {hint} (to search for the word, put it in quotes)",
            token.position + token.negated,
        )
    return Not(term) if token.negated else term


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    index = 0
    while True:
        while index < len(text) and text[index].isspace():
            index += 1
        if index == len(text):
            return tokens
        token, index = _token(text, index)
        tokens.append(token)


def _token(text: str, position: int) -> tuple[_Token, int]:
    """Read one term at `position`; return it and the offset just after it."""
    negated = text[position] == "-"
    start = position + negated
    found = KEY.match(text, start)
    key = found[1].casefold() if found else None
    if found:
        start = found.end()
    value, end = _value(text, start)
    if not value.text and (key or value.quoted):
        raise FilterError(
            f"a value is missing after {key}:" if key else "there is nothing in the quotes", start
        )
    return _Token(position, negated, key, value), end


def _value(text: str, start: int) -> tuple[Value, int]:
    if text[start : start + 1] == '"':
        return _quoted(text, start)
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    return Value(text[start:end], start, quoted=False), end


def _quoted(text: str, start: int) -> tuple[Value, int]:
    r"""Read a quoted value, in which `\"` is a quote and `\\` a backslash."""
    characters: list[str] = []
    index = start + 1
    while index < len(text):
        char = text[index]
        if char == '"':
            end = index + 1
            if end < len(text) and not text[end].isspace():
                raise FilterError("a space is missing after the quotes", end)
            return Value("".join(characters), start, quoted=True), end
        if char == "\\" and text[index + 1 : index + 2] in {'"', "\\"}:
            index += 1
            char = text[index]
        characters.append(char)
        index += 1
    raise FilterError("the quotes are not closed", start)

"""Wording: what many sentences of the program say in the same way, as counts, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(
    word: str, known: Iterable[str], otherwise: str | None = None, *, quote: str = "", likeness: float = 0.6
) -> str:
    """Return `did you mean …?` with the known word that is most like `word`.

    Where none is as like as `likeness` (0 to 1), it is `otherwise`, or the list of all that are known. `quote`
    stands around the word that is meant.
    """
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=likeness)
    if close:
        return f"did you mean {quote}{close[0]}{quote}?"
    return f"there are {', '.join(names)}" if otherwise is None else otherwise


def how_many(number: int, one: str, many: str | None = None) -> str:
    """Count in words: `1 message`, `1,200 messages`; `many` where it is not `one` with an s."""
    if number == 1:
        return f"1 {one}"
    return f"{number:,} {one + 's' if many is None else many}"

"""Words that a person got nearly right: what was meant, as part of a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that `word` may be meant to be, or all of them."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def require_provider(name: str) -> None:
    """Raise SmswatchError, with the provider that may be meant, where none has this name."""
    from smswatch.providers import all_providers  # noqa: PLC0415 - only where they are asked for

    known = all_providers()
    if name not in known:
        raise SmswatchError(f"no provider is called {safe_line(name, 40)}; {nearest(name, list(known))}")

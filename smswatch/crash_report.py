"""The crash report: where our own code failed, and nothing of what it was working on.

An exception's words, its arguments and the variables around it may hold what a stranger wrote, a person's
number, or the access key; a traceback goes to terminals, logs and tickets. What finds the fault is its kind and
its place. Who asks for it with SMSWATCH_DEBUG=1 gets everything.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path

DEBUG = "SMSWATCH_DEBUG"
_CHAIN_AT_MOST = 10


def crash_report(error: BaseException) -> str:
    """Return its kind and the places it came through, innermost last, then those of what caused it."""
    if os.environ.get(DEBUG):
        return "".join(traceback.format_exception(error)).rstrip()
    return "\ncaused by ".join(_one(cause) for cause in _chain(error))


def crash_line(error: BaseException) -> str:
    """Return its kind and its innermost place, as in `ValueError in smswatch/store/rows.py:88`."""
    places = _places(error)
    return f"{_kind(error)} in {places[-1].partition(' ')[0]}" if places else _kind(error)


def _one(error: BaseException) -> str:
    lines = [_kind(error), *(f"  {place}" for place in _places(error))]
    if isinstance(error, BaseExceptionGroup):
        lines += [f"  | {line}" for inner in error.exceptions for line in _one(inner).splitlines()]
    return "\n".join(lines)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _places(error: BaseException) -> list[str]:
    steps = traceback.extract_tb(error.__traceback__)
    return [f"{_short(step.filename)}:{step.lineno} {step.name}" for step in steps]


def _short(file: str) -> str:
    """Leave out where things are installed, which names a person's folders."""
    parts = Path(file).parts
    for root in ("site-packages", "smswatch"):
        if root in parts:
            at = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[at + (root == "site-packages") :])
    return Path(file).name


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    for _ in range(_CHAIN_AT_MOST):
        if following is None:
            return
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)

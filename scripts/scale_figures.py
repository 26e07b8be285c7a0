"""Writes the figures over a million messages, kept by `benchmarks/dashboard.py --json`, into the documents.

README.md gets those that a user feels, benchmarks/README.md all of them with their goals.

python scripts/scale_figures.py           # rewrites both
python scripts/scale_figures.py --check   # exit 1 if one of them would change
"""

from __future__ import annotations

import sys
from typing import TypedDict, cast

import msgspec
from documents import ROOT, rewrite

FIGURES = ROOT / "benchmarks" / "figures.json"
_SMALL = "1,000 rows: "
_MANY = "1,000,000 rows: "
_OURS = "ours, 1,000,000 rows: "
_STOCK = "Textual's DataTable, 100,000 rows: "
_FELT = {
    "first frame with rows": "start to the first rows on the screen; of an empty Textual application's start",
    "cursor keys: key to screen": "a cursor key to the screen, while 1,000 callbacks a second arrive",
    "letters into the filter line: key to screen": "a letter in the filter line to the screen, meanwhile",
    "worst stall of the loop": "the longest that the screen stood still",
    "rest of 65 s: bytes to the terminal": "at rest: bytes to the terminal",
    "rest of 65 s: processor": "at rest: share of one processor",
}
"""What a user feels of the long history, in a user's words."""


class _Figure(TypedDict):
    part: str
    what: str
    figure: str
    goal: str
    met: bool | None


class _Record(TypedDict):
    machine: str
    measured: str
    stolen: float
    figures: list[_Figure]


def sheet(record: _Record) -> str:
    """Return all figures over the long history, with their goals, and on what they were measured."""
    lines = ["| over 1,000,000 messages | measured | goal | |", "|---|---|---|---|"]
    for figure in record["figures"]:
        if figure["what"].startswith(_SMALL):
            continue
        verdict = {True: "met", False: "missed", None: ""}[figure["met"]]
        what = figure["what"].removeprefix(_MANY)
        lines.append(f"| {what} | {figure['figure']} | {figure['goal']} | {verdict} |")
    return "\n".join([*lines, "", f"Measured on: {_where(record)}."])


def felt(record: _Record) -> str:
    """Return what a user feels of the long history, beside the table that Textual brings along."""
    figures = {figure["what"].removeprefix(_MANY): figure["figure"] for figure in record["figures"]}
    lines = ["| | smswatch, 1,000,000 messages | Textual's own table, 100,000 |", "|---|---|---|"]
    for what, figure in figures.items():
        if what.startswith(_OURS):
            kind = what.removeprefix(_OURS)
            lines.append(f"| {kind} | {figure} | {figures[_STOCK + kind]} |")
    lines += [f"| {words} | {figures[what]} | |" for what, words in _FELT.items()]
    goals = "The goals, also those that are missed, and how to repeat it: [benchmarks/README.md](benchmarks/README.md)."
    return "\n".join([*lines, "", f"Measured on {_where(record)}. {goals}"])


def _where(record: _Record) -> str:
    return f"{record['machine']}; {record['measured']}"


def main() -> int:
    """Rewrite, or check."""
    record = cast("_Record", msgspec.json.decode(FIGURES.read_bytes()))
    return rewrite(
        {
            ROOT / "README.md": {"scale": felt(record)},
            ROOT / "benchmarks" / "README.md": {"scale": sheet(record)},
        }
    )


if __name__ == "__main__":
    sys.exit(main())

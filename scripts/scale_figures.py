"""Writes README's table of figures over a million messages from what `benchmarks/dashboard.py --json` kept.

python scripts/scale_figures.py           # rewrites README.md
python scripts/scale_figures.py --check   # exit 1 if it would change
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TypedDict, cast

import msgspec

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FIGURES = ROOT / "benchmarks" / "figures.json"
_SMALL = "1,000 rows: "
_MANY = "1,000,000 rows: "


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


def table(record: _Record) -> str:
    """Return the figures over the long history, with their goals, and on what they were measured."""
    lines = ["| over 1,000,000 messages | measured | goal | |", "|---|---|---|---|"]
    for figure in record["figures"]:
        if figure["what"].startswith(_SMALL):
            continue
        verdict = {True: "met", False: "missed", None: ""}[figure["met"]]
        what = figure["what"].removeprefix(_MANY)
        lines.append(f"| {what} | {figure['figure']} | {figure['goal']} | {verdict} |")
    where = f"{record['machine']}; {record['measured']}"
    return "\n".join([*lines, "", f"Measured on: {where}; `benchmarks/README.md` says how to repeat it."])


def rewritten(text: str, record: _Record) -> str:
    """Return README.md with the table as it was measured last."""
    head, opening, rest = re.split(r"(<!-- scale:[^>]*-->\n)", text)
    closing = "<!-- /scale -->"
    return f"{head}{opening}{table(record)}\n{closing}{rest.partition(closing)[2]}"


def main() -> int:
    """Rewrite, or check."""
    record = cast("_Record", msgspec.json.decode(FIGURES.read_bytes()))
    before = README.read_text(encoding="utf-8")
    after = rewritten(before, record)
    if "--check" in sys.argv:
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

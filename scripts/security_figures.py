"""Writes the table of SECURITY.md from the figures that the long forms have kept: the last run of each.

python scripts/security_figures.py           # rewrites SECURITY.md
python scripts/security_figures.py --check   # exit 1 if it would change
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECURITY = ROOT / "SECURITY.md"
RESULTS = ROOT / "benchmarks" / "results.jsonl"


def figures_table() -> str:
    """Return the last run of each trial; one that broke a promise says so first."""
    last = {}
    for line in RESULTS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        last[record["trial"]] = record
    lines = ["| command | result | when |", "|---|---|---|"]
    for record in last.values():
        broken = f"**{len(record['faults'])} promises broken.** " if record["faults"] else ""
        load = f", load {max(record['load']):.0f}" if "load" in record else ""
        seconds = f"{record['seconds']:,} s, {record['at'][:10]}{load}"
        lines.append(f"| `{record['command']}` | {broken}{record['result']} | {seconds} |")
    machines = sorted({f"{record['machine']}, {record['versions']}" for record in last.values()})
    return "\n".join(
        [
            *lines,
            "",
            f"Machine: {'; '.join(machines)}; shared with others, whose part the load average tells.",
        ]
    )


def rewritten(text: str) -> str:
    """Return SECURITY.md with the figures as they were kept last."""
    head, opening, rest = re.split(r"(<!-- figures:[^>]*-->\n)", text)
    closing = "<!-- /figures -->"
    return f"{head}{opening}{figures_table()}\n{closing}{rest.partition(closing)[2]}"


def main() -> int:
    """Rewrite, or check."""
    before = SECURITY.read_text(encoding="utf-8")
    after = rewritten(before)
    if "--check" in sys.argv:
        return int(before != after)
    SECURITY.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

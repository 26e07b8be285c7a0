"""Writes the table of SECURITY.md from the figures that the long forms have kept: the last run of each.

python scripts/security_figures.py           # rewrites SECURITY.md
python scripts/security_figures.py --check   # exit 1 if it would change
"""

from __future__ import annotations

import json
import sys

from documents import ROOT, rewrite

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


def main() -> int:
    """Rewrite, or check."""
    return rewrite({ROOT / "SECURITY.md": {"figures": figures_table()}})


if __name__ == "__main__":
    sys.exit(main())

"""Writes the tables of README.md that come from the code: providers, keys, filter language.

python scripts/readme_tables.py           # rewrites README.md
python scripts/readme_tables.py --check   # exit 1 if it would change
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from smswatch.filters import FILTER_HELP
from smswatch.providers import all_providers
from smswatch.tui.app import EVERYWHERE
from smswatch.tui.help_screen import KEY_NAMES
from smswatch.tui.keymap import configurable
from smswatch.tui.places import PLACES

README = Path(__file__).parent.parent / "README.md"


def providers_table() -> str:
    """Return what to paste where, and the words that come back."""
    lines = ["| provider | path | where to paste it | its status words |", "|---|---|---|---|"]
    for provider in all_providers().values():
        words = " ".join(f"`{word}`" for word in provider.words)
        lines.append(
            f"| [{provider.title}]({provider.docs}) | `{provider.path}` | {provider.setup} | {words} |"
        )
    return "\n".join(lines)


def keys_table() -> str:
    """Return every key, from the bindings."""
    lines = ["| where | key | does | name in `[keys]` |", "|---|---|---|---|"]
    for group, name, key, meaning in configurable((EVERYWHERE, *PLACES)):
        shown = " ".join(f"`{KEY_NAMES.get(one, one)}`" for one in key.split())
        lines.append(f"| {group} | {shown} | {meaning} | `{name}` |")
    return "\n".join(lines)


def filter_table() -> str:
    """Return the filter language, from its own help."""
    lines = ["| filter | lets through |", "|---|---|"]
    for row in FILTER_HELP:
        examples = " ".join(f"`{example}`" for example in row.examples)
        lines.append(f"| {examples} | {row.meaning} |")
    return "\n".join(lines)


def rewritten(text: str) -> str:
    """Return README.md with its tables as the code has them now."""
    for name, table in (("providers", providers_table()), ("keys", keys_table()), ("filter", filter_table())):
        head, opening, rest = re.split(rf"(<!-- {name}:[^>]*-->\n)", text)
        closing = f"<!-- /{name} -->"
        text = f"{head}{opening}{table}\n{closing}{rest.partition(closing)[2]}"
    return text


def main() -> int:
    """Rewrite, or check."""
    before = README.read_text(encoding="utf-8")
    after = rewritten(before)
    if "--check" in sys.argv:
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

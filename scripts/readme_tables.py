"""Writes the tables of README.md that come from the code: providers, keys, filter language.

python scripts/readme_tables.py           # rewrites README.md
python scripts/readme_tables.py --check   # exit 1 if it would change
"""

from __future__ import annotations

import sys

from documents import ROOT, rewrite

from smswatch.filters import FILTER_HELP
from smswatch.providers import all_providers
from smswatch.tui.app import EVERYWHERE
from smswatch.tui.key_hints import KEY_NAMES
from smswatch.tui.keymap import configurable
from smswatch.tui.places import PLACES


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


def main() -> int:
    """Rewrite, or check."""
    tables = {"providers": providers_table(), "keys": keys_table(), "filter": filter_table()}
    return rewrite({ROOT / "README.md": tables})


if __name__ == "__main__":
    sys.exit(main())

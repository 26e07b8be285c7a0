"""Documents with parts that are written by a script, between marks that name it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


def with_part(text: str, name: str, part: str) -> str:
    """Return a document with this between `<!-- name: … -->` and `<!-- /name -->`; ValueError without these marks."""
    head, opening, rest = re.split(rf"(<!-- {name}:[^>]*-->\n)", text)
    closing = f"<!-- /{name} -->"
    return f"{head}{opening}{part}\n{closing}{rest.partition(closing)[2]}"


def rewrite(documents: Mapping[Path, Mapping[str, str]]) -> int:
    """Write the parts, by name, of each document; with `--check` write nothing, and return 1 if anything would change."""
    changed = False
    for document, parts in documents.items():
        before = after = document.read_text(encoding="utf-8")
        for name, part in parts.items():
            after = with_part(after, name, part)
        changed |= before != after
        if "--check" not in sys.argv:
            document.write_text(after, encoding="utf-8")
    return int("--check" in sys.argv and changed)

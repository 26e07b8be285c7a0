"""Where a copied text goes: the terminal's clipboard, tmux's buffer, or a file of ours where neither takes it.

A terminal never answers whether it took a text (OSC 52), so what is known of it beforehand decides.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from smswatch.errors import SmswatchError

LONGEST_FOR_TERMINAL = 74_994
"""Bytes: 100,000 once they are in base64, the least that common terminals take."""
_TMUX_TAKES_AT_MOST_S = 2.0
_WITHOUT_CLIPBOARD = ("linux", "vt", "cons25", "ansi", "dumb")
"""What TERM begins with at consoles that have no clipboard."""


def is_in_tmux(environment: Mapping[str, str]) -> bool:
    """Tell whether tmux stands between us and the terminal; it drops OSC 52 unless it is told otherwise."""
    return bool(environment.get("TMUX"))


def why_not(environment: Mapping[str, str], size: int) -> str | None:
    """Say why the terminal will not take a text of so many bytes; None where nothing speaks against it."""
    if size > LONGEST_FOR_TERMINAL:
        return "it is longer than terminals take"
    if environment.get("TERM", "").startswith(_WITHOUT_CLIPBOARD):
        return "this terminal has no clipboard"
    if environment.get("STY"):
        return "GNU screen takes no clipboard"
    if environment.get("VTE_VERSION"):
        return "terminals of the VTE family take no clipboard"
    return None


async def give_to_tmux(text: str) -> bool:
    """Put a text into tmux's buffer, and through it into the clipboard of its terminal; tell whether it took it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_TMUX_TAKES_AT_MOST_S):
            await process.communicate(text.encode())
    except (TimeoutError, OSError):
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0


def put_into_file(text: str) -> Path:
    """Write a text to a new file for this user alone (0600), named by chance; SmswatchError if it cannot be."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="smswatch-copy-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise SmswatchError(f"the text cannot be written to a file: {error.strerror}") from error
    return Path(name)

"""A picture of the screen: an SVG file for its owner alone, which holds no control characters and asks no server."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path

import platformdirs

from smswatch.errors import SmswatchError

_MOST_IN_A_SECOND = 100
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Rich names fonts on a server, which whoever opens the picture would ask."""


def clean(svg: str) -> str:
    """Return the picture without what steers terminals or reorders lines, and without addresses of fonts."""
    shown = _FONTS.sub("", svg)
    return "".join(one if one == "\n" or one.isprintable() else "\ufffd" for one in shown)


def usual_folder() -> Path:
    """Return the folder of downloads where there is one, else the one in which smswatch was started."""
    downloads = platformdirs.user_downloads_path()
    return downloads if downloads.is_dir() and os.access(downloads, os.W_OK) else Path.cwd()


def keep(svg: str, folder: Path, taken: datetime) -> Path:
    """Write a new file (0600), never over another; return where. SmswatchError if it cannot be."""
    name = f"smswatch-{taken:%Y-%m-%d-%H%M%S}"
    for number in range(1, _MOST_IN_A_SECOND):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}.svg"
        with contextlib.suppress(FileExistsError):
            _write_new(path, clean(svg))
            return path
    raise SmswatchError(f"there are too many pictures of this second in {folder}")


def _write_new(path: Path, content: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise
    except OSError as error:
        raise SmswatchError(f"the picture cannot be written to {path}: {error.strerror}") from error

"""Small C libraries that come between a process and its system, compiled where there is a compiler."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from faults import UnavailableError


def compiled(name: str, folder: Path) -> Path:
    """Compile `name`.c of this folder; return the library for LD_PRELOAD. UnavailableError where that cannot be."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None or not sys.platform.startswith("linux"):
        raise UnavailableError("this trial needs Linux and a C compiler")
    library = folder / f"{name}.so"
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl", "-lpthread"],
        check=True,
        timeout=60,
    )
    return library

"""Faults, in short: the long forms are `benchmarks/reliability.py` itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "reliability.py"
UNAVAILABLE = 3


@pytest.mark.parametrize("fault", ["kill9", "powerloss", "disk", "signals", "slow", "unread"])
def test_promises_are_kept_under(fault: str) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, fault, "--small"], check=False, capture_output=True, text=True, timeout=400
    )
    if done.returncode == UNAVAILABLE:
        pytest.skip(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr

"""What strangers may send, in short: the long form is `benchmarks/hostile.py` itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "hostile.py"


def test_nothing_that_strangers_send_crashes_it_or_keeps_a_good_callback_out(tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(b'[{"id_sms":1,"time":"","state":"\xff\x1b[2J"}]')
    done = subprocess.run(
        [sys.executable, SCRIPT, "--inputs", "400", "--corpus", tmp_path],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 good callbacks between them" in done.stdout
    assert "corpus 400: 3" in done.stdout

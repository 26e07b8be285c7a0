"""Tries an installed smswatch as a stranger would: `serve`, a callback, an answer, a row, a quiet end.

    python scripts/try_installation.py .venv/bin/smswatch

Needs nothing but Python, and imports nothing of smswatch: it proves the wheel, not the checkout.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

BODY = b'[{"id_sms":3234,"time":"","state":"send"},{"id_sms":3235,"time":"2026-11-20 12:00:04","state":"deliver"}]'
ANSWER = b'[{"id_sms":3234},{"id_sms":3235}]'


def try_installation(smswatch: str, home: Path) -> None:
    """Raise if anything is not as it should be."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SMSWATCH_")},
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }

    def run(*arguments: str) -> str:
        command = [smswatch, *arguments]
        return subprocess.run(
            command, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        ).stdout

    print(run("--version").strip())
    if "webcom" not in run("providers"):
        raise AssertionError("`smswatch providers` does not know Webcom")
    listener = subprocess.Popen(
        [smswatch, "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        if listener.stderr is None or (found := re.search(r"http://\S+", listener.stderr.readline())) is None:
            raise AssertionError("`smswatch serve` did not say where it listens")
        request = urllib.request.Request(f"{found[0]}/webhooks/webcom", BODY)
        with urllib.request.urlopen(request, timeout=10) as response:
            answer = response.read()
    finally:
        listener.send_signal(signal.SIGTERM)
        ended = listener.wait(10)
    if answer != ANSWER or ended != 0:
        raise AssertionError(f"answered {answer!r}, ended with {ended}")
    rows = {row["message_id"]: row["status"] for row in map(json.loads, run("messages").splitlines())}
    if rows != {"3234": "sent", "3235": "delivered"}:
        raise AssertionError(f"kept {rows}")
    print("served, answered, kept, ended")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="smswatch-try-") as folder:
        try_installation(sys.argv[1], Path(folder))

"""The program as a person runs it: its own process, its own home."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

DEADLINE_S = 30.0
_BEGINS = b"\x1b[?1049h"
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The developer's proxy has no part in this."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing is found but what is in `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SMSWATCH_", "XDG_", "_SMSWATCH")) and not name.lower().endswith("_proxy")
    }
    places = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
    return {**kept, **places, "COLUMNS": "120", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "smswatch", *arguments]


def run(
    home: Path, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, **(env or {})),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


@contextmanager
def serving(
    home: Path, *arguments: str, stdout: int = subprocess.PIPE
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `serve` on a free port; yields its process and its URL."""
    process = subprocess.Popen(
        command("serve", "--port", "0", *arguments),
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.fullmatch(r"listening on (http://[0-9.]+:\d+)\n", said)
            assert found, said
            yield process, found[1]
        finally:
            process.kill()


def post(url: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """Send a webhook; return the status and the body of the answer."""
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - a listener of this test
    try:
        with _DIRECTLY.open(request, timeout=DEADLINE_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    """End a process by a signal; return its exit code."""
    process.send_signal(number)
    return process.wait(DEADLINE_S)


class Terminal:
    """A process in a pseudo-terminal, and everything that it has drawn."""

    def __init__(self, leader: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.drawn = b""
        self._leader = leader

    def wait_for(self, text: str) -> None:
        """Read until `text` has been drawn."""
        until = time.monotonic() + DEADLINE_S
        while text.encode() not in self.drawn:
            assert time.monotonic() < until, self.drawn[-2000:]
            assert self._read(0.2) or self.process.poll() is None, self.drawn[-2000:]

    def wait_on_dashboard(self, number: int, text: str) -> None:
        """Read until `text` has been drawn by the so manieth dashboard of this process."""
        until = time.monotonic() + DEADLINE_S
        while text.encode() not in b"".join(self.drawn.split(_BEGINS)[number:]):
            assert time.monotonic() < until, self.drawn[-2000:]
            assert self._read(0.2) or self.process.poll() is None, self.drawn[-2000:]

    def type(self, keys: str) -> None:
        os.write(self._leader, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size, and tell the process as the system tells the one in its foreground."""
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.kill(self.process.pid, signal.SIGWINCH)

    def hang_up(self, *, says_so: bool = True) -> None:
        """Go away, as an ssh connection or a killed tmux does; or as a container's terminal, which does not say so."""
        os.close(self._leader)
        self._leader = -1
        if says_so:
            os.kill(self.process.pid, signal.SIGHUP)

    def close(self) -> None:
        if self._leader >= 0:
            os.close(self._leader)

    def wait(self) -> int:
        """Read until the process ends; return its exit code."""
        until = time.monotonic() + DEADLINE_S
        while self.process.poll() is None:
            assert time.monotonic() < until, self.drawn[-2000:]
            self._read(0.1)
        while self._read(0.0):
            pass
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self._leader], [], [], seconds)[0]:
            return False
        try:
            part = os.read(self._leader, 65536)
        except OSError:
            # The other end is closed.
            return False
        self.drawn += part
        return bool(part)


@contextmanager
def in_terminal(
    home: Path, *arguments: str, program: Sequence[str] | None = None, **more: str
) -> Iterator[Terminal]:
    """Run a command, of smswatch or of another program, in a pseudo-terminal of 120 by 40."""
    leader, follower = pty.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    env = environment(home, **{"TERM": "xterm-256color", **more})
    del env["COLUMNS"]  # it would be believed before the terminal
    process = subprocess.Popen(
        [*program, *arguments] if program is not None else command(*arguments),
        env=env,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    with process:
        terminal = Terminal(leader, process)
        try:
            yield terminal
        finally:
            process.kill()
            terminal.close()

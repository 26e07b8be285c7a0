"""A pseudo-terminal that is read all the time, and remembers when what came."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, LINES = 120, 40
_TICKS = os.sysconf("SC_CLK_TCK")


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Runs a command in a pseudo-terminal of 120 by 40."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._leader, follower = pty.openpty()
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._came: list[tuple[float, bytes]] = []
        self._news = threading.Condition()
        self._done = threading.Event()
        self._reads = threading.Event()
        self._reads.set()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            # As a shell's: closing it sends SIGHUP.
            preexec_fn=_take_terminal,  # noqa: PLW1509 - one thread here, and nothing but a system call there
        )
        os.close(follower)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._close()

    def _close(self) -> None:
        self._done.set()
        self._reader.join()
        if self._leader >= 0:
            os.close(self._leader)
            self._leader = -1

    def hang_up(self) -> None:
        """Go away, as an ssh connection does."""
        self._close()

    def resize(self, columns: int, lines: int) -> None:
        """Have another size, of which the system tells the process."""
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def pause(self) -> None:
        """Read no more, as behind Ctrl-S."""
        self._reads.clear()

    def read_on(self) -> None:
        """Read what has come since, and what comes."""
        self._reads.set()

    def modes(self) -> list[object]:
        """Return how the terminal treats what is typed and written, as `stty` shows it."""
        return termios.tcgetattr(self._leader)

    def all_of_it(self) -> bytes:
        """Return all that was drawn by a process that has ended."""
        self._reader.join(10)
        return self.text_since(0)

    def _read(self) -> None:
        while not self._done.is_set():
            if not self._reads.wait(0.2):
                continue
            if not select.select([self._leader], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self._leader, 1 << 16)
            except OSError:  # Linux says EIO once the other side is closed
                return
            now = time.perf_counter()
            with self._news:
                self._came.append((now, data))
                self._news.notify_all()

    def send(self, keys: bytes) -> float:
        """Press keys; return when."""
        now = time.perf_counter()
        os.write(self._leader, keys)
        return now

    def mark(self) -> int:
        """Return a place in what came, to look from."""
        with self._news:
            return len(self._came)

    def first_byte(self) -> float:
        """Return when anything came for the first time."""
        return self.wait_for(b"", 0, 20.0)

    def wait_for(self, wanted: bytes, since: int, timeout: float) -> float:
        """Return when these bytes were complete; TimeoutError if they never came."""
        deadline = time.perf_counter() + timeout
        with self._news:
            place, seen = since, b""
            while True:
                for when, data in self._came[place:]:
                    place += 1
                    seen = seen[-len(wanted) :] + data if wanted else data
                    if wanted in seen:
                        return when
                left = deadline - time.perf_counter()
                if left <= 0 or not self._news.wait(left):
                    raise TimeoutError(f"{wanted!r} never came; the last was {self._came[-1:]!r}")

    def wait_until_still(self, quiet_s: float, timeout: float) -> None:
        """Wait until nothing has come for so long; TimeoutError if something always came."""
        deadline = time.perf_counter() + timeout
        with self._news:
            while self._news.wait(quiet_s):
                if time.perf_counter() > deadline:
                    raise TimeoutError("the screen never stood still")

    def came_since(self, mark: int) -> int:
        """Return how many bytes came since a mark."""
        with self._news:
            return sum(len(data) for _, data in self._came[mark:])

    def text_since(self, mark: int) -> bytes:
        """Return what came since a mark."""
        return self.text_between(mark, None)

    def text_between(self, mark: int, end: int | None) -> bytes:
        """Return what came between two marks."""
        with self._news:
            return b"".join(data for _, data in self._came[mark:end])

    def processor_s(self) -> float:
        """Return the processor time that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Return the memory that the process holds."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

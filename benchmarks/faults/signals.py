"""Signals, terminals that close, a tmux that is killed, and job control, at random moments.

Each time: a request whose body is still arriving is answered, the program ends within six seconds, and the
terminal is as it was: the screen before, the cursor, the mouse, the modes. After Ctrl-Z as after `fg`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import servers
from load_client import Message
from terminal import Terminal

from faults import Found
from faults.half_request import HalfRequest
from faults.screen import Screen
from faults.station import SCREEN_S, post

PROMISE = "it ends in time and in order, whatever ends it"
LONG, SHORT = 50, 1
ENDS_S = 6.0
PATIENCE_S = 30.0
EARLY = 0.2
"""In so many of the cases the signal comes while the program still starts."""
TERM, INT, HUP, CLOSED, TMUX = "SIGTERM", "SIGINT", "SIGHUP", "a closed terminal", "a killed tmux"
_KEYS = (b"", b"\r", b"/status:", b"?", b"2", b"4", b"\x10")
_PAIRED = {
    "the screen before": (b"\x1b[?1049h", b"\x1b[?1049l"),
    "the cursor": (b"\x1b[?25l", b"\x1b[?25h"),
    "the mouse": (b"\x1b[?1000h", b"\x1b[?1000l"),
    "all of the mouse": (b"\x1b[?1003h", b"\x1b[?1003l"),
    "the mouse's words": (b"\x1b[?1006h", b"\x1b[?1006l"),
    "focus": (b"\x1b[?1004h", b"\x1b[?1004l"),
    "pasting": (b"\x1b[?2004h", b"\x1b[?2004l"),
}


@dataclass
class Seen:
    """What all the endings together showed."""

    promised: Counter[Message] = field(default_factory=Counter[Message])
    took_s: list[float] = field(default_factory=list[float])
    in_flight: int = 0


def not_restored(drawn: bytes) -> list[str]:
    """Say what a terminal that got these bytes has not got back."""
    names = [name for name, (on, off) in _PAIRED.items() if drawn.rfind(on) > drawn.rfind(off)]
    keys = re.findall(rb"\x1b\[(>\d+|<)u", drawn)
    return [*names, *(["the keys"] if keys and keys[-1] != b"<" else [])]


def _end_in_terminal(home: Path, how: str, rng: random.Random, seen: Seen, found: Found) -> None:
    database, port = home / "signals.db", servers.free_port()
    number = 1_000 + len(seen.took_s)
    command = [*servers.SERVE, "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, servers.environment(home)) as terminal:
        was = terminal.modes()
        half: HalfRequest | None = None
        if rng.random() < EARLY:
            terminal.first_byte()
            time.sleep(rng.uniform(0, 0.5))
        else:
            terminal.wait_for(b"Messages", 0, PATIENCE_S)
            post(port, 997)  # from now on it receives
            half = HalfRequest(port, number)
            terminal.send(rng.choice(_KEYS))
            time.sleep(rng.uniform(0, 0.6))
        began = time.perf_counter()
        if how == CLOSED:
            terminal.hang_up()
        else:
            terminal.process.send_signal(getattr(signal, how))
        if half is not None:
            seen.in_flight += 1
            status = half.finish()
            found.expect(status == 200, f"{how}: the request in flight was answered {status}")
            seen.promised["webcom", str(number)] += status == 200
        code = _exit_code(terminal.process)
        seen.took_s.append(time.perf_counter() - began)
        if seen.took_s[-1] > 1.5:
            print(
                f"  {how}{' at its start' if half is None else ''}: {seen.took_s[-1]:.2f} s, process {terminal.process.pid}",
                flush=True,
            )
        found.expect(code == 0, f"{how}: exit code {code} after {seen.took_s[-1]:.1f} s")
        if how != CLOSED:
            drawn = terminal.all_of_it()
            broken = not_restored(drawn) + (["its modes"] if terminal.modes() != was else [])
            found.expect(not broken, f"{how}: the terminal has not got back {broken}")
            found.expect(b"Traceback" not in drawn, f"{how}: a traceback")


def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        return None


def _end_with_tmux(home: Path, rng: random.Random, seen: Seen, found: Found) -> None:
    database, port = home / "signals.db", servers.free_port()
    number = 1_000 + len(seen.took_s)
    tmux = ["tmux", "-L", f"smswatch-{os.getpid()}", "-f", os.devnull]
    command = [*servers.SERVE, "watch", "--db", str(database), "--port", str(port)]
    env = {**servers.environment(home), "TMUX_TMPDIR": str(home), "TERM": "xterm-256color"}
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "120", "-y", "40", *command], env=env, check=True, timeout=20
    )
    asked = [*tmux, "list-panes", "-F", "#{pane_pid}"]
    pid = int(subprocess.run(asked, env=env, check=True, capture_output=True, timeout=20).stdout)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while b"Messages" not in _pane(tmux, env) and time.monotonic() < deadline:
            time.sleep(0.05)
        post(port, 997)
        half = HalfRequest(port, number)
        time.sleep(rng.uniform(0, 0.6))
    finally:
        began = time.perf_counter()
        subprocess.run([*tmux, "kill-server"], env=env, check=False, timeout=20)
    seen.in_flight += 1
    status = half.finish()
    found.expect(status == 200, f"{TMUX}: the request in flight was answered {status}")
    seen.promised["webcom", str(number)] += status == 200
    while _is_there(pid) and time.perf_counter() - began < PATIENCE_S:
        time.sleep(0.02)
    seen.took_s.append(time.perf_counter() - began)
    found.expect(not _is_there(pid), f"{TMUX}: it goes on without a terminal")


def _pane(tmux: list[str], env: dict[str, str]) -> bytes:
    done = subprocess.run(
        [*tmux, "capture-pane", "-p"], env=env, check=False, capture_output=True, timeout=20
    )
    return done.stdout


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _stop_and_continue(home: Path, seen: Seen, found: Found) -> None:
    """Ctrl-Z as a shell's, and `fg`: meanwhile the terminal is the shell's, and what was sent is answered after."""
    database, port = home / "signals.db", servers.free_port()
    command = [*servers.SERVE, "watch", "--db", str(database), "--port", str(port)]
    with Terminal(command, servers.environment(home)) as terminal:
        screen = Screen(terminal)
        found.expect(screen.comes_to(lambda text: "Messages" in text, SCREEN_S), "stopped: never drawn")
        was, mark = terminal.modes(), terminal.mark()
        terminal.process.send_signal(signal.SIGTSTP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.wait_for(b"\x1b[?25h", mark, SCREEN_S)
        broken = not_restored(terminal.text_since(0))
        found.expect(not broken, f"stopped: the shell has not got back {broken}")
        found.expect(terminal.modes() != was, "stopped: the shell's terminal is still raw")
        half = HalfRequest(port, 999)
        terminal.process.send_signal(signal.SIGCONT)
        status = half.finish()
        found.expect(status == 200, f"continued: what waited was answered {status}")
        seen.promised["webcom", "999"] += status == 200
        found.expect(post(port, 998).status == 200, "continued: not answered")
        seen.promised["webcom", "998"] += 1
        drawn = screen.comes_to(lambda text: "998" in text and "Messages" in text, SCREEN_S)
        found.expect(drawn, "continued: the screen does not come back")
        found.expect(terminal.modes() == was, "continued: the terminal is not raw again")
        terminal.send(b"q")
        found.expect(_exit_code(terminal.process) == 0, "continued: q does not end it")
        broken = not_restored(terminal.all_of_it())
        found.expect(not broken, f"continued and ended: not got back {broken}")


def run(runs: int, seed: int) -> Found:
    """End it in every way so many times, each at a random moment."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    found, seen = Found(), Seen()
    kinds = [TERM, INT, HUP, CLOSED, *([TMUX] if shutil.which("tmux") else [])]
    stops = max(1, runs // 5)
    with tempfile.TemporaryDirectory(prefix="smswatch-signals-") as folder:
        home = Path(folder)
        for cycle in range(runs):
            for how in kinds:
                if how == TMUX:
                    _end_with_tmux(home, rng, seen, found)
                else:
                    _end_in_terminal(home, how, rng, seen, found)
            print(f"{cycle + 1}: at most {max(seen.took_s):.2f} s to the end", flush=True)
        for _ in range(stops):
            _stop_and_continue(home, seen, found)
        gone = servers.missing(home / "signals.db", seen.promised)
    found.expect(not gone, f"{len(gone)} acknowledged are missing")
    found.expect(max(seen.took_s) < ENDS_S or runs == SHORT, f"{max(seen.took_s):.1f} s to the end")
    found.summary = (
        f"{', '.join(kinds)}: {runs} times each at random moments, {seen.in_flight} requests in flight all answered,"
        f" {len(gone)} missing; {sorted(seen.took_s)[len(seen.took_s) // 2]:.2f} s to the end in the middle,"
        f" {max(seen.took_s):.2f} s at most; the terminal as it was; Ctrl-Z and back {stops} times"
    )
    return found

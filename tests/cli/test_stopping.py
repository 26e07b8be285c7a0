from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from program import DEADLINE_S

HANGS = """
import sys, threading
from smswatch.cli.stopping import Stop
stop = Stop(takes_at_most_s={seconds})
print("ready", flush=True)
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""
LOADS = """
import signal
from smswatch.cli.loading import without_a_word
with without_a_word():
    print("ready", flush=True)
    signal.pause()
"""


@contextmanager
def running(script: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script of Python's, which has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_program_that_hangs_ends_all_the_same(number: signal.Signals) -> None:
    with running(HANGS.format(seconds=0.05)) as process:
        process.send_signal(number)
        assert process.wait(DEADLINE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once_a_program_that_hangs(number: signal.Signals) -> None:
    with running(HANGS.format(seconds=2 * DEADLINE_S)) as process:
        code: int | None = None
        while code is None:
            # Two that come together may be one.
            process.send_signal(number)
            try:
                code = process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        assert code == 128 + number


def test_sigquit_ends_at_once_a_program_that_hangs() -> None:
    with running(HANGS.format(seconds=2 * DEADLINE_S)) as process:
        process.send_signal(signal.SIGQUIT)
        assert process.wait(DEADLINE_S) == 128 + signal.SIGQUIT


def test_a_terminal_that_goes_may_say_so_twice() -> None:
    with running(HANGS.format(seconds=2 * DEADLINE_S)) as process:
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(signal.SIGQUIT)
        assert process.wait(DEADLINE_S) == 128 + signal.SIGQUIT


def test_ctrl_c_while_it_loads_ends_it_without_a_word() -> None:
    with running(LOADS) as process:
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=DEADLINE_S) == ("", "")
        assert process.returncode == -signal.SIGINT

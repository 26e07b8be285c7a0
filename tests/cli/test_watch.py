from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import Terminal, in_terminal, post, run, serving

WEBCOM = b'[{"id_sms":"77003234","time":"2019-05-1 15:18:20","state":"deliver"}]'
ALTERNATE_SCREEN = b"\x1b[?1049h"
NORMAL_SCREEN = b"\x1b[?1049l"


@pytest.fixture
def port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
        return number


def left(terminal: Terminal) -> str:
    """Return what stands on the terminal after the dashboard has gone."""
    assert ALTERNATE_SCREEN in terminal.drawn
    before, _, after = terminal.drawn.rpartition(NORMAL_SCREEN)
    assert ALTERNATE_SCREEN in before
    return re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]", b"", after).decode()


def test_a_webhook_on_the_socket_is_a_row_on_the_screen(tmp_path: Path, port: int) -> None:
    with in_terminal(tmp_path, "--port", str(port)) as terminal:
        terminal.wait_for("Messages")
        assert post(f"http://127.0.0.1:{port}/webhooks/webcom", WEBCOM)[0] == 200
        terminal.wait_for("77003234")
        terminal.type("q")
        assert terminal.wait() == 0
        assert str(tmp_path / "data" / "smswatch" / "smswatch.db") in left(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path, port: int, number: int) -> None:
    with in_terminal(tmp_path, "watch", "--port", str(port)) as terminal:
        terminal.wait_for("Messages")
        began = time.monotonic()
        os.kill(terminal.process.pid, number)
        assert terminal.wait() == 0
        assert time.monotonic() - began < 6
        assert "Traceback" not in left(terminal)


@pytest.mark.parametrize("says_so", [True, False])
def test_a_terminal_that_goes_away_ends_it(tmp_path: Path, port: int, says_so: bool) -> None:
    with in_terminal(tmp_path, "watch", "--port", str(port)) as terminal:
        terminal.wait_for("Messages")
        terminal.hang_up(says_so=says_so)
        assert terminal.process.wait(10) == 0


@pytest.mark.parametrize("says_so", [True, False])
def test_with_keep_listening_it_outlives_its_terminal(tmp_path: Path, port: int, says_so: bool) -> None:
    with in_terminal(tmp_path, "watch", "--port", str(port), "--keep-listening") as terminal:
        terminal.wait_for("Messages")
        terminal.hang_up(says_so=says_so)
        with pytest.raises(subprocess.TimeoutExpired):
            terminal.process.wait(7)  # longer than the six seconds in which it would have ended
        assert post(f"http://127.0.0.1:{port}/webhooks/webcom", WEBCOM)[0] == 200
        began = time.monotonic()
        terminal.process.terminate()
        assert terminal.process.wait(10) == 0
        assert time.monotonic() - began < 6


def test_keep_listening_does_not_keep_q_from_ending_it(tmp_path: Path, port: int) -> None:
    with in_terminal(tmp_path, "watch", "--port", str(port), "--keep-listening") as terminal:
        terminal.wait_for("Messages")
        terminal.type("q")
        assert terminal.wait() == 0


def test_a_signal_while_it_starts_ends_it_in_order(tmp_path: Path, port: int) -> None:
    with in_terminal(tmp_path, "watch", "--port", str(port)) as terminal:
        wait_for_listener(port)
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.drawn


def wait_for_listener(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            assert time.monotonic() < until


def test_beside_a_listener_it_is_a_viewer_and_says_so(tmp_path: Path, port: int) -> None:
    with (
        serving(tmp_path) as (process, url),
        in_terminal(tmp_path, "--port", str(port), "--open") as terminal,
    ):
        terminal.wait_for(str(process.pid))
        terminal.wait_for("--port and --open are ignored until it takes over")
        terminal.wait_for("Messages")
        post(f"{url}/webhooks/webcom", WEBCOM)
        terminal.wait_for("77003234")
        terminal.type("q")
        assert terminal.wait() == 0


def test_a_busy_port_is_a_sentence_before_the_screen_is_touched(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        taken = url.rpartition(":")[2]
        with in_terminal(tmp_path, "--db", str(tmp_path / "other.db"), "--port", taken) as terminal:
            assert terminal.wait() == 1
        assert f"port {taken} is already in use".encode() in terminal.drawn
        assert b"\x1b" not in terminal.drawn


SCREEN_THAT_FAILS = """
import sys
from smswatch.cli import main
from smswatch.tui.help_screen import HelpScreen

def fail(screen):
    text, key = "Da, confirm", "+37060012399"
    raise ValueError(f"{text} of {key}")

HelpScreen.compose = fail
main()
"""


def test_a_screen_that_fails_never_stops_the_listener_and_tells_nothing_of_what_it_showed(
    tmp_path: Path, port: int
) -> None:
    url = f"http://127.0.0.1:{port}/webhooks/webcom"
    program = [sys.executable, "-c", SCREEN_THAT_FAILS]
    with in_terminal(tmp_path, "watch", "--port", str(port), program=program) as terminal:
        terminal.wait_for("Messages")
        for again in (1, 2):
            terminal.type("?")
            terminal.wait_on_dashboard(again + 1, "started anew")
            assert post(url, WEBCOM.replace(b"3234", b"%d" % again))[0] == 200
        terminal.type("?")
        terminal.wait_for("failed 3 times (ValueError in")
        assert post(url, WEBCOM.replace(b"3234", b"3"))[0] == 200
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.wait() == 1
        assert "webhooks are still received" in left(terminal)
    log = (tmp_path / "data" / "smswatch" / "smswatch.log").read_text()
    assert "the dashboard failed: ValueError" in log
    for told in (terminal.drawn, log.encode()):
        assert b"confirm" not in told
        assert b"37060012399" not in told
    assert len(run(tmp_path, "messages").stdout.splitlines()) == 3


def test_the_demo_says_that_it_takes_no_database_and_no_port(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    with in_terminal(tmp_path, "--port", "7670", "demo", "--db", str(kept)) as terminal:
        terminal.wait_for("so --port and --db are ignored")
        terminal.wait_for("Messages")
        terminal.type("q")
        assert terminal.wait() == 0
    assert not kept.exists()


def test_the_demo_shows_rows_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with in_terminal(tmp_path, "demo", "--seed", "1", TMPDIR=str(tmp_path)) as terminal:
        terminal.wait_for("delivered")
        terminal.type("q")
        assert terminal.wait() == 0
        assert "seed 1" in left(terminal)
    assert not list(tmp_path.glob("smswatch-demo-*"))
    assert run(tmp_path, "messages").stdout == ""

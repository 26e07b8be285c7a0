from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyte
from program import DEADLINE_S, Terminal, in_terminal, post, run

UNREAD_S = 3.0
LIST_HAS_FOCUS = "Enter Detail"
"""In the line of keys: the dashboard has started, and takes keys as it goes on to do."""
ENTER, ESCAPE = "\r", "\x1b"
# What pyte does not know and would print.
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")
UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<>=$ ]*|\][^\x07\x1b]*)?\Z")


class Screen:
    """What a person sees of a terminal."""

    def __init__(self, terminal: Terminal, columns: int = 120, lines: int = 40) -> None:
        self.terminal = terminal
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def look(self) -> str:
        """Return what is seen now."""
        self._draw()
        return self.text

    def wait_until(self, holds: Callable[[str], bool]) -> str:
        """Read until what is seen is as wished; return it."""
        until = time.monotonic() + DEADLINE_S
        while True:
            self._draw()
            if holds(self.text):
                return self.text
            assert time.monotonic() < until, f"never seen; last:\n{self.text}"
            assert self.terminal._read(0.2) or self.terminal.process.poll() is None, self.text

    def wait_for(self, *texts: str) -> str:
        return self.wait_until(lambda seen: all(text in seen for text in texts))

    def url(self) -> str:
        """Return the address in the header, once it is there."""
        header = re.compile(r" smswatch  (http://127\.0\.0\.1:\d+) ")
        found = header.match(self.wait_until(lambda seen: header.match(seen) is not None))
        assert found
        return found[1]

    def lose_and_resize(self) -> None:
        """Be so small for a moment that everything is lost, and then as large as at first; it is told of the latter."""
        self.look()
        self._screen.reset()
        self.terminal.resize(120, 40)

    def _draw(self) -> None:
        while self.terminal._read(0):
            pass
        new = self.terminal.drawn[self._fed :]
        rest = UNFINISHED.search(new)
        whole = new[: rest.start()] if rest else new
        self._fed += len(whole)
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", whole))


@contextmanager
def watching(home: Path, *arguments: str) -> Iterator[Screen]:
    """Run the dashboard on a database in `home`."""
    database = str(home / "watched.db")
    with in_terminal(home, "watch", "--port", "0", "--db", database, *arguments) as terminal:
        yield Screen(terminal)


def report(message_id: str, state: str = "deliver") -> bytes:
    return json.dumps([{"id_sms": message_id, "time": "2026-11-20 12:00:00", "state": state}]).encode()


def failed(message_id: str) -> bytes:
    fields = {"sms_id": message_id, "status_id": 9, "status_message": f"broken {message_id}", "sim": 0}
    return json.dumps(
        {**fields, "sendto": "+40722334455", "senttime": "2026-11-20 12:00:00", "device_id": 7}
    ).encode()


def quit_and_wait(screen: Screen) -> bytes:
    """Press q; return all that was drawn."""
    screen.terminal.type("q")
    assert screen.terminal.wait() == 0
    return screen.terminal.drawn


def test_bytes_on_the_socket_are_text_on_the_screen(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        assert post(f"{url}/webhooks/webcom", report("77001")) == (200, b'[{"id_sms":"77001"}]')
        seen = screen.wait_for("77001", "Messages 1")
        (row,) = [line for line in seen.splitlines() if "77001" in line and "delivered" in line]
        assert "webcom" in row
        assert post(f"{url}/webhooks/smsgateway24", failed("77002"))[0] == 200
        seen = screen.wait_for("77002", "Messages 2")
        lines = seen.splitlines()
        places = {
            name: next(i for i, line in enumerate(lines) if name in line) for name in ("77001", "77002")
        }
        assert places["77002"] < places["77001"]
        assert "+40 722 334 455" in seen
        drawn = quit_and_wait(screen).decode(errors="replace")
        assert "Traceback" not in drawn
        assert "\N{SYMBOL FOR ESCAPE}" not in drawn, (
            "the driver took a sequence of Textual's for a stranger's"
        )


def test_a_filter_typed_in_one_go_filters_and_escape_clears_it(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        post(f"{url}/webhooks/webcom", report("77001"))
        post(f"{url}/webhooks/smsgateway24", failed("77002"))
        screen.wait_for("77001", "77002", LIST_HAS_FOCUS)
        screen.terminal.type("/status:failed")
        screen.wait_until(lambda seen: "status:failed" in seen and "77002" in seen and "77001" not in seen)
        screen.terminal.type(ENTER)
        post(f"{url}/webhooks/webcom", report("77003"))
        post(f"{url}/webhooks/smsgateway24", failed("77004"))
        screen.wait_until(lambda seen: "77004" in seen and "77003" not in seen and "77001" not in seen)
        screen.terminal.type(ESCAPE)
        screen.wait_for("77001", "77002", "77003", "77004")
        quit_and_wait(screen)


def test_the_filter_is_applied_as_it_is_typed_and_discarded_by_escape(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        post(f"{url}/webhooks/webcom", report("77001"))
        post(f"{url}/webhooks/webcom", report("77/02"))
        screen.wait_for("77001", "77/02", LIST_HAS_FOCUS)
        screen.terminal.type("/77001")
        screen.wait_until(lambda seen: "✓ 1 of 2" in seen and "77/02" not in seen)
        screen.terminal.type("\x7f" * 3 + "/0")
        screen.wait_until(lambda seen: "/ 77/0 " in seen and "✓ 1 of 2" in seen and "77001" not in seen)
        screen.terminal.type(ESCAPE)
        screen.wait_for("77001", "77/02", "all 2 messages")
        screen.terminal.type("/status:nons")
        screen.wait_for("/ status:nons", "✗ no status is called nons")
        screen.terminal.type(ESCAPE)
        # Not before Esc was obeyed: what follows it too soon is, to a terminal, Alt and a letter.
        screen.wait_until(lambda seen: "77001" in seen and "77/02" in seen and "status:nons" not in seen)
        quit_and_wait(screen)


def test_enter_opens_the_detail_and_escape_goes_back(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        for state in ("send", "deliver", "deliver"):
            post(f"{url}/webhooks/webcom", report("77009", state))
        screen.wait_for("77009", "delivered", LIST_HAS_FOCUS)
        before = screen.text.count("77009")
        screen.terminal.type(ENTER)
        seen = screen.wait_until(
            lambda seen: (
                seen.count("77009") > before and re.search(r"2026-11-20.* \d\d:00:00", seen) is not None
            )
        )
        assert "deliver" in seen
        screen.terminal.type(ESCAPE)
        screen.wait_until(lambda seen: seen.count("77009") == before)
        quit_and_wait(screen)


def test_one_to_four_are_the_screens(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        post(f"{url}/webhooks/webcom", report("77001"))
        post(
            f"{url}/webhooks/smso",
            b"sender[number]=%2B40722334455&body=Da%2C+confirm&received_at=2026-11-20+12%3A35%3A00",
        )
        post(f"{url}/webhooks/webcom", b"{broken")
        screen.wait_for("77001", "Messages 1", "Inbound 1", "Requests 3", LIST_HAS_FOCUS)
        screen.terminal.type("2")
        screen.wait_for("Da, confirm", "+40 722 334 455")
        screen.terminal.type("3")
        screen.wait_for("unreadable", "400", "stored", "200")
        screen.terminal.type("4")
        key = (tmp_path / "data" / "smswatch" / "access-key").read_text().strip()
        screen.wait_for("/webhooks/smso", key)
        screen.terminal.type("1")
        screen.wait_until(lambda seen: "77001" in seen and "delivered" in seen and key not in seen)
        quit_and_wait(screen)


def test_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        was = termios.tcgetattr(screen.terminal._leader)
        screen.url()
        raw = termios.tcgetattr(screen.terminal._leader)
        assert raw[3] & termios.ECHO == 0
        drawn = quit_and_wait(screen)
        assert drawn.rfind(b"\x1b[?1049l") > drawn.rfind(b"\x1b[?1049h") > -1
        assert drawn.rfind(b"\x1b[?25h") > drawn.rfind(b"\x1b[?25l") > -1
        for mode in (b"1000", b"1003", b"1006", b"2004"):
            assert drawn.rfind(b"\x1b[?" + mode + b"l") >= drawn.rfind(b"\x1b[?" + mode + b"h")
        now = termios.tcgetattr(screen.terminal._leader)
    assert now[:4] == was[:4]
    assert run(tmp_path, "messages", "--db", str(tmp_path / "watched.db")).returncode == 0


def test_a_second_one_is_a_viewer_that_takes_over_when_the_first_has_gone(tmp_path: Path) -> None:
    with watching(tmp_path) as first:
        url = first.url()
        with watching(tmp_path) as second:
            second.wait_for(f"process {first.terminal.process.pid} listens")
            post(f"{url}/webhooks/webcom", report("77001"))
            first.wait_for("77001")
            second.wait_for("77001")
            quit_and_wait(first)
            second.wait_for("nobody listens", "77001")
            second.terminal.type("L")
            again = second.url()
            assert post(f"{again}/webhooks/webcom", report("77002"))[0] == 200
            second.wait_for("77001", "77002")
            quit_and_wait(second)


def test_a_viewer_stays_when_the_listener_is_killed(tmp_path: Path) -> None:
    with watching(tmp_path) as first:
        url = first.url()
        with watching(tmp_path) as second:
            post(f"{url}/webhooks/webcom", report("77001"))
            second.wait_for("77001", "viewer")
            first.terminal.process.kill()
            second.wait_for("nobody listens", "77001")
            quit_and_wait(second)


def test_a_terminal_that_nobody_reads_keeps_no_webhook_waiting(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        began = time.monotonic()
        count, slowest = 0, 0.0
        while count < 100 or time.monotonic() - began < UNREAD_S:
            asked = time.monotonic()
            state = ("send", "deliver", "expired", "read")[count % 4]
            assert post(f"{url}/webhooks/webcom", report(f"88{count:05}", state))[0] == 200
            slowest = max(slowest, time.monotonic() - asked)
            count += 1
        assert slowest < 5
        screen.wait_for(f"88{count - 1:05}", f"Messages {count:,}")
        quit_and_wait(screen)


def test_a_terminal_that_is_never_read_again_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        for count in range(60):
            post(f"{url}/webhooks/webcom", report(f"88{count:05}"))
        screen.terminal.process.send_signal(signal.SIGTERM)
        assert screen.terminal.process.wait(10) == 0
    assert run(tmp_path, "messages", "--db", str(tmp_path / "watched.db")).stdout.count("\n") == 60


def test_what_a_stranger_sends_never_steers_the_terminal(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        hostile = "\x1b]0;pwned\x07\x1b[2J\x9b31m [bold red]\u202e\r\n"
        post(f"{url}/webhooks/webcom", report(f"77001{hostile}", hostile))
        post(f"{url}/webhooks/webcom", hostile.encode())
        screen.wait_for("77001", LIST_HAS_FOCUS)
        screen.terminal.type(ENTER)
        screen.wait_for("[bold red]")
        screen.terminal.type(ESCAPE)
        screen.wait_until(lambda seen: "[bold red]" not in seen)
        screen.terminal.type("3")
        screen.wait_for("unreadable")
        drawn = quit_and_wait(screen)
    assert b"\x1b]0;pwned" not in drawn
    assert b"\x1b[2J\x9b" not in drawn
    assert "\u202e".encode() not in drawn


def test_ctrl_c_leaves_it_usable(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        screen.terminal.type("\x03")
        assert post(f"{url}/webhooks/webcom", report("77001"))[0] == 200
        screen.wait_for("77001")
        quit_and_wait(screen)


def test_ctrl_z_stops_it_and_it_comes_back(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        url = screen.url()
        screen.wait_for("Quit")
        screen.terminal.type("\x1a")
        has_stopped(screen)
        screen.terminal.process.send_signal(signal.SIGCONT)
        assert post(f"{url}/webhooks/webcom", report("77001"))[0] == 200
        screen.wait_for("77001")
        quit_and_wait(screen)


def has_stopped(screen: Screen) -> None:
    """Wait until the process stands still, and read what it draws until then."""
    until = time.monotonic() + DEADLINE_S
    while os.waitid(os.P_PID, screen.terminal.process.pid, os.WSTOPPED | os.WNOHANG) is None:
        assert time.monotonic() < until, "it never stops"
        screen.terminal._read(0.1)


def test_a_stop_that_asks_nobody_leaves_the_terminal_as_it_was_in_the_end(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        was = termios.tcgetattr(screen.terminal._leader)
        url = screen.url()
        screen.wait_for("Quit")
        screen.terminal.process.send_signal(signal.SIGSTOP)
        has_stopped(screen)
        screen.terminal.process.send_signal(signal.SIGCONT)
        assert post(f"{url}/webhooks/webcom", report("77001"))[0] == 200
        screen.wait_for("77001", LIST_HAS_FOCUS)
        drawn = quit_and_wait(screen)
        assert termios.tcgetattr(screen.terminal._leader) == was
        assert drawn.count(b"\x1b[<u") == len(re.findall(rb"\x1b\[>\d+u", drawn))


def test_a_signal_while_it_stands_still_ends_it_when_it_goes_on(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        was = termios.tcgetattr(screen.terminal._leader)
        screen.url()
        screen.wait_for("Quit")
        screen.terminal.type("\x1a")
        has_stopped(screen)
        screen.terminal.process.send_signal(signal.SIGTERM)
        screen.terminal.process.send_signal(signal.SIGCONT)
        assert screen.terminal.wait() == 0
        assert termios.tcgetattr(screen.terminal._leader) == was


ODD_SIZES = ((1, 1), (500, 200), (0, 0), (1, 200), (500, 1), (3, 2))


def at_rest(seen: str) -> str:
    """Return a screen without its port, and without the rate beside it."""
    header, *rest = seen.splitlines()
    return "\n".join([header.partition(":")[0], *rest])


def test_a_storm_of_resizes_leaves_what_a_fresh_dashboard_shows(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 - repeatable dice, nothing secret
    database, copy = tmp_path / "watched.db", tmp_path / "fresh" / "watched.db"
    with watching(tmp_path) as screen:
        url = screen.url()
        for step in range(100):
            odd = dice.random() < 0.3
            columns, lines = dice.choice(ODD_SIZES) if odd else (dice.randint(1, 200), dice.randint(1, 80))
            screen.terminal.resize(columns, lines)
            assert post(f"{url}/webhooks/webcom", report(f"88{step:05}"))[0] == 200
        screen.lose_and_resize()
        copy.parent.mkdir()
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as into:
            source.backup(into)
        with watching(copy.parent) as fresh:
            fresh.wait_for("8800099", LIST_HAS_FOCUS)
            screen.wait_until(lambda seen: at_rest(seen) == at_rest(fresh.look()))
            quit_and_wait(fresh)
        quit_and_wait(screen)


def test_a_terminal_that_was_small_for_a_moment_shows_everything_again(tmp_path: Path) -> None:
    with watching(tmp_path) as screen:
        post(f"{screen.url()}/webhooks/webcom", report("77001"))
        before = screen.wait_for("77001", "Messages 1", LIST_HAS_FOCUS)
        screen.lose_and_resize()
        screen.wait_until(lambda seen: at_rest(seen) == at_rest(before))
        quit_and_wait(screen)

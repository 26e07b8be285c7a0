from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from program import DEADLINE_S, command, environment, post, run, serving, stop

WEBCOM = b'[{"id_sms":"3234","time":"2019-05-1 15:18:20","state":"deliver"}]'
INBOUND = (
    b"sender[number]=40722334455&body=Da%2C+confirm&received_at=2026-11-20+12%3A35%3A00&replied_to=8a5d2f89"
)


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


def test_serve_prints_each_event_once_it_is_stored(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert post(f"{url}/webhooks/webcom", WEBCOM) == (200, b'[{"id_sms":"3234"}]')
        (line,) = lines(process, 1)
        assert "webcom 3234 delivered (deliver)" in line
        post(f"{url}/webhooks/smso", INBOUND)
        (line,) = lines(process, 1)
        assert "inbound" in line
        assert "Da, confirm" in line
        post(f"{url}/webhooks/webcom", b"{\x1b]0;title\x07")
        (line,) = lines(process, 1)
        assert "unreadable" in line
        assert "\x1b" not in line
        assert stop(process) == 0


def test_serve_json_is_a_timeline_entry_a_line(tmp_path: Path) -> None:
    with serving(tmp_path, "--json") as (process, url):
        for _ in range(2):
            post(f"{url}/webhooks/webcom", WEBCOM)
        post(f"{url}/webhooks/smso", INBOUND)
        post(f"{url}/webhooks/webcom", b"{")
        first, second, inbound, unreadable = map(json.loads, lines(process, 4))
    assert (first["kind"], first["provider"], first["message_id"]) == ("status", "webcom", "3234")
    assert (first["status"], first["times_received"], second["times_received"]) == ("delivered", 1, 2)
    assert {"occurred_at", "zone", "arrived_at", "flags", "request_id", "channel"} <= first.keys()
    assert (inbound["kind"], inbound["provider"], inbound["body"]) == ("inbound", "smso", "Da, confirm")
    assert (unreadable["kind"], unreadable["message_id"]) == ("unreadable", None)


def test_a_signal_while_the_database_is_locked_is_answered_503_and_ends_it_in_time(tmp_path: Path) -> None:
    database = tmp_path / "locked.db"
    with serving(tmp_path, "--db", str(database)) as (process, url):
        post(f"{url}/webhooks/webcom", WEBCOM)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            port = int(url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as waits:
                head = (
                    "POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
                    f"Content-Length: {len(WEBCOM)}\r\n\r\n"
                )
                waits.sendall(head.encode())
                # Now it is in the listener's hands, and no longer in the system's.
                assert waits.recv(65536).startswith(b"HTTP/1.1 100 ")
                waits.sendall(WEBCOM)
                assert stop(process) == 0
                assert waits.recv(65536).startswith(b"HTTP/1.1 503 ")
            other.execute("ROLLBACK")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_serve_in_order(tmp_path: Path, number: int) -> None:
    with serving(tmp_path) as (process, _):
        began = time.monotonic()
        assert stop(process, number) == 0
        assert time.monotonic() - began < 6
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are told apart by Linux's numbers")
def test_a_signal_that_the_system_gives_to_another_thread_ends_it_too(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        threads = [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
        other = next(thread for thread in threads if thread != process.pid)
        assert ctypes.CDLL(None).tgkill(process.pid, other, int(signal.SIGTERM)) == 0
        assert process.wait(DEADLINE_S) == 0


def test_a_request_that_was_received_is_answered_though_a_signal_came(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
            head = (
                f"POST /webhooks/webcom HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(WEBCOM)}\r\n\r\n"
            )
            connection.sendall(head.encode() + WEBCOM[:5])
            # Answered on another connection, so this one is being read.
            post(f"{url}/webhooks/webcom", b"[]")
            process.send_signal(signal.SIGTERM)
            connection.sendall(WEBCOM[5:])
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert process.wait(DEADLINE_S) == 0
    assert json.loads(run(tmp_path, "messages").stdout)["message_id"] == "3234"


def test_nobody_reading_our_output_keeps_no_webhook_waiting_and_no_end(tmp_path: Path) -> None:
    batch = json.dumps(
        [{"id_sms": n, "time": "2019-05-01 15:18:20", "state": "deliver"} for n in range(3000)]
    )
    with serving(tmp_path) as (process, url):
        for _ in range(8):
            assert post(f"{url}/webhooks/webcom", batch.encode())[0] == 200
        began = time.monotonic()
        assert stop(process) == 0
        assert time.monotonic() - began < 6


def test_a_reader_that_goes_away_does_not_end_serve(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert process.stdout is not None
        process.stdout.close()
        for _ in range(3):
            assert post(f"{url}/webhooks/webcom", WEBCOM)[0] == 200
        assert stop(process) == 0


def test_serve_without_standard_output_writes_into_no_other_file(tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"exec {sys.executable} -m smswatch serve --port 0 >&-"],
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1]
        assert post(f"{url}/webhooks/webcom", WEBCOM)[0] == 200
        assert stop(process) == 0
    assert json.loads(run(tmp_path, "messages").stdout)["message_id"] == "3234"


def test_a_second_serve_names_the_first(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        second = run(tmp_path, "serve", "--port", "0")
    assert second.returncode == 1
    assert str(process.pid) in second.stderr
    assert second.stderr.count("\n") == 1


def test_serve_on_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        port = url.rpartition(":")[2]
        second = run(tmp_path, "serve", "--port", port, "--db", str(tmp_path / "other.db"))
    assert second.returncode == 1
    assert second.stderr.startswith(f"smswatch: port {port} is already in use")
    assert second.stderr.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("other")] == []


def test_serve_on_a_file_that_is_no_database_is_one_sentence_and_leaves_it_alone(tmp_path: Path) -> None:
    notes = tmp_path / "README.md"
    notes.write_text("# Notes\n")
    notes.chmod(0o644)
    done = run(tmp_path, "serve", "--port", "0", "--db", str(notes))
    assert done.returncode == 1
    assert (
        done.stderr
        == f"smswatch: {notes} is not a database and was left as it is; choose another file with --db\n"
    )
    assert (notes.read_text(), notes.stat().st_mode & 0o777) == ("# Notes\n", 0o644)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("README")] == ["README.md"]


def test_options_may_stand_before_the_command(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("--db", str(tmp_path / "mine.db"), "--port", "0", "serve"),
        env=environment(tmp_path, SMSWATCH_PORT="1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("listening on http://127.0.0.1:")
        assert stop(process) == 0
    assert stat.S_IMODE((tmp_path / "mine.db").stat().st_mode) == 0o600


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        for number in range(50):
            post(f"{url}/webhooks/webcom", WEBCOM.replace(b"3234", str(number).encode()))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
    with serving(tmp_path):
        kept = [json.loads(line)["message_id"] for line in run(tmp_path, "messages").stdout.splitlines()]
    assert sorted(kept, key=int) == [str(number) for number in range(50)]


def test_tracking_while_serve_runs_is_handed_over(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        assert run(tmp_path, "track", "webcom", "3234", "--to", "+40722334455").returncode == 0
        post(f"{url}/webhooks/webcom", WEBCOM)
        assert json.loads(run(tmp_path, "messages").stdout)["number"] == "+40722334455"


def test_a_flood_of_connections_with_few_files_allowed_is_survived(tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"ulimit -n 200; exec {sys.executable} -m smswatch serve --port 0"],
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, contextlib.ExitStack() as stack:
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1]
        port = int(url.rpartition(":")[2])
        for _ in range(400):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S))
        began = time.monotonic()
        assert post(f"{url}/webhooks/webcom", WEBCOM)[0] == 200
        assert time.monotonic() - began < 10  # idle ones are closed after 15
        assert stop(process) == 0
    log = tmp_path / "data" / "smswatch" / "smswatch.log"
    assert not log.exists()


def test_many_reports_in_one_body_are_printed_in_their_place(tmp_path: Path) -> None:
    def body(first: int, count: int) -> bytes:
        return json.dumps([{"id_sms": first + n, "time": "", "state": "send"} for n in range(count)]).encode()

    with serving(tmp_path, "--json") as (process, url):
        for first, count in ((1, 1), (100, 200), (1000, 1)):
            post(f"{url}/webhooks/webcom", body(first, count))
        ids = [json.loads(line)["message_id"] for line in lines(process, 202)]
    assert ids == ["1", *(str(100 + n) for n in range(200)), "1000"]

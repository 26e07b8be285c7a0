from __future__ import annotations

import base64
import csv
import io
import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from program import DEADLINE_S, command, environment, in_terminal, post, run, serving

MESSAGE_KEYS = [
    "provider",
    "message_id",
    "number",
    "status",
    "final",
    "provider_status",
    "channel",
    "channels",
    "error_code",
    "error_text",
    "flags",
    "reports",
    "duplicates",
    "text",
    "label",
    "mcc",
    "mnc",
    "device",
    "sim",
    "first_seen_at",
    "last_seen_at",
    "delivered_at",
    "timeline",
]
TIMELINE_KEYS = [
    "status",
    "provider_status",
    "channel",
    "occurred_at",
    "zone",
    "arrived_at",
    "times_received",
    "flags",
    "request_id",
]
INBOUND_KEYS = [
    "provider",
    "message_id",
    "number",
    "body",
    "reply_to",
    "sent_at",
    "received_at",
    "zone",
    "arrived_at",
    "mcc",
    "mnc",
    "sim",
    "device",
    "times_received",
    "request_id",
]
REQUEST_KEYS = [
    "id",
    "arrived_at",
    "provider",
    "method",
    "path",
    "content_type",
    "size",
    "outcome",
    "problem",
    "answer_status",
    "answer_body",
    "body",
]

ODD_TEXT = 'Da 👍 ănțâ\n=1+1 "x" \x1b[31m\u202e\u2028'
EVERY_BYTE = bytes(range(256))
MANY = 6_000
FORMS = ("table", "json", "jsonl", "csv")
ARRIVAL = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def fill(url: str) -> None:
    webcom = f"{url}/webhooks/webcom"
    post(webcom, b'[{"id_sms":1,"time":"2019-05-01 15:18:20","state":"deliver"}]')
    post(webcom, b'[{"id_sms":1,"time":"","state":"send"}]')
    post(webcom, b'[{"id_sms":2,"time":"","state":"expired"}]')
    for status_id in (3, 9):
        failed = {"sms_id": 3, "status_id": status_id, "status_message": "Generic", "sendto": "+40722334455"}
        rest = {"senttime": "2026-11-20 12:00:00", "sim": 0, "device_id": 7}
        post(f"{url}/webhooks/smsgateway24", json.dumps(failed | rest).encode())
    post(
        f"{url}/webhooks/smso",
        f"sender[number]=%2B40722334455&body={quote_plus(ODD_TEXT)}&received_at=2026-11-20+12:35:00".encode(),
    )
    post(webcom, EVERY_BYTE, **{"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with three messages, one inbound SMS and seven requests, the last unreadable."""
    folder = tmp_path_factory.mktemp("lists")
    path = folder / "few.db"
    with serving(folder, "--db", str(path), stdout=subprocess.DEVNULL) as (process, url):
        fill(url)
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with more messages than a pipe, or a page, holds."""
    folder = tmp_path_factory.mktemp("large")
    path = folder / "many.db"
    with serving(folder, "--db", str(path), stdout=subprocess.DEVNULL) as (process, url):
        for start in range(0, MANY, 2_000):
            batch = [{"id_sms": start + n, "time": "", "state": "send"} for n in range(2_000)]
            assert post(f"{url}/webhooks/webcom", json.dumps(batch).encode())[0] == 200
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    return path


def listed(database: Path, *arguments: str) -> list[Any]:
    done = run(database.parent, *arguments, "--db", str(database))
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [("messages", MESSAGE_KEYS), ("inbound", INBOUND_KEYS), ("requests", REQUEST_KEYS)],
)
def test_keys_stand_as_scripts_expect_them_and_new_ones_come_last(
    database: Path, kind: str, keys: list[str]
) -> None:
    rows = listed(database, kind)
    assert rows
    for row in rows:
        assert list(row)[: len(keys)] == keys
        for step in row.get("timeline", ()):
            assert list(step)[: len(TIMELINE_KEYS)] == TIMELINE_KEYS


def test_a_message_is_told_as_documented(database: Path) -> None:
    (row,) = listed(database, "messages", "id:1")
    assert (row["provider"], row["message_id"], row["number"]) == ("webcom", "1", None)
    assert (row["status"], row["final"], row["provider_status"]) == ("delivered", False, "deliver")
    assert (row["channel"], row["channels"], row["flags"]) == (None, {}, ["out_of_order"])
    assert (row["reports"], row["duplicates"]) == (2, 0)
    delivered, sent = row["timeline"]
    assert (delivered["status"], delivered["zone"]) == ("delivered", "assumed")
    assert row["delivered_at"] == delivered["occurred_at"]
    assert re.fullmatch(r"2019-0[45]-\d\dT\d\d:18:20Z", row["delivered_at"])
    assert (sent["status"], sent["occurred_at"], sent["zone"]) == ("sent", None, None)
    assert sent["flags"] == ["out_of_order"]
    for key in ("first_seen_at", "last_seen_at"):
        assert re.fullmatch(ARRIVAL, row[key])
    assert row["first_seen_at"] == delivered["arrived_at"]
    assert row["last_seen_at"] == sent["arrived_at"]


def test_a_failure_tells_its_code_and_words(database: Path) -> None:
    (row,) = listed(database, "messages", "status:failed")
    assert (row["message_id"], row["number"], row["final"]) == ("3", "+40722334455", True)
    assert (row["error_code"], row["error_text"]) == ("9", "Generic")
    assert (row["sim"], row["device"]) == ("0", "7")


def test_texts_are_verbatim_in_json_and_escaped_elsewhere(database: Path) -> None:
    for form in ("json", "jsonl"):
        told = run(database.parent, "inbound", "--format", form, "--db", str(database)).stdout
        shown = told.strip().removeprefix("[").removesuffix("]")
        assert json.loads(shown)["body"] == ODD_TEXT
        assert not set(told) & set("\x1b\u202e\u2028")
        assert r"\u001b" in told
    (row,) = csv.DictReader(io.StringIO(run_form(database, "inbound", "csv")))
    assert not set(row["body"]) & set("\x1b\u202e\u2028\n")
    assert row["number"] == "'+40722334455"
    table = run_form(database, "inbound", "table")
    assert table.count("\n") == 2
    assert not set(table) & set("\x1b\u202e\u2028")


def run_form(database: Path, kind: str, form: str) -> str:
    done = run(database.parent, kind, "--format", form, "--db", str(database))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("kind", ["messages", "inbound", "requests"])
def test_every_format_has_the_same_rows(database: Path, kind: str) -> None:
    rows = json.loads(run_form(database, kind, "json"))
    assert [json.loads(line) for line in run_form(database, kind, "jsonl").splitlines()] == rows
    assert len(list(csv.DictReader(io.StringIO(run_form(database, kind, "csv"))))) == len(rows)
    assert len(run_form(database, kind, "table").splitlines()) == len(rows) + 1


def test_the_default_is_a_table_on_a_terminal_and_json_lines_elsewhere(database: Path) -> None:
    assert [row["message_id"] for row in listed(database, "messages")] == ["3", "2", "1"]
    with in_terminal(database.parent, "messages", "--db", str(database)) as terminal:
        assert terminal.wait() == 0
    lines = terminal.drawn.decode().splitlines()
    assert len(lines) == 4
    assert "status" in lines[0].lower()
    assert "delivered" in lines[3]
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        pytest.param(["-status:failed"], ["2", "1"], id="minus at the front"),
        pytest.param(["--limit", "5", "-status:failed"], ["2", "1"], id="after an option"),
        pytest.param(["-status:failed", "--limit", "1"], ["2"], id="before an option"),
        pytest.param(["-is:final"], [], id="is: negated"),
        pytest.param(["-is:final", "OR", "id:2"], ["2"], id="OR"),
        pytest.param(["is:open"], [], id="open"),
        pytest.param(["-has:reply", "-flags", "-status:failed"], ["2", "1"], id="several"),
        pytest.param(["status:bad"], ["3", "2"], id="every negative final"),
        pytest.param(["number:+40722*"], ["3"], id="number prefix"),
        pytest.param(["0722", "334", "455"], ["3"], id="a number in groups"),
        pytest.param(["error:9"], ["3"], id="error"),
        pytest.param(["is:out_of_order"], ["1"], id="flag"),
        pytest.param(["outcome:stored"], [], id="a term that this list lacks"),
        pytest.param(["after:1h"], ["3", "2", "1"], id="time"),
        pytest.param([""], ["3", "2", "1"], id="an empty filter"),
    ],
)
def test_all_other_arguments_are_one_filter(database: Path, terms: list[str], found: list[str]) -> None:
    assert [row["message_id"] for row in listed(database, "messages", *terms)] == found


def test_the_database_may_be_named_before_or_after_the_command_and_after_wins(
    database: Path, tmp_path: Path
) -> None:
    before = run(tmp_path, "--db", str(database), "messages")
    after = run(tmp_path, "messages", f"--db={database}")
    both = run(tmp_path, "--db", str(tmp_path / "none.db"), "messages", "--db", str(database))
    by_environment = run(tmp_path, "messages", env={"SMSWATCH_DB": str(database)})
    assert before.stdout == after.stdout == both.stdout == by_environment.stdout != ""


def test_a_configuration_file_names_the_database_from_its_own_folder(database: Path, tmp_path: Path) -> None:
    config = database.parent / "smswatch.toml"
    config.write_text(f'db = "{database.name}"\n')
    assert len(run(tmp_path, "--config", str(config), "messages").stdout.splitlines()) == 3
    config.write_text("dbb = 1\n")
    wrong = run(tmp_path, "messages", "--config", str(config))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == f"smswatch: {config}: unknown key `dbb`; did you mean `db`?\n"


@pytest.mark.parametrize("kind", ["messages", "inbound", "requests"])
@pytest.mark.parametrize(("form", "said"), [("jsonl", ""), ("json", "[]\n"), ("table", "")])
def test_no_match_is_nothing_and_0(database: Path, kind: str, form: str, said: str) -> None:
    done = run(database.parent, kind, "--format", form, "number:+99999", "--db", str(database))
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["messages", "number:+99999", "--db", "{}"], "Nothing matches the filter.", id="a filter"
        ),
        pytest.param(
            ["requests", "status:failed", "--db", "{}"], "requests have no status.", id="a term it lacks"
        ),
        pytest.param(
            ["messages", "number:0799", "--db", "{}"],
            "without default_region no country is added.",
            id="no region",
        ),
        pytest.param(["inbound", "--db", "{}.other"], ".other yet; `smswatch` makes it.", id="no database"),
    ],
)
def test_at_a_terminal_an_empty_list_says_why(database: Path, arguments: list[str], said: str) -> None:
    with in_terminal(database.parent, *(word.format(database) for word in arguments)) as terminal:
        assert terminal.wait() == 0
    assert said in " ".join(terminal.drawn.decode().split())


@pytest.mark.parametrize(
    ("terms", "position"),
    [
        (["status:nonsense"], 8),
        (["id:1", "status:nonsense"], 13),
        (["id:1", "OR", "-is:nonsense"], 13),
        (['text:"open'], 6),
        (["after:yesterdayish"], 7),
    ],
    ids=str,
)
def test_an_invalid_filter_is_2_with_the_position(tmp_path: Path, terms: list[str], position: int) -> None:
    done = run(tmp_path, "messages", *terms)
    assert (done.returncode, done.stdout) == (2, "")
    found = re.fullmatch(r"smswatch: .* \(at character (\d+) of the filter\)\n", done.stderr)
    assert found
    assert int(found[1]) == position


@pytest.mark.parametrize("content", [b"", None], ids=["no bytes", "being made"])
def test_a_database_that_is_only_just_made_is_nothing_yet(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "new.db"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    else:
        path.write_bytes(content)
    done = run(tmp_path, "messages", "--format", "json", "--db", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    shown = run(tmp_path, "show", "webcom", "1", "--db", str(path))
    assert (shown.returncode, shown.stderr) == (1, "smswatch: no callback about webcom 1 has arrived\n")


def test_show_as_json_is_the_message_and_its_requests(database: Path) -> None:
    (row,) = listed(database, "messages", "id:1")
    (shown,) = listed(database, "show", "webcom", "1", "--format", "json")
    requests = shown.pop("requests")
    assert list(shown)[: len(MESSAGE_KEYS)] == MESSAGE_KEYS
    assert {key: shown[key] for key in row} == row
    assert [list(request)[: len(REQUEST_KEYS)] for request in requests] == [REQUEST_KEYS] * 2
    assert [request["id"] for request in requests] == [step["request_id"] for step in row["timeline"]]


def test_raw_bodies_are_byte_for_byte(database: Path) -> None:
    (row,) = listed(database, "requests", "outcome:unreadable", "--raw")
    assert base64.b64decode(row["body_base64"], validate=True) == EVERY_BYTE
    assert "body" not in row
    (row,) = listed(database, "requests", "outcome:unreadable")
    assert row["body"] == EVERY_BYTE.decode(errors="replace")
    assert (row["size"], row["answer_status"], row["content_type"]) == (256, 400, "application/json")
    assert row["problem"]
    sheet = run(database.parent, "requests", "--raw", "--format", "csv", "--db", str(database)).stdout
    first = next(csv.DictReader(io.StringIO(sheet)))
    assert base64.b64decode(first["body"]) == EVERY_BYTE


def test_all_rows_are_listed_once_over_many_pages(large: Path) -> None:
    rows = listed(large, "messages", "--limit", "0")
    assert [int(row["message_id"]) for row in rows] == list(range(MANY - 1, -1, -1))
    assert len(listed(large, "messages")) == 100
    some = listed(large, "messages", "--limit", "1234", "-7")
    assert len(some) == 1234
    assert all("7" not in row["message_id"] for row in some)


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_has_seen_enough_is_no_error(large: Path, form: str) -> None:
    process = subprocess.Popen(
        command("messages", "--limit", "0", "--format", form, "--db", str(large)),
        env=environment(large.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert (process.wait(DEADLINE_S), process.stderr.read()) == (0, "")


@pytest.mark.parametrize("form", FORMS)
def test_an_output_that_is_not_utf_8_is_no_fault(database: Path, form: str) -> None:
    done = subprocess.run(
        command("inbound", "--format", form, "--db", str(database)),
        env=environment(database.parent, PYTHONIOENCODING="latin-1"),
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Da" in done.stdout
    if form.startswith("json"):
        assert json.loads(done.stdout.strip().strip(b"[]"))["body"] == ODD_TEXT


@pytest.mark.parametrize(
    "arguments",
    [
        ["messages"],
        ["requests"],
        ["inbound", "--limit"],
        ["messages", "--db"],
        ["messages", "--config"],
        ["show", "webcom"],
        ["track", "webcom", "1", "--to"],
        ["track", "--file"],
        ["urls", "--public-url"],
    ],
    ids=" ".join,
)
def test_arguments_that_are_not_text_are_never_a_fault(database: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [*map(str.encode, command(*arguments)), b"\xff\xfe"],
        env=environment(database.parent, SMSWATCH_DB=str(database)),
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode in {0, 1, 2}
    assert b"Traceback" not in done.stderr
    assert b"a fault of smswatch" not in done.stderr

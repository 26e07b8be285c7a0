from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from program import command, environment, in_terminal, post, run, serving

from smswatch.masking import mask_number
from smswatch.providers import all_providers

WEBCOM = b"""[{"id_sms":1,"time":"2019-05-1 15:18:20","state":"send"},{"id_sms":2,"time":"","state":"expired"},
 {"id_sms":3,"time":"2019-05-1 15:18:20","state":"deliver"}]"""
COMMANDS = [
    "watch",
    "serve",
    "demo",
    "messages",
    "inbound",
    "requests",
    "show",
    "track",
    "prune",
    "purge",
    "urls",
    "providers",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with three messages, one inbound SMS and one unreadable request."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, stdout=subprocess.DEVNULL) as (process, url):
        post(f"{url}/webhooks/webcom", WEBCOM)
        post(
            f"{url}/webhooks/smso", b"sender[number]=40722334455&body=Da&received_at=2026-11-20+12%3A35%3A00"
        )
        post(f"{url}/webhooks/webcom", b"\xff{\x1b[31m")
        process.terminate()
        assert process.wait(30) == 0
    return home


def ids(home: Path, *arguments: str) -> list[str]:
    done = run(home, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line)["message_id"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param(["messages"], ["3", "2", "1"], id="all, newest first"),
        pytest.param(["messages", "status:expired"], ["2"], id="a filter"),
        pytest.param(["messages", "-status:expired"], ["3", "1"], id="a negated filter is no option"),
        pytest.param(["messages", "-is:final"], ["1"], id="another"),
        pytest.param(["messages", "--limit", "1", "-status:expired"], ["3"], id="an option before a filter"),
        pytest.param(["messages", "-status:expired", "--limit=1"], ["3"], id="an option after a filter"),
        pytest.param(["messages", "id:1", "OR", "id:2"], ["2", "1"], id="arguments are joined"),
        pytest.param(["messages", "id:1 OR -is:open"], ["3", "2", "1"], id="one argument of many words"),
        pytest.param(["messages", "--", "-status:expired"], ["3", "1"], id="after two dashes"),
        pytest.param(["messages", "--limit", "0"], ["3", "2", "1"], id="no limit"),
        pytest.param(["messages", "--limit", "2"], ["3", "2"], id="a limit"),
        pytest.param(["messages", "status:read"], [], id="no match"),
        pytest.param(["--port", "1", "messages", "id:3"], ["3"], id="a listener's option before"),
        pytest.param(["inbound"], [None], id="inbound"),
        pytest.param(["inbound", "provider:webcom"], [], id="inbound, no match"),
    ],
)
def test_lists_are_filtered_by_what_follows_them(home: Path, arguments: list[str], found: list[str]) -> None:
    assert ids(home, *arguments) == found


def test_requests_are_shown_as_they_came(home: Path) -> None:
    done = run(home, "requests", "outcome:unreadable", "--format", "json", "--raw")
    (row,) = json.loads(done.stdout)
    assert (row["outcome"], row["answer_status"], row["path"]) == ("unreadable", 400, "/webhooks/webcom")
    assert row["body_base64"] == "/3sbWzMxbQ=="


def test_csv_has_a_header_and_table_is_safe_to_see(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(home, "messages", "--format", "csv").stdout)))
    assert [row["message_id"] for row in rows] == ["3", "2", "1"]
    shown = run(home, "requests", "--format", "table").stdout
    assert "unreadable" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("kind", ["messages", "inbound", "requests"])
def test_without_a_database_there_is_nothing_and_nothing_is_made(tmp_path: Path, kind: str) -> None:
    assert run(tmp_path, kind).stdout == ""
    done = run(tmp_path, kind, "--format", "json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    assert not list(tmp_path.iterdir())


def test_an_invalid_filter_says_where(tmp_path: Path) -> None:
    done = run(tmp_path, "messages", "id:1", "status:nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"smswatch: .*\(at character \d+ of the filter\)\n", done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["messages", "--nonsense"],
        ["messages", "--limit", "-1"],
        ["messages", "--limit"],
        ["messages", "--format", "xml"],
        ["show", "webcom"],
        ["track", "webcom", "1"],
        ["track", "webcom", "1", "--to", "1", "--file", "x"],
        ["urls", "--port", "http"],
        ["messages", "--config", "missing.toml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_never_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mesages"], "no command is called mesages; did you mean messages?"),
        (["help"], "no command is called help; there are watch, serve, demo,"),
        (["messages", "--json"], "no option is called --json; --format json does that"),
        (["messages", "--formt", "csv"], "--format"),
    ],
    ids=["command", "another command", "format", "option"],
)
def test_a_word_that_is_nearly_right_is_put_right(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_closed_pipe_is_no_error(home: Path) -> None:
    for form in ("table", "json", "jsonl", "csv"):
        process = subprocess.Popen(
            command("requests", "--format", form),
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert (process.wait(30), process.stderr.read()) == (0, "")


def test_a_full_disk_is_a_sentence(home: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as out:
        done = subprocess.run(
            command("messages"),
            env=environment(home),
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch("smswatch: .*No space left on device\n", done.stderr)


@pytest.mark.parametrize("kind", ["messages", "requests", "show webcom 1"])
def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.db").write_text("not a database, and long enough to be told from an empty one" * 20)
    done = run(tmp_path, *kind.split(), "--db", str(tmp_path / "x.db"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "x.db" in done.stderr


def test_show_tells_the_whole_story_of_a_message(home: Path) -> None:
    done = run(home, "show", "webcom", " 2 ")
    assert done.returncode == 0
    assert "expired" in done.stdout
    assert '"state":"expired"' in done.stdout
    shown = json.loads(run(home, "show", "webcom", "2", "--format", "json").stdout)
    assert shown["status"] == "expired"
    assert [request["provider"] for request in shown["requests"]] == ["webcom"]


def test_show_of_an_unknown_message_is_1(home: Path, tmp_path: Path) -> None:
    for place in (home, tmp_path):
        done = run(place, "show", "webcom", "\x1b[31m99")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert "\x1b" not in done.stderr


def test_show_takes_a_provider_in_capitals_and_says_which_there_are(home: Path) -> None:
    assert run(home, "show", "Webcom", "2").stdout.startswith("webcom 2\n")
    done = run(home, "show", "webkom", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "smswatch: no provider is called webkom; did you mean webcom?\n"
    assert f"there are {', '.join(all_providers())}" in run(home, "show", "\x1b[31m", "2").stderr


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("provider,message_id,to,text,label\nwebcom,7,+40722334455,Hi,x\n", id="CSV"),
        pytest.param(
            "\r\nprovider,message_id,to,text,label\r\nwebcom,7,+40722334455,Hi,x\r\n",
            id="CSV, blank line, CRLF",
        ),
        pytest.param(
            "\ufefflabel,to,message_id,provider,text\nx,+40722334455,7,webcom,Hi\n", id="other order, BOM"
        ),
        pytest.param(
            "provider;message_id;to;text;label\nWebcom;7;+40722334455;Hi;x\n", id="semicolons, a capital"
        ),
        pytest.param(
            "Provider, Message_ID, To, Text, Label\nwebcom, 7, +40722334455, Hi, x\n",
            id="blanks and capitals",
        ),
        pytest.param(
            "provider,message_id,to,text,label\nwebcom,7,+40722334455,Hi,x,,\n", id="empty cells at the end"
        ),
        pytest.param("provider\tmessage_id\tto\ttext\tlabel\nwebcom\t7\t+40722334455\tHi\tx\n", id="tabs"),
        pytest.param(
            '{"provider":"webcom","message_id":7,"to":"+40722334455","text":"Hi","label":"x"}\n\n',
            id="JSON lines",
        ),
        pytest.param(
            '{"note":"a\u2028b\x85c","provider":"webcom","message_id":7,"to":"+40722334455","text":"Hi","label":"x"}\r\n',
            id="JSON with line separators in a text",
        ),
    ],
)
def test_track_takes_files_of_many_forms(tmp_path: Path, content: str) -> None:
    (tmp_path / "sent").write_text(content, encoding="utf-8")
    done = run(tmp_path, "track", "--file", str(tmp_path / "sent"), "--db", str(tmp_path / "sms.db"))
    assert (done.returncode, done.stderr) == (0, "")
    with closing(sqlite3.connect(tmp_path / "sms.db")) as connection:
        kept = connection.execute(
            "SELECT provider, message_id, number, text, label FROM registrations"
        ).fetchall()
    assert kept == [("webcom", "7", "+40722334455", "Hi", "x")]


def test_track_may_come_before_or_after_the_callback_and_the_last_one_counts(tmp_path: Path) -> None:
    before = ("--to", "+40722334455", "--text", "Hi", "--label", "x")
    assert run(tmp_path, "track", "webcom", "7", *before).returncode == 0
    with serving(tmp_path) as (_, url):
        post(f"{url}/webhooks/webcom", b'[{"id_sms":7,"time":"","state":"send"}]')
        (row,) = [json.loads(line) for line in run(tmp_path, "messages").stdout.splitlines()]
        assert (row["number"], row["text"], row["label"]) == ("+40722334455", "Hi", "x")
        again = run(tmp_path, "track", "webcom", "7", "--to", "+447700900123")
        assert again.returncode == 0
        (row,) = [json.loads(line) for line in run(tmp_path, "messages").stdout.splitlines()]
        assert (row["number"], row["text"]) == ("+447700900123", None)


def test_track_hands_over_long_texts_in_parts(tmp_path: Path) -> None:
    lines = [f"webcom,{number},+40722334455,{'👋' * 4000}\n" for number in range(1200)]
    (tmp_path / "sent.csv").write_text("provider,message_id,to,text\n" + "".join(lines), encoding="utf-8")
    with serving(tmp_path):
        done = run(tmp_path, "track", "--file", str(tmp_path / "sent.csv"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "1,200 messages tracked\n", "")


def test_track_takes_what_a_spreadsheet_wrote_from_a_pipe(tmp_path: Path) -> None:
    done = run(
        tmp_path, "track", "--file", "-", stdin="\ufeffprovider,message_id,to\r\nwebcom,7,+40722334455\r\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 message tracked\n", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("provider,message_id\nwebcom,7\n", "column to is missing"),
        ("provider,message_id,to\nwebcom,7,\n", "line 2: to is empty"),
        (
            "provider,message_id,to\nwebkom,7,1\n",
            "line 2: no provider is called webkom; did you mean webcom?",
        ),
        ('\n\nprovider,message_id,to,text\nwebcom,7,1,"two\nlines"\nwebcom,8,\n', "line 6: to is empty"),
        (
            '{"provider":"webcom","message_id":7,"to":"1"}\n\n{"provider":"webcom","to":"1"}',
            "line 3: message_id is empty",
        ),
        ("provider,message_id,to\nwebcom,7\n", "to is empty"),
        (
            "provider,message_id,to,text,label\nwebcom,7,1,Hi,x\nwebcom,8,1,Hi, you,x\n",
            "line 3: more cells than the first line has; put quotes around a text",
        ),
        ('provider,message_id,to\nwebcom,"7', "unexpected end"),
        ("", "column provider is missing"),
        ('[{"provider":"webcom","message_id":"7","to":"1"}]', "line 1: not a JSON object"),
        ('{"provider":"webcom","message_id":7,"to":true}', "line 1: to must be a string or an integer"),
        ('{"provider":"webcom","message_id":[7],"to":"1"}', "line 1: message_id must be a string"),
        ('{"provider":\n', "line 1: not a JSON object"),
        ('{"provider":"webcom"}\n[1]\n', "line 2: not a JSON object"),
    ],
)
def test_a_file_that_cannot_be_tracked_says_where(tmp_path: Path, content: str, words: str) -> None:
    done = run(tmp_path, "track", "--file", "-", stdin=content)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_single_message_that_cannot_be_tracked_is_not_counted(tmp_path: Path) -> None:
    done = run(tmp_path, "track", "nobody", "7", "--to", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"smswatch: no provider is called nobody; there are {', '.join(all_providers())}\n"


def test_urls_say_until_when_each_key_before_works(tmp_path: Path) -> None:
    first = run(tmp_path, "urls", "--rotate").stdout
    assert first.count("work until") == 1
    again = run(tmp_path, "urls", "--rotate").stdout
    assert "URLs with the key before this one work until" in again
    assert "Those with the one before it work until" in again


def test_urls_are_what_to_paste_and_where(tmp_path: Path) -> None:
    done = run(tmp_path, "urls", "--public-url", "https://example.ngrok.app/", "--port", "8000")
    key = (tmp_path / "data" / "smswatch" / "access-key").read_text().strip()
    assert f"https://example.ngrok.app/{key}/webhooks/smso" in done.stdout
    assert "http://127.0.0.1:8000/webhooks/smso" in done.stdout
    without = run(tmp_path, "urls").stdout
    assert key in without
    assert "--public-url" in without
    rows = json.loads(run(tmp_path, "--port", "9000", "urls", "--host", "0.0.0.0", "--format", "json").stdout)  # noqa: S104 - must work, too
    assert [row["provider"] for row in rows] == sorted(row["provider"] for row in rows)
    assert rows[0]["local_url"].startswith("http://127.0.0.1:9000/webhooks/")
    assert rows[0]["public_url"] is None


def test_a_data_directory_that_cannot_be_made_is_1_and_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    for name in ("urls", "serve"):
        done = run(tmp_path, name)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"smswatch: cannot keep the access key in .*\n", done.stderr)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what some people give
def test_urls_name_the_port_of_the_listener_that_runs(tmp_path: Path, host: str) -> None:
    with serving(tmp_path, "--host", host) as (_, url):
        port = url.rpartition(":")[2]
        assert f"http://127.0.0.1:{port}/webhooks/smso" in run(tmp_path, "urls").stdout
        assert "http://127.0.0.1:8000/webhooks/smso" in run(tmp_path, "urls", "--port", "8000").stdout
    assert "http://127.0.0.1:7670/webhooks/smso" in run(tmp_path, "urls").stdout


def test_providers_are_told_with_their_words(tmp_path: Path) -> None:
    assert "not_deliver" in run(tmp_path, "providers").stdout
    rows = json.loads(run(tmp_path, "providers", "--format", "json").stdout)
    webcom = next(row for row in rows if row["provider"] == "webcom")
    assert {"word": "deliver", "status": "delivered"}.items() <= webcom["words"][2].items() or any(
        word["word"] == "deliver" and word["status"] == "delivered" for word in webcom["words"]
    )


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_an_example(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, *name.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Example: smswatch" in done.stdout
    if not name:
        assert all(re.search(rf"^  {command} ", done.stdout, re.MULTILINE) for command in COMMANDS)


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"smswatch, version \d+\.\d+\.\d+.*\n", run(tmp_path, "--version").stdout)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["messages"], ["urls"], ["requests", "--format", "csv"]], ids=" ".join
)
def test_what_needs_no_screen_and_no_port_loads_neither(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {"textual", "rich", "aiohttp"}


@pytest.mark.parametrize("arguments", [[], ["watch"], ["demo"]], ids=["bare", "watch", "demo"])
def test_without_a_terminal_the_dashboard_points_to_serve(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("smswatch: .*`smswatch serve`.*\n", done.stderr)


@pytest.mark.parametrize("arguments", [[], ["watch"], ["demo"]], ids=["bare", "watch", "demo"])
def test_a_dumb_terminal_is_told_so(tmp_path: Path, arguments: list[str]) -> None:
    with in_terminal(tmp_path, *arguments, TERM="dumb") as terminal:
        assert terminal.wait() == 1
    assert b"smswatch serve" in terminal.drawn
    assert b"\x1b" not in terminal.drawn


def test_a_bare_option_belongs_to_watch(tmp_path: Path) -> None:
    done = run(tmp_path, "--port", "http")
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr


@pytest.fixture
def busy(home: Path) -> Iterator[None]:
    """Keep the home's database locked by a running listener."""
    with serving(home):
        yield


@pytest.mark.usefixtures("busy")
def test_lists_can_be_read_while_another_process_writes(home: Path) -> None:
    assert ids(home, "messages") == ["3", "2", "1"]


def test_prune_and_purge_work_beside_a_listener_and_alone(tmp_path: Path) -> None:
    number = "+40722334455"
    with serving(tmp_path, stdout=subprocess.DEVNULL) as (_, url):
        post(f"{url}/webhooks/webcom", WEBCOM)
        post(f"{url}/webhooks/smso", f"uuid=7&status=sent&receiver[number]={number}".encode())
        asked = run(tmp_path, "purge", "--number", number)
        assert asked.returncode == 1
        question = "1 message and 0 inbound SMS under this number. Forget +40722334455 for good?"
        assert question in asked.stdout
        assert asked.stderr == "smswatch: nothing was removed; --yes does it without asking\n"
        assert run(tmp_path, "purge", "--number", number, stdin="n\n").returncode == 1
        done = run(tmp_path, "purge", "--number", number, "--yes")
        assert (done.returncode, done.stdout) == (0, "1 message, 0 inbound SMS removed, 1 request emptied\n")
        assert (
            run(tmp_path, "prune", "--older", "1d").stdout
            == "0 messages, 0 inbound SMS, 0 requests removed\n"
        )
    assert ids(tmp_path, "messages") == ["3", "2", "1"]
    assert run(tmp_path, "prune", "--keep", "5").stdout == "nothing to remove\n"
    assert run(tmp_path, "prune", "--older", "0s").stdout == "3 messages, 0 inbound SMS, 2 requests removed\n"
    assert ids(tmp_path, "messages") == []


def test_purge_forgets_the_filters_that_name_the_number(tmp_path: Path) -> None:
    run(tmp_path, "track", "webcom", "1", "--to", "+40722334455")
    remembered = tmp_path / "data" / "smswatch" / "smswatch.db.dashboard.json"
    history = ["number:+40722334455", "0722 334 455", "status:bad", "number:*455"]
    filters = [{"name": "Ana", "text": "722-334-455"}, {"name": "bad", "text": "status:bad"}]
    remembered.write_text(json.dumps({"history": history, "filters": filters, "mouse": False}))
    done = run(tmp_path, "purge", "--number", "+40722334455", "--yes")
    assert done.stdout.endswith(" emptied\n3 filters that name it forgotten\n")
    kept = json.loads(remembered.read_text())
    assert kept["history"] == ["status:bad", "number:*455"]
    assert (kept["filters"], kept["mouse"]) == ([{"name": "bad", "text": "status:bad"}], False)


def test_purge_tells_which_spellings_of_the_number_stay(tmp_path: Path) -> None:
    with serving(tmp_path, stdout=subprocess.DEVNULL) as (_, url):
        for uuid, number in enumerate(("+40722334455", "+447700900123", "40722334455")):
            post(f"{url}/webhooks/smso", f"uuid={uuid}&status=sent&receiver[number]={number}".encode())
    run(tmp_path, "track", "webcom", "9", "--to", "0722334455")
    done = run(tmp_path, "purge", "--number", "+40722334455", "--yes")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"still kept, under another spelling: {other}" for other in ("0722334455", "40722334455")
    ]
    assert run(tmp_path, "purge", "--number", "+447700900123", "--yes").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["prune"], 2, "give --older AGE or --keep N", id="nothing said"),
        pytest.param(["prune", "--older", "1d", "--keep", "3"], 2, "give --older AGE or --keep N", id="both"),
        pytest.param(["prune", "--older", "soon"], 2, "--older is an age such as 12h or 30d", id="no age"),
        pytest.param(["prune", "--older", "1d"], 1, "nothing has been kept yet", id="no database"),
        pytest.param(["purge", "--number", "1", "--yes"], 1, "nothing has been kept yet", id="none to purge"),
    ],
)
def test_a_removal_that_cannot_be_says_why(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_masked_output_tells_nothing_about_a_person_and_stays_comparable(home: Path) -> None:
    for arguments in (
        ["inbound", "--format", "table"],
        ["inbound", "--format", "csv"],
        ["requests"],
        ["requests", "--raw"],
        ["messages"],
        ["show", "webcom", "3"],
        ["show", "webcom", "3", "--format", "json"],
    ):
        done = run(home, *arguments, "--mask")
        assert (done.returncode, done.stderr) == (0, "")
        for private in ("722334455", "722 334 455", "40722334455", "\tDa", '"Da"'):
            assert private not in done.stdout, arguments
    (sms,) = [json.loads(line) for line in run(home, "inbound", "--mask").stdout.splitlines()]
    (again,) = [json.loads(line) for line in run(home, "inbound", "--mask").stdout.splitlines()]
    assert (sms["number"], sms["body"]) == (again["number"], "••")
    assert sms["number"] not in {mask_number("40722334455"), "40722334455"}, "whoever knows it could tell it"


def test_a_mask_belongs_behind_the_command(home: Path) -> None:
    done = run(home, "--mask", "messages")
    assert done.returncode == 2
    assert "after the command" in done.stderr

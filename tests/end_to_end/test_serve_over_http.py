from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import pytest
from program import DEADLINE_S, command, environment, post, run, serving, stop

SAMPLES = Path(__file__).parents[2] / "sample_payloads"
PROVIDERS = sorted(path.parent.name for path in SAMPLES.glob("*/expected.json"))
CLIENTS = 6


class Client:
    """One connection that is kept, as a provider's would be."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE_S)

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", path, body)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


def kept(home: Path, *arguments: str) -> list[Any]:
    done = run(home, *arguments, "--limit", "0", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    rows: list[Any] = json.loads(done.stdout)
    return rows


def test_listening_is_said_once_and_nothing_else(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert post(f"{url}/webhooks/webcom", b"[]") == (200, b"[]")
        assert post(f"{url}/webhooks/webcom", b"{")[0] == 400
        assert post(f"{url}/nowhere", b"")[0] == 404
        assert stop(process) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_sample_is_answered_kept_and_told_as_it_says(tmp_path: Path, provider: str) -> None:
    expected = json.loads((SAMPLES / provider / "expected.json").read_bytes())
    told = tmp_path / "told.jsonl"
    with told.open("w") as out, serving(tmp_path, "--json", stdout=out.fileno()) as (process, url):
        for name, case in expected.items():
            status, answer = post(f"{url}/webhooks/{provider}", (SAMPLES / provider / name).read_bytes())
            assert (name, status) == (name, case["status"])
            if status == 200:
                assert (name, answer.decode()) == (name, case["answer"])
            else:
                assert answer.count(b"\n") <= 1
                assert answer
        assert stop(process) == 0
    events = iter([json.loads(line) for line in told.read_text().splitlines()])
    requests = kept(tmp_path, "requests")[::-1]
    assert len(requests) == len(expected)
    for request, (name, case) in zip(requests, expected.items(), strict=True):
        whole = (SAMPLES / provider / name).read_bytes()
        assert (name, request["size"], request["answer_status"]) == (name, len(whole), case["status"])
        unreadable = request["outcome"] in {"unreadable", "partial"}
        kinds = ["status"] * case.get("reports", 0) + ["inbound"] * case.get("inbound", 0)
        kinds += ["unreadable"] * unreadable
        assert (name, [next(events)["kind"] for _ in kinds]) == (name, kinds)
        assert request["problem"] or not unreadable
    assert list(events) == []


SMSO_STATUS = """\
curl --request POST "https://your-server.com/webhooks/smso" \\
  -d "uuid=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" \\
  -d "status=sent" \\
  -d "sent_at=2019-05-01 12:30:09" \\
  -d "delivered_at=2019-05-01 12:20:09" \\
  -d "receiver['number']=+40722334455" \\
  -d "receiver['mcc']=226" \\
  -d "receiver['mnc']=03"
"""
SMSO_INBOUND = """\
curl --request POST "https://your-server.com/webhooks/smso" \\
  -d "body=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" \\
  -d "replied_to=sent" \\
  -d "received_at=2019-05-01 12:30:09" \\
  -d "sender['number']=+40722334455" \\
  -d "sender['mcc']=226" \\
  -d "sender['mnc']=03"
"""


@pytest.fixture
def curl(tmp_path: Path) -> Callable[[str], str]:
    """Return what runs a line of shell and gives what curl printed."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")

    def shell(line: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", line.replace("curl ", "curl --silent --show-error --fail ", 1)],
            cwd=SAMPLES.parent,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return shell


def test_smsos_own_curl_commands_work_as_printed(tmp_path: Path, curl: Callable[[str], str]) -> None:
    with serving(tmp_path) as (_, url):
        assert curl(SMSO_STATUS.replace("https://your-server.com", url)) == ""
        assert curl(SMSO_INBOUND.replace("https://your-server.com", url)) == ""
        (message,) = kept(tmp_path, "messages")
        (sms,) = kept(tmp_path, "inbound")
    assert message["message_id"] == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    assert (message["status"], message["number"], message["mcc"], message["mnc"]) == (
        "sent",
        "+40722334455",
        "226",
        "03",
    )
    (report,) = message["timeline"]
    assert (report["occurred_at"], report["zone"]) == ("2019-05-01T12:30:09Z", "stated")
    assert message["delivered_at"] is None
    assert (sms["number"], sms["body"], sms["reply_to"]) == (
        "+40722334455",
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "sent",
    )
    assert (sms["received_at"], sms["zone"], sms["mnc"]) == ("2019-05-01T12:30:09Z", "stated", "03")


WEBCOM_XML = """<?xml version="1.0" encoding="utf-8" ?>
<response>.
     <state id_sms="IDSMS in system to check status" time="2011-01-01 12:57:46" sms="Status">Status</state>
     <state id_sms="IDSMS in system to check status" time="2011-01-01 12:57:46" sms="Status" viber="Status">Status</state>
     <state id_sms="IDSMS in system to check status" time="2011-01-01 12:57:46" viber="Status">Status</state>
</response>
"""
WEBCOM_JSON = """[
    {
        "id_sms": "SMS ID in the system to check the status",
        "time": "2011-01-01 12:57:46",
        "state": "Status"
        },
    {
        "id_sms": "SMS ID in the system to check the status",
        "time": "2011-01-01 12:57:46",
        "state": "Status"
    }
]
"""


def test_webcoms_own_examples_work_as_printed(tmp_path: Path, curl: Callable[[str], str]) -> None:
    with serving(tmp_path) as (_, url):
        line = f"curl --request POST --data-binary @- {url}/webhooks/webcom <<'BODY'\n%sBODY\n"
        assert curl(line % WEBCOM_JSON) == '[{"id_sms":"SMS ID in the system to check the status"}]'
        assert curl(line % WEBCOM_XML) == (
            '<?xml version="1.0" encoding="utf-8"?>'
            "<response><id_sms>IDSMS in system to check status</id_sms></response>"
        )
        by_xml, by_json = kept(tmp_path, "messages")
    assert (by_json["status"], by_json["provider_status"]) == ("unmapped", "Status")
    assert (by_json["reports"], by_json["duplicates"], by_json["flags"]) == (1, 1, ["duplicate"])
    assert (by_xml["status"], by_xml["reports"], by_xml["duplicates"]) == ("unmapped", 3, 0)


def test_the_readmes_curl_line_works(tmp_path: Path, curl: Callable[[str], str]) -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("curl "))
    with serving(tmp_path) as (_, url):
        assert curl(line.replace("http://127.0.0.1:7670", url)) == '[{"id_sms":3240}]'


def test_a_tunnel_needs_the_key_that_urls_shows(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        told = json.loads(run(tmp_path, "urls", "--format", "json").stdout)
        keyed = next(row["public_path"] for row in told if row["provider"] == "webcom")
        for _ in range(3):
            assert post(f"{url}/webhooks/webcom", b"[]", Host="x.ngrok.app") == (404, b"")
        assert post(f"{url}{keyed}", b"[]", Host="x.ngrok.app") == (200, b"[]")
        assert post(f"{url}{keyed}", b"[]", **{"X-Forwarded-For": "192.0.2.1"}) == (200, b"[]")
        assert post(f"{url}{keyed}", b"[]") == (200, b"[]")
        # Counters are written once a second or so; the answer to a read is never older than the last commit.
        until = time.monotonic() + DEADLINE_S
        while not (refused := kept(tmp_path, "requests", "outcome:refused")):
            assert time.monotonic() < until
    (row,) = refused
    assert row["provider"] == "webcom"
    assert "/webhooks/webcom" in row["problem"]


def webcom_report(state: str) -> Callable[[str], bytes]:
    when = "" if state == "send" else "2026-11-20 12:00:00"
    return lambda message_id: json.dumps([{"id_sms": message_id, "time": when, "state": state}]).encode()


def webcom_state(attributes: str, text: str) -> Callable[[str], bytes]:
    return lambda message_id: (
        f'<response><state id_sms="{message_id}" time="2026-11-20 12:00:00" {attributes}>{text}</state></response>'
    ).encode()


def smso_report(status: str, sent_at: str, delivered_at: str = "") -> Callable[[str], bytes]:
    times = {
        "sent_at": f"2026-11-20 {sent_at}",
        "delivered_at": delivered_at and f"2026-11-20 {delivered_at}",
    }
    fields = {"status": status, **times, "receiver[number]": "+40722334455"}
    return lambda message_id: urlencode({"uuid": message_id, **fields}).encode()


def smsgateway24_report(status_id: int, minute: int) -> Callable[[str], bytes]:
    fields = {"status_id": status_id, "status_message": f"code {status_id}", "sendto": "+40722334455"}
    rest = {"senttime": f"2026-11-20 12:{minute:02}:00", "sim": 0, "device_id": 7}
    return lambda message_id: json.dumps({"sms_id": message_id, **fields, **rest}).encode()


STORIES: dict[str, tuple[str, list[Callable[[str], bytes]], dict[str, Any]]] = {
    "webcom with a conflict": (
        "webcom",
        [*map(webcom_report, ("send", "not_deliver", "deliver", "expired", "partly_deliver"))],
        {"status": "delivered", "conflict": True},
    ),
    "webcom, viber then sms": (
        "webcom",
        [
            webcom_state('viber="send"', "send"),
            webcom_state('viber="expired"', "send"),
            webcom_state('viber="expired" sms="send"', "send"),
            webcom_state('viber="expired" sms="deliver"', "deliver"),
            webcom_state('viber="expired" sms="zzz"', "zzz"),
        ],
        {"status": "delivered", "conflict": False},
    ),
    "smso": (
        "smso",
        [
            smso_report("dispatched", "12:00:00"),
            smso_report("sent", "12:00:01"),
            smso_report("sent", "12:00:02"),
            smso_report("delivered", "12:00:02", "12:00:09"),
            smso_report("undelivered", "12:00:02"),
        ],
        {"status": "delivered", "conflict": True},
    ),
    "smsgateway24, sent again": (
        "smsgateway24",
        [smsgateway24_report(code, minute) for minute, code in enumerate((1, 9, 3, 6, 7))],
        {"status": "delivered", "conflict": False},
    ),
}
BY_ARRIVAL = {"message_id", "flags", "first_seen_at", "last_seen_at", "timeline", "latency_ms"}


@pytest.mark.parametrize("story", STORIES)
def test_120_orders_with_repeats_end_in_one_state(tmp_path: Path, story: str) -> None:
    provider, reports, expected = STORIES[story]
    orders = list(permutations(reports))
    assert len(orders) == 120
    path = f"/webhooks/{provider}"

    def send(place: int) -> None:
        message_id, order = f"order-{place}", orders[place]
        with closing(Client(url)) as client:
            # Each report twice: at once for even places, for odd ones after the next has come.
            again = [order[(index - place % 2) % 5] for index in range(5)]
            for first, second in zip(order, again, strict=True):
                for report in (first, second):
                    assert client.post(path, report(message_id))[0] == 200

    with serving(tmp_path, stdout=subprocess.DEVNULL) as (_, url):
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(send, range(120)))
        rows = kept(tmp_path, "messages")
    assert len(rows) == 120
    states = {json.dumps(state(row), sort_keys=True) for row in rows}
    assert len(states) == 1, "\n".join(sorted(states)[:3])
    assert rows[0]["status"] == expected["status"]
    assert ("conflict" in rows[0]["flags"]) == expected["conflict"]
    assert (rows[0]["reports"], rows[0]["duplicates"]) == (5, 5)
    assert all("duplicate" in row["flags"] for row in rows)


def state(row: dict[str, Any]) -> dict[str, Any]:
    """Return what must not depend on the order of arrival."""
    steps = [
        {key: value for key, value in step.items() if key not in {"arrived_at", "flags", "request_id"}}
        for step in row["timeline"]
    ]
    return {
        **{key: value for key, value in row.items() if key not in BY_ARRIVAL},
        "conflict": "conflict" in row["flags"],
        "timeline": sorted(json.dumps(step, sort_keys=True) for step in steps),
    }


class Load:
    """Clients that send messages of their own, one after the other, until the listener goes."""

    def __init__(self, url: str, prefix: str) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[tuple[int, bytes]] = []
        self._url = url
        self._prefix = prefix
        self._enough = threading.Condition()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(DEADLINE_S)
        assert not any(thread.is_alive() for thread in self._threads)

    def wait_for(self, count: int) -> None:
        """Return when so many have been acknowledged."""
        with self._enough:
            assert self._enough.wait_for(lambda: len(self.acknowledged) >= count, DEADLINE_S)

    def _send(self, number: int) -> None:
        try:
            with closing(Client(self._url)) as client:
                for count in range(100_000):
                    message_id = f"{self._prefix}-{number}-{count}"
                    body = json.dumps([{"id_sms": message_id, "time": "", "state": "send"}]).encode()
                    status, answer = client.post("/webhooks/webcom", body)
                    if status != 200:
                        self.refused.append((status, answer))
                        return
                    named = [element["id_sms"] for element in json.loads(answer)]
                    assert named == [message_id]
                    with self._enough:
                        self.acknowledged += named
                        self._enough.notify_all()
        except (OSError, http.client.HTTPException):
            # The listener is gone.
            return


def test_kill_9_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for attempt in range(3):
        with serving(tmp_path, stdout=subprocess.DEVNULL) as (process, url), Load(url, str(attempt)) as load:
            load.wait_for(300)
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait(DEADLINE_S) == -signal.SIGKILL
        acknowledged += load.acknowledged
    with serving(tmp_path) as (_, url):
        assert post(f"{url}/webhooks/webcom", b"[]")[0] == 200
        rows = kept(tmp_path, "messages")
    assert len(acknowledged) >= 900
    assert not set(acknowledged) - {row["message_id"] for row in rows}
    assert {row["status"] for row in rows} == {"sent"}
    assert {row["reports"] for row in rows} == {1}


@pytest.fixture
def half_a_request() -> Iterator[Callable[[str], socket.socket]]:
    """Return what opens a connection and sends a head, and a body that never ends."""
    opened: list[socket.socket] = []

    def send(url: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), DEADLINE_S)
        opened.append(connection)
        connection.sendall(
            b"POST /webhooks/webcom HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n[{"
        )
        return connection

    yield send
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_under_load_ends_it_in_time_and_keeps_all_that_was_acknowledged(
    tmp_path: Path, number: signal.Signals, half_a_request: Callable[[str], socket.socket]
) -> None:
    with serving(tmp_path, stdout=subprocess.DEVNULL) as (process, url):
        for _ in range(3):
            half_a_request(url)
        with Load(url, "x") as load:
            load.wait_for(200)
            began = time.monotonic()
            process.send_signal(number)
            code = process.wait(DEADLINE_S)
            took = time.monotonic() - began
        assert code == 0
        assert took < 6
        assert process.stderr is not None
        assert process.stderr.read() == ""
    names = {row["message_id"] for row in kept(tmp_path, "messages")}
    assert not set(load.acknowledged) - names
    assert {status for status, _ in load.refused} <= {503}


def test_serve_json_tells_every_report_once_under_load(tmp_path: Path) -> None:
    told = tmp_path / "told.jsonl"
    with (
        told.open("w") as out,
        serving(tmp_path, "--json", stdout=out.fileno()) as (process, url),
        Load(url, "x") as load,
    ):
        load.wait_for(500)
        assert stop(process) == 0
    events = [json.loads(line) for line in told.read_text().splitlines()]
    assert {event["kind"] for event in events} == {"status"}
    names = [event["message_id"] for event in events]
    assert len(names) == len(set(names))
    assert not set(load.acknowledged) - set(names)


def test_serve_can_be_started_again_at_once_on_the_same_port(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert post(f"{url}/webhooks/webcom", b"[]")[0] == 200
        assert stop(process) == 0
    again = subprocess.Popen(
        command("serve", "--port", str(urlsplit(url).port)),
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with again:
        assert again.stderr is not None
        assert again.stderr.readline() == f"listening on {url}\n"
        assert stop(again) == 0

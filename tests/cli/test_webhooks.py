"""Real HTTP to a real `serve`: the vendors' own examples, every sample, and every order of five reports."""

import http.client
import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from program import post, run, serving

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_payloads"

SMSO_STATUS = """curl --silent --request POST "{url}/webhooks/smso" \\
  -d "uuid=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" \\
  -d "status=sent" \\
  -d "sent_at=2019-05-01 12:30:09" \\
  -d "delivered_at=2019-05-01 12:20:09" \\
  -d "receiver['number']=+40722334455" \\
  -d "receiver['mcc']=226" \\
  -d "receiver['mnc']=03"
"""
SMSO_INBOUND = """curl --silent --request POST "{url}/webhooks/smso" \\
  -d "body=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" \\
  -d "replied_to=sent" \\
  -d "received_at=2019-05-01 12:30:09" \\
  -d "sender['number']=+40722334455" \\
  -d "sender['mcc']=226" \\
  -d "sender['mnc']=03"
"""


def rows(home: Path, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(home, *arguments, "--limit", "0").stdout.splitlines()]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the vendor's commands call curl")
def test_the_vendors_curl_commands_work_as_printed(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        for command in (SMSO_STATUS, SMSO_INBOUND):
            script = command.format(url=url)
            shell = subprocess.run(["sh", "-c", script], check=True, capture_output=True, timeout=30)
            assert shell.stdout == b""
    (message,) = rows(tmp_path, "messages")
    assert (message["number"], message["status"], message["mnc"]) == ("+40722334455", "sent", "03")
    assert message["timeline"][0]["occurred_at"] == "2019-05-01T12:30:09Z"
    assert message["timeline"][0]["zone"] == "stated"
    (sms,) = rows(tmp_path, "inbound")
    assert (sms["number"], sms["reply_to"], sms["mnc"]) == ("+40722334455", "sent", "03")
    assert sms["received_at"] == "2019-05-01T12:30:09Z"


def test_every_sample_gets_the_answer_that_its_provider_demands(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        for table in sorted(SAMPLES.glob("*/expected.json")):
            for name, wanted in json.loads(table.read_text("utf-8")).items():
                status, body = post(f"{url}/webhooks/{table.parent.name}", (table.parent / name).read_bytes())
                assert status == wanted["status"], name
                if status == 200:
                    assert body.decode() == wanted["answer"], name
                else:
                    assert body.count(b"\n") == 1, name
    kept = rows(tmp_path, "requests")
    assert len(kept) == sum(len(json.loads(t.read_text("utf-8"))) for t in SAMPLES.glob("*/expected.json"))


FIVE = (
    ("", "send"),
    ("2026-11-20 12:00:01", "deliver"),
    ("2026-11-20 12:00:02", "expired"),
    ("2026-11-20 12:00:03", "REJECTED"),
    ("2026-11-20 12:00:04", "read"),
)


def test_every_order_of_five_reports_with_repeats_ends_in_one_state(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, url):
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        for message, order in enumerate(itertools.permutations(FIVE), start=1):
            for place, (time, state) in enumerate(order):
                body = json.dumps([{"id_sms": message, "time": time, "state": state}])
                for _ in range(1 + place % 2):
                    connection.request("POST", "/webhooks/webcom", body)
                    with connection.getresponse() as answer:
                        assert answer.read().decode() == f'[{{"id_sms":{message}}}]'
        connection.close()
    found = rows(tmp_path, "messages")
    assert len(found) == 120
    ends = {
        (
            row["status"],
            row["provider_status"],
            row["reports"],
            row["duplicates"],
            row["delivered_at"],
            "conflict" in row["flags"],
        )
        for row in found
    }
    assert len(ends) == 1
    status, word, reports, duplicates, _, conflict = ends.pop()
    assert (status, word, reports, duplicates, conflict) == ("read", "read", 5, 2, True)

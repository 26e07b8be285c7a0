"""What is taken out of the terminal: the curl command and the ticket, both safe, both without the key."""

from __future__ import annotations

import base64
import shlex
import subprocess
from pathlib import Path

import pytest

from smswatch.export.curl import curl_command
from smswatch.export.ticket import ticket
from smswatch.model import Flag, Outcome, Status
from smswatch.provider import ErrorCode
from smswatch.store.rows import MessageDetail, MessageRow, RequestRow
from smswatch.store.select import timeline_of_reports
from smswatch.summary import KeptReport

HERE = "http://127.0.0.1:7670"


def request(body: bytes, **fields: object) -> RequestRow:
    standard: dict[str, object] = {
        "id": 1,
        "arrived_ms": 0,
        "provider": "smso",
        "method": "POST",
        "path": "/webhooks/smso",
        "query": "",
        "headers": (("X-Secret", "s3cret"),),
        "content_type": "application/x-www-form-urlencoded",
        "body": body,
        "outcome": Outcome.STORED,
        "problem": None,
        "answer_status": 200,
        "answer_type": "",
        "answer_body": "",
        "changed": 1,
        "size": len(body),
    }
    return RequestRow(**{**standard, **fields})  # type: ignore[arg-type] # the fields are the test's


BODIES = [
    pytest.param(b"uuid=1&status=sent", id="a form"),
    pytest.param(b'[{"id_sms":1,"state":"it\'s"}]', id="quotes of both kinds"),
    pytest.param("Da, $(rm -rf ~) `id` \\ șț 👍".encode(), id="what a shell would obey"),
    pytest.param(b"@/etc/passwd", id="what curl would read a file for"),
    pytest.param(b"<response>\n<state/>\n</response>\n", id="lines"),
    pytest.param(b"a\tb", id="a tab"),
    pytest.param(b"\xff\x00\x1b[31m", id="bytes"),
    pytest.param(b"-d x", id="what looks like an option"),
    pytest.param("\u202egpj".encode(), id="a sign that turns the line around"),
    pytest.param(b"x" * 200_000, id="more than an argument holds"),
]


@pytest.mark.parametrize("body", BODIES)
def test_the_curl_command_carries_the_bytes_as_they_are(body: bytes, tmp_path: Path) -> None:
    """A stand-in for curl writes down its arguments and input: the shell and its quoting are real."""
    stand_in = tmp_path / "curl"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" > {tmp_path}/arguments\ncat > {tmp_path}/input\n')
    stand_in.chmod(0o700)
    command = curl_command(request(body), HERE)
    assert all(sign.isprintable() or sign == "\n" for sign in command)
    (tmp_path / "line.sh").write_text(command + "\n")
    subprocess.run(
        ["sh", tmp_path / "line.sh"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=20,
    )
    arguments = (tmp_path / "arguments").read_bytes().split(b"\0")[:-1]
    kind, sent = arguments[-3], arguments[-2]
    assert arguments[-1] == f"{HERE}/webhooks/smso".encode()
    if kind == b"--data-raw":
        assert sent == body
    else:
        assert (kind, sent) == (b"--data-binary", b"@-")
        assert (tmp_path / "input").read_bytes() == body


@pytest.mark.parametrize(
    ("fields", "arguments"),
    [
        pytest.param(
            {"content_type": "a\x1b[31m"},
            ["-H", "Content-Type: application/octet-stream", "--data-raw", "x=1", f"{HERE}/webhooks/smso"],
            id="a content type that cannot be shown",
        ),
        pytest.param(
            {"content_type": ""},
            ["-H", "Content-Type:", "--data-raw", "x=1", f"{HERE}/webhooks/smso"],
            id="none",
        ),
        pytest.param(
            {"method": "GET", "query": "uuid=1&status=sent"},
            [f"{HERE}/webhooks/smso?uuid=1&status=sent"],
            id="a callback by query",
        ),
        pytest.param(
            {"path": "/somewhere\x1b[2J/else", "method": "GET", "query": "a=\x1b[2J"},
            [f"{HERE}/webhooks/smso"],
            id="a path and a query that cannot be shown",
        ),
    ],
)
def test_the_curl_command_of_odd_requests(fields: dict[str, object], arguments: list[str]) -> None:
    assert shlex.split(curl_command(request(b"x=1", **fields), HERE)) == ["curl", "--globoff", *arguments]


def test_no_header_but_the_content_type_is_repeated() -> None:
    assert "s3cret" not in curl_command(request(b"x=1"), HERE)


def detail(*reports: KeptReport, **fields: object) -> MessageDetail:
    standard: dict[str, object] = {
        "id": 1,
        "provider": "smsgateway24",
        "message_id": "71",
        "number": "+40722334455",
        "registered_number": None,
        "status": Status.FAILED,
        "provider_status": "12",
        "channel": None,
        "channels": {},
        "error_code": "12",
        "error_text": "Radio Off",
        "flags": (),
        "reports": len(reports),
        "duplicates": 0,
        "text": "Codul dvs. este 4711",
        "label": "codes",
        "mcc": None,
        "mnc": None,
        "device": "17",
        "sim": "0",
        "first_seen_ms": 1_795_176_001_000,
        "last_seen_ms": 1_795_176_004_000,
        "delivered_ms": None,
        "latency_ms": None,
        "changed": 1,
    }
    message = MessageRow(**{**standard, **fields})  # type: ignore[arg-type] # the fields are the test's
    timeline = timeline_of_reports(reports, {})
    return MessageDetail(
        message=message, timeline=timeline, requests=(request(b"s3cret"),), replies=(), reports=reports
    )


def kept(number: int, status: Status, word: str, **fields: object) -> KeptReport:
    standard: dict[str, object] = {
        "id": number,
        "digest": number,
        "status": status,
        "provider_status": word,
        "arrived_ms": 1_795_176_000_000 + 1000 * number,
        "request_id": number,
    }
    return KeptReport(**{**standard, **fields})  # type: ignore[arg-type] # the fields are the test's


def test_the_ticket_tells_the_story_as_markdown() -> None:
    sent, failed = kept(1, Status.SENT, "6"), kept(4, Status.FAILED, "12", times_received=2)
    told = ErrorCode(meaning="the phone's radio was off", cause="", check="")
    assert ticket(detail(sent, failed), told) == (
        """\
### SMS `71` of `smsgateway24`: failed

- Status: **failed** (it never left), reported as `12`
- Number: `+40722334455`
- Device: `17`
- SIM: `0`
- Error: `12` `Radio Off`
- Meaning: the phone's radio was off
- First report: 2026-11-20T12:00:01.000Z, last: 2026-11-20T12:00:04.000Z

Why this status:

- failed is the furthest along of 2 reports

| arrived (UTC) | after | provider's time | status | provider's word | channels | what is odd |
|---|---|---|---|---|---|---|
| 2026-11-20T12:00:01.000Z | – | – | sent | `6` | – | – |
| 2026-11-20T12:00:04.000Z | +3 s | – | failed | `12` | – | came 2 times |
"""
    )


def test_the_ticket_keeps_the_text_and_the_payloads_to_itself() -> None:
    text = ticket(detail(kept(1, Status.FAILED, "12")))
    assert "4711" not in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    "evil",
    [
        pytest.param("a|b`c\nd", id="cells, spans and lines"),
        pytest.param("x\x1b[2J\u202e", id="controls"),
        pytest.param("<img src=x onerror=1>", id="markup"),
        pytest.param("漢" * 5000, id="very long"),
    ],
)
def test_nothing_that_arrived_leaves_its_place_in_the_ticket(evil: str) -> None:
    odd = kept(2, Status.UNMAPPED, evil)
    text = ticket(detail(kept(1, Status.SENT, "6"), odd, message_id=evil, error_text=evil, device=evil))
    assert all(line.isprintable() for line in text.splitlines())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {row.replace(r"\|", "").count("|") for row in rows} == {8}
    outside = [part for line in text.splitlines() for part in line.split("`")[::2]]
    assert not any("<img" in part.replace(r"\<", "") for part in outside)


def test_a_ticket_of_a_message_sent_again_numbers_the_attempts() -> None:
    first = kept(1, Status.FAILED, "9", ordered_ms=1)
    again = kept(2, Status.ACCEPTED, "1", ordered_ms=2000, starts_attempt=True)
    text = ticket(detail(first, again, flags=(Flag.AFTER_FINAL,)))
    assert "| 1 | 2026-11-20T12:00:01.000Z | – |" in text
    assert "| 2 | 2026-11-20T12:00:02.000Z | +1 s |" in text


def test_a_very_long_timeline_is_cut_with_a_word() -> None:
    many = [kept(number, Status.SENT, "6", occurred_ms=number) for number in range(1, 151)]
    assert ticket(detail(*many)).endswith("\n50 more reports are not listed.\n")


def test_base64_is_what_a_shell_needs_not_quote() -> None:
    command = curl_command(request(b"\x00"), HERE)
    assert command.startswith(f"printf %s {base64.b64encode(bytes(1)).decode()} | base64 -d | curl ")

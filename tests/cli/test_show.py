"""`show` in words: why the status is what it is, what is odd about a report, what a code means."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from program import post, run, serving

SMSO = "uuid=8a5d&sent_at=2026-11-20+12%3A00%3A00&receiver%5Bnumber%5D=%2B40722334455"


def gateway(sms_id: int, status_id: int, second: int) -> bytes:
    time = f"2026-11-20 12:00:{second:02}"
    return json.dumps({"sms_id": sms_id, "status_id": status_id, "senttime": time}).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A late failure, a failure with a code, a message that was sent again, and a reply."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, stdout=subprocess.DEVNULL) as (process, url):
        for status in ("delivered", "expired", "expired"):
            delivered = "&delivered_at=2026-11-20+12%3A00%3A04" if status == "delivered" else ""
            post(f"{url}/webhooks/smso", f"{SMSO}&status={status}{delivered}".encode())
        post(
            f"{url}/webhooks/smso",
            b"sender[number]=40722334455&body=Stop!&replied_to=8a5d&received_at=2026-11-20+12%3A35%3A00",
        )
        post(f"{url}/webhooks/smsgateway24", gateway(71, 12, 1))
        for number, status_id in enumerate((9, 1, 7)):
            post(f"{url}/webhooks/smsgateway24", gateway(72, status_id, 10 * number))
        process.terminate()
        assert process.wait(30) == 0
    return home


def shown(home: Path, *arguments: str) -> str:
    done = run(home, "show", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_says_why_and_what_is_odd(home: Path) -> None:
    text = shown(home, "smso", "8a5d")
    assert "  why        delivered outranks expired, which arrived later\n" in text
    assert "only one of them can be true\n" in text
    assert "after delivered, which is further along\n" in text
    assert "came 2 times, again after " in text


def test_it_marks_a_reply_that_asks_to_stop(home: Path) -> None:
    assert ", STOP: asks to get no more messages\n    Stop!\n" in shown(home, "smso", "8a5d")


def test_it_explains_a_code(home: Path) -> None:
    text = shown(home, "smsgateway24", "71")
    assert "  means      not sent: the phone's radio was off\n" in text
    assert "  likely     airplane mode" in text
    assert "  check      airplane mode" in text


def test_it_separates_attempts_and_explains_no_failure_that_is_over(home: Path) -> None:
    text = shown(home, "smsgateway24", "72")
    assert text.index("  attempt 1\n") < text.index(" failed ") < text.index("  attempt 2\n")
    assert "; the earlier attempt no longer counts\n" in text
    assert "means" not in text

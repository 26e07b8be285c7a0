"""Events on their way out: what nobody reads is counted, request by request."""

from __future__ import annotations

import contextlib
import os
import time

import pytest

from smswatch.cli.serve import EventWriter
from smswatch.model import Outcome, WebhookRequest
from smswatch.store.entry import Entry, Kept


def test_what_a_reader_never_took_is_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    output, program_output = os.pipe()
    os.set_blocking(program_output, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(program_output, b"x" * 4096)
    os.set_blocking(program_output, True)
    monkeypatch.setattr("smswatch.cli.serve._STANDARD_OUTPUT", program_output)
    events = EventWriter(as_json=False)
    request = WebhookRequest(
        method="POST", path="/webhooks/webcom", query="", headers=(), body=b"[]", arrived_ms=0
    )
    entry = Entry(provider="webcom", request=request)
    for number in range(3):
        events.put(entry, Kept(request_id=number, outcome=Outcome.UNREADABLE, reports=[], inbound=[]))
    time.sleep(0.1)  # its thread is stuck with these three
    for number in range(2):
        events.put(entry, Kept(request_id=number, outcome=Outcome.UNREADABLE, reports=[], inbound=[]))
    events.close()
    os.close(output)
    assert events.missed == 5

"""Events on their way out: what nobody reads is counted, request by request."""

from __future__ import annotations

import contextlib
import os
import select
import threading

import pytest

from smswatch.cli.serve import EventWriter
from smswatch.model import Outcome, WebhookRequest
from smswatch.store.entry import Entry, Kept

DEADLINE_S = 20.0


class Watched(EventWriter):
    """Tells when its thread begins to write."""

    def __init__(self, *, as_json: bool) -> None:
        self.is_writing = threading.Event()
        super().__init__(as_json=as_json)

    def _write(self, text: bytes) -> bool:
        self.is_writing.set()
        return super()._write(text)


def entry() -> Entry:
    request = WebhookRequest(
        method="POST", path="/webhooks/webcom", query="", headers=(), body=b"[]", arrived_ms=0
    )
    return Entry(provider="webcom", request=request)


def kept(number: int) -> Kept:
    return Kept(request_id=number, outcome=Outcome.UNREADABLE, reports=[], inbound=[])


def test_an_output_that_another_program_made_not_wait_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    output, program_output = os.pipe()
    os.set_blocking(program_output, False)
    filling = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            filling += os.write(program_output, b"x" * 4096)
    monkeypatch.setattr("smswatch.cli.serve._STANDARD_OUTPUT", program_output)
    events = EventWriter(as_json=True)
    events.put(entry(), kept(1))
    events.close()
    assert events.missed == 1, "it was written though there was no room, or given up"
    with os.fdopen(output, "rb", buffering=0) as reader:
        while filling:
            filling -= len(reader.read(filling))
        assert select.select([reader], [], [], DEADLINE_S)[0]
        assert b"unreadable" in reader.read(4096)


def test_what_a_reader_never_took_is_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    output, program_output = os.pipe()
    os.set_blocking(program_output, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(program_output, b"x" * 4096)
    os.set_blocking(program_output, True)
    monkeypatch.setattr("smswatch.cli.serve._STANDARD_OUTPUT", program_output)
    events = Watched(as_json=False)
    for number in range(3):
        events.put(entry(), kept(number))
    assert events.is_writing.wait(DEADLINE_S), "its thread is not stuck with what came so far"
    for number in range(2):
        events.put(entry(), kept(number))
    events.close()
    os.close(output)
    assert events.missed == 5

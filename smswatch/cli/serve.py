"""`serve`: the listener alone, one line per event on standard output."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import sys
import threading
from typing import TYPE_CHECKING

import click

from smswatch import collector
from smswatch.cli.options import common_options, listener_options, settings_of
from smswatch.cli.stopping import Stop
from smswatch.errors import StoreLockedError
from smswatch.export import event_json, event_lines, json_line
from smswatch.store.entry import Entry, Kept
from smswatch.wording import how_many

if TYPE_CHECKING:
    from smswatch.cli.service import Service
    from smswatch.listener.ports import Address

_TOGETHER_S = 0.02
_WRITTEN_TOGETHER = 1000
_BYTES_WAITING = 64 * 1024 * 1024
"""What may wait for a slow reader of our output; more is counted, not written."""
_LAST_LINES_GET_S = 0.7
_STANDARD_OUTPUT = 1


_MANY = 20
"""Reports of a request whose events are put into words on the thread that writes them."""

_Item = bytes | tuple[Entry, Kept]


def _weight(item: _Item) -> int:
    """Return how many bytes wait, about."""
    return len(item) if isinstance(item, bytes) else len(item[0].request.body) + 500 * len(item[1].reports)


class EventWriter:
    """Writes events on a thread of its own: a reader that is slow or gone never keeps a webhook waiting."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._put = self._written = 0
        self._put_bytes = 0
        self._taken_bytes = 0
        self.missed = 0
        """Requests that were kept but not printed."""
        self._gone = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smswatch-events", daemon=True)
        self._thread.start()

    def put(self, entry: Entry, kept: Kept) -> None:
        """Queue the events of a request. Never waits, and never writes many events out on the listener's loop."""
        if self._gone:
            return
        if self._put_bytes - self._taken_bytes >= _BYTES_WAITING:
            self.missed += 1
            return
        item: _Item = (entry, kept) if len(kept.reports) > _MANY else self._text(entry, kept)
        self._put += 1
        self._put_bytes += _weight(item)
        self._queue.put(item)

    def _text(self, entry: Entry, kept: Kept) -> bytes:
        return "".join([f"{line}\n" for line in self._lines(entry, kept)]).encode()

    def _lines(self, entry: Entry, kept: Kept) -> list[str]:
        if self._as_json:
            return [json_line(event) for event in event_json(entry, kept)]
        return event_lines(entry, kept)

    def close(self) -> None:
        """Write what waits, as far as somebody reads it at once."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(_LAST_LINES_GET_S)
        if self._thread.is_alive():
            self.missed += self._put - self._written

    def _run(self) -> None:
        done = False
        while not done:
            items = [self._queue.get()]
            if items[0] is not None:
                # Many events are cheaper together: each wake-up takes Python's lock from the listener.
                self._closing.wait(_TOGETHER_S)
            with contextlib.suppress(queue.Empty):
                while len(items) < _WRITTEN_TOGETHER:
                    items.append(self._queue.get_nowait())
            done = items[-1] is None
            found = [item for item in items if item is not None]
            texts = [item if isinstance(item, bytes) else self._text(*item) for item in found]
            if not self._write(b"".join(texts)):
                return
            self._taken_bytes += sum(map(_weight, found))
            self._written += len(found)

    def _write(self, text: bytes) -> bool:
        """Write lines; False if nobody takes them any more.

        Past Python's own buffer: a thread that is stuck in there keeps the program from ending.
        """
        rest = memoryview(text)
        try:
            while rest:
                try:
                    rest = rest[os.write(_STANDARD_OUTPUT, rest) :]
                except BlockingIOError:
                    # Another program that has the same terminal or pipe made it so; it is ours to wait.
                    select.select([], [_STANDARD_OUTPUT], [])
        except OSError:
            # Whoever read our output is gone, or the disk it goes to is full; intake goes on.
            self._gone = True
        return not self._gone


def _started(service: Service) -> Address:
    """Start it. Raises as `Service.start`, and says what can be done where another process writes this database."""
    try:
        return service.start()
    except StoreLockedError as locked:
        raise StoreLockedError(
            f"{locked}; `smswatch watch` shows what it receives, --db names another file", locked.pid
        ) from None


@click.command(epilog='Example: smswatch serve --json | jq "select(.status == \\"failed\\")"')
@common_options
@listener_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def serve(context: click.Context, /, *, as_json: bool, **flags: object) -> None:
    """Run the listener alone, without a screen: one line per event on standard output."""
    from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

    settings = settings_of(context, flags)
    stop = Stop()
    events = EventWriter(as_json=as_json)
    service = Service(settings, events.put)
    try:
        address = _started(service)
        collector.settle()
        sys.stderr.write(f"listening on {address.url}\n")
        sys.stderr.flush()
        stop.wait()
    finally:
        stop.begin()
        service.stop()
        events.close()
    if events.missed:
        missed = how_many(events.missed, "request was", "requests were")
        sys.stderr.write(f"{missed} kept but not printed: nobody read fast enough\n")

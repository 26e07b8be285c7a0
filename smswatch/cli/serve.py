"""`serve`: the listener alone, one line per event on standard output."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading

import click

from smswatch import collector
from smswatch.cli.options import common_options, listener_options, settings_of
from smswatch.export import event_json, event_lines, json_line
from smswatch.store.entry import Entry, Kept

_TOGETHER_S = 0.02
_LINES_WAITING = 10_000
"""Events that may wait for a slow reader of our output; then they are counted, not written."""


class EventWriter:
    """Writes events on a thread of its own: a reader that is slow or gone never keeps a webhook waiting."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._queue: queue.SimpleQueue[tuple[Entry, Kept] | None] = queue.SimpleQueue()
        self._missed = 0
        self._gone = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smswatch-events", daemon=True)
        self._thread.start()

    def put(self, entry: Entry, kept: Kept) -> None:
        """Queue the events of a request. Never waits."""
        if self._gone:
            return
        if self._queue.qsize() >= _LINES_WAITING:
            self._missed += 1
        else:
            self._queue.put((entry, kept))

    def close(self) -> None:
        """Write what waits, for two seconds at most."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(2.0)
        if self._missed:
            sys.stderr.write(
                f"{self._missed:,} requests were kept but not printed: nobody read fast enough\n"
            )

    def _run(self) -> None:
        write = sys.stdout.write
        done = False
        while not done:
            items = [self._queue.get()]
            if items[0] is not None:
                # Many events are cheaper together: each wake-up takes Python's lock from the listener.
                self._closing.wait(_TOGETHER_S)
            with contextlib.suppress(queue.Empty):
                while len(items) < _LINES_WAITING:
                    items.append(self._queue.get_nowait())
            lines: list[str] = []
            for item in items:
                if item is None:
                    done = True
                else:
                    lines.extend(self._lines(*item))
            try:
                write("".join(lines))
                sys.stdout.flush()
            except (BrokenPipeError, ValueError):
                # Whoever read our output is gone; intake goes on.
                self._gone = True
                return

    def _lines(self, entry: Entry, kept: Kept) -> list[str]:
        if self._as_json:
            return [f"{json_line(event)}\n" for event in event_json(entry, kept)]
        return [f"{line}\n" for line in event_lines(entry, kept)]


@click.command(epilog='Example: smswatch serve --json | jq "select(.status == \\"failed\\")"')
@common_options
@listener_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def serve(context: click.Context, /, *, as_json: bool, **flags: object) -> None:
    """Run the listener alone, without a screen: one line per event on standard output."""
    from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

    settings = settings_of(context, flags)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    events = EventWriter(as_json=as_json)
    service = Service(settings, events.put)
    try:
        address = service.start()
        collector.settle()
        sys.stderr.write(f"listening on {address.url}\n")
        sys.stderr.flush()
        stop.wait()
    finally:
        service.stop()
        events.close()

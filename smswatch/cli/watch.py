"""`watch`: the listener and the dashboard in one process, or a viewer beside a listener that runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import termios
import time
from functools import partial
from typing import TYPE_CHECKING

import click

from smswatch.access_key import KeyFiles
from smswatch.cli.options import (
    LISTENER_NAMES,
    common_options,
    given,
    keep_listening_option,
    listener_options,
    mask_option,
    settings_of,
)
from smswatch.cli.stopping import SIGNALS, Stop, last_words
from smswatch.crash_report import crash_line, crash_report
from smswatch.errors import SmswatchError, StoreError, StoreLockedError
from smswatch.masking import load_or_create_secret
from smswatch.settings import Settings
from smswatch.wording import how_many

if TYPE_CHECKING:
    from smswatch.cli.service import Service
    from smswatch.store.lock import Holder
    from smswatch.tui.app import SmsWatchApp
    from smswatch.tui.facts import ListenerFacts, ProviderFacts

LOG = logging.getLogger(__name__)

_STANDARD_INPUT = 0
_CRASHES = 3
_CRASHES_WITHIN_S = 60.0
"""So often in so short a time, it does not help to start the dashboard anew."""


def require_terminal() -> None:
    """Raise SmswatchError with a way out where no dashboard can be drawn."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SmswatchError("the dashboard needs a terminal; `smswatch serve` runs without one")
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise SmswatchError("this terminal cannot show a dashboard (TERM=dumb); `smswatch serve` runs in it")


def provider_facts() -> tuple[ProviderFacts, ...]:
    """Return what the dashboard needs to know about the providers."""
    from smswatch.providers import all_providers  # noqa: PLC0415 - only where they are asked for
    from smswatch.tui.facts import ProviderFacts  # noqa: PLC0415 - only with the dashboard

    return tuple(
        ProviderFacts(
            name=provider.name,
            title=provider.title,
            path=provider.path,
            setup=provider.setup,
            docs=provider.docs,
            sends_number=provider.sends_number,
            example=provider.example,
            inbound_example=provider.inbound_example,
            example_content_type=provider.example_content_type,
            words=tuple((word, known.status, known.meaning) for word, known in provider.words.items()),
            codes=provider.codes,
        )
        for provider in all_providers().values()
    )


class Desk:
    """What the dashboard asks while it runs: is somebody listening, and where; and can we."""

    def __init__(self, settings: Settings, service: Service | None) -> None:
        self.settings = settings
        self.service = service
        self._keys = KeyFiles(settings.data_directory)
        self._looked_at = 0.0
        self._holder: Holder | None = None
        self.failure: SmswatchError | None = None
        """Why it cannot listen, which ends the dashboard."""

    def facts(self) -> ListenerFacts:
        """Return how things stand; cheap enough for ten times a second."""
        from smswatch.tui.facts import ListenerFacts  # noqa: PLC0415 - only with the dashboard

        service = self.service
        address = service.address if service is not None else None
        keys = self._keys()
        holder = self._holder_now() if service is None else None
        return ListenerFacts(
            address=address.url if address is not None else None,
            public_url=self.settings.public_url,
            key=keys.key,
            old_keys_until_s=keys.old_until_s(time.time()),
            is_open=self.settings.open and service is not None,
            is_viewer=service is None,
            holder_pid=holder.pid if holder is not None else None,
            holder_address=holder.address if holder is not None else None,
            trouble=self._trouble(),
            database=str(self.settings.database),
            keeps_for=_in_words(self.settings.keep_for_ms),
        )

    async def listen(self) -> None:
        """Begin to receive, if we hold the database. What prevents it is kept in `failure` and raised."""
        if self.service is None:
            return
        try:
            await asyncio.to_thread(self.service.listen)
        except SmswatchError as error:
            self.failure = error
            raise

    async def take_over(self) -> None:
        """Become the listener. SmswatchError if that fails."""
        from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

        service = Service(self.settings)

        def start() -> None:
            service.start()
            # In the thread: where the dashboard is left meanwhile, nobody is there to take it, and `close` ends it.
            self.service = service

        await asyncio.to_thread(start)

    def close(self) -> None:
        """Stop listening, if we do."""
        if self.service is not None:
            self.service.stop()

    def _trouble(self) -> str | None:
        if self.service is None:
            return None
        if self.service.has_ended:
            return "the listener has stopped; restart smswatch (its log says why)"
        return self.service.trouble

    def _holder_now(self) -> Holder | None:
        """Look once a second who writes the database; where that cannot be seen, it is who it was."""
        from smswatch.store.lock import holder_of  # noqa: PLC0415 - only a viewer asks

        now = time.monotonic()
        if now - self._looked_at >= 1.0:
            self._looked_at = now
            with contextlib.suppress(StoreError):
                # As when this process may open no more files: no reason to end the dashboard.
                self._holder = holder_of(self.settings.database)
        return self._holder


def run_dashboard(
    desk: Desk, initial_filter: str = "", stop: Stop | None = None, *, is_masked: bool = False
) -> int:
    """Run the dashboard until it is left; return its exit code. The terminal is restored on signals, too.

    One that fails is started anew, while webhooks are received as ever. Where that does not help, they are
    received without a screen, until a signal comes.
    """
    crashed_at: list[float] = []
    while True:
        app = dashboard(desk, initial_filter, is_masked=is_masked)
        if crashed_at:
            app.greeting = "The dashboard failed and was started anew; webhooks were received meanwhile"
        code = asyncio.run(_run(app, stop))
        if app.crash is None:
            return code
        LOG.error("the dashboard failed: %s", crash_report(app.crash))
        if app.was_leaving or (stop is not None and stop.is_wished):
            return 0
        now = time.monotonic()
        crashed_at = [*(at for at in crashed_at if now - at < _CRASHES_WITHIN_S), now]
        if len(crashed_at) == _CRASHES:
            return _without_screen(desk, stop, crash_line(app.crash))


def _without_screen(desk: Desk, stop: Stop | None, crash: str) -> int:
    """Receive webhooks until a signal comes, if it is here that they are received."""
    service = desk.service
    goes_on = stop is not None and service is not None
    and_now = "webhooks are still received, until Ctrl-C" if goes_on else "it ends"
    sys.stderr.write(
        f"smswatch: the dashboard failed {_CRASHES} times ({crash}); {and_now}; please report it\n"
    )
    sys.stderr.flush()
    if stop is not None and service is not None:
        service.listen()  # it may have failed before that began
        stop.listen()
        stop.wait()
    return 1


def dashboard(desk: Desk, initial_filter: str = "", *, is_masked: bool = False) -> SmsWatchApp:
    """Return a dashboard for this desk, which is not running yet. SmswatchError where there is no database."""
    from smswatch.filters import FilterContext  # noqa: PLC0415 - only with the dashboard
    from smswatch.store.change import mark  # noqa: PLC0415 - only with the dashboard
    from smswatch.store.writer import now_ms  # noqa: PLC0415 - only with the dashboard
    from smswatch.tui.app import SmsWatchApp  # noqa: PLC0415 - Textual takes long to import

    settings = desk.settings
    return SmsWatchApp(
        database=settings.database,
        providers=provider_facts(),
        listener=desk.facts,
        filter_context=lambda: FilterContext(
            now_ms=now_ms(),
            default_region=settings.default_region,
            stuck_after_ms=settings.stuck_after_ms,
            stuck_after_by_provider_ms=settings.stuck_after_by_provider_ms,
        ),
        clock=now_ms,
        take_over=desk.take_over,
        once_drawn=desk.listen,
        initial_filter=initial_filter,
        is_masked=is_masked,
        masking_secret=load_or_create_secret(settings.data_directory),
        mark=partial(mark, settings.database),
        theme=settings.theme,
        keys=settings.keys,
        filters=settings.filters,
        notify=settings.notify,
    )


async def _run(app: SmsWatchApp, stop: Stop | None) -> int:
    def end(number: int) -> None:
        if stop is not None and not (number == signal.SIGHUP and stop.outlives_terminal):
            stop.wish()
        app.exit(0)

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, end, number)
    if stop is not None and stop.is_wished:
        # The signal came while all this was loaded.
        return 0
    await app.run_async(mouse=app.is_mouse_ours)
    return app.return_code or 0


def _in_words(duration_ms: int | None) -> str | None:
    """Write how long, as in `30 days`, in the largest unit that goes into it."""
    if duration_ms is None:
        return None
    for unit, size in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000)):
        if duration_ms >= size and duration_ms % size == 0:
            return how_many(duration_ms // size, unit)
    return f"{duration_ms:,} ms"


@click.command(epilog="Example: smswatch watch --public-url https://example.ngrok.app")
@common_options
@listener_options
@mask_option
@keep_listening_option
@click.pass_context
def watch(context: click.Context, /, *, keep_listening: bool, mask: bool, **flags: object) -> None:
    """Run the listener and the dashboard; beside a listener that runs already, only the dashboard."""
    require_terminal()
    from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

    settings = settings_of(context, flags)
    stop = Stop(outlives_terminal=keep_listening)
    service: Service | None = None
    try:
        service = Service(settings)
        service.open()
    except StoreLockedError as locked:
        service = None
        ignored = [name for name in LISTENER_NAMES if name in {**(context.obj or {}), **given(flags)}]
        _say_viewer(locked, ignored)
    desk = Desk(settings, service)
    try:
        code = run_dashboard(desk, stop=stop, is_masked=mask)
        if desk.failure is not None:
            raise desk.failure
        if keep_listening and desk.service is not None and _terminal_is_gone():
            desk.service.listen()  # it may have gone before that began
            stop.listen()
            stop.wait()
    finally:
        stop.begin()
        desk.close()
    last_words(f"Everything is kept in {settings.database}; `smswatch messages` lists it.\n", code)
    context.exit(code)


def _terminal_is_gone() -> bool:
    """Tell a terminal that hung up from one that a person has left with `q`; the dead one is let go."""
    try:
        termios.tcgetattr(_STANDARD_INPUT)
    except termios.error:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (_STANDARD_INPUT, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        return True
    return False


def _say_viewer(locked: StoreLockedError, ignored: list[str]) -> None:
    sys.stderr.write(f"smswatch: {locked}; this window is a viewer beside it.\n")
    if ignored:
        names = [f"--{name.replace('_', '-')}" for name in ignored]
        told = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        verb = "is" if len(names) == 1 else "are"
        sys.stderr.write(
            f"smswatch: a viewer does not listen, so {told} {verb} ignored until it takes over (L).\n"
        )

"""The dashboard as a command runs it: told what it needs, started anew where it fails, ended by signals."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from smswatch.cli.listening_post import ListeningPost
from smswatch.cli.stopping import Screen, Stop
from smswatch.crash_report import crash_line, crash_report
from smswatch.errors import SmswatchError
from smswatch.masking import load_or_create_secret

if TYPE_CHECKING:
    from smswatch.tui.app import SmsWatchApp
    from smswatch.tui.facts import ProviderFacts

LOG = logging.getLogger(__name__)

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


def run_dashboard(
    post: ListeningPost, stop: Stop, initial_filter: str = "", *, is_masked: bool = False
) -> int:
    """Run the dashboard until it is left; return its exit code. The terminal is restored on signals, too.

    One that fails is started anew, while webhooks are received as ever. Where that does not help, they are
    received without a screen, until a signal comes.
    """
    crashed_at: list[float] = []
    while True:
        app = dashboard(post, initial_filter, is_masked=is_masked)
        if crashed_at:
            app.greeting = "The dashboard failed and was started anew; webhooks were received meanwhile"
        code = asyncio.run(_run(app, stop))
        if app.crash is None:
            return code
        LOG.error("the dashboard failed: %s", crash_report(app.crash))
        if app.was_leaving or stop.is_wished:
            return 0
        now = time.monotonic()
        crashed_at = [*(at for at in crashed_at if now - at < _CRASHES_WITHIN_S), now]
        if len(crashed_at) == _CRASHES:
            return _without_screen(post, stop, crash_line(app.crash))


def _without_screen(post: ListeningPost, stop: Stop, crash: str) -> int:
    """Receive webhooks until a signal comes, if it is here that they are received."""
    service = post.service
    and_now = "webhooks are still received, until Ctrl-C" if service is not None else "it ends"
    sys.stderr.write(
        f"smswatch: the dashboard failed {_CRASHES} times ({crash}); {and_now}; please report it\n"
    )
    sys.stderr.flush()
    if service is not None:
        service.listen()  # it may have failed before that began
        stop.wait()
    return 1


def dashboard(post: ListeningPost, initial_filter: str = "", *, is_masked: bool = False) -> SmsWatchApp:
    """Return a dashboard beside this listening post, which is not running yet. SmswatchError where there is no database."""
    from smswatch.filters import FilterContext  # noqa: PLC0415 - only with the dashboard
    from smswatch.store.change import mark  # noqa: PLC0415 - only with the dashboard
    from smswatch.store.writer import now_ms  # noqa: PLC0415 - only with the dashboard
    from smswatch.tui.app import SmsWatchApp  # noqa: PLC0415 - Textual takes long to import

    settings = post.settings
    return SmsWatchApp(
        database=settings.database,
        providers=provider_facts(),
        listener=post.facts,
        filter_context=lambda: FilterContext(
            now_ms=now_ms(),
            default_region=settings.default_region,
            stuck_after_ms=settings.stuck_after_ms,
            stuck_after_by_provider_ms=settings.stuck_after_by_provider_ms,
        ),
        clock=now_ms,
        take_over=post.take_over,
        once_drawn=post.listen,
        initial_filter=initial_filter,
        is_masked=is_masked,
        masking_secret=load_or_create_secret(settings.data_directory),
        mark=partial(mark, settings.database),
        theme=settings.theme,
        keys=settings.keys,
        filters=settings.filters,
        notify=settings.notify,
    )


async def _run(app: SmsWatchApp, stop: Stop) -> int:
    screen = Screen(asyncio.get_running_loop(), partial(app.exit, 0), lambda: app.has_terminal)
    with stop.ending(screen):
        if stop.is_wished:
            # The signal came while all this was loaded.
            return 0
        await app.run_async(mouse=app.is_mouse_ours)
    return app.return_code or 0

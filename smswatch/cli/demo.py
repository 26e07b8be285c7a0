"""`demo`: the dashboard with simulated traffic, on a database and with a key of its own that vanish after it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from smswatch.cli.dashboard import require_terminal, run_dashboard
from smswatch.cli.listening_post import ListeningPost
from smswatch.cli.options import are_ignored, common_options, given, mask_option
from smswatch.cli.stopping import Stop, last_words
from smswatch.settings import Settings

_HISTORY = timedelta(seconds=90)
"""What happened before the demo began comes in at once, so that there is something to see."""
_STOP_TAKES_AT_MOST_S = 5.0


class Traffic:
    """The simulated providers, calling over real HTTP from a thread of their own."""

    def __init__(self, url: str, database: Path, *, seed: int, rate: float) -> None:
        self._url = url
        self._database = database
        self._seed = seed
        self._rate = rate
        self._loop = asyncio.new_event_loop()
        self.error: Exception | None = None
        """Why the traffic ended before the demo did."""
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="smswatch-providers", daemon=True)

    def start(self) -> None:
        """Begin to call."""
        self._thread.start()

    def stop(self) -> None:
        """Stop calling; returns within five seconds."""
        with contextlib.suppress(RuntimeError):
            # The loop is closed already where the traffic has ended.
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_TAKES_AT_MOST_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._play())
        except Exception as error:  # noqa: BLE001 - told once the screen is gone, where it can be read
            self.error = error

    async def _play(self) -> None:
        from smswatch.simulate.events import Sent  # noqa: PLC0415 - only the demo simulates
        from smswatch.simulate.scenarios import traffic  # noqa: PLC0415 - only the demo simulates
        from smswatch.simulate.sender import Sender  # noqa: PLC0415 - only the demo simulates
        from smswatch.store.change import register  # noqa: PLC0415 - only with the store
        from smswatch.store.rows import Registration  # noqa: PLC0415 - only with the store

        def announce(sent: Sent) -> None:
            row = Registration(
                provider=sent.provider,
                message_id=sent.message_id,
                number=sent.number,
                text=sent.text,
                label=sent.label,
            )
            register(self._database, [row])

        here = datetime.now().astimezone().tzinfo or UTC
        begins = datetime.now(UTC) - _HISTORY
        events = traffic(self._seed, begins, rate=self._rate, zone=here)
        await Sender(self._url, announce).play(events, self._stop)


@click.command(epilog="Example: smswatch demo --rate 5")
@common_options
@mask_option
@click.option("--seed", type=int, help="Repeat the same traffic.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0.05, max=500),
    default=1.0,
    show_default=True,
    help="Messages begun a second.",
)
@click.pass_context
def demo(context: click.Context, /, *, seed: int | None, rate: float, mask: bool, **flags: object) -> None:
    """Show the dashboard with life-like simulated traffic; needs no provider and leaves nothing behind."""
    require_terminal()
    ignored = list({**(context.obj or {}), **given(flags)})
    if ignored:
        sys.stderr.write(
            f"smswatch: the demo has a database, a port and settings of its own, so {are_ignored(ignored)}.\n"
        )
    from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

    stop = Stop()
    with tempfile.TemporaryDirectory(prefix="smswatch-demo-") as folder:
        settings = Settings(database=Path(folder, "demo.db"), data_directory=Path(folder, "data"), port=0)
        service = Service(settings)
        address = service.start()
        post = ListeningPost(settings, service)
        seed = secrets.randbelow(10_000) if seed is None else seed
        providers = Traffic(address.url, settings.database, seed=seed, rate=rate)
        try:
            providers.start()
            code = run_dashboard(post, stop, is_masked=mask)
        finally:
            stop.begin()
            providers.stop()
            post.close()
    if providers.error is not None:
        last_words(f"The simulated traffic ended early: {providers.error!r}\n", code)
    last_words(
        f"That was traffic made up from seed {seed}; nothing of it is left. `smswatch` is the real one.\n",
        code,
    )
    context.exit(code)

"""`demo`: the dashboard with simulated traffic."""

from __future__ import annotations

import click

from smswatch.cli.options import common_options
from smswatch.cli.watch import require_terminal


@click.command(epilog="Example: smswatch demo --rate 5")
@common_options
@click.option("--seed", type=int, help="Repeat the same traffic.")
@click.option(
    "--rate", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="Times life's pace."
)
@click.pass_context
def demo(context: click.Context, /, *, seed: int | None, rate: float, **flags: object) -> None:
    """Show the dashboard with realistic simulated traffic; needs no provider and leaves nothing behind."""
    del flags
    require_terminal()
    from smswatch.demo import run  # noqa: PLC0415 - aiohttp and Textual take long to import

    context.exit(run(seed=seed, rate=rate))

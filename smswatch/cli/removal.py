"""`prune` and `purge`: let go of what is old; forget a number for good."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from smswatch.cli.options import common_options, settings_of
from smswatch.errors import SmswatchError
from smswatch.model import ReceivedNumber
from smswatch.numbers import NumberReader, digits_key
from smswatch.safe_text import safe_line
from smswatch.settings import milliseconds_of
from smswatch.store.change import remove
from smswatch.store.removal import Removal, Removed
from smswatch.store.removal_questions import ending_of, oldest_to_keep_ms, rows_of, spelled_otherwise
from smswatch.tui.memory import MemoryFile
from smswatch.wording import how_many

_NOTHING = "nothing has been kept yet"


@click.command(
    epilog="Example: smswatch prune --older 30d; or --keep 100000, for the newest hundred thousand messages."
)
@common_options
@click.option("--older", metavar="AGE", help="Remove what last changed longer ago, as in 12h or 30d.")
@click.option("--keep", metavar="N", type=click.IntRange(min=1), help="Keep the newest N messages.")
@click.pass_context
def prune(context: click.Context, /, *, older: str | None, keep: int | None, **flags: object) -> None:
    """Remove old messages with their reports, and the inbound SMS and requests of that time.

    Messages that are marked (m in the dashboard) stay. Works while smswatch runs: intake goes on.
    """
    settings = settings_of(context, flags)
    if (older is None) == (keep is None):
        raise click.UsageError("give --older AGE or --keep N")
    if older is not None:
        age_ms = milliseconds_of(older)
        if age_ms is None:
            raise click.UsageError("--older is an age such as 12h or 30d")
        before_ms: int | None = time.time_ns() // 1_000_000 - age_ms
    else:
        before_ms = oldest_to_keep_ms(_existing(settings.database), keep or 1)
    if before_ms is None:
        click.echo("nothing to remove")
        return
    _say(remove(_existing(settings.database), Removal(older_than_ms=before_ms)))


@click.command(epilog="Example: smswatch purge --number +40722334455")
@common_options
@click.option("--number", metavar="NUMBER", required=True, help="Whose messages and SMS are to be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def purge(context: click.Context, /, *, number: str, yes: bool, **flags: object) -> None:
    """Remove everything of one number, so that no byte of it stays in the database's files.

    The raw requests that spoke of it are emptied; of a name, or of fewer than seven digits, only those behind its
    own messages and SMS. Backups, exports and the disk's own copies are beyond reach.
    Where the same digits are kept in another spelling, as in 0722334455, this is told, and they stay. So do the
    texts of other people's SMS that mention the number.
    """
    settings = settings_of(context, flags)
    stored = NumberReader(settings.default_region).normalise(ReceivedNumber(number))
    database = _existing(settings.database)
    if not (yes or _is_confirmed(f"{_kept_of(database, stored)}. Forget {safe_line(stored)} for good?")):
        raise SmswatchError("nothing was removed; --yes does it without asking")
    click.echo(remove(database, Removal(number=stored)).forgotten)
    forgotten = MemoryFile.beside(database).forget_filters(partial(_speaks_of, stored))
    if forgotten:
        click.echo(f"{how_many(forgotten, 'filter that names', 'filters that name')} it forgotten")
    for other in spelled_otherwise(database, stored):
        click.echo(f"still kept, under another spelling: {safe_line(other, 60)}", err=True)


def _kept_of(database: Path, number: str) -> str:
    messages, inbound = rows_of(database, number)
    sms = how_many(inbound, "inbound SMS", "inbound SMS")
    return f"{how_many(messages, 'message')} and {sms} under this number"


def _speaks_of(number: str, filter_text: str) -> bool:
    """Tell whether a filter names the number, in whatever spelling."""
    ending = ending_of(number)
    return number in filter_text or (ending is not None and ending in digits_key(filter_text))


def _is_confirmed(question: str) -> bool:
    try:
        return click.confirm(question)
    except click.Abort:
        # There is nobody to answer.
        click.echo()
        return False


def _existing(database: Path) -> Path:
    if not database.exists():
        raise SmswatchError(_NOTHING)
    return database


def _say(removed: Removed) -> None:
    click.echo(f"{removed.gone} removed{removed.staying}")

"""`track`: tell smswatch whom a message went to, where callbacks do not say."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from smswatch.cli.options import common_options, settings_of
from smswatch.cli.provider_names import require_provider
from smswatch.errors import SmswatchError
from smswatch.model import ReceivedNumber
from smswatch.numbers import NumberReader
from smswatch.settings import Settings
from smswatch.store.change import register
from smswatch.store.rows import Registration
from smswatch.wording import how_many

_REQUIRED = ("provider", "message_id", "to")
_COLUMNS = (*_REQUIRED, "text", "label")
_SEPARATORS = (",", ";", "\t")
_PART = 5_000
_PART_CHARACTERS = 1_000_000
"""However they are written down, so many are less than can be handed over at once."""


@click.command(
    epilog="Example: smswatch track webcom 3234 --to +40722334455 --text 'Your code is 1234'; or"
    " --file sent.csv with the columns provider,message_id,to,text,label."
)
@common_options
@click.argument("provider", required=False)
@click.argument("message_id", required=False)
@click.option("--to", metavar="NUMBER", help="Whom the message went to.")
@click.option("--text", metavar="TEXT", help="What it said.")
@click.option("--label", metavar="LABEL", help="What you call it.")
@click.option("--file", "file", metavar="F", help="CSV or JSON lines with those names; - is standard input.")
@click.pass_context
def track(
    context: click.Context,
    /,
    *,
    provider: str | None,
    message_id: str | None,
    to: str | None,
    text: str | None,
    label: str | None,
    file: str | None,
    **flags: object,
) -> None:
    """Tell smswatch whom a message went to, before its callbacks come or after.

    A second `track` of the same message replaces the first.
    """
    settings = settings_of(context, flags)
    if file is not None:
        if provider or message_id or to or text or label:
            raise click.UsageError("--file says everything; give no message beside it")
        registrations = [
            _registration(row, settings, f"line {number}: ") for number, row in read_rows(_content(file))
        ]
    elif provider and message_id and to:
        row: Row = {"provider": provider, "message_id": message_id, "to": to, "text": text, "label": label}
        registrations = [_registration(row, settings, "")]
    else:
        raise click.UsageError("give PROVIDER MESSAGE_ID --to NUMBER, or --file F")
    kept = _register(settings, registrations)
    click.echo(f"{how_many(kept, 'message')} tracked")


def _register(settings: Settings, registrations: list[Registration]) -> int:
    """Keep them in parts, so that none is too large to hand over; a long list shows how far it is."""
    parts = list(_parts(registrations))
    hidden = len(parts) == 1 or not sys.stderr.isatty()
    with click.progressbar(parts, label="tracking", file=sys.stderr, hidden=hidden) as shown:
        return sum(register(settings.database, part) for part in shown)


def _parts(registrations: Iterable[Registration]) -> Iterator[list[Registration]]:
    part: list[Registration] = []
    characters = 0
    for one in registrations:
        length = sum(len(text) for text in (one.message_id, one.number, one.text, one.label) if text)
        if part and (len(part) == _PART or characters + length > _PART_CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(one)
        characters += length
    if part:
        yield part


def _content(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise SmswatchError(f"cannot read {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SmswatchError(f"{file} is not UTF-8 text") from error


Row = dict[str, str | None]


def read_rows(content: str) -> list[tuple[int, Row]]:
    """Read CSV with a header line, or JSON lines, told apart by the first character: the line, from 1, and what it says.

    SmswatchError names the line. A text in quotes may go over several lines; its row has the last one's number.

    CSV may be separated by semicolons or tabs, as spreadsheets write it in countries with a decimal comma.
    """
    if content.lstrip().startswith(("{", "[")):
        # Not splitlines(): JSON may hold U+2028 and its kin as they are.
        lines = enumerate(content.split("\n"), start=1)
        return [(number, _json_row(line, number)) for number, line in lines if line.strip()]
    blank = len(content) - len(content.lstrip())
    before, content = content.count("\n", 0, blank), content[blank:]
    header = content.partition("\n")[0]
    separator = next((mark for mark in _SEPARATORS if mark in header), ",")
    reader = csv.DictReader(io.StringIO(content), strict=True, delimiter=separator, skipinitialspace=True)
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise SmswatchError(
                f"line {before + 1}: the column {missing[0]} is missing; name {', '.join(_COLUMNS)}"
            )
        return [(before + reader.line_num, _csv_row(row, before + reader.line_num)) for row in reader]
    except csv.Error as error:
        raise SmswatchError(f"line {before + reader.line_num}: {error}") from error


def _csv_row(cells: dict[str | Any, str | Any], number: int) -> Row:
    # Under None is what has no column. Empty cells may be there, as spreadsheets write them.
    if any(cells.get(None, ())):
        raise SmswatchError(
            f"line {number}: more cells than the first line has; put quotes around a text with a separator in it"
        )
    return {name: cells.get(name) or None for name in _COLUMNS}


def _json_row(line: str, number: int) -> Row:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SmswatchError(f"line {number}: not a JSON object") from error
    if not isinstance(document, dict):
        raise SmswatchError(f"line {number}: not a JSON object")
    return {name: _json_text(document.get(name), name, number) for name in _COLUMNS}


def _json_text(value: object, name: str, number: int) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise SmswatchError(f"line {number}: {name} must be a string or an integer")
    return None if value is None else str(value)


def _registration(row: Row, settings: Settings, where: str) -> Registration:
    provider, message_id, to = (str(row.get(name) or "").strip() for name in _REQUIRED)
    for name, value in zip(_REQUIRED, (provider, message_id, to), strict=True):
        if not value:
            raise SmswatchError(f"{where}{name} is empty")
    provider = provider.lower()
    try:
        require_provider(provider)
    except SmswatchError as error:
        raise SmswatchError(f"{where}{error}") from error
    number = NumberReader(settings.default_region).normalise(ReceivedNumber(to))
    return Registration(
        provider=provider, message_id=message_id, number=number, text=row.get("text"), label=row.get("label")
    )

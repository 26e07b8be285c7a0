"""`messages`, `inbound` and `requests`: the three lists, filtered, in four formats."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

import click

from smswatch.cli.options import common_options, mask_option, settings_of
from smswatch.cli.output import for_machines
from smswatch.errors import StoreEmptyError
from smswatch.export import (
    Json,
    Masker,
    inbound_json,
    message_json,
    request_json,
    write_csv,
    write_json,
    write_jsonl,
    write_table,
)
from smswatch.filters import Condition, FilterContext, Reading, condition, parse, shortcomings
from smswatch.masking import load_or_create_secret
from smswatch.model import Kind
from smswatch.safe_text import SafeText, safe_line
from smswatch.settings import Settings
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.writer import now_ms

_FORMATS = ("table", "json", "jsonl", "csv")
_WIDTH_UNKNOWN = 160


def _list_command(kind: Kind, summary: str, example: str) -> Callable[..., click.Command]:
    """Decorate a command body as one of the three lists."""

    def decorate(body: Callable[..., None]) -> click.Command:
        command: Any = click.pass_context(body)
        command = click.argument("terms", nargs=-1, type=click.UNPROCESSED, metavar="[FILTER]...")(command)
        command = click.option(
            "--limit", type=click.IntRange(min=0), default=100, show_default=True, help="0 is all."
        )(command)
        command = click.option(
            "--format", "form", type=click.Choice(_FORMATS), help="table on a terminal, else jsonl."
        )(command)
        command = mask_option(command)
        if kind is Kind.REQUESTS:
            command = click.option("--raw", is_flag=True, help="Bodies byte for byte, as base64.")(command)
        return click.command(
            name=kind.value,
            help=summary,
            epilog=f"Example: {example}",
            cls=_FilterCommand,
        )(common_options(command))

    return decorate


class _FilterCommand(click.Command):
    """A command whose arguments may begin with a dash: `-status:failed` is a filter, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {name for parameter in self.params for name in (*parameter.opts, *parameter.secondary_opts)}
        known |= {"--help", "-h", "--"}
        takes_value = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        options: list[str] = []
        terms: list[str] = []
        rest = iter(args)
        for argument in rest:
            if argument == "--":
                terms.extend(rest)
            elif argument.partition("=")[0] in known:
                options.append(argument)
                if argument in takes_value:
                    value = next(rest, None)
                    if value is None:
                        # Click says which value is missing.
                        return super().parse_args(ctx, options)
                    options.append(value)
            elif argument.removeprefix("--") in _FORMATS and argument.startswith("--"):
                ctx.fail(f"no option is called {argument}; --format {argument[2:]} does that")
            elif argument.startswith("--"):
                options.append(argument)
            else:
                terms.append(argument)
        return super().parse_args(ctx, [*options, "--", *terms])


@_list_command(
    Kind.MESSAGES,
    "Print tracked messages, newest first.",
    "smswatch messages status:failed,expired after:1h --format csv",
)
def messages(
    context: click.Context, /, *, terms: tuple[str, ...], limit: int, form: str | None, **flags: object
) -> None:
    """Print tracked messages."""
    _run(context, Kind.MESSAGES, terms, flags, limit=limit, form=form)


@_list_command(Kind.INBOUND, "Print inbound SMS, newest first.", "smswatch inbound 'number:+40722*' after:1d")
def inbound(
    context: click.Context, /, *, terms: tuple[str, ...], limit: int, form: str | None, **flags: object
) -> None:
    """Print inbound SMS."""
    _run(context, Kind.INBOUND, terms, flags, limit=limit, form=form)


@_list_command(
    Kind.REQUESTS,
    "Print every webhook request as it arrived, with what was answered and why.",
    "smswatch requests outcome:unreadable --format json",
)
def requests(
    context: click.Context,
    /,
    *,
    terms: tuple[str, ...],
    limit: int,
    form: str | None,
    raw: bool,
    **flags: object,
) -> None:
    """Print webhook requests."""
    _run(context, Kind.REQUESTS, terms, flags, limit=limit, form=form, raw=raw)


def _run(
    context: click.Context,
    kind: Kind,
    terms: tuple[str, ...],
    flags: dict[str, object],
    *,
    limit: int,
    form: str | None,
    raw: bool = False,
) -> None:
    is_masked = bool(flags.pop("mask"))
    settings = settings_of(context, flags)
    form = form or ("table" if sys.stdout.isatty() else "jsonl")
    text = " ".join(terms)
    wanted = None
    shortcoming: tuple[SafeText, ...] = ()
    if text.strip():
        here = FilterContext(
            now_ms=now_ms(),
            default_region=settings.default_region,
            stuck_after_ms=settings.stuck_after_ms,
            stuck_after_by_provider_ms=settings.stuck_after_by_provider_ms,
        )
        expression = parse(text)
        wanted = condition(expression, kind, here)
        shortcoming = shortcomings(expression, Reading(kind, settings.default_region))
    asyncio.run(
        _write(settings, kind, wanted, limit, form, raw=raw, is_masked=is_masked, shortcoming=shortcoming)
    )
    sys.stdout.flush()


async def _write(
    settings: Settings,
    kind: Kind,
    wanted: Condition | None,
    limit: int,
    form: str,
    *,
    raw: bool,
    is_masked: bool,
    shortcoming: tuple[SafeText, ...],
) -> None:
    out = sys.stdout if form == "table" else for_machines()
    rows = _rows(settings, kind, wanted, limit, raw=raw, is_masked=is_masked)
    match form:
        case "json":
            await write_json(rows, out)
        case "jsonl":
            await write_jsonl(rows, out)
        case "csv":
            await write_csv(kind, rows, out)
        case _:
            width = shutil.get_terminal_size((_WIDTH_UNKNOWN, 24)).columns if out.isatty() else None
            if not await write_table(kind, rows, out, width) and out.isatty():
                sys.stderr.write(_nothing(settings, is_filtered=wanted is not None) + "\n")
                sys.stderr.writelines(f"{one}.\n" for one in shortcoming)


def _nothing(settings: Settings, *, is_filtered: bool) -> str:
    """Say to a person at a terminal why they see no row."""
    if not settings.database.exists():
        return f"There is no database {safe_line(str(settings.database), 2000)} yet; `smswatch` makes it."
    return "Nothing matches the filter." if is_filtered else "Nothing has arrived yet."


async def _rows(
    settings: Settings, kind: Kind, wanted: Condition | None, limit: int, *, raw: bool, is_masked: bool
) -> AsyncIterator[Json]:
    """Yield the list's rows as their JSON shapes, a page at a time; nothing where there is no database."""
    if not settings.database.exists():
        return
    masker = Masker(load_or_create_secret(settings.data_directory)) if is_masked else None
    try:
        opened = await Reader.open(settings.database)
    except StoreEmptyError:
        return
    async with opened as reader, aclosing(reader.pages(kind, wanted, limit=limit)) as pages:
        async for page in pages:
            timelines = await reader.timelines([row.id for row in page]) if kind is Kind.MESSAGES else {}
            for found in page:
                row = found if masker is None else masker.row(found)
                match kind:
                    case Kind.MESSAGES:
                        timeline = timelines[row.id]
                        entries = timeline if masker is None else list(map(masker.entry, timeline))
                        yield message_json(cast("MessageRow", row), entries)
                    case Kind.INBOUND:
                        yield inbound_json(cast("InboundRow", row))
                    case Kind.REQUESTS:
                        yield request_json(cast("RequestRow", row), raw=raw)

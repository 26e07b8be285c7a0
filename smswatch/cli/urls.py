"""`urls` and `providers`: what to paste where, and what the providers' words mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import click

from smswatch import access_key
from smswatch.cli.options import common_options, given, listener_options, settings_of
from smswatch.cli.output import for_machines
from smswatch.export import Json, json_line
from smswatch.provider import Provider
from smswatch.providers import all_providers
from smswatch.settings import DEFAULT_HOST, YOUR_TUNNEL, Settings
from smswatch.store.lock import holder_of

_ANY_PORT = "PORT"
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - recognised, not bound


def _format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True
    )(command)


@click.command(epilog="Example: smswatch urls --public-url https://example.ngrok.app")
@common_options
@listener_options
@_format_option
@click.option(
    "--rotate", is_flag=True, help="Make a new access key first; the old one stays valid for 24 hours."
)
@click.pass_context
def urls(context: click.Context, /, *, form: str, rotate: bool, **flags: object) -> None:
    """Print the callback URL of each provider, local and public, and where to paste it."""
    settings = settings_of(context, flags)
    if rotate:
        access_key.rotate(settings.data_directory, time.time())
    keys = access_key.KeyFiles(settings.data_directory)()
    local = _local_url(settings, {**(context.obj or {}), **given(flags)})
    rows = [_urls_json(provider, settings, keys.key, local) for provider in all_providers().values()]
    if form == "json":
        _echo_array(rows)
        return
    for row in rows:
        click.echo(click.style(row["title"], bold=True))
        click.echo(f"  public  {row['public_url'] or YOUR_TUNNEL + row['public_path']}")
        click.echo(f"  local   {row['local_url']}")
        click.echo(f"  where   {row['setup']}")
    if settings.public_url is None:
        click.echo()
        click.echo("No public URL is known: give --public-url, or put your tunnel's address in its place.")
    ends = [f"{datetime.fromtimestamp(s).astimezone():%Y-%m-%d %H:%M}" for s in keys.old_until_s(time.time())]
    if ends:
        click.echo()
        click.echo(f"URLs with the key before this one work until {ends.pop()}.")
    for end in reversed(ends):
        click.echo(f"Those with the one before it work until {end}.")


def _local_url(settings: Settings, flags: Mapping[str, object]) -> str:
    """Return where the listener of this database listens now; else, or where flags say so, where it would."""
    holder = None if flags.keys() & {"host", "port"} else holder_of(settings.database)
    host, port = settings.host, settings.port
    if holder is not None and holder.address is not None:
        listening = urlsplit(holder.address)
        host, port = listening.hostname or host, listening.port or port
    host = DEFAULT_HOST if host in _EVERYWHERE else host
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port or _ANY_PORT}"


def _urls_json(provider: Provider, settings: Settings, key: str, local: str) -> Json:
    path = f"/{key}{provider.path}"
    return {
        "provider": provider.name,
        "title": provider.title,
        "local_url": local + provider.path,
        "public_url": settings.public_url + path if settings.public_url else None,
        "public_path": path,
        "setup": provider.setup,
        "docs": provider.docs,
    }


@click.command(epilog="Example: smswatch providers")
@common_options
@_format_option
@click.pass_context
def providers(context: click.Context, /, *, form: str, **flags: object) -> None:
    """Print the formats that smswatch knows: paths, status words and what they mean."""
    settings_of(context, flags)
    if form == "json":
        _echo_array([_provider_json(provider) for provider in all_providers().values()])
        return
    for provider in all_providers().values():
        click.echo(click.style(f"{provider.title} ({provider.name})", bold=True))
        click.echo(f"  path    {provider.path}")
        click.echo(f"  docs    {provider.docs}")
        click.echo(f"  times   {provider.times_zone}")
        width = max(map(len, provider.words), default=0)
        for word, known in provider.words.items():
            click.echo(f"    {word:<{width}}  {known.status:<12} {known.meaning}")


def _provider_json(provider: Provider) -> Json:
    return {
        "provider": provider.name,
        "title": provider.title,
        "path": provider.path,
        "docs": provider.docs,
        "times_zone": provider.times_zone,
        "sends_number": provider.sends_number,
        "words": [
            {"word": word, "status": known.status.value, "meaning": known.meaning}
            for word, known in provider.words.items()
        ],
    }


def _echo_array(rows: list[Json]) -> None:
    for_machines().write("[\n" + ",\n".join(map(json_line, rows)) + "\n]\n")

"""`urls` and `providers`: what to paste where, and what the providers' words mean."""

from __future__ import annotations

import click

from smswatch import access_key
from smswatch.cli.options import common_options, listener_options, settings_of
from smswatch.providers import all_providers

_YOUR_TUNNEL = "https://YOUR-TUNNEL"


@click.command(epilog="Example: smswatch urls --public-url https://example.ngrok.app")
@common_options
@listener_options
@click.pass_context
def urls(context: click.Context, /, **flags: object) -> None:
    """Print the callback URL of each provider, local and public, and where to paste it."""
    settings = settings_of(context, flags)
    key = access_key.load_or_create(settings.data_directory)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    for provider in all_providers().values():
        click.echo(click.style(provider.title, bold=True))
        click.echo(f"  public  {settings.public_url or _YOUR_TUNNEL}/{key}{provider.path}")
        click.echo(f"  local   http://{host}:{settings.port}{provider.path}")
        click.echo(f"  where   {provider.setup}")
    if settings.public_url is None:
        click.echo()
        click.echo("No public URL is known: give --public-url, or put your tunnel's address in its place.")


@click.command(epilog="Example: smswatch providers")
@common_options
@click.pass_context
def providers(context: click.Context, /, **flags: object) -> None:
    """Print the formats that smswatch knows: paths, status words and what they mean."""
    settings_of(context, flags)
    for provider in all_providers().values():
        click.echo(click.style(f"{provider.title} ({provider.name})", bold=True))
        click.echo(f"  path    {provider.path}")
        click.echo(f"  docs    {provider.docs}")
        click.echo(f"  times   {provider.times_zone}")
        width = max(len(word) for word in provider.words)
        for word, known in provider.words.items():
            click.echo(f"    {word:<{width}}  {known.status:<12} {known.meaning}")

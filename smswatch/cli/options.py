"""Options that several commands share, and the settings that they amount to.

An option may stand before the command or after it; after it wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from smswatch.settings import Settings, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])

_COMMON = (
    click.option("--db", metavar="PATH", help="The database file."),
    click.option("--config", metavar="PATH", help="The configuration file (TOML)."),
)
_LISTENER = (
    click.option("--host", metavar="HOST", help="Address to listen on (127.0.0.1)."),
    click.option("--port", metavar="PORT", help="Port to listen on (7670); 0 picks a free one."),
    click.option("--public-url", metavar="URL", help="What your tunnel shows to the world."),
    click.option(
        "--open", "open_", is_flag=True, default=None, help="Let tunnelled requests in without the key."
    ),
)
LISTENER_NAMES = ("host", "port", "public_url", "open")


def mask_option(command: Command) -> Command:
    """Give a command `--mask`."""
    return click.option(
        "--mask", is_flag=True, help="Hide numbers and texts, for a shared screen or a ticket."
    )(command)


def keep_listening_option(command: Command) -> Command:
    """Give a command `--keep-listening`."""
    return click.option(
        "--keep-listening",
        is_flag=True,
        help="Go on without a screen when the terminal or its connection goes away.",
    )(command)


def common_options(command: Command) -> Command:
    """Give a command `--db` and `--config`."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


def listener_options(command: Command) -> Command:
    """Give a command the options of the listener."""
    for option in reversed(_LISTENER):
        command = option(command)
    return command


def given(flags: Mapping[str, object]) -> dict[str, object]:
    """Return the options that were given, by the names that settings know."""
    named = {"open" if name == "open_" else name: value for name, value in flags.items()}
    return {name: value for name, value in named.items() if value is not None}


def are_ignored(names: Sequence[str]) -> str:
    """Say of at least one option, by the names that settings know: `--port and --open are ignored`."""
    written = [f"--{name.replace('_', '-')}" for name in names]
    told = " and ".join([", ".join(written[:-1]), written[-1]] if len(written) > 1 else written)
    return f"{told} {'is' if len(written) == 1 else 'are'} ignored"


def settings_of(context: click.Context, flags: Mapping[str, object]) -> Settings:
    """Merge what stands before the command with what stands after it, and read the rest. SettingsError."""
    return read_settings({**(context.obj or {}), **given(flags)})

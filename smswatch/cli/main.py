"""The group of commands: finds the one that is meant, and turns errors of ours into sentences."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

import smswatch
from smswatch.cli.options import common_options, given, listener_options
from smswatch.errors import SmswatchError

_COMMANDS = {
    "watch": "smswatch.cli.watch",
    "serve": "smswatch.cli.serve",
    "demo": "smswatch.cli.demo",
    "messages": "smswatch.cli.lists",
    "inbound": "smswatch.cli.lists",
    "requests": "smswatch.cli.lists",
    "show": "smswatch.cli.show",
    "track": "smswatch.cli.track",
    "urls": "smswatch.cli.urls",
    "providers": "smswatch.cli.urls",
}
"""Where each command lives; imported only when it is the one that is meant."""


class _Commands(click.Group):
    """Commands by name; none is `watch`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module = _COMMANDS.get(cmd_name)
        return None if module is None else getattr(import_module(module), cmd_name)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: smswatch --port 7670, then paste the URLs of screen 4 at your providers.",
)
@common_options
@listener_options
@click.version_option(smswatch.__version__, prog_name="smswatch")
@click.pass_context
def group(context: click.Context, /, **flags: object) -> None:
    """Receive, answer, keep and watch SMS delivery reports and inbound SMS.

    Without a command: watch, the listener and the dashboard in one.
    """
    context.obj = given(flags)
    if context.invoked_subcommand is None:
        watch = group.get_command(context, "watch")
        if watch is not None:
            context.invoke(watch)


def main() -> None:
    """Run the command line and exit: 0 fine, 1 it could not do it, 2 wrong usage."""
    try:
        code = group.main(standalone_mode=False, prog_name="smswatch")
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = 130
    except SmswatchError as error:
        sys.stderr.write(f"smswatch: {error}\n")
        code = error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)

"""The group of commands: finds the one that is meant, and turns errors of ours into sentences."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module

import click
from click.shell_completion import shell_complete

import smswatch
from smswatch.cli import output
from smswatch.cli.options import (
    common_options,
    given,
    keep_listening_option,
    listener_options,
    mask_option,
)
from smswatch.crash_report import DEBUG, crash_line, crash_report
from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion

LOG = logging.getLogger(__name__)

_COMMANDS = {
    "watch": "smswatch.cli.watch",
    "serve": "smswatch.cli.serve",
    "demo": "smswatch.cli.demo",
    "messages": "smswatch.cli.lists",
    "inbound": "smswatch.cli.lists",
    "requests": "smswatch.cli.lists",
    "show": "smswatch.cli.show",
    "track": "smswatch.cli.track",
    "prune": "smswatch.cli.removal",
    "purge": "smswatch.cli.removal",
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command is called {safe_line(args[0], 40)}; {suggestion(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: smswatch --port 7670, then paste the URLs of screen 4 at your providers.",
)
@common_options
@listener_options
@mask_option
@keep_listening_option
@click.version_option(smswatch.__version__, prog_name="smswatch")
@click.pass_context
def group(context: click.Context, /, *, mask: bool, keep_listening: bool, **flags: object) -> None:
    """Receive, answer, keep and watch SMS delivery reports and inbound SMS.

    Without a command: watch, the listener and the dashboard in one.
    """
    context.obj = given(flags)
    if context.invoked_subcommand is None:
        watch = group.get_command(context, "watch")
        if watch is not None:
            context.invoke(watch, mask=mask, keep_listening=keep_listening)
    elif mask or keep_listening:
        raise click.UsageError("give --mask and --keep-listening after the command")


_INTERRUPTED = 130
_STANDARD_ERROR = 2
_COMPLETION = "_SMSWATCH_COMPLETE"


def main() -> None:
    """Run the command line and exit: 0 fine, 1 it could not do it, 2 wrong usage."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Whatever goes wrong is one sentence on standard error."""
    _open_standard_files()
    threading.excepthook = _thread_failed
    output.for_people()
    try:
        return _run(arguments)
    except (click.exceptions.Exit, click.ClickException) as error:
        if isinstance(error, click.ClickException):
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except SmswatchError as error:
        return _say(str(error), error.exit_code)
    except OSError as error:
        return _outside_failed(error)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return _say(f"{crash_line(error)} (a fault of smswatch; {DEBUG}=1 shows all of it, please report it)")


def _run(arguments: Sequence[str]) -> int:
    instruction = os.environ.get(_COMPLETION)
    if instruction:
        return shell_complete(group, {}, "smswatch", _COMPLETION, instruction)
    try:
        with group.make_context("smswatch", list(arguments)) as context:
            group.invoke(context)
    finally:
        # Here, and not when Python ends, a reader that is gone can still be told from a fault.
        sys.stdout.flush()
    return 0


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """Log it: on standard error it would stand in the midst of the dashboard."""
    if failed.exc_value is not None:
        LOG.error("a thread failed: %s", crash_report(failed.exc_value))


def _say(sentence: str, code: int = 1) -> int:
    sys.stderr.write(f"smswatch: {safe_line(sentence, 2000)}\n")
    return code


def _outside_failed(error: OSError) -> int:
    _leave_output()
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has seen enough.
        return 0
    return _say(f"{error.filename or 'the output'}: {error.strerror or error}")


def _open_standard_files() -> None:
    """Fill in the standard files that we were started without.

    Else the next file that is opened takes the place of standard output, and is written into.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= _STANDARD_ERROR:
        descriptor = os.dup(descriptor)
    os.close(descriptor)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open


def _leave_output() -> None:
    """Let what is still to be written vanish, so that Python does not fail over it at its end."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)

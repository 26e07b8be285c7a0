"""`watch`: the listener and the dashboard in one process, or a viewer beside a listener that runs."""

from __future__ import annotations

import os
import sys
import termios

import click

from smswatch.cli.dashboard import require_terminal, run_dashboard
from smswatch.cli.listening_post import ListeningPost
from smswatch.cli.options import (
    LISTENER_NAMES,
    are_ignored,
    common_options,
    given,
    keep_listening_option,
    listener_options,
    mask_option,
    settings_of,
)
from smswatch.cli.stopping import Stop, last_words
from smswatch.errors import StoreLockedError

_STANDARD_INPUT = 0


@click.command(epilog="Example: smswatch watch --public-url https://example.ngrok.app")
@common_options
@listener_options
@mask_option
@keep_listening_option
@click.pass_context
def watch(context: click.Context, /, *, keep_listening: bool, mask: bool, **flags: object) -> None:
    """Run the listener and the dashboard; beside a listener that runs already, only the dashboard."""
    require_terminal()
    from smswatch.cli.service import Service  # noqa: PLC0415 - aiohttp takes long to import

    settings = settings_of(context, flags)
    stop = Stop(outlives_terminal=keep_listening)
    service: Service | None = None
    try:
        service = Service(settings)
        service.open()
    except StoreLockedError as locked:
        service = None
        ignored = [name for name in LISTENER_NAMES if name in {**(context.obj or {}), **given(flags)}]
        _say_viewer(locked, ignored)
    post = ListeningPost(settings, service)
    try:
        code = run_dashboard(post, stop, is_masked=mask)
        if post.failure is not None:
            raise post.failure
        if keep_listening and post.service is not None and _terminal_is_gone():
            post.service.listen()  # it may have gone before that began
            stop.wait()
    finally:
        stop.begin()
        post.close()
    last_words(f"Everything is kept in {settings.database}; `smswatch messages` lists it.\n", code)
    context.exit(code)


def _terminal_is_gone() -> bool:
    """Tell a terminal that hung up from one that a person has left with `q`; the dead one is let go."""
    try:
        termios.tcgetattr(_STANDARD_INPUT)
    except termios.error:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (_STANDARD_INPUT, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        return True
    return False


def _say_viewer(locked: StoreLockedError, ignored: list[str]) -> None:
    sys.stderr.write(f"smswatch: {locked}; this window is a viewer beside it.\n")
    if ignored:
        sys.stderr.write(
            f"smswatch: a viewer does not listen, so {are_ignored(ignored)} until it takes over (L).\n"
        )

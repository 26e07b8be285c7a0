"""The empty state: what to do next where a list has nothing to show."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from smswatch.model import Kind
from smswatch.tui import ink
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.ink import Page, line, paragraph, whole_field
from smswatch.tui.key_hints import USUAL, Hints
from smswatch.tui.lines_view import LinesView
from smswatch.tui.personal_app import hints_in
from smswatch.tui.setup_pane import local_url, public_url
from smswatch.wording import how_many

_TITLE_WIDTH = 15
_TITLES = {
    Kind.MESSAGES: "No delivery report has arrived yet.",
    Kind.INBOUND: "Nobody has sent an SMS yet.",
    Kind.REQUESTS: "No webhook has called yet.",
}


def curl_line(kind: Kind, facts: ListenerFacts, providers: Sequence[ProviderFacts]) -> str | None:
    """Return a command that posts an example, which makes a row in the list of this kind.

    The example is that of the first provider that has one; None if none has. Works as it stands in a shell.
    """
    for provider in providers:
        if body := provider.inbound_example if kind is Kind.INBOUND else provider.example:
            header = f"Content-Type: {provider.example_content_type}"
            return shlex.join(["curl", "-H", header, "--data-binary", body, local_url(facts, provider)])
    return None


def empty_page(
    kind: Kind,
    facts: ListenerFacts,
    refused: int,
    providers: Sequence[ProviderFacts],
    *,
    is_filtered: bool,
    width: int,
    is_marked_only: bool = False,
    keys: Hints = USUAL,
) -> Page:
    """Lay out the page; `refused` requests were turned away, `keys` are those in force.

    `is_marked_only`: nothing but the wish for marked messages holds rows back.
    """
    if is_marked_only:
        return [
            Content(""),
            *paragraph("No message is marked.", width, ink.STRONG),
            *paragraph(
                f"{keys['marked_only']} shows all again; {keys['mark']} marks the one in hand.", width
            ),
        ]
    if is_filtered:
        return [
            Content(""),
            *paragraph("Nothing matches the filter.", width, ink.STRONG),
            *paragraph(
                f"{keys['back']} clears it, {keys['filter']} changes it. What arrives goes on being kept.",
                width,
            ),
        ]
    page: Page = [Content(""), *paragraph(_TITLES[kind], width, ink.STRONG), Content("")]
    if refused:
        said = f"{how_many(refused, 'request was', 'requests were')} refused; {keys['setup']} says why."
        page += [*paragraph(said, width, ink.WARNING), Content("")]
    page += paragraph(f"Paste a URL at your provider ({keys['setup']} shows where):", width)
    for provider in providers:
        url = line((public_url(facts, provider), ink.LINK))
        page += whole_field(provider.title, url, width, _TITLE_WIDTH)
    page.append(Content(""))
    if command := curl_line(kind, facts, providers):
        page += paragraph(f"Or post one from another terminal now; {keys['copy']} copies the command:", width)
        page += [*ink.hang(line((command, ink.TEXT)), width, 3), Content("")]
    page += paragraph("`smswatch demo` shows all of it with simulated traffic.", width, ink.QUIET)
    return page


class EmptyState(Vertical):
    """Stands in the place of an empty list."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = LinesView()
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._lines

    def show(
        self,
        kind: Kind,
        facts: ListenerFacts,
        refused: int,
        providers: tuple[ProviderFacts, ...],
        *,
        is_filtered: bool,
        is_marked_only: bool,
    ) -> None:
        """Show what helps now; costs nothing where it is the same."""
        shown = (kind, facts, refused, providers, is_filtered, is_marked_only)
        if shown != self._shown:
            self._shown = shown
            self._lines.show(
                lambda width: empty_page(
                    kind,
                    facts,
                    refused,
                    providers,
                    is_filtered=is_filtered,
                    width=width,
                    is_marked_only=is_marked_only,
                    keys=hints_in(self.app),
                ),
                y=0,
            )

"""The Setup screen: the URLs to paste, where to paste them, the key, and what is reachable from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smswatch.safe_text import SafeText, safe_line
from smswatch.settings import YOUR_TUNNEL
from smswatch.store.removal import UNREADABLE_AT_MOST
from smswatch.tui import ink
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import CallCounts, ListenerFacts, ProviderFacts
from smswatch.tui.ink import Page, field, hang, line, paragraph, rule, whole_field
from smswatch.tui.lines_view import LinesView
from smswatch.wording import how_many

_REFUSED_FOR = {
    "400": "not valid HTTP",
    "403": "sent by a page in a browser",
    "404": "wrong path, or a wrong or missing key",
    "405": "neither POST nor a check by GET",
    "408": "too slow",
    "413": "more than 256 KiB",
    "415": "compressed",
    "429": "too many that cannot be read, or too many wrong keys",
    "503": "could not be kept; the provider was asked to try again",
}


def local_url(facts: ListenerFacts, provider: ProviderFacts) -> str:
    """Return the URL that works from this machine."""
    return f"{facts.reachable_at}{provider.path}"


def public_url(facts: ListenerFacts, provider: ProviderFacts) -> str:
    """Return the URL to paste at the provider; with a placeholder where the tunnel is not known."""
    return f"{facts.public_url or YOUR_TUNNEL}/{facts.key}{provider.path}"


def setup_page(
    facts: ListenerFacts,
    calls: CallCounts,
    providers: Sequence[ProviderFacts],
    selected: int,
    width: int,
    *,
    quiet: Sequence[SafeText] = (),
) -> tuple[Page, tuple[range, ...]]:
    """Lay out the screen; also which lines belong to which provider. `quiet` says which of them are."""
    page: Page = [*_quiet_lines(quiet, width), rule("Callback URLs", width)]
    places: list[range] = []
    for number, provider in enumerate(providers):
        start = len(page)
        page += _provider_lines(facts, provider, width, is_selected=number == selected)
        places.append(range(start, len(page)))
        page.append(Content(""))
    page += _tunnel_lines(facts, width)
    page += _exposure_lines(facts, calls, width)
    page += _refusal_lines(calls, width)
    page += _numbers_lines(providers, width)
    return page, tuple(places)


def _quiet_lines(quiet: Sequence[SafeText], width: int) -> Page:
    if not quiet:
        return []
    page: Page = [rule("Quiet", width)]
    for sentence in quiet:
        page += paragraph(sentence, width, ink.WARNING)
    page += paragraph("Does the provider still call the URL below? 5 lists what is open.", width)
    return [*page, Content("")]


def _provider_lines(facts: ListenerFacts, provider: ProviderFacts, width: int, *, is_selected: bool) -> Page:
    mark = "▸ " if is_selected else "  "
    page: Page = [line((mark + provider.title, ink.STRONG))]
    page += whole_field("public", line((public_url(facts, provider), ink.LINK)), width)
    page += field("local", line((local_url(facts, provider), ink.PLAIN)), width)
    page += field("where", line(provider.setup), width)
    page += field("its docs", line((provider.docs, ink.QUIET)), width)
    return page


def _tunnel_lines(facts: ListenerFacts, width: int) -> Page:
    page: Page = [rule("Tunnel", width)]
    if facts.public_url:
        page += field("public", line((safe_line(facts.public_url, 200), ink.LINK)), width)
        return [*page, Content("")]
    port = facts.reachable_at.rpartition(":")[2]
    page += paragraph("Providers reach this machine through a tunnel of your choice, for example:", width)
    for command in (f"cloudflared tunnel --url {facts.reachable_at}", f"ngrok http {port}"):
        page += hang(line((command, ink.TEXT)), width, 4)
    page += paragraph("Then start smswatch with --public-url and the address that it prints.", width)
    return [*page, Content("")]


def _exposure_lines(facts: ListenerFacts, calls: CallCounts, width: int) -> Page:
    page: Page = [rule("Reachable from outside", width)]
    page += field("key", line((facts.key, ink.DIGITS)), width)
    for until_s, uses in zip(facts.old_keys_until_s, calls.old_key_uses, strict=True):
        until = datetime.fromtimestamp(until_s).astimezone()
        page += field(
            "old key", line((f"valid until {until:%Y-%m-%d %H:%M}{_uses(uses)}", ink.WARNING)), width
        )
    if facts.is_viewer:
        page += paragraph("Whether a key is needed is for the process that listens to say.", width)
    elif facts.is_open:
        page += paragraph("--open is on: tunnelled requests need no key. Anybody can post.", width, ink.BAD)
    else:
        page += paragraph(
            "Only webhooks, and only with the key in their path. The plain paths answer this machine alone.",
            width,
        )
    page += field("database", line(safe_line(facts.database, 500)), width)
    kept = (
        f"{facts.keeps}; what last changed before is removed, unless it is marked (m)"
        if facts.keeps
        else "for ever"
    )
    page += field("keeps", line(kept), width)
    page += field("unreadable", _unreadable(calls), width)
    page += field("listens", line(safe_line(facts.address or _listener_elsewhere(facts), 200)), width)
    return [*page, Content("")]


def _unreadable(calls: CallCounts) -> Content:
    most = f"the newest {UNREADABLE_AT_MOST // 2**20} MB are kept"
    gone = f"; {how_many(calls.let_go, 'older one')} removed" if calls.let_go else ""
    return line(most, (gone, ink.WARNING))


def _refusal_lines(calls: CallCounts, width: int) -> Page:
    """Say what came and is on no list; a callback URL that was pasted wrongly shows here and nowhere else."""
    if not calls.refusals:
        return []
    page: Page = [rule("Refused, and not kept", width)]
    for answer, times in calls.refusals:
        why = _REFUSED_FOR.get(answer, "refused")
        page += field(safe_line(answer, 10), line((f"{times:,}", ink.DIGITS), f"  {why}"), width)
    return [*page, Content("")]


def _uses(uses: Sequence[tuple[str, int]]) -> str:
    named = ", ".join(f"{safe_line(provider, 30)} {times:,}" for provider, times in uses)
    return f"; still used: {named}" if named else "; not used since it was changed"


def _listener_elsewhere(facts: ListenerFacts) -> str:
    return f"in process {facts.holder_pid}; this window is a viewer" if facts.holder_pid else "nobody"


def _numbers_lines(providers: Sequence[ProviderFacts], width: int) -> Page:
    silent = [provider for provider in providers if not provider.sends_number]
    if not silent:
        return []
    names = ", ".join(provider.title for provider in silent)
    page: Page = [rule("Numbers", width)]
    page += paragraph(f"Callbacks of {names} do not say whom a message went to. Tell smswatch:", width)
    command = f"smswatch track {silent[0].name} MESSAGE_ID --to +40722334455"
    page += hang(line((command, ink.TEXT)), width, 4)
    return page


class SetupPane(Vertical, can_focus=True):
    """The screen; `y` copies the public URL of the provider in hand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next provider", show=False, id="setup_down"),
        Binding("up,k", "move(-1)", "Previous provider", show=False, id="setup_up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="setup_page_down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="setup_page_up"),
        Binding("home,g", "edge(-1)", "Top", show=False, id="setup_top"),
        Binding("end,G", "edge(1)", "Bottom", show=False, id="setup_bottom"),
        Binding("y", "copy", "Copy URL", id="copy"),
    ]

    class CopyAsked(Message):
        """A person wants this on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="setup")
        self._lines = LinesView()
        self._facts: ListenerFacts | None = None
        self._calls = CallCounts()
        self._providers: tuple[ProviderFacts, ...] = ()
        self._quiet: tuple[SafeText, ...] = ()
        self._selected = 0
        self._is_masked = False
        self._places: tuple[range, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._lines

    def show(self, facts: ListenerFacts, calls: CallCounts, providers: tuple[ProviderFacts, ...]) -> None:
        """Show these facts; costs nothing where they are the same."""
        if (facts, calls, providers) != (self._facts, self._calls, self._providers):
            self._facts, self._calls, self._providers = facts, calls, providers
            self._lay_out()

    def set_quiet(self, quiet: tuple[SafeText, ...]) -> None:
        """Say which providers are quiet; costs nothing where it is the same."""
        if quiet != self._quiet:
            self._quiet = quiet
            self._lay_out()

    def set_display(self, display: DisplayOptions) -> None:
        """Hide the access key while numbers and texts are masked."""
        if display.masked != self._is_masked:
            self._is_masked = display.masked
            self._lay_out()

    def _lay_out(self) -> None:
        self._lines.show(self._page)

    def _page(self, width: int) -> Page:
        if self._facts is None:
            return []
        # What is copied stays whole.
        facts = self._facts.without_key if self._is_masked else self._facts
        page, self._places = setup_page(
            facts, self._calls, self._providers, self._selected, width, quiet=self._quiet
        )
        return page

    def action_move(self, step: int) -> None:
        view = self._lines
        following = self._selected + step
        if not (0 <= following < len(self._providers) and self._is_selected_seen):
            # Beyond the providers, and on the way back to them, it is the page that moves.
            view.scroll_relative(y=3 * step, animate=False)
            return
        self._selected = following
        self._lay_out()
        view.reveal(self._places[following])

    @property
    def _is_selected_seen(self) -> bool:
        top = self._lines.scroll_offset.y
        lines = self._places[self._selected]
        return lines.start < top + self._lines.size.height and lines.stop > top

    def on_lines_view_line_clicked(self, event: LinesView.LineClicked) -> None:
        """Take the provider under the pointer in hand."""
        event.stop()
        found = next((n for n, lines in enumerate(self._places) if event.index in lines), None)
        if found is not None and found != self._selected:
            self._selected = found
            self._lay_out()

    def action_page(self, pages: int) -> None:
        view = self._lines
        view.scroll_relative(y=pages * max(1, view.size.height - 1), animate=False)

    def action_edge(self, which: int) -> None:
        view = self._lines
        if which < 0:
            view.scroll_home(animate=False)
        else:
            view.scroll_end(animate=False)

    def action_copy(self) -> None:
        if self._facts is not None and self._providers:
            self.post_message(self.CopyAsked(public_url(self._facts, self._providers[self._selected])))

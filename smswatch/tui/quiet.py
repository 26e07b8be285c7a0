"""Quiet providers: of which something is still expected, though nothing has come for too long.

Said as it is: so many are open, and when the last callback came. It is not known what became of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smswatch.filters.expression import Claim, Is, ProviderIn
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.waiting import Waiting
from smswatch.tui import ink
from smswatch.tui.detail_times import ago
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.insight_sheet import Cell, Row, Section, filter_of

_NAME_LIMIT = 40
_WHY_QUIET = SafeText(
    "nothing has come for longer than it takes to be stuck: does the provider still have the right URL (4)?"
)


def is_quiet(waiting: Waiting, stuck_before_ms: Callable[[str], int]) -> bool:
    """Tell whether a provider has been silent for as long as makes a message stuck."""
    return waiting.called_ms is None or waiting.called_ms < stuck_before_ms(waiting.provider)


def last_call(waiting: Waiting, now_ms: int) -> str:
    """Say when the last callback came."""
    if waiting.called_ms is None:
        return "no callback kept"
    return f"last callback {ago(max(now_ms - waiting.called_ms, 0))}"


def quiet_sentence(waiting: Waiting, now_ms: int) -> SafeText:
    """Say it of one provider: `webcom: 3 open, last callback 2 h ago`."""
    return safe_line(f"{waiting.provider}: {waiting.open:,} open, {last_call(waiting, now_ms)}", 120)


def quiet_sentences(
    waiting: Sequence[Waiting], stuck_before_ms: Callable[[str], int], now_ms: int
) -> tuple[SafeText, ...]:
    """Say it of each provider that is quiet."""
    return tuple(quiet_sentence(one, now_ms) for one in waiting if is_quiet(one, stuck_before_ms))


def still_open(
    waiting: Sequence[Waiting],
    providers: Sequence[ProviderFacts],
    stuck_before_ms: Callable[[str], int],
    now_ms: int,
) -> Section:
    """Return what is still open now, by provider."""
    titles = {facts.name: facts.title for facts in providers}
    rows = tuple(
        _row(one, titles.get(one.provider, one.provider), now_ms, silent=is_quiet(one, stuck_before_ms))
        for one in waiting
    )
    return Section(SafeText("Still open, now"), ("open", "stuck", "last callback"), rows)


def _row(waiting: Waiting, title: str, now_ms: int, *, silent: bool) -> Row:
    name = safe_line(title, _NAME_LIMIT)
    ours = ProviderIn((waiting.provider,))
    listed = filter_of(ours, Is(Claim.OPEN))
    called = last_call(waiting, now_ms)
    style = ink.WARNING if silent else ink.PLAIN
    still = f"{name}: {waiting.open:,} still open"
    cells = {
        "open": Cell(f"{waiting.open:,}", ink.OPEN, listed, safe_line(still), waiting.open),
        "stuck": Cell("–", ink.QUIET, None, safe_line(f"{name}: none open for too long")),
        "last callback": Cell(
            ("quiet, " if silent else "") + called.removeprefix("last callback "),
            style,
            listed,
            safe_line(f"{still}, {called}"),
            waiting.open,
        ),
    }
    if waiting.stuck:
        about = safe_line(f"{name}: {waiting.stuck:,} of {waiting.open:,} open for too long")
        text = filter_of(ours, Is(Claim.STUCK))
        cells["stuck"] = Cell(f"{waiting.stuck:,}", ink.WARNING, text, about, waiting.stuck)
    return Row(("open", waiting.provider), name, cells, _WHY_QUIET if silent else SafeText(""), style)

"""Insight's rows: providers and reasons, and all that the screen shows put together."""

from __future__ import annotations

from smswatch.filters.expression import ErrorIn, Expression, Has, Not, Part, ProviderIn, StatusIn
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.insight import Insight, Reason, Told
from smswatch.tui import ink
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.glyphs import glyph
from smswatch.tui.insight_bars import bars_of
from smswatch.tui.insight_cells import FIGURES, cut, figures_row, most_first
from smswatch.tui.insight_places import countries, networks
from smswatch.tui.insight_sheet import Around, Cell, Row, Section, Sheet, filter_of
from smswatch.tui.insight_words import share_text

_WORD_LIMIT = 40
_TEXT_LIMIT = 160


def sheet(insight: Insight, around: Around) -> Sheet:
    """Make what the screen shows out of one reading."""
    found = (
        _providers(insight, around),
        _reasons(insight, around),
        countries(insight, around),
        networks(insight, around),
    )
    return Sheet(
        total=insight.total,
        share=insight.share,
        bars=bars_of(insight, around.now_ms),
        sections=tuple(section for section in found if section.rows),
    )


def _providers(insight: Insight, around: Around) -> Section:
    titles = {facts.name: facts.title for facts in around.providers}
    rows = [
        figures_row(
            ("provider", name),
            safe_line(titles.get(name, name), _WORD_LIMIT),
            figures,
            (ProviderIn((name,)), *around.range.terms),
        )
        for name, figures in most_first(insight.by_provider)
    ]
    if len(rows) > 1:
        rows.insert(0, figures_row(("all",), SafeText("all of them"), insight.total, around.range.terms))
    return Section(SafeText("Providers"), FIGURES, tuple(rows))


def _reasons(insight: Insight, around: Around) -> Section:
    told = sorted(
        insight.reasons.items(), key=lambda one: (-one[1].messages, one[0].provider, one[0].code or "")
    )
    rows = [_reason_row(reason, said, insight.total.bad, around) for reason, said in told]
    shown, remark = cut(rows, "", "reasons")
    return Section(SafeText("Why they did not arrive"), ("messages", "share"), shown, remark)


def _reason_row(reason: Reason, told: Told, whole: int, around: Around) -> Row:
    asked: list[Expression] = [ProviderIn((reason.provider,)), StatusIn((reason.status,))]
    if reason.code:
        asked.append(ErrorIn((reason.code,)))
    elif not reason.has_text:
        asked.append(Not(Has(Part.ERROR)))
    text = filter_of(*asked, *around.range.terms)
    facts = next((facts for facts in around.providers if facts.name == reason.provider), None)
    words = " ".join(sorted(told.words)) if reason.code is None else reason.code
    said = "" if around.is_masked or not told.text else f" {told.text}"
    title = safe_line(
        f"{glyph(reason.status)} {facts.title if facts else reason.provider} {words}{said}", _TEXT_LIMIT
    )
    share = share_text(told.messages, whole)
    about = safe_line(f"{title}: {told.messages:,} of {whole:,} that did not arrive, {share}", 300)
    return Row(
        ("reason", reason.provider, reason.status, reason.code or ""),
        title,
        {
            "messages": Cell(f"{told.messages:,}", ink.BAD, text, about, told.messages),
            "share": Cell(share, ink.PLAIN, text, about, told.messages),
        },
        note=_meaning(reason, told, facts),
    )


def _meaning(reason: Reason, told: Told, facts: ProviderFacts | None) -> SafeText:
    """Return what the provider's code means, as far as it is known without asking anybody."""
    words = [reason.code] if reason.code else sorted(told.words)
    codes = {} if facts is None else facts.codes
    known = next((codes[word.casefold()] for word in words if word.casefold() in codes), None)
    return SafeText("") if known is None else safe_line(f"{known.meaning}; {known.cause}", 300)

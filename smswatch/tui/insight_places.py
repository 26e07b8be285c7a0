"""Insight's places: countries by the beginning of the number, networks by the codes that providers name."""

from __future__ import annotations

from smswatch.filters.expression import CountryCodeIn, Has, NetworkCodeIn, Not, Number, Part
from smswatch.numbers import calling_code, regions
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.figures import Figures
from smswatch.store.insight import Insight, Network
from smswatch.tui.insight_cells import FIGURES, cut, figures_row, most_first
from smswatch.tui.insight_sheet import Around, RowKey, Section, Terms
from smswatch.wording import how_many

_WORD_LIMIT = 40
_REGIONS_NAMED = 2
_UNKNOWN_CODE = 4


def countries(insight: Insight, around: Around) -> Section:
    """Return what became of messages by the country code of their numbers."""
    groups: dict[RowKey, Figures] = {}
    for beginning, figures in insight.by_beginning.items():
        key = _country_key(beginning)
        groups[key] = groups[key].with_more(figures) if key in groups else figures
    rows = [
        figures_row(
            ("country", *key), _country_title(key), figures, (*_country_terms(key), *around.range.terms)
        )
        for key, figures in most_first(groups)
    ]
    is_told = any(key[0] in {"code", "plus"} for key in groups)
    shown, remark = cut(rows if is_told else [], "", "countries")
    return Section(SafeText("Countries, by the number"), FIGURES, shown, remark)


def _country_key(beginning: str | None) -> RowKey:
    if beginning is None:
        return ("none",)
    code = calling_code(beginning)
    if code is not None:
        return "code", code
    return (
        ("plus", beginning) if beginning.startswith("+") and len(beginning) == _UNKNOWN_CODE else ("other",)
    )


def _country_title(key: RowKey) -> SafeText:
    match key:
        case ("code", code):
            named = regions(code)
            shown = named if len(named) <= _REGIONS_NAMED else (*named[:1], "…")
            return safe_line(f"+{code} {' '.join(shown)}".rstrip(), _WORD_LIMIT)
        case ("plus", beginning):
            return safe_line(f"{beginning}, no country's", _WORD_LIMIT)
        case ("none",):
            return SafeText("number not known")
        case _:
            return SafeText("no country code")


def _country_terms(key: RowKey) -> Terms:
    match key:
        case ("code", code):
            return (Number(f"+{code}", open_end=True),)
        case ("plus", beginning):
            return (Number(beginning, open_end=True),)
        case ("none",):
            return (Not(Has(Part.NUMBER)),)
        case _:
            return Has(Part.NUMBER), Not(Number("+", open_end=True))


def networks(insight: Insight, around: Around) -> Section:
    """Return what became of messages by the network that the provider names, where it names one."""
    named = {network: one for network, one in insight.by_network.items() if any(network)}
    rows = [
        figures_row(
            ("network", network[0] or "", network[1] or ""),
            _network_title(network, insight),
            figures,
            (*_network_terms(network), *around.range.terms),
        )
        for network, figures in most_first(named)
    ]
    known = sum(figures.messages for figures in named.values())
    missing = insight.total.messages - known
    shown, remark = cut(rows, f"not told for {how_many(missing, 'message')}" if missing else "", "networks")
    return Section(SafeText("Networks, mcc mnc"), FIGURES, shown, remark)


def _network_title(network: Network, insight: Insight) -> SafeText:
    """Name a network by its codes, and the country to whose numbers most of its messages went."""
    counted = [(n, beginning) for beginning, n in insight.beginnings[network].items() if beginning]
    code = calling_code(max(counted)[1]) if counted else None
    country = f"  {regions(code)[0]}" if code and regions(code) else ""
    return safe_line(f"{network[0] or '?'} {network[1] or '?'}{country}", _WORD_LIMIT)


def _network_terms(network: Network) -> Terms:
    mcc, mnc = network
    country: Terms = (CountryCodeIn((mcc,)),) if mcc else ()
    return (*country, NetworkCodeIn((mnc,)) if mnc else Not(Has(Part.NETWORK)))

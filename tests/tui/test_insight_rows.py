"""Every figure of Insight leads to a filter, and that filter lists exactly the messages that it counts."""

from __future__ import annotations

from contextlib import aclosing

import pytest
from dashboard_station import Station
from insight_day import MINUTE_MS, receive_day

from smswatch.filters import FilterContext, condition, parse
from smswatch.model import Kind
from smswatch.store.insight import Insight
from smswatch.store.reader import Reader
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.insight_page import Chosen, insight_page
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import RANGES, Around, Cell, Section, TimeRange, with_section
from smswatch.tui.insight_words import share_text, time_text, typed_time
from smswatch.tui.quiet import still_open

NOW_MS = 1_795_176_000_000 + 75 * MINUTE_MS
CONTEXT = FilterContext(now_ms=NOW_MS, stuck_after_ms=30 * MINUTE_MS)


async def counted(reader: Reader, chosen: TimeRange) -> Insight:
    async with aclosing(reader.insight(chosen.since_ms(NOW_MS), NOW_MS)) as countings:
        return [counting.insight() async for counting in countings][-1]


async def everything(
    station: Station, chosen: TimeRange, facts: tuple[ProviderFacts, ...], *, is_masked: bool = False
) -> tuple[list[Section], list[Cell], str]:
    """Return the sections, all cells, and the page as text."""
    async with await Reader.open(station.path) as reader:
        insight = await counted(reader, chosen)
        waiting = await reader.still_open(CONTEXT.stuck_before_ms)
    shown = sheet(insight, Around(chosen, NOW_MS, facts, is_masked))
    section = still_open(waiting, facts, CONTEXT.stuck_before_ms, NOW_MS)
    shown = with_section(shown, section)
    page = insight_page(shown, None, DisplayOptions(now_ms=NOW_MS, masked=is_masked), 120)
    text = "\n".join(line.plain for line in page.lines)
    names = {row.key: tuple(row.cells) for section in shown.sections for row in section.rows}
    chosen_ones = [
        Chosen(stop.key, name) for stop in page.stops for name in names.get(stop.key, stop.columns)
    ]
    cells = [cell for one in chosen_ones if (cell := page.cell(one)) is not None]
    return list(shown.sections), cells, text


@pytest.mark.parametrize("chosen", RANGES, ids=lambda chosen: chosen.name)
async def test_each_figure_counts_what_its_filter_finds(
    station: Station, provider_facts: tuple[ProviderFacts, ...], chosen: TimeRange
) -> None:
    await receive_day(station)
    sections, cells, _ = await everything(station, chosen, provider_facts)
    assert [section.title.split(",")[0] for section in sections] == [
        "Providers",
        "Still open",
        "Why they did not arrive",
        "Countries",
        "Networks",
    ]
    asked = [cell for cell in cells if cell.filter_text is not None]
    assert len(asked) > 80
    async with await Reader.open(station.path) as reader:
        for cell in asked:
            wanted = condition(parse(cell.filter_text or ""), Kind.MESSAGES, CONTEXT)
            assert await reader.count(Kind.MESSAGES, wanted) == cell.count, (cell.about, cell.filter_text)
            assert cell.count


async def test_what_is_zero_leads_nowhere(
    station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    await station.smso("one", "delivered")
    _, cells, _ = await everything(station, RANGES[3], provider_facts)
    assert all(cell.count for cell in cells if cell.filter_text is not None)
    assert any(cell.about == "SMSO: none did not arrive" for cell in cells)


async def test_what_is_not_known_is_no_failure(
    station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    await station.webcom((1, "partly_deliver"), (2, "send"), (3, "moderation"))
    _, cells, text = await everything(station, RANGES[3], provider_facts)
    assert any(cell.about == "Webcom: 1 of 3 will never be known, 33.3%" for cell in cells)
    assert any(cell.about == "Webcom: 2 of 3 still open, 66.7%" for cell in cells)
    assert any(cell.about == "Webcom: none did not arrive" for cell in cells)
    assert "Why they did not arrive" not in text


async def test_a_provider_that_went_quiet_is_said_to_be_quiet(
    station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    await station.webcom((1, "send"))
    await station.smso("one", "sent", after_ms=70 * MINUTE_MS)
    _, cells, text = await everything(station, RANGES[3], provider_facts)
    (webcom,) = (line for line in text.splitlines() if "quiet" in line)
    assert webcom.split() == ["Webcom", "1", "1", "quiet,", "1", "h", "ago"]
    assert any(cell.about == "Webcom: 1 still open, last callback 1 h ago" for cell in cells)


async def test_masked_no_text_of_a_stranger_is_shown(
    station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    await station.gateway(71, 9, "No signal at +40722334455", "+40722334401")
    _, _, text = await everything(station, RANGES[3], provider_facts)
    assert "SmsGateWay24 9 No signal at +40722334455" in text
    _, cells, text = await everything(station, RANGES[3], provider_facts, is_masked=True)
    assert "SmsGateWay24 9" in text
    assert not any("334" in part for part in (text, *(cell.about for cell in cells)))


async def test_what_strangers_wrote_is_shown_and_found_as_it_is(
    station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    await station.gateway(71, 9, "[b]\x1b[31mred", "[/b]\x1b]0;x\x07")
    form = b"uuid=u&status=sent&receiver[number]=%2B999123456&receiver[mcc]=a,b%22&receiver[mnc]=[/b]%1b"
    await station.receive("smso", form, "application/x-www-form-urlencoded")
    _, cells, text = await everything(station, RANGES[3], provider_facts)
    assert "\x1b" not in text
    assert "[b]" in text
    async with await Reader.open(station.path) as reader:
        for cell in cells:
            if cell.filter_text is not None:
                wanted = condition(parse(cell.filter_text), Kind.MESSAGES, CONTEXT)
                assert await reader.count(Kind.MESSAGES, wanted) == cell.count, cell


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (0, 9, "0%"), (9, 9, "100%"), (1, 3, "33.3%"), (1, 5000, "<0.1%"), (4999, 5000, ">99.9%")],
)
def test_a_share_claims_neither_nothing_nor_everything_too_soon(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text


@pytest.mark.parametrize(
    ("ms", "text", "typed"),
    [
        (0, "0 ms", "0ms"),
        (420, "420 ms", "420ms"),
        (4200, "4.2 s", "4.2s"),
        (42_000, "42 s", "42s"),
        (420_000, "7.0 min", "420s"),
        (42_000_000, "12 h", "42000s"),
        (420_000_000, "4.9 d", "420000s"),
    ],
)
def test_times_to_delivery_have_two_digits(ms: int, text: str, typed: str) -> None:
    assert time_text(ms) == text
    assert "".join(typed_time(ms)) == typed


def test_no_time_is_a_dash() -> None:
    assert time_text(None) == "–"

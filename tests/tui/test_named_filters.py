"""Stories of filters with a name: kept, chosen, deleted, and those of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from dashboard_station import MakeApp, Station, app_of, pane_of, running, screen_text, sees, until
from textual.command import CommandPalette

from smswatch.errors import SmswatchError
from smswatch.tui.filter_shelf import LONGEST_NAME, FilterShelf
from smswatch.tui.memory import MemoryFile, NamedFilter
from smswatch.tui.named_filters import NamedFilters


@pytest.fixture
async def traffic(station: Station) -> Station:
    """Three messages of two providers."""
    await station.webcom((3001, "send"), (3002, "deliver"))
    await station.smso("u-1", "undelivered")
    return station


@pytest.fixture
def shelf(tmp_path: Path) -> FilterShelf:
    return FilterShelf(MemoryFile(tmp_path / "memory.json"), {"Night": "after:8h"})


@pytest.mark.usefixtures("traffic")
async def test_the_filter_in_force_is_kept_under_a_name_and_is_there_at_the_next_start(
    make_app: MakeApp,
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("/", *"provider:smso", "enter", "N")
        await sees(pilot, "In force: provider:smso")
        await pilot.press("s", *"mine / 1", "enter")
        await until(pilot, lambda: "mine / 1" in screen_text(app_of(pilot)))
        await pilot.press("escape", "escape")
        await sees(pilot, "all 3 messages")
    async with running(make_app()) as pilot:
        await pilot.press("N", "enter")
        await sees(pilot, "/provider:smso  1 of 3")


@pytest.mark.usefixtures("traffic")
async def test_del_deletes_it_and_says_what_it_was(station: Station, make_app: MakeApp) -> None:
    MemoryFile.beside(station.path).name_filter("mine", "is:open")
    async with running(make_app()) as pilot:
        await pilot.press("N", "delete")
        await sees(pilot, "Deleted mine; it was is:open")
        await sees(pilot, "None yet.")
    assert MemoryFile.beside(station.path).now.filters == ()


@pytest.mark.usefixtures("traffic")
async def test_those_of_the_configuration_can_be_taken_and_not_deleted(make_app: MakeApp) -> None:
    async with running(make_app(filters={"Bad ones": "status:bad"})) as pilot:
        await pilot.press("N", "delete")
        await sees(pilot, "Bad ones stands in")
        await pilot.press("enter")
        await sees(pilot, "/status:bad  1 of 3")


@pytest.mark.usefixtures("traffic")
async def test_the_palette_offers_them_and_from_setup_they_lead_to_the_messages(make_app: MakeApp) -> None:
    async with running(make_app(filters={"Bad [b]ones": "status:bad"})) as pilot:
        await pilot.press("4", "ctrl+p")
        await until(pilot, lambda: isinstance(app_of(pilot).screen, CommandPalette))
        await pilot.press(*"filter: bad")
        await sees(pilot, "Filter: Bad (b)ones")
        await pilot.press("down", "enter")
        await sees(pilot, "/status:bad  1 of 3")


@pytest.mark.usefixtures("traffic")
async def test_while_masked_names_are_shown_and_not_what_they_look_for(make_app: MakeApp) -> None:
    async with running(make_app(filters={"Ana": "0722334455"}, is_masked=True)) as pilot:
        await pilot.press("N")
        await sees(pilot, "Ana")
        assert "0722334455" not in screen_text(app_of(pilot))


@pytest.mark.usefixtures("traffic")
async def test_one_that_cannot_be_read_any_more_says_why_and_changes_nothing(
    station: Station, make_app: MakeApp
) -> None:
    MemoryFile.beside(station.path).name_filter("old", "nokey:x")
    async with running(make_app()) as pilot:
        await pilot.press("N", "enter")
        await sees(pilot, "there is no nokey: in the language")
        assert not pane_of(app_of(pilot)).filter_text


@pytest.mark.usefixtures("traffic")
async def test_without_a_filter_in_force_there_is_nothing_to_keep(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("N", "s")
        await sees(pilot, "No filter is in force that could be kept.")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app_of(pilot).screen, NamedFilters))


def test_a_name_is_cleaned_and_bounded(shelf: FilterShelf) -> None:
    shelf.save("  a\x1b[31m   b " + "x" * 99, "is:open")
    (_, one) = sorted(shelf.filters, key=lambda one: one.is_configured, reverse=True)
    assert one.name == ("a[31m b " + "x" * 99)[:LONGEST_NAME]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        pytest.param(" \x07", "is:open", "needs a name", id="no name"),
        pytest.param("a", "", "no filter in force", id="no filter"),
        pytest.param("Night", "is:open", "stands in the configuration", id="the configuration's name"),
    ],
)
def test_it_refuses(shelf: FilterShelf, name: str, text: str, reason: str) -> None:
    with pytest.raises(SmswatchError, match=reason):
        shelf.save(name, text)


def test_a_name_that_the_configuration_took_meanwhile_is_still_there(tmp_path: Path) -> None:
    memory = MemoryFile(tmp_path / "memory.json")
    memory.name_filter("Night", "is:open")
    found = FilterShelf(memory, {"Night": "after:8h"}).filters
    assert [(one.text, one.is_configured) for one in found] == [("is:open", False), ("after:8h", True)]
    assert memory.now.filters == (NamedFilter("Night", "is:open"),)

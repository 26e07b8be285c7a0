"""Themes: each can be read, by everybody, and is remembered."""

from __future__ import annotations

import itertools
import math

import pytest
from dashboard_station import MakeApp, Station, app_of, running, sees, until
from textual.theme import Theme

from smswatch.tui.app import SmsWatchApp
from smswatch.tui.header import HeaderBar
from smswatch.tui.key_line import KeyLine
from smswatch.tui.memory import MemoryFile
from smswatch.tui.screens import Screens
from smswatch.tui.themes import NAMES, THEMES, usual_theme

Channels = tuple[float, float, float]
OURS = [theme for theme in THEMES if not theme.ansi]
INKS = ("text-success", "text-error", "text-warning", "text-primary", "text-secondary")
EYES: dict[str, tuple[Channels, Channels, Channels]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "no green": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "no blue": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9309, 0.1476), (0.0047, 0.6914, 0.3039)),
}
"""What eyes make of linear RGB, by Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of
color vision deficiency" (2009), for a whole deficiency."""


def linear(colour: str) -> Channels:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def seen(colour: str, eye: str) -> Channels:
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in EYES[eye]
    )
    return red, green, blue


def lab(light: Channels) -> Channels:
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    a, b, c = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def apart(one: str, other: str, eye: str) -> float:
    """How far two colours are from each other (CIE76); from about 10 on a glance tells them apart."""
    return math.dist(lab(seen(one, eye)), lab(seen(other, eye)))


def contrast(one: str, other: str) -> float:
    """As WCAG defines it, 1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    dark, bright = sorted(
        sum(a * b for a, b in zip(weights, linear(colour), strict=True)) for colour in (one, other)
    )
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_every_colour_of_text_can_be_read(theme: Theme) -> None:
    least = 7.0 if theme.name == "high-contrast" else 4.5
    for ground in (theme.background, theme.surface):
        assert ground is not None
        assert theme.foreground is not None
        for colour in (theme.foreground, *(theme.variables[ink] for ink in INKS)):
            assert contrast(colour, ground) >= least, (colour, ground)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_what_arrived_and_what_failed_are_told_apart_by_everybody(theme: Theme, eye: str) -> None:
    good, bad = theme.variables["text-success"], theme.variables["text-error"]
    assert apart(good, bad, eye) >= 25
    for one, other in itertools.combinations(INKS, 2):
        assert apart(theme.variables[one], theme.variables[other], eye) >= 8, (one, other)


def test_a_terminal_of_sixteen_colours_gets_its_own() -> None:
    assert usual_theme("standard") == "ansi"
    assert usual_theme("256") == usual_theme("truecolor") == usual_theme(None) == "dark"


def test_sixteen_colours_are_not_told_apart_by_red_and_green() -> None:
    ansi = next(theme for theme in THEMES if theme.ansi)
    assert not any("green" in ansi.variables[ink] for ink in INKS)


@pytest.fixture
async def traffic(station: Station) -> Station:
    await station.webcom((3001, "deliver"), (3002, "not_deliver"))
    return station


@pytest.mark.usefixtures("traffic")
async def test_a_theme_is_chosen_in_the_palette_and_there_at_the_next_start(
    make_app: MakeApp, station: Station
) -> None:
    async with running(make_app()) as pilot:
        assert app_of(pilot).theme == "dark"
        await pilot.press("ctrl+p", *"theme: light")
        await sees(pilot, "Theme: light")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app_of(pilot).theme == "light")
    assert MemoryFile.beside(station.path).now.theme == "light"
    async with running(make_app()) as pilot:
        assert app_of(pilot).theme == "light"


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("name", NAMES)
async def test_every_theme_can_be_shown(make_app: MakeApp, name: str) -> None:
    async with running(make_app(theme=name)) as pilot:
        await sees(pilot, "✗ undelivered")
        await pilot.press("enter")
        await sees(pilot, "message id")


def painted(app: SmsWatchApp) -> list[list[object]]:
    """Return each cell's letter and style, as they are drawn."""
    return [
        [(letter, style) for text, style, _ in strip for letter in text]
        for strip in app.screen._compositor.render_strips()
    ]


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(("before", "after"), list(itertools.pairwise((*NAMES, NAMES[0]))))
async def test_a_theme_that_is_chosen_later_looks_as_it_does_from_the_start(
    make_app: MakeApp, station: Station, before: str, after: str
) -> None:
    memory = MemoryFile.beside(station.path)
    memory.remember(theme=after)
    async with running(make_app()) as pilot:
        await pilot.press("enter")
        await sees(pilot, "message id")
        await pilot.pause()
        at_once = painted(app_of(pilot))
    memory.remember(theme=before)
    async with running(make_app()) as pilot:
        await pilot.press("enter")
        await sees(pilot, "message id")
        assert painted(app_of(pilot)) != at_once
        app_of(pilot).theme = after
        await until(pilot, lambda: painted(app_of(pilot)) == at_once)


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("number", ["1", "2", "3", "4", "5"])
async def test_what_is_covered_is_not_drawn_and_what_covers_it_leaves_no_hole(
    make_app: MakeApp, number: str
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press(number)
        await pilot.pause()
        screen = app_of(pilot).screen
        screens, keys = screen.query_one(Screens), screen.query_one(KeyLine)
        covered = [screens, screens.visible_content]
        drawn = screen._compositor.visible_widgets
        assert drawn.keys().isdisjoint(covered)
        inside = [region for widget, (region, _) in drawn.items() if screens in widget.ancestors]
        top = screen.query_one(HeaderBar).region.bottom
        for cell in itertools.product((0, keys.region.right - 1), range(top, keys.region.y)):
            assert any(region.contains(*cell) for region in inside), cell


@pytest.mark.usefixtures("traffic")
async def test_the_theme_of_the_configuration_comes_first_and_says_so(
    make_app: MakeApp, station: Station
) -> None:
    MemoryFile.beside(station.path).remember(theme="light")
    app = make_app(theme="high-contrast")
    async with running(app) as pilot:
        assert app.theme == "high-contrast"
        app.theme = "ansi"
        await sees(pilot, "the configuration names a theme")


async def test_a_remembered_theme_that_is_gone_is_the_usual_one(make_app: MakeApp, station: Station) -> None:
    MemoryFile.beside(station.path).remember(theme="gone")
    async with running(make_app()) as pilot:
        assert app_of(pilot).theme == "dark"


@pytest.mark.usefixtures("station")
async def test_without_colour_no_text_has_the_colour_of_its_background(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(theme="ansi")
    async with running(app) as pilot:
        for name in ("ansi", "light", "ansi", "dark"):
            app.theme = name
            await pilot.pause()
            assert app._filters
            for strip in app.screen._compositor.render_strips():
                for line_filter in app._filters:
                    strip = strip.apply_filter(line_filter, app.screen.background_colors[1])  # noqa: PLW2901 - piped
                for text, style, _ in strip:
                    assert style is not None or not text.strip()
                    if style is not None and text.strip() and style.color and not style.color.is_default:
                        assert style.color != style.bgcolor, (name, text)

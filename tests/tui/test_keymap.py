"""Keys of the configuration: what they are called, what is refused, what is shown."""

from __future__ import annotations

import pytest
from dashboard_station import MakeApp, Station, app_of, pane_of, running, screen_text, sees, until
from rich.cells import cell_len
from textual.keys import _character_to_key

from smswatch.errors import SettingsError
from smswatch.tui.app import EVERYWHERE
from smswatch.tui.help_screen import help_page
from smswatch.tui.keymap import bindings_of, key_help, read_keymap
from smswatch.tui.lines_view import LinesView
from smswatch.tui.named_filters import NamedFilters
from smswatch.tui.places import PLACES


def keymap(**wanted: str) -> dict[str, str]:
    return read_keymap(wanted, EVERYWHERE, PLACES)


@pytest.mark.parametrize("place", [EVERYWHERE, *PLACES], ids=lambda place: place[0])
def test_every_key_has_a_name_for_the_configuration_and_says_what_it_does(
    place: tuple[str, type],
) -> None:
    for binding in bindings_of(place[1]):
        assert binding.id, binding
        assert binding.description, binding


def test_without_a_configuration_no_key_does_two_things() -> None:
    assert keymap() == {}
    assert keymap(quit="q") == {"quit": "q"}


def test_textual_still_tells_the_names_of_characters() -> None:
    assert _character_to_key("/") == "slash"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"filter": "slash,ctrl+k"}, {"filter": "slash,ctrl+k"}, id="names"),
        pytest.param({"filter": "/, f3"}, {"filter": "slash,f3"}, id="characters"),
        pytest.param({"mark": "+"}, {"mark": "plus"}, id="the plus itself"),
        pytest.param({"follow": "p", "freeze": "f"}, {"follow": "p", "freeze": "f"}, id="exchanged"),
        pytest.param({"mark": "full_stop"}, {"mark": "full_stop"}, id="by the name of a character"),
        pytest.param(
            {"filter": "slash,ctrl+f"},
            {
                "filter": "slash,ctrl+f",
                "list_page_down": "pagedown",
                "detail_page_down": "pagedown",
                "insight_page_down": "pagedown",
                "setup_page_down": "pagedown",
            },
            id="taken from what keeps another key",
        ),
        pytest.param({"list_down": "n", "detail_down": "n"}, None, id="one key in two places"),
    ],
)
def test_keys_are_read(wanted: dict[str, str], found: dict[str, str] | None) -> None:
    assert keymap(**wanted) == (wanted if found is None else found)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        pytest.param({"fliter": "x"}, "nothing is called `fliter`; did you mean `filter`", id="a name"),
        pytest.param({"zzzz": "x"}, "nothing is called `zzzz`; there are filter, copy", id="a strange name"),
        pytest.param({"filter": "ctlr+f"}, "keys.filter: `ctlr\\+f` is no key", id="a modifier"),
        pytest.param({"filter": "pagedwon"}, "did you mean `pagedown`", id="a key"),
        pytest.param({"filter": ""}, "is no key", id="nothing"),
        pytest.param({"filter": "slash,"}, "is no key", id="nothing after a comma"),
        pytest.param({"filter": "shift+m"}, "write `M`", id="a letter with shift"),
        pytest.param({"filter": "m"}, "`m` would do two things, `filter` and `mark`", id="taken"),
        pytest.param({"filter": "x", "mark": "x"}, "`x` would do two things", id="given twice"),
        pytest.param({"copy": "r"}, "`copy` and `detail_view`", id="taken in one place"),
    ],
)
def test_what_cannot_be_is_a_sentence(wanted: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        keymap(**wanted)


def test_the_help_lists_each_key_once() -> None:
    keys = [(place, key) for place, key, _ in key_help((EVERYWHERE, *PLACES))]
    assert len(keys) == len(set(keys))
    assert ("Everywhere", "F2") in keys or ("Everywhere", "f2") in keys
    assert ("Detail", "r") in keys


def test_the_help_shows_the_keys_in_force() -> None:
    shown = {meaning: key for _, key, meaning in key_help([EVERYWHERE], {"filter": "slash,ctrl+k"})}
    assert shown["Filter"] == "slash ctrl+k"


@pytest.mark.parametrize("width", [40, 52, 72, 89, 90, 111])
def test_the_help_cuts_nothing(width: int) -> None:
    keys = key_help((EVERYWHERE, *PLACES))
    rows = [row.plain for row in help_page(keys, width)]
    assert max(map(cell_len, rows)) <= width
    assert "…" not in "".join(rows)
    if width < 90:
        shown = " ".join("".join(rows).split())
        assert all(meaning.split()[-1] in shown for _, _, meaning in keys)


def test_the_help_of_a_dialog_alone_takes_the_whole_width() -> None:
    keys = key_help([("Named filters", NamedFilters)])
    assert any("Keep the filter in force under a name" in row.plain for row in help_page(keys, 92))


@pytest.fixture
async def traffic(station: Station) -> Station:
    await station.webcom((3001, "send"), (3002, "deliver"))
    return station


@pytest.mark.usefixtures("traffic")
async def test_a_key_of_the_configuration_does_it_and_the_usual_one_no_longer(make_app: MakeApp) -> None:
    app = make_app(keys={"freeze": "z", "filter": "ctrl+k"})
    async with running(app) as pilot:
        await pilot.press("p")
        assert not pane_of(app).is_frozen
        await pilot.press("z")
        await sees(pilot, "frozen")
        await pilot.press("ctrl+k", *"id:3001")
        await sees(pilot, "1 of 2")
        await pilot.press("escape", "question_mark")
        await sees(pilot, "Freeze")
        rows = screen_text(app).splitlines()
        assert any(" z " in row and "Freeze" in row for row in rows)


@pytest.mark.usefixtures("traffic")
async def test_sentences_name_the_key_in_force(make_app: MakeApp) -> None:
    keys = {
        "freeze": "space",
        "list_first": "ctrl+g",
        "marked_only": "f5",
        "back": "backspace",
        "filter": "ctrl+k",
        "quit": "Q",
    }
    app = make_app(keys=keys)
    async with running(app) as pilot:
        await pilot.press("space")
        await sees(pilot, "frozen, 0 new Space goes on")
        await pilot.press("space", "down")
        await sees(pilot, "paused Ctrl+G follows")
        await pilot.press("f5")
        await sees(pilot, "F5 shows all")
        await pilot.press("f5", "ctrl+k", *"id:1", "enter")
        await sees(pilot, "Backspace clears it, Ctrl+K changes it")
        await sees(pilot, "Backspace clears")
        await pilot.press("ctrl+c")
        await sees(pilot, "Press Q to quit")


async def test_an_empty_list_names_the_keys_in_force(make_app: MakeApp) -> None:
    async with running(
        make_app(keys={"copy": "Y", "setup": "f4", "insight": "f5", "insight_range": "R"})
    ) as pilot:
        await sees(pilot, "Y copies the command")
        await sees(pilot, "(F4 shows where)")
        await pilot.press("f5")
        await sees(pilot, "R looks further back")


async def test_an_unknown_key_or_theme_is_said_before_anything_is_drawn(make_app: MakeApp) -> None:
    with pytest.raises(SettingsError, match="nothing is called"):
        make_app(keys={"nonsense_that_is_not": "x"})
    with pytest.raises(SettingsError, match="theme: none is called `drak`; did you mean `dark`"):
        make_app(theme="drak")


@pytest.mark.parametrize(
    ("keys", "here", "elsewhere"),
    [
        pytest.param((), "List", "Next provider", id="a list"),
        pytest.param(("4",), "Next provider", "Next failure of nothing", id="setup"),
        pytest.param(("enter",), "Pretty, raw, bytes", "Next provider", id="the detail"),
        pytest.param(("c",), "Further to the left", "Next failure", id="the column chooser"),
        pytest.param(("y",), "Close", "Next failure", id="the copy menu"),
    ],
)
@pytest.mark.usefixtures("traffic")
async def test_the_help_of_each_screen_begins_with_its_own_keys(
    make_app: MakeApp, keys: tuple[str, ...], here: str, elsewhere: str
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press(*keys, "question_mark")
        await sees(pilot, here)
        assert elsewhere not in screen_text(app_of(pilot))
        await pilot.press("escape")


@pytest.mark.usefixtures("traffic")
async def test_f1_helps_while_a_filter_is_typed_and_a_question_mark_is_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("slash", "question_mark")
        await until(pilot, lambda: "/ ?" in screen_text(app))
        await pilot.press("f1")
        await sees(pilot, "Next failure")
        await pilot.press("escape")
        await until(pilot, lambda: "/ ?" in screen_text(app))


@pytest.mark.usefixtures("traffic")
async def test_the_last_line_names_keys_that_do_it_where_they_are_pressed(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await sees(pilot, "? Help")
        await pilot.press("/")
        await sees(pilot, "F1 Help")
        assert "? Help" not in screen_text(app)
        await pilot.press("escape", "enter")
        await sees(pilot, "Next page")
        assert "Pretty, raw, bytes" not in screen_text(app)
        await pilot.press("right_square_bracket")
        await sees(pilot, "r Pretty, raw, bytes")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "Pretty, raw, bytes" not in screen_text(app))


async def test_on_setup_the_page_moves_where_the_provider_in_hand_is_out_of_sight(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press("4")
        await sees(pilot, "▸ SmsGateWay24")
        view = app.query_one("#pane-setup LinesView", LinesView)
        await pilot.press("G")
        await until(pilot, lambda: view.is_vertical_scroll_end)
        bottom = view.scroll_offset.y
        await pilot.press("k")
        assert view.scroll_offset.y == bottom - 3
        await pilot.press("g", "j")
        await sees(pilot, "▸ SMSO")

"""Stories of pictures of the screen: masked by default, for their owner alone, without control characters."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from dashboard_station import LISTENER, MakeApp, Station, running, screen_text, sees, until
from textual.command import CommandPalette
from textual.pilot import Pilot

from smswatch.errors import SmswatchError
from smswatch.filters import parse, without_private
from smswatch.tui import picture

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
NUMBER = "722 334 455"


@pytest.fixture
async def traffic(station: Station) -> Station:
    """A message with a number and a text."""
    await station.webcom((3001, "send"))
    station.track("3001", "+40722334455", "Your code is 4711")
    return station


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    monkeypatch.setattr(picture, "usual_folder", lambda: folder)


def pictures(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "pictures").iterdir())


def text_of(path: Path) -> str:
    """Return the words of a picture."""
    words = "".join(ET.fromstring(path.read_text(encoding="utf-8")).itertext())  # noqa: S314 - our own file
    return words.replace("\xa0", " ")


async def chosen(pilot: Pilot[int], command: str) -> None:
    """Choose a command in the palette."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*command)
    await sees(pilot, "an SVG file")
    await pilot.press("enter")


@pytest.mark.usefixtures("traffic")
async def test_the_palettes_screenshot_is_masked_and_the_screen_is_not_afterwards(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"4711", "enter")
        await sees(pilot, "1 of 1")
        await chosen(pilot, "screenshot")
        await sees(pilot, "Screenshot, numbers and texts masked")
        assert NUMBER in screen_text(app)
        assert "/4711" in screen_text(app)
    (path,) = pictures(tmp_path)
    words = text_of(path)
    assert NUMBER not in words
    assert "4711" not in words
    assert "+40•••" in words
    assert "masked" in words


@pytest.mark.usefixtures("traffic")
async def test_unmasked_it_is_as_the_screen_is(make_app: MakeApp, tmp_path: Path) -> None:
    async with running(make_app()) as pilot:
        await chosen(pilot, "screenshot, unmasked")
        await sees(pilot, "Screenshot, nothing masked")
    (path,) = pictures(tmp_path)
    assert NUMBER in text_of(path)
    assert "4711" in text_of(path)


@pytest.mark.usefixtures("traffic")
async def test_as_it_is_while_the_screen_is_masked_is_said_to_be_masked(
    make_app: MakeApp, tmp_path: Path
) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("*")
        await chosen(pilot, "screenshot, unmasked")
        await sees(pilot, "Screenshot, masked, as the screen is")
    (path,) = pictures(tmp_path)
    assert NUMBER not in text_of(path)


@pytest.mark.usefixtures("traffic")
async def test_a_notice_and_what_a_filter_looks_for_are_not_in_a_masked_picture(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("/", *"0722334455")
        await pilot.click("#table-messages")
        app.notices.say("It was 0722334455")
        await chosen(pilot, "screenshot")
        await sees(pilot, "Screenshot, numbers and texts masked")
        await sees(pilot, "/0722334455")
    (path,) = pictures(tmp_path)
    assert "0722334455" not in text_of(path)


async def test_setup_hides_the_key_while_masked_and_copies_it_whole(
    make_app: MakeApp, tmp_path: Path
) -> None:
    async with running(make_app(environment={"TERM": "linux"})) as pilot:
        await pilot.press("4")
        await sees(pilot, LISTENER.key)
        await chosen(pilot, "screenshot")
        await sees(pilot, "Screenshot, numbers and texts masked")
        await sees(pilot, LISTENER.key)
    (path,) = pictures(tmp_path)
    assert LISTENER.key not in text_of(path)


@pytest.mark.usefixtures("traffic")
async def test_a_dialog_that_cannot_be_masked_is_not_pictured(make_app: MakeApp, tmp_path: Path) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("y")
        await sees(pilot, "A letter copies it")
        await chosen(pilot, "screenshot")
        await sees(pilot, "Close this dialog first")
    assert pictures(tmp_path) == []


async def test_nothing_that_arrived_steers_what_shows_the_picture(
    station: Station, make_app: MakeApp, tmp_path: Path
) -> None:
    evil = "</text><script>alert(1)</script>\x1b]0;evil\x07\x9b31m\u202e\x00&<>"
    await station.inbound(evil)
    station.track("3001", "+40722334455", evil, evil[:60])
    await station.webcom((3001, "send"))
    async with running(make_app(), size=(200, 30)) as pilot:
        await chosen(pilot, "screenshot, unmasked")
        await sees(pilot, "nothing masked")
        await pilot.press("2")
        await sees(pilot, "alert(1)")
        await chosen(pilot, "screenshot, unmasked")
        await until(pilot, lambda: len(pictures(tmp_path)) == 2)
        await until(pilot, lambda: "alert" in pictures(tmp_path)[1].read_text(encoding="utf-8"))
    for path in pictures(tmp_path):
        svg = path.read_text(encoding="utf-8")
        assert [one for one in svg if one != "\n" and not one.isprintable()] == []
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}  # noqa: S314 - as above
        assert "script" not in tags
        assert not re.search(r"url\(\s*[\"']?http", svg), "whoever opens it would ask a server"


def test_a_picture_is_for_its_owner_alone_and_never_written_over_another(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    first, second = picture.keep("<svg/>", folder, NOON), picture.keep("<b/>", folder, NOON)
    assert (first.name, second.name) == (
        "smswatch-2026-11-20-120000.svg",
        "smswatch-2026-11-20-120000-2.svg",
    )
    assert first.read_text(encoding="utf-8") == "<svg/>"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_a_link_that_stands_there_is_not_followed(tmp_path: Path) -> None:
    folder, target = tmp_path / "pictures", tmp_path / "target"
    (folder / "smswatch-2026-11-20-120000.svg").symlink_to(target)
    picture.keep("<svg/>", folder, NOON)
    assert not target.exists()


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SmswatchError, match="cannot be written"):
        picture.keep("<svg/>", tmp_path / "none", NOON)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("status:failed after:1h", "status:failed after:1h"),
        ("0722 334 455", "•••• ••• •••"),
        ("number:+40722*", "number:+•••••*"),
        ('-text:"my code" OR secret', '-text:"•• ••••" OR ••••••'),
        ("provider:smso id:3234 is:open", "provider:smso id:3234 is:open"),
    ],
)
def test_a_filter_is_shown_without_what_is_private(text: str, shown: str) -> None:
    assert str(without_private(parse(text))).replace('"•••• ••• •••"', "•••• ••• •••") == shown

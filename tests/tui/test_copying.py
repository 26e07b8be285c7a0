"""Copying: what is offered, where it goes, and that the person is told."""

from __future__ import annotations

import re
import shlex
import stat
from pathlib import Path

import pytest
from dashboard_station import MakeApp, Station, app_of, pane_of, running, screen_text, sees, until

from smswatch.tui import clipboard
from smswatch.tui.display_options import DisplayOptions


@pytest.fixture
async def message(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One message, and a folder for temporary files."""
    await station.webcom((3001, "send"))
    await station.webcom((3001, "deliver"))
    station.track("3001", "+40722334455", "Codul dvs. este 4711", "codes")
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize(
    ("environment", "size", "reason"),
    [
        pytest.param({"TERM": "xterm-256color"}, 100, None, id="nothing speaks against it"),
        pytest.param({}, 100, None, id="nothing is known"),
        pytest.param({"TERM": "linux"}, 100, "this terminal has no clipboard", id="a console"),
        pytest.param({"TERM": "xterm", "STY": "1.x"}, 100, "GNU screen takes no clipboard", id="GNU screen"),
        pytest.param({"VTE_VERSION": "7400"}, 100, "terminals of the VTE family take no clipboard", id="VTE"),
        pytest.param({}, 74_995, "it is longer than terminals take", id="too long"),
    ],
)
def test_why_a_terminal_does_not_take_a_text(
    environment: dict[str, str], size: int, reason: str | None
) -> None:
    assert clipboard.why_not(environment, size) == reason


@pytest.mark.usefixtures("message")
async def test_the_menu_offers_everything_of_a_message(make_app: MakeApp) -> None:
    async with running(make_app()) as pilot:
        await pilot.press("y")
        names = ("message id", "number", "text", "payload", "curl", "JSON object", "support ticket")
        for name in names:
            await sees(pilot, name)


@pytest.mark.usefixtures("message")
async def test_the_payload_and_curl_are_those_of_the_report_in_hand(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("y", "p")
        await until(pilot, lambda: '"deliver"' in app.clipboard)
        await pilot.press("enter")
        await sees(pilot, "── 2 reports")
        await pilot.press("y", "u")
        await until(pilot, lambda: '"send"' in app.clipboard)
        assert shlex.split(app.clipboard)[-1] == "http://127.0.0.1:7670/webhooks/webcom"
        await pilot.press("y", "m")
        await until(pilot, lambda: app.clipboard.startswith("### SMS `3001` of `webcom`: delivered"))
        assert "abcdefghijklmnopqrstuvwxyz" not in app.clipboard


async def test_of_a_row_that_is_not_shown_yet_no_other_rows_payload_is_copied(
    message: Path, station: Station, make_app: MakeApp
) -> None:
    del message
    await station.smso("8a5d2f89", "sent")
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("G", "enter")
        await sees(pilot, "── 2 reports")
        desk, table = app._desk, pane_of(app).table
        opened, other = table.row_at(1), table.row_at(0)
        assert opened is not None
        assert other is not None
        for row, words in ((opened, b"send"), (other, b"8a5d2f89")):
            copies = await desk.copies(row, DisplayOptions())
            assert copies is not None
            assert copies.request is not None
            assert words in copies.request.body


async def test_a_capital_letter_puts_it_into_a_file(message: Path, make_app: MakeApp) -> None:
    app = make_app()
    async with running(app, size=(160, 40)) as pilot:
        await pilot.press("y", "N")
        await sees(pilot, "Put into a file for you alone:")
        assert not app.clipboard
    (file,) = files_in(message)
    assert file.read_text() == "+40722334455\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch(r"smswatch-copy-[a-z0-9_]+\.txt", file.name)


async def test_where_a_terminal_takes_no_clipboard_it_goes_to_a_file(
    message: Path, make_app: MakeApp
) -> None:
    async with running(make_app(environment={"TERM": "linux"}), size=(160, 40)) as pilot:
        await pilot.press("y", "i")
        await sees(pilot, "Put into a file for you alone; this terminal has no")
    (file,) = files_in(message)
    assert file.read_text() == "3001\n"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param('cat > "$(dirname "$0")/buffer"', "4 characters are in tmux's buffer", id="taken"),
        pytest.param("exit 1", "tmux did not take", id="refused"),
    ],
)
async def test_in_tmux_it_goes_through_tmux(
    message: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    tmux = message.parent / "tmux"
    tmux.write_text(f"#!/bin/sh\n{script}\n")
    tmux.chmod(0o700)
    monkeypatch.setenv("PATH", f"{message.parent}:/usr/bin:/bin")
    async with running(make_app(environment={"TMUX": "/tmp/tmux,1,0"}), size=(160, 40)) as pilot:  # noqa: S108 - a name
        await pilot.press("y", "i")
        await sees(pilot, told)
    buffer = message.parent / "buffer"
    assert (buffer.read_text() == "3001") if buffer.exists() else len(files_in(message)) == 1


async def test_without_tmux_at_hand_it_goes_to_a_file(
    message: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(message))
    async with running(make_app(environment={"TMUX": "x"}), size=(160, 40)) as pilot:
        await pilot.press("y", "i")
        await sees(pilot, "tmux did not take")


async def test_a_file_that_cannot_be_written_is_a_sentence(
    message: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(message / "gone"))
    async with running(make_app(), size=(160, 40)) as pilot:
        await pilot.press("y", "N")
        await sees(pilot, "the text cannot be written to a file")


@pytest.mark.usefixtures("message")
async def test_a_masked_menu_shows_no_private_text_and_still_copies_it(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("*", "y")
        await sees(pilot, "support ticket")
        assert "4711" not in screen_text(app_of(pilot))
        await pilot.press("t")
        await until(pilot, lambda: app.clipboard == "Codul dvs. este 4711")
        await pilot.press("y", "m")
        await until(pilot, lambda: app.clipboard.startswith("### SMS"))
        assert "+40•••55" in app.clipboard, "a ticket is for others"
        assert "722334455" not in app.clipboard

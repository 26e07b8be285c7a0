from __future__ import annotations

import asyncio
import threading
from queue import Full
from typing import Any, TextIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.headless_driver import HeadlessDriver

from smswatch.tui.driver import DropFrames, never_waiting, only_ours

MOST_FRAMES = 30


class StuckFile:
    """A terminal that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.flows = threading.Event()
        self.written: list[str] = []

    def write(self, text: str) -> int:
        assert self.flows.wait(30)
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


class BareDriver(DropFrames, HeadlessDriver):
    """The mixin over a driver without a terminal, with a writer's thread of its own."""


@pytest.fixture
async def frames() -> Any:
    app: App[None] = App()
    async with app.run_test():
        terminal = StuckFile()
        driver = BareDriver(app)
        driver._writer_thread = WriterThread(cast("TextIO", terminal))
        driver._writer_thread.start()
        yield driver, terminal
        terminal.flows.set()
        driver.close()


def test_the_writer_thread_still_has_what_the_driver_relies_on() -> None:
    writer = WriterThread(cast("TextIO", StuckFile()))
    for number in range(MOST_FRAMES):
        writer._queue.put_nowait(str(number))
    with pytest.raises(Full):
        writer._queue.put_nowait("one too many")


async def test_the_platform_drivers_keep_their_writer_where_it_is_expected() -> None:
    from textual.drivers.linux_driver import LinuxDriver  # noqa: PLC0415 - not on Windows

    assert "_writer_thread" in LinuxDriver.__init__.__code__.co_names
    assert {"_sigtstp_application", "_sigcont_application"} < set(LinuxDriver.__init__.__code__.co_names)
    assert issubclass(never_waiting(LinuxDriver), DropFrames)
    assert never_waiting(HeadlessDriver) is HeadlessDriver


async def test_a_terminal_that_does_not_read_never_makes_the_loop_wait(frames: Any) -> None:
    driver, terminal = frames
    for number in range(10 * MOST_FRAMES):
        driver.write(str(number))  # would wait for ever in the stock driver
    assert driver._dropped
    terminal.flows.set()


async def test_once_the_terminal_reads_again_everything_is_drawn_anew(
    frames: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, terminal = frames
    drawn: list[object] = []
    monkeypatch.setattr(driver._app, "refresh", lambda *_, **options: drawn.append(options))
    for number in range(2 * MOST_FRAMES):
        driver.write(str(number))
    terminal.flows.set()
    async with asyncio.timeout(10):
        while not drawn:  # noqa: ASYNC110 - without another frame: an idle screen has none
            await asyncio.sleep(0.01)
    assert not driver._dropped
    assert drawn == [{"layout": True}]


async def test_the_last_words_reach_a_terminal_that_reads_again(frames: Any) -> None:
    driver, terminal = frames
    for number in range(2 * MOST_FRAMES):
        driver.write(str(number))
    terminal.flows.set()
    driver.close()
    assert not driver._writer_thread.is_alive()


async def test_a_driver_that_never_started_takes_frames_and_closes() -> None:
    driver = BareDriver(App())
    driver._writer_thread = None
    driver.write("lost")
    driver.close()


@pytest.mark.parametrize(
    "sequence",
    [
        pytest.param("\x1b[38;2;1;2;3;48:5:7m", id="colours"),
        pytest.param("\x1b[12;1H\x1b[2J\x1b[K", id="cursor and erasing"),
        pytest.param("\x1b[?1049h\x1b[?2026$p\x1b[>25u\x1b[<u", id="modes and keys"),
        pytest.param("\x1b]52;c;QUJD\x07", id="clipboard"),
        pytest.param("\x1b]9;Șase eșuate\x07\x07", id="notice and bell"),
        pytest.param("↑ 3 žluťoučký\r\n", id="text"),
    ],
)
def test_what_a_dashboard_needs_passes(sequence: str) -> None:
    assert only_ours(f"a{sequence}b") == f"a{sequence}b"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("\x1b]0;title\x07", "␛]0;title\x07", id="title"),
        pytest.param("\x1b]2;title\x1b\\", "␛]2;title␛\\", id="title, ended otherwise"),
        pytest.param("\x1b]8;;http://x\x1b\\y", "␛]8;;http://x␛\\y", id="link"),
        pytest.param("\x1b[6n\x1b[c\x1b[>q", "␛[6n␛[c␛[>q", id="questions that the terminal answers"),
        pytest.param("\x1b[5i\x1b[21t", "␛[5i␛[21t", id="printer and window"),
        pytest.param("\x1bP$q\x1b\\\x1bc\x1b(0", "␛P$q␛\\␛c␛(0", id="device, reset, character set"),
        pytest.param("\x9b31m\x9d0;x\x07", "\ufffd31m\ufffd0;x\x07", id="eight-bit controls"),
        pytest.param("\x1b]52;c;?\x07", "␛]52;c;?\x07", id="asking for the clipboard"),
        pytest.param("\x00\x08\x7f\x0e", "␀␈␡␎", id="single controls"),
        pytest.param("\x1b]9;\x1b[31m\x07", "␛]9;\x1b[31m\x07", id="nested"),
    ],
)
def test_what_a_stranger_may_have_written_is_shown_and_not_sent(hostile: str, shown: str) -> None:
    assert only_ours(f"\x1b[1ma{hostile}b") == f"\x1b[1ma{shown}b"


@given(st.text(st.sampled_from("\x1b[]()?;:0123456789mHhl$pucn\x07\\\x9b\x9d\x00ab ")))
def test_nothing_passes_twice_otherwise_than_once(text: str) -> None:
    passed = only_ours(text)
    assert only_ours(passed) == passed
    assert len(passed) == len(text)


class StoppingDriver(HeadlessDriver):
    """A driver that is told to stop, as those of a real terminal are."""

    def __init__(self, app: App[None]) -> None:
        super().__init__(app)
        self.told: list[str] = []

    def _sigtstp_application(self, *_: object) -> None:
        self.told.append("stop")

    def _sigcont_application(self, *_: object) -> None:
        self.told.append("go on")


class StoppingInTheLoop(DropFrames, StoppingDriver):
    """The mixin over it."""


async def test_a_stop_comes_between_two_steps_of_the_loop_and_never_in_the_middle_of_a_write() -> None:
    app: App[None] = App()
    async with app.run_test():
        driver = StoppingInTheLoop(app)
        driver._sigtstp_application(20, None)
        driver._sigcont_application(18, None)
        assert driver.told == []
        await asyncio.sleep(0)
        assert driver.told == ["stop", "go on"]

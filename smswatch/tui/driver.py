"""The driver: a terminal that stops reading can never stop this program, and hears nothing but what we mean.

Textual's writer holds thirty frames and then makes the event loop wait. Here a frame that finds no room is
dropped, and once the terminal reads again the whole screen is drawn anew. It relies on two private names of
Textual's writer thread, which a test guards.

What is shown passes `safe_text` before it comes here. This is the second net: a control sequence that is not of
the kinds that a dashboard needs (colours, the cursor, modes, the clipboard, notices) is shown, not sent. No
sequence passes that makes a terminal answer, print, set its title or open a link.
"""

from __future__ import annotations

import re
from queue import Empty, Full
from typing import TYPE_CHECKING

from textual.driver import Driver

from smswatch.tui.job_control import JobControl

if TYPE_CHECKING:
    from textual.drivers._writer_thread import WriterThread

_CLOSE_TAKES_AT_MOST_S = 1.0
_LOOK_AGAIN_S = 0.05

_OURS = (
    r"\x1b\[[0-9;:]*m"  # colours
    r"|\x1b\[[0-9;]*[ABCDGHJKd]"  # the cursor; erasing
    r"|\x1b\[\?[0-9;]*[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p"  # does it know synchronised frames, and sizes in band?
    r"|\x1b\[(?:>[0-9]*|<)u"  # keys in full
    r"|\x1b\]52;c;[0-9A-Za-z+/=]*\x07"  # to the clipboard
    r"|\x1b\]22;[a-z-]*\x07"  # the pointer's shape
    r"|\x1b\](?:9|777;notify);[^\x00-\x1f\x7f-\x9f]*\x07"  # a notice
    r"|[\r\n\x07]"
)
_ONLY_OURS = re.compile(rf"(?:[^\x00-\x1f\x7f-\x9f]++|{_OURS})*+", re.ASCII)
_OURS_OR_CONTROL = re.compile(rf"({_OURS})|[\x00-\x1f\x7f-\x9f]", re.ASCII)


def only_ours(data: str) -> str:
    """Return a frame with every control character that is not part of a sequence of ours made visible.

    Each becomes one character, so that nothing moves.
    """
    if _ONLY_OURS.fullmatch(data):
        return data
    return _OURS_OR_CONTROL.sub(lambda found: found[1] or _visible(found[0]), data)


def _visible(control: str) -> str:
    code = ord(control)
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"  # noqa: PLR2004 - C0, DEL, C1


class DropFrames(JobControl):
    """Mixed into the platform's driver."""

    _writer_thread: WriterThread | None
    _dropped = False

    def write(self, data: str) -> None:
        """Hand a frame to the terminal, or drop it if thirty wait already. Never waits."""
        if self._writer_thread is None:
            return
        data = only_ours(data)
        frames = self._writer_thread._queue  # noqa: SLF001 - see the module
        if self._dropped and not frames.empty():
            return
        try:
            frames.put_nowait(data)
        except Full:
            self._dropped = True
            self._loop.call_soon_threadsafe(self._draw_anew_when_read)

    def _draw_anew_when_read(self) -> None:
        """Draw everything once the frames that waited are gone: no other frame may ever come to ask for it."""
        if self._writer_thread is None:
            return
        if self._writer_thread._queue.empty():  # noqa: SLF001 - see the module
            self._dropped = False
            self._app.refresh(layout=True)
        else:
            self._loop.call_later(_LOOK_AGAIN_S, self._draw_anew_when_read)

    def close(self) -> None:
        """End the writer's thread; a terminal that does not read is left behind."""
        writer = self._writer_thread
        if writer is None:
            return
        frames = writer._queue  # noqa: SLF001 - see the module
        try:
            frames.put_nowait(None)
        except Full:
            self._make_room(writer)
            return
        writer.join(_CLOSE_TAKES_AT_MOST_S)

    def _make_room(self, writer: WriterThread) -> None:
        """Drop the frames that wait, so that the last words (leave the screen, show the cursor) get through."""
        frames = writer._queue  # noqa: SLF001 - see the module
        while True:
            try:
                frames.get_nowait()
            except Empty:
                break
        frames.put_nowait(None)
        writer.join(_CLOSE_TAKES_AT_MOST_S)


def set_mouse(driver: Driver, *, is_ours: bool) -> None:
    """Let the terminal report its mouse to us, or keep it for itself. Nothing where there is no terminal."""
    switch = getattr(driver, "_enable_mouse_support" if is_ours else "_disable_mouse_support", None)
    if switch is None:
        return
    # Textual decides once, at the start. Its drivers do nothing about a mouse that they were told to leave alone.
    driver._mouse = True  # noqa: SLF001 - a test guards it
    switch()
    driver._mouse = is_ours  # noqa: SLF001 - as above


def never_waiting(base: type[Driver]) -> type[Driver]:
    """Return the platform's driver with frames that are dropped instead of waited for."""
    if base.__name__ in {"LinuxDriver", "WindowsDriver"}:
        return type(f"NeverWaiting{base.__name__}", (DropFrames, base), {})
    return base

"""The driver: a terminal that stops reading can never stop this program.

Textual's writer holds thirty frames and then makes the event loop wait. Here a frame that finds no room is
dropped, and once the terminal reads again the whole screen is drawn anew. It relies on two private names of
Textual's writer thread, which a test guards.
"""

from __future__ import annotations

from queue import Empty, Full
from typing import TYPE_CHECKING

from textual.driver import Driver

if TYPE_CHECKING:
    from textual.drivers._writer_thread import WriterThread

_CLOSE_TAKES_AT_MOST_S = 1.0


class DropFrames(Driver):
    """Mixed into the platform's driver."""

    _writer_thread: WriterThread | None
    _dropped = False

    def write(self, data: str) -> None:
        """Hand a frame to the terminal, or drop it if thirty wait already. Never waits."""
        if self._writer_thread is None:
            return
        frames = self._writer_thread._queue  # noqa: SLF001 - see the module
        if self._dropped:
            if not frames.empty():
                return
            self._dropped = False
            self._app.call_later(self._app.refresh, layout=True)
        try:
            frames.put_nowait(data)
        except Full:
            self._dropped = True

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


def never_waiting(base: type[Driver]) -> type[Driver]:
    """Return the platform's driver with frames that are dropped instead of waited for."""
    if base.__name__ in {"LinuxDriver", "WindowsDriver"}:
        return type(f"NeverWaiting{base.__name__}", (DropFrames, base), {})
    return base

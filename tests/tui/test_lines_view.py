"""A page of lines that is shown while there is no room for it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content

from smswatch.tui.ink import Page
from smswatch.tui.lines_view import LinesView


class OneView(App[None]):
    """A view, and nothing else."""

    def compose(self) -> ComposeResult:
        yield LinesView()


def page(words: str) -> Page:
    return [Content(words)]


async def test_what_is_shown_before_there_is_room_stands_there_once_there_is_as_much_as_before() -> None:
    app = OneView()
    async with app.run_test() as pilot:
        view = app.query_one(LinesView)
        view.show(lambda _: page("before"), y=0)
        view.display = False
        await pilot.pause()
        view.show(lambda _: page("after"), y=0)
        view.display = True
        await pilot.pause()
        assert [line.plain for line in view.page] == ["after"]

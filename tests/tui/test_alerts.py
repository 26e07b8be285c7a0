"""Stories of rules that ring: what arrives and matches calls a person, once, and not too often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dashboard_station import Clock, MakeApp, Station, running, sees, until

from smswatch.errors import StoreError
from smswatch.filters import FilterContext, condition, parse
from smswatch.model import Kind
from smswatch.settings import NotifyRule
from smswatch.store.arrivals import AT_ONCE, read_arrivals
from smswatch.store.rows import Marking
from smswatch.tui.alert_words import alert_words
from smswatch.tui.alerts import AGAIN_MS, Alerts
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.terminal_notice import is_certain, notice
from smswatch.tui.throttle import PAUSE_MS, Throttle

Rung = tuple[str, str, int]


class Bell:
    """Writes down what rang."""

    def __init__(self) -> None:
        self.rung: list[Rung] = []

    def __call__(self, how: str, row: Any, more: int) -> None:
        self.rung.append((how, alert_words(row, 0, DisplayOptions()), more))


def alerts_of(station: Station, bell: Bell, *rules: NotifyRule) -> Alerts:
    def context() -> FilterContext:
        return FilterContext(now_ms=0)

    return Alerts(rules, station.window(), station.path, context, bell)


# --- what rings


async def test_what_arrives_and_matches_rings_and_what_was_there_does_not(station: Station) -> None:
    await station.smso("old", "undelivered")
    bell = Bell()
    alerts = alerts_of(station, bell, NotifyRule(filter="status:bad"))
    await station.smso("u-1", "delivered")
    await alerts.look(1000)
    assert not bell.rung
    await station.smso("u-2", "undelivered")
    await alerts.look(2000)
    assert bell.rung == [("bell", "undelivered: smso u-2 to +40 722 334 455 RO", 0)]


async def test_a_message_that_comes_to_match_rings(station: Station) -> None:
    await station.smso("u-1", "sent")
    bell = Bell()
    alerts = alerts_of(station, bell, NotifyRule(filter="status:bad"))
    await station.smso("u-1", "undelivered")
    await alerts.look(1000)
    assert len(bell.rung) == 1


async def test_each_row_rings_once_and_a_repeat_or_a_mark_is_no_arrival(station: Station) -> None:
    await station.smso("old", "undelivered")
    bell = Bell()
    alerts = alerts_of(station, bell, NotifyRule(filter="provider:smso"))
    station.mark(Marking((1,), is_marked=True))
    await station.smso("old", "undelivered")
    await alerts.look(1000)
    assert not bell.rung
    await station.smso("u-2", "sent")
    await alerts.look(20_000)
    await station.smso("u-2", "delivered")
    await alerts.look(40_000)
    assert len(bell.rung) == 1


async def test_rules_look_at_the_list_that_they_name(station: Station) -> None:
    bell = Bell()
    alerts = alerts_of(
        station,
        bell,
        NotifyRule(filter="text:stop", list="inbound", how="desktop"),
        NotifyRule(filter="outcome:unreadable", list="requests"),
    )
    await station.inbound("Please STOP")
    await station.receive("webcom", b"{", "application/json")
    await alerts.look(1000)
    (sms, request) = bell.rung
    assert sms == ("desktop", "SMS from +40 722 334 455 RO: Please STOP", 0)
    assert request[1].startswith("request 2 of webcom: unreadable, ")


async def test_a_burst_rings_once_and_the_rest_follows_after_the_pause(station: Station) -> None:
    bell = Bell()
    alerts = alerts_of(station, bell, NotifyRule(filter="status:bad"))
    await station.smso("u-0", "undelivered")
    await alerts.look(1000)
    for number in range(1, 4):
        await station.smso(f"u-{number}", "undelivered")
    await alerts.look(2000)
    assert len(bell.rung) == 1
    assert not alerts.is_due(1000 + PAUSE_MS - 1)
    assert alerts.is_due(1000 + PAUSE_MS)
    await alerts.look(1000 + PAUSE_MS)
    assert bell.rung[1:] == [("bell", "undelivered: smso u-3 to +40 722 334 455 RO", 2)]


async def test_without_rules_nothing_is_ever_due(station: Station) -> None:
    alerts = alerts_of(station, Bell())
    alerts.note_change()
    assert not alerts.is_due(1_000_000)


async def test_a_long_backlog_is_looked_at_in_steps(station: Station) -> None:
    reports = [(number, "send") for number in range(AT_ONCE // 2)]
    for status in ("send", "deliver", "not_deliver"):
        await station.webcom(*[(number, status) for number, _ in reports])
    wanted = condition(parse("provider:webcom"), Kind.MESSAGES, FilterContext(now_ms=0))
    first = read_arrivals(station.path, Kind.MESSAGES, 0, wanted)
    assert (first.up_to, first.is_all) == (AT_ONCE, False)
    second = read_arrivals(station.path, Kind.MESSAGES, first.up_to, wanted)
    assert (second.up_to, second.is_all) == (3 * AT_ONCE // 2, True)
    assert len(second.rows) == AT_ONCE // 2


# --- in the dashboard


async def test_the_dashboard_says_what_arrived_and_sends_the_notice_or_the_bell(
    station: Station, make_app: MakeApp, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (NotifyRule(filter="status:bad", how="desktop"),)
    app = make_app(notify=rules, environment={"TERM": "xterm-kitty"})
    async with running(app) as pilot:
        assert app._driver is not None
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        await station.smso("u-1", "undelivered")
        clock.now_ms += AGAIN_MS
        await sees(pilot, "undelivered: smso u-1")
        assert sent == ["\x1b]9;smswatch: undelivered: smso u-1 to +40 722 334 455 RO\x07"]
        await pilot.press("*")
        clock.now_ms += PAUSE_MS
        await station.smso("u-2", "undelivered")
        await until(pilot, lambda: len(sent) > 1)
        assert "4455" not in sent[1]
        assert "+40•••" in sent[1]


async def test_a_terminal_without_notices_hears_the_bell(
    station: Station, make_app: MakeApp, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (NotifyRule(filter="status:bad", how="desktop"),)
    app = make_app(notify=rules, environment={"TERM": "xterm-256color"})
    async with running(app) as pilot:
        rang: list[bool] = []
        monkeypatch.setattr(app, "bell", lambda: rang.append(True))
        await station.smso("u-1", "undelivered")
        clock.now_ms += AGAIN_MS
        await until(pilot, lambda: rang)


# --- the pieces


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        pytest.param({"TERM": "xterm-kitty"}, "\x1b]9;smswatch: ", id="kitty"),
        pytest.param({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "\x1b]9;", id="iTerm2"),
        pytest.param({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "\x1b]9;", id="iTerm2 over SSH"),
        pytest.param({"TERM": "foot"}, "\x1b]777;notify;smswatch;", id="foot"),
        pytest.param({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\x1b]777;", id="the VTE family"),
        pytest.param({"TERM": "xterm-256color"}, None, id="a terminal that is not known"),
        pytest.param({"TERM": "xterm-kitty", "TMUX": "x,1,0"}, None, id="inside tmux"),
        pytest.param({"TERM": "screen-256color"}, None, id="inside screen"),
        pytest.param({}, None, id="nothing is known"),
    ],
)
def test_the_notice_is_what_the_terminal_takes(environment: dict[str, str], begins: str | None) -> None:
    found = notice(environment, "failed")
    assert found is None if begins is None else found is not None and found.startswith(begins)


def test_a_bell_rings_beside_a_notice_that_may_not_be_shown() -> None:
    assert not is_certain({"VTE_VERSION": "7600"})
    assert is_certain({"TERM": "xterm-kitty"})


@pytest.mark.parametrize("term", ["xterm-kitty", "foot"])
def test_no_text_breaks_out_of_a_notice(term: str) -> None:
    found = notice({"TERM": term}, "4;\x07\x1b]52;c;aGk=\x07\n\x9c; evil" + "x" * 500)
    assert found is not None
    inside = found[1:-1]
    assert inside.isprintable()
    assert len(inside) < 220


def test_the_throttle_counts_what_comes_in_the_pause() -> None:
    throttle = Throttle()
    assert throttle.take(0) == 0
    throttle.add(1)
    assert throttle.take(0) == 1
    throttle.add(5)
    throttle.add(7)
    assert throttle.take(PAUSE_MS - 1) == 0
    assert throttle.take(PAUSE_MS) == 12
    throttle.add(1)
    assert throttle.take(0) == 1, "a clock that was set back keeps nothing waiting"


def test_arrivals_of_no_database_are_a_store_error(tmp_path: Path) -> None:
    wanted = condition(parse(""), Kind.INBOUND, FilterContext(now_ms=0))
    with pytest.raises(StoreError):
        read_arrivals(tmp_path / "none.db", Kind.INBOUND, 0, wanted)

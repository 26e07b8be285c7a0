"""A dashboard over a real database, fed through the real intake, with a clock and a zone that stand still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dashboard_station import LISTENER, Clock, MakeApp, Station

from smswatch.cli.dashboard import provider_facts as told_of_providers
from smswatch.filters import FilterContext
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.facts import ProviderFacts


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _copies_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test copies into a file is not left in the folder that everybody shares."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("copies")))


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at a minute past noon."""
    return Clock()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """Receive into an empty database."""
    station = Station(tmp_path / "smswatch.db")
    yield station
    station.close()


@pytest.fixture(scope="session")
def provider_facts() -> tuple[ProviderFacts, ...]:
    """Return what the dashboard is told about the providers."""
    return told_of_providers()


@pytest.fixture
def make_app(station: Station, clock: Clock, provider_facts: tuple[ProviderFacts, ...]) -> MakeApp:
    """Make the dashboard; keyword arguments replace the usual ones."""

    def make(**overrides: object) -> SmsWatchApp:
        usual: dict[str, Any] = {
            "database": station.path,
            "providers": provider_facts,
            "listener": lambda: LISTENER,
            "filter_context": lambda: FilterContext(now_ms=clock.now_ms, default_region="RO"),
            "clock": clock,
            "environment": {},
            "mark": station.mark,
        }
        return SmsWatchApp(**{**usual, **overrides})

    return make

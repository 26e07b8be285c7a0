"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from smswatch import collector

# How long something takes says nothing where others work on the machine.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many programs begin and end in this process: what one of them made does not live as long as it."""
    monkeypatch.setattr(collector, "settle", lambda: None)

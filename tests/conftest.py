"""What holds for every test."""

from __future__ import annotations

import pytest

from smswatch import collector


@pytest.fixture(autouse=True)
def collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many programs begin and end in this process: what one of them made does not live as long as it."""
    monkeypatch.setattr(collector, "settle", lambda: None)

from __future__ import annotations

import threading

import pytest
from dashboard_station import MakeApp, Station

from smswatch.store.reader import Reader

DEADLINE_S = 10.0


async def test_an_application_that_ends_as_it_begins_leaves_no_connection_behind(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    app = make_app()
    begin_vigil = app._begin_vigil

    async def end_meanwhile() -> None:
        app.exit()
        await begin_vigil()

    monkeypatch.setattr(app, "_begin_vigil", end_meanwhile)
    await app.run_async(headless=True)
    for one in set(threading.enumerate()) - before:
        if "_connection" in one.name:
            one.join(DEADLINE_S)
            assert not one.is_alive()


async def test_a_connection_that_is_left_behind_does_not_keep_python_from_ending(
    station: Station,
) -> None:
    reader = await Reader.open(station.path)
    assert reader._connection._thread.daemon
    await reader.close()

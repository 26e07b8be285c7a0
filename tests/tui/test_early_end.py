from __future__ import annotations

import threading

from dashboard_station import MakeApp, Station

from smswatch.store.reader import Reader


async def test_an_application_that_ends_as_it_begins_leaves_no_connection_behind(make_app: MakeApp) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        app = make_app()
        app.call_later(app.call_after_refresh, app.exit)
        await app.run_async(headless=True)
        assert not [one for one in threading.enumerate() if one not in before and "_connection" in one.name]


async def test_a_connection_that_is_left_behind_does_not_keep_python_from_ending(
    station: Station,
) -> None:
    reader = await Reader.open(station.path)
    assert reader._connection._thread.daemon
    await reader.close()

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from smswatch.cli.listening_post import ListeningPost
from smswatch.settings import Settings
from smswatch.store.lock import WriterLock, holder_of, lock_path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=tmp_path / "sms.db", data_directory=tmp_path / "data", port=0)


def test_a_take_over_that_the_person_did_not_wait_for_is_ended_with_the_rest(settings: Settings) -> None:
    post = ListeningPost(settings, None)

    async def leave_at_once() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await post.take_over()

    asyncio.run(leave_at_once())
    assert holder_of(settings.database) is not None
    post.close()
    assert holder_of(settings.database) is None


def test_a_viewer_goes_on_where_it_cannot_see_who_listens(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = ListeningPost(settings, None)
    lock = WriterLock.acquire(settings.database)
    holder = post.facts().holder_pid
    assert holder is not None
    place = lock_path(settings.database)
    place.rename(place.with_suffix(".moved"))
    place.symlink_to("nowhere")
    monkeypatch.setattr(post, "_looked_at", 0.0)
    assert post.facts().holder_pid == holder
    lock.release()

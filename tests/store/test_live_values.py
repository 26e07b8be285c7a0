"""Live values: what the newest rows hold, for whoever completes a filter."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_desk import DEADLINE_S, entry, report, store, writing

from smswatch.errors import StoreError
from smswatch.model import ChannelStatus, Status
from smswatch.store.live_values import NEWEST, read_live_values
from smswatch.store.rows import Registration


async def test_values_are_by_key_the_most_frequent_first(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with writing(path) as writer:
        sent = report(
            Status.SENT,
            number="+40722334455",
            mcc="226",
            channels=(ChannelStatus("viber", Status.SENT, "sent"),),
        )
        failed = report(Status.FAILED, number="+447700900123", mcc="226", mnc="03", error_code="9")
        await store(writer, entry(("1", sent)), entry(("2", failed)), entry(("3", failed), provider="smso"))
        told = Registration(provider="webcom", message_id="1", number="+40722334455", label="night run")
        writer.register([told]).result(DEADLINE_S)
        found = read_live_values(path)
    assert found == {
        "provider": ("webcom", "smso"),
        "status": ("failed", "sent"),
        "outcome": ("stored",),
        "text": ("night run",),
        "error": ("9",),
        "mcc": ("226",),
        "mnc": ("03",),
        "number": ("+44*", "+40*"),
        "channel": ("viber",),
    }


async def test_only_the_newest_messages_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with writing(path) as writer:
        await store(writer, entry(("old", report(Status.FAILED, error_code="77"))))
        await store(
            writer, entry(*[(f"id{n}", report(Status.FAILED, error_code="8")) for n in range(NEWEST)])
        )
        assert read_live_values(path)["error"] == ("8",)


def test_without_a_database_it_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        read_live_values(tmp_path / "none.db")

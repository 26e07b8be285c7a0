"""The lifecycle line as text: steps in their order, time between them, channels as tracks, attempts apart."""

from __future__ import annotations

import pytest

from smswatch.model import Flag, Status
from smswatch.store.rows import TimelineEntry
from smswatch.tui.lifecycle import lifecycle_page


def entry(number: int, status: Status, second: float, **fields: object) -> TimelineEntry:
    """One report that arrived in this second."""
    standard: dict[str, object] = {
        "id": number,
        "status": status,
        "provider_status": status.value,
        "channel": None,
        "channels": {},
        "occurred_ms": None,
        "occurred_raw": None,
        "zone": None,
        "arrived_ms": int(second * 1000),
        "times_received": 1,
        "flags": (),
        "error_code": None,
        "error_text": None,
        "request_id": number,
    }
    return TimelineEntry(**{**standard, **fields})  # type: ignore[arg-type] # the fields are the test's


SENT, DELIVERED, EXPIRED, READ = Status.SENT, Status.DELIVERED, Status.EXPIRED, Status.READ
LATE = (Flag.OUT_OF_ORDER,)
CASCADE = [
    entry(1, SENT, 1, channels={"viber": SENT}),
    entry(2, SENT, 63, channels={"viber": EXPIRED, "sms": SENT}),
    entry(3, DELIVERED, 66, channels={"viber": EXPIRED, "sms": DELIVERED}),
]
AGAIN = [
    entry(1, Status.SENDING, 1),
    entry(2, Status.FAILED, 2),
    entry(3, Status.SENDING, 60),
    entry(4, SENT, 61),
    entry(5, DELIVERED, 64.5),
]


@pytest.mark.parametrize(
    ("reports", "attempts", "width", "shown"),
    [
        pytest.param([entry(1, SENT, 1)], {}, 80, [" steps      ↑ sent"], id="one step"),
        pytest.param(
            [entry(1, SENT, 1), entry(2, DELIVERED, 5.21)],
            {},
            80,
            [" steps      ↑ sent ──+4.21 s── ✓ delivered   by arrival"],
            id="two steps",
        ),
        pytest.param(
            [entry(1, SENT, 5, occurred_ms=0), entry(2, DELIVERED, 5, occurred_ms=4000)],
            {},
            80,
            [" steps      ↑ sent ──+4 s── ✓ delivered   by the provider's times"],
            id="the provider's times where every step has one",
        ),
        pytest.param(
            [entry(1, DELIVERED, 1), entry(2, SENT, 3, flags=LATE)],
            {},
            80,
            [" steps      ↑ sent ! ──−2 s── ✓ delivered   by arrival"],
            id="a late report stands where it belongs",
        ),
        pytest.param(
            [entry(1, SENT, 1), entry(2, SENT, 2), entry(3, DELIVERED, 4), entry(4, Status.UNMAPPED, 5)],
            {},
            80,
            [" steps      ↑ sent ──+3 s── ✓ delivered   by arrival"],
            id="what says nothing new, or nothing known, is no step",
        ),
        pytest.param([entry(1, Status.UNMAPPED, 1)], {}, 80, [], id="nothing is known"),
        pytest.param(
            CASCADE,
            {},
            80,
            [
                " viber      ↑ sent ──+1 min 02 s── ⊗ expired",
                " sms                               ↑ sent ─────+3 s── ✓ delivered   by arrival",
            ],
            id="channels are parallel tracks",
        ),
        pytest.param(
            CASCADE,
            {},
            50,
            [
                " viber      ↑ sent ──+1 min 02 s── ⊗ expired",
                " sms                               ↑ sent ──",
                " sms        ───+3 s── ✓ delivered   by arrival",
            ],
            id="tracks fold together",
        ),
        pytest.param(
            [*CASCADE, entry(4, READ, 70)],
            {},
            100,
            [
                " viber      ↑ sent ──+1 min 02 s── ⊗ expired",
                " sms                               ↑ sent ─────+3 s── ✓ delivered",
                " message                                                          ◉ read   by arrival",
            ],
            id="a report without a channel has a track of its own",
        ),
        pytest.param(
            AGAIN,
            {1: 1, 2: 1, 3: 2, 4: 2, 5: 2},
            80,
            [
                " attempt 1  → sending ──+1 s── ∅ failed   by arrival",
                " attempt 2  → sending ──+1 s── ↑ sent ──+3.5 s── ✓ delivered   by arrival",
            ],
            id="attempts stand below each other",
        ),
        pytest.param(
            AGAIN[2:],
            {},
            46,
            [
                " steps      → sending ──+1 s── ↑ sent",
                "             ──+3.5 s── ✓ delivered",
            ],
            id="one track folds",
        ),
    ],
)
def test_the_lifecycle_is_drawn(
    reports: list[TimelineEntry], attempts: dict[int, int], width: int, shown: list[str]
) -> None:
    page = lifecycle_page(reports, attempts, width)
    assert [row.plain for row in page] == shown
    assert all(row.cell_length <= width for row in page)


def test_very_many_steps_tracks_and_attempts_are_bounded() -> None:
    many = [entry(n, Status.FAILED if n % 2 else EXPIRED, n) for n in range(1, 200)]
    channels = [entry(1, SENT, 1, channels={f"c{n}": SENT for n in range(100)})]
    again = [entry(n, SENT, n) for n in range(1, 100)]
    assert len(lifecycle_page(many, {}, 80)) < 30
    assert lifecycle_page(many, {}, 80)[-1].plain.strip() == "… 159 more steps"
    assert lifecycle_page(channels, {}, 80)[-1].plain.strip() == "… 92 more channels"
    pages = lifecycle_page(again, {n: n for n in range(1, 100)}, 80)
    assert pages[0].plain.strip() == "… 95 earlier attempts"
    assert len(pages) == 5


def test_a_channel_name_is_made_safe_and_cut() -> None:
    (row,) = lifecycle_page([entry(1, SENT, 1, channels={"\x1b[2J" + "漢" * 50: SENT})], {}, 80)
    assert row.plain.startswith(r" \x1b[2J")
    assert row.plain.endswith("… ↑ sent")
    assert row.cell_length <= 80

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.model import ProviderTime, Zone
from smswatch.times import _WORDING, arrival_text, provider_text, read_time, short_duration, to_milliseconds


@pytest.mark.parametrize(
    ("wording", "local", "offset"),
    [
        pytest.param("2019-05-01 15:18:20", datetime(2019, 5, 1, 15, 18, 20), None, id="plain"),
        pytest.param("2019-05-1 15:18:20", datetime(2019, 5, 1, 15, 18, 20), None, id="unpadded-day"),
        pytest.param(" 2019-05-01 15:18:20\r\n", datetime(2019, 5, 1, 15, 18, 20), None, id="padded"),
        pytest.param("2019-05-01 15:18", datetime(2019, 5, 1, 15, 18), None, id="no-seconds"),
        pytest.param("2026-01-15T10:30:00Z", datetime(2026, 1, 15, 10, 30), 0, id="iso-z"),
        pytest.param("2026-01-15T10:30:00+0530", datetime(2026, 1, 15, 10, 30), 330, id="offset-no-colon"),
        pytest.param("2026-01-15 10:30:00 -03:30", datetime(2026, 1, 15, 10, 30), -210, id="negative-offset"),
        pytest.param(
            "2021-07-11 12:59:26.000000 UTC", datetime(2021, 7, 11, 12, 59, 26), 0, id="php-with-utc"
        ),
        pytest.param(
            "2021-07-11 12:59:26.25", datetime(2021, 7, 11, 12, 59, 26, 250_000), None, id="fraction"
        ),
        pytest.param(
            "2021-07-11 12:59:26,123456789",
            datetime(2021, 7, 11, 12, 59, 26, 123_456),
            None,
            id="nanoseconds",
        ),
    ],
)
def test_a_providers_wording_is_read(wording: str, local: datetime, offset: int | None) -> None:
    assert read_time(wording) == ProviderTime(local, offset, wording)


@pytest.mark.parametrize(
    "wording",
    [
        "",
        "  ",
        "0000-00-00 00:00:00",
        "2024-02-30 10:00:00",
        "2024-01-01 25:00:00",
        "yesterday",
        "1708066907",
        "2024-W01-1 10:00:00",
        "2024-01-01 1O:00:00",
        "٢٠٢٤-٠١-٠١ ١٠:٠٠:٠٠",
        "2024-01-01 10:00:00 and more",
    ],
)
def test_no_date_and_impossible_dates_are_none(wording: str) -> None:
    assert read_time(wording) is None


def test_an_offset_in_the_wording_wins_over_the_documented_one() -> None:
    stated = read_time("2026-01-15T10:30:00+02:00", offset_minutes=0)
    assert stated is not None
    assert stated.offset_minutes == 120
    unstated = read_time("2026-01-15 10:30:00", offset_minutes=0)
    assert unstated is not None
    assert unstated.offset_minutes == 0


_PLAIN = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)


@given(st.one_of(st.text(max_size=40), st.from_regex(_WORDING), st.datetimes().map(lambda d: str(d)[:19])))
def test_reading_never_raises_and_the_quick_way_says_what_the_pattern_says(wording: str) -> None:
    found = read_time(wording)
    if found is not None:
        assert _WORDING.fullmatch(wording.strip())
        assert found.local.tzinfo is None
        if _PLAIN.fullmatch(wording.strip()):
            assert read_time(wording.strip() + ".0") == msgspec.structs.replace(
                found, raw=wording.strip() + ".0"
            )


@given(st.datetimes())
def test_to_the_second_every_date_of_the_calendar_is_read_back(local: datetime) -> None:
    local = local.replace(microsecond=0)
    found = read_time(local.isoformat(" "))
    assert found is not None
    assert found.local == local


def test_a_stated_offset_places_a_time_and_the_zone_is_not_asked() -> None:
    time = ProviderTime(datetime(2026, 1, 15, 10, 30), 120, "")
    placed = to_milliseconds(time, ZoneInfo("Asia/Tokyo"))
    assert placed == (_ms(datetime(2026, 1, 15, 8, 30, tzinfo=UTC)), Zone.STATED)


def test_the_configured_zone_fills_an_unstated_offset() -> None:
    time = ProviderTime(datetime(2026, 7, 15, 10, 30), None, "")
    placed = to_milliseconds(time, ZoneInfo("Europe/Bucharest"))
    assert placed == (_ms(datetime(2026, 7, 15, 7, 30, tzinfo=UTC)), Zone.ASSUMED)


def test_without_a_configured_zone_this_machines_is_assumed() -> None:
    local = datetime(2026, 7, 15, 10, 30)
    assert to_milliseconds(ProviderTime(local, None, ""), None) == (_ms(local.astimezone()), Zone.ASSUMED)


@pytest.mark.parametrize("local", [datetime.min, datetime.max], ids=["first-day", "last-day"])
@pytest.mark.parametrize("offset", [None, 0, 840, -840, 6039, -6039])
@pytest.mark.parametrize("zone", [None, ZoneInfo("Asia/Tokyo"), timezone(timedelta(hours=-12))])
def test_the_ends_of_the_calendar_do_not_raise(
    local: datetime, offset: int | None, zone: ZoneInfo | timezone | None
) -> None:
    placed = to_milliseconds(ProviderTime(local, offset, ""), zone)
    assert placed is None or isinstance(placed[0], int)


def test_arrival_times_always_have_three_decimals() -> None:
    assert arrival_text(_ms(datetime(2026, 11, 20, 12, tzinfo=UTC))) == "2026-11-20T12:00:00.000Z"
    assert arrival_text(_ms(datetime(2026, 11, 20, 12, tzinfo=UTC)) + 7) == "2026-11-20T12:00:00.007Z"


def test_provider_times_have_a_fraction_only_where_it_is_not_zero() -> None:
    noon = _ms(datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert provider_text(noon) == "2026-11-20T12:00:00Z"
    assert provider_text(noon + 250) == "2026-11-20T12:00:00.250Z"
    assert provider_text(_ms(datetime(999, 1, 2, tzinfo=UTC))) == "0999-01-02T00:00:00Z"
    assert provider_text(None) is None


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0.0s"),
        (210, "0.2s"),
        (10_000, "10s"),
        (59_999, "59s"),
        (185_000, "3m05s"),
        (7_620_000, "2h07m"),
        (360_000_000, "100h00m"),
    ],
)
def test_a_column_has_room_for_a_length_of_time(ms: int, text: str) -> None:
    assert short_duration(ms) == text


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

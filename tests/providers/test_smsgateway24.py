"""SmsGateWay24: statuses and inbound SMS in both generations, told apart by their fields."""

import json

import pytest

from smswatch.errors import PayloadError
from smswatch.model import Reading, ReceivedNumber, Status, WebhookRequest
from smswatch.providers.smsgateway24 import PROVIDER

STATUS = {
    "sms_id": 62807347,
    "status_id": 7,
    "status_message": "Delivered",
    "sendto": "+4915752982212",
    "senttime": "2024-02-16 07:01:47",
    "sim": 0,
    "device_id": 10403,
}
INBOUND = {
    "address": 4915752982212,
    "date": "2024-02-16 07:05:00",
    "date_sent": "2024-02-16 07:04:58",
    "body": "Hallo 👋",
    "internal_id": 512,
    "sim": 0,
    "sms_id": 62807400,
    "device_id": 10403,
    "device_name": "Pixel 6",
}


def read(document: object) -> Reading:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return PROVIDER.parse(
        WebhookRequest(method="POST", path=PROVIDER.path, query="", headers=(), body=raw, arrived_ms=0)
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (1, Status.ACCEPTED),
        (3, Status.QUEUED),
        (2, Status.SENDING),
        (6, Status.SENT),
        (7, Status.DELIVERED),
        (8, Status.UNDELIVERED),
        *((code, Status.FAILED) for code in (9, 10, 11, 12, 100, 101)),
        (4, Status.UNMAPPED),
        ("7", Status.DELIVERED),
    ],
)
def test_every_code(code: int | str, status: Status) -> None:
    (report,) = read(STATUS | {"status_id": code}).reports
    assert (report.status, report.provider_status) == (status, str(code))


def test_a_failure_carries_its_code_and_its_explanation() -> None:
    (report,) = read(STATUS | {"status_id": 9, "status_message": "Generic failure"}).reports
    assert (report.error_code, report.error_text) == ("9", "Generic failure")
    (delivered,) = read(STATUS).reports
    assert (delivered.error_code, delivered.error_text) == (None, None)


def test_senttime_is_the_time_of_6_and_orders_the_others() -> None:
    (sent,) = read(STATUS | {"status_id": 6}).reports
    (taken,) = read(STATUS | {"status_id": 2}).reports
    assert sent.occurred_at is not None
    assert sent.ordered_at is not None
    assert taken.occurred_at is None
    assert taken.ordered_at is not None
    assert (sent.starts_attempt, taken.starts_attempt) == (False, True)


@pytest.mark.parametrize(
    ("senttime", "wanted"),
    [
        pytest.param("2024-02-16 07:01:47", ("2024-02-16 07:01:47", None), id="text"),
        pytest.param(
            {"date": "2024-02-16 07:01:47.000000", "timezone_type": 3, "timezone": "UTC"},
            ("2024-02-16 07:01:47", 0),
            id="PHP date in UTC",
        ),
        pytest.param(
            {"date": "2021-07-11 12:59:26.000000", "timezone_type": 1, "timezone": "+02:00"},
            ("2021-07-11 12:59:26", 120),
            id="PHP date with an offset",
        ),
        pytest.param(None, None, id="null"),
        pytest.param("", None, id="empty"),
        pytest.param("0000-00-00 00:00:00", None, id="zeros"),
    ],
)
def test_a_time_in_each_of_its_forms(senttime: object, wanted: tuple[str, int | None] | None) -> None:
    (report,) = read(STATUS | {"status_id": 6, "senttime": senttime}).reports
    found = report.occurred_at and (str(report.occurred_at.local), report.occurred_at.offset_minutes)
    assert found == wanted


def test_incoming_on_the_status_url_is_kept_without_a_report() -> None:
    reading = read(STATUS | {"status_id": 5})
    assert not reading.reports
    assert not reading.problems
    assert reading.note


def test_an_address_that_was_an_integer_says_so() -> None:
    (sms,) = read(INBOUND).inbound
    assert sms.number == ReceivedNumber("4915752982212", is_integer=True)
    assert (sms.message_id, sms.body, sms.sim) == ("62807400", "Hallo 👋", "0")


def test_an_address_may_be_a_name() -> None:
    (sms,) = read(INBOUND | {"address": "VODAFONE", "channel_id": 1, "type": "text"}).inbound
    assert sms.number == ReceivedNumber("VODAFONE")


def test_an_image_is_listed_and_not_fetched() -> None:
    (sms,) = read(INBOUND | {"type": "img", "img_url": "https://files.example/a.jpg", "body": ""}).inbound
    assert (sms.body, sms.media_url) == ("", "https://files.example/a.jpg")


def test_the_newer_generation_names_its_slot_channel() -> None:
    document = {key: value for key, value in STATUS.items() if key != "sim"} | {"channel_id": 1}
    assert read(document).reports[0].sim == "1"


def test_json_inside_a_json_text_is_unwrapped() -> None:
    assert read(json.dumps(STATUS)).reports[0].message_id == "62807347"


def test_the_same_inbound_sms_is_known_by_its_id() -> None:
    one, two = read(INBOUND).inbound[0], read(INBOUND | {"body": "changed on the way"}).inbound[0]
    assert one.identity == two.identity


@pytest.mark.parametrize(
    "body",
    [b'{"sms_id":62807404,"status_id":}', b"[]", b"", b"<html></html>", b'{"sms_id":1}', b'{"status_id":7}'],
)
def test_what_is_neither_is_refused(body: bytes) -> None:
    with pytest.raises(PayloadError):
        read(body)

"""SMSO: statuses and replies on one URL, told apart by their fields."""

import pytest

from smswatch.errors import PayloadError
from smswatch.model import Reading, ReceivedNumber, Status, WebhookRequest
from smswatch.providers.smso import PROVIDER

STATUS = "uuid=8a5d2f89-90a1-4b65-b2cb-ffb78c4f65aa&status={}&sent_at=2024-05-01+12%3A30%3A09"


def read(body: str | bytes, **fields: str) -> Reading:
    raw = body.encode() if isinstance(body, str) else body
    return PROVIDER.parse(
        WebhookRequest(
            method=fields.get("method", "POST"),
            path=PROVIDER.path,
            query=fields.get("query", ""),
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=raw,
            arrived_ms=0,
        )
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("dispatched", Status.SENDING),
        ("sent", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("undelivered", Status.UNDELIVERED),
        ("expired", Status.EXPIRED),
        ("error", Status.FAILED),
        ("DELIVERED", Status.DELIVERED),
        ("DELIVRD", Status.UNMAPPED),
    ],
)
def test_every_word(word: str, status: Status) -> None:
    assert read(STATUS.format(word)).reports[0].status is status


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("receiver[number]=%2B40722334455", id="encoded"),
        pytest.param("receiver%5Bnumber%5D=%2B40722334455", id="encoded brackets"),
        pytest.param("receiver['number']=+40722334455", id="quoted, and the plus lost"),
        pytest.param("receiver%5B%27number%27%5D=+40722334455", id="encoded quotes"),
        pytest.param("receiver[number]=%2040722334455", id="a blank where the plus was"),
    ],
)
def test_the_number_is_found_and_its_plus_restored(number: str) -> None:
    (report,) = read(f"{STATUS.format('sent')}&{number}&receiver[mcc]=226&receiver[mnc]=03").reports
    assert report.number == ReceivedNumber("+40722334455")


def test_mnc_keeps_its_zero() -> None:
    (report,) = read(f"{STATUS.format('sent')}&receiver[mcc]=226&receiver[mnc]=03").reports
    assert (report.mcc, report.mnc) == ("226", "03")


def test_sent_at_belongs_to_sent_and_delivered_at_to_delivered_both_in_utc() -> None:
    (sent,) = read(f"{STATUS.format('sent')}&delivered_at=2019-05-01+12:20:09").reports
    (delivered,) = read(f"{STATUS.format('delivered')}&delivered_at=2024-05-1+12:30:14").reports
    (expired,) = read(f"{STATUS.format('expired')}&delivered_at=").reports
    assert sent.occurred_at is not None
    assert f"{sent.occurred_at.local} {sent.occurred_at.offset_minutes}" == "2024-05-01 12:30:09 0"
    assert delivered.occurred_at is not None
    assert f"{delivered.occurred_at.local}" == "2024-05-01 12:30:14"
    assert expired.occurred_at is None


def test_a_reply_names_what_it_answers() -> None:
    (sms,) = read(
        "body=Da%2C+confirm+%F0%9F%91%8D&replied_to=8a5d2f89&received_at=2024-05-01+12%3A35%3A00"
        "&sender%5Bnumber%5D=%2B40722334455&sender%5Bmcc%5D=226&sender%5Bmnc%5D=03"
    ).inbound
    assert (sms.body, sms.reply_to, sms.number) == (
        "Da, confirm 👍",
        "8a5d2f89",
        ReceivedNumber("+40722334455"),
    )


def test_an_empty_reply_is_a_reply() -> None:
    (sms,) = read("body=&replied_to=&received_at=2024-05-01+12:35:00&sender['number']=+40722334455").inbound
    assert (sms.body, sms.reply_to) == ("", None)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1250", "iso-8859-2"])
def test_romanian_text_is_read_in_its_encodings(charset: str) -> None:
    body = b"body=" + "ăîţ".encode(charset) + b"&received_at=2024-05-01 12:35:00&sender[number]=0722334455"
    assert read(body).inbound[0].body == "ăîţ"


def test_the_json_twin_says_the_same() -> None:
    (report,) = read(
        '{"uuid":"8a5d","status":"expired","sent_at":"2024-05-1 15:18:20","delivered_at":null,'
        '"receiver":{"number":"+40722334455","mcc":"226","mnc":"01"}}'
    ).reports
    assert (report.message_id, report.status, report.mnc) == ("8a5d", Status.EXPIRED, "01")


def test_fields_in_the_query_of_a_get_are_the_form() -> None:
    assert read("", method="GET", query=STATUS.format("sent")).reports[0].status is Status.SENT


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("uuid=8a5d", id="uuid alone"),
        pytest.param("status=delivered", id="status alone"),
        pytest.param("", id="empty"),
        pytest.param("status=delivered&uuid=a&uuid=b", id="two uuids"),
        pytest.param("<html>", id="a page of the tunnel"),
    ],
)
def test_neither_status_nor_reply_is_refused(body: str) -> None:
    with pytest.raises(PayloadError):
        read(body)

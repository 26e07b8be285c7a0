"""SmsGateWay24 (SMS through one's own Android phone): delivery reports and inbound SMS as one JSON object.

An object with `status_id` is a report, one with `address` (or `type` text or img) an inbound SMS, and one with
`event` is in the dialect of the vendor's article on webhooks. The order of the ids in time is 1, 3, 2, 6, 7. A
message that failed can be sent again from the vendor's site under the same id.

Older callbacks call the SIM slot `sim`, newer ones `channel_id`, which may also stand for WhatsApp or RCS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from smswatch.errors import PayloadError
from smswatch.model import (
    InboundSms,
    ProviderTime,
    Reading,
    ReceivedNumber,
    Status,
    StatusReport,
    WebhookRequest,
)
from smswatch.payload import IntegerText, id_of, read_json, text_of
from smswatch.provider import ErrorCode, Provider, StatusWord, look_up
from smswatch.times import read_time

WORDS = {
    "1": StatusWord(Status.ACCEPTED, "pending"),
    "3": StatusWord(Status.QUEUED, "queued for sending"),
    "2": StatusWord(Status.SENDING, "taken by the phone"),
    "6": StatusWord(Status.SENT, "sent by the phone"),
    "7": StatusWord(Status.DELIVERED, "delivered"),
    "8": StatusWord(Status.UNDELIVERED, "not delivered"),
    "9": StatusWord(Status.FAILED, "not sent: generic failure"),
    "10": StatusWord(Status.FAILED, "not sent: no service"),
    "11": StatusWord(Status.FAILED, "not sent: null PDU"),
    "12": StatusWord(Status.FAILED, "not sent: radio off"),
    "100": StatusWord(Status.FAILED, "not sent: the app has no permission to send SMS"),
    "101": StatusWord(Status.FAILED, "not sent: the app has no permission to send SMS"),
}

_GENERIC = ErrorCode(
    meaning="the phone tried to send it and Android gave no reason (generic failure)",
    cause=(
        "no credit or no SMS in the SIM's plan, a wrong SMS centre number, a number in a form that the network "
        "does not take, or a carrier that blocks many SMS in a short time"
    ),
    check=(
        "send one by hand from that SIM to the same number; look at its credit and SMS centre; write the number "
        "with + and its country; send more slowly"
    ),
)
_NOT_ALLOWED = ErrorCode(
    meaning="the app may not send SMS: the permission was not granted",
    cause="the permission was never given, or Android took it back while the app was not used",
    check="on the phone: Settings, Apps, SmsGateWay24, Permissions, SMS; then send again",
)

CODES = {
    "8": ErrorCode(
        meaning="the network reports that it was not delivered",
        cause="the receiving phone was off or out of reach, the number is not in use, or the carrier filtered it",
        check="whether the number is right and takes SMS; whether another text to it arrives",
    ),
    "9": _GENERIC,
    "10": ErrorCode(
        meaning="not sent: the phone had no service",
        cause="no coverage where the phone lies, or its SIM is missing, locked or not registered in the network",
        check="the phone's signal and SIM, roaming included; then send it again",
    ),
    "11": ErrorCode(
        meaning="not sent: the phone had nothing to hand to its radio (null PDU)",
        cause="an empty text, or one that the phone could not encode",
        check="whether the text is empty or has odd characters; whether the app is up to date",
    ),
    "12": ErrorCode(
        meaning="not sent: the phone's radio was off",
        cause="airplane mode, or the SIM is switched off",
        check="airplane mode and the SIM's switch on the phone; then send it again",
    ),
    "100": _NOT_ALLOWED,
    "101": _NOT_ALLOWED,
    "failed": ErrorCode(
        meaning="it could not be sent; this callback does not say why",
        cause="what the numbered errors 9 to 12, 100 and 101 say: the SIM, the coverage, the app's permission",
        check="the message on the vendor's site, which shows the numbered error; the phone's signal and credit",
    ),
}
"""9 to 12 are the results of Android's SmsManager."""

ARTICLE_WORDS = {
    "queued": StatusWord(Status.QUEUED, "queued"),
    "sent": StatusWord(Status.SENT, "sent"),
    "delivered": StatusWord(Status.DELIVERED, "delivered"),
    "failed": StatusWord(Status.FAILED, "failed"),
}
"""The stages that the vendor's article on webhooks names; its reference page has ids instead."""

_INCOMING = "5"
_STARTS_ATTEMPT = frozenset(("1", "3", "2"))

_Fields = Mapping[str, object]


def parse(request: WebhookRequest) -> Reading:
    """Read one JSON object, a report or an inbound SMS, told apart by the fields."""
    document = read_json(request.body)
    if isinstance(document, str) and not isinstance(document, IntegerText):
        document = read_json(document)  # JSON inside a JSON string
    if not isinstance(document, dict):
        raise PayloadError("expected one JSON object")
    if document.get("status_id") is not None:
        return _status(document)
    if "address" in document or document.get("type") in ("text", "img"):  # not a set: it may not be hashable
        return Reading(inbound=(_inbound(document),))
    if "event" in document:
        return _article(document)
    raise PayloadError("neither a status (status_id) nor an inbound SMS (address)")


def _status(fields: _Fields) -> Reading:
    word = (text_of(fields["status_id"]) or "").strip()
    if not word:
        raise PayloadError("status_id is neither an integer nor a text")
    if word == _INCOMING:
        if "address" in fields:
            return Reading(inbound=(_inbound(fields),))
        return Reading(note="status 5 (incoming SMS) says nothing about a message that was sent")
    status = look_up(WORDS, word)
    senttime = _time(fields.get("senttime"))
    message = _text(fields, "status_message")
    return Reading(
        reports=(
            StatusReport(
                message_id=_id(fields, "sms_id"),
                status=status,
                provider_status=word,
                identity=(word, _time_wording(fields.get("senttime")).strip()),
                occurred_at=senttime if status is Status.SENT else None,
                ordered_at=senttime,
                starts_attempt=word in _STARTS_ATTEMPT,
                number=_number(fields.get("sendto")),
                device=_text(fields, "device_id"),
                sim=_sim(fields),
                error_code=word if status.is_failure else None,
                error_text=message if status.is_failure else None,
            ),
        )
    )


def _inbound(fields: _Fields) -> InboundSms:
    message_id = None if fields.get("sms_id") in (None, "") else _id(fields, "sms_id")
    body = text_of(fields.get("body", ""))
    if body is None and fields["body"] is not None:
        raise PayloadError("body is not a text")
    number = _number(fields.get("address"))
    if message_id is None:
        times = [_time_wording(fields.get(key)).strip() for key in ("date", "date_sent")]
        rest = [_text(fields, key) or "" for key in ("internal_id", "device_id", "img_url")]
        identity = (number.text if number else "", *times, (body or "").strip(), *rest)
    else:
        identity = (message_id,)
    return InboundSms(
        identity=identity,
        message_id=message_id,
        number=number,
        body=body or "",
        sent_at=_time(fields.get("date_sent")),
        received_at=_time(fields.get("date")),
        device=_text(fields, "device_id") or _text(fields, "device_name"),
        sim=_sim(fields),
        media_url=_text(fields, "img_url"),
    )


def _article(fields: _Fields) -> Reading:
    event, time = fields["event"], fields.get("timestamp")
    number, device = _number(fields.get("phone")), _text(fields, "device_id")
    if event == "incoming_sms":
        body = _text(fields, "message") or ""
        identity = (number.text if number else "", _time_wording(time).strip(), body.strip(), device or "")
        return Reading(
            inbound=(
                InboundSms(
                    identity=identity, number=number, body=body, received_at=_time(time), device=device
                ),
            )
        )
    word = _text(fields, "status")
    if event != "delivery_status" or word is None:
        raise PayloadError("event is neither incoming_sms nor delivery_status with a status")
    report = StatusReport(
        message_id=_id(fields, "message_id"),
        status=look_up(ARTICLE_WORDS, word),
        provider_status=word,
        identity=(word, _time_wording(time).strip()),
        occurred_at=_time(time),
        number=number,
        device=device,
    )
    return Reading(reports=(report,))


def _id(fields: _Fields, key: str) -> str:
    found = id_of(fields.get(key))
    if found is None:
        raise PayloadError(
            f"{key} is neither an integer nor a text of 1 to 128 characters"
            if fields.get(key) is not None
            else f"{key} is missing"
        )
    return found


def _text(fields: _Fields, key: str) -> str | None:
    return (text_of(fields.get(key)) or "").strip() or None


def _sim(fields: _Fields) -> str | None:
    return _text(fields, "sim") or _text(fields, "channel_id")


def _number(value: object) -> ReceivedNumber | None:
    text = text_of(value)
    trimmed = text.strip() if text else ""
    return ReceivedNumber(trimmed, is_integer=isinstance(text, IntegerText)) if trimmed else None


# --- times: a text, a PHP date object, an epoch or nothing ----------------------------------------------


def _time_wording(value: object) -> str:
    if isinstance(value, dict):
        date, zone = text_of(value.get("date")) or "", text_of(value.get("timezone")) or ""
        return f"{date} {zone}"
    return text_of(value) or ""


def _time(value: object) -> ProviderTime | None:
    wording = _time_wording(value)
    if not wording.strip():
        return None
    found = read_time(wording)
    if found is not None:
        return found
    if isinstance(value, dict):
        return _php_time(text_of(value.get("date")) or "", text_of(value.get("timezone")) or "", wording)
    return _epoch_time(wording)


_LONGEST_ZONE = 64
_MINUTE = timedelta(minutes=1)


def _php_time(date: str, zone: str, wording: str) -> ProviderTime | None:
    """PHP's `timezone_type` 3 names the zone: `Europe/Berlin`."""
    found = read_time(date)
    if found is None or not 0 < len(zone) <= _LONGEST_ZONE:
        return found
    try:
        offset = found.local.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    except (ValueError, LookupError, OSError, OverflowError):
        return ProviderTime(found.local, None, wording)
    return ProviderTime(found.local, None if offset is None else offset // _MINUTE, wording)


_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 10, 13
"""Digits of a count since 1970."""


def _epoch_time(wording: str) -> ProviderTime | None:
    digits = wording.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) not in {_EPOCH_SECONDS, _EPOCH_MILLISECONDS}:
        return None
    milliseconds = int(digits) * (1000 if len(digits) == _EPOCH_SECONDS else 1)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return ProviderTime(moment.replace(tzinfo=None), 0, wording)


PROVIDER = Provider(
    name="smsgateway24",
    title="SmsGateWay24",
    docs="https://smsgateway24.com/en/docs/webhook",
    setup=(
        "In the settings of the device, enter it in both fields, Webhooks for SMS delivery statuses and "
        "Webhooks for incoming SMS."
    ),
    parse=parse,
    words=WORDS,
    codes=CODES,
    times_zone="not stated",
    example=(
        '{"sms_id":62807347,"status_id":7,"status_message":"SMS has been Delivered","sendto":"+40722334455",'
        '"senttime":"2026-11-20 12:00:00","sim":0,"device_id":10403}'
    ),
    inbound_example=(
        '{"address":"+40722334455","date":"2026-11-20 12:00:05","body":"Thanks","internal_id":512,"sim":0,'
        '"sms_id":62807400,"device_id":10403}'
    ),
)

"""SMSO (smso.ro): delivery reports and inbound SMS as a form, both on one URL.

A body with `uuid` and `status` is a report; one with `received_at` or any `sender[…]` is an inbound SMS.
Field names come quoted (`receiver['number']`, as the vendor prints them) or not (as PHP sends them).
A JSON body with the same names, `receiver` and `sender` as objects, reads as the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping

from smswatch.errors import PayloadError
from smswatch.model import InboundSms, Reading, ReceivedNumber, Status, StatusReport, WebhookRequest
from smswatch.payload import IntegerText, flat_fields, id_of, read_form, read_json
from smswatch.provider import ErrorCode, Provider, StatusWord, look_up
from smswatch.times import read_time

WORDS = {
    "dispatched": StatusWord(Status.SENDING, "on its way to the network"),
    "sent": StatusWord(Status.SENT, "the network took it"),
    "delivered": StatusWord(Status.DELIVERED, "delivered to the phone"),
    "undelivered": StatusWord(Status.UNDELIVERED, "the network could not deliver it"),
    "expired": StatusWord(Status.EXPIRED, "not delivered within its validity"),
    "error": StatusWord(Status.FAILED, "it could not be sent"),
}

CODES = {
    "undelivered": ErrorCode(
        meaning="the network tried and could not deliver it",
        cause="the number is not in use or cannot receive SMS, or the network filtered the text or the sender",
        check="the number; whether it was ported or barred; whether another sender or text gets through",
    ),
    "expired": ErrorCode(
        meaning="it was not delivered while it was valid",
        cause="the phone was off or out of coverage all that time, or the number has been given up",
        check="whether the phone is reachable now; how long the message was valid; then send it again",
    ),
    "error": ErrorCode(
        meaning="it could not be sent at all",
        cause="a number that cannot be reached, a sender that is not allowed in that country, or no credit",
        check="the number with + and its country, the sender and the credit in your SMSO account",
    ),
}
"""SMSO sends a word and no code."""

_ONCE = frozenset(("uuid", "status", "sent_at", "delivered_at")) | {"body", "replied_to", "received_at"}
"""What makes a report or an inbound SMS itself: two values of one of these cannot both be kept."""

_ONLY_INBOUND = frozenset(("received_at", "sender[number]", "sender[mcc]", "sender[mnc]"))

_UTC = 0
_SHORTEST_WITH_PLUS = 7
"""Digits of a number that a plus can stand before; a short code never has one."""


def parse(request: WebhookRequest) -> Reading:
    """Read a form or its JSON twin, a report or an inbound SMS, told apart by the fields."""
    fields = _fields(request)
    is_report = "uuid" in fields and "status" in fields
    is_inbound = not _ONLY_INBOUND.isdisjoint(fields)
    if is_report and is_inbound:
        raise PayloadError("both a status (uuid, status) and an inbound SMS (received_at, sender[…])")
    if is_report:
        return Reading(reports=(_report(fields),))
    if is_inbound:
        return Reading(inbound=(_inbound(fields),))
    raise PayloadError(_what_is_missing(fields))


def _fields(request: WebhookRequest) -> dict[str, str]:
    body = request.body.strip()
    if body.startswith((b"{", b"[", b"\xef\xbb\xbf{")):
        document = read_json(body)
        if not isinstance(document, dict):
            raise PayloadError("expected a form, or one JSON object: line 1 column 1")
        return flat_fields(document)
    if not body:
        # The vendor's page calls the fields query parameters.
        body = request.query.encode("utf-8", "surrogatepass")
    if not body:
        raise PayloadError("the body is empty")
    return read_form(body, request.content_type, once=_ONCE)


def _what_is_missing(fields: Mapping[str, str]) -> str:
    for position, key in enumerate(fields, start=1):
        if key.startswith("amp;"):
            return (
                f"field {position}: the fields are joined by &amp; where & belongs; something between the "
                "provider and smswatch escapes the form as if it were HTML"
            )
    if "uuid" in fields:
        return "a status without the field status"
    if "status" in fields:
        return "a status without the field uuid"
    return "neither a status (uuid, status) nor an inbound SMS (received_at, sender[…])"


def _report(fields: Mapping[str, str]) -> StatusReport:
    message_id = id_of(fields["uuid"])
    if message_id is None:
        raise PayloadError("uuid is not a text of 1 to 128 characters")
    word = fields["status"].strip()
    if not word:
        raise PayloadError("status is empty")
    status = look_up(WORDS, word)
    sent_at, delivered_at = fields.get("sent_at", ""), fields.get("delivered_at", "")
    wording = sent_at if status is Status.SENT else delivered_at if status is Status.DELIVERED else ""
    return StatusReport(
        message_id=message_id,
        status=status,
        provider_status=word,
        identity=(word, sent_at.strip(), delivered_at.strip()),
        occurred_at=read_time(wording, offset_minutes=_UTC),
        number=_number(fields, "receiver"),
        mcc=_network(fields, "receiver", "mcc"),
        mnc=_network(fields, "receiver", "mnc"),
    )


def _inbound(fields: Mapping[str, str]) -> InboundSms:
    number = _number(fields, "sender")
    body, received_at = fields.get("body", ""), fields.get("received_at", "")
    reply_to = fields.get("replied_to", "").strip()
    identity = (number.text if number else "", received_at.strip(), body.strip(), reply_to)
    if not any(identity):
        raise PayloadError("an inbound SMS in which every field is empty")
    return InboundSms(
        identity=identity,
        number=number,
        body=body,
        reply_to=reply_to or None,
        received_at=read_time(received_at, offset_minutes=_UTC),
        mcc=_network(fields, "sender", "mcc"),
        mnc=_network(fields, "sender", "mnc"),
    )


def _number(fields: Mapping[str, str], party: str) -> ReceivedNumber | None:
    """A form turns an unencoded plus into a space: one space before a long run of digits was a plus."""
    text = fields.get(f"{party}[number]", fields.get("number", ""))
    digits = text.strip()
    if not digits:
        return None
    lost_plus = (
        text[0] == " " and text[1] == digits[0] != "0" and len(digits) >= _SHORTEST_WITH_PLUS
    ) and digits.isascii()
    if lost_plus and digits.isdigit():
        return ReceivedNumber("+" + digits)
    return ReceivedNumber(digits, is_integer=isinstance(text, IntegerText))


def _network(fields: Mapping[str, str], party: str, name: str) -> str | None:
    return fields.get(f"{party}[{name}]", fields.get(name, "")).strip() or None


PROVIDER = Provider(
    name="smso",
    title="SMSO",
    docs="https://api-docs.smso.ro/",
    setup=(
        "Set it as your team's webhook in your SMSO account, or per message as webhook_status and "
        "webhook_responses when you send."
    ),
    parse=parse,
    words=WORDS,
    codes=CODES,
    delivers_by_query=True,
    times_zone="UTC",
    example=(
        "uuid=8a5d2f89-90a1-4b65-b2cb-ffb78c4f65aa&status=delivered&sent_at=2026-11-20+12%3A00%3A00"
        "&delivered_at=2026-11-20+12%3A00%3A04&receiver%5Bnumber%5D=%2B40722334455"
        "&receiver%5Bmcc%5D=226&receiver%5Bmnc%5D=03"
    ),
    inbound_example=(
        "body=Thanks&replied_to=&received_at=2026-11-20+12%3A00%3A05&sender%5Bnumber%5D=%2B40722334455"
        "&sender%5Bmcc%5D=226&sender%5Bmnc%5D=03"
    ),
    example_content_type="application/x-www-form-urlencoded",
)

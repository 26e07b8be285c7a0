"""Webcom (Webcom Mobi A2P platform and its white-label brands): delivery reports as JSON or XML.

The answer must name every id that is kept; an id that it leaves out is sent again, up to five times.
The callbacks never say whom a message went to.

In XML, an attribute of `<state>` is a channel (`sms`, `viber`, and ones not known yet), unless it is one of
the fields that the platform's other answers carry (`num_parts`, `price`, …) or its value has a digit in it
and is not a status word: statuses are words. The element's text is the status of the message as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, TypeVar

from smswatch.errors import PayloadError
from smswatch.model import (
    Acknowledgement,
    ChannelStatus,
    Problem,
    Reading,
    Status,
    StatusReport,
    WebhookRequest,
)
from smswatch.payload import IntegerText, id_of, looks_like_xml, read_json, read_xml, text_of
from smswatch.provider import ErrorCode, Provider, StatusWord, look_up
from smswatch.summary import status_of_channels
from smswatch.times import read_time

if TYPE_CHECKING:
    from lxml import etree

WORDS = {
    "send": StatusWord(Status.SENT, "handed on, no status yet; its time is empty"),
    "deliver": StatusWord(Status.DELIVERED, "delivered; in Viber, read may follow"),
    "read": StatusWord(Status.READ, "read"),
    "not_deliver": StatusWord(Status.UNDELIVERED, "not delivered"),
    "expired": StatusWord(Status.EXPIRED, "the subscriber was not on the network while it was tried"),
    # Nothing to do with parts: the platform never learnt what became of the message.
    "partly_deliver": StatusWord(Status.UNKNOWN, "sent, but the outcome was never learnt"),
}

CODES = {
    "not_deliver": ErrorCode(
        meaning="it was not delivered, and that will not change",
        cause="the number is not in use, barred or ported, or the operator filtered the text or the sender",
        check="the number; whether the sender name is registered with that operator; the template of the text",
    ),
    "expired": ErrorCode(
        meaning="the subscriber was not on the network whenever it was tried; that will not change",
        cause="the phone was off or out of coverage for the whole validity, or a Viber message was not fetched",
        check="whether the phone is reachable now; how long it was valid; whether a fallback to SMS is set up",
    ),
    "partly_deliver": ErrorCode(
        meaning="it was sent, and the platform never learnt what became of it; it may have arrived",
        cause="the operator sent no delivery report; it says nothing about parts",
        check="whether other messages to that operator get reports; ask the person rather than send it again",
    ),
}
"""The callbacks carry a word and no code."""

CHANNELS = frozenset(("sms", "viber", "whatsapp", "vk"))
"""The platform's channel types, as its balance page lists them. Others are told by their value."""

OTHER_FIELDS = frozenset(
    (
        *("id_sms", "time", "time_change_state", "id_state", "client_id_sms", "number_sms", "part_no"),
        *("num_parts", "parts", "price", "currency", "phone", "sender", "originator", "error"),
    )
)
"""Attributes of `<state>` in the platform's other answers, which developers paste."""

_MOST_PROBLEMS = 1000
"""Described one by one; a body of nothing but commas and zeros could hold a hundred times as many."""

_WRAPPERS = ("state", "information")
"""The keys under which the poll and send answers hold what the callback sends bare."""


def parse(request: WebhookRequest) -> Reading:
    """Read JSON or XML, told apart by the first character."""
    if looks_like_xml(request.body):
        return _batch("xml", _states(read_xml(request.body)), _from_xml)
    return _batch("json", _elements(read_json(request.body)), _from_json)


def acknowledge(reading: Reading) -> Acknowledgement:
    """Name every id that is kept, once, in the format it came in and spelled as it came."""
    if reading.dialect == "xml":
        ids = "".join([f"<id_sms>{spelled}</id_sms>" for spelled in reading.ack_ids])
        document = f'<?xml version="1.0" encoding="utf-8"?><response>{ids}</response>'
        return Acknowledgement(document.encode(), "text/xml; charset=utf-8")
    ids = ",".join([f'{{"id_sms":{spelled}}}' for spelled in reading.ack_ids])
    return Acknowledgement(f"[{ids}]".encode(), "application/json; charset=utf-8")


MOST_CHANNELS = 32
"""Of one report; the platform has a handful, and any attribute may be one."""

_Element = TypeVar("_Element")


def _batch(
    dialect: str, elements: Iterable[_Element], read: Callable[[_Element], tuple[StatusReport, str]]
) -> Reading:
    """Read what can be read; an id is acknowledged if at least one of its elements is kept."""
    reports: list[StatusReport] = []
    problems: list[Problem] = []
    ack_ids: dict[str, str] = {}
    unreadable = 0
    for position, element in enumerate(elements, start=1):
        try:
            report, spelled = read(element)
        except PayloadError as error:
            unreadable += 1
            if unreadable <= _MOST_PROBLEMS:
                problems.append(Problem(f"element {position}", str(error)))
            continue
        reports.append(report)
        ack_ids.setdefault(report.message_id, spelled)
    if problems and not reports:
        more = f" (and {unreadable - 1} more that cannot be read)" if unreadable > 1 else ""
        raise PayloadError(f"{problems[0]}{more}")
    if unreadable > _MOST_PROBLEMS:
        problems.append(Problem("elsewhere", f"{unreadable - _MOST_PROBLEMS} more that cannot be read"))
    return Reading(
        reports=tuple(reports), problems=tuple(problems), dialect=dialect, ack_ids=tuple(ack_ids.values())
    )


def _elements(document: object) -> list[object]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise PayloadError("expected a JSON array of objects with id_sms and state")
    if "id_sms" not in document:
        for key in _WRAPPERS:
            inner = document.get(key)
            if isinstance(inner, list):
                return inner
            if isinstance(inner, dict):
                return [inner]
    return [document]


def _from_json(element: object) -> tuple[StatusReport, str]:
    if not isinstance(element, dict):
        raise PayloadError("not an object")
    spelled = element.get("id_sms")
    message_id = _checked_id(id_of(spelled), present=spelled is not None)
    state = element.get("state")
    word = state.strip() if isinstance(state, str) and not isinstance(state, IntegerText) else ""
    if not word:
        raise PayloadError("state is missing or is not a text")
    time = text_of(element.get("time", element.get("time_change_state"))) or ""
    report = StatusReport(
        message_id=message_id,
        status=look_up(WORDS, word),
        provider_status=word,
        identity=(word, time.strip()),
        occurred_at=read_time(time),
    )
    is_number = isinstance(spelled, int | IntegerText)
    return report, message_id if is_number else json.dumps(spelled)


def _states(root: etree._Element) -> Iterable[etree._Element]:
    if root.tag not in {"response", "request"}:
        raise PayloadError(f"expected the root element response or request: line {root.sourceline or 1}")
    return root


_IN_AN_ATTRIBUTE = {ord("\n"): "&#10;", ord("\r"): "&#13;", ord("\t"): "&#9;"}


def _from_xml(element: etree._Element) -> tuple[StatusReport, str]:
    if element.tag != "state":
        raise PayloadError(f"not a state: line {element.sourceline or 1}")
    spelled = element.get("id_sms")
    message_id = _checked_id(id_of(spelled), present=spelled is not None)
    channels = _channels(element)
    stated = (element.text or "").strip()
    if stated:
        status, word = look_up(WORDS, stated), stated
    elif channels:
        telling = status_of_channels(channels)
        status, word = telling.status, telling.provider_status
    else:
        raise PayloadError("neither a text nor a channel states the status")
    time = element.get("time", element.get("time_change_state", ""))
    report = StatusReport(
        message_id=message_id,
        status=status,
        provider_status=word,
        identity=(stated, time.strip(), *sorted([f"{c.channel}={c.provider_status}" for c in channels])),
        overall_stated=bool(stated),
        channels=channels,
        occurred_at=read_time(time),
    )
    # Line breaks as references: the platform wants XML on one line.
    return report, escape(spelled or "", quote=False).translate(_IN_AN_ATTRIBUTE)


def _channels(element: etree._Element) -> tuple[ChannelStatus, ...]:
    found = []
    for name, value in element.items():
        if name in OTHER_FIELDS or name.startswith("{"):
            continue
        word = value.strip()
        if not word:
            continue
        status = look_up(WORDS, word)
        if status is not Status.UNMAPPED or name in CHANNELS or not any(map(str.isdigit, word)):
            found.append(ChannelStatus(name, status, word))
        if len(found) > MOST_CHANNELS:
            raise PayloadError(f"it names more than {MOST_CHANNELS} channels")
    return tuple(found)


def _checked_id(message_id: str | None, *, present: bool) -> str:
    if message_id is None:
        raise PayloadError(
            "id_sms is neither an integer nor a text of 1 to 128 characters"
            if present
            else "id_sms is missing"
        )
    return message_id


PROVIDER = Provider(
    name="webcom",
    title="Webcom",
    docs="https://apidocs.webcom.mobi/en/sposoby-vzaimodeistviya-s-a2p-platformoi/json-specification/sms-status-request/webhook",
    setup="Tell your Webcom manager the URL; JSON and XML both come to it.",
    parse=parse,
    acknowledge=acknowledge,
    words=WORDS,
    codes=CODES,
    sends_number=False,
    times_zone="not stated; probably the account's local time",
    example='[{"id_sms":3234,"time":"2026-11-20 12:00:04","state":"deliver"}]',
)

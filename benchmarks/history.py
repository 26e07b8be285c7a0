"""A long history of traffic, invented but plausible, the same for the same seed: what a database grows from.

Three formats: SMSO (three reports a message, a quarter of them), Webcom (three, in XML, through Viber or through
Viber and then SMS, several messages in one body; a quarter) and SmsGateWay24 (five; half), so a message has some
four reports. Lives overlap; a few stay open, fail, are repeated or told in the wrong order. One message in five
brings a reply. Texts, and numbers that callbacks do not tell, are registered, as an application would with `track`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec

from smswatch.store.rows import Registration

END_MS = 1_795_176_000_000
"""2026-11-20 12:00:00 UTC: the last message of every history was seen shortly before."""
DAYS = 30
OWN_NUMBER = "+40722334455"
"""A developer's own telephone gets one message in a hundred."""

_WORDS = (  # noqa: SIM905 - read as sentences
    "order parcel courier arrives tomorrow between nine and twelve please confirm your appointment is booked"
    " for friday verification code expires in ten minutes do not share it with anyone invoice paid thank you"
).split()
_REPLIES = (
    "Da, confirm 👍",
    "YES",
    "STOP",
    "HELP",
    "Who is this?",
    "Running 10 min late, sorry",
    "JA",
    "START",
)
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_XML = "text/xml; charset=utf-8"
_MOST_IN_A_BODY = 8
_COLLECTED_MS = 3000
"""How long Webcom's platform collects states before it sends them together."""


class Happening(msgspec.Struct, frozen=True):
    """One request, and what the application registered just before it."""

    arrived_ms: int
    provider: str
    content_type: str
    body: bytes
    registrations: tuple[Registration, ...] = ()


class _Step(msgspec.Struct, frozen=True):
    """One report that is due; Webcom's wait to be sent together."""

    provider: str
    content_type: str
    body: str
    registration: Registration | None = None


class History:
    """Makes the requests of so many messages, in the order of arrival."""

    def __init__(self, messages: int, seed: int = 0) -> None:
        self.messages = messages
        self._dice = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
        self._people = max(10, messages // 3)
        self._serial = 0
        self._due: list[tuple[int, int, _Step]] = []

    def happenings(self) -> Iterator[Happening]:
        """Yield every request."""
        begins = END_MS - DAYS * 86_400_000
        apart = DAYS * 86_400_000 / self.messages
        for number in range(self.messages):
            now = begins + int(number * apart)
            yield from self._until(now)
            self._begin(number, now)
        yield from self._until(END_MS)
        yield from self._until(None)

    def _until(self, now_ms: int | None) -> Iterator[Happening]:
        """Yield what is due by then; after the end, what still has to come, at that moment."""
        while self._due and (now_ms is None or self._due[0][0] <= now_ms):
            due, _, step = heapq.heappop(self._due)
            arrived = min(due, END_MS)
            if step.provider != "webcom":
                kept = (step.registration,) if step.registration else ()
                yield Happening(arrived, step.provider, step.content_type, step.body.encode(), kept)
                continue
            steps, later = [step], []
            limit = due + _COLLECTED_MS
            while self._due and self._due[0][0] <= limit and len(steps) < _MOST_IN_A_BODY:
                other = heapq.heappop(self._due)
                if other[2].provider == "webcom":
                    steps.append(other[2])
                else:
                    later.append(other)
            for other in later:
                heapq.heappush(self._due, other)
            states = "".join(each.body for each in steps)
            yield Happening(
                arrived,
                "webcom",
                _XML,
                f'<?xml version="1.0" encoding="utf-8" ?><response>{states}</response>'.encode(),
                tuple(each.registration for each in steps if each.registration),
            )

    def _add(self, due_ms: int, step: _Step) -> None:
        self._serial += 1
        heapq.heappush(self._due, (due_ms, self._serial, step))

    def _begin(self, number: int, now: int) -> None:
        lives = (self._smso, self._webcom, self._smsgateway24, self._smsgateway24)
        lives[number % 4](number, now)
        if number % 5 == 0:
            self._reply(number, now + self._dice.randrange(20_000, 900_000))

    def _telephone(self) -> str:
        dice = self._dice
        if dice.random() < 0.01:
            return OWN_NUMBER
        person = int(dice.random() * self._people)
        match person % 20:
            case 0:
                return f"+1202555{person % 10_000:04d}"
            case 1 | 2 | 3:
                return f"+4477009{person % 100_000:05d}"
            case 4 | 5 | 6 | 7 | 8 | 9 | 10:
                return f"+49151{person:07d}"
            case _:
                return f"+40722{person % 1_000_000:06d}"

    def _text(self) -> str:
        dice = self._dice
        return f"{' '.join(dice.choices(_WORDS, k=9)).capitalize()} {dice.randrange(1_000_000):06d}."

    def _smso(self, number: int, now: int) -> None:
        dice, telephone = self._dice, self._telephone()
        fate = dice.random()
        last = (
            "delivered"
            if fate < 0.93
            else "undelivered"
            if fate < 0.96
            else "expired"
            if fate < 0.97
            else None
        )
        sent = now + dice.randrange(300, 2500)
        arrives = sent + int(dice.lognormvariate(8.3, 1.0))
        words = [("dispatched", now), ("sent", sent)] + ([(last, arrives)] if last else [])
        if fate < 0.02:
            words.append((last or "sent", arrives + 4000))  # told once more
        elif fate < 0.03:
            words[1] = ("sent", arrives + 1500)  # told too late
        registration = None
        if dice.random() < 0.3:
            registration = Registration(
                provider="smso", message_id=smso_id(number), number=telephone, text=self._text(), label="shop"
            )
        for word, due in words:
            fields = {
                "uuid": smso_id(number),
                "status": word,
                "sent_at": _written(sent),
                "delivered_at": _written(arrives) if word == "delivered" else "",
                "receiver[number]": telephone,
                "receiver[mcc]": "226",
                "receiver[mnc]": ("01", "03", "05", "10")[number // 4 % 4],
            }
            self._add(due, _Step("smso", _FORM, urlencode(fields), registration))
            registration = None

    def _webcom(self, number: int, now: int) -> None:
        dice = self._dice
        registration: Registration | None = Registration(
            provider="webcom",
            message_id=str(number),
            number=self._telephone(),
            text=self._text(),
            label=None if number % 7 else "night run",
        )
        fate = dice.random()
        last = (
            "deliver" if fate < 0.9 else "not_deliver" if fate < 0.95 else "expired" if fate < 0.98 else None
        )
        steps = [(now, _state(number, "", "send", 'viber="send"'))]
        turns = now + dice.randrange(2000, 25_000)
        ends = turns + 1000 + int(dice.lognormvariate(8.3, 1.0))
        if last == "deliver" and dice.random() < 0.5:
            steps.append((turns, _state(number, _written(turns), "deliver", 'viber="deliver"')))
            steps.append((ends, _state(number, _written(ends), "read", 'viber="read"')))
        else:
            steps.append((turns, _state(number, "", "send", 'sms="send" viber="expired"')))
            if last:
                steps.append((ends, _state(number, _written(ends), last, f'sms="{last}" viber="expired"')))
        for due, body in steps:
            self._add(due, _Step("webcom", _XML, body, registration))
            registration = None

    def _smsgateway24(self, number: int, now: int) -> None:
        dice, telephone = self._dice, self._telephone()
        fate = dice.random()
        ending = (6, 7) if fate < 0.92 else (9,) if fate < 0.96 else (6, 8) if fate < 0.98 else ()
        due = now
        for code in (1, 3, 2, *ending):
            error = "RESULT_ERROR_GENERIC_FAILURE" if code in {8, 9} else ""
            self._add(
                due,
                _Step(
                    "smsgateway24",
                    _JSON,
                    f'{{"sms_id":{number},"status_id":{code},"status_message":"{error}","sendto":"{telephone}",'
                    f'"senttime":"{_written(due)}","sim":{number % 2},"device_id":{10_400 + number % 9}}}',
                ),
            )
            due += dice.randrange(400, 9000)

    def _reply(self, number: int, due: int) -> None:
        dice, telephone = self._dice, self._telephone()
        body = f"{dice.choice(_REPLIES)} {number}"
        if number % 2:
            fields = {
                "sender[number]": telephone,
                "body": body,
                "received_at": _written(due),
                "replied_to": smso_id(number // 4 * 4),
            }
            self._add(due, _Step("smso", _FORM, urlencode(fields)))
        else:
            text = (
                f'{{"address":"{telephone}","date":"{_written(due)}","date_sent":"{_written(due - 2000)}",'
                f'"body":"{body}","sim":0,"sms_id":{900_000_000 + number},"device_id":10403}}'
            )
            self._add(due, _Step("smsgateway24", _JSON, text))


def smso_id(number: int) -> str:
    """Spell a running number as SMSO spells ids."""
    return f"8a5d2f89-90a1-4b65-b2cb-{number:012d}"


def _state(number: int, time: str, state: str, channels: str) -> str:
    return f'<state id_sms="{number}" time="{time}" {channels}>{state}</state>'


def _written(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"

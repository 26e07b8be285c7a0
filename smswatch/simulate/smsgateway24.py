"""SmsGateWay24: JSON from an Android telephone, in both generations of the vendor's pages.

The telephone walks through 1, 3, 2, 6 and 7; a failed message can be sent again under its id.
https://smsgateway24.com/
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec

from smswatch.simulate.events import Callback, Event, Scene, Sent
from smswatch.simulate.people import LABELS, meet, reply_of, text_for

NAME = "smsgateway24"

_SENT, _DELIVERED = 6, 7
_NEVER_LEFT = frozenset({9, 10, 12})

WORDS = {
    1: "New",
    3: "Queued for sending",
    2: "Taken from Server",
    6: "Sent by Phone",
    7: "Delivered",
    8: "Not Delivered",
    9: "Not SENT - Generic failure",
    10: "Not Sent - No Service",
    12: "Not Sent - Radio Off",
}


class Device(msgspec.Struct, frozen=True):
    """One telephone of the account."""

    device_id: int
    name: str
    newer: bool
    """It runs the generation that writes `channel_id` for `sim` and an address as text."""
    php_dates: bool
    """Its dates come as PHP serialises them."""


DEVICES = (
    Device(10403, "Pixel 6", newer=False, php_dates=False),
    Device(10871, "Galaxy A54", newer=True, php_dates=False),
    Device(10905, "Redmi Note 12", newer=True, php_dates=True),
)


def status_body(
    device: Device, *, sms_id: int, status_id: int, sendto: str, senttime: datetime | None, sim: int
) -> bytes:
    """Write a status callback; `senttime` is null until something has been sent."""
    return _json(
        {
            "sms_id": sms_id,
            "status_id": status_id,
            "status_message": WORDS[status_id],
            "sendto": sendto,
            "senttime": senttime and _date(senttime, device),
            "channel_id" if device.newer else "sim": sim,
            "device_id": device.device_id,
        }
    )


def inbound_body(
    device: Device, *, sms_id: int, address: str, date: datetime, date_sent: datetime, body: str, sim: int
) -> bytes:
    """Write an inbound SMS. The older generation sends a number as an integer, which loses the plus."""
    as_integer = not device.newer and address.lstrip("+").isdigit()
    fields: dict[str, Any] = {
        "address": int(address) if as_integer else address,
        "date": _date(date, device),
        "date_sent": _date(date_sent, device),
        "body": body,
        "internal_id": sms_id % 10_000,
        "channel_id" if device.newer else "sim": sim,
        "sms_id": sms_id,
        "device_id": device.device_id,
        "device_name": device.name,
    }
    return _json({**fields, "type": "text"} if device.newer else fields)


def image_body(sms_id: int, address: str, date: datetime, device: Device) -> bytes:
    """Write an inbound picture: its own set of fields, with no device in it."""
    return _json(
        {
            "address": address,
            "date": _date(date, device),
            "date_sent": _date(date, device),
            "body": "",
            "internal_id": None,
            "sim": 0,
            "sms_id": sms_id,
            "type": "img",
            "img_url": f"https://files.example/mms/{sms_id}.jpg",
        }
    )


def message(scene: Scene) -> list[Event]:
    """One SMS from a telephone, with a second attempt where the first one failed."""
    person = meet(scene.rng)
    device = scene.rng.choice(DEVICES)
    sms_id = 62_807_000 + scene.serial
    sim = scene.rng.randrange(2)
    outcome = scene.rng.choices((7, 6, 8, 9, 10, 12), (74, 8, 5, 7, 3, 3))[0]
    events: list[Event] = [
        Sent(
            due=scene.after(0),
            provider=NAME,
            message_id=str(sms_id),
            number=person.number,
            text=text_for(person, scene.rng),
            label=scene.rng.choice(LABELS),
        )
    ]
    steps = _attempt(scene, 0.3, outcome)
    if outcome in _NEVER_LEFT and scene.happens(0.6):
        steps += _attempt(scene, steps[-1][0] + scene.between(10, 40), _DELIVERED)
    if scene.happens(0.08):
        steps[1], steps[2] = (steps[2][0], steps[1][1]), (steps[1][0], steps[2][1])
    for place, (seconds, status_id) in enumerate(steps):
        senttime = None if place == 0 else scene.local(seconds)
        body = status_body(
            device, sms_id=sms_id, status_id=status_id, sendto=person.number, senttime=senttime, sim=sim
        )
        events.append(_callback(scene, seconds + 0.2, body))
        if scene.happens(0.03):
            events.append(_callback(scene, seconds + scene.between(1, 6), body))
    if steps[-1][1] == _DELIVERED and scene.happens(0.2):
        answers = steps[-1][0] + scene.between(5, 50)
        events.append(_inbound(scene, answers, person.number, reply_of(person, scene.rng), device))
    return events


def inbound(scene: Scene) -> list[Event]:
    """Receive an SMS from a person, from a company that has a name for a number, or a picture."""
    person = meet(scene.rng)
    device = scene.rng.choice(DEVICES)
    if scene.happens(0.15):
        body = image_body(62_907_000 + scene.serial, person.number, scene.local(0), device)
        return [_callback(scene, 0.3, body)]
    if scene.happens(0.25):
        return [_inbound(scene, 0, *_company(scene), device)]
    return [_inbound(scene, 0, person.number, reply_of(person, scene.rng), device)]


def _company(scene: Scene) -> tuple[str, str]:
    code = scene.rng.randrange(1000, 9999)
    return scene.rng.choice(
        (
            ("EXAMPLEBANK", f"Ihr TAN lautet {code}. Geben Sie ihn niemals weiter."),
            ("70070", f"Your one-time code: {code}"),
            ("Curier", f"Coletul dvs. este la ușă, cod {code} 📦"),
        )
    )


def _attempt(scene: Scene, starts: float, outcome: int) -> list[tuple[float, int]]:
    queued = starts + scene.between(0.3, 1)
    taken = queued + scene.between(0.5, 4)
    steps = [(starts, 1), (queued, 3), (taken, 2)]
    sent = taken + scene.between(0.8, 3)
    if outcome not in _NEVER_LEFT:
        steps.append((sent, _SENT))
    if outcome != _SENT:
        steps.append((sent + scene.between(1, 9), outcome))
    return steps


def _inbound(scene: Scene, seconds: float, address: str, text: str, device: Device) -> Callback:
    body = inbound_body(
        device,
        sms_id=62_857_000 + scene.serial,
        address=address,
        date=scene.local(seconds + 1),
        date_sent=scene.local(seconds),
        body=text,
        sim=scene.rng.randrange(2),
    )
    return _callback(scene, seconds + 1.4, body)


def _callback(scene: Scene, seconds: float, body: bytes) -> Callback:
    return Callback(due=scene.after(seconds), provider=NAME, body=body, content_type="application/json")


def _date(moment: datetime, device: Device) -> str | dict[str, str | int]:
    wall_clock = f"{moment:%Y-%m-%d %H:%M:%S}"
    if not device.php_dates:
        return wall_clock
    offset = f"{moment:%z}"
    return {
        "date": f"{wall_clock}.000000",
        "timezone_type": 1,
        "timezone": f"{offset[:3]}:{offset[3:5]}",
    }


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).replace("/", "\\/").encode("ascii")

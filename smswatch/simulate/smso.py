"""SMSO: form fields as PHP writes them, UTC times, and replies on the same URL.

https://api-docs.smso.ro/
"""

from __future__ import annotations

import uuid
from datetime import UTC
from urllib.parse import urlencode

from smswatch.simulate.events import Callback, Event, Scene, Sent
from smswatch.simulate.people import LABELS, Person, meet, reply_of, text_for

NAME = "smso"

_FORM = "application/x-www-form-urlencoded"


def status_body(message: str, status: str, sent_at: str, delivered_at: str | None, person: Person) -> bytes:
    """Write a status callback. PHP drops a null, so `delivered_at=None` leaves the field out."""
    fields = {"uuid": message, "status": status, "sent_at": sent_at}
    if delivered_at is not None:
        fields["delivered_at"] = delivered_at
    return _form(
        {
            **fields,
            "receiver[number]": person.number,
            "receiver[mcc]": person.mcc,
            "receiver[mnc]": person.mnc,
        }
    )


def reply_body(body: str, replied_to: str, received_at: str, person: Person) -> bytes:
    """Write an inbound SMS; `replied_to` is empty if it answers nothing."""
    return _form(
        {
            "body": body,
            "replied_to": replied_to,
            "received_at": received_at,
            "sender[number]": person.number,
            "sender[mcc]": person.mcc,
            "sender[mnc]": person.mnc,
        }
    )


def message(scene: Scene) -> list[Event]:
    """One SMS: sent, then its outcome, and now and then an answer from the person."""
    person = meet(scene.rng)
    id_ = _uuid(scene)
    leaves = scene.between(0.4, 2)
    sent_at = _utc(scene, leaves)
    status, seconds = _fate(scene)
    ends = leaves + seconds
    delivered_at = _utc(scene, ends) if status == "delivered" else scene.rng.choice(("", None))
    events: list[Event] = [
        Sent(
            due=scene.after(0),
            provider=NAME,
            message_id=id_,
            number=person.number,
            text=text_for(person, scene.rng),
            label=scene.rng.choice(LABELS),
        )
    ]
    if scene.happens(0.1):
        events.append(
            _callback(scene, leaves / 2, status_body(id_, "dispatched", sent_at, "", person)),
        )
    report_of_sent = status_body(id_, "sent", sent_at, scene.rng.choice(("", None)), person)
    outcome = status_body(id_, status, sent_at, delivered_at, person)
    overtaken = scene.happens(0.06)
    events.append(_callback(scene, ends + 0.6 if overtaken else leaves + 0.2, report_of_sent))
    events.append(_callback(scene, ends + 0.3, outcome))
    if scene.happens(0.05):
        events.append(_callback(scene, ends + scene.between(2, 15), outcome))
    if status == "delivered" and scene.happens(0.22):
        answers = ends + scene.between(4, 60)
        events.append(
            _callback(
                scene,
                answers + 0.5,
                reply_body(reply_of(person, scene.rng), id_, _utc(scene, answers), person),
            )
        )
    return events


def stranger(scene: Scene) -> list[Event]:
    """Receive an SMS that answers nothing."""
    person = meet(scene.rng)
    body = reply_body(reply_of(person, scene.rng), "", _utc(scene, 0), person)
    return [_callback(scene, 0.4, body)]


def _fate(scene: Scene) -> tuple[str, float]:
    draws: tuple[tuple[int, str, float, float], ...] = (
        (78, "delivered", 1, 8),
        (8, "delivered", 15, 120),
        (7, "undelivered", 3, 20),
        (4, "expired", 30, 90),
        (3, "error", 0.2, 2),
    )
    _, status, low, high = scene.rng.choices(draws, [draw[0] for draw in draws])[0]
    return status, scene.between(low, high)


def _callback(scene: Scene, seconds: float, body: bytes) -> Callback:
    return Callback(due=scene.after(seconds), provider=NAME, body=body, content_type=_FORM)


def _form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode("ascii")


def _utc(scene: Scene, seconds: float) -> str:
    return f"{scene.after(seconds).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _uuid(scene: Scene) -> str:
    return str(uuid.UUID(int=scene.rng.getrandbits(128), version=4))

"""Webcom: JSON batches and XML cascades as the platform writes them, and the lives its messages lead.

The platform answers for each id on its own: what an answer does not name is sent again, up to five
times in all. https://apidocs.webcom.mobi/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from smswatch.simulate.events import Callback, Event, Scene, Sent
from smswatch.simulate.people import LABELS, Person, meet, text_for

NAME = "webcom"

_NO_TIME_YET = "send"
_XML_ID = re.compile(rb"<id_sms>([^<]*)</id_sms>")


class State(msgspec.Struct, frozen=True):
    """One element of a batch."""

    id_sms: int
    time: str
    """The account's local time; empty while the state is `send`."""
    state: str
    channels: tuple[tuple[str, str], ...] = ()
    """XML only: one attribute for each channel of the cascade."""


def json_body(states: Sequence[State]) -> bytes:
    """Write a batch as the JSON edition does."""
    return json.dumps(
        [{"id_sms": each.id_sms, "time": each.time, "state": each.state} for each in states],
        separators=(",", ":"),
    ).encode()


def xml_body(states: Sequence[State]) -> bytes:
    """Write a batch as the XML edition does."""
    lines = ['<?xml version="1.0" encoding="utf-8" ?>', "<response>"]
    for each in states:
        channels = "".join(f' {channel}="{state}"' for channel, state in each.channels)
        lines.append(f'     <state id_sms="{each.id_sms}" time="{each.time}"{channels}>{each.state}</state>')
    return "\n".join([*lines, "</response>", ""]).encode()


def named_in_json(answer: bytes) -> set[str]:
    """Return the ids that an answer to JSON names; none if it is not the answer that is asked for."""
    try:
        elements = json.loads(answer)
        return {str(element["id_sms"]) for element in elements}
    except (ValueError, TypeError, KeyError):
        return set()


def named_in_xml(answer: bytes) -> set[str]:
    """Return the ids that an answer to XML names."""
    return {found.decode("ascii", "replace") for found in _XML_ID.findall(answer)}


class _Edition(msgspec.Struct, frozen=True):
    write: Callable[[Sequence[State]], bytes]
    named_in: Callable[[bytes], set[str]]
    content_type: str


_JSON = _Edition(json_body, named_in_json, "application/json; charset=utf-8")
_XML = _Edition(xml_body, named_in_xml, "text/xml; charset=utf-8")


def json_batch(scene: Scene, seconds: float, states: Sequence[State], *, lost_answers: int = 0) -> Callback:
    """One request of the JSON edition, so many seconds into the scene."""
    return _batch(_JSON, scene, seconds, states, lost_answers)


def xml_batch(scene: Scene, seconds: float, states: Sequence[State], *, lost_answers: int = 0) -> Callback:
    """One request of the XML edition, so many seconds into the scene."""
    return _batch(_XML, scene, seconds, states, lost_answers)


def _batch(
    edition: _Edition, scene: Scene, seconds: float, states: Sequence[State], lost_answers: int
) -> Callback:
    callback = Callback(
        due=scene.after(seconds),
        provider=NAME,
        body=edition.write(states),
        content_type=edition.content_type,
        lost_answers=lost_answers,
    )
    return _awaiting(callback, edition, tuple(states))


def _awaiting(callback: Callback, edition: _Edition, states: tuple[State, ...]) -> Callback:
    return msgspec.structs.replace(callback, remainder=partial(_unnamed, callback, edition, states))


def _unnamed(
    callback: Callback, edition: _Edition, states: tuple[State, ...], answer: bytes
) -> Callback | None:
    named = edition.named_in(answer)
    missing = tuple(each for each in states if str(each.id_sms) not in named)
    if not missing:
        return None
    return _awaiting(msgspec.structs.replace(callback, body=edition.write(missing)), edition, missing)


def mailing(scene: Scene) -> list[Event]:
    """One to five SMS sent together; their states come in batches, as the platform collects them."""
    size = scene.rng.choices((1, 2, 3, 5), (10, 4, 3, 2))[0]
    ids = [_id(scene, place) for place in range(size)]
    label = scene.rng.choice(LABELS)
    events: list[Event] = [_sent(scene, id_sms, meet(scene.rng), label) for id_sms in ids]
    opening = json_batch(scene, scene.between(0.3, 1.5), [State(each, "", _NO_TIME_YET) for each in ids])
    rounds: dict[int, list[State]] = {}
    for id_sms in ids:
        state, seconds = _fate(scene)
        # The platform looks for news every three seconds.
        rounds.setdefault(int(seconds // 3 + 1) * 3, []).append(
            State(id_sms, scene.wall_clock(seconds), state)
        )
    closings = [
        json_batch(scene, seconds + scene.between(0.1, 0.8), states, lost_answers=_lost_answers(scene))
        for seconds, states in rounds.items()
    ]
    if scene.happens(0.08):
        # Two workers of the platform overtake each other: `send` comes after the outcome.
        opening = msgspec.structs.replace(opening, due=closings[0].due + (closings[0].due - opening.due) / 8)
    return [*events, opening, *closings]


def viber(scene: Scene) -> list[Event]:
    """Deliver to Viber, where it is often read a little later; XML names the channel."""
    id_sms = _id(scene)
    seen = scene.between(1, 5)
    states = [(scene.between(0.3, 1.2), "send"), (seen, "deliver")]
    if scene.happens(0.7):
        states.append((seen + scene.between(3, 60), "read"))
    return [
        _sent(scene, id_sms, meet(scene.rng), scene.rng.choice(LABELS)),
        *(
            xml_batch(
                scene,
                seconds + 0.2,
                [State(id_sms, _time(scene, seconds, state), state, (("viber", state),))],
                lost_answers=_lost_answers(scene),
            )
            for seconds, state in states
        ),
    ]


def cascade(scene: Scene) -> list[Event]:
    """Viber first; nobody opens it there, so the platform falls back to SMS."""
    id_sms = _id(scene)
    gives_up = scene.between(6, 25)
    outcome, lasts = _fate(scene)
    arrives = gives_up + 1 + lasts
    return [
        _sent(scene, id_sms, meet(scene.rng), scene.rng.choice(LABELS)),
        xml_batch(scene, scene.between(0.3, 1.5), [State(id_sms, "", "send", (("viber", "send"),))]),
        xml_batch(
            scene, gives_up + 0.4, [State(id_sms, "", "send", (("sms", "send"), ("viber", "expired")))]
        ),
        xml_batch(
            scene,
            arrives + 0.4,
            [
                State(
                    id_sms,
                    scene.wall_clock(arrives),
                    outcome,
                    (("sms", outcome), ("viber", "expired")),
                )
            ],
            lost_answers=_lost_answers(scene),
        ),
    ]


def _fate(scene: Scene) -> tuple[str, float]:
    """Draw the last state of an SMS and the seconds until it."""
    draws: tuple[tuple[int, str, float, float], ...] = (
        (76, "deliver", 1.5, 9),
        (9, "deliver", 20, 120),
        (6, "expired", 30, 90),
        (6, "not_deliver", 2, 12),
        (3, "partly_deliver", 40, 90),
    )
    _, state, low, high = scene.rng.choices(draws, [draw[0] for draw in draws])[0]
    return state, scene.between(low, high)


def _lost_answers(scene: Scene) -> int:
    return scene.rng.choices((0, 1, 2, 4), (90, 6, 2, 2))[0]


def _time(scene: Scene, seconds: float, state: str) -> str:
    return "" if state == _NO_TIME_YET else scene.wall_clock(seconds)


def _id(scene: Scene, place: int = 0) -> int:
    return 1_143_700_000 + scene.serial * 8 + place


def _sent(scene: Scene, id_sms: int, person: Person, label: str) -> Sent:
    return Sent(
        due=scene.after(0),
        provider=NAME,
        message_id=str(id_sms),
        number=person.number,
        text=text_for(person, scene.rng),
        label=label,
    )

"""A day that Insight's tests look at: every provider, several countries and networks, all that can become of a message."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from dashboard_station import Station

NUMBERS = ("+40722334455", "+4915112345678", "+12025550123", "+447700900123", "VODAFONE", "12345")
MINUTE_MS = 60_000


async def receive_day(station: Station, messages: int = 60) -> None:
    """Let so many messages arrive, one a minute; the same ones each time."""
    dice = random.Random(5)  # noqa: S311 - repeatable, nothing secret
    for number in range(messages):
        telephone = dice.choice(NUMBERS)
        match number % 3:
            case 0:
                if number % 2:
                    station.track(str(number), telephone)
                await station.webcom((number, "send"), after_ms=MINUTE_MS - 20_000)
                fate = dice.choice(
                    ("deliver", "deliver", "read", "not_deliver", "expired", "partly_deliver", "")
                )
                if fate:
                    await station.webcom((number, fate), after_ms=dice.randrange(100, 20_000))
            case 1:
                where = telephone, dice.choice(("03", "3", "", "10"))
                await smso(station, number, "sent", where, MINUTE_MS - 20_000)
                fate = dice.choice(("delivered", "delivered", "undelivered", "expired", ""))
                if fate:
                    await smso(station, number, fate, where, dice.randrange(100, 20_000))
            case _:
                await station.gateway(number, 1, "accepted", telephone)
                code, words = dice.choice(
                    ((7, "Delivered"), (9, "Generic failure"), (12, "Radio off"), (6, "Sent"))
                )
                await station.gateway(number, code, words, telephone)


async def smso(station: Station, number: int, status: str, where: tuple[str, str], after_ms: int) -> None:
    """Let SMSO report a status of a message to `where`: number, mobile network code."""
    fields = {"uuid": f"u{number}", "status": status, "sent_at": "", "delivered_at": ""}
    place = {"receiver[number]": where[0], "receiver[mcc]": "226", "receiver[mnc]": where[1]}
    form = urlencode({**fields, **place}).encode()
    await station.receive("smso", form, "application/x-www-form-urlencoded", after_ms=after_ms)

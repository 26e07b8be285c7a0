"""Invented people: whom the simulated messages go to, what they are told and what they answer.

Numbers come from ranges that regulators keep free for fiction where there is one (Ofcom, BNetzA,
ARCEP, NANPA 555-01xx); the Romanian ones are made up around the number of the vendor's own examples.
"""

from __future__ import annotations

import random

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Somebody with a telephone."""

    number: str
    """E.164."""
    mcc: str
    mnc: str
    language: str


class _Country(msgspec.Struct, frozen=True):
    language: str
    prefix: str
    free_digits: int
    mcc: str
    mncs: tuple[str, ...]


_COUNTRIES = (
    _Country("ro", "+4072233", 4, "226", ("01", "03", "05", "10")),
    _Country("de", "+4917139200", 2, "262", ("01", "02", "03")),
    _Country("de", "+49176040690", 2, "262", ("03", "07")),
    _Country("en", "+447700900", 3, "234", ("10", "15", "30")),
    _Country("en", "+120255501", 2, "310", ("260", "410")),
    _Country("fr", "+33639980", 3, "208", ("01", "10", "20")),
)
_SHARES = (6, 2, 2, 3, 1, 1)

_TEXTS: dict[str, tuple[str, ...]] = {
    "ro": (
        "Comanda {n} a fost expediată. Ajunge mâine între 9 și 12.",
        "Programarea dvs. este confirmată pentru joi, ora 14:30. Răspundeți DA sau NU.",
        "Cod de verificare: {n}. Nu îl comunicați nimănui.",
    ),
    "de": (
        "Ihr Paket {n} kommt heute zwischen 13 und 15 Uhr.",
        "Erinnerung: Termin morgen um 10:00 Uhr. Bitte mit JA bestätigen.",
        "Ihr Bestätigungscode lautet {n}.",
    ),
    "en": (
        "Your order {n} is out for delivery.",
        "Reminder: your appointment is tomorrow at 10:00. Reply YES to confirm, STOP to opt out.",
        "Your verification code is {n}. It expires in 10 minutes.",
    ),
    "fr": (
        "Votre colis {n} arrive aujourd'hui.",
        "Votre code de vérification : {n}.",
    ),
}

_REPLIES: dict[str, tuple[str, ...]] = {
    "ro": (
        "Da, confirm 👍",
        "Mulțumesc frumos! 🙏",
        "Nu pot ajunge joi, se poate vineri?",
        "STOP",
        "Cine ești? Număr greșit.",
    ),
    "de": (
        "JA",
        "Passt, danke! 😊",
        "Können wir den Termin auf nächste Woche verschieben? Grüße, Jörg",
        "STOP",
    ),
    "en": ("YES", "Thanks! 🎉", "Running 10 min late, sorry 😅", "STOP", "Who is this?"),
    "fr": ("OUI", "Merci, à demain ! 👋", "STOP"),
}

LABELS = ("orders", "reminders", "codes", "newsletter")
"""What an application calls the mailings that it sends."""


def meet(rng: random.Random) -> Person:
    """Draw a person."""
    country = rng.choices(_COUNTRIES, _SHARES)[0]
    free = f"{rng.randrange(10**country.free_digits):0{country.free_digits}d}"
    return Person(country.prefix + free, country.mcc, rng.choice(country.mncs), country.language)


def text_for(person: Person, rng: random.Random) -> str:
    """Draw what an application writes to this person."""
    return rng.choice(_TEXTS[person.language]).format(n=rng.randrange(100_000, 999_999))


def reply_of(person: Person, rng: random.Random) -> str:
    """Draw what this person writes back."""
    return rng.choice(_REPLIES[person.language])

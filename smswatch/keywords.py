"""Keywords: the words by which people leave, join or ask in SMS, recognised only as a whole message.

A sentence that holds one of them is an answer like any other. Carriers and providers act on these words by
themselves, so that a person who sent STOP may get nothing more whatever an application does.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Keyword(StrEnum):
    """What a whole message asks for."""

    STOP = "STOP"
    HELP = "HELP"
    START = "START"


KEYWORD_MEANINGS: dict[Keyword, str] = {
    Keyword.STOP: "asks to get no more messages",
    Keyword.HELP: "asks who sends this, and how to leave",
    Keyword.START: "asks to get messages again",
}

# YES is left out of START on purpose, and NO of STOP: most often they answer a question.
_FORMS: dict[Keyword, str] = {
    Keyword.STOP: (
        "stop, stopall, stop all, stopp, unsubscribe, unsub, cancel, end, quit, opt out, optout, opt-out, revoke, remove, "
        "arrêt, arrêter, désabonner, désinscrire, stop sms, abmelden, abbestellen, beenden, "
        "baja, alto, parar, cancelar, sair, annulla, cancellami, disiscrivi, afmelden, uitschrijven, "
        "dezabonare, dezaboneaza, oprește, anulare, leiratkozás, wypisz, rezygnuję, odhlásit, odhlásiť, "
        "avsluta, afmeld, lopeta, διακοπή, dur, iptal, ret, стоп, отписаться, отписка, отмена, "
        "відписатися, стоп смс, спри, відмова, 停止, 退订, 退訂, 配信停止, 수신거부, إيقاف, توقف, הסר, berhenti"
    ),
    Keyword.HELP: (
        "help, info, aide, hilfe, ayuda, ajuda, aiuto, hulp, ajutor, segítség, pomoc, hjälp, hjælp, hjelp, apua, "
        "βοήθεια, yardim, помощь, помощ, допомога, помогите, 帮助, 幫助, ヘルプ, 도움말, مساعدة, עזרה, bantuan"
    ),
    Keyword.START: (
        "start, unstop, subscribe, resume, opt in, optin, opt-in, join, continue, "
        "reprendre, abonner, anmelden, alta, iniciar, suscribir, inscrever, iscrivi, aanmelden, "
        "abonare, aboneaza, feliratkozás, zapisz, přihlásit, tilaa, έναρξη, başla, "
        "старт, подписаться, підписатися, 开始, 開始, 시작, ابدأ"
    ),
}
_LONGEST = 40
"""Characters: nothing longer is looked at."""


def keyword(body: str) -> Keyword | None:
    """Return what a message asks for where it is a keyword and nothing else, in capitals or not."""
    text = body.strip()
    return _KEYWORDS.get(_bare(text)) if 0 < len(text) <= _LONGEST else None


def _bare(text: str) -> str:
    """Fold case, width and accents; drop punctuation around the words; one space between them."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).replace(
        "\u0131", "i"
    )
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() or char == "-" else " " for char in kept).split()
    return " ".join(words).strip("- ")


_KEYWORDS: dict[str, Keyword] = {
    _bare(form): meaning for meaning, forms in _FORMS.items() for form in forms.split(",")
}

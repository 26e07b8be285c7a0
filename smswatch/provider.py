"""The seam: a provider is a frozen value, two pure functions and a table of its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from smswatch.model import Acknowledgement, Reading, Status, WebhookRequest


class StatusWord(msgspec.Struct, frozen=True):
    """One of a provider's own status words."""

    status: Status
    meaning: str
    """In the provider's sense, one short line."""


class ErrorCode(msgspec.Struct, frozen=True, kw_only=True):
    """One of a provider's error codes, or of its words for a failure, explained without a network.

    The same code means something else at another provider, so each keeps its own. Clauses without a full stop.
    """

    meaning: str
    """In the provider's sense."""
    cause: str
    """What is most likely behind it; a guess, and shown as one."""
    check: str
    """What a person can look at next."""


def empty_acknowledgement(reading: Reading) -> Acknowledgement:  # noqa: ARG001 - the seam's signature
    """Answer 200 with no body: the provider asks for nothing more."""
    return Acknowledgement()


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Everything smswatch knows about one provider. No I/O, no clock, no settings."""

    name: str
    """The slug in URLs, filters and JSON; equals the file name."""
    title: str
    """As the provider writes itself."""
    docs: str
    """The provider's own page about its webhooks."""
    setup: str
    """Where in the provider's console, or to whom, the callback URL goes: one sentence."""
    parse: Callable[[WebhookRequest], Reading]
    """Raises PayloadError and nothing else, whatever the bytes."""
    words: Mapping[str, StatusWord]
    """Trimmed, case-folded status word to what it means."""
    codes: Mapping[str, ErrorCode] = msgspec.field(default_factory=dict)
    """Trimmed, case-folded error code, or status word where there is none, to what it means.

    Holds at least each word of `words` that is a failure.
    """
    acknowledge: Callable[[Reading], Acknowledgement] = empty_acknowledgement
    delivers_by_query: bool = False
    """A GET with a query is read as a form."""
    sends_number: bool = True
    """False where callbacks never say whom the message went to, so `track` is needed."""
    times_zone: str = "not stated"
    """What the provider says about the zone of its times, for people."""
    example: str = ""
    """A body that a person can post with curl to see a message."""
    inbound_example: str = ""
    """The same for an inbound SMS; empty where the provider sends none."""
    example_content_type: str = "application/json"

    @property
    def path(self) -> str:
        """The path of its webhook on the intake port."""
        return f"/webhooks/{self.name}"


def look_up(words: Mapping[str, StatusWord], word: str) -> Status:
    """Return the status of a provider's word, `unmapped` if it is not known."""
    found = words.get(word.strip().casefold())
    return found.status if found else Status.UNMAPPED


def explained(codes: Mapping[str, ErrorCode], code: str | None, word: str) -> ErrorCode | None:
    """Return what a code means, or the word that came with it where the code is not known or there is none."""
    for wording in (code, word):
        found = codes.get(wording.strip().casefold()) if wording else None
        if found is not None:
            return found
    return None

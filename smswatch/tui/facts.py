"""What the dashboard is told by its constructor: providers and the listener, as plain facts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from smswatch.model import Status
from smswatch.provider import ErrorCode

_USUAL_ADDRESS = "http://127.0.0.1:7670"
_HIDDEN_KEY = "•" * 12


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One provider, as far as a person at the dashboard cares."""

    name: str
    title: str
    path: str
    setup: str
    """Where the callback URL goes: one sentence."""
    docs: str
    sends_number: bool
    example: str
    """A body that can be posted with curl to see a message."""
    inbound_example: str
    """The same for an inbound SMS; empty where the provider sends none."""
    example_content_type: str
    words: tuple[tuple[str, Status, str], ...]
    """(provider's word, status, meaning)."""
    codes: Mapping[str, ErrorCode] = msgspec.field(default_factory=dict)
    """What its error codes, and its words for a failure, mean."""

    def meaning_of(self, word: str) -> str | None:
        """Return what the provider means by a status word; None if it is not known."""
        wanted = word.strip().casefold()
        return next((meaning for known, _, meaning in self.words if known == wanted), None)


class ListenerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where webhooks are received now, and what a person must know about it."""

    address: str | None
    """As in `http://127.0.0.1:7670`; None if this process does not listen."""
    public_url: str | None
    key: str
    old_keys_until_s: tuple[int, ...] = ()
    """Until when each key before it still lets in, the oldest first; in seconds since 1970."""
    is_open: bool
    """Tunnelled requests need no key."""
    is_viewer: bool
    """Another process writes; this one only looks."""
    holder_pid: int | None
    """The process that writes, where it is another one; None if nobody does."""
    holder_address: str | None
    """Where that other process listens, as far as it has said."""
    trouble: str | None
    """Why nothing can be kept now: the red banner."""
    database: str
    keeps: str | None = None
    """How long and how many messages are kept, in words; None: all for ever."""

    @property
    def without_key(self) -> ListenerFacts:
        """The same for a shared screen: who sees the access key can send callbacks."""
        return msgspec.structs.replace(self, key=_HIDDEN_KEY)

    @property
    def reachable_at(self) -> str:
        """Where a callback can be posted from this machine, whichever process listens."""
        address = self.address or self.holder_address or _USUAL_ADDRESS
        # On all addresses; but the plain paths answer only to a name of this machine.
        return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


class CallCounts(msgspec.Struct, frozen=True):
    """What the lists do not show of the calls that came: those refused, and the key that others came with."""

    refusals: tuple[tuple[str, int], ...] = ()
    """(answer such as `404`, how many requests got it and were not kept), the most frequent first."""
    old_key_uses: tuple[tuple[tuple[str, int], ...], ...] = ()
    """For each of `old_keys_until_s`: (provider, how many requests came with it since it was changed)."""
    let_go: int = 0
    """Requests that could not be read and were removed, because there were more than is kept of them."""

"""The seam: what the listener needs from whoever keeps the requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from smswatch.model import WebhookRequest
from smswatch.provider import Provider


class Answer(Protocol):
    """How a request is answered, once its fate is known."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> bytes:
        """May be empty."""

    @property
    def content_type(self) -> str:
        """With its charset, if it has one."""

    @property
    def retry_after(self) -> int | None:
        """Seconds; None where the sender need not come again."""


class Intake(Protocol):
    """Reads, keeps and answers; runs on the listener's loop."""

    async def receive(
        self, provider: Provider, request: WebhookRequest, may_be_unreadable: Callable[[], bool] | None
    ) -> Answer:
        """Return the answer after the commit.

        `may_be_unreadable` is asked before a body that cannot be read is kept; False makes the answer 429.
        """

    def count(self, provider: str, answer_status: int) -> None:
        """Count a refusal; `provider` is empty where the path names none. Never waits."""

    def count_old_key(self, provider: Provider, valid_until_s: int) -> None:
        """Count a request that came with a key before the present one, which ends then. Never waits."""

    def note_refused(self, provider: Provider, advice: str) -> None:
        """Count and show that a provider calls without the key. Never waits."""

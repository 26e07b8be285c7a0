"""Intake: read it, keep it, answer it. The whole story of one webhook, without HTTP and without SQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import tzinfo

import msgspec

from smswatch.errors import PayloadError, StoreError
from smswatch.model import (
    InboundSms,
    Outcome,
    ProviderTime,
    Reading,
    ReceivedNumber,
    StatusReport,
    WebhookRequest,
    Zone,
)
from smswatch.numbers import NumberReader
from smswatch.provider import Provider
from smswatch.safe_text import safe_line
from smswatch.store.entry import (
    Entry,
    Kept,
    KeptInbound,
    Refused,
    digest_of,
    storable,
    storable_or_none,
)
from smswatch.store.writer import Writer
from smswatch.summary import KeptReport
from smswatch.times import to_milliseconds

LOG = logging.getLogger(__name__)

RETRY_AFTER_S = 5
_PLAIN = "text/plain; charset=utf-8"
_LARGE = 16 * 1024
"""Bytes of a body that is read on a thread of its own; those of providers have a few hundred."""
_MANY = 50
"""Reports of a body that is heavy, however short they are."""


class Answer(msgspec.Struct, frozen=True):
    """What the provider is told."""

    status: int
    body: bytes = b""
    content_type: str = _PLAIN
    retry_after: int | None = None
    """Seconds, with 429 and 503."""


TOO_MANY = Answer(429, retry_after=1)


class Intake:
    """Receives webhook requests for one database.

    `on_kept` is told of each entry that was kept, on the loop that received it, before the answer leaves;
    it must not wait.
    """

    def __init__(
        self,
        writer: Writer,
        numbers: NumberReader,
        zone_of: Callable[[str], tzinfo | None],
        on_kept: Callable[[Entry, Kept], None] | None = None,
    ) -> None:
        self._writer = writer
        self._numbers = numbers
        self._zone_of = zone_of
        self._zones: dict[str, tzinfo | None] = {}
        self._on_kept = on_kept
        self._heavy = asyncio.Semaphore()
        """Heavy bodies are read and kept one at a time, so that any other waits for one of them at most."""

    @property
    def trouble(self) -> str | None:
        """Why nothing can be kept now, None while all is well."""
        return self._writer.trouble

    async def receive(
        self,
        provider: Provider,
        request: WebhookRequest,
        may_be_unreadable: Callable[[], bool] | None = None,
    ) -> Answer:
        """Read a request, keep it durably, and return the provider's own answer.

        Nothing is acknowledged that is not on the disk. `may_be_unreadable` is asked before a body that
        cannot be read is kept; where it says no, the answer is 429.
        """
        if len(request.body) >= _LARGE:
            # Up to a tenth of a second, in which the loop answers others.
            async with self._heavy:
                read = await asyncio.to_thread(self._understand, provider, request)
                return await self._keep(provider, *read, may_be_unreadable)
        read = self._understand(provider, request)
        if len(read[0].reports) < _MANY:
            return await self._keep(provider, *read, may_be_unreadable)
        async with self._heavy:
            return await self._keep(provider, *read, may_be_unreadable)

    async def _keep(
        self,
        provider: Provider,
        entry: Entry,
        answer: Answer,
        is_senders_fault: bool,
        may_be_unreadable: Callable[[], bool] | None,
    ) -> Answer:
        if is_senders_fault and may_be_unreadable is not None and not may_be_unreadable():
            self.count(provider.name, 429)
            return TOO_MANY
        try:
            kept = await self._writer.store(entry)
        except StoreError:
            return Answer(503, retry_after=RETRY_AFTER_S)
        if self._on_kept is not None:
            self._on_kept(entry, kept)
        return answer

    def count(self, provider: str, answer_status: int) -> None:
        """Count a request that was refused without being kept; `provider` is empty if it is not known."""
        self._writer.count("refusals", provider, str(answer_status))

    def count_old_key(self, provider: Provider, valid_until_s: int) -> None:
        """Count a request that came with a key before the present one; who changed the key wants to know."""
        self._writer.count("old_key", provider.name, str(valid_until_s))

    def note_refused(self, provider: Provider, advice: str) -> None:
        """Show a person, in one line per provider, that tunnelled requests come without the key."""
        self.count(provider.name, 404)
        self._writer.note_refused(Refused(provider.name, provider.path, advice, 404))

    def _understand(self, provider: Provider, request: WebhookRequest) -> tuple[Entry, Answer, bool]:
        """Return what to keep, what to answer, and whether the sender is to blame that it cannot be read."""
        try:
            reading = provider.parse(request)
        except PayloadError as error:
            return *self._unreadable(provider, request, error), True
        except Exception:
            LOG.exception("the reader of %s failed", provider.name)
            blame = PayloadError(f"smswatch failed to read this as {provider.title}; please report it")
            return *self._unreadable(provider, request, blame), False
        return *self._read(provider, request, reading), False

    def _unreadable(
        self, provider: Provider, request: WebhookRequest, error: PayloadError
    ) -> tuple[Entry, Answer]:
        reason = str(safe_line(str(error)))
        answer = Answer(400, f"{reason}\n".encode())
        return self._entry(provider, request, answer, outcome=Outcome.UNREADABLE, problem=reason), answer

    def _read(self, provider: Provider, request: WebhookRequest, reading: Reading) -> tuple[Entry, Answer]:
        acknowledgement = provider.acknowledge(reading)
        answer = Answer(200, acknowledgement.body, acknowledgement.content_type)
        entry = self._entry(provider, request, answer, outcome=None, problem=reading.note)
        zone = self._zone(provider.name)
        arrived = request.arrived_ms
        entry.reports = tuple(
            (storable(report.message_id), self._place_report(report, zone, arrived))
            for report in reading.reports
        )
        if reading.inbound:
            entry.inbound = tuple(self._place_inbound(sms, zone, arrived) for sms in reading.inbound)
        if reading.problems:
            entry.outcome = Outcome.PARTIAL
            entry.problem = "; ".join(map(str, reading.problems))
        return entry, answer

    def _entry(
        self,
        provider: Provider,
        request: WebhookRequest,
        answer: Answer,
        *,
        outcome: Outcome | None,
        problem: str | None,
    ) -> Entry:
        return Entry(
            provider=provider.name,
            request=request,
            outcome=outcome,
            problem=storable_or_none(problem),
            answer_status=answer.status,
            answer_type=answer.content_type,
            answer_body=answer.body.decode(),
        )

    def _zone(self, provider: str) -> tzinfo | None:
        try:
            return self._zones[provider]
        except KeyError:
            zone = self._zones[provider] = self._zone_of(provider)
            return zone

    def _place_report(self, report: StatusReport, zone: tzinfo | None, arrived_ms: int) -> KeptReport:
        occurred_ms, occurred_zone, occurred_raw = _place_time(report.occurred_at, zone)
        ordered_ms, _, _ = _place_time(report.ordered_at, zone)
        return KeptReport(
            digest=digest_of(report.identity),
            status=report.status,
            provider_status=storable(report.provider_status),
            overall_stated=report.overall_stated,
            channels=report.channels,
            occurred_ms=occurred_ms,
            zone=occurred_zone,
            occurred_raw=occurred_raw,
            ordered_ms=ordered_ms,
            starts_attempt=report.starts_attempt,
            number=self._number(report.number),
            mcc=storable_or_none(report.mcc),
            mnc=storable_or_none(report.mnc),
            device=storable_or_none(report.device),
            sim=storable_or_none(report.sim),
            error_code=storable_or_none(report.error_code),
            error_text=storable_or_none(report.error_text),
            arrived_ms=arrived_ms,
        )

    def _place_inbound(self, sms: InboundSms, zone: tzinfo | None, arrived_ms: int) -> KeptInbound:
        sent_ms, sent_zone, sent_raw = _place_time(sms.sent_at, zone)
        received_ms, received_zone, received_raw = _place_time(sms.received_at, zone)
        return KeptInbound(
            digest=digest_of(sms.identity),
            message_id=storable_or_none(sms.message_id),
            number=self._number(sms.number),
            body=storable(sms.body),
            reply_to=storable_or_none(sms.reply_to),
            sent_ms=sent_ms,
            sent_raw=sent_raw,
            received_ms=received_ms,
            received_raw=received_raw,
            zone=received_zone or sent_zone,
            mcc=storable_or_none(sms.mcc),
            mnc=storable_or_none(sms.mnc),
            device=storable_or_none(sms.device),
            sim=storable_or_none(sms.sim),
            media_url=storable_or_none(sms.media_url),
            arrived_ms=arrived_ms,
        )

    def _number(self, number: ReceivedNumber | None) -> str | None:
        return None if number is None else storable(self._numbers.normalise(number)) or None


def _place_time(time: ProviderTime | None, zone: tzinfo | None) -> tuple[int | None, Zone | None, str | None]:
    """Return UTC milliseconds, how sure they are, and the provider's own wording."""
    if time is None:
        return None, None, None
    placed = to_milliseconds(time, zone)
    if placed is None:
        return None, None, storable(time.raw)
    return placed[0], placed[1], storable(time.raw)

"""Whatever arrives in whatever order: the database says what a naive model says, counters and cache included."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from store_desk import DEADLINE_S, NOON_MS, entry, fates, look

from smswatch.errors import StoreError
from smswatch.model import ChannelStatus, Kind, Outcome, Status, Zone
from smswatch.store import contacts, known_messages
from smswatch.store.database import connect_reader
from smswatch.store.entry import Entry, Kept, KeptInbound, Refused, digest_of
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageRow, Registration
from smswatch.store.writer import Writer
from smswatch.summary import KeptReport, Summary, summarise

PROVIDERS = ("webcom", "smso", "smsgateway24")
NUMBERS = (None, "+40722334455", "+447700900123", "1234", "SENDER")
ROUNDS = 60
SHOWN = (
    "status", "provider_status", "channel", "channels", "flags", "reports", "duplicates", "first_seen_ms",
    "delivered_ms", "latency_ms", "mcc", "device", "error_code", "error_text",
)  # fmt: skip


class Traffic:
    """Random requests, the same for the same seed: few messages, so that most is news of a known one."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a workload, not a secret
        self._arrived = NOON_MS

    def round(self) -> list[Entry]:
        return [self._entry() for _ in range(self._random.randint(1, 6))]

    def registrations(self) -> list[Registration]:
        return [
            Registration(provider=self._provider(), message_id=self._id(), number=f"+4072233{digits}")
            for digits in self._random.sample(range(1000, 9999), self._random.choice((0, 0, 1, 3)))
        ]

    def restarts(self) -> bool:
        return self._random.random() < 0.1

    def _provider(self) -> str:
        return self._random.choice(PROVIDERS)

    def _id(self) -> str:
        return str(self._random.randint(1, 12))

    def _entry(self) -> Entry:
        dice = self._random
        self._arrived += dice.randint(0, 2000)
        if dice.random() < 0.05:
            return entry(arrived_ms=self._arrived, outcome=Outcome.UNREADABLE, problem="no")
        if dice.random() < 0.05:
            return entry(("1", self._report()), problem="\ud800")
        return entry(
            *((self._id(), self._report()) for _ in range(dice.choice((0, 1, 1, 1, 2, 5)))),
            provider=self._provider(),
            sms=[self._inbound() for _ in range(dice.choice((0, 0, 0, 1, 2)))],
            arrived_ms=self._arrived,
            outcome=dice.choice((None, None, None, Outcome.PARTIAL)),
        )

    def _report(self) -> KeptReport:
        dice = self._random
        status = dice.choice(tuple(Status))
        occurred = dice.choice((None, NOON_MS + dice.randint(-3, 3) * 1000))
        channels = tuple(
            ChannelStatus(name, dice.choice(tuple(Status)), "word")
            for name in ("viber", "sms")
            if dice.random() < 0.2
        )
        failed = status.is_failure
        return KeptReport(
            digest=digest_of((status, str(occurred), str(channels))),
            status=status,
            provider_status=status.value.upper(),
            channels=channels,
            occurred_ms=occurred,
            zone=Zone.STATED if occurred else None,
            ordered_ms=occurred,
            starts_attempt=status is Status.ACCEPTED,
            number=dice.choice(NUMBERS),
            mcc=dice.choice((None, "226")),
            device=dice.choice((None, "10403")),
            error_code="9" if failed else None,
            error_text="no signal" if failed else None,
            arrived_ms=self._arrived,
        )

    def _inbound(self) -> KeptInbound:
        dice = self._random
        body = f"SMS {dice.randint(1, 15)}"
        return KeptInbound(
            digest=digest_of((body,)), message_id=None, number=dice.choice(NUMBERS), body=body,
            reply_to=dice.choice((None, self._id())), sent_ms=None, sent_raw=None, received_ms=self._arrived,
            received_raw="raw", zone=Zone.ASSUMED, mcc=None, mnc=None, device=None, sim=None, media_url=None,
            arrived_ms=self._arrived,
        )  # fmt: skip


class Model:
    """What should be in the database, by the simplest means."""

    def __init__(self) -> None:
        self.reports: dict[tuple[str, str], dict[int, KeptReport]] = {}
        self.last_seen: dict[tuple[str, str], int] = {}
        self.inbound: dict[tuple[str, int], KeptInbound] = {}
        self.numbers: dict[tuple[str, str], str] = {}
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()
        self._next = 0

    def keep(self, one: Entry) -> Outcome:
        new = not one.reports and not one.inbound
        for message_id, report in one.reports:
            key = one.provider, message_id
            standing = self.reports.setdefault(key, {})
            self.last_seen[key] = max(self.last_seen.get(key, 0), report.arrived_ms)
            if report.digest in standing:
                standing[report.digest].times_received += 1
            else:
                self._next += 1
                standing[report.digest] = msgspec.structs.replace(report, id=self._next)
                new = True
        for sms in one.inbound:
            if (one.provider, sms.digest) in self.inbound:
                self.inbound[one.provider, sms.digest].times_received += 1
            else:
                self.inbound[one.provider, sms.digest] = msgspec.structs.replace(sms)
                new = True
        outcome = one.outcome or (Outcome.STORED if new else Outcome.DUPLICATE)
        self.outcomes[one.provider, outcome] += 1
        return outcome

    def summary(self, key: tuple[str, str]) -> Summary:
        return summarise(tuple(self.reports[key].values()))


def copy(one: Entry) -> Entry:
    """Copy an entry: the writer numbers the reports that it is given."""
    return msgspec.structs.replace(
        one,
        reports=tuple((message_id, msgspec.structs.replace(report)) for message_id, report in one.reports),
        inbound=tuple(msgspec.structs.replace(sms) for sms in one.inbound),
    )


@pytest.mark.parametrize("remembered", [0, 1, 5, 4096])
@pytest.mark.parametrize("seed", range(4))
async def test_the_database_says_what_a_naive_model_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, remembered: int
) -> None:
    monkeypatch.setattr(known_messages, "MESSAGES_REMEMBERED", remembered)
    monkeypatch.setattr(contacts, "REMEMBERED", remembered)
    path = tmp_path / "sms.db"
    traffic, model = Traffic(seed), Model()
    writer = Writer.open(path)
    try:
        for _ in range(ROUNDS):
            if traffic.restarts():
                writer.close()
                writer = Writer.open(path)
            registrations = traffic.registrations()
            tracked = writer.register(registrations)
            model.numbers |= {(one.provider, one.message_id): one.number for one in registrations}
            await one_round(writer, traffic.round(), model)
            assert tracked.result(DEADLINE_S) == len(registrations)
            writer.count("refusals", "smso", "413")
            writer.note_refused(Refused("smso", "/webhooks/smso", "use the key", 404))
            assert_cache_agrees(writer, path)
    finally:
        writer.close()
    await assert_messages(path, model)
    await assert_inbound(path, model)
    assert_counters(path, model)


async def one_round(writer: Writer, entries: list[Entry], model: Model) -> None:
    for one, fate in zip(entries, await fates(writer, *map(copy, entries)), strict=True):
        if one.problem == "\ud800":
            assert isinstance(fate, StoreError)
        else:
            assert isinstance(fate, Kept)
            assert fate.outcome is model.keep(one)


def assert_cache_agrees(writer: Writer, path: Path) -> None:
    known = writer._batch._known.remembered()
    with closing(connect_reader(path)) as connection:
        messages = known_messages.KnownMessages(connection)
        messages.forget_rows()
        stored = messages.stored(list(known))
    assert {key: message.reports for key, message in known.items()} == {
        key: message.reports for key, message in stored.items()
    }
    for key, message in stored.items():
        one = known[key]
        assert (one.row_id, one.status_before, one.last_seen_ms, one.registration) == (
            message.row_id,
            message.status_before,
            message.last_seen_ms,
            message.registration,
        )


async def assert_messages(path: Path, model: Model) -> None:
    async with await Reader.open(path) as reader:
        rows = await reader.page(Kind.MESSAGES, limit=0)
        timelines = await reader.timelines([row.id for row in rows])
    found = {(row.provider, row.message_id): row for row in rows if isinstance(row, MessageRow)}
    assert found.keys() == model.reports.keys()
    for key, row in found.items():
        summary = model.summary(key)
        assert shown(row) == shown(summary), key
        assert row.number == (summary.number or model.numbers.get(key))
        assert row.registered_number == model.numbers.get(key)
        assert row.last_seen_ms == model.last_seen[key]
        standing = list(model.reports[key].values())
        assert [(one.status, one.arrived_ms, one.times_received, one.flags) for one in timelines[row.id]] == [
            (one.status, one.arrived_ms, one.times_received, summary.report_flags.get(one.id, ()))
            for one in standing
        ]


def shown(record: MessageRow | Summary) -> dict[str, Any]:
    return {name: getattr(record, name) for name in SHOWN}


async def assert_inbound(path: Path, model: Model) -> None:
    async with await Reader.open(path) as reader:
        rows = [row for row in await reader.page(Kind.INBOUND, limit=0) if isinstance(row, InboundRow)]
    names = ("number", "body", "reply_to", "received_ms", "zone", "arrived_ms", "times_received")
    assert sorted((row.provider, *(str(getattr(row, name)) for name in names)) for row in rows) == sorted(
        (provider, *(str(getattr(sms, name)) for name in names))
        for (provider, _), sms in model.inbound.items()
    )


def assert_counters(path: Path, model: Model) -> None:
    counters = {
        (subject, provider, name): n
        for subject, provider, name, n in look(path, "SELECT subject, provider, name, n FROM counters")
        if n
    }
    grouped = look(
        path,
        "SELECT 'messages', provider, status, count(*) FROM messages GROUP BY 2, 3"
        " UNION ALL SELECT 'inbound', provider, '', count(*) FROM inbound GROUP BY 2"
        " UNION ALL SELECT 'requests', provider, outcome, count(*) FROM requests"
        " WHERE outcome != 'refused' GROUP BY 2, 3",
    )
    poisoned = {key: n for key, n in counters.items() if key[2] == "503" or key[0] == "refused"}
    expected = {(subject, provider, name): n for subject, provider, name, n in grouped}
    expected["refusals", "smso", "413"] = ROUNDS
    assert counters == expected | poisoned
    assert counters["refused", "smso", "404"] == ROUNDS
    assert {key[1:]: n for key, n in counters.items() if key[0] == "requests"} == model.outcomes
    repeats = look(path, "SELECT (SELECT sum(times_received - 1) FROM reports) FROM sequence")
    assert look(path, "SELECT count(*) FROM repeats WHERE report IS NOT NULL") == repeats

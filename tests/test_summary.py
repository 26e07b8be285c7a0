"""summarise(): a function of the set of reports; arrival only sets flags."""

import itertools
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_reports import channels, report

from smswatch.model import FAILURES, ChannelStatus, Flag, Status, Zone
from smswatch.summary import KeptReport, Summary, channel_shown, summarise
from smswatch.summary.summarising import _summary_of_any, _summary_of_plain


@pytest.mark.parametrize(
    ("reports", "shown"),
    [
        pytest.param([report(Status.SENT)], Status.SENT, id="one report is what it says"),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.SENT, 2)],
            Status.DELIVERED,
            id="a late sent does not undo delivered",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.EXPIRED, 2)],
            Status.DELIVERED,
            id="delivered outranks a failure",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.READ, 2)], Status.READ, id="read follows delivered"
        ),
        pytest.param(
            [report(Status.UNKNOWN, 1), report(Status.SENT, 2)], Status.UNKNOWN, id="unknown outranks sent"
        ),
        pytest.param(
            [report(Status.UNMAPPED, 1), report(Status.ACCEPTED, 2)],
            Status.ACCEPTED,
            id="a word that is not known changes nothing",
        ),
        pytest.param([report(Status.UNMAPPED, 1)], Status.UNMAPPED, id="only words that are not known"),
        pytest.param(
            [report(Status.FAILED, 1, occurred_ms=50), report(Status.EXPIRED, 2, occurred_ms=40)],
            Status.FAILED,
            id="of equal ranks the later provider time",
        ),
        pytest.param(
            [report(Status.REJECTED, 1), report(Status.FAILED, 2, occurred_ms=1)],
            Status.FAILED,
            id="no time is the earliest",
        ),
    ],
)
def test_the_shown_status(reports: list[KeptReport], shown: Status) -> None:
    assert summarise(reports).status is shown


def test_equal_failures_without_times_are_ordered() -> None:
    for lower, higher in itertools.pairwise(FAILURES):
        assert summarise([report(higher, 1), report(lower, 2)]).status is higher


def test_equal_statuses_are_settled_by_the_word() -> None:
    both = [
        report(Status.FAILED, 1, provider_status="9"),
        report(Status.FAILED, 2, provider_status="12"),
    ]
    assert summarise(both).provider_status == "9"


def test_the_documented_example() -> None:
    """Delivered by SMS after Viber expired, then a late `send` of Viber."""
    summary = summarise(
        [
            report(
                Status.DELIVERED,
                1,
                provider_status="deliver",
                channels=channels(viber=Status.EXPIRED, sms=Status.DELIVERED),
                occurred_ms=4000,
                zone=Zone.ASSUMED,
                times_received=2,
            ),
            report(
                Status.SENT,
                2,
                provider_status="send",
                channels=channels(viber=Status.SENT),
            ),
        ]
    )
    assert summary.status is Status.DELIVERED
    assert summary.channel == "sms"
    assert summary.channels == {"viber": Status.EXPIRED, "sms": Status.DELIVERED}
    assert summary.flags == (Flag.OUT_OF_ORDER, Flag.DUPLICATE)
    assert summary.report_flags == {2: (Flag.OUT_OF_ORDER,)}
    assert (summary.reports, summary.duplicates, summary.delivered_ms) == (2, 1, 4000)


class TestChannels:
    @pytest.mark.parametrize(
        ("statuses", "shown"),
        [
            pytest.param({"viber": Status.READ, "sms": Status.EXPIRED}, "viber", id="read if any is"),
            pytest.param({"viber": Status.EXPIRED, "sms": Status.DELIVERED}, "sms", id="delivered if any is"),
            pytest.param(
                {"viber": Status.EXPIRED, "sms": Status.SENT}, "sms", id="the most advanced open one"
            ),
            pytest.param(
                {"viber": Status.SENT, "sms": Status.BUFFERED}, "sms", id="of two open, the further"
            ),
            pytest.param({"viber": Status.EXPIRED, "sms": Status.REJECTED}, "sms", id="the last failure"),
        ],
    )
    def test_without_an_overall_status_the_channels_speak(
        self, statuses: dict[str, Status], shown: str
    ) -> None:
        named = channels(**statuses)
        summary = summarise([report(statuses[shown], overall_stated=False, channels=named)])
        assert (summary.status, summary.channel) == (statuses[shown], shown)

    def test_what_the_provider_states_overall_wins_over_its_channels(self) -> None:
        summary = summarise([report(Status.DELIVERED, channels=channels(viber=Status.READ))])
        assert (summary.status, summary.channel) == (Status.DELIVERED, "viber")

    def test_channels_of_separate_reports_are_read_together(self) -> None:
        viber = report(Status.EXPIRED, 1, overall_stated=False, channels=channels(viber=Status.EXPIRED))
        sms = report(Status.SENT, 2, overall_stated=False, channels=channels(sms=Status.SENT))
        summary = summarise([viber, sms])
        assert (summary.status, summary.channel) == (Status.SENT, "sms")

    def test_a_fallback_that_works_is_no_conflict_and_not_out_of_order(self) -> None:
        viber = report(Status.SENT, 1, channels=channels(viber=Status.EXPIRED, sms=Status.SENT))
        sms = report(Status.DELIVERED, 2, channels=channels(viber=Status.EXPIRED, sms=Status.DELIVERED))
        assert summarise([viber, sms]).flags == ()

    def test_no_channel_is_shown_where_none_is_named(self) -> None:
        assert summarise([report(Status.SENT)]).channel is None
        assert channel_shown(Status.SENT, ()) is None


class TestAttempts:
    """A failed message may be sent again under its id."""

    failed = report(Status.FAILED, 1, provider_status="9", ordered_ms=100, error_code="9")
    again = report(Status.ACCEPTED, 2, provider_status="1", ordered_ms=200, starts_attempt=True)
    delivered = report(Status.DELIVERED, 3, provider_status="7", ordered_ms=300)

    def test_the_last_attempt_is_shown(self) -> None:
        assert summarise([self.failed, self.again]).status is Status.ACCEPTED

    def test_a_failure_of_an_earlier_attempt_is_no_conflict(self) -> None:
        summary = summarise([self.failed, self.again, self.delivered])
        assert (summary.status, summary.error_code) == (Status.DELIVERED, None)
        assert Flag.CONFLICT not in summary.flags

    def test_a_report_after_the_failure_says_so(self) -> None:
        assert summarise([self.failed, self.again]).report_flags == {2: (Flag.AFTER_FINAL,)}

    def test_without_a_time_no_attempt_begins(self) -> None:
        untimed = msgspec.structs.replace(self.again, ordered_ms=None)
        assert summarise([self.failed, untimed]).status is Status.FAILED

    def test_an_earlier_time_begins_no_attempt(self) -> None:
        late = msgspec.structs.replace(self.again, ordered_ms=50)
        assert summarise([self.failed, late]).status is Status.FAILED

    def test_an_equal_time_begins_no_attempt(self) -> None:
        same = msgspec.structs.replace(self.again, ordered_ms=100)
        assert summarise([self.failed, same]).status is Status.FAILED

    def test_a_failure_of_the_second_attempt_is_shown(self) -> None:
        second = report(Status.FAILED, 4, ordered_ms=400, error_code="10")
        assert summarise([self.failed, self.again, second]).error_code == "10"


class TestFlags:
    def test_a_failure_beside_a_delivery_is_a_conflict(self) -> None:
        summary = summarise([report(Status.DELIVERED, 1), report(Status.EXPIRED, 2)])
        assert summary.flags == (Flag.CONFLICT, Flag.OUT_OF_ORDER)

    def test_a_new_report_after_a_final_one_is_marked(self) -> None:
        summary = summarise([report(Status.EXPIRED, 1), report(Status.DELIVERED, 2)])
        assert summary.flags == (Flag.CONFLICT, Flag.AFTER_FINAL)

    def test_delivered_is_not_final_for_read(self) -> None:
        assert summarise([report(Status.DELIVERED, 1), report(Status.READ, 2)]).flags == ()

    def test_repeats_set_no_other_flag(self) -> None:
        summary = summarise([report(Status.EXPIRED, 1, times_received=5)])
        assert (summary.flags, summary.duplicates) == ((Flag.DUPLICATE,), 4)

    def test_a_word_that_is_not_known_sets_no_flag(self) -> None:
        assert summarise([report(Status.EXPIRED, 1), report(Status.UNMAPPED, 2)]).flags == ()


class TestDetail:
    def test_a_report_without_detail_erases_none(self) -> None:
        told = report(Status.FAILED, 1, error_code="9", error_text="Generic", number="+40722334455", mnc="03")
        silent = report(Status.FAILED, 2, occurred_ms=5)
        summary = summarise([told, silent])
        assert (summary.error_code, summary.error_text) == ("9", "Generic")
        assert (summary.number, summary.mnc) == ("+40722334455", "03")

    def test_latency_by_provider_times_where_both_are_stated(self) -> None:
        sent = report(Status.SENT, 1, occurred_ms=1_000, zone=Zone.STATED)
        delivered = report(Status.DELIVERED, 2, occurred_ms=6_000, zone=Zone.STATED)
        assert summarise([sent, delivered]).latency_ms == 5_000

    def test_latency_by_arrival_where_a_time_is_assumed(self) -> None:
        sent = report(Status.SENT, 1, occurred_ms=1_000, zone=Zone.ASSUMED)
        delivered = report(Status.DELIVERED, 2, occurred_ms=9_000, zone=Zone.STATED)
        assert summarise([sent, delivered]).latency_ms == 1_000

    def test_a_negative_latency_is_none(self) -> None:
        sent = report(Status.SENT, 1, occurred_ms=9_000, zone=Zone.STATED)
        delivered = report(Status.DELIVERED, 2, occurred_ms=6_000, zone=Zone.STATED)
        assert summarise([sent, delivered]).latency_ms is None

    def test_no_delivery_time_without_a_delivery_report_that_has_one(self) -> None:
        assert summarise([report(Status.READ, 1, occurred_ms=5)]).delivered_ms is None


STATUSES = st.sampled_from(list(Status))
TIMES = st.none() | st.integers(0, 5)


@st.composite
def reports(draw: st.DrawFn) -> list[KeptReport]:
    """A set of distinct reports, as one message may have."""
    found = []
    for arrival in range(1, draw(st.integers(1, 6)) + 1):
        named = draw(st.lists(st.sampled_from(["sms", "viber"]), unique=True, max_size=2))
        status = draw(STATUSES)
        found.append(
            report(
                status,
                arrival,
                digest=draw(st.integers(0, 3)) * 100 + arrival,
                provider_status=draw(st.sampled_from(["a", "b", status.value])),
                occurred_ms=draw(TIMES),
                ordered_ms=draw(TIMES),
                starts_attempt=status in {Status.ACCEPTED, Status.QUEUED, Status.SENDING},
                overall_stated=not named or draw(st.booleans()),
                channels=tuple(ChannelStatus(name, draw(STATUSES), "w") for name in named),
                error_code=draw(st.none() | st.sampled_from(["9", "10"])),
                number=draw(st.none() | st.sampled_from(["+1", "+2"])),
                times_received=draw(st.integers(1, 3)),
            )
        )
    return found


def without_arrival(summary: Summary) -> dict[str, object]:
    """What may not depend on the order of arrival."""
    fields = msgspec.structs.asdict(summary)
    kept = {Flag.CONFLICT, Flag.DUPLICATE}
    fields["flags"] = {flag for flag in summary.flags if flag in kept}
    for name in ("report_flags", "first_seen_ms", "latency_ms"):
        del fields[name]
    return fields


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_the_list_never_matters(found: list[KeptReport], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert summarise(shuffled) == summarise(found)


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_decides_the_status(
    found: list[KeptReport], chance: random.Random
) -> None:
    numbers = [one.id for one in found]
    chance.shuffle(numbers)
    rearrived = [
        msgspec.structs.replace(one, id=number, arrived_ms=1000 * number)
        for one, number in zip(found, numbers, strict=True)
    ]
    assert without_arrival(summarise(rearrived)) == without_arrival(summarise(found))


@given(reports())
def test_repeats_are_counted_and_never_weighed(found: list[KeptReport]) -> None:
    once = [msgspec.structs.replace(one, times_received=1) for one in found]
    repeated, single = summarise(found), summarise(once)
    assert repeated.status is single.status
    assert repeated.duplicates == sum(one.times_received - 1 for one in found)
    assert [flag for flag in repeated.flags if flag is not Flag.DUPLICATE] == list(single.flags)


def test_every_order_of_five_reports_gives_one_status() -> None:
    words = [Status.ACCEPTED, Status.SENT, Status.UNMAPPED, Status.DELIVERED, Status.EXPIRED]
    shown = {
        (summary.status, summary.provider_status, Flag.CONFLICT in summary.flags)
        for order in itertools.permutations(words)
        for summary in [
            summarise([report(status, n, digest=hash(status)) for n, status in enumerate(order, 1)])
        ]
    }
    assert shown == {(Status.DELIVERED, "delivered", True)}


@given(reports(), st.randoms(use_true_random=False))
def test_the_quick_way_and_the_general_way_agree(found: list[KeptReport], chance: random.Random) -> None:
    plain = [
        msgspec.structs.replace(one, channels=(), overall_stated=True, zone=chance.choice([None, *Zone]))
        for one in found
        if one.status not in FAILURES
    ] or [report(Status.SENT)]
    assert _summary_of_plain(plain) == _summary_of_any(plain)

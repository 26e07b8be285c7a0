"""explain(): why a status is shown, and what is odd about a report, word for word."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_reports import channels, report

from smswatch.explanation import Explanation, explain
from smswatch.model import ChannelStatus, Status, Zone
from smswatch.safe_text import safe_line
from smswatch.summary import KeptReport, summarise
from smswatch.times import provider_text

NO_OUTCOME = "no final report has come yet: whether it arrives is not known"
CONFLICT = "the provider reports both a failure and a delivery: only one of them can be true"


def told(*reports: KeptReport, repeats: dict[int, tuple[int, ...]] | None = None) -> Explanation:
    return explain(reports, repeats or {}, lambda ms: str(provider_text(ms)))


def named(arrival: int, **statuses: Status) -> KeptReport:
    """A report that states nothing but its channels."""
    furthest = max(statuses.values(), key=lambda status: status.rank)
    return report(furthest, arrival, overall_stated=False, channels=channels(**statuses))


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        pytest.param(
            [report(Status.DELIVERED)],
            ["it is the only report so far"],
            id="one report",
        ),
        pytest.param(
            [report(Status.SENT)],
            ["it is the only report so far", NO_OUTCOME],
            id="an open message is not called failed",
        ),
        pytest.param(
            [report(Status.SENDING, 1), report(Status.SENT, 2), report(Status.DELIVERED, 3)],
            ["delivered is the furthest along of 3 reports"],
            id="the ordinary way",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.EXPIRED, 2)],
            ["delivered outranks expired, which arrived later", CONFLICT],
            id="a failure after a delivery",
        ),
        pytest.param(
            [report(Status.EXPIRED, 1), report(Status.DELIVERED, 2)],
            ["delivered outranks expired, which came first", CONFLICT],
            id="a delivery after a failure",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.SENT, 2), report(Status.SENDING, 3)],
            ["delivered outranks sent and sending, which arrived later"],
            id="stragglers",
        ),
        pytest.param(
            [report(Status.UNKNOWN, 1), report(Status.SENT, 2)],
            [
                "unknown outranks sent, which arrived later",
                "the provider never learnt the outcome: it may have arrived, and it may not",
            ],
            id="not known is not failed",
        ),
        pytest.param(
            [report(Status.UNKNOWN, 1), report(Status.UNDELIVERED, 2)],
            ["undelivered outranks unknown, which came first"],
            id="a failure says more than unknown",
        ),
        pytest.param(
            [report(Status.UNMAPPED, 1, provider_status="moderation")],
            [
                "only words that smswatch does not know have come (“moderation”): nothing is concluded from them"
            ],
            id="a word that nobody knows",
        ),
        pytest.param(
            [report(Status.SENT, 1), report(Status.UNMAPPED, 2, provider_status="mod\x1b[2J")],
            [
                "it is the only known word",
                r"“mod\x1b[2J”: not known to smswatch, so it changes nothing",
                NO_OUTCOME,
            ],
            id="a word that nobody knows beside one that is known, made safe",
        ),
        pytest.param(
            [report(Status.FAILED, 1, occurred_ms=5000), report(Status.EXPIRED, 2, occurred_ms=4000)],
            [
                (
                    "the later of two failures counts: failed at 1970-01-01T00:00:05Z,"
                    " expired at 1970-01-01T00:00:04Z"
                )
            ],
            id="the later of two failures",
        ),
        pytest.param(
            [
                report(Status.FAILED, number, occurred_ms=1000 * number, provider_status=f"{number}")
                for number in (1, 2, 3)
            ],
            ["the latest of 3 failures counts: “3” at 1970-01-01T00:00:03Z, “2” at 1970-01-01T00:00:02Z"],
            id="the latest of three failures",
        ),
        pytest.param(
            [report(Status.REJECTED, 1), report(Status.FAILED, 2, occurred_ms=1000)],
            ["of failures the one with a time counts: failed; rejected came without one"],
            id="a time beats none",
        ),
        pytest.param(
            [report(Status.FAILED, 1), report(Status.REJECTED, 2)],
            ["no time tells which failure is the later one: rejected says more than failed"],
            id="failures without times",
        ),
        pytest.param(
            [report(Status.FAILED, 1, provider_status="9"), report(Status.FAILED, 2, provider_status="12")],
            ["no time tells which report is the later one: “9” is shown before “12”"],
            id="one failure in two words",
        ),
        pytest.param(
            [named(1, viber=Status.EXPIRED), named(2, sms=Status.DELIVERED)],
            [
                "the channels decide: sms delivered, viber expired; sms reached the person, and one channel is enough"
            ],
            id="a fallback that works",
        ),
        pytest.param(
            [named(1, viber=Status.EXPIRED), named(2, sms=Status.SENT)],
            ["the channels decide: sms sent, viber expired; sms is still under way", NO_OUTCOME],
            id="a fallback under way",
        ),
        pytest.param(
            [named(1, viber=Status.EXPIRED, sms=Status.UNDELIVERED)],
            [
                "the channels decide: sms undelivered, viber expired; none is left, and sms is the last that failed"
            ],
            id="no channel is left",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1, channels=channels(viber=Status.EXPIRED, sms=Status.DELIVERED))],
            ["the provider states delivered for the message as a whole (sms delivered, viber expired)"],
            id="what the provider states overall",
        ),
        pytest.param(
            [report(Status.SENT, 1, channels=channels(viber=Status.SENT)), named(2, viber=Status.READ)],
            [
                "the channels decide: viber read",
                "that outranks sent, which the provider states for the message as a whole",
            ],
            id="a channel outranks what is stated overall",
        ),
        pytest.param(
            [
                report(Status.FAILED, 1, ordered_ms=1000),
                report(Status.ACCEPTED, 2, ordered_ms=20_000, starts_attempt=True),
                report(Status.DELIVERED, 3, ordered_ms=22_000),
            ],
            [
                "delivered is the furthest along of 2 reports",
                "a new attempt began at 1970-01-01T00:00:20Z; the earlier attempt no longer counts",
            ],
            id="a message that was sent again",
        ),
    ],
)
def test_why_a_status_is_shown(reports: list[KeptReport], why: list[str]) -> None:
    assert list(told(*reports).why) == why


@pytest.mark.parametrize(
    ("reports", "notes"),
    [
        pytest.param([report(Status.SENT, 1), report(Status.DELIVERED, 2)], {}, id="nothing is odd"),
        pytest.param(
            [report(Status.DELIVERED, 1), report(Status.SENT, 3)],
            {3: ["arrived out of order, 2 s after delivered, which is further along"]},
            id="a late sent",
        ),
        pytest.param(
            [report(Status.DELIVERED, 1, occurred_ms=900), report(Status.SENT, 3, occurred_ms=400)],
            {
                3: [
                    (
                        "arrived out of order, 2 s after delivered, which is further along;"
                        " it happened 0.5 s before"
                    )
                ]
            },
            id="a late sent, with times",
        ),
        pytest.param(
            [report(Status.EXPIRED, 1), report(Status.DELIVERED, 2)],
            {
                1: ["contradicts “delivered”, request 2"],
                2: ["arrived 1 s after expired, which is final", "contradicts “expired”, request 1"],
            },
            id="a delivery after the end",
        ),
        pytest.param(
            [
                report(Status.SENT, 1, channels=channels(viber=Status.EXPIRED)),
                report(Status.DELIVERED, 2, channels=channels(viber=Status.DELIVERED)),
            ],
            {
                1: ["contradicts “delivered” by viber, request 2"],
                2: ["contradicts “expired” by viber, request 1"],
            },
            id="a contradiction in one channel, of which the message as a whole tells nothing",
        ),
        pytest.param(
            [
                report(Status.SENT, 1, channels=channels(viber=Status.DELIVERED)),
                report(Status.SENT, 2, channels=channels(viber=Status.SENT)),
            ],
            {2: ["arrived out of order, 1 s after delivered by viber, which is further along"]},
            id="a late report of one channel, of which the message as a whole tells nothing",
        ),
        pytest.param(
            [
                report(Status.ACCEPTED, 1),
                report(Status.FAILED, 2, ordered_ms=1000),
                report(Status.ACCEPTED, 3, ordered_ms=2000, starts_attempt=True),
            ],
            {
                1: ["came without a time that orders attempts, so it counts for the last one"],
                3: ["arrived 1 s after failed, which ended attempt 1"],
            },
            id="attempts",
        ),
        pytest.param(
            [report(Status.SENT, 1), report(Status.UNMAPPED, 2, provider_status="moderation")],
            {2: ["a word that smswatch does not know: kept as it came, it changes nothing"]},
            id="a word that nobody knows",
        ),
        pytest.param(
            [report(Status.SENT, 1, occurred_ms=3_601_000, zone=Zone.ASSUMED)],
            {1: ["happened 1 h 00 min after it arrived: its zone is assumed, and may be set wrong"]},
            id="an assumed zone that cannot be right",
        ),
        pytest.param(
            [report(Status.SENT, 1, occurred_ms=3_601_000, zone=Zone.STATED)],
            {1: ["happened 1 h 00 min after it arrived: one clock is wrong"]},
            id="a clock that cannot be right",
        ),
    ],
)
def test_what_is_odd_about_a_report(reports: list[KeptReport], notes: dict[int, list[str]]) -> None:
    assert {report_id: list(said) for report_id, said in told(*reports).notes.items()} == notes


@pytest.mark.parametrize(
    ("repeats", "said"),
    [
        pytest.param((2000, 5000), "came 3 times, last after 4 s", id="several repeats"),
        pytest.param((3000,), "came 2 times, again after 2 s", id="one repeat"),
        pytest.param((), "came 2 times", id="repeats whose times are not kept"),
    ],
)
def test_repeats_are_grouped(repeats: tuple[int, ...], said: str) -> None:
    repeated = report(Status.SENT, 1, times_received=max(2, len(repeats) + 1))
    explanation = told(repeated, report(Status.DELIVERED, 2), repeats={1: repeats})
    assert (explanation.repeats, explanation.notes) == ({1: said}, {})


def test_attempts_are_numbered_and_the_deciding_report_is_named() -> None:
    failed = report(Status.FAILED, 1, ordered_ms=1000)
    again = report(Status.ACCEPTED, 2, ordered_ms=2000, starts_attempt=True)
    explanation = told(failed, again)
    assert explanation.attempts == {1: 1, 2: 2}
    assert explanation.decided_by == 2
    assert told(failed).attempts == {}


def test_the_report_that_brought_the_deciding_channel_is_named() -> None:
    assert told(named(1, viber=Status.EXPIRED), named(2, sms=Status.SENT)).decided_by == 2


def test_many_words_are_counted() -> None:
    many = [report(Status.UNMAPPED, number, provider_status=f"w{number}") for number in range(1, 9)]
    (why,) = told(*many).why
    assert why.count("“w") == 4
    assert "and 4 more" in why


REPORTS = st.lists(
    st.builds(
        KeptReport,
        status=st.sampled_from(Status),
        provider_status=st.text(max_size=6),
        overall_stated=st.booleans(),
        channels=st.lists(
            st.builds(
                ChannelStatus, st.sampled_from(["sms", "viber"]), st.sampled_from(Status), st.just("w")
            ),
            max_size=2,
            unique_by=lambda named: named.channel,
        ).map(tuple),
        occurred_ms=st.none() | st.integers(0, 10_000),
        ordered_ms=st.none() | st.integers(0, 10_000),
        starts_attempt=st.booleans(),
        arrived_ms=st.integers(0, 10_000),
        times_received=st.integers(1, 3),
    ),
    min_size=1,
    max_size=6,
)


@given(REPORTS)
def test_whatever_comes_it_is_explained_safely_and_agrees_with_the_summary(reports: list[KeptReport]) -> None:
    for number, one in enumerate(reports, start=1):
        one.id = one.digest = number
    explanation, summary = told(*reports), summarise(reports)
    assert explanation.why
    sentences = [*explanation.why, *itertools.chain.from_iterable(explanation.notes.values())]
    assert all(safe_line(sentence, 1000) == sentence for sentence in sentences)
    flagged = {number for number, flags in summary.report_flags.items() if flags}
    assert flagged <= set(explanation.notes)
    decisive = next(one for one in reports if one.id == explanation.decided_by)
    statuses = {decisive.status, *(named.status for named in decisive.channels)}
    assert summary.status in statuses
    if not any(one.status.is_failure or any(c.status.is_failure for c in one.channels) for one in reports):
        assert not any("fail" in sentence for sentence in explanation.why)

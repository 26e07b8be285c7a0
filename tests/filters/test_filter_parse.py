"""Filter text is read as the language says, or refused with a position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.filters import FILTER_HELP, Everything, FilterError, Reading, describe, parse, shortcomings
from smswatch.filters.expression import All, Either, Not, NumberRun, TextHas, Word
from smswatch.filters.operators import OPERATORS
from smswatch.model import Kind

PIECES = st.sampled_from(
    [
        *(f"{operator.key}:" for operator in OPERATORS),
        *(
            "delivered",
            "bad",
            "failed,expired",
            "final",
            "reply",
            "10m",
            "2026-11-20",
            "T12:00",
            ">30s",
            "OR",
        ),
        *(
            "-",
            '"',
            "\\",
            ",",
            "*",
            "+40722",
            "0722",
            " ",
            "  ",
            "(0)",
            "foo:",
            "x",
            "ș",
            "\ud800",
            "\x00",
            "\n",
        ),
    ]
)
FILTERS = st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        pytest.param("", "everything", id="empty"),
        pytest.param("  ", "everything", id="blank"),
        pytest.param("code", "“code” in number, id or text", id="word"),
        pytest.param('"two words"', "“two words” in number, id or text", id="quoted"),
        pytest.param(
            "a b", "“a” in number, id or text, and “b” in number, id or text", id="terms are joined by and"
        ),
        pytest.param(
            "a status:read OR b",
            "“a” in number, id or text, and the status is read; or “b” in number, id or text",
            id="OR binds looser",
        ),
        pytest.param("or", "“or” in number, id or text", id="small or is a word"),
        pytest.param('"OR"', "“OR” in number, id or text", id="quoted OR is a word"),
        pytest.param("-code", "not (“code” in number, id or text)", id="negated"),
        pytest.param('"-code"', "“-code” in number, id or text", id="quoted minus"),
        pytest.param("-status:bad", "not (it did not arrive)", id="negated key"),
        pytest.param("0722 334 455", "the number contains 722334455", id="number in words"),
        pytest.param("+40 (0)722-334.455", "the number contains 40722334455", id="number with separators"),
        pytest.param("0040722334455 x", "the number contains 40722334455 (or the id is 0040722334455), "
                     "and “x” in number, id or text", id="number and word"),
        pytest.param("0722 -334 -455", "the number contains 722334455", id="dashes inside a number"),
        pytest.param(
            "+40722334455 -4455",
            "the number contains 40722334455, and not (“4455” in number, id or text)",
            id="a minus after a whole number negates",
        ),
        pytest.param("-+40722334455", "not (the number contains 40722334455)", id="negated number"),
        pytest.param("722 334", "“722” in number, id or text, and “334” in number, id or text", id="six digits"),
        pytest.param('"0722334455"', "“0722334455” in number, id or text", id="quoted number is a word"),
        pytest.param("number:0722334455", "the number is 0722334455", id="exact number"),
        pytest.param("number:+40722*", "the number begins with +40722", id="beginning"),
        pytest.param("number:*4455", "the number ends in 4455", id="ending"),
        pytest.param("number:*334*", "the number contains 334", id="middle"),
        pytest.param("number:*", "the number is known", id="any number"),
        pytest.param("status:delivered", "the status is delivered", id="status"),
        pytest.param("STATUS:Failed,EXPIRED", "the status is failed or expired", id="statuses"),
        pytest.param("provider:smso,webcom", "the provider is smso or webcom", id="providers"),
        pytest.param("channel:viber", "it went through viber", id="channel"),
        pytest.param("id:3234", "the id is 3234", id="id"),
        pytest.param('id:"a,b"', "the id is a,b", id="a quoted comma is no list"),
        pytest.param('text:"two \\"words\\""', '“two "words"” in the text', id="text with quotes"),
        pytest.param("error:9", "the error is 9", id="error"),
        pytest.param("mcc:226", "the country's code is 226", id="mcc"),
        pytest.param("mnc:03,10", "the network's code is 03 or 10", id="mnc"),
        pytest.param("is:unregistered", "its id was never registered", id="unregistered"),
        pytest.param("is:final", "nothing more is expected", id="final"),
        pytest.param("is:open", "something is still expected", id="open"),
        pytest.param("is:stuck", "open for too long", id="stuck"),
        pytest.param("is:conflict", "reports contradict each other", id="conflict"),
        pytest.param("is:duplicate", "received more than once", id="duplicate"),
        pytest.param("is:out_of_order", "reports came out of order", id="out of order"),
        pytest.param("is:after_final", "a report came after a final one", id="after final"),
        pytest.param("has:reply", "somebody replied", id="reply"),
        pytest.param("after:10m", "first seen in the last 10 minutes", id="after, ago"),
        pytest.param("before:1h", "first seen over 1 hour ago", id="before, ago"),
        pytest.param("before:2026-11-20T12:00", "before 2026-11-20 12:00:00", id="before, local"),
        pytest.param("after:2026-11-20T12:00:30.5Z", "from 2026-11-20 12:00:30.500000+00:00 on", id="after, UTC"),
        pytest.param('after:"2026-11-20 12:00"', "from 2026-11-20 12:00:00 on", id="after, quoted"),
        pytest.param("latency:>30s", "delivery took over 30 seconds", id="latency"),
        pytest.param("latency:<=1.5m", "delivery took at most 1.5 minutes", id="latency, decimals"),
        pytest.param("outcome:unreadable", "the outcome is unreadable", id="outcome"),
        pytest.param("12:00", "“12:00” in number, id or text", id="a time is a word"),
        pytest.param("text:\x1b[2J", r"“\x1b[2J” in the text", id="hostile"),
    ],
)  # fmt: skip
def test_a_filter_means_what_it_says(text: str, english: str) -> None:
    assert describe(parse(text)) == english


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        pytest.param("x status:", 9, "a value is missing after status:", id="half-typed key"),
        pytest.param("status:deliv", 7, "did you mean delivered", id="half-typed status"),
        pytest.param("status:failed,", 14, "a value is missing in the list", id="half-typed list"),
        pytest.param("status:zzz", 7, "there are bad, unmapped", id="bad is among what may be written"),
        pytest.param("status:failed,lost", 14, "no status is called lost", id="unknown status in a list"),
        pytest.param("stauts:sent", 0, "did you mean status", id="unknown key"),
        pytest.param("a -foo:b", 3, "there is no foo:", id="unknown key, negated"),
        pytest.param('text:"two', 5, "not closed", id="open quotes"),
        pytest.param('"a"b', 3, "a space is missing", id="no space after quotes"),
        pytest.param('""', 0, "nothing in the quotes", id="empty quotes"),
        pytest.param("a OR", 4, "missing after OR", id="OR at the end"),
        pytest.param("OR a", 0, "missing before OR", id="OR at the start"),
        pytest.param("a OR OR b", 5, "missing before OR", id="OR twice"),
        pytest.param("a -", 3, "missing after the minus", id="lone minus"),
        pytest.param("is:done", 3, "no state is called done", id="unknown state"),
        pytest.param("has:", 4, "missing after has:", id="half-typed has"),
        pytest.param("outcome:lost", 8, "no outcome is called lost", id="unknown outcome"),
        pytest.param("after:10", 6, "no time", id="time without unit"),
        pytest.param("after:2026-02-30", 6, "no such date", id="impossible date"),
        pytest.param("after:0001-01-01", 6, "a year must be", id="year too early"),
        pytest.param("after:99999999999d", 6, "no time", id="too long ago"),
        pytest.param("latency:30s", 8, "write >30s", id="latency without comparison"),
        pytest.param("latency:>30", 8, "write >30s", id="latency without unit"),
        pytest.param("number:+40*55", 10, "beginning or end", id="star in the middle"),
        pytest.param("x" * 9000, 8000, "longer than", id="too long"),
        pytest.param("x " * 300, 400, "more than 200 terms", id="too many terms"),
        pytest.param("id:" + "1," * 100 + "1", 203, "more than 100 values", id="too many values"),
        pytest.param("status:\x1b[2J", 7, r"called \x1b[2J", id="hostile"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(text: str, position: int, reason: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert reason in caught.value.reason
    assert caught.value.position == position


def test_terms_are_kept_in_their_order() -> None:
    assert parse('a -"b c" OR text:d 0722334455') == Either(
        (All((Word("a"), Not(Word("b c")))), All((TextHas("d"), NumberRun("0722334455"))))
    )
    assert parse("") == Everything()


def test_every_example_of_the_help_can_be_typed() -> None:
    for line in FILTER_HELP:
        for example in line.examples:
            assert str(parse(example))


def test_every_closed_word_is_understood() -> None:
    for operator in OPERATORS:
        for word in operator.words:
            parse(f"{operator.key}:{word}")


def refusal(text: str) -> FilterError | None:
    try:
        parse(text)
    except FilterError as error:
        return error
    return None


@given(FILTERS | st.text())
def test_a_filter_is_read_or_refused_at_a_place_within_it(text: str) -> None:
    error = refusal(text)
    assert error is None or 0 <= error.position <= len(text)


@given(FILTERS | st.text())
def test_a_filter_writes_itself_down(text: str) -> None:
    if refusal(text) is None:
        expression = parse(text)
        assert parse(str(expression)) == expression
        assert "\n" not in describe(expression)


@pytest.mark.parametrize(
    ("text", "kind", "region", "english"),
    [
        pytest.param("status:failed", Kind.REQUESTS, None, "requests have no status", id="status"),
        pytest.param("-status:failed", Kind.REQUESTS, None, "requests have no status", id="negated"),
        pytest.param("outcome:stored", Kind.MESSAGES, None, "messages have no outcome", id="outcome"),
        pytest.param("is:stuck", Kind.INBOUND, None, "inbound SMS have no is:stuck", id="a claim"),
        pytest.param("has:reply", Kind.REQUESTS, None, "requests have no reply", id="a part"),
        pytest.param("is:stuck", Kind.MESSAGES, None, "open for too long", id="a claim it has"),
        pytest.param(
            "number:0722334455",
            Kind.MESSAGES,
            None,
            "the number is 0722334455 as received; without default_region no country is added",
            id="no region",
        ),
        pytest.param("number:0722334455", Kind.MESSAGES, "RO", "the number is 0722334455", id="a region"),
        pytest.param("number:+40722", Kind.MESSAGES, None, "the number is +40722", id="a country"),
    ],
)
def test_a_filter_says_what_is_missing_where_it_is_in_force(
    text: str, kind: Kind, region: str | None, english: str
) -> None:
    expression, reading = parse(text), Reading(kind, region)
    assert describe(expression, reading) == english
    is_short = "no " in english
    assert shortcomings(expression, reading) == ((english,) if is_short else ())

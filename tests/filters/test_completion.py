"""Completion: what a half-typed filter may become."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smswatch.filters import completions, parse
from smswatch.filters.expression import TextHas
from smswatch.model import Kind
from smswatch.safe_text import safe_line

VALUES = {
    "provider": ("smso", "webcom"),
    "status": ("delivered", "failed"),
    "text": ("night run", "shop", 'a"b', "\x1b[31mred", "x\u202ey", "  ", "y" * 61),
    "number": ("+40*", "+44*"),
    "channel": ("viber", "sms,push"),
}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        pytest.param("st", "status:", id="a key"),
        pytest.param("-pro", "-provider:", id="a key behind a minus"),
        pytest.param("code st", "code status:", id="a key behind other terms"),
        pytest.param("status:", "status:delivered", id="the most frequent value"),
        pytest.param("status:exp", "status:expired", id="a value of the language that is not in the data"),
        pytest.param("STATUS:DEL", "STATUS:delivered", id="in capitals"),
        pytest.param("status:failed,", "status:failed,delivered", id="the next of a list"),
        pytest.param("status:delivered,fa", "status:delivered,failed", id="another of a list"),
        pytest.param("-provider:w", "-provider:webcom", id="of a negated term"),
        pytest.param("text:ni", 'text:"night run"', id="quotes are added where they are needed"),
        pytest.param('text:"ni', 'text:"night run"', id="quotes that stand there are closed"),
        pytest.param("text:a", r'text:"a\"b"', id="a quote in a value"),
        pytest.param("number:", "number:+40*", id="a country"),
        pytest.param("number:+44", "number:+44*", id="another country"),
        pytest.param("after:", "after:10m", id="usual times"),
        pytest.param('"two words" is:st', '"two words" is:stuck', id="behind quotes"),
    ],
)
def test_the_first_completion_is(typed: str, first: str) -> None:
    assert completions(typed, VALUES)[0].text == first


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("status:failed ", id="between terms"),
        pytest.param('text:"shop"', id="behind closed quotes"),
        pytest.param("status:delivered", id="a whole value"),
        pytest.param("nokey:x", id="a key that the language lacks"),
        pytest.param('"st', id="a quoted word is no key"),
        pytest.param("channel:viber,sms", id="a value with a comma in a list"),
        pytest.param("text:\x1b", id="a control character"),
        pytest.param("text:x", id="a value that cannot be seen as it is"),
        pytest.param("text:y", id="a value that is too long"),
    ],
)
def test_nothing_is_offered_after(typed: str) -> None:
    assert completions(typed, VALUES) == ()


def test_a_value_that_stands_in_the_list_is_not_offered_again() -> None:
    assert "status:failed,failed" not in {one.text for one in completions("status:failed,", VALUES)}


@given(st.text(max_size=70), st.integers(0, 3), st.sampled_from(["", "code ", "-", '"a b" ']))
def test_what_is_offered_of_any_label_can_be_seen_and_is_read_back(
    label: str, typed: int, before: str
) -> None:
    begun = label[:typed]
    assume(begun.isalnum() or not begun)
    for one in completions(f"{before}text:{begun}", {"text": (label,)}):
        assert one.text == safe_line(one.text, 1000)
        assert str(TextHas(label)) in str(parse(one.text))


@given(st.text(max_size=40))
def test_no_text_upsets_it(text: str) -> None:
    for one in completions(text, VALUES):
        assert one.rest


def test_keys_that_the_list_lacks_are_not_offered() -> None:
    assert "status:" in {one.text for one in completions("s", VALUES)}
    assert "status:" not in {one.text for one in completions("s", VALUES, Kind.REQUESTS)}
    assert "outcome:" not in {one.text for one in completions("o", VALUES, Kind.MESSAGES)}
    assert "outcome:" in {one.text for one in completions("o", VALUES, Kind.REQUESTS)}

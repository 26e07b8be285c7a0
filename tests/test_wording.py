"""Words that sentences share: counts, and what was probably meant."""

import pytest

from smswatch.wording import how_many, suggestion

NAMES = ("webcom", "smso")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        pytest.param("webkom", "did you mean webcom?", id="nearly right"),
        pytest.param("else", "there are webcom, smso", id="far from all"),
    ],
)
def test_a_word_that_is_not_known_is_answered_with_the_nearest_or_with_all(word: str, said: str) -> None:
    assert suggestion(word, NAMES) == said


def test_where_there_are_too_many_to_list_something_else_is_said() -> None:
    assert suggestion("else", NAMES, "write it as you sent it") == "write it as you sent it"
    assert suggestion("smsa", iter(NAMES), "write it as you sent it", quote="`") == "did you mean `smso`?"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (how_many(0, "message"), "0 messages"),
        (how_many(1, "message"), "1 message"),
        (how_many(1_200, "message"), "1,200 messages"),
        (how_many(1, "more byte is", "more bytes are"), "1 more byte is"),
        (how_many(2, "reply", "replies"), "2 replies"),
    ],
)
def test_one_is_not_counted_as_many(said: str, expected: str) -> None:
    assert said == expected

"""keyword(): STOP, HELP and START as people write them, and nothing that only contains them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.keywords import _FORMS, KEYWORD_MEANINGS, Keyword, keyword


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        pytest.param("STOP", Keyword.STOP, id="plain"),
        pytest.param("  Stop!!\n", Keyword.STOP, id="blanks and punctuation"),
        pytest.param("“stop.”", Keyword.STOP, id="quotes"),
        pytest.param("Stop  ALL", Keyword.STOP, id="two words"),
        pytest.param("opt-out", Keyword.STOP, id="a hyphen"),
        pytest.param("\uff33\uff34\uff2f\uff30", Keyword.STOP, id="wide letters"),
        pytest.param("ARRET", Keyword.STOP, id="without its accent"),
        pytest.param("Arrêt", Keyword.STOP, id="with its accent"),
        pytest.param("OPREȘTE", Keyword.STOP, id="Romanian"),
        pytest.param("СТОП", Keyword.STOP, id="Russian"),
        pytest.param("İptal", Keyword.STOP, id="Turkish"),
        pytest.param("Yard\u0131m", Keyword.HELP, id="Turkish help"),
        pytest.param("退订", Keyword.STOP, id="Chinese"),
        pytest.param("hilfe", Keyword.HELP, id="German help"),
        pytest.param("Info?", Keyword.HELP, id="info"),
        pytest.param("Start", Keyword.START, id="start"),
        pytest.param("UNSTOP", Keyword.START, id="unstop"),
        pytest.param("please stop the car at 5", None, id="a sentence with the word in it"),
        pytest.param("STOP\nși atât", None, id="more on the next line"),
        pytest.param("yes", None, id="an answer, not a wish to join"),
        pytest.param("no", None, id="an answer, not a wish to leave"),
        pytest.param("stopover", None, id="a longer word"),
        pytest.param("", None, id="nothing"),
        pytest.param("!!!", None, id="nothing but punctuation"),
        pytest.param("STOP" + " " * 10_000, Keyword.STOP, id="very many blanks"),
        pytest.param("stop " * 1000, None, id="very many words"),
    ],
)
def test_a_keyword_is_the_whole_message(body: str, meaning: Keyword | None) -> None:
    assert keyword(body) is meaning


def test_every_form_is_found_and_means_one_thing() -> None:
    forms = [(form.strip(), meaning) for meaning, given in _FORMS.items() for form in given.split(",")]
    assert all(keyword(form) is meaning for form, meaning in forms)
    assert all(keyword(form.upper()) is meaning for form, meaning in forms)
    assert set(KEYWORD_MEANINGS) == set(Keyword)


@given(st.text(max_size=60))
def test_whatever_comes_is_looked_at(body: str) -> None:
    assert keyword(body) in {None, *Keyword}

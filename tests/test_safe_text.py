"""What a stranger wrote never steers a terminal, and stays readable."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.safe_text import safe_block, safe_line

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(
            "a1#* \n\r\t\x1b\x7f\x9b\u0301\u0302\u200c\u200d\u202e\u2066\ufe0e\ufe0f\u20e3\u3164❤👍👩"
        ),
        st.sampled_from("\U0001f3fb\U0001f3ff\U000e0041\U000e0100\ud800\udfff\u2028\ue000\ufdd0\u2800"),
        st.characters(min_codepoint=0x300, max_codepoint=0x36F),
    ),
    max_size=400,
)
INVISIBLE = (
    set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
    | {chr(code) for code in range(0xFE00, 0xFE10)}
    | {chr(code) for code in range(0xE0000, 0xE1000)}
)


def harmless(text: str) -> bool:
    return not any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or char in INVISIBLE
        for char in text
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("Your code is 1234", "Your code is 1234", id="ascii"),
        pytest.param("Comanda ta a plecat, ăîșț 👍", "Comanda ta a plecat, ăîșț 👍", id="romanian"),
        pytest.param("漢字 かな", "漢字 かな", id="cjk"),
        pytest.param("שלום", "שלום", id="hebrew"),
        pytest.param("ok\x1b[2J\x1b[Hfake", r"ok\x1b[2J\x1b[Hfake", id="clear screen"),
        pytest.param("\x1b]52;c;Y2FuYXJ5\x07", r"\x1b]52;c;Y2FuYXJ5\x07", id="clipboard"),
        pytest.param("\x9b31m \x7f\x00", r"\x9b31m \x7f\x00", id="C1, DEL and NUL"),
        pytest.param("one\ntwo\r\nthree\rfour", r"one⏎two⏎three\rfour", id="line breaks"),
        pytest.param("a\tb\x0bc\x0cd", r"a⇥b\x0bc\x0cd", id="tabs"),
        pytest.param("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d", id="hidden line breaks"),
        pytest.param("\u202eTXT.EXE\u2066", r"\u202eTXT.EXE\u2066", id="bidi"),
        pytest.param("+40\u200b722\u200c000", r"+40\u200b722\u200c000", id="zero width in a number"),
        pytest.param("+4072\ufe0f2", r"+4072\ufe0f2", id="selector in a number"),
        pytest.param("👍\U000e0041\U000e0042", r"👍\U000e0041\U000e0042", id="tags"),
        pytest.param("x\ud800y", r"x\ud800y", id="lone surrogate"),
        pytest.param("\ue000\U0010ffff\u0378", r"\ue000\U0010ffff\u0378", id="private and unassigned"),
        pytest.param("\u3164\u115f\u2800\xad", r"\u3164\u115f\u2800\xad", id="fillers"),
        pytest.param("👩\u200d❤\ufe0f\u200d👨", "👩❤👨", id="joined emoji"),
        pytest.param("👍🏽 1\ufe0f\u20e3", "👍 1\u20e3", id="skin tone and keycap"),
        pytest.param("a🏽", r"a\U0001f3fd", id="skin tone on a letter"),
        pytest.param("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e", id="persian joiner"),
        pytest.param("❤" + "\ufe0f" * 5, "❤" + r"\ufe0f" * 2, id="a run of selectors"),
        pytest.param("e" + "\u0301" * 60 + "x", "e" + "\u0301" * 4 + "…x", id="zalgo"),
        pytest.param("\u0301\u0302x", r"\u0301\u0302x", id="marks on nothing"),
        pytest.param("[/b] [@click=app.quit]", "[/b] [@click=app.quit]", id="markup passes"),
        pytest.param("", "", id="empty"),
    ],
)
def test_one_line_shows_what_arrived(raw: str, shown: str) -> None:
    assert safe_line(raw) == shown


@pytest.mark.parametrize(
    ("raw", "limit", "shown"),
    [
        pytest.param("abcdef", 6, "abcdef", id="fits"),
        pytest.param("abcdefg", 6, "abcde…", id="one too many"),
        pytest.param("abc\x1bdef", 6, "abc…", id="an escape is never cut in half"),
        pytest.param("\x1b", 1, "…", id="no room at all"),
        pytest.param("x" * 1_000_000, 3, "xx…", id="a megabyte"),
    ],
)
def test_a_cut_line_says_so(raw: str, limit: int, shown: str) -> None:
    assert safe_line(raw, limit) == shown


def test_a_block_keeps_its_lines_and_expands_tabs() -> None:
    assert safe_block("a\tb\r\n\tc\x1b[2J\rd") == "a   b\n    c\\x1b[2J\\rd"


def test_a_long_block_says_how_much_is_missing() -> None:
    shown = safe_block("0123456789\n" * 1000, max_lines=5)
    assert shown.splitlines() == ["0123456789"] * 4 + ["… 10,957 more characters are not shown"]


def test_a_block_without_breaks_is_cut_by_its_length() -> None:
    shown = safe_block("x" * 1_000_000, max_chars=1000)
    assert len(shown) <= 1000
    assert shown.endswith("x\n… 999,064 more characters are not shown")


def test_a_block_too_small_for_the_notice_ends_in_a_sign() -> None:
    assert safe_block("one\ntwo\nthree", max_lines=1) == "one…"
    assert safe_block("abcdef", max_chars=4) == "abc…"


@given(HOSTILE, st.integers(1, 200))
def test_a_line_is_harmless_short_and_stable(raw: str, limit: int) -> None:
    shown = safe_line(raw, limit)
    assert harmless(shown)
    assert len(shown) <= limit
    assert safe_line(shown, limit) == shown
    shown.encode()


@given(HOSTILE, st.integers(1, 300), st.integers(1, 12))
def test_a_block_is_harmless_short_and_stable(raw: str, max_chars: int, max_lines: int) -> None:
    shown = safe_block(raw, max_chars=max_chars, max_lines=max_lines)
    assert harmless(shown.replace("\n", ""))
    assert len(shown) <= max_chars
    assert shown.count("\n") < max_lines
    assert safe_block(shown, max_chars=max_chars, max_lines=max_lines) == shown


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=160))
def test_printable_ascii_is_left_alone(raw: str) -> None:
    assert safe_line(raw) == raw
    assert safe_block(raw) == raw


@pytest.mark.parametrize("char", ["x", "\x1b", "漢", "\u0301", "\ufdfd", "\u200d", "\n", "\t"])
def test_a_megabyte_costs_no_more_than_what_is_shown(char: str) -> None:
    raw = "a" + char * 1_000_000
    started = time.process_time()
    safe_line(raw)
    safe_block(raw)
    assert time.process_time() - started < 0.25

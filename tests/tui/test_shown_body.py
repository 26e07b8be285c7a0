from __future__ import annotations

import json

import pytest

from smswatch.masking import mask_text
from smswatch.tui import ink
from smswatch.tui.pretty import MAX_LINES, ValueWriter
from smswatch.tui.shown_body import ShownBody, View, body_text, shown_body

PLAIN = ValueWriter()
MASKED = ValueWriter("3234", mask_text)
JSON, XML, FORM = "body, JSON", "body, XML", "body, form"
AS_IT_CAME, BYTE_BY_BYTE = "body, as it came", "body, byte by byte"


def text_of(body: ShownBody) -> str:
    return "\n".join("  " * row.depth + row.content.plain for row in body.lines)


@pytest.mark.parametrize(
    ("body", "title", "text"),
    [
        pytest.param(b'[{"id_sms":3234}]', JSON, '[\n  {\n    "id_sms": 3234\n  }\n]', id="json"),
        pytest.param(b'{"a":{},"b":[]}', JSON, '{\n  "a": {},\n  "b": []\n}', id="empty ones"),
        pytest.param(
            b"[18446744073709551617,1e999]", JSON, "[\n  18446744073709551617,\n  1e999\n]", id="any number"
        ),
        pytest.param(b'{"a":1,"a":2}', JSON, '{\n  "a": 1,\n  "a": 2\n}', id="a key twice"),
        pytest.param('"Mărțișor"'.encode(), AS_IT_CAME, '"Mărțișor"', id="a lone scalar"),
        pytest.param(b'["\\u0103\\ud83d\\udc4d"]', JSON, '[\n  "ă👍"\n]', id="escapes are read"),
        pytest.param('\ufeff["x"]'.encode("utf-16"), JSON, '[\n  "x"\n]', id="utf-16"),
        pytest.param(b"<a><b>x</b><c/></a>", XML, "<a>\n  <b>x</b>\n  <c />\n</a>", id="xml"),
        pytest.param(
            b"<r>.<s t='1'>d</s></r>", XML, "<r>\n  .\n  <s t='1'>d</s>\n</r>", id="the vendor's dot"
        ),
        pytest.param(b"<a>&lol;</a>", XML, "<a>&lol;</a>", id="an entity is not expanded"),
        pytest.param(
            '<?xml version="1.0" encoding="windows-1251"?><a>Да</a>'.encode("cp1251"),
            XML,
            '<?xml version="1.0" encoding="windows-1251"?>\n<a>Да</a>',
            id="windows-1251",
        ),
        pytest.param(b"uuid=1&b=%C4%83+x&c=", FORM, "uuid  1\nb     ă x\nc     empty", id="form"),
        pytest.param(b"n=+40", FORM, 'n  " 40"', id="a lost plus is seen"),
        pytest.param(b"hello", AS_IT_CAME, "hello", id="words"),
        pytest.param(b'{"a":', AS_IT_CAME, '{"a":', id="broken json"),
        pytest.param(b"<a><b></a>", AS_IT_CAME, "<a><b></a>", id="broken xml"),
        pytest.param(b"{\x1b[2J}", AS_IT_CAME, r"{\x1b[2J}", id="hostile"),
    ],
)
def test_a_body_is_laid_out_by_what_it_is(body: bytes, title: str, text: str) -> None:
    shown = shown_body(body, "", View.PRETTY, PLAIN)
    assert (shown.title, text_of(shown)) == (title, text)


def test_what_is_not_what_it_looks_like_says_where() -> None:
    shown = shown_body(b'{"a" 1}', "application/json", View.PRETTY, PLAIN)
    assert shown.note == "a colon is missing at character 6; shown as it came"


def test_bytes_that_are_no_text_are_shown_one_by_one() -> None:
    shown = shown_body(bytes(range(128, 148)), "", View.PRETTY, PLAIN, bytes_per_row=16)
    assert (shown.title, shown.note) == (BYTE_BY_BYTE, "this is not text")
    assert text_of(shown).splitlines()[1].split() == ["000010", "90", "91", "92", "93", "····"]


def test_r_goes_round_the_three_views() -> None:
    views = [View.PRETTY, View.RAW, View.BYTES]
    assert [view.following for view in views] == [View.RAW, View.BYTES, View.PRETTY]
    assert shown_body(b"[1]", "", View.RAW, PLAIN).title == AS_IT_CAME
    assert shown_body(b"[1]", "", View.BYTES, PLAIN).title == BYTE_BY_BYTE


def test_a_body_too_long_to_show_says_how_much_is_missing() -> None:
    shown = shown_body(b"[" + b"1," * 5000 + b"1]", "", View.PRETTY, PLAIN)
    assert len(shown.lines) <= MAX_LINES
    assert shown.missing is not None
    assert "more characters are not shown" in shown.missing


def test_masking_covers_a_long_value_of_which_much_cannot_be_seen() -> None:
    joined = "é\u200d" * 1000 + "Ana 0722334455"
    shown = text_of(shown_body(json.dumps([joined]).encode(), "", View.PRETTY, MASKED))
    assert "Ana" not in shown
    assert "0722334455" not in shown


def test_masking_covers_values_and_leaves_the_message_in_hand_marked() -> None:
    shown = shown_body(b'[{"id":"3234","to":"+40722334455","n":7}]', "", View.PRETTY, MASKED)
    text = text_of(shown)
    assert '"3234"' in text
    assert "722" not in text
    marked = [row.content for row in shown.lines if "3234" in row.content.plain]
    assert any(span.style == ink.MARK for content in marked for span in content.spans)


@pytest.mark.parametrize(
    ("body", "view"),
    [
        pytest.param(b'{"to":"+40722', View.PRETTY, id="broken"),
        pytest.param(b"call +40722334455", View.PRETTY, id="words"),
        pytest.param(b'{"to":"+40722334455"}', View.RAW, id="raw"),
        pytest.param(b'{"to":"+40722334455"}', View.BYTES, id="bytes"),
        pytest.param(b"\x00\x01\xff", View.PRETTY, id="no text"),
    ],
)
def test_masking_hides_what_it_cannot_take_apart(body: bytes, view: View) -> None:
    shown = shown_body(body, "", view, MASKED)
    assert shown.lines == ()
    assert "hidden while numbers and texts are masked" in (shown.note or "")


def test_a_byte_that_belongs_to_no_character_is_spelled() -> None:
    assert body_text(b"M\xe3r\xfei\xbaor in Iasi") == r"M\xe3r\xfei\xbaor in Iasi"
    assert body_text(bytes(range(128, 148))) is None

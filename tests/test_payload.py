from __future__ import annotations

import codecs
import json
import subprocess
import sys
from itertools import chain
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch import payload
from smswatch.errors import PayloadError
from smswatch.payload import (
    LONGEST_ID,
    MOST_FIELDS,
    IntegerText,
    flat_fields,
    id_of,
    looks_like_xml,
    read_form,
    read_json,
    read_xml,
    text_of,
)

CANARY = "q7zcanary"


# --- JSON


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_is_read_in_every_unicode_encoding(codec: str) -> None:
    assert read_json('{"state":"доставлено 👍"}'.encode(codec)) == {"state": "доставлено 👍"}


@pytest.mark.parametrize(
    "digits", ["9223372036854775807", "18446744073709551616", "-7", "1234567890" * 12, "9" * 4000]
)
def test_integers_of_any_size_stay_exact(digits: str) -> None:
    assert read_json(f"[{digits}]".encode()) == [int(digits)]
    assert id_of(int(digits)) == digits


def test_an_integer_that_python_will_not_convert_is_kept_as_its_digits() -> None:
    digits = "9" * 5000
    read = read_json(f"[{digits}]".encode())
    assert read == [digits]
    assert isinstance(read, list)
    assert isinstance(read[0], IntegerText)
    assert id_of(read[0]) == digits


def test_a_lone_surrogate_passes() -> None:
    assert read_json(b'"x\\ud83d"') == "x\ud83d"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "the body is empty", id="empty"),
        pytest.param(b"receiver%5B'mcc'%5D=226", "line 1 column 1; it looks like a form", id="a form"),
        pytest.param(b" \r\n<a/>", "line 2 column 1; it looks like XML", id="XML"),
        pytest.param(b" \r\n\t", "the body is empty", id="white-space"),
        pytest.param(b"[1,\n2", "line 2 column 2", id="truncated"),
        pytest.param(b'{"a":1}\n{"a":2}', "line 2 column 1", id="two-documents"),
        pytest.param(b'["NaN", NaN]', "character 9", id="nan"),
        pytest.param(b'["\\"-Infinity", -Infinity]', "character 17", id="infinity"),
        pytest.param(b'["\xe4\xee"]', "byte 3", id="not-utf-8"),
        pytest.param(b'{"a":"x\ny"}', "line 1 column 8", id="raw-line-break"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="nested"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested too deeply", id="nested-objects"),
    ],
)
def test_what_is_not_json_is_refused_with_its_position(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError, match=reason):
        read_json(body)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_written_is_json_read(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param(3234, "3234", id="integer"),
        pytest.param(-7, "-7", id="negative"),
        pytest.param(" 3234\n", "3234", id="padded-text"),
        pytest.param("x" * LONGEST_ID, "x" * LONGEST_ID, id="longest"),
        pytest.param(" " + "x" * LONGEST_ID + " ", "x" * LONGEST_ID, id="longest-padded"),
        pytest.param("x" * (LONGEST_ID + 1), None, id="too-long"),
        pytest.param("", None, id="empty"),
        pytest.param(" \t", None, id="white-space"),
        pytest.param(True, None, id="true"),
        pytest.param(1.0, None, id="fraction"),
        pytest.param(None, None, id="null"),
        pytest.param({}, None, id="object"),
        pytest.param([1], None, id="array"),
    ],
)
def test_an_id_is_an_integer_or_a_short_text(value: object, found: str | None) -> None:
    assert id_of(value) == found


def test_only_texts_and_integers_are_text() -> None:
    assert text_of("03") == "03"
    assert text_of(3) == "3"
    assert isinstance(text_of(3), IntegerText)
    assert [text_of(value) for value in (None, True, 1.5, ["a"], {"a": 1})] == [None] * 5


def test_an_object_reads_as_the_form_that_php_would_make_of_it() -> None:
    document = {"uuid": "u", "delivered_at": None, "receiver": {"number": 40722334455, "mnc": "03", "x": {}}}
    fields = flat_fields(document)
    assert fields == {"uuid": "u", "receiver[number]": "40722334455", "receiver[mnc]": "03"}
    assert isinstance(fields["receiver[number]"], IntegerText)


# --- forms


@pytest.mark.parametrize(
    "key",
    [
        "receiver[number]",
        "receiver['number']",
        'receiver["number"]',
        "receiver%5Bnumber%5D",
        "receiver%5B%27number%27%5D",
        "receiver%5B%22number%22%5D",
        "receiver%5bnumber%5d",
    ],
)
def test_phps_bracket_keys_come_out_alike(key: str) -> None:
    assert read_form(f"{key}=1".encode()) == {"receiver[number]": "1"}


def test_plus_and_percent_are_decoded_and_half_an_escape_is_left() -> None:
    assert read_form(b"a=1+2%2B3%20&b=100%&c=%zz&d&=e") == {
        "a": "1 2+3 ",
        "b": "100%",
        "c": "%zz",
        "d": "",
        "": "e",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        pytest.param("Mărțișor".encode(), "", "Mărțișor", id="utf-8"),
        pytest.param("Mărțișor".encode(), "text/plain; charset=iso-8859-2", "Mărțișor", id="utf-8-wins"),
        pytest.param("ăţî".encode("iso-8859-2"), "", "ăţî", id="latin-2"),
        pytest.param("„ţară”".encode("windows-1250"), "", "„ţară”", id="windows-1250"),
        pytest.param(b"\xe3\x81", "", "ă\x81", id="undefined-in-windows-1250"),
        pytest.param(
            "Mărțișor".encode("iso-8859-16"), 'x/y; charset="ISO-8859-16"', "Mărțișor", id="declared"
        ),
        pytest.param("привет".encode("windows-1251"), "x/y;charset=windows-1251", "привет", id="cyrillic"),
        pytest.param("ăţî".encode("iso-8859-2"), "x/y; charset=utf8mb4", "ăţî", id="unknown-charset"),
        pytest.param("ăţî".encode("iso-8859-2"), "x/y; charset=rot13", "ăţî", id="not-a-charset"),
    ],
)
def test_a_form_is_text_in_the_charset_that_fits(body: bytes, content_type: str, text: str) -> None:
    assert read_form(b"body=" + body, content_type) == {"body": text}
    escaped = "".join(f"%{byte:02X}" for byte in body)
    assert read_form(f"body={escaped}".encode(), content_type) == {"body": text}


def test_of_a_repeated_field_the_last_counts_unless_it_must_come_once() -> None:
    assert read_form(b"tag=1&tag=2") == {"tag": "2"}
    assert read_form(b"uuid=a&x=&uuid=a", once=frozenset({"uuid"})) == {"uuid": "a", "x": ""}
    with pytest.raises(PayloadError, match="field 3: uuid comes a second time"):
        read_form(b"uuid=a&x=&uuid=b", once=frozenset({"uuid"}))


def test_line_breaks_and_a_byte_order_mark_around_a_form_are_not_part_of_it() -> None:
    assert read_form(codecs.BOM_UTF8 + b"a=1&b=2\r\n") == {"a": "1", "b": "2"}


def test_a_form_of_too_many_fields_is_refused() -> None:
    assert len(read_form(b"&".join(b"%d=" % n for n in range(MOST_FIELDS)))) == MOST_FIELDS
    with pytest.raises(PayloadError, match="more than 1000 fields"):
        read_form(b"&" * MOST_FIELDS)


def test_a_multipart_form_is_read_by_its_first_line() -> None:
    parts = b"".join(
        b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % part
        for part in [(b"receiver['number']", b"+40722334455"), (b"body", b"two\r\nlines"), (b"empty", b"")]
    )
    fields = {"receiver[number]": "+40722334455", "body": "two\r\nlines", "empty": ""}
    assert read_form(parts + b"--b--\r\n") == fields
    assert read_form(parts + b"--b--") == fields
    assert read_form(b"--") == {}


@given(st.binary())
def test_any_bytes_are_a_form_of_some_kind(body: bytes) -> None:
    fields = read_form(body)
    assert all(isinstance(text, str) for text in chain(fields, fields.values()))


# --- XML


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<r><s>deliver</s></r>", id="bare"),
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0"?><r><s>deliver</s></r>', id="byte-order-mark"),
        pytest.param(b'\r\n <?xml version="1.0"?><r><s>deliver</s></r>\n', id="leading-white-space"),
        pytest.param(b'\n\xef\xbb\xbf\n<?xml version="1.0"?><r><s>deliver</s></r>', id="both"),
        pytest.param(b"<r><!-- c --><?p q?><s>de<!-- c -->li<?p?>ver</s></r><!-- c -->", id="comments"),
        pytest.param("<r><s>deliver</s></r>".encode("utf-16"), id="utf-16"),
        pytest.param(b"<r><s><![CDATA[deliver]]></s></r>", id="cdata"),
    ],
)
def test_xml_is_read_in_whatever_wrapping(body: bytes) -> None:
    assert looks_like_xml(body)
    root = read_xml(body)
    assert [(child.tag, child.text) for child in root] == [("s", "deliver")]


def test_a_declared_encoding_is_used() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><r>доставлено</r>'.encode("windows-1251")
    assert read_xml(body).text == "доставлено"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a":"<"}', b"uuid=<"])
def test_other_formats_do_not_look_like_xml(body: bytes) -> None:
    assert not looks_like_xml(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "line 1 column 1", id="empty"),
        pytest.param(b"\n\n<r>\n<s>&</s></r>", "line 4 column", id="ampersand-after-blank-lines"),
        pytest.param(b"<r>\n<s>x</r>", "line 2 column", id="mismatch"),
        pytest.param(b"<r/><r/>", "line 1 column 5", id="two-roots"),
        pytest.param(b"<r/>\x00", "line 1 column 5", id="nul-after"),
        pytest.param(b'<r a="1" a="2"/>', "attribute redefined: line 1", id="attribute-twice"),
        pytest.param(b"<r>&nbsp;</r>", "undeclared entity: line 1", id="undeclared-entity"),
        pytest.param(b'<?xml version="1.0" encoding="nope"?><r/>', "unsupported encoding", id="encoding"),
        pytest.param(b'<?xml version="1.0" encoding="utf-8"?><r>\xe4</r>', "line 1", id="not-utf-8"),
        pytest.param(b"<r>" * 300, "line 1", id="nested"),
        pytest.param(b"<!DOCTYPE r><r/>", "DOCTYPE is refused", id="doctype"),
        pytest.param(
            b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "DOCTYPE is refused", id="external-dtd"
        ),
        pytest.param(b'<!DOCTYPE r [<!ENTITY a "x">]><r>&a;</r>', "DOCTYPE is refused", id="entity"),
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>',
            "DOCTYPE",
            id="external-entity",
        ),
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><r/>',
            "DOCTYPE",
            id="parameter-entity",
        ),
    ],
)
def test_what_is_not_plain_well_formed_xml_is_refused_with_its_position(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError, match=reason):
        read_xml(body)


def test_a_billion_laughs_are_refused() -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(PayloadError):
        read_xml(f"<!DOCTYPE r [{entities}]><r>&a9;</r>".encode())


@pytest.mark.parametrize(
    "body",
    [
        f'{{"{CANARY}":}}',
        f'["{CANARY}',
        f'["\\{CANARY}"]',
        f"<{CANARY}><x></{CANARY}>",
        f"<r {CANARY}='1' {CANARY}='2'/>",
        f"<r>&{CANARY};</r>",
        f'<?xml version="1.0" encoding="{CANARY}"?><r/>',
        f"<{CANARY}:r/>",
        f"<!DOCTYPE {CANARY}><r/>",
    ],
)
def test_a_reason_never_echoes_the_input(body: str) -> None:
    read = read_xml if looks_like_xml(body.encode()) else read_json
    with pytest.raises(PayloadError) as raised:
        read(body.encode())
    assert CANARY not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("pad", [0, 5000], ids=["short", "long"])
@pytest.mark.parametrize("quoted", ["%41", "%c8%9b", "%", "%4", "%zz", "%%41", "a%2", "%E6%BC%A2", "%00x"])
def test_a_long_value_is_unquoted_as_a_short_one(quoted: str, pad: int) -> None:
    body = f"k={'x' * pad}{quoted}{'%41' * pad}"
    assert read_form(body.encode())["k"] == "x" * pad + unquote(quoted) + "A" * pad


@pytest.mark.parametrize("quoted", ["%41", "%4", "%", "%%41", "=", "%3D", "%c8%9b"])
@pytest.mark.parametrize("before", range(-4, 2))
def test_a_long_value_is_unquoted_in_pieces_that_cut_no_escape(quoted: str, before: int) -> None:
    text = "x" * (payload._PIECE + before) + quoted * 3 * payload._PIECE
    assert read_form(f"k={text}".encode())["k"] == unquote(text)
    name = text.replace("=", "-")
    assert read_form(f"{name}=v".encode()) == {unquote(name): "v"}


READ_HEADS = r"""
from smswatch import payload
from smswatch.payload import read_form
for head in (b"form-data;" * 25_000, b"form-data; name=" * 16_000, b"form-data;" + b' name="a' * 30_000):
    read_form(b"--x\r\n" + head)
"""


def test_a_part_of_a_form_whose_head_was_made_to_be_slow_holds_nothing_up() -> None:
    # Where the time rises with the square of the length, these take minutes, in which nothing else runs.
    subprocess.run([sys.executable, "-c", READ_HEADS], check=True, timeout=30)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'Content-Disposition: form-data; name="uuid"', "uuid"),
        (b'content-disposition: FORM-DATA; filename="x"; NAME="uuid"', "uuid"),
        (b'X-Note: form-data;\r\nContent-Disposition: form-data; name="uuid"\r\nX: name="y"', "uuid"),
    ],
)
def test_a_part_of_a_form_is_named_behind_its_disposition(head: bytes, name: str) -> None:
    assert read_form(b"--x\r\n" + head + b"\r\n\r\n1\r\n--x--") == {name: "1"}

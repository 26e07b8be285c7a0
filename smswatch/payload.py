"""Payload reading: bytes to JSON, form or XML, or PayloadError naming the position and never echoing input.

The content type is never trusted; the bytes decide. Everything here may be handed anything at all.
"""

from __future__ import annotations

import binascii
import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote_to_bytes

import msgspec

from smswatch.errors import PayloadError

if TYPE_CHECKING:
    from lxml import etree

LONGEST_ID = 128
"""Characters of a text that may still be the id of a message."""

MOST_FIELDS = 1000
"""Fields of a form; PHP, which most senders of forms are written in, stops at the same number."""

_WHITE_SPACE = b" \t\r\n"


class IntegerText(str):
    """The digits of a JSON integer, where an `int` would not do."""

    __slots__ = ()


# --- JSON ------------------------------------------------------------------------------------------------

_LONGEST_INT = 4000
"""Digits. Python refuses to turn longer ones into an `int` and back."""

_decode_json = msgspec.json.Decoder().decode


def read_json(body: bytes | str) -> object:
    """Return the value of one JSON document in UTF-8, UTF-16 or UTF-32.

    Integers of any size stay exact: as `int`, or as `IntegerText` beyond what Python converts. Lone
    surrogates pass, as `json` lets them. NaN, Infinity and anything after the document are refused.
    """
    try:
        return _decode_json(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        # msgspec is fast and strict: it also refuses a BOM, lone surrogates and integers beyond 4300 digits.
        return _read_json_exactly(body)


def _read_json_exactly(body: bytes | str) -> object:
    if not body.strip():
        raise PayloadError("the body is empty")
    try:
        return json.loads(body, parse_int=_integer, parse_constant=_refuse_constant)
    except _ConstantError:
        raise PayloadError(
            f"not JSON: NaN and Infinity do not exist in it (character {_constant_position(body)})"
        ) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise PayloadError(f"not JSON: {error.msg}: {where}{_other_format(body)}") from None
    except UnicodeDecodeError as error:
        raise PayloadError(f"not JSON: byte {error.start + 1} is not {error.encoding}") from None
    except RecursionError:
        raise PayloadError("not JSON that can be read: brackets are nested too deeply") from None


_FORM_START = re.compile(rb"[\w.%\[\]'\"+-]{1,64}=")


def _other_format(body: bytes | str) -> str:
    """Say what else a body looks like: most often the URL of another provider was pasted."""
    start = (body.encode("utf-8", "replace") if isinstance(body, str) else body)[:100].lstrip(_WHITE_SPACE)
    if start.startswith(b"<"):
        return "; it looks like XML"
    return "; it looks like a form" if _FORM_START.match(start) else ""


class _ConstantError(ValueError):
    """NaN or Infinity where JSON has no such word."""


def _refuse_constant(_: str) -> NoReturn:
    raise _ConstantError


_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"|(?P<constant>NaN|-?Infinity)', re.DOTALL)


def _constant_position(body: bytes | str) -> int:
    text = body if isinstance(body, str) else body.decode(json.detect_encoding(body), "replace")
    found = (match for match in _STRING_OR_CONSTANT.finditer(text) if match["constant"])
    first = next(found, None)
    return first.start() + 1 if first else 1


def _integer(digits: str) -> int | IntegerText:
    return int(digits) if len(digits) <= _LONGEST_INT else IntegerText(digits)


def text_of(value: object) -> str | None:
    """Return a JSON string as it is and an integer as its digits; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return IntegerText(value)
    return None


def id_of(value: object) -> str | None:
    """Return an id as trimmed text: an integer of any size, or a text of 1 to 128 characters; else None."""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if isinstance(value, IntegerText) or 0 < len(text) <= LONGEST_ID else None


def flat_fields(document: Mapping[str, object]) -> dict[str, str]:
    """Return a JSON object as the form that PHP would make of it: `{"a": {"b": "c"}}` is `a[b]=c`.

    What a form cannot say (null, booleans, fractions, arrays, a third level) is left out.
    """
    fields: dict[str, str] = {}
    for key, value in document.items():
        inner = (
            [(f"{key}[{name}]", part) for name, part in value.items()]
            if isinstance(value, dict)
            else [(key, value)]
        )
        for name, part in inner:
            text = text_of(part)
            if text is not None:
                fields[name] = text
    return fields


# --- forms -----------------------------------------------------------------------------------------------

_CHARSETS = frozenset(
    ("iso-8859-1", "iso-8859-2", "iso-8859-16", *(f"windows-{page}" for page in range(1250, 1259)))
)
"""What a sender may declare where its bytes are not UTF-8."""

_FALLBACKS = ("windows-1250", "iso-8859-2")
"""Central European text that nobody declared, such as Romanian: ă â î ş ţ are the same bytes in both, and the
second, which has no undefined byte, takes what the first cannot."""


def read_form(body: bytes, content_type: str = "", *, once: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the fields of a form, urlencoded or multipart, in UTF-8 or else in a charset that fits.

    PHP's bracket keys come out unquoted: `receiver['number']` is `receiver[number]`. Of a field that is
    repeated the last one counts, as in PHP; for the names in `once`, two different values are refused.
    """
    body = body.strip(b"\r\n").removeprefix(codecs.BOM_UTF8)
    pairs = list(_multipart_pairs(body)) if body.startswith(b"--") else _urlencoded_pairs(body)
    if len(pairs) > MOST_FIELDS:
        raise PayloadError(f"a form of more than {MOST_FIELDS} fields")
    try:
        return _decoded(pairs, "utf-8", once)
    except UnicodeDecodeError:
        pass
    for charset in (*_declared_charset(content_type), *_FALLBACKS):
        try:
            return _decoded(pairs, charset, once)
        except UnicodeDecodeError:
            continue
    raise AssertionError("iso-8859-2 decodes every byte")


_Pair = tuple[str, bytes]


def _urlencoded_pairs(body: bytes) -> list[_Pair]:
    pairs = []
    for field in body.replace(b"+", b" ").split(b"&", MOST_FIELDS):
        name, _, value = field.partition(b"=")
        key = _key(name) if len(name) <= _LONGEST_KNOWN_KEY else _key.__wrapped__(name)
        pairs.append((key, _unquoted(value) if b"%" in value else value))
    return pairs


_LONG = 1024
_PIECE = 8 * 1024
"""Bytes that C reads at one go, some milliseconds at worst: meanwhile no other thread goes on."""
_NOT_QUOTED = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _unquoted(value: bytes) -> bytes:
    """Do what `unquote_to_bytes` does; a long text by way of quoted-printable, which C reads."""
    if len(value) < _LONG:
        return unquote_to_bytes(value)
    pieces = []
    start = 0
    while start < len(value):
        end = start + _PIECE
        # No piece ends within an escape.
        cut = value.rfind(b"%", end - 2, end) if end < len(value) else -1
        end = cut if cut >= 0 else end
        whole = _NOT_QUOTED.sub(b"%25", value[start:end]).replace(b"=", b"%3D")
        pieces.append(binascii.a2b_qp(whole.replace(b"%", b"=")))
        start = end
    return b"".join(pieces)


_LONGEST_KNOWN_KEY = 64
"""Bytes of a field name that is worth remembering: the same few come with every callback."""


@lru_cache(maxsize=256)
def _key(name: bytes) -> str:
    """Return a field's name, with PHP's bracket keys unquoted. No name that we look for is beyond ASCII."""
    key = _unquoted(name).decode("utf-8", "replace")
    head, bracket, inner = key.partition("[")
    return head + bracket + inner.replace("'", "").replace('"', "")


_NAMED = re.compile(rb'\bname="([^"\r\n]*)"', re.IGNORECASE)


def _multipart_pairs(body: bytes) -> Iterator[_Pair]:
    """PHP's curl sends this where its caller passes an array; the boundary is the first line."""
    boundary, _, rest = body.partition(b"\r\n")
    for part in rest.split(b"\r\n" + boundary, MOST_FIELDS + 1):
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = _part_name(head)
        if name is not None:
            yield _key.__wrapped__(name), value


def _part_name(head: bytes) -> bytes | None:
    """Return the name behind the first `form-data;` of a line, in a time that is proportional to the head's length.

    One pattern for both would look for a name from each `form-data;` to the line's end.
    """
    for line in head.splitlines():
        start = line.lower().find(b"form-data;")
        found = _NAMED.search(line, start) if start >= 0 else None
        if found is not None:
            return found[1]
    return None


def _declared_charset(content_type: str) -> list[str]:
    declared = content_type.casefold().partition("charset=")[2].partition(";")[0].strip(" \t\"'")
    return [declared] if declared in _CHARSETS else []


def _decoded(pairs: Iterable[_Pair], charset: str, once: frozenset[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for position, (key, value) in enumerate(pairs, start=1):
        text = value.decode(charset)
        if key in once and fields.get(key, text) != text:
            raise PayloadError(f"field {position}: {key} comes a second time with another value")
        fields[key] = text
    return fields


# --- XML -------------------------------------------------------------------------------------------------

_XML_STARTS = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"<\x00", b"\x00<")


@lru_cache(maxsize=1)
def _xml_parser() -> etree.XMLParser:
    # Never `collect_ids=False` (it opens local DTD files) and never `recover=True` (it drops data silently).
    from lxml import etree  # noqa: PLC0415 - as in `read_xml`

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def looks_like_xml(body: bytes) -> bool:
    """Tell by the first character that is not white space."""
    return _trimmed(body).startswith(_XML_STARTS)


def read_xml(body: bytes) -> etree._Element:
    """Return the root element, without comments and processing instructions.

    A byte order mark and white space before the declaration pass. Any DOCTYPE is refused: with it could come
    entities, and a text with an entity in it reads as cut short.
    """
    from lxml import etree  # noqa: PLC0415 - 20 ms that the first frame need not wait for

    document = _trimmed(body)
    try:
        root = etree.fromstring(document, _xml_parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        before = body[: len(body) - len(document)].count(b"\n")
        raise PayloadError(
            f"not well-formed XML: {_kind(error)}: line {(line or 1) + before} column {column or 1}"
        ) from None
    except (ValueError, LookupError):
        raise PayloadError("not well-formed XML: line 1") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise PayloadError("XML with a DOCTYPE is refused: line 1")
    return root


def _trimmed(body: bytes) -> bytes:
    return body.lstrip(_WHITE_SPACE).removeprefix(codecs.BOM_UTF8).lstrip(_WHITE_SPACE)


def _kind(error: etree.XMLSyntaxError) -> str:
    """Say what is wrong without the message, which quotes the document."""
    last = error.error_log.last_error
    name = last.type_name if last is not None else "ERR_SYNTAX"
    return name.removeprefix("ERR_").replace("_", " ").lower()

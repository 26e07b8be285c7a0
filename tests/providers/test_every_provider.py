"""What every provider keeps to: found by walking the folder, with nothing listed here."""

import contextlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.errors import PayloadError
from smswatch.model import Reading, Status, WebhookRequest
from smswatch.payload import LONGEST_ID
from smswatch.provider import ErrorCode, Provider, explained
from smswatch.providers import all_providers

SAMPLES = Path(__file__).parents[2] / "sample_payloads"
PROVIDERS = list(all_providers().values())
each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


def request_of(provider: Provider, body: bytes, **fields: str) -> WebhookRequest:
    return WebhookRequest(
        method=fields.get("method", "POST"),
        path=provider.path,
        query=fields.get("query", ""),
        headers=(("Content-Type", fields.get("content_type", "text/plain")),),
        body=body,
        arrived_ms=0,
    )


def samples(provider: Provider) -> dict[str, bytes]:
    """Every sample of a provider by its path below the provider's folder."""
    folder = SAMPLES / provider.name
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "expected.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def readings(provider: Provider) -> Iterator[Reading]:
    """Read those samples that can be read."""
    for body in samples(provider).values():
        with contextlib.suppress(PayloadError):
            yield provider.parse(request_of(provider, body))


def expected(provider: Provider) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / provider.name / "expected.json").read_text("utf-8"))
    return found


EVERY_SAMPLE = [
    pytest.param(provider, name, body, id=f"{provider.name}/{name}")
    for provider in PROVIDERS
    for name, body in samples(provider).items()
]


@each_provider
def test_a_provider_is_named_like_its_file(provider: Provider) -> None:
    module = __import__(f"smswatch.providers.{provider.name}", fromlist=["PROVIDER"])
    assert module.PROVIDER is provider


@each_provider
def test_a_provider_tells_people_what_they_need(provider: Provider) -> None:
    assert provider.docs.startswith("https://")
    assert provider.setup.endswith(".")
    assert all(known.meaning for known in provider.words.values())
    assert all(word == word.strip().casefold() for word in provider.words)


@each_provider
def test_every_word_for_a_failure_is_explained(provider: Provider) -> None:
    failures = {word for word, known in provider.words.items() if known.status.is_failure}
    assert failures <= set(provider.codes)
    for code, told in provider.codes.items():
        assert code == code.strip().casefold()
        for sentence in (told.meaning, told.cause, told.check):
            assert sentence == sentence.strip()
            assert sentence.isprintable()
            assert not sentence.endswith(".")


@each_provider
def test_every_failure_in_the_samples_is_explained(provider: Provider) -> None:
    for reading in readings(provider):
        for report in reading.reports:
            if report.status.is_failure:
                assert explained(provider.codes, report.error_code, report.provider_status)


@pytest.mark.parametrize(
    ("code", "word", "meaning"),
    [
        pytest.param("9", "x", "nine", id="by the code"),
        pytest.param(None, " ERROR ", "word", id="by the word where there is no code"),
        pytest.param("77", "error", "word", id="by the word where the code is not known"),
        pytest.param("77", "x", None, id="not at all"),
    ],
)
def test_a_code_is_explained(code: str | None, word: str, meaning: str | None) -> None:
    codes = {
        "9": ErrorCode(meaning="nine", cause="", check=""),
        "error": ErrorCode(meaning="word", cause="", check=""),
    }
    found = explained(codes, code, word)
    assert (found.meaning if found else None) == meaning


@each_provider
def test_the_example_of_a_provider_makes_a_row(provider: Provider) -> None:
    reading = provider.parse(request_of(provider, provider.example.encode()))
    assert reading.reports
    assert not reading.problems


@each_provider
def test_a_provider_that_sends_inbound_sms_has_an_example_of_one(provider: Provider) -> None:
    sends_inbound = any(reading.inbound for reading in readings(provider))
    assert bool(provider.inbound_example) == sends_inbound
    if provider.inbound_example:
        reading = provider.parse(request_of(provider, provider.inbound_example.encode()))
        assert reading.inbound
        assert not reading.problems


@each_provider
def test_there_is_a_sample_for_every_status_word(provider: Provider) -> None:
    seen = set()
    for reading in readings(provider):
        seen |= {report.provider_status.strip().casefold() for report in reading.reports}
    assert set(provider.words) <= seen


@each_provider
def test_every_sample_says_what_is_expected_of_it(provider: Provider) -> None:
    assert set(samples(provider)) == set(expected(provider))


@pytest.mark.parametrize(("provider", "name", "body"), EVERY_SAMPLE)
def test_a_sample_is_read_and_answered_as_expected(provider: Provider, name: str, body: bytes) -> None:
    wanted = expected(provider)[name]
    if wanted["status"] == 400:
        with pytest.raises(PayloadError, match=r"\A[^\n]+\Z"):
            provider.parse(request_of(provider, body))
        return
    reading = provider.parse(request_of(provider, body))
    assert provider.acknowledge(reading).body.decode() == wanted["answer"]
    assert (len(reading.reports), len(reading.inbound)) == (wanted["reports"], wanted["inbound"])


def read_whatever(provider: Provider, body: bytes, **fields: str) -> None:
    """Whatever the bytes: reports that can be kept, or PayloadError."""
    try:
        reading = provider.parse(request_of(provider, body, **fields))
    except PayloadError:
        return
    for report in reading.reports:
        assert report.message_id == report.message_id.strip() != ""
        assert len(report.message_id) <= LONGEST_ID or report.message_id.lstrip("-").isdecimal()
        assert isinstance(report.status, Status)
    provider.acknowledge(reading)


@each_provider
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_payload_error(provider: Provider, body: bytes) -> None:
    read_whatever(provider, body)


@lru_cache
def all_samples() -> list[bytes]:
    return [body for provider in PROVIDERS for body in samples(provider).values()]


@each_provider
@given(st.data())
def test_damaged_samples_raise_nothing_but_payload_error(provider: Provider, data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(all_samples())))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    read_whatever(provider, bytes(body))


FIELDS = st.sampled_from(
    [
        *("id_sms", "state", "time", "information", "uuid", "status", "sent_at", "delivered_at", "receiver"),
        *("receiver[number]", "sender[number]", "body", "replied_to", "received_at", "sms_id", "status_id"),
        *("status_message", "sendto", "senttime", "sim", "channel_id", "address", "date", "type", "img_url"),
        *("event", "phone", "message", "timestamp", "device_id"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("deliver"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)


@each_provider
@given(st.dictionaries(FIELDS, VALUES, max_size=8) | st.lists(VALUES, max_size=4))
def test_json_of_any_shape_raises_nothing_but_payload_error(provider: Provider, document: object) -> None:
    read_whatever(provider, json.dumps(document).encode())


@each_provider
@given(st.lists(st.tuples(FIELDS, st.text(max_size=20)), max_size=8))
def test_forms_of_any_shape_raise_nothing_but_payload_error(
    provider: Provider, pairs: list[tuple[str, str]]
) -> None:
    form = "&".join(f"{name}={value}" for name, value in pairs)
    read_whatever(provider, form.encode("utf-8", "surrogatepass"))
    if provider.delivers_by_query:
        read_whatever(provider, b"", method="GET", query=form)

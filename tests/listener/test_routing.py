"""Routing: nothing but the key opens a keyed path, and every provider has both of its paths."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch import access_key
from smswatch.listener.routing import Route, Routes
from smswatch.provider import Provider
from smswatch.providers import all_providers

PROVIDERS = all_providers()
KEY = access_key.make()
ROUTES = Routes(PROVIDERS, lambda: access_key.Keys(KEY))


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS.keys())
def test_every_provider_has_a_plain_and_a_keyed_path(provider: Provider) -> None:
    assert ROUTES.find(f"/webhooks/{provider.name}") == Route(provider)
    assert ROUTES.find(f"/{KEY}/webhooks/{provider.name}") == Route(provider, keyed=True)


@given(st.text(max_size=40).filter(lambda text: text != KEY), st.sampled_from(sorted(PROVIDERS)))
def test_no_other_word_is_the_key(word: str, provider: str) -> None:
    for spelled in (word, quote(word, safe="", errors="replace")):
        route = ROUTES.find(f"/{spelled}/webhooks/{provider}")
        assert not route.keyed
        assert route.provider is None


@given(st.lists(st.booleans(), min_size=access_key.LENGTH, max_size=access_key.LENGTH))
def test_the_key_may_be_percent_encoded_in_any_part(encoded: list[bool]) -> None:
    spelled = "".join(
        f"%{ord(letter):02x}" if odd else letter for letter, odd in zip(KEY, encoded, strict=True)
    )
    assert ROUTES.find(f"/{spelled}/webhooks/smso") == Route(PROVIDERS["smso"], keyed=True)


@given(
    st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
)
def test_any_target_leads_somewhere_or_nowhere(target: str) -> None:
    route = ROUTES.find(target)
    assert not route.keyed
    assert route.provider is None

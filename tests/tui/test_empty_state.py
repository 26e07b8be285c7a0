from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from dashboard_station import LISTENER, MakeApp, Station, running, screen_text, sees, until

from smswatch.model import Kind
from smswatch.store.window import Window
from smswatch.tui.empty_state import curl_line, empty_page
from smswatch.tui.facts import CallCounts, ProviderFacts
from smswatch.tui.setup_pane import public_url, setup_page

AWKWARD = 'it\'s `$HOME` "$(id)" \\n %s !! \n*'


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """Return a folder with a curl that only notes what it was told."""
    stand_in = tmp_path / "curl"
    stand_in.write_text(f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], sys.stdout)\n")
    stand_in.chmod(0o700)
    return tmp_path


def told_by(shell: Path, command: str) -> list[str]:
    """Run a command in a real shell; return the arguments that curl got."""
    path = f"{shell}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command], env={"PATH": path}, capture_output=True, check=True, timeout=30
    )
    arguments: list[str] = json.loads(done.stdout)
    return arguments


async def test_the_curl_command_of_every_provider_says_in_a_shell_what_makes_a_row(
    shell: Path, station: Station, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    window = Window(station.path)
    for provider in provider_facts:
        for kind in (Kind.MESSAGES, Kind.INBOUND):
            command = curl_line(kind, LISTENER, [provider])
            if command is None:
                assert kind is Kind.INBOUND
                assert not provider.inbound_example
                continue
            _, header, _, body, url = told_by(shell, command)
            assert url == f"http://127.0.0.1:7670{provider.path}"
            content_type = header.removeprefix("Content-Type: ")
            before = window.highest_id(kind)
            assert await station.receive(provider.name, body.encode(), content_type) == 200
            assert window.highest_id(kind) > before
    window.close()


async def test_y_on_the_empty_inbound_screen_copies_what_makes_an_inbound_sms(make_app: MakeApp) -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2", "y")
        await until(pilot, lambda: app.clipboard)
        assert '"body":"Thanks"' in app.clipboard
        assert '"body":"Thanks"' in screen_text(app)


def test_an_awkward_example_reaches_curl_as_it_is(
    shell: Path, provider_facts: tuple[ProviderFacts, ...]
) -> None:
    provider = msgspec.structs.replace(provider_facts[0], example=AWKWARD)
    command = curl_line(Kind.REQUESTS, LISTENER, [provider])
    assert command is not None
    assert told_by(shell, command)[3] == AWKWARD


@pytest.mark.parametrize("width", [118, 78, 40])
def test_urls_stand_whole_on_a_line_where_any_line_can_hold_them(
    provider_facts: tuple[ProviderFacts, ...], width: int
) -> None:
    pages = [empty_page(kind, LISTENER, 0, provider_facts, is_filtered=False, width=width) for kind in Kind]
    pages.append(setup_page(LISTENER, CallCounts(), provider_facts, 0, width)[0])
    for page in pages:
        lines = [line.plain.rstrip() for line in page]
        for provider in provider_facts:
            url = public_url(LISTENER, provider)
            assert any(line.endswith(url) for line in lines) or len(url) + 3 > width
        assert all(line.cell_length <= width for line in page)


def test_a_filter_that_nothing_matches_names_the_way_out() -> None:
    page = empty_page(Kind.MESSAGES, LISTENER, 0, (), is_filtered=True, width=80)
    assert "Esc clears it" in "\n".join(line.plain for line in page)


def test_what_was_refused_is_said_where_a_list_is_empty_and_why_on_setup(
    provider_facts: tuple[ProviderFacts, ...],
) -> None:
    empty = empty_page(Kind.MESSAGES, LISTENER, 1_204, provider_facts, is_filtered=False, width=80)
    assert "1,204 requests were refused; 4 says why." in "\n".join(line.plain for line in empty)
    calls = CallCounts(refusals=(("404", 1_203), ("418", 1)))
    page, _ = setup_page(LISTENER, calls, provider_facts, 0, 100)
    text = "\n".join(line.plain for line in page)
    assert "404        1,203  wrong path, or a wrong or missing key" in text
    assert "418        1  refused" in text


def test_setup_tells_the_old_keys_apart(provider_facts: tuple[ProviderFacts, ...]) -> None:
    facts = msgspec.structs.replace(LISTENER, old_keys_until_s=(1_795_600_000, 1_795_603_600))
    page, _ = setup_page(facts, CallCounts(old_key_uses=((("smso", 3),), ())), provider_facts, 0, 100)
    old = [line.plain for line in page if "old key" in line.plain]
    assert [line.partition("; ")[2] for line in old] == [
        "still used: smso 3",
        "not used since it was changed",
    ]


def test_setup_says_how_much_of_what_cannot_be_read_is_kept(
    provider_facts: tuple[ProviderFacts, ...],
) -> None:
    page, _ = setup_page(LISTENER, CallCounts(let_go=1_204), provider_facts, 0, 100)
    text = "\n".join(line.plain for line in page)
    assert "unreadable the newest 256 MB are kept; 1,204 older ones removed" in text


def test_setup_says_what_is_open_and_who_listens(provider_facts: tuple[ProviderFacts, ...]) -> None:
    opened = msgspec.structs.replace(LISTENER, is_open=True)
    page, _ = setup_page(opened, CallCounts(), provider_facts, 1, 100)
    assert "need no key. Anybody can post" in "\n".join(line.plain for line in page)
    viewer = msgspec.structs.replace(LISTENER, address=None, is_viewer=True, holder_pid=4711, public_url=None)
    page, places = setup_page(viewer, CallCounts(), provider_facts, 1, 100)
    text = "\n".join(line.plain for line in page)
    assert "Whether a key is needed is for the process that listens to say." in text
    assert "in process 4711; this window is a viewer" in text
    assert "https://YOUR-TUNNEL/abcdefghijklmnopqrstuvwxyz/webhooks/smso" in text
    assert "cloudflared tunnel --url" in text
    assert "smswatch track webcom MESSAGE_ID" in text
    assert [
        page[place.start].plain.startswith(" ▸") or page[place.start].plain.startswith("▸")
        for place in places
    ] == [number == 1 for number in range(len(provider_facts))]


@pytest.mark.parametrize(
    ("listens", "reached"),
    [
        ("http://0.0.0.0:7671", "http://127.0.0.1:7671"),
        ("http://[::]:7671", "http://[::1]:7671"),
        ("http://192.0.2.7:7671", "http://192.0.2.7:7671"),
    ],
)
def test_a_listener_on_all_addresses_is_reached_by_the_one_that_needs_no_key(
    listens: str, reached: str
) -> None:
    for facts in (
        msgspec.structs.replace(LISTENER, address=listens),
        msgspec.structs.replace(LISTENER, address=None, holder_address=listens),
    ):
        assert facts.reachable_at == reached


async def test_the_access_key_is_hidden_with_numbers_and_texts(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await sees(pilot, LISTENER.key)
        await pilot.press("*")
        await sees(pilot, "/••••••••••••/webhooks/smso")
        assert LISTENER.key not in screen_text(app)
        await pilot.press("4")
        await sees(pilot, "Callback URLs")
        assert LISTENER.key not in screen_text(app)


def test_setup_says_that_a_limit_of_age_spares_marked_messages(
    provider_facts: tuple[ProviderFacts, ...],
) -> None:
    facts = msgspec.structs.replace(LISTENER, keeps="30 days")
    page, _ = setup_page(facts, CallCounts(), provider_facts, 0, 100)
    assert any(
        "30 days; what last changed before is removed, unless it is marked (m)" in str(one) for one in page
    )

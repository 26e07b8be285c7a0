from __future__ import annotations

import pytest

from smswatch.access_key import Keys
from smswatch.listener import admission
from smswatch.listener.admission import MAX_BODY, Refusal
from smswatch.listener.limits import TokenBucket
from smswatch.listener.routing import UNKNOWN, WRONG_KEY, Route, Routes
from smswatch.providers import all_providers

KEY = "abcdefghijklmnopqrstuvwxyz"
OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba"
SMSO = all_providers()["smso"]
ROUTES = Routes(all_providers(), lambda: Keys(KEY))


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/webhooks/smso", Route(SMSO)),
        ("/webhooks/smso/", Route(SMSO)),
        ("/webhooks/smso?a=b&c", Route(SMSO)),
        ("/webhooks/%73mso", Route(SMSO)),
        ("/webhooks%2Fsmso", Route(SMSO)),
        (f"/{KEY}/webhooks/smso", Route(SMSO, keyed=True)),
        (f"/{KEY}/webhooks/smso/?x=/", Route(SMSO, keyed=True)),
        (f"/%61{KEY[1:]}/webhooks/smso", Route(SMSO, keyed=True)),
        (f"/{OTHER_KEY}/webhooks/smso", WRONG_KEY),
        (f"/{KEY.upper()}/webhooks/smso", WRONG_KEY),
        (f"/{KEY[:-1]}/webhooks/smso", WRONG_KEY),
        ("/%ff%fe/webhooks/smso", WRONG_KEY),
        ("//webhooks/smso", WRONG_KEY),
        (f"/{KEY}/webhooks/nobody", UNKNOWN),
        (f"/{KEY}/{KEY}/webhooks/smso", UNKNOWN),
        (f"/{KEY}", UNKNOWN),
        ("/webhooks/smso//", UNKNOWN),
        ("/webhooks/SMSO", UNKNOWN),
        ("/webhooks/smso/extra", UNKNOWN),
        ("/webhooks/", UNKNOWN),
        ("/webhooks/../webhooks/smso", UNKNOWN),
        ("http://127.0.0.1/webhooks/smso", UNKNOWN),
        ("webhooks/smso", UNKNOWN),
        ("/", UNKNOWN),
        ("", UNKNOWN),
        ("*", UNKNOWN),
    ],
)
def test_a_decoded_path_leads_to_a_provider_or_nowhere(target: str, route: Route) -> None:
    assert ROUTES.find(target) == route


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:7670",
        "LocalHost:1",
        "sms.localhost",
        "a.b.localhost:80",
        "127.0.0.1",
        "127.0.0.1:7670",
        "127.255.3.4",
        "[::1]",
        "[::1]:7670",
        "[0:0:0:0:0:0:0:1]:1",
    ],
)
def test_a_loopback_name_means_this_machine(host: str) -> None:
    assert admission.is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":7670",
        ".localhost",
        "example.org",
        "localhost.example.org",
        "notlocalhost",
        "127.0.0.1.example.org",
        "127.1",
        "0127.0.0.1",
        "127.0.0.256",
        "128.0.0.1",
        "0.0.0.0",  # noqa: S104 - a header, not an address to bind
        "192.168.1.10",
        "::1",
        "[::2]",
        "[::1%lo]",
        "[]",
        "[::1",
        "[::1]7670",
        "[::ffff:127.0.0.1]",
        "localhost:",
        "localhost:http",
        "localhost:80:80",
        "localhost, localhost",
        "localhost@example.org",
        "2130706433",
    ],
)
def test_any_other_name_came_from_outside(host: str) -> None:
    assert not admission.is_loopback_host(host)


LOCAL = (b"Host", b"127.0.0.1:7670")


@pytest.mark.parametrize(
    "header",
    [
        b"Forwarded",
        b"X-Forwarded-For",
        b"x-forwarded-proto",
        b"X-FORWARDED-ANYTHING",
        b"X-Real-IP",
        b"CF-Connecting-IP",
        b"cf-ray",
        b"True-Client-IP",
        b"Via",
    ],
)
def test_a_forwarding_header_tells_of_a_tunnel(header: bytes) -> None:
    head = admission.read_head([LOCAL, (header, b"")])
    assert not admission.is_from_this_machine(head, peer_is_local=True)


@pytest.mark.parametrize("header", [b"X-Forwarded", b"Forward", b"CFX", b"User-Agent", b"Accept", b"Vias"])
def test_other_headers_do_not(header: bytes) -> None:
    head = admission.read_head([LOCAL, (header, b"x")])
    assert admission.is_from_this_machine(head, peer_is_local=True)


def test_a_host_header_cannot_claim_that_another_machine_is_this_one() -> None:
    assert not admission.is_from_this_machine(admission.read_head([LOCAL]), peer_is_local=False)


@pytest.mark.parametrize("headers", [[], [LOCAL, LOCAL]], ids=["no Host", "two Hosts"])
def test_without_one_host_nothing_is_known(headers: list[tuple[bytes, bytes]]) -> None:
    assert admission.read_head(headers).host is None


def test_headers_are_kept_as_they_were_spelled_whatever_they_hold() -> None:
    head = admission.read_head(
        [(b"hOsT", b"localhost"), (b"X-Name", "Ștefan".encode()), (b"X-Bad", b"a\xffb")]
    )
    assert head.headers == (("hOsT", "localhost"), ("X-Name", "Ștefan"), ("X-Bad", "a\ufffdb"))


BROWSER = (b"Origin", b"https://example.org")
NAVIGATION = (b"Sec-Fetch-Site", b"none")
GZIP = (b"Content-Encoding", b"gzip")
LARGE = (b"Content-Length", str(MAX_BODY + 1).encode())
ABSURD = (b"Content-Length", b"9" * 5000)
FULL = (b"Content-Length", str(MAX_BODY).encode())
IDENTITY = (b"Content-Encoding", b" Identity ")


@pytest.mark.parametrize(
    ("method", "query", "by_query", "headers", "refusal"),
    [
        pytest.param("POST", False, False, [FULL, IDENTITY], None, id="a POST of 256 KiB"),
        pytest.param("POST", True, False, [], None, id="a POST with a query"),
        pytest.param("HEAD", False, False, [], None, id="HEAD"),
        pytest.param("HEAD", True, False, [], None, id="HEAD with a query"),
        pytest.param("GET", False, False, [], None, id="bare GET"),
        pytest.param("GET", True, True, [], None, id="GET with a query where it delivers"),
        pytest.param("GET", True, False, [], Refusal.METHOD, id="GET with a query elsewhere"),
        pytest.param("PUT", False, True, [], Refusal.METHOD, id="PUT"),
        pytest.param("OPTIONS", False, False, [], Refusal.METHOD, id="OPTIONS"),
        pytest.param("post", False, False, [], Refusal.METHOD, id="post in lower case"),
        pytest.param("POST", False, False, [BROWSER], Refusal.FROM_BROWSER, id="Origin"),
        pytest.param("GET", False, False, [NAVIGATION], Refusal.FROM_BROWSER, id="Sec-Fetch-Site"),
        pytest.param("POST", False, False, [GZIP], Refusal.ENCODING, id="gzip"),
        pytest.param("POST", False, False, [IDENTITY, GZIP], Refusal.ENCODING, id="identity and gzip"),
        pytest.param("POST", False, False, [LARGE], Refusal.TOO_LARGE, id="a byte too many"),
        pytest.param("POST", False, False, [ABSURD], Refusal.TOO_LARGE, id="a length of 5,000 digits"),
        pytest.param("PUT", False, False, [LARGE, GZIP, BROWSER], Refusal.FROM_BROWSER, id="403 before 405"),
        pytest.param("PUT", False, False, [LARGE, GZIP], Refusal.METHOD, id="405 before 415"),
        pytest.param("POST", False, False, [LARGE, GZIP], Refusal.ENCODING, id="415 before 413"),
    ],
)
def test_the_order_of_refusals_on_a_webhook_path(
    method: str, query: bool, by_query: bool, headers: list[tuple[bytes, bytes]], refusal: Refusal | None
) -> None:
    head = admission.read_head([LOCAL, *headers])
    assert admission.refuse_request(head, method, query=query, delivers_by_query=by_query) is refusal


@pytest.mark.parametrize(
    ("route", "through_tunnel", "open_to_all", "refusal"),
    [
        (Route(SMSO), False, False, None),
        (Route(SMSO), True, False, Refusal.WITHOUT_KEY),
        (Route(SMSO), True, True, None),
        (Route(SMSO, keyed=True), True, False, None),
        (Route(SMSO, keyed=True), False, False, None),
        (UNKNOWN, False, False, Refusal.UNKNOWN_PATH),
        (UNKNOWN, True, True, Refusal.UNKNOWN_PATH),
        (WRONG_KEY, False, False, Refusal.WRONG_KEY),
        (WRONG_KEY, True, True, Refusal.WRONG_KEY),
    ],
)
def test_what_came_through_a_tunnel_needs_the_key(
    route: Route, through_tunnel: bool, open_to_all: bool, refusal: Refusal | None
) -> None:
    assert admission.refuse_route(route, through_tunnel=through_tunnel, open_to_all=open_to_all) is refusal


def test_twenty_a_second_pass_and_the_next_must_wait() -> None:
    bucket = TokenBucket()
    assert [bucket.take(100.0) for _ in range(22)] == [0] * 20 + [1, 1]
    assert bucket.take(100.06) == 0
    assert bucket.take(100.07) == 1
    assert [bucket.take(200.0) for _ in range(21)] == [0] * 20 + [1]


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    bucket = TokenBucket(rate=1)
    assert [bucket.take(now) for now in (10.0, 5.0, 9.0, 10.5, 11.0)] == [0, 1, 1, 1, 0]

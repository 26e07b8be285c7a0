"""Does anything that strangers send crash it, get a 5xx, or keep a good callback out?

Bodies and raw requests, made from the sample payloads and from a list of nasty values, mutated, are sent to a
running `smswatch serve`. After every fifty a good callback must be answered 200. At the end: no answer of 500
or more, every good callback in the database, every unreadable body kept byte for byte, nobody called at the
canary port, and memory as it was.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import random
import secrets
import socket
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import servers
from results import RESULTS, Trial

SAMPLES = Path(__file__).parent.parent / "sample_payloads"
PROVIDERS = ("webcom", "smso", "smsgateway24")
GOOD_EVERY = 50
ANSWER_S = 15.0
MEMORY_MIB = 48
"""What it may grow by: the caches of a writer that has seen thousands of messages."""
PAGE_CACHE_MIB = 64
LONG = 3_000
"""Inputs from which on it is worth the time to tell a slope from a plateau."""
SLOPE_MIB = 6
"""What it may grow by in the last third: its caches are full by then, so that more is a leak."""

NASTY = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[2J", b"\x9b31m", b"\\ud800", b"\\u0000"),
    *(
        b"%00",
        b"%",
        b"%zz",
        b"+",
        b"&",
        b"&&=",
        b"=",
        b"[",
        b"]",
        b"[]",
        b"{",
        b"}",
        b'"',
        b"'",
        b"<",
        b">",
        b"&amp;",
    ),
    *(
        b"9" * 400,
        b"-0",
        b"1e999",
        b"NaN",
        b"Infinity",
        b"0x1f",
        b"null",
        b"true",
        b"[/b]",
        b"[@click=x]y[/]",
    ),
    *(
        b"<!DOCTYPE x>",
        b"<!--",
        b"]]>",
        b"<?x?>",
        b"\r\n\r\n",
        b"' OR 1=1 --",
        b"../../etc/passwd",
        b"=cmd()",
    ),
    *(
        "\u202e\u2066\u200b".encode(),
        "Z\u0351\u036b\u0343".encode() * 30,
        "\U0001f469\u200d\U0001f680".encode(),
    ),
)
_TYPES = (
    "application/json", "application/x-www-form-urlencoded", "text/xml", "text/plain; charset=utf-16", "nonsense",
    "multipart/form-data; boundary=x", "application/json; charset=windows-1251", "",
)  # fmt: skip


@dataclass
class Seen:
    """What came of it."""

    answers: Counter[str] = field(default_factory=Counter[str])
    unreadable: set[bytes] = field(default_factory=set[bytes])
    """Digests of bodies that were answered 400 as a provider's reader does."""
    good: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    faults: list[str] = field(default_factory=list[str])


def _bombs(canary: int, secret: Path) -> list[bytes]:
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    return [
        b'<!DOCTYPE x [<!ENTITY l0 "lol">' + lol + b']><response><state id_sms="1">&l8;</state></response>',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><response>&e;</response>'.encode(),
        f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{canary}/x.dtd"><response/>'.encode(),
        f'<response xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1:{canary}/"/></response>'.encode(),
        b"<a>" * 20_000,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'[{"id_sms":' + b"9" * 5000 + b',"time":"","state":"send"}]',
        b"&".join(b"k%d=v" % n for n in range(5_000)),
        b'[{"id_sms":1,"time":"","state":"send"}]' * 100,
        "<response/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?><response/>',
        b"--x\r\n" + b'Content-Disposition: form-data; name="uuid"\r\n\r\n1\r\n--x' * 50,
        gzip.compress(b"0" * 2_000_000),
        b"x" * 262_145,
    ]


def _mutate(rng: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(6):
            case 0:
                changed[at:at] = rng.choice(NASTY)
            case 1:
                changed[at : at + rng.randint(1, 12)] = b""
            case 2:
                changed[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                changed[at:at] = changed[rng.randrange(len(changed) + 1) :][:200]
            case 4:
                del changed[at:]
            case _:
                changed[at : at + rng.randint(1, 6)] = rng.randbytes(rng.randint(1, 6))
    return bytes(changed)


def _raw(rng: random.Random, body: bytes) -> bytes:
    """A request that is hardly HTTP."""
    head = b"POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    shapes: list[Callable[[], bytes]] = [
        lambda: rng.randbytes(rng.randint(1, 400)),
        lambda: head + b"Content-Length: -5\r\n\r\n" + body,
        lambda: head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + body,
        lambda: head + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        lambda: head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
        lambda: head + b"X: " + b"y" * 20_000 + b"\r\n\r\n",
        lambda: head + b"X\x00Y: 1\r\nUser-Agent: \x1b[31m\r\n\r\n",
        lambda: b"GET http://127.0.0.1/webhooks/webcom HTTP/1.1\r\nHost: \x9b\r\n\r\n",
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        lambda: b"POST /webhooks/%s HTTP/1.1\r\n\r\n" % rng.choice(NASTY),
    ]
    return rng.choice(shapes)()


def _request(rng: random.Random, provider: str, body: bytes) -> bytes:
    lines = [f"POST /webhooks/{provider} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    kind = rng.choice(_TYPES)
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += ["Content-Encoding: gzip"] if body[:2] == b"\x1f\x8b" else []
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def _exchange(port: int, data: bytes) -> tuple[int, bytes]:
    """Return status and body of the answer; 0 where the connection was closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
        received = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except ConnectionError:
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    return (int(head[9:12]), body) if head.startswith(b"HTTP/1.") else (0, b"")


def inputs(
    rng: random.Random, count: int, bombs: list[bytes], corpus: Path | None
) -> Iterator[tuple[str, bytes | None, bytes]]:
    """Yield (kind, body or None, whole request)."""
    seeds = [
        (path.parts[len(SAMPLES.parts)], path.read_bytes())
        for path in sorted(SAMPLES.rglob("*"))
        if path.is_file() and path.suffix != ".md" and path.name != "expected.json"
    ]
    seeds = [(provider, body) for provider, body in seeds if provider in PROVIDERS]
    if corpus is not None:
        found = [path.read_bytes()[:262_144] for path in sorted(corpus.rglob("*")) if path.is_file()]
        for body in found:
            for provider in PROVIDERS:
                yield "corpus", body, _request(rng, provider, body)
    for body in bombs:
        for provider in PROVIDERS:
            yield "bomb", body, _request(rng, provider, body)
    for _ in range(count):
        provider, body = rng.choice(seeds)
        if rng.random() < 0.1:
            yield "raw", None, _raw(rng, body)
        elif rng.random() < 0.05:
            body = rng.randbytes(rng.randint(0, 300))
            yield "noise", body, _request(rng, provider, body)
        else:
            body = _mutate(rng, body)
            yield "mutated", body, _request(rng, rng.choice((provider, provider, *PROVIDERS)), body)


def attack(port: int, requests: Iterable[tuple[str, bytes | None, bytes]], seen: Seen) -> None:
    """Send everything, a good callback after every fifty; what comes of it is added to `seen`."""
    first = seen.answers.total() + 1
    for number, (kind, body, request) in enumerate(requests, start=first):
        try:
            status, answer = _exchange(port, request)
        except OSError as error:
            seen.faults.append(f"{kind} {number}: {error}: {request[:200]!r}")
            continue
        seen.answers[f"{kind} {status}"] += 1
        if status >= 500 or (status == 0 and kind != "raw"):
            seen.faults.append(f"{kind} {number}: answered {status}: {request[:200]!r}")
        if status == 400 and body is not None and answer != b"this is not a valid HTTP request\n":
            seen.unreadable.add(hashlib.sha256(body).digest())
        if number % GOOD_EVERY == 0:
            _send_good(port, number, seen)


def _send_good(port: int, number: int, seen: Seen) -> None:
    message_id = str(9_000_000_000 + number)
    body = json.dumps([{"id_sms": message_id, "time": "", "state": "send"}]).encode()
    status, _ = _exchange(
        port,
        b"POST /webhooks/webcom HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body),
    )
    if status == 200:
        seen.good["webcom", message_id] += 1
    else:
        seen.faults.append(f"a good callback after input {number} was answered {status}")


def _fill_page_cache(port: int) -> None:
    """Send more than SQLite keeps in memory of a database, so that what grows after it is not its cache."""
    for number in range(PAGE_CACHE_MIB * 5):
        body = b"{" * 262_000 + b"%d" % number
        _exchange(port, _request(random.Random(0), "webcom", body))  # noqa: S311 - not for a secret


def _memory_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the server is gone")


def _kept(database: Path) -> set[bytes]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT body FROM requests WHERE answer_status = 400")
        return {hashlib.sha256(body).digest() for (body,) in rows}


def hostile(count: int, seed: int, corpus: Path | None, trial: Trial | None) -> int:
    """Return how many faults were found; `trial` keeps the figures."""
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    print(f"seed {seed}: {count:,} inputs and the bombs")
    with tempfile.TemporaryDirectory(prefix="smswatch-hostile-") as folder, socket.socket() as canary:
        home = Path(folder)
        secret = home / "canary"
        secret.write_text("canary-4711")
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.settimeout(0.1)
        bombs = _bombs(canary.getsockname()[1], secret)
        database = home / "hostile.db"
        with servers.serve(home, database) as (port, process):
            warming = inputs(random.Random(seed + 1), 300, [], None)  # noqa: S311 - as above
            attack(port, warming, Seen())
            if count >= LONG:
                _fill_page_cache(port)
            seen = Seen()
            held = [_memory_mib(process.pid)]
            for third in range(3):
                first = ([], None) if third else (bombs, corpus)
                attack(port, inputs(rng, count // 3, *first), seen)
                held.append(_memory_mib(process.pid))
            steps = [after - before for before, after in itertools.pairwise(held)]
            if process.poll() is not None:
                seen.faults.append(f"the server ended with {process.returncode}")
        try:
            canary.accept()[0].close()
            seen.faults.append("somebody called at the canary port")
        except TimeoutError:
            pass
        gone = servers.missing(database, seen.good)
        lost = seen.unreadable - _kept(database)
        if b"canary-4711" in database.read_bytes():
            seen.faults.append("the canary file was read")
    seen.faults += [f"a good callback is not in the database: {one}" for one in gone]
    seen.faults += [f"{len(lost)} unreadable bodies were not kept byte for byte"] if lost else []
    grown = held[-1] - held[0]
    seen.faults += [f"memory grew by {grown:.0f} MiB"] if grown > MEMORY_MIB else []
    is_slope = steps[2] > SLOPE_MIB and steps[2] > steps[1] / 2
    seen.faults += [f"memory goes on growing: by {steps[2]:.0f} MiB in the last third"] if is_slope else []
    print(", ".join(f"{name}: {n:,}" for name, n in sorted(seen.answers.items())))
    result = (
        f"{seen.good.total():,} good callbacks between them, {len(seen.unreadable):,} different unreadable bodies"
        f" kept, memory {' '.join(f'{step:+.1f}' for step in steps)} MiB by thirds, {len(seen.faults)} faults"
    )
    print(result)
    if trial is not None:
        trial.keep(f"{seen.answers.total():,} hostile inputs: {result}", seen.faults)
    for fault in seen.faults[:20]:
        print(f"FAULT: {fault}")
    return len(seen.faults)


def main() -> int:
    """Attack as told; 1 if a fault was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="repeat an earlier run")
    parser.add_argument("--corpus", type=Path, help="a folder whose files are sent, too, each as a body")
    parser.add_argument("--keep", action="store_true", help=f"add the figures to {RESULTS.name}")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    command = f"python benchmarks/hostile.py --inputs {arguments.inputs} --seed {seed}"
    trial = Trial("hostile", command) if arguments.keep else None
    return 1 if hostile(arguments.inputs, seed, arguments.corpus, trial) else 0


if __name__ == "__main__":
    sys.exit(main())

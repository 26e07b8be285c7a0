"""Every vector, in every field that a stranger can fill, at every place where a person or a program reads it.

The table of sinks below says which places there are; whoever adds one adds it here. Everywhere the same must hold: no
character of it steers a terminal, hides or reorders anything, and what was written can still be recognised.
"""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import logging
import re
import subprocess
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC
from pathlib import Path

import pytest
from dashboard_station import AppPilot, MakeApp, app_of, pane_of, running, screen_text, sees, until
from polluted import NOON_MS, Polluted, every_detail, every_page, pollute
from textual.widgets._toast import Toast
from vectors import FORMULAS, RAW_BODIES, VECTORS, canary

from smswatch.access_key import Keys
from smswatch.cli import show
from smswatch.cli.main import _say
from smswatch.crash_report import crash_line, crash_report
from smswatch.errors import FilterError, SmswatchError
from smswatch.export import (
    Json,
    csv_cell,
    event_json,
    event_lines,
    inbound_json,
    json_line,
    message_json,
    request_json,
    write_csv,
    write_json,
    write_jsonl,
    write_table,
)
from smswatch.export.curl import curl_command
from smswatch.export.ticket import ticket
from smswatch.filters import describe, parse
from smswatch.filters.completion import completions
from smswatch.filters.expression import quoted
from smswatch.listener import library_log
from smswatch.model import Kind
from smswatch.safe_text import safe_block
from smswatch.store.entry import storable
from smswatch.store.live_values import read_live_values
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.tui import columns, picture
from smswatch.tui.alert_words import alert_words
from smswatch.tui.app import SmsWatchApp
from smswatch.tui.copy_menu import Copies, choices
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.ink import Page
from smswatch.tui.insight_page import insight_page
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import RANGES, Around
from smswatch.tui.terminal_notice import notice

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SHOWN = DisplayOptions(now_ms=NOON_MS)
HERE = "http://127.0.0.1:7670"
IN_JSON = frozenset("\n\u200c\u200d\U0001242b")
"""The joiners of emoji may stand in JSON as they are."""
ALL = frozenset(VECTORS)
EVERYTHING = frozenset((*VECTORS, *RAW_BODIES))


@pytest.fixture(scope="module")
def polluted(tmp_path_factory: pytest.TempPathFactory) -> Polluted:
    return pollute(tmp_path_factory.mktemp("polluted") / "sms.db")


def forbidden_in(text: str, allowed: frozenset[str] = frozenset("\n")) -> str:
    """Return the characters that no eye sees or that a terminal obeys; line breaks are ours."""
    return "".join(one for one in set(text) - allowed if unicodedata.category(one) in UNSEEN)


# --- the sinks: each yields what a person or a program is given --------------------------------------------------


async def rows_of(polluted: Polluted, kind: Kind, *, raw: bool = False) -> AsyncIterator[Json]:
    async with await Reader.open(polluted.path) as reader:
        for row in await reader.page(kind, limit=0):
            match row:
                case MessageRow():
                    yield message_json(row, (await reader.timelines([row.id]))[row.id])
                case InboundRow():
                    yield inbound_json(row)
                case RequestRow():
                    whole = await reader.request(row.id)
                    assert whole is not None
                    yield request_json(whole, raw=raw)


Writer = Callable[[Kind, AsyncIterator[Json], io.StringIO], Awaitable[object]]


async def written(polluted: Polluted, write: Writer) -> AsyncIterator[str]:
    for kind in Kind:
        out = io.StringIO()
        await write(kind, rows_of(polluted, kind), out)
        yield out.getvalue()


async def serve_lines(polluted: Polluted) -> AsyncIterator[str]:
    for entry, kept in polluted.kept:
        yield "\n".join(event_lines(entry, kept, UTC))


async def serve_json(polluted: Polluted) -> AsyncIterator[str]:
    for entry, kept in polluted.kept:
        for event in event_json(entry, kept):
            shown = json_line(event)
            json.loads(shown)
            yield shown


async def answers_to_senders(polluted: Polluted) -> AsyncIterator[str]:
    for answer in polluted.answers:
        yield answer.body.decode()


async def shown_messages(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        async for detail in every_detail(reader):
            yield "\n".join(show._lines(detail))


async def tickets(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        async for detail in every_detail(reader):
            yield ticket(detail)


async def copied(polluted: Polluted) -> AsyncIterator[str]:
    """Yield what the copy menu gives to the clipboard, to tmux and to files."""
    async with await Reader.open(polluted.path) as reader:
        for kind in Kind:
            for row in await reader.page(kind, limit=0):
                request = await reader.request(row.id) if isinstance(row, RequestRow) else None
                for _, _, value in choices(Copies(row=row, request=request), HERE):
                    yield safe_block(value)


async def curl_lines(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        for row in await reader.page(Kind.REQUESTS, limit=0):
            request = await reader.request(row.id)
            assert request is not None
            yield curl_command(request, HERE)


async def log_file(polluted: Polluted) -> AsyncIterator[str]:
    folder = polluted.path.parent
    handler = library_log.send_to_file(folder, lambda: Keys("k" * 26))
    try:
        for name, evil in VECTORS.items():
            wording, own = f"{name}: %s", name + evil[:400].replace("%", "%%")
            logging.getLogger("aiohttp.server").error(wording, evil[:400])
            logging.getLogger("smswatch").error(own, exc_info=ValueError(evil))
    finally:
        library_log.stop(handler)
    yield (folder / library_log.FILE_NAME).read_text(encoding="utf-8")


async def crash_words(_: Polluted) -> AsyncIterator[str]:
    for evil in VECTORS.values():
        yield crash_report(ValueError(evil)) + crash_line(KeyError(evil))


async def alerts(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        for kind in Kind:
            for row in await reader.page(kind, limit=0):
                yield alert_words(row, 3, SHOWN)


async def desktop_notices(polluted: Polluted) -> AsyncIterator[str]:
    """Yield what stands between the sequence's own beginning and end."""
    async for said in alerts(polluted):
        for environment in ({"TERM": "xterm-kitty"}, {"TERM": "foot"}):
            sequence = notice(environment, said)
            assert sequence is not None
            found = re.fullmatch("\x1b\\](?:9|777;notify;smswatch);(.*)\x07", sequence, re.DOTALL)
            assert found, sequence
            yield found[1]


async def list_cells(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        for kind in Kind:
            for row in await reader.page(kind, limit=0):
                yield " ".join(column.cell(row, SHOWN)[0] for column in columns.COLUMNS[kind])


async def plain_pages(pages: AsyncIterator[Page]) -> AsyncIterator[str]:
    async for page in pages:
        for line in page:
            assert all(str(span.style).startswith(".ink--") for span in line.spans), line
        yield "\n".join(line.plain for line in page)


async def detail_pages(polluted: Polluted) -> AsyncIterator[str]:
    async with await Reader.open(polluted.path) as reader:
        async for shown in plain_pages(every_page(reader, SHOWN, 100)):
            yield shown


async def insight_pages(polluted: Polluted) -> AsyncIterator[str]:
    async with (
        await Reader.open(polluted.path) as reader,
        aclosing(reader.insight(None, NOON_MS)) as tallies,
    ):
        insight = [tally.insight() async for tally in tallies][-1]
    shown = sheet(insight, Around(RANGES[-1], NOON_MS, (), is_masked=False))
    yield "\n".join(line.plain for line in insight_page(shown, None, SHOWN, 120).lines)
    for section in shown.sections:
        for row in section.rows:
            yield f"{row.title} {row.note}"
            yield "\n".join(cell.about + (cell.filter_text or "") for cell in row.cells.values())


async def filter_words(_: Polluted) -> AsyncIterator[str]:
    """Yield what the filter line says of a filter: what it means, or why it cannot be read."""
    for evil in VECTORS.values():
        for text in (evil, f"text:{quoted(evil[:300])}", f"{evil[:30]}:x", f"status:{evil[:99]}"):
            try:
                yield describe(parse(text))
            except FilterError as error:
                yield error.reason


async def completed(polluted: Polluted) -> AsyncIterator[str]:
    values = read_live_values(polluted.path)
    for typed in ("text:", 'text:"', "error:", "channel:", "mcc:", "provider:", "text:kz", "e"):
        for one in completions(typed, values):
            yield one.text + one.rest


def table(width: int | None) -> Callable[[Polluted], AsyncIterator[str]]:
    return lambda polluted: written(
        polluted, lambda kind, rows, out: write_table(kind, rows, out, width, UTC)
    )


Sink = Callable[[Polluted], AsyncIterator[str]]
SINKS: dict[str, tuple[Sink, frozenset[str]]] = {
    "table": (table(None), ALL),
    "table, 80 wide": (table(80), frozenset()),
    "csv": (lambda polluted: written(polluted, write_csv), ALL),
    "json": (lambda polluted: written(polluted, lambda _, rows, out: write_json(rows, out)), EVERYTHING),
    "jsonl": (lambda polluted: written(polluted, lambda _, rows, out: write_jsonl(rows, out)), EVERYTHING),
    "serve": (serve_lines, ALL),
    "serve --json": (serve_json, ALL),
    "show": (shown_messages, ALL),
    "answer to the sender": (answers_to_senders, frozenset()),
    "ticket": (tickets, ALL),
    "clipboard": (copied, ALL),
    "curl": (curl_lines, frozenset()),
    "log": (log_file, ALL),
    "crash report": (crash_words, frozenset()),
    "notice in the corner": (alerts, ALL),
    "notice on the desktop": (desktop_notices, ALL),
    "list": (list_cells, ALL),
    "detail": (detail_pages, EVERYTHING - {"P02b", "P02a", "P02c", "E20b"}),
    "insight": (insight_pages, frozenset()),
    "filter line": (filter_words, ALL),
    "completion": (completed, frozenset()),
}
"""By name: what it gives, and the vectors that must be recognised in it. A crash report tells no words; an answer, a
curl command in base64 and Insight's first lines need not hold each."""


@pytest.mark.parametrize("sink", SINKS)
async def test_nothing_that_arrived_steers_what_shows_it(polluted: Polluted, sink: str) -> None:
    give, wanted = SINKS[sink]
    missing = {name: canary(name) for name in wanted}
    given = 0
    async for text in give(polluted):
        allowed = IN_JSON if "json" in sink else frozenset("\n")
        assert not forbidden_in(text, allowed), (sink, text[:300])
        missing = {name: word for name, word in missing.items() if word not in text}
        given += 1
    assert given
    assert not missing, sink


def test_a_sentence_of_a_command_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    for evil in VECTORS.values():
        _say(evil)
    said = capsys.readouterr().err
    assert not forbidden_in(said)
    assert len(said.splitlines()) == len(VECTORS)


# --- lossless, and harmless to other programs ------------------------------------------------------------------


async def test_json_gives_back_what_arrived(polluted: Polluted) -> None:
    out = io.StringIO()
    await write_jsonl(rows_of(polluted, Kind.MESSAGES), out)
    texts = {row["text"] for row in map(json.loads, out.getvalue().splitlines())}
    assert {text.encode("utf-8", "replace").decode() for text in polluted.registered.values()} <= texts
    out = io.StringIO()
    await write_jsonl(rows_of(polluted, Kind.INBOUND), out)
    bodies = {row["body"] for row in map(json.loads, out.getvalue().splitlines())}
    assert {storable(evil) for name, evil in VECTORS.items() if name != "P01"} <= bodies
    out = io.StringIO()
    await write_jsonl(rows_of(polluted, Kind.REQUESTS, raw=True), out)
    sent = {base64.b64decode(row["body_base64"]) for row in map(json.loads, out.getvalue().splitlines())}
    assert set(polluted.unreadable.values()) <= sent


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_csv_begins_a_formula(formula: str) -> None:
    assert csv_cell(formula).startswith("'")
    assert csv_cell({formula: "x"}).startswith("'")
    assert csv_cell([formula]).startswith("'")


async def test_every_cell_of_a_csv_is_one_line_and_no_formula(polluted: Polluted) -> None:
    async for text in written(polluted, write_csv):
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == len(text.splitlines())
        assert not [cell for row in rows for cell in row if re.match('[\\s"]*[=+@\uff1d-]', cell)]


async def curl_lines_with(polluted: Polluted, wanted: Sequence[bytes]) -> tuple[list[str], list[bytes]]:
    lines, bodies = [], []
    async with await Reader.open(polluted.path) as reader:
        for row in await reader.page(Kind.REQUESTS, limit=0):
            request = await reader.request(row.id)
            assert request is not None
            if any(word in request.body for word in wanted):
                lines.append(curl_command(request, HERE))
                bodies.append(request.body + b"\n")
    return lines, bodies


def test_a_shell_that_is_given_a_curl_line_runs_curl_alone(polluted: Polluted, tmp_path: Path) -> None:
    """One shell runs them all; its curl only notes what it is to send."""
    wanted = [canary(name).encode() for name in ("C02a", "C02b", "C02c", "E23", "M06", "S01a")]
    lines, bodies = asyncio.run(curl_lines_with(polluted, wanted))
    curl = 'curl() { if [ "$4" = --data-binary ]; then cat; else printf %s "$5"; fi; echo; }'
    done = subprocess.run(
        ["sh"],
        cwd=tmp_path,
        input="\n".join((curl, *lines)).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert bodies
    assert done.stdout == b"".join(bodies)
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []


# --- the running dashboard --------------------------------------------------------------------------------------


def assert_harmless(app: SmsWatchApp) -> None:
    """Nothing on the screen can move a cursor, hide itself, open a link or be clicked."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert not forbidden_in(segment.text, frozenset()), segment
            style = segment.style
            assert style is None or (style.link is None and "@click" not in style.meta), segment


async def looked_through(pilot: AppPilot, kind: Kind) -> set[str]:
    """Page through a list; return the canaries that were seen."""
    app = app_of(pilot)
    table = pane_of(app, kind).table
    seen: set[str] = set()
    await pilot.press("home")
    while True:
        assert_harmless(app)
        seen |= set(re.findall("kz[A-Z][0-9]{2}[a-z]?z", screen_text(app)))
        before = table.feed.cursor
        await pilot.press("pagedown")
        if table.feed.cursor == before:
            return seen


async def test_every_list_shows_every_vector_and_no_more(polluted: Polluted, make_app: MakeApp) -> None:
    app = make_app(database=polluted.path)
    async with running(app, size=(200, 40)) as pilot:
        for key, kind in (("1", Kind.MESSAGES), ("2", Kind.INBOUND), ("3", Kind.REQUESTS)):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: pane_of(app, kind).feed.is_complete)  # type: ignore[misc] # bound now
            assert {canary(name) for name in ALL} <= await looked_through(pilot, kind)
    assert app.return_code in {None, 0}


@pytest.mark.parametrize("is_masked", [False, True])
async def test_every_dialog_and_pane_over_what_arrived_is_harmless(
    polluted: Polluted, make_app: MakeApp, is_masked: bool
) -> None:
    storied = {f"{canary(name)} {text[:20]}": text[:200] for name, text in VECTORS.items()}
    app = make_app(database=polluted.path, is_masked=is_masked, filters=storied)
    async with running(app) as pilot:
        for keys in (
            "1",
            "enter",
            "]",
            "]",
            "]",
            "C",
            "escape",
            "y",
            "escape",
            "N",
            "G",
            "escape",
            "c",
            "escape",
        ):
            await pilot.press(keys)
            assert_harmless(app)
        for keys in (
            "2",
            "G",
            "enter",
            "r",
            "C",
            "escape",
            "3",
            "enter",
            "r",
            "r",
            "]",
            "escape",
            "4",
            "5",
            "j",
            "?",
        ):
            await pilot.press(keys)
            assert_harmless(app)
        await pilot.press("escape", "1", "ctrl+p", *"kzm0")
        await sees(pilot, "kzM0")
        assert_harmless(app)
        await pilot.press("escape", "/", *"text:kz")
        assert_harmless(app)
        await pilot.press("tab", "enter")
        for evil in VECTORS.values():
            app.notices.tell(SmswatchError(evil))
        await until(pilot, lambda: list(app.screen.query(Toast)))
        assert_harmless(app)
        svg = picture.clean(app.export_screenshot())
        assert not forbidden_in(svg)
        assert "<script" not in svg.replace("&lt;", "<").partition("</style>")[0]
    assert app.return_code in {None, 0}

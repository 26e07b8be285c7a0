"""The columns of each list's table, and what stands in them before it is made safe to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

import msgspec

from smswatch.export.shapes import Json
from smswatch.model import Kind
from smswatch.numbers import display
from smswatch.times import short_duration

NOTHING = "–"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column. Widths are in terminal cells."""

    title: str
    least: int
    """The last column, which is free text, is not made narrower than this."""
    most: int
    """No wider for what is longer; only the last column is cut there, at a terminal."""
    cell: Callable[[Json, tzinfo | None], str]
    """The text as it arrived; times in a zone, None: this machine's."""
    yields: int = 0
    """Where the line is too long: left out, the highest first; 0 always stays."""
    right: bool = False


def local_time(wording: object, zone: tzinfo | None) -> str:
    """Write the time of a JSON shape for people, to the second."""
    return f"{datetime.fromisoformat(str(wording)).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _text(key: str) -> Callable[[Json, tzinfo | None], str]:
    return lambda row, _: "" if row[key] is None else str(row[key])


def _time(key: str) -> Callable[[Json, tzinfo | None], str]:
    return lambda row, zone: local_time(row[key], zone)


def _number(row: Json, _: tzinfo | None) -> str:
    return display(row["number"]) or NOTHING


def _reports(row: Json, _: tzinfo | None) -> str:
    return f"{row['reports']}+{row['duplicates']}" if row["duplicates"] else str(row["reports"])


def _latency(row: Json, _: tzinfo | None) -> str:
    ms = row["latency_ms"]
    return NOTHING if ms is None or ms < 0 else short_duration(ms)


def _said(row: Json, _: tzinfo | None) -> str:
    label = f"[{row['label']}] " if row["label"] else ""
    return str(row["error_text"] or f"{label}{row['text'] or ''}".rstrip())


def _problem_or_body(row: Json, _: tzinfo | None) -> str:
    return str(row["problem"] or row.get("body", row.get("body_base64")))


COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.MESSAGES: (
        Column(title="first seen", least=19, most=19, cell=_time("first_seen_at")),
        Column(title="provider", least=6, most=16, cell=_text("provider")),
        Column(title="message id", least=10, most=36, cell=_text("message_id")),
        Column(title="number", least=19, most=26, cell=_number),
        Column(title="status", least=11, most=11, cell=_text("status")),
        Column(title="channel", least=5, most=10, cell=_text("channel"), yields=6),
        Column(title="latency", least=7, most=7, cell=_latency, yields=4, right=True),
        Column(title="reports", least=7, most=9, cell=_reports, yields=5),
        Column(title="flags", least=8, most=44, cell=lambda row, _: " ".join(row["flags"]), yields=7),
        Column(
            title="text",
            least=8,
            most=160,
            cell=_said,
            yields=3,
        ),
    ),
    Kind.INBOUND: (
        Column(title="arrived", least=19, most=19, cell=_time("arrived_at")),
        Column(title="provider", least=6, most=16, cell=_text("provider"), yields=2),
        Column(title="number", least=19, most=26, cell=_number),
        Column(title="reply to", least=8, most=36, cell=_text("reply_to"), yields=3),
        Column(title="text", least=10, most=160, cell=_text("body"), yields=1),
    ),
    Kind.REQUESTS: (
        Column(title="id", least=2, most=12, cell=_text("id"), right=True),
        Column(title="arrived", least=19, most=19, cell=_time("arrived_at")),
        Column(title="provider", least=6, most=16, cell=_text("provider")),
        Column(title="outcome", least=10, most=10, cell=_text("outcome")),
        Column(title="answer", least=6, most=6, cell=_text("answer_status"), yields=2),
        Column(title="size", least=4, most=8, cell=_text("size"), yields=3, right=True),
        Column(
            title="problem or body",
            least=10,
            most=160,
            cell=_problem_or_body,
            yields=1,
        ),
    ),
}

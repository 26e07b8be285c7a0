"""The formats for programs: an array, JSON lines, CSV. They raise what the stream raises."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator
from typing import TextIO

from smswatch.export.shapes import Json, json_line
from smswatch.model import Kind
from smswatch.safe_text import SafeText, safe_line

_LONGEST_CELL = 32_000
"""Characters in a CSV cell; spreadsheets take 32 767."""

# Spaces, quotes and separators do not keep a spreadsheet from seeing a formula behind them.
_FORMULA = re.compile("[\\s\"'\u2018\u2019\u201c\u201d,;]*[-=+@\uff0d\uff1d\uff0b\uff20]|[\t\r\n]")


async def write_json(rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write an array, one object a line."""
    between = "[\n"
    async for row in rows:
        out.write(between + json_line(row))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


async def write_jsonl(rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write one object a line."""
    async for row in rows:
        out.write(json_line(row) + "\n")


# The keys of the JSON shapes but for what does not fit a cell: timelines and headers.
_CSV_COLUMNS: dict[Kind, str] = {
    Kind.MESSAGES: (
        "provider message_id number status final provider_status channel channels error_code error_text flags"
        " reports duplicates text label mcc mnc device sim first_seen_at last_seen_at delivered_at"
        " registered_number latency_ms"
    ),
    Kind.INBOUND: (
        "provider message_id number body reply_to sent_at received_at zone arrived_at mcc mnc sim device"
        " times_received request_id media_url"
    ),
    Kind.REQUESTS: (
        "id arrived_at provider method path content_type size outcome problem answer_status answer_body body"
        " query answer_type"
    ),
}


async def write_csv(kind: Kind, rows: AsyncIterator[Json], out: TextIO) -> None:
    """Write a header, also for no rows, and one record a line, all cells quoted.

    Rows with `body_base64` have it in the column `body`, which is then as lossless as in JSON.
    """
    columns = _CSV_COLUMNS[kind].split()
    sheet = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    sheet.writerow(columns)
    async for row in rows:
        raw = {"body": row["body_base64"]} if "body_base64" in row else {}
        shown = row | raw
        sheet.writerow([shown[key] if key in raw else csv_cell(shown[key]) for key in columns])


def csv_cell(value: object) -> SafeText:
    """Write a value for a spreadsheet: safe text, with an apostrophe before what could be a formula.

    That includes telephone numbers in full, which begin with a plus. None is empty; JSON tells it from "".
    """
    match value:
        case None:
            return SafeText("")
        case bool():
            return SafeText("true" if value else "false")
        case int():
            return SafeText(str(value))
        case dict():
            text = " ".join(f"{key}:{part}" for key, part in value.items())
        case list():
            text = " ".join(map(str, value))
        case _:
            text = str(value)
    shown = safe_line(text, _LONGEST_CELL)
    return SafeText("'" + shown) if _FORMULA.match(text) else shown

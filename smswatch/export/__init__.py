"""Export: rows to JSON, JSON lines, CSV and a table, a row at a time, so that a million need no memory.

`json` and `jsonl` are lossless. `table` and `csv` show safe text: escapes for what cannot be seen, and in CSV
an apostrophe before whatever a spreadsheet could take for a formula, telephone numbers included.
"""

from smswatch.export.events import event_json, event_lines
from smswatch.export.masked import Masker
from smswatch.export.shapes import Json, detail_json, inbound_json, json_line, message_json, request_json
from smswatch.export.table import write_table
from smswatch.export.writers import csv_cell, write_csv, write_json, write_jsonl

__all__ = [
    "Json",
    "Masker",
    "csv_cell",
    "detail_json",
    "event_json",
    "event_lines",
    "inbound_json",
    "json_line",
    "message_json",
    "request_json",
    "write_csv",
    "write_json",
    "write_jsonl",
    "write_table",
]

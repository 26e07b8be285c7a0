"""`show`: one message, its timeline and the raw payloads behind it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from smswatch.cli.options import common_options, mask_option, settings_of
from smswatch.cli.output import for_machines
from smswatch.cli.provider_names import require_provider
from smswatch.errors import SmswatchError, StoreEmptyError
from smswatch.explanation import Explanation
from smswatch.export import Masker, detail_json, json_line
from smswatch.keywords import KEYWORD_MEANINGS, keyword
from smswatch.masking import load_or_create_secret
from smswatch.model import Status
from smswatch.numbers import display as grouped_number
from smswatch.provider import explained
from smswatch.safe_text import safe_block, safe_line
from smswatch.store.entry import storable
from smswatch.store.reader import Reader
from smswatch.store.room import MOST_REPORTS, TIMELINE_ENDS
from smswatch.store.rows import MessageDetail, MessageRow, RequestRow, TimelineEntry
from smswatch.times import arrival_text, provider_text
from smswatch.wording import how_many

_MOST_REQUESTS = 100
"""Printed whole, for a person to read."""


@click.command(epilog="Example: smswatch show webcom 3234")
@common_options
@click.argument("provider")
@click.argument("message_id")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@mask_option
@click.option("--raw", is_flag=True, help="With --format json: bodies byte for byte, as base64.")
@click.pass_context
def show(
    context: click.Context,
    /,
    provider: str,
    message_id: str,
    form: str,
    *,
    raw: bool,
    mask: bool,
    **flags: object,
) -> None:
    """Print one message: its timeline and the raw payloads behind it."""
    settings = settings_of(context, flags)
    provider = provider.strip().lower()
    known = settings.database.exists()
    detail = asyncio.run(_find(settings.database, provider, message_id)) if known else None
    if detail is None:
        require_provider(provider)
        raise SmswatchError(f"no callback about {provider} {safe_line(message_id.strip(), 128)} has arrived")
    if mask:
        detail = Masker(load_or_create_secret(settings.data_directory)).detail(detail)
    if form == "json":
        for_machines().write(json_line(detail_json(detail, raw=raw)) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(detail)) + "\n")
    sys.stdout.flush()


async def _find(database: Path, provider: str, message_id: str) -> MessageDetail | None:
    try:
        opened = await Reader.open(database)
    except StoreEmptyError:
        return None
    async with opened as reader:
        return await reader.find_message(storable(provider), storable(message_id.strip()))


def _lines(detail: MessageDetail) -> list[str]:
    message = detail.message
    facts = {
        "status": f"{message.status} ({safe_line(message.provider_status)})",
        "number": safe_line(grouped_number(message.number)) if message.number else None,
        "registered": safe_line(message.registered_number) if message.registered_number else None,
        "channel": safe_line(message.channel) if message.channel else None,
        "error": safe_line(f"{message.error_code}: {message.error_text or ''}")
        if message.error_code
        else None,
        "flags": " ".join(message.flags) or None,
        "text": safe_line(message.text, 400) if message.text else None,
        "label": safe_line(message.label) if message.label else None,
        "delivered": provider_text(message.delivered_ms),
    }
    lines = [f"{safe_line(message.provider)} {safe_line(message.message_id)}"]
    lines += [f"  {name:<11}{value}" for name, value in facts.items() if value]
    lines += [f"  {name:<11}{value}" for name, value in _code_lines(message)]
    explanation = detail.explanation(lambda ms: provider_text(ms) or "")
    lines += [f"  {'' if number else 'why':<11}{said}" for number, said in enumerate(explanation.why)]
    lines += ["", f"timeline, {how_many(message.reports, 'report')}"]
    lines += _timeline_lines(detail, explanation)
    if message.reports >= MOST_REPORTS:
        lines.append(f"  {TIMELINE_ENDS}")
    for reply in detail.replies:
        sender = safe_line(reply.number or "unknown", 40)
        found = keyword(reply.body)
        asks = f", {found}: {KEYWORD_MEANINGS[found]}" if found else ""
        lines += [
            "",
            f"reply from {sender} at {arrival_text(reply.arrived_ms)}{asks}",
            *_indented(reply.body),
        ]
    for request in detail.requests[:_MOST_REQUESTS]:
        lines += ["", _request_line(request), *_indented(request.body.decode(errors="replace"))]
    if (left := len(detail.requests) - _MOST_REQUESTS) > 0:
        lines += ["", f"{how_many(left, 'more request is', 'more requests are')} in --format json"]
    return lines


def _code_lines(message: MessageRow) -> Iterator[tuple[str, str]]:
    """Explain a failure, or an outcome that was never learnt, as its provider means it."""
    if not (message.status.is_failure or message.status is Status.UNKNOWN):
        return
    from smswatch.providers import all_providers  # noqa: PLC0415 - only where they are asked for

    provider = all_providers().get(message.provider)
    told = explained(provider.codes, message.error_code, message.provider_status) if provider else None
    if told is not None:
        yield "means", told.meaning
        yield "likely", told.cause
        yield "check", told.check


def _timeline_lines(detail: MessageDetail, explanation: Explanation) -> Iterator[str]:
    """Write the reports in the order of first arrival, what is odd about one below it."""
    attempt = 0 if explanation.attempts else 1
    for entry in detail.timeline:
        now = explanation.attempts.get(entry.id, 1)
        if now != attempt:
            attempt = now
            yield f"  attempt {attempt}"
        yield _step(entry)
        repeated = explanation.repeats.get(entry.id)
        for note in (*explanation.notes.get(entry.id, ()), *((repeated,) if repeated else ())):
            yield f"      {note}"


def _step(entry: TimelineEntry) -> str:
    told = provider_text(entry.occurred_ms)
    when = f"{told} {entry.zone}" if told else "no provider time"
    channel = f" by {safe_line(entry.channel, 20)}" if entry.channel else ""
    repeats = f" ×{entry.times_received}" if entry.times_received > 1 else ""
    flags = "".join(f" [{flag}]" for flag in entry.flags)
    word = safe_line(entry.provider_status, 60)
    arrived = arrival_text(entry.arrived_ms)
    return f"  {arrived}  {entry.status:<11} ({word}){channel}{repeats}{flags}  {when}"


def _request_line(request: RequestRow) -> str:
    path = safe_line(request.path)
    answer = f"{request.outcome}, answered {request.answer_status}"
    return f"request {request.id}: {request.method} {path} at {arrival_text(request.arrived_ms)}, {answer}"


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in safe_block(text).split("\n")]

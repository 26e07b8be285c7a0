"""What the detail pane shows of a row: everything that the database knows about it, read off the loop."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from smswatch.errors import StoreError
from smswatch.export.masked import Masker
from smswatch.export.shapes import inbound_json, json_line, message_json, request_json
from smswatch.export.ticket import ticket
from smswatch.provider import ErrorCode, explained
from smswatch.store.reader import Reader
from smswatch.store.rows import Conversation, InboundRow, MessageDetail, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.copy_menu import Copies
from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.detail_subject import of_inbound, of_message, of_request
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts


class DetailSource:
    """Reads with a connection of its own. Methods raise StoreError, also before `open`."""

    def __init__(self, database: Path, providers: Mapping[str, ProviderFacts]) -> None:
        """`providers`, by name, explain their codes."""
        self._database = database
        self._providers = providers
        self._reader: Reader | None = None

    async def open(self) -> None:
        """Open the connection, if it is not open; not in a task that may be cancelled."""
        if self._reader is None:
            self._reader = await Reader.open(self._database)

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._reader is not None:
            await self._reader.close()

    async def show(self, row: Row | None, pane: DetailPane) -> None:
        """Let the pane show this row; a row that is gone, or none, leaves it empty."""
        if row is None or not await self._show(row, pane):
            pane.clear()

    @property
    def _open_reader(self) -> Reader:
        if self._reader is None:
            raise StoreError("the database is not open for reading")
        return self._reader

    async def _show(self, row: Row, pane: DetailPane) -> bool:
        reader = self._open_reader
        match row:
            case MessageRow():
                detail = await reader.message_detail(row.id, pane.request_wanted(row))
                if detail is None:
                    return False
                number = detail.message.number
                pane.show(of_message(detail, await self._conversation(number, pane)))
            case InboundRow():
                sms = await reader.inbound(row.id)
                if sms is None:
                    return False
                replied = await reader.message(sms.provider, sms.reply_to) if sms.reply_to else None
                request = await reader.request(sms.request_id)
                conversation = await self._conversation(sms.number, pane)
                pane.show(of_inbound(sms, replied, request, conversation))
            case RequestRow():
                whole = await reader.request(row.id)
                if whole is None:
                    return False
                pane.show(of_request(whole))
            case _:
                assert_never(row)
        return True

    async def _conversation(self, number: str | None, pane: DetailPane) -> Conversation | None:
        limit = pane.turns_wanted(number)
        return await self._open_reader.conversation(number, limit) if number is not None and limit else None

    async def copies(self, row: Row, display: DisplayOptions) -> Copies:
        """Return what can be copied of a row: its JSON as the commands print it, its last request, a ticket.

        The ticket, which is for others, is masked while the dashboard is.
        """
        reader = self._open_reader
        match row:
            case MessageRow():
                detail = await reader.message_detail(row.id, near=sys.maxsize)
                if detail is None:
                    return Copies(row=row)
                return Copies(
                    row=detail.message,
                    json_line=json_line(message_json(detail.message, detail.timeline)),
                    request=detail.requests[-1] if detail.requests else None,
                    ticket=ticket(
                        Masker(display.masking_secret).detail(detail) if display.masked else detail,
                        self._explained(detail),
                    ),
                )
            case InboundRow():
                sms = await reader.inbound(row.id) or row
                request = await reader.request(sms.request_id)
                return Copies(row=sms, json_line=json_line(inbound_json(sms)), request=request)
            case RequestRow():
                whole = await reader.request(row.id) or row
                return Copies(row=whole, json_line=json_line(request_json(whole)), request=whole)
            case _:
                assert_never(row)

    def _explained(self, detail: MessageDetail) -> ErrorCode | None:
        message = detail.message
        facts = self._providers.get(message.provider)
        if facts is None or not message.status.is_failure:
            return None
        return explained(facts.codes, message.error_code, message.provider_status)

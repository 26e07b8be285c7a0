"""Composition: writer, intake, hand-over and listener of one database, opened and closed in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from smswatch.access_key import KeyFiles
from smswatch.intake import Intake
from smswatch.listener.thread import Address, Listener
from smswatch.numbers import NumberReader
from smswatch.providers import all_providers
from smswatch.settings import Settings, check_providers
from smswatch.store.entry import Entry, Kept
from smswatch.store.handover import HandoverServer
from smswatch.store.retention import Retention
from smswatch.store.writer import Writer


class Service:
    """Everything that receives webhooks. Holds the writer's lock from `start` to `stop`."""

    def __init__(self, settings: Settings, on_kept: Callable[[Entry, Kept], None] | None = None) -> None:
        self.settings = settings
        self.keys = KeyFiles(settings.data_directory)
        self.address: Address | None = None
        self._on_kept = on_kept
        self._providers = all_providers()
        check_providers(settings, self._providers)
        self._writer: Writer | None = None
        self._handover: HandoverServer | None = None
        self._retention: Retention | None = None
        self._listener: Listener | None = None

    def start(self) -> Address:
        """Open the database and the port.

        Raises:
            StoreLockedError: another process writes this database.
            StoreError: the database cannot be used.
            ListenError: the port cannot be used.
        """
        self._writer = writer = Writer.open(self.settings.database)
        try:
            intake = Intake(
                writer, NumberReader(self.settings.default_region), self.settings.zone, self._on_kept
            )
            self._handover = HandoverServer(writer)
            listener = Listener(self.settings, self.keys, self._providers, intake)
            self.address = listener.start()
            self._listener = listener
            writer.announce(self.address.url)
            if self.settings.keep_for_ms is not None:
                self._retention = Retention(writer, self.settings.keep_for_ms)
        except BaseException:
            self.stop()
            raise
        return self.address

    @property
    def trouble(self) -> str | None:
        """Why nothing can be kept now."""
        return self._writer.trouble if self._writer is not None else None

    @property
    def is_running(self) -> bool:
        """Webhooks are being received."""
        return self._listener is not None and self._listener.is_running

    def stop(self) -> None:
        """Finish what was received, then close everything. Returns within six seconds."""
        if self._listener is not None:
            self._listener.stop()
        if self._retention is not None:
            self._retention.close()
        if self._handover is not None:
            self._handover.close()
        if self._writer is not None:
            self._writer.close()
        self._listener = self._handover = self._retention = self._writer = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

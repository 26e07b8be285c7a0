"""Composition: writer, intake, hand-over and listener of one database, opened and closed in order."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from smswatch.access_key import KeyFiles
from smswatch.listener.ports import Address, address_of, bind
from smswatch.settings import Settings, check_providers
from smswatch.store.entry import Entry, Kept
from smswatch.store.handover import HandoverServer
from smswatch.store.retention import Retention
from smswatch.store.unreadable import UnreadableBudget
from smswatch.store.writer import Writer, claim

if TYPE_CHECKING:
    from smswatch.listener.thread import Listener


class Service:
    """Everything that receives webhooks. Holds the writer's lock from `start` to `stop`."""

    def __init__(self, settings: Settings, on_kept: Callable[[Entry, Kept], None] | None = None) -> None:
        self.settings = settings
        self.keys = KeyFiles(settings.data_directory)
        self.address: Address | None = None
        self._on_kept = on_kept
        self._step = threading.RLock()
        if settings.zones:
            from smswatch.providers import all_providers  # noqa: PLC0415 - see `listen`

            check_providers(settings, all_providers())
        self._writer: Writer | None = None
        self._handover: HandoverServer | None = None
        self._retention: Retention | None = None
        self._unreadable: UnreadableBudget | None = None
        self._listener: Listener | None = None
        self._sockets: list[socket.socket] = []

    def start(self) -> Address:
        """Open the database and the port, and receive. Raises as `open` does."""
        address = self.open()
        self.listen()
        return address

    def open(self) -> Address:
        """Open the database and the port. Quick: a screen can follow at once. What connects waits for `listen`.

        Raises:
            StoreLockedError: another process writes this database.
            StoreError: the database cannot be used.
            ListenError: the port cannot be used.
        """
        lock = claim(self.settings.database)
        try:
            # Before there is a database: where the port is busy, none is left behind.
            self._sockets = bind(self.settings.host, self.settings.port)
        except BaseException:
            lock.withdraw()
            raise
        try:
            self._writer = writer = Writer.open(self.settings.database, lock)
            self._handover = HandoverServer(writer)
        except BaseException:
            self.stop()
            raise
        self.address = address_of(self._sockets[0])
        writer.announce(self.address.url)
        return self.address

    def listen(self) -> None:
        """Receive webhooks from now on; nothing, where it was stopped before or receives already.

        What answers HTTP takes longer to import than a screen to draw, so this is where it is imported.
        """
        from smswatch.intake import Intake  # noqa: PLC0415
        from smswatch.listener.thread import Listener  # noqa: PLC0415
        from smswatch.numbers import NumberReader  # noqa: PLC0415
        from smswatch.providers import all_providers  # noqa: PLC0415

        with self._step:
            writer = self._writer
            if writer is None or self._listener is not None:
                return
            try:
                numbers = NumberReader(self.settings.default_region)
                intake = Intake(writer, numbers, self.settings.zone, self._on_kept)
                listener = Listener(self.settings, self.keys, all_providers(), intake, sockets=self._sockets)
                listener.start()
                self._listener = listener
                self._unreadable = UnreadableBudget(writer, self.settings.database)
                self._retention = Retention(
                    writer,
                    self.settings.database,
                    keep_for_ms=self.settings.keep_for_ms,
                    keep_newest=self.settings.keep_newest,
                )
            except BaseException:
                self.stop()
                raise

    @property
    def trouble(self) -> str | None:
        """Why nothing can be kept now."""
        return self._writer.trouble if self._writer is not None else None

    @property
    def is_running(self) -> bool:
        """Webhooks are being received."""
        return self._listener is not None and self._listener.is_running

    @property
    def has_ended(self) -> bool:
        """Webhooks were being received, and are not any more, though nobody asked for that."""
        return self._listener is not None and not self._listener.is_running

    def stop(self) -> None:
        """Finish what was received, then close everything. Returns within six seconds."""
        with self._step:
            if self._writer is not None:
                self._writer.hurry()
            if self._listener is not None:
                self._listener.stop()
            if self._unreadable is not None:
                self._unreadable.close()
            if self._retention is not None:
                self._retention.close()
            if self._handover is not None:
                self._handover.close()
            if self._writer is not None:
                self._writer.close()
            for one in self._sockets:
                one.close()
            self._listener = self._handover = self._retention = self._unreadable = self._writer = None
            self._sockets = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

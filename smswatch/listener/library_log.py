"""The library log: what aiohttp and asyncio have to say goes to a file, never to the terminal."""

from __future__ import annotations

import logging
import logging.handlers
import os
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from smswatch.access_key import Keys
from smswatch.crash_report import crash_report
from smswatch.safe_text import safe_block

FILE_NAME = "smswatch.log"
_LOGGERS = ("aiohttp", "asyncio", "smswatch")
_MAX_BYTES = 1024 * 1024
_REPEATS_AFTER_S = 10.0


class _SafeFormatter(logging.Formatter):
    """Hides the keys, and keeps what strangers sent from steering the terminal that shows the file."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._keys = keys

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - of the standard library, which names and types it so
        """Say where, not with what: an exception's own words may be a message's."""
        return crash_report(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        return safe_block(self._keys().hide(super().format(record)))


class _Seldom(logging.Filter):
    """Lets one wording through every ten seconds: a full process repeats itself thousands of times."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        wording = record.name, str(record.msg).partition("\n")[0]
        now = time.monotonic()
        if now - self._last.get(wording, -_REPEATS_AFTER_S) < _REPEATS_AFTER_S:
            return False
        if len(self._last) > 1000:  # noqa: PLR2004 - wordings that a stranger shapes must not add up
            self._last.clear()
        self._last[wording] = now
        return True


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Makes files that their owner alone can read: the log names senders and paths."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of the standard library
        """Do without the line where the disk takes none: a traceback on the terminal would tell what arrived."""


def send_to_file(directory: Path, keys: Callable[[], Keys]) -> logging.Handler:
    """Send the libraries' logs, and ours, to a file in `directory`; return the handler, for `stop`."""
    path = directory / FILE_NAME
    handler = _PrivateFile(path, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(_SafeFormatter(keys))
    handler.addFilter(_Seldom())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.propagate = False
    return handler


def stop(handler: logging.Handler) -> None:
    """Undo `send_to_file`."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.removeHandler(handler)
        logger.propagate = True
    handler.close()

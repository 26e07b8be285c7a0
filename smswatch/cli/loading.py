"""Loading: a Ctrl-C that comes so early is no fault, and shows no traceback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_a_word() -> Iterator[None]:
    """Let Ctrl-C end the process at once within the block, as it ends programs that never heard of it."""
    heard = signal.getsignal(signal.SIGINT)
    if heard is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)

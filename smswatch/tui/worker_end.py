"""Ending a worker in order: whoever closes what it uses waits until it has let go of it."""

from __future__ import annotations

import contextlib

from textual.dom import DOMNode
from textual.worker import WorkerCancelled, WorkerFailed


async def ended(owner: DOMNode, group: str) -> None:
    """Cancel the owner's workers of a group, and return once they have ended."""
    for worker in [one for one in owner.workers if one.node is owner and one.group == group]:
        worker.cancel()
        with contextlib.suppress(WorkerCancelled, WorkerFailed):
            # A failure was told already: by the application, which it ends.
            await worker.wait()

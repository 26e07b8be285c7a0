"""How the person wants times and private text to be shown; one value for every list and pane."""

from __future__ import annotations

from typing import Literal

import msgspec

TimeMode = Literal["local", "utc", "relative"]


class DisplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the keys `t` and `*` switch, and the moment that relative times count from."""

    time_mode: TimeMode = "local"
    masked: bool = False
    """Numbers and texts are hidden, for a screenshot or a shared screen."""
    masking_secret: bytes = b""
    """What pseudonyms of numbers are made with."""
    now_ms: int = 0
    """UTC milliseconds."""

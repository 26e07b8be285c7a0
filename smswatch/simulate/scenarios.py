"""Life-like traffic: the stories of every format, mixed, in the order in which they happen."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from smswatch.simulate import oddities, smsgateway24, smso, webcom
from smswatch.simulate.events import Event, Scene, Story

MIX: tuple[tuple[int, Story], ...] = (
    (20, webcom.mailing),
    (14, webcom.viber),
    (12, webcom.cascade),
    (28, smso.message),
    (3, smso.stranger),
    (18, smsgateway24.message),
    (5, smsgateway24.inbound),
    (3, oddities.unreadable),
    (1, oddities.partly_readable),
    (1, oddities.undocumented_word),
)
"""How often each story begins, out of the sum."""


def traffic(seed: int, start: datetime, *, rate: float, zone: tzinfo) -> Iterator[Event]:
    """Yield events without end, in the order of their `due`.

    The same seed, start, rate and zone give the same traffic. `rate` is stories begun a second, on
    average; one makes about four requests. `start` is aware; `zone` is that of the providers whose times
    carry none.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable dice, nothing secret
    stories = [story for _, story in MIX]
    shares = [share for share, _ in MIX]
    ahead: list[tuple[datetime, int, Event]] = []
    tie = itertools.count()
    begins = start
    for serial in itertools.count():
        begins += timedelta(seconds=rng.expovariate(rate))
        scene = Scene(rng=rng, begins=begins, zone=zone, serial=serial)
        for event in rng.choices(stories, shares)[0](scene):
            heapq.heappush(ahead, (event.due, next(tie), event))
        while ahead and ahead[0][0] <= begins:  # no later scene can come before these
            yield heapq.heappop(ahead)[2]

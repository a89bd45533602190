"""What time it is, and waiting: a crawl reads both from here, so that a test can turn the clock."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` gives aware UTC, ``seconds`` a moment that only grows, whatever is done to the wall clock."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


SYSTEM = Clock(lambda: datetime.now(UTC), time.monotonic, asyncio.sleep)

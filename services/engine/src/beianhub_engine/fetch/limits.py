"""What a fetch may take, and the time that is left of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from beianhub_sdk import FetchFailedError


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are in seconds, sizes in bytes. ``wire`` counts what comes off the network for a hop, headers included;
    ``body`` is the page after decompression.
    """

    total: float = 5.0
    resolving: float = 2.0
    connecting: float = 2.0
    body: int = 1024 * 1024
    wire: int = 1024 * 1024 + 128 * 1024
    redirects: int = 3


@dataclass(slots=True)
class Budget:
    """The time left of one fetch, over all of its hops, and the bytes of the hop at hand."""

    seconds: float
    limits: Limits
    received: int = 0
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds, never 0.

        Raises:
            FetchFailedError: TIMEOUT, there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailedError("TIMEOUT")
        return left if at_most is None else min(left, at_most)

    def take(self, size: int) -> None:
        """Counts bytes off the network.

        Raises:
            FetchFailedError: TOO_LARGE
        """
        self.received += size
        if self.received > self.limits.wire:
            raise FetchFailedError("TOO_LARGE")

"""One reader of the event log per process: whoever needs the log's news is told by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from beianhub_gateway.observing import report

if TYPE_CHECKING:
    from beianhub_core.ports import Clock
    from beianhub_core.store.port import Positioned, Store
    from beianhub_gateway.observing import Logger

_BATCH: Final = 500
_LONGEST_PAUSE: Final = 2.0  # between attempts while the store does not answer
_LONGEST_AGE: Final = 1e9  # before the first tail; a timedelta has no infinity


class Follower(Protocol):
    """Takes events in order of position; a batch may come again after a failure."""

    async def load(self) -> None:
        """Reads what was there before the first batch."""
        ...

    async def take(self, events: Sequence[Positioned]) -> None:
        """Applies a batch."""
        ...


class LogTail:
    """Reads the log by position and hands each batch to its followers, in their order."""

    def __init__(self, store: Store, clock: Clock, followers: Sequence[Follower], interval: float) -> None:
        self.position = 0
        """Of the last event that every follower has taken."""
        self.as_of = datetime.fromtimestamp(0, UTC)
        """The followers know all that the log had then."""
        self._seen = float("-inf")  # the same by the loop's clock, which nobody sets back
        self._store = store
        self._clock = clock
        self._followers = followers
        self._interval = interval

    def age(self) -> timedelta:
        """How old the followers' knowledge is."""
        return timedelta(seconds=min(asyncio.get_running_loop().time() - self._seen, _LONGEST_AGE))

    async def start(self) -> None:
        """Begins at the log's present end. Raises what the store raises."""
        moment = self._moment()
        # The position first: what is committed while the followers load comes to them once more.
        position = await self._store.head()
        for follower in self._followers:
            await follower.load()
        self.position = position
        self.as_of, self._seen = moment

    async def run(self, logger: Logger) -> None:
        """Follows the log until cancelled; a store that fails is asked again, with growing pauses."""
        pause = self._interval
        while True:
            try:
                caught_up = await self.step()
                pause = 0 if not caught_up else self._interval
            except Exception as error:  # noqa: BLE001 - whatever fails here, the tail must go on
                report(logger, error, "tail_failed")
                pause = min(2 * max(pause, self._interval), _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def step(self) -> bool:
        """Takes one batch; whether it was the last one for now."""
        # Before the events: one that gets its position between the two questions is among them then.
        moment = await self._seen_by(*self._moment())
        events = await self._store.events_after(self.position, _BATCH)
        if events:
            for follower in self._followers:
                await follower.take(events)
            self.position = events[-1].position
        if len(events) == _BATCH:
            return False
        self.as_of, self._seen = moment
        return True

    async def _seen_by(self, now: datetime, seconds: float) -> tuple[datetime, float]:
        """The moment, or that of the oldest event that no relay has given a position yet: nobody sees beyond it."""
        waiting = await self._store.waiting_since()
        if waiting is None or waiting >= now:
            return now, seconds
        return waiting, seconds - (now - waiting).total_seconds()

    def _moment(self) -> tuple[datetime, float]:
        return self._clock.now(), asyncio.get_running_loop().time()

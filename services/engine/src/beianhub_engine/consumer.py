"""Consumes events with effect once: each subject's versions gaplessly, in order, and none twice.

The bus delivers at least once. A version at or below the group's mark of the subject is dropped; versions that are
missing before a delivered one are read from the log, where they stood before anything was published.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from beianhub.events.v1.events_pb2 import Event
from beianhub_core.bus.port import Bus, Consumer
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.ports import Clock
from beianhub_core.store.port import Store
from beianhub_engine.waiting import first

Handler = Callable[[Sequence[Event]], Awaitable[None]]
"""Gets events in order. One that fails gets the same events again, so it is idempotent."""

_POLL_SECONDS = 1.0
_LAG_SECONDS = 5.0
_STALL_SECONDS = 60.0
_FAILURE_SECONDS = (0.1, 10.0)
_log = structlog.get_logger()

_Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ConsumerHealth:
    """How a consumer fares: when it last went on or had nothing to do, and what was waiting at the last look."""

    last_progress: datetime
    lag: int = 0
    last_error: str = ""


class EventConsumer:
    """One member of a group, with its handler.

    Failures are retried for ever with growing waits: nothing is skipped, and other groups are not held up. A member
    that gets nothing for a minute although events wait is replaced: kafka-python has stalled so after rebalances.
    """

    def __init__(self, store: Store, bus: Bus, group: str, handler: Handler, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._group = group
        self._handler = handler
        self._clock = clock
        self._delay = _FAILURE_SECONDS[0]
        self.health = ConsumerHealth(clock.now())

    async def run(self, stop: asyncio.Event) -> None:
        """Consumes until ``stop``, which interrupts it at once."""
        await first(stop.wait(), self._consume())

    async def _consume(self) -> None:
        while True:
            try:
                await self._bus.start()  # a topic that is missing would be looked for again only after minutes
                consumer = await self._bus.consumer(self._group)
                try:
                    await self._work(consumer)
                finally:
                    await consumer.close()
            except Exception as error:  # noqa: BLE001 - whatever fails, consuming must go on; the health tells
                await self._failed(error)

    async def _work(self, consumer: Consumer) -> None:
        """Works until the consumer stalls or fails, or the destination is another one."""
        loop = asyncio.get_running_loop()
        destination = self._bus.destination
        progress = looked = loop.time()
        while loop.time() - progress < _STALL_SECONDS and destination == self._bus.destination:
            deliveries = await consumer.poll(_POLL_SECONDS)
            if deliveries:
                await self._apply([delivery.event for delivery in deliveries])
                await consumer.commit()
            if loop.time() - looked > _LAG_SECONDS:
                looked = loop.time()
                self.health = replace(self.health, lag=await consumer.lag())
            if deliveries or self.health.lag == 0:
                self._progressed()
                progress = loop.time()
        _log.warning("consumer_given_up", group=self._group, lag=self.health.lag)

    async def _apply(self, batch: Sequence[Event]) -> None:
        while True:
            try:
                await self._handle(batch)
            except Exception as error:  # noqa: BLE001 - a handler may raise anything
                await self._failed(error)
            else:
                return

    async def _handle(self, batch: Sequence[Event]) -> None:
        marks = await self._store.marks(self._group, list({(event.tenant, event.subject) for event in batch}))
        events = await self._gapless(batch, dict(marks))
        if events:
            await self._handler(events)
            # In order, so the last version of each subject stays.
            reached = {(event.tenant, event.subject): event.version for event in events}
            await self._store.advance_marks(self._group, reached)

    async def _gapless(self, batch: Sequence[Event], marks: dict[_Subject, int]) -> list[Event]:
        events: list[Event] = []
        for event in batch:
            subject = (event.tenant, event.subject)
            mark = marks.get(subject, 0)
            if event.version > mark:
                events += await self._between(subject, mark, event.version)
                events.append(event)
                marks[subject] = event.version
        return events

    async def _between(self, subject: _Subject, mark: int, version: int) -> list[Event]:
        count = version - mark - 1
        if count == 0:
            return []
        events = await self._store.list_events(*subject, after_version=mark, limit=count)
        if [event.version for event in events] != list(range(mark + 1, version)):
            metadata = {"subject": subject[1], "after_version": str(mark), "before_version": str(version)}
            raise BeianhubError(ErrorKind.UNAVAILABLE, "EVENTS_MISSING", metadata=metadata)
        return events

    def _progressed(self) -> None:
        self._delay = _FAILURE_SECONDS[0]
        self.health = replace(self.health, last_progress=self._clock.now(), last_error="")

    async def _failed(self, error: Exception) -> None:
        """Tells, and waits."""
        self.health = replace(self.health, last_error=str(error))
        _log.warning("consumer_failed", group=self._group, error=str(error), retry_in=self._delay)
        await asyncio.sleep(self._delay)
        self._delay = min(2 * self._delay, _FAILURE_SECONDS[1])

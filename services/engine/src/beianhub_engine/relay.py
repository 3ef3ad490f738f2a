"""The relay: gives events their positions and publishes them, in the one process that leads.

At most one batch is unacknowledged, and the published mark moves after the acknowledgement: whatever fails in between
is published again, in order (at least once; the consumers' marks drop what they have seen).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from beianhub_core.bus.port import Bus, Publisher
from beianhub_core.store.port import Lease, Log
from beianhub_engine.leadership import Leadership
from beianhub_engine.waiting import first

BATCH = 1000
_IDLE_SECONDS = (0.05, 0.5)  # the first and the longest wait for new events, unless somebody wakes us
_FAILURE_SECONDS = (0.2, 5.0)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RelayHealth:
    """How the relay fares. ``published`` is a position; ``oldest`` is the time of the oldest event that is still to be
    published, ``None`` when there was none at the last look.
    """

    leading: bool = False
    published: int = 0
    oldest: datetime | None = None
    last_error: str = ""


class Relay:
    """Moves events from the log to the bus. ``wake`` is set by whoever writes events in this process."""

    def __init__(self, store: Log, bus: Bus, leadership: Leadership, wake: asyncio.Event | None = None) -> None:
        self.health = RelayHealth()
        self._store = store
        self._bus = bus
        self._leadership = leadership
        self._wake = wake or asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Publishes while it leads, until ``stop``; both that and the loss of the lease interrupt it at once."""
        while not stop.is_set():
            await first(stop.wait(), self._leadership.held())
            lease = self._leadership.lease
            if lease is not None:
                await first(stop.wait(), self._leadership.lost(), self._lead(lease))

    async def _lead(self, lease: Lease) -> None:
        self.health = replace(self.health, leading=True)
        delay = _FAILURE_SECONDS[0]
        try:
            while True:
                before = self.health.published
                try:
                    await self._publish(lease)
                except Exception as error:  # noqa: BLE001 - whatever fails, publishing must go on; the health tells
                    self.health = replace(self.health, last_error=str(error))
                    _log.warning("relay_failed", error=str(error), retry_in=delay)
                if self.health.published != before:
                    delay = _FAILURE_SECONDS[0]
                await asyncio.sleep(delay)
                delay = min(2 * delay, _FAILURE_SECONDS[1])
        finally:
            self.health = replace(self.health, leading=False)

    async def _publish(self, lease: Lease) -> None:
        """Publishes until something fails. Starting the bus makes or finds again whatever was lost: a topic that was
        made anew, or another cluster, has another destination, whose mark is 0, and is filled from the log's beginning.
        """
        await self._bus.start()
        destination = self._bus.destination
        self.health = replace(self.health, published=await self._store.published(destination))
        publisher = self._bus.publisher()
        idle = _IDLE_SECONDS[0]
        try:
            while True:
                self._wake.clear()
                if await self._step(lease, destination, publisher):
                    idle = _IDLE_SECONDS[0]
                    continue
                await first(self._wake.wait(), asyncio.sleep(idle))
                idle = min(2 * idle, _IDLE_SECONDS[1])
        finally:
            await publisher.close()

    async def _step(self, lease: Lease, destination: str, publisher: Publisher) -> int:
        """Publishes one batch and returns its size."""
        await self._store.assign_positions(lease, BATCH)
        events = await self._store.events_after(self.health.published, BATCH)
        oldest = events[0].event.time.ToDatetime(UTC) if events else None
        self.health = replace(self.health, oldest=oldest, last_error="")
        if events:
            await publisher.publish(events)
            await self._store.set_published(lease, destination, events[-1].position)
            self.health = replace(self.health, published=events[-1].position, oldest=None)
        return len(events)

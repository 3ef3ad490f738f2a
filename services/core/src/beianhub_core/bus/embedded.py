"""The bus of one machine: the event log itself is the topic, read by position.

Publishing is the assignment of the position, which the log has done before; what is left is to wake the consumers of
this process. One process only: members of a group know each other through this object.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from beianhub_core.bus.port import EVENTS_TOPIC, Delivery
from beianhub_core.store.port import Log, Positioned

POLL_SECONDS = 0.2  # for events whose position another process's relay gave
# A group's offset is a high-water mark like any other; no subject has an empty tenant.
_OFFSET = ("", EVENTS_TOPIC)


class EmbeddedBus:
    """A :class:`~beianhub_core.bus.port.Bus` over the store's log."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._groups: dict[str, list[EmbeddedConsumer]] = {}

    async def start(self) -> None:
        """Nothing is to be made: the log is there."""

    @property
    def destination(self) -> str:
        """The log's own name; it is never replaced."""
        return EVENTS_TOPIC

    def publisher(self) -> EmbeddedPublisher:
        """A publisher that wakes this process's consumers."""
        return EmbeddedPublisher(self)

    async def consumer(self, group: str) -> EmbeddedConsumer:
        """A new member of the group, the last in line for its work."""
        consumer = EmbeddedConsumer(self, group)
        self._groups.setdefault(group, []).append(consumer)
        return consumer

    def is_active(self, consumer: EmbeddedConsumer) -> bool:
        """Whether it is the one member that works: the oldest. With one at a time a subject's order is kept."""
        return self._groups[consumer.group][:1] == [consumer]

    def leave(self, consumer: EmbeddedConsumer) -> None:
        """Takes the consumer out of its group; the next member takes over."""
        members = self._groups[consumer.group]
        if consumer in members:
            members.remove(consumer)
            self.wake()

    def wake(self) -> None:
        """Ends the waiting of every consumer."""
        for members in self._groups.values():
            for member in members:
                member.woken.set()

    async def close(self) -> None:
        """Ends all memberships."""
        for members in self._groups.values():
            members.clear()


class EmbeddedPublisher:
    """A :class:`~beianhub_core.bus.port.Publisher` that has nothing to send."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self._bus = bus

    async def publish(self, events: Sequence[Positioned]) -> None:
        """Wakes the consumers; the events are in the log already."""
        if events:
            self._bus.wake()

    async def close(self) -> None:
        """Nothing is held."""


class EmbeddedConsumer:
    """A :class:`~beianhub_core.bus.port.Consumer` that reads the log."""

    def __init__(self, bus: EmbeddedBus, group: str) -> None:
        self.group = group
        self.woken = asyncio.Event()
        self._bus = bus
        self._position: int | None = None  # None: not read yet, for another member may still move it

    async def poll(self, timeout: float, limit: int = 500) -> list[Delivery]:  # noqa: ASYNC109 - the wait is the poll's own
        """The next events, in the order of their positions; a member that is not active waits."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            self.woken.clear()
            events = await self._read(limit)
            remaining = deadline - loop.time()
            if events or remaining <= 0:
                return [Delivery(positioned.event, str(positioned.position)) for positioned in events]
            await self._sleep(min(remaining, POLL_SECONDS))

    async def commit(self) -> None:
        """Keeps the position of the last event that :meth:`poll` returned."""
        if self._position is not None:
            await self._bus.log.advance_marks(self.group, {_OFFSET: self._position})

    async def lag(self) -> int:
        """Positions given and not read yet; 0 for a member that waits for its turn."""
        if not self._bus.is_active(self):
            return 0
        return await self._bus.log.head() - await self._next()

    async def close(self) -> None:
        """Leaves the group; what was not committed comes to the next member again."""
        self._bus.leave(self)

    async def _read(self, limit: int) -> list[Positioned]:
        if not self._bus.is_active(self):
            return []
        events = await self._bus.log.events_after(await self._next(), limit)
        if events:
            self._position = events[-1].position
        return events

    async def _next(self) -> int:
        if self._position is None:
            self._position = (await self._bus.log.marks(self.group, [_OFFSET])).get(_OFFSET, 0)
        return self._position

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            pass

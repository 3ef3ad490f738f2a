"""The bus's port: events, by subject in order, to the groups that consume them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from beianhub.events.v1.events_pb2 import Event
from beianhub_core.store.port import Positioned

EVENTS_TOPIC = "filing.events.v1"
DEAD_LETTERS_TOPIC = "filing.deadletters.v1"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivered event. ``source`` says where it stood ("partition/offset", or the position), for messages."""

    event: Event
    source: str


class Publisher(Protocol):
    """Publishes; one relay leader uses it at a time."""

    async def publish(self, events: Sequence[Positioned]) -> None:
        """Returns when the broker has acknowledged all of them.

        Raises:
            BeianhubError: UNAVAILABLE; some may have been published, and all are to be published again.
        """
        ...

    async def close(self) -> None: ...  # noqa: D102 - the name says it


class Consumer(Protocol):
    """One member of a group. Each event reaches the group at least once, a subject's in order."""

    async def poll(self, timeout: float, limit: int = 500) -> list[Delivery]:  # noqa: ASYNC109 - the wait is the poll's own
        """The next events; empty after ``timeout`` seconds without any.

        Raises:
            BeianhubError: UNAVAILABLE; nothing is lost: poll again, or close this consumer and make another.
        """
        ...

    async def commit(self) -> None:
        """Everything that :meth:`poll` returned so far is done; it will not come again, but for what has meanwhile
        moved to another member.

        Raises:
            BeianhubError: UNAVAILABLE; it may be repeated.
        """
        ...

    async def lag(self) -> int:
        """How many events of this member's share :meth:`poll` has not returned yet, as far as is known.

        Raises:
            BeianhubError: UNAVAILABLE; this consumer may be of no use any more: close it and make another.
        """
        ...

    async def close(self) -> None:
        """Leaves the group without committing."""
        ...


class Bus(Protocol):
    """Makes publishers and consumers of :data:`EVENTS_TOPIC`."""

    async def start(self) -> None:
        """Makes the topics where they are missing, with partition counts that never change; may be repeated.

        Raises:
            BeianhubError: UNAVAILABLE; the bus cannot be reached.
        """
        ...

    @property
    def destination(self) -> str:
        """Names what publishing fills, known after :meth:`start`. A new cluster, or a topic that was made anew, has
        another name: nothing has been published to it yet, so the relay refills it from the log.
        """
        ...

    def publisher(self) -> Publisher: ...  # noqa: D102 - the name says it
    async def consumer(self, group: str) -> Consumer: ...  # noqa: D102 - the name says it
    async def close(self) -> None: ...  # noqa: D102 - the name says it

"""What every bus promises, on the embedded one and on a real Apache Kafka."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import reduce

import pytest

from beianhub.events.v1.events_pb2 import Event, SubjectUpdated
from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core.bus import open_bus
from beianhub_core.bus.port import Bus, Consumer, Delivery, Publisher
from beianhub_core.domain.evolve import evolve
from beianhub_core.ports import SystemClock, Uuid7Ids
from beianhub_core.store.port import Changes, Lease, Loaded, Positioned, Store, Unit

TENANT = "acme"


def subject_events(subject: str, first: int, last: int) -> list[Event]:
    """A subject's events with the versions from ``first`` to ``last``."""
    ids = Uuid7Ids()
    events = []
    for version in range(first, last + 1):
        event = Event(id=ids.new(), tenant=TENANT, subject=subject, version=version, actor="scheduler")
        event.time.FromDatetime(SystemClock().now())
        payload = SubjectUpdated(subject=Subject(name=f"tenants/{TENANT}/subjects/{subject}"))
        event.subject_updated.CopyFrom(payload)
        events.append(event)
    return events


@dataclass
class World:
    """A bus over a store, and what a relay does, step by step."""

    store: Store
    bus: Bus
    publisher: Publisher
    lease: Lease
    published: int = 0

    async def append(self, subject: str, first: int, last: int) -> None:
        """Writes a subject's events to the log."""
        events = subject_events(subject, first, last)

        def plan(loaded: Loaded) -> Changes:
            return Changes(record=reduce(evolve, events, loaded.record), events=events)

        await self.store.execute(Unit(TENANT, subject, plan))

    async def publish(self) -> list[Positioned]:
        """Gives positions and publishes what was not published yet."""
        await self.store.assign_positions(self.lease, 10_000)
        events = await self.store.events_after(self.published, 10_000)
        await self.publisher.publish(events)
        self.published = events[-1].position
        return events

    async def drain(self, consumer: Consumer, count: int, *, limit: int = 500) -> list[Delivery]:
        """Polls until ``count`` events have come, or for 20 seconds."""
        deliveries: list[Delivery] = []
        for _ in range(40):
            if len(deliveries) >= count:
                break
            deliveries += await consumer.poll(0.5, limit)
        return deliveries


async def _open(url: str, store: Store) -> World:
    bus = open_bus(url, store)
    await bus.start()
    lease = await store.acquire_lease("relay", "test", 600)
    assert lease is not None
    return World(store, bus, bus.publisher(), lease)


@pytest.fixture
async def kafka_world(store: Store, kafka_server: str, kafka_topic_prefix: str) -> AsyncIterator[World]:
    world = await _open(f"kafka://{kafka_server}?topic_prefix={kafka_topic_prefix}&partitions=4", store)
    yield world
    await world.publisher.close()
    await world.bus.close()


@pytest.fixture
async def embedded_world(store: Store) -> AsyncIterator[World]:
    world = await _open("embedded://", store)
    yield world
    await world.publisher.close()
    await world.bus.close()


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.servers)])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


def by_subject(deliveries: Iterable[Delivery]) -> dict[str, list[int]]:
    """The versions of each subject as they came."""
    versions: dict[str, list[int]] = {}
    for delivery in deliveries:
        versions.setdefault(delivery.event.subject, []).append(delivery.event.version)
    return versions


async def test_a_subjects_events_come_in_order(world: World) -> None:
    """Whatever the partition, a subject's versions are delivered as they were written."""
    for number, first in itertools.product(range(5), (1, 11)):
        await world.append(f"subject-{number}", first, first + 9)
    await world.publish()
    consumer = await world.bus.consumer("order")
    deliveries = await world.drain(consumer, 100, limit=30)
    await consumer.close()
    assert by_subject(deliveries) == {f"subject-{number}": list(range(1, 21)) for number in range(5)}


async def test_an_event_arrives_as_it_was_written(world: World) -> None:
    """The delivered event equals the one in the log."""
    await world.append("subject", 1, 1)
    (published,) = await world.publish()
    consumer = await world.bus.consumer("same")
    (delivery,) = await world.drain(consumer, 1)
    await consumer.close()
    assert delivery.event == published.event
    assert delivery.source


async def test_what_was_not_committed_comes_again(world: World) -> None:
    """A member that leaves without committing leaves its events to the next; committed ones do not come again."""
    await world.append("subject", 1, 3)
    await world.publish()
    first = await world.bus.consumer("again")
    assert len(await world.drain(first, 3)) == 3
    await first.close()
    second = await world.bus.consumer("again")
    assert by_subject(await world.drain(second, 3)) == {"subject": [1, 2, 3]}
    await second.commit()
    await second.close()
    await world.append("subject", 4, 4)
    await world.publish()
    third = await world.bus.consumer("again")
    assert by_subject(await world.drain(third, 1)) == {"subject": [4]}
    assert await third.poll(0.3) == []
    await third.close()


async def test_a_commit_covers_exactly_what_was_polled(world: World) -> None:
    """Events that wait in the client are not committed by a commit of those before them."""
    await world.append("subject", 1, 10)
    await world.publish()
    first = await world.bus.consumer("exact")
    assert by_subject(await world.drain(first, 4, limit=4)) == {"subject": [1, 2, 3, 4]}
    await first.commit()
    await first.close()
    second = await world.bus.consumer("exact")
    assert by_subject(await world.drain(second, 6)) == {"subject": [5, 6, 7, 8, 9, 10]}
    await second.close()


async def test_members_share_a_group(world: World) -> None:
    """Each event goes to one of two members, and when one leaves, the other takes over its work."""
    first, second = await world.bus.consumer("shared"), await world.bus.consumer("shared")
    for _ in range(3):  # until both have their share; nothing is there
        await asyncio.gather(first.poll(1.0), second.poll(1.0))
    for number in range(8):
        await world.append(f"subject-{number}", 1, 5)
    await world.publish()
    shares: tuple[list[Delivery], list[Delivery]] = ([], [])
    for _ in range(20):
        polled = await asyncio.gather(first.poll(0.3), second.poll(0.3))
        shares[0].extend(polled[0])
        shares[1].extend(polled[1])
        if sum(map(len, shares)) >= 40:
            break
    assert not by_subject(shares[0]).keys() & by_subject(shares[1]).keys()
    assert by_subject(shares[0]) | by_subject(shares[1]) == {
        f"subject-{number}": [1, 2, 3, 4, 5] for number in range(8)
    }
    await second.commit()
    await first.close()
    taken_over = await world.drain(second, len(shares[0]))
    assert by_subject(taken_over) == by_subject(shares[0])
    await second.close()


async def test_groups_do_not_disturb_each_other(world: World) -> None:
    """Each group sees every event."""
    await world.append("subject", 1, 3)
    await world.publish()
    for group in ("hosts", "watchers"):
        consumer = await world.bus.consumer(group)
        assert by_subject(await world.drain(consumer, 3)) == {"subject": [1, 2, 3]}
        await consumer.commit()
        await consumer.close()


async def test_a_poll_that_is_given_up_loses_nothing(world: World) -> None:
    """What a cancelled poll had read comes with the next one."""
    consumer = await world.bus.consumer("patient")
    waiting = asyncio.create_task(consumer.poll(3.0))
    await asyncio.sleep(0.5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await world.append("subject", 1, 2)
    await world.publish()
    assert by_subject(await world.drain(consumer, 2)) == {"subject": [1, 2]}
    await consumer.close()


async def test_publishing_wakes_a_waiting_consumer(world: World) -> None:
    """A consumer that waits in a long poll gets what is published meanwhile."""
    consumer = await world.bus.consumer("woken")
    await consumer.poll(0.1)
    waiting = asyncio.create_task(world.drain(consumer, 1))
    await world.append("subject", 1, 1)
    await world.publish()
    assert len(await asyncio.wait_for(waiting, 60)) == 1
    await consumer.close()


async def test_the_lag_counts_what_was_not_polled(world: World) -> None:
    """The lag is what waits for this member, and 0 when it has everything."""
    await world.append("subject", 1, 10)
    await world.publish()
    consumer = await world.bus.consumer("slow")
    await world.drain(consumer, 4, limit=4)
    assert await consumer.lag() == 6
    await world.drain(consumer, 6)
    assert await consumer.lag() == 0
    await consumer.close()


async def test_starting_again_changes_nothing(world: World) -> None:
    """The destination keeps its name, so nothing is published twice without need."""
    destination = world.bus.destination
    await world.bus.start()
    assert world.bus.destination == destination

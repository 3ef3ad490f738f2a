"""The relay, over a real store and both buses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import reduce
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from beianhub.events.v1.events_pb2 import Event, SubjectUpdated
from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core.bus import open_bus
from beianhub_core.bus.kafka import KafkaBus, KafkaSettings
from beianhub_core.bus.port import EVENTS_TOPIC, Bus
from beianhub_core.domain.evolve import evolve
from beianhub_core.ports import SystemClock, Uuid7Ids
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Store, Unit
from beianhub_engine import relay as relay_module
from beianhub_engine.leadership import Leadership
from beianhub_engine.relay import Relay

TTL = 2.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'log.db'}", SystemClock())
    await store.start()
    yield store
    await store.close()


async def append(store: Store, subject: str, first: int, last: int) -> list[Event]:
    """Writes a subject's events with these versions to the log."""
    payload = SubjectUpdated(subject=Subject(name=f"tenants/acme/subjects/{subject}"))
    events = [
        Event(id=Uuid7Ids().new(), tenant="acme", subject=subject, version=version, subject_updated=payload)
        for version in range(first, last + 1)
    ]
    for event in events:
        event.time.FromDatetime(SystemClock().now())
    plan = lambda loaded: Changes(record=reduce(evolve, events, loaded.record), events=events)  # noqa: E731 - a plan
    await store.execute(Unit("acme", subject, plan))
    return events


@asynccontextmanager
async def running(store: Store, bus: Bus, holder: str = "a", wake: asyncio.Event | None = None) -> AsyncIterator[Relay]:
    """A relay at work."""
    stop = asyncio.Event()
    async with Leadership(store, "relay", holder, TTL) as leadership:
        relay = Relay(store, bus, leadership, wake)
        task = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)


async def published(relay: Relay, position: int) -> None:
    """Waits until the relay has published up to the position."""
    async with asyncio.timeout(60):
        while relay.health.published < position:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def count(settings: KafkaSettings) -> int:
    """How many messages the topic holds."""
    consumer = KafkaConsumer(bootstrap_servers=list(settings.bootstrap_servers))
    parts = [TopicPartition(settings.events_topic, n) for n in consumer.partitions_for_topic(settings.events_topic)]
    total = sum(consumer.end_offsets(parts).values())
    consumer.close()
    return total


@pytest.fixture
def kafka_bus(kafka_server: str, kafka_topic_prefix: str) -> KafkaBus:
    return KafkaBus(KafkaSettings((kafka_server,), kafka_topic_prefix, partitions=3))


async def test_what_is_written_is_published_in_order(store: Store) -> None:
    """Events get gapless positions, reach the consumers in that order, and the mark follows."""
    bus = open_bus("embedded://", store)
    await append(store, "s1", 1, 3)
    async with running(store, bus) as relay:
        await published(relay, 3)
        await append(store, "s2", 1, 2)
        await published(relay, 5)
        assert relay.health.leading
        assert (relay.health.oldest, relay.health.last_error) == (None, "")
    assert not relay.health.leading
    assert await store.published(EVENTS_TOPIC) == 5
    consumer = await bus.consumer("g")
    deliveries = await consumer.poll(1.0)
    assert [d.source for d in deliveries] == ["1", "2", "3", "4", "5"]


async def test_a_writer_wakes_the_relay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wake-up an event is out at once, however long the idle relay would have waited."""
    monkeypatch.setattr(relay_module, "_IDLE_SECONDS", (60.0, 60.0))
    bus, wake = open_bus("embedded://", store), asyncio.Event()
    async with running(store, bus, wake=wake) as relay:
        for version in range(1, 4):
            await append(store, "s1", version, version)
            wake.set()
            await published(relay, version)


async def test_one_of_two_relays_publishes_and_the_other_takes_over(store: Store) -> None:
    """The second begins when the first gives up its lease, where the first had stopped."""
    bus = open_bus("embedded://", store)
    async with running(store, bus, "b") as second:
        await append(store, "s1", 1, 2)
        await published(second, 2)
        async with running(store, bus, "c") as third:
            await append(store, "s1", 3, 4)
            await published(second, 4)
            assert not third.health.leading
            assert third.health.published == 0
    async with running(store, bus, "c") as third:
        await append(store, "s1", 5, 5)
        await published(third, 5)


async def test_a_lost_lease_stops_the_relay(store: Store) -> None:
    """When another holds the lease, nothing is positioned or published any more."""
    async with running(store, open_bus("embedded://", store)) as relay:
        await append(store, "s1", 1, 1)
        await published(relay, 1)
        lease = await store.acquire_lease("relay", "a", TTL)
        assert lease is not None
        await store.release_lease(lease)
        assert await store.acquire_lease("relay", "thief", 60) is not None
        await append(store, "s1", 2, 2)
        async with asyncio.timeout(60):
            while relay.health.leading:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        assert relay.health.published == await store.head() == 1


async def test_a_bus_out_of_reach_is_tried_again(store: Store) -> None:
    """Events wait in the log, and the health tells since when and why."""
    await append(store, "s1", 1, 1)
    bus = KafkaBus(KafkaSettings(("127.0.0.1:1",), connect_timeout=0.1))
    async with running(store, bus) as relay:
        async with asyncio.timeout(60):
            while not relay.health.last_error:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        assert "no port is open" in relay.health.last_error
        assert relay.health.leading


@pytest.mark.servers
async def test_a_relay_that_died_before_the_mark_publishes_twice(store: Store, kafka_bus: KafkaBus) -> None:
    """The next leader cannot know what was acknowledged: the topic gets duplicates, never a hole."""
    await append(store, "s1", 1, 5)
    await kafka_bus.start()
    lease = await store.acquire_lease("relay", "dead", 0.5)
    assert lease is not None
    await store.assign_positions(lease, 100)
    publisher = kafka_bus.publisher()
    await publisher.publish(await store.events_after(0, 100))  # ... and here it dies: the lease lapses, no mark
    await publisher.close()
    async with running(store, kafka_bus) as relay:
        await published(relay, 5)
    assert count(kafka_bus.settings) == 10
    async with running(store, kafka_bus) as relay:
        await append(store, "s1", 6, 6)
        await published(relay, 6)
    assert count(kafka_bus.settings) == 11
    await kafka_bus.close()


@pytest.mark.servers
async def test_a_lost_topic_is_refilled_from_the_log(store: Store, kafka_bus: KafkaBus) -> None:
    """A topic that was made anew gets every event from the first."""
    await append(store, "s1", 1, 5)
    async with running(store, kafka_bus) as relay:
        await published(relay, 5)
    admin = KafkaAdminClient(bootstrap_servers=list(kafka_bus.settings.bootstrap_servers))
    admin.delete_topics([kafka_bus.settings.events_topic])
    admin.close()
    await asyncio.sleep(0.5)  # the deletion reaches the broker's metadata
    async with running(store, kafka_bus) as relay:
        await published(relay, 5)
    assert count(kafka_bus.settings) == 5
    await kafka_bus.close()

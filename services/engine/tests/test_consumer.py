"""Consuming with effect once, over a real store and both buses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import reduce
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from beianhub.events.v1.events_pb2 import Event, SubjectUpdated
from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core.bus import open_bus
from beianhub_core.bus.kafka import KafkaBus, KafkaSettings
from beianhub_core.bus.port import Bus
from beianhub_core.domain.evolve import evolve
from beianhub_core.ports import SystemClock, Uuid7Ids
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Positioned, Store, Unit
from beianhub_engine import consumer as consumer_module
from beianhub_engine.consumer import EventConsumer
from beianhub_engine.leadership import Leadership
from beianhub_engine.relay import Relay


async def until(condition: Callable[[], bool]) -> None:
    """Waits until it is so; the guard is against a hang, not a measure of speed."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


class Seen:
    """A handler that keeps the versions of each subject, and fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.versions: dict[str, list[int]] = {}
        self.failures = failures

    async def __call__(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not today")
        for event in events:
            self.versions.setdefault(event.subject, []).append(event.version)

    async def wait(self, versions: dict[str, list[int]]) -> None:
        """Waits until exactly these were seen."""
        await until(lambda: self.versions == versions)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'log.db'}", SystemClock())
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def kafka_bus(kafka_server: str, kafka_topic_prefix: str) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(KafkaSettings((kafka_server,), kafka_topic_prefix, partitions=3))
    await bus.start()
    yield bus
    await bus.close()


async def append(store: Store, subject: str, first: int, last: int) -> list[Positioned]:
    """Writes a subject's events with these versions to the log, and returns them with their positions."""
    payload = SubjectUpdated(subject=Subject(name=f"tenants/acme/subjects/{subject}"))
    events = [
        Event(id=Uuid7Ids().new(), tenant="acme", subject=subject, version=version, subject_updated=payload)
        for version in range(first, last + 1)
    ]
    for event in events:
        event.time.FromDatetime(SystemClock().now())
    plan = lambda loaded: Changes(record=reduce(evolve, events, loaded.record), events=events)  # noqa: E731 - a plan
    await store.execute(Unit("acme", subject, plan))
    lease = await store.acquire_lease("relay", "test", 600)
    assert lease is not None
    before = await store.head()
    await store.assign_positions(lease, 1000)
    return await store.events_after(before, 1000)


async def publish(bus: Bus, events: Sequence[Positioned]) -> None:
    """Publishes exactly these."""
    publisher = bus.publisher()
    await publisher.publish(events)
    await publisher.close()


@asynccontextmanager
async def running(store: Store, bus: Bus, seen: Seen, group: str = "g") -> AsyncIterator[EventConsumer]:
    """A consumer at work."""
    stop = asyncio.Event()
    consumer = EventConsumer(store, bus, group, seen, SystemClock())
    task = asyncio.create_task(consumer.run(stop))
    try:
        yield consumer
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


async def marked(store: Store, **versions: int) -> None:
    """Waits until the group's marks of these subjects are there: what a consumer did before is done for good."""
    wanted = {("acme", subject): version for subject, version in versions.items()}
    async with asyncio.timeout(60):
        while await store.marks("g", list(wanted)) != wanted:  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.01)


async def test_the_handler_sees_each_event_once_across_restarts(store: Store) -> None:
    """What was handled and committed is not seen by the next consumer of the group."""
    bus = open_bus("embedded://", store)
    seen = Seen()
    await publish(bus, await append(store, "s1", 1, 3))
    async with running(store, bus, seen) as consumer:
        started = consumer.health.last_progress
        await seen.wait({"s1": [1, 2, 3]})
        await publish(bus, await append(store, "s2", 1, 1))
        await seen.wait({"s1": [1, 2, 3], "s2": [1]})
        await until(lambda: consumer.health.last_progress > started)
        await marked(store, s1=3, s2=1)
    async with running(store, bus, seen):
        await publish(bus, await append(store, "s1", 4, 4))
        await seen.wait({"s1": [1, 2, 3, 4], "s2": [1]})


async def test_what_is_below_the_mark_is_dropped(store: Store) -> None:
    """A consumer that died between its effects and its commit does not repeat the effects."""
    bus = open_bus("embedded://", store)
    seen = Seen()
    await append(store, "s1", 1, 5)
    await store.advance_marks("g", {("acme", "s1"): 3})  # ... and here it died
    async with running(store, bus, seen):
        await seen.wait({"s1": [4, 5]})
        await marked(store, s1=5)


async def test_a_failing_handler_gets_the_same_events_again(store: Store) -> None:
    """Nothing is skipped while it fails, other groups go on, and the health tells why."""
    bus = open_bus("embedded://", store)
    stubborn, fine = Seen(failures=3), Seen()
    async with running(store, bus, stubborn) as consumer, running(store, bus, fine, "other"):
        await publish(bus, await append(store, "s1", 1, 2))
        await fine.wait({"s1": [1, 2]})
        assert stubborn.versions == {}
        assert consumer.health.last_error == "not today"
        await stubborn.wait({"s1": [1, 2]})
        await until(lambda: consumer.health.last_error == "")


@pytest.mark.servers
async def test_duplicates_and_gaps_of_the_topic_do_not_reach_the_handler(store: Store, kafka_bus: KafkaBus) -> None:
    """Events published twice are seen once; versions that the topic lacks are read from the log, in their place."""
    first = await append(store, "s1", 1, 3)
    await append(store, "s1", 4, 6)  # never published
    last = await append(store, "s1", 7, 7)
    other = await append(store, "s2", 1, 2)
    await publish(kafka_bus, [*first, *first, *last, *other, *last, other[1]])
    seen = Seen()
    async with running(store, kafka_bus, seen):
        await seen.wait({"s1": [1, 2, 3, 4, 5, 6, 7], "s2": [1, 2]})
        await marked(store, s1=7, s2=2)
    async with running(store, kafka_bus, seen):
        await publish(kafka_bus, [*first, *await append(store, "s2", 3, 3)])
        await seen.wait({"s1": [1, 2, 3, 4, 5, 6, 7], "s2": [1, 2, 3]})


@pytest.mark.servers
async def test_a_topic_lost_under_way_loses_no_event(
    store: Store, kafka_server: str, kafka_topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay fills the new topic from the log, the consumer turns to it, and its handler sees each event once."""
    monkeypatch.setattr(consumer_module, "_LAG_SECONDS", 0.2)
    bus = KafkaBus(KafkaSettings((kafka_server,), kafka_topic_prefix, partitions=3, delivery_timeout=1.0))
    seen, stop = Seen(), asyncio.Event()
    await append(store, "s1", 1, 3)
    async with Leadership(store, "relay", "test", 600) as leadership, running(store, bus, seen):
        relay = asyncio.create_task(Relay(store, bus, leadership).run(stop))
        await seen.wait({"s1": [1, 2, 3]})
        admin = KafkaAdminClient(bootstrap_servers=kafka_server)
        admin.delete_topics([bus.settings.events_topic])
        admin.close()
        await append(store, "s1", 4, 4)
        await append(store, "s2", 1, 2)
        await seen.wait({"s1": [1, 2, 3, 4], "s2": [1, 2]})
        stop.set()
        await relay
    await bus.close()


@pytest.mark.servers
async def test_a_stalled_member_is_given_up(store: Store, kafka_bus: KafkaBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that gets nothing although events wait is left, so that another takes its place."""
    monkeypatch.setattr(consumer_module, "_STALL_SECONDS", 1.5)
    monkeypatch.setattr(consumer_module, "_LAG_SECONDS", 0.2)
    seen = Seen()
    events = EventConsumer(store, kafka_bus, "g", seen, SystemClock())
    member = await kafka_bus.consumer("g")
    assert await member.poll(2.0) == []
    member._client.pause(*member._client.assignment())
    await publish(kafka_bus, await append(store, "s1", 1, 2))
    await asyncio.wait_for(events._work(member), 60)
    await member.close()
    assert events.health.lag == 2
    async with running(store, kafka_bus, seen):
        await seen.wait({"s1": [1, 2]})

"""What only Kafka can do wrong, on a real one."""

import asyncio
import gc
import itertools
import os
import sys
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from beianhub.events.v1.events_pb2 import Event, OrderFiled
from beianhub_core.bus.kafka import KafkaBus, KafkaSettings
from beianhub_core.bus.kafka.messages import UndecodableError, decode, encode
from beianhub_core.bus.port import DEAD_LETTERS_TOPIC, EVENTS_TOPIC
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Positioned
from beianhub_local import KafkaCluster

pytestmark = pytest.mark.servers


def order_filed(subject: str, version: int) -> Positioned:
    """An event at the position of its version."""
    event = Event(id=f"{subject}-{version}", tenant="acme", subject=subject, version=version)
    event.order_filed.CopyFrom(OrderFiled(order="order"))
    event.time.FromJsonString("2026-11-22T08:00:00Z")
    return Positioned(version, event)


def read_all(server: str, topic: str, count: int) -> list:
    """The first ``count`` records of a topic."""
    consumer = KafkaConsumer(topic, bootstrap_servers=server, auto_offset_reset="earliest", consumer_timeout_ms=10_000)
    records = list(itertools.islice(consumer, count))
    consumer.close()
    return records


@pytest.fixture(autouse=True)
def _half_open_connections() -> Iterator[None]:
    """Collects the sockets that kafka-python drops without closing when a client ends while it connects."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def settings(kafka_server: str, kafka_topic_prefix: str) -> KafkaSettings:
    return KafkaSettings((kafka_server,), kafka_topic_prefix, partitions=3)


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """A broker that a test may kill."""
    with KafkaCluster(1, Path(tmp_path_factory.mktemp("kafka"))) as cluster:
        yield cluster


async def test_messages_are_cloudevents(settings: KafkaSettings) -> None:
    """Attributes are ``ce_`` headers and the key names the stream: CloudEvents 1.0, Kafka binding, binary mode."""
    bus = KafkaBus(settings)
    await bus.start()
    publisher = bus.publisher()
    await publisher.publish([order_filed("s1", 7)])
    await publisher.close()
    await bus.close()
    (record,) = read_all(settings.bootstrap_servers[0], settings.events_topic, 1)
    assert record.key == b"acme/s1"
    assert Event.FromString(record.value) == order_filed("s1", 7).event
    assert {name: value.decode() for name, value in record.headers} == {
        "ce_specversion": "1.0",
        "ce_id": "s1-7",
        "ce_source": "/tenants/acme",
        "ce_type": "beianhub.events.v1.OrderFiled",
        "ce_subject": "s1",
        "ce_time": "2026-11-22T08:00:00+00:00",
        "ce_dataschema": "beianhub.events.v1.Event",
        "ce_partitionkey": "acme/s1",
        "ce_tenant": "acme",
        "ce_version": "7",
        "ce_position": "7",
        "content-type": "application/protobuf",
    }


async def test_what_cannot_be_decoded_becomes_a_dead_letter(settings: KafkaSettings) -> None:
    """Such a record is filed with where it stood and why, counts as delivered, and what follows it goes on."""
    bus = KafkaBus(settings)
    await bus.start()
    good = encode(order_filed("s1", 1), settings.events_topic)
    producer = KafkaProducer(bootstrap_servers=list(settings.bootstrap_servers))
    for value in (b"\xff\xff", b"", good.value):
        producer.send(settings.events_topic, key=good.key, value=value, headers=[("ce_id", b"x")], partition=1)
    producer.close()
    consumer = await bus.consumer("readers")
    deliveries = []
    while not deliveries:
        deliveries = await consumer.poll(1.0)
    assert [delivery.source for delivery in deliveries] == ["1/2"]
    await consumer.commit()
    await consumer.close()
    again = await bus.consumer("readers")
    assert await again.poll(1.5) == []
    await again.close()
    await bus.close()
    first, second = read_all(settings.bootstrap_servers[0], settings.dead_letters_topic, 2)
    assert (first.key, first.value, second.value) == (good.key, b"\xff\xff", b"")
    headers = {name: value.decode() for name, value in first.headers}
    assert headers.pop("beianhub.errors.first_failure").startswith("20")
    assert headers.pop("beianhub.errors.message").startswith("not an event")
    assert headers == {
        "ce_id": "x",
        "beianhub.errors.topic": settings.events_topic,
        "beianhub.errors.partition": "1",
        "beianhub.errors.offset": "0",
        "beianhub.errors.group": settings.topic_prefix + "readers",
        "beianhub.errors.reason": "UNDECODABLE",
    }


def test_an_envelope_without_what_every_event_has_is_undecodable() -> None:
    """Bytes that happen to parse are no event; a payload of a newer schema is kept."""
    with pytest.raises(UndecodableError, match="without tenant, version"):
        decode(Event(id="i", subject="s").SerializeToString())
    newer = order_filed("s", 1).event.SerializeToString().replace(b"order", b"ORDER")
    newer += b"\xf2\x3f\x03abc"  # field 1022, unknown today
    assert decode(newer).SerializeToString() == newer


async def test_existing_topics_keep_their_partitions(settings: KafkaSettings) -> None:
    """Another count in the settings moves no subject to another partition."""
    await KafkaBus(settings).start()
    more = KafkaSettings(settings.bootstrap_servers, settings.topic_prefix, partitions=9)
    await KafkaBus(more).start()
    admin = KafkaAdminClient(bootstrap_servers=list(settings.bootstrap_servers))
    topics = {t["name"]: len(t["partitions"]) for t in admin.describe_topics([settings.events_topic])}
    admin.close()
    assert topics == {settings.events_topic: 3}


async def test_a_topic_made_anew_is_another_destination(settings: KafkaSettings) -> None:
    """A topic that was lost is told from the one before it, so that the relay fills it from the log."""
    bus = KafkaBus(settings)
    await bus.start()
    before = bus.destination
    admin = KafkaAdminClient(bootstrap_servers=list(settings.bootstrap_servers))
    admin.delete_topics([settings.events_topic])
    admin.close()
    await asyncio.sleep(0.5)  # the deletion reaches the broker's metadata
    await bus.start()
    assert before.startswith(settings.events_topic + "@")
    assert bus.destination not in {before, settings.events_topic}


@pytest.fixture
async def busy_machine() -> AsyncIterator[None]:
    """A process for each core that does nothing but take time: answers come late and in another order."""
    spin = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: pass"
    cores = os.cpu_count() or 1
    spinning = [await asyncio.create_subprocess_exec(sys.executable, "-c", spin) for _ in range(cores)]
    yield
    for process in spinning:
        process.kill()
        await process.wait()


@pytest.mark.usefixtures("busy_machine")
async def test_groups_that_start_together_are_all_served(settings: KafkaSettings) -> None:
    """Clients that connect at once on a busy machine all know the topic before they join, so nobody is left idle."""

    async def first(number: int) -> int:
        own = replace(settings, topic_prefix=f"{settings.topic_prefix}{number}-")
        bus = KafkaBus(own)
        await bus.start()
        publisher = bus.publisher()
        consumer = await bus.consumer("hosts")
        await consumer.poll(0.1)
        await publisher.publish([order_filed("s1", 1)])
        try:
            async with asyncio.timeout(60):
                while not (deliveries := await consumer.poll(0.2)):
                    pass
        finally:
            await consumer.close()
            await publisher.close()
            await bus.close()
        return deliveries[0].event.version

    for batch in range(0, 30, 6):
        assert await asyncio.gather(*map(first, range(batch, batch + 6))) == [1] * 6


DYING_MEMBER = """
import asyncio, sys
from beianhub_core.bus.kafka import KafkaBus, KafkaSettings

async def main():
    consumer = await KafkaBus(KafkaSettings((sys.argv[1],), sys.argv[2], session_timeout=6.0)).consumer("mortal")
    while True:
        for delivery in await consumer.poll(1.0):
            print(delivery.event.version, flush=True)

asyncio.run(main())
"""


async def test_a_killed_members_work_moves_to_another(settings: KafkaSettings) -> None:
    """After kill -9 nobody leaves the group in order: the session's end gives the partitions to who is left."""
    bus = KafkaBus(settings)
    await bus.start()
    publisher = bus.publisher()
    await publisher.publish([order_filed("s1", 1)])
    arguments = ["-W", "ignore", "-c", DYING_MEMBER, settings.bootstrap_servers[0], settings.topic_prefix]
    pipe = asyncio.subprocess.PIPE
    member = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=pipe)
    assert member.stdout is not None
    assert await asyncio.wait_for(member.stdout.readline(), 60) == b"1\n"
    member.kill()
    await member.wait()
    heir = await bus.consumer("mortal")
    deliveries = []
    async with asyncio.timeout(60):
        while not deliveries:
            deliveries = await heir.poll(1.0)
    assert [delivery.event.version for delivery in deliveries] == [1]
    await heir.close()
    await publisher.close()
    await bus.close()


async def test_publishing_outlives_a_broker(own_cluster: KafkaCluster) -> None:
    """While the broker is dead a batch fails within our deadline; after its return the same publisher goes on."""
    settings = KafkaSettings((own_cluster.bootstrap_servers,), connect_timeout=1.0, delivery_timeout=3.0)
    bus = KafkaBus(settings)
    await bus.start()
    publisher = bus.publisher()
    await publisher.publish([order_filed("s1", 1)])
    own_cluster.kill(1)
    started = time.monotonic()
    with pytest.raises(BeianhubError) as failure:
        await publisher.publish([order_filed("s1", 2)])
    assert failure.value.kind is ErrorKind.UNAVAILABLE
    assert time.monotonic() - started < 30
    assert publisher.replaced == 1
    own_cluster.restart(1)
    await publisher.publish([order_filed("s1", 2)])
    consumer = await bus.consumer("after")
    versions: list[int] = []
    while 2 not in versions:
        versions += [delivery.event.version for delivery in await consumer.poll(1.0)]
    assert sorted(set(versions)) == [1, 2]
    await consumer.close()
    await publisher.close()
    await bus.close()


async def test_nobody_at_the_address_is_said_so() -> None:
    """Without an open port the bus does not start, and says which servers it tried."""
    settings = KafkaSettings(("127.0.0.1:1",), connect_timeout=0.2)
    with pytest.raises(BeianhubError, match=r"no port is open at 127\.0\.0\.1:1") as failure:
        await KafkaBus(settings).start()
    assert failure.value.kind is ErrorKind.UNAVAILABLE


async def test_refused_credentials_are_named_as_a_cause(kafka_server: str) -> None:
    """The client reports them only as "Unable to bootstrap"; our error says what that may mean, and not the secret."""
    security = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "hub",
        "sasl_plain_password": "wrong-secret",
    }
    bus = KafkaBus(KafkaSettings((kafka_server,), connect_timeout=1.0, security=security))
    with pytest.raises(BeianhubError, match="wrong user name or password") as failure:
        await bus.start()
    assert "wrong-secret" not in str(failure.value) + repr(bus.settings)


def test_topics_have_the_names_of_the_design() -> None:
    """Without a prefix they are the published names."""
    settings = KafkaSettings(("h:1",))
    assert (settings.events_topic, settings.dead_letters_topic) == (EVENTS_TOPIC, DEAD_LETTERS_TOPIC)

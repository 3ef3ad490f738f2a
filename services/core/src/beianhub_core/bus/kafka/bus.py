"""The Kafka bus: its topics, and its publishers and consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from kafka.errors import NoError, TopicAlreadyExistsError, for_code

from beianhub_core.bus.kafka.client import (
    MAX_MESSAGE_BYTES,
    KafkaError,
    KafkaSettings,
    connect_admin,
    require_crc32c,
    unavailable,
)
from beianhub_core.bus.kafka.consumer import KafkaEventConsumer
from beianhub_core.bus.kafka.deadletters import DeadLetters
from beianhub_core.bus.kafka.publisher import KafkaPublisher

_SURVIVES_ONE_BROKER = 3


class KafkaBus:
    """A :class:`~beianhub_core.bus.port.Bus` on Apache Kafka.

    Raises:
        BeianhubError: PRECONDITION, reason CRC32C_MISSING.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        require_crc32c()
        self.settings = settings
        self._destination = settings.events_topic
        self._dead_letters = DeadLetters(settings)

    async def start(self) -> None:
        """Makes the topics that are missing; existing ones keep their partitions and replicas.

        Raises:
            BeianhubError: UNAVAILABLE; no broker answers, or none lets us in.
        """
        self._destination = await asyncio.to_thread(_prepare, self.settings)

    @property
    def destination(self) -> str:
        """The topic's name with the cluster's id and the topic's own, which no other cluster or topic ever has."""
        return self._destination

    def publisher(self) -> KafkaPublisher:
        """A publisher; it connects when it is first used."""
        return KafkaPublisher(self.settings)

    async def consumer(self, group: str) -> KafkaEventConsumer:
        """A new member of the group.

        Raises:
            BeianhubError: UNAVAILABLE.
        """
        consumer = KafkaEventConsumer(self.settings, group, self._dead_letters)
        await consumer.open()
        return consumer

    async def close(self) -> None:
        """Ends what the consumers shared; publishers and consumers are closed by those who asked for them."""
        await asyncio.to_thread(self._dead_letters.close)


def _prepare(settings: KafkaSettings) -> str:
    """Makes the topics and returns the destination's name."""
    admin = connect_admin(settings)
    try:
        return _make_topics(admin, settings)
    except KafkaError as error:
        raise unavailable("prepare its topics", error) from error
    finally:
        admin.close()


def _make_topics(admin: Any, settings: KafkaSettings) -> str:
    cluster = admin.describe_cluster()
    replication = min(settings.replication, len(cluster["brokers"]))
    wanted = {
        settings.events_topic: _topic(settings.partitions, replication),
        settings.dead_letters_topic: _topic(1, replication),
    }
    missing = wanted.keys() - set(admin.list_topics())
    if missing:
        made = admin.create_topics({name: wanted[name] for name in missing}, raise_errors=False)
        for topic in made["topics"]:
            _check(topic)
        admin.wait_for_topics(list(wanted))
    (events,) = admin.describe_topics([settings.events_topic])
    return f"{settings.events_topic}@{cluster['cluster_id']}/{events['topic_id']}"


def _check(made: Mapping[str, Any]) -> None:
    error = for_code(made["error_code"])
    # Another process may make the topic at the same moment, which is as good.
    if error not in {NoError, TopicAlreadyExistsError}:
        raise error(made["name"], made["error_message"])


def _topic(partitions: int, replication: int) -> dict[str, Any]:
    return {
        "num_partitions": partitions,
        "replication_factor": replication,
        "configs": {
            "min.insync.replicas": "2" if replication >= _SURVIVES_ONE_BROKER else "1",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "retention.ms": "-1",  # a new group reads from the beginning, and a stopped one misses nothing
        },
    }

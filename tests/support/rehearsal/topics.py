"""What is on a Kafka, read from outside."""

from __future__ import annotations

import time
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition

_SECONDS = 60.0


def everything(servers: str, prefix: str) -> dict[str, bytes]:
    """Keys, values and headers of every message, together, by topic; of the topics that begin with ``prefix``."""
    found: dict[str, list[bytes]] = {}
    with closing(KafkaConsumer(bootstrap_servers=servers.split(","), enable_auto_commit=False)) as consumer:
        topics = [topic for topic in consumer.topics() if topic.startswith(prefix)]
        partitions = [TopicPartition(t, number) for t in topics for number in consumer.partitions_for_topic(t) or ()]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends, until = consumer.end_offsets(partitions), time.monotonic() + _SECONDS
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            assert time.monotonic() < until, "the topics could not be read to their end"
            for partition, records in consumer.poll(timeout_ms=500).items():
                parts = found.setdefault(partition.topic, [])
                for record in records:
                    parts += [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
    return {topic: b"\n".join(found.get(topic, [])) for topic in topics}

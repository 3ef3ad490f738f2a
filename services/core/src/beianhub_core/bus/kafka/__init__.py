"""The bus at scale: Apache Kafka through kafka-python, every blocking call on a thread of its owner."""

from beianhub_core.bus.kafka.bus import KafkaBus
from beianhub_core.bus.kafka.client import KafkaSettings

__all__ = ["KafkaBus", "KafkaSettings"]

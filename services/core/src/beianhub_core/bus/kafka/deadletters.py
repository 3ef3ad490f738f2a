"""The topic of records that no consumer can read, with where and why they failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog

from beianhub_core.bus.kafka.client import KafkaSettings
from beianhub_core.bus.kafka.messages import Message
from beianhub_core.bus.kafka.producer import Producer

HEADER_PREFIX = "beianhub.errors."
_log = structlog.get_logger()


class DeadLetters:
    """Files records away; blocking, shared by a bus's consumers."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = settings.dead_letters_topic
        self._producer = Producer(settings)

    def put(self, record: Any, group: str, reason: str, error: Exception) -> None:
        """Sends the record as it came, with headers that tell where it stood, who failed on it, when and why.

        Raises:
            BeianhubError: UNAVAILABLE; the record is not filed.
        """
        context = {
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "group": group,
            "reason": reason,
            "message": str(error),
            "first_failure": datetime.now(UTC).isoformat(),
        }
        headers = [*record.headers, *((HEADER_PREFIX + name, value.encode()) for name, value in context.items())]
        self._producer.send([Message(self._topic, record.key, record.value or b"", headers)])
        _log.error("dead_letter", **context)

    def close(self) -> None:
        """Ends the producer."""
        self._producer.close()

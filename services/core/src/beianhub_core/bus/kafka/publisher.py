"""Publishes events to Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from beianhub_core.bus.kafka.client import KafkaSettings
from beianhub_core.bus.kafka.messages import encode
from beianhub_core.bus.kafka.producer import Producer
from beianhub_core.store.port import Positioned


class KafkaPublisher:
    """A :class:`~beianhub_core.bus.port.Publisher` whose producer lives on a thread of its own.

    A batch whose caller went away still ends before the next one begins, so a subject's events keep their order.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = settings.events_topic
        self._producer = Producer(settings)
        self._thread = ThreadPoolExecutor(1, "kafka-publisher")

    @property
    def replaced(self) -> int:
        """How many producers were given up after a failure."""
        return self._producer.replaced

    async def publish(self, events: Sequence[Positioned]) -> None:
        """Sends the whole batch, then waits for all acknowledgements.

        Raises:
            BeianhubError: UNAVAILABLE; within the delivery timeout not all were acknowledged.
        """
        messages = [encode(positioned, self._topic) for positioned in events]
        await asyncio.get_running_loop().run_in_executor(self._thread, self._producer.send, messages)

    async def close(self) -> None:
        """Ends the producer at once, and with it a batch whose caller went away."""
        await asyncio.to_thread(self._producer.close)
        self._thread.shutdown(wait=False)

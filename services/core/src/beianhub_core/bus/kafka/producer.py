"""A producer that is replaced whenever it fails.

kafka-python 3.0.12's producer can spin for ever without reporting anything (``quality.md`` 0.3), and batches in flight
are lost when its epoch is bumped. So every batch has a deadline of ours, and after any failure a fresh producer begins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog

from beianhub_core.bus.kafka.client import KafkaError, KafkaSettings, connect_producer, unavailable
from beianhub_core.bus.kafka.messages import Message
from beianhub_core.errors import BeianhubError

_CLOSE_SECONDS = 5.0
_log = structlog.get_logger()


class Producer:
    """Sends batches, blocking; safe to use from several threads, one batch at a time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.replaced = 0  # producers given up after a failure, for the metrics
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Any = None
        self._closed = False

    def send(self, messages: Sequence[Message]) -> None:
        """Returns when the brokers have acknowledged all messages.

        Raises:
            BeianhubError: UNAVAILABLE; some may have been written, and all are to be sent again.
        """
        with self._lock:
            try:
                self._send(messages)
            except BeianhubError:
                raise
            except Exception as error:  # whatever it is, this producer is not to be trusted any more
                self._discard()
                raise unavailable("take a batch", error) from error

    def close(self) -> None:
        """Ends the connections at once; a batch that is being sent fails."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            _end(client)

    def _send(self, messages: Sequence[Message]) -> None:
        deadline = time.monotonic() + self._settings.delivery_timeout
        if self._client is None:
            self._client = connect_producer(self._settings)
        client = self._client
        if self._closed:
            raise RuntimeError("the producer is closed")
        futures = [client.send(m.topic, key=m.key, value=m.value, headers=m.headers) for m in messages]
        for future in futures:
            future.get(timeout=max(0.0, deadline - time.monotonic()))

    def _discard(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        self.replaced += 1
        _log.warning("kafka_producer_replaced", replaced=self.replaced)
        threading.Thread(target=_end, args=(client,), name="kafka-producer-end", daemon=True).start()


def _end(client: Any) -> None:
    """Ends a producer that may hang; nothing of value waits in it, for every batch is awaited."""
    # close() alone waits for unsent batches, gives up before ending the thread, and leaves it spinning.
    client._sender.force_close()  # noqa: SLF001 - no public name does it
    try:
        client.close(timeout=_CLOSE_SECONDS)
    except KafkaError as error:
        _log.warning("kafka_producer_not_closed", error=str(error))

"""Consumes events from Kafka: one thread owns the client, and only it polls, commits and closes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    RetriableError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata, TopicPartition

from beianhub_core.bus.kafka.client import KafkaError, KafkaSettings, connect_consumer, unavailable
from beianhub_core.bus.kafka.deadletters import DeadLetters
from beianhub_core.bus.kafka.messages import UndecodableError, decode
from beianhub_core.bus.port import Delivery
from beianhub_core.errors import BeianhubError

_STEP_SECONDS = 0.5  # kafka-python's poll cannot be woken: a close waits for as long as one step
_BACKOFF_SECONDS = 0.1
_COMMIT_SECONDS = 10.0
_CLOSE_MILLISECONDS = 3_000
_LAG_MILLISECONDS = 2_000
_METADATA_MILLISECONDS = 30_000  # how long a new or lost partition may go unseen; kafka-python: 5 minutes
_MEMBERSHIP_LOST = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
_log = structlog.get_logger()
_T = TypeVar("_T")

# Where a partition stands after a batch: the next offset, and how often the partition had been taken away by then.
_Offsets = Mapping[TopicPartition, tuple[int, int]]


class _Losses(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python is untyped
    """Counts how often each partition was taken away. Called on the client's I/O thread, where nothing may block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[TopicPartition] = Counter()

    def of(self, partition: TopicPartition) -> int:
        with self._lock:
            return self._count[partition]

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        with self._lock:
            self._count.update(revoked)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing to do: what a new partition returns has the count of then."""


class KafkaEventConsumer:
    """A :class:`~beianhub_core.bus.port.Consumer`: one member of a Kafka consumer group.

    Partitions move one by one (cooperative rebalance). What was polled from a partition that has moved away meanwhile
    is not committed: its new owner reads it again.
    """

    def __init__(self, settings: KafkaSettings, group: str, dead_letters: DeadLetters) -> None:
        self._settings = settings
        self._group = settings.topic_prefix + group
        self._dead_letters = dead_letters
        self._losses = _Losses()
        self._thread = ThreadPoolExecutor(1, f"kafka-consumer-{group}")
        self._client: Any = None
        self._polling: asyncio.Future[tuple[list[Delivery], _Offsets]] | None = None
        self._polled: dict[TopicPartition, tuple[int, int]] = {}
        self._closing = False

    async def open(self) -> None:
        """Makes the client, which knows the topic's partitions from then on; the group is joined by the first poll.

        Raises:
            BeianhubError: UNAVAILABLE; also when the topic is not there.
        """
        try:
            await self._run(self._open)
        except BaseException:  # also when the caller gives up: the thread then ends what it has opened by itself
            self._closing = True
            self._thread.submit(self._close)
            self._thread.shutdown(wait=False)
            raise

    async def poll(self, timeout: float, limit: int = 500) -> list[Delivery]:  # noqa: ASYNC109 - the wait is the poll's own
        """The next events; what cannot be decoded goes to the dead letters and counts as returned.

        Raises:
            BeianhubError: UNAVAILABLE; nothing is lost, and the same events come with the next poll.
        """
        if self._polling is None:
            self._polling = asyncio.get_running_loop().run_in_executor(self._thread, self._poll, timeout, limit)
        # A caller that gives up does not lose what the thread has read: the next poll returns it.
        await asyncio.wait([self._polling])
        polled, self._polling = self._polling, None
        deliveries, offsets = polled.result()
        self._polled.update(offsets)
        return deliveries

    async def commit(self) -> None:
        """Commits exactly what :meth:`poll` returned, but for partitions that have moved away.

        Raises:
            BeianhubError: UNAVAILABLE; nobody answered in time, and it may be repeated.
        """
        await self._run(lambda: self._commit(dict(self._polled)))

    async def lag(self) -> int:
        """Messages of this member's partitions that were not returned yet.

        Raises:
            BeianhubError: UNAVAILABLE; also when the topic was lost and made anew: this consumer stands in the old one.
        """
        return await self._run(self._lag)

    async def close(self) -> None:
        """Leaves the group, at the latest one poll step from now."""
        if not self._closing:
            self._closing = True
            await self._run(self._close)
            self._thread.shutdown(wait=False)

    async def _run(self, call: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    # What follows runs on the owner's thread.

    def _open(self) -> None:
        self._client = connect_consumer(
            self._settings,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            session_timeout_ms=int(self._settings.session_timeout * 1000),
            heartbeat_interval_ms=int(self._settings.session_timeout * 100),  # by it a member hears of a rebalance
            metadata_max_age_ms=_METADATA_MILLISECONDS,
            allow_auto_create_topics=False,
        )
        self._client.subscribe([self._settings.events_topic], listener=self._losses)
        self._await_partitions(self._settings.events_topic)

    def _await_partitions(self, topic: str) -> None:
        """Waits for the topic's metadata.

        kafka-python forgets that they are wanted when an answer to an earlier request arrives after the subscription. A
        leader that joins without them gives nobody a partition until they are asked for again.
        """
        deadline = time.monotonic() + self._settings.connect_timeout
        while not self._knows(topic):
            if time.monotonic() > deadline:
                raise unavailable("be consumed", f"the topic {topic} is not there")
            time.sleep(_BACKOFF_SECONDS)

    def _knows(self, topic: str) -> bool:
        try:
            return bool(self._client.partitions_for_topic(topic))
        except RetriableError:
            return False
        except KafkaError as error:
            raise unavailable("be consumed", error) from error

    def _poll(self, timeout: float, limit: int) -> tuple[list[Delivery], _Offsets]:
        deadline = time.monotonic() + timeout
        while not self._closing:
            remaining = max(0.0, deadline - time.monotonic())
            batch = self._step(min(_STEP_SECONDS, remaining), limit)
            if batch:
                try:
                    return self._decode(batch)
                except BeianhubError:  # a dead letter could not be filed: the whole batch comes again
                    self._rewind(batch)
                    raise
            if remaining <= 0:
                break
        return [], {}

    def _step(self, seconds: float, limit: int) -> Mapping[TopicPartition, list[Any]]:
        try:
            batch: Mapping[TopicPartition, list[Any]] = self._client.poll(int(seconds * 1000), limit)
        except RetriableError as error:
            _log.info("kafka_poll_retried", group=self._group, error=str(error))
            time.sleep(_BACKOFF_SECONDS)
            return {}
        except KafkaError as error:
            raise unavailable("be polled", error) from error
        return batch

    def _decode(self, batch: Mapping[TopicPartition, list[Any]]) -> tuple[list[Delivery], _Offsets]:
        offsets = {part: (records[-1].offset + 1, self._losses.of(part)) for part, records in batch.items()}
        deliveries = []
        for record in (record for records in batch.values() for record in records):
            try:
                deliveries.append(Delivery(decode(record.value), f"{record.partition}/{record.offset}"))
            except UndecodableError as error:
                self._dead_letters.put(record, self._group, "UNDECODABLE", error)
        return deliveries, offsets

    def _rewind(self, batch: Mapping[TopicPartition, list[Any]]) -> None:
        for part, records in batch.items():
            with contextlib.suppress(ValueError):  # it has moved away: its new owner reads from the committed offset
                self._client.seek(part, records[0].offset)

    def _commit(self, polled: _Offsets) -> None:
        deadline = time.monotonic() + _COMMIT_SECONDS
        while offsets := self._owned(polled):
            try:
                self._client.commit(offsets, timeout_ms=_CLOSE_MILLISECONDS)
            except _MEMBERSHIP_LOST as error:
                _log.info("kafka_commit_refused", group=self._group, error=str(error))
            except (RetriableError, OSError) as error:
                if time.monotonic() > deadline:
                    raise unavailable("commit offsets", error) from error
                time.sleep(_BACKOFF_SECONDS)
                continue
            except KafkaError as error:
                raise unavailable("commit offsets", error) from error
            return

    def _owned(self, polled: _Offsets) -> dict[TopicPartition, OffsetAndMetadata]:
        assigned = self._client.assignment()
        return {
            part: OffsetAndMetadata(offset)
            for part, (offset, losses) in polled.items()
            if part in assigned and losses == self._losses.of(part)
        }

    def _lag(self) -> int:
        try:
            parts = list(self._client.assignment())
            ends = self._client.end_offsets(parts, timeout_ms=_LAG_MILLISECONDS) if parts else {}
            # A partition without a position counts in full: a consumer that never gets one is what the lag is for.
            lags = [end - (self._client.position(part, timeout_ms=0) or 0) for part, end in ends.items()]
        except KafkaError as error:
            raise unavailable("tell the lag", error) from error
        if min(lags, default=0) < 0:
            raise unavailable("go on", "the topic ends before what was read from it, so it is another one")
        return sum(lags)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close(autocommit=False, timeout_ms=_CLOSE_MILLISECONDS)

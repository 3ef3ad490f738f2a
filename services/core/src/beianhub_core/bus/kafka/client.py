"""kafka-python's clients, made in one way: settings, reachability, and the bus's errors."""

from __future__ import annotations

import importlib.util
import socket
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beianhub_core.bus.port import DEAD_LETTERS_TOPIC, EVENTS_TOPIC
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

with warnings.catch_warnings():
    # kafka-python reads its schemas through a function that Python 3.11 and 3.12 call deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError
    from kafka.net.compat import KafkaNetClient

__all__ = [
    "MAX_MESSAGE_BYTES",
    "KafkaError",
    "KafkaSettings",
    "connect_admin",
    "connect_consumer",
    "connect_producer",
    "require_crc32c",
    "unavailable",
]

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
_PROBE_SECONDS = 0.05
_REQUEST_SECONDS = 5.0  # within it a dead broker is noticed; kafka-python's own is half a minute


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where the cluster is and how it is used; times in seconds.

    ``replication`` is the most that is asked for: a smaller cluster gets as many replicas as it has brokers.
    ``delivery_timeout`` is our own deadline for a batch, after which its producer is replaced; it outlasts the failover
    of a broker. ``security`` holds kafka-python's own settings, such as ``sasl_mechanism``.
    """

    bootstrap_servers: tuple[str, ...]
    topic_prefix: str = ""
    partitions: int = 12
    replication: int = 3
    connect_timeout: float = 10.0
    delivery_timeout: float = 20.0
    session_timeout: float = 10.0
    security: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def events_topic(self) -> str:
        """The topic of the events."""
        return self.topic_prefix + EVENTS_TOPIC

    @property
    def dead_letters_topic(self) -> str:
        """The topic of what could not be decoded."""
        return self.topic_prefix + DEAD_LETTERS_TOPIC


def require_crc32c() -> None:
    """Checks that the checksum's C code is there: without it producing is 6 and consuming 14 times slower.

    Raises:
        BeianhubError: PRECONDITION, reason CRC32C_MISSING.
    """
    if importlib.util.find_spec("crc32c") is None:
        found = blocker(
            "CRC32C_MISSING",
            "bus",
            "缺少 crc32c 模块，Kafka 总线无法启动",
            "the module crc32c is missing, so the Kafka bus does not start",
            "请安装 kafka-python[crc32c]。 / Install kafka-python[crc32c].",
        )
        raise BeianhubError(ErrorKind.PRECONDITION, found.code, [found])


def unavailable(what: str, cause: BaseException | str) -> BeianhubError:
    """UNAVAILABLE: ``what`` could not be done on Kafka because of ``cause``; it may be tried again."""
    found = blocker(
        "KAFKA_UNAVAILABLE",
        "bus",
        f"Kafka 暂不可用：{what}",
        f"Kafka cannot {what}: {cause}",
        (
            "数据不会丢失，系统会自动重试；如持续出现，请检查 Kafka broker。 / "
            "Nothing is lost; it is tried again. Check the brokers if it lasts."
        ),
    )
    return BeianhubError(ErrorKind.UNAVAILABLE, found.code, [found], retry_after=1.0)


def connect(kind: Callable[..., Any], settings: KafkaSettings, **options: Any) -> Any:
    """Makes an admin client, a consumer or a producer; blocks until it knows the cluster.

    Raises:
        BeianhubError: UNAVAILABLE; no broker answers, or none lets us in.
    """
    _await_port(settings)
    made: list[KafkaNetClient] = []

    def net_client(**config: Any) -> KafkaNetClient:
        made.append(KafkaNetClient(**config))
        return made[-1]

    common = {
        "bootstrap_servers": list(settings.bootstrap_servers),
        "client_id": "beianhub",
        "bootstrap_timeout_ms": _milliseconds(settings.connect_timeout),
        "request_timeout_ms": _milliseconds(_REQUEST_SECONDS),
        "reconnect_backoff_max_ms": 1_000,
        "kafka_client": net_client,
    }
    try:
        return kind(**(common | dict(settings.security) | options))
    except KafkaError as error:
        for client in made:  # a constructor that fails leaves its I/O thread behind
            client.close()
        hint = "its port is open; a wrong user name or password shows in no other way" if settings.security else ""
        raise unavailable("be entered", f"{error} {hint}".strip()) from error


def connect_admin(settings: KafkaSettings) -> Any:
    """An admin client."""
    return connect(KafkaAdminClient, settings)


def connect_consumer(settings: KafkaSettings, **options: Any) -> Any:
    """A consumer."""
    return connect(KafkaConsumer, settings, metrics_enabled=False, **options)


def connect_producer(settings: KafkaSettings) -> Any:
    """An idempotent producer that waits for all in-sync replicas and gathers large batches."""
    return connect(
        KafkaProducer,
        settings,
        metrics_enabled=False,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=131_072,
        max_request_size=MAX_MESSAGE_BYTES,
        # Within the delivery there is time for a second broker.
        request_timeout_ms=_milliseconds(min(_REQUEST_SECONDS, settings.delivery_timeout / 2)),
        max_block_ms=_milliseconds(settings.delivery_timeout),
        delivery_timeout_ms=_milliseconds(settings.delivery_timeout),
        allow_auto_create_topics=False,
    )


def _await_port(settings: KafkaSettings) -> None:
    """Waits until a broker's port is open: a client made before that backs off for many seconds."""
    deadline = time.monotonic() + settings.connect_timeout
    while not any(_answers(server) for server in settings.bootstrap_servers):
        if time.monotonic() > deadline:
            servers = ", ".join(settings.bootstrap_servers)
            raise unavailable("be reached", f"no port is open at {servers}")
        time.sleep(_PROBE_SECONDS)


def _answers(server: str) -> bool:
    host, _, port = server.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            return True
    except OSError:
        return False


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)

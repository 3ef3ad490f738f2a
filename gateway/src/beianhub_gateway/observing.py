"""One log line and one observation for each call, and nothing of what it carried."""

from __future__ import annotations

import logging
import sys
import traceback
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import EventDict

# Whatever is not declared here is not logged.
_KEYS: Final = frozenset(
    {"event", "timestamp", "level", "method", "tenant", "code", "reason", "duration_ms", "request_id", "error", "at"}
)


class Logger(Protocol):
    """What is used of a structlog logger."""

    def info(self, event: str, **values: object) -> Any: ...  # noqa: D102 - the name says it
    def error(self, event: str, **values: object) -> Any: ...  # noqa: D102 - the name says it


def json_logger(stream: TextIO | None = None) -> Logger:
    """A logger of JSON lines on ``stream`` (standard error), with the declared keys only."""
    return structlog.wrap_logger(  # type: ignore[no-any-return]  # structlog types its lazy proxy as Any
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _declared_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()


def _declared_only(_logger: object, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in _KEYS}


def report(logger: Logger, error: BaseException, event: str, **values: object) -> None:
    """Logs something unexpected by its type and the places that it came through, innermost last: neither its text nor
    its locals, which may hold personal data.
    """
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    logger.error(event, error=type(error).__name__, at=at, **values)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """How a call went."""

    method: str
    tenant: str
    code: str
    reason: str
    seconds: float
    request_id: str


class Metrics:
    """The gateway's metrics, in a registry of its own: a process may run several gateways."""

    def __init__(self, age: Callable[[], float], watchers: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter("beianhub_grpc_server_calls", "Calls ended.", ["method", "code"], registry=self.registry)
        self._seconds = Histogram(
            "beianhub_grpc_server_call_seconds", "Their durations.", ["method"], registry=self.registry
        )
        # The age cannot be a value that somebody sets: it grows when nobody does.
        _gauge("beianhub_access_index_age_seconds", "Age of the CheckAccess index.", age, self.registry)
        _gauge("beianhub_order_watchers", "Open watches.", watchers, self.registry)
        # A labelled child is looked up once; the look-up costs more than the count.
        self._count: Callable[[str, str], Counter] = cache(self._calls.labels)
        self._duration: Callable[[str], Histogram] = cache(self._seconds.labels)

    def observe(self, call: CallRecord) -> None:
        """Counts the call."""
        self._count(call.method, call.code).inc()
        self._duration(call.method).observe(call.seconds)

    def render(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)


def _gauge(name: str, documentation: str, read: Callable[[], float], registry: CollectorRegistry) -> None:
    Gauge(name, documentation, registry=registry).set_function(read)

"""One gateway in a running event loop, from start to drained end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from beianhub_gateway.access import AccessChecks
from beianhub_gateway.access_index import AccessIndex
from beianhub_gateway.http_port import HttpPort, HttpServer
from beianhub_gateway.hub import WatchHub
from beianhub_gateway.interceptor import Interceptor
from beianhub_gateway.keys import Keys
from beianhub_gateway.observing import CallRecord, Logger, Metrics, json_logger
from beianhub_gateway.server import GrpcServer
from beianhub_gateway.servicers import handlers
from beianhub_gateway.tail import LogTail
from beianhub_gateway.watch import Watches

if TYPE_CHECKING:
    from beianhub_core.application import Application
    from beianhub_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the gateway answers: ``host:port``."""

    grpc: str
    http: str


class Gateway:
    """The gateway's parts over one application."""

    def __init__(self, application: Application, settings: GatewaySettings, logger: Logger) -> None:
        store, clock = application.store, application.core.clock
        self._settings = settings
        self._logger = logger
        self._fresh = timedelta(seconds=settings.index_age)
        index, hub = AccessIndex(store), WatchHub(store, settings)
        self._tail = LogTail(store, clock, [index, hub], settings.tail_interval)
        self._metrics = Metrics(lambda: self._tail.age().total_seconds(), lambda: len(hub))
        keys = Keys(application.admin.authenticate, settings.key_cache)
        checks = AccessChecks(index, self._tail, store, clock, application.core.require_provider, self._fresh)
        watch = Watches(hub, self._tail, application, settings.heartbeat)
        interceptor = Interceptor(keys, self._observe, logger, settings.longest_call)
        served = handlers(application, checks, watch, settings.max_upload_bytes)
        self._grpc = GrpcServer(settings, served, interceptor, hub)
        http = HttpPort(application.callbacks, self._metrics, self._ready, logger, settings.max_callback_bytes)
        self._http = HttpServer(http.app(), settings.tls)

    async def serve(self, stop: asyncio.Event, ready: Callable[[Addresses], None]) -> None:
        """Serves until ``stop``, then drains; see :func:`serve`."""
        with socket.create_server((self._settings.host, self._settings.http_port)) as listener:
            await self._tail.start()
            port = await self._grpc.start()
            tail = asyncio.create_task(self._tail.run(self._logger))
            http = asyncio.create_task(self._http.serve_on(listener))
            stopped = asyncio.create_task(stop.wait())
            try:
                host = self._settings.host
                ready(Addresses(f"{host}:{port}", f"{host}:{listener.getsockname()[1]}"))
                done, _ = await asyncio.wait([tail, http, stopped], return_when=asyncio.FIRST_COMPLETED)
            finally:
                await self._end(tail, http, stopped)
            for part in done:
                part.result()

    async def _end(
        self, tail: asyncio.Task[None], http: asyncio.Task[None], stopped: asyncio.Task[Literal[True]]
    ) -> None:
        """The tail last: calls under way still ask the index."""
        await self._grpc.stop()
        self._http.stop()
        await asyncio.wait([http])
        for task in (tail, stopped):
            task.cancel()
        await asyncio.wait([tail, stopped])

    def _ready(self) -> bool:
        return not self._grpc.draining and self._tail.age() <= self._fresh

    def _observe(self, call: CallRecord) -> None:
        self._metrics.observe(call)
        if self._settings.log_calls:
            self._logger.info(
                "call",
                method=call.method,
                tenant=call.tenant,
                code=call.code,
                reason=call.reason,
                duration_ms=round(call.seconds * 1000, 3),
                request_id=call.request_id,
            )


async def serve(
    application: Application,
    settings: GatewaySettings,
    *,
    stop: asyncio.Event,
    ready: Callable[[Addresses], None],
    logger: Logger | None = None,
) -> None:
    """Serves the application over gRPC and HTTP until ``stop`` is set, then drains and returns.

    ``ready`` hears the real addresses once both ports answer. The loop is the caller's; under uvloop a call costs an
    eighth less.

    Raises:
        OSError: a port is taken.
        BeianhubError: the store does not answer at the start.
    """
    await Gateway(application, settings, logger or json_logger()).serve(stop, ready)

"""The one HTTP port: vendors' callbacks, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from socket import socket
from typing import TYPE_CHECKING, Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_gateway.observing import report

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.requests import Request

    from beianhub_core.application.callbacks import Callbacks
    from beianhub_gateway.observing import Logger, Metrics
    from beianhub_gateway.settings import Tls

_STATUS: Final = {ErrorKind.NOT_FOUND: 404, ErrorKind.INVALID: 400, ErrorKind.UNAVAILABLE: 503}
_SHUTDOWN_SECONDS: Final = 2
_BODY_SECONDS: Final = 10.0  # nobody may hold a connection by sending slowly
_LARGEST_CONCURRENCY: Final = 500


class HttpPort:
    """Answers the port's requests."""

    def __init__(
        self, callbacks: Callbacks, metrics: Metrics, ready: Callable[[], bool], logger: Logger, max_body: int
    ) -> None:
        self._callbacks = callbacks
        self._metrics = metrics
        self._ready = ready
        self._logger = logger
        self._max_body = max_body

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/callbacks/{tenant}/{account}", self._callback, methods=["POST"]),
                Route("/health/live", _live),
                Route("/health/ready", self._health),
                Route("/metrics", self._scrape),
            ]
        )

    async def _callback(self, request: Request) -> Response:
        """204 once the callback is durable; a vendor calls again after anything else."""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _body(request, self._max_body)
        except TimeoutError:
            return Response(status_code=408)
        if body is None:
            return Response(status_code=413)
        place = request.path_params
        try:
            await self._callbacks.receive(place["tenant"], place["account"], dict(request.headers), body)
        except BeianhubError as error:
            return PlainTextResponse(error.reason, _STATUS.get(error.kind, 500))
        except Exception as error:  # noqa: BLE001 - the edge: a traceback might show the body
            report(self._logger, error, "unexpected", method="callback")
            return Response(status_code=500)
        return Response(status_code=204)

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("ready") if self._ready() else PlainTextResponse("not ready", 503)

    async def _scrape(self, _request: Request) -> Response:
        return Response(self._metrics.render(), media_type=CONTENT_TYPE_LATEST)


async def _live(_request: Request) -> Response:
    return PlainTextResponse("live")


async def _body(request: Request, limit: int) -> bytes | None:
    """The request's body; ``None`` as soon as it is larger than the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


class HttpServer(uvicorn.Server):
    """Uvicorn inside a loop that is not its own: signals are its host's business."""

    def __init__(self, app: Starlette, tls: Tls | None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ssl_certfile=tls.certificate if tls else None,
                ssl_keyfile=tls.key if tls else None,
                limit_concurrency=_LARGEST_CONCURRENCY,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Captures none."""
        yield

    async def serve_on(self, listener: socket) -> None:
        """Serves on the socket until :meth:`stop`."""
        await self.serve(sockets=[listener])

    def stop(self) -> None:
        """Begins to end."""
        self.should_exit = True

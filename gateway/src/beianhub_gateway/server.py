"""The gRPC server: limits, services, health, reflection, and a stop that loses no call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from beianhub_gateway.servicers import SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beianhub_gateway.hub import WatchHub
    from beianhub_gateway.interceptor import Interceptor
    from beianhub_gateway.settings import GatewaySettings, Tls

_LARGEST_METADATA: Final = 16 * 1024
_SHORTEST_PING_MS: Final = 10_000


class GrpcServer:
    """A server that announces its end before it ends."""

    def __init__(
        self,
        settings: GatewaySettings,
        handlers: Sequence[grpc.GenericRpcHandler],
        interceptor: Interceptor,
        hub: WatchHub,
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(
            handlers=handlers,
            interceptors=[interceptor],
            options=_options(settings),
            maximum_concurrent_rpcs=settings.max_concurrent_rpcs,
        )
        names = [service.full_name for service in SERVICES]
        self._names = ["", *names]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflection:
            reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server)
        self.draining = False

    async def start(self) -> int:
        """Serves; returns the port.

        Raises:
            OSError: the port is taken, or not ours to take.
        """
        address = f"{self._settings.host}:{self._settings.grpc_port}"
        try:
            port = self._bind(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen for gRPC on {address}") from error
        await self._server.start()
        for name in self._names:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self) -> None:
        """NOT_SERVING at once; after the drain the watches end with their tokens, and then everything else."""
        self.draining = True
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(self._settings.drain)
        self._hub.drain()
        await self._server.stop(self._settings.grace)

    def _bind(self, address: str) -> int:
        if self._settings.tls is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, _credentials(self._settings.tls))


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials([(tls.key.read_bytes(), tls.certificate.read_bytes())])


def _options(settings: GatewaySettings) -> list[tuple[str, Any]]:
    return [
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_concurrent_streams", settings.max_streams_per_connection),
        ("grpc.max_metadata_size", _LARGEST_METADATA),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _SHORTEST_PING_MS),
        ("grpc.keepalive_permit_without_calls", 1),
    ]

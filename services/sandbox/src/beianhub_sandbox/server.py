"""Running the sandbox under uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Generator

import uvicorn

from beianhub_sandbox.app import create_app
from beianhub_sandbox.settings import Settings


class _Server(uvicorn.Server):
    """Uvicorn that ends a stopped process with success: its own handler raises the signal once more."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def run(host: str = "127.0.0.1", port: int = 0, settings: Settings | None = None) -> None:
    """Serve until SIGTERM or SIGINT; prints `sandbox listening on HOST:PORT` once it accepts connections."""
    asyncio.run(serve(host, port, settings or Settings()))


async def serve(host: str, port: int, settings: Settings) -> None:
    """The same inside the main thread's running event loop; port 0 takes a free one."""
    listener = socket.create_server((host, port), backlog=512)
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    sys.stdout.write(f"sandbox listening on {host}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listener])

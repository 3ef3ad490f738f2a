"""Runs the parts in this process until a signal stops them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from beianhub_cli.client.connection import Connection
from beianhub_cli.config import Config
from beianhub_cli.demo.people import People, persons_of, read_rows
from beianhub_cli.demo.sandbox import Sandbox
from beianhub_cli.serve.composing import application
from beianhub_cli.serve.settings import engine_settings, gateway_settings, sandbox_settings, split
from beianhub_core.application import Application
from beianhub_core.bus import open_bus
from beianhub_core.bus.port import Bus
from beianhub_engine.runner import ROLES, run_engine
from beianhub_engine.settings import EngineSettings
from beianhub_engine.wakes import Wakes
from beianhub_gateway.runner import Addresses
from beianhub_gateway.runner import serve as serve_gateway
from beianhub_sandbox.app import create_app


@dataclass(slots=True)
class Announcement:
    """Says where the parts answer: on standard error, and in a file once all of them do."""

    expected: set[str]
    file: Path | None = None
    said: dict[str, str] = field(default_factory=dict)

    def ready(self, part: str, **addresses: str) -> None:
        """A part answers."""
        self.said |= addresses
        self.expected.discard(part)
        where = " ".join(f"{name}={address}" for name, address in addresses.items())
        print(f"{part} ready {where}".rstrip(), file=sys.stderr, flush=True)
        if not self.expected and self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_name(self.file.name + ".new")
            temporary.write_text(json.dumps({"pid": os.getpid(), **self.said}), encoding="utf-8")
            temporary.replace(self.file)


async def until_stopped(run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Runs until it ends, or until SIGTERM or SIGINT has set the event it was given and it has drained."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


async def run_gateway(config: Config, announcement: Announcement, stop: asyncio.Event) -> None:
    """The gateway alone."""
    async with application(config) as app:
        await _gateway(app, config, announcement, stop)


async def run_engine_alone(config: Config, roles: set[str], announcement: Announcement, stop: asyncio.Event) -> None:
    """The engine alone, or some of its roles."""
    wakes, settings = Wakes(), engine_settings(config)
    async with (
        application(config, callback_url=config.gateway.public_url, wake=wakes) as app,
        _bus(config, app) as bus,
    ):
        await _engine(app, bus, settings, roles, wakes, announcement, stop)


async def run_sandbox(config: Config, announcement: Announcement, stop: asyncio.Event) -> None:
    """The sandbox alone."""
    with _listener(config.sandbox.listen) as listener:
        server = uvicorn.Server(
            uvicorn.Config(create_app(sandbox_settings(config)), log_level="warning", access_log=False, lifespan="on")
        )
        serving = asyncio.create_task(server._serve([listener]))  # noqa: SLF001 - serve() would take our signals
        announcement.ready("sandbox", sandbox=_address(listener))
        await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving


async def run_all(config: Config, announcement: Announcement, stop: asyncio.Event, *, sandbox: bool) -> None:
    """Everything in one process, over one store: gateway, engine and, if asked for, the sandbox.

    The first part that fails stops the others, and its error is raised.
    """
    wakes = Wakes()
    settings, behind = gateway_settings(config), engine_settings(config)  # mistakes end it before anything runs
    with _listener(f"{settings.host}:{settings.http_port}") as probe:
        callback_url = config.gateway.public_url or f"http://{_address(probe)}"
    async with (
        application(config, callback_url=callback_url, wake=wakes) as app,
        _bus(config, app) as bus,
        asyncio.TaskGroup() as parts,
    ):
        for part in (
            _gateway(app, config, announcement, stop),
            _engine(app, bus, behind, set(ROLES), wakes, announcement, stop),
            *([run_sandbox(config, announcement, stop)] if sandbox else []),
            *([_people(config, config.sandbox.people, stop)] if sandbox and config.sandbox.people else []),
        ):
            parts.create_task(_stopping(part, stop))


async def _stopping(part: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    try:
        await part
    finally:
        stop.set()


async def _gateway(app: Application, config: Config, announcement: Announcement, stop: asyncio.Event) -> None:
    def ready(addresses: Addresses) -> None:
        announcement.ready("gateway", grpc=addresses.grpc, http=addresses.http)

    await serve_gateway(app, gateway_settings(config), stop=stop, ready=ready)


async def _engine(
    app: Application,
    bus: Bus,
    settings: EngineSettings,
    roles: set[str],
    wakes: Wakes,
    announcement: Announcement,
    stop: asyncio.Event,
) -> None:
    ready = asyncio.Event()

    async def announce() -> None:
        await ready.wait()
        announcement.ready("engine")

    announcing = asyncio.create_task(announce())
    try:
        await run_engine(app, bus, settings, roles=roles, wakes=wakes, stop=stop, ready=ready)
    finally:
        announcing.cancel()


async def _people(config: Config, portfolio: Path, stop: asyncio.Event) -> None:
    """The sandbox's people: they answer the MIIT SMS and work the hand-offs, as the portfolio's people would."""
    rows = read_rows(portfolio)
    sandbox, secret = Sandbox(config.sandbox.listen), config.owner_key_file.read_text(encoding="utf-8").strip()
    async with Connection(config.gateway.listen, secret) as connection:
        acting = asyncio.create_task(People(persons_of(rows), sandbox, connection, config.tenant).run())
        await stop.wait()
        acting.cancel()
    await sandbox.close()


@asynccontextmanager
async def _bus(config: Config, app: Application) -> AsyncIterator[Bus]:
    bus = open_bus(config.bus.url, app.store)
    try:
        yield bus
    finally:
        await bus.close()


def _listener(address: str) -> socket.socket:
    return socket.create_server(split(address), backlog=512)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"{host}:{port}"

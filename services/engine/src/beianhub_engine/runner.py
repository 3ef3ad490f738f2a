"""The engine put together: relay, plugin host and scheduler, each alone or all in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.application import Application
from beianhub_core.bus.port import Bus
from beianhub_engine import metrics
from beianhub_engine.callbacks import CallbackWorker
from beianhub_engine.consumer import ConsumerHealth, EventConsumer
from beianhub_engine.host import PluginHost
from beianhub_engine.leadership import Leadership
from beianhub_engine.plugins.loader import load_plugins
from beianhub_engine.relay import Relay, RelayHealth
from beianhub_engine.scheduler import Scheduler
from beianhub_engine.settings import EngineSettings
from beianhub_engine.trails import trail
from beianhub_engine.waiting import first
from beianhub_engine.wakes import Wakes

RELAY: Final = "relay"
HOST: Final = "host"
SCHEDULER: Final = "scheduler"
ROLES: Final = frozenset({RELAY, HOST, SCHEDULER})
GROUP: Final = "plugin-host"
_GAUGE_SECONDS: Final = 1.0
_log = structlog.get_logger()

Part = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HealthInfo:
    """How the engine fares. ``failing`` has the parts that crashed and wait to be run again, with the error."""

    roles: frozenset[str]
    failing: dict[str, str]
    relay: RelayHealth | None
    consumer: ConsumerHealth | None
    registered: datetime | None
    running_tasks: int

    @property
    def healthy(self) -> bool:
        """Whether every part runs."""
        return not self.failing


class Engine:
    """One engine process. ``wakes`` is what ``make_application`` was given as ``wake``; without it the engine looks
    for work by the clock.
    """

    def __init__(
        self,
        app: Application,
        bus: Bus,
        settings: EngineSettings,
        *,
        roles: Iterable[str] = ROLES,
        wakes: Wakes | None = None,
    ) -> None:
        self.roles = frozenset(roles)
        if not self.roles or not self.roles <= ROLES:
            raise ValueError(f"roles are among {', '.join(sorted(ROLES))}")
        self._app = app
        self._bus = bus
        self._settings = settings
        self._wakes = wakes or Wakes()
        self._plugins = load_plugins(settings.plugins) if HOST in self.roles else None
        self._relay: Relay | None = None
        self._consumer: EventConsumer | None = None
        self._host: PluginHost | None = None
        self._registered: datetime | None = None
        self._failing: dict[str, str] = {}

    @property
    def health(self) -> HealthInfo:
        """As of now."""
        return HealthInfo(
            roles=self.roles,
            failing=dict(self._failing),
            relay=self._relay.health if self._relay else None,
            consumer=self._consumer.health if self._consumer else None,
            registered=self._registered,
            running_tasks=self._host.running if self._host else 0,
        )

    async def run(self, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Runs the roles until ``stop``; sets ``ready`` once its plugins are in the catalogue.

        Raises:
            BeianhubError: the store cannot be reached at the start.
        """
        if self._plugins is not None:
            self._host = PluginHost(self._app, self._plugins, self._settings, self._wakes.event())
            await self._register()
        async with asyncio.TaskGroup() as group:
            for name, part in self._parts():
                group.create_task(self._supervise(name, part, stop), name=f"engine-{name}")
            if ready is not None:
                ready.set()

    def _parts(self) -> list[tuple[str, Part]]:
        parts: list[tuple[str, Part]] = [("gauges", self._run_gauges)]
        if RELAY in self.roles:
            parts.append((RELAY, self._run_relay))
        if SCHEDULER in self.roles:
            parts.append((SCHEDULER, self._run_scheduler))
        if self._host is not None:
            parts += [
                (HOST, self._host.run),
                ("callbacks", self._run_callbacks),
                ("consumer", self._run_consumer),
                ("registration", self._run_registration),
            ]
        return parts

    async def _supervise(self, name: str, part: Part, stop: asyncio.Event) -> None:
        """Runs a part again whenever it crashes; none is ever silently dead."""
        delay, longest = self._settings.restart
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await part(stop)
                error = "ended early"
            except Exception as crash:  # noqa: BLE001 - it is told, and the part runs again
                error = f"{type(crash).__name__}: {crash}"
                _log.error("role_crashed", role=name, error=error, trail=trail(crash))
            if stop.is_set():
                return
            if asyncio.get_running_loop().time() - began > longest:
                delay = self._settings.restart[0]
            metrics.RESTARTS.labels(name).inc()
            self._failing[name] = error
            _log.error("role_restarting", role=name, retry_in=delay)
            await first(stop.wait(), asyncio.sleep(delay))
            delay = min(2 * delay, longest)
            del self._failing[name]

    def _leadership(self, name: str) -> Leadership:
        return Leadership(self._app.store, name, self._settings.holder, self._settings.leadership)

    async def _run_relay(self, stop: asyncio.Event) -> None:
        async with self._leadership(RELAY) as leadership:
            self._relay = Relay(self._app.store, self._bus, leadership, self._wakes.event())
            await self._relay.run(stop)

    async def _run_scheduler(self, stop: asyncio.Event) -> None:
        async with self._leadership(SCHEDULER) as leadership:
            await Scheduler(self._app, leadership, self._settings, self._wakes.event()).run(stop)

    async def _run_consumer(self, stop: asyncio.Event) -> None:
        if self._host is None:
            return
        await self._bus.start()
        self._consumer = EventConsumer(self._app.store, self._bus, GROUP, self._host.on_events, self._app.core.clock)
        await self._consumer.run(stop)

    async def _run_callbacks(self, stop: asyncio.Event) -> None:
        if self._host is not None:
            guards, credentials = self._host.guards, self._host.credentials
            worker = CallbackWorker(self._app, guards, credentials, self._settings.poll, self._wakes.event())
            await worker.run(stop)

    async def _run_registration(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await first(stop.wait(), asyncio.sleep(self._settings.registration))
            if not stop.is_set():
                await self._register()

    async def _register(self) -> None:
        """Notes in the catalogue what is loaded here, and when."""
        if self._plugins is None or self._host is None:
            return
        now, seen = self._app.core.clock.now(), []
        for described in self._plugins.descriptions:
            plugin = Plugin()
            plugin.CopyFrom(described)
            plugin.seen_time.FromDatetime(now)
            guard = self._host.guards.get(plugin.name.removeprefix("plugins/"))
            plugin.circuit_open = guard is not None and guard.circuit_open
            seen.append(plugin)
        await self._app.admin.register_plugins(seen)
        self._registered = now

    async def _run_gauges(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self._relay is not None:
                health = self._relay.health
                metrics.RELAY_LEADING.set(health.leading)
                age = self._app.core.clock.now() - health.oldest if health.oldest else None
                metrics.RELAY_AGE.set(age.total_seconds() if age else 0)
            if self._consumer is not None:
                metrics.CONSUMER_LAG.set(self._consumer.health.lag)
            await first(stop.wait(), asyncio.sleep(_GAUGE_SECONDS))


async def run_engine(
    app: Application,
    bus: Bus,
    settings: EngineSettings,
    *,
    roles: Iterable[str] = ROLES,
    stop: asyncio.Event,
    ready: asyncio.Event | None = None,
    wakes: Wakes | None = None,
) -> None:
    """Runs an engine until ``stop``; see :class:`Engine`."""
    await Engine(app, bus, settings, roles=roles, wakes=wakes).run(stop, ready)

"""The plugin host: claims due tasks of its plugins, has each worked on under guard, and reports what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog

from beianhub.events.v1.events_pb2 import Event
from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_core.application import Application, engine_caller
from beianhub_core.errors import BeianhubError
from beianhub_engine.claims import Claim
from beianhub_engine.credentials import Credentials
from beianhub_engine.fetch import Sites
from beianhub_engine.http import open_client
from beianhub_engine.plugins.guard import Guard
from beianhub_engine.plugins.loader import PluginSet
from beianhub_engine.settings import EngineSettings
from beianhub_engine.trails import trail
from beianhub_engine.waiting import first
from beianhub_engine.work import Worker

_EVERY_TENANT = "tenants/-"
_log = structlog.get_logger()


class PluginHost:
    """Runs the ready plugins of a set. ``wake`` is set by commits in this process and by events of other processes."""

    def __init__(
        self, app: Application, plugins: PluginSet, settings: EngineSettings, wake: asyncio.Event | None = None
    ) -> None:
        self.guards = {plugin.id: Guard(plugin, settings) for plugin in plugins.ready}
        self._app = app
        self._settings = settings
        self.credentials = Credentials(settings.credentials, settings.credential_tenants)
        self._wake = wake or asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._claimed: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """Tasks in hand."""
        return len(self._running)

    async def on_events(self, events: Sequence[Event]) -> None:
        """A handler for the bus: an event only wakes."""
        if any(event.HasField("task_opened") and event.task_opened.task.plugin in self.guards for event in events):
            self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop``; then claims nothing more and lets what is under way end within the grace."""
        sites = Sites(self._settings.fetch_loopback)
        with open_client() as client:
            workers = {
                plugin_id: Worker(guard, self.credentials, client, sites, self._app.core.clock)
                for plugin_id, guard in self.guards.items()
            }
            try:
                while not stop.is_set():
                    self._wake.clear()
                    pause = await self._round(workers)
                    if pause > 0:
                        await first(stop.wait(), self._wake.wait(), asyncio.sleep(pause))
                await self._finish()
            finally:
                await self._abandon()

    async def _round(self, workers: dict[str, Worker]) -> float:
        """Looks once for work and begins it; returns for how many seconds there is nothing to do."""
        try:
            began, due = self._app.core.clock.now(), await self._app.store.next_due()
            if due is None:
                return self._settings.poll
            if due > began:
                return min((due - began) / timedelta(seconds=1), self._settings.poll)
            claimed = await asyncio.gather(*(self._claim(worker) for worker in workers.values()))
        except Exception as error:  # noqa: BLE001 - whatever fails, the calls under way must go on
            _log.warning("claim_failed", error=type(error).__name__, trail=trail(error), retry_in=self._settings.poll)
            return self._settings.poll
        # What is due and was not claimed is another's, or waits for a free place, whose end wakes us.
        return 0.0 if any(claimed) else self._settings.poll

    async def _claim(self, worker: Worker) -> int:
        plugin = worker.guard.plugin
        free = plugin.max_concurrency - worker.guard.hung - self._claimed[plugin.id]
        if free <= 0:
            return 0
        lease = max(self._settings.lease, plugin.call_timeout + 2 * self._settings.margin)
        request = pb.ClaimTasksRequest(
            parent=_EVERY_TENANT,
            plugins=[plugin.id],
            max_tasks=free,
            lease_seconds=lease,
            assignee=self._settings.holder,
        )
        answer = await self._app.tasks.claim_tasks(engine_caller(), request)
        for assignment in answer.assignments:
            self._begin(worker, assignment, lease)
        return len(answer.assignments)

    def _begin(self, worker: Worker, assignment: TaskAssignment, lease: float) -> None:
        claim = Claim(self._app, assignment, lease, self._settings.margin)
        plugin_id = worker.guard.plugin.id
        self._claimed[plugin_id] += 1
        task = asyncio.create_task(self._work(worker, claim), name=f"task-{assignment.task.name}")
        self._running.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._running.discard(task)
            self._claimed[plugin_id] -= 1
            self._wake.set()

        task.add_done_callback(ended)

    async def _work(self, worker: Worker, claim: Claim) -> None:
        keeper = asyncio.create_task(claim.keep())
        try:
            outcome = await worker.outcome(claim)
            await claim.report(outcome)
        except asyncio.CancelledError:
            claim.drop()
            raise
        except BeianhubError as error:
            _log.warning("claim_lost", task=claim.task.name, reason=error.reason)
        except Exception as error:  # noqa: BLE001 - one task's failure must not end the host; its lease will lapse
            _log.error("task_failed", task=claim.task.name, error=type(error).__name__, trail=trail(error))
        finally:
            keeper.cancel()

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._settings.grace)

    async def _abandon(self) -> None:
        """What is still under way is left to its lease, and to whoever settles it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

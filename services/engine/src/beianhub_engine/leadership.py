"""Leadership by a lease in the store: of all processes that want a name, one holds it."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import structlog

from beianhub_core.errors import BeianhubError
from beianhub_core.store.port import Lease, Log

_log = structlog.get_logger()


class Leadership:
    """Strives for a lease while its context lasts, and gives it back at the end.

    The store decides by its own clock who holds the lease; here it counts as lost ``ttl`` seconds after the last
    successful renewal was *asked for*, so that a process cut off from the store stops before another begins.
    """

    def __init__(self, store: Log, name: str, holder: str, ttl: float = 6.0) -> None:
        self._store = store
        self._name = name
        self._holder = holder
        self._ttl = ttl
        self._lease: Lease | None = None
        self._held = asyncio.Event()
        self._lost = asyncio.Event()
        self._lost.set()
        self._lapse: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def lease(self) -> Lease | None:
        """The current lease, or ``None`` while another leads."""
        return self._lease

    async def held(self) -> None:
        """Returns as soon as this process leads."""
        await self._held.wait()

    async def lost(self) -> None:
        """Returns as soon as this process does not lead."""
        await self._lost.wait()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._strive(), name=f"leadership-{self._name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        lease = self._lease
        self._forget()
        if lease is not None:
            with contextlib.suppress(BeianhubError):  # an unreachable store lets the lease lapse
                await self._store.release_lease(lease)

    async def _strive(self) -> None:
        while True:
            try:
                await self._renew()
            except Exception as error:  # noqa: BLE001 - whatever the store raises, the lease in hand counts until it lapses
                _log.warning("lease_not_renewed", lease=self._name, error=str(error))
            await asyncio.sleep(self._ttl / 3)

    async def _renew(self) -> None:
        asked = asyncio.get_running_loop().time()
        lease = await self._store.acquire_lease(self._name, self._holder, self._ttl)
        if lease is None:
            self._forget()
        else:
            self._keep(lease, asked + self._ttl)

    def _keep(self, lease: Lease, until: float) -> None:
        loop = asyncio.get_running_loop()
        if until <= loop.time() or (self._lease is not None and self._lease.epoch != lease.epoch):
            self._forget()  # the store answered too late, or the lease had lapsed and is another one now
        if until <= loop.time():
            return
        if self._lapse is not None:
            self._lapse.cancel()
        self._lapse = loop.call_at(until, self._forget)
        if self._lease is None:
            _log.info("leadership_gained", lease=self._name, holder=self._holder, epoch=lease.epoch)
        self._lease = lease
        self._lost.clear()
        self._held.set()

    def _forget(self) -> None:
        if self._lapse is not None:
            self._lapse.cancel()
        if self._lease is not None:
            _log.info("leadership_lost", lease=self._name, holder=self._holder)
        self._lease = None
        self._held.clear()
        self._lost.set()

"""The open watches of a process, each with its queue of what it is to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import grpc

from beianhub_gateway.changes import Change, Response, Scope, read_changes

if TYPE_CHECKING:
    from beianhub_core.store.port import Positioned, Store
    from beianhub_gateway.settings import GatewaySettings


class Ready(NamedTuple):
    """A change, as a watcher is sent it."""

    position: int
    response: Response


def ready(scope: Scope, changes: Iterable[Change]) -> list[Ready]:
    """What a watcher is sent of the changes of its tenant."""
    responses = ((change.position, scope.response(change)) for change in changes)
    return [Ready(position, response) for position, response in responses if response is not None]


class Watcher:
    """One open watch: a bounded queue of responses, and the reason why it must end."""

    def __init__(self, scope: Scope, room: int) -> None:
        self.scope = scope
        self.ended: grpc.StatusCode | None = None
        self._room = room
        self._queue: list[Ready] = []
        self._news = asyncio.Event()

    def offer(self, changes: Sequence[Change]) -> None:
        """Queues what the scope includes; a queue without room ends the watch."""
        wanted = ready(self.scope, changes)
        if not wanted or self.ended is not None:
            return
        if len(self._queue) + len(wanted) > self._room:
            self._queue.clear()
            self.end(grpc.StatusCode.RESOURCE_EXHAUSTED)
            return
        self._queue.extend(wanted)
        self._news.set()

    def end(self, code: grpc.StatusCode) -> None:
        """Ends the watch after what is queued."""
        self.ended = self.ended or code
        self._news.set()

    async def wait(self, seconds: float) -> list[Ready]:
        """The queued responses, as soon as there are any; none after ``seconds``, or at the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        queued, self._queue = self._queue, []
        if self.ended is None:
            self._news.clear()
        return queued


class WatchHub:
    """A follower of the log that serves every watch of the process."""

    def __init__(self, store: Store, settings: GatewaySettings) -> None:
        self._store = store
        self._settings = settings
        self._watchers: set[Watcher] = set()
        self._draining = False

    def __len__(self) -> int:
        return len(self._watchers)

    async def load(self) -> None:
        """Nothing: a watch reads its own snapshot."""

    async def take(self, events: Sequence[Positioned]) -> None:
        """Offers the changes to the watchers of their tenants."""
        served: set[Watcher] = set()
        # A watch that opens while the records are read begins before this batch, so it gets the batch as well.
        while newcomers := self._watchers - served:
            changes = await read_changes(self._store, events, [w.scope for w in newcomers])
            for watcher in newcomers:
                watcher.offer(changes.get(watcher.scope.tenant, ()))
            served |= newcomers

    def drain(self) -> None:
        """Ends every watch, and every one that begins from now on."""
        self._draining = True
        for watcher in self._watchers:
            watcher.end(grpc.StatusCode.UNAVAILABLE)

    def open(self, scope: Scope) -> Watcher:
        """A new watch of what comes after the tail's present position."""
        watcher = Watcher(scope, self._settings.watch_queue)
        if self._draining:
            watcher.end(grpc.StatusCode.UNAVAILABLE)
        self._watchers.add(watcher)
        return watcher

    def close(self, watcher: Watcher) -> None:
        """Forgets the watch."""
        self._watchers.discard(watcher)

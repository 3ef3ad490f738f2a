"""WatchOrders: a snapshot, then changes, from the process's one tail of the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import grpc

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub_core.application.core import customer_guard
from beianhub_core.findings import blocker
from beianhub_gateway import tokens
from beianhub_gateway.changes import Change, Scope, read_changes
from beianhub_gateway.status import CallEndedError

if TYPE_CHECKING:
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.orders import Orders
    from beianhub_core.store.port import Positioned, Store
    from beianhub_gateway.settings import GatewaySettings
    from beianhub_gateway.tail import LogTail

RESUME_TOKEN: Final = "resume-token"  # noqa: S105 - the name of a metadata key
_PAGE: Final = 500
_RETRY_AFTER: Final = 1.0


class Watcher:
    """One open watch: a bounded queue of changes, and the reason why it must end."""

    def __init__(self, scope: Scope, room: int) -> None:
        self.scope = scope
        self.ended: grpc.StatusCode | None = None
        self._room = room
        self._queue: list[Change] = []
        self._news = asyncio.Event()

    def offer(self, changes: Sequence[Change]) -> None:
        """Queues what the scope includes; a queue without room ends the watch."""
        wanted = [change for change in changes if self.scope.includes(change)]
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

    async def wait(self, seconds: float) -> list[Change]:
        """The queued changes, as soon as there are any; none after ``seconds``, or at the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        changes, self._queue = self._queue, []
        if self.ended is None:
            self._news.clear()
        return changes


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


class OrderWatch:
    """Serves WatchOrders."""

    def __init__(self, hub: WatchHub, tail: LogTail, orders: Orders, store: Store, heartbeat: float) -> None:
        self._hub = hub
        self._tail = tail
        self._orders = orders
        self._store = store
        self._heartbeat = heartbeat

    async def watch_orders(
        self, caller: Caller, request: pb.WatchOrdersRequest
    ) -> AsyncIterator[pb.WatchOrdersResponse]:
        """The orders in their order of creation, ``snapshot_complete``, then each change with its token.

        Raises:
            BeianhubError: NOT_FOUND for a subject that is not there; OUT_OF_RANGE for a token whose position is gone;
                RESOURCE_EXHAUSTED when the caller reads too slowly and UNAVAILABLE when the server stops, both with the
                metadata ``resume-token``.
        """
        tenant = caller.parent(request.parent)
        subject = caller.parse(request.subject, "tenants/{}/subjects/{}", "subject")[1] if request.subject else ""
        if subject:
            customer_guard(caller)(await self._store.record(tenant, subject))
        scope = Scope(tenant, caller.customer, subject)
        if request.resume_token:
            position = await self._resume(tenant, request.resume_token)
        else:
            # Taken before the snapshot is read, so that nothing falls between the two.
            position = self._tail.position
            async for message in self._snapshot(caller, request):
                yield message
            yield pb.WatchOrdersResponse(snapshot_complete=True, resume_token=tokens.encode(tenant, position))
        async for message in self._follow(scope, position):
            yield message

    async def _resume(self, tenant: str, token: str) -> int:
        position = tokens.decode(tenant, token)
        first = await self._store.events_after(position, 1)
        pruned = bool(first) and first[0].position > position + 1
        if pruned or (not first and position > await self._store.head()):
            raise tokens.gone()
        return position

    async def _snapshot(self, caller: Caller, request: pb.WatchOrdersRequest) -> AsyncIterator[pb.WatchOrdersResponse]:
        page = pb.ListOrdersRequest(parent=request.parent, subject=request.subject, page_size=_PAGE)
        while True:
            listed = await self._orders.list_orders(caller, page)
            for order in listed.orders:
                yield pb.WatchOrdersResponse(order=order)
            page.page_token = listed.next_page_token
            if not page.page_token:
                return

    async def _follow(self, scope: Scope, position: int) -> AsyncIterator[pb.WatchOrdersResponse]:
        """Catches up with the tail from the log, then goes on with what the tail brings."""
        while position < self._tail.position:
            events = await self._store.events_after(position, _PAGE)
            changes = await read_changes(self._store, events, [scope])
            for change in changes.get(scope.tenant, ()):
                if scope.includes(change):
                    yield change.response
            position = events[-1].position if events else self._tail.position
        # No await stands between the comparison above and this line: the tail cannot move in between.
        watcher = self._hub.open(scope)
        try:
            async for message in self._live(watcher, position):
                yield message
        finally:
            self._hub.close(watcher)

    async def _live(self, watcher: Watcher, position: int) -> AsyncIterator[pb.WatchOrdersResponse]:
        tenant = watcher.scope.tenant
        while True:
            changes = await watcher.wait(self._heartbeat)
            for change in changes:
                if change.position > position:
                    position = change.position
                    yield change.response
            if watcher.ended is not None:
                raise _ended(watcher.ended, tokens.encode(tenant, position))
            if not changes:
                position = max(position, self._tail.position)  # all of it was offered, and nothing is queued
                yield pb.WatchOrdersResponse(resume_token=tokens.encode(tenant, position))


def _ended(code: grpc.StatusCode, token: str) -> CallEndedError:
    slow = code is grpc.StatusCode.RESOURCE_EXHAUSTED
    finding = (
        blocker(
            "WATCH_TOO_SLOW",
            "",
            "接收过慢，订阅已关闭",
            "the watch was read too slowly and is closed",
            "Watch again with the token in the metadata `resume-token`.",
        )
        if slow
        else blocker(
            "SERVER_DRAINING",
            "",
            "服务正在停止",
            "the server is about to stop",
            "Watch again with the token in the metadata `resume-token`; another server will answer.",
        )
    )
    return CallEndedError(code, finding.code, finding, retry_after=_RETRY_AFTER, trailing=((RESUME_TOKEN, token),))

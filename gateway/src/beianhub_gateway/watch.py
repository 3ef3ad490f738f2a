"""WatchOrders and WatchSubjects: a snapshot, then changes, from the process's one tail of the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final, cast

import grpc

from beianhub.filing.v1 import order_service_pb2 as orders_pb
from beianhub.filing.v1 import subject_service_pb2 as subjects_pb
from beianhub_core.application.core import customer_guard
from beianhub_core.findings import blocker
from beianhub_gateway import tokens
from beianhub_gateway.changes import Kind, Response, Scope, read_changes, wanted_types
from beianhub_gateway.hub import ready
from beianhub_gateway.status import CallEndedError

if TYPE_CHECKING:
    from beianhub_core.application import Application
    from beianhub_core.application.caller import Caller
    from beianhub_gateway.hub import Watcher, WatchHub
    from beianhub_gateway.tail import LogTail

RESUME_TOKEN: Final = "resume-token"  # noqa: S105 - the name of a metadata key
_PAGE: Final = 500
_RETRY_AFTER: Final = 1.0
_BARE: Final[dict[Kind, type[Response]]] = {
    Kind.ORDERS: orders_pb.WatchOrdersResponse,
    Kind.SUBJECTS: subjects_pb.WatchSubjectsResponse,
}


class Watches:
    """Serves WatchOrders and WatchSubjects.

    Both send what there is in its order of creation, ``snapshot_complete``, then each change with its token, and raise
    the same errors.

    Raises:
        BeianhubError: NOT_FOUND for a subject that is not there; INVALID for a type of event that there is not;
            OUT_OF_RANGE for a token whose position is gone; RESOURCE_EXHAUSTED when the caller reads too slowly and
            UNAVAILABLE when the server stops, both with the metadata ``resume-token``.
    """

    def __init__(self, hub: WatchHub, tail: LogTail, application: Application, heartbeat: float) -> None:
        self._hub = hub
        self._tail = tail
        self._orders = application.orders
        self._subjects = application.subjects
        self._store = application.store
        self._heartbeat = heartbeat

    async def watch_orders(
        self, caller: Caller, request: orders_pb.WatchOrdersRequest
    ) -> AsyncIterator[orders_pb.WatchOrdersResponse]:
        """The orders of the tenant, or of a subject."""
        scope = await self._scope(caller, request, caller.customer, Kind.ORDERS)
        async for message in self._messages(scope, request.resume_token, self._listed_orders(caller, request)):
            yield cast("orders_pb.WatchOrdersResponse", message)

    async def watch_subjects(
        self, caller: Caller, request: subjects_pb.WatchSubjectsRequest
    ) -> AsyncIterator[subjects_pb.WatchSubjectsResponse]:
        """The subjects of the tenant or of a customer, or one."""
        customer = caller.limited_to(request.customer, "customer")
        scope = await self._scope(caller, request, customer, Kind.SUBJECTS)
        async for message in self._messages(scope, request.resume_token, self._listed_subjects(caller, request)):
            yield cast("subjects_pb.WatchSubjectsResponse", message)

    async def _scope(
        self,
        caller: Caller,
        request: orders_pb.WatchOrdersRequest | subjects_pb.WatchSubjectsRequest,
        customer: str,
        kind: Kind,
    ) -> Scope:
        tenant = caller.parent(request.parent)
        subject = caller.parse(request.subject, "tenants/{}/subjects/{}", "subject")[1] if request.subject else ""
        if subject:
            customer_guard(caller)(await self._store.record(tenant, subject))
        return Scope(tenant, customer, subject, kind, wanted_types(kind, request.event_types))

    async def _messages(self, scope: Scope, token: str, listed: AsyncIterator[Response]) -> AsyncIterator[Response]:
        if token:
            position = await self._resume(scope.tenant, token)
        else:
            # Taken before the snapshot is read, so that nothing falls between the two.
            position = self._tail.position
            async for message in listed:
                yield message
            yield _BARE[scope.kind](snapshot_complete=True, resume_token=tokens.encode(scope.tenant, position))
        async for message in self._follow(scope, position):
            yield message

    async def _resume(self, tenant: str, token: str) -> int:
        position = tokens.decode(tenant, token)
        first = await self._store.events_after(position, 1)
        pruned = bool(first) and first[0].position > position + 1
        if pruned or (not first and position > await self._store.head()):
            raise tokens.gone()
        return position

    async def _listed_orders(
        self, caller: Caller, request: orders_pb.WatchOrdersRequest
    ) -> AsyncIterator[orders_pb.WatchOrdersResponse]:
        page = orders_pb.ListOrdersRequest(parent=request.parent, subject=request.subject, page_size=_PAGE)
        while True:
            listed = await self._orders.list_orders(caller, page)
            for order in listed.orders:
                yield orders_pb.WatchOrdersResponse(order=order)
            page.page_token = listed.next_page_token
            if not page.page_token:
                return

    async def _listed_subjects(
        self, caller: Caller, request: subjects_pb.WatchSubjectsRequest
    ) -> AsyncIterator[subjects_pb.WatchSubjectsResponse]:
        if request.subject:
            get = subjects_pb.GetSubjectRequest(name=request.subject)
            yield subjects_pb.WatchSubjectsResponse(subject=await self._subjects.get_subject(caller, get))
            return
        page = subjects_pb.ListSubjectsRequest(parent=request.parent, customer=request.customer, page_size=_PAGE)
        while True:
            listed = await self._subjects.list_subjects(caller, page)
            for subject in listed.subjects:
                yield subjects_pb.WatchSubjectsResponse(subject=subject)
            page.page_token = listed.next_page_token
            if not page.page_token:
                return

    async def _follow(self, scope: Scope, position: int) -> AsyncIterator[Response]:
        """Catches up with the tail from the log, then goes on with what the tail brings."""
        while position < self._tail.position:
            events = await self._store.events_after(position, _PAGE)
            changes = await read_changes(self._store, events, [scope])
            for each in ready(scope, changes.get(scope.tenant, ())):
                yield each.response
            position = events[-1].position if events else self._tail.position
        # No await stands between the comparison above and this line: the tail cannot move in between.
        watcher = self._hub.open(scope)
        try:
            async for message in self._live(watcher, position):
                yield message
        finally:
            self._hub.close(watcher)

    async def _live(self, watcher: Watcher, position: int) -> AsyncIterator[Response]:
        scope = watcher.scope
        while True:
            queued = await watcher.wait(self._heartbeat)
            for each in queued:
                if each.position > position:
                    position = each.position
                    yield each.response
            if watcher.ended is not None:
                raise _ended(watcher.ended, tokens.encode(scope.tenant, position))
            if not queued:
                position = max(position, self._tail.position)  # all of it was offered, and nothing is queued
                yield _BARE[scope.kind](resume_token=tokens.encode(scope.tenant, position))


def _ended(code: grpc.StatusCode, token: str) -> CallEndedError:
    slow = code is grpc.StatusCode.RESOURCE_EXHAUSTED
    finding = (
        blocker(
            "WATCH_TOO_SLOW",
            "",
            "接收过慢，订阅已关闭",
            "the watch was read too slowly and is closed",
            (
                "请带元数据 `resume-token` 中的令牌重新订阅。 / "
                "Watch again with the token in the metadata `resume-token`."
            ),
        )
        if slow
        else blocker(
            "SERVER_DRAINING",
            "",
            "服务正在停止",
            "the server is about to stop",
            (
                "请带元数据 `resume-token` 中的令牌重新订阅；另一台服务器会应答。 / "
                "Watch again with the token in the metadata `resume-token`; another server will answer."
            ),
        )
    )
    return CallEndedError(code, finding.code, finding, retry_after=_RETRY_AFTER, trailing=((RESUME_TOKEN, token),))

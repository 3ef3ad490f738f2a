"""Watches every order of the tenant, tells each event as it comes, and lets the story wait for a state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.errors import CommandError

if TYPE_CHECKING:
    from beianhub.events.v1.events_pb2 import Event
    from beianhub_cli.client.connection import Connection

_PATIENCE: Final = 90.0  # seconds without any gateway, after which the story gives up
_PAUSE: Final = 0.3


class Watcher:
    """Holds the newest state of each order. It goes on after its gateway is gone, at the next one that answers."""

    def __init__(self, connection: Connection, tenant: str, tell: Callable[[res.Order, Event], None]) -> None:
        self.orders: dict[str, res.Order] = {}
        self._connection = connection
        self._request = pb.WatchOrdersRequest(parent=f"tenants/{tenant}")
        self._tell = tell
        self._changed = asyncio.Condition()
        self._silent_since: float | None = None

    async def run(self) -> None:
        """Watches until it is cancelled. Raises CommandError when no gateway answered for too long."""
        while True:
            try:
                await self._stream()
            except CommandError as error:
                self._give_up_late(error)
            await asyncio.sleep(_PAUSE)

    async def _stream(self) -> None:
        stream = self._connection.stream(self._connection.orders.WatchOrders, self._request, bounded=False)
        async for message in stream:
            self._silent_since = None
            self._request.resume_token = message.resume_token or self._request.resume_token
            await self._take(message)

    def _give_up_late(self, error: CommandError) -> None:
        now = asyncio.get_running_loop().time()
        self._silent_since = self._silent_since or now
        if error.failure.reason == "POSITION_GONE":
            self._request.resume_token = ""
        if now - self._silent_since > _PATIENCE:
            raise error

    async def _take(self, message: pb.WatchOrdersResponse) -> None:
        if not message.HasField("order"):
            return
        async with self._changed:
            self.orders[message.order.name] = message.order
            self._changed.notify_all()
        if message.HasField("event"):
            self._tell(message.order, message.event)

    async def until(self, order: str, holds: Callable[[res.Order], bool], seconds: float = 180.0) -> res.Order:
        """The order once ``holds``. Raises TimeoutError."""

        def met() -> bool:
            return order in self.orders and holds(self.orders[order])

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(met)
        return self.orders[order]

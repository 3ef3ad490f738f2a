"""How far the followers of the log know it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from gateway_support import TENANT, subject

from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub_core.application import Application, operator_caller
from beianhub_core.ports import SystemClock
from beianhub_core.store.port import Store
from beianhub_gateway.tail import LogTail


class Follower:
    """Counts what it is given."""

    def __init__(self) -> None:
        self.taken = 0

    async def load(self) -> None:
        """Knows nothing at first."""

    async def take(self, events: Sequence[Any]) -> None:
        self.taken += len(events)


class LateRelay:
    """A store whose relay works right between the tail's reading of the log and whatever it asks next."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def events_after(self, position: int, limit: int) -> Sequence[Any]:
        found = await self._store.events_after(position, limit)
        lease = await self._store.acquire_lease("relay", "test", 30)
        assert lease is not None
        await self._store.assign_positions(lease, 1000)
        return found


async def test_nothing_is_called_known_that_was_not_read(application: Application) -> None:
    """An event that gets its position right after the log was read was not read: the followers' time is before it."""
    follower, clock = Follower(), SystemClock()
    tail = LogTail(LateRelay(application.store), clock, [follower], 0.01)  # type: ignore[arg-type]  # a store but for one method
    await tail.start()
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject())
    await application.subjects.create_subject(operator_caller("acme", "test"), request)
    committed = clock.now()
    await tail.step()
    assert follower.taken == 0
    assert tail.as_of < committed
    await tail.step()
    assert follower.taken > 0
    assert tail.as_of > committed - timedelta(seconds=1)

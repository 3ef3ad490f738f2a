"""Timers that have come due become commands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from beianhub_core import names
from beianhub_core.application.core import Target
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.lookup import find_order

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Order
    from beianhub_core.application.core import Core
    from beianhub_core.store.port import DueTimer


class Timers:
    """Fires timers; one scheduler leads at a time, and firing twice is harmless."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def fire_due(self, limit: int = 200) -> int:
        """Fires what is due; returns how many. One that fails stays due and holds up no other.

        Raises:
            Exception: the first failure, after all others were fired.
        """
        due = await self._core.store.due_timers(now=self._core.clock.now(), limit=limit)
        fired = await asyncio.gather(*(self._fire(timer) for timer in due), return_exceptions=True)
        failed = next((error for error in fired if isinstance(error, BaseException)), None)
        if failed is not None:
            raise failed
        return len(due)

    async def _fire(self, timer: DueTimer) -> None:
        order = await self._order(timer)
        await self._core.run(
            timer.tenant,
            timer.subject,
            cmd.FireTimer(timer.key),
            actor="scheduler",
            causation=timer.key,
            accounts=[await self._core.account(order.account)] if order is not None else [],
            target=Target.of(order.target_subject) if order is not None else None,
        )

    async def _order(self, timer: DueTimer) -> Order | None:
        record = await self._core.store.record(timer.tenant, timer.subject)
        order_id = timer.key.partition("/")[0]
        return find_order(record, names.order_name(timer.tenant, order_id)) if record is not None else None

"""The scheduler: due timers become commands, in the one process that leads."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_LIST_FILINGS, Task
from beianhub_core.rulebook.workdays import CHINA

READABLE = {f"tenants/acme/accounts/{vendor}" for vendor in ("tencent", "aliyun", "huawei")}


async def test_an_idle_order_ends(shifted_world: Any, shifted: Any) -> None:
    """An order that was returned and left alone beyond its idle limit ends, without anybody asking."""
    async with shifted_world.engine():
        order, _ = await shifted_world.scripted("tencent", "reject")
        returned = await shifted_world.until_state(order, res.ORDER_STATE_PROVIDER_REJECTED)
    (idle,) = [deadline.time.ToDatetime() for deadline in returned.deadlines if deadline.kind == "IDLE"]
    assert idle.timestamp() > shifted.now().timestamp()
    shifted.shift = timedelta(days=400)
    async with shifted_world.engine(roles=["scheduler"]):
        await shifted_world.until_state(order, res.ORDER_STATE_EXPIRED)


async def test_the_next_one_takes_over(world: Any) -> None:
    """One scheduler leads at a time; when its engine stops, the next one leads at once, before the lease would end."""
    first, second = (replace(world.settings, holder=name, leadership=60.0) for name in ("first", "second"))
    for settings in (first, second):
        async with world.engine(settings, roles=["scheduler"]):
            async with asyncio.timeout(30):
                while await world.app.store.acquire_lease("scheduler", "third", 0.001) is not None:  # noqa: ASYNC110 - the store has no event for it
                    await asyncio.sleep(0.05)


async def test_accounts_that_can_be_read_are_read_daily(shifted_world: Any, shifted: Any) -> None:
    """Nobody asks: a day after they were made a reading of each partner's account is opened, for the host to claim."""
    shifted.shift = timedelta(days=1, minutes=1)
    async with shifted_world.engine(roles=["scheduler"]), asyncio.timeout(60):
        while not {task.account for task in await readings(shifted_world)} >= READABLE:  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.05)


async def readings(world: Any) -> list[Task]:
    """The readings of the tenant's accounts, whatever became of them."""
    found: list[Task] = await world.app.store.list_tasks(
        "acme", kinds=[TASK_KIND_LIST_FILINGS], states=[], order="", after="", limit=50
    )
    return found


async def test_a_newer_calendar_counts_again(shifted_world: Any) -> None:
    """What was provisional by the calendar of before is counted again once a scheduler leads with a newer one."""
    core = shifted_world.app.core
    core.calendar = replace(CHINA, version="bare", last_year=2000)
    async with shifted_world.engine():
        order, _ = await shifted_world.scripted("tencent", "identity_check")
        accepted = await shifted_world.until_state(order, res.ORDER_STATE_PROVIDER_REVIEW)
    assert [d.provisional for d in accepted.deadlines if d.kind == "FIRST_REVIEW"] == [True]
    core.calendar = replace(CHINA, version="newer", last_year=2100)
    async with shifted_world.engine(roles=["scheduler"]):
        await shifted_world.until(order, lambda now: not any(d.provisional for d in now.deadlines))

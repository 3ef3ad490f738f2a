"""Vendor calls are made effectively once: whatever happens on the wire or to a host, one order at each vendor."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, TASK_PHASE_PERSON

VENDORS = ("tencent", "aliyun", "huawei")


@pytest.mark.parametrize(
    ("behaviour", "more"),
    [
        ("timeout_after_accept", {"seconds": 2.5}),
        ("http_500", {"after_accept": True}),
        ("http_500", {}),
        ("throttle_429", {"retry_after": 1}),
        ("reset_before_accept", {}),
        ("slow", {"seconds": 1.3}),
    ],
)
async def test_faults_of_the_wire(world: Any, behaviour: str, more: dict[str, Any]) -> None:
    """After a fault, whether the vendor took the order or not, it is filed and the vendor's ledger has it once."""

    async def one(vendor: str) -> None:
        order, domain = await world.scripted(vendor, behaviour, **more)
        await world.until_state(order, res.ORDER_STATE_FILED)
        assert len(world.sandbox.submissions(domain)) == 1, vendor

    async with world.engine():
        await asyncio.gather(*map(one, VENDORS))


async def test_corrected_data_is_sent_once_too(world: Any) -> None:
    """A timeout in the middle of a correction ends in one correction."""

    async def one(vendor: str) -> None:
        order, domain = await world.scripted(vendor, "reject")
        await world.until_state(order, res.ORDER_STATE_PROVIDER_REJECTED)
        world.sandbox.script(domain, "timeout_after_accept", seconds=2.5)
        await world.submit(order)
        await world.until_state(order, res.ORDER_STATE_FILED)
        (submission,) = world.sandbox.submissions(domain)
        assert submission["resubmissions"] == 1, vendor

    async with world.engine():
        await asyncio.gather(*map(one, VENDORS))


class Dying:
    """TaskService as a host sees it that dies at one step of a submission: right after it, or right before."""

    def __init__(self, tasks: Any, step: str) -> None:
        self._tasks = tasks
        self._step = step
        self.died = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tasks, name)

    async def _die(self) -> None:
        self.died.set()
        await asyncio.Event().wait()

    async def claim_tasks(self, caller: Any, request: Any) -> Any:
        answer = await self._tasks.claim_tasks(caller, request)
        if self._step == "claimed" and answer.assignments:
            await self._die()
        return answer

    async def extend_lease(self, caller: Any, request: Any) -> Any:
        row = await self._tasks.extend_lease(caller, request)
        if self._step == "pinned" and request.request:
            await self._die()
        return row

    async def report_task(self, caller: Any, request: Any) -> Any:
        if self._step == "sent" and request.outcome.HasField("accepted"):
            await self._die()
        return await self._tasks.report_task(caller, request)


@pytest.mark.parametrize("step", ["claimed", "pinned", "sent"])
async def test_a_host_dies(world: Any, step: str) -> None:
    """A host that dies after its claim, after pinning the request, or after sending it, leaves one order behind."""
    filed = []
    for vendor in VENDORS:
        filed.append(await world.file(vendor))
        dying = Dying(world.app.tasks, step)
        host = replace(world, app=replace(world.app, tasks=dying)).host()
        running = asyncio.create_task(host.run(asyncio.Event()))
        await dying.died.wait()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    async with world.engine():
        for order, domain in filed:
            await world.until_state(order, res.ORDER_STATE_FILED)
            assert len(world.sandbox.submissions(domain)) == 1


async def test_a_token_is_not_used_beyond_its_validity(world: Any) -> None:
    """A vendor forgets a client token: a submission in doubt that nobody repeated in time is a person's to decide."""
    order, domain = await world.scripted("tencent", "timeout_after_accept", seconds=2.5)
    settings = world.with_token_validity(2.0)
    async with world.engine(settings, roles=["host"]):
        await world.until(order, lambda o: o.submission.state == res.Submission.STATE_IN_DOUBT)
    await asyncio.sleep(2.0)
    async with world.engine(settings, roles=["host"]):
        await asyncio.sleep(1.0)
        (task,) = [task for task in await world.tasks(order) if task.kind == TASK_KIND_SUBMIT]
    assert task.phase == TASK_PHASE_PERSON
    assert len(world.sandbox.submissions(domain)) == 1


@pytest.mark.servers
async def test_two_hosts_on_postgresql(two_worlds: Any) -> None:
    """Two engines on one PostgreSQL share the work, and nothing is submitted twice."""
    one, two = two_worlds
    filed = [await one.file(vendor) for vendor in VENDORS for _ in range(4)]
    async with one.engine(), two.engine(replace(two.settings, holder="other")):
        for order, domain in filed:
            await one.until_state(order, res.ORDER_STATE_FILED)
            assert len(one.sandbox.submissions(domain)) == 1

"""Orders from submission to their end, through real plugins to the sandbox's vendors."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2, task_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Order
from beianhub_core.application import operator_caller

CALLER = operator_caller("acme", "tester")
VENDORS = ("tencent", "aliyun", "huawei")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_first_filing(world: Any, vendor: str) -> None:
    """A first filing goes from submission to its licence number, and reaches the vendor once."""
    async with world.engine() as engine:
        order, domain = await world.file(vendor)
        filed = await world.until_state(order, res.ORDER_STATE_FILED)
        assert engine.health.healthy
    assert filed.provider_order_id
    assert len(world.sandbox.submissions(domain)) == 1


async def test_rejected_corrected_filed(world: Any) -> None:
    """What a vendor rejects comes back with its reason, and is taken when it is sent again: one order, two versions."""

    async def one(vendor: str) -> None:
        order, domain = await world.scripted(vendor, "reject", reason="网站名称不规范")
        returned = await world.until_state(order, res.ORDER_STATE_PROVIDER_REJECTED)
        assert "网站名称不规范" in returned.findings[0].message_zh
        await world.submit(order)
        filed = await world.until_state(order, res.ORDER_STATE_FILED)
        assert filed.submission.generation == 2
        (submission,) = world.sandbox.submissions(domain)
        assert submission["resubmissions"] == 1

    async with world.engine():
        await asyncio.gather(*map(one, VENDORS))


async def test_withdrawn(world: Any) -> None:
    """A withdrawal reaches the vendor, and the face check that it waited for is dropped."""

    async def one(vendor: str) -> None:
        order, domain = await world.scripted(vendor, "identity_check")
        waiting = await world.until(
            order, lambda o: any(v.state == res.VERIFICATION_STATE_WAITING for v in o.verifications)
        )
        assert waiting.verifications[0].challenge.link.startswith("http")
        await withdraw(world, order)
        await world.until_state(order, res.ORDER_STATE_WITHDRAWN)
        assert world.sandbox.submissions(domain)[0]["stage"] == "WITHDRAWN"

    async with world.engine():
        await asyncio.gather(*map(one, VENDORS))


async def withdraw(world: Any, order: Order) -> None:
    await world.app.orders.withdraw_order(CALLER, order_service_pb2.WithdrawOrderRequest(name=order.name))


async def test_handoff(world: Any) -> None:
    """An account without a partner's API gets a hand-off: the vendor's form, shown to a named operator only."""

    async def one(vendor: str) -> None:
        order, domain = await world.file(vendor, account=f"{vendor}-console")
        request = task_service_pb2.ListHandoffsRequest(parent="tenants/acme")
        mine = []
        while not mine:
            await asyncio.sleep(0.05)
            listed = await world.app.handoffs.list_handoffs(CALLER, request)
            mine = [h for h in listed.handoffs if h.task.order == order.name]
        claim = task_service_pb2.ClaimHandoffRequest(name=mine[0].name, assignee="li", purpose="filing")
        handoff = await world.app.handoffs.claim_handoff(CALLER, claim)
        values = {field.value for field in handoff.fields}
        assert domain in values
        assert "张示例" in values
        assert not world.sandbox.submissions(domain)

    async with world.engine():
        await asyncio.gather(*map(one, VENDORS))


async def test_callback_hints(world: Any) -> None:
    """A vendor's callback brings the next query forward; one with a wrong signature is dropped and changes nothing."""
    slow = world.slow_polls()
    async with world.engine(slow):
        order, _ = await world.scripted("tencent", "identity_check")
        waiting = await world.until(order, lambda o: o.verifications and o.verifications[0].challenge.link)
        world.pass_face(waiting.verifications[0].challenge.link)
        await asyncio.sleep(0.5)
        assert (await world.get(order)).state == res.ORDER_STATE_PROVIDER_REVIEW
        await world.post_callback("tencent", waiting.provider_order_id, secret="wrong")
        await world.until_no_callbacks()
        assert (await world.get(order)).state == res.ORDER_STATE_PROVIDER_REVIEW
        await world.post_callback("tencent", waiting.provider_order_id)
        await world.until_state(order, res.ORDER_STATE_FILED, seconds=30)  # sooner than the next query


async def test_a_callback_that_nobody_can_read(world: Any) -> None:
    """A callback that is no callback is dropped, and holds up nothing."""
    await world.app.callbacks.receive("acme", "tencent", {}, b"\xff{")
    async with world.engine():
        await world.until_no_callbacks()
        order, _ = await world.file("tencent")
        await world.until_state(order, res.ORDER_STATE_FILED)


async def test_roles_alone(world: Any) -> None:
    """Relay, host and scheduler work each in an engine of its own."""
    async with world.engine(roles=["relay"]), world.engine(roles=["scheduler"]), world.engine(roles=["host"]):
        order, _ = await world.file("tencent")
        await world.until_state(order, res.ORDER_STATE_FILED)
        assert await world.app.store.head() > 0


async def test_unknown_credential(world: Any) -> None:
    """An account whose credential nobody configured waits with a clear reason, and nothing is sent."""
    async with world.engine(world.without_credentials()):
        order, domain = await world.file("tencent")
        while True:
            (task,) = (await world.tasks(order)) or [None]
            if task is not None and task.last_error:
                break
            await asyncio.sleep(0.03)
        assert task.last_error == "CREDENTIAL_UNKNOWN"
    assert not world.sandbox.submissions(domain)


async def test_verifications(world: Any) -> None:
    """Prechecks pass before anything is sent, and MIIT's SMS becomes a challenge with its deadline of a day."""
    trusted = ("tencent", "beianhub-verification")
    settings = replace(world.settings, plugins=replace(world.settings.plugins, trusted=trusted))
    async with world.engine(settings):
        order, domain = await world.scripted("tencent", "sms_manual")
        waiting = await world.until(
            order,
            lambda o: any(
                v.kind == res.VERIFICATION_KIND_MIIT_SMS and v.challenge.instructions_zh for v in o.verifications
            ),
        )
        states = {v.kind: v.state for v in waiting.verifications}
        assert states[res.VERIFICATION_KIND_DOMAIN] == res.VERIFICATION_STATE_PASSED
        assert states[res.VERIFICATION_KIND_IP] == res.VERIFICATION_STATE_PASSED
        assert states[res.VERIFICATION_KIND_MIIT_SMS] == res.VERIFICATION_STATE_WAITING
        world.answer_sms(domain)
        await world.until_state(order, res.ORDER_STATE_FILED)

"""Patrols through the whole engine, on a site on this machine behind the switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.filing.v1.admin_service_pb2 import AuditRecordsRequest
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core.application import operator_caller
from beianhub_engine.settings import PluginOverrides

from .support import Site

TRUSTED = ("tencent", "beianhub-verification")
CALLER = operator_caller("acme", "tester")


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


async def filed(world: Any) -> res.Subject:
    """A filed company with one website, served by an account at the sandbox from 127.0.0.1, as it will seem."""
    subject = await world.subject()
    order = await world.order(subject, "tencent")
    await world.submit(order)
    await world.until_state(order, res.ORDER_STATE_FILED)
    return await world.app.subjects.get_subject(CALLER, pb.GetSubjectRequest(name=subject.name))


def settings(world: Any, domain: str, port: int | None, **patrol: float) -> Any:
    """The engine's, with quick patrols, and the site behind the domain where there is one."""
    ids = ("footer", "site", "ip")
    overrides = {**world.settings.plugins.overrides, **{id_: PluginOverrides(patrol_interval=0.4) for id_ in ids}}
    plugins = replace(world.settings.plugins, trusted=TRUSTED, overrides=overrides, **patrol)
    loopback = {f"{domain}:80": port, f"www.{domain}:80": port} if port is not None else {}
    return replace(world.settings, plugins=plugins, fetch_loopback=loopback)


async def until(read: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What is read, once it is as wanted."""
    async with asyncio.timeout(120):
        while not wanted(found := await read()):  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.05)
    return found


def reader(world: Any, subject: res.Subject) -> Callable[[], Any]:
    async def kinds() -> set[str]:
        asked = pb.ListRisksRequest(parent="tenants/acme", subject=subject.name)
        found = (await world.app.risks.list_risks(CALLER, asked)).risks
        return {res.RiskKind.Name(risk.kind).removeprefix("RISK_KIND_") for risk in found}

    return kinds


async def visits(world: Any) -> list[task_pb2.Task]:
    found = await world.app.store.list_tasks(
        "acme", kinds=[task_pb2.TASK_KIND_PATROL], states=[], order="", after="", limit=100
    )
    return list(found)


async def test_a_site_that_goes_wrong_is_a_risk_until_it_is_mended(world: Any, site: Site) -> None:
    """A filed site is looked at again and again: its footer, whether it is open, and who answers. What is seen again
    appends nothing.
    """
    async with world.engine(replace(world.settings, plugins=replace(world.settings.plugins, trusted=("tencent",)))):
        subject = await filed(world)
    domain = subject.services[0].domains[0]
    risks = reader(world, subject)
    number = subject.services[0].licence_number
    good = f'<a href="https://beian.miit.gov.cn/">{number}</a>'.encode()
    site.page("/", b"no number")
    async with world.engine(settings(world, domain, site.port)):
        # The sandbox filed 119.29.29.29, and this machine answers.
        await until(risks, lambda found: found == {"FOOTER_WRONG", "RESOLVES_ELSEWHERE"})
        site.page("/", good, status="503 Service Unavailable")
        await until(risks, lambda found: "SITE_CLOSED" in found)
        site.page("/", good)
        await until(risks, lambda found: found == {"RESOLVES_ELSEWHERE"})

        async def version() -> int:
            record = await world.app.store.record("acme", subject.name.rpartition("/")[2])
            assert record is not None
            return int(record.version)

        before, asked = await version(), len(site.requests)
        await until(lambda: _len(site), lambda requests: requests > asked + 6)
        assert await version() == before
        (footer,) = [task for task in await visits(world) if task.plugin == "footer"]
        assert footer.HasField("seen_time")
        assert not footer.order
        async for answer in world.app.admin.audit_records(CALLER, AuditRecordsRequest(parent="tenants/acme")):
            assert answer.equal


async def test_nobody_is_visited_for_an_account_at_the_sandbox(world: Any) -> None:
    """Without the switch a rehearsal opens no patrol: its invented domains are not resolved, and nobody is asked."""
    async with world.engine(settings(world, "", None)):
        subject = await filed(world)
        record = await world.app.store.record("acme", subject.name.rpartition("/")[2])
        await until(_looked(world), lambda due: not due)
        again = await world.app.store.record("acme", subject.name.rpartition("/")[2])
        assert again == record
        assert await visits(world) == []


async def test_patrols_may_be_switched_off(world: Any, site: Site) -> None:
    """An interval of 0 opens none."""
    async with world.engine(replace(world.settings, plugins=replace(world.settings.plugins, trusted=("tencent",)))):
        subject = await filed(world)
    domain = subject.services[0].domains[0]
    off = settings(world, domain, site.port)
    off = replace(off, plugins=replace(off.plugins, overrides=world.settings.plugins.overrides, patrol=0.0))
    async with world.engine(off):
        await until(_looked(world), lambda due: not due)
        assert await visits(world) == []


async def test_an_engine_that_dies_in_a_visit_neither_loses_nor_doubles_the_patrol(world: Any, site: Site) -> None:
    """The next engine takes the same standing task over once its lease is over: one for each verifier, as before."""
    async with world.engine(replace(world.settings, plugins=replace(world.settings.plugins, trusted=("tencent",)))):
        subject = await filed(world)
    quick = settings(world, subject.services[0].domains[0], site.port)
    site.page("/", b"no number")
    site.pause = 30.0  # the answer never comes while the first engine lives
    async with world.engine(replace(quick, grace=0.0)):
        await until(lambda: _len(site), lambda requests: requests >= 3)
        before = {task.name for task in await visits(world)}
    site.pause = 0.0
    async with world.engine(quick):
        await until(reader(world, subject), lambda found: "FOOTER_WRONG" in found)
    after = await visits(world)
    assert {task.name for task in after} == before
    assert len(before) == 3
    events = await world.app.store.list_events("acme", subject.name.rpartition("/")[2], after_version=0, limit=500)
    seen = [e.observation_changed.observation.verification for e in events if e.HasField("observation_changed")]
    assert seen.count(res.VERIFICATION_KIND_FOOTER) == 1


async def _len(site: Site) -> int:
    return len(site.requests)


def _looked(world: Any) -> Callable[[], Any]:
    async def due() -> Any:
        return await world.app.store.due_patrols(now=world.app.core.clock.now(), limit=10)

    return due

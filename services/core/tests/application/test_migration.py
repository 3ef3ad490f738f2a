"""网站迁移 over a real store and vault: both records, their values, and who may do it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.evolve import fold
from beianhub_core.errors import BeianhubError
from beianhub_core.vault import personal

from .conftest import PARENT, PERSON, Desk, enterprise, open_desk, reason
from .movers import MOVED, NUMBERS, Movers, filing


@pytest.fixture
async def movers(desk: Desk) -> Movers:
    """Two companies of the tenant."""
    made = Movers(desk)
    await made.set_up()
    return made


@pytest.fixture
async def both_movers(store_url: str, tmp_path: Path, clock: Any) -> AsyncIterator[Movers]:
    """The same on SQLite and on PostgreSQL."""
    async for desk in open_desk(store_url, tmp_path, clock):
        made = Movers(desk)
        await made.set_up()
        yield made


async def test_a_filing_moves_record_values_and_index(both_movers: Movers) -> None:
    """Record, domain row and values are under the target, in one transaction; both records are their folds."""
    desk, store = both_movers.desk, both_movers.desk.app.core.store
    before = [await store.record("acme", f"s{n}") for n in range(2)]
    name = await both_movers.filed()
    source, target = [await store.record("acme", f"s{n}") for n in range(2)]
    assert source is not None
    assert target is not None
    assert source.subject.state == res.SUBJECT_STATE_SHELL
    moved = target.subject.services[1]
    assert (moved.licence_number, moved.accesses[0].account) == (MOVED, f"{PARENT}/accounts/sim-1")
    assert moved.name != target.subject.services[0].name  # both were called main
    row = await store.domain("acme", "shop0.com")
    assert row is not None
    assert (row.subject, row.service.licence_number) == ("s1", MOVED)
    assert (await desk.order(name)).target_service == moved.name
    for subject, record in (("s0", source), ("s1", target)):
        events = await store.list_events("acme", subject, after_version=0, limit=100)
        assert fold(events) == record
        assert not [path for event in events for path in personal.contains_personal_data(event)]
    old = [record.subject.vault_ref for record in before if record is not None]
    assert not await store.vault_entries("acme", old)


async def test_the_people_go_over_to_the_targets_key(movers: Movers) -> None:
    """The values of the service's principal are sealed under the target's key, and gone from the source's."""
    await movers.filed()
    source, target = await movers.plain(0), await movers.plain(1)
    assert not source.services
    assert [service.principal.mobile for service in target.services] == ["13700000001", "13700000000"]
    assert target.services[1].licence_number == MOVED
    assert target.profile.principal.mobile == PERSON["mobile"]
    await movers.desk.app.core.vault.erase("acme", "s0")
    assert (await movers.plain(1)).services[1].principal.mobile == "13700000000"


async def test_the_target_can_be_updated_afterwards(movers: Movers) -> None:
    """The values that came are as good as the target's own: a later update checks and seals them all."""
    await movers.filed()
    request = subject_service_pb2.UpdateSubjectRequest(subject=res.Subject(name=movers.subjects[1].name))
    request.subject.profile.city = "北京"
    request.subject.profile.address = "北京市朝阳区建国路2号"
    request.update_mask.paths.append("profile.address")
    updated = await movers.desk.app.subjects.update_subject(movers.desk.owner, request)
    assert updated.services[1].licence_number == MOVED
    assert (await movers.plain(1)).services[1].principal.mobile == "13700000000"


async def test_a_change_in_between_is_taken_along(movers: Movers) -> None:
    """Values that change while the order is at the vendor are those that move, on both sides."""
    await movers.accepted()
    for number, mobile in ((0, "13900000000"), (1, "13900000001")):
        request = subject_service_pb2.UpdateSubjectRequest(subject=res.Subject(name=movers.subjects[number].name))
        request.subject.profile.principal.mobile = mobile
        request.update_mask.paths.append("profile.principal.mobile")
        await movers.desk.app.subjects.update_subject(movers.desk.owner, request)
    (query,) = await movers.desk.claim()
    await movers.desk.report(query.task, status=filing())
    source, target = await movers.plain(0), await movers.plain(1)
    assert (source.profile.principal.mobile, target.profile.principal.mobile) == ("13900000000", "13900000001")
    assert target.services[1].principal.mobile == "13700000000"


async def test_a_filing_that_is_reported_twice_moves_once(movers: Movers) -> None:
    """A second report of the same filing changes neither record."""
    name = await movers.accepted()
    request = order_service_pb2.ReportProgressRequest(
        name=name, state=res.ORDER_STATE_FILED, subject_licence_number=NUMBERS[1], service_licence_number=MOVED
    )
    (query,) = await movers.desk.claim()
    await movers.desk.app.orders.report_progress(movers.desk.owner, request)
    before = [await movers.desk.app.core.store.record("acme", f"s{n}") for n in range(2)]
    await movers.desk.report(query.task, status=filing())
    with pytest.raises(BeianhubError):
        await movers.desk.app.orders.report_progress(movers.desk.owner, request)
    assert [await movers.desk.app.core.store.record("acme", f"s{n}") for n in range(2)] == before


async def test_the_plugin_gets_what_it_asks_for_of_the_target(movers: Movers) -> None:
    """Only inside the claim, and only the fields that the manifest names."""
    name = await movers.draft()
    await movers.desk.submit(name)
    (assignment,) = await movers.desk.claim()
    profile = assignment.target.profile
    assert assignment.target.name == movers.subjects[1].name
    assert profile.principal.mobile == PERSON["mobile"]
    assert profile.certificate.number == enterprise(1).profile.certificate.number
    assert profile.principal.full_name != PERSON["full_name"]


async def test_check_sees_both_records(movers: Movers) -> None:
    """CheckOrder says what stands against it on either side."""
    name = await movers.draft()
    request = order_service_pb2.CheckOrderRequest(name=name)
    found = (await movers.desk.app.orders.check_order(movers.desk.owner, request)).findings
    assert {"MIGRATION_UNKNOWN", "HOLDER_BEFORE_MIGRATION"} <= {finding.code for finding in found}
    assert [finding.code for finding in found].count("MIGRATION_UNKNOWN") == 1
    asked = {finding.rule for finding in found if finding.code == "FACT_UNKNOWN"}
    assert "planner.question.domain.holder_matches" in asked
    assert not [rule for rule in asked if "target" in rule]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"target_subject": ""}, "TARGET_SUBJECT_WRONG"),
        ({"target_subject": f"{PARENT}/subjects/s0"}, "TARGET_SUBJECT_WRONG"),
        ({"target_subject": f"{PARENT}/subjects/nobody"}, "TARGET_SUBJECT_NOT_FOUND"),
        ({"target_account": ""}, "MALFORMED_NAME"),
        ({"target_account": f"{PARENT}/accounts/sim-0"}, "TARGET_ACCOUNT_WRONG"),
    ],
)
async def test_a_draft_names_its_target(movers: Movers, fields: dict[str, str], why: str) -> None:
    """Another subject, with an account of its own at the same provider (HW-KB doc_0200)."""
    with pytest.raises(BeianhubError) as refused:
        await movers.draft(**fields)
    assert reason(refused) == why


async def test_other_orders_name_no_target_subject(movers: Movers) -> None:
    """Only a migration goes to another subject."""
    with pytest.raises(BeianhubError) as refused:
        await movers.desk.draft(
            movers.subjects[0], type=res.ORDER_TYPE_CHANGE_ACCESS, target_subject=movers.subjects[1].name
        )
    assert reason(refused) == "TARGET_SUBJECT_WRONG"


async def test_a_key_of_one_customer_moves_nothing_to_another(desk: Desk) -> None:
    """A target that the caller may not see is as good as none."""
    movers = Movers(desk)
    await movers.set_up(("shop", "other"))
    limited = desk.limited("shop")
    name = await movers.draft()
    with pytest.raises(BeianhubError) as refused:
        await desk.app.orders.submit_order(limited, order_service_pb2.SubmitOrderRequest(name=name))
    assert reason(refused) == "SUBJECT_NOT_FOUND"
    found = (await desk.app.orders.check_order(limited, order_service_pb2.CheckOrderRequest(name=name))).findings
    assert "TARGET_NOT_FOUND" in {finding.code for finding in found}
    order = res.Order()
    order.CopyFrom(await desk.order(name))
    create = order_service_pb2.CreateOrderRequest(parent=PARENT, order=order, order_id="m2")
    with pytest.raises(BeianhubError) as refused:
        await desk.app.orders.create_order(limited, create)
    assert reason(refused) == "TARGET_SUBJECT_NOT_FOUND"


async def test_an_update_drops_no_service_that_moves(movers: Movers) -> None:
    """An update that leaves a service out keeps it, and the filing moves it; the domain refuses one without it."""
    await movers.accepted()
    request = subject_service_pb2.UpdateSubjectRequest(subject=res.Subject(name=movers.subjects[0].name))
    request.update_mask.paths.append("services")
    updated = await movers.desk.app.subjects.update_subject(movers.desk.owner, request)
    assert [service.name for service in updated.services] == [movers.subjects[0].services[0].name]
    without = res.Subject()
    without.CopyFrom(updated)
    del without.services[:]
    with pytest.raises(BeianhubError) as refused:
        await movers.desk.app.core.run("acme", "s0", cmd.UpdateSubject(without, ("services",)), actor="test")
    assert reason(refused) == "SERVICE_HAS_ORDER_IN_FLIGHT"
    (query,) = await movers.desk.claim()
    await movers.desk.report(query.task, status=filing())
    assert [service.licence_number for service in (await movers.plain(1)).services][1:] == [MOVED]


async def test_an_approval_that_tells_no_number_moves_the_service_and_says_so(movers: Movers) -> None:
    """A poll may see the approval before the number: the service has moved, and ListRisks names what is missing."""
    await movers.accepted()
    (query,) = await movers.desk.claim()
    status = filing()
    status.ClearField("service_licence_number")
    await movers.desk.report(query.task, status=status)
    listed = subject_service_pb2.ListRisksRequest(parent=PARENT)
    risks = (await movers.desk.app.risks.list_risks(movers.desk.owner, listed)).risks
    moved = (await movers.plain(1)).services[1]
    assert moved.licence_number == ""
    missing = [risk.resource for risk in risks if risk.kind == res.RISK_KIND_LICENCE_NUMBER_MISSING]
    assert missing == [moved.name]

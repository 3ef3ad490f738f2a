"""A blocker of the rules refuses a submission; an owner sends it in spite of one, and the history says who and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1.admin_service_pb2 import ROLE_OPERATOR
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application import Caller, Rulebooks
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import PARENT, Desk, reason

WHY = "管局电话同意，工号 1024"


async def refused_suffix(desk: Desk) -> str:
    """A first filing in Beijing, whose sources do not take .org (S2.14)."""
    return await desk.draft(await desk.subject(domain="shop0.org"))


async def submit(desk: Desk, name: str, caller: Caller | None = None, **fields: Any) -> res.Order:
    request = pb.SubmitOrderRequest(name=name, **fields)
    return await desk.app.orders.submit_order(caller or desk.owner, request)


async def test_a_blocker_of_the_province_refuses_and_leaves_the_draft(desk: Desk) -> None:
    """Check and Submit find the same, with rule, source and field; nothing is sent."""
    name = await refused_suffix(desk)
    shown = (await desk.app.orders.check_order(desk.owner, pb.CheckOrderRequest(name=name))).findings
    with pytest.raises(BeianhubError) as caught:
        await submit(desk, name)
    assert caught.value.kind is ErrorKind.PRECONDITION
    assert [(f.code, f.path, f.rule) for f in caught.value.findings] == [
        ("SUFFIX_REFUSED", "service.domains[0]", "suffix.refused")
    ]
    assert caught.value.findings[0] in shown
    assert (await desk.order(name)).state == res.ORDER_STATE_DRAFT
    assert (await desk.order(name)).submission.state == res.Submission.STATE_UNSPECIFIED


async def test_an_owner_overrides_it_and_the_history_says_who_and_why(desk: Desk) -> None:
    """The order goes out; the event and the order keep actor, reason and codes."""
    name = await refused_suffix(desk)
    order = await submit(desk, name, override_reason=WHY, override_codes=["SUFFIX_REFUSED"])
    assert order.submission.state in (res.Submission.STATE_QUEUED, res.Submission.STATE_CHECKING)
    (kept,) = order.overrides
    assert (kept.actor, kept.reason, list(kept.codes)) == ("key:owner", WHY, ["SUFFIX_REFUSED"])
    page = await desk.app.subjects.list_events(desk.owner, subjects.ListEventsRequest(parent=order.subject))
    (event,) = [event for event in page.events if event.HasField("order_blockers_overridden")]
    assert (event.actor, event.order_blockers_overridden.reason) == ("key:owner", WHY)
    assert [f.rule for f in event.order_blockers_overridden.findings] == ["suffix.refused"]


async def test_a_reason_keeps_no_phone_number(desk: Desk) -> None:
    """The reason is typed by a person, and stands in events: what looks like personal data is masked."""
    name = await refused_suffix(desk)
    order = await submit(desk, name, override_reason="致电 13800000001", override_codes=["SUFFIX_REFUSED"])
    assert "13800000001" not in order.overrides[0].reason


@pytest.mark.parametrize("customer", ["", "shop"])
async def test_only_an_unlimited_owner_may_override(desk: Desk, customer: str) -> None:
    """An operator may submit, and a customer's owner too; neither may set a rule aside."""
    subject = await desk.subject(domain="shop0.org", customer="shop")
    name = await desk.draft(subject)
    caller = desk.limited("shop") if customer else Caller(tenant="acme", role=ROLE_OPERATOR, actor="key:operator")
    with pytest.raises(BeianhubError) as caught:
        await submit(desk, name, caller, override_reason=WHY, override_codes=["SUFFIX_REFUSED"])
    assert (caught.value.kind, reason(caught)) == (ErrorKind.PERMISSION, "OVERRIDE_NOT_ALLOWED")


async def test_in_a_batch_each_order_overrides_for_itself(desk: Desk) -> None:
    """One order's override opens the way for no other."""
    first = await refused_suffix(desk)
    second = await desk.draft(await desk.subject(1, domain="shop1.org"))
    requests = [
        pb.SubmitOrderRequest(name=first, override_reason=WHY, override_codes=["SUFFIX_REFUSED"]),
        pb.SubmitOrderRequest(name=second),
    ]
    request = pb.BatchSubmitOrdersRequest(parent=PARENT, requests=requests)
    answer = await desk.app.orders.batch_submit_orders(desk.owner, request)
    assert [result.code for result in answer.results] == [0, 9]


@pytest.mark.parametrize("given", [{"override_reason": WHY}, {"override_codes": ["SUFFIX_REFUSED"]}])
async def test_an_override_names_both_reason_and_codes(desk: Desk, given: dict[str, Any]) -> None:
    """A reason for nothing, and a blocker set aside for no reason, are refused."""
    name = await refused_suffix(desk)
    with pytest.raises(BeianhubError) as caught:
        await submit(desk, name, **given)
    assert (caught.value.kind, reason(caught)) == (ErrorKind.INVALID, "OVERRIDE_INCOMPLETE")


async def test_the_records_state_cannot_be_overridden(desk: Desk) -> None:
    """An access for a service that is not filed fits nowhere, whoever insists."""
    name = await desk.draft(await desk.subject(), type=res.ORDER_TYPE_ADD_ACCESS)
    with pytest.raises(BeianhubError) as caught:
        await submit(desk, name, override_reason=WHY, override_codes=["SERVICE_NOT_FILED"])
    codes = [f.code for f in caught.value.findings]
    assert codes[0] == "SERVICE_NOT_FILED"
    assert "NOT_OVERRIDABLE" in codes


async def test_arithmetic_cannot_be_overridden(desk: Desk) -> None:
    """A blocker that follows from no rule of a pack stands (here: the domain has expired, S4.32)."""
    name = await refused_suffix(desk)
    order = await desk.order(name)
    record = await desk.app.subjects.record(desk.owner, order.subject, "name")
    expired = res.Finding(code="DOMAIN_EXPIRED", rule="planner.domain_expired", severity=res.SEVERITY_BLOCKER)
    context = Context(
        tenant="acme",
        subject="s0",
        now=desk.clock.now(),
        actor="key:owner",
        causation="",
        new_id=lambda: "id",
        catalog=await desk.app.catalog(),
        ruling=lambda *_: [expired],
    )
    with pytest.raises(BeianhubError) as caught:
        draft(record, cmd.SubmitOrder(name, "", WHY, ("DOMAIN_EXPIRED",)), context)
    assert [f.code for f in caught.value.findings] == ["DOMAIN_EXPIRED", "NOT_OVERRIDABLE"]


async def test_a_pack_of_one_tenant_binds_no_other(desk: Desk, tmp_path: Path) -> None:
    """A house rule that takes only .cn refuses a submission of the tenant whose pack it is (suffix.allowed)."""
    pack = tmp_path / "house.yaml"
    pack.write_text(
        'pack: {id: house, version: "1", as_of: "2026", title: 自有规则}\n'
        'rules:\n- {scope: {province: 北京}, source: [house], as_of: "2027", values: {suffix.allowed: [cn]}}\n',
        encoding="utf-8",
    )
    name = await desk.draft(await desk.subject())
    desk.app.core.rulebooks = Rulebooks(tenants={"acme": [pack]})
    with pytest.raises(BeianhubError) as caught:
        await submit(desk, name)
    assert [(f.code, f.source[0]) for f in caught.value.findings] == [("SUFFIX_NOT_LISTED", "house")]
    desk.app.core.rulebooks = Rulebooks(tenants={"other": [pack]})
    assert (await submit(desk, name)).submission.generation == 1

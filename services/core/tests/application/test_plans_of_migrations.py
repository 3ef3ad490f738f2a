"""网站迁移 in an applied plan: its target named and looked at, and its order drafted and linked like any other."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1 import subject_service_pb2
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import PARENT, Desk, enterprise
from .movers import MOVED, Movers, filing

HEAD = 'pack: {id: house, version: "1", as_of: "2027", title: 自有规则}\nrules:\n'
OFFERED = '- {scope: {provider: sim, order_type: MIGRATE_SERVICE}, source: [ours], as_of: "2027", values: {%s}}\n'


@pytest.fixture
async def movers(desk: Desk) -> Movers:
    """Two companies, at a provider of which a plugin's pack says that it offers migrations."""
    made = Movers(desk)
    await made.set_up()
    await say(desk, "order.offered: true")
    return made


async def say(desk: Desk, values: str) -> None:
    """A plugin's rule about migrations at ``sim``."""
    pack = HEAD + OFFERED % values
    given = Plugin(name="plugins/house", kind=Plugin.KIND_RULES, state=Plugin.STATE_READY, rule_pack=pack)
    given.distribution = "dist-house"
    await desk.app.admin.register_plugins([given])


def wish(movers: Movers, target: str = f"{PARENT}/subjects/s1") -> pb.PlanRequest:
    """To move the first company's service; what neither record knows is said."""
    source = movers.subjects[0]
    request = pb.PlanRequest(parent=PARENT, subject=source.name, service=source.services[0].name)
    request.wish, request.target_subject = planning.WISH_MOVE_SERVICE_TO_SUBJECT, target
    request.situation.contact.phone_reachable = request.situation.domain.holder_matches = True
    return request


def application(movers: Movers, **fields: Any) -> pb.ApplyPlanRequest:
    return pb.ApplyPlanRequest(plan=wish(movers), accounts=[f"{PARENT}/accounts/sim-0"], **fields)


def codes(answer: planning.Plan) -> set[str]:
    return {each.finding.code for each in answer.findings}


async def refusal(movers: Movers, request: pb.ApplyPlanRequest) -> BeianhubError:
    """Why it is refused; nothing is drafted then."""
    with pytest.raises(BeianhubError) as caught:
        await movers.desk.app.plans.apply_plan(movers.desk.owner, request)
    listed = await movers.desk.app.orders.list_orders(movers.desk.owner, pb.ListOrdersRequest(parent=PARENT))
    assert not listed.orders
    return caught.value


async def test_what_the_targets_record_knows_is_not_asked_for(movers: Movers) -> None:
    """Without a target the plan asks for its nature, its filing, its account and its orders; with it, of none."""
    app, owner = movers.desk.app, movers.desk.owner
    asked = wish(movers, target="")
    asked.situation.server.provider = "sim"
    alone = (await app.plans.plan(owner, asked)).plan
    paths = {f"target.{each}" for each in ("nature", "filed", "account", "order_in_flight")}
    assert paths <= {each.path for each in alone.questions}
    asked.target_subject = movers.subjects[1].name
    answer = (await app.plans.plan(owner, asked)).plan
    assert not [each.path for each in answer.questions if each.path.startswith("target.")]
    assert [each.order_type for each in answer.steps] == [res.ORDER_TYPE_MIGRATE_SERVICE]


async def test_a_migration_is_drafted_and_moves_the_service(movers: Movers) -> None:
    """The draft names the target and the account that has it; submitted and filed, the service is the target's."""
    request = application(movers, request_id=str(uuid.uuid4()))
    answer = await movers.desk.app.plans.apply_plan(movers.desk.owner, request)
    (order,) = answer.orders
    assert (order.type, order.state) == (res.ORDER_TYPE_MIGRATE_SERVICE, res.ORDER_STATE_DRAFT)
    assert (order.target_subject, order.target_account) == (movers.subjects[1].name, f"{PARENT}/accounts/sim-1")
    assert [each.order for each in answer.plan.steps] == [order.name]
    await movers.desk.submit(order.name)
    await approve(movers, order.name, filing())
    target = await movers.desk.app.store.record("acme", "s1")
    assert [each.licence_number for each in target.subject.services][1:] == [MOVED]
    assert await movers.desk.app.plans.apply_plan(movers.desk.owner, request) == answer


async def approve(movers: Movers, name: str, status: task_pb2.TaskOutcome.Status) -> None:
    """The vendor takes the order, and shows it as ``status`` says."""
    desk = movers.desk
    (assignment,) = [one for one in await desk.claim() if one.task.kind == task_pb2.TASK_KIND_SUBMIT]
    assert assignment.order.name == name
    await desk.pin(assignment.task)
    await desk.report(assignment.task, accepted=task_pb2.TaskOutcome.Accepted(provider_order_id="V-1"))
    (query,) = [one for one in await desk.claim() if one.task.kind == task_pb2.TASK_KIND_QUERY]
    await desk.report(query.task, status=status)


async def elsewhere(movers: Movers) -> res.Subject:
    """A third company, filed through another provider alone."""
    given = enterprise(2)
    given.licence_number = "京ICP备2026000003号"
    given.services[0].licence_number = f"{given.licence_number}-1"
    given.services[0].principal.mobile = "13700000009"
    given.services[0].accesses.add(provider="tencent", ips=["8.8.4.4"])
    request = subject_service_pb2.CreateSubjectRequest(parent=PARENT, subject=given, subject_id="s2")
    return await movers.desk.app.subjects.create_subject(movers.desk.owner, request)


async def test_a_migration_waits_and_goes_out_by_itself(movers: Movers) -> None:
    """Where the provider holds no access yet, that comes first; the migration waits for it, and goes out when it is
    filed, holding both subjects.
    """
    source = await elsewhere(movers)
    request = application(movers, submit_when_released=True, ips=["8.8.8.8"])
    request.accounts[:] = [f"{PARENT}/accounts/main"]
    request.plan.subject, request.plan.service = source.name, source.services[0].name
    first, second = (await movers.desk.app.plans.apply_plan(movers.desk.owner, request)).orders
    assert [first.type, second.type] == [res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_MIGRATE_SERVICE]
    assert (list(second.waits_for), second.submit_when_released) == ([first.name], True)
    await movers.desk.submit(first.name)
    await approve(movers, first.name, task_pb2.TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="通过"))
    await movers.desk.app.timers.fire_due()
    target = await movers.desk.app.store.record("acme", "s1")
    assert [each.order for each in target.incoming] == [second.name]
    await approve(movers, second.name, filing())
    assert (await movers.plain(1)).services[1].principal.mobile == "13700000009"


def no_target(request: pb.ApplyPlanRequest) -> None:
    request.plan.target_subject = ""


def itself(request: pb.ApplyPlanRequest) -> None:
    request.plan.target_subject = request.plan.subject


def of_another_tenant(request: pb.ApplyPlanRequest) -> None:
    request.plan.target_subject = "tenants/other/subjects/s1"


def nobody(request: pb.ApplyPlanRequest) -> None:
    request.plan.target_subject = f"{PARENT}/subjects/nobody"


def no_name(request: pb.ApplyPlanRequest) -> None:
    request.plan.target_subject = "s1"


def another_wish(request: pb.ApplyPlanRequest) -> None:
    request.plan.wish = planning.WISH_CLOSE_SERVICE


@pytest.mark.parametrize(
    ("spoil", "kind", "reason"),
    [
        (no_target, ErrorKind.INVALID, "TARGET_SUBJECT_REQUIRED"),
        (itself, ErrorKind.INVALID, "TARGET_SUBJECT_WRONG"),
        (another_wish, ErrorKind.INVALID, "TARGET_SUBJECT_WRONG"),
        (of_another_tenant, ErrorKind.PERMISSION, "FOREIGN_TENANT"),
        (nobody, ErrorKind.NOT_FOUND, "TARGET_SUBJECT_NOT_FOUND"),
        (no_name, ErrorKind.INVALID, "MALFORMED_NAME"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_a_target_that_is_none(movers: Movers, spoil: Any, kind: ErrorKind, reason: str) -> None:
    """Each is told by its field, with what to do, in both languages."""
    request = application(movers)
    spoil(request)
    error = await refusal(movers, request)
    assert (error.kind, error.reason) == (kind, reason)
    (found,) = error.findings
    assert found.path == "plan.target_subject"
    assert found.message_zh
    assert found.message_en
    assert found.suggestion


async def unfiled(movers: Movers) -> str:
    return (await movers.desk.subject(2, subject_id="s2")).name


async def individual(movers: Movers) -> str:
    given = enterprise(2)
    given.profile.nature = res.NATURE_INDIVIDUAL
    given.profile.title = given.profile.principal.full_name
    given.profile.certificate.CopyFrom(given.profile.principal.certificate)
    given.licence_number = "京ICP备2026000003号"
    given.services[0].licence_number = f"{given.licence_number}-1"
    given.services[0].accesses.add(provider="sim", account=f"{PARENT}/accounts/main", ips=["8.8.8.8"])
    request = subject_service_pb2.CreateSubjectRequest(parent=PARENT, subject=given, subject_id="s2")
    return (await movers.desk.app.subjects.create_subject(movers.desk.owner, request)).name


async def busy(movers: Movers) -> str:
    await movers.desk.submitted(movers.subjects[1], account="sim-1", type=res.ORDER_TYPE_CHANGE_ACCESS)
    return movers.subjects[1].name


@pytest.mark.parametrize(
    ("make", "code", "account"),
    [
        (unfiled, "TARGET_NOT_FILED", "sim-1"),
        (individual, "TARGET_IS_INDIVIDUAL", ""),
        (busy, "TARGET_ORDER_IN_FLIGHT", ""),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_what_the_targets_record_stands_against(movers: Movers, make: Any, code: str, account: str) -> None:
    """Filed, a unit, and with no order under way (HW-KB doc_0200): the blocker comes first, with its source."""
    target = await make(movers)
    before = await movers.desk.app.orders.list_orders(movers.desk.owner, pb.ListOrdersRequest(parent=PARENT))
    request = application(movers, target_account=account and f"{PARENT}/accounts/{account}")
    request.plan.target_subject = target
    with pytest.raises(BeianhubError) as caught:
        await movers.desk.app.plans.apply_plan(movers.desk.owner, request)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.PRECONDITION, "PLAN_BLOCKED")
    first = caught.value.findings[0]
    assert (first.code, first.path.partition(".")[0]) == (code, "target")
    assert first.source
    after = await movers.desk.app.orders.list_orders(movers.desk.owner, pb.ListOrdersRequest(parent=PARENT))
    assert after == before


async def test_the_rulebook_says_whether_a_provider_offers_it(movers: Movers) -> None:
    """Its rule decides: offered, refused, or unknown, which is a warning."""
    app, owner = movers.desk.app, movers.desk.owner
    asked = pb.PlanRequest()
    asked.CopyFrom(wish(movers))
    asked.situation.server.provider = "sim"
    offered = (await app.plans.plan(owner, asked)).plan
    assert not {"MIGRATION_NOT_OFFERED", "MIGRATION_OFFER_UNKNOWN"} & codes(offered)
    assert [each.channel for each in offered.steps] == ["CONSOLE"]
    await say(movers.desk, "order.offered: null")
    unknown = (await app.plans.plan(owner, asked)).plan
    assert "MIGRATION_OFFER_UNKNOWN" in codes(unknown)
    assert [each.channel for each in unknown.steps] == ["UNKNOWN"]
    await say(movers.desk, "order.offered: false")
    error = await refusal(movers, application(movers))
    assert error.reason == "PLAN_BLOCKED"
    assert (error.findings[0].code, error.findings[0].rule) == ("MIGRATION_NOT_OFFERED", "order.offered")
    assert error.findings[0].source[0] == "ours"


async def test_both_provinces_are_looked_up(movers: Movers) -> None:
    """The sources do not say whose bureau decides, so either may stand against it."""
    request = application(movers)
    request.plan.situation.subject.province, request.plan.situation.target.province = "河北", "江西"
    answer = (await movers.desk.app.plans.plan(movers.desk.owner, request.plan)).plan
    said = {each.finding.path: each.finding.code for each in answer.findings if "MIGRATION" in each.finding.code}
    assert said == {"subject.province": "MIGRATION_SUPPORTED", "target.province": "MIGRATION_UNKNOWN"}


async def test_a_key_of_one_customer_plans_nothing_for_another(desk: Desk) -> None:
    """A target that the caller may not see is not there."""
    movers = Movers(desk)
    await movers.set_up(("shop", "other"))
    for call, request in ((desk.app.plans.plan, wish(movers)), (desk.app.plans.apply_plan, application(movers))):
        with pytest.raises(BeianhubError) as caught:
            await call(desk.limited("shop"), request)
        assert (caught.value.kind, caught.value.reason) == (ErrorKind.NOT_FOUND, "TARGET_SUBJECT_NOT_FOUND")

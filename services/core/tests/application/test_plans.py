"""Plans over the record: what it knows is not asked for, and a plan's orders are drafted together or not at all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1 import subject_service_pb2
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_QUERY, TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.application import sealing
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Committed, Unit

from .conftest import PARENT, enterprise

ADDRESS = planning.CHANGE_FIELD_ADDRESS
TITLE = planning.CHANGE_FIELD_SERVICE_NAME
NEW_ADDRESS = "北京市朝阳区建国路2号"
NEW_TITLE = "示例商店新站"


async def filed(desk: Any) -> res.Subject:
    """A filed company with an access at the account's provider."""
    given = enterprise(0)
    given.licence_number = "京ICP备2026000001号"
    service = given.services[0]
    service.licence_number = f"{given.licence_number}-1"
    service.accesses.add(provider="sim", account=f"{PARENT}/accounts/main", ips=["8.8.8.8"])
    request = subject_service_pb2.CreateSubjectRequest(parent=PARENT, subject=given, subject_id="s0")
    made: res.Subject = await desk.app.subjects.create_subject(desk.owner, request)
    return made


def wish(subject: res.Subject, *fields: Any) -> pb.PlanRequest:
    """To change the subject's address and the service's title, unless other fields are given; all else is known."""
    request = pb.PlanRequest(parent=PARENT, subject=subject.name, service=subject.services[0].name)
    request.wish = planning.WISH_CHANGE_SUBJECT
    request.change.extend(fields or (ADDRESS, TITLE))
    known = request.situation
    known.contact.phone_reachable = known.contact.email = known.contact.matches_old_provider = True
    known.site.opens = known.site.footer_ok = True
    return request


def application(subject: res.Subject, **fields: Any) -> pb.ApplyPlanRequest:
    """The wish with its new values, through the account ``main``."""
    request = pb.ApplyPlanRequest(plan=wish(subject), accounts=[f"{PARENT}/accounts/main"], **fields)
    request.new_values.profile.address = NEW_ADDRESS
    request.new_values.service.title = NEW_TITLE
    request.new_values.paths[:] = ["profile.address", "service.title"]
    return request


async def drafts(desk: Any) -> list[res.Order]:
    request = pb.ListOrdersRequest(parent=PARENT)
    return list((await desk.app.orders.list_orders(desk.owner, request)).orders)


async def approve(desk: Any, name: str, number: str) -> None:
    """The vendor takes the order, which is under way, and shows it as filed."""
    (assignment,) = [one for one in await desk.claim() if one.task.kind == TASK_KIND_SUBMIT]
    assert assignment.order.name == name
    await desk.pin(assignment.task)
    await desk.report(assignment.task, accepted=TaskOutcome.Accepted(provider_order_id=number))
    (query,) = [one for one in await desk.claim() if one.task.kind == TASK_KIND_QUERY]
    await desk.report(query.task, status=TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已备案"))


async def test_what_the_record_knows_is_not_asked_for(desk: Any) -> None:
    """Without a subject the plan asks where it is filed; with it, it does not ask, and the order goes there."""
    subject = await filed(desk)
    alone = pb.PlanRequest(parent=PARENT, wish=planning.WISH_CHANGE_SUBJECT, change=[ADDRESS])
    asked = {q.path for q in (await desk.app.plans.plan(desk.owner, alone)).plan.questions}
    assert {"subject.filed", "subject.filed_at", "subject.province"} <= asked
    alone.subject, alone.service = subject.name, subject.services[0].name
    answer = (await desk.app.plans.plan(desk.owner, alone)).plan
    assert not {"subject.filed", "subject.filed_at", "subject.province"} & {q.path for q in answer.questions}
    assert [(s.order_type, s.provider) for s in answer.steps if s.kind == planning.PlanStep.KIND_ORDER] == [
        (res.ORDER_TYPE_CHANGE_SUBJECT, "sim")
    ]


async def test_what_is_said_stands(desk: Any) -> None:
    """The record fills gaps only: another province that was said is planned with."""
    subject = await filed(desk)
    request = wish(subject)
    here = (await desk.app.plans.plan(desk.owner, request)).plan
    request.situation.subject.province = "江苏"
    there = (await desk.app.plans.plan(desk.owner, request)).plan
    assert here.findings != there.findings


async def test_what_contradicts_the_record_is_refused(desk: Any) -> None:
    """One of the two would be a guess: both fields are named, and nothing is planned."""
    request = wish(await filed(desk))
    request.situation.subject.filed = False
    with pytest.raises(BeianhubError) as caught:
        await desk.app.plans.plan(desk.owner, request)
    assert caught.value.kind is ErrorKind.INVALID
    assert {f.code for f in caught.value.findings} == {"CONTRADICTION"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("today", "tomorrow", "INVALID_VALUE"), ("domains_on_service", -1, "INVALID_VALUE")],
)
async def test_a_situation_that_cannot_be_read(desk: Any, field: str, value: Any, code: str) -> None:
    """Every mistake is named by its field."""
    request = pb.PlanRequest(parent=PARENT, wish=planning.WISH_SERVE_DOMAIN)
    setattr(request.situation, field, value)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.plans.plan(desk.owner, request)
    assert [(f.code, f.path) for f in caught.value.findings] == [(code, field)]


async def test_another_customers_subject_is_not_there(desk: Any) -> None:
    """A key limited to one customer neither plans with nor applies to another's record."""
    subject = await filed(desk)
    for call, request in (
        (desk.app.plans.plan, wish(subject)),
        (desk.app.plans.apply_plan, application(subject)),
    ):
        with pytest.raises(BeianhubError) as caught:
            await call(desk.limited("other"), request)
        assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_plan_is_drafted_and_reaches_its_end_by_itself(both_desks: Any) -> None:
    """Two change orders: the second waits for the first, is made from what the first leaves, and is sent on its own."""
    desk = both_desks
    subject = await filed(desk)
    answer = await desk.app.plans.apply_plan(desk.owner, application(subject, submit_when_released=True))
    first, second = answer.orders
    assert [o.type for o in answer.orders] == [res.ORDER_TYPE_CHANGE_SUBJECT, res.ORDER_TYPE_CHANGE_SERVICE]
    assert [list(o.change.paths) for o in answer.orders] == [["profile.address"], ["service.title"]]
    assert list(second.waits_for) == [first.name]
    assert [s.order for s in answer.plan.steps if s.order_type] == [first.name, second.name]
    assert second.change.base_ref == first.change.vault_ref

    check = await desk.app.orders.check_order(desk.owner, pb.CheckOrderRequest(name=second.name))
    assert "WAITS_FOR_ORDER" in {f.code for f in check.findings}
    with pytest.raises(BeianhubError, match="WAITS_FOR_ORDER"):
        await desk.submit(second.name)

    await desk.submit(first.name)
    await approve(desk, first.name, "V-1")
    released = await desk.order(second.name)
    assert released.HasField("release_time")
    assert await desk.app.timers.fire_due() == 1
    assert (await desk.order(second.name)).submission.generation == 1
    await approve(desk, second.name, "V-2")
    assert [o.state for o in await drafts(desk)] == [res.ORDER_STATE_FILED] * 2

    record = await desk.app.store.record("acme", "s0")
    plain = await sealing.unseal(desk.app.core, "acme", record.subject)
    assert (plain.profile.address, plain.services[0].title) == (NEW_ADDRESS, NEW_TITLE)
    refs = [subject.vault_ref, first.change.vault_ref, second.change.vault_ref]
    assert list(await desk.app.store.vault_entries("acme", refs)) == [second.change.vault_ref]


async def test_a_released_order_that_is_refused_fails_nobodys_report(desk: Any) -> None:
    """The subject was updated meanwhile: the filed order's report succeeds, and the released one says why it waits."""
    subject = await filed(desk)
    answer = await desk.app.plans.apply_plan(desk.owner, application(subject, submit_when_released=True))
    first, second = answer.orders
    await desk.submit(first.name)
    await approve(desk, first.name, "V-1")
    update = subject_service_pb2.UpdateSubjectRequest(
        subject=res.Subject(name=subject.name, profile=res.SubjectProfile(address="北京市朝阳区建国路3号"))
    )
    update.update_mask.paths.append("profile.address")
    await desk.app.subjects.update_subject(desk.owner, update)
    assert await desk.app.timers.fire_due() == 1
    held = await desk.order(second.name)
    assert held.state == res.ORDER_STATE_DRAFT
    assert [f.code for f in held.findings] == ["CHANGE_OUTDATED"]
    assert await desk.app.timers.fire_due() == 0


async def test_a_repeated_request_drafts_once(both_desks: Any) -> None:
    """The same request again answers as the first time, also when the plan would be another one by now."""
    desk = both_desks
    subject = await filed(desk)
    request = application(subject, request_id=str(uuid.uuid4()))
    first = await desk.app.plans.apply_plan(desk.owner, request)
    await desk.submit(first.orders[0].name)
    await approve(desk, first.orders[0].name, "V-1")
    assert await desk.app.plans.apply_plan(desk.owner, request) == first
    assert len(await drafts(desk)) == 2
    request.submit_when_released = True
    with pytest.raises(BeianhubError, match="REQUEST_ID_REUSED"):
        await desk.app.plans.apply_plan(desk.owner, request)


@dataclass
class DyingStore:
    """The store, under a process that is killed before or after the commit."""

    store: Any
    commits: bool

    async def execute(self, unit: Unit) -> Committed:
        if self.commits and unit.request is not None and await self._is_new(unit):
            await self.store.execute(unit)
            raise KeyboardInterrupt
        if await self._is_new(unit):
            raise KeyboardInterrupt
        return await self.store.execute(unit)  # type: ignore[no-any-return]  # the store's own

    async def _is_new(self, unit: Unit) -> bool:
        """Whether it writes: the look for an earlier answer does not."""
        return unit.plan.__name__ == "plan"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.mark.parametrize("commits", [False, True], ids=["before", "after"])
async def test_a_kill_leaves_all_or_nothing(desk: Any, *, commits: bool) -> None:
    """Killed before the commit there is no draft, after it there are all; repeated, there are all, once."""
    subject = await filed(desk)
    request = application(subject, request_id=str(uuid.uuid4()))
    store = desk.app.core.store
    desk.app.core.store = DyingStore(store, commits)
    with pytest.raises(KeyboardInterrupt):
        await desk.app.plans.apply_plan(desk.owner, request)
    desk.app.core.store = store
    assert len(await drafts(desk)) == (2 if commits else 0)
    again = await desk.app.plans.apply_plan(desk.owner, request)
    assert await drafts(desk) == list(again.orders)


def without_values(request: pb.ApplyPlanRequest) -> None:
    request.ClearField("new_values")


def with_another_value(request: pb.ApplyPlanRequest) -> None:
    request.new_values.profile.title = "示例新名称"
    request.new_values.paths.append("profile.title")


def without_service(request: pb.ApplyPlanRequest) -> None:
    request.plan.service = ""
    said = request.plan.situation
    said.service.kind, said.service.filed, said.domain.filed = res.SERVICE_KIND_WEBSITE, True, True
    said.service.filed_at.values.append("sim")


def without_account(request: pb.ApplyPlanRequest) -> None:
    request.ClearField("accounts")


def with_two_accounts(request: pb.ApplyPlanRequest) -> None:
    request.accounts.append(f"{PARENT}/accounts/hand")


def with_nothing_new(request: pb.ApplyPlanRequest) -> None:
    request.new_values.service.title = enterprise(0).services[0].title


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (without_values, "NEW_VALUES_REQUIRED"),
        (with_another_value, "CHANGE_NOT_PLANNED"),
        (without_service, "SERVICE_REQUIRED"),
        (without_account, "ACCOUNTS_REQUIRED"),
        (with_two_accounts, "ACCOUNT_AMBIGUOUS"),
        (with_nothing_new, "CHANGE_REQUIRED"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_what_an_application_lacks(desk: Any, spoil: Any, reason: str) -> None:
    """A request that says too little, or something else than its plan, is refused by name; nothing is drafted."""
    request = application(await filed(desk))
    spoil(request)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.plans.apply_plan(desk.owner, request)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.INVALID, reason)
    assert await drafts(desk) == []


async def test_a_blocked_plan_is_not_applied(desk: Any) -> None:
    """Every finding comes back, the blocker first."""
    request = application(await filed(desk))
    request.plan.change.append(planning.CHANGE_FIELD_PROVINCE)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.plans.apply_plan(desk.owner, request)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.PRECONDITION, "PLAN_BLOCKED")
    assert caught.value.findings[0].code == "PROVINCE_FIXED"
    assert len(caught.value.findings) > 1
    assert await drafts(desk) == []


async def test_an_open_question_that_matters_is_asked(desk: Any) -> None:
    """Whether the code reaches anybody decides whether the order can be filed at all."""
    request = application(await filed(desk))
    request.plan.situation.contact.ClearField("phone_reachable")
    with pytest.raises(BeianhubError) as caught:
        await desk.app.plans.apply_plan(desk.owner, request)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.PRECONDITION, "PLAN_HAS_QUESTIONS")
    assert "plan.situation.contact.phone_reachable" in {
        f.path for f in caught.value.findings if f.code == "FACT_MISSING"
    }


async def test_a_wish_about_an_order_drafts_none(desk: Any) -> None:
    """A returned order is submitted again, and no second one is made of it."""
    request = application(await filed(desk))
    request.plan.wish = planning.WISH_RESUBMIT
    with pytest.raises(BeianhubError, match="WISH_NOT_APPLICABLE"):
        await desk.app.plans.apply_plan(desk.owner, request)


async def test_no_plan_holds_a_persons_data(desk: Any) -> None:
    """The kept answer and the events have masks where the request has values."""
    subject = await filed(desk)
    request = application(subject, request_id=str(uuid.uuid4()))
    answer = await desk.app.plans.apply_plan(desk.owner, request)
    events = await desk.app.store.list_events("acme", "s0", after_version=0, limit=100)
    for message in (answer, *events):
        assert NEW_ADDRESS not in str(message)
        assert NEW_ADDRESS.encode() not in message.SerializeToString()

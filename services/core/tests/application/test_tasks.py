"""TaskService: claims, reports, hand-offs; what a late, repeated, foreign or unlucky call may and may not do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2, subject_service_pb2, task_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import SubmissionGuarantee
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core.errors import BeianhubError

from .conftest import ID_NUMBER, PARENT, PERSON, provider, reason

ACCEPTED = TaskOutcome.Accepted(provider_order_id="V-1", provider_status="初审中")
UNKNOWN = TaskOutcome.Unknown(reason="TIMEOUT")
CONNECT = TaskOutcome.Retry(reason="CONNECT")


async def sent(desk: Any, number: int = 0) -> tuple[str, Task]:
    """An order whose body is pinned in a host's hands."""
    name = await desk.submitted(await desk.subject(number))
    (assignment,) = await desk.claim()
    return name, await desk.pin(assignment.task)


async def withdraw(desk: Any, name: str) -> res.Order:
    return await desk.app.orders.withdraw_order(desk.owner, order_service_pb2.WithdrawOrderRequest(name=name))


async def give_up(desk: Any, task: Task, why: str = "无法继续") -> Task:
    return await desk.app.tasks.give_up_task(desk.owner, task_service_pb2.GiveUpTaskRequest(name=task.name, reason=why))


async def complete(desk: Any, task: Task, number: str = "H-1") -> res.Order:
    request = task_service_pb2.CompleteHandoffRequest(name=task.name, provider_order_id=number, provider_status="待审")
    return await desk.app.handoffs.complete_handoff(desk.owner, request)


async def test_an_assignment_carries_what_its_manifest_asks_for(desk: Any) -> None:
    """A claim reveals the fields of the manifest and masks all others."""
    await desk.submitted(await desk.subject())
    (assignment,) = await desk.claim()
    principal = assignment.subject.profile.principal
    assert principal.mobile == PERSON["mobile"]
    assert principal.full_name == "张*"
    assert ID_NUMBER not in str(assignment)
    assert assignment.callback_url == "https://beian.example.com/callbacks/acme/main"
    assert assignment.reference.startswith("acme.")
    assert await desk.claim() == []


async def test_the_pinned_body_is_replayed_and_goes_with_its_task(desk: Any) -> None:
    """A later claim gets the body of the first; once the task is closed the vault has it no more."""
    name, task = await sent(desk)
    with pytest.raises(BeianhubError) as caught:
        await desk.pin(task, b"other")
    assert reason(caught) == "REQUEST_PINNED"
    await desk.report(task, retry=CONNECT)
    desk.clock.forward(seconds=2)
    (again,) = await desk.claim()
    assert again.request == b"{}"
    await desk.report(again.task, accepted=ACCEPTED)
    assert await desk.app.store.vault_entries("acme", [task.request_ref]) == {}
    assert (await desk.order(name)).provider_order_id == "V-1"


async def test_a_report_after_the_settlement_moves_no_row(desk: Any) -> None:
    """A host whose claim lapsed, or who reports twice, does not cut the time short that a vendor needs to settle."""
    _, task = await sent(desk)
    desk.clock.forward(seconds=61)
    assert await desk.claim() == []
    settling = await desk.task(task.name)
    assert settling.phase == task_pb2.TASK_PHASE_FIND
    answer = await desk.report(task, unknown=UNKNOWN)
    assert answer.stale
    assert await desk.task(task.name) == settling


async def test_a_repeated_report_is_stale(desk: Any) -> None:
    """The second of two equal reports changes nothing, though nobody has claimed the task in between."""
    _, task = await sent(desk)
    first = await desk.report(task, unknown=UNKNOWN)
    second = await desk.report(task, unknown=UNKNOWN)
    assert (first.stale, second.stale) == (False, True)
    assert second.task == first.task


async def test_a_stale_yes_is_still_evidence(desk: Any) -> None:
    """A host that reports late that the vendor took the order is believed."""
    name, task = await sent(desk)
    desk.clock.forward(seconds=61)
    await desk.claim()
    answer = await desk.report(task, accepted=ACCEPTED)
    assert answer.stale
    assert (await desk.order(name)).state == res.ORDER_STATE_PROVIDER_REVIEW


async def test_a_stale_epoch_extends_nothing(desk: Any) -> None:
    """A claim that another has taken over cannot be extended, and nothing can be pinned in it."""
    await desk.submitted(await desk.subject())
    (first,) = await desk.claim()
    desk.clock.forward(seconds=61)
    (second,) = await desk.claim()
    assert second.task.epoch == first.task.epoch + 1
    with pytest.raises(BeianhubError) as caught:
        await desk.pin(first.task)
    assert reason(caught) == "STALE_EPOCH"


async def test_an_erased_subject_holds_up_no_other(desk: Any) -> None:
    """A task whose subject was erased goes back with the reason, and the others of the claim are handed out."""
    gone = await desk.submitted(await desk.subject(0))
    kept = await desk.submitted(await desk.subject(1))
    await desk.app.core.vault.erase("acme", "s0")
    assert [one.order.name for one in await desk.claim()] == [kept]
    listed = await desk.app.tasks.list_tasks(desk.owner, task_service_pb2.ListTasksRequest(parent=PARENT, order=gone))
    assert [(task.state, task.last_error) for task in listed.tasks] == [(Task.STATE_OPEN, "KEY_ERASED")]


async def test_a_key_of_one_customer_sees_no_others_tasks(desk: Any) -> None:
    """Neither lists nor names show a limited caller that another customer's task exists."""
    await desk.submitted(await desk.subject(0, customer="red"))
    await desk.handed_off(await desk.subject(1, customer="blue"))
    listed = await desk.app.tasks.list_tasks(desk.owner, task_service_pb2.ListTasksRequest(parent=PARENT))
    red = desk.limited("red")
    seen = await desk.app.tasks.list_tasks(red, task_service_pb2.ListTasksRequest(parent=PARENT))
    assert len(listed.tasks) == 2
    assert [task.subject for task in seen.tasks] == [f"{PARENT}/subjects/s0"]
    handoffs = await desk.app.handoffs.list_handoffs(red, task_service_pb2.ListHandoffsRequest(parent=PARENT))
    assert not handoffs.handoffs
    (foreign,) = [task.name for task in listed.tasks if task.subject.endswith("s1")]
    calls = [
        desk.app.tasks.get_task(red, task_service_pb2.GetTaskRequest(name=foreign)),
        desk.app.tasks.retry_task(red, task_service_pb2.RetryTaskRequest(name=foreign)),
        desk.app.tasks.give_up_task(red, task_service_pb2.GiveUpTaskRequest(name=foreign)),
        desk.app.tasks.extend_lease(red, task_service_pb2.ExtendLeaseRequest(name=foreign)),
        desk.app.tasks.report_task(red, task_service_pb2.ReportTaskRequest(name=foreign)),
        desk.app.handoffs.claim_handoff(red, task_service_pb2.ClaimHandoffRequest(name=foreign)),
        desk.app.handoffs.complete_handoff(red, task_service_pb2.CompleteHandoffRequest(name=foreign)),
    ]
    for call in calls:
        with pytest.raises(BeianhubError) as caught:
            await call
        assert caught.value.findings[0].message_en == "there is no such task"


async def test_nothing_is_withdrawn_behind_a_submission_in_doubt(desk: Any) -> None:
    """While the answer is out the withdrawal waits; what settles as never sent ends it."""
    name, task = await sent(desk)
    assert (await withdraw(desk, name)).withdrawing
    await desk.report(task, unknown=UNKNOWN)
    with pytest.raises(BeianhubError) as caught:
        await give_up(desk, task)
    assert reason(caught) == "SUBMISSION_IN_DOUBT"
    desk.clock.forward(seconds=200)
    (finds,) = await desk.claim()
    assert finds.task.phase == task_pb2.TASK_PHASE_FIND
    await desk.report(finds.task, not_found=TaskOutcome.NotFound())
    assert (await desk.order(name)).state == res.ORDER_STATE_WITHDRAWN


async def test_what_was_surely_not_sent_is_withdrawn_at_once(desk: Any) -> None:
    """A provider that cannot be reached, however often, does not keep an order from being withdrawn."""
    name, task = await sent(desk)
    await desk.report(task, retry=CONNECT)
    desk.clock.forward(seconds=5)
    (again,) = await desk.claim()
    await desk.report(again.task, retry=CONNECT)
    assert (await withdraw(desk, name)).state == res.ORDER_STATE_WITHDRAWN


async def test_a_host_that_has_not_pinned_cannot_send_after_a_withdrawal(desk: Any) -> None:
    """An order in a host's hands is withdrawn at once; what the host does then is refused."""
    name = await desk.submitted(await desk.subject())
    (assignment,) = await desk.claim()
    assert (await withdraw(desk, name)).state == res.ORDER_STATE_WITHDRAWN
    with pytest.raises(BeianhubError) as caught:
        await desk.pin(assignment.task)
    assert reason(caught) == "STALE_EPOCH"


async def test_a_handoff_from_form_to_number(desk: Any) -> None:
    """The form's values are shown to a named operator with a purpose, and the number ends the hand-off."""
    name, task = await desk.handed_off(await desk.subject())
    listed = await desk.app.handoffs.list_handoffs(desk.owner, task_service_pb2.ListHandoffsRequest(parent=PARENT))
    assert [one.name for one in listed.handoffs] == [task.name]
    assert PERSON["mobile"] not in str(listed)
    claim = task_service_pb2.ClaimHandoffRequest(name=task.name, assignee="李四", purpose="录入备案")
    shown = await desk.app.handoffs.claim_handoff(desk.owner, claim)
    assert shown.fields[0].value == PERSON["mobile"]
    again = await desk.app.handoffs.claim_handoff(desk.owner, claim)
    assert again.task.epoch == shown.task.epoch
    claim.assignee = "王五"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.handoffs.claim_handoff(desk.owner, claim)
    assert reason(caught) == "HANDOFF_TAKEN"
    assert (await complete(desk, task)).provider_order_id == "H-1"
    assert (await complete(desk, task)).name == name
    with pytest.raises(BeianhubError) as caught:
        await complete(desk, task, "H-2")
    assert reason(caught) == "TASK_CLOSED"


async def test_who_was_shown_a_form_and_why_is_history(desk: Any) -> None:
    """Each new claim of a hand-off is an event with the operator and the purpose, once per claim."""
    _, task = await desk.handed_off(await desk.subject())
    claim = task_service_pb2.ClaimHandoffRequest(name=task.name, assignee="operator-1", purpose="录入备案")
    for _ in range(2):
        await desk.app.handoffs.claim_handoff(desk.owner, claim)
    asked = subject_service_pb2.ListEventsRequest(parent=task.subject)
    events = (await desk.app.subjects.list_events(desk.owner, asked)).events
    shown = [e.handoff_claimed for e in events if e.HasField("handoff_claimed")]
    assert [(one.assignee, one.purpose) for one in shown] == [("operator-1", "录入备案")]


async def test_a_number_belongs_to_one_order_under_way(desk: Any) -> None:
    """A number that another order has, or that is none, is refused."""
    await desk.accepted(await desk.subject(0), account="main")
    _, task = await desk.handed_off(await desk.subject(1))
    for number, why in (("", "PROVIDER_ORDER_ID_REQUIRED"), ("H 1 ", "PROVIDER_ORDER_ID_MALFORMED")):
        with pytest.raises(BeianhubError) as caught:
            await complete(desk, task, number)
        assert reason(caught) == why
    await complete(desk, task, "H-7")
    _, third = await desk.handed_off(await desk.subject(2))
    with pytest.raises(BeianhubError) as caught:
        await complete(desk, third, "H-7")
    assert reason(caught) == "PROVIDER_ORDER_TAKEN"


async def test_a_handoff_nobody_began_is_withdrawn_at_once(desk: Any) -> None:
    """A prepared form is no filing; after an operator has opened it he says what became of it."""
    name, _ = await desk.handed_off(await desk.subject(0))
    assert (await withdraw(desk, name)).state == res.ORDER_STATE_WITHDRAWN
    name, task = await desk.handed_off(await desk.subject(1))
    claim = task_service_pb2.ClaimHandoffRequest(name=task.name, assignee="李四", purpose="录入备案")
    await desk.app.handoffs.claim_handoff(desk.owner, claim)
    assert (await withdraw(desk, name)).withdrawing
    await give_up(desk, task)
    assert (await desk.order(name)).state == res.ORDER_STATE_WITHDRAWN


async def test_what_only_a_person_can_settle_is_listed_and_settled(desk: Any) -> None:
    """A vendor that neither deduplicates nor searches leaves a submission in doubt to an operator."""
    await desk.app.admin.register_plugins([provider("sim", SubmissionGuarantee.KIND_MANUAL)])
    name, task = await sent(desk)
    await desk.report(task, unknown=UNKNOWN)
    desk.clock.forward(days=1)
    assert await desk.claim() == []
    listed = await desk.app.handoffs.list_handoffs(desk.owner, task_service_pb2.ListHandoffsRequest(parent=PARENT))
    assert [(one.name, one.task.in_doubt) for one in listed.handoffs] == [(task.name, True)]
    claim = task_service_pb2.ClaimHandoffRequest(name=task.name, assignee="李四", purpose="核对")
    with pytest.raises(BeianhubError) as caught:
        await desk.app.handoffs.claim_handoff(desk.owner, claim)
    assert reason(caught) == "NOT_A_HANDOFF"
    again = await desk.app.tasks.retry_task(desk.owner, task_service_pb2.RetryTaskRequest(name=task.name))
    assert (again.phase, again.in_doubt) == (task_pb2.TASK_PHASE_SEND, False)
    (assignment,) = await desk.claim()
    await desk.report(assignment.task, accepted=ACCEPTED)
    assert (await desk.order(name)).state == res.ORDER_STATE_PROVIDER_REVIEW


async def test_giving_up_returns_only_what_the_vendor_has_not(desk: Any) -> None:
    """A query cannot be given up; a withdrawal that is given up leaves the order and its query as they were."""
    name = await desk.accepted(await desk.subject())
    await withdraw(desk, name)
    listed = await desk.app.tasks.list_tasks(
        desk.owner, task_service_pb2.ListTasksRequest(parent=PARENT, order=name, states=[Task.STATE_OPEN])
    )
    by_kind = {task.kind: task for task in listed.tasks}
    with pytest.raises(BeianhubError) as caught:
        await give_up(desk, by_kind[task_pb2.TASK_KIND_QUERY])
    assert reason(caught) == "ORDER_AT_PROVIDER"
    await give_up(desk, by_kind[task_pb2.TASK_KIND_WITHDRAW], f"负责人 {PERSON['mobile']} 不同意")
    order = await desk.order(name)
    assert (order.state, order.withdrawing) == (res.ORDER_STATE_PROVIDER_REVIEW, False)
    assert PERSON["mobile"] not in str(order)
    assert (await desk.task(by_kind[task_pb2.TASK_KIND_QUERY].name)).state == Task.STATE_OPEN


async def test_words_of_vendors_lose_what_names_a_person(desk: Any) -> None:
    """IDs, phones and addresses in a vendor's or a host's words reach neither events, nor rows, nor observations."""
    name, task = await sent(desk)
    talk = f"证件 {ID_NUMBER} 电话{PERSON['mobile']} 邮箱 zhang@example.com"
    answer = await desk.report(task, retry=TaskOutcome.Retry(reason=talk, delay_seconds=1e300))
    assert answer.task.last_error == "UNSPECIFIED"
    desk.clock.forward(days=2)
    (again,) = await desk.claim()
    await desk.report(again.task, accepted=TaskOutcome.Accepted(provider_order_id="V-1", provider_status=talk))
    (query,) = await desk.claim()
    await desk.report(
        query.task, status=TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REVIEW, provider_status=talk)
    )
    observed = await desk.app.store.observed("acme", name.rpartition("/")[2])
    events = await desk.app.store.list_events("acme", "s0", after_version=0, limit=100)
    for value in (ID_NUMBER, PERSON["mobile"], "zhang@example.com"):
        assert value not in str(observed)
        assert value not in str(events)


async def test_a_callbacks_hint_makes_the_query_due(desk: Any) -> None:
    """A vendor's hint expedites the query of the order it names, and an unknown number does nothing."""
    await desk.accepted(await desk.subject())
    (query,) = await desk.claim()
    await desk.report(
        query.task, status=TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REVIEW, provider_status="审")
    )
    assert await desk.claim() == []
    assert not await desk.app.tasks.hint("acme", "main", "V-9")
    assert await desk.app.tasks.hint("acme", "main", "V-1")
    assert [one.task.kind for one in await desk.claim()] == [task_pb2.TASK_KIND_QUERY]


async def test_two_hosts_claim_a_task_once(both_desks: Any) -> None:
    """Of many claims at the same moment one gets the task."""
    await both_desks.submitted(await both_desks.subject())
    claims = await asyncio.gather(*(both_desks.claim() for _ in range(8)))
    assert sum(len(claimed) for claimed in claims) == 1


async def test_two_operators_complete_a_handoff_once(both_desks: Any) -> None:
    """The same number twice at once is one completion; of two numbers one is refused."""
    name, task = await both_desks.handed_off(await both_desks.subject())
    orders = await asyncio.gather(complete(both_desks, task), complete(both_desks, task))
    assert [order.name for order in orders] == [name, name]
    results = await asyncio.gather(
        complete(both_desks, task, "H-1"), complete(both_desks, task, "H-2"), return_exceptions=True
    )
    assert [isinstance(result, BeianhubError) for result in results] == [False, True]

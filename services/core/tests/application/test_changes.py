"""Change orders (变更备案): values sealed beside the record's, sent to the vendor, taken over when filed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from beianhub.filing.v1 import order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_QUERY, TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.application import sealing
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import PARENT, enterprise

NEW = "13911112222"


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


def change(*paths: str, **service: Any) -> res.OrderChange:
    """A new mobile of the subject's principal, and what the service's fields are to be."""
    wanted = res.OrderChange(paths=paths or ["profile.principal.mobile"], service=res.Service(**service))
    wanted.profile.principal.mobile = NEW
    return wanted


async def approve(desk: Any, name: str) -> None:
    """Submits the order, and has the vendor show it as filed."""
    await desk.submit(name)
    (assignment,) = [one for one in await desk.claim() if one.task.kind == TASK_KIND_SUBMIT]
    assert assignment.subject.profile.principal.mobile == NEW
    await desk.pin(assignment.task)
    await desk.report(assignment.task, accepted=TaskOutcome.Accepted(provider_order_id="V-1"))
    (query,) = [one for one in await desk.claim() if one.task.kind == TASK_KIND_QUERY]
    await desk.report(query.task, status=TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已备案"))


async def kept(desk: Any, ref: str) -> bool:
    """Whether the vault still has the ciphertext."""
    return ref in await desk.app.store.vault_entries("acme", [ref])


async def test_a_change_is_sealed_sent_and_taken_over(desk: Any) -> None:
    """The record keeps its values until the change is filed; the vendor gets the new ones at once."""
    subject = await filed(desk)
    name = await desk.draft(subject, type=res.ORDER_TYPE_CHANGE_SUBJECT, change=change())
    order = await desk.order(name)
    assert list(order.change.paths) == ["profile.principal.mobile"]
    assert order.change.profile.principal.mobile == "139****2222"
    assert not order.change.HasField("service")
    record = await desk.app.store.record("acme", "s0")
    assert record.subject.vault_ref == subject.vault_ref
    await approve(desk, name)
    record = await desk.app.store.record("acme", "s0")
    assert record.subject.profile.principal.mobile == "139****2222"
    plain = await sealing.unseal(desk.app.orders._core, "acme", record.subject)
    assert plain.profile.principal.mobile == NEW
    assert not await kept(desk, subject.vault_ref)


async def test_subject_and_service_change_together(desk: Any) -> None:
    """Where a province takes only both, one order of the service carries the subject's fields too (变更备案)."""
    subject = await filed(desk)
    wanted = change("profile.principal.mobile", "service.title", title="示例商店新站")
    name = await desk.draft(subject, type=res.ORDER_TYPE_CHANGE_SERVICE, change=wanted)
    assert list((await desk.order(name)).change.paths) == ["profile.principal.mobile", "service.title"]
    await approve(desk, name)
    record = await desk.app.store.record("acme", "s0")
    assert record.subject.services[0].title == "示例商店新站"
    assert record.subject.profile.principal.mobile == "139****2222"


async def test_an_abandoned_change_leaves_nothing(desk: Any) -> None:
    """The new values of a change that was never filed go from the vault."""
    subject = await filed(desk)
    name = await desk.draft(subject, type=res.ORDER_TYPE_CHANGE_SUBJECT, change=change())
    ref = (await desk.order(name)).change.vault_ref
    assert await kept(desk, ref)
    await desk.app.orders.abandon_order(desk.owner, order_service_pb2.AbandonOrderRequest(name=name))
    assert not await kept(desk, ref)
    assert await kept(desk, subject.vault_ref)


@pytest.mark.parametrize(
    ("kind", "wanted", "reason"),
    [
        (res.ORDER_TYPE_CHANGE_SUBJECT, res.OrderChange(), "CHANGE_REQUIRED"),
        (res.ORDER_TYPE_CHANGE_SUBJECT, change("profile.no_such_field"), "FIELD_NOT_CHANGEABLE"),
        (res.ORDER_TYPE_CHANGE_SUBJECT, change("service.title", title="示例新站"), "FIELD_NOT_CHANGEABLE"),
        (res.ORDER_TYPE_CHANGE_SERVICE, change("service.licence_number"), "FIELD_NOT_CHANGEABLE"),
        (res.ORDER_TYPE_CHANGE_SERVICE, change("service.title", title="示例商店官网"), "CHANGE_REQUIRED"),
        (res.ORDER_TYPE_CHANGE_ACCESS, change(), "CHANGE_NOT_ALLOWED"),
    ],
)
async def test_what_no_change_can_be(desk: Any, kind: int, wanted: res.OrderChange, reason: str) -> None:
    """A change names fields that can change, and changes something; other orders carry none."""
    subject = await filed(desk)
    with pytest.raises(BeianhubError) as caught:
        await desk.draft(subject, type=kind, change=wanted)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.INVALID, reason)


async def test_a_mask_is_no_new_value(desk: Any) -> None:
    """What a caller read back masked is refused where the request has it."""
    subject = await filed(desk)
    wanted = res.OrderChange(paths=["profile.principal.mobile"])
    wanted.profile.principal.mobile = "138****0001"
    with pytest.raises(BeianhubError) as caught:
        await desk.draft(subject, type=res.ORDER_TYPE_CHANGE_SUBJECT, change=wanted)
    assert {f.path for f in caught.value.findings} == {"order.change.profile.principal.mobile"}


async def test_a_repeated_request_finds_its_order(desk: Any) -> None:
    """The same request again answers as the first time, also when its change has been filed meanwhile."""
    subject = await filed(desk)
    order = res.Order(
        subject=subject.name,
        account=f"{PARENT}/accounts/main",
        type=res.ORDER_TYPE_CHANGE_SUBJECT,
        change=change(),
    )
    request = order_service_pb2.CreateOrderRequest(
        parent=PARENT, order=order, order_id="once", request_id=str(uuid.uuid4())
    )
    first = await desk.app.orders.create_order(desk.owner, request)
    await approve(desk, first.name)
    assert await desk.app.orders.create_order(desk.owner, request) == first


@pytest.mark.parametrize("target", ["", "main", "nobody"])
async def test_a_transfer_names_another_account_of_the_provider(desk: Any, target: str) -> None:
    """备案迁移 goes from one account of a vendor to another of the same (HW-KB doc_0199)."""
    subject = await filed(desk)
    name = f"{PARENT}/accounts/{target}" if target else ""
    with pytest.raises(BeianhubError):
        await desk.draft(subject, type=res.ORDER_TYPE_TRANSFER_ACCOUNT, target_account=name)
    with pytest.raises(BeianhubError, match="TARGET_ACCOUNT_WRONG"):
        await desk.draft(subject, type=res.ORDER_TYPE_CANCEL_ACCESS, target_account=f"{PARENT}/accounts/hand")
    await desk.draft(subject, type=res.ORDER_TYPE_TRANSFER_ACCOUNT, target_account=f"{PARENT}/accounts/hand")


async def test_a_change_says_when_it_takes_effect(desk: Any) -> None:
    """Its day is on the order, with the deadlines to file it ahead and in time."""
    wanted = change("service.title", title="示例新商店")
    name = await desk.draft(
        await filed(desk), type=res.ORDER_TYPE_CHANGE_SERVICE, change=wanted, planned_date="2099-05-15"
    )
    order = await desk.order(name)
    assert order.planned_date == "2099-05-15"
    assert {"CHANGE_NOTICE", "CHANGE_IN_TIME"} <= {deadline.kind for deadline in order.deadlines}


@pytest.mark.parametrize(
    ("kind", "day", "why"),
    [
        (res.ORDER_TYPE_CHANGE_ACCESS, "15.5.2099", "PLANNED_DATE_FORMAT"),
        (res.ORDER_TYPE_CHANGE_ACCESS, "20990515", "PLANNED_DATE_FORMAT"),
        (res.ORDER_TYPE_ADD_ACCESS, "2099-05-15", "PLANNED_DATE_NOT_ALLOWED"),
    ],
)
async def test_a_day_that_is_none_or_means_nothing_is_refused(
    desk: Any, kind: res.OrderType.ValueType, day: str, why: str
) -> None:
    """Only changes have a day (HW-KB doc_0195), written YYYY-MM-DD."""
    with pytest.raises(BeianhubError) as caught:
        await desk.draft(await filed(desk), type=kind, planned_date=day)
    assert [found.code for found in caught.value.findings] == [why]

"""Orders of a plan that wait for one another: drafted at once, released in turn, held when one before them ends."""

from __future__ import annotations

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.preconditions import check
from beianhub_core.errors import BeianhubError, ErrorKind

from .support import SERVICE, SUBJECT, Bench

Kind = res.OrderType.ValueType
NAMES = [f"tenants/acme/orders/o{number}" for number in (1, 2, 3)]
CHAIN = (res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_CHANGE_ACCESS, res.ORDER_TYPE_CHANGE_ACCESS)


def filed_bench(*kinds: Kind, submits: bool = True) -> Bench:
    """A filed service with an access at tencent, and drafts at aliyun of which each waits for the one before."""
    bench = Bench()
    licence = "京ICP备2026000001号"
    access = res.Access(provider="tencent", state=res.ACCESS_STATE_ACTIVE)
    bench.create_subject(subject_licence=licence, licence_number=f"{licence}-1", accesses=[access])
    bench.run(cmd.CreateOrders(chain(*kinds, submits=submits), version(bench)))
    return bench


def chain(*kinds: Kind, submits: bool = True) -> tuple[res.Order, ...]:
    account = "tenants/acme/accounts/aliyun"
    common = {"subject": SUBJECT, "service": SERVICE, "account": account, "provider": "aliyun", "ips": ["203.0.113.7"]}
    return tuple(
        res.Order(
            name=name,
            type=kind,
            waits_for=[before] if before else [],
            submit_when_released=submits and bool(before),
            **common,
        )
        for name, before, kind in zip(NAMES, ["", *NAMES], kinds, strict=False)
    )


def version(bench: Bench) -> int:
    return bench.record.version if bench.record else 0


def codes(bench: Bench, order: str) -> list[str]:
    """What stands against submitting it."""
    assert bench.record is not None
    found = check(bench.record, bench.order(order))
    return [finding.code for finding in found if finding.severity == res.SEVERITY_BLOCKER]


def file(bench: Bench, order: str, *, submit: bool = True) -> list[str]:
    """The order's way to its end; the events of its last step."""
    if submit:
        bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    (task,) = [t for t in bench.record.tasks if t.order == order] if bench.record else []
    bench.report(task, accepted=TaskOutcome.Accepted(provider_order_id=f"V-{order[-1]}"))
    (query,) = [t for t in bench.record.tasks if t.order == order] if bench.record else []
    return bench.report(query, status=TaskOutcome.Status(state=res.ORDER_STATE_FILED))


def fire(bench: Bench, order: str) -> list[str]:
    """What the scheduler does once the order's timer is due."""
    return bench.run(cmd.FireTimer(f"{order.rsplit('/', 1)[1]}/SUBMIT"))


def kinds_of(deadlines: object) -> set[str]:
    return {deadline.kind for deadline in deadlines}  # type: ignore[attr-defined]  # a protobuf repeated field


def test_a_waiting_order_is_not_submitted() -> None:
    """Check and Submit name the order that it waits for, and only the nearest one."""
    bench = filed_bench(*CHAIN)
    assert "WAITS_FOR_ORDER" in codes(bench, NAMES[1])
    with pytest.raises(BeianhubError) as refusal:
        bench.run(cmd.SubmitOrder(NAMES[2]))
    assert (refusal.value.kind, refusal.value.reason) == (ErrorKind.PRECONDITION, "WAITS_FOR_ORDER")
    assert NAMES[1] in refusal.value.findings[0].message_en
    assert "WAITS_FOR_ORDER" not in codes(bench, NAMES[0])


def test_a_waiting_order_is_not_idle() -> None:
    """It cannot be moved, so the 45 days of an idle order begin with its release."""
    bench = filed_bench(*CHAIN)
    assert "IDLE" in kinds_of(bench.order(NAMES[0]).deadlines)
    assert not bench.order(NAMES[1]).deadlines
    file(bench, NAMES[0])
    assert {"IDLE", "IDLE_REMINDER", "SUBMIT"} == kinds_of(bench.order(NAMES[1]).deadlines)


def test_the_last_filed_one_releases_the_next_in_the_same_decision() -> None:
    """OrderReleased follows OrderFiled at once; the one after next waits on, and each is submitted by itself."""
    bench = filed_bench(*CHAIN)
    assert file(bench, NAMES[0])[-2:] == ["order_filed", "order_released"]
    assert bench.order(NAMES[1]).HasField("release_time")
    assert not bench.order(NAMES[2]).HasField("release_time")
    assert fire(bench, NAMES[1])[0] == "order_submission_requested"
    assert file(bench, NAMES[1], submit=False)[-1] == "order_released"
    fire(bench, NAMES[2])
    file(bench, NAMES[2], submit=False)
    assert [o.state for o in bench.record.orders] == [res.ORDER_STATE_FILED] * 3 if bench.record else False


def test_an_order_waits_for_all_those_before_it() -> None:
    """Of two orders before it, the first to be filed does not release it."""
    bench = filed_bench(*CHAIN[:2])
    third = chain(*CHAIN)[2]
    third.waits_for[:] = NAMES[:2]
    bench.run(cmd.CreateOrders((third,), version(bench)))
    file(bench, NAMES[0])
    assert not bench.order(NAMES[2]).HasField("release_time")
    fire(bench, NAMES[1])
    file(bench, NAMES[1], submit=False)
    assert bench.order(NAMES[2]).HasField("release_time")


def test_without_the_wish_a_released_order_stays_a_draft() -> None:
    """submit_when_released is the caller's choice: without it somebody submits the order."""
    bench = filed_bench(*CHAIN, submits=False)
    file(bench, NAMES[0])
    assert "SUBMIT" not in kinds_of(bench.order(NAMES[1]).deadlines)
    assert fire(bench, NAMES[1]) == []
    assert codes(bench, NAMES[1]) == []


def test_what_stands_against_a_released_order_is_put_on_it() -> None:
    """The report of the filed order succeeds, and the released one says why it was not sent."""
    bench = filed_bench(res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_ADD_ACCESS)
    assert "order_released" in file(bench, NAMES[0])
    assert fire(bench, NAMES[1]) == ["order_held"]
    held = bench.order(NAMES[1])
    assert [finding.code for finding in held.findings] == ["ACCESS_EXISTS"]
    assert held.state == res.ORDER_STATE_DRAFT
    assert kinds_of(held.deadlines) == {"IDLE", "IDLE_REMINDER"}


def test_an_order_that_destroys_is_never_submitted_by_itself() -> None:
    """A released cancellation asks for its confirmation, and has no timer that would send it."""
    bench = filed_bench(res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_CANCEL_ACCESS)
    assert file(bench, NAMES[0])[-2:] == ["order_released", "order_held"]
    held = bench.order(NAMES[1])
    assert [finding.code for finding in held.findings] == ["CONFIRMATION_REQUIRED"]
    assert fire(bench, NAMES[1]) == []
    bench.run(cmd.SubmitOrder(NAMES[1], confirmation="京ICP备2026000001号-1"))
    assert not bench.order(NAMES[1]).findings


def test_an_ended_order_leaves_those_after_it_drafts_that_say_so() -> None:
    """All that wait for it, directly or not, name it; none is released by what is filed later."""
    bench = filed_bench(*CHAIN)
    assert bench.run(cmd.AbandonOrder(NAMES[0])) == ["order_ended", "order_held", "order_held"]
    for name in NAMES[1:]:
        order = bench.order(name)
        assert order.state == res.ORDER_STATE_DRAFT
        assert [finding.code for finding in order.findings] == ["ORDER_BEFORE_ENDED"]
        assert NAMES[0] in order.findings[0].message_en
        assert "IDLE" in kinds_of(order.deadlines)
        assert "ORDER_BEFORE_ENDED" in codes(bench, name)
    assert bench.run(cmd.AbandonOrder(NAMES[2])) == ["order_ended"]


def test_an_order_that_expires_holds_those_after_it() -> None:
    """Whoever ends it: the idle limit does the same as an abandonment."""
    bench = filed_bench(*CHAIN[:2])
    bench.advance(days=46)
    assert bench.run(cmd.FireTimer("o1/IDLE")) == ["order_ended", "order_held"]


def test_all_are_drafted_or_none() -> None:
    """A mistake in the last one leaves no draft of the others."""
    bench = filed_bench()
    orders = chain(*CHAIN)
    orders[2].service = f"{SUBJECT}/services/none"
    before = version(bench)
    with pytest.raises(BeianhubError) as refusal:
        bench.run(cmd.CreateOrders(orders, before))
    assert refusal.value.kind is ErrorKind.NOT_FOUND
    assert version(bench) == before


def test_an_order_waits_for_orders_that_are_there() -> None:
    """What it waits for was drafted before it, so nothing waits in a circle."""
    bench = filed_bench()
    with pytest.raises(BeianhubError, match="ORDER_NOT_FOUND"):
        bench.run(cmd.CreateOrders(chain(*CHAIN)[1:], version(bench)))


def test_a_plan_of_an_older_record_is_refused() -> None:
    """What has changed since it was planned from could ask for other orders."""
    bench = filed_bench()
    with pytest.raises(BeianhubError) as refusal:
        bench.run(cmd.CreateOrders(chain(*CHAIN), version(bench) - 1))
    assert (refusal.value.kind, refusal.value.reason) == (ErrorKind.ABORTED, "SUBJECT_CHANGED")


def test_the_record_is_the_fold_of_the_events() -> None:
    """Release, submission and holding back are in the history, and nothing else makes the record."""
    bench = filed_bench(*CHAIN)
    file(bench, NAMES[0])
    fire(bench, NAMES[1])
    bench.run(cmd.WithdrawOrder(NAMES[1]))
    assert fold(bench.events) == bench.record
    assert [finding.code for finding in bench.order(NAMES[2]).findings] == ["ORDER_BEFORE_ENDED"]

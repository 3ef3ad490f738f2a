"""Rules that a review found broken, each with the case that showed it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import SubmissionGuarantee
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import projection, scrub
from beianhub_core.domain import tasks as rows
from beianhub_core.errors import BeianhubError

from .support import Bench, provider

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEASE = timedelta(seconds=60)
ACCEPTED = TaskOutcome.Accepted(provider_order_id="T-1", provider_status="初审中")


def at_provider() -> tuple[Bench, str]:
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.report(bench.task(task_pb2.TASK_KIND_SUBMIT), accepted=ACCEPTED)
    return bench, order


def prechecked(bench: Bench, kind: int) -> Task:
    assert bench.record is not None
    return next(task for task in bench.record.tasks if task.verification == kind)


def test_a_precheck_that_waits_holds_the_order_until_its_deadline() -> None:
    """A precheck that asks for a person keeps task and order; too late, it returns the order with the reason."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    bench.run(cmd.SubmitOrder(order))
    waiting = TaskOutcome.Verified(state=res.VERIFICATION_STATE_WAITING)
    waiting.deadline.FromDatetime(bench.now + timedelta(hours=1))
    domain = prechecked(bench, res.VERIFICATION_KIND_DOMAIN)
    bench.report(domain, verified=waiting)
    bench.report(domain, verified=waiting)
    passed = TaskOutcome.Verified(state=res.VERIFICATION_STATE_PASSED)
    bench.report(prechecked(bench, res.VERIFICATION_KIND_IP), verified=passed)
    assert bench.order(order).submission.state == res.Submission.STATE_CHECKING
    bench.advance(hours=2)
    assert bench.record is not None
    assert set(projection.timers(bench.record)) == {"o1/DOMAIN"}
    bench.run(cmd.FireTimer("o1/DOMAIN"))
    assert bench.run(cmd.FireTimer("o1/DOMAIN")) == []
    assert [finding.code for finding in bench.order(order).findings] == ["PRECHECK_EXPIRED"]
    assert bench.order(order).state == res.ORDER_STATE_DRAFT
    assert not bench.record.tasks


def test_a_verification_of_no_known_outcome_sends_nothing() -> None:
    """Only PASSED passes: an order whose precheck answered anything else is not sent."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    bench.run(cmd.SubmitOrder(order))
    assert bench.record is not None
    for task in list(bench.record.tasks):
        bench.report(task, verified=TaskOutcome.Verified())
    assert bench.order(order).submission.state == res.Submission.STATE_RETURNED


def test_an_outcome_of_another_kind_of_task_closes_nothing() -> None:
    """A host that reports a verification for a submission leaves the submission as it was."""
    bench = Bench()
    bench.create_subject()
    bench.run(cmd.SubmitOrder(bench.create_order()))
    bench.pass_prechecks()
    passed = TaskOutcome.Verified(state=res.VERIFICATION_STATE_PASSED)
    task = bench.task(task_pb2.TASK_KIND_SUBMIT)
    assert bench.report(task, verified=passed) == []
    claimed = rows.claim(task, bench.now, LEASE, "host")
    assert rows.report(claimed, TaskOutcome(verified=passed), None, bench.now) == claimed


def test_a_returned_order_can_end_by_report_and_is_not_sent_while_withdrawn() -> None:
    """What came back can be withdrawn in the console and reported so; meanwhile it is not submitted again."""
    bench, order = at_provider()
    bench.status(order, res.ORDER_STATE_PROVIDER_REJECTED, "驳回")
    bench.run(cmd.WithdrawOrder(order))
    with pytest.raises(BeianhubError, match="WITHDRAWAL_UNDER_WAY"):
        bench.run(cmd.SubmitOrder(order))
    bench.run(cmd.ReportProgress(order, TaskOutcome.Status(state=res.ORDER_STATE_WITHDRAWN)))
    assert bench.order(order).state == res.ORDER_STATE_WITHDRAWN


def test_an_order_that_moves_again_is_watched_again() -> None:
    """An order sent again in the vendor's console loses its idle limit and is polled, once that is reported."""
    bench, order = at_provider()
    bench.status(order, res.ORDER_STATE_PROVIDER_REJECTED, "驳回")
    bench.run(cmd.ReportProgress(order, TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REVIEW)))
    assert [deadline.kind for deadline in bench.order(order).deadlines] == ["FIRST_REVIEW"]
    assert bench.task(task_pb2.TASK_KIND_QUERY)


def test_an_answer_without_a_number_is_no_acceptance() -> None:
    """An order without the vendor's number could be neither watched nor withdrawn."""
    bench = Bench()
    bench.create_subject()
    bench.run(cmd.SubmitOrder(bench.create_order()))
    bench.pass_prechecks()
    with pytest.raises(BeianhubError, match="PROVIDER_ORDER_ID_REQUIRED"):
        bench.report(bench.task(task_pb2.TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted())


@pytest.mark.parametrize(("age", "outlives"), [(100, False), (200, True)])
def test_a_token_must_outlive_the_lease_and_what_lingers(age: int, outlives: bool) -> None:  # noqa: FBT001 - a table
    """With a validity of 300 s, 60 s on the way and a lease of 60 s, nothing is sent 180 s after the first byte."""
    plugin = provider("tencent")
    plugin.guarantee.kind = SubmissionGuarantee.KIND_CLIENT_TOKEN
    plugin.guarantee.token_validity.seconds, plugin.guarantee.signature_validity.seconds = 300, 60
    task = Task(kind=task_pb2.TASK_KIND_SUBMIT, phase=task_pb2.TASK_PHASE_SEND, state=Task.STATE_OPEN)
    task.first_send_time.FromDatetime(NOW - timedelta(seconds=age))
    outlived = rows.outlived(task, plugin, NOW, LEASE)
    assert (outlived is not None) == outlives
    if outlived is not None:
        assert (outlived.phase, outlived.in_doubt) == (task_pb2.TASK_PHASE_PERSON, True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("证件11010519491231002X有误", "证件110*************2X有误"),
        ("代码 91110000600037341L", "代码 911*************1L"),
        ("请致电 138 0000 0001 或 010-12345678", "请致电 138********01 或 010*******78"),
        ("zhang@example.com", "zha************om"),
        ("订单 260301000012 于 2026-03-02 退回，138****0001", "订单 260301000012 于 2026-03-02 退回，138****0001"),
    ],
)
def test_words_are_scrubbed(text: str, left: str) -> None:
    """Numbers that name a person are starred; order numbers, dates and masks stay."""
    assert scrub.scrub(text) == left
    assert scrub.scrub(left) == left


def test_a_code_is_a_code() -> None:
    """Where a code belongs nothing else is kept, and texts are cut."""
    assert (scrub.code("TIMEOUT"), scrub.code("张三丰"), scrub.code("")) == ("TIMEOUT", "UNSPECIFIED", "")
    assert len(scrub.scrub("字" * 5000)) == scrub.LONGEST_TEXT

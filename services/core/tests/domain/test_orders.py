from __future__ import annotations

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_HANDOFF,
    TASK_KIND_QUERY,
    TASK_KIND_SUBMIT,
    TASK_KIND_VERIFY,
    TASK_KIND_WITHDRAW,
    Task,
    TaskOutcome,
)
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import projection
from beianhub_core.domain.cancelling import confirmation
from beianhub_core.domain.evolve import fold
from beianhub_core.errors import BeianhubError

from .support import SERVICE, Bench

ACCEPTED = TaskOutcome.Accepted(provider_order_id="T-1", provider_status="初审中")


def submitted(bench: Bench, order: str) -> None:
    assert bench.record is not None
    bench.run(cmd.SubmitOrder(order, confirmation(bench.record, bench.order(order))))
    bench.pass_prechecks()


def accepted(bench: Bench, order: str) -> None:
    submitted(bench, order)
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=ACCEPTED)


def filed_bench() -> Bench:
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    accepted(bench, order)
    bench.status(
        order,
        res.ORDER_STATE_FILED,
        "已备案",
        subject_licence_number="京ICP备2026000001号",
        service_licence_number="京ICP备2026000001号-1",
    )
    return bench


def test_first_filing_gives_numbers_and_an_access() -> None:
    """A first filing that the regulator approves files subject and service and makes the provider's access active."""
    bench = filed_bench()
    assert bench.record is not None
    subject = bench.record.subject
    assert subject.state == res.SUBJECT_STATE_FILED
    assert subject.licence_number == "京ICP备2026000001号"
    assert subject.services[0].licence_number == "京ICP备2026000001号-1"
    (access,) = subject.services[0].accesses
    assert (access.provider, access.state) == ("tencent", res.ACCESS_STATE_ACTIVE)
    assert not bench.record.tasks
    assert set(projection.timers(bench.record)) == {"/POLICE_FILING/services[0]"}


def test_record_is_the_fold_of_its_events() -> None:
    """Folding all events from nothing gives the very record that the decisions saw."""
    bench = filed_bench()
    assert fold(bench.events) == bench.record
    assert [e.version for e in bench.events] == list(range(1, len(bench.events) + 1))


def test_access_never_changes_a_number() -> None:
    """An added access keeps the licence number (HW-KB doc_0165), whatever a vendor shows."""
    bench = filed_bench()
    order = bench.create_order("o2", res.ORDER_TYPE_ADD_ACCESS, "aliyun")
    accepted(bench, order)
    bench.status(order, res.ORDER_STATE_FILED, "SUCCESS", service_licence_number="京ICP备9号-9")
    assert bench.record is not None
    service = bench.record.subject.services[0]
    assert service.licence_number == "京ICP备2026000001号-1"
    assert {a.provider: a.state for a in service.accesses} == {
        "tencent": res.ACCESS_STATE_ACTIVE,
        "aliyun": res.ACCESS_STATE_ACTIVE,
    }


def test_cancelling_the_last_access_leaves_an_empty_shell() -> None:
    """Cancelling an access keeps the number; without any the service has no access (空壳网站)."""
    bench = filed_bench()
    order = bench.create_order("o2", res.ORDER_TYPE_CANCEL_ACCESS)
    accepted(bench, order)
    bench.status(order, res.ORDER_STATE_FILED, "已取消接入")
    assert bench.record is not None
    service = bench.record.subject.services[0]
    assert service.state == res.SERVICE_STATE_NO_ACCESS
    assert service.accesses[0].state == res.ACCESS_STATE_CANCELLED
    assert service.licence_number


def test_one_order_in_flight_across_providers() -> None:
    """While an order is under way no other of the subject may be submitted, at any provider (MIIT-V3 1003)."""
    bench = Bench()
    bench.create_subject()
    first, second = bench.create_order("o1"), bench.create_order("o2", at="aliyun")
    bench.run(cmd.SubmitOrder(first))
    with pytest.raises(BeianhubError, match="SUBJECT_HAS_ORDER_IN_FLIGHT") as refused:
        bench.run(cmd.SubmitOrder(second))
    assert refused.value.findings[0].message_zh.startswith("主办者冲突")
    assert bench.order(second).state == res.ORDER_STATE_DRAFT


def test_failed_prechecks_come_back_together() -> None:
    """When several prechecks fail, the order returns once, with every finding."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    bench.run(cmd.SubmitOrder(order))
    assert bench.record is not None
    for number, task in enumerate(list(bench.record.tasks)):
        assert task.kind == TASK_KIND_VERIFY
        finding = res.Finding(code=f"F{number}", severity=res.SEVERITY_BLOCKER)
        bench.report(task, verified=TaskOutcome.Verified(state=res.VERIFICATION_STATE_FAILED, findings=[finding]))
    assert [f.code for f in bench.order(order).findings] == ["F0", "F1"]
    assert bench.order(order).state == res.ORDER_STATE_DRAFT
    assert bench.order(order).returned_by == res.RETURNED_BY_PRECHECK
    assert not bench.record.subject.services[0].accesses
    assert not bench.record.tasks


def test_corrected_data_is_a_new_generation_of_the_same_vendor_order() -> None:
    """An order that the vendor rejected is sent again under its vendor number with a new token."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    first = bench.task(TASK_KIND_SUBMIT).client_token
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=ACCEPTED)
    bench.status(order, res.ORDER_STATE_PROVIDER_REJECTED, "初审未通过", findings=[res.Finding(code="X")])
    assert bench.order(order).returned_by == res.RETURNED_BY_PROVIDER
    submitted(bench, order)
    task = bench.task(TASK_KIND_SUBMIT)
    assert task.generation == 2
    assert task.client_token != first
    assert bench.order(order).provider_order_id == "T-1"
    assert not bench.order(order).findings


def test_unknown_status_changes_nothing() -> None:
    """A vendor's word that nobody knows is never taken for anything."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    accepted(bench, order)
    assert bench.status(order, res.ORDER_STATE_UNSPECIFIED, "新状态") == []


def test_sms_waits_with_a_deadline_and_passes_with_the_review() -> None:
    """The MIIT SMS is a facet with a 24-hour deadline, and is answered once the bureau has the order."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    accepted(bench, order)
    waiting = res.Verification(kind=res.VERIFICATION_KIND_MIIT_SMS, state=res.VERIFICATION_STATE_WAITING)
    bench.status(order, res.ORDER_STATE_READY_TO_SUBMIT, "短信核验", verifications=[waiting])
    assert bench.record is not None
    assert set(projection.timers(bench.record)) == {"o1/MIIT_SMS"}
    challenge = res.Challenge(link="https://beian.miit.gov.cn", recipient="138****0001")
    bench.report(
        bench.task(TASK_KIND_VERIFY),
        verified=TaskOutcome.Verified(state=res.VERIFICATION_STATE_WAITING, challenge=challenge),
    )
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    facet = next(v for v in bench.order(order).verifications if v.kind == res.VERIFICATION_KIND_MIIT_SMS)
    assert facet.state == res.VERIFICATION_STATE_PASSED
    assert facet.challenge.recipient == "138****0001"
    assert set(projection.timers(bench.record)) == {"o1/REGULATOR_REVIEW"}


def test_idle_order_is_reminded_and_expires() -> None:
    """A draft that nobody moves is reminded of after 7, 15 and 30 days, and expires after 45 (TC-DOC)."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    seen = []
    for _ in range(46):
        bench.advance(days=1)
        assert bench.record is not None
        due = [key for key, time in projection.timers(bench.record).items() if time <= bench.now]
        for key in due:
            seen += bench.run(cmd.FireTimer(key))
    assert seen == ["order_reminded"] * 3 + ["order_ended"]
    assert bench.order(order).state == res.ORDER_STATE_EXPIRED


def test_withdrawal_before_anything_was_sent_ends_at_once() -> None:
    """An order that no claim has touched is withdrawn without the vendor."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    bench.run(cmd.WithdrawOrder(order))
    assert bench.order(order).state == res.ORDER_STATE_WITHDRAWN
    assert bench.record is not None
    assert not bench.record.tasks
    assert not bench.record.subject.services[0].accesses


def test_withdrawal_waits_for_a_submission_in_doubt() -> None:
    """While nobody knows whether the vendor has it, a withdrawal waits, and then goes to the vendor."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    task = bench.task(TASK_KIND_SUBMIT)
    bench.rows[task.name] = Task(name=task.name, attempt=1, kind=task.kind, in_doubt=True)
    bench.report(task, unknown=TaskOutcome.Unknown(reason="TIMEOUT"))
    bench.run(cmd.WithdrawOrder(order))
    assert bench.order(order).state == res.ORDER_STATE_DRAFT
    bench.report(task, accepted=ACCEPTED)
    bench.report(bench.task(TASK_KIND_WITHDRAW), accepted=ACCEPTED)
    assert bench.order(order).state == res.ORDER_STATE_WITHDRAWN


def test_nothing_is_withdrawn_from_the_regulator() -> None:
    """Once the bureau has the order it cannot be withdrawn (S0.20, S3.12)."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    accepted(bench, order)
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    with pytest.raises(BeianhubError, match="NOT_WITHDRAWABLE"):
        bench.run(cmd.WithdrawOrder(order))


def test_console_account_gets_a_handoff_and_reports_progress() -> None:
    """Without the partner API an operator files it, and what he reports moves the order like any evidence."""
    bench = Bench(res.CHANNEL_CONSOLE)
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    bench.run(cmd.CompleteHandoff(bench.task(TASK_KIND_HANDOFF).name, "H-9", "等待初审"))
    assert bench.order(order).provider_order_id == "H-9"
    assert bench.record is not None
    assert not [t for t in bench.record.tasks if t.kind == TASK_KIND_QUERY]
    status = TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已备案")
    status.subject_licence_number = "京ICP备2026000001号"
    with pytest.raises(BeianhubError, match="LICENCE_NUMBER_REQUIRED"):
        bench.run(cmd.ReportProgress(order, status))
    status.service_licence_number = "京ICP备2026000001号-1"
    bench.run(cmd.ReportProgress(order, status))
    assert bench.order(order).state == res.ORDER_STATE_FILED


def test_stale_yes_is_evidence_and_a_stale_no_is_not() -> None:
    """A late answer of a lapsed claim is taken when it proves that the vendor has the order, and only then."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    task = bench.task(TASK_KIND_SUBMIT)
    late_no = TaskOutcome(rejected=TaskOutcome.Rejected())
    assert bench.run(cmd.ReportTask(task.name, late_no, stale=True)) == []
    bench.run(cmd.ReportTask(task.name, TaskOutcome(accepted=ACCEPTED), stale=True))
    assert bench.order(order).state == res.ORDER_STATE_PROVIDER_REVIEW


def test_ended_orders_stay_ended() -> None:
    """No report and no timer moves an order from its end."""
    bench = filed_bench()
    before = bench.record
    assert bench.run(cmd.FireTimer("o1/IDLE")) == []
    with pytest.raises(BeianhubError, match="NOT_ABANDONABLE"):
        bench.run(cmd.AbandonOrder("tenants/acme/orders/o1"))
    assert bench.record == before


def test_data_is_pinned_while_an_order_is_sent() -> None:
    """A subject cannot change under a submission whose body is pinned."""
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submitted(bench, order)
    subject = res.Subject(name=SERVICE.rpartition("/services/")[0])
    with pytest.raises(BeianhubError, match="SUBMISSION_UNDER_WAY"):
        bench.run(cmd.UpdateSubject(subject, ("profile",)))

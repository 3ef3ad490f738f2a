from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import projection

from .support import Bench

WAITING = res.Verification(kind=res.VERIFICATION_KIND_MIIT_SMS, state=res.VERIFICATION_STATE_WAITING)


def fire_due(bench: Bench) -> list[str]:
    """Fires every timer whose time has come, as a scheduler would."""
    assert bench.record is not None
    due = [key for key, time in projection.timers(bench.record).items() if time <= bench.now]
    return [event for key in due for event in bench.run(cmd.FireTimer(key))]


def submit(bench: Bench, order: str) -> None:
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    accepted = TaskOutcome.Accepted(provider_order_id="T-1", provider_status="初审中")
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=accepted)
    bench.status(order, res.ORDER_STATE_READY_TO_SUBMIT, "短信核验", verifications=[WAITING])


def sms(bench: Bench, order: str) -> res.Verification:
    return next(v for v in bench.order(order).verifications if v.kind == res.VERIFICATION_KIND_MIIT_SMS)


def test_the_sms_story_in_virtual_time() -> None:
    """Warned of when six hours are left, and unanswered for 24, the order comes back (HW-KB doc_0013).

    A week later it is reminded of (TC-DOC).

    Sent again unchanged and answered, it is filed. Every turn is in the history.
    """
    bench = Bench()
    bench.create_subject()
    order = bench.create_order()
    submit(bench, order)

    bench.advance(hours=17, minutes=59)
    assert fire_due(bench) == []
    bench.advance(minutes=1)
    assert fire_due(bench) == ["deadline_near"]
    bench.advance(hours=5, minutes=59)
    assert fire_due(bench) == []
    bench.advance(minutes=1)
    assert fire_due(bench) == ["verification_changed"]
    assert sms(bench, order).state == res.VERIFICATION_STATE_EXPIRED

    returned = res.Finding(code="SMS_TIMEOUT", message_zh="短信核验超时")
    bench.status(
        order,
        res.ORDER_STATE_PROVIDER_REJECTED,
        "初审未通过",
        returned_by=res.RETURNED_BY_MIIT,
        findings=[returned],
    )
    assert bench.order(order).returned_by == res.RETURNED_BY_MIIT
    bench.advance(days=7)
    assert fire_due(bench) == ["order_reminded"]

    submit(bench, order)
    assert bench.order(order).submission.generation == 2
    assert sms(bench, order).deadline.ToDatetime(bench.now.tzinfo) > bench.now
    bench.advance(hours=2)
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    assert sms(bench, order).state == res.VERIFICATION_STATE_PASSED
    bench.advance(days=12)
    assert fire_due(bench) == []
    bench.status(order, res.ORDER_STATE_FILED, "已备案", service_licence_number="京ICP备2026000001号-1")

    turns = [str(event.WhichOneof("payload")) for event in bench.events]
    assert turns.count("order_reminded") == 1
    assert turns.count("order_returned") == 1
    assert turns[-2:] == ["order_filed", "deadlines_set"]  # 公安联网备案

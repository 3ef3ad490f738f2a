from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_HANDOFF, TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import projection
from beianhub_core.domain.evolve import fold

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


def in_the_console(at: str = "tencent") -> tuple[Bench, str]:
    """An order that nobody polls, whose SMS waits."""
    bench = Bench(res.CHANNEL_CONSOLE)
    bench.create_subject()
    order = bench.create_order(at=at)
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.run(cmd.CompleteHandoff(bench.task(TASK_KIND_HANDOFF).name, "T-1", "短信核验"))
    told(bench, order)
    return bench, order


def told(bench: Bench, order: str, wrong_tries: int = 0, resends: int = 0) -> list[str]:
    """What a person says of the SMS."""
    facet = res.Verification(kind=WAITING.kind, state=WAITING.state, wrong_tries=wrong_tries, resends=resends)
    status = TaskOutcome.Status(
        state=res.ORDER_STATE_READY_TO_SUBMIT, provider_status="短信核验", verifications=[facet]
    )
    return bench.run(cmd.ReportProgress(order, status))


def test_the_sixth_wrong_try_returns_the_order() -> None:
    """Five wrong tries are counted, the fifth with a warning; the sixth returns the order (HW-KB doc_0013)."""
    bench, order = in_the_console()
    assert told(bench, order, wrong_tries=4) == ["verification_changed"]
    assert not sms(bench, order).findings
    assert told(bench, order, wrong_tries=5) == ["verification_changed"]
    (warning,) = sms(bench, order).findings
    assert (warning.code, list(warning.source)) == ("MIIT_SMS_LAST_TRY", ["HW-KB doc_0013"])
    assert told(bench, order, wrong_tries=5) == told(bench, order, wrong_tries=2) == []
    assert [d.kind for d in bench.order(order).deadlines] == ["MIIT_SMS"]

    assert told(bench, order, wrong_tries=6)[-1] == "order_returned"
    returned = bench.order(order)
    assert (returned.state, returned.returned_by) == (res.ORDER_STATE_PROVIDER_REJECTED, res.RETURNED_BY_MIIT)
    assert [f.code for f in returned.findings] == ["MIIT_SMS_TRIES"]
    assert sms(bench, order).state == res.VERIFICATION_STATE_FAILED
    bench.run(cmd.SubmitOrder(order))
    assert not [v for v in bench.order(order).verifications if v.kind == res.VERIFICATION_KIND_MIIT_SMS]
    assert fold(bench.events) == bench.record


def test_six_wrong_tries_told_at_once_return_it_too() -> None:
    """Whoever tells late tells all of them; and an order whose status is polled is the vendor's to return."""
    bench, order = in_the_console()
    assert told(bench, order, wrong_tries=9)[-1] == "order_returned"
    polled = Bench()
    polled.create_subject()
    order = polled.create_order()
    submit(polled, order)
    assert told(polled, order, wrong_tries=6) == ["task_closed", "verification_changed"]
    assert polled.order(order).state == res.ORDER_STATE_READY_TO_SUBMIT


def test_huawei_sends_it_again_twice() -> None:
    """At most two resends at Huawei (HW-KB doc_0013), which the facet says; of the others no source states a limit."""
    bench, order = in_the_console("huawei")
    told(bench, order, resends=1)
    assert not sms(bench, order).findings
    told(bench, order, resends=2)
    told(bench, order, resends=2, wrong_tries=1)
    assert [f.code for f in sms(bench, order).findings] == ["MIIT_SMS_LAST_RESEND"]
    assert (sms(bench, order).resends, sms(bench, order).wrong_tries) == (2, 1)
    bench, order = in_the_console("aliyun")
    told(bench, order, resends=5)
    assert not sms(bench, order).findings

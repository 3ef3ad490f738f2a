"""Decisions about what the world answered: reports of tasks, of operators, and the status that a vendor shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core.domain import facets, linking, sms, watching
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.handover import hand_over
from beianhub_core.domain.lookup import RETURNED, TERMINAL, find_service, find_task, is_sending
from beianhub_core.domain.orders import channel, close_tasks, end, open_task, open_withdrawal
from beianhub_core.errors import ErrorKind
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
    from beianhub_core.domain import commands as cmd

_MOVES: Final = frozenset(
    {res.ORDER_STATE_PROVIDER_REVIEW, res.ORDER_STATE_READY_TO_SUBMIT, res.ORDER_STATE_REGULATOR_REVIEW}
)
_GIVES_NUMBERS: Final = frozenset(
    {res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_SERVICE, res.ORDER_TYPE_MIGRATE_SERVICE}
)
_ENDS: Final = frozenset({res.ORDER_STATE_WITHDRAWN, res.ORDER_STATE_ABANDONED, res.ORDER_STATE_EXPIRED})


def report_task(draft: Draft, command: cmd.ReportTask) -> None:
    """What a plugin's call came to. A stale claim's definite yes is still evidence; anything else of it is dropped."""
    task = find_task(draft.record, command.task)
    kind = command.outcome.WhichOneof("outcome")
    if task is None or kind is None or (_is_stale(draft, command) and kind != "accepted"):
        return
    copy = task_pb2.Task()
    copy.CopyFrom(task)
    handler = _OUTCOMES.get((copy.kind, kind))
    if handler is not None:
        handler(draft, copy, getattr(command.outcome, kind))


def _is_stale(draft: Draft, command: cmd.ReportTask) -> bool:
    row = draft.context.tasks.get(command.task)
    held = command.epoch is None or (row is not None and rows.holds(row, command.epoch))
    return command.stale or not held


def _accepted(draft: Draft, task: Task, outcome: TaskOutcome.Accepted) -> None:
    draft.append(ev.TaskClosed(task=task.name, reason="ACCEPTED"))
    accept(draft, task.order, outcome.provider_order_id, outcome.provider_status)


def accept(draft: Draft, order_name: str, provider_order_id: str, provider_status: str) -> None:
    """The vendor has the order: it is watched from now on, or taken back if that was asked for."""
    number = provider_order_id or draft.order(order_name).provider_order_id
    if not number:
        raise refused(
            ErrorKind.INVALID,
            "PROVIDER_ORDER_ID_REQUIRED",
            "provider_order_id",
            "缺少接入商订单号",
            "the vendor's order number is missing",
            "请填写接入商的订单号。 / Give the number by which the vendor knows the order.",
        )
    draft.append(ev.OrderAccepted(order=order_name, provider_order_id=number, provider_status=provider_status))
    order = draft.order(order_name)
    if order.withdrawing:
        open_withdrawal(draft, order)
    if _is_polled(draft, order):
        open_task(draft, order, task_pb2.TASK_KIND_QUERY)


def _is_polled(draft: Draft, order: res.Order) -> bool:
    """Whether an API shows the status. While its plugin is quarantined nothing is known of it; what was submitted over
    the API is then polled once the plugin is back.
    """
    if draft.context.catalog.provider(order.provider) is None:
        return order.submission.channel == res.CHANNEL_API
    return channel(draft, order, res.OPERATION_QUERY) == res.CHANNEL_API


def _rejected(draft: Draft, task: Task, outcome: TaskOutcome.Rejected) -> None:
    draft.append(ev.TaskClosed(task=task.name, reason="REJECTED"))
    if draft.order(task.order).withdrawing:
        end(draft, task.order, res.ORDER_STATE_WITHDRAWN)
        return
    draft.append(
        ev.OrderReturned(
            order=task.order,
            state=res.ORDER_STATE_PROVIDER_REJECTED,
            returned_by=res.RETURNED_BY_PROVIDER,
            provider_status=outcome.provider_status,
            findings=outcome.findings,
        )
    )


def _retry(draft: Draft, task: Task, _outcome: TaskOutcome.Retry) -> None:
    """Nothing was sent by this attempt; unless an earlier one is in doubt, a withdrawal needs no vendor."""
    row = draft.context.tasks.get(task.name, task)
    if draft.order(task.order).withdrawing and not row.in_doubt:
        end(draft, task.order, res.ORDER_STATE_WITHDRAWN)


def _unknown(draft: Draft, task: Task, outcome: TaskOutcome.Unknown) -> None:
    if draft.order(task.order).submission.state != res.Submission.STATE_IN_DOUBT:
        draft.append(ev.OrderSubmissionInDoubt(order=task.order, reason=outcome.reason))


def _not_found(draft: Draft, task: Task, _outcome: TaskOutcome.NotFound) -> None:
    """Settled, and the vendor has nothing: a withdrawal is done, anything else is sent again."""
    asked = draft.context.tasks.get(task.name, task).phase == task_pb2.TASK_PHASE_FIND
    if asked and draft.order(task.order).withdrawing:
        end(draft, task.order, res.ORDER_STATE_WITHDRAWN)


def _withdrawn(draft: Draft, task: Task, _outcome: TaskOutcome.Accepted) -> None:
    end(draft, task.order, res.ORDER_STATE_WITHDRAWN)


def _withdrawal_refused(draft: Draft, task: Task, outcome: TaskOutcome.Rejected) -> None:
    draft.append(ev.TaskClosed(task=task.name, reason="REJECTED"))
    draft.append(ev.OrderWithdrawalRefused(order=task.order, findings=outcome.findings))


def _status(draft: Draft, task: Task, outcome: TaskOutcome.Status) -> None:
    apply_status(draft, task.order, outcome)


def apply_status(draft: Draft, order_name: str, status: TaskOutcome.Status) -> None:
    """What the vendor shows. A state that is not known changes nothing, and an end stays the end."""
    facets.show(draft, order_name, status.verifications)
    if sms.count(draft, order_name, status.verifications):
        return
    order = draft.order(order_name)
    if order.state in TERMINAL or not status.state:
        return
    if status.state == res.ORDER_STATE_FILED:
        _file(draft, order_name, status)
    elif status.state in RETURNED:
        _return(draft, order, status)
    elif status.state in _ENDS:
        end(draft, order_name, status.state)
    elif status.state in _MOVES and (status.state, status.provider_status) != (order.state, order.provider_status):
        draft.append(
            ev.OrderStatusChanged(order=order_name, state=status.state, provider_status=status.provider_status)
        )
        if status.state == res.ORDER_STATE_REGULATOR_REVIEW:
            facets.pass_waiting(draft, order_name)


def _file(draft: Draft, order: str, status: TaskOutcome.Status) -> None:
    facets.pass_waiting(draft, order)
    close_tasks(draft, order, "ORDER_FILED")
    if draft.order(order).type == res.ORDER_TYPE_MIGRATE_SERVICE:
        hand_over(draft, draft.order(order), status)
    draft.append(
        ev.OrderFiled(
            order=order,
            provider_status=status.provider_status,
            subject_licence_number=status.subject_licence_number,
            service_licence_number=status.service_licence_number,
            subject_provider_id=status.subject_provider_id,
            service_provider_id=status.service_provider_id,
            access_provider_id=status.access_provider_id,
        )
    )
    linking.release(draft, order)


def _return(draft: Draft, order: res.Order, status: TaskOutcome.Status) -> None:
    name, by = order.name, status.returned_by
    if not by:
        rejected = status.state == res.ORDER_STATE_REGULATOR_REJECTED
        by = res.RETURNED_BY_BUREAU if rejected else res.RETURNED_BY_PROVIDER
    close_tasks(draft, name, "ORDER_RETURNED")
    draft.append(
        ev.OrderReturned(
            order=name,
            state=status.state,
            returned_by=by,
            provider_status=status.provider_status,
            findings=status.findings,
        )
    )


def _verified(draft: Draft, task: Task, outcome: TaskOutcome.Verified) -> None:
    facets.verified(draft, task, outcome)


def report_progress(draft: Draft, command: cmd.ReportProgress) -> None:
    """What an operator saw: evidence like any other, for an order that the vendor has."""
    order = draft.order(command.order)
    if order.state in TERMINAL or is_sending(order) or not order.provider_order_id:
        raise refused(
            ErrorKind.PRECONDITION,
            "NOT_AT_PROVIDER",
            "name",
            "订单不在接入商处",
            "the order is not at the provider",
            "请先完成人工交接，或先提交该订单。 / Complete its hand-off, or submit it, first.",
        )
    if command.status.state == res.ORDER_STATE_FILED:
        _require_numbers(draft, order, command.status)
    if order.state in RETURNED and command.status.state in _MOVES:
        accept(draft, command.order, order.provider_order_id, command.status.provider_status)
    apply_status(draft, command.order, command.status)


def _require_numbers(draft: Draft, order: res.Order, status: TaskOutcome.Status) -> None:
    """A filing without its numbers is not one: a person copies them from the notice, for a record that has none."""
    service = find_service(draft.record, order.service)
    if order.type not in _GIVES_NUMBERS or service is None:
        return
    known = "" if order.type == res.ORDER_TYPE_MIGRATE_SERVICE else service.licence_number  # it gets a new one
    missing = [
        path
        for path, number in (
            ("subject_licence_number", draft.record.subject.licence_number or status.subject_licence_number),
            ("service_licence_number", known or status.service_licence_number),
        )
        if not number
    ]
    if missing:
        raise refused(
            ErrorKind.INVALID,
            "LICENCE_NUMBER_REQUIRED",
            missing[0],
            "备案成功须填写备案号",
            "a filing that succeeded has its licence numbers",
            "请从接入商的通知中复制两个备案号。 / Copy both numbers from the provider's notice.",
            ("HW-KB doc_0115",),
        )


def complete_handoff(draft: Draft, command: cmd.CompleteHandoff) -> None:
    """An operator filed it, or found what an attempt in doubt had left at the vendor."""
    task = draft.task(command.task)
    name, order = task.name, task.order
    if task.kind not in (task_pb2.TASK_KIND_HANDOFF, task_pb2.TASK_KIND_SUBMIT):
        raise refused(
            ErrorKind.PRECONDITION,
            "NOT_A_HANDOFF",
            "name",
            "该任务不是转人工任务",
            "the task is not a hand-off",
            "请列出人工交接任务。 / List the hand-offs.",
        )
    draft.append(ev.TaskClosed(task=name, reason="ACCEPTED"))
    accept(draft, order, command.provider_order_id, command.provider_status)


def give_up(draft: Draft, command: cmd.GiveUpTask) -> None:
    """Ends a task that has no other end. An order that the vendor has not is returned, or ends if that was asked for;
    one that it has goes on.
    """
    task = task_pb2.Task()
    task.CopyFrom(draft.task(command.task))
    if task.kind == task_pb2.TASK_KIND_QUERY:
        raise refused(
            ErrorKind.PRECONDITION,
            "ORDER_AT_PROVIDER",
            "name",
            "订单在接入商处，不能放弃状态查询",
            "the vendor has the order, and its status is still to be learnt",
            (
                "请上报接入商控制台显示的内容；该任务随订单结束。 / "
                "Report what the vendor's console shows; the task ends with the order."
            ),
        )
    if task.kind == task_pb2.TASK_KIND_PATROL:
        raise refused(
            ErrorKind.PRECONDITION,
            "PATROL_STANDS",
            "name",
            "巡检任务随服务结束，不能放弃",
            "a patrol ends with its service, and is not given up",
            "要停止巡查，请停用该核验插件。 / Disable the verifier's plugin to end its patrols.",
        )
    row = draft.context.tasks.get(task.name, task)
    if task.kind == task_pb2.TASK_KIND_SUBMIT and _in_doubt(row):
        raise refused(
            ErrorKind.PRECONDITION,
            "SUBMISSION_IN_DOUBT",
            "name",
            "提交结果尚未确定，暂不能放弃",
            "whether the vendor has the order is not known yet",
            "请等待系统按我方编号查询完毕。 / Wait until it has been asked by our reference.",
        )
    if is_sending(draft.order(task.order)):
        close_tasks(draft, task.order, "GIVEN_UP")
        _return_given_up(draft, task.order, command.reason)
        return
    draft.append(ev.TaskClosed(task=task.name, reason="GIVEN_UP"))
    if task.kind == task_pb2.TASK_KIND_WITHDRAW:
        draft.append(ev.OrderWithdrawalRefused(order=task.order, findings=[_given_up(command.reason)]))
    else:
        facets.leave(draft, task, _given_up(command.reason))


def _in_doubt(row: Task) -> bool:
    """Whether a call is or may be under way. In a person's hands it is no more: he has asked the vendor."""
    if row.phase == task_pb2.TASK_PHASE_PERSON:
        return False
    claimed = row.state == task_pb2.Task.STATE_CLAIMED
    return claimed or row.phase == task_pb2.TASK_PHASE_FIND or row.HasField("first_send_time")


def _return_given_up(draft: Draft, order: str, reason: str) -> None:
    if draft.order(order).withdrawing:
        end(draft, order, res.ORDER_STATE_WITHDRAWN)
        return
    draft.append(
        ev.OrderReturned(
            order=order,
            state=draft.order(order).state,
            returned_by=res.RETURNED_BY_PRECHECK,
            findings=[_given_up(reason)],
        )
    )


def _given_up(reason: str) -> Finding:
    return blocker(
        "TASK_GIVEN_UP",
        "task",
        f"任务被放弃：{reason}",
        f"its task was given up: {reason}",
        "请排除原因后重新提交订单。 / Mend the cause and submit the order again.",
    )


_OUTCOMES: Final[dict[tuple[int, str], Callable[[Draft, Task, Any], None]]] = {
    (task_pb2.TASK_KIND_SUBMIT, "accepted"): _accepted,
    (task_pb2.TASK_KIND_SUBMIT, "rejected"): _rejected,
    (task_pb2.TASK_KIND_SUBMIT, "retry"): _retry,
    (task_pb2.TASK_KIND_SUBMIT, "unknown"): _unknown,
    (task_pb2.TASK_KIND_SUBMIT, "not_found"): _not_found,
    (task_pb2.TASK_KIND_HANDOFF, "rejected"): _rejected,
    (task_pb2.TASK_KIND_WITHDRAW, "accepted"): _withdrawn,
    (task_pb2.TASK_KIND_WITHDRAW, "rejected"): _withdrawal_refused,
    (task_pb2.TASK_KIND_QUERY, "status"): _status,
    (task_pb2.TASK_KIND_VERIFY, "verified"): _verified,
    (task_pb2.TASK_KIND_START_VERIFICATION, "verified"): _verified,
    (task_pb2.TASK_KIND_PATROL, "observed"): watching.observed,
}

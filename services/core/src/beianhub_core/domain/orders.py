"""Decisions that a reseller takes about an order: draft, submit, withdraw, abandon."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import Withdrawal
from beianhub_core import names
from beianhub_core.domain import cancelling, deadlines, linking, overriding, periods, preconditions, withdrawing
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.draft import Draft, refused, rejected
from beianhub_core.domain.lookup import RETURNED, TERMINAL, find_order, find_service, is_sending, tasks_of
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import SEVERITY_BLOCKER, blocker

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Channel, Finding, Order

_TOKENS: Final = uuid.UUID("6f1a3c52-7a0e-4a44-9c52-3f5a1d1f8e10")
_WITHDRAWABLE: Final = frozenset({res.ORDER_STATE_PROVIDER_REVIEW, res.ORDER_STATE_READY_TO_SUBMIT} | RETURNED)


def create(draft: Draft, command: cmd.CreateOrder) -> None:
    """A draft. It may be made while another order is under way; it may not be submitted then."""
    if find_order(draft.record, command.order.name):
        raise order_exists()
    whole = not command.order.service and command.order.type in preconditions.WHOLE_SUBJECT
    if not whole and find_service(draft.record, command.order.service) is None:
        raise BeianhubError(ErrorKind.NOT_FOUND, "SERVICE_NOT_FOUND", preconditions.check(draft.record, command.order))
    for earlier in command.order.waits_for:
        draft.order(earlier)
    order = res.Order()
    order.CopyFrom(command.order)
    order.state = res.ORDER_STATE_DRAFT
    draft.append(ev.OrderCreated(order=order))


def create_all(draft: Draft, command: cmd.CreateOrders) -> None:
    """The drafts of a plan, all or none. Raises ABORTED where the record is no longer the one that was planned from."""
    if draft.record.version != command.version:
        raise refused(
            ErrorKind.ABORTED,
            "SUBJECT_CHANGED",
            "plan.subject",
            "主体刚被修改",
            "the subject was changed since the plan was made",
            "请重新制定方案。 / Plan again.",
        )
    for order in command.orders:
        create(draft, cmd.CreateOrder(order))


def order_exists() -> BeianhubError:
    """ALREADY_EXISTS: the tenant has an order with this id."""
    return refused(
        ErrorKind.ALREADY_EXISTS,
        "ORDER_EXISTS",
        "order_id",
        "订单已存在",
        "an order with this id exists",
        "请查询该资源，或另选编号。 / Get it, or choose another id.",
    )


def findings(draft: Draft, order: Order) -> list[Finding]:
    """Everything that stands against, or is to be known before, sending the order: its own state, then the rules."""
    own = _own_findings(draft, order)
    return [*own, *_ruling(draft, order, own)]


def _ruling(draft: Draft, order: Order, own: list[Finding]) -> list[Finding]:
    """What the rules find on this day in China, but what the records say already."""
    context = draft.context
    said = {found.code for found in own}
    target = draft.target.record if draft.target is not None else None
    today = context.now.astimezone(periods.BEIJING).date()
    found = context.ruling(draft.record, order, today, context.rules, target)
    return [each for each in found if each.code not in said]


def _own_findings(draft: Draft, order: Order) -> list[Finding]:
    target = draft.target.record if draft.target is not None else None
    found = preconditions.check(draft.record, order, target)
    if channel(draft, order, res.OPERATION_SUBMIT) not in (res.CHANNEL_API, res.CHANNEL_CONSOLE):
        found.append(
            blocker(
                "CHANNEL_UNSUPPORTED",
                "order.type",
                f"{order.provider} 不支持该订单类型",
                f"{order.provider} offers no way to file this type of order",
                "请查看插件的能力（capabilities）。 / See the plugin's capabilities for what it offers.",
                source=draft.context.catalog.source(res.OPERATION_SUBMIT, order.type, order.provider),
            )
        )
    return [*found, *deadlines.provisional(order, draft.context)]


def channel(draft: Draft, order: Order, operation: res.Operation.ValueType) -> Channel.ValueType:
    """By which channel the operation goes for this order. The bureau cancels a shell offline (HW-KB doc_0037)."""
    if order.type == res.ORDER_TYPE_CANCEL_SUBJECT and draft.record.subject.state == res.SUBJECT_STATE_SHELL:
        return res.CHANNEL_CONSOLE
    account = draft.context.accounts.get(order.account, res.Account(provider=order.provider))
    return draft.context.catalog.channel(operation, order.type, account, draft.record.subject.profile)


def submit(draft: Draft, command: cmd.SubmitOrder) -> None:
    """Sends it, after our own verifications: a new generation of its data."""
    order = draft.order(command.order)
    if order.withdrawing:
        raise _wrong_state(order, "WITHDRAWAL_UNDER_WAY", "订单正在撤销", "the order is being withdrawn")
    if is_sending(order) or order.state not in RETURNED | {res.ORDER_STATE_DRAFT}:
        raise _wrong_state(order, "SUBMITTED_ALREADY", "订单已提交", "the order has been submitted")
    overridden = _refuse(draft, order, command)
    draft.append(
        ev.OrderSubmissionRequested(
            order=order.name,
            channel=channel(draft, order, res.OPERATION_SUBMIT),
            generation=order.submission.generation + 1,
        )
    )
    if overridden:
        draft.append(
            ev.OrderBlockersOverridden(order=command.order, reason=command.override_reason, findings=overridden)
        )
    _open_prechecks(draft, draft.order(command.order))


def _refuse(draft: Draft, order: Order, command: cmd.SubmitOrder) -> list[Finding]:
    """Raises with every blocker that nobody overrides; returns those that are overridden."""
    overriding.check_request(command.override_reason, command.override_codes)
    own = _own_findings(draft, order)
    blockers = [found for found in own if found.severity == SEVERITY_BLOCKER]
    if command.confirmation != cancelling.confirmation(draft.record, order):
        blockers += cancelling.confirm(draft.record, order, SEVERITY_BLOCKER)
    ruled = [found for found in _ruling(draft, order, own) if found.severity == SEVERITY_BLOCKER]
    overridden, standing = overriding.split(ruled, command.override_codes)
    refused_anyway = [overriding.hard(found) for found in blockers if found.code in command.override_codes]
    if blockers or standing:
        raise rejected([*blockers, *standing, *refused_anyway])
    return overridden


def _open_prechecks(draft: Draft, order: Order) -> None:
    verifiers = draft.context.catalog.prechecks(order.type)
    for verifier in verifiers:
        facet = res.Verification(kind=verifier.verification, state=res.VERIFICATION_STATE_REQUESTED)
        draft.append(ev.VerificationChanged(order=order.name, verification=facet))
        open_task(
            draft,
            order,
            task_pb2.TASK_KIND_VERIFY,
            plugin=names.last(verifier.name),
            verification=verifier.verification,
        )
    if not verifiers:
        open_submission(draft, order)


def open_submission(draft: Draft, order: Order) -> None:
    """Hands the order to its plugin, or to an operator."""
    by_api = order.submission.channel == res.CHANNEL_API
    open_task(draft, order, task_pb2.TASK_KIND_SUBMIT if by_api else task_pb2.TASK_KIND_HANDOFF)


def open_task(
    draft: Draft,
    order: Order,
    kind: task_pb2.TaskKind.ValueType,
    *,
    plugin: str = "",
    verification: res.VerificationKind.ValueType = res.VERIFICATION_KIND_UNSPECIFIED,
) -> None:
    """Opens a task, due at once. Its client token depends on order, kind and generation alone."""
    generation = order.submission.generation
    task = task_pb2.Task(
        name=names.task_name(draft.context.tenant, draft.context.new_id()),
        kind=kind,
        plugin=plugin or order.provider,
        subject=order.subject,
        order=order.name,
        account=order.account,
        state=task_pb2.Task.STATE_OPEN,
        phase=task_pb2.TASK_PHASE_SEND,
        generation=generation,
        client_token=str(uuid.uuid5(_TOKENS, f"{order.name}/{kind}/{verification}/{generation}")),
        verification=verification,
        target_subject=order.target_subject,
    )
    task.due_time.FromDatetime(draft.context.now)
    task.create_time.FromDatetime(draft.context.now)
    draft.append(ev.TaskOpened(task=task))


def close_tasks(draft: Draft, order: str, reason: str) -> None:
    """Closes whatever the order still has open."""
    for name in [t.name for t in tasks_of(draft.record, order)]:
        draft.append(ev.TaskClosed(task=name, reason=reason))


def end(draft: Draft, order: str, state: res.OrderState.ValueType) -> None:
    """Ends the order without a filing."""
    close_tasks(draft, order, "ORDER_ENDED")
    draft.append(ev.OrderEnded(order=order, state=state))
    linking.hold(draft, order)


def withdraw(draft: Draft, command: cmd.WithdrawOrder) -> None:
    """Takes it back: at once while nothing can have been sent, else after the vendor's answer is known."""
    order = draft.order(command.order)
    if order.withdrawing:
        return
    if is_sending(order):
        draft.append(ev.OrderWithdrawalRequested(order=order.name))
        if not any(_may_have_been_sent(draft, t) for t in tasks_of(draft.record, order.name)):
            end(draft, order.name, res.ORDER_STATE_WITHDRAWN)
        return
    _refuse_withdrawal(draft, order)
    draft.append(ev.OrderWithdrawalRequested(order=order.name))
    open_withdrawal(draft, draft.order(command.order))


def _refuse_withdrawal(draft: Draft, order: Order) -> None:
    """Raises where the order's state, its type or the provider's line says no; a silent source leaves it to try."""
    line = withdrawing.answer(draft.context.catalog.provider(order.provider), order)
    at_provider = order.state in _WITHDRAWABLE and order.provider_order_id
    if at_provider and order.type == res.ORDER_TYPE_CANCEL_ACCESS:
        raise _cancellation_sent(order)
    if not at_provider or line.answer == Withdrawal.ANSWER_NO:
        raise _wrong_state(
            order,
            "NOT_WITHDRAWABLE",
            "订单在此状态不能撤销",
            "the order cannot be withdrawn in this state",
            tuple(line.source) or ("S0.20", "S3.12", "HW-KB doc_0188"),
        )
    if line.answer == Withdrawal.ANSWER_LET_SMS_LAPSE:
        raise refused(
            ErrorKind.PRECONDITION,
            "LET_SMS_LAPSE",
            "name",
            "不能撤回；24 小时内不完成短信核验，订单会自动退回",
            "it cannot be withdrawn, but comes back when the SMS is not answered within 24 hours",
            "请通知收件人不要核验该短信。 / Tell the recipient not to answer the SMS.",
            tuple(line.source),
        )


def open_withdrawal(draft: Draft, order: Order) -> None:
    """Asks the vendor, where it has an API for it; else an operator withdraws in the console and reports it.

    A cancellation that turned out to be sent cannot be taken back any more.
    """
    if order.type == res.ORDER_TYPE_CANCEL_ACCESS:
        refusal = _cancellation_sent(order)
        draft.append(ev.OrderWithdrawalRefused(order=order.name, findings=refusal.findings))
    elif channel(draft, order, res.OPERATION_WITHDRAW) == res.CHANNEL_API:
        open_task(draft, order, task_pb2.TASK_KIND_WITHDRAW)


def _may_have_been_sent(draft: Draft, task: task_pb2.Task) -> bool:
    """Whether a byte may have left, or an operator may have filled in the form. A host that has claimed the task and
    has not pinned a body cannot do so once the task is closed.
    """
    row = draft.context.tasks.get(task.name, task)
    if task.kind == task_pb2.TASK_KIND_HANDOFF:
        return row.phase == task_pb2.TASK_PHASE_PERSON and row.attempt > 0
    return task.kind == task_pb2.TASK_KIND_SUBMIT and (row.HasField("first_send_time") or row.in_doubt)


def abandon(draft: Draft, command: cmd.AbandonOrder) -> None:
    """Gives up a draft, or an order that came back."""
    order = draft.order(command.order)
    if is_sending(order) or order.state not in RETURNED | {res.ORDER_STATE_DRAFT}:
        raise _wrong_state(
            order,
            "NOT_ABANDONABLE",
            "只有草稿或被驳回的订单可以放弃",
            "only a draft or a returned order can be given up",
        )
    end(draft, order.name, res.ORDER_STATE_ABANDONED)


def _cancellation_sent(order: Order) -> BeianhubError:
    return _wrong_state(
        order,
        "CANCELLATION_NOT_WITHDRAWABLE",
        "取消接入提交后不能撤回",
        "a cancellation cannot be withdrawn once it is sent",
        ("S0.20",),
    )


def _wrong_state(order: Order, reason: str, zh: str, en: str, source: tuple[str, ...] = ()) -> BeianhubError:
    state = res.OrderState.Name(order.state).removeprefix("ORDER_STATE_")
    remedy = (
        "订单已结束，请新建订单。 / It has ended; create a new order."
        if order.state in TERMINAL
        else "请关注该订单的下一状态。 / Watch the order for its next state."
    )
    return refused(
        ErrorKind.PRECONDITION, reason, "name", f"{zh}（当前状态 {state}）", f"{en} (it is in {state})", remedy, source
    )

"""TaskService for operators: hand-offs (转人工), whose form is shown only while they are claimed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core import names
from beianhub_core.application import paging
from beianhub_core.application.core import Target, customer_guard, not_found, parse_response, sees
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.draft import Context, Draft, refused
from beianhub_core.domain.lookup import TERMINAL, find_order
from beianhub_core.domain.scrub import short
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Changes, Loaded, Unit

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Order
    from beianhub.resources.v1.task_pb2 import Handoff, Task
    from beianhub_core.application.assignments import Assignments
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Core

_TASK: Final = "tenants/{}/tasks/{}"
_NUMBER: Final = re.compile(r"[\w.:/-]{1,128}")
_DEFAULT_LEASE: Final = 30 * 60.0  # seconds
_LONGEST_LEASE: Final = 8 * 3600.0


class Handoffs:
    """Answers TaskService's part for people."""

    def __init__(self, core: Core, assignments: Assignments) -> None:
        self._core = core
        self._assignments = assignments

    async def list_handoffs(self, caller: Caller, request: pb.ListHandoffsRequest) -> pb.ListHandoffsResponse:
        """A page of hand-offs that wait for an operator or are in one's hands, without values; and of submissions in
        doubt that only a person can settle.
        """
        tenant = caller.parent(request.parent)
        tasks = await self._core.store.list_tasks(
            tenant,
            kinds=[task_pb2.TASK_KIND_HANDOFF, task_pb2.TASK_KIND_SUBMIT],
            states=[task_pb2.Task.STATE_OPEN, task_pb2.Task.STATE_CLAIMED],
            order="",
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        visible = [task for task in tasks if await sees(self._core, caller, task)]
        handoffs = [task_pb2.Handoff(name=t.name, task=t) for t in visible if t.phase == task_pb2.TASK_PHASE_PERSON]
        token = paging.next_token(request, len(tasks), names.last(tasks[-1].name) if tasks else "")
        return pb.ListHandoffsResponse(handoffs=handoffs, next_page_token=token)

    async def claim_handoff(self, caller: Caller, request: pb.ClaimHandoffRequest) -> Handoff:
        """Takes it, and renders the vendor's form from the vault."""
        tenant, subject_id = await self._locate(caller, request.name)
        if not request.assignee or not request.purpose:
            raise refused(
                ErrorKind.INVALID,
                "PURPOSE_REQUIRED",
                "purpose" if request.assignee else "assignee",
                "查看个人信息须写明操作人和用途",
                "personal data is shown only to a named operator with a purpose",
                "请同时填写两者；它们会被留存。 / Give both; they are kept.",
            )
        row = await self._claim(caller, request, tenant, subject_id)
        form = await self._assignments.pinned(tenant, subject_id, row.request_ref)
        handoff = task_pb2.Handoff.FromString(form)
        handoff.name = row.name
        handoff.task.CopyFrom(row)
        return handoff

    async def _claim(self, caller: Caller, request: pb.ClaimHandoffRequest, tenant: str, subject_id: str) -> Task:
        seconds = min(request.lease_seconds, _LONGEST_LEASE) if request.lease_seconds > 0 else _DEFAULT_LEASE
        lease, now, guard = timedelta(seconds=seconds), self._core.clock.now(), customer_guard(caller)
        context = Context(
            tenant=tenant,
            subject=subject_id,
            now=now,
            actor=caller.actor,
            causation=request.name,
            new_id=self._core.ids.new,
            catalog=await self._core.catalog(),
        )
        claimed = ev.HandoffClaimed(task=request.name, assignee=short(request.assignee), purpose=short(request.purpose))

        def plan(loaded: Loaded) -> Changes:
            guard(loaded.record)
            row = loaded.tasks.get(request.name)
            if row is not None and row.kind != task_pb2.TASK_KIND_HANDOFF:
                raise _not_a_handoff()
            if row is None or row.phase != task_pb2.TASK_PHASE_PERSON or not row.request_ref:
                raise _not_ready()
            if row.state == task_pb2.Task.STATE_CLAIMED and not rows.has_lapsed(row, now):
                if row.assignee != short(request.assignee):
                    raise _taken(row.assignee)
                row = rows.extend(row, now, lease)
                return Changes(tasks=[row], response=row.SerializeToString())
            row = rows.claim(row, now, lease, request.assignee)
            done = Draft(loaded.record, context)
            done.append(claimed)
            return Changes(record=done.record, events=done.events, tasks=[row], response=row.SerializeToString())

        committed = await self._core.store.execute(Unit(tenant, subject_id, plan))
        return parse_response(task_pb2.Task, committed)

    async def complete_handoff(self, caller: Caller, request: pb.CompleteHandoffRequest) -> Order:
        """Takes over the vendor's order number. The same number again changes nothing."""
        tenant, subject_id = await self._locate(caller, request.name)
        if not request.provider_order_id:
            raise refused(
                ErrorKind.INVALID,
                "PROVIDER_ORDER_ID_REQUIRED",
                "provider_order_id",
                "缺少接入商订单号",
                "the vendor's order number is missing",
                "请从接入商控制台复制。 / Copy it from the vendor's console.",
            )
        order = await self._order(tenant, subject_id, request.name)
        await self._check_number(tenant, order, request.provider_order_id)
        try:
            return await self._complete(caller, request, tenant, subject_id, order)
        except BeianhubError as error:
            order = await self._order(tenant, subject_id, request.name)
            if error.reason != "TASK_CLOSED" or order.provider_order_id != request.provider_order_id:
                raise
            return order

    async def _order(self, tenant: str, subject_id: str, task_name: str) -> Order:
        task = await self._core.store.task(tenant, names.last(task_name))
        record = await self._core.store.record(tenant, subject_id)
        order = find_order(record, task.order) if record is not None and task is not None else None
        if order is None:
            raise not_found("name", "任务", "task")
        return order

    async def _check_number(self, tenant: str, order: Order, number: str) -> None:
        """A number is one word, and no other order under way has it: its status would move the wrong one."""
        if not _NUMBER.fullmatch(number):
            raise refused(
                ErrorKind.INVALID,
                "PROVIDER_ORDER_ID_MALFORMED",
                "provider_order_id",
                "接入商订单号应为不含空格的字母、数字",
                "the vendor's order number is one word of at most 128 letters, digits and -_.:/",
                "请从接入商控制台复制。 / Copy it from the vendor's console.",
            )
        found = await self._core.store.subject_of_provider_order(tenant, names.last(order.account), number)
        record = await self._core.store.record(tenant, found[0]) if found else None
        name = names.order_name(tenant, found[1]) if found else ""
        other = find_order(record, name) if record is not None else None
        if other is not None and other.name != order.name and other.state not in TERMINAL:
            raise refused(
                ErrorKind.ALREADY_EXISTS,
                "PROVIDER_ORDER_TAKEN",
                "provider_order_id",
                "该订单号属于另一在途订单",
                "another order under way has this number",
                "请在接入商控制台重新查询。 / Look it up again in the vendor's console.",
            )

    async def _complete(
        self, caller: Caller, request: pb.CompleteHandoffRequest, tenant: str, subject_id: str, order: Order
    ) -> Order:
        def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
            return replace(changes, response=done.order(order.name).SerializeToString())

        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.CompleteHandoff(request.name, request.provider_order_id, request.provider_status),
            actor=caller.actor,
            causation=request.name,
            accounts=[await self._core.account(order.account)],
            finish=finish,
            guard=customer_guard(caller),
            target=Target.of(order.target_subject),
        )
        return parse_response(res.Order, committed)

    async def _locate(self, caller: Caller, name: str) -> tuple[str, str]:
        tenant, task_id = caller.parse(name, _TASK)
        subject_id = await self._core.store.subject_of_task(tenant, task_id)
        task = await self._core.store.task(tenant, task_id)
        if subject_id is None or task is None or not await sees(self._core, caller, task):
            raise not_found("name", "任务", "task")
        return tenant, subject_id


def _not_a_handoff() -> Exception:
    return refused(
        ErrorKind.PRECONDITION,
        "NOT_A_HANDOFF",
        "name",
        "该任务是存疑的提交，没有表单",
        "the task is a submission in doubt, and has no form",
        (
            "请询问接入商；然后用其订单号完成、重试或放弃该任务。 / "
            "Ask the vendor; then complete it with the vendor's number, retry it, or give it up."
        ),
    )


def _not_ready() -> Exception:
    return refused(
        ErrorKind.PRECONDITION,
        "HANDOFF_NOT_READY",
        "name",
        "转人工任务尚未就绪或已结束",
        "the hand-off is not prepared yet, or has ended",
        (
            "请列出人工交接任务；插件会在几秒内备好表单。 / "
            "List the hand-offs; a plugin prepares the form within seconds."
        ),
    )


def _taken(assignee: str) -> Exception:
    return refused(
        ErrorKind.PRECONDITION,
        "HANDOFF_TAKEN",
        "assignee",
        f"已由 {assignee} 领取",
        f"{assignee} has it",
        "请等待租约结束，或向持有者索取。 / Wait until the lease ends, or ask for it.",
    )

"""TaskService for operators: hand-offs (转人工), whose form is shown only while they are claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core import names
from beianhub_core.application import paging
from beianhub_core.application.core import customer_guard, not_found, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.lookup import find_order
from beianhub_core.errors import ErrorKind
from beianhub_core.store.port import Changes, Loaded, Unit

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Order
    from beianhub.resources.v1.task_pb2 import Handoff, Task
    from beianhub_core.application.assignments import Assignments
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Core

_TASK: Final = "tenants/{}/tasks/{}"
_DEFAULT_LEASE: Final = timedelta(minutes=30)
_LONGEST_LEASE: Final = timedelta(hours=8)


class Handoffs:
    """Answers TaskService's part for people."""

    def __init__(self, core: Core, assignments: Assignments) -> None:
        self._core = core
        self._assignments = assignments

    async def list_handoffs(self, caller: Caller, request: pb.ListHandoffsRequest) -> pb.ListHandoffsResponse:
        """A page of hand-offs that wait for an operator or are in one's hands, without values."""
        tenant = caller.parent(request.parent)
        tasks = await self._core.store.list_tasks(
            tenant,
            kinds=[task_pb2.TASK_KIND_HANDOFF],
            states=[task_pb2.Task.STATE_OPEN, task_pb2.Task.STATE_CLAIMED],
            order="",
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        visible = [task for task in tasks if await self._sees(caller, task)]
        handoffs = [task_pb2.Handoff(name=t.name, task=t) for t in visible if t.phase == task_pb2.TASK_PHASE_PERSON]
        token = paging.next_token(request, len(tasks), names.last(tasks[-1].name) if tasks else "")
        return pb.ListHandoffsResponse(handoffs=handoffs, next_page_token=token)

    async def _sees(self, caller: Caller, task: Task) -> bool:
        if not caller.customer:
            return True
        tenant, subject_id = names.parse(task.subject, "tenants/{}/subjects/{}", "task.subject")
        record = await self._core.store.record(tenant, subject_id)
        return record is not None and record.subject.customer == caller.customer

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
                "Give both; they are kept.",
            )
        row = await self._claim(caller, request, tenant, subject_id)
        form = await self._assignments.pinned(tenant, subject_id, row.request_ref)
        handoff = task_pb2.Handoff.FromString(form)
        handoff.name = row.name
        handoff.task.CopyFrom(row)
        return handoff

    async def _claim(self, caller: Caller, request: pb.ClaimHandoffRequest, tenant: str, subject_id: str) -> Task:
        wanted = timedelta(seconds=request.lease_seconds) if request.lease_seconds > 0 else _DEFAULT_LEASE
        lease, now, guard = min(wanted, _LONGEST_LEASE), self._core.clock.now(), customer_guard(caller)

        def plan(loaded: Loaded) -> Changes:
            guard(loaded.record)
            row = loaded.tasks.get(request.name)
            if row is None or row.phase != task_pb2.TASK_PHASE_PERSON or not row.request_ref:
                raise _not_ready()
            if row.state == task_pb2.Task.STATE_CLAIMED and not rows.has_lapsed(row, now):
                if row.assignee != request.assignee:
                    raise _taken(row.assignee)
                row = rows.extend(row, now, lease)
            else:
                row = rows.claim(row, now, lease, request.assignee)
            return Changes(tasks=[row], response=row.SerializeToString())

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
                "Copy it from the vendor's console.",
            )
        task = await self._core.store.task(tenant, names.last(request.name))
        record = await self._core.store.record(tenant, subject_id)
        order = find_order(record, task.order) if record is not None and task is not None else None
        if order is None or record is None:
            raise not_found("name", "任务", "task")
        customer_guard(caller)(record)
        if order.provider_order_id == request.provider_order_id and not _is_open(record, request.name):
            return order
        return await self._complete(caller, request, tenant, subject_id, order)

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
        )
        return parse_response(res.Order, committed)

    async def _locate(self, caller: Caller, name: str) -> tuple[str, str]:
        tenant, task_id = caller.parse(name, _TASK)
        subject_id = await self._core.store.subject_of_task(tenant, task_id)
        if subject_id is None:
            raise not_found("name", "任务", "task")
        return tenant, subject_id


def _is_open(record: Record, task: str) -> bool:
    return any(t.name == task for t in record.tasks)


def _not_ready() -> Exception:
    return refused(
        ErrorKind.PRECONDITION,
        "HANDOFF_NOT_READY",
        "name",
        "转人工任务尚未就绪或已结束",
        "the hand-off is not prepared yet, or has ended",
        "List the hand-offs; a plugin prepares the form within seconds.",
    )


def _taken(assignee: str) -> Exception:
    return refused(
        ErrorKind.PRECONDITION,
        "HANDOFF_TAKEN",
        "assignee",
        f"已由 {assignee} 领取",
        f"{assignee} has it",
        "Wait until the lease ends, or ask for it.",
    )

"""TaskService for plugin hosts: claim, extend, report. The one contract between the core and whoever calls a vendor."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1 import task_pb2
from beianhub_core import names
from beianhub_core.application import filters, paging
from beianhub_core.application.assignments import Assignments
from beianhub_core.application.caller import ANY_TENANT
from beianhub_core.application.core import Core, Target, customer_guard, not_found, parse_response, sees
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.lookup import EFFECTFUL
from beianhub_core.domain.scrub import short
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Changes, Loaded, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.task_pb2 import Task
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.drifts import Drifts
    from beianhub_core.domain.catalog import Catalog
    from beianhub_core.store.port import Committed, DueTask, Plan, RequestKey

_TASK: Final = "tenants/{}/tasks/{}"
_LONGEST_LEASE: Final = 600.0
_DEFAULT_LEASE: Final = 60.0
_MOST_TASKS: Final = 1000


class Tasks:
    """Answers TaskService's part for plugin hosts, and its reads."""

    def __init__(self, core: Core, assignments: Assignments, drifts: Drifts) -> None:
        self._core = core
        self._assignments = assignments
        self._drifts = drifts

    async def _execute(
        self, tenant: str, subject_id: str, task: str, plan: Plan, key: RequestKey | None = None
    ) -> Committed:
        """Runs a plan over a task's row: in its subject's stream, or by itself where the task is an account's.

        An account's task has no request keys: what may be repeated there changes nothing the second time.
        """
        if not subject_id:
            return await self._core.store.execute_account(tenant, task, plan)
        return await self._core.store.execute(Unit(tenant, subject_id, plan, key))

    async def claim_tasks(self, caller: Caller, request: pb.ClaimTasksRequest) -> pb.ClaimTasksResponse:
        """Claims due tasks, at most one effectful one a subject; each intent is committed before this returns."""
        tenant = self._tenant(caller, request.parent)
        lease = _lease(request.lease_seconds)
        limit = min(max(request.max_tasks, 1), _MOST_TASKS)
        due = await self._core.store.due_tasks(
            tenant=tenant, plugins=list(request.plugins), now=self._core.clock.now(), limit=limit
        )
        catalog, guard = await self._core.catalog(), customer_guard(caller)
        claims = (self._claim(one, catalog, lease, request.assignee or caller.actor, guard) for one in due)
        claimed = await asyncio.gather(*claims, return_exceptions=True)
        tasks = [task for task in claimed if isinstance(task, task_pb2.Task)]
        failed = next((error for error in claimed if isinstance(error, BaseException)), None)
        if failed is not None and not tasks:
            raise failed
        assignments = await asyncio.gather(*(self._assign(task, catalog) for task in tasks))
        return pb.ClaimTasksResponse(assignments=[one for one in assignments if one is not None])

    async def _assign(self, task: Task, catalog: Catalog) -> task_pb2.TaskAssignment | None:
        """The assignment. A task that cannot be assigned, such as one of an erased subject, is put back with the
        reason, and holds up no other.
        """
        try:
            return await self._assignments.of(task, catalog)
        except BeianhubError as error:
            reason = error.reason
        now = self._core.clock.now()

        def plan(loaded: Loaded) -> Changes:
            row = loaded.tasks.get(task.name)
            held = row is not None and rows.holds(row, task.epoch)
            return Changes(tasks=[rows.retry(row, reason, 0.0, now)] if row is not None and held else [])

        tenant, _ = names.parse(task.name, _TASK, "task.name")
        with suppress(BeianhubError):  # its lease lapses
            await self._execute(tenant, names.last(task.subject), task.name, plan)
        return None

    def _tenant(self, caller: Caller, parent: str) -> str:
        if caller.tenant == ANY_TENANT and parent == f"tenants/{ANY_TENANT}":
            return ""
        return caller.parent(parent)

    async def _claim(
        self,
        due: DueTask,
        catalog: Catalog,
        lease: timedelta,
        assignee: str,
        guard: Callable[[Record | None], None],
    ) -> Task | None:
        now = self._core.clock.now()

        def plan(loaded: Loaded) -> Changes:
            if due.subject:
                guard(loaded.record)
            row = loaded.tasks.get(due.name)
            if row is None:
                return Changes()
            plugin = catalog.plugin(row.plugin)
            if rows.has_lapsed(row, now):
                row = rows.lapse(row, plugin, now)
                if not rows.is_claimable(row, now) or row.phase == task_pb2.TASK_PHASE_PERSON:
                    return Changes(tasks=[row])
            if not rows.is_claimable(row, now) or _another_is_claimed(row, loaded.tasks, now):
                return Changes()
            outlived = rows.outlived(row, plugin, now, lease)
            if outlived is not None:
                return Changes(tasks=[outlived])
            row = rows.claim(row, now, lease, assignee)
            return Changes(tasks=[row], response=row.SerializeToString())

        committed = await self._execute(due.tenant, due.subject, due.name, plan)
        return task_pb2.Task.FromString(committed.response) if committed.response else None

    async def extend_lease(self, caller: Caller, request: pb.ExtendLeaseRequest) -> Task:
        """Extends a claim, and pins the request body where one is given: it is sealed before it is committed."""
        tenant, subject_id, task = await self._locate(caller, request.name)
        lease, now = _lease(request.lease_seconds), self._core.clock.now()
        ref = f"request-{names.last(task.name)}-{task.generation}"
        pins = request.request and subject_id
        vault = [await self._core.vault.seal(tenant, subject_id, ref, request.request)] if pins else []

        def plan(loaded: Loaded) -> Changes:
            row = loaded.tasks.get(request.name)
            if row is None or not rows.holds(row, request.epoch):
                raise _stale()
            if row.request_ref and vault:
                raise refused(
                    ErrorKind.PRECONDITION,
                    "REQUEST_PINNED",
                    "request",
                    "该代数据的请求体已固定",
                    "the request body of this generation is pinned already",
                    "请发送领取任务时给出的固定报文。 / Send the pinned body that the claim handed out.",
                )
            row = rows.pin(row, ref, now, lease) if vault else rows.extend(row, now, lease)
            return Changes(tasks=[row], vault=vault, response=row.SerializeToString())

        committed = await self._execute(tenant, subject_id, request.name, plan)
        return parse_response(task_pb2.Task, committed)

    async def report_task(self, caller: Caller, request: pb.ReportTaskRequest) -> pb.ReportTaskResponse:
        """Takes over an outcome. A stale one moves no row; its definite yes is still taken as evidence."""
        tenant, subject_id, task = await self._locate(caller, request.name)
        if not subject_id:
            return await self._report_reading(tenant, task, request)
        catalog, now = await self._core.catalog(), self._core.clock.now()

        def finish(done: Draft, loaded: Loaded, changes: Changes) -> Changes:
            row = loaded.tasks.get(request.name)
            if row is None or not rows.holds(row, request.epoch):
                answer = pb.ReportTaskResponse(task=row or task, stale=True)
                return replace(changes, response=answer.SerializeToString())
            row = rows.report(row, request.outcome, catalog.plugin(row.plugin), now)
            answer = pb.ReportTaskResponse(task=row)
            still_open = row.name in {t.name for t in done.record.tasks} or not done.events
            tasks = [*changes.tasks, *([row] if still_open else [])]
            observed = _observed(row, request.outcome)
            return replace(changes, tasks=tasks, observed=observed, response=answer.SerializeToString())

        order_account = await self._core.account(task.account)
        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.ReportTask(request.name, request.outcome, epoch=request.epoch),
            actor=f"plugin:{task.plugin}",
            causation=request.name,
            accounts=[order_account],
            finish=finish,
            target=Target.of(task.target_subject),
        )
        return parse_response(pb.ReportTaskResponse, committed)

    async def _report_reading(self, tenant: str, task: Task, request: pb.ReportTaskRequest) -> pb.ReportTaskResponse:
        """What was read of an account. A stale report tells nothing: a later one reads it again."""
        held = rows.holds(task, request.epoch)
        settle = await self._drifts.read(task, request.outcome) if held else None

        def plan(loaded: Loaded) -> Changes:
            row = loaded.tasks.get(request.name)
            if row is None or settle is None or not rows.holds(row, request.epoch):
                return Changes(response=pb.ReportTaskResponse(task=row or task, stale=True).SerializeToString())
            settled, drifts = settle(row)
            return Changes(
                tasks=[settled], drifts=drifts, response=pb.ReportTaskResponse(task=settled).SerializeToString()
            )

        committed = await self._execute(tenant, "", request.name, plan)
        return parse_response(pb.ReportTaskResponse, committed)

    async def get_task(self, caller: Caller, request: pb.GetTaskRequest) -> Task:
        """The task's row."""
        return (await self._locate(caller, request.name))[2]

    async def list_tasks(self, caller: Caller, request: pb.ListTasksRequest) -> pb.ListTasksResponse:
        """A page of tasks, in order of creation."""
        tenant = caller.parent(request.parent)
        filters.check_values(request.kinds, task_pb2.TaskKind.DESCRIPTOR, "kinds")
        filters.check_values(request.states, task_pb2.Task.State.DESCRIPTOR, "states")
        tasks = await self._core.store.list_tasks(
            tenant,
            kinds=list(request.kinds),
            states=list(request.states),
            order=await filters.order_id(self._core, caller, request.order),
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(tasks), names.last(tasks[-1].name) if tasks else "")
        visible = [task for task in tasks if await sees(self._core, caller, task)]
        return pb.ListTasksResponse(tasks=visible, next_page_token=token)

    async def retry_task(self, caller: Caller, request: pb.RetryTaskRequest) -> Task:
        """Makes an open task due at once. One that settles after an unknown outcome goes on settling."""
        tenant, subject_id, _ = await self._locate(caller, request.name)
        key = self._core.request_key(caller, tenant, "RetryTask", request)
        now, guard = self._core.clock.now(), customer_guard(caller)

        def plan(loaded: Loaded) -> Changes:
            if subject_id:
                guard(loaded.record)
            row = loaded.tasks.get(request.name)
            if row is None:
                raise refused(
                    ErrorKind.PRECONDITION,
                    "TASK_CLOSED",
                    "name",
                    "任务已结束",
                    "the task is closed",
                    "请查询其订单，了解结果。 / Get its order to see what became of it.",
                )
            row = rows.expedite(row, now)
            return Changes(tasks=[row], response=row.SerializeToString())

        committed = await self._execute(tenant, subject_id, request.name, plan, key)
        self._core.wake()
        return parse_response(task_pb2.Task, committed)

    async def give_up_task(self, caller: Caller, request: pb.GiveUpTaskRequest) -> Task:
        """Ends a task that has no other end."""
        tenant, subject_id, task = await self._locate(caller, request.name)
        if not subject_id:
            await self._execute(tenant, "", request.name, self._given_up(request.name))
            return (await self._locate(caller, request.name))[2]
        await self._core.run(
            tenant,
            subject_id,
            cmd.GiveUpTask(request.name, request.reason),
            actor=caller.actor,
            request=self._core.request_key(caller, tenant, "GiveUpTask", request),
            finish=lambda _done, _loaded, changes: replace(changes, response=task.SerializeToString()),
            guard=customer_guard(caller),
            target=Target.of(task.target_subject),
        )
        return (await self._locate(caller, request.name))[2]

    def _given_up(self, name: str) -> Plan:
        now = self._core.clock.now()

        def plan(loaded: Loaded) -> Changes:
            row = loaded.tasks.get(name)
            return Changes(tasks=[rows.ended(row, now, "GIVEN_UP")] if row is not None else [])

        return plan

    async def hint(self, tenant: str, account: str, number: str) -> bool:
        """A vendor hinted that its order ``number`` moved: the order's query is due at once."""
        found = await self._core.store.subject_of_provider_order(tenant, account, number)
        if found is None:
            return False
        subject_id, order_id = found
        order, now = names.order_name(tenant, order_id), self._core.clock.now()

        def plan(loaded: Loaded) -> Changes:
            due = [
                rows.expedite(row, now)
                for row in loaded.tasks.values()
                if row.order == order and row.kind == task_pb2.TASK_KIND_QUERY
            ]
            return Changes(tasks=due)

        await self._core.store.execute(Unit(tenant, subject_id, plan))
        self._core.wake()
        return True

    async def _locate(self, caller: Caller, name: str) -> tuple[str, str, Task]:
        tenant, task_id = caller.parse(name, _TASK)
        subject_id = await self._core.store.subject_of_task(tenant, task_id)
        task = await self._core.store.task(tenant, task_id)
        if subject_id is None or task is None or not await sees(self._core, caller, task):
            raise not_found("name", "任务", "task")
        return tenant, subject_id, task


def _another_is_claimed(row: Task, tasks: Mapping[str, Task], now: datetime) -> bool:
    """Whether an effectful call of the same subject is in somebody's hands: they are made one at a time."""
    others = (t for t in tasks.values() if t.name != row.name and t.kind in EFFECTFUL)
    return row.kind in EFFECTFUL and any(
        t.state == task_pb2.Task.STATE_CLAIMED and not rows.has_lapsed(t, now) for t in others
    )


def _observed(row: Task, outcome: task_pb2.TaskOutcome) -> dict[str, str]:
    if outcome.HasField("observed"):
        return {names.last(row.name): "OBSERVED"}
    shown = short(outcome.status.provider_status) if outcome.HasField("status") else ""
    return {names.last(row.order): shown} if shown else {}


def _lease(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, _LONGEST_LEASE) if seconds > 0 else _DEFAULT_LEASE)


def _stale() -> Exception:
    return refused(
        ErrorKind.ABORTED,
        "STALE_EPOCH",
        "epoch",
        "任务已被他人领取",
        "the claim is no longer the current one",
        "请停止处理该任务，并重新领取。 / Do nothing more for the task, and claim anew.",
    )

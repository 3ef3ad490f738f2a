"""A claimed task in this process's hands."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential, wait_random

from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment, TaskKind, TaskOutcome
from beianhub_core.application import Application, engine_caller
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_engine import metrics

_SHORTEST_REPORTING = 5.0  # seconds; a lapsed claim that nobody took over still takes its outcome
_log = structlog.get_logger()


class Claim:
    """Knows until when a byte may leave, pins the request, extends the lease, and reports."""

    def __init__(self, app: Application, assignment: TaskAssignment, lease: float, margin: float) -> None:
        self.assignment = assignment
        self.task = assignment.task
        self._app = app
        self._lease = lease
        self._margin = timedelta(seconds=margin)
        self._dropped = False

    @property
    def seconds_left(self) -> float:
        """Until no byte may leave any more; the margin is for clocks that differ and writes under way."""
        if self._dropped:
            return 0.0
        left: timedelta = self._expires - self._margin - self._app.core.clock.now()
        return left.total_seconds()

    @property
    def _expires(self) -> datetime:
        return self.task.lease_expire_time.ToDatetime(UTC)

    def may_send(self) -> bool:
        """Whether the lease still holds; asked in a plugin's thread just before it writes."""
        return self.seconds_left > 0

    def drop(self) -> None:
        """From now on nothing of it may leave: its outcome will not be reported."""
        self._dropped = True

    async def pin(self, body: bytes) -> None:
        """Commits the intent with the body, so that every later attempt sends the same.

        Raises:
            BeianhubError: ABORTED, the claim is another's by now.
        """
        await self._extend(body)
        self.assignment.request = body

    async def keep(self) -> None:
        """Extends the lease at each half of it, until cancelled, or until the claim is another's."""
        while True:
            await asyncio.sleep(self._lease / 2)
            try:
                await self._extend(b"")
            except BeianhubError as error:
                _log.warning("lease_not_extended", task=self.task.name, reason=error.reason)
                if error.kind is not ErrorKind.UNAVAILABLE:
                    return

    async def _extend(self, body: bytes) -> None:
        request = pb.ExtendLeaseRequest(
            name=self.task.name, epoch=self.task.epoch, lease_seconds=self._lease, request=body
        )
        row = await self._app.tasks.extend_lease(engine_caller(), request)
        self.task.lease_expire_time.CopyFrom(row.lease_expire_time)

    async def report(self, outcome: TaskOutcome) -> None:
        """Hands the outcome over, again while the store is away; a claim that is another's by now is left to him."""
        kind = outcome.WhichOneof("outcome") or ""
        request = pb.ReportTaskRequest(name=self.task.name, epoch=self.task.epoch, outcome=outcome)
        patience = max(self.seconds_left, _SHORTEST_REPORTING)
        try:
            answer = await self._persist(request, patience)
        except BeianhubError as error:
            _log.error("outcome_not_reported", task=self.task.name, outcome=kind, reason=error.reason)
            return
        metrics.TASKS.labels(TaskKind.Name(self.task.kind).removeprefix("TASK_KIND_"), kind).inc()
        if answer.stale:
            metrics.STALE_REPORTS.inc()
            _log.warning("outcome_stale", task=self.task.name, outcome=kind, epoch=self.task.epoch)

    async def _persist(self, request: pb.ReportTaskRequest, patience: float) -> pb.ReportTaskResponse:
        attempts = AsyncRetrying(
            retry=retry_if_exception(_is_away),
            wait=wait_exponential(multiplier=0.1, max=2.0) + wait_random(0, 0.1),
            stop=stop_after_delay(patience),
            reraise=True,
        )
        return await attempts(self._app.tasks.report_task, engine_caller(), request)


def _is_away(error: BaseException) -> bool:
    return isinstance(error, BeianhubError) and error.kind is ErrorKind.UNAVAILABLE

"""SubjectService.ListDeadlines: what is due across the portfolio, and counting again what was provisional."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub_core import names
from beianhub_core.application import paging
from beianhub_core.application.core import not_found
from beianhub_core.domain import commands as cmd

if TYPE_CHECKING:
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Core
    from beianhub_core.store.port import DeadlineRow

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PAGE: Final = 200


class Deadlines:
    """Answers ListDeadlines; the scheduler calls :meth:`recount`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list_deadlines(self, caller: Caller, request: pb.ListDeadlinesRequest) -> pb.ListDeadlinesResponse:
        """A page of deadlines by time. A subject that is not there, or is not the caller's to see, is refused."""
        tenant = caller.parent(request.parent)
        subject = await self._subject(caller, request.subject) if request.subject else ""
        rows = await self._core.store.list_deadlines(
            tenant,
            customer=caller.limited_to(request.customer, "customer"),
            subject=subject,
            before=request.before.ToDatetime(UTC) if request.HasField("before") else None,
            after=_place(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(rows), _mark(rows[-1]) if rows else "")
        return pb.ListDeadlinesResponse(deadlines=[_listed(tenant, row) for row in rows], next_page_token=token)

    async def _subject(self, caller: Caller, name: str) -> str:
        tenant, subject_id = caller.parse(name, "tenants/{}/subjects/{}", "subject")
        record = await self._core.store.record(tenant, subject_id)
        if record is None or (caller.customer and record.subject.customer != caller.customer):
            raise not_found("subject", "主体", "subject")
        return subject_id

    async def recount(self) -> int:
        """Counts every deadline again that is provisional by another version of the calendar; of how many subjects."""
        counted = 0
        version = self._core.calendar.version
        while outdated := await self._core.store.outdated_deadlines(version, _PAGE):
            await asyncio.gather(*(self._recount(tenant, subject) for tenant, subject in outdated))
            counted += len(outdated)
        return counted

    async def _recount(self, tenant: str, subject: str) -> None:
        await self._core.run(tenant, subject, cmd.RecountDeadlines(), actor="scheduler", causation="calendar")


def _listed(tenant: str, row: DeadlineRow) -> pb.ListedDeadline:
    order_id = row.key.partition("/")[0]
    return pb.ListedDeadline(
        subject=names.subject_name(tenant, row.subject),
        order=names.order_name(tenant, order_id) if order_id else "",
        deadline=row.deadline,
    )


def _mark(row: DeadlineRow) -> str:
    """The row's place in the listing; neither a time nor a subject's id has a blank."""
    return f"{(row.time - _EPOCH) // _MICROSECOND} {row.subject} {row.key}"


def _place(request: pb.ListDeadlinesRequest) -> tuple[datetime, str, str] | None:
    mark = paging.after(request)
    if not mark:
        return None
    try:
        time, subject, key = mark.split(" ", 2)
        return _EPOCH + int(time) * _MICROSECOND, subject, key
    except (ValueError, OverflowError):
        raise paging.mismatch() from None

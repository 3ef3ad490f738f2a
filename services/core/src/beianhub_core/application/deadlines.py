"""SubjectService's part about deadlines: what is due across the portfolio, what is done, what is counted again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import DEADLINE_STATE_DONE, Deadline, Subject
from beianhub_core import names
from beianhub_core.application import filters, paging
from beianhub_core.application.core import customer_guard, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.deadlines import name_of
from beianhub_core.domain.draft import rejected
from beianhub_core.domain.scrub import looks_personal, short
from beianhub_core.errors import ErrorKind

if TYPE_CHECKING:
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Core
    from beianhub_core.domain.draft import Draft
    from beianhub_core.store.port import Changes, DeadlineRow, Loaded

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PAGE: Final = 200


class Deadlines:
    """Answers ListDeadlines and CompleteDeadline; the scheduler calls :meth:`recount`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list_deadlines(self, caller: Caller, request: pb.ListDeadlinesRequest) -> pb.ListDeadlinesResponse:
        """A page of deadlines by time. A subject that is not there, or is not the caller's to see, is refused."""
        tenant = caller.parent(request.parent)
        subject = await filters.subject_id(self._core, caller, request.subject)
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

    async def complete_deadline(self, caller: Caller, request: pb.CompleteDeadlineRequest) -> pb.ListedDeadline:
        """Says that what a subject's own deadline asks for was done; it is in the answer as it then is."""
        tenant, subject_id, _ = caller.parse(request.name, "tenants/{}/subjects/{}/deadlines/{}", "name")
        if short(request.note) != request.note:
            raise rejected([looks_personal("note")], ErrorKind.INVALID)

        def finish(_done: Draft, loaded: Loaded, changes: Changes) -> Changes:
            return replace(changes, response=_completed(request.name, loaded).SerializeToString())

        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.CompleteDeadline(request.name, request.note),
            actor=caller.actor,
            request=self._core.request_key(caller, tenant, "CompleteDeadline", request),
            finish=finish,
            guard=customer_guard(caller),
        )
        return parse_response(pb.ListedDeadline, committed)

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
    order_id, subject = row.key.partition("/")[0], names.subject_name(tenant, row.subject)
    return pb.ListedDeadline(
        subject=subject,
        order=names.order_name(tenant, order_id) if order_id else "",
        deadline=row.deadline,
        name="" if order_id else name_of(subject, row.deadline),
    )


def _completed(name: str, loaded: Loaded) -> pb.ListedDeadline:
    """The deadline of the record before, as the decision leaves it; that of a notice is gone after it."""
    subject = loaded.record.subject if loaded.record is not None else Subject()
    found = next((d for d in subject.deadlines if name_of(subject.name, d) == name), Deadline())
    listed = pb.ListedDeadline(name=name, subject=subject.name, deadline=found)
    listed.deadline.state = DEADLINE_STATE_DONE
    return listed


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

"""SubjectService: subjects, their services, their history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core import names
from beianhub_core.application import paging, sealing
from beianhub_core.application.core import Core, customer_guard, not_found, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Changes, Loaded

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Finish
    from beianhub_core.store.port import RequestKey

_SUBJECT = "tenants/{}/subjects/{}"


class Subjects:
    """Answers SubjectService."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def create_subject(self, caller: Caller, request: pb.CreateSubjectRequest) -> Subject:
        """Checks every field, seals the values, and creates the subject."""
        tenant = caller.parent(request.parent)
        key = self._core.request_key(caller, tenant, "CreateSubject", request)
        return await self._create(caller, tenant, request.subject_id, request.subject, key)

    async def _create(
        self, caller: Caller, tenant: str, subject_id: str, given: Subject, key: RequestKey | None
    ) -> Subject:
        subject_id = subject_id or self._core.ids.new()
        names.parse(names.subject_name(tenant, subject_id), _SUBJECT, "subject_id")
        plain = Subject()
        plain.CopyFrom(given)
        plain.name = names.subject_name(tenant, subject_id)
        plain.customer = self._customer(caller, given.customer)
        self._name_services(plain)
        sealed = await sealing.seal(self._core, tenant, plain)
        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.CreateSubject(sealed.masked),
            actor=caller.actor,
            request=key,
            finish=_with_vault(sealed),
        )
        return parse_response(Subject, committed)

    def _name_services(self, subject: Subject) -> None:
        """A service keeps the id that the caller chose for it, and gets one otherwise."""
        for index, service in enumerate(subject.services):
            service_id = names.last(service.name) or self._core.ids.new()
            service.name = names.child(subject.name, "services", service_id)
            names.parse(service.name, f"{_SUBJECT}/services/{{}}", f"subject.services[{index}].name")

    def _customer(self, caller: Caller, wanted: str) -> str:
        if caller.customer and wanted not in ("", caller.customer):
            raise refused(
                ErrorKind.PERMISSION,
                "FOREIGN_CUSTOMER",
                "subject.customer",
                "该 API 密钥只限于另一客户",
                "the API key is limited to another customer",
                "Leave the field empty, or use a key of the tenant.",
            )
        return wanted or caller.customer

    async def get_subject(self, caller: Caller, request: pb.GetSubjectRequest) -> Subject:
        """The unified record, with masks."""
        return (await self.record(caller, request.name, "name")).subject

    async def record(self, caller: Caller, name: str, path: str) -> Record:
        """The whole record of a subject that the caller may see. Raises NOT_FOUND."""
        tenant, subject_id = caller.parse(name, _SUBJECT, path)
        record = await self._core.store.record(tenant, subject_id)
        if record is None or (caller.customer and record.subject.customer != caller.customer):
            raise not_found(path, "主体", "subject")
        return record

    async def list_subjects(self, caller: Caller, request: pb.ListSubjectsRequest) -> pb.ListSubjectsResponse:
        """A page of subjects, in order of creation."""
        tenant = caller.parent(request.parent)
        subjects = await self._core.store.list_subjects(
            tenant,
            customer=self._customer(caller, request.customer),
            domain=request.domain,
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(subjects), names.last(subjects[-1].name) if subjects else "")
        return pb.ListSubjectsResponse(subjects=subjects, next_page_token=token)

    async def update_subject(self, caller: Caller, request: pb.UpdateSubjectRequest) -> Subject:
        """Merges the fields of the mask into the values, checks the whole, and seals it anew."""
        tenant, subject_id = caller.parse(request.subject.name, _SUBJECT, "subject.name")
        key = self._core.request_key(caller, tenant, "UpdateSubject", request)
        record = await self.record(caller, request.subject.name, "subject.name")
        plain = await sealing.unseal(self._core, tenant, record.subject)
        etag = request.subject.etag or record.subject.etag
        sealing.merge(plain, request.subject, list(request.update_mask.paths))
        plain.customer = self._customer(caller, plain.customer)
        self._name_services(plain)
        sealed = await sealing.seal(self._core, tenant, plain)
        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.UpdateSubject(sealed.masked, tuple(request.update_mask.paths), etag),
            actor=caller.actor,
            request=key,
            finish=_with_vault(sealed),
            guard=customer_guard(caller),
        )
        return parse_response(Subject, committed)

    async def import_subjects(self, caller: Caller, request: pb.ImportSubjectsRequest) -> pb.ImportSubjectsResponse:
        """Creates each row's subject on its own; a row that is there already with the same content is unchanged."""
        tenant = caller.parent(request.parent)
        results = await asyncio.gather(*(self._import(caller, tenant, row) for row in request.rows))
        return pb.ImportSubjectsResponse(results=results)

    async def _import(self, caller: Caller, tenant: str, row: pb.ImportRow) -> pb.ImportResult:
        try:
            subject = await self._create(caller, tenant, row.subject_id, row.subject, None)
        except BeianhubError as error:
            if error.kind is ErrorKind.ALREADY_EXISTS and row.subject_id:
                return await self._compare(caller, tenant, row, error)
            return pb.ImportResult(key=row.key, findings=error.findings)
        return pb.ImportResult(key=row.key, subject=subject)

    async def _compare(self, caller: Caller, tenant: str, row: pb.ImportRow, error: BeianhubError) -> pb.ImportResult:
        record = await self._core.store.record(tenant, row.subject_id)
        if record is None or (caller.customer and record.subject.customer != caller.customer):
            return pb.ImportResult(key=row.key, findings=error.findings)
        plain = await sealing.unseal(self._core, tenant, record.subject)
        if not sealing.same_content(plain, row.subject):
            return pb.ImportResult(key=row.key, findings=error.findings)
        return pb.ImportResult(key=row.key, subject=record.subject, unchanged=True)

    async def list_events(self, caller: Caller, request: pb.ListEventsRequest) -> pb.ListEventsResponse:
        """A page of a subject's history, oldest first."""
        await self.record(caller, request.parent, "parent")
        tenant, subject_id = caller.parse(request.parent, _SUBJECT, "parent")
        events = await self._core.store.list_events(
            tenant,
            subject_id,
            after_version=int(paging.after(request) or 0),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(events), str(events[-1].version) if events else "")
        return pb.ListEventsResponse(events=events, next_page_token=token)


def _with_vault(sealed: sealing.Sealed) -> Finish:
    def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
        return Changes(
            record=changes.record,
            events=changes.events,
            tasks=changes.tasks,
            vault=[sealed.entry],
            certificate=sealed.certificate,
            response=done.record.subject.SerializeToString(),
        )

    return finish

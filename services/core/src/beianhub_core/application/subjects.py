"""SubjectService: subjects, their services, their history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import DomainRegistration, Subject
from beianhub_core import names
from beianhub_core.application import differing, filters, paging, sealing
from beianhub_core.application.core import Core, customer_guard, hiding_owners, is_visible, not_found, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.domain.subjects import etag_mismatch
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.rules import registrations
from beianhub_core.rules.completing import complete, completed
from beianhub_core.rules.normalise import normalise_subject

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.drift_pb2 import Difference
    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_core.application.caller import Caller
    from beianhub_core.store.port import RequestKey

_SUBJECT: Final = "tenants/{}/subjects/{}"
_MOST_ROWS: Final = 1000  # of an import; their answers fit into a message of gRPC's default size
_TRIES: Final = 4  # of an update that others come before, until the last


@dataclass(frozen=True, slots=True)
class _Row:
    """A row to import, by whom, and how; without a ``key`` it is not repeatable."""

    caller: Caller
    tenant: str
    given: pb.ImportRow
    key: RequestKey | None
    update: bool
    validate_only: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    """A change of the subject ``name``, which the request has at ``at``: what it does to the values, and which fields.
    ``etag`` is the version meant, "" for any.
    """

    name: str
    at: str
    paths: tuple[str, ...]
    key: RequestKey | None
    apply: Callable[[Subject], None]
    etag: str = ""


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
        self,
        caller: Caller,
        tenant: str,
        subject_id: str,
        given: Subject,
        key: RequestKey | None,
        *,
        validate_only: bool = False,
    ) -> Subject:
        subject_id = subject_id or self._core.ids.new()
        names.parse(names.subject_name(tenant, subject_id), _SUBJECT, "subject_id")
        plain = Subject()
        plain.CopyFrom(given)
        plain.name = names.subject_name(tenant, subject_id)
        plain.customer = caller.limited_to(given.customer, "subject.customer")
        self._name_services(plain)
        sealed = await self._sealed(tenant, plain, validate_only=validate_only)
        async with hiding_owners(self._core, caller, tenant):
            committed = await self._core.run(
                tenant,
                subject_id,
                cmd.CreateSubject(sealed.masked),
                actor=caller.actor,
                request=key,
                finish=sealing.with_vault(sealed),
                validate_only=validate_only,
            )
        return parse_response(Subject, committed)

    async def _sealed(self, tenant: str, plain: Subject, *, validate_only: bool) -> sealing.Sealed:
        if validate_only:
            return sealing.preview(self._core, tenant, plain)
        return await sealing.seal(self._core, tenant, plain)

    def _name_services(self, subject: Subject) -> None:
        """A service keeps the id that the caller chose for it, and gets one otherwise."""
        taken: set[str] = set()
        for index, service in enumerate(subject.services):
            service_id = names.last(service.name) or self._core.ids.new()
            service.name = names.child(subject.name, "services", service_id)
            names.parse(service.name, f"{_SUBJECT}/services/{{}}", f"subject.services[{index}].name")
            if service.name in taken:
                raise refused(
                    ErrorKind.INVALID,
                    "SERVICE_NAME_TWICE",
                    f"subject.services[{index}].name",
                    "服务名称重复",
                    "two services have the same name",
                    "请另选编号，或将名称留空。 / Choose another id, or leave the name empty.",
                )
            taken.add(service.name)

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
            customer=caller.limited_to(request.customer, "customer"),
            domain=filters.domain(request.domain),
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(subjects), names.last(subjects[-1].name) if subjects else "")
        return pb.ListSubjectsResponse(subjects=subjects, next_page_token=token)

    async def update_subject(self, caller: Caller, request: pb.UpdateSubjectRequest) -> Subject:
        """Merges the fields of the mask into the values, checks the whole, and seals it anew."""
        tenant, _ = caller.parse(request.subject.name, _SUBJECT, "subject.name")
        paths = tuple(request.update_mask.paths)
        edit = _Edit(
            name=request.subject.name,
            at="subject.name",
            paths=paths,
            key=self._core.request_key(caller, tenant, "UpdateSubject", request),
            apply=lambda plain: sealing.merge(plain, request.subject, paths),
            etag=request.subject.etag,
        )
        return await self._edited(caller, edit)

    async def report_registration(self, caller: Caller, request: pb.ReportRegistrationRequest) -> DomainRegistration:
        """Puts what is known of a domain's registration on the record, whatever else is there."""
        tenant, subject_id, _ = caller.parse(request.parent, f"{_SUBJECT}/services/{{}}", "parent")
        given = registrations.readable(request.registration)

        def apply(plain: Subject) -> None:
            service = next((one for one in plain.services if one.name == request.parent), None)
            if service is None:
                raise not_found("parent", "服务", "service")
            found = registrations.check_one(service, given, "registration")
            if found:
                raise rejected(found, ErrorKind.INVALID)
            differing.put_registrations(service, [given])

        edit = _Edit(
            name=names.subject_name(tenant, subject_id),
            at="parent",
            paths=("services",),
            key=self._core.request_key(caller, tenant, "ReportRegistration", request),
            apply=apply,
        )
        subject = await self._edited(caller, edit)
        known = (
            each for service in subject.services if service.name == request.parent for each in service.registrations
        )
        return next((each for each in known if each.domain == given.domain), given)

    async def _edited(self, caller: Caller, edit: _Edit) -> Subject:
        """The subject after the edit; one that others came before is made again, unless it names its version."""
        tenant, subject_id = caller.parse(edit.name, _SUBJECT, edit.at)
        for _ in range(_TRIES):
            try:
                return await self._edit(caller, tenant, subject_id, edit)
            except BeianhubError as error:
                replayed = await self._core.replayed(tenant, subject_id, edit.key)
                if replayed is not None:
                    return parse_response(Subject, replayed)
                if edit.etag or error.kind is not ErrorKind.ABORTED:
                    raise
        return await self._edit(caller, tenant, subject_id, edit)

    async def _edit(self, caller: Caller, tenant: str, subject_id: str, edit: _Edit) -> Subject:
        """The version that is read is the version that is replaced, whether or not the caller named one."""
        record = await self.record(caller, edit.name, edit.at)
        etag = record.subject.etag
        if edit.etag not in ("", etag):
            raise etag_mismatch()
        plain = await sealing.unseal(self._core, tenant, record.subject)
        edit.apply(plain)
        plain.customer = caller.limited_to(plain.customer, "subject.customer")
        self._name_services(plain)
        sealed = await sealing.seal(self._core, tenant, plain)
        async with hiding_owners(self._core, caller, tenant):
            committed = await self._core.run(
                tenant,
                subject_id,
                cmd.UpdateSubject(sealed.masked, edit.paths, etag),
                actor=caller.actor,
                request=edit.key,
                finish=sealing.with_vault(sealed, record.subject.vault_ref),
                guard=customer_guard(caller),
            )
        return parse_response(Subject, committed)

    async def import_subjects(self, caller: Caller, request: pb.ImportSubjectsRequest) -> pb.ImportSubjectsResponse:
        """Creates each row's subject on its own. A row whose subject is there is unchanged, or says how it differs; it
        is taken over where the request asks for it.
        """
        tenant = caller.parent(request.parent)
        if len(request.rows) > _MOST_ROWS:
            raise refused(
                ErrorKind.INVALID,
                "BATCH_TOO_LARGE",
                "rows",
                f"一次最多导入 {_MOST_ROWS} 行",
                f"an import has at most {_MOST_ROWS} rows",
                "请分批发送。 / Send several batches.",
            )
        # Copied once: one copy of all rows for each row would hold up every other call.
        common = pb.ImportSubjectsRequest(
            parent=request.parent,
            request_id=request.request_id,
            validate_only=request.validate_only,
            update=request.update,
        )
        rows = [
            _Row(
                caller,
                tenant,
                row,
                self._row_key(caller, tenant, common, row, index),
                update=request.update,
                validate_only=request.validate_only,
            )
            for index, row in enumerate(request.rows)
        ]
        return pb.ImportSubjectsResponse(results=await asyncio.gather(*(self._import(row) for row in rows)))

    def _row_key(
        self, caller: Caller, tenant: str, common: pb.ImportSubjectsRequest, row: pb.ImportRow, index: int
    ) -> RequestKey | None:
        """A row's own key: what was imported stays so when the request is repeated, what was not is tried again."""
        if common.validate_only:
            return None
        alone = pb.ImportSubjectsRequest(rows=[row])
        alone.MergeFrom(common)
        key = self._core.request_key(caller, tenant, "ImportSubjects", alone)
        return replace(key, request_id=f"{key.request_id}/{index}") if key else None

    async def _import(self, row: _Row) -> pb.ImportResult:
        """A row of a subject that is there may be silent about what a new one has to say."""
        given = row.given
        replayed = await self._core.replayed(row.tenant, given.subject_id, row.key)
        if replayed is not None:
            return pb.ImportResult(key=given.key, subject=parse_response(Subject, replayed))
        known = await self._known(row)
        if known is not None:
            return await self._compared(row, known)
        try:
            new = completed(given.subject)
            subject = await self._create(
                row.caller, row.tenant, given.subject_id, new, row.key, validate_only=row.validate_only
            )
            return pb.ImportResult(key=given.key, subject=subject)
        except BeianhubError as error:
            failed = error
        known = await self._known(row) if failed.kind is ErrorKind.ALREADY_EXISTS else None  # made meanwhile
        if known is not None:
            return await self._compared(row, known)
        return pb.ImportResult(key=given.key, findings=failed.findings)

    async def _known(self, row: _Row) -> Subject | None:
        """The row's subject as it is there, if the caller may see it."""
        record = await self._core.store.record(row.tenant, row.given.subject_id) if row.given.subject_id else None
        return record.subject if record is not None and is_visible(row.caller, record) else None

    async def _compared(self, row: _Row, known: Subject) -> pb.ImportResult:
        """What becomes of a row whose subject is ``known``."""
        result = pb.ImportResult(key=row.given.key)
        try:
            plain = await sealing.recorded(self._core, row.tenant, known)
            wanted = Subject()
            wanted.CopyFrom(row.given.subject)
            result.differences.extend(differing.between(plain, normalise_subject(wanted)))
            if result.differences and not row.update:
                result.findings.extend(_differs(difference) for difference in result.differences)
                return result
            result.unchanged = not result.differences
            differing.overlay(plain, wanted)
            complete(plain)
            paths = tuple(difference.path for difference in result.differences)
            result.subject.CopyFrom(await self._take_over(row, known, plain, paths) if paths else known)
        except BeianhubError as error:
            result.findings.extend(error.findings)
        return result

    async def _take_over(self, row: _Row, known: Subject, plain: Subject, paths: tuple[str, ...]) -> Subject:
        """The ``known`` subject as the row has it, with what was filed."""
        plain.customer = row.caller.limited_to(plain.customer, "subject.customer")
        self._name_services(plain)
        sealed = await self._sealed(row.tenant, plain, validate_only=row.validate_only)
        async with hiding_owners(self._core, row.caller, row.tenant):
            committed = await self._core.run(
                row.tenant,
                names.last(known.name),
                cmd.UpdateSubject(sealed.masked, paths, known.etag, as_filed=True),
                actor=row.caller.actor,
                request=row.key,
                finish=sealing.with_vault(sealed, known.vault_ref),
                guard=customer_guard(row.caller),
                validate_only=row.validate_only,
            )
        return parse_response(Subject, committed)

    async def list_events(self, caller: Caller, request: pb.ListEventsRequest) -> pb.ListEventsResponse:
        """A page of a subject's history, oldest first."""
        await self.record(caller, request.parent, "parent")
        tenant, subject_id = caller.parse(request.parent, _SUBJECT, "parent")
        events = await self._core.store.list_events(
            tenant,
            subject_id,
            after_version=paging.after_number(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(events), str(events[-1].version) if events else "")
        return pb.ListEventsResponse(events=events, next_page_token=token)


def _differs(difference: Difference) -> Finding:
    return blocker(
        "DIFFERS",
        difference.path,
        f"与现有记录不同：记录为“{difference.ours}”，导入为“{difference.theirs}”",
        f"differs from the record: {difference.ours or 'nothing'} there, {difference.theirs} here",
        (
            "请更正有误的一方；要更新记录，请以更新方式（--update）导入。 / "
            "Correct whichever is wrong; import with update (--update) to take it over into the record."
        ),
    )

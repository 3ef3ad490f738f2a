"""Assignments: a claimed task with all that its plugin needs, and no value more than its manifest asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1.resources_pb2 import VERIFICATION_KIND_MIIT_SMS
from beianhub.resources.v1.task_pb2 import TASK_KIND_PATROL, TaskAssignment
from beianhub_core import names
from beianhub_core.application import sealing
from beianhub_core.application.core import Core, not_found
from beianhub_core.domain.changing import as_changed
from beianhub_core.domain.lookup import find_order, find_service
from beianhub_core.errors import BeianhubError
from beianhub_core.store.port import VaultEntry
from beianhub_core.vault import personal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Document, Order, Subject
    from beianhub.resources.v1.task_pb2 import Task
    from beianhub_core.domain.catalog import Catalog

_TRIES: Final = 2  # when the subject changes between two reads, before the last one


class Assignments:
    """Makes assignments. ``callback_url`` is the gateway's public address, "" when it has none."""

    def __init__(self, core: Core, callback_url: str = "") -> None:
        self._core = core
        self._callback_url = callback_url.rstrip("/")

    async def of(self, task: Task, catalog: Catalog) -> TaskAssignment:
        """The assignment of a claimed task.

        Raises:
            BeianhubError: NOT_FOUND, something that it needs is gone, such as an erased subject's key; UNAVAILABLE.
        """
        for _ in range(_TRIES):
            try:
                return await self._of(task, catalog)
            except BeianhubError as error:
                if error.reason != "SUBJECT_CHANGED":
                    raise
        return await self._of(task, catalog)

    async def _of(self, task: Task, catalog: Catalog) -> TaskAssignment:
        if not task.subject:
            return TaskAssignment(task=task, account=await self._core.account(task.account))
        tenant, subject_id = names.parse(task.subject, "tenants/{}/subjects/{}", "task.subject")
        record = await self._core.store.record(tenant, subject_id)
        if record is None:
            raise not_found("task.subject", "主体", "subject")
        assignment = _masked(task, record)
        if task.target_subject:
            assignment.target.CopyFrom(await self._target(task.target_subject))
        assignment.account.CopyFrom(await self._core.account(task.account))
        assignment.callback_url = self._callback(task)
        assignment.documents.extend(await self._documents(tenant, subject_id, assignment.order.documents))
        plugin = catalog.plugin(task.plugin)
        await self._reveal(assignment, list(plugin.personal_data) if plugin else [])
        if task.request_ref:
            assignment.request = await self.pinned(tenant, subject_id, task.request_ref)
        return assignment

    async def _target(self, name: str) -> Subject:
        """The subject that a migration brings the service to, with masks."""
        tenant, subject_id = names.parse(name, "tenants/{}/subjects/{}", "task.target_subject")
        record = await self._core.store.record(tenant, subject_id)
        if record is None:
            raise not_found("task.target_subject", "主体", "subject")
        return record.subject

    async def pinned(self, tenant: str, subject_id: str, ref: str) -> bytes:
        """A pinned request body. Raises NOT_FOUND: it went with its task."""
        ciphertext = (await self._core.store.vault_entries(tenant, [ref])).get(ref)
        if ciphertext is None:
            raise not_found("name", "请求体", "request body")
        return await self._core.vault.open(tenant, subject_id, VaultEntry(ref, ciphertext))

    async def _documents(self, tenant: str, subject_id: str, wanted: Iterable[str]) -> list[Document]:
        found = [await self._core.store.document(tenant, subject_id, names.last(name)) for name in wanted]
        return [one[0] for one in found if one is not None]

    async def _reveal(self, assignment: TaskAssignment, paths: list[str]) -> None:
        if not paths:
            return
        tenant, _ = names.parse(assignment.subject.name, "tenants/{}/subjects/{}", "subject")
        plain = TaskAssignment(subject=await sealing.unseal(self._core, tenant, assignment.subject))
        if assignment.HasField("target"):
            plain.target.CopyFrom(await sealing.unseal(self._core, tenant, assignment.target))
        service = next((s for s in plain.subject.services if s.name == assignment.service.name), None)
        if service is not None:
            plain.service.CopyFrom(service)
        personal.reveal(assignment, plain, paths)

    def _callback(self, task: Task) -> str:
        if not self._callback_url:
            return ""
        tenant, account = names.parse(task.account, "tenants/{}/accounts/{}", "task.account")
        return f"{self._callback_url}/callbacks/{tenant}/{account}"


def _masked(task: Task, record: Record) -> TaskAssignment:
    if task.kind == TASK_KIND_PATROL:
        return _patrol(task, record)
    order = find_order(record, task.order)
    if order is None:
        raise not_found("task.order", "订单", "order")
    tenant, order_id = names.parse(task.order, "tenants/{}/orders/{}", "task.order")
    subject = _given(task, order, record)
    return TaskAssignment(
        task=task,
        order=order,
        subject=subject,
        service=next((service for service in subject.services if service.name == order.service), None),
        reference=f"{tenant}.{order_id}",
    )


def _patrol(task: Task, record: Record) -> TaskAssignment:
    """A patrol has no order: the service as the record has it."""
    return TaskAssignment(task=task, subject=record.subject, service=find_service(record, task.service))


def _given(task: Task, order: Order, record: Record) -> Subject:
    """The vendor gets a change's new values; MIIT's SMS goes to whom the record names (domain.md 4.1)."""
    asks_record = task.verification == VERIFICATION_KIND_MIIT_SMS
    return record.subject if asks_record or not order.HasField("change") else as_changed(record.subject, order)

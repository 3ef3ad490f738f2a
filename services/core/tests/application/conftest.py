"""The application over a real store (SQLite, and PostgreSQL where a test asks for it) and a real vault."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from beianhub.filing.v1 import admin_service_pb2, order_service_pb2, subject_service_pb2, task_service_pb2
from beianhub.filing.v1.admin_service_pb2 import ROLE_OWNER
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import Plugin, SubmissionGuarantee
from beianhub_core.application import Application, Caller, make_application
from beianhub_core.domain import cancelling
from beianhub_core.errors import BeianhubError
from beianhub_core.store import open_store
from beianhub_core.vault import Keyring, MasterKey, open_vault

PARENT = "tenants/acme"
PERSON = {"full_name": "张三丰", "mobile": "13800000001", "emergency_phone": "010-62345678", "email": "z@example.com"}
ID_NUMBER = "11010519491231002X"
CODES = ("91110000600037341L", "914403001922038216", "91330106673959654P")


def person() -> res.Person:
    """An invented principal."""
    made = res.Person(**PERSON)
    made.certificate.type = res.CERTIFICATE_TYPE_RESIDENT_ID
    made.certificate.number = ID_NUMBER
    return made


def enterprise(number: int = 0, domain: str = "") -> res.Subject:
    """An enterprise with one website, one of three by ``number``."""
    profile = res.SubjectProfile(
        title=f"示例{'甲乙丙'[number]}科技有限公司",
        nature=res.NATURE_ENTERPRISE,
        province="北京",
        city="北京",
        certificate=res.Certificate(type=res.CERTIFICATE_TYPE_USCC, number=CODES[number]),
        address="北京市朝阳区建国路1号",
        principal=person(),
    )
    service = res.Service(
        kind=res.SERVICE_KIND_WEBSITE, title="示例商店官网", domains=[domain or f"shop{number}.com"], principal=person()
    )
    return res.Subject(profile=profile, services=[service])


def provider(
    name: str,
    kind: SubmissionGuarantee.Kind.ValueType = SubmissionGuarantee.KIND_SEARCH,
) -> Plugin:
    """A provider that offers everything over the API, and the submission over the console too."""
    plugin = Plugin(name=f"plugins/{name}", kind=Plugin.KIND_PROVIDER, state=Plugin.STATE_READY)
    plugin.poll_interval_seconds = 60
    plugin.personal_data.extend(["subject.profile.principal.mobile"])
    plugin.guarantee.kind = kind
    plugin.guarantee.token_validity.seconds = 600
    plugin.guarantee.signature_validity.seconds = 60
    plugin.guarantee.visibility_delay.seconds = 30
    for order_type in res.OrderType.values()[1:]:
        for operation in res.Operation.values()[1:]:
            plugin.capabilities.add(operation=operation, order_type=order_type, channel=res.CHANNEL_API)
        plugin.capabilities.add(operation=res.OPERATION_SUBMIT, order_type=order_type, channel=res.CHANNEL_CONSOLE)
    return plugin


@dataclass
class Desk:
    """The application with one tenant, two accounts (``main`` by API, ``hand`` by console), and who calls."""

    app: Application
    clock: Any
    owner: Caller

    def limited(self, customer: str) -> Caller:
        """A caller who may see one customer's subjects."""
        return Caller(tenant="acme", role=ROLE_OWNER, customer=customer, actor="key:limited")

    async def subject(self, number: int = 0, *, customer: str = "", subject_id: str = "", **fields: Any) -> res.Subject:
        given = enterprise(number, **fields)
        given.customer = customer
        request = subject_service_pb2.CreateSubjectRequest(
            parent=PARENT, subject=given, subject_id=subject_id or f"s{number}"
        )
        return await self.app.subjects.create_subject(self.owner, request)

    async def draft(self, subject: res.Subject, *, account: str = "main", order_id: str = "", **fields: Any) -> str:
        order = res.Order(
            subject=subject.name,
            service=subject.services[0].name,
            account=f"{PARENT}/accounts/{account}",
            ips=fields.pop("ips", ["8.8.8.8"]),
            type=fields.pop("type", res.ORDER_TYPE_FIRST_FILING),
            **fields,
        )
        request = order_service_pb2.CreateOrderRequest(parent=PARENT, order=order, order_id=order_id)
        return (await self.app.orders.create_order(self.owner, request)).name

    async def submit(self, name: str) -> res.Order:
        order = await self.order(name)
        record = await self.app.subjects.record(self.owner, order.subject, "name")
        request = order_service_pb2.SubmitOrderRequest(name=name, confirmation=cancelling.confirmation(record, order))
        return await self.app.orders.submit_order(self.owner, request)

    async def submitted(self, subject: res.Subject, **fields: Any) -> str:
        name = await self.draft(subject, **fields)
        await self.submit(name)
        return name

    async def order(self, name: str) -> res.Order:
        return await self.app.orders.get_order(self.owner, order_service_pb2.GetOrderRequest(name=name))

    async def claim(self, *plugins: str, most: int = 10, lease: float = 60.0) -> list[task_pb2.TaskAssignment]:
        request = task_service_pb2.ClaimTasksRequest(
            parent=PARENT, plugins=plugins or ["sim"], max_tasks=most, assignee="host", lease_seconds=lease
        )
        return list((await self.app.tasks.claim_tasks(self.owner, request)).assignments)

    async def pin(self, task: task_pb2.Task, body: bytes = b"{}") -> task_pb2.Task:
        request = task_service_pb2.ExtendLeaseRequest(name=task.name, epoch=task.epoch, lease_seconds=60, request=body)
        return await self.app.tasks.extend_lease(self.owner, request)

    async def report(self, task: task_pb2.Task, **outcome: Any) -> task_service_pb2.ReportTaskResponse:
        request = task_service_pb2.ReportTaskRequest(
            name=task.name, epoch=task.epoch, outcome=task_pb2.TaskOutcome(**outcome)
        )
        return await self.app.tasks.report_task(self.owner, request)

    async def task(self, name: str) -> task_pb2.Task:
        return await self.app.tasks.get_task(self.owner, task_service_pb2.GetTaskRequest(name=name))

    async def accepted(self, subject: res.Subject, number: str = "V-1", **fields: Any) -> str:
        """An order that the vendor has."""
        name = await self.submitted(subject, **fields)
        (assignment,) = [one for one in await self.claim() if one.task.kind == task_pb2.TASK_KIND_SUBMIT]
        await self.pin(assignment.task)
        await self.report(assignment.task, accepted=task_pb2.TaskOutcome.Accepted(provider_order_id=number))
        return name

    async def handed_off(self, subject: res.Subject) -> tuple[str, task_pb2.Task]:
        """An order whose form is prepared, with its task."""
        name = await self.submitted(subject, account="hand")
        (assignment,) = [one for one in await self.claim() if one.order.name == name]
        form = task_pb2.Handoff(title="首次备案", fields=[task_pb2.FormField(key="phone", value=PERSON["mobile"])])
        await self.pin(assignment.task, form.SerializeToString())
        answer = await self.report(assignment.task, prepared=task_pb2.TaskOutcome.Prepared())
        return name, answer.task


def reason(caught: pytest.ExceptionInfo[BeianhubError]) -> str:
    """Why it was refused."""
    return caught.value.reason


@pytest.fixture
def application_store_url(tmp_path: Path) -> str:
    """SQLite; tests of what runs at once ask for ``store_url`` instead."""
    return f"sqlite:///{tmp_path / 'beianhub.db'}"


async def open_desk(url: str, folder: Path, clock: Any) -> AsyncIterator[Desk]:
    """The application over the database at ``url``."""
    store = open_store(url, clock)
    await store.start()
    vault = await open_vault(f"sqlite:///{folder / 'keys.db'}", Keyring(MasterKey(secrets.token_bytes(32))))
    app = make_application(store, vault, clock=clock, callback_url="https://beian.example.com/")
    await app.admin.create_tenant("acme", "示例代理商")
    await app.admin.register_plugins([provider("sim")])
    owner = Caller(tenant="acme", role=ROLE_OWNER, actor="key:owner")
    for account_id, channel in (("main", res.CHANNEL_API), ("hand", res.CHANNEL_CONSOLE)):
        account = res.Account(
            provider="sim", submission_channel=channel, credential="c", endpoint="http://127.0.0.1:9/"
        )
        request = admin_service_pb2.CreateAccountRequest(parent=PARENT, account_id=account_id, account=account)
        await app.admin.create_account(owner, request)
    yield Desk(app, clock, owner)
    await vault.close()
    await store.close()


@pytest.fixture
async def desk(application_store_url: str, tmp_path: Path, clock: Any) -> AsyncIterator[Desk]:
    """The application on SQLite."""
    async for opened in open_desk(application_store_url, tmp_path, clock):
        yield opened


@pytest.fixture
async def both_desks(store_url: str, tmp_path: Path, clock: Any) -> AsyncIterator[Desk]:
    """The application on SQLite and on PostgreSQL."""
    async for opened in open_desk(store_url, tmp_path, clock):
        yield opened

"""A real gateway over a real application on SQLite, real clients over 127.0.0.1, and sample data."""

from __future__ import annotations

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1.access_service_pb2_grpc import AccessServiceStub
from beianhub.filing.v1.admin_service_pb2_grpc import AdminServiceStub
from beianhub.filing.v1.document_service_pb2_grpc import DocumentServiceStub
from beianhub.filing.v1.order_service_pb2_grpc import OrderServiceStub
from beianhub.filing.v1.subject_service_pb2_grpc import SubjectServiceStub
from beianhub.filing.v1.task_service_pb2_grpc import TaskServiceStub
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Capability, Plugin
from beianhub_core.application import Application, make_application, operator_caller
from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Store
from beianhub_core.vault import Keyring, MasterKey, open_vault
from beianhub_gateway.observing import json_logger
from beianhub_gateway.runner import Addresses, serve
from beianhub_gateway.settings import GatewaySettings

QUICK = GatewaySettings(tail_interval=0.01, key_cache=0.0, heartbeat=0.3, drain=0.0, grace=1.0)
TENANT = "tenants/acme"


@dataclass
class Details:
    """An error as a client sees it."""

    code: grpc.StatusCode
    status: Status
    trailing: dict[str, Any]

    def one(self, kind: type[Any]) -> Any:
        """The detail of this type."""
        (found,) = self.all(kind)
        return found

    def all(self, kind: type[Any]) -> list[Any]:
        """The details of this type."""
        found = []
        for packed in self.status.details:
            message = kind()
            if packed.Unpack(message):
                found.append(message)
        return found

    @property
    def reason(self) -> str:
        return str(self.one(error_details_pb2.ErrorInfo).reason)


def details_of(error: grpc.aio.AioRpcError) -> Details:
    return Details(error.code(), rpc_status.from_call(error), dict(error.trailing_metadata() or ()))


async def failure(call: Any) -> Details:
    """How the call fails; a stream is read to its end."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (call if hasattr(call, "__await__") else exhaust(call))
    return details_of(caught.value)


async def exhaust(stream: Any) -> None:
    async for _ in stream:
        pass


class Client:
    """The stubs of one key's holder."""

    def __init__(self, channel: grpc.aio.Channel, secret: str) -> None:
        self.channel = channel
        self.metadata = (("authorization", f"Bearer {secret}"),) if secret else ()
        self.subjects = SubjectServiceStub(channel)
        self.orders = OrderServiceStub(channel)
        self.access = AccessServiceStub(channel)
        self.documents = DocumentServiceStub(channel)
        self.tasks = TaskServiceStub(channel)
        self.admin = AdminServiceStub(channel)

    async def call(self, method: Any, request: Any, **options: Any) -> Any:
        return await method(request, metadata=self.metadata, timeout=options.pop("timeout", 60), **options)

    def stream(self, method: Any, request: Any, **options: Any) -> Any:
        return method(request, metadata=self.metadata, **options)


@dataclass
class Running:
    """A gateway that serves."""

    application: Application
    addresses: Addresses
    stop: asyncio.Event
    log: io.StringIO
    channel: grpc.aio.Channel
    ended: asyncio.Task[None]

    async def client(
        self, role: admin.Role.ValueType = admin.ROLE_OWNER, tenant: str = "acme", customer: str = ""
    ) -> Client:
        """A client with a new key."""
        made = await self.application.admin.make_api_key(tenant, role, customer)
        return Client(self.channel, made.secret)

    def anonymous(self) -> Client:
        return Client(self.channel, "")

    async def publish(self) -> None:
        """Gives the waiting events their positions, as the relay does."""
        store = self.application.store
        lease = await store.acquire_lease("test-relay", "test", 30)
        assert lease is not None
        while await store.assign_positions(lease, 1000):
            pass

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def plugin(name: str) -> Plugin:
    """A provider that offers every order type over the console."""
    made = Plugin(name=f"plugins/{name}", kind=Plugin.KIND_PROVIDER, state=Plugin.STATE_READY, title=name)
    for order_type in res.OrderType.values()[1:]:
        made.capabilities.append(
            Capability(operation=res.OPERATION_SUBMIT, order_type=order_type, channel=res.CHANNEL_CONSOLE)
        )
    return made


def person() -> res.Person:
    certificate = res.Certificate(
        type=res.CERTIFICATE_TYPE_RESIDENT_ID, number="11010519491231002X", address="北京市海淀区中关村大街1号"
    )
    return res.Person(
        full_name="张三丰",
        certificate=certificate,
        mobile="13800000001",
        emergency_phone="13900000002",
        email="zhang@example.com",
    )


def subject(domain: str = "example.com", number: str = "91110000600037341L", customer: str = "") -> res.Subject:
    """An enterprise with one website; its people are invented."""
    website = res.Service(kind=res.SERVICE_KIND_WEBSITE, title="示例商店", domains=[domain], principal=person())
    return res.Subject(
        customer=customer,
        profile=res.SubjectProfile(
            title="示例科技有限公司",
            nature=res.NATURE_ENTERPRISE,
            province="北京",
            city="北京市",
            certificate=res.Certificate(type=res.CERTIFICATE_TYPE_USCC, number=number, address="北京市朝阳区建国路1号"),
            address="北京市朝阳区建国路1号",
            principal=person(),
        ),
        services=[website],
    )


async def make_subject(client: Client, given: res.Subject | None = None, subject_id: str = "s1") -> res.Subject:
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=given or subject(), subject_id=subject_id)
    made: res.Subject = await client.call(client.subjects.CreateSubject, request)
    return made


async def make_order(client: Client, of: res.Subject, order_id: str = "o1", account: str = "main") -> res.Order:
    order = res.Order(
        subject=of.name,
        service=of.services[0].name,
        account=f"{TENANT}/accounts/{account}",
        type=res.ORDER_TYPE_FIRST_FILING,
        ips=["8.130.0.1"],
    )
    request = orders.CreateOrderRequest(parent=TENANT, order=order, order_id=order_id)
    made: res.Order = await client.call(client.orders.CreateOrder, request)
    return made


@asynccontextmanager
async def open_application(
    folder: Path, wrap: Callable[[Store], Store] = lambda store: store
) -> AsyncIterator[Application]:
    store = open_store(f"sqlite:///{folder / 'store.db'}", SystemClock())
    await store.start()
    vault = await open_vault(f"sqlite:///{folder / 'keys.db'}", Keyring(MasterKey(secrets.token_bytes(32))))
    made = make_application(wrap(store), vault)
    for tenant in ("acme", "other"):
        await made.admin.create_tenant(tenant, "")
    await made.admin.register_plugins([plugin("tencent"), plugin("aliyun")])
    account = res.Account(provider="tencent")
    request = admin.CreateAccountRequest(parent=TENANT, account=account, account_id="main")
    await made.admin.create_account(operator_caller("acme", "test"), request)
    try:
        yield made
    finally:
        await vault.close()
        await store.close()


@asynccontextmanager
async def running(application: Application, settings: GatewaySettings = QUICK) -> AsyncIterator[Running]:
    """A gateway over the application; ends with the block."""
    stop, ready, log = asyncio.Event(), asyncio.get_running_loop().create_future(), io.StringIO()
    served = serve(application, settings, stop=stop, ready=ready.set_result, logger=json_logger(log))
    task = asyncio.create_task(served)
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        await task
    async with AsyncExitStack() as stack:
        addresses = ready.result()
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(addresses.grpc))
        try:
            yield Running(application, addresses, stop, log, channel, task)
        finally:
            await channel.close()
            stop.set()
            await task

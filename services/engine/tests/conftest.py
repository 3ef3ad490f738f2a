"""The engine against real parts: a SQLite store, the vault, the sandbox over HTTP, and the installed plugins."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from beianhub.filing.v1 import admin_service_pb2, order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Order, Subject
from beianhub_core import names
from beianhub_core.application import Application, make_application, operator_caller
from beianhub_core.bus.embedded import EmbeddedBus
from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Store
from beianhub_core.vault import Keyring, MasterKey, Vault, open_vault
from beianhub_engine.host import PluginHost
from beianhub_engine.plugins.loader import load_plugins
from beianhub_engine.runner import Engine
from beianhub_engine.settings import EngineSettings, PluginOverrides, PluginSettings
from beianhub_engine.wakes import Wakes
from beianhub_sandbox.app import create_app
from beianhub_sandbox.settings import Settings
from beianhub_sdk import Credential

VENDORS = ("tencent", "aliyun", "huawei")
CALLER = operator_caller("acme", "tester")
SANDBOX = Settings(
    provider_review=0.03,
    submit_delay=0.02,
    sms_auto_delay=0.02,
    sms_window=10.0,
    regulator_review=0.05,
    cancel_review=0.03,
    huawei_visibility_delay=0.15,
    tick=0.01,
)
FAST = EngineSettings(
    holder="test",
    plugins=PluginSettings(
        trusted=VENDORS,
        overrides={
            vendor: PluginOverrides(poll_interval=0.15, signature_validity=0.3, visibility_delay=0.3, call_timeout=1.0)
            for vendor in VENDORS
        },
    ),
    credentials={vendor: Credential(*next(iter(pairs.items()))) for vendor, pairs in SANDBOX.credentials.items()},
    lease=1.6,
    margin=0.2,
    poll=0.1,
    grace=2.0,
    leadership=2.0,
    restart=(0.1, 1.0),
)
_numbers = itertools.count(secrets.randbelow(40_000_000))


def uscc(number: int) -> str:
    """An invented unified social credit code with its check character (GB 32100)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91110108{number:08d}"
    body += _organization_check(body[8:])
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + alphabet[-total % 31]


def _organization_check(body: str) -> str:
    """The check character of an organisation's code (GB 11714)."""
    total = sum(int(c) * weight for c, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return "0123456789X0"[-total % 11]


def resident_id(number: int) -> str:
    """An invented ID number with its check character (GB 11643)."""
    body = f"11010519850101{number % 1000:03d}"
    total = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(body))
    return body + "10X98765432"[total % 11]


@dataclass
class Sandbox:
    """A sandbox that serves HTTP in a thread of its own."""

    http: httpx.Client = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        config = uvicorn.Config(
            create_app(SANDBOX), port=0, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        end = time.monotonic() + 10
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx.Client(base_url=self.url, timeout=5.0)

    def endpoint(self, vendor: str) -> str:
        return f"{self.url}/{vendor}" + ("" if vendor == "huawei" else "/")

    def script(self, domain: str, behaviour: str, **more: Any) -> None:
        reply = self.http.post("/sandbox/scenarios", json={"domain": domain, "behaviour": behaviour, **more})
        assert reply.status_code == 201, reply.text

    def submissions(self, domain: str) -> list[dict[str, Any]]:
        found = self.http.get("/sandbox/submissions").json()["submissions"]
        return [item for item in found if item["domain"] == domain]

    def stop(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    running = Sandbox()
    yield running
    running.stop()


@dataclass
class World:
    """An application with its accounts, and the engines that work for it."""

    app: Application
    sandbox: Sandbox
    wakes: Wakes
    settings: EngineSettings = FAST

    async def subject(self, province: str = "北京") -> Subject:
        """A new company with one website of its own domain."""
        number = next(_numbers)
        person = res.Person(
            full_name="张示例",
            certificate=res.Certificate(type=res.CERTIFICATE_TYPE_RESIDENT_ID, number=resident_id(number)),
            mobile=f"138{number % 10**8:08d}",
            emergency_phone=f"139{number % 10**8:08d}",
            email="zhang@example.com",
        )
        profile = res.SubjectProfile(
            title=f"北京示例{number}科技有限公司",
            nature=res.NATURE_ENTERPRISE,
            province=province,
            city="北京",
            certificate=res.Certificate(
                type=res.CERTIFICATE_TYPE_USCC, number=uscc(number), address="北京市海淀区示例路1号"
            ),
            address="北京市海淀区示例路1号101室",
            principal=person,
        )
        service = res.Service(
            kind=res.SERVICE_KIND_WEBSITE, title=f"示例商店{number}", domains=[f"shop{number}.cn"], principal=person
        )
        request = subject_service_pb2.CreateSubjectRequest(
            parent="tenants/acme", subject=Subject(profile=profile, services=[service])
        )
        return await self.app.subjects.create_subject(CALLER, request)

    async def order(
        self,
        subject: Subject,
        vendor: str,
        kind: res.OrderType.ValueType = res.ORDER_TYPE_FIRST_FILING,
        account: str = "",
    ) -> Order:
        """A draft for the subject's first service."""
        order = Order(
            subject=subject.name,
            type=kind,
            account=f"tenants/acme/accounts/{account or vendor}",
            service=subject.services[0].name,
            ips=["119.29.29.29"],
        )
        request = order_service_pb2.CreateOrderRequest(parent="tenants/acme", order=order)
        return await self.app.orders.create_order(CALLER, request)

    async def submit(self, order: Order) -> Order:
        return await self.app.orders.submit_order(CALLER, order_service_pb2.SubmitOrderRequest(name=order.name))

    async def file(self, vendor: str, account: str = "") -> tuple[Order, str]:
        """Submits a first filing of a new subject; the order and its domain."""
        subject = await self.subject()
        order = await self.order(subject, vendor, account=account)
        return await self.submit(order), subject.services[0].domains[0]

    async def get(self, order: Order) -> Order:
        return await self.app.orders.get_order(CALLER, order_service_pb2.GetOrderRequest(name=order.name))

    async def until(self, order: Order, condition: Callable[[Order], bool], seconds: float = 15.0) -> Order:
        """Waits until the order is so."""
        end = time.monotonic() + seconds
        while True:
            now = await self.get(order)
            if condition(now):
                return now
            if time.monotonic() > end:
                tenant, subject = names.parse(order.subject, "tenants/{}/subjects/{}", "subject")
                rows = await self.app.store.list_tasks(
                    tenant, kinds=[], states=[], order=names.last(order.name), after="", limit=50
                )
                raise AssertionError(f"{now}\n{rows}\n{await self.app.store.record(tenant, subject)}")
            await asyncio.sleep(0.03)

    async def until_state(self, order: Order, state: res.OrderState.ValueType, seconds: float = 15.0) -> Order:
        return await self.until(order, lambda now: now.state == state, seconds)

    @contextlib.asynccontextmanager
    async def engine(
        self, settings: EngineSettings | None = None, roles: Sequence[str] = ("relay", "host", "scheduler")
    ) -> AsyncIterator[Engine]:
        """A whole engine on the embedded bus."""
        stop, ready = asyncio.Event(), asyncio.Event()
        bus = EmbeddedBus(self.app.store)
        engine = Engine(self.app, bus, settings or self.settings, roles=roles, wakes=self.wakes)
        running = asyncio.create_task(engine.run(stop, ready))
        await asyncio.wait([running, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
        try:
            if running.done():
                await running
            yield engine
        finally:
            stop.set()
            await asyncio.wait_for(running, 10)
            await bus.close()

    def host(self, settings: EngineSettings | None = None) -> PluginHost:
        """A host alone, for tests that kill it."""
        chosen = settings or self.settings
        return PluginHost(self.app, load_plugins(chosen.plugins), chosen, self.wakes.event())

    async def accounts(self) -> None:
        for vendor in VENDORS:
            for account, channel in ((vendor, res.CHANNEL_API), (f"{vendor}-console", res.CHANNEL_CONSOLE)):
                request = admin_service_pb2.CreateAccountRequest(
                    parent="tenants/acme",
                    account_id=account,
                    account=res.Account(
                        provider=vendor,
                        endpoint=self.sandbox.endpoint(vendor),
                        credential=vendor,
                        submission_channel=channel,
                    ),
                )
                await self.app.admin.create_account(CALLER, request)


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    opened = await open_vault(f"sqlite:///{tmp_path / 'keys.db'}", Keyring(MasterKey(secrets.token_bytes(32))))
    yield opened
    await opened.close()


@pytest.fixture
async def world(tmp_path: Path, vault: Vault, sandbox: Sandbox) -> AsyncIterator[World]:
    """A tenant with two accounts at each vendor: a partner's, and one for hand-offs."""
    async with opened(f"sqlite:///{tmp_path / 'beianhub.db'}") as store:
        yield await make_world(store, vault, sandbox)


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = open_store(url, SystemClock())
    await store.start()
    yield store
    await store.close()


async def make_world(store: Store, vault: Vault, sandbox: Sandbox) -> World:
    wakes = Wakes()
    app = make_application(store, vault, wake=wakes)
    made = World(app, sandbox, wakes)
    await app.admin.create_tenant("acme", "Acme")
    await app.admin.register_plugins([plugin.description for plugin in load_plugins(FAST.plugins).ready])
    await made.accounts()
    return made


@pytest.fixture(name="replace")
def replace_fixture() -> Callable[..., Any]:
    return replace

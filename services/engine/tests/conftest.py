"""The engine against real parts: a SQLite store, the vault, the sandbox over HTTP, and the installed plugins."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import itertools
import json
import secrets
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from beianhub.filing.v1 import admin_service_pb2, order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Order, Subject
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.application import Application, make_application, operator_caller
from beianhub_core.bus.embedded import EmbeddedBus
from beianhub_core.ports import Clock, SystemClock
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
        end = time.monotonic() + 60
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx.Client(base_url=self.url, timeout=30.0)

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

    async def draft(self, vendor: str, account: str = "") -> tuple[Order, str]:
        """A first filing of a new subject, not submitted yet; the order and its domain."""
        subject = await self.subject()
        return await self.order(subject, vendor, account=account), subject.services[0].domains[0]

    async def file(self, vendor: str, account: str = "") -> tuple[Order, str]:
        """Submits a first filing of a new subject; the order and its domain."""
        order, domain = await self.draft(vendor, account)
        return await self.submit(order), domain

    async def scripted(self, vendor: str, behaviour: str, **more: Any) -> tuple[Order, str]:
        """A first filing that meets with the sandbox's script."""
        order, domain = await self.draft(vendor)
        self.sandbox.script(domain, behaviour, **more)
        return await self.submit(order), domain

    async def get(self, order: Order) -> Order:
        return await self.app.orders.get_order(CALLER, order_service_pb2.GetOrderRequest(name=order.name))

    async def until(self, order: Order, condition: Callable[[Order], bool], seconds: float = 60.0) -> Order:
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

    def slow_polls(self) -> EngineSettings:
        """Settings with which an order is queried once, and then not for a minute, unless somebody hints."""
        overrides = {vendor: replace(own, poll_interval=60.0) for vendor, own in FAST.plugins.overrides.items()}
        return replace(FAST, plugins=replace(FAST.plugins, overrides=overrides))

    def with_token_validity(self, seconds: float) -> EngineSettings:
        overrides = {vendor: replace(own, token_validity=seconds) for vendor, own in FAST.plugins.overrides.items()}
        return replace(FAST, plugins=replace(FAST.plugins, overrides=overrides))

    def without_credentials(self) -> EngineSettings:
        return replace(FAST, credentials={})

    async def tasks(self, order: Order) -> list[Task]:
        """The order's tasks that are open or claimed."""
        states = [Task.STATE_OPEN, Task.STATE_CLAIMED]
        return await self.app.store.list_tasks(
            "acme", kinds=[], states=states, order=names.last(order.name), after="", limit=50
        )

    def answer_sms(self, domain: str) -> None:
        """Does what the principal does on MIIT's page. The subject's numbers come from its domain's."""
        number = int(domain.removeprefix("shop").removesuffix(".cn"))
        mobile, last6 = f"138{number % 10**8:08d}", resident_id(number)[-6:]
        (message,) = self.sandbox.http.get(f"/sandbox/phones/{mobile}/messages").json()["messages"]
        answer = {"mobile": mobile, "code": message["code"], "id_last6": last6}
        assert self.sandbox.http.post("/miit/sms", json=answer).status_code == 200

    def pass_face(self, link: str) -> None:
        """Does what the principal does before the camera."""
        reply = self.sandbox.http.post("/sandbox/face/" + link.rstrip("/").rpartition("/")[2], json={"passed": True})
        assert reply.status_code == 200, reply.text

    async def post_callback(self, vendor: str, number: str, secret: str = "") -> None:
        """Does what the gateway does with a vendor's callback."""
        document = {
            "EventTime": "2026-11-22 18:47:19",
            "Salt": secrets.token_hex(4),
            "IcpOrder": {"IcpOrderId": number},
        }
        body = json.dumps(document).encode()
        stamp = str(int(time.time()))
        key = (secret or FAST.credentials[vendor].access_key_secret).encode()
        headers = {
            "X-Tencent-Timestamp": stamp,
            "X-Tencent-Signature": hmac.new(key, stamp.encode() + b"." + body, "sha256").hexdigest(),
            "X-Tencent-Message-Id": secrets.token_hex(4),
        }
        await self.app.callbacks.receive("acme", vendor, headers, body)

    async def until_no_callbacks(self) -> None:
        while await self.app.callbacks.pending(1):  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.02)

    async def until_state(self, order: Order, state: res.OrderState.ValueType, seconds: float = 60.0) -> Order:
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
            await asyncio.wait_for(running, 60)
            await bus.close()

    def host(self, settings: EngineSettings | None = None) -> PluginHost:
        """A host alone, for tests that kill it."""
        chosen = settings or self.settings
        return PluginHost(self.app, load_plugins(chosen.plugins), chosen, self.wakes.event())

    async def account(self, vendor: str, name: str, channel: res.Channel.ValueType, credential: str = "") -> None:
        account = res.Account(
            provider=vendor,
            endpoint=self.sandbox.endpoint(vendor),
            credential=credential or vendor,
            submission_channel=channel,
        )
        request = admin_service_pb2.CreateAccountRequest(parent="tenants/acme", account_id=name, account=account)
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


class ShiftedClock(SystemClock):
    """The machine's clock, set forward."""

    shift = timedelta()

    def now(self) -> datetime:
        return super().now() + self.shift


@pytest.fixture
def shifted() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
async def shifted_world(tmp_path: Path, vault: Vault, sandbox: Sandbox, shifted: ShiftedClock) -> AsyncIterator[World]:
    """A world whose application lives by the clock ``shifted``."""
    async with opened(f"sqlite:///{tmp_path / 'beianhub.db'}") as store:
        yield await make_world(store, vault, sandbox, shifted)


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = open_store(url, SystemClock())
    await store.start()
    yield store
    await store.close()


async def make_world(store: Store, vault: Vault, sandbox: Sandbox, clock: Clock | None = None) -> World:
    wakes = Wakes()
    app = make_application(store, vault, clock=clock, wake=wakes)
    made = World(app, sandbox, wakes)
    await app.admin.create_tenant("acme", "Acme")
    await app.admin.register_plugins([plugin.description for plugin in load_plugins(FAST.plugins).ready])
    for vendor in VENDORS:
        await made.account(vendor, vendor, res.CHANNEL_API)
        await made.account(vendor, f"{vendor}-console", res.CHANNEL_CONSOLE)
    return made


@pytest.fixture
async def two_worlds(postgresql_url: str, vault: Vault, sandbox: Sandbox) -> AsyncIterator[tuple[World, World]]:
    """Two processes' applications on one PostgreSQL."""
    async with opened(postgresql_url) as first, opened(postgresql_url) as second:
        one = await make_world(first, vault, sandbox)
        wakes = Wakes()
        yield one, World(make_application(second, vault, wake=wakes), sandbox, wakes)


PROVIDER = """
import sys, time
from datetime import timedelta
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import *
from beianhub_sdk.provider import CallbackHint

class Vendor(Provider):
    manifest = ProviderManifest(
        id="{id}", title="Vendor", version="1", guarantee={guarantee},
        capabilities=tuple(
            Capability(op, pb.ORDER_TYPE_FIRST_FILING, pb.CHANNEL_API, ("test",), "2026-01-01")
            for op in (pb.OPERATION_SUBMIT, pb.OPERATION_QUERY)
        ),
        personal_data=("subject.profile.principal.mobile",),
        poll_interval=timedelta(seconds=0.2), call_timeout=timedelta(seconds=0.5), max_concurrency=2, api={api},
    )
    def check(self, assignment): return []
    def prepare(self, assignment): return Form("form", [])
    def render(self, assignment, form): return b"body"
    def submit(self, call): {submit}
    def find_order(self, call): return None
    def query(self, call): return OrderStatus("?")
    def withdraw(self, call): return Accepted("1")
    def start_verification(self, call): return pb.Challenge()
    def parse_callback(self, request, credential): return []
    def query_access(self, call, domain): return AccessStatus(False)

@hookimpl
def {hook}(): return [Vendor]
"""


class Plugins:
    """Distributions made on the spot, in a folder of the import path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, source: str = "", distribution: str = "", more: str = "", **values: str) -> str:
        """A distribution with one plugin of this name, whose module ends with ``more``; its own name is returned."""
        distribution = distribution or f"dist-{name}"
        module = f"{distribution.replace('-', '_')}_module"
        given = {
            "id": name,
            "guarantee": "Guarantee.manual()",
            "api": "PLUGIN_API",
            "submit": 'return Accepted("1")',
            "hook": "beianhub_register_providers",
        }
        (self.folder / f"{module}.py").write_text(
            (source or PROVIDER.format(**(given | values))) + more, encoding="utf-8"
        )
        info = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[beianhub.plugins]\n{name} = {module}\n")
        return distribution

    def found(self) -> list[EntryPoint]:
        points = [p for d in distributions(path=[str(self.folder)]) for p in d.entry_points]
        return [point for point in points if point.group == "beianhub.plugins"]


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugins]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Plugins(folder)
    for name in set(sys.modules) - before:
        if name.startswith("dist_"):
            del sys.modules[name]

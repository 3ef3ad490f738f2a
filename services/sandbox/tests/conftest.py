"""A sandbox over real HTTP, and clients that sign by themselves (not with the code under test)."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import uvicorn

from beianhub_sandbox.app import create_app
from beianhub_sandbox.settings import Settings

FAST = Settings(
    provider_review=0.03,
    submit_delay=0.02,
    sms_auto_delay=0.02,
    sms_window=10.0,
    regulator_review=0.05,
    cancel_review=0.03,
    huawei_visibility_delay=0.15,
    callback_retry_delays=(0.05, 0.05, 0.05),
    tick=0.01,
)
Until = Callable[..., Any]
Start = Callable[..., "Running"]
KEYS = {vendor: next(iter(pairs.items())) for vendor, pairs in FAST.credentials.items()}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Tencent:
    """Signs TC3 as Tencent's documents describe it."""

    http: httpx.Client
    key: str = KEYS["tencent"][0]
    secret: str = KEYS["tencent"][1]
    skew: float = 0.0
    version: str = "2026-01-01"

    def request(self, action: str, form: dict[str, Any]) -> httpx.Request:
        now = int(time.time() + self.skew)
        date = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
        body = json.dumps(form, ensure_ascii=False).encode()
        host = self.http.base_url.netloc.decode()
        canonical = f"POST\n/tencent/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{_sha(body)}"
        scope = f"{date}/ba/tc3_request"
        text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{_sha(canonical.encode())}"
        key = _hmac(_hmac(_hmac(("TC3" + self.secret).encode(), date), "ba"), "tc3_request")
        headers = {
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": self.version,
            "X-TC-Timestamp": str(now),
            "Authorization": f"TC3-HMAC-SHA256 Credential={self.key}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={_hmac(key, text).hex()}",
        }
        return self.http.build_request("POST", "/tencent/", content=body, headers=headers)

    def call(self, action: str, **form: Any) -> dict[str, Any]:
        reply = self.http.send(self.request(action, form))
        assert reply.status_code == 200, reply.text
        content: dict[str, Any] = reply.json()["Response"]
        return content

    def state(self, order: str) -> str:
        return str(self.call("DescribeIcpOrder", IcpOrderId=order)["StatusName"])


@dataclass
class Aliyun:
    """Signs ACS3 as Aliyun's documents describe it."""

    http: httpx.Client
    key: str = KEYS["aliyun"][0]
    secret: str = KEYS["aliyun"][1]
    skew: float = 0.0
    version: str = "2026-01-01"

    def request(self, action: str, form: dict[str, Any], nonce: str = "") -> httpx.Request:
        body = urlencode(form).encode()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "host": self.http.base_url.netloc.decode(),
            "x-acs-action": action,
            "x-acs-content-sha256": _sha(body),
            "x-acs-date": datetime.fromtimestamp(time.time() + self.skew, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": nonce or uuid.uuid4().hex,
            "x-acs-version": self.version,
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"POST\n/aliyun/\n\n{lines}\n{names}\n{_sha(body)}"
        signature = _hmac(self.secret.encode(), f"ACS3-HMAC-SHA256\n{_sha(canonical.encode())}").hex()
        headers["Authorization"] = f"ACS3-HMAC-SHA256 Credential={self.key},SignedHeaders={names},Signature={signature}"
        return self.http.build_request("POST", "/aliyun/", content=body, headers=headers)

    def send(self, action: str, **form: Any) -> httpx.Response:
        return self.http.send(self.request(action, form))

    def call(self, action: str, **form: Any) -> dict[str, Any]:
        reply = self.send(action, **form)
        assert reply.status_code == 200, reply.text
        content: dict[str, Any] = reply.json()
        return content

    def state(self, order: str) -> str:
        return str(self.call("GetIcpOrder", OrderNo=order)["Order"]["OrderStatus"])


@dataclass
class Huawei:
    """Signs SDK-HMAC-SHA256 as Huawei's documents describe it."""

    http: httpx.Client
    key: str = KEYS["huawei"][0]
    secret: str = KEYS["huawei"][1]
    skew: float = 0.0

    def send(
        self, method: str, path: str, form: dict[str, Any] | None = None, *, raw: bytes = b"", **query: str
    ) -> httpx.Response:
        path = f"/huawei/v1/icp/{path}"
        body = raw if form is None else json.dumps(form, ensure_ascii=False).encode()
        stamp = datetime.fromtimestamp(time.time() + self.skew, UTC).strftime("%Y%m%dT%H%M%SZ")
        host = self.http.base_url.netloc.decode()
        search = "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))
        canonical = f"{method}\n{path}/\n{search}\nhost:{host}\nx-sdk-date:{stamp}\n\nhost;x-sdk-date\n{_sha(body)}"
        text = f"SDK-HMAC-SHA256\n{stamp}\n{_sha(canonical.encode())}"
        headers = {
            "X-Sdk-Date": stamp,
            "Authorization": f"SDK-HMAC-SHA256 Access={self.key}, SignedHeaders=host;x-sdk-date, "
            f"Signature={_hmac(self.secret.encode(), text).hex()}",
        }
        return self.http.request(method, path + (f"?{search}" if search else ""), content=body, headers=headers)

    def call(self, method: str, path: str, form: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        reply = self.send(method, path, form, **query)
        assert reply.status_code in (200, 201), reply.text
        content: dict[str, Any] = reply.json()
        return content

    def state(self, order: str) -> str:
        return str(self.call("GET", f"orders/{order}")["order"]["status"])


@dataclass
class Running:
    """A sandbox that serves HTTP in a thread of its own, as the vendors' SDKs block."""

    settings: Settings
    http: httpx.Client = field(init=False)
    server: uvicorn.Server = field(init=False)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        config = uvicorn.Config(
            create_app(self.settings),
            port=0,
            log_level="warning",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0)

    @property
    def tencent(self) -> Tencent:
        return Tencent(self.http)

    @property
    def aliyun(self) -> Aliyun:
        return Aliyun(self.http)

    @property
    def huawei(self) -> Huawei:
        return Huawei(self.http)

    def script(self, domain: str, behaviour: str, **more: Any) -> None:
        reply = self.http.post("/sandbox/scenarios", json={"domain": domain, "behaviour": behaviour, **more})
        assert reply.status_code == 201, reply.text

    def submissions(self, domain: str = "") -> list[dict[str, Any]]:
        found = self.http.get("/sandbox/submissions").json()["submissions"]
        return [item for item in found if domain in ("", item["domain"])]

    def messages(self, mobile: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/sandbox/phones/{mobile}/messages").json()["messages"]
        return found

    def stop(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join(10)


def until(condition: Callable[[], object], seconds: float = 60.0) -> Any:
    """Wait for a condition and return what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("the condition did not come true in time")


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Any]:
    return until


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts sandboxes with the fast settings, changed as named."""
    started: list[Running] = []

    def make(**changes: Any) -> Running:
        running = Running(replace(FAST, **changes))
        started.append(running)
        return running

    yield make
    for running in started:
        running.stop()


@pytest.fixture
def sandbox(start: Callable[..., Running]) -> Running:
    return start()


@dataclass(frozen=True)
class Company:
    """An invented subject with valid check digits."""

    name: str = "北京示例科技有限公司"
    number: str = "91110000600037341L"
    person: str = "张示例"
    mobile: str = "13800138000"
    id_number: str = "11010519491231002X"
    domain: str = "example-shop.cn"

    def tencent(self, **changes: Any) -> dict[str, Any]:
        return {
            "IcpOrderType": 1,
            "OrganizerName": self.name,
            "OrganizerNature": 4,
            "CertificateType": 1,
            "CertificateNumber": self.number,
            "Province": "北京",
            "PrincipalName": self.person,
            "PrincipalMobile": self.mobile,
            "PrincipalIdNumber": self.id_number,
            "SiteName": "示例商店",
            "Domain": self.domain,
            "ServerIp": "203.0.113.10",
            "ClientReference": "order-1",
        } | changes

    def aliyun(self, **changes: Any) -> dict[str, Any]:
        return {
            "OrderType": "FIRST_BEIAN",
            "SponsorName": self.name,
            "SponsorNature": "COMPANY",
            "LicenseType": "BUSINESS_LICENSE",
            "LicenseNo": self.number,
            "ProvinceCode": "110000",
            "LeaderName": self.person,
            "LeaderPhone": self.mobile,
            "LeaderIdCard": self.id_number,
            "WebsiteName": "示例商店",
            "DomainName": self.domain,
            "ServerIp": "203.0.113.20",
            "OutOrderId": "order-1",
        } | changes

    def huawei(self, **changes: Any) -> dict[str, Any]:
        return {
            "order_type": "first",
            "external_reference": "order-1",
            "sponsor": {
                "name": self.name,
                "nature": "企业",
                "certificate_type": "营业执照",
                "certificate_number": self.number,
                "province": "京",
            },
            "principal": {"name": self.person, "mobile": self.mobile, "id_number": self.id_number},
            "service": {"name": "示例商店", "domain": self.domain, "ips": ["203.0.113.30"]},
        } | changes

    def record(self, provider: str = "elsewhere", **changes: Any) -> dict[str, Any]:
        return {
            "certificate_number": self.number,
            "certificate_type": "BUSINESS_LICENCE",
            "name": self.name,
            "nature": "ENTERPRISE",
            "province": "京",
            "number": "京ICP备2025000777号",
            "principal": {"name": self.person, "mobile": self.mobile, "id_number": self.id_number},
            "services": [{"name": "示例商店", "domain": self.domain, "provider": provider, "ips": ["198.51.100.1"]}],
        } | changes


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def other_company() -> Company:
    return Company(
        name="深圳另例有限公司",
        number="914403001922038216",
        mobile="13900139000",
        domain="another-shop.com.cn",
    )


@dataclass
class Receiver:
    """An HTTP server that keeps what is posted to it; `refuse` answers that many requests with 503 first."""

    refuse: int = 0
    received: queue.Queue[tuple[dict[str, str], str]] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.received.put(({name.lower(): value for name, value in self.headers.items()}, body))
                outer.refuse -= 1
                self.send_response(503 if outer.refuse >= 0 else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback?tenant=1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, count: int) -> list[tuple[dict[str, str], dict[str, Any]]]:
        found = [self.received.get(timeout=60) for _ in range(count)]
        return [(headers, json.loads(body)) for headers, body in found]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()

"""The vendors' official SDKs, our signers and the sandbox agree on every signature.

Each SDK signs a request with its own clock and nonce. Our signer, given the same request, time and nonce, must give the
same Authorization header; the sandbox must accept the SDK's request and ours, and refuse either with one bit flipped.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from alibabacloud_tea_openapi import models as tea
from alibabacloud_tea_openapi.client import Client as TeaClient
from darabonba.runtime import RuntimeOptions
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from tencentcloud.common import credential as tencent_credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from beianhub_aliyun import signing as aliyun
from beianhub_huawei import signing as huawei
from beianhub_sdk import Credential, HttpRequest
from beianhub_sdk.testing import start_sandbox
from beianhub_tencent import signing as tencent

TENCENT = Credential("AKIDSANDBOXTENCENT000001", "sandbox-tencent-secret-1")
ALIYUN = Credential("AKIDSANDBOXALIYUN0000001", "sandbox-aliyun-secret-1")
HUAWEI = Credential("AKIDSANDBOXHUAWEI0000001", "sandbox-huawei-secret-1")
DOMAIN = "示例 shop+1~.cn"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with start_sandbox() as address:
        yield address


@dataclass
class Recorder:
    """A server that keeps the requests that an SDK sends to it."""

    host: str = ""
    requests: list[HttpRequest] = field(default_factory=list)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorded = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorded.requests.append(HttpRequest("POST", f"http://{recorded.host}{self.path}", headers, body))
            answer = b'{"Response": {"RequestId": "1"}}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        recorded.host = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield recorded
        server.shutdown()


def lowered(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def without(request: HttpRequest, *names: str) -> HttpRequest:
    """The request before it was signed."""
    return replace(request, headers={k: v for k, v in lowered(request).items() if k not in names})


def accepted(sandbox: str, request: HttpRequest) -> bool:
    """Whether the sandbox takes the signature: sent to it with the Host that was signed."""
    url = urlsplit(request.url)
    headers = {
        k: v for k, v in lowered(request).items() if k not in {"content-length", "connection", "accept-encoding"}
    }
    target = sandbox + url.path + (f"?{url.query}" if url.query else "")
    answer = httpx.request(request.method, target, headers=headers, content=request.body, trust_env=False)
    assert answer.status_code < 500
    refusals = ("AuthFailure", "SignatureDoesNotMatch", "SignatureNonceUsed", "APIG.0301")
    return not any(word in answer.text for word in refusals)


def flipped(request: HttpRequest) -> HttpRequest:
    """The request with one bit of its signature flipped."""
    headers = lowered(request)
    digit = int(headers["authorization"][-1], 16)
    headers["authorization"] = f"{headers['authorization'][:-1]}{digit ^ 1:x}"
    return replace(request, headers=headers)


def agree(sandbox: str, theirs: HttpRequest, ours: HttpRequest, again: Callable[[], HttpRequest]) -> None:
    """The same header; both accepted (ours signed ``again``, where a nonce works once); neither when flipped."""
    assert lowered(ours)["authorization"] == lowered(theirs)["authorization"]
    assert not accepted(sandbox, flipped(theirs))
    assert accepted(sandbox, theirs)
    mine = again()
    assert not accepted(sandbox, flipped(mine))
    assert accepted(sandbox, mine)


class PathClient(CommonClient):
    """Tencent's official client, signing the sandbox's path."""

    _requestPath = "/tencent/"  # noqa: N815  the SDK's name


def test_tc3_agrees(sandbox: str, recorder: Recorder) -> None:
    """TC3-HMAC-SHA256: tencentcloud-sdk-python-common, ours and the sandbox."""
    profile = HttpProfile()
    profile.endpoint, profile.scheme = recorder.host, "http"
    keys = tencent_credential.Credential(TENCENT.access_key_id, TENCENT.access_key_secret)
    client = PathClient("ba", "2026-01-01", keys, "", profile=ClientProfile(httpProfile=profile))
    client.call_json("DescribeIcpAccess", {"Domain": DOMAIN})
    (sent,) = recorder.requests
    theirs = replace(sent, url=f"http://{recorder.host}/tencent/")
    bare = without(theirs, "authorization", "host", "x-tc-timestamp", "content-type")
    bare = replace(bare, headers={**bare.headers, "Content-Type": lowered(theirs)["content-type"]})
    now = datetime.fromtimestamp(int(lowered(theirs)["x-tc-timestamp"]), UTC)
    ours = tencent.sign(bare, TENCENT, now)
    agree(sandbox, theirs, ours, lambda: ours)


@pytest.mark.parametrize(
    ("style", "name", "version"),
    [
        ("body", "QueryAccess", "2026-01-01"),
        ("query", "QueryAccess", "2026-01-01"),
        ("query", "QuerySuccessIcpData", "2026-04-23"),
        ("body", "QuerySuccessIcpData", "2026-04-23"),
    ],
)
def test_acs3_agrees(sandbox: str, recorder: Recorder, style: str, name: str, version: str) -> None:
    """ACS3-HMAC-SHA256: alibabacloud-tea-openapi, ours and the sandbox; parameters in the body and in the query."""
    client = TeaClient(
        tea.Config(
            access_key_id=ALIYUN.access_key_id,
            access_key_secret=ALIYUN.access_key_secret,
            endpoint=recorder.host,
            protocol="http",
            region_id="cn-hangzhou",
        )
    )
    action = tea.Params(
        action=name,
        version=version,
        protocol="HTTP",
        pathname="/aliyun/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    request: Any = tea.OpenApiRequest(**{style: {"DomainName": DOMAIN, "Caller": "a/b=c&d"}})
    client.call_api(action, request, RuntimeOptions())
    (theirs,) = recorder.requests
    headers = lowered(theirs)
    signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    bare = without(theirs, *(name for name in headers if name not in signed))
    now = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    ours = aliyun.sign(bare, ALIYUN, now, headers["x-acs-signature-nonce"])
    agree(sandbox, theirs, ours, lambda: aliyun.sign(bare, ALIYUN, now, f"ours-{style}-{name}"))


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/huawei/v1/icp/orders", [], json.dumps({"order_type": "first", "reason": DOMAIN})),
        ("GET", "/huawei/v1/icp/accesses", [("domain", DOMAIN), ("b", "2"), ("a", "1/2")], ""),
        ("GET", "/huawei/v1/icp/orders/a~b-c", [], ""),
        ("GET", "/huawei/v1/icp/filings", [], ""),
    ],
)
def test_sdk_hmac_agrees(sandbox: str, method: str, path: str, query: list[tuple[str, str]], body: str) -> None:
    """SDK-HMAC-SHA256: huaweicloudsdkcore, ours and the sandbox; with a body, a Chinese query and an odd path."""
    request = SdkRequest(
        method=method,
        schema="http",
        host=urlsplit(sandbox).netloc,
        resource_path=path,
        query_params=query,
        header_params={"Content-Type": "application/json"},
        body=body,
    )
    sent = Signer(GlobalCredentials(HUAWEI.access_key_id, HUAWEI.access_key_secret, "domain")).sign(request)
    body_sent = sent.body if isinstance(sent.body, bytes) else sent.body.encode()
    theirs = HttpRequest(method, f"{sandbox}{sent.uri}", dict(sent.header_params), body_sent)
    bare = without(theirs, "authorization", "host", "x-sdk-date")
    now = datetime.strptime(lowered(theirs)["x-sdk-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = huawei.sign(bare, HUAWEI, now)
    agree(sandbox, theirs, ours, lambda: ours)

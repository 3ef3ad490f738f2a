"""Every signature is verified: ours, the official SDKs', and the wrong ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from alibabacloud_tea_openapi import models as tea_models
from alibabacloud_tea_openapi.client import Client as TeaClient
from darabonba.runtime import RuntimeOptions
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.http.request import ApiRequest
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Company, Running

WRONG = [
    ({"key": "AKIDNOBODY"}, "AuthFailure.SecretIdNotFound", "InvalidAccessKeyId.NotFound", "Get secretKey"),
    ({"secret": "wrong"}, "AuthFailure.SignatureFailure", "SignatureDoesNotMatch", "verify aksk"),
    ({"skew": -3600.0}, "AuthFailure.SignatureExpire", "InvalidTimeStamp.Expired", "expired"),
    ({"skew": 3600.0}, "AuthFailure.SignatureExpire", "InvalidTimeStamp.Expired", "expired"),
]


@pytest.mark.parametrize(("change", "tencent", "aliyun", "huawei"), WRONG)
def test_wrong_key_secret_or_time_is_refused_the_vendors_way(
    sandbox: Running, change: Mapping[str, Any], tencent: str, aliyun: str, huawei: str
) -> None:
    """An unknown key, a wrong secret and a time too far off are refused, each vendor in its own words."""
    clients = [sandbox.tencent, sandbox.aliyun, sandbox.huawei]
    for client in clients:
        for name, value in change.items():
            setattr(client, name, value)
    ours, theirs, rest = clients
    assert ours.call("DescribeIcpOrder", IcpOrderId="1")["Error"]["Code"] == tencent
    reply = theirs.send("GetIcpOrder", OrderNo="1")
    assert (reply.status_code >= 400, reply.json()["Code"]) == (True, aliyun)
    answer = rest.send("GET", "orders/1")
    assert (answer.status_code, answer.json()["error_code"]) == (401, "APIG.0301")
    assert huawei in answer.json()["error_msg"]


def test_a_signature_covers_the_body(sandbox: Running, company: Company) -> None:
    """A body changed after signing is refused, and nothing is stored."""
    request = sandbox.tencent.request("CreateIcpOrder", company.tencent())
    body = json.dumps(company.tencent(Domain="other.cn")).encode()
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    reply = sandbox.http.post("/tencent/", content=body, headers=headers).json()
    assert reply["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"
    signed = sandbox.aliyun.request("SubmitIcpOrder", company.aliyun())
    headers = {name: value for name, value in signed.headers.items() if name != "content-length"}
    answer = sandbox.http.post("/aliyun/", content=b"OrderType=FIRST_BEIAN", headers=headers)
    assert answer.json()["Code"] == "SignatureDoesNotMatch"
    assert sandbox.submissions() == []


def test_an_unsigned_request_is_refused(sandbox: Running) -> None:
    """Without an Authorization header nothing is answered."""
    assert "AuthFailure" in sandbox.http.post("/tencent/", json={}).text
    assert sandbox.http.post("/aliyun/", data={"a": "b"}).json()["Code"] == "IncompleteSignature"
    assert sandbox.http.get("/huawei/v1/icp/orders/1").status_code == 401


def test_an_aliyun_nonce_works_once(sandbox: Running) -> None:
    """A captured request cannot be sent again: its nonce is used."""
    request = sandbox.aliyun.request("QueryAccess", {"DomainName": "example.cn"}, nonce="once")
    assert sandbox.http.send(request).status_code == 200
    assert sandbox.http.send(request).json()["Code"] == "SignatureNonceUsed"


def test_unknown_actions_and_versions(sandbox: Running) -> None:
    """An action or version that does not exist is named in the vendor's error."""
    assert sandbox.tencent.call("Nothing")["Error"]["Code"] == "InvalidAction"
    assert sandbox.aliyun.send("Nothing").json()["Code"] == "InvalidAction.NotFound"
    answer = sandbox.huawei.send("PATCH", "orders/1")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIG.0101")
    old, older = sandbox.tencent, sandbox.aliyun
    old.version = older.version = "2020-01-01"
    assert old.call("DescribeIcpOrder")["Error"]["Code"] == "NoSuchVersion"
    assert older.send("GetIcpOrder").json()["Code"] == "InvalidVersion"


ODD_HEADERS = [
    {"authorization": "TC3-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature="},
    {"x-tc-timestamp": "99999999999999999999"},
    {"x-tc-timestamp": "99999999999"},
    {"x-acs-date": "yesterday"},
    {"x-sdk-date": "20261399T000000Z"},
]


@pytest.mark.parametrize("odd", ODD_HEADERS)
def test_odd_headers_are_refused_and_break_nothing(sandbox: Running, odd: dict[str, Any]) -> None:
    """Whatever stands in the headers, the answer is a refusal and never a failure of the server."""
    built = [
        sandbox.tencent.request("DescribeIcpOrder", {"IcpOrderId": "1"}),
        sandbox.aliyun.request("GetIcpOrder", {"OrderNo": "1"}),
    ]
    for request in built:
        request.headers.update(odd)
        reply = sandbox.http.send(request)
        assert reply.status_code < 500
        assert "Code" in reply.text
    headers = {"authorization": "SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature=b"} | odd
    assert sandbox.http.get("/huawei/v1/icp/orders?a=%FF", headers=headers).status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"Domain": [1], "OrganizerNature": [[]]}'])
def test_odd_bodies_are_refused_and_break_nothing(sandbox: Running, body: bytes) -> None:
    """A correctly signed body of any content gets an answer in the vendor's words."""
    answer = sandbox.huawei.send("POST", "orders", raw=body)
    assert (answer.status_code, answer.json()["error_code"][:4]) == (400, "ICP."), answer.text


def test_odd_values_are_named(sandbox: Running, company: Company) -> None:
    """A list where a code belongs, and a number where a text belongs, are invalid, not a failure."""
    form = company.tencent(OrganizerNature=[[1]], SiteName=7, Domain={"a": "b"})
    error = sandbox.tencent.call("CreateIcpOrder", **form)["Error"]
    assert error["Code"] == "InvalidParameterValue"
    assert error["Message"].endswith("：OrganizerNature、SiteName、Domain")


class PathClient(CommonClient):
    """Tencent's official client, signing our path."""

    _requestPath = "/tencent/"  # noqa: N815  the SDK's name


class PathRequest(ApiRequest):
    """The official client's transport, sending to our path: by itself it knows only `/`."""

    def _handle_host(self, host: str) -> str:
        return f"http://{host}/tencent/"


def _official_tencent(sandbox: Running, secret: str) -> PathClient:
    profile = HttpProfile()
    profile.endpoint = sandbox.http.base_url.netloc.decode()
    profile.scheme = "http"
    signed = sandbox.tencent
    keys = credential.Credential(signed.key, secret)
    client = PathClient("ba", "2026-01-01", keys, "", profile=ClientProfile(httpProfile=profile))
    client.request = PathRequest(profile.endpoint, req_timeout=5, is_http=True)
    return client


def test_the_official_tencent_sdk_verifies(sandbox: Running, company: Company) -> None:
    """What tencentcloud-sdk-python-common signs is accepted; its error parser reads our errors."""
    client = _official_tencent(sandbox, sandbox.tencent.secret)
    reply = client.call_json("CreateIcpOrder", company.tencent())["Response"]
    assert reply["StatusName"] == "初审中"
    with pytest.raises(TencentCloudSDKException) as raised:
        _official_tencent(sandbox, "wrong").call_json("DescribeIcpOrder", {"IcpOrderId": "1"})
    assert raised.value.get_code() == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("style", ["formData", "json", "query"])
def test_the_official_aliyun_sdk_verifies(sandbox: Running, company: Company, style: str) -> None:
    """What alibabacloud-tea-openapi signs is accepted: parameters in a form, in JSON, in the query."""
    signed = sandbox.aliyun
    client = TeaClient(
        tea_models.Config(
            access_key_id=signed.key,
            access_key_secret=signed.secret,
            endpoint=sandbox.http.base_url.netloc.decode(),
            protocol="http",
            region_id="cn-hangzhou",
        )
    )
    params = tea_models.Params(
        action="SubmitIcpOrder",
        version="2026-01-01",
        protocol="HTTP",
        pathname="/aliyun/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="json" if style == "json" else "formData",
        body_type="json",
    )
    form = company.aliyun(ServerIp="203.0.113.1,203.0.113.2")
    request = tea_models.OpenApiRequest(**{"query" if style == "query" else "body": form})
    assert client.call_api(params, request, RuntimeOptions())["body"]["OrderStatus"] == "FIRST_REVIEW"


def _official_huawei(sandbox: Running, method: str, path: str, body: str, query: list[tuple[str, str]]) -> Any:
    signed = sandbox.huawei
    request = SdkRequest(
        method=method,
        schema="http",
        host=urlsplit(str(sandbox.http.base_url)).netloc,
        resource_path=path,
        query_params=query,
        header_params={"Content-Type": "application/json"},
        body=body,
    )
    sent = Signer(GlobalCredentials(signed.key, signed.secret, "domain")).sign(request)
    return httpx.request(method, sent.url, headers=sent.header_params, content=sent.body).json()


def test_the_official_huawei_signer_verifies(sandbox: Running, company: Company) -> None:
    """What huaweicloudsdkcore signs is accepted, with a body, a query of Chinese text, and neither."""
    path = "/huawei/v1/icp/orders"
    body = json.dumps(company.huawei(external_reference="单号 1/2"))
    made = _official_huawei(sandbox, "POST", path, body, [])
    assert made["status"] == "等待初审"
    order = _official_huawei(sandbox, "GET", f"{path}/{made['order_id']}", "", [])["order"]
    assert order["external_reference"] == "单号 1/2"
    listed = _official_huawei(sandbox, "GET", path, "", [("external_reference", "单号 1/2")])
    assert "error_code" not in listed

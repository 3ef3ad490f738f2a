"""What a script does to a domain: faults on the wire, refusals, odd answers, odd callbacks."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Company, Receiver, Running, Start, Until


def _give_up(sandbox: Running, request: httpx.Request) -> None:
    """Send a request and lose patience."""
    request.extensions["timeout"] = httpx.Timeout(0.1).as_dict()
    with pytest.raises(httpx.TimeoutException):
        sandbox.http.send(request)


def test_throttling(sandbox: Running, company: Company) -> None:
    """throttle_429 is answered the vendor's way, stores nothing, and is over after `times`."""
    sandbox.script(company.domain, "throttle_429", seconds=3, times=3)
    error = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["Error"]
    assert error["Code"] == "RequestLimitExceeded"
    reply = sandbox.aliyun.send("SubmitIcpOrder", **company.aliyun())
    assert (reply.status_code, reply.json()["Code"]) == (429, "Throttling.User")
    assert reply.headers["retry-after"] == "3"
    answer = sandbox.huawei.send("POST", "orders", company.huawei())
    assert (answer.status_code, answer.json()["error_code"]) == (429, "APIG.0308")
    assert sandbox.submissions() == []
    assert sandbox.http.get("/sandbox/scenarios").json() == {"scenarios": []}
    assert sandbox.huawei.send("POST", "orders", company.huawei()).status_code == 201


@pytest.mark.parametrize(("after_accept", "stored"), [(False, 0), (True, 1)])
def test_server_errors(sandbox: Running, company: Company, after_accept: bool, stored: int) -> None:  # noqa: FBT001  pytest names it
    """http_500 stores nothing, unless the script says that it fails after accepting."""
    sandbox.script(company.domain, "http_500", after_accept=after_accept)
    reply = sandbox.huawei.send("POST", "orders", company.huawei())
    assert (reply.status_code, reply.json()["error_code"]) == (500, "ICP.0500")
    assert len(sandbox.submissions()) == stored


def test_tencents_server_error_is_no_json(sandbox: Running, company: Company) -> None:
    """A broken Tencent-style gateway answers HTTP 500 in plain text, not its usual 200."""
    sandbox.script(company.domain, "http_500")
    reply = sandbox.http.send(sandbox.tencent.request("CreateIcpOrder", company.tencent()))
    assert (reply.status_code, reply.text) == (500, "Internal Server Error")


def test_timeout_after_accept(sandbox: Running, company: Company) -> None:
    """The order is stored, the answer never comes; the same token finds it again, at the same vendor."""
    sandbox.script(company.domain, "timeout_after_accept")
    form = company.aliyun(ClientToken="t")
    request = sandbox.aliyun.request("SubmitIcpOrder", form)
    _give_up(sandbox, request)
    assert len(sandbox.submissions()) == 1
    assert sandbox.aliyun.call("SubmitIcpOrder", **form)["OrderNo"] == sandbox.submissions()[0]["order_id"]


def test_a_hang_ends_with_a_cut_connection(sandbox: Running, company: Company) -> None:
    """After `seconds` the connection is cut without an answer; the order is stored."""
    sandbox.script(company.domain, "timeout_after_accept", seconds=0.1)
    with pytest.raises(httpx.TransportError):
        sandbox.huawei.send("POST", "orders", company.huawei())
    assert len(sandbox.submissions()) == 1


def test_reset_before_accept(sandbox: Running, company: Company) -> None:
    """The connection is reset and nothing is stored."""
    sandbox.script(company.domain, "reset_before_accept", vendor="huawei")
    sandbox.tencent.call("CreateIcpOrder", **company.tencent())
    with pytest.raises(httpx.TransportError):
        sandbox.huawei.send("POST", "orders", company.huawei())
    assert [item["vendor"] for item in sandbox.submissions()] == ["tencent"]


def test_slow_accepts_after_the_caller_has_gone(sandbox: Running, company: Company, until: Until) -> None:
    """A slow vendor stores the order even though its caller gave up before: asking at once finds nothing."""
    sandbox.script(company.domain, "slow", seconds=0.4)
    request = sandbox.tencent.request("CreateIcpOrder", company.tencent())
    _give_up(sandbox, request)
    assert sandbox.tencent.call("DescribeIcpOrders", ClientReference="order-1")["TotalCount"] == 0
    until(lambda: sandbox.tencent.call("DescribeIcpOrders", ClientReference="order-1")["TotalCount"] == 1)


def test_faults_on_queries(sandbox: Running, company: Company) -> None:
    """With `on: query` the submission works and the question fails."""
    sandbox.script(company.domain, "http_500", on="query")
    order = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun())["OrderNo"]
    assert sandbox.aliyun.send("GetIcpOrder", OrderNo=order).status_code == 500
    assert sandbox.aliyun.send("GetIcpOrder", OrderNo=order).status_code == 200


def test_unknown_status(sandbox: Running, company: Company) -> None:
    """A state that no table lists is shown once; it is no end."""
    sandbox.script(company.domain, "unknown_status", vendor="tencent")
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    shown = sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=order)
    assert (shown["Status"], shown["StatusName"]) == (99, "数据同步中")
    assert sandbox.tencent.state(order) != "数据同步中"


def test_rejections(sandbox: Running, company: Company, until: Until) -> None:
    """Reject is the provider's verdict, reject_regulator the regulator's, with the code as scripted."""
    sandbox.script(company.domain, "reject", code="PHOTO", reason="幕布照片不清晰")
    sandbox.script(company.domain, "reject_regulator", code="1020")
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    until(lambda: sandbox.tencent.state(order) == "初审未通过")
    shown = sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=order)
    assert shown["RejectInfo"] == {"Source": "腾讯云", "Code": "PHOTO", "Reason": "幕布照片不清晰"}
    sandbox.tencent.call("ModifyIcpOrder", IcpOrderId=order, **company.tencent())
    until(lambda: sandbox.tencent.state(order) == "管局驳回")
    shown = sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=order)
    assert (shown["RejectInfo"]["Source"], shown["RejectInfo"]["Code"]) == ("管局", "1020")
    assert sandbox.http.get("/miit/records", params={"domain": company.domain}).json() == {"records": []}


def test_identity_check(sandbox: Running, company: Company, until: Until) -> None:
    """The review waits until the person passed the face check; a newer link voids the older one."""
    sandbox.script(company.domain, "identity_check")
    order = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun())["OrderNo"]
    time.sleep(0.1)
    shown = sandbox.aliyun.call("GetIcpOrder", OrderNo=order)["Order"]
    assert (shown["OrderStatus"], shown["VerifyStatus"]) == ("FIRST_REVIEW", "WAITING")
    old = sandbox.aliyun.call("CreateVerifyUrl", OrderNo=order)["VerifyUrl"]
    link = sandbox.aliyun.call("CreateVerifyUrl", OrderNo=order)["VerifyUrl"]
    assert sandbox.http.post(old).status_code == 404
    assert "人脸核验" in sandbox.http.get(link).text
    assert sandbox.http.post(link, json={"passed": False}).json() == {"status": "FAILED"}
    link = sandbox.aliyun.call("CreateVerifyUrl", OrderNo=order)["VerifyUrl"]
    assert sandbox.http.post(link).json() == {"status": "PASSED"}
    assert sandbox.aliyun.send("RevokeIcpOrder", OrderNo=order).status_code == 400
    until(lambda: sandbox.aliyun.state(order) == "SUCCESS")


def test_every_vendor_makes_face_links(sandbox: Running, company: Company) -> None:
    """A link for an order that needs none is refused; for one that does, each vendor makes it."""
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    error = sandbox.tencent.call("CreateLiveCheck", IcpOrderId=order)["Error"]
    assert error["Code"] == "FailedOperation.LiveCheckNotRequired"
    sandbox.script(company.domain, "identity_check")
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    assert "/sandbox/face/" in sandbox.tencent.call("CreateLiveCheck", IcpOrderId=order)["Url"]
    number = sandbox.huawei.call("POST", "orders", company.huawei())["order_id"]
    assert "/sandbox/face/" in sandbox.huawei.call("POST", f"orders/{number}/verifications")["url"]


def test_callbacks_are_signed_and_retried(sandbox: Running, company: Company, receiver: Receiver) -> None:
    """Each change is posted, signed over timestamp and body; a refused one comes again with the same id."""
    receiver.refuse = 1
    sandbox.huawei.call("POST", "orders", company.huawei(callback_url=receiver.url))
    got = receiver.take(6)
    states = [body["order"]["status"] for _, body in got]
    assert states == ["等待初审", "等待初审", "待提交管局", "待管局审核", "待管局审核", "已备案"]
    ids = [headers["x-huawei-message-id"] for headers, _ in got]
    assert (ids[0] == ids[1], len(set(ids))) == (True, 5)
    headers, _ = got[0]
    assert headers["x-huawei-key-id"] == sandbox.huawei.key


def test_a_callbacks_signature(sandbox: Running, company: Company, receiver: Receiver) -> None:
    """The signature is hex HMAC-SHA256 with the account's secret over `timestamp.body`, byte for byte."""
    sandbox.tencent.call("CreateIcpOrder", **company.tencent(CallbackUrl=receiver.url))
    headers, body = receiver.received.get(timeout=60)
    text = f"{headers['x-tencent-timestamp']}.{body}".encode()
    expected = hmac.new(sandbox.tencent.secret.encode(), text, hashlib.sha256).hexdigest()
    assert headers["x-tencent-signature"] == expected


def test_duplicate_callback(sandbox: Running, company: Company, receiver: Receiver) -> None:
    """duplicate_callback delivers one notification twice under one message id."""
    sandbox.script(company.domain, "duplicate_callback")
    sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun(NotifyUrl=receiver.url))
    got = receiver.take(6)
    assert got[0][0]["x-aliyun-message-id"] == got[1][0]["x-aliyun-message-id"]
    assert len({headers["x-aliyun-message-id"] for headers, _ in got}) == 5


def test_out_of_order_callback(sandbox: Running, company: Company, receiver: Receiver) -> None:
    """out_of_order_callback lets a later notification overtake an earlier one."""
    sandbox.script(company.domain, "out_of_order_callback")
    sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun(NotifyUrl=receiver.url))
    states = [body["Data"]["OrderStatus"] for _, body in receiver.take(5)]
    assert states[:2] == ["TO_SUBMIT_MIIT", "FIRST_REVIEW"]
    assert sorted(states) == sorted({*states})


def test_wrong_scripts_are_refused(sandbox: Running) -> None:
    """A script with an unknown behaviour, field or vendor is refused with the reason."""
    for document in (
        {"domain": "a.cn", "behaviour": "explode"},
        {"domain": "a.cn", "behaviour": "slow", "colour": "red"},
        {"domain": "a.cn", "behaviour": "slow", "vendor": "nobody"},
    ):
        assert sandbox.http.post("/sandbox/scenarios", json=document).status_code == 400
    sandbox.script("a.cn", "slow", seconds=1)
    assert sandbox.http.delete("/sandbox/scenarios").status_code == 204
    assert sandbox.http.get("/sandbox/scenarios").json() == {"scenarios": []}


def test_a_script_may_keep_phones_manual(start: Start, company: Company, until: Until) -> None:
    """sms_manual lets a person answer although the sandbox answers for everybody else."""
    sandbox = start()
    sandbox.script(company.domain, "sms_manual")
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    message = until(lambda: sandbox.messages(company.mobile))[0]
    time.sleep(0.1)
    assert sandbox.tencent.state(order) == "短信核验"
    form = {"mobile": company.mobile, "code": message["code"], "id_last6": company.id_number[-6:]}
    assert sandbox.http.post("/miit/sms", json=form).status_code == 200

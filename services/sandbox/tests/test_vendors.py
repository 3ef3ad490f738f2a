"""How each vendor takes orders in: tokens, fields, finding again, correcting, withdrawing, consoles."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Company, Running, Start, Until

OPERATOR = {"X-Console-Operator": "operator-7"}


def test_tencent_tokens(sandbox: Running, company: Company) -> None:
    """The same token and body give the same order; another body is refused; without a token a second order."""
    first = sandbox.tencent.call("CreateIcpOrder", **company.tencent(ClientToken="t"))
    again = sandbox.tencent.call("CreateIcpOrder", **company.tencent(ClientToken="t"))
    assert first["IcpOrderId"] == again["IcpOrderId"]
    other = sandbox.tencent.call("CreateIcpOrder", **company.tencent(ClientToken="t", SiteName="改名商店"))
    assert other["Error"]["Code"] == "InvalidParameter.ClientTokenMismatch"
    sandbox.tencent.call("CreateIcpOrder", **company.tencent())
    assert len(sandbox.submissions()) == 2


def test_a_token_is_forgotten_after_its_validity(start: Start, company: Company) -> None:
    """Once the validity is over, the same token makes a new order."""
    sandbox = start(tencent_token_validity=0.1)
    first = sandbox.tencent.call("CreateIcpOrder", **company.tencent(ClientToken="t"))
    time.sleep(0.15)
    again = sandbox.tencent.call("CreateIcpOrder", **company.tencent(ClientToken="t"))
    assert first["IcpOrderId"] != again["IcpOrderId"]


def test_aliyun_tokens(sandbox: Running, company: Company) -> None:
    """The same token and parameters give the same order; changed ones IdempotentParameterMismatch."""
    first = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun(ClientToken="t"))
    again = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun(ClientToken="t"))
    assert first["OrderNo"] == again["OrderNo"]
    reply = sandbox.aliyun.send("SubmitIcpOrder", **company.aliyun(ClientToken="t", ServerIp="203.0.113.9"))
    assert (reply.status_code, reply.json()["Code"]) == (400, "IdempotentParameterMismatch")


def test_huawei_doubles_and_shows_late(start: Start, company: Company, until: Until) -> None:
    """Two POSTs make two orders, found by reference only after the visibility delay; the regulator takes one."""
    sandbox = start(huawei_visibility_delay=0.3)
    orders = [sandbox.huawei.call("POST", "orders", company.huawei())["order_id"] for _ in range(2)]
    assert sandbox.huawei.call("GET", "orders", external_reference="order-1")["count"] == 0
    found = until(lambda: sandbox.huawei.call("GET", "orders", external_reference="order-1")["orders"])
    until(lambda: {sandbox.huawei.state(order) for order in orders} == {"已备案", "管局驳回"})
    assert {item["order_id"] for item in found} <= set(orders)
    assert len(sandbox.submissions()) == 2
    rejects = [sandbox.huawei.call("GET", f"orders/{order}")["order"]["reject"] for order in orders]
    assert [item and item["code"] for item in rejects] == [None, "1003"]


def test_missing_and_invalid_fields_are_named(sandbox: Running, company: Company) -> None:
    """A missing or malformed field is named by the vendor's own name, and nothing is stored."""
    form = company.tencent()
    del form["PrincipalMobile"]
    error = sandbox.tencent.call("CreateIcpOrder", **form)["Error"]
    assert (error["Code"], "PrincipalMobile" in error["Message"]) == ("MissingParameter", True)
    error = sandbox.tencent.call("CreateIcpOrder", **company.tencent(IcpOrderType=77))["Error"]
    assert (error["Code"], "IcpOrderType" in error["Message"]) == ("InvalidParameterValue", True)
    error = sandbox.tencent.call("CreateIcpOrder", **company.tencent(Colour="red"))["Error"]
    assert error["Code"] == "UnknownParameter"
    reply = sandbox.aliyun.send("SubmitIcpOrder", **company.aliyun(ServerIp="300.1.1.1")).json()
    assert reply["Code"] == "InvalidServerIp.Malformed"
    reply = sandbox.aliyun.send("SubmitIcpOrder", **company.aliyun(LeaderIdCard="")).json()
    assert reply["Code"] == "MissingLeaderIdCard"
    answer = sandbox.huawei.send("POST", "orders", company.huawei(principal={}, service={})).json()
    assert answer["error_code"] == "ICP.0001"
    assert {"field": "principal.mobile"} in answer["details"]
    answer = sandbox.huawei.send("POST", "orders", company.huawei(callback_url="http://203.0.113.1/")).json()
    assert (answer["error_code"], answer["details"]) == ("ICP.0002", [{"field": "callback_url"}])
    assert sandbox.submissions() == []


def test_an_unknown_order_and_anothers_order_are_not_found(start: Start, company: Company) -> None:
    """An account sees its own orders only."""
    two = {"AKIDSANDBOXONE": "s1", "AKIDSANDBOXTWO": "s2"}
    sandbox = start(credentials={"tencent": two, "aliyun": two, "huawei": two})
    mine, other = sandbox.huawei, sandbox.huawei
    mine.key, mine.secret = "AKIDSANDBOXONE", "s1"
    other.key, other.secret = "AKIDSANDBOXTWO", "s2"
    order = mine.call("POST", "orders", company.huawei())["order_id"]
    assert mine.send("GET", f"orders/{order}").status_code == 200
    reply = other.send("GET", f"orders/{order}")
    assert (reply.status_code, reply.json()["error_code"]) == (404, "ICP.0404")


def test_correcting_a_rejected_order_reviews_it_anew(start: Start, company: Company, until: Until) -> None:
    """After 初审驳回 corrected data may be handed in under the same number; in review it may not."""
    sandbox = start(provider_review=2.0)  # longer than a call takes on a busy machine
    sandbox.script(company.domain, "reject", reason="网站名称含禁用词", code="NAME")
    order = sandbox.huawei.call("POST", "orders", company.huawei())["order_id"]
    assert sandbox.huawei.send("PUT", f"orders/{order}", company.huawei()).status_code == 409
    until(lambda: sandbox.huawei.state(order) == "初审驳回")
    reject = sandbox.huawei.call("GET", f"orders/{order}")["order"]["reject"]
    assert reject == {"by": "接入商", "code": "NAME", "message": "网站名称含禁用词"}
    assert sandbox.huawei.call("PUT", f"orders/{order}", company.huawei())["status"] == "已修改待审核"
    until(lambda: sandbox.huawei.state(order) == "已备案")
    assert [item["resubmissions"] for item in sandbox.submissions()] == [1]


def test_withdrawing_is_possible_until_miit(start: Start, company: Company, until: Until) -> None:
    """An order can be withdrawn in review, again without harm, and not once it is at MIIT."""
    sandbox = start(provider_review=5.0)
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    assert sandbox.tencent.call("WithdrawIcpOrder", IcpOrderId=order)["StatusName"] == "已撤销"
    assert sandbox.tencent.call("WithdrawIcpOrder", IcpOrderId=order)["StatusName"] == "已撤销"
    late = start(sms_mode="manual")
    number = late.aliyun.call("SubmitIcpOrder", **company.aliyun())["OrderNo"]
    until(lambda: late.aliyun.state(number) == "SMS_VERIFY")
    assert late.aliyun.send("RevokeIcpOrder", OrderNo=number).json()["Code"] == "OrderStatusNotSupport"


def test_the_console_takes_a_hand_off(sandbox: Running, company: Company, until: Until) -> None:
    """A person fills in the vendor's form, gets its order number, and the page lists it in Chinese."""
    assert sandbox.http.post("/tencent/console/orders", json=company.tencent()).status_code == 400
    reply = sandbox.http.post("/tencent/console/orders", json=company.tencent(), headers=OPERATOR)
    order = reply.json()["order_id"]
    until(lambda: sandbox.tencent.state(order) == "已备案")
    page = sandbox.http.get("/tencent/console").text
    assert "备案控制台" in page
    assert "首次备案" in page
    assert order in page
    shown = sandbox.http.get(f"/tencent/console/orders/{order}", headers=OPERATOR).json()
    assert shown["form"]["OrganizerName"] == company.name
    assert [item["channel"] for item in sandbox.submissions()] == ["CONSOLE"]


def test_a_console_draft_is_no_submission(sandbox: Running, company: Company, until: Until) -> None:
    """A draft may be incomplete and counts for nothing until it is submitted; the form's fields are named."""
    base = "/aliyun/console/orders"
    draft = {"OrderType": "FIRST_BEIAN", "SponsorName": company.name}
    refused = sandbox.http.post(base, json=draft, headers=OPERATOR)
    assert (refused.status_code, "LicenseNo" in refused.json()["fields"]) == (400, True)
    order = sandbox.http.post(base + "?draft=1", json=draft, headers=OPERATOR).json()["order_id"]
    assert sandbox.submissions() == []
    sandbox.http.put(f"{base}/{order}", json=company.aliyun(), headers=OPERATOR)
    until(lambda: sandbox.aliyun.state(order) == "SUCCESS")
    second = sandbox.http.post(base + "?draft=1", json=draft, headers=OPERATOR).json()["order_id"]
    gone = sandbox.http.delete(f"{base}/{second}", headers=OPERATOR).json()
    assert gone["order"]["OrderStatus"] == "REVOKED"

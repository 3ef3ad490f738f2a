"""Each vendor's full cycle over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Company, Running, Until


def test_tencent_first_filing(sandbox: Running, company: Company, until: Until) -> None:
    """A first filing at the Tencent-style system ends as 已备案 with service number -1 and its access."""
    made = sandbox.tencent.call("CreateIcpOrder", **company.tencent())
    assert made["StatusName"] == "初审中"
    until(lambda: sandbox.tencent.state(made["IcpOrderId"]) == "已备案")
    order = sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=made["IcpOrderId"])
    year = datetime.now(UTC).year
    assert order["IcpNumber"] == f"京ICP备{year}000001号-1"
    assert order["OrganizerIcpNumber"] == f"京ICP备{year}000001号"
    assert order["SmsVerify"] | {"Deadline": ""} == {"Status": 2, "Deadline": "", "Mobiles": ["138****8000"]}
    access = sandbox.tencent.call("DescribeIcpAccess", Domain=company.domain)
    assert (access["Accessed"], access["ServerIps"]) == (True, ["203.0.113.10"])


def test_aliyun_first_filing(sandbox: Running, company: Company, until: Until) -> None:
    """A first filing at the Aliyun-style system ends as SUCCESS."""
    made = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun())
    assert made["OrderStatus"] == "FIRST_REVIEW"
    until(lambda: sandbox.aliyun.state(made["OrderNo"]) == "SUCCESS")
    listed = sandbox.aliyun.call("ListIcpOrders", OutOrderId="order-1")
    assert [item["OrderNo"] for item in listed["Orders"]] == [made["OrderNo"]]
    assert listed["Orders"][0]["RecordNumber"].endswith("号-1")
    access = sandbox.aliyun.call("QueryAccess", DomainName=company.domain)
    assert access["AccessStatus"] == "ACCESSED"


def test_huawei_first_filing(sandbox: Running, company: Company, until: Until) -> None:
    """A first filing at the Huawei-style system ends as 已备案."""
    made = sandbox.huawei.call("POST", "orders", company.huawei())
    assert made["status"] == "等待初审"
    until(lambda: sandbox.huawei.state(made["order_id"]) == "已备案")
    access = sandbox.huawei.call("GET", "accesses", domain=company.domain)
    assert access["accessed"]
    assert access["ips"] == ["203.0.113.30"]


def test_access_keeps_the_number(sandbox: Running, company: Company, until: Until) -> None:
    """A new access leaves the licence number as it was (HW-KB doc_0165)."""
    sandbox.http.post("/sandbox/records", json=company.record())
    form = {
        "OrderType": "ACCESS_BEIAN",
        "LicenseNo": company.number,
        "RecordNumber": "京ICP备2025000777号-1",
        "DomainName": company.domain,
        "ServerIp": "203.0.113.20",
    }
    made = sandbox.aliyun.call("SubmitIcpOrder", **form)
    until(lambda: sandbox.aliyun.state(made["OrderNo"]) == "SUCCESS")
    record = sandbox.http.get("/miit/records", params={"domain": company.domain}).json()["records"][0]
    assert record["services"][0]["number"] == "京ICP备2025000777号-1"
    assert [item["provider"] for item in record["services"][0]["accesses"]] == ["elsewhere", "aliyun"]


def test_cancel_access_sends_no_sms(sandbox: Running, company: Company, until: Until) -> None:
    """取消接入 needs no text message; the number stays, the access goes (S0 Q8)."""
    sandbox.http.post("/sandbox/records", json=company.record("huawei"))
    form = {
        "order_type": "cancel_access",
        "sponsor": {"certificate_number": company.number},
        "service": {"domain": company.domain},
        "record_number": "京ICP备2025000777号-1",
    }
    made = sandbox.huawei.call("POST", "orders", form)
    until(lambda: sandbox.huawei.state(made["order_id"]) == "已备案")
    assert sandbox.messages(company.mobile) == []
    record = sandbox.http.get("/miit/records", params={"certificate_number": company.number}).json()
    assert record["records"][0]["services"][0]["accesses"] == []
    assert not sandbox.huawei.call("GET", "accesses", domain=company.domain)["accessed"]

"""The regulator's rules, seen through the vendors: one order in flight, result codes, text messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Company, Running, Start, Until


def _answer(sandbox: Running, company: Company, code: str, last6: str = "") -> tuple[int, dict[str, Any]]:
    form = {"mobile": company.mobile, "code": code, "id_last6": last6 or company.id_number[-6:]}
    reply = sandbox.http.post("/miit/sms", json=form)
    return reply.status_code, reply.json()


def _reject(sandbox: Running, until: Until, **form: Any) -> dict[str, Any]:
    order = sandbox.tencent.call("CreateIcpOrder", **form)["IcpOrderId"]
    until(lambda: sandbox.tencent.state(order) in ("管局驳回", "已备案"))
    return sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=order)


def test_one_order_in_flight_per_subject(start: Start, company: Company, until: Until) -> None:
    """While one order of a subject is at the regulator, any other is refused with 1003, whoever hands it in."""
    sandbox = start(sms_mode="manual")
    first = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    until(lambda: sandbox.tencent.state(first) == "短信核验")
    second = sandbox.aliyun.call("SubmitIcpOrder", **company.aliyun(DomainName="second.cn"))["OrderNo"]
    until(lambda: sandbox.aliyun.state(second) == "MIIT_REJECTED")
    order = sandbox.aliyun.call("GetIcpOrder", OrderNo=second)["Order"]
    assert (order["FailSource"], order["FailCode"], order["FailReason"]) == ("MIIT", "1003", "主办者冲突")
    assert sandbox.tencent.state(first) == "短信核验"


def test_a_filed_domain_conflicts(sandbox: Running, company: Company, other_company: Company, until: Until) -> None:
    """A domain filed under one subject cannot be filed first under another: 1005."""
    sandbox.http.post("/sandbox/records", json=company.record())
    found = _reject(sandbox, until, **other_company.tencent(Domain=company.domain))
    assert found["RejectInfo"] == {"Source": "管局", "Code": "1005", "Reason": "域名冲突"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CertificateNumber": "91110000600037341X"}, "1008"),
        ({"PrincipalIdNumber": "110105194912310021"}, "1015"),
        ({"ServerIp": "10.0.0.8"}, "1006"),
        ({"IcpOrderType": 3, "IcpNumber": "京ICP备2020000001号-1"}, "1016"),
    ],
)
def test_wrong_data_is_refused_on_arrival(
    sandbox: Running, company: Company, until: Until, change: dict[str, Any], code: str
) -> None:
    """Wrong check digits, private addresses and unknown filings get the regulator's own result code."""
    found = _reject(sandbox, until, **company.tencent(**change))
    assert (found["StatusName"], found["RejectInfo"]["Code"]) == ("管局驳回", code)


def test_only_ones_own_access_can_be_cancelled(sandbox: Running, company: Company, until: Until) -> None:
    """A provider that has no access gets 1047 (非本接入商); a second access by the same provider 1037."""
    sandbox.http.post("/sandbox/records", json=company.record("tencent"))
    form = {
        "CertificateNumber": company.number,
        "IcpNumber": "京ICP备2025000777号-1",
        "Domain": company.domain,
    }
    found = _reject(sandbox, until, IcpOrderType=3, ServerIp="203.0.113.1", **form)
    assert found["RejectInfo"]["Code"] == "1037"
    cancel = {
        "OrderType": "CANCEL_ACCESS",
        "LicenseNo": company.number,
        "RecordNumber": "京ICP备2025000777号-1",
        "DomainName": company.domain,
    }
    order = sandbox.aliyun.call("SubmitIcpOrder", **cancel)["OrderNo"]
    until(lambda: sandbox.aliyun.state(order) == "MIIT_REJECTED")
    assert sandbox.aliyun.call("GetIcpOrder", OrderNo=order)["Order"]["FailCode"] == "1047"


def test_a_sole_access_can_be_refused(start: Start, company: Company, until: Until) -> None:
    """With the strict setting, cancelling the only access is refused with 1025 (MIIT-V3)."""
    sandbox = start(refuse_sole_access_cancel=True)
    sandbox.http.post("/sandbox/records", json=company.record("tencent"))
    found = _reject(
        sandbox,
        until,
        IcpOrderType=9,
        CertificateNumber=company.number,
        IcpNumber="京ICP备2025000777号-1",
        Domain=company.domain,
    )
    assert found["RejectInfo"]["Code"] == "1025"


def test_the_person_answers_the_sms(start: Start, company: Company, until: Until) -> None:
    """The code on the phone, with the last six of the ID, lets the order go on; a wrong one does not."""
    sandbox = start(sms_mode="manual")
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    message = until(lambda: sandbox.messages(company.mobile))[0]
    assert message["code"] in message["text"]
    assert _answer(sandbox, company, message["code"], "000000")[1]["tries_left"] == 4
    assert _answer(sandbox, company, message["code"])[1]["result"] == "PASSED"
    until(lambda: sandbox.tencent.state(order) == "已备案")
    assert _answer(sandbox, company, message["code"])[0] == 404


def test_a_change_of_the_phone_is_answered_on_the_new_one(start: Start, company: Company, until: Until) -> None:
    """变更网站 with a new contact 1 asks there: a phone that is dead can be changed (S1.2, S3.22)."""
    sandbox = start(sms_mode="manual")
    sandbox.http.post("/sandbox/records", json=company.record("tencent"))
    manager = {"SitePrincipalName": "李示例", "SitePrincipalMobile": "13700137000"}
    form = {"CertificateNumber": company.number, "Domain": company.domain, "IcpNumber": "京ICP备2025000777号-1"}
    sandbox.tencent.call("CreateIcpOrder", IcpOrderType=5, SitePrincipalIdNumber=company.id_number, **form, **manager)
    until(lambda: sandbox.messages("13700137000"))
    assert not sandbox.messages(company.mobile)


def test_a_seeded_service_may_have_several_accesses(sandbox: Running, company: Company) -> None:
    """A filing from long ago may be served from several providers, each with its addresses."""
    given = [{"provider": "tencent", "ips": ["198.51.100.1"]}, {"provider": "aliyun", "ips": ["198.51.100.2"]}]
    service = {"name": "示例商店", "domain": company.domain, "accesses": given}
    seeded = sandbox.http.post("/sandbox/records", json=company.record(services=[service])).json()
    assert seeded["services"][0]["accesses"] == given


def test_both_principals_of_a_first_filing_get_a_code(start: Start, company: Company, until: Until) -> None:
    """首次备案 asks the subject's and the site's principal; the order waits for both."""
    sandbox = start(sms_mode="manual")
    site = {
        "SitePrincipalName": "李示例",
        "SitePrincipalMobile": "13700137000",
        "SitePrincipalIdNumber": company.id_number,
    }
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent(**site))["IcpOrderId"]
    mine = until(lambda: sandbox.messages(company.mobile))[0]
    theirs = until(lambda: sandbox.messages("13700137000"))[0]
    _answer(sandbox, company, mine["code"])
    assert sandbox.tencent.state(order) == "短信核验"
    form = {"mobile": "13700137000", "code": theirs["code"], "id_last6": company.id_number[-6:]}
    assert sandbox.http.post("/miit/sms", json=form).json()["result"] == "PASSED"
    until(lambda: sandbox.tencent.state(order) == "已备案")


def test_an_access_asks_the_old_contact(start: Start, company: Company, until: Until) -> None:
    """接入备案 sends the code to the contact in the record, not to one in the form (S1)."""
    sandbox = start(sms_mode="manual")
    sandbox.http.post("/sandbox/records", json=company.record())
    form = company.tencent(IcpOrderType=3, IcpNumber="京ICP备2025000777号-1", PrincipalMobile="13600136000")
    sandbox.tencent.call("CreateIcpOrder", **form)
    until(lambda: sandbox.messages(company.mobile))
    assert sandbox.messages("13600136000") == []


def test_the_sixth_wrong_answer_returns_the_order(start: Start, company: Company, until: Until) -> None:
    """Five wrong tries are forgiven, the sixth returns the order to the provider (HW-KB doc_0013)."""
    sandbox = start(sms_mode="manual")
    order = sandbox.huawei.call("POST", "orders", company.huawei())["order_id"]
    until(lambda: sandbox.messages(company.mobile))
    shown = sandbox.huawei.call("GET", f"orders/{order}")["order"]
    assert (shown["status"], shown["sms_verification"]["status"]) == ("待管局审核", "waiting")
    answers = [_answer(sandbox, company, "not-it")[0] for _ in range(6)]
    assert answers == [400, 400, 400, 400, 400, 410]
    shown = sandbox.huawei.call("GET", f"orders/{order}")["order"]
    assert (shown["status"], shown["sms_verification"]["status"]) == ("接入商审核为待修改", "expired")


def test_a_lapsed_window_allows_the_same_data_again(sandbox: Running, company: Company, until: Until) -> None:
    """Unanswered, the order is returned without a verdict, and may be handed in again unchanged."""
    sandbox.script(company.domain, "sms_unanswered", seconds=0.1)
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    until(lambda: sandbox.tencent.state(order) == "初审未通过")
    assert sandbox.messages(company.mobile) == []
    shown = sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=order)
    assert (shown["RejectInfo"]["Source"], shown["RejectInfo"]["Code"]) == ("工信部", "SMS_TIMEOUT")
    sandbox.tencent.call("ModifyIcpOrder", IcpOrderId=order, **company.tencent())
    until(lambda: sandbox.tencent.state(order) == "已备案")


ORDER_TYPES = [
    ({"IcpOrderType": 2, "SiteName": "第二商店", "Domain": "second-shop.cn", "ServerIp": "203.0.113.2"}, "-2"),
    ({"IcpOrderType": 4, "OrganizerName": "北京更名科技有限公司"}, ""),
    ({"IcpOrderType": 5, "SiteName": "更名商店"}, "-1"),
    ({"IcpOrderType": 6, "ServerIp": "203.0.113.66"}, "-1"),
    ({"IcpOrderType": 7}, ""),
    ({"IcpOrderType": 8}, "-1"),
]


@pytest.mark.parametrize(("change", "suffix"), ORDER_TYPES)
def test_the_other_order_types(
    sandbox: Running, company: Company, until: Until, change: dict[str, Any], suffix: str
) -> None:
    """Adding, changing and cancelling end in 已备案 with the number that they concern."""
    sandbox.http.post("/sandbox/records", json=company.record("tencent"))
    subject = "京ICP备2025000777号"
    form = {"CertificateNumber": company.number, "IcpNumber": f"{subject}-1", "Domain": company.domain}
    found = _reject(sandbox, until, **form | change)
    assert (found["StatusName"], found["IcpNumber"]) == ("已备案", subject + suffix)
    record = sandbox.http.get("/miit/records", params={"certificate_number": company.number}).json()
    names = [service["name"] for item in record["records"] for service in item["services"]]
    expected = {2: ["示例商店", "第二商店"], 5: ["更名商店"], 7: [], 8: []}
    assert names == expected.get(change["IcpOrderType"], ["示例商店"])

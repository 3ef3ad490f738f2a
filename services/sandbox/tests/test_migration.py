"""网站迁移 at the Huawei-style system: two subjects, one order (HW-KB doc_0200)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Company, Running, Start, Until

GIVER, TAKER = "京ICP备2025000777号", "粤ICP备2025000888号"


def migration(company: Company, other: Company, **changes: Any) -> dict[str, Any]:
    return {
        "order_type": "migrate_service",
        "sponsor": {"certificate_number": company.number},
        "service": {"domain": company.domain},
        "record_number": f"{GIVER}-1",
        "target_account": "other",
        "target": {"name": other.name, "certificate_number": other.number, "record_number": TAKER},
    } | changes


def known(sandbox: Running, company: Company, other: Company, provider: str = "huawei", **target: Any) -> None:
    """Both companies in the national record; the giver's site has its access at the provider."""
    sandbox.http.post("/sandbox/records", json=company.record(provider)).raise_for_status()
    taker = other.record("tencent", number=TAKER, province="粤", **target)
    sandbox.http.post("/sandbox/records", json=taker).raise_for_status()


def filed(sandbox: Running, company: Company) -> dict[str, Any]:
    (found,) = sandbox.http.get("/miit/records", params={"certificate_number": company.number}).json()["records"]
    return dict(found)


def rejected(sandbox: Running, until: Until, form: dict[str, Any]) -> dict[str, Any]:
    number = sandbox.huawei.call("POST", "orders", form)["order_id"]
    until(lambda: sandbox.huawei.state(number) in ("管局驳回", "初审驳回"))
    return dict(sandbox.huawei.call("GET", f"orders/{number}")["order"])


def test_a_migrated_service_gets_the_targets_next_number(
    sandbox: Running, company: Company, other_company: Company, until: Until
) -> None:
    """The service goes with its accesses, the order shows the new numbers, and the giver is a shell."""
    known(sandbox, company, other_company)
    number = sandbox.huawei.call("POST", "orders", migration(company, other_company))["order_id"]
    until(lambda: sandbox.huawei.state(number) == "已备案")
    order = sandbox.huawei.call("GET", f"orders/{number}")["order"]
    assert (order["record_number"], order["subject_record_number"]) == (f"{TAKER}-2", TAKER)
    assert filed(sandbox, company)["services"] == []
    kept, moved = filed(sandbox, other_company)["services"]
    assert (kept["number"], moved["number"], moved["domain"]) == (f"{TAKER}-1", f"{TAKER}-2", company.domain)
    assert [access["provider"] for access in moved["accesses"]] == ["huawei"]
    assert sandbox.huawei.call("GET", "accesses", domain=company.domain)["record_number"] == f"{TAKER}-2"
    assert sandbox.messages(company.mobile)  # MIIT's SMS, to whom the record names


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"record_number": "京ICP备2020000001号-1"}, "1016"),
        ({"target": {"name": "无", "certificate_number": "91330106673959654P", "record_number": TAKER}}, "1016"),
        ({"target": {"name": "无", "certificate_number": "914403001922038216", "record_number": GIVER}}, "1016"),
    ],
)
def test_both_sides_must_be_known(
    sandbox: Running, company: Company, other_company: Company, until: Until, changes: dict[str, Any], code: str
) -> None:
    """The regulator refuses a service that it does not know, and a target whose certificate and number disagree."""
    known(sandbox, company, other_company)
    order = rejected(sandbox, until, migration(company, other_company, **changes))
    assert (order["status"], order["reject"]["code"]) == ("管局驳回", code)


def test_only_the_own_access_migrates(sandbox: Running, company: Company, other_company: Company, until: Until) -> None:
    """A provider acts on its own accesses (MIIT-V3 1047)."""
    known(sandbox, company, other_company, provider="aliyun")
    assert rejected(sandbox, until, migration(company, other_company))["reject"]["code"] == "1047"


def test_the_provider_refuses_individuals(
    sandbox: Running, company: Company, other_company: Company, until: Until
) -> None:
    """不支持迁移到个人性质的备案主体 (doc_0200): the first review ends it."""
    known(sandbox, company, other_company, nature="INDIVIDUAL")
    order = rejected(sandbox, until, migration(company, other_company))
    assert (order["status"], order["reject"]["code"]) == ("初审驳回", "TARGET_INDIVIDUAL")


def test_the_provider_refuses_apps(sandbox: Running, company: Company, other_company: Company, until: Until) -> None:
    """No APP migrates (HW-KB AppMigration): the first review ends it."""
    app = company.record("huawei")["services"][0] | {"kind": "APP", "number": f"{GIVER}-1A"}
    sandbox.http.post("/sandbox/records", json=company.record("huawei", services=[app])).raise_for_status()
    order = rejected(sandbox, until, migration(company, other_company, record_number=f"{GIVER}-1A"))
    assert (order["status"], order["reject"]["code"]) == ("初审驳回", "APP_MIGRATION")


def test_a_migration_holds_both_subjects(start: Start, company: Company, other_company: Company, until: Until) -> None:
    """While it is at MIIT another order of the target is refused with 1003, and the other way round."""
    sandbox = start(sms_mode="manual")
    known(sandbox, company, other_company)
    number = sandbox.huawei.call("POST", "orders", migration(company, other_company))["order_id"]
    until(lambda: sandbox.huawei.call("GET", f"orders/{number}")["order"]["sms_verification"]["status"] == "waiting")
    of_target = {"IcpOrderType": 9, "CertificateNumber": other_company.number, "IcpNumber": f"{TAKER}-1"}
    other = sandbox.tencent.call("CreateIcpOrder", **of_target, Domain=other_company.domain)["IcpOrderId"]
    until(lambda: sandbox.tencent.state(other) == "管局驳回")
    assert sandbox.tencent.call("DescribeIcpOrder", IcpOrderId=other)["RejectInfo"]["Code"] == "1003"


def test_a_target_in_flight_refuses_the_migration(
    start: Start, company: Company, other_company: Company, until: Until
) -> None:
    """An order of the target at MIIT is in the way (主办者冲突)."""
    sandbox = start(sms_mode="manual")
    known(sandbox, company, other_company)
    change = {"IcpOrderType": 5, "CertificateNumber": other_company.number, "IcpNumber": f"{TAKER}-1"}
    first = sandbox.tencent.call("CreateIcpOrder", **change, Domain=other_company.domain, SiteName="新名称示例")
    until(lambda: sandbox.tencent.state(first["IcpOrderId"]) == "短信核验")
    assert rejected(sandbox, until, migration(company, other_company))["reject"]["code"] == "1003"

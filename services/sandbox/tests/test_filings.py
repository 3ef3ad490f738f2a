"""What each vendor says is filed through an account, and a record that changes behind everybody's back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beianhub_sandbox.settings import Settings

DOMAIN = "/sandbox/records/"


def listed(sandbox: Any, vendor: str) -> list[dict[str, Any]]:
    """The vendor's own words."""
    if vendor == "tencent":
        return list(sandbox.tencent.call("DescribeIcpFilings")["IcpFilings"])
    if vendor == "huawei":
        return list(sandbox.huawei.call("GET", "filings")["filings"])
    asking = replace(sandbox.aliyun, version="2026-04-23")
    return list(asking.call("QuerySuccessIcpData", Caller="x")["BaSuccessDataWithRiskList"])


@pytest.mark.parametrize("vendor", ["tencent", "aliyun", "huawei"])
def test_a_vendor_lists_what_has_its_access(sandbox: Any, company: Any, vendor: str) -> None:
    """A record with another's access is not listed; once the vendor has one it is, as it now is."""
    sandbox.http.post("/sandbox/records", json=company.record("elsewhere")).raise_for_status()
    assert listed(sandbox, vendor) == []
    change = {"providers": ["elsewhere", vendor], "name": "示例新商店"}
    sandbox.http.patch(DOMAIN + company.domain, json=change).raise_for_status()
    assert "示例新商店" in str(listed(sandbox, vendor))
    assert "京ICP备2025000777号-1" in str(listed(sandbox, vendor))
    sandbox.http.patch(DOMAIN + company.domain, json={"providers": []}).raise_for_status()
    assert listed(sandbox, vendor) == []


def test_an_order_s_filing_is_its_account_s(start: Any, company: Any, until: Any) -> None:
    """Another account of the vendor does not list it; a record that no order made is everybody's."""
    keys = Settings().credentials
    sandbox = start(credentials=keys | {"tencent": keys["tencent"] | {"AKIDOTHER": "other-secret"}})
    order = sandbox.tencent.call("CreateIcpOrder", **company.tencent())["IcpOrderId"]
    until(lambda: sandbox.tencent.state(order) == "已备案")
    assert len(listed(sandbox, "tencent")) == 1
    stranger = replace(sandbox.tencent, key="AKIDOTHER", secret="other-secret")
    assert stranger.call("DescribeIcpFilings")["IcpFilings"] == []


@pytest.mark.parametrize("document", [{"unknown": 1}, {"name": "x", "mobile": "1"}])
def test_only_what_is_named_changes(sandbox: Any, company: Any, document: dict[str, Any]) -> None:
    """A field that nobody knows is 400, a domain that nobody filed 404."""
    sandbox.http.post("/sandbox/records", json=company.record()).raise_for_status()
    assert sandbox.http.patch(DOMAIN + company.domain, json=document).status_code == 400
    assert sandbox.http.patch(DOMAIN + "nobody.cn", json={"name": "x"}).status_code == 404

"""QuerySuccessIcpData in the shape of the public product (domain.md 6.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.provider import AliyunProvider
from beianhub_sdk import RejectedError, UnknownOutcomeError
from beianhub_sdk.testing import answered

ENTRY = {
    "IcpNumber": "京ICP备2026000001号",
    "OrganizersName": "北京示例科技有限公司",
    "OrganizersNature": "企业",
    "ResponsiblePersonName": "张示例",
    "RiskList": [{"DeadLine": "2026-12-01", "RiskDetailList": []}],
    "WebsiteList": [{"SiteName": "示例商店", "SiteRecordNum": "京ICP备2026000001号-1", "DomainList": ["a.cn", "b.cn"]}],
    "AppList": [{"AppName": "示例应用", "AppRecordNum": "京ICP备2026000001号-2A", "DomainList": None}],
}


def listed(**answer: Any) -> Any:
    call = answered(200, json.dumps(answer).encode())
    return AliyunProvider().list_filings(call), call.http.sent[0]


def test_sites_and_apps_come_with_their_numbers() -> None:
    """Signed as the product of 2026-04-23, with its mandatory Caller."""
    (subject,), sent = listed(BaSuccessDataWithRiskList=[ENTRY], Success=True)
    assert sent.headers["x-acs-version"] == "2026-04-23"
    assert sent.headers["x-acs-action"] == "QuerySuccessIcpData"
    assert sent.body == b"Caller=beianhub"
    site, app = subject.services
    assert (subject.licence_number, subject.nature) == ("京ICP备2026000001号", pb.NATURE_ENTERPRISE)
    assert (site.kind, site.domains) == (pb.SERVICE_KIND_WEBSITE, ["a.cn", "b.cn"])
    assert (app.kind, app.domains, app.licence_number) == (pb.SERVICE_KIND_APP, [], "京ICP备2026000001号-2A")


@pytest.mark.parametrize("nature", ["企业", "COMPANY"])
def test_a_nature_is_read_in_either_spelling(nature: str) -> None:
    """The sources do not say whether it is a word or a code; what is neither says nothing."""
    for given, read in ((nature, pb.NATURE_ENTERPRISE), ("NEVER_HEARD_OF", pb.NATURE_UNSPECIFIED)):
        (subject,), _ = listed(BaSuccessDataWithRiskList=[ENTRY | {"OrganizersNature": given}])
        assert subject.nature == read


@pytest.mark.parametrize(
    "answer", [{}, {"Success": False, "BaSuccessDataWithRiskList": []}, {"BaSuccessDataWithRiskList": [{}]}]
)
def test_an_answer_that_is_no_list_is_no_empty_one(answer: dict[str, Any]) -> None:
    """What is missing from a list counts as not there: only a whole list is one."""
    with pytest.raises(UnknownOutcomeError):
        listed(**answer)


def test_an_account_that_is_not_admitted_is_a_definite_no() -> None:
    """The vendor opens the product to partners; asking again does not change that."""
    call = answered(400, json.dumps({"Code": "InvalidCaller", "Message": ""}).encode())
    with pytest.raises(RejectedError):
        AliyunProvider().list_filings(call)

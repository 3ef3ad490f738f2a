"""Aliyun's form: what an operator reads, and what the API is sent."""

from __future__ import annotations

from urllib.parse import parse_qsl

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.form import FORM, render
from beianhub_aliyun.vocabulary import PROVINCES
from beianhub_sdk.testing import resident_id, sample, uscc


def test_a_first_filing_is_rendered_with_codes() -> None:
    """The API takes codes where a person reads words; token and reference are in the body."""
    assignment = sample(7)
    prepared = FORM.prepare(assignment)
    assert dict(parse_qsl(render(assignment, prepared).decode())) == {
        "OrderType": "FIRST_BEIAN",
        "OutOrderId": "reference-7",
        "ClientToken": "token-7",
        "SponsorName": "北京示例7科技有限公司",
        "SponsorNature": "COMPANY",
        "LicenseType": "BUSINESS_LICENSE",
        "LicenseNo": uscc(7),
        "ProvinceCode": "110000",
        "SponsorAddress": "示例路7号",
        "LeaderName": "张示例",
        "LeaderPhone": "13800000007",
        "LeaderIdCard": resident_id(7),
        "WebsiteName": "示例商店",
        "ServiceType": "WEBSITE",
        "DomainName": "shop7.cn",
        "ServerIp": "203.0.113.10,203.0.113.11",
        "WebsiteLeaderName": "李示例",
        "WebsiteLeaderPhone": "13700000007",
        "WebsiteLeaderIdCard": resident_id(8),
    }
    words = {field.label: field.value for field in prepared.fields}
    assert (words["主办者性质"], words["证件类型"], words["省份"]) == ("企业", "营业执照", "北京")


def test_a_cancellation_is_given_no_more_than_it_needs() -> None:
    """No phone, no name of a person and no address goes along when an access ends."""
    keys = {field.key for field in FORM.prepare(sample(7, pb.ORDER_TYPE_CANCEL_ACCESS)).fields}
    assert keys == {"LicenseNo", "DomainName", "RecordNumber", "Remark"}


def test_a_correction_names_its_order() -> None:
    """UpdateIcpOrder finds the order by its number in the body."""
    assignment = sample(7)
    assignment.order.provider_order_id = "BA1"
    assert ("OrderNo", "BA1") in parse_qsl(render(assignment, FORM.prepare(assignment)).decode())


def test_every_province_has_a_code() -> None:
    """31 provinces; one that is not known is found before the vendor refuses it."""
    assert len(set(PROVINCES.values())) == 31
    assignment = sample(7)
    assignment.subject.profile.province = "香港"
    assert [finding.path for finding in FORM.check(assignment)] == ["profile.province"]

"""Tencent's form: what an operator reads, and what the API is sent."""

from __future__ import annotations

import json

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.testing import resident_id, sample, uscc
from beianhub_tencent.form import FORM, render


def test_a_first_filing_is_rendered_with_codes() -> None:
    """The API takes codes where a person reads words; token and reference are in the body."""
    assignment = sample(7)
    assignment.callback_url = "http://127.0.0.1:1/callback"
    prepared = FORM.prepare(assignment)
    assert json.loads(render(assignment, prepared)) == {
        "IcpOrderType": 1,
        "ClientReference": "reference-7",
        "ClientToken": "token-7",
        "CallbackUrl": "http://127.0.0.1:1/callback",
        "OrganizerName": "北京示例7科技有限公司",
        "OrganizerNature": 4,
        "CertificateType": 1,
        "CertificateNumber": uscc(7),
        "Province": "北京",
        "Address": "示例路7号",
        "PrincipalName": "张示例",
        "PrincipalMobile": "13800000007",
        "PrincipalIdNumber": resident_id(7),
        "SiteName": "示例商店",
        "SiteType": 1,
        "Domain": "shop7.cn",
        "ServerIp": "203.0.113.10,203.0.113.11",
        "SitePrincipalName": "李示例",
        "SitePrincipalMobile": "13700000007",
        "SitePrincipalIdNumber": resident_id(8),
    }
    words = {field.label: field.value for field in prepared.fields}
    assert (words["主办单位性质"], words["证件类型"], words["服务类型"]) == ("企业", "营业执照", "网站")


def test_a_cancellation_is_given_no_more_than_it_needs() -> None:
    """No phone, no name of a person and no address goes along when an access ends."""
    assignment = sample(7, pb.ORDER_TYPE_CANCEL_ACCESS)
    keys = {field.key for field in FORM.prepare(assignment).fields}
    assert keys == {"CertificateNumber", "Domain", "IcpNumber", "Reason"}


def test_a_correction_names_its_order() -> None:
    """ModifyIcpOrder finds the order by its number in the body."""
    assignment = sample(7)
    assignment.order.provider_order_id = "3001"
    assert json.loads(render(assignment, FORM.prepare(assignment)))["IcpOrderId"] == "3001"


@pytest.mark.parametrize(
    ("nature", "kind", "word"),
    [
        (pb.NATURE_ENTERPRISE, pb.CERTIFICATE_TYPE_USCC, "营业执照"),
        (pb.NATURE_INSTITUTION, pb.CERTIFICATE_TYPE_USCC, "事业法人证"),
        (pb.NATURE_GOVERNMENT, pb.CERTIFICATE_TYPE_USCC, "政府机关组织机构代码证"),
        (pb.NATURE_SOCIAL_ORG, pb.CERTIFICATE_TYPE_USCC, "社团法人证"),
        (pb.NATURE_INDIVIDUAL, pb.CERTIFICATE_TYPE_RESIDENT_ID, "居民身份证"),
        (pb.NATURE_INDIVIDUAL, pb.CERTIFICATE_TYPE_PASSPORT, "护照"),
    ],
)
def test_a_credit_code_s_certificate_depends_on_the_nature(
    nature: pb.Nature.ValueType, kind: pb.CertificateType.ValueType, word: str
) -> None:
    """A credit code stands on a licence, or on the certificate of an institution, an authority or a society."""
    assignment = sample(7)
    assignment.subject.profile.nature = nature
    assignment.subject.profile.certificate.type = kind
    prepared = FORM.prepare(assignment)
    assert {field.key: field.value for field in prepared.fields}["CertificateType"] == word
    assert isinstance(json.loads(render(assignment, prepared))["CertificateType"], int)


def test_a_certificate_that_does_not_fit_is_a_blocker() -> None:
    """An individual has no credit code."""
    assignment = sample(7)
    assignment.subject.profile.nature = pb.NATURE_INDIVIDUAL
    assert [finding.path for finding in FORM.check(assignment)] == ["profile.certificate.type"]


def test_an_individual_is_the_site_s_principal_too() -> None:
    """Without a principal of its own, a site has the subject's (ALI-2019), and no letter is needed."""
    assignment = sample(7)
    assert "网站负责人授权书" in FORM.prepare(assignment).documents
    assignment.service.ClearField("principal")
    prepared = FORM.prepare(assignment)
    assert {field.key: field.value for field in prepared.fields}["SitePrincipalMobile"] == "13800000007"
    assert "网站负责人授权书" not in prepared.documents


def test_a_second_domain_is_a_blocker() -> None:
    """One domain per website since 2019-04-22; the second would be dropped silently."""
    assignment = sample(7)
    assignment.service.domains.append("second.cn")
    assert [finding.code for finding in FORM.check(assignment)] == ["PROVIDER_ONE_DOMAIN"]

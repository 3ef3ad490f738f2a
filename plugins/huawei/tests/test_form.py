"""Huawei's form: what an operator reads, and what the API is sent."""

from __future__ import annotations

import json

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei.form import FORM, render
from beianhub_huawei.vocabulary import PROVINCES
from beianhub_sdk.testing import resident_id, sample, uscc


def test_a_first_filing_is_rendered_nested() -> None:
    """The API takes nested JSON with Chinese words; our reference is in it, and no token, as it takes none."""
    assignment = sample(7)
    prepared = FORM.prepare(assignment)
    assert json.loads(render(assignment, prepared)) == {
        "order_type": "first",
        "external_reference": "reference-7",
        "sponsor": {
            "name": "北京示例7科技有限公司",
            "nature": "企业",
            "certificate_type": "营业执照",
            "certificate_number": uscc(7),
            "province": "京",
            "address": "示例路7号",
        },
        "principal": {"name": "张示例", "mobile": "13800000007", "id_number": resident_id(7)},
        "service": {
            "name": "示例商店",
            "kind": "网站",
            "domain": "shop7.cn",
            "ips": ["203.0.113.10", "203.0.113.11"],
            "principal": {"name": "李示例", "mobile": "13700000007", "id_number": resident_id(8)},
        },
    }
    assert {field.label: field.value for field in prepared.fields}["省份"] == "北京"


def test_an_access_is_added_by_its_own_name() -> None:
    """Huawei calls 接入备案 新增接入, and wants the licence number."""
    assignment = sample(7, pb.ORDER_TYPE_ADD_ACCESS)
    prepared = FORM.prepare(assignment)
    assert prepared.title == "华为云 新增接入"
    body = json.loads(render(assignment, prepared))
    assert (body["order_type"], body["record_number"]) == ("new_access", assignment.service.licence_number)


def test_a_cancellation_is_given_no_more_than_it_needs() -> None:
    """No phone, no name of a person and no address goes along when an access ends."""
    keys = {field.key for field in FORM.prepare(sample(7, pb.ORDER_TYPE_CANCEL_ACCESS)).fields}
    assert keys == {"sponsor.certificate_number", "service.domain", "record_number", "reason"}


def test_every_province_has_an_abbreviation() -> None:
    """31 provinces; one that is not known is found before the vendor refuses it."""
    assert len(set(PROVINCES.values())) == 31
    assignment = sample(7)
    assignment.subject.profile.province = "香港"
    assert [finding.path for finding in FORM.check(assignment)] == ["profile.province"]


def test_a_migration_names_both_subjects() -> None:
    """迁移互联网信息服务: the site by number and domain; the target by name, certificate, number and account."""
    assignment = sample(7, pb.ORDER_TYPE_MIGRATE_SERVICE)
    prepared = FORM.prepare(assignment)
    assert prepared.title == "华为云 迁移互联网信息服务"
    assert "域名实名" in prepared.instructions_zh
    target = assignment.target
    assert json.loads(render(assignment, prepared)) == {
        "order_type": "migrate_service",
        "external_reference": "reference-7",
        "sponsor": {"certificate_number": uscc(7)},
        "service": {"domain": "shop7.cn"},
        "record_number": assignment.service.licence_number,
        "target_account": "other",
        "target": {
            "name": target.profile.title,
            "certificate_number": target.profile.certificate.number,
            "record_number": target.licence_number,
        },
    }
    assert target.profile.certificate.number != uscc(7)

"""Subjects with invented people whose numbers have valid check digits."""

from __future__ import annotations

from datetime import date

import pytest

from beianhub.resources.v1 import resources_pb2 as r

TODAY = date(2026, 3, 1)


@pytest.fixture
def today() -> date:
    """The day of the tests."""
    return TODAY


@pytest.fixture
def person() -> r.Person:
    """A principal."""
    return r.Person(
        full_name="张三",
        certificate=r.Certificate(type=r.CERTIFICATE_TYPE_RESIDENT_ID, number="11010519491231002X"),
        mobile="13800000001",
        emergency_phone="010-62345678",
        email="zhang@example.com",
    )


@pytest.fixture
def enterprise(person: r.Person) -> r.Subject:
    """An enterprise with one website, without a mistake."""
    return r.Subject(
        profile=r.SubjectProfile(
            title="示例科技有限公司",
            nature=r.NATURE_ENTERPRISE,
            province="北京",
            city="北京",
            certificate=r.Certificate(type=r.CERTIFICATE_TYPE_USCC, number="91110000600037341L"),
            address="北京市朝阳区建国路1号",
            principal=person,
        ),
        services=[
            r.Service(
                kind=r.SERVICE_KIND_WEBSITE,
                title="示例商店官网",
                domains=["example.com.cn"],
                principal=person,
                accesses=[r.Access(provider="tencent", ips=["8.8.8.8"])],
            )
        ],
    )


@pytest.fixture
def individual(enterprise: r.Subject, person: r.Person) -> r.Subject:
    """An individual with one website, without a mistake."""
    enterprise.profile.title = person.full_name
    enterprise.profile.nature = r.NATURE_INDIVIDUAL
    enterprise.profile.certificate.CopyFrom(person.certificate)
    enterprise.services[0].title = "张三的记事"
    return enterprise

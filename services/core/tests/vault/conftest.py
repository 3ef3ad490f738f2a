"""A subject with invented people whose numbers have valid check digits, and key stores on both databases."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from beianhub.resources.v1 import resources_pb2 as r
from beianhub_core.vault import Keyring, MasterKey


def _person() -> r.Person:
    return r.Person(
        full_name="张三丰",
        certificate=r.Certificate(
            type=r.CERTIFICATE_TYPE_RESIDENT_ID, number="11010519491231002X", address="北京市海淀区中关村大街1号"
        ),
        mobile="13800000001",
        emergency_phone="010-12345678",
        email="zhang@example.com",
    )


@pytest.fixture
def subject() -> r.Subject:
    """An enterprise with one website."""
    return r.Subject(
        name="tenants/acme/subjects/s1",
        profile=r.SubjectProfile(
            title="示例科技有限公司",
            nature=r.NATURE_ENTERPRISE,
            province="北京",
            certificate=r.Certificate(type=r.CERTIFICATE_TYPE_USCC, number="91110000600037341L"),
            address="北京市朝阳区建国路1号",
            principal=_person(),
        ),
        services=[
            r.Service(
                name="tenants/acme/subjects/s1/services/w1",
                kind=r.SERVICE_KIND_WEBSITE,
                title="示例商店",
                domains=["example.com"],
                principal=_person(),
            )
        ],
    )


@pytest.fixture
def keyring() -> Keyring:
    """A ring of one fresh key."""
    return Keyring(MasterKey(secrets.token_bytes(32)))


@pytest.fixture(params=["sqlite", "postgresql"])
def keystore_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each of the two kinds of server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'keys.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url

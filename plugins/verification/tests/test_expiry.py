"""有效期核验."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from verification_support import call, found, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Failed
from beianhub_verification.expiry import ExpiryVerifier

BLOCKER, WARNING, INFO = pb.SEVERITY_BLOCKER, pb.SEVERITY_WARNING, pb.SEVERITY_INFO
LATE = datetime(2026, 5, 31, 16, tzinfo=UTC)  # 2026-06-01 in China
PATHS = ("profile.certificate", "profile.principal.certificate", "service.principal.certificate")


def at(path: str, day: str, province: str = "山东") -> dict[str, int]:
    assignment = order(province=province)
    subject = assignment.subject
    certificates = (subject.profile.certificate, subject.profile.principal.certificate)
    certificate = dict(zip(PATHS, (*certificates, assignment.service.principal.certificate), strict=True))[path]
    certificate.valid_until = day
    return found(ExpiryVerifier().verify(call(assignment, LATE)), f"{path}.valid_until")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("", {}),  # 长期
        ("2026-05-31", {"CERTIFICATE_EXPIRED": BLOCKER}),
        ("2026-06-01", {"CERTIFICATE_EXPIRES_SOON": WARNING}),
        ("2026-08-30", {"CERTIFICATE_EXPIRES_SOON": WARNING}),  # 90 days
        ("2026-08-31", {}),
        ("2026-02-30", {"CERTIFICATE_DATE_INVALID": BLOCKER}),
        ("20260831", {"CERTIFICATE_DATE_INVALID": BLOCKER}),
        ("长期", {"CERTIFICATE_DATE_INVALID": BLOCKER}),
    ],
)
def test_more_than_three_months_are_left(path: str, day: str, expected: dict[str, int]) -> None:
    """身份证、证件有效期 > 3 个月 (ALI-2019, HW-KB), counted in China's days; an expired one is refused."""
    assert at(path, day) == expected


@pytest.mark.parametrize("province", ["上海", "浙江", "河南"])
def test_three_provinces_make_it_a_condition(province: str) -> None:
    """证件 > 3 个月 (TC-DOC): a blocker there, a warning elsewhere."""
    assert at("service.principal.certificate", "2026-08-30", province) == {"CERTIFICATE_EXPIRES_SOON": BLOCKER}


@pytest.mark.parametrize(("day", "severity"), [("2027-06-01", BLOCKER), ("2027-06-02", None)])
def test_shanghai_wants_a_year_of_the_licence(day: str, severity: int | None) -> None:
    """营业执照 > 1 年 (TC-DOC)."""
    expected = {"CERTIFICATE_EXPIRES_SOON": severity} if severity else {}
    assert at("profile.certificate", day, "上海") == expected
    assert at("profile.certificate", day) == {}


def test_a_domain_s_expiry_is_said_to_be_unchecked() -> None:
    """No order carries it; domains are valid > 3 months in every province (ALI-2019), and lapse with their access."""
    answer = ExpiryVerifier().verify(call(order()))
    assert found(answer, "service.domains") == {"DOMAIN_EXPIRY_UNCHECKED": INFO}


def test_all_of_an_order_s_dates_come_at_once() -> None:
    """Nobody corrects one date to be told of the next."""
    assignment = order()
    assignment.subject.profile.certificate.valid_until = "2020-01-01"
    assignment.service.principal.certificate.valid_until = "2020-01-01"
    answer = ExpiryVerifier().verify(call(assignment))
    assert isinstance(answer, Failed)
    assert sum(finding.code == "CERTIFICATE_EXPIRED" for finding in answer.findings) == 2


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-31", {"DOMAIN_EXPIRED": BLOCKER}),
        ("2026-08-30", {"DOMAIN_EXPIRES_SOON": WARNING}),  # 90 days
        ("2026-08-31", {}),
        ("2026/8/31", {"DOMAIN_DATE_INVALID": BLOCKER}),
    ],
)
def test_a_domain_whose_last_day_is_known_is_checked(day: str, expected: dict[str, int]) -> None:
    """More than 90 days are to be left (ALI-2019, HW-KB); one that has expired is refused (S4.34)."""
    assignment = order()
    domain = assignment.service.domains[0]
    assignment.service.registrations.add(domain=domain, expires_on=day)
    answer = ExpiryVerifier().verify(call(assignment, LATE))
    assert found(answer, "service.domains[0]") == expected
    assert found(answer, "service.domains") == {}

"""域名实名核验."""

from __future__ import annotations

import pytest
from verification_support import call, found, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Passed
from beianhub_verification.real_name import DOMAIN_CERTIFICATE, RealNameVerifier
from beianhub_verification.tables import UNIT_HOLDERS, holders

VERIFIER = RealNameVerifier()
WARNING, INFO = pb.SEVERITY_WARNING, pb.SEVERITY_INFO


def verified(assignment: TaskAssignment, *domains: str) -> Passed:
    assignment.service.domains[:] = domains
    return VERIFIER.verify(call(assignment))


def test_it_never_passes_in_silence() -> None:
    """MIIT checks the holder (S4.32), which no order carries: a person is told what to compare."""
    answer = verified(order(province="山东"), "example.cn")
    assert found(answer) == {"DOMAIN_REAL_NAME_UNCHECKED": INFO}
    assert {"S1.27", "S4.32"} <= set(answer.findings[0].source)


def test_a_service_without_a_domain_has_no_holder() -> None:
    """A mini-program is filed without a domain."""
    assert found(verified(order())) == {}


@pytest.mark.parametrize(
    ("nature", "province", "zh", "as_of"),
    [
        (pb.NATURE_ENTERPRISE, "广东", "单位", "2019-09-01"),
        (pb.NATURE_ENTERPRISE, "上海", "单位、法定代表人、股东、高管", "2019-09-01"),
        (pb.NATURE_ENTERPRISE, "北京", "单位、法定代表人", "2023-01-01"),  # ALI-2019 said 单位
        (pb.NATURE_ENTERPRISE, "福建", "单位、法定代表人", "2026-05-01"),  # TC-DOC said 单位
        (pb.NATURE_ENTERPRISE, "宁夏", "单位", "2026-05-01"),
        (pb.NATURE_INDIVIDUAL, "广东", "本人", "2019-09-01"),
    ],
)
def test_the_newest_source_says_who_may_hold_a_domain(
    nature: pb.Nature.ValueType, province: str, zh: str, as_of: str
) -> None:
    """Sources contradict each other, stand side by side with their dates, and the newest counts (domain facts 5)."""
    entitled = holders(nature, province)
    assert (entitled.zh, entitled.basis.as_of) == (zh, as_of)
    remark = verified(order(nature=nature, province=province), "example.cn").findings[0]
    assert f"持有者应为{zh}，" in remark.message_zh
    assert set(entitled.basis.source) <= set(remark.source)


def test_every_province_says_who_may_hold_a_domain() -> None:
    """All 31 bureaus have a page (ALI-2019)."""
    assert len(UNIT_HOLDERS) == 31


@pytest.mark.parametrize(
    ("province", "nature", "domains", "needed"),
    [
        ("江苏", pb.NATURE_ENTERPRISE, 1, True),
        ("湖南", pb.NATURE_INDIVIDUAL, 1, True),
        ("内蒙古", pb.NATURE_INDIVIDUAL, 1, True),
        ("内蒙古", pb.NATURE_ENTERPRISE, 1, False),
        ("贵州", pb.NATURE_ENTERPRISE, 3, False),
        ("贵州", pb.NATURE_ENTERPRISE, 4, True),
        ("陕西", pb.NATURE_ENTERPRISE, 4, False),
        ("陕西", pb.NATURE_ENTERPRISE, 5, True),
        ("山东", pb.NATURE_ENTERPRISE, 9, False),
    ],
)
def test_some_provinces_want_the_domains_certificates(
    province: str, nature: pb.Nature.ValueType, domains: int, *, needed: bool
) -> None:
    """域名证书 of all domains, or of more than three or four (ALI-2019, TC-DOC); a document of the order answers it."""
    assignment = order(province=province, nature=nature)
    names = [f"example{number}.cn" for number in range(domains)]
    assert ("DOMAIN_CERTIFICATE_NEEDED" in found(verified(assignment, *names))) is needed
    assignment.documents.add(purpose=DOMAIN_CERTIFICATE)
    assert "DOMAIN_CERTIFICATE_NEEDED" not in found(verified(assignment, *names))


@pytest.mark.parametrize(
    ("province", "code"),
    [
        *((province, "DOMAIN_REGISTRAR_UNCHECKED") for province in ("北京", "内蒙古", "吉林", "湖南")),
        *((province, "DOMAIN_PRIVACY_UNCHECKED") for province in ("上海", "四川", "天津")),
    ],
)
def test_what_a_province_asks_of_the_registrar_is_said(province: str, code: str) -> None:
    """境外注册域名不可; WHOIS privacy off while the order runs (ALI-2019)."""
    assert found(verified(order(province=province), "example.cn"))[code] == INFO
    assert code not in found(verified(order(province="山东"), "example.cn"))


def test_a_migrations_target_holds_the_domain() -> None:
    """The real name moves to the target before the migration: its nature and province say who may hold it."""
    assignment = order(pb.ORDER_TYPE_MIGRATE_SERVICE, province="广东")
    assignment.target.profile.province = "上海"
    assignment.target.profile.nature = pb.NATURE_ENTERPRISE
    (finding, *_) = verified(assignment, "example.cn").findings
    assert "法定代表人、股东、高管" in finding.message_zh

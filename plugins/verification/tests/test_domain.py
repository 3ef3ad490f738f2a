"""域名核验."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verification_support import call, found, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Failed, Passed
from beianhub_verification.domain import DomainVerifier
from beianhub_verification.names import ascii_form, is_ascii_name

VERIFIER = DomainVerifier()
BLOCKER, WARNING, INFO = pb.SEVERITY_BLOCKER, pb.SEVERITY_WARNING, pb.SEVERITY_INFO
FIRST, ACCESS = pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_ACCESS


def verified(assignment: TaskAssignment, *domains: str) -> Passed | Failed:
    assignment.service.domains[:] = domains
    return VERIFIER.verify(call(assignment))


def at(assignment: TaskAssignment, domain: str) -> dict[str, int]:
    """The findings about the one domain of an order."""
    return found(verified(assignment, domain), "service.domains[0]")


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("www.example.com", "DOMAIN_NOT_REGISTRABLE"),
        ("shop.example.com.cn", "DOMAIN_NOT_REGISTRABLE"),
        ("www.xn--fsqu00a.xn--fiqs8s", "DOMAIN_NOT_REGISTRABLE"),
        ("com.cn", "DOMAIN_IS_SUFFIX"),
        ("xn--55qx5d.cn", "DOMAIN_IS_SUFFIX"),  # 公司.cn
        ("example.nosuchsuffix", "DOMAIN_SUFFIX_UNKNOWN"),
        ("203.0.113.10", "DOMAIN_IS_IP"),
        ("[2001:db8::1]", "DOMAIN_IS_IP"),
        ("2001:db8::1", "DOMAIN_IS_IP"),
        ("0x7f.1", "DOMAIN_IS_IP"),
        ("2130706433", "DOMAIN_IS_IP"),
        ("例子.中国", "DOMAIN_NOT_CANONICAL"),
        ("Example.com", "DOMAIN_NOT_CANONICAL"),
        ("example.com.", "DOMAIN_NOT_CANONICAL"),
        ("straße.de", "DOMAIN_INVALID"),  # IDNA 2003 and 2008 read it differently
        ("https://example.com/", "DOMAIN_INVALID"),
        ("example.com:443", "DOMAIN_INVALID"),
        ("my_shop.cn", "DOMAIN_INVALID"),
        ("-shop.cn", "DOMAIN_INVALID"),
        ("ab--shop.cn", "DOMAIN_INVALID"),
        ("xn--0.cn", "DOMAIN_INVALID"),
        ("xn--shop-.cn", "DOMAIN_INVALID"),
        (f"{'a' * 64}.cn", "DOMAIN_INVALID"),
        (".".join(["a" * 60] * 3), "DOMAIN_INVALID"),
        ("localhost", "DOMAIN_INVALID"),
        ("", "DOMAIN_INVALID"),
    ],
)
def test_a_domain_that_cannot_be_filed_is_refused(domain: str, code: str) -> None:
    """备案只针对顶级域名 (S2); 独立域名 of 4 to 128 characters (MIIT-V3 Ym_xx, 1004); sub-domains not alone (HW-KB)."""
    answer = verified(order(province="上海"), "example.cn", domain)
    assert isinstance(answer, Failed)
    assert found(answer, "service.domains[1]") == {code: BLOCKER}


@pytest.mark.parametrize(
    "domain", ["example.com", "example.com.cn", "xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.cn", "a.cn"]
)
def test_a_registrable_domain_passes(domain: str) -> None:
    """Nothing stands against it."""
    answer = verified(order(province="上海"), domain)
    assert isinstance(answer, Passed)
    assert found(answer) == {}


@pytest.mark.parametrize(
    ("domain", "suggestion"),
    [
        ("a.b.example.com.cn", "请用 example.com.cn。 / Use example.com.cn."),
        ("www.xn--fsqu00a.xn--fiqs8s", "请用 xn--fsqu00a.xn--fiqs8s。 / Use xn--fsqu00a.xn--fiqs8s."),
        ("例子。中国", "请用 xn--fsqu00a.xn--fiqs8s。 / Use xn--fsqu00a.xn--fiqs8s."),
        ("ＥＸＡＭＰＬＥ．com", "请用 example.com。 / Use example.com."),
    ],
)
def test_the_suggestion_is_the_domain_to_use(domain: str, suggestion: str) -> None:
    """For a sub-domain the parent is filed (HW-KB)."""
    assert verified(order(), domain).findings[0].suggestion == suggestion


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("api.example.com", {}),
        ("a.b.c.example.com", {"DOMAIN_TOO_DEEP": WARNING}),
        ("com", {"DOMAIN_INVALID": BLOCKER}),
    ],
)
def test_an_app_may_file_down_to_the_fourth_level(domain: str, expected: dict[str, int]) -> None:
    """用到哪级备哪级 (HW-KB doc_0121)."""
    assignment = order(province="上海")
    assignment.service.kind = pb.SERVICE_KIND_APP
    assert at(assignment, domain) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(pb.SERVICE_KIND_WEBSITE, {"DOMAIN_REQUIRED": BLOCKER}), (pb.SERVICE_KIND_MINI_PROGRAM, {})],
)
def test_a_website_has_a_domain(kind: pb.ServiceKind.ValueType, expected: dict[str, int]) -> None:
    """A website is filed with its domains (MIIT-V3 Ym_xx); a mini-program is filed without."""
    assignment = order()
    assignment.service.kind = kind
    assert found(verified(assignment)) == expected


@pytest.mark.parametrize(
    ("order_type", "domain", "expected"),
    [
        (FIRST, "example.com", {}),
        (FIRST, "example.com.cn", {}),
        (FIRST, "example.cc", {}),  # the bureau's newer list takes it
        (FIRST, "example.io", {"DOMAIN_SUFFIX_REFUSED": BLOCKER}),
        (ACCESS, "example.io", {"DOMAIN_SUFFIX_REFUSED": BLOCKER}),
        (FIRST, "example.com.hk", {"DOMAIN_SUFFIX_REFUSED": BLOCKER}),
        (FIRST, "example.org", {"DOMAIN_SUFFIX_REFUSED": BLOCKER}),
        (ACCESS, "example.org", {"DOMAIN_SUFFIX_REFUSED": WARNING}),  # filed before 2018-01-01 it may be added
        (FIRST, "example.shop", {"DOMAIN_SUFFIX_UNLISTED": WARNING}),
        (FIRST, "xn--fsqu00a.xn--fiqs8s", {"DOMAIN_SUFFIX_UNLISTED": WARNING}),
    ],
)
def test_beijing_has_a_list_of_suffixes(
    order_type: pb.OrderType.ValueType, domain: str, expected: dict[str, int]
) -> None:
    """S2.14; the list is TC-DOC's, which names some suffixes and ends in "…": of any other nothing is known."""
    assert at(order(order_type, province="北京"), domain) == expected


@pytest.mark.parametrize(
    ("order_type", "domain", "expected"),
    [
        (FIRST, "example.org", {"DOMAIN_SUFFIX_WITHDRAWN": WARNING}),
        (FIRST, "example.tv", {"DOMAIN_SUFFIX_WITHDRAWN": WARNING}),
        (ACCESS, "example.org", {}),  # it is filed already
        (FIRST, "example.io", {}),
    ],
)
def test_elsewhere_withdrawn_suffixes_are_warned_of(
    order_type: pb.OrderType.ValueType, domain: str, expected: dict[str, int]
) -> None:
    """.org, .cc, .tv and .name were not approved in 2019, and are never filed again once cancelled (ALI-2019)."""
    assert at(order(order_type, province="广东"), domain) == expected


@pytest.mark.parametrize(
    ("nature", "province", "domain", "expected"),
    [
        (pb.NATURE_GOVERNMENT, "湖北", "example.gov.cn", {}),
        (pb.NATURE_GOVERNMENT, "湖北", "example.xn--zfr164b", {}),
        (pb.NATURE_GOVERNMENT, "湖北", "example.cn", {"DOMAIN_SUFFIX_OF_UNIT": WARNING}),
        (pb.NATURE_INSTITUTION, "上海", "example.cn", {}),
        (pb.NATURE_INSTITUTION, "上海", "example.com.cn", {}),
        (pb.NATURE_INSTITUTION, "上海", "example.xn--55qw42g", {}),
        (pb.NATURE_INSTITUTION, "上海", "example.com", {"DOMAIN_SUFFIX_OF_UNIT": WARNING}),
        (pb.NATURE_INSTITUTION, "内蒙古", "example.com", {"DOMAIN_SUFFIX_OF_UNIT": BLOCKER}),
        (pb.NATURE_ENTERPRISE, "内蒙古", "example.com", {}),
    ],
)
def test_public_bodies_have_suffixes_of_their_own(
    nature: pb.Nature.ValueType, province: str, domain: str, expected: dict[str, int]
) -> None:
    """党政机关 → .gov.cn/.政务; 事业单位 → .cn/.公益 (HW-KB); Inner Mongolia's line says 须 (must)."""
    assert at(order(nature=nature, province=province), domain) == expected


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_answered(text: str) -> None:
    """Nothing that is typed raises, and what is no name is refused."""
    answer = verified(order(), text)
    assert isinstance(answer, Failed) or is_ascii_name(text)


@settings(deadline=None)
@given(text=st.text(st.characters(categories=["L", "N", "P"]), max_size=20))
def test_an_ascii_form_is_stable(text: str) -> None:
    """A suggestion is itself accepted as a name, and is its own ASCII form."""
    name = ascii_form(text + ".cn")
    assert name == "" or (is_ascii_name(name) and ascii_form(name) in {name, ""})

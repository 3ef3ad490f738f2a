"""Whole subjects."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as r
from beianhub_core.findings import blocks
from beianhub_core.rules.certificates import resident_id_check
from beianhub_core.rules.normalise import normalise_subject
from beianhub_core.rules.people import check_person
from beianhub_core.rules.subjects import check_subject
from beianhub_core.vault.personal import mask

TODAY = date(2026, 3, 1)


def found(subject: r.Subject) -> set[tuple[str, str]]:
    return {(each.code, each.path) for each in check_subject(subject, TODAY)}


def test_a_right_subject_has_no_finding(enterprise: r.Subject) -> None:
    """A complete enterprise passes."""
    assert check_subject(enterprise, TODAY) == []


def test_a_right_individual_has_no_finding(individual: r.Subject) -> None:
    """A complete individual passes."""
    assert check_subject(individual, TODAY) == []


@pytest.mark.parametrize("customer", ["客" * 256, "a\0b", "a\nb"])
def test_a_customer_is_a_short_word(enterprise: r.Subject, customer: str) -> None:
    """What a database could not keep or find is refused with its field, and not called an outage."""
    enterprise.customer = customer
    assert found(enterprise) == {("CUSTOMER_INVALID", "customer")}
    enterprise.customer = "示例 集团\u3000(No. 1)" + "客" * 200
    assert found(enterprise) == set()


def test_every_mistake_is_told_at_once_with_its_path(enterprise: r.Subject) -> None:
    """All mistakes come together, each at its own field."""
    enterprise.profile.certificate.number = "91110000600037341A"
    enterprise.profile.province = "香港"
    enterprise.profile.address = ""
    enterprise.profile.principal.email = "nobody"
    service = enterprise.services[0]
    service.domains.append("www.example.com")
    service.principal.mobile = "123"
    service.accesses[0].ips.append("10.0.0.1")
    assert found(enterprise) == {
        ("CERTIFICATE_NUMBER_CHECK_DIGIT", "profile.certificate.number"),
        ("PROVINCE_UNKNOWN", "profile.province"),
        ("ADDRESS_REQUIRED", "profile.address"),
        ("EMAIL_INVALID", "profile.principal.email"),
        ("DOMAIN_NOT_REGISTRABLE", "services[0].domains[1]"),
        ("WEBSITE_SEVERAL_DOMAINS", "services[0].domains"),
        ("MOBILE_INVALID", "services[0].principal.mobile"),
        ("IP_NOT_PUBLIC", "services[0].accesses[0].ips[1]"),
    }


def test_an_empty_subject_names_what_is_required() -> None:
    """Nothing filled in gives the list of what is needed."""
    codes = {code for code, _ in found(r.Subject(services=[r.Service()]))}
    assert codes >= {
        "SUBJECT_TITLE_REQUIRED",
        "NATURE_REQUIRED",
        "PROVINCE_REQUIRED",
        "ADDRESS_REQUIRED",
        "CERTIFICATE_TYPE_REQUIRED",
        "CERTIFICATE_NUMBER_REQUIRED",
        "NAME_REQUIRED",
        "MOBILE_REQUIRED",
        "SERVICE_KIND_REQUIRED",
        "SERVICE_TITLE_REQUIRED",
    }


def test_nature_and_certificate_go_together(individual: r.Subject) -> None:
    """A unit has a credit code, an individual a certificate of a person."""
    individual.profile.certificate.type = r.CERTIFICATE_TYPE_USCC
    individual.profile.certificate.number = "91110000600037341L"
    assert ("CERTIFICATE_TYPE_OF_NATURE", "profile.certificate.type") in found(individual)
    individual.profile.nature = r.NATURE_INSTITUTION
    assert not {code for code, _ in found(individual)} & {"CERTIFICATE_TYPE_OF_NATURE"}


def test_an_individual_answers_for_his_own_services(individual: r.Subject) -> None:
    """Both principals of an individual's filing are that individual (ALI-2019)."""
    individual.services[0].principal.full_name = "李四"
    assert found(individual) == {("SERVICE_PRINCIPAL_NOT_SAME", "services[0].principal")}
    individual.profile.principal.full_name = "李四"
    assert found(individual) == {("SUBJECT_PRINCIPAL_NOT_SAME", "profile.principal")}


def test_a_unit_may_name_another_person(enterprise: r.Subject) -> None:
    """A unit's service may have a principal of its own."""
    enterprise.services[0].principal.full_name = "李四"
    assert check_subject(enterprise, TODAY) == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("示例商店", set()),
        ("商店", {"SERVICE_TITLE_SHORT"}),
        ("12345", {"SERVICE_TITLE_DIGITS"}),
        ("My Shop", {"SERVICE_TITLE_ENGLISH"}),
        ("example.com", {"SERVICE_TITLE_IS_DOMAIN"}),
        ("中国示例网", {"SERVICE_TITLE_STATE"}),
        ("例" * 513, {"SERVICE_TITLE_LENGTH"}),
        ("  ", {"SERVICE_TITLE_REQUIRED"}),
    ],
)
def test_naming_rules_of_websites(enterprise: r.Subject, title: str, expected: set[str]) -> None:
    """Each naming rule has its own code."""
    enterprise.services[0].title = title
    assert {code for code, _ in found(enterprise)} == expected


def test_three_characters_are_hard_in_tianjin_only(enterprise: r.Subject) -> None:
    """The source says it of Tianjin; elsewhere it is advice."""
    enterprise.services[0].title = "商店"
    assert not blocks(check_subject(enterprise, TODAY))
    enterprise.profile.province = "天津"
    assert blocks(check_subject(enterprise, TODAY))


def test_an_individuals_website_has_no_word_of_trade(individual: r.Subject) -> None:
    """Trade words and blogs are refused in many provinces."""
    individual.services[0].title = "张三的博客"
    assert found(individual) == {("SERVICE_TITLE_INDIVIDUAL", "services[0].title")}


def test_services_of_all_kinds_share_one_sequence(enterprise: r.Subject) -> None:
    """No two services of a subject have one number, whatever the letter and the spelling (HW-KB doc_0115)."""
    enterprise.licence_number = "京ICP备2026000001号"
    enterprise.services[0].licence_number = "京ICP备2026000001号-1"
    second = enterprise.services.add()
    second.CopyFrom(enterprise.services[0])
    second.domains[:] = ["example2.com.cn"]
    second.licence_number = "京ICP备2026000001-1号"
    assert found(enterprise) == {("LICENCE_NUMBER_DUPLICATE", "services[1].licence_number")}
    second.kind, second.licence_number = r.SERVICE_KIND_APP, "京ICP备2026000001号-1A"
    assert found(enterprise) == {("LICENCE_NUMBER_DUPLICATE", "services[1].licence_number")}
    second.licence_number = "京ICP备2026000001号-2A"
    assert found(enterprise) == set()


def test_a_domain_belongs_to_one_website(enterprise: r.Subject) -> None:
    """Two websites cannot share a domain, however it is spelled; an APP may share it."""
    second = enterprise.services.add()
    second.CopyFrom(enterprise.services[0])
    second.domains[:] = ["EXAMPLE.com.cn"]
    assert found(enterprise) == {("DOMAIN_DUPLICATE", "services[1].domains[0]")}
    second.kind = r.SERVICE_KIND_APP
    assert found(enterprise) == set()


def test_one_access_per_provider(enterprise: r.Subject) -> None:
    """A service has one access at each provider."""
    enterprise.services[0].accesses.add(provider="tencent")
    assert ("ACCESS_DUPLICATE", "services[0].accesses[1].provider") in found(enterprise)


def test_a_mask_is_told_as_such(enterprise: r.Subject) -> None:
    """A masked value that a client sends back is one finding, not a list of odd ones."""
    codes = found(mask(enterprise))
    assert ("VALUE_IS_MASKED", "services[0].principal.mobile") in codes
    assert {code for code, _ in codes} == {"VALUE_IS_MASKED"}


def test_persons(person: r.Person) -> None:
    """Minors, equal phones and a unit's certificate are found; foreign names pass."""
    assert check_person(person, "p", TODAY) == []
    person.full_name = "Anna-Maria O'Neill"
    assert check_person(person, "p", TODAY) == []
    person.full_name = "买买提·艾力"
    person.emergency_phone = "+86 13800000001"
    person.certificate.number = "11010520150101002" + resident_id_check("11010520150101002")
    codes = [each.code for each in check_person(person, "p", TODAY)]
    assert codes == ["PERSON_UNDER_18", "EMERGENCY_PHONE_SAME"]
    person.certificate.type = r.CERTIFICATE_TYPE_USCC
    assert "PERSON_CERTIFICATE_TYPE" in [each.code for each in check_person(person, "p", TODAY)]


@pytest.mark.parametrize("name", ["张", "张3", "张三!", "张*"])
def test_names_without_digits_and_signs(person: r.Person, name: str) -> None:
    """A name has two letters at least, and letters only."""
    person.full_name = name
    assert "NAME_INVALID" in [each.code for each in check_person(person, "p", TODAY)]


def test_normalising_gives_one_spelling(enterprise: r.Subject) -> None:
    """Blanks, width, case, long names and old spellings become canonical, in place."""
    service = enterprise.services[0]
    enterprise.profile.province = "北京市"
    enterprise.profile.title = " 示例科技有限公司 "
    enterprise.profile.principal.certificate.number = "11010519491231002x"
    enterprise.profile.principal.certificate.valid_until = "长期"
    enterprise.profile.principal.mobile = "+86 138 0000 0001"
    enterprise.licence_number = "京ICP备 12345678"
    service.licence_number = "京ICP备12345678-1号"
    service.domains[:] = ["HTTP://例子.中国/", "??"]
    service.accesses[0].ips[:] = ["240E::0001"]
    normal = normalise_subject(enterprise)
    assert normal is enterprise
    assert (normal.profile.province, normal.profile.title) == ("北京", "示例科技有限公司")
    principal = normal.profile.principal
    assert (principal.certificate.number, principal.certificate.valid_until) == ("11010519491231002X", "")
    assert (principal.mobile, normal.licence_number) == ("13800000001", "京ICP备12345678号")
    assert normal.services[0].licence_number == "京ICP备12345678号-1"
    assert list(normal.services[0].domains) == ["xn--fsqu00a.xn--fiqs8s", "??"]
    assert list(normal.services[0].accesses[0].ips) == ["240e::1"]
    before = normal.SerializeToString(deterministic=True)
    assert normalise_subject(normal).SerializeToString(deterministic=True) == before


@given(st.text(st.characters(codec="utf-8"), min_size=5, max_size=30))
def test_no_finding_quotes_personal_data(value: str) -> None:
    """Whatever stands in a personal-data field, no finding repeats it."""
    marked = f"秘{value}密"
    person = r.Person(
        full_name=marked,
        certificate=r.Certificate(type=r.CERTIFICATE_TYPE_RESIDENT_ID, number=marked, address=marked),
        mobile=marked,
        emergency_phone=marked,
        email=marked,
    )
    subject = r.Subject(
        profile=r.SubjectProfile(
            title=marked, nature=r.NATURE_INDIVIDUAL, certificate=person.certificate, address=marked, principal=person
        ),
        services=[r.Service(principal=person)],
    )
    texts = [
        text for each in check_subject(subject, TODAY) for text in (each.message_zh, each.message_en, each.suggestion)
    ]
    assert not any(marked in text or marked.strip().upper() in text for text in texts)


def test_every_finding_names_its_rule_its_source_and_the_remedy(enterprise: r.Subject) -> None:
    """Nobody is told no without the reason, in both languages, and a way out."""
    enterprise.services[0].domains[:] = ["www.example.com", "x", "1.2.3.4"]
    enterprise.services[0].accesses[0].ips[:] = ["10.0.0.1", "203.0.113.1", "x"]
    findings = [
        *check_subject(r.Subject(services=[r.Service(kind=r.SERVICE_KIND_WEBSITE)]), TODAY),
        *check_subject(enterprise, TODAY),
        *check_subject(mask(enterprise), TODAY),
    ]
    incomplete = [
        each
        for each in findings
        if not all((each.code, each.path, each.message_zh, each.message_en, each.rule, each.source))
        or "。 / " not in each.suggestion
    ]
    assert len(findings) > 30
    assert incomplete == []


@pytest.mark.parametrize(
    ("registrations", "expected"),
    [
        ([("Example.COM.cn", "2027-03-01")], set()),
        ([("example.com.cn", "")], set()),
        ([("example.com", "2027-03-01")], {("REGISTRATION_OF_OTHER_DOMAIN", "services[0].registrations[0].domain")}),
        ([("example.com.cn", "2027/3/1")], {("DOMAIN_EXPIRY_FORMAT", "services[0].registrations[0].expires_on")}),
        ([("example.com.cn", "20270301")], {("DOMAIN_EXPIRY_FORMAT", "services[0].registrations[0].expires_on")}),
        ([("example.com.cn", "")] * 2, {("REGISTRATION_DUPLICATE", "services[0].registrations[1].domain")}),
    ],
)
def test_a_registration_is_of_a_domain_of_its_service(
    enterprise: r.Subject, registrations: list[tuple[str, str]], expected: set[tuple[str, str]]
) -> None:
    """At most one for each domain, in whatever spelling, with a day that there is."""
    for domain, day in registrations:
        enterprise.services[0].registrations.add(domain=domain, expires_on=day)
    assert found(enterprise) == expected

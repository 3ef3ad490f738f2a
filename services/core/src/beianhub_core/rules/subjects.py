"""The check of a whole subject: every mistake at once, each with its path (domain facts 1.3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

from beianhub.resources.v1.resources_pb2 import (
    CERTIFICATE_TYPE_PASSPORT,
    CERTIFICATE_TYPE_RESIDENT_ID,
    CERTIFICATE_TYPE_UNSPECIFIED,
    CERTIFICATE_TYPE_USCC,
    NATURE_INDIVIDUAL,
    NATURE_UNSPECIFIED,
    SERVICE_KIND_UNSPECIFIED,
    SERVICE_KIND_WEBSITE,
    Access,
    Finding,
    Service,
    Subject,
    SubjectProfile,
)
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding
from beianhub_core.rules.addresses import check_ip
from beianhub_core.rules.certificates import check_certificate, normalise_number
from beianhub_core.rules.domains import canonical_domain, check_service_domain
from beianhub_core.rules.licence import check_distinct_licences, check_service_licence, check_subject_licence
from beianhub_core.rules.people import check_person, same_person
from beianhub_core.rules.provinces import BY_NAME, canonical_province
from beianhub_core.rules.registrations import check_registrations
from beianhub_core.rules.titles import check_title
from beianhub_core.vault.personal import masked_paths

_LONGEST_TITLE: Final = 255  # MIIT-V3 Dwmc
_LONGEST_ADDRESS: Final = 1024  # MIIT-V3 Xxdz
_LONGEST_CUSTOMER: Final = 255  # a word to list by, which PostgreSQL has to index
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_OF_A_PERSON: Final = (CERTIFICATE_TYPE_RESIDENT_ID, CERTIFICATE_TYPE_PASSPORT)


def check_subject(subject: Subject, today: date) -> list[Finding]:
    """Everything wrong with a subject's real values on the day ``today``; no finding quotes personal data.

    A field that carries a mask instead of its value gets that one finding.
    """
    masked = masked_paths(subject)
    found = [
        *_check_customer(subject.customer),
        *check_subject_licence(subject.licence_number, "licence_number"),
        *_check_profile(subject.profile, today),
        *_check_services(subject, today),
    ]
    return [_masked(path) for path in masked] + [each for each in found if each.path not in masked]


def _check_customer(customer: str) -> Iterator[Finding]:
    if len(customer) > _LONGEST_CUSTOMER or _CONTROLS.search(customer):
        yield blocker(
            "CUSTOMER_INVALID",
            "customer",
            f"客户标签不超过 {_LONGEST_CUSTOMER} 字，且不含换行等控制字符",
            f"a customer's label has at most {_LONGEST_CUSTOMER} characters, none of them a line break",
            "改用简短的名称或编号。 / Use a short name or number.",
        )


def _check_profile(profile: SubjectProfile, today: date) -> Iterator[Finding]:
    yield from _check_title(profile, "profile.title")
    if profile.nature == NATURE_UNSPECIFIED:
        yield _required("NATURE_REQUIRED", "profile.nature", "主办单位性质", "the subject's nature", "Dwxz")
    yield from _check_place(profile)
    yield from check_certificate(profile.certificate, "profile.certificate", today)
    yield from _check_nature(profile)
    yield from check_person(profile.principal, "profile.principal", today)
    if profile.nature == NATURE_INDIVIDUAL:
        yield from _check_individual(profile)


def _check_title(profile: SubjectProfile, path: str) -> Iterator[Finding]:
    if not profile.title.strip():
        yield _required("SUBJECT_TITLE_REQUIRED", path, "主办单位名称", "the subject's name", "Dwmc")
    elif len(profile.title) > _LONGEST_TITLE:
        yield _too_long("SUBJECT_TITLE_LENGTH", path, "主办单位名称", "the subject's name", _LONGEST_TITLE, "Dwmc")


def _check_place(profile: SubjectProfile) -> Iterator[Finding]:
    """Province of the 31 bureaus, city and postal address."""
    if not profile.province.strip():
        yield _required("PROVINCE_REQUIRED", "profile.province", "省份", "the province", "Shengid")
    elif not canonical_province(profile.province):
        yield blocker(
            "PROVINCE_UNKNOWN",
            "profile.province",
            "省份应为 31 个省、自治区、直辖市之一",
            "must be one of the 31 provinces",
            f"请用 {'、'.join(BY_NAME)} 之一。 / Use one of {'、'.join(BY_NAME)}.",
            source=("MIIT-V3 1019",),
        )
    if not profile.city.strip():
        yield finding(
            SEVERITY_WARNING,
            "CITY_MISSING",
            "profile.city",
            "未填写所在城市",
            "the city is missing",
            "填写通信地址所在城市。 / Enter the city of the postal address.",
            source=("MIIT-V3 Shiid",),
        )
    if not profile.address.strip():
        yield _required("ADDRESS_REQUIRED", "profile.address", "通信地址", "the postal address", "Xxdz")
    elif len(profile.address) > _LONGEST_ADDRESS:
        yield _too_long("ADDRESS_LENGTH", "profile.address", "通信地址", "the postal address", _LONGEST_ADDRESS, "Xxdz")


def _check_nature(profile: SubjectProfile) -> Iterator[Finding]:
    """An individual has a certificate of a person, a unit its unified social credit code."""
    type_ = profile.certificate.type
    if profile.nature == NATURE_UNSPECIFIED or type_ == CERTIFICATE_TYPE_UNSPECIFIED:
        return
    individual = profile.nature == NATURE_INDIVIDUAL
    if type_ not in (_OF_A_PERSON if individual else (CERTIFICATE_TYPE_USCC,)):
        yield blocker(
            "CERTIFICATE_TYPE_OF_NATURE",
            "profile.certificate.type",
            "个人应使用居民身份证或护照" if individual else "单位应使用统一社会信用代码",
            "an individual has a resident ID or a passport"
            if individual
            else "a unit has a unified social credit code",
            "请更正主体性质或其证件。 / Correct the subject's nature, or its certificate.",
            source=("MIIT-V3 Dwxz", "MIIT-V3 Zjlx", "MIIT-V3 1008"),
        )


def _check_individual(profile: SubjectProfile) -> Iterator[Finding]:
    """An individual is the principal of his own filing."""
    own = profile.certificate
    principal = profile.principal.certificate
    same_number = normalise_number(own.number) == normalise_number(principal.number)
    if profile.title.strip() != profile.principal.full_name.strip() or not same_number:
        yield _another_person("SUBJECT_PRINCIPAL_NOT_SAME", "profile.principal", "主体负责人", "the principal")


def _check_services(subject: Subject, today: date) -> Iterator[Finding]:
    for index, service in enumerate(subject.services):
        path = f"services[{index}]"
        if service.kind == SERVICE_KIND_UNSPECIFIED:
            yield _required("SERVICE_KIND_REQUIRED", f"{path}.kind", "服务类型", "the kind of the service", "Fwnr_id")
        yield from check_title(service, subject.profile, f"{path}.title")
        yield from _check_domains(service, path)
        yield from check_service_licence(
            service.licence_number, f"{path}.licence_number", service.kind, subject.licence_number
        )
        yield from check_person(service.principal, f"{path}.principal", today)
        if subject.profile.nature == NATURE_INDIVIDUAL and not same_person(
            service.principal, subject.profile.principal
        ):
            yield _another_person("SERVICE_PRINCIPAL_NOT_SAME", f"{path}.principal", "服务负责人", "the principal")
        yield from _check_accesses(service, path)
    yield from _check_duplicates(subject)
    yield from check_distinct_licences(subject)


def _check_domains(service: Service, path: str) -> Iterator[Finding]:
    for index, domain in enumerate(service.domains):
        yield from check_service_domain(domain, f"{path}.domains[{index}]", service.kind)
    yield from check_registrations(service, path)
    if service.kind != SERVICE_KIND_WEBSITE:
        return
    if not service.domains:
        yield _required("DOMAIN_REQUIRED", f"{path}.domains", "网站域名", "a domain of the website", "Ym_xx")
    elif len(service.domains) > 1:
        yield finding(
            SEVERITY_WARNING,
            "WEBSITE_SEVERAL_DOMAINS",
            f"{path}.domains",
            "自 2019-04-22 起，阿里云和腾讯云的一个网站只备案一个域名",
            "since 2019-04-22 Aliyun and Tencent file one domain per website",
            "其余域名各自新建服务。 / Make a service of its own for each further domain.",
            source=("ALI-2019", "TC-DOC"),
            as_of="2019-04-22",
        )


def _check_accesses(service: Service, path: str) -> Iterator[Finding]:
    providers = Counter(access.provider for access in service.accesses)
    for index, access in enumerate(service.accesses):
        at = f"{path}.accesses[{index}]"
        if not access.provider:
            yield _required("PROVIDER_REQUIRED", f"{at}.provider", "接入商", "the provider", "Jr_xx")
        elif providers[access.provider] > 1:
            yield _twice("ACCESS_DUPLICATE", f"{at}.provider", "同一服务在同一接入商重复接入", "the provider", "1038")
        yield from _check_ips(access, at)


def _check_ips(access: Access, path: str) -> Iterator[Finding]:
    for index, ip in enumerate(access.ips):
        yield from check_ip(ip, f"{path}.ips[{index}]")


def _check_duplicates(subject: Subject) -> Iterator[Finding]:
    """A domain belongs to one website; an APP may use the same one (HW-KB doc_0124)."""
    seen: set[tuple[bool, str]] = set()
    for index, service in enumerate(subject.services):
        for position, domain in enumerate(service.domains):
            key = service.kind == SERVICE_KIND_WEBSITE, canonical_domain(domain) or domain
            if key in seen:
                path = f"services[{index}].domains[{position}]"
                yield _twice("DOMAIN_DUPLICATE", path, "域名重复", "the domain", "1005")
            seen.add(key)


def _required(code: str, path: str, name_zh: str, name_en: str, field: str) -> Finding:
    return blocker(
        code,
        path,
        f"请填写{name_zh}",
        f"{name_en} is required",
        f"请填写{name_zh}。 / Enter {name_en}.",
        source=(f"MIIT-V3 {field}",),
    )


def _too_long(code: str, path: str, name_zh: str, name_en: str, longest: int, field: str) -> Finding:
    zh, en = f"{name_zh}不超过 {longest} 字", f"{name_en} has at most {longest} characters"
    return blocker(code, path, zh, en, "缩短。 / Shorten it.", source=(f"MIIT-V3 {field}",))


def _twice(code: str, path: str, message_zh: str, name_en: str, result_code: str) -> Finding:
    en = f"{name_en} is there twice"
    return blocker(
        code, path, message_zh, en, "删除其中一项。 / Remove one of the two.", source=(f"MIIT-V3 {result_code}",)
    )


def _another_person(code: str, path: str, name_zh: str, name_en: str) -> Finding:
    return blocker(
        code,
        path,
        f"个人备案的{name_zh}必须是主办者本人",
        f"{name_en} of an individual's filing is the individual: name and certificate must be the same",
        "填写主办者本人的姓名和证件。 / Enter the individual's own name and certificate.",
        source=("ALI-2019",),
    )


def _masked(path: str) -> Finding:
    return blocker(
        "VALUE_IS_MASKED",
        path,
        "此处为脱敏值，请填写真实值",
        "carries a mask instead of the value",
        "填写真实值，或不在更新掩码中列出该字段。 / Enter the value, or leave the field out of the update mask.",
        source=("GB/T 35273-2020 7.2",),
    )

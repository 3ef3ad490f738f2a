"""Responsible persons (负责人). No finding quotes a value: all of them are personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from beianhub.resources.v1.resources_pb2 import (
    CERTIFICATE_TYPE_RESIDENT_ID,
    CERTIFICATE_TYPE_USCC,
    Certificate,
    Finding,
    Person,
)
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding
from beianhub_core.rules.certificates import birth_date, check_certificate, normalise_number
from beianhub_core.rules.phones import canonical_phone, check_mobile, check_phone

_NAME: Final = re.compile(r"[^\W\d_][^\d_!-&*+,/:-@\[-^`{-~]{0,98}[^\W\d_]\.?")
_EMAIL: Final = re.compile(r"[^\s@*]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_LONGEST_EMAIL: Final = 128  # MIIT-V3 Fzr_dzyj
_OF_AGE: Final = 18


def check_person(person: Person, path: str, today: date) -> list[Finding]:
    """Everything wrong with a responsible person at ``path``."""
    return [
        *_check_name(person.full_name.strip(), f"{path}.full_name"),
        *_check_papers(person.certificate, f"{path}.certificate", today),
        *check_mobile(person.mobile, f"{path}.mobile"),
        *check_phone(person.emergency_phone, f"{path}.emergency_phone"),
        *_check_second_phone(person, f"{path}.emergency_phone"),
        *_check_email(person.email.strip(), f"{path}.email"),
    ]


def same_person(one: Person, other: Person) -> bool:
    """Whether name and certificate number are equal."""
    return (
        one.full_name.strip() == other.full_name.strip()
        and one.certificate.type == other.certificate.type
        and normalise_number(one.certificate.number) == normalise_number(other.certificate.number)
    )


def _check_name(name: str, path: str) -> Iterator[Finding]:
    if not name:
        yield blocker(
            "NAME_REQUIRED",
            path,
            "请填写负责人姓名",
            "the person's name is required",
            "按证件填写姓名。 / Enter the name as it stands on the certificate.",
            source=("MIIT-V3 Fzr_xm",),
        )
    elif not _NAME.fullmatch(name):
        yield blocker(
            "NAME_INVALID",
            path,
            "姓名应为两个以上的文字，不含数字和符号",
            "a name has two letters or more, and no digits or signs",
            "按证件填写姓名。 / Enter the name as it stands on the certificate.",
            source=("MIIT-V3 Fzr_xm",),
        )


def _check_papers(certificate: Certificate, path: str, today: date) -> Iterator[Finding]:
    if certificate.type == CERTIFICATE_TYPE_USCC:
        yield blocker(
            "PERSON_CERTIFICATE_TYPE",
            f"{path}.type",
            "负责人的证件应为个人证件，如居民身份证",
            "a person has a certificate of a person, such as a resident ID",
            "选择居民身份证或护照。 / Choose resident ID (居民身份证) or passport (护照).",
            source=("MIIT-V3 Fzr_zjlx", "MIIT-V3 1015"),
        )
        return
    found = check_certificate(certificate, path, today)
    yield from found
    if not found and certificate.type == CERTIFICATE_TYPE_RESIDENT_ID:
        yield from _check_age(birth_date(normalise_number(certificate.number)), f"{path}.number", today)


def _check_age(born: date | None, path: str, today: date) -> Iterator[Finding]:
    """Several provinces refuse persons under 18, or ask for proof of income or for a guardian (ALI-2019, TC-DOC)."""
    if born and today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < _OF_AGE:
        yield finding(
            SEVERITY_WARNING,
            "PERSON_UNDER_18",
            path,
            "负责人未满 18 周岁，部分省份不予备案或需提供证明",
            "the person is under 18: several provinces refuse that, or ask for proof",
            "填写成年人，或查阅本省规定。 / Name an adult, or look up the province's rule.",
            source=("ALI-2019", "TC-DOC"),
        )


def _check_second_phone(person: Person, path: str) -> Iterator[Finding]:
    if person.emergency_phone and canonical_phone(person.emergency_phone) == canonical_phone(person.mobile):
        yield finding(
            SEVERITY_WARNING,
            "EMERGENCY_PHONE_SAME",
            path,
            "应急联系电话与联系方式1相同，部分省份要求不同",
            "the emergency phone is the mobile number; some provinces ask for another one",
            "填写他人接听的号码。 / Enter a number at which somebody else answers.",
            source=("TC-DOC 广西",),
        )


def _check_email(email: str, path: str) -> Iterator[Finding]:
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        yield blocker(
            "EMAIL_INVALID",
            path,
            "不是有效的电子邮箱地址",
            "is no e-mail address, or longer than 128 characters",
            "填写如 name@example.com 的地址。 / Enter an address such as name@example.com.",
            source=("MIIT-V3 Fzr_dzyj",),
        )

"""Certificate numbers (证件号码) and their validity: GB 11643, GB 32100 with the inner GB 11714, and passports.

No finding quotes a number: they are personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from beianhub.resources.v1.resources_pb2 import (
    CERTIFICATE_TYPE_PASSPORT,
    CERTIFICATE_TYPE_RESIDENT_ID,
    CERTIFICATE_TYPE_UNSPECIFIED,
    CERTIFICATE_TYPE_USCC,
    Certificate,
    Finding,
)
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

LONG_TERM: Final = "长期"
_LENGTH: Final = 18
_EARLIEST_BIRTH: Final = 1880
_NEARLY_EXPIRED: Final = timedelta(days=90)  # "> 3 months (90 days)": HW-KB, ALI-2019

_ID_SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_SHAPE: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))

_ORGANIZATION: Final = slice(8, 17)
_ORGANIZATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANIZATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_PASSPORT_SHAPE: Final = re.compile(r"[A-Z0-9]{5,17}")

_COPY_AGAIN: Final = "按证件重新填写号码。 / Copy the number from the certificate again."


def normalise_number(number: str) -> str:
    """The number without blanks, in upper case: ``11010519491231002x`` ends in ``X``."""
    return "".join(number.split()).upper()


def resident_id_check(number: str) -> str:
    """The check character that the first 17 digits of a resident ID ask for (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11]


def uscc_check(code: str) -> str:
    """The check character that the first 17 characters of a unified social credit code ask for (GB 32100)."""
    total = sum(_USCC_ALPHABET.index(c) * weight for c, weight in zip(code, _USCC_WEIGHTS, strict=False))
    return _USCC_ALPHABET[-total % 31]


def organization_check(code: str) -> str:
    """The check character that the first 8 characters of an organization code (组织机构代码) ask for (GB 11714)."""
    pairs = zip(code, _ORGANIZATION_WEIGHTS, strict=False)
    return "0123456789X"[-sum(_ORGANIZATION_ALPHABET.index(c) * weight for c, weight in pairs) % 11]


def birth_date(number: str) -> date | None:
    """The birth date in a resident ID of 18 characters; ``None`` where there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def check_certificate(certificate: Certificate, path: str, today: date) -> list[Finding]:
    """Everything wrong with a certificate at ``path``: its number by its type's standard, and its last day."""
    return [
        *_check_number(certificate.type, normalise_number(certificate.number), path, today),
        *_check_validity(certificate.valid_until, f"{path}.valid_until", today),
    ]


def _check_number(type_: int, number: str, path: str, today: date) -> Iterator[Finding]:
    if type_ == CERTIFICATE_TYPE_UNSPECIFIED:
        yield blocker(
            "CERTIFICATE_TYPE_REQUIRED",
            f"{path}.type",
            "请选择证件类型",
            "the type of the certificate is required",
            "选择居民身份证、统一社会信用代码或护照。 / "
            "Choose resident ID (居民身份证), unified social credit code (统一社会信用代码) or passport (护照).",
            source=("MIIT-V3 Zjlx",),
        )
    at = f"{path}.number"
    if not number:
        yield blocker(
            "CERTIFICATE_NUMBER_REQUIRED",
            at,
            "请填写证件号码",
            "the number of the certificate is required",
            "按证件填写。 / Copy it from the certificate.",
            source=("MIIT-V3 Zjhm",),
        )
    elif type_ == CERTIFICATE_TYPE_RESIDENT_ID:
        yield from _check_resident_id(number, at, today)
    elif type_ == CERTIFICATE_TYPE_USCC:
        yield from _check_uscc(number, at)
    elif type_ == CERTIFICATE_TYPE_PASSPORT and not _PASSPORT_SHAPE.fullmatch(number):
        yield _wrong_characters(
            at, "护照号码应为 5 至 17 位字母或数字", "a passport has 5 to 17 letters or digits", "MIIT-V3"
        )


def _check_resident_id(number: str, path: str, today: date) -> Iterator[Finding]:
    """GB 11643. First digits 8 (港澳台居民居住证) and 9 (foreigners' permanent residence card) are accepted."""
    if len(number) != _LENGTH:
        yield _wrong_length(path, "居民身份证号码", "a resident ID", "GB 11643")
        return
    if not _ID_SHAPE.fullmatch(number):
        zh = "居民身份证号码应为 17 位数字加 1 位数字或 X，且不以 0 开头"
        yield _wrong_characters(
            path, zh, "a resident ID is 17 digits and a digit or X, not starting with 0", "GB 11643"
        )
        return
    born = birth_date(number)
    if born is None or born > today or born.year < _EARLIEST_BIRTH:
        yield blocker(
            "CERTIFICATE_NUMBER_DATE",
            path,
            "身份证号码第 7 至 14 位不是有效的出生日期",
            "characters 7 to 14 are no possible birth date",
            _COPY_AGAIN,
            source=("GB 11643",),
        )
    if resident_id_check(number) != number[-1]:
        yield _wrong_check(
            path, "身份证号码的校验位不符", "the last character does not match the 17 before it", "GB 11643"
        )


def _check_uscc(code: str, path: str) -> Iterator[Finding]:
    """GB 32100, and GB 11714 for the organization code in characters 9 to 17."""
    if len(code) != _LENGTH:
        yield _wrong_length(path, "统一社会信用代码", "a unified social credit code", "GB 32100")
        return
    if not _USCC_SHAPE.fullmatch(code):
        zh = "统一社会信用代码不含字母 I、O、Z、S、V，且第 3 至 8 位为数字"
        en = "a unified social credit code has no I, O, Z, S or V, and digits at 3 to 8"
        yield _wrong_characters(path, zh, en, "GB 32100")
        return
    if uscc_check(code) != code[-1]:
        en = "the last character does not match the 17 before it"
        yield _wrong_check(path, "统一社会信用代码的校验位不符", en, "GB 32100")
    organization = code[_ORGANIZATION]
    if organization_check(organization) != organization[-1]:
        yield blocker(
            "CERTIFICATE_NUMBER_ORGANIZATION_CODE",
            path,
            "统一社会信用代码第 9 至 17 位（组织机构代码）的校验位不符",
            "the organization code in characters 9 to 17 does not match its own check character",
            _COPY_AGAIN,
            source=("GB 32100", "GB 11714"),
        )


def last_day(valid_until: str) -> date | None:
    """The last day on which a certificate is valid; ``None`` for 长期, and for what is no day."""
    try:
        return date.fromisoformat(valid_until.strip())
    except ValueError:
        return None


def _check_validity(valid_until: str, path: str, today: date) -> Iterator[Finding]:
    """Expired certificates are refused; many provinces ask for more than three months."""
    if valid_until.strip() in ("", LONG_TERM):
        return
    last = last_day(valid_until)
    if last is None:
        yield blocker(
            "CERTIFICATE_VALID_UNTIL_FORMAT",
            path,
            "有效期应为 YYYY-MM-DD，长期有效请留空",
            "the last day must be YYYY-MM-DD, or empty for 长期",
            "按证件截止日期填写 YYYY-MM-DD。 / Write the last day on the certificate as YYYY-MM-DD.",
            source=("WX certificate_validity_date_end",),
        )
        return
    if last < today:
        yield blocker(
            "CERTIFICATE_EXPIRED",
            path,
            "证件已过有效期",
            "the certificate has expired",
            "换证后填写新证件。 / Renew the certificate, then enter the new one.",
            source=("HW-KB doc_0017–0028", "ALI-2019 备案驳回FAQ"),
        )
    elif last - today <= _NEARLY_EXPIRED:
        yield finding(
            SEVERITY_WARNING,
            "CERTIFICATE_EXPIRES_WITHIN_3_MONTHS",
            path,
            "证件有效期不足三个月，多数省份要求三个月以上",
            "the certificate has three months or less left; many provinces ask for more",
            "备案前先换证。 / Renew the certificate before filing.",
            source=("HW-KB", "ALI-2019"),
        )


def _wrong_length(path: str, name_zh: str, name_en: str, source: str) -> Finding:
    return blocker(
        "CERTIFICATE_NUMBER_LENGTH",
        path,
        f"{name_zh}应为 18 位",
        f"{name_en} has 18 characters",
        "填写 18 位号码；15 位旧证件须先换证。 / "
        "Enter the number of 18 characters; a certificate with an old number of 15 has to be renewed first.",
        source=(source,),
    )


def _wrong_characters(path: str, message_zh: str, message_en: str, source: str) -> Finding:
    return blocker("CERTIFICATE_NUMBER_CHARACTERS", path, message_zh, message_en, _COPY_AGAIN, source=(source,))


def _wrong_check(path: str, message_zh: str, message_en: str, source: str) -> Finding:
    return blocker("CERTIFICATE_NUMBER_CHECK_DIGIT", path, message_zh, message_en, _COPY_AGAIN, source=(source,))

"""Phone numbers (联系方式). No finding quotes one: they are personal data."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

_BLANKS: Final = re.compile(r"[\s()]")
_COUNTRY: Final = re.compile(r"^(?:\+|00)86-?(?=[01])|^86(?=1[0-9]{10}$)")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(
    r"(?P<area>0(?:10|2[0-9]|[3-9][0-9]{2}))-?(?P<number>[1-9][0-9]{6,7})(?P<extension>-[0-9]{1,6})?"
)
_VIRTUAL: Final = ("162", "165", "167", "170", "171")
_SMS_SOURCE: Final = "HW-KB doc_0013"


def canonical_phone(text: str) -> str:
    """The number without country code and blanks: ``+86 138-0000-0001`` → ``13800000001``; landlines as 010-12345678.

    What is no mainland number comes back with its outer blanks removed only.
    """
    compact = _COUNTRY.sub("", _BLANKS.sub("", unicodedata.normalize("NFKC", text)))
    digits = compact.replace("-", "")
    if _MOBILE.fullmatch(digits):
        return digits
    landline = _LANDLINE.fullmatch(compact)
    if landline is None:
        return text.strip()
    return f"{landline['area']}-{landline['number']}{landline['extension'] or ''}"


def check_mobile(value: str, path: str) -> list[Finding]:
    """联系方式1: a mainland mobile number, since it alone receives the MIIT SMS (ALI-2019, TC-DOC)."""
    number = canonical_phone(value)
    if not number:
        return [_required(path)]
    if not _MOBILE.fullmatch(number):
        return [_not_mobile(path)]
    return [_virtual(path)] if number.startswith(_VIRTUAL) else []


def check_phone(value: str, path: str) -> list[Finding]:
    """应急联系电话: a mainland mobile or landline number; it may be empty."""
    number = canonical_phone(value)
    if not number or _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return []
    return [
        blocker(
            "PHONE_INVALID",
            path,
            "应为大陆手机号码，或带区号的固定电话",
            "must be a mainland mobile number, or a landline with its area code",
            "填写 11 位手机号码，或如 010-12345678 的座机。 / "
            "Write a mobile number of 11 digits, or a landline such as 010-12345678.",
            source=("ALI-2019", "MIIT-V3 Fzr_dhhm"),
        )
    ]


def _required(path: str) -> Finding:
    return blocker(
        "MOBILE_REQUIRED",
        path,
        "请填写联系方式1（手机号码）",
        "a mobile number is required",
        "填写本人手机号码，用于接收工信部短信。 / Enter the person's own mobile number: it receives the MIIT SMS.",
        source=("ALI-2019", "TC-DOC"),
    )


def _not_mobile(path: str) -> Finding:
    return blocker(
        "MOBILE_INVALID",
        path,
        "应为 11 位大陆手机号码，短信核验只发送至该号码",
        "must be a mainland mobile number of 11 digits: it alone receives the MIIT SMS",
        "填写以 13 至 19 开头的 11 位数字。 / Enter 11 digits that start with 13 to 19.",
        source=("MIIT-V3 1011", "ALI-2019", "TC-DOC"),
    )


def _virtual(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "MOBILE_VIRTUAL_OPERATOR",
        path,
        "虚拟运营商号码可能收不到工信部核验短信",
        "numbers of virtual operators may not receive the MIIT SMS",
        "使用中国移动、中国联通、中国电信或中国广电的号码。 / "
        "Use a number of China Mobile, China Unicom, China Telecom or China Broadnet.",
        source=(_SMS_SOURCE,),
    )

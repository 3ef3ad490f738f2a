"""The columns of a portfolio: their headers as resellers write them, and how a cell becomes a field. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from google.protobuf.message import Message

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_cli.client import words
from beianhub_core.findings import blocker


class Part(Enum):
    """Whom a column describes."""

    SUBJECT = "subject"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``path`` is the field in its part; "" of the subject's id."""

    key: str
    chinese: str
    path: str
    part: Part
    others: tuple[str, ...] = ()


def _subject(key: str, chinese: str, path: str, *others: str) -> Column:
    return Column(key, chinese, path, Part.SUBJECT, others)


def _service(key: str, chinese: str, path: str, *others: str) -> Column:
    return Column(key, chinese, path, Part.SERVICE, others)


COLUMNS: Final = (
    _subject("customer", "客户", "customer", "客户名称", "客户简称"),
    _subject("subject_id", "主体ID", "", "主体编号", "id"),
    _subject("title", "主办单位名称", "profile.title", "主体名称", "单位名称", "主办者名称"),
    _subject("nature", "性质", "profile.nature", "主办单位性质", "单位性质"),
    _subject("province", "省份", "profile.province", "省"),
    _subject("city", "城市", "profile.city", "市"),
    _subject("certificate_type", "证件类型", "profile.certificate.type", "主体证件类型"),
    _subject("certificate_number", "证件号码", "profile.certificate.number", "主体证件号码", "统一社会信用代码"),
    _subject("certificate_address", "证件住所", "profile.certificate.address"),
    _subject("certificate_valid_until", "证件有效期", "profile.certificate.valid_until"),
    _subject("address", "通信地址", "profile.address", "通讯地址", "地址"),
    _subject("principal_name", "负责人姓名", "profile.principal.full_name", "主体负责人", "主体负责人姓名"),
    _subject("principal_certificate_type", "负责人证件类型", "profile.principal.certificate.type"),
    _subject(
        "principal_certificate_number", "负责人证件号码", "profile.principal.certificate.number", "负责人身份证号"
    ),
    _subject("principal_mobile", "负责人手机", "profile.principal.mobile", "负责人手机号", "联系方式1"),
    _subject("emergency_phone", "应急电话", "profile.principal.emergency_phone", "应急联系电话"),
    _subject("email", "邮箱", "profile.principal.email", "电子邮箱", "负责人邮箱"),
    _subject("licence_number", "主体备案号", "licence_number", "主体许可证号"),
    _service("site_title", "网站名称", "title", "服务名称"),
    _service("site_kind", "服务类型", "kind"),
    _service("domains", "域名", "domains", "网站域名", "domain"),
    _service("domain_expires_on", "域名到期日", "registrations", "域名有效期", "域名到期时间"),
    _service("site_principal_name", "网站负责人姓名", "principal.full_name", "网站负责人"),
    _service("site_principal_certificate_type", "网站负责人证件类型", "principal.certificate.type"),
    _service("site_principal_certificate_number", "网站负责人证件号码", "principal.certificate.number"),
    _service("site_principal_mobile", "网站负责人手机", "principal.mobile", "网站负责人手机号"),
    _service("site_emergency_phone", "网站应急电话", "principal.emergency_phone", "网站负责人应急电话"),
    _service("site_email", "网站负责人邮箱", "principal.email"),
    _service("site_licence_number", "网站备案号", "licence_number", "服务备案号"),
    _service("providers", "已接入", "accesses", "已接入服务商", "接入商"),
)
REQUIRED: Final = frozenset(
    {"subject_id", "title", "nature", "province", "certificate_type", "certificate_number", "principal_name"}
)
_PROVIDERS: Final = {
    "腾讯云": "tencent",
    "腾讯": "tencent",
    "阿里云": "aliyun",
    "阿里": "aliyun",
    "华为云": "huawei",
    "华为": "huawei",
}
_PROVIDER_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_LIST: Final = re.compile(r"[;；,，、\s]+")
_MANGLED: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)


def header_key(cell: str) -> str:
    """What identifies a header: without blanks, width, case, underscores and remarks in brackets."""
    text = unicodedata.normalize("NFKC", cell)
    return re.sub(r"\(.*?\)|[\s_*:-]", "", text).lower()


BY_HEADER: Final = {
    header_key(header): column for column in COLUMNS for header in (column.chinese, column.key, *column.others)
}


def read_cell(target: Message, column: Column, cell: str) -> list[Finding]:
    """Sets the column's field of the subject or service; or says what is wrong with the cell, never quoting it."""
    if column.path == "accesses":
        return _accesses(target, cell)
    if column.path == "registrations":
        return _registrations(target, cell)
    *parents, name = column.path.split(".")
    holder: Any = target
    for parent in parents:
        holder = getattr(holder, parent)
    field = holder.DESCRIPTOR.fields_by_name[name]
    if field.enum_type is not None:
        return _enum(holder, field, unicodedata.normalize("NFKC", cell), column)
    if name == "number" and _MANGLED.fullmatch(cell):
        return [_mangled(column)]
    if column.path == "domains":
        holder.domains.extend(part for part in _LIST.split(cell) if part)
    else:
        setattr(holder, name, cell)
    return []


def _enum(holder: Any, field: Any, cell: str, column: Column) -> list[Finding]:
    number = words.number_of(field.enum_type, cell)
    if number is not None:
        setattr(holder, field.name, number)
        return []
    choices = "、".join(words.say(field.enum_type, v.number) for v in field.enum_type.values[1:])
    return [
        blocker(
            "CELL_NOT_A_CHOICE",
            column.path,
            f"应为以下之一：{choices}",
            f"must be one of {', '.join(words.known(field.enum_type))}",
            "请填写其中之一，中文或英文均可。 / Write one of them, in Chinese or English.",
        )
    ]


def _accesses(service: Any, cell: str) -> list[Finding]:
    for part in _LIST.split(cell):
        provider = _PROVIDERS.get(part, part.lower())
        if not part:
            continue
        if not _PROVIDER_ID.fullmatch(provider):
            return [_unknown_provider()]
        service.accesses.add(provider=provider, state=res.ACCESS_STATE_ACTIVE)
    return []


def _registrations(service: Any, cell: str) -> list[Finding]:
    """One day for each domain, in their order; it stands behind the domains, and is read after them."""
    days = [part for part in _LIST.split(cell) if part]
    if len(days) != len(service.domains):
        return [_other_number()]
    for domain, day in zip(service.domains, days, strict=True):
        service.registrations.add(domain=domain, expires_on=day)
    return []


def _other_number() -> Finding:
    return blocker(
        "EXPIRY_NOT_PER_DOMAIN",
        "registrations",
        "每个域名应有一个到期日，顺序与域名一致",
        "must have one day for each domain, in their order",
        "日期个数与域名相同，用分号分隔；或留空。 / "
        "Write as many days as domains, separated by semicolons; or leave the cell empty.",
    )


def _mangled(column: Column) -> Finding:
    return blocker(
        "NUMBER_MANGLED",
        column.path,
        "表格软件把号码变成了科学计数法，末几位已丢失",
        "the spreadsheet program turned the number into a power of ten, and its last digits are lost",
        "请将该列设为文本格式，并重新输入号码。 / Format the column as text, and enter the number again.",
    )


def _unknown_provider() -> Finding:
    choices = "、".join(f"{zh} ({id_})" for zh, id_ in _PROVIDERS.items() if zh.endswith("云"))
    return blocker(
        "PROVIDER_UNKNOWN",
        "accesses",
        f"应为接入商，如 {choices}",
        f"must be providers, such as {choices}",
        "多个值请用分号分隔。 / Separate several by a semicolon.",
    )

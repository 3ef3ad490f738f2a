"""Huawei's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei.vocabulary import ORDER_TYPE_NAMES, ORDER_TYPES, PROVINCES, TITLE
from beianhub_sdk.forms import (
    Entry,
    FormTable,
    addresses,
    first_domain,
    licence_number,
    service_principal,
    target_account,
)
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS, certificate_name
from beianhub_sdk.sheets import Keys, Words, sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://console.huaweicloud.com/beian/"
"""The vendor's real filing console."""

_REASONS: Mapping[int, str] = {
    pb.ORDER_TYPE_CANCEL_ACCESS: "不再使用该接入商的服务",
    pb.ORDER_TYPE_CANCEL_SERVICE: "网站停止运营",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "主体停止运营全部网站",
}


def _province(assignment: TaskAssignment) -> str:
    """The province, if the vendor has a code for it."""
    name = assignment.subject.profile.province
    return name if name in PROVINCES else ""


ENTRIES = (
    Entry("sponsor.name", "主办单位名称", "subject.profile.title"),
    Entry("sponsor.nature", "主办单位性质", "subject.profile.nature", NATURES),
    Entry("sponsor.certificate_type", "证件类型", "subject.profile.certificate.type", read=certificate_name),
    Entry("sponsor.certificate_number", "证件号码", "subject.profile.certificate.number"),
    Entry("sponsor.province", "省份", "subject.profile.province", read=_province),
    Entry("sponsor.address", "通信地址", "subject.profile.address"),
    Entry("principal.name", "主体负责人姓名", "subject.profile.principal.full_name"),
    Entry("principal.mobile", "主体负责人联系方式1", "subject.profile.principal.mobile"),
    Entry("principal.id_number", "主体负责人证件号码", "subject.profile.principal.certificate.number"),
    Entry("service.name", "互联网信息服务名称", "service.title"),
    Entry("service.kind", "互联网信息服务类型", "service.kind", SERVICE_KINDS),
    Entry("service.domain", "域名", "service.domains", read=first_domain),
    Entry("service.ips", "服务器IP", "order.ips", read=addresses),
    Entry(
        "service.principal.name",
        "服务负责人姓名",
        "service.principal.full_name",
        read=service_principal(lambda p: p.full_name),
    ),
    Entry(
        "service.principal.mobile",
        "服务负责人联系方式1",
        "service.principal.mobile",
        read=service_principal(lambda p: p.mobile),
    ),
    Entry(
        "service.principal.id_number",
        "服务负责人证件号码",
        "service.principal.certificate.number",
        read=service_principal(lambda p: p.certificate.number),
    ),
    Entry("record_number", "备案号", "service.licence_number", read=licence_number),
    Entry("reason", "原因", "order.type", _REASONS),
    Entry("target_account", "目标账号", "order.target_account", read=target_account),
    Entry("target.name", "目标主办单位名称", "target.profile.title"),
    Entry("target.certificate_number", "目标主体证件号码", "target.profile.certificate.number"),
    Entry("target.record_number", "目标主体备案号", "target.licence_number"),
)

KEYS = Keys(
    certificate="sponsor.certificate_number",
    licence="record_number",
    domain="service.domain",
    ips="service.ips",
    reason="reason",
    target="target_account",
    target_subject=frozenset({"target.name", "target.certificate_number", "target.record_number"}),
    subject=frozenset(
        {"sponsor.name", "sponsor.nature", "sponsor.certificate_type", "sponsor.province", "sponsor.address"}
    ),
    principal=frozenset({"principal.name", "principal.mobile", "principal.id_number"}),
    service=frozenset({"service.name", "service.kind"}),
    manager=frozenset({"service.principal.name", "service.principal.mobile", "service.principal.id_number"}),
    optional=frozenset({"sponsor.address"}),
)
WORDS = Words(
    vendor_zh=TITLE,
    vendor_en="Huawei",
    recipients_zh="互联网信息服务负责人和主体负责人的联系方式1",
    documents=("主办单位证件照片", "主体负责人证件照片", "互联网信息服务负责人证件照片", "域名证书"),
)

FORM = FormTable(
    vendor=TITLE,
    console=CONSOLE,
    entries=ENTRIES,
    sheets=sheets(KEYS, WORDS, ORDER_TYPE_NAMES),
    letter="互联网信息服务负责人授权书",
    source=("HW-KB doc_0188",),
    as_of="2026-05-01",
)

_CODES: Mapping[str, Callable[[str], Any]] = {
    "sponsor.province": PROVINCES.__getitem__,
    "service.ips": lambda text: text.split(","),
}
"""Where the API takes something else than the word that a person sees."""


def render(assignment: TaskAssignment, form: Form) -> bytes:
    """The body of a POST, or of a PUT once there is an order: JSON, nested as the keys' dots say."""
    order = assignment.order
    body: dict[str, Any] = {
        "order_type": ORDER_TYPES[order.type],
        "external_reference": assignment.reference,
    }
    if assignment.callback_url:
        body["callback_url"] = assignment.callback_url
    for field in form.fields:
        *parents, name = field.key.split(".")
        place = functools.reduce(lambda here, parent: here.setdefault(parent, {}), parents, body)
        place[name] = _CODES.get(field.key, str)(field.value)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

"""Huawei's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei.vocabulary import ORDER_TYPE_NAMES, ORDER_TYPES, PROVINCES, TITLE
from beianhub_sdk.forms import Entry, FormTable, Sheet, addresses, first_domain, service_principal
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS, certificate_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://console.huaweicloud.com/beian/"
"""The vendor's real filing console."""

_REASON = "不再使用该接入商的服务"


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
    Entry("record_number", "备案号", "service.licence_number"),
    Entry("reason", "原因", "order.type", {pb.ORDER_TYPE_CANCEL_ACCESS: _REASON}),
)

_ALL = frozenset(entry.key for entry in ENTRIES)
_EXISTING = frozenset({"sponsor.certificate_number", "record_number", "service.domain"})
_FIRST = _ALL - {"record_number", "reason"}
_DOCUMENTS = ("主办单位证件照片", "主体负责人证件照片", "互联网信息服务负责人证件照片", "域名证书")

_ZH = (
    "打开备案控制台，选择“{}”，按下表逐项填写并提交，然后在此登记华为云的备案订单号和进度。"
    "工信部短信只发到互联网信息服务负责人和主体负责人的联系方式1，须在24小时内核验。"
)
_EN = (
    "Open the filing console, choose {}, fill in the fields below and submit; then record Huawei's order number and "
    "its progress here. The MIIT SMS goes to the principals' mobiles only and must be answered within 24 hours."
)
_CANCEL_ZH = "打开备案控制台，选择“{}”，按下表选中网站并提交，然后在此登记订单号和进度。提交后不能撤回，备案号保留。"
_CANCEL_EN = (
    "Open the filing console, choose {}, select the site by the fields below and submit; then record the order number "
    "and its progress here. It cannot be withdrawn once submitted; the licence number stays."
)


def _filing(kind: pb.OrderType.ValueType, keys: frozenset[str], required: frozenset[str]) -> Sheet:
    name = ORDER_TYPE_NAMES[kind]
    return Sheet(
        title=name,
        keys=keys,
        required=required,
        documents=_DOCUMENTS,
        instructions_zh=_ZH.format(name),
        instructions_en=_EN.format(name),
    )


def _cancellation(kind: pb.OrderType.ValueType) -> Sheet:
    """A cancellation is given no more personal data than it needs."""
    name = ORDER_TYPE_NAMES[kind]
    return Sheet(
        title=name,
        keys=_EXISTING | {"reason"},
        required=_EXISTING,
        documents=(),
        instructions_zh=_CANCEL_ZH.format(name),
        instructions_en=_CANCEL_EN.format(name),
    )


FORM = FormTable(
    vendor=TITLE,
    console=CONSOLE,
    entries=ENTRIES,
    sheets={
        pb.ORDER_TYPE_FIRST_FILING: _filing(pb.ORDER_TYPE_FIRST_FILING, _FIRST, _FIRST - {"sponsor.address"}),
        pb.ORDER_TYPE_ADD_ACCESS: _filing(
            pb.ORDER_TYPE_ADD_ACCESS, _FIRST | {"record_number"}, _EXISTING | {"service.ips"}
        ),
        pb.ORDER_TYPE_CANCEL_ACCESS: _cancellation(pb.ORDER_TYPE_CANCEL_ACCESS),
    },
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

"""Tencent's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.forms import Entry, FormTable, Sheet, addresses, first_domain, service_principal
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS, certificate_name
from beianhub_tencent.vocabulary import CODES, ORDER_TYPE_NAMES, ORDER_TYPES, TITLE

if TYPE_CHECKING:
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://console.cloud.tencent.com/beian"
"""The vendor's real filing console."""

_REASON = "不再使用该接入商的服务"

ENTRIES = (
    Entry("OrganizerName", "主办单位名称", "subject.profile.title"),
    Entry("OrganizerNature", "主办单位性质", "subject.profile.nature", NATURES),
    Entry("CertificateType", "证件类型", "subject.profile.certificate.type", read=certificate_name),
    Entry("CertificateNumber", "证件号码", "subject.profile.certificate.number"),
    Entry("Province", "省份", "subject.profile.province"),
    Entry("Address", "通信地址", "subject.profile.address"),
    Entry("PrincipalName", "主体负责人姓名", "subject.profile.principal.full_name"),
    Entry("PrincipalMobile", "主体负责人手机号", "subject.profile.principal.mobile"),
    Entry("PrincipalIdNumber", "主体负责人证件号码", "subject.profile.principal.certificate.number"),
    Entry("SiteName", "网站名称", "service.title"),
    Entry("SiteType", "服务类型", "service.kind", SERVICE_KINDS),
    Entry("Domain", "域名", "service.domains", read=first_domain),
    Entry("ServerIp", "服务器IP", "order.ips", read=addresses),
    Entry(
        "SitePrincipalName",
        "网站负责人姓名",
        "service.principal.full_name",
        read=service_principal(lambda p: p.full_name),
    ),
    Entry(
        "SitePrincipalMobile",
        "网站负责人手机号",
        "service.principal.mobile",
        read=service_principal(lambda p: p.mobile),
    ),
    Entry(
        "SitePrincipalIdNumber",
        "网站负责人证件号码",
        "service.principal.certificate.number",
        read=service_principal(lambda p: p.certificate.number),
    ),
    Entry("IcpNumber", "备案号", "service.licence_number"),
    Entry("Reason", "注销/取消原因", "order.type", {pb.ORDER_TYPE_CANCEL_ACCESS: _REASON}),
)

_ALL = frozenset(entry.key for entry in ENTRIES)
_EXISTING = frozenset({"CertificateNumber", "IcpNumber", "Domain"})
_FIRST = _ALL - {"IcpNumber", "Reason"}
_DOCUMENTS = ("主办单位证件照片", "主体负责人证件照片", "网站负责人证件照片", "域名证书")

_ZH = (
    "打开备案控制台，选择“{}”，按下表逐项填写并提交，然后在此登记腾讯云的备案订单号和进度。"
    "工信部短信只发到网站负责人和主体负责人的手机号，须在24小时内核验。"
)
_EN = (
    "Open the filing console, choose {}, fill in the fields below and submit; then record Tencent's order number and "
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
        keys=_EXISTING | {"Reason"},
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
        pb.ORDER_TYPE_FIRST_FILING: _filing(pb.ORDER_TYPE_FIRST_FILING, _FIRST, _FIRST - {"Address"}),
        pb.ORDER_TYPE_ADD_ACCESS: _filing(pb.ORDER_TYPE_ADD_ACCESS, _FIRST | {"IcpNumber"}, _EXISTING | {"ServerIp"}),
        pb.ORDER_TYPE_CANCEL_ACCESS: _cancellation(pb.ORDER_TYPE_CANCEL_ACCESS),
    },
    letter="网站负责人授权书",
    source=("TC-DOC",),
    as_of="2023-01-01",
)


def render(assignment: TaskAssignment, form: Form) -> bytes:
    """The body of CreateIcpOrder, or of ModifyIcpOrder once there is an order: JSON, with codes for words."""
    order = assignment.order
    body: dict[str, Any] = {
        "IcpOrderType": ORDER_TYPES[order.type],
        "ClientReference": assignment.reference,
        "ClientToken": assignment.task.client_token,
    }
    if assignment.callback_url:
        body["CallbackUrl"] = assignment.callback_url
    if order.provider_order_id:
        body["IcpOrderId"] = order.provider_order_id
    for field in form.fields:
        body[field.key] = CODES.get(field.key, {}).get(field.value, field.value)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

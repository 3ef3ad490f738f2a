"""Aliyun's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.vocabulary import CODES, ORDER_TYPE_NAMES, ORDER_TYPES, PROVINCES, TITLE
from beianhub_sdk.forms import Entry, FormTable, Sheet, addresses, first_domain, service_principal
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS, certificate_name

if TYPE_CHECKING:
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://beian.aliyun.com/"
"""The vendor's real filing console."""

_REASON = "不再使用该接入商的服务"


def _province(assignment: TaskAssignment) -> str:
    """The province, if the vendor has a code for it."""
    name = assignment.subject.profile.province
    return name if name in PROVINCES else ""


ENTRIES = (
    Entry("SponsorName", "主办者名称", "subject.profile.title"),
    Entry("SponsorNature", "主办者性质", "subject.profile.nature", NATURES),
    Entry("LicenseType", "证件类型", "subject.profile.certificate.type", read=certificate_name),
    Entry("LicenseNo", "证件号码", "subject.profile.certificate.number"),
    Entry("ProvinceCode", "省份", "subject.profile.province", read=_province),
    Entry("SponsorAddress", "通信地址", "subject.profile.address"),
    Entry("LeaderName", "主体负责人姓名", "subject.profile.principal.full_name"),
    Entry("LeaderPhone", "主体负责人联系方式1", "subject.profile.principal.mobile"),
    Entry("LeaderIdCard", "主体负责人身份证号", "subject.profile.principal.certificate.number"),
    Entry("WebsiteName", "网站名称", "service.title"),
    Entry("ServiceType", "服务类型", "service.kind", SERVICE_KINDS),
    Entry("DomainName", "域名", "service.domains", read=first_domain),
    Entry("ServerIp", "服务器IP", "order.ips", read=addresses),
    Entry(
        "WebsiteLeaderName",
        "网站负责人姓名",
        "service.principal.full_name",
        read=service_principal(lambda p: p.full_name),
    ),
    Entry(
        "WebsiteLeaderPhone",
        "网站负责人联系方式1",
        "service.principal.mobile",
        read=service_principal(lambda p: p.mobile),
    ),
    Entry(
        "WebsiteLeaderIdCard",
        "网站负责人身份证号",
        "service.principal.certificate.number",
        read=service_principal(lambda p: p.certificate.number),
    ),
    Entry("RecordNumber", "备案号", "service.licence_number"),
    Entry("Remark", "备注", "order.type", {pb.ORDER_TYPE_CANCEL_ACCESS: _REASON}),
)

_ALL = frozenset(entry.key for entry in ENTRIES)
_EXISTING = frozenset({"LicenseNo", "RecordNumber", "DomainName"})
_FIRST = _ALL - {"RecordNumber", "Remark"}
_DOCUMENTS = ("主办单位证件照片", "主体负责人证件照片", "网站负责人证件照片", "域名证书")

_ZH = (
    "打开备案控制台，选择“{}”，按下表逐项填写并提交，然后在此登记阿里云的备案订单号和进度。"
    "工信部短信只发到网站负责人和主体负责人的联系方式1，须在24小时内核验。"
)
_EN = (
    "Open the filing console, choose {}, fill in the fields below and submit; then record Aliyun's order number and "
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
        keys=_EXISTING | {"Remark"},
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
        pb.ORDER_TYPE_FIRST_FILING: _filing(pb.ORDER_TYPE_FIRST_FILING, _FIRST, _FIRST - {"SponsorAddress"}),
        pb.ORDER_TYPE_ADD_ACCESS: _filing(
            pb.ORDER_TYPE_ADD_ACCESS, _FIRST | {"RecordNumber"}, _EXISTING | {"ServerIp"}
        ),
        pb.ORDER_TYPE_CANCEL_ACCESS: _cancellation(pb.ORDER_TYPE_CANCEL_ACCESS),
    },
    letter="网站负责人授权书",
    source=("ALI-2019",),
    as_of="2019-09-01",
)


def render(assignment: TaskAssignment, form: Form) -> bytes:
    """The form body of SubmitIcpOrder, or of UpdateIcpOrder once there is an order, with codes for words."""
    order = assignment.order
    body = {
        "OrderType": ORDER_TYPES[order.type],
        "OutOrderId": assignment.reference,
        "ClientToken": assignment.task.client_token,
        "NotifyUrl": assignment.callback_url,
        "OrderNo": order.provider_order_id,
    }
    body |= {field.key: CODES.get(field.key, {}).get(field.value, field.value) for field in form.fields}
    return urlencode({key: value for key, value in body.items() if value}).encode()

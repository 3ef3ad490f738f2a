"""Tencent's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
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
from beianhub_tencent.vocabulary import CODES, ORDER_TYPE_NAMES, ORDER_TYPES, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://console.cloud.tencent.com/beian"
"""The vendor's real filing console."""

_REASONS: Mapping[int, str] = {
    pb.ORDER_TYPE_CANCEL_ACCESS: "不再使用该接入商的服务",
    pb.ORDER_TYPE_CANCEL_SERVICE: "网站停止运营",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "主体停止运营全部网站",
}

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
    Entry("IcpNumber", "备案号", "service.licence_number", read=licence_number),
    Entry("Reason", "注销/取消原因", "order.type", _REASONS),
    Entry("TargetAccount", "目标账号", "order.target_account", read=target_account),
)

KEYS = Keys(
    certificate="CertificateNumber",
    licence="IcpNumber",
    domain="Domain",
    ips="ServerIp",
    reason="Reason",
    target="TargetAccount",
    subject=frozenset({"OrganizerName", "OrganizerNature", "CertificateType", "Province", "Address"}),
    principal=frozenset({"PrincipalName", "PrincipalMobile", "PrincipalIdNumber"}),
    service=frozenset({"SiteName", "SiteType"}),
    manager=frozenset({"SitePrincipalName", "SitePrincipalMobile", "SitePrincipalIdNumber"}),
    optional=frozenset({"Address"}),
)
WORDS = Words(
    vendor_zh=TITLE,
    vendor_en="Tencent",
    recipients_zh="网站负责人和主体负责人的手机号",
    documents=("主办单位证件照片", "主体负责人证件照片", "网站负责人证件照片", "域名证书"),
)

FORM = FormTable(
    vendor=TITLE,
    console=CONSOLE,
    entries=ENTRIES,
    sheets=sheets(KEYS, WORDS, ORDER_TYPE_NAMES),
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

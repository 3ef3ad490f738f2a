"""Aliyun's filing form: one table for the operator's hand-off and for the API's body."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.vocabulary import CODES, ORDER_TYPE_NAMES, ORDER_TYPES, PROVINCES, TITLE
from beianhub_sdk.forms import Entry, FormTable, addresses, first_domain, licence_number, service_principal
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS, certificate_name
from beianhub_sdk.sheets import Keys, Words, sheets
from beianhub_sdk.vendor import blocker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Form

CONSOLE = "https://beian.aliyun.com/"
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
    Entry("RecordNumber", "备案号", "service.licence_number", read=licence_number),
    Entry("Remark", "备注", "order.type", _REASONS),
)

KEYS = Keys(
    certificate="LicenseNo",
    licence="RecordNumber",
    domain="DomainName",
    ips="ServerIp",
    reason="Remark",
    subject=frozenset({"SponsorName", "SponsorNature", "LicenseType", "ProvinceCode", "SponsorAddress"}),
    principal=frozenset({"LeaderName", "LeaderPhone", "LeaderIdCard"}),
    service=frozenset({"WebsiteName", "ServiceType"}),
    manager=frozenset({"WebsiteLeaderName", "WebsiteLeaderPhone", "WebsiteLeaderIdCard"}),
    optional=frozenset({"SponsorAddress"}),
)
WORDS = Words(
    vendor_zh=TITLE,
    vendor_en="Aliyun",
    recipients_zh="网站负责人和主体负责人的联系方式1",
    documents=("主办单位证件照片", "主体负责人证件照片", "网站负责人证件照片", "域名证书"),
)

FORM = FormTable(
    vendor=TITLE,
    console=CONSOLE,
    entries=ENTRIES,
    sheets=sheets(KEYS, WORDS, ORDER_TYPE_NAMES),
    letter="网站负责人授权书",
    source=("ALI-2019",),
    as_of="2019-09-01",
)


def one_change(assignment: TaskAssignment) -> list[Finding]:
    """A blocker where a change of the site changes the subject too: Aliyun has no such order."""
    order = assignment.order
    if order.type != pb.ORDER_TYPE_CHANGE_SERVICE or not order.change.HasField("profile"):
        return []
    return [
        blocker(
            "PROVIDER_ONE_CHANGE",
            "阿里云的变更主体和变更网站须分别提交",
            "Aliyun changes the subject and the site in an order each.",
            path="change.profile",
            suggestion=(
                "请先以变更主体（CHANGE_SUBJECT）变更主体信息。 / Change the subject first, with CHANGE_SUBJECT."
            ),
            source=("ALI-2019",),
            as_of="2019-09-01",
        )
    ]


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

"""Tencent-style vocabulary: CamelCase, numeric codes, errors inside an HTTP 200 answer.

The partner API is invented (no vendor has a public one that submits a filing: domain.md section 6); the
states are Tencent's (domain.md 3.1), the codes of natures and certificates MIIT-V3's.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from beianhub_sandbox import codes
from beianhub_sandbox.clock import beijing_text
from beianhub_sandbox.forms import CALLBACK, CLIENT_TOKEN, ORDER_TYPE, REFERENCE, FormField
from beianhub_sandbox.model import IdentityStatus, Order, OrderType, Refuser, Stage
from beianhub_sandbox.office import WITHDRAWABLE
from beianhub_sandbox.problems import ErrorWord, Problem
from beianhub_sandbox.vocabulary import Vocabulary, masked, sms_state, subject_number

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = (
    FormField("IcpOrderType", ORDER_TYPE, "备案类型"),
    FormField("ClientReference", REFERENCE, "客户参考号"),
    FormField("ClientToken", CLIENT_TOKEN, "幂等令牌"),
    FormField("CallbackUrl", CALLBACK, "回调地址"),
    FormField("OrganizerName", "name", "主办单位名称"),
    FormField("OrganizerNature", "nature", "主办单位性质", codes.column(codes.NATURES, 0)),
    FormField("CertificateType", "certificate_type", "证件类型", codes.column(codes.CERTIFICATE_TYPES, 0)),
    FormField("CertificateNumber", "certificate_number", "证件号码"),
    FormField("Province", "province", "省份", codes.provinces(1)),
    FormField("Address", "address", "通信地址"),
    FormField("PrincipalName", "principal_name", "主体负责人姓名"),
    FormField("PrincipalMobile", "principal_mobile", "主体负责人手机号"),
    FormField("PrincipalIdNumber", "principal_id", "主体负责人证件号码"),
    FormField("SiteName", "service_name", "网站名称"),
    FormField("SiteType", "service_kind", "服务类型", codes.column(codes.SERVICE_KINDS, 0)),
    FormField("Domain", "domain", "域名"),
    FormField("ServerIp", "ips", "服务器IP"),
    FormField("SitePrincipalName", "manager_name", "网站负责人姓名"),
    FormField("SitePrincipalMobile", "manager_mobile", "网站负责人手机号"),
    FormField("SitePrincipalIdNumber", "manager_id", "网站负责人证件号码"),
    FormField("IcpNumber", "licence_number", "备案号"),
    FormField("Reason", "reason", "注销/取消原因"),
    FormField("TargetAccount", "target_account", "目标账号"),
)

ORDER_TYPES: Mapping[OrderType, int] = {
    OrderType.FIRST_FILING: 1,
    OrderType.ADD_SERVICE: 2,
    OrderType.ADD_ACCESS: 3,
    OrderType.CHANGE_SUBJECT: 4,
    OrderType.CHANGE_SERVICE: 5,
    OrderType.CHANGE_ACCESS: 6,
    OrderType.CANCEL_SUBJECT: 7,
    OrderType.CANCEL_SERVICE: 8,
    OrderType.CANCEL_ACCESS: 9,
    OrderType.TRANSFER_ACCOUNT: 10,
}

STATES: Mapping[Stage, tuple[int, str]] = {
    Stage.DRAFT: (0, "填写中"),
    Stage.FIRST_REVIEW: (1, "初审中"),
    Stage.FIRST_REJECTED: (2, "初审未通过"),
    Stage.RETURNED: (2, "初审未通过"),
    Stage.TO_SUBMIT: (3, "待提交管局"),
    Stage.SMS: (4, "短信核验"),
    Stage.REGULATOR_REVIEW: (5, "管局审核中"),
    Stage.FILED: (6, "已备案"),
    Stage.REGULATOR_REJECTED: (7, "管局驳回"),
    Stage.WITHDRAWN: (8, "已撤销"),
}
UNKNOWN_STATE = {"Status": 99, "StatusName": "数据同步中"}

REFUSERS = {Refuser.PROVIDER: "腾讯云", Refuser.MIIT: "工信部", Refuser.REGULATOR: "管局"}
LIVE_CHECKS = {
    IdentityStatus.NOT_REQUIRED: 0,
    IdentityStatus.WAITING: 1,
    IdentityStatus.PASSED: 2,
    IdentityStatus.FAILED: 3,
}
SMS_STATES = {"NONE": 0, "WAITING": 1, "PASSED": 2, "EXPIRED": 3}

ERRORS: Mapping[Problem, ErrorWord] = {
    Problem.UNSIGNED: ErrorWord(200, "AuthFailure.InvalidAuthorization", "请求未签名：{detail}"),
    Problem.UNKNOWN_KEY: ErrorWord(200, "AuthFailure.SecretIdNotFound", "密钥不存在：{detail}"),
    Problem.BAD_SIGNATURE: ErrorWord(200, "AuthFailure.SignatureFailure", "签名错误 {detail}"),
    Problem.STALE: ErrorWord(200, "AuthFailure.SignatureExpire", "签名过期"),
    Problem.UNKNOWN_ACTION: ErrorWord(200, "InvalidAction", "接口不存在：{detail}"),
    Problem.BAD_VERSION: ErrorWord(200, "NoSuchVersion", "接口版本不存在：{detail}"),
    Problem.MALFORMED: ErrorWord(200, "InvalidParameter", "请求体不是合法的JSON对象"),
    Problem.UNKNOWN_FIELD: ErrorWord(200, "UnknownParameter", "未知参数：{field}"),
    Problem.MISSING: ErrorWord(200, "MissingParameter", "缺少参数：{field}"),
    Problem.INVALID: ErrorWord(200, "InvalidParameterValue", "参数取值错误：{field}"),
    Problem.ORDER_NOT_FOUND: ErrorWord(200, "ResourceNotFound", "备案订单不存在：{detail}"),
    Problem.NOT_ALLOWED: ErrorWord(200, "FailedOperation.OrderStatusNotAllowed", "当前订单状态不允许此操作"),
    Problem.TOKEN_MISMATCH: ErrorWord(200, "InvalidParameter.ClientTokenMismatch", "幂等令牌已用于其他请求"),
    Problem.NO_IDENTITY_CHECK: ErrorWord(200, "FailedOperation.LiveCheckNotRequired", "该订单无需人脸核验"),
    Problem.THROTTLED: ErrorWord(200, "RequestLimitExceeded", "请求过于频繁，请{detail}秒后重试"),
    Problem.INTERNAL: ErrorWord(500, "InternalError", "Internal Server Error"),
}


def describe(order: Order) -> dict[str, Any]:
    """The order as DescribeIcpOrder shows it; times are Beijing time without a zone."""
    status, name = STATES[order.stage]
    refusal = order.refusal
    return {
        "IcpOrderId": order.number,
        "IcpOrderType": ORDER_TYPES[order.order_type],
        "ClientReference": order.reference,
        "Status": status,
        "StatusName": name,
        "Domain": order.application.domain,
        "IcpNumber": order.licence_number,
        "OrganizerIcpNumber": subject_number(order),
        "CreateTime": beijing_text(order.accepted_at),
        "UpdateTime": beijing_text(order.history[-1].at),
        "RejectInfo": refusal and {"Source": REFUSERS[refusal.by], "Code": refusal.code, "Reason": refusal.reason},
        "LiveCheckStatus": LIVE_CHECKS[order.identity.status],
        "SmsVerify": {
            "Status": SMS_STATES[sms_state(order)],
            "Deadline": beijing_text(order.sms_deadline) if order.sms_deadline else "",
            "Mobiles": [masked(item.mobile) for item in order.challenges],
        },
        "WithdrawAllowed": order.stage in WITHDRAWABLE,
    }


def _event(order: dict[str, Any], at: float) -> dict[str, Any]:
    return {"EventType": "IcpOrderStatusChanged", "EventTime": beijing_text(at), "IcpOrder": order}


def _new_number() -> str:
    return f"3{secrets.randbelow(10**16):016d}"


WORDS = Vocabulary(
    vendor="tencent",
    title="腾讯云",
    header="Tencent",
    fields=FIELDS,
    order_types=ORDER_TYPES,
    states={stage: name for stage, (_code, name) in STATES.items()},
    errors=ERRORS,
    describe=describe,
    event=_event,
    unknown_state=UNKNOWN_STATE,
    new_number=_new_number,
)

"""Aliyun-style vocabulary: flat CamelCase parameters, English states, errors as HTTP 4xx.

The partner API is invented (no vendor has a public one that submits a filing: domain.md section 6); the
states follow the order of Aliyun's steps (domain.md 3.1).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from beianhub_sandbox import codes
from beianhub_sandbox.clock import iso_utc
from beianhub_sandbox.forms import CALLBACK, CLIENT_TOKEN, ORDER_TYPE, REFERENCE, FormField
from beianhub_sandbox.model import Order, OrderType, Refuser, Stage
from beianhub_sandbox.problems import ErrorWord, Problem
from beianhub_sandbox.vocabulary import Vocabulary, masked, sms_state, subject_number

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = (
    FormField("OrderType", ORDER_TYPE, "备案类型"),
    FormField("OutOrderId", REFERENCE, "外部订单号"),
    FormField("ClientToken", CLIENT_TOKEN, "幂等令牌"),
    FormField("NotifyUrl", CALLBACK, "通知地址"),
    FormField("SponsorName", "name", "主办者名称"),
    FormField("SponsorNature", "nature", "主办者性质", codes.column(codes.NATURES, 1)),
    FormField("LicenseType", "certificate_type", "证件类型", codes.column(codes.CERTIFICATE_TYPES, 1)),
    FormField("LicenseNo", "certificate_number", "证件号码"),
    FormField("ProvinceCode", "province", "省份代码", codes.provinces(2)),
    FormField("SponsorAddress", "address", "通信地址"),
    FormField("LeaderName", "principal_name", "主体负责人姓名"),
    FormField("LeaderPhone", "principal_mobile", "主体负责人联系方式1"),
    FormField("LeaderIdCard", "principal_id", "主体负责人身份证号"),
    FormField("WebsiteName", "service_name", "网站名称"),
    FormField("ServiceType", "service_kind", "服务类型", codes.column(codes.SERVICE_KINDS, 1)),
    FormField("DomainName", "domain", "域名"),
    FormField("ServerIp", "ips", "服务器IP"),
    FormField("WebsiteLeaderName", "manager_name", "网站负责人姓名"),
    FormField("WebsiteLeaderPhone", "manager_mobile", "网站负责人联系方式1"),
    FormField("WebsiteLeaderIdCard", "manager_id", "网站负责人身份证号"),
    FormField("RecordNumber", "licence_number", "备案号"),
    FormField("Remark", "reason", "备注"),
)

ORDER_TYPES: Mapping[OrderType, str] = {
    OrderType.FIRST_FILING: "FIRST_BEIAN",
    OrderType.ADD_SERVICE: "ADD_WEBSITE",
    OrderType.ADD_ACCESS: "ACCESS_BEIAN",
    OrderType.CHANGE_SUBJECT: "CHANGE_SPONSOR",
    OrderType.CHANGE_SERVICE: "CHANGE_WEBSITE",
    OrderType.CHANGE_ACCESS: "CHANGE_ACCESS",
    OrderType.CANCEL_SUBJECT: "CANCEL_SPONSOR",
    OrderType.CANCEL_SERVICE: "CANCEL_WEBSITE",
    OrderType.CANCEL_ACCESS: "CANCEL_ACCESS",
    OrderType.CLAIM: "CLAIM_BEIAN",
}

STATES: Mapping[Stage, str] = {
    Stage.DRAFT: "DRAFT",
    Stage.FIRST_REVIEW: "FIRST_REVIEW",
    Stage.FIRST_REJECTED: "FIRST_REVIEW_FAILED",
    Stage.RETURNED: "FIRST_REVIEW_FAILED",
    Stage.TO_SUBMIT: "TO_SUBMIT_MIIT",
    Stage.SMS: "SMS_VERIFY",
    Stage.REGULATOR_REVIEW: "MIIT_REVIEW",
    Stage.FILED: "SUCCESS",
    Stage.REGULATOR_REJECTED: "MIIT_REJECTED",
    Stage.WITHDRAWN: "REVOKED",
}
UNKNOWN_STATE = {"OrderStatus": "DATA_SYNCING"}

REFUSERS = {Refuser.PROVIDER: "ALIYUN", Refuser.MIIT: "SMS", Refuser.REGULATOR: "MIIT"}

ERRORS: Mapping[Problem, ErrorWord] = {
    Problem.UNSIGNED: ErrorWord(400, "IncompleteSignature", "The request is not signed with ACS3-HMAC-SHA256."),
    Problem.UNKNOWN_KEY: ErrorWord(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found: {detail}"),
    Problem.BAD_SIGNATURE: ErrorWord(
        400, "SignatureDoesNotMatch", "Specified signature does not match our calculation. {detail}"
    ),
    Problem.STALE: ErrorWord(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
    Problem.NONCE_USED: ErrorWord(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    Problem.UNKNOWN_ACTION: ErrorWord(404, "InvalidAction.NotFound", "Specified api is not found: {detail}"),
    Problem.BAD_VERSION: ErrorWord(400, "InvalidVersion", "Specified parameter Version is not valid: {detail}"),
    Problem.MALFORMED: ErrorWord(400, "InvalidBody", "The body is neither a form nor a JSON object."),
    Problem.MISSING: ErrorWord(400, "Missing{field}", "{field} is mandatory for this action."),
    Problem.INVALID: ErrorWord(400, "Invalid{field}.Malformed", "The specified {field} is not valid."),
    Problem.ORDER_NOT_FOUND: ErrorWord(404, "OrderNotFound", "The specified order does not exist: {detail}"),
    Problem.NOT_ALLOWED: ErrorWord(
        400, "OrderStatusNotSupport", "The current status of the order does not support this operation."
    ),
    Problem.TOKEN_MISMATCH: ErrorWord(
        400, "IdempotentParameterMismatch", "The ClientToken was used with other parameters."
    ),
    Problem.NO_IDENTITY_CHECK: ErrorWord(400, "VerifyNotRequired", "The order needs no face verification."),
    Problem.THROTTLED: ErrorWord(429, "Throttling.User", "Request was denied due to user flow control."),
    Problem.INTERNAL: ErrorWord(500, "InternalError", "The request processing has failed."),
}


def describe(order: Order) -> dict[str, Any]:
    """The order as GetIcpOrder shows it; times are UTC."""
    refusal = order.refusal
    return {
        "OrderNo": order.number,
        "OrderType": ORDER_TYPES[order.order_type],
        "OutOrderId": order.reference,
        "OrderStatus": STATES[order.stage],
        "DomainName": order.application.domain,
        "RecordNumber": order.licence_number,
        "SponsorRecordNumber": subject_number(order),
        "GmtCreate": iso_utc(order.accepted_at),
        "GmtModified": iso_utc(order.history[-1].at),
        "FailSource": REFUSERS[refusal.by] if refusal else "",
        "FailCode": refusal.code if refusal else "",
        "FailReason": refusal.reason if refusal else "",
        "VerifyStatus": order.identity.status.value,
        "SmsStatus": sms_state(order),
        "SmsDeadline": iso_utc(order.sms_deadline) if order.sms_deadline else "",
        "SmsPhones": [masked(item.mobile) for item in order.challenges],
    }


def _event(order: dict[str, Any], at: float) -> dict[str, Any]:
    return {"EventName": "BEIAN_ORDER_STATUS", "EventTime": iso_utc(at), "Data": order}


def _new_number() -> str:
    return f"BA{secrets.randbelow(10**14):014d}"


WORDS = Vocabulary(
    vendor="aliyun",
    title="阿里云",
    header="Aliyun",
    fields=FIELDS,
    order_types=ORDER_TYPES,
    states=STATES,
    errors=ERRORS,
    describe=describe,
    event=_event,
    unknown_state=UNKNOWN_STATE,
    new_number=_new_number,
)

"""Huawei-style vocabulary: REST, nested snake_case, Chinese states, errors as HTTP 4xx with ICP.xxxx codes.

The partner API is invented (Huawei says in words that it has none: S4); the states are those of HW-KB
doc_0188. They have no state for the MIIT SMS: such an order shows 待管局审核, and only `sms_verification`
tells.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from beianhub_sandbox import codes
from beianhub_sandbox.clock import iso_utc
from beianhub_sandbox.forms import CALLBACK, ORDER_TYPE, REFERENCE, FormField
from beianhub_sandbox.model import Order, OrderType, Refuser, Stage
from beianhub_sandbox.problems import ErrorWord, Problem
from beianhub_sandbox.vocabulary import Vocabulary, masked, sms_state, subject_number

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = (
    FormField("order_type", ORDER_TYPE, "备案类型"),
    FormField("external_reference", REFERENCE, "外部参考号"),
    FormField("callback_url", CALLBACK, "回调地址"),
    FormField("sponsor.name", "name", "主办单位名称"),
    FormField("sponsor.nature", "nature", "主办单位性质", codes.column(codes.NATURES, 2)),
    FormField("sponsor.certificate_type", "certificate_type", "证件类型", codes.column(codes.CERTIFICATE_TYPES, 2)),
    FormField("sponsor.certificate_number", "certificate_number", "证件号码"),
    FormField("sponsor.province", "province", "省份简称", codes.provinces(0)),
    FormField("sponsor.address", "address", "通信地址"),
    FormField("principal.name", "principal_name", "主体负责人姓名"),
    FormField("principal.mobile", "principal_mobile", "主体负责人联系方式1"),
    FormField("principal.id_number", "principal_id", "主体负责人证件号码"),
    FormField("service.name", "service_name", "互联网信息服务名称"),
    FormField("service.kind", "service_kind", "互联网信息服务类型", codes.column(codes.SERVICE_KINDS, 2)),
    FormField("service.domain", "domain", "域名"),
    FormField("service.ips", "ips", "服务器IP"),
    FormField("service.principal.name", "manager_name", "服务负责人姓名"),
    FormField("service.principal.mobile", "manager_mobile", "服务负责人联系方式1"),
    FormField("service.principal.id_number", "manager_id", "服务负责人证件号码"),
    FormField("record_number", "licence_number", "备案号"),
    FormField("reason", "reason", "原因"),
    FormField("target_account", "target_account", "目标账号"),
    FormField("target.name", "target_name", "目标主办单位名称"),
    FormField("target.certificate_number", "target_certificate", "目标主体证件号码"),
    FormField("target.record_number", "target_licence", "目标主体备案号"),
)

ORDER_TYPES: Mapping[OrderType, str] = {
    OrderType.FIRST_FILING: "first",
    OrderType.ADD_SERVICE: "new_service",
    OrderType.ADD_ACCESS: "new_access",
    OrderType.CHANGE_SUBJECT: "change_subject",
    OrderType.CHANGE_SERVICE: "change_service",
    OrderType.CHANGE_ACCESS: "change_access",
    OrderType.CANCEL_SUBJECT: "cancel_subject",
    OrderType.CANCEL_SERVICE: "cancel_service",
    OrderType.CANCEL_ACCESS: "cancel_access",
    OrderType.TRANSFER_ACCOUNT: "transfer_account",
    OrderType.CLAIM: "claim",
    OrderType.MIGRATE_SERVICE: "migrate_service",
}

STATES: Mapping[Stage, str] = {
    Stage.DRAFT: "待完善备案信息",
    Stage.FIRST_REVIEW: "等待初审",
    Stage.FIRST_REJECTED: "初审驳回",
    Stage.RETURNED: "接入商审核为待修改",
    Stage.TO_SUBMIT: "待提交管局",
    Stage.SMS: "待管局审核",
    Stage.REGULATOR_REVIEW: "待管局审核",
    Stage.FILED: "已备案",
    Stage.REGULATOR_REJECTED: "管局驳回",
    Stage.WITHDRAWN: "已撤销",
}
REVIEWED_AGAIN = "已修改待审核"
"""First review of corrected data."""
UNKNOWN_STATE = {"status": "数据同步中"}

REFUSERS = {Refuser.PROVIDER: "接入商", Refuser.MIIT: "工信部", Refuser.REGULATOR: "管局"}

ERRORS: Mapping[Problem, ErrorWord] = {
    Problem.UNSIGNED: ErrorWord(401, "APIG.0301", "Incorrect IAM authentication information: {detail}"),
    Problem.UNKNOWN_KEY: ErrorWord(
        401, "APIG.0301", "Incorrect IAM authentication information: Get secretKey failed, ak:{detail}"
    ),
    Problem.BAD_SIGNATURE: ErrorWord(
        401, "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail {detail}"
    ),
    Problem.STALE: ErrorWord(401, "APIG.0301", "Incorrect IAM authentication information: x-sdk-date is expired"),
    Problem.UNKNOWN_ACTION: ErrorWord(404, "APIG.0101", "The API does not exist"),
    Problem.MALFORMED: ErrorWord(400, "ICP.0003", "请求体不是合法的JSON对象"),
    Problem.MISSING: ErrorWord(400, "ICP.0001", "缺少必填字段：{field}"),
    Problem.INVALID: ErrorWord(400, "ICP.0002", "字段取值不合法：{field}"),
    Problem.ORDER_NOT_FOUND: ErrorWord(404, "ICP.0404", "备案订单不存在"),
    Problem.NOT_ALLOWED: ErrorWord(409, "ICP.0409", "当前备案状态不支持该操作"),
    Problem.NO_IDENTITY_CHECK: ErrorWord(409, "ICP.0410", "该备案订单无需真实性核验"),
    Problem.THROTTLED: ErrorWord(429, "APIG.0308", "The throttling threshold has been reached"),
    Problem.INTERNAL: ErrorWord(500, "ICP.0500", "系统繁忙，请稍后重试"),
}


def describe(order: Order) -> dict[str, Any]:
    """The order as GET shows it; times are UTC."""
    again = order.stage is Stage.FIRST_REVIEW and order.revision
    refusal = order.refusal
    return {
        "order_id": order.number,
        "order_type": ORDER_TYPES[order.order_type],
        "external_reference": order.reference,
        "status": REVIEWED_AGAIN if again else STATES[order.stage],
        "domain": order.application.domain,
        "record_number": order.licence_number,
        "subject_record_number": subject_number(order),
        "created_at": iso_utc(order.accepted_at),
        "updated_at": iso_utc(order.history[-1].at),
        "reject": refusal and {"by": REFUSERS[refusal.by], "code": refusal.code, "message": refusal.reason},
        "verification": {"status": order.identity.status.value.lower()},
        "sms_verification": {
            "status": sms_state(order).lower(),
            "deadline": iso_utc(order.sms_deadline) if order.sms_deadline else None,
            "mobiles": [masked(item.mobile) for item in order.challenges],
        },
    }


def _event(order: dict[str, Any], at: float) -> dict[str, Any]:
    return {"event": "icp.order.changed", "time": iso_utc(at), "order": order}


def _new_number() -> str:
    return secrets.token_hex(16)


WORDS = Vocabulary(
    vendor="huawei",
    title="华为云",
    header="Huawei",
    fields=FIELDS,
    order_types=ORDER_TYPES,
    states=STATES,
    errors=ERRORS,
    describe=describe,
    event=_event,
    unknown_state=UNKNOWN_STATE,
    new_number=_new_number,
)

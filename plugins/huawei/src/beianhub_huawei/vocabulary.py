"""Huawei's words as data: its order types, states and errors.

The states are those of HW-KB doc_0188, the only published table of a vendor; it has no state for the MIIT SMS, so that
an order that waits for it shows 待管局审核. Huawei says in words that it has no API for filings (S4): paths, field
names and `ICP.` codes are those of the partner-style API of the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.vendor import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

ID: Final = "huawei"
TITLE: Final = "华为云"
VENDOR: Final = "Huawei"
"""The vendor's name in the headers of its callbacks."""

ORDER_TYPE_NAMES: Final[Mapping[pb.OrderType.ValueType, str]] = {
    pb.ORDER_TYPE_FIRST_FILING: "首次备案",
    pb.ORDER_TYPE_ADD_ACCESS: "新增接入",
    pb.ORDER_TYPE_CANCEL_ACCESS: "取消接入",
    pb.ORDER_TYPE_ADD_SERVICE: "新增互联网信息服务",
    pb.ORDER_TYPE_CHANGE_SUBJECT: "变更主体",
    pb.ORDER_TYPE_CHANGE_SERVICE: "变更互联网信息服务",
    pb.ORDER_TYPE_CHANGE_ACCESS: "变更备案",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "注销主体",
    pb.ORDER_TYPE_CANCEL_SERVICE: "注销互联网信息服务",
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: "转移备案",
    pb.ORDER_TYPE_CLAIM: "认领备案",
    pb.ORDER_TYPE_MIGRATE_SERVICE: "迁移互联网信息服务",
}
ORDER_TYPES: Final[Mapping[int, str]] = {
    pb.ORDER_TYPE_FIRST_FILING: "first",
    pb.ORDER_TYPE_ADD_ACCESS: "new_access",
    pb.ORDER_TYPE_CANCEL_ACCESS: "cancel_access",
    pb.ORDER_TYPE_ADD_SERVICE: "new_service",
    pb.ORDER_TYPE_CHANGE_SUBJECT: "change_subject",
    pb.ORDER_TYPE_CHANGE_SERVICE: "change_service",
    pb.ORDER_TYPE_CHANGE_ACCESS: "change_access",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "cancel_subject",
    pb.ORDER_TYPE_CANCEL_SERVICE: "cancel_service",
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: "transfer_account",
    pb.ORDER_TYPE_CLAIM: "claim",
    pb.ORDER_TYPE_MIGRATE_SERVICE: "migrate_service",
}

PROVINCES: Final[Mapping[str, str]] = {
    "北京": "京",
    "天津": "津",
    "河北": "冀",
    "山西": "晋",
    "内蒙古": "蒙",
    "辽宁": "辽",
    "吉林": "吉",
    "黑龙江": "黑",
    "上海": "沪",
    "江苏": "苏",
    "浙江": "浙",
    "安徽": "皖",
    "福建": "闽",
    "江西": "赣",
    "山东": "鲁",
    "河南": "豫",
    "湖北": "鄂",
    "湖南": "湘",
    "广东": "粤",
    "广西": "桂",
    "海南": "琼",
    "重庆": "渝",
    "四川": "蜀",
    "贵州": "黔",
    "云南": "滇",
    "西藏": "藏",
    "陕西": "陕",
    "甘肃": "陇",
    "青海": "青",
    "宁夏": "宁",
    "新疆": "新",
}
"""By short name, the abbreviation of licence numbers (domain 1.2)."""

STATUSES: Final[Mapping[str, pb.OrderState.ValueType]] = {
    "待完善备案信息": pb.ORDER_STATE_DRAFT,
    "等待初审": pb.ORDER_STATE_PROVIDER_REVIEW,
    "接入商审核为待修改": pb.ORDER_STATE_PROVIDER_REJECTED,
    "已修改待审核": pb.ORDER_STATE_PROVIDER_REVIEW,
    "初审驳回": pb.ORDER_STATE_PROVIDER_REJECTED,
    "待提交管局": pb.ORDER_STATE_READY_TO_SUBMIT,
    "待管局审核": pb.ORDER_STATE_REGULATOR_REVIEW,
    "管局驳回": pb.ORDER_STATE_REGULATOR_REJECTED,
    "已备案": pb.ORDER_STATE_FILED,
    "已撤销": pb.ORDER_STATE_WITHDRAWN,
}

REFUSERS: Final[Mapping[str, pb.ReturnedBy.ValueType]] = {
    "接入商": pb.RETURNED_BY_PROVIDER,
    "工信部": pb.RETURNED_BY_MIIT,
    "管局": pb.RETURNED_BY_BUREAU,
}

FACE_STATES: Final[Mapping[str, pb.VerificationState.ValueType]] = {
    "waiting": pb.VERIFICATION_STATE_WAITING,
    "passed": pb.VERIFICATION_STATE_PASSED,
    "failed": pb.VERIFICATION_STATE_FAILED,
}
"""`verification.status` (真实性核验); not_required means that none is asked for."""

SMS_STATES: Final[Mapping[str, pb.VerificationState.ValueType]] = {
    "waiting": pb.VERIFICATION_STATE_WAITING,
    "passed": pb.VERIFICATION_STATE_PASSED,
    "expired": pb.VERIFICATION_STATE_EXPIRED,
}
"""`sms_verification.status`; none means that no message was sent."""

ERRORS: Final[Mapping[str, ErrorClass]] = {
    "APIG.0308": ErrorClass.THROTTLED,
    "APIG.0301": ErrorClass.CREDENTIAL,
    "APIG.0101": ErrorClass.CONFIGURATION,
    "ICP.0001": ErrorClass.REJECTED,  # a required field is missing
    "ICP.0002": ErrorClass.REJECTED,  # a field's value is not legal
    "ICP.0003": ErrorClass.REJECTED,  # the body is no JSON object
    "ICP.0404": ErrorClass.REJECTED,  # there is no such order
    "ICP.0409": ErrorClass.REJECTED,  # not in this state
    "ICP.0410": ErrorClass.REJECTED,  # the order needs no face check
    "ICP.0500": ErrorClass.UNKNOWN,
}
"""A code that is not here leaves the outcome unknown."""

"""Tencent's words as data: codes of its forms, states and errors.

The states are Tencent's (TC-DOC; domain 3.1); the codes of natures and certificates are MIIT-V3's. No vendor has a
public API that submits a filing: actions, numbers and error codes are those of the partner-style API of the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.vendor import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

ID: Final = "tencent"
TITLE: Final = "腾讯云"
VENDOR: Final = "Tencent"
"""The vendor's name in the headers of its callbacks."""

ORDER_TYPE_NAMES: Final[Mapping[pb.OrderType.ValueType, str]] = {
    pb.ORDER_TYPE_FIRST_FILING: "首次备案",
    pb.ORDER_TYPE_ADD_ACCESS: "接入备案",
    pb.ORDER_TYPE_CANCEL_ACCESS: "取消接入",
    pb.ORDER_TYPE_ADD_SERVICE: "新增网站",
    pb.ORDER_TYPE_CHANGE_SUBJECT: "变更备案（主体）",
    pb.ORDER_TYPE_CHANGE_SERVICE: "变更备案（网站）",
    pb.ORDER_TYPE_CHANGE_ACCESS: "变更备案（接入）",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "注销主体",
    pb.ORDER_TYPE_CANCEL_SERVICE: "注销网站",
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: "备案迁移",
}
ORDER_TYPES: Final[Mapping[int, int]] = {
    pb.ORDER_TYPE_FIRST_FILING: 1,
    pb.ORDER_TYPE_ADD_ACCESS: 3,
    pb.ORDER_TYPE_CANCEL_ACCESS: 9,
    pb.ORDER_TYPE_ADD_SERVICE: 2,
    pb.ORDER_TYPE_CHANGE_SUBJECT: 4,
    pb.ORDER_TYPE_CHANGE_SERVICE: 5,
    pb.ORDER_TYPE_CHANGE_ACCESS: 6,
    pb.ORDER_TYPE_CANCEL_SUBJECT: 7,
    pb.ORDER_TYPE_CANCEL_SERVICE: 8,
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: 10,
}

CODES: Final[Mapping[str, Mapping[str, int]]] = {
    "OrganizerNature": {"政府机关": 2, "事业单位": 3, "企业": 4, "个人": 5, "社会团体": 6},
    "CertificateType": {
        "营业执照": 1,
        "居民身份证": 2,
        "事业法人证": 4,
        "社团法人证": 6,
        "护照": 7,
        "政府机关组织机构代码证": 9,
    },
    "SiteType": {"网站": 1, "APP": 2, "小程序": 3, "快应用": 4},
}
"""The form's choices: by the form's key, the word that a person sees → the code that the API takes."""

STATUSES: Final[Mapping[int, pb.OrderState.ValueType]] = {
    0: pb.ORDER_STATE_DRAFT,  # 填写中
    1: pb.ORDER_STATE_PROVIDER_REVIEW,  # 初审中
    2: pb.ORDER_STATE_PROVIDER_REJECTED,  # 初审未通过
    3: pb.ORDER_STATE_READY_TO_SUBMIT,  # 待提交管局
    4: pb.ORDER_STATE_READY_TO_SUBMIT,  # 短信核验
    5: pb.ORDER_STATE_REGULATOR_REVIEW,  # 管局审核中
    6: pb.ORDER_STATE_FILED,  # 已备案
    7: pb.ORDER_STATE_REGULATOR_REJECTED,  # 管局驳回
    8: pb.ORDER_STATE_WITHDRAWN,  # 已撤销
}

REFUSERS: Final[Mapping[str, pb.ReturnedBy.ValueType]] = {
    "腾讯云": pb.RETURNED_BY_PROVIDER,
    "工信部": pb.RETURNED_BY_MIIT,
    "管局": pb.RETURNED_BY_BUREAU,
}

LIVE_CHECKS: Final[Mapping[int, pb.VerificationState.ValueType]] = {
    1: pb.VERIFICATION_STATE_WAITING,
    2: pb.VERIFICATION_STATE_PASSED,
    3: pb.VERIFICATION_STATE_FAILED,
}
"""`LiveCheckStatus`; 0 means that none is asked for."""

SMS_STATES: Final[Mapping[int, pb.VerificationState.ValueType]] = {
    1: pb.VERIFICATION_STATE_WAITING,
    2: pb.VERIFICATION_STATE_PASSED,
    3: pb.VERIFICATION_STATE_EXPIRED,
}
"""`SmsVerify.Status`; 0 means that no message was sent."""

ERRORS: Final[Mapping[str, ErrorClass]] = {
    "RequestLimitExceeded": ErrorClass.THROTTLED,
    "LimitExceeded": ErrorClass.THROTTLED,
    "AuthFailure": ErrorClass.CREDENTIAL,
    "UnauthorizedOperation": ErrorClass.CREDENTIAL,
    "InvalidAction": ErrorClass.CONFIGURATION,
    "NoSuchVersion": ErrorClass.CONFIGURATION,
    # The token stands for another body: some order of ours is there, and nobody knows which.
    "InvalidParameter.ClientTokenMismatch": ErrorClass.UNKNOWN,
    "InvalidParameter": ErrorClass.REJECTED,
    "InvalidParameterValue": ErrorClass.REJECTED,
    "MissingParameter": ErrorClass.REJECTED,
    "UnknownParameter": ErrorClass.REJECTED,
    "ResourceNotFound": ErrorClass.REJECTED,
    "FailedOperation": ErrorClass.REJECTED,
    "UnsupportedOperation": ErrorClass.REJECTED,
    "InternalError": ErrorClass.UNKNOWN,
}
"""By the code, or by its part before the dot; a code that is not here leaves the outcome unknown."""


def error_class(code: str) -> ErrorClass:
    """What an error code says of the call."""
    return ERRORS.get(code) or ERRORS.get(code.partition(".")[0], ErrorClass.UNKNOWN)

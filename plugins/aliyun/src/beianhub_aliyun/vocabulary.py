"""Aliyun's words as data: codes of its forms, states and errors.

The states follow the order of Aliyun's steps (ALI-2019, S1; domain 3.1). No vendor has a public API that submits a
filing: actions, codes and errors are those of the partner-style API of the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.vendor import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

ID: Final = "aliyun"
TITLE: Final = "阿里云"
VENDOR: Final = "Aliyun"
"""The vendor's name in the headers of its callbacks."""

ORDER_TYPE_NAMES: Final[Mapping[pb.OrderType.ValueType, str]] = {
    pb.ORDER_TYPE_FIRST_FILING: "首次备案",
    pb.ORDER_TYPE_ADD_ACCESS: "接入备案",
    pb.ORDER_TYPE_CANCEL_ACCESS: "取消接入",
    pb.ORDER_TYPE_ADD_SERVICE: "新增网站",
    pb.ORDER_TYPE_CHANGE_SUBJECT: "变更主体",
    pb.ORDER_TYPE_CHANGE_SERVICE: "变更网站",
    pb.ORDER_TYPE_CHANGE_ACCESS: "变更接入",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "注销主体",
    pb.ORDER_TYPE_CANCEL_SERVICE: "注销网站",
    pb.ORDER_TYPE_CLAIM: "认领备案",
}
ORDER_TYPES: Final[Mapping[int, str]] = {
    pb.ORDER_TYPE_FIRST_FILING: "FIRST_BEIAN",
    pb.ORDER_TYPE_ADD_ACCESS: "ACCESS_BEIAN",
    pb.ORDER_TYPE_CANCEL_ACCESS: "CANCEL_ACCESS",
    pb.ORDER_TYPE_ADD_SERVICE: "ADD_WEBSITE",
    pb.ORDER_TYPE_CHANGE_SUBJECT: "CHANGE_SPONSOR",
    pb.ORDER_TYPE_CHANGE_SERVICE: "CHANGE_WEBSITE",
    pb.ORDER_TYPE_CHANGE_ACCESS: "CHANGE_ACCESS",
    pb.ORDER_TYPE_CANCEL_SUBJECT: "CANCEL_SPONSOR",
    pb.ORDER_TYPE_CANCEL_SERVICE: "CANCEL_WEBSITE",
    pb.ORDER_TYPE_CLAIM: "CLAIM_BEIAN",
}

PROVINCES: Final[Mapping[str, str]] = {
    "北京": "110000",
    "天津": "120000",
    "河北": "130000",
    "山西": "140000",
    "内蒙古": "150000",
    "辽宁": "210000",
    "吉林": "220000",
    "黑龙江": "230000",
    "上海": "310000",
    "江苏": "320000",
    "浙江": "330000",
    "安徽": "340000",
    "福建": "350000",
    "江西": "360000",
    "山东": "370000",
    "河南": "410000",
    "湖北": "420000",
    "湖南": "430000",
    "广东": "440000",
    "广西": "450000",
    "海南": "460000",
    "重庆": "500000",
    "四川": "510000",
    "贵州": "520000",
    "云南": "530000",
    "西藏": "540000",
    "陕西": "610000",
    "甘肃": "620000",
    "青海": "630000",
    "宁夏": "640000",
    "新疆": "650000",
}
"""By short name, the code of GB/T 2260."""

CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "SponsorNature": {
        "政府机关": "GOVERNMENT",
        "事业单位": "INSTITUTION",
        "企业": "COMPANY",
        "个人": "PERSONAL",
        "社会团体": "SOCIETY",
    },
    "LicenseType": {
        "营业执照": "BUSINESS_LICENSE",
        "居民身份证": "ID_CARD",
        "事业法人证": "INSTITUTION_CERT",
        "社团法人证": "SOCIETY_CERT",
        "护照": "PASSPORT",
        "政府机关组织机构代码证": "GOVERNMENT_ORG_CODE",
    },
    "ServiceType": {"网站": "WEBSITE", "APP": "APP", "小程序": "MINI_APP", "快应用": "QUICK_APP"},
    "ProvinceCode": PROVINCES,
}
"""The form's choices: by the form's key, the word that a person sees → the code that the API takes."""

STATUSES: Final[Mapping[str, pb.OrderState.ValueType]] = {
    "DRAFT": pb.ORDER_STATE_DRAFT,
    "FIRST_REVIEW": pb.ORDER_STATE_PROVIDER_REVIEW,
    "FIRST_REVIEW_FAILED": pb.ORDER_STATE_PROVIDER_REJECTED,
    "TO_SUBMIT_MIIT": pb.ORDER_STATE_READY_TO_SUBMIT,
    "SMS_VERIFY": pb.ORDER_STATE_READY_TO_SUBMIT,
    "MIIT_REVIEW": pb.ORDER_STATE_REGULATOR_REVIEW,
    "MIIT_REJECTED": pb.ORDER_STATE_REGULATOR_REJECTED,
    "SUCCESS": pb.ORDER_STATE_FILED,
    "REVOKED": pb.ORDER_STATE_WITHDRAWN,
}

REFUSERS: Final[Mapping[str, pb.ReturnedBy.ValueType]] = {
    "ALIYUN": pb.RETURNED_BY_PROVIDER,
    "SMS": pb.RETURNED_BY_MIIT,
    "MIIT": pb.RETURNED_BY_BUREAU,
}
"""`FailSource`. Aliyun calls MIIT's own return after the text message SMS, and the bureau MIIT."""

FACE_STATES: Final[Mapping[str, pb.VerificationState.ValueType]] = {
    "WAITING": pb.VERIFICATION_STATE_WAITING,
    "PASSED": pb.VERIFICATION_STATE_PASSED,
    "FAILED": pb.VERIFICATION_STATE_FAILED,
}
"""`VerifyStatus`; NOT_REQUIRED means that none is asked for."""

SMS_STATES: Final[Mapping[str, pb.VerificationState.ValueType]] = {
    "WAITING": pb.VERIFICATION_STATE_WAITING,
    "PASSED": pb.VERIFICATION_STATE_PASSED,
    "EXPIRED": pb.VERIFICATION_STATE_EXPIRED,
}
"""`SmsStatus`; NONE means that no message was sent."""

ERRORS: Final[Mapping[str, ErrorClass]] = {
    "Throttling": ErrorClass.THROTTLED,
    "IncompleteSignature": ErrorClass.CREDENTIAL,
    "InvalidAccessKeyId": ErrorClass.CREDENTIAL,
    "SignatureDoesNotMatch": ErrorClass.CREDENTIAL,
    "InvalidTimeStamp": ErrorClass.CREDENTIAL,
    "Forbidden": ErrorClass.CREDENTIAL,
    # The nonce was seen: this very request came twice, and the first may have been carried out.
    "SignatureNonceUsed": ErrorClass.UNKNOWN,
    "InvalidAction": ErrorClass.CONFIGURATION,
    "InvalidVersion": ErrorClass.CONFIGURATION,
    # The token stands for other parameters: some order of ours is there, and nobody knows which.
    "IdempotentParameterMismatch": ErrorClass.UNKNOWN,
    "OrderNotFound": ErrorClass.REJECTED,
    "OrderStatusNotSupport": ErrorClass.REJECTED,
    "VerifyNotRequired": ErrorClass.REJECTED,
    "InternalError": ErrorClass.UNKNOWN,
    "ServiceUnavailable": ErrorClass.UNKNOWN,
}
"""By the code's part before the dot. Of others, `Missing…` and `Invalid…` name a field: a definite no."""


def error_class(code: str) -> ErrorClass:
    """What an error code says of the call; a code that is not known leaves the outcome unknown."""
    known = ERRORS.get(code.partition(".")[0])
    if known is None and code.startswith(("Missing", "Invalid")):
        return ErrorClass.REJECTED
    return known or ErrorClass.UNKNOWN

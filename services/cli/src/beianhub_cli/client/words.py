"""Enum values as people write them: the short English name, and the Chinese term of the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from google.protobuf.descriptor import EnumDescriptor

_CHINESE: Final[Mapping[str, Mapping[str, str]]] = {
    "Nature": {
        "ENTERPRISE": "企业",
        "INDIVIDUAL": "个人",
        "GOVERNMENT": "政府机关",
        "INSTITUTION": "事业单位",
        "SOCIAL_ORG": "社会团体",
    },
    "CertificateType": {"RESIDENT_ID": "居民身份证", "USCC": "统一社会信用代码", "PASSPORT": "护照"},
    "ServiceKind": {"WEBSITE": "网站", "APP": "APP", "MINI_PROGRAM": "小程序", "QUICK_APP": "快应用"},
    "SubjectState": {"NOT_FILED": "未备案", "FILED": "已备案", "SHELL": "空壳主体", "CANCELLED": "已注销"},
    "ServiceState": {"NOT_FILED": "未备案", "FILED": "已备案", "NO_ACCESS": "空壳网站", "CANCELLED": "已注销"},
    "AccessState": {"PENDING": "接入中", "ACTIVE": "已接入", "CANCELLED": "已取消接入"},
    "OrderType": {
        "FIRST_FILING": "首次备案",
        "ADD_SERVICE": "新增网站",
        "ADD_ACCESS": "接入备案",
        "CHANGE_SUBJECT": "变更主体",
        "CHANGE_SERVICE": "变更网站",
        "CHANGE_ACCESS": "变更接入",
        "CANCEL_SUBJECT": "注销主体",
        "CANCEL_SERVICE": "注销网站",
        "CANCEL_ACCESS": "取消接入",
        "MIGRATE_SERVICE": "网站迁移",
        "TRANSFER_ACCOUNT": "备案迁移",
        "CLAIM": "认领备案",
    },
    "OrderState": {
        "DRAFT": "草稿",
        "PROVIDER_REVIEW": "接入商审核中",
        "PROVIDER_REJECTED": "接入商驳回",
        "READY_TO_SUBMIT": "待提交管局",
        "REGULATOR_REVIEW": "管局审核中",
        "REGULATOR_REJECTED": "管局驳回",
        "FILED": "已通过",
        "WITHDRAWN": "已撤销",
        "ABANDONED": "已放弃",
        "EXPIRED": "已过期",
    },
    "ReturnedBy": {"PRECHECK": "预检", "PROVIDER": "接入商", "MIIT": "工信部", "BUREAU": "管局"},
    "VerificationKind": {
        "DOMAIN": "域名核验",
        "IP": "IP 核验",
        "MIIT_SMS": "短信核验",
        "FACE": "人脸核验",
        "DOMAIN_REAL_NAME": "域名实名核验",
        "EXPIRY": "有效期核验",
        "SITE": "网站可访问性核验",
        "FOOTER": "备案号悬挂核验",
        "PRE_APPROVAL": "前置审批核验",
        "DOCUMENTS": "材料核验",
        "EMPTY_SHELL": "空壳核验",
        "CURTAIN_PHOTO": "幕布拍照核验",
        "VIDEO": "视频核验",
        "SHANGHAI_APP": "上海 APP 核验",
        "PROVIDER_CODE": "接入商验证码",
        "FILING_PASSWORD": "备案密码",
        "CANCELLATION_EMAIL": "邮件注销",
    },
    "Kind": {
        "CHANGED": "不一致",
        "MISSING_AT_PROVIDER": "接入商处没有",
        "MISSING_IN_RECORD": "本地没有",
    },
    "VerificationState": {
        "REQUESTED": "核验中",
        "WAITING": "待本人操作",
        "PASSED": "通过",
        "FAILED": "未通过",
        "EXPIRED": "已超时",
    },
    "DeadlineState": {"NEAR": "将到", "PASSED": "已过", "DONE": "已完成"},
    "Severity": {"INFO": "提示", "WARNING": "警告", "BLOCKER": "阻断"},
    "RiskKind": {
        "SERVICE_WITHOUT_ACCESS": "空壳网站",
        "SUBJECT_SHELL": "空壳主体",
        "SINGLE_PROVIDER_CANCELLED": "唯一接入即将取消",
        "DOMAIN_EXPIRING": "域名到期",
        "CERTIFICATE_EXPIRING": "证件到期",
        "FOOTER_WRONG": "备案号悬挂",
        "SITE_CLOSED": "网站打不开",
        "RESOLVES_ELSEWHERE": "解析IP与备案IP不符",
        "CHANGE_NOTICE_UNANSWERED": "变更通知未答复",
        "NOTICE_DUE": "整改通知",
        "OTHER_OBSERVED": "其他巡检发现",
        "LICENCE_NUMBER_MISSING": "备案号缺失",
    },
    "NoticeKind": {
        "FOOTER_LINK": "备案号未链接",
        "FOOTER_NUMBER": "备案号未悬挂",
        "SITE_CLOSED": "网站打不开",
        "CONTENT": "网站内容不符",
        "SHELL_SUBJECT": "空壳主体",
        "SHELL_SERVICE": "空壳网站",
        "IP_MISMATCH": "解析IP与备案IP不符",
        "DOMAIN_EXPIRED": "域名过期",
        "DOMAIN_HOLDER": "域名实名不符",
        "DISUSED_DOMAIN": "废弃域名",
        "OPERATION": "主体经营异常",
        "NAME": "名称不一致",
        "CERT_NUMBER": "证件号码不一致",
        "CERT_ADDRESS": "证件住所不一致",
        "OLD_CERTIFICATE": "老证件",
        "PRINCIPAL": "负责人非法人",
        "ID_EXPIRED": "身份证过期",
        "CONTACT": "联系方式失效",
        "RESOURCE": "备案资源不足",
        "MATERIAL": "补充核验材料",
        "VERIFY_AND_UPDATE": "核实并更新",
        "UNFILED": "未备案",
    },
    "AccessVerdict": {"YES": "可以接入", "NO": "不可接入"},
    "AccessReason": {
        "ACTIVE": "已接入",
        "UNKNOWN_DOMAIN": "无此域名",
        "NOT_FILED": "未备案",
        "PENDING_ACCESS": "接入审核中",
        "NO_ACCESS": "未在该接入商接入",
        "ACCESS_CANCELLED": "已取消接入",
    },
}
_DEADLINES: Final[Mapping[str, str]] = {
    **_CHINESE["VerificationKind"],
    "IDLE": "订单闲置",
    "IDLE_REMINDER": "闲置提醒",
    "FIRST_REVIEW": "接入商初审",
    "PROVIDER_TO_REGULATOR": "接入商提交管局",
    "REGULATOR_REVIEW": "管局审核",
    "CERTIFICATE": "证件有效期",
    "DOMAIN_EXPIRY": "域名有效期",
    "CHANGE_WITHIN": "接入后变更备案",
    "CHANGE_NOTICE": "提前变更备案",
    "CHANGE_IN_TIME": "变动后变更备案",
    "POLICE_FILING": "公安联网备案",
    "RECTIFICATION": "整改",
}
# Other words that resellers use for the same thing.
_SYNONYMS: Final[Mapping[str, Mapping[str, str]]] = {
    "Nature": {"公司": "ENTERPRISE", "单位": "ENTERPRISE", "COMPANY": "ENTERPRISE", "PERSONAL": "INDIVIDUAL"},
    "CertificateType": {
        "身份证": "RESIDENT_ID",
        "营业执照": "USCC",
        "工商营业执照": "USCC",
        "社会信用代码": "USCC",
        "ID_CARD": "RESIDENT_ID",
    },
    "OrderType": {
        "新增接入": "ADD_ACCESS",
        "首次": "FIRST_FILING",
        "新增互联网信息服务": "ADD_SERVICE",
        "变更互联网信息服务": "CHANGE_SERVICE",
        "注销互联网信息服务": "CANCEL_SERVICE",
        "迁移互联网信息服务": "MIGRATE_SERVICE",
        "转移备案": "TRANSFER_ACCOUNT",
    },
    "ServiceKind": {"SITE": "WEBSITE"},
}


def prefix(enum: EnumDescriptor) -> str:
    """What all names of the enum begin with: ``ORDER_STATE_`` of ``OrderState``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"


def short(enum: EnumDescriptor, number: int) -> str:
    """``REGULATOR_REVIEW`` of ``ORDER_STATE_REGULATOR_REVIEW``; "" of the unspecified value; the number if unknown."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    name = value.name.removeprefix(prefix(enum))
    return "" if name == "UNSPECIFIED" else name


def say(enum: EnumDescriptor, number: int) -> str:
    """``管局审核中 REGULATOR_REVIEW``: both languages where there are two."""
    name = short(enum, number)
    chinese = _CHINESE.get(enum.name, {}).get(name, "")
    return name if chinese in ("", name) else f"{chinese} {name}"


def deadline(kind: str) -> str:
    """``管局审核 REGULATOR_REVIEW``: the kind of a deadline in both languages where there are two."""
    return f"{_DEADLINES.get(kind, '')} {kind}".strip()


def known(enum: EnumDescriptor) -> list[str]:
    """The short names that may be given."""
    return [name for value in enum.values if (name := short(enum, value.number))]


def number_of(enum: EnumDescriptor, word: str) -> int | None:
    """The value that ``word`` names: short or full name in any case, or Chinese; ``None`` when it names none."""
    text = word.strip()
    name = text.upper().replace("-", "_").removeprefix(prefix(enum))
    name = _SYNONYMS.get(enum.name, {}).get(name, name)
    chinese = {zh: en for en, zh in _CHINESE.get(enum.name, {}).items()}
    name = chinese.get(text, name)
    return next(
        (v.number for v in enum.values if name and name != "UNSPECIFIED" and short(enum, v.number) == name), None
    )

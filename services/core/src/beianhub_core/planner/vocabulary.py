"""The words of a situation, with the other spellings that people and vendors use for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Wish(StrEnum):
    """What somebody wants."""

    SERVE_DOMAIN = "SERVE_DOMAIN"
    CHANGE_SERVER_IP = "CHANGE_SERVER_IP"
    CHANGE_SUBJECT = "CHANGE_SUBJECT"
    CHANGE_SERVICE = "CHANGE_SERVICE"
    REMOVE_DOMAIN = "REMOVE_DOMAIN"
    LEAVE_PROVIDER = "LEAVE_PROVIDER"
    CLOSE_SERVICE = "CLOSE_SERVICE"
    CLOSE_SUBJECT = "CLOSE_SUBJECT"
    MOVE_SERVICE_TO_SUBJECT = "MOVE_SERVICE_TO_SUBJECT"
    END_ORDER = "END_ORDER"
    RESUBMIT = "RESUBMIT"
    ANSWER_NOTICE = "ANSWER_NOTICE"


class Nature(StrEnum):
    """The subject's nature (主办单位性质)."""

    ENTERPRISE = "ENTERPRISE"
    INDIVIDUAL = "INDIVIDUAL"
    GOVERNMENT = "GOVERNMENT"
    INSTITUTION = "INSTITUTION"
    SOCIAL_ORG = "SOCIAL_ORG"


class SubjectStatus(StrEnum):
    """The state of a filed subject."""

    NORMAL = "NORMAL"
    SHELL = "SHELL"  # 空壳主体: no service is left
    CANCELLED = "CANCELLED"


class Kind(StrEnum):
    """The kind of a service."""

    WEBSITE = "WEBSITE"
    APP = "APP"
    MINI_PROGRAM = "MINI_PROGRAM"
    QUICK_APP = "QUICK_APP"


class ServiceStatus(StrEnum):
    """The state of a filed service."""

    NORMAL = "NORMAL"
    NO_ACCESS = "NO_ACCESS"  # 空壳网站
    CANCELLED = "CANCELLED"


class Region(StrEnum):
    """Where the server stands."""

    MAINLAND = "MAINLAND"
    HONGKONG = "HONGKONG"
    OVERSEAS = "OVERSEAS"


class Order(StrEnum):
    """The types of orders (domain facts 2.2)."""

    FIRST_FILING = "FIRST_FILING"
    ADD_SERVICE = "ADD_SERVICE"
    ADD_ACCESS = "ADD_ACCESS"
    CHANGE_SUBJECT = "CHANGE_SUBJECT"
    CHANGE_SERVICE = "CHANGE_SERVICE"
    CHANGE_ACCESS = "CHANGE_ACCESS"
    CANCEL_SUBJECT = "CANCEL_SUBJECT"
    CANCEL_SERVICE = "CANCEL_SERVICE"
    CANCEL_ACCESS = "CANCEL_ACCESS"
    MIGRATE_SERVICE = "MIGRATE_SERVICE"
    TRANSFER_ACCOUNT = "TRANSFER_ACCOUNT"
    CLAIM = "CLAIM"


CANCELLATIONS: Final = frozenset({Order.CANCEL_SUBJECT, Order.CANCEL_SERVICE, Order.CANCEL_ACCESS})
CHANGES: Final = frozenset({Order.CHANGE_SUBJECT, Order.CHANGE_SERVICE, Order.CHANGE_ACCESS})
SUBMISSIONS: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS})


class State(StrEnum):
    """The phases of an order, as far as they differ in what may be done about it (domain facts 3.1, 3.3)."""

    DRAFT = "DRAFT"
    PROVIDER_REVIEW = "PROVIDER_REVIEW"
    PROVIDER_REJECTED = "PROVIDER_REJECTED"
    IDENTITY_CHECK = "IDENTITY_CHECK"
    READY_TO_SUBMIT = "READY_TO_SUBMIT"
    SMS_PENDING = "SMS_PENDING"
    SMS_TIMEOUT = "SMS_TIMEOUT"
    REGULATOR_REVIEW = "REGULATOR_REVIEW"
    REGULATOR_REJECTED = "REGULATOR_REJECTED"
    UNKNOWN = "UNKNOWN"
    FILED = "FILED"
    WITHDRAWN = "WITHDRAWN"
    ABANDONED = "ABANDONED"
    EXPIRED = "EXPIRED"


ENDED: Final = frozenset({State.FILED, State.WITHDRAWN, State.ABANDONED, State.EXPIRED})
RETURNED: Final = frozenset({State.PROVIDER_REJECTED, State.SMS_TIMEOUT, State.REGULATOR_REJECTED})


class Field(StrEnum):
    """What a change may change, and in what the data of an access may differ."""

    SUBJECT = "SUBJECT"  # another subject altogether
    NAME = "NAME"
    CERT_NUMBER = "CERT_NUMBER"
    CERT_TYPE = "CERT_TYPE"
    CERT_ADDRESS = "CERT_ADDRESS"
    ADDRESS = "ADDRESS"
    NATURE = "NATURE"
    PROVINCE = "PROVINCE"
    PRINCIPAL = "PRINCIPAL"
    ACCOUNT = "ACCOUNT"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    SERVICE_NAME = "SERVICE_NAME"
    SERVICE_PRINCIPAL = "SERVICE_PRINCIPAL"
    CONTENT = "CONTENT"
    LANGUAGE = "LANGUAGE"
    PRE_APPROVAL = "PRE_APPROVAL"
    DOMAIN = "DOMAIN"
    IP = "IP"
    PLATFORM = "PLATFORM"


OF_SERVICE: Final = frozenset(
    {
        Field.SERVICE_NAME,
        Field.SERVICE_PRINCIPAL,
        Field.CONTENT,
        Field.LANGUAGE,
        Field.PRE_APPROVAL,
        Field.DOMAIN,
        Field.IP,
        Field.PLATFORM,
    }
)


class Notice(StrEnum):
    """What a rectification notice (整改通知) is about (S4.35 to S4.41, domain facts 4.8)."""

    FOOTER_LINK = "FOOTER_LINK"
    FOOTER_NUMBER = "FOOTER_NUMBER"
    SITE_CLOSED = "SITE_CLOSED"
    CONTENT = "CONTENT"
    SHELL_SUBJECT = "SHELL_SUBJECT"
    SHELL_SERVICE = "SHELL_SERVICE"
    IP_MISMATCH = "IP_MISMATCH"
    DOMAIN_EXPIRED = "DOMAIN_EXPIRED"
    DOMAIN_HOLDER = "DOMAIN_HOLDER"
    DISUSED_DOMAIN = "DISUSED_DOMAIN"
    OPERATION = "OPERATION"
    NAME = "NAME"
    CERT_NUMBER = "CERT_NUMBER"
    CERT_ADDRESS = "CERT_ADDRESS"
    OLD_CERTIFICATE = "OLD_CERTIFICATE"
    PRINCIPAL = "PRINCIPAL"
    ID_EXPIRED = "ID_EXPIRED"
    CONTACT = "CONTACT"
    REGISTRAR = "REGISTRAR"
    RESOURCE = "RESOURCE"
    MATERIAL = "MATERIAL"
    VERIFY_AND_UPDATE = "VERIFY_AND_UPDATE"
    UNFILED = "UNFILED"


ORDER_ALIASES: Final = {
    "FIRST": Order.FIRST_FILING,
    "首次备案": Order.FIRST_FILING,
    "ADD_SERVICE_FROM_OTHER": Order.ADD_SERVICE,
    "ADD_SITE": Order.ADD_SERVICE,
    "ADD_WEBSITE": Order.ADD_SERVICE,
    "新增网站": Order.ADD_SERVICE,
    "新增互联网信息服务": Order.ADD_SERVICE,
    "ACCESS": Order.ADD_ACCESS,
    "ACCESS_CONTINUE": Order.ADD_ACCESS,
    "TRANSFER_IN": Order.ADD_ACCESS,
    "接入": Order.ADD_ACCESS,
    "接入备案": Order.ADD_ACCESS,
    "新增接入": Order.ADD_ACCESS,
    "转入备案": Order.ADD_ACCESS,
    "继续接入备案": Order.ADD_ACCESS,
    "CHANGE_BOTH": Order.CHANGE_SUBJECT,
    "变更备案": Order.CHANGE_SUBJECT,
    "变更主体": Order.CHANGE_SUBJECT,
    "CHANGE_SITE": Order.CHANGE_SERVICE,
    "CHANGE_WEBSITE": Order.CHANGE_SERVICE,
    "变更网站": Order.CHANGE_SERVICE,
    "变更互联网信息服务": Order.CHANGE_SERVICE,
    "CHANGE_IP": Order.CHANGE_ACCESS,
    "变更接入": Order.CHANGE_ACCESS,
    "注销主体": Order.CANCEL_SUBJECT,
    "CANCEL_SITE": Order.CANCEL_SERVICE,
    "CANCEL_WEBSITE": Order.CANCEL_SERVICE,
    "注销网站": Order.CANCEL_SERVICE,
    "注销互联网信息服务": Order.CANCEL_SERVICE,
    "取消接入": Order.CANCEL_ACCESS,
    "网站迁移": Order.MIGRATE_SERVICE,
    "迁移互联网信息服务": Order.MIGRATE_SERVICE,
    "备案迁移": Order.TRANSFER_ACCOUNT,
    "转移备案": Order.TRANSFER_ACCOUNT,
    "认领备案": Order.CLAIM,
    "CANCEL_SHELL_SUBJECT": Order.CANCEL_SUBJECT,
    "空壳主体注销": Order.CANCEL_SUBJECT,
}

STATE_ALIASES: Final = {
    "PRECHECK_FAILED": State.DRAFT,
    "草稿": State.DRAFT,
    "填写中": State.DRAFT,
    "待完善备案信息": State.DRAFT,
    "FIRST_REVIEW": State.PROVIDER_REVIEW,
    "初审": State.PROVIDER_REVIEW,
    "等待初审": State.PROVIDER_REVIEW,
    "初审中": State.PROVIDER_REVIEW,
    "待接入商审核": State.PROVIDER_REVIEW,
    "已修改待审核": State.PROVIDER_REVIEW,
    "PROVIDER_NEEDS_CHANGES": State.PROVIDER_REJECTED,
    "接入商审核为待修改": State.PROVIDER_REJECTED,
    "初审驳回": State.PROVIDER_REJECTED,
    "初审未通过": State.PROVIDER_REJECTED,
    "IDENTITY_FAILED": State.IDENTITY_CHECK,
    "IDENTITY_PENDING": State.IDENTITY_CHECK,
    "初审通过": State.IDENTITY_CHECK,
    "初审已通过": State.IDENTITY_CHECK,
    "待提交管局": State.READY_TO_SUBMIT,
    "短信核验": State.SMS_PENDING,
    "SMS_EXPIRED": State.SMS_TIMEOUT,
    "RETURNED": State.SMS_TIMEOUT,
    "BUREAU_REVIEW": State.REGULATOR_REVIEW,
    "AT_REGULATOR": State.REGULATOR_REVIEW,
    "管局审核": State.REGULATOR_REVIEW,
    "待管局审核": State.REGULATOR_REVIEW,
    "等待管局审核": State.REGULATOR_REVIEW,
    "管局审核中": State.REGULATOR_REVIEW,
    "驳回": State.REGULATOR_REJECTED,
    "管局驳回": State.REGULATOR_REJECTED,
    "REJECTED": State.REGULATOR_REJECTED,
    "UNKNOWN_AT_PROVIDER": State.UNKNOWN,
    "APPROVED": State.FILED,
    "通过": State.FILED,
    "已备案": State.FILED,
    "管局审核通过": State.FILED,
}

FIELD_ALIASES: Final = {
    "SUBJECT_NAME": Field.NAME,
    "主体名称": Field.NAME,
    "单位名称": Field.NAME,
    "主办单位名称": Field.NAME,
    "CERTIFICATE_NUMBER": Field.CERT_NUMBER,
    "CERT_NO": Field.CERT_NUMBER,
    "证件号码": Field.CERT_NUMBER,
    "CERTIFICATE_TYPE": Field.CERT_TYPE,
    "CERTIFICATE_ADDRESS": Field.CERT_ADDRESS,
    "证件住所": Field.CERT_ADDRESS,
    "MAILING_ADDRESS": Field.ADDRESS,
    "POSTAL_ADDRESS": Field.ADDRESS,
    "通信地址": Field.ADDRESS,
    "SUBJECT_NATURE": Field.NATURE,
    "主体性质": Field.NATURE,
    "主办单位性质": Field.NATURE,
    "证件类型": Field.CERT_TYPE,
    "LEGAL_REP": Field.PRINCIPAL,
    "LEGAL_REPRESENTATIVE": Field.PRINCIPAL,
    "LEGAL_PERSON": Field.PRINCIPAL,
    "法定代表人": Field.PRINCIPAL,
    "SUBJECT_PRINCIPAL": Field.PRINCIPAL,
    "主体负责人": Field.PRINCIPAL,
    "CONTACT": Field.PHONE,
    "CONTACT_1": Field.PHONE,
    "CONTACT1": Field.PHONE,
    "MOBILE": Field.PHONE,
    "手机号码": Field.PHONE,
    "手机号": Field.PHONE,
    "邮箱": Field.EMAIL,
    "联系方式1": Field.PHONE,
    "SITE_NAME": Field.SERVICE_NAME,
    "WEBSITE_NAME": Field.SERVICE_NAME,
    "APP_NAME": Field.SERVICE_NAME,
    "网站名称": Field.SERVICE_NAME,
    "服务名称": Field.SERVICE_NAME,
    "SITE_PRINCIPAL": Field.SERVICE_PRINCIPAL,
    "网站负责人": Field.SERVICE_PRINCIPAL,
    "互联网信息服务负责人": Field.SERVICE_PRINCIPAL,
    "SERVICE_CONTENT": Field.CONTENT,
    "服务内容": Field.CONTENT,
    "前置审批": Field.PRE_APPROVAL,
    "DOMAINS": Field.DOMAIN,
    "DOMAIN_NAME": Field.DOMAIN,
    "域名": Field.DOMAIN,
    "SERVER_IP": Field.IP,
    "IPS": Field.IP,
    "IP_ADDRESS": Field.IP,
    "ACCESS": Field.IP,
}

# In this order: the first row of which a word stands in the notice's kind names it.
NOTICE_WORDS: Final = (
    (Notice.VERIFY_AND_UPDATE, ("VERIFY", "UPDATE", "核实")),
    (Notice.SHELL_SUBJECT, ("SHELL_SUBJECT", "SUBJECT_SHELL", "EMPTY_SUBJECT", "空壳主体")),
    (Notice.IP_MISMATCH, ("_IP_", "解析IP", "IP与", "IP不")),
    (Notice.SHELL_SERVICE, ("SHELL", "EMPTY", "NO_ACCESS", "RESOLV", "ELSEWHERE", "空壳", "未解析", "未接入")),
    (Notice.FOOTER_LINK, ("LINK", "链接", "通知一", "_NOTICE_1_")),
    (Notice.DISUSED_DOMAIN, ("DISUSED", "UNUSED", "不再使用")),
    (Notice.FOOTER_NUMBER, ("FOOTER", "_HANG", "_UNHUNG", "悬挂", "备案号", "通知二", "_NOTICE_2_", "_ICP_", "BEIAN")),
    (Notice.CERT_NUMBER, ("CERT_NUMBER", "CERTIFICATE_NUMBER", "CERT_NO_")),
    (Notice.FOOTER_NUMBER, ("NUMBER_MISSING", "NUMBER_ABSENT", "NO_NUMBER", "WRONG_NUMBER", "NUMBER_WRONG")),
    (Notice.FOOTER_NUMBER, ("LICENCE_NUMBER", "LICENSE_NUMBER")),
    (Notice.DOMAIN_EXPIRED, ("DOMAIN_EXP", "EXPIRED_DOMAIN", "域名过期", "域名即将")),
    (Notice.REGISTRAR, ("REGISTRAR", "注册商")),
    (Notice.DOMAIN_HOLDER, ("HOLDER", "OWNER", "REAL_NAME", "REALNAME", "域名实名", "持有者")),
    (Notice.UNFILED, ("UNFILED", "NOT_FILED", "未备案")),
    (Notice.ID_EXPIRED, ("_ID_EXP", "EXPIRED_ID", "_ID_CARD", "IDENTITY", "身份证")),
    (Notice.OLD_CERTIFICATE, ("OLD_CERT", "CERT_EXP", "证件非最新")),
    (Notice.CERT_NUMBER, ("NUMBER", "CERT_NO", "证件号", "证号")),
    (Notice.CERT_ADDRESS, ("ADDRESS", "住址", "住所")),
    (Notice.PRINCIPAL, ("PRINCIPAL", "LEGAL_REP", "负责人错误", "非法人")),
    (Notice.CONTACT, ("CONTACT", "PHONE", "联系方式")),
    (Notice.OPERATION, ("OPERATION", "ABNORMAL", "经营异常")),
    (Notice.RESOURCE, ("RESOURCE", "资源")),
    (Notice.MATERIAL, ("MATERIAL", "DOCUMENT", "SUPPLEMENT", "资料", "材料")),
    (Notice.NAME, ("NAME", "名称")),
    (Notice.OLD_CERTIFICATE, ("CERT", "LICENCE", "LICENSE", "证件", "执照")),
    (Notice.SITE_CLOSED, ("CLOSED", "NOT_OPEN", "UNREACHABLE", "INACCESSIBLE", "OFFLINE")),
    (Notice.SITE_CLOSED, ("无法访问", "无法打开", "不能访问", "打不开")),
    (Notice.CONTENT, ("CONTENT", "内容")),
    (Notice.DISUSED_DOMAIN, ("DOMAIN", "域名")),
    (Notice.VERIFY_AND_UPDATE, ("DATA", "INFO", "SUBJECT", "信息", "主体")),
)

_STRIPPED: Final = str.maketrans({"-": "_", " ": "_"})


def spelled(text: str) -> str:
    """The word as the tables have it: upper case, with underscores."""
    return text.strip().upper().translate(_STRIPPED)


def notice_kind(text: str) -> Notice | None:
    """What a notice of this kind is about; ``None`` of words that nobody knows."""
    word = spelled(text)
    if word in Notice.__members__:
        return Notice(word)
    padded = f"_{word}_"
    return next((kind for kind, parts in NOTICE_WORDS if any(part in padded for part in parts)), None)

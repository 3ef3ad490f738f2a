"""What messages call things: providers, fields, states and the like by their Chinese and English words, never raw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from beianhub_core.planner.vocabulary import Field, Nature, Order, Region, State
from beianhub_core.rules.naming import ORDER_TYPES, PROVIDERS, PROVINCE_NAMES, Words

_WAYS: Final[Words] = {
    "EDIT": ("修改后重新提交", "edit and resubmit"),
    "WITHDRAW": ("撤销", "withdraw"),
    "ABANDON": ("放弃", "abandon"),
    "LET_SMS_LAPSE": ("不完成短信核验", "leave the SMS unanswered"),
    "NO": ("不可终止", "not at all"),
    "UNKNOWN": ("来源未述", "not stated"),
}
_CATEGORIES: Final[Words] = {
    "news": ("新闻", "news"),
    "publishing": ("出版", "publishing"),
    "education": ("教育", "education"),
    "health": ("医疗保健", "health"),
    "drugs_devices": ("药品和医疗器械", "drugs and medical devices"),
    "bulletin_board": ("电子公告服务", "bulletin boards"),
    "culture": ("文化", "culture"),
    "broadcasting": ("广播电视节目", "broadcasting"),
    "ride_hailing": ("网络预约车", "ride hailing"),
    "finance": ("金融", "finance"),
    "games": ("游戏", "games"),
    "religion": ("宗教", "religion"),
    "film": ("影视", "film"),
}
_FIELDS: Final[Words] = {
    Field.SUBJECT: ("主体", "the subject itself"),
    Field.NAME: ("主体名称", "the subject's name"),
    Field.CERT_NUMBER: ("证件号码", "the certificate's number"),
    Field.CERT_TYPE: ("证件类型", "the certificate's type"),
    Field.CERT_ADDRESS: ("证件住所", "the certificate's address"),
    Field.ADDRESS: ("通信地址", "the mailing address"),
    Field.NATURE: ("主体性质", "the subject's nature"),
    Field.PROVINCE: ("省份", "the province"),
    Field.PRINCIPAL: ("主体负责人", "the subject's principal"),
    Field.ACCOUNT: ("账号", "the account"),
    Field.PHONE: ("联系方式1", "contact 1"),
    Field.EMAIL: ("邮箱", "the e-mail"),
    Field.SERVICE_NAME: ("互联网信息服务名称", "the service's name"),
    Field.SERVICE_PRINCIPAL: ("互联网信息服务负责人", "the service's principal"),
    Field.CONTENT: ("服务内容", "the service's content"),
    Field.LANGUAGE: ("语言类别", "the languages"),
    Field.PRE_APPROVAL: ("前置审批", "the pre-approval"),
    Field.DOMAIN: ("域名", "the domains"),
    Field.IP: ("接入IP", "the access's IP"),
    Field.PLATFORM: ("APP平台", "the APP's platforms"),
}
_STATES: Final[Words] = {
    State.DRAFT: ("草稿", "a draft"),
    State.PROVIDER_REVIEW: ("接入商审核中", "in the provider's review"),
    State.PROVIDER_REJECTED: ("接入商驳回", "rejected by the provider"),
    State.IDENTITY_CHECK: ("真实性核验中", "in the identity check"),
    State.READY_TO_SUBMIT: ("待提交管局", "waiting to be submitted"),
    State.SMS_PENDING: ("待短信核验", "waiting for MIIT's SMS"),
    State.SMS_TIMEOUT: ("短信核验超时退回", "returned as MIIT's SMS timed out"),
    State.REGULATOR_REVIEW: ("管局审核中", "at the bureau"),
    State.REGULATOR_REJECTED: ("管局驳回", "rejected by the bureau"),
    State.UNKNOWN: ("状态未知", "unknown"),
    State.FILED: ("已通过", "approved"),
    State.WITHDRAWN: ("已撤销", "withdrawn"),
    State.ABANDONED: ("已放弃", "abandoned"),
    State.EXPIRED: ("已失效", "expired"),
}
_REGIONS: Final[Words] = {
    Region.MAINLAND: ("中国大陆", "the mainland"),
    Region.HONGKONG: ("香港", "Hong Kong"),
    Region.OVERSEAS: ("境外", "abroad"),
}
_NATURES: Final[Words] = {
    Nature.ENTERPRISE: ("企业", "an enterprise"),
    Nature.INDIVIDUAL: ("个人", "an individual"),
    Nature.GOVERNMENT: ("政府机关", "a government body"),
    Nature.INSTITUTION: ("事业单位", "an institution"),
    Nature.SOCIAL_ORG: ("社会团体", "a social organisation"),
}
_OF_KIND: Final[Mapping[type[StrEnum], Words]] = {
    Field: _FIELDS,
    Order: ORDER_TYPES,
    State: _STATES,
    Region: _REGIONS,
    Nature: _NATURES,
}
_OF_NAME: Final[Mapping[str, Words]] = {
    "provider": PROVIDERS,
    "providers": PROVIDERS,
    "province": PROVINCE_NAMES,
    "origin": PROVINCE_NAMES,
    "ways": _WAYS,
    "categories": _CATEGORIES,
}

_PATHS: Final[Mapping[str, str]] = {
    "situation": "情况",
    "wish": "意愿",
    "change": "变更项",
    "today": "今天的日期",
    "subject": "主体",
    "subject.nature": "主体性质",
    "subject.province": "主体省份",
    "subject.id_province": "个人身份证省份",
    "subject.filed": "主体是否已备案",
    "subject.filed_at": "主体备案的接入商",
    "subject.services": "主体的服务数",
    "subject.status": "主体状态",
    "subject.order": "主体的订单",
    "subject.order.type": "订单类型",
    "subject.order.state": "订单状态",
    "subject.order.provider": "订单的接入商",
    "subject.order.identity_passed": "真实性核验是否通过",
    "subject.order.sms_answered": "短信核验是否完成",
    "subject.order.by_email": "是否邮箱注销",
    "subject.other_sites": "主体的其他网站",
    "subject.other_sites.all_open": "其他网站能否访问",
    "subject.other_sites.footers_ok": "其他网站底部备案号",
    "service": "互联网信息服务",
    "service.kind": "服务类型",
    "service.filed": "服务是否已备案",
    "service.filed_at": "服务接入的接入商",
    "service.status": "服务状态",
    "service.order_in_flight": "是否有在途订单",
    "service.commercial": "是否经营性",
    "service.licence_held": "是否持有许可证",
    "service.pre_approval": "前置审批类别",
    "service.pre_approval_held": "是否有前置审批文件",
    "domain": "域名",
    "domain.name": "域名",
    "domain.filed": "域名是否已备案",
    "domain.expired": "域名是否过期",
    "domain.expires_on": "域名到期日",
    "domain.holder_matches": "域名持有者是否一致",
    "domain.real_name_verified": "域名是否实名",
    "domain.registered_abroad": "域名是否在境外注册",
    "domains_on_service": "服务的域名数",
    "server": "服务器",
    "server.provider": "服务器的接入商",
    "server.ip": "服务器IP",
    "server.region": "服务器地域",
    "contact": "联系方式",
    "contact.phone_reachable": "联系方式1能否接通",
    "contact.matches_old_provider": "联系方式1是否与原接入商一致",
    "contact.email": "是否有邮箱",
    "access_differences": "与原备案不一致的信息",
    "filing_password_known": "是否知道备案密码",
    "site": "网站",
    "site.opens": "网站能否访问",
    "site.footer_ok": "网站底部备案号",
    "target": "目标",
    "target.nature": "目标主体性质",
    "target.province": "目标主体省份",
    "target.filed": "目标主体是否已备案",
    "target.account": "目标账号",
    "target.provider": "目标接入商",
    "target.order_in_flight": "目标主体是否有在途订单",
    "target.legal_rep_is_subject": "个人是否为目标单位法定代表人",
    "target.same_person": "是否同一个人",
    "notice": "整改通知",
    "notice.kind": "整改类型",
    "notice.due": "整改截止日",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A thing's Chinese and English words."""

    zh: str
    en: str


def term(name: str, value: object) -> Term:
    """What a message calls the value of its placeholder ``name``; several values are listed."""
    if isinstance(value, Term):
        return value
    if isinstance(value, list | tuple):
        each = [term(name, item) for item in value]
        return Term("、".join(item.zh for item in each), ", ".join(item.en for item in each))
    if name == "categories":
        value = category(str(value)) or value
    known = _OF_KIND.get(type(value), {}) if isinstance(value, StrEnum) else _OF_NAME.get(name, {})
    return Term(*known.get(str(value), (str(value), str(value))))


def category(said: str) -> str | None:
    """The rulebook's word for a pre-approval category, said by it or in Chinese; ``None`` of one that nobody knows."""
    word = said.strip().lower().replace("-", "_").replace(" ", "_")
    named = {zh: token for token, (zh, _) in _CATEGORIES.items()}
    return word if word in _CATEGORIES else named.get(said.strip())


def path_name(path: str) -> str:
    """The Chinese name of the situation's field at ``path``, of its list where it is an item; "" of an unknown one."""
    return _PATHS.get(path) or _PATHS.get(path.rpartition(".")[0] if path.rpartition(".")[2].isdecimal() else "", "")

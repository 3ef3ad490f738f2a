"""What each order type asks of a vendor's form, in the vendor's own keys (MIIT-V3, domain.md 2.2).

A plugin says which of its keys hold what (:class:`Keys`); :func:`sheets` says which of them an order type has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk.forms import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A vendor's keys by what they hold; ``optional`` may stay empty in every form."""

    certificate: str
    licence: str
    domain: str
    ips: str
    reason: str
    subject: frozenset[str]
    principal: frozenset[str]
    service: frozenset[str]
    manager: frozenset[str]
    target: str = ""
    target_subject: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def of(self, *groups: str) -> frozenset[str]:
        """The keys of these groups together."""
        return frozenset().union(*(_as_set(getattr(self, group)) for group in groups))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a vendor speaks to an operator: its name in both languages, and where the MIIT SMS goes, in Chinese."""

    vendor_zh: str
    vendor_en: str
    recipients_zh: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """An order type's groups of keys: all that may be filled in, those that must be, and how it is explained."""

    groups: tuple[str, ...]
    required: tuple[str, ...]
    text: str
    with_subject: tuple[str, ...] = ()


_EXISTING: Final = ("certificate", "licence", "domain")
_WHOLE: Final = ("certificate", "subject", "principal", "manager", "service", "domain", "ips")
_SHAPES: Final[Mapping[int, _Shape]] = {
    pb.ORDER_TYPE_FIRST_FILING: _Shape(
        _WHOLE,
        _WHOLE,
        "filing",
    ),
    pb.ORDER_TYPE_ADD_SERVICE: _Shape(
        (*_WHOLE, "licence"),
        ("certificate", "licence", "service", "domain", "ips"),
        "filing",
    ),
    pb.ORDER_TYPE_ADD_ACCESS: _Shape((*_WHOLE, "licence"), (*_EXISTING, "ips"), "filing"),
    pb.ORDER_TYPE_CHANGE_SUBJECT: _Shape(
        ("certificate", "licence", "subject", "principal"), ("certificate", "licence"), "filing"
    ),
    pb.ORDER_TYPE_CHANGE_SERVICE: _Shape(
        (*_EXISTING, "service", "manager"), _EXISTING, "filing", with_subject=("subject", "principal")
    ),
    pb.ORDER_TYPE_CHANGE_ACCESS: _Shape((*_EXISTING, "ips"), (*_EXISTING, "ips"), "filing"),
    pb.ORDER_TYPE_CANCEL_SUBJECT: _Shape(
        ("certificate", "licence", "reason"), ("certificate", "licence"), "cancellation"
    ),
    pb.ORDER_TYPE_CANCEL_SERVICE: _Shape((*_EXISTING, "reason"), _EXISTING, "cancellation"),
    pb.ORDER_TYPE_CANCEL_ACCESS: _Shape((*_EXISTING, "reason"), _EXISTING, "ending"),
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: _Shape(
        ("certificate", "licence", "target"), ("certificate", "licence", "target"), "account"
    ),
    pb.ORDER_TYPE_CLAIM: _Shape(_EXISTING, _EXISTING, "account"),
    pb.ORDER_TYPE_MIGRATE_SERVICE: _Shape(
        (*_EXISTING, "target", "target_subject"), (*_EXISTING, "target", "target_subject"), "migration"
    ),
}


def sheets(keys: Keys, words: Words, names: Mapping[pb.OrderType.ValueType, str]) -> dict[int, Sheet]:
    """A sheet for each order type that the vendor has a name for."""
    return {kind: _sheet(keys, words, name, _SHAPES[kind]) for kind, name in names.items()}


def _sheet(keys: Keys, words: Words, name: str, shape: _Shape) -> Sheet:
    zh, en = _TEXTS[shape.text]
    return Sheet(
        title=name,
        keys=keys.of(*shape.groups),
        required=keys.of(*shape.required) - keys.optional,
        documents=words.documents if shape.text == "filing" else (),
        instructions_zh=zh.format(name=name, vendor=words.vendor_zh, recipients=words.recipients_zh),
        instructions_en=en.format(name=name, vendor=words.vendor_en),
        with_subject=keys.of(*shape.with_subject),
    )


_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "filing": (
        (
            "打开备案控制台，选择“{name}”，按下表逐项填写并提交，然后在此登记{vendor}的备案订单号和进度。"
            "工信部短信只发到{recipients}，须在24小时内核验。"
        ),
        (
            "Open the filing console, choose {name}, fill in the fields below and submit; then "
            "record {vendor}'s order "
            "number and its progress here. The MIIT SMS goes to the principals' mobiles only and must "
            "be answered within "
            "24 hours."
        ),
    ),
    "cancellation": (
        (
            "打开备案控制台，选择“{name}”，按下表选中并提交，然后在此登记订单号和进度。备案号注销后不能恢复；"
            "工信部短信须在24小时内核验，逾期订单退回。空壳主体没有接入商，须线下向管局申请注销。"
        ),
        (
            "Open the filing console, choose {name}, select by the fields below and submit; then "
            "record the order number "
            "and its progress here. A cancelled number cannot be restored; the MIIT SMS must be "
            "answered within 24 hours, "
            "or the order comes back. A shell subject has no provider: apply at the bureau, offline."
        ),
    ),
    "ending": (
        "打开备案控制台，选择“{name}”，按下表选中网站并提交，然后在此登记订单号和进度。提交后不能撤回，备案号保留。",
        (
            "Open the filing console, choose {name}, select the site by the fields below and submit; "
            "then record the order "
            "number and its progress here. It cannot be withdrawn once submitted; the licence number stays."
        ),
    ),
    "account": (
        "打开备案控制台，选择“{name}”，按下表填写并提交，然后在此登记订单号和进度。管局的备案记录不变，无需短信核验。",
        (
            "Open the filing console, choose {name}, fill in the fields below and submit; then record "
            "the order number and "
            "its progress here. The regulator's record stays, and no SMS is sent."
        ),
    ),
    "migration": (
        (
            "用迁出主体的账号打开备案控制台，在“我的备案”中对下表的网站选择“{name}”，填写目标主体和目标账号并提交，"
            "然后在此登记{vendor}的备案订单号和进度。域名实名须已转到目标主体；双方账号下都不能有在途订单；"
            "工信部短信须在24小时内核验，逾期订单退回。"
        ),
        (
            "Open the filing console with the account of the subject that gives the service, choose {name} for the "
            "site below, fill in the target subject and its account and submit; then record {vendor}'s order number "
            "and its progress here. The domain's real name must have moved to the target, neither account may have "
            "an order under way, and the MIIT SMS must be answered within 24 hours, or the order comes back."
        ),
    ),
}


def _as_set(held: str | frozenset[str]) -> frozenset[str]:
    if isinstance(held, frozenset):
        return held
    return frozenset({held}) if held else frozenset()

"""Who has to pass which check for an order (domain facts 4.1 to 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_core.planner.answer import Verification
from beianhub_core.planner.vocabulary import Order

if TYPE_CHECKING:
    from beianhub_core.planner.facts import Facts
    from beianhub_core.planner.rules import Rules

SUBJECT: Final = "SUBJECT_PRINCIPAL"
SERVICE: Final = "SERVICE_PRINCIPAL"

_SMS_TO: Final = {
    Order.FIRST_FILING: (SUBJECT, SERVICE),
    Order.ADD_SERVICE: (SERVICE,),
    Order.ADD_ACCESS: (SERVICE,),
    Order.CHANGE_SUBJECT: (SUBJECT,),
    Order.CHANGE_SERVICE: (SERVICE,),
    Order.CHANGE_ACCESS: (SERVICE,),
    Order.CANCEL_SERVICE: (SERVICE,),
    Order.CANCEL_SUBJECT: (SUBJECT,),
    Order.MIGRATE_SERVICE: (SERVICE,),
}
_SMS_NOTES: Final = {
    Order.FIRST_FILING: "同一手机号只收一个验证码 / one mobile of both gets one code (ALI-2019)",
    Order.ADD_ACCESS: "发送到原接入商处的联系方式1 / sent to contact 1 as the old provider has it (S1.2)",
    Order.CANCEL_SUBJECT: "收信人只见于腾讯文档 / the recipient stands in Tencent's documents only (TC-DOC)",
    Order.MIGRATE_SERVICE: "来源未写明收信人 / no source states the recipient after 2020",
}
_SMS_SOURCE: Final = {
    Order.ADD_ACCESS: ("S1.2", "S3.8", "ALI-2019", "TC-DOC", "HW-KB doc_0013"),
    Order.CANCEL_SERVICE: ("S3.8", "S3.9", "HW-KB doc_0194"),
    Order.CANCEL_SUBJECT: ("S3.8", "TC-DOC", "HW-KB doc_0197"),
}
_CHECKED: Final = frozenset(
    {Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS, Order.CHANGE_SUBJECT, Order.CHANGE_SERVICE}
)
_WITH_DOMAIN: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS, Order.MIGRATE_SERVICE})
_CHECKED_AGAIN: Final = frozenset({Order.CHANGE_SUBJECT, Order.CHANGE_SERVICE, Order.CHANGE_ACCESS})
_DOMAIN_AGAIN: Final = "变更核验2018年后备案的域名 / a change: domains that were filed since 2018 (ALI-2019)"
_WITH_ADDRESS: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS, Order.CHANGE_ACCESS})


def verifications(
    facts: Facts, rules: Rules, order_type: Order, provider: str, carries: tuple[str, ...]
) -> tuple[Verification, ...]:
    """Every check of the order, in the order in which they come."""
    checks: list[Verification] = []
    if order_type in _WITH_DOMAIN:
        checks.append(Verification("DOMAIN", "SYSTEM", source=("S4.32", "S4.33", "ALI-2019")))
    elif order_type in _CHECKED_AGAIN:
        checks.append(Verification("DOMAIN", "SYSTEM", _DOMAIN_AGAIN, ("S4.32", "S4.33", "ALI-2019")))
    if order_type in _WITH_ADDRESS:
        checks.append(Verification("IP", "SYSTEM", source=("S2.17", "MIIT-V3 1063")))
    if order_type in _CHECKED:
        checks += rules.identity_checks(facts, order_type, provider)
    if order_type in (Order.CANCEL_SERVICE, Order.CANCEL_SUBJECT) and provider == "tencent":
        checks.append(_provider_code(facts, order_type))
    if not by_email(facts, order_type, provider):
        checks += _sms(order_type, carries)
    return tuple(checks)


def by_email(facts: Facts, order_type: Order, provider: str) -> bool:
    """Whether the order takes Tencent's way by e-mail, which needs no MIIT SMS (S3.10, S3.18)."""
    contact = facts.given.contact
    return (
        order_type in (Order.CANCEL_SERVICE, Order.CANCEL_SUBJECT)
        and provider == "tencent"
        and contact.phone_reachable is False
        and contact.email is True
    )


def sms_recipients(order_type: Order) -> tuple[str, ...]:
    """Who receives MIIT's code; nobody for cancelling an access."""
    return _SMS_TO.get(order_type, ())


def _sms(order_type: Order, carries: tuple[str, ...]) -> list[Verification]:
    source = _SMS_SOURCE.get(order_type, ("S3.8", "ALI-2019", "TC-DOC", "HW-KB doc_0013"))
    note = _SMS_NOTES.get(order_type, "")
    both = order_type is Order.CHANGE_SUBJECT and "SERVICE" in carries
    recipients = (SUBJECT, SERVICE) if both else sms_recipients(order_type)
    return [Verification("MIIT_SMS", recipient, note, source) for recipient in recipients]


def _provider_code(facts: Facts, order_type: Order) -> Verification:
    recipient = sms_recipients(order_type)[0]
    if by_email(facts, order_type, "tencent"):
        return Verification(
            "CANCELLATION_EMAIL", recipient, "邮箱方式不需要工信部短信 / needs no MIIT SMS", ("S3.10", "S3.18")
        )
    return Verification("PROVIDER_CODE", recipient, "腾讯云自己的验证码 / Tencent's own code", ("S3.7", "S3.9"))

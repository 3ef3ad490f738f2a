"""MOVE_SERVICE_TO_SUBJECT: migration between subjects (S4.17, HW-KB doc_0200, MigrationCondition)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.answer import Severity
from beianhub_core.planner.vocabulary import Kind, Nature, Order

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.rules import Rules
    from beianhub_core.rulebook.model import Rule

_NO_ACCOUNT: Final = frozenset({"", "NONE", "NO", "MISSING", "SAME"})


def move_service(draft: Draft) -> None:
    """Plans the migration; the domain's holder becomes the target first."""
    facts = draft.facts
    if facts.service_filed is False:
        draft.find("NOTHING_FILED_TO_CHANGE")
        return
    checks.check_in_flight(draft, Order.MIGRATE_SERVICE)
    _check_target(draft)
    _check_kind(draft)
    _check_provinces(draft)
    provider = _provider(draft)
    _move_holder(draft)
    checks.check_contact(draft, Order.MIGRATE_SERVICE, provider)
    if facts.services is None:
        draft.ask("subject.services")
    elif facts.services <= 1:
        draft.find("MOVE_LEAVES_SHELL")
    draft.find("NEVER_CANCEL_TO_MOVE", rule=draft.rules.get("cancel.to_move"))
    checks.change_phone_first(draft, Order.MIGRATE_SERVICE, provider)
    draft.order(Order.MIGRATE_SERVICE, provider, source=("S4.17",) if facts.province == "河南" else ())
    _claim_elsewhere(draft, provider)


def _check_target(draft: Draft) -> None:
    target = draft.facts.given.target
    if target.nature is None:
        draft.ask("target.nature")
    elif target.nature is Nature.INDIVIDUAL:
        draft.find("TARGET_IS_INDIVIDUAL", rule=draft.rules.get("migration.to_individual"))
    if target.filed is None:
        draft.ask("target.filed")
    elif not target.filed:
        draft.find("TARGET_NOT_FILED")
    if target.account is None:
        draft.ask("target.account")
    elif target.account is False or str(target.account).strip().upper() in _NO_ACCOUNT:
        draft.find("TARGET_NEEDS_ACCOUNT")
    if target.order_in_flight is None:
        draft.ask("target.order_in_flight")
    elif target.order_in_flight:
        draft.find("TARGET_ORDER_IN_FLIGHT")


def _check_kind(draft: Draft) -> None:
    kind = draft.facts.given.service.kind
    if kind is None:
        draft.ask("service.kind")
    elif kind is Kind.APP:
        draft.find("APP_CANNOT_MOVE", rule=draft.rules.get("migration.app"))


def _check_provinces(draft: Draft) -> None:
    """Of both subjects, since the sources do not say whose bureau decides."""
    target = draft.facts.given.target
    if not draft.facts.province:
        draft.ask("subject.province")
    else:
        _check_province(draft, draft.rules, draft.facts.province, "subject.province")
    if target.province and target.province != draft.facts.province:
        rules = draft.rules.of(target.province, str(target.nature or ""))
        _check_province(draft, rules, target.province, "target.province")


def _check_province(draft: Draft, rules: Rules, province: str, path: str) -> None:
    rule = rules.get("migration.supported")
    words = {"province": province}
    if rule is None:
        known = rules.get("migration.provinces")
        draft.find("MIGRATION_UNKNOWN", words, path=path, rule=known, severity=Severity.WARNING)
    else:
        draft.find("MIGRATION_SUPPORTED" if rule.value else "MIGRATION_REFUSED", words, path=path, rule=rule)


def _provider(draft: Draft) -> str:
    facts = draft.facts
    at = facts.accesses or facts.subject_at
    if at is None:
        draft.ask("service.filed_at")
    provider = facts.provider or ("huawei" if at and "huawei" in at else at[0] if at else "")
    if at and provider not in at:
        draft.find("CHANGE_NEEDS_ACCESS")
        draft.order(Order.ADD_ACCESS, provider)
    if provider:
        _check_offer(draft, provider)
    return provider


def _check_offer(draft: Draft, provider: str) -> None:
    rule = _offered(draft, Order.MIGRATE_SERVICE, provider)
    if rule is None:
        draft.find("MIGRATION_OFFER_UNKNOWN", {"provider": provider})
    elif not rule.value:
        draft.find("MIGRATION_NOT_OFFERED", {"provider": provider}, rule=rule)


def _offered(draft: Draft, order_type: Order, provider: str) -> Rule | None:
    return draft.rules.get("order.offered", provider=provider, order_type=str(order_type))


def _move_holder(draft: Draft) -> None:
    """The domain's real name has moved to the target before the migration (HW-KB MigrationCondition)."""
    matches = draft.facts.given.domain.holder_matches
    if matches is None:
        draft.ask("domain.holder_matches")
    elif not matches:
        draft.find("HOLDER_NOT_TARGET")
        change = draft.action("CHANGE_DOMAIN_HOLDER")
        draft.action("WAIT_FOR_DOMAIN_DATA", after=[change])


def _claim_elsewhere(draft: Draft, provider: str) -> None:
    """The target claims the service at its other providers (HW-KB doc_0198)."""
    for other in draft.facts.accesses or ():
        rule = _offered(draft, Order.CLAIM, other)
        if other != provider and rule is not None and rule.value:
            draft.find("CLAIM_BY_TARGET", {"provider": other})
            draft.order(Order.CLAIM, other)

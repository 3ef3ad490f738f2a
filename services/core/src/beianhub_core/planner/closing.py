"""LEAVE_PROVIDER, CLOSE_SERVICE and CLOSE_SUBJECT: what ends, what stays, and what cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.planner import checks
from beianhub_core.planner.accessing import add_access
from beianhub_core.planner.aftermath import after_cancellation
from beianhub_core.planner.domains import warn_of_suffix_lost
from beianhub_core.planner.vocabulary import Order

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft


def leave_provider(draft: Draft) -> None:
    """Ends one provider's access; the number stays, and the next access comes first (S0.14 to S0.17)."""
    facts = draft.facts
    if facts.service_filed is False:
        draft.find("NOTHING_FILED_TO_CANCEL")
        return
    if not facts.provider:
        draft.ask("server.provider")
    checks.check_in_flight(draft, Order.CANCEL_ACCESS)
    if checks.is_under_way(draft, Order.CANCEL_ACCESS, of_service=True) or _service_goes(draft):
        return
    draft.facts = facts = after_cancellation(facts)
    held = facts.has_access_at(facts.provider) if facts.provider else None
    if held is False:
        source = ("S0.19",) if facts.provider == "tencent" else ()
        draft.find("NOT_ITS_ACCESS", {"provider": facts.provider}, source=source)
        return
    if facts.accesses is None:
        draft.ask("service.filed_at")
    draft.find("NEVER_CANCEL_TO_MOVE", rule=draft.rules.get("cancel.to_move"))
    draft.find("CANCEL_IRREVOCABLE", rule=draft.rules.get("cancel.irrevocable_from"))
    draft.find("NO_SMS_FOR_CANCEL_ACCESS", rule=draft.rules.get("sms.recipient", order_type=Order.CANCEL_ACCESS))
    if facts.provider == "tencent":
        draft.find("ONLY_IF_FILED_THROUGH_TENCENT")
    warn_of_suffix_lost(draft)
    if facts.accesses is not None and set(facts.accesses) <= {facts.provider}:
        _next_access_first(draft)
    draft.action("POINT_DOMAIN_AWAY", provider=facts.provider)
    draft.order(Order.CANCEL_ACCESS, facts.provider)


def _next_access_first(draft: Draft) -> None:
    """The sole access: the regulator may refuse, and without another the number is at risk (MIIT-V3 1025, S0.16)."""
    draft.find("SOLE_ACCESS", rule=draft.rules.get("cancel.sole_access"))
    target = draft.facts.given.target.provider
    if target == draft.facts.provider:
        draft.find("NEXT_PROVIDER_IS_THE_SAME", {"provider": target})
    if target in (None, draft.facts.provider):
        draft.ask("target.provider")
        draft.order(Order.ADD_ACCESS)
        return
    leaving = draft.facts
    draft.facts = leaving.served_by(target)
    add_access(draft)
    draft.facts = leaving


def _service_goes(draft: Draft) -> bool:
    """Whether the service, with its accesses, goes by what is in flight: its own cancellation or its subject's."""
    own = checks.is_under_way(draft, Order.CANCEL_SERVICE, of_service=True)
    return own or checks.is_under_way(draft, Order.CANCEL_SUBJECT)


def close_service(draft: Draft) -> None:
    """Cancels one service; the subject and its others stay (S0.12, S0.13)."""
    facts = draft.facts
    if facts.service_filed is False:
        draft.find("NOTHING_FILED_TO_CANCEL")
        return
    if facts.service_filed is None:
        draft.ask("service.filed")
    checks.check_in_flight(draft, Order.CANCEL_SERVICE)
    if _service_goes(draft):
        return
    draft.facts = facts = after_cancellation(facts)
    if facts.services is None:
        draft.ask("subject.services")
    elif facts.services <= 1:
        draft.find("LAST_SERVICE")
    if (facts.given.domains_on_service or 0) > 1:
        draft.find("ALL_DOMAINS_GO", {"count": facts.given.domains_on_service})
    provider = _cancelling_provider(draft, facts.accesses, "service.filed_at")
    if facts.without_access:
        draft.find("CANCEL_WITHOUT_ACCESS")
    _cancel(draft, Order.CANCEL_SERVICE, provider)


def close_subject(draft: Draft) -> None:
    """Cancels the subject with all its services; a shell is cancelled at the bureau (S0.10, HW-KB doc_0037)."""
    facts = draft.facts
    if facts.subject_filed is False:
        draft.find("NOTHING_FILED_TO_CANCEL")
        return
    if facts.subject_filed is None:
        draft.ask("subject.filed")
    checks.check_in_flight(draft, Order.CANCEL_SUBJECT)
    if checks.is_under_way(draft, Order.CANCEL_SUBJECT):
        return
    draft.facts = facts = after_cancellation(facts)
    if facts.is_shell:
        draft.find("SHELL_CANCELLED_OFFLINE", rule=draft.rules.get("shell.cancel"))
        draft.find("CANCEL_IRREVOCABLE", rule=draft.rules.get("cancel.irrevocable_from"))
        draft.order(Order.CANCEL_SUBJECT)
        return
    if facts.services is None:
        draft.ask("subject.services")
    elif facts.services > 1:
        draft.find("ALL_SERVICES_GO", {"count": facts.services})
    provider = _cancelling_provider(draft, facts.subject_at, "subject.filed_at")
    _cancel(draft, Order.CANCEL_SUBJECT, provider)


def _cancelling_provider(draft: Draft, at: tuple[str, ...] | None, path: str) -> str:
    """A provider that holds the filing; only such a one can cancel it (S0.19, MIIT-V3 1048)."""
    named = draft.facts.provider
    if at is None:
        draft.ask(path)
        return named
    if named and at and named not in at:
        draft.find("NOT_FILED_THROUGH", {"provider": named}, path="server.provider")
    return named if named in at else at[0] if at else ""


def _cancel(draft: Draft, order_type: Order, provider: str) -> None:
    draft.find("CANCEL_IRREVOCABLE", rule=draft.rules.get("cancel.irrevocable_from"))
    draft.find("CANCELLATION_TIME", rule=draft.rules.get("regulator.cancel_days", provider=provider))
    if provider == "tencent":
        draft.find("ONLY_IF_FILED_THROUGH_TENCENT")
    checks.check_province(draft)
    checks.check_contact(draft, order_type, provider)
    checks.check_password(draft, order_type, provider)
    warn_of_suffix_lost(draft)
    draft.action("SETTLE_USERS")
    checks.change_phone_first(draft, order_type, provider)
    draft.order(order_type, provider)

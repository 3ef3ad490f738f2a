"""CHANGE_SUBJECT, CHANGE_SERVICE and REMOVE_DOMAIN: what may be changed, where, and by which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.aftermath import after_cancellation
from beianhub_core.planner.approving import check_pre_approval
from beianhub_core.planner.domains import check_domain_again, check_expiry, warn_of_suffix_lost
from beianhub_core.planner.naturing import check_nature, concerns
from beianhub_core.planner.provincial import tell_changed
from beianhub_core.planner.vocabulary import OF_SERVICE, Field, Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from beianhub_core.planner.answer import Deadline
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.facts import Facts
    from beianhub_core.rulebook.model import Rule

_GROUNDS: Final = {
    Field.NAME: ("S4.16", "S0.5", "S2.21"),
    Field.CERT_NUMBER: ("S0.5", "S2.21"),
    Field.PRINCIPAL: ("S4.25", "S4.27"),
    Field.SERVICE_PRINCIPAL: ("S4.25", "S4.27"),
    Field.PLATFORM: ("HW-KB doc_0116",),
}
_BOTH_IN_ONE: Final = frozenset({"huawei"})  # whose 变更备案 takes subject and service (domain facts 2.2)
_BOTH_NOWHERE: Final = frozenset({"aliyun"})  # whose pages know no such order
_CERTIFICATE: Final = frozenset({Field.CERT_NUMBER, Field.CERT_TYPE})


def change_subject(draft: Draft) -> None:
    """Changes the subject's data; what belongs to the service goes with it."""
    _change(draft, Order.CHANGE_SUBJECT)


def change_service(draft: Draft) -> None:
    """Changes the service's data."""
    _change(draft, Order.CHANGE_SERVICE)


def _change(draft: Draft, order_type: Order) -> None:
    facts = draft.facts
    filed = facts.subject_filed if order_type is Order.CHANGE_SUBJECT else facts.service_filed
    if filed is False:
        draft.find("NOTHING_FILED_TO_CHANGE")
        return
    if filed is None:
        draft.ask("subject.filed" if order_type is Order.CHANGE_SUBJECT else "service.filed")
    if not facts.change:
        draft.ask("change")
    checks.check_in_flight(draft, order_type)
    if _is_gone_afterwards(draft, order_type):
        return
    facts = draft.facts
    checks.check_province(draft)
    provider = change_provider(draft, order_type)
    if Field.ACCOUNT in facts.change:
        _transfer_account(draft, provider)
    fields = [field for field in facts.change if field is not Field.ACCOUNT]
    if not fields and facts.change:
        return
    _say_change(draft)
    checks.check_contact(draft, order_type, provider, fields)
    check_domain_again(draft)
    checks.check_filed_site(draft)
    checks.check_other_sites(draft)
    refile = check_fields(draft, fields, provider)
    if refile:
        _refile(draft, provider)
        return
    if Field.PHONE not in fields:
        checks.change_phone_first(draft, order_type, provider)
    kept = {Field.PHONE, Field.EMAIL} if order_type is Order.CHANGE_SERVICE else set()
    if fields:
        list_changes(draft, fields, provider, of_service=kept)
    else:
        draft.order(order_type, provider)


def _is_gone_afterwards(draft: Draft, order_type: Order) -> bool:
    """Goes on from what a running cancellation leaves; whether that is nothing that could be changed."""
    draft.facts = facts = after_cancellation(draft.facts)
    gone = (facts.subject_filed if order_type is Order.CHANGE_SUBJECT else facts.service_filed) is False
    if gone:
        draft.find("NOTHING_FILED_TO_CHANGE")
    return gone


def _say_change(draft: Draft) -> None:
    draft.find("CHANGE_EFFECTIVE_ON_APPROVAL")
    draft.find("CHANGE_IN_TIME", rule=draft.rules.get("change.within"))
    draft.find("NEVER_CANCEL_TO_CHANGE", rule=draft.rules.get("cancel.to_change"))


def change_provider(draft: Draft, order_type: Order) -> str:
    """Where a change is filed: at the server's provider if it holds the filing, else at one that does."""
    facts = draft.facts
    at = facts.subject_at if order_type is Order.CHANGE_SUBJECT else _holders(facts)
    path = "subject.filed_at" if order_type is Order.CHANGE_SUBJECT else "service.filed_at"
    if not at and facts.is_shell:
        draft.find("SHELL_CANNOT_CHANGE")
        return ""
    if at is None:
        draft.ask(path)
        return facts.provider
    if facts.provider and facts.provider in at:
        return facts.provider
    if not at:
        draft.find("CHANGE_NEEDS_ACCESS")
        draft.order(Order.ADD_ACCESS, facts.provider, source=("S1.19",))
        return facts.provider
    if len(at) > 1:
        draft.find("CHANGE_AT_ANY_PROVIDER", {"providers": at}, path=path)
    return at[0]


def _holders(facts: Facts) -> tuple[str, ...] | None:
    """The providers with an access to the service; those that know its subject where the accesses are unknown."""
    return () if facts.without_access else facts.accesses or facts.subject_at


def check_fields(draft: Draft, fields: Sequence[Field], provider: str) -> bool:
    """What each changed field asks for; whether the province wants the filing cancelled and made anew instead."""
    refile = False
    if Field.NAME in fields:
        _check_name(draft, provider, number_too=Field.CERT_NUMBER in fields)
    if not _CERTIFICATE.isdisjoint(fields):
        refile = _check_number(draft, provider)
    if concerns(fields):
        check_nature(draft)
    if Field.PROVINCE in fields:
        draft.find("PROVINCE_FIXED", rule=draft.rules.get("change.province", provider=provider))
    if Field.DOMAIN in fields:
        draft.find("DOMAIN_ONLY_DELETED", rule=draft.rules.get("change.domain", provider=provider))
    if Field.PRINCIPAL in fields:
        _check_principal(draft)
    if Field.SERVICE_PRINCIPAL in fields:
        _check_service_principal(draft)
    tell_changed(draft, fields, provider)
    if Field.PRE_APPROVAL in fields or draft.facts.given.service.pre_approval:
        check_pre_approval(draft)
    return refile


def _check_name(draft: Draft, provider: str, *, number_too: bool) -> None:
    facts = draft.facts
    if facts.is_individual is None:
        draft.ask("subject.nature")
    if facts.is_individual and not number_too:
        rule = draft.rules.get("change.nature_or_name")
        if rule is not None and rule.value is False:
            draft.find("INDIVIDUAL_NAME_FIXED", {"province": facts.province}, rule=rule)
    rule = draft.rules.get("change.name", provider=provider)
    local = ("S4.16",) if facts.province == "河南" else ()
    draft.find("NAME_CHANGE", rule=rule, source=local)
    if provider in ("", "tencent"):
        draft.action("ASK_SPECIALIST", provider=provider)
    unit = draft.rules.get("change.unit")
    if unit is not None and unit.value == "none":
        draft.find("SUBJECT_CHANGE_REFUSED", {"province": facts.province}, rule=unit)


def _check_number(draft: Draft, provider: str) -> bool:
    rule = draft.rules.get("change.certificate_number", provider=provider)
    words = {"province": draft.facts.province}
    draft.action("ASK_SPECIALIST", provider=provider)
    if rule is not None and rule.value == "REFILE":
        draft.find("CERT_NUMBER_REFILE", words, rule=rule)
        return True
    if provider == "huawei":
        draft.find("CERT_NUMBER_IMPOSSIBLE", words, rule=rule)
    else:
        draft.find("CERT_NUMBER_CHANGE", words)
    return False


def _check_principal(draft: Draft) -> None:
    if draft.facts.is_individual:
        draft.find("INDIVIDUAL_IS_PRINCIPAL")
        return
    rule = draft.rules.get("subject.principal")
    letter = draft.rules.get("change.principal_letter")
    if rule is not None:
        draft.find("PRINCIPAL_RULE", {"zh": rule.message_zh, "en": rule.message_en}, rule=rule)
    if letter is not None and letter.value:
        draft.find("PRINCIPAL_LETTER", {"province": draft.facts.province}, rule=letter)


def _check_service_principal(draft: Draft) -> None:
    """An individual answers for the service himself; a unit may name another where the province lets it (S4.25)."""
    rule = draft.rules.get("service.principal")
    if draft.facts.is_individual:
        draft.find("INDIVIDUAL_IS_PRINCIPAL")
    elif rule is not None:
        draft.find("PRINCIPAL_RULE", {"zh": rule.message_zh, "en": rule.message_en}, rule=rule, path="service")


def list_changes(
    draft: Draft,
    fields: Sequence[Field],
    provider: str,
    *,
    of_service: Iterable[Field] = (),
    deadlines: Iterable[Deadline] = (),
    source: tuple[str, ...] = (),
) -> None:
    """The change orders for these fields: the subject's, the service's, the access's, or one with both parts."""
    service_side = OF_SERVICE | set(of_service)
    subject = [field for field in fields if field not in service_side]
    service = [field for field in fields if field in service_side and field is not Field.IP]
    source = (*source, *(each for field, grounds in _GROUNDS.items() if field in fields for each in grounds))
    carries: tuple[str, ...] = ()
    if (subject or service) and _is_combined(draft, subject, service, provider):
        subject, service = [*subject, *service], []
        carries = ("SUBJECT", "SERVICE")
    if subject:
        draft.order(
            Order.CHANGE_SUBJECT,
            provider,
            changes=subject,
            documents=_papers(draft, subject),
            deadlines=deadlines,
            source=source,
            carries=carries,
        )
    if service:
        draft.order(
            Order.CHANGE_SERVICE,
            provider,
            changes=service,
            documents=_papers(draft, service),
            deadlines=deadlines,
            source=source,
        )
    if Field.IP in fields:
        draft.order(Order.CHANGE_ACCESS, provider, changes=[Field.IP])


def _is_combined(draft: Draft, subject: Sequence[Field], service: Sequence[Field], provider: str) -> bool:
    """Whether one order changes subject and service: where the province wants it, or the provider has such an order."""
    rule = _combining(draft, [*subject, *service], provider)
    if rule is not None:
        _say_combined(draft, rule, provider)
    elif subject and service and provider in _BOTH_IN_ONE:
        draft.find("CHANGE_BOTH_IN_ONE", {"provider": provider})
        return True
    return rule is not None


def _combining(draft: Draft, fields: Sequence[Field], provider: str) -> Rule | None:
    """The rule by which the province takes both in one order only: always, or for a new principal (HW-KB)."""
    combined = draft.rules.get("change.combined_only", provider=provider)
    letter = draft.rules.get("change.principal_letter", provider=provider)
    if combined is not None and combined.value:
        return combined
    return letter if letter is not None and letter.value and Field.PRINCIPAL in fields else None


def _say_combined(draft: Draft, rule: Rule, provider: str) -> None:
    if rule.id == "change.combined_only":  # for a new principal only, PRINCIPAL_LETTER has said it
        draft.find("CHANGE_COMBINED", {"province": draft.facts.province}, rule=rule)
    if provider in _BOTH_NOWHERE:
        draft.find("CHANGE_COMBINED_UNKNOWN", {"provider": provider}, rule=rule)


def _papers(draft: Draft, fields: Sequence[Field]) -> list[str]:
    papers: list[str] = []
    if Field.NAME in fields:
        papers.append("工商出具的更名函 / the rename letter of the registry (S4.16)")
    if not {Field.PRINCIPAL, Field.SERVICE_PRINCIPAL}.isdisjoint(fields):
        papers.append(
            "新负责人身份证；非法定代表人须授权书 / the new principal's ID, and the authorisation letter (S4.25)"
        )
    if not {Field.CERT_ADDRESS, Field.ADDRESS, Field.CERT_TYPE, Field.CERT_NUMBER}.isdisjoint(fields):
        papers.append("最新证件 / the present certificate (S4.41)")
    letter = draft.rules.get("change.principal_letter")
    if letter is not None and letter.value and Field.PRINCIPAL in fields:
        papers.append(f"新授权书 / a new authorisation letter ({', '.join(letter.source)})")
    photos = draft.rules.get("change.full_photos")
    if photos is not None and photos.value:
        papers.append(f"{photos.message_zh} / {photos.message_en}")
    return papers


def _refile(draft: Draft, provider: str) -> None:
    """The province wants it cancelled and filed anew: listed with its consequences, never silently."""
    warn_of_suffix_lost(draft)
    draft.order(Order.CANCEL_SUBJECT, provider)
    draft.order(Order.FIRST_FILING, draft.facts.provider or provider, source=("S0.11", "S3.23"))


def _transfer_account(draft: Draft, provider: str) -> None:
    """Between two accounts of one vendor, without any review (HW-KB doc_0199)."""
    if draft.facts.given.target.account in (None, ""):
        draft.ask("target.account")
    rule = draft.rules.get("order.offered", provider=provider, order_type=str(Order.TRANSFER_ACCOUNT))
    offered = rule is not None and rule.value
    draft.find("ACCOUNT_TRANSFER" if offered else "ACCOUNT_TRANSFER_UNKNOWN", {"provider": provider}, rule=rule)
    draft.order(Order.TRANSFER_ACCOUNT, provider)


def remove_domain(draft: Draft) -> None:
    """One of several domains is deleted by a change, never by cancelling the service (S4.3, HW-KB doc_0194)."""
    facts = draft.facts
    if facts.service_filed is False:
        draft.find("NOTHING_FILED_TO_CHANGE")
        return
    if facts.service_filed is None:
        draft.ask("service.filed")
    if facts.given.domain.name is None:
        draft.ask("domain.name")
    checks.check_in_flight(draft, Order.CHANGE_SERVICE)
    if facts.given.domain.expired:
        draft.find("EXPIRED_DOMAIN_ON_SERVICE")
    elif facts.given.domain.expires_on is not None:
        check_expiry(draft)
    checks.check_province(draft)
    if facts.given.domains_on_service is None:
        draft.ask("domains_on_service")
    elif facts.given.domains_on_service > 1:
        _delete_domain(draft)
    else:
        _only_domain(draft)


def _delete_domain(draft: Draft) -> None:
    provider = change_provider(draft, Order.CHANGE_SERVICE)
    draft.find("DELETE_DOMAIN_BY_CHANGE")
    warn_of_suffix_lost(draft)
    checks.check_contact(draft, Order.CHANGE_SERVICE, provider)
    checks.check_filed_site(draft)
    checks.check_other_sites(draft)
    carries = ("SUBJECT", "SERVICE") if _is_combined(draft, [], [Field.DOMAIN], provider) else ()
    order_type = Order.CHANGE_SUBJECT if carries else Order.CHANGE_SERVICE
    checks.change_phone_first(draft, Order.CHANGE_SERVICE, provider)
    draft.order(
        order_type,
        provider,
        changes=[Field.DOMAIN],
        documents=_papers(draft, [Field.DOMAIN]),
        source=("S4.1", "S4.2", "S4.3", "HW-KB doc_0135"),
        carries=carries,
    )


def _only_domain(draft: Draft) -> None:
    draft.find("ONLY_DOMAIN")
    provider = "" if draft.facts.without_access else change_provider(draft, Order.CHANGE_SERVICE)
    warn_of_suffix_lost(draft)
    checks.check_contact(draft, Order.CANCEL_SERVICE, provider)
    checks.change_phone_first(draft, Order.CANCEL_SERVICE, provider)
    draft.order(Order.CANCEL_SERVICE, provider)

"""ADD_ACCESS, and what must be changed before it: the record is one, each provider holds an access (S1.18, S4.10)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.changing import check_fields, list_changes
from beianhub_core.planner.domains import check_domain
from beianhub_core.planner.provincial import check_provincial
from beianhub_core.planner.times import CHANGE_WITHIN
from beianhub_core.planner.vocabulary import Field, Order

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.facts import Facts
    from beianhub_core.rulebook.model import Rule

_TOKENS: Final = {
    Field.NAME: "subject_name",
    Field.CERT_NUMBER: "cert_no",
    Field.CERT_TYPE: "cert_no",
    Field.CERT_ADDRESS: "cert_address",
    Field.PRINCIPAL: "subject_principal",
    Field.SERVICE_PRINCIPAL: "service_principal",
}
_CONTACT: Final = frozenset({Field.PHONE, Field.EMAIL})  # contact 1 is the service principal's
_SUBJECT_FIELDS: Final = frozenset(
    {
        Field.NAME,
        Field.CERT_NUMBER,
        Field.CERT_TYPE,
        Field.CERT_ADDRESS,
        Field.ADDRESS,
        Field.NATURE,
        Field.PRINCIPAL,
        Field.PROVINCE,
    }
)


class Policy(StrEnum):
    """What happens with data that differ from those at the old provider."""

    SAME = "SAME"
    CARRIED = "CARRIED"  # the access changes them (S4.10)
    AFTER = "AFTER"  # access first, then change
    PROVEN = "PROVEN"  # the same, with a proof of the change
    FIRST = "FIRST"  # change at the old provider, then access
    UNKNOWN = "UNKNOWN"  # no source says; the plan takes the safe way, change first


def add_access(draft: Draft) -> None:
    """The access at the server's provider, with what comes before and after it."""
    facts = draft.facts
    _say_access(draft)
    _check_differences_known(draft)
    check_domain(draft, Order.ADD_ACCESS)
    checks.check_new_papers(draft, Order.ADD_ACCESS)
    check_provincial(draft, Order.ADD_ACCESS)
    checks.check_filed_site(draft)
    checks.check_password(draft, Order.ADD_ACCESS, facts.provider)
    submit_access(draft, phone_first=_check_old_contact(draft))


def submit_access(
    draft: Draft, *, phone_first: bool, apart: frozenset[Field] = frozenset(), source: tuple[str, ...] = ()
) -> None:
    """The access with the changes before and after it; the fields that stand ``apart`` are seen to elsewhere."""
    facts = draft.facts
    wanted = [field for field in _changeable(facts.differences) if field not in apart]
    policy = _say_policy(draft, wanted)
    first = [*(wanted if policy in (Policy.FIRST, Policy.UNKNOWN) else ()), *([Field.PHONE] if phone_first else ())]
    _change_at_old(draft, first)
    carried = tuple(wanted) if policy is Policy.CARRIED else ()
    source = (*source, *(("S4.10", "S4.24") if carried else ()))
    papers = ["变更证明 / the proof of the change"] if policy is Policy.PROVEN else []
    draft.order(Order.ADD_ACCESS, facts.provider, changes=carried, source=source, documents=papers)
    after_approval(draft)
    if policy in (Policy.AFTER, Policy.PROVEN):
        check_fields(draft, wanted, facts.provider)
        list_changes(draft, wanted, facts.provider, of_service=_CONTACT, deadlines=[CHANGE_WITHIN], source=("S1.19",))


def _changeable(differences: tuple[Field, ...]) -> list[Field]:
    return [field for field in differences if field not in (Field.SUBJECT, Field.IP, Field.DOMAIN, Field.ACCOUNT)]


def _say_access(draft: Draft) -> None:
    facts = draft.facts
    if facts.without_access and facts.service_filed is not False:
        draft.find("SERVICE_WITHOUT_ACCESS")
    elif facts.accesses is None:
        draft.ask("service.filed_at")
    draft.find("ACCESS_NOT_NEW_FILING")
    draft.find("KEEP_SITE_UNTIL_APPROVAL")
    draft.find("VERIFY_AFTER_ACCESS", rule=draft.rules.get("change.after_notice"))
    draft.find("NEVER_CANCEL_TO_MOVE", rule=draft.rules.get("cancel.to_move"))


def _check_differences_known(draft: Draft) -> None:
    if draft.facts.given.access_differences is None:
        draft.ask("access_differences")
    if Field.SUBJECT in draft.facts.differences:
        draft.find("SUBJECT_DIFFERS")


def _check_old_contact(draft: Draft) -> bool:
    """MIIT's code goes to the number that the old provider has; whether it must be changed there first."""
    contact = draft.facts.given.contact
    rule = draft.rules.get("access.contact_1", provider=draft.facts.provider)
    if contact.phone_reachable is None:
        draft.ask("contact.phone_reachable")
    if contact.phone_reachable is False:
        draft.find("OLD_PHONE_DEAD", rule=rule)
        return True
    if contact.matches_old_provider is False or Field.PHONE in draft.facts.differences:
        draft.find("NEW_CONTACT_AT_ACCESS", rule=rule)
    elif contact.matches_old_provider is None:
        draft.ask("contact.matches_old_provider")
    return False


def _change_at_old(draft: Draft, fields: list[Field]) -> None:
    if not fields:
        return
    old = [p for p in draft.facts.accesses or draft.facts.subject_at or () if p != draft.facts.provider]
    if not old and draft.facts.without_access:
        draft.find("NO_PROVIDER_TO_CHANGE_AT")
        return
    if not old:
        draft.ask("service.filed_at")
    check_fields(draft, fields, old[0] if old else "")
    list_changes(draft, fields, old[0] if old else "", of_service=_CONTACT, source=("S1.19", "S1.2"))


def changes_come_first(draft: Draft, apart: frozenset[Field] = frozenset()) -> bool:
    """Whether differing data must be changed at the old provider before an access."""
    fields = [field for field in _changeable(draft.facts.differences) if field not in apart]
    return bool(fields) and _policy(draft, fields)[0] in (Policy.FIRST, Policy.UNKNOWN)


def _say_policy(draft: Draft, fields: list[Field]) -> Policy:
    facts = draft.facts
    if not fields:
        return Policy.SAME
    if not facts.province:
        draft.ask("subject.province")
    policy, rule = _policy(draft, fields)
    words = {"fields": fields, "provider": facts.provider}
    draft.find(f"DIFFERENCES_{policy}", words, rule=rule, conflicts=_against(draft, fields, rule))
    return policy


def _against(draft: Draft, fields: list[Field], rule: Rule | None) -> tuple[str, ...]:
    """The province's own sources that want these fields equal, where another rule stood above them."""
    match = draft.rules.get("access.must_match", provider=draft.facts.provider)
    stands = match is None or match is rule or not match.scope.province or not _must(fields, match.value)
    return () if stands or match is None else match.source


def _policy(draft: Draft, fields: list[Field]) -> tuple[Policy, Rule | None]:
    """The province's and the provider's rule for differing data; the stricter one where neither is sure."""
    provider = draft.facts.provider
    carry = draft.rules.get("access.may_carry_changes", provider=provider)
    if carry is not None and carry.value == "YES":
        return Policy.CARRIED, carry
    legal_rep = draft.rules.get("access.principal_must_be_legal_rep", provider=provider)
    if legal_rep is not None and legal_rep.value and Field.PRINCIPAL in fields:
        return Policy.FIRST, legal_rep
    after = draft.rules.get("access.change_after", provider=provider)
    match = draft.rules.get("access.must_match", provider=provider)
    must = match is not None and _must(fields, match.value)
    newer = match is not None and must and match.scope.province and after is not None and match.as_of >= after.as_of
    if after is not None and not newer and (decided := _by_change_after(after.value, fields)) is not None:
        return decided, after
    if must:
        proof = draft.rules.get("access.mismatch_with_proof", provider=provider)
        return (Policy.PROVEN, proof) if proof is not None and proof.value else (Policy.FIRST, match)
    return (Policy.AFTER, match) if match is not None and draft.facts.province else (Policy.UNKNOWN, carry)


def _by_change_after(value: str, fields: list[Field]) -> Policy | None:
    """What the province's rule on changing afterwards decides; ``None`` where these fields are not its matter."""
    if value == "NO":
        return Policy.FIRST
    allowed = value == "YES" or (value == "CORE_SAME" and not _core(fields))
    allowed = allowed or (value == "OLD_CERTIFICATE" and set(fields) <= _CERTIFICATE)
    return Policy.AFTER if allowed else None


_CERTIFICATE: Final = frozenset({Field.CERT_NUMBER, Field.CERT_TYPE, Field.CERT_ADDRESS})


def _core(fields: list[Field]) -> bool:
    return not {Field.NAME, Field.CERT_NUMBER, Field.CERT_TYPE, Field.NATURE}.isdisjoint(fields)


def _must(fields: list[Field], tokens: list[str]) -> bool:
    """Whether one of the fields is among those that must equal the filed data."""
    if "all" in tokens:
        return True
    if "subject" in tokens and not _SUBJECT_FIELDS.isdisjoint(fields):
        return True
    return any(_TOKENS.get(field) in tokens for field in fields)


def changes_before_adding(draft: Draft) -> None:
    """Filed data that are out of date are changed before a service is added (HW-KB doc_0015, doc_0016)."""
    facts: Facts = draft.facts
    fields = _changeable(facts.differences)
    if not fields:
        return
    at = facts.subject_at or ()
    local = draft.rules.get("access.add_before_change", provider=facts.provider)
    refused = local is not None and local.value is False
    rule = local if refused else draft.rules.get("order.change_before_add")
    if not at:
        draft.ask("subject.filed_at")
    draft.find("CHANGE_BEFORE_ADD", {"fields": fields}, rule=rule)
    provider = facts.provider if facts.provider in at else at[0] if at else ""
    check_fields(draft, fields, provider)
    list_changes(draft, fields, provider)


def after_approval(draft: Draft, *, new: bool = False) -> None:
    """The domain points to the server only after the approval; a new site then shows its number."""
    if not draft.has_order:
        return
    rule = draft.rules.get("serve_from", provider=draft.facts.provider)
    draft.find("SERVE_AFTER_APPROVAL", rule=rule)
    if draft.facts.has_domain:
        draft.follow("POINT_DOMAIN", provider=draft.facts.provider)
    if new:
        number = checks.footer_number(draft)
        draft.find("FOOTER_TO_SHOW", {"number": number}, rule=draft.rules.get("footer.number"))
        draft.find("PUBLIC_SECURITY_FILING")
        draft.follow("PUT_UP_FOOTER")

"""What a province, or the nature of a subject, adds to a submission (domain facts 5.1 to 5.3).

What the situation lets decide becomes a warning or a blocker; every other rule of the province is told with its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.planner.domains import suffixes
from beianhub_core.planner.vocabulary import Field, Order
from beianhub_core.rules.domains import registrable

if TYPE_CHECKING:
    from collections.abc import Collection

    from beianhub_core.planner.drafting import Draft
    from beianhub_core.rulebook.model import Rule

# The rules that a submission's own data must meet, and the field of the situation next to them.
_TOLD: Final = {
    "subject.principal.same_person": "subject",
    "subject.principal.local_certificate": "subject",
    "subject.principal.foreign_must_authorise": "subject",
    "subject.principal.foreign_allowed": "subject",
    "service.principal": "service",
    "service.principal.must_differ": "service",
    "service.principal.exclusive": "service",
    "service.principal.unchanged_on_add": "service",
    "service.principal.nonlocal_proof": "service",
    "service.principal.max_age": "service",
    "minimum_age": "subject",
    "person.used_elsewhere": "subject",
    "individual.residence.student_card": "subject.id_province",
    "individual.residence.proofs": "subject.id_province",
    "individual.temporary_id": "subject",
    "individual.blog": "service",
    "service_content": "service",
    "service_content.refused": "service",
    "phone.local": "contact",
    "phone.office_local": "contact",
    "phone.unique": "contact",
    "phone.distinct": "contact",
    "phone.emergency": "contact",
    "phone.bills_months": "contact",
    "domain.whois_public": "domain",
    "domain.mini_program_only": "domain",
    "domain.certificate": "domain",
    "services.per_order": "subject.services",
    "services.split_by_prefix": "subject.services",
    "services.one_number": "subject",
    "services.single_domain_orders_above": "subject.services",
    "services.servers_max": "server",
    "domains.per_service": "domains_on_service",
    "domains.per_order": "domains_on_service",
    "homepage.single": "site",
    "ip.resolves_to_filed": "server.ip",
    "name.minimum_characters": "service",
    "name.latin": "service",
    "name.forbidden_list": "service",
    "name.finance_words": "service",
    "name.preapproval_words": "service",
    "name.as_filed": "subject",
    "name.personal_pattern": "service",
    "address.as_certificate": "subject",
    "remark.must_state": "subject",
    "certificate.min_months": "subject",
    "licence.min_months": "subject",
    "licence.electronic": "subject",
    "licence.seal": "subject",
    "sole_trader.as_unit": "subject.nature",
    "annual_review": "subject",
    "pre_approval.authority": "service.pre_approval",
}
# What of it concerns a changed field.
_OF_FIELD: Final = {
    Field.NAME: ("name.as_filed", "name.finance_words", "name.preapproval_words"),
    Field.CERT_NUMBER: ("licence.min_months", "licence.electronic", "licence.seal"),
    Field.CERT_TYPE: ("licence.min_months", "licence.electronic", "licence.seal"),
    Field.CERT_ADDRESS: ("address.as_certificate",),
    Field.ADDRESS: ("address.as_certificate",),
    Field.PRINCIPAL: (
        "subject.principal.same_person",
        "subject.principal.local_certificate",
        "subject.principal.foreign_must_authorise",
        "subject.principal.foreign_allowed",
        "minimum_age",
        "person.used_elsewhere",
        "certificate.min_months",
    ),
    Field.SERVICE_PRINCIPAL: (
        "subject.principal.same_person",
        "service.principal.must_differ",
        "service.principal.exclusive",
        "service.principal.nonlocal_proof",
        "service.principal.max_age",
        "minimum_age",
        "person.used_elsewhere",
        "certificate.min_months",
    ),
    Field.PHONE: ("phone.local", "phone.office_local", "phone.unique", "phone.distinct", "phone.emergency"),
    Field.SERVICE_NAME: ("name.minimum_characters", "name.latin", "name.forbidden_list", "name.personal_pattern"),
    Field.CONTENT: ("service_content", "service_content.refused", "individual.blog"),
    Field.PRE_APPROVAL: ("pre_approval.authority",),
}
_ONLY_IN: Final = {"service.principal.unchanged_on_add": Order.ADD_SERVICE}
_WEIGHTY: Final = frozenset({"pre_approval.authority"})  # an approval to be had before anything else


def check_provincial(draft: Draft, order_type: Order) -> list[str]:
    """Finds what the province wants of this submission beside what holds everywhere; returns the papers for it."""
    _check_suffix_of_nature(draft)
    rules = (draft.rules.get(id_, provider=draft.facts.provider, order_type=str(order_type)) for id_ in _TOLD)
    told = [rule for rule in rules if rule is not None and rule.scope.province]
    draft.note([_told(rule) for rule in told if _ONLY_IN.get(rule.id, order_type) is order_type])
    return _check_count(draft) if order_type is not Order.ADD_ACCESS else []


def tell_changed(draft: Draft, fields: Collection[Field], provider: str) -> None:
    """Finds what the province wants of the changed fields."""
    ids = dict.fromkeys(id_ for field in fields for id_ in _OF_FIELD.get(field, ()))
    rules = (draft.rules.get(id_, provider=provider, order_type=str(Order.CHANGE_SUBJECT)) for id_ in ids)
    draft.note([_told(rule) for rule in rules if rule is not None and rule.scope.province])


def _told(rule: Rule) -> Finding:
    return Finding(
        code=rule.id.upper().replace(".", "_"),
        severity=Severity.WARNING if rule.id in _WEIGHTY else Severity.INFO,
        path=_TOLD[rule.id],
        message_zh=rule.message_zh,
        message_en=rule.message_en,
        suggestion=rule.suggestion,
        rule=rule.id,
        source=rule.source,
        conflicts_with=tuple(each for each in rule.conflicts_with if each not in rule.source),
        as_of=rule.as_of,
    )


def _check_suffix_of_nature(draft: Draft) -> None:
    """Government and institutions use suffixes of their own (domain facts 4.3)."""
    rule = draft.rules.get("domain.reserved_suffixes")
    found = suffixes(draft.facts.given.domain.name or "")
    if rule is None or not found:
        return
    reserved = {registrable(f"x.{suffix}").partition(".")[2] for suffix in rule.value} | set(rule.value)
    if reserved.isdisjoint(found):
        words = {"suffix": f".{found[0]}", "wanted": "、".join(f".{suffix}" for suffix in rule.value)}
        draft.find("SUFFIX_NOT_OF_NATURE", words, rule=rule)


def _check_count(draft: Draft) -> list[str]:
    """How many services the subject may have, and from how many on the bureau wants more on paper."""
    rules = [(draft.rules.get(id_), code, least) for id_, code, least in _COUNTS]
    known = [(rule, code, least) for rule, code, least in rules if rule is not None]
    if known and draft.facts.services is None:
        draft.ask("subject.services")
    if draft.facts.services is None:
        return []
    count = draft.facts.services + 1
    papers = []
    for rule, code, least in known:
        if count >= rule.value + least:
            draft.find(code, {"count": count, "limit": rule.value}, rule=rule)
            papers += [_PAPERS[code]] if code in _PAPERS else []
    return papers


# The rule, its finding, and by how much the count must exceed its value.
_COUNTS: Final = (
    ("services.per_subject", "TOO_MANY_SERVICES", 1),
    ("services.plan_letter_from", "PLAN_LETTER_NEEDED", 0),
    ("services.explain_from", "EXPLANATION_NEEDED", 0),
)
_PAPERS: Final = {
    "PLAN_LETTER_NEEDED": "网站建设方案书 / the construction plan",
    "EXPLANATION_NEEDED": "书面说明 / the written explanation",
}

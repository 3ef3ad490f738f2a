"""A change of the subject's nature, or to another subject: per province and nature (S4.8, S4.21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.planner.vocabulary import Field, Nature

if TYPE_CHECKING:
    from collections.abc import Collection

    from beianhub_core.planner.drafting import Draft
    from beianhub_core.rulebook.model import Rule


def _refuses(draft: Draft, value: str) -> bool:
    """Whether a unit's rule stands against the target; a new name and number may still be the same unit's (S0.5)."""
    facts = draft.facts
    another = not {Field.NATURE, Field.SUBJECT}.isdisjoint(facts.change)
    to_person = facts.given.target.nature is Nature.INDIVIDUAL and not value.startswith("any_subject")
    return value == "none" or to_person or (value == "rename_only" and another)


def concerns(fields: Collection[Field]) -> bool:
    """Whether the change is one to another nature or another subject: name and number together are another's."""
    another = {Field.NAME, Field.CERT_NUMBER} <= set(fields)
    return another or Field.NATURE in fields or Field.SUBJECT in fields


def check_nature(draft: Draft) -> None:
    """Whether the province lets this subject become one of the target's nature."""
    facts = draft.facts
    if facts.given.target.nature is None:
        draft.ask("target.nature")
    if facts.is_individual is None:
        draft.ask("subject.nature")
    elif facts.is_individual:
        _of_individual(draft)
    else:
        _of_unit(draft)


def _of_individual(draft: Draft) -> None:
    rule = draft.rules.get("change.individual")
    target = draft.facts.given.target
    words = {"province": draft.facts.province}
    if rule is None:
        draft.find("NATURE_CHANGE_UNKNOWN", words)
    elif target.nature is Nature.INDIVIDUAL and rule.value not in ("any", "any_person_or_own_unit"):
        draft.find("INDIVIDUAL_TO_ANOTHER", words, rule=rule, source=("S4.21",))
    elif rule.value == "none":
        draft.find("SUBJECT_CHANGE_REFUSED", words, rule=rule)
    elif target.nature not in (None, Nature.INDIVIDUAL) and rule.value != "any":
        _to_own_unit(draft, rule)
    else:
        draft.find("SUBJECT_CHANGE_ALLOWED", {"zh": rule.message_zh, "en": rule.message_en}, rule=rule)


def _to_own_unit(draft: Draft, rule: Rule) -> None:
    is_own = draft.facts.given.target.legal_rep_is_subject
    wider = draft.rules.get("change.individual_to_unit_if")
    if is_own is None:
        draft.ask("target.legal_rep_is_subject")
    if is_own is False and wider is not None and wider.value == "legal_rep_or_service_principal":
        draft.find("OWN_UNIT_AS_SERVICE_PRINCIPAL", {"province": draft.facts.province}, rule=wider)
    elif is_own is False:
        draft.find("NOT_OWN_UNIT", rule=rule)
    else:
        draft.find("INDIVIDUAL_TO_OWN_UNIT", rule=rule)


def _of_unit(draft: Draft) -> None:
    rule = draft.rules.get("change.unit")
    words = {"province": draft.facts.province}
    to_person = draft.facts.given.target.nature is Nature.INDIVIDUAL
    if rule is None or (to_person and rule.value == "any_subject"):  # which says nothing of persons
        draft.find("NATURE_CHANGE_UNKNOWN", words, rule=rule)
    elif _refuses(draft, rule.value):
        draft.find("SUBJECT_CHANGE_REFUSED", words, rule=rule)
    elif rule.value == "rename_only":
        draft.find("ONLY_A_NEW_NAME", words, rule=rule)
    else:
        draft.find("SUBJECT_CHANGE_ALLOWED", {"zh": rule.message_zh, "en": rule.message_en}, rule=rule)

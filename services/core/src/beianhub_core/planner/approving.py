"""Pre-approval (前置审批): which of a service's categories still need the approval's file, by its kind and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.planner.vocabulary import Kind
from beianhub_core.planner.wording import category

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.facts import Facts
    from beianhub_core.planner.rules import Rules


def needed(facts: Facts, rules: Rules) -> list[str]:
    """The categories that need a file: all but those of which the newest source says that they do so no longer."""
    listed = rules.value("pre_approval.categories") or []
    also = rules.value("pre_approval.also") or []
    app = rules.value("pre_approval.app") or [] if facts.given.service.kind is Kind.APP else []
    still = {*listed, *also, *app}
    return [each for each in facts.given.service.pre_approval or () if _needs(each, still, known=bool(facts.province))]


def _needs(said: str, still: set[str], *, known: bool) -> bool:
    """A category that nobody knows, or one that depends on a province that was not said, needs its file."""
    token = category(said)
    return token is None or token in still or not known


def check_pre_approval(draft: Draft) -> None:
    """A service in a pre-approval category needs the approval's file (S1.9)."""
    service = draft.facts.given.service
    if service.pre_approval is None:
        draft.ask("service.pre_approval")
    wanted = needed(draft.facts, draft.rules)
    lapsed = [each for each in service.pre_approval or () if each not in wanted]
    if lapsed:
        rule = draft.rules.get("pre_approval.categories")
        draft.find("PRE_APPROVAL_LAPSED", {"categories": lapsed, "province": draft.facts.province}, rule=rule)
    if not wanted or service.pre_approval_held:
        return
    draft.find("PRE_APPROVAL_MISSING", {"categories": wanted}, rule=draft.rules.get("pre_approval.also"))
    draft.action("OBTAIN_PRE_APPROVAL")
    if service.pre_approval_held is None:
        draft.ask("service.pre_approval_held")

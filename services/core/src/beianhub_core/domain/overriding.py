"""Sending an order in spite of what the rules say: which blockers a reason overrides, and which it does not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1.resources_pb2 import VERIFICATION_STATE_FAILED
from beianhub_core.domain.draft import refused
from beianhub_core.errors import ErrorKind
from beianhub_core.findings import SEVERITY_BLOCKER, blocker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub.resources.v1.resources_pb2 import Finding, Order, Verification

_OF_THE_REGULATOR: Final = "MIIT-V3"


def is_overridable(finding: Finding) -> bool:
    """Whether a person may know better: the blocker follows from a rule of a pack, which a bureau or a provider states.

    What the planner says without one is arithmetic or logic, and what MIIT's interface refuses (MIIT-V3) it refuses
    whoever insists. The state of the record is no rule, and is never asked here.
    """
    of_a_pack = not finding.rule.startswith("planner.")
    theirs = any(source.startswith(_OF_THE_REGULATOR) for source in finding.source)
    return finding.severity == SEVERITY_BLOCKER and of_a_pack and not theirs


def check_request(reason: str, codes: Iterable[str]) -> None:
    """Raises INVALID for a reason without codes, or codes without a reason."""
    if bool(reason.strip()) == bool(list(codes)):
        return
    raise refused(
        ErrorKind.INVALID,
        "OVERRIDE_INCOMPLETE",
        "override_reason" if not reason.strip() else "override_codes",
        "强制提交须同时写明理由和要忽略的检查项",
        "an override names its reason and the codes of the blockers",
        "请同时填写两者；代码可由 CheckOrder 查得。 / Give both; CheckOrder shows the codes.",
    )


def split(blockers: Iterable[Finding], codes: Iterable[str]) -> tuple[list[Finding], list[Finding]]:
    """Those that are overridden, and those that still stand; each that is asked for in vain says why."""
    wanted = set(codes)
    overridden = [found for found in blockers if found.code in wanted and is_overridable(found)]
    standing = [found for found in blockers if found not in overridden]
    return overridden, [*standing, *(hard(found) for found in standing if found.code in wanted)]


def excuses(order: Order, facet: Verification) -> bool:
    """Whether an owner overrode, for the data that is being checked, every rule by which the verification refuses."""
    generation = order.submission.generation
    rules = {rule for each in order.overrides if each.generation == generation for rule in each.rules}
    blockers = [found for found in facet.findings if found.severity == SEVERITY_BLOCKER]
    failed = facet.state == VERIFICATION_STATE_FAILED and bool(blockers)
    return failed and all(found.rule in rules and is_overridable(found) for found in blockers)


def hard(found: Finding) -> Finding:
    """Says that a blocker is none that a person may override."""
    return blocker(
        "NOT_OVERRIDABLE",
        "override_codes",
        f"{found.code} 不可强制提交：属于算术、工信部接口或订单状态",
        f"{found.code} cannot be overridden: it is arithmetic, the regulator's own, or the record's state",
        "请按其所述更正。 / Mend what it names.",
        source=tuple(found.source),
    )

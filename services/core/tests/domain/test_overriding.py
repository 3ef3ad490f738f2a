"""What an owner overrode when the order was submitted is not refused once more before it is sent (ADR 0011)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.evolve import fold
from beianhub_core.errors import BeianhubError

from .support import Bench

WHY = "管局电话同意，工号 1024"
DOMAIN = res.VERIFICATION_KIND_DOMAIN


def finding(rule: str = "suffix.refused", **fields: Any) -> res.Finding:
    """A blocker of a province's rule."""
    given = {"code": rule.upper().replace(".", "_"), "severity": res.SEVERITY_BLOCKER, "source": ["TC-DOC"]}
    return res.Finding(rule=rule, **given | fields)


@dataclass
class Desk:
    """A draft that the rulebook refuses, and what its checks then find."""

    bench: Bench
    order: str

    def submit(self, *codes: str) -> None:
        """Submits it; with ``codes``, in spite of them."""
        self.bench.run(cmd.SubmitOrder(self.order, "", WHY if codes else "", codes))

    def check(self, *found: res.Finding, state: int = res.VERIFICATION_STATE_FAILED) -> list[str]:
        """The domain's verifier answers with these findings, and every other is content."""
        assert self.bench.record is not None
        told: list[str] = []
        for task in list(self.bench.record.tasks):
            mine = task.verification == DOMAIN
            verified = TaskOutcome.Verified(state=state if mine else res.VERIFICATION_STATE_PASSED)
            verified.findings.extend(found if mine else ())
            told += self.bench.report(task, verified=verified)
        return told

    def sent(self) -> bool:
        """Whether it goes out."""
        assert self.bench.record is not None
        return any(task.kind == task_pb2.TASK_KIND_SUBMIT for task in self.bench.record.tasks)


@pytest.fixture
def desk() -> Desk:
    """Two rules of packs stand against the draft."""
    bench = Bench()
    bench.create_subject()
    bench.ruled = [finding(), finding("sites.must_be_open")]
    return Desk(bench, bench.create_order())


BOTH = ("SUFFIX_REFUSED", "SITES_MUST_BE_OPEN")


def test_what_was_overridden_is_not_refused_again(desk: Desk) -> None:
    """The verifier's code and path are its own; the rule is the same. The facet stays failed, with its finding."""
    desk.submit(*BOTH)
    (kept,) = desk.bench.order(desk.order).overrides
    assert (list(kept.rules), kept.generation) == (["suffix.refused", "sites.must_be_open"], 1)
    remark = finding("x", severity=res.SEVERITY_INFO)
    desk.check(finding(code="DOMAIN_SUFFIX_REFUSED", path="service.domains[1]"), remark)
    assert desk.sent()
    (facet,) = [one for one in desk.bench.order(desk.order).verifications if one.kind == DOMAIN]
    assert facet.state == res.VERIFICATION_STATE_FAILED
    assert [found.code for found in facet.findings] == ["DOMAIN_SUFFIX_REFUSED", "X"]
    assert fold(desk.bench.events) == desk.bench.record


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([finding(), finding("domain.valid")], res.VERIFICATION_STATE_FAILED),
        ([finding(source=["MIIT-V3 1004"])], res.VERIFICATION_STATE_FAILED),
        ([finding("")], res.VERIFICATION_STATE_FAILED),
        ([], res.VERIFICATION_STATE_FAILED),
        ([finding(severity=res.SEVERITY_WARNING)], res.VERIFICATION_STATE_FAILED),
        ([finding()], res.VERIFICATION_STATE_EXPIRED),
    ],
    ids=["one more rule", "MIIT refuses", "no rule", "no finding", "no blocker", "no answer in time"],
)
def test_what_was_not_overridden_returns_it(desk: Desk, found: list[res.Finding], state: int) -> None:
    """Each blocker has to follow from a rule that was overridden and that may be; silence is no answer."""
    desk.submit(*BOTH)
    assert "order_returned" in desk.check(*found, state=state)
    assert not desk.sent()
    assert desk.bench.order(desk.order).submission.state == res.Submission.STATE_RETURNED


def test_an_override_holds_for_the_data_that_it_was_given_for(desk: Desk) -> None:
    """Returned for another reason and submitted again, it is checked again, by the rulebook and by the verifiers."""
    desk.submit(*BOTH)
    desk.check(finding(), finding("domain.valid"))
    with pytest.raises(BeianhubError, match="SUFFIX_REFUSED"):
        desk.submit()
    desk.bench.ruled = []  # the packs no longer say so, and the verifier still does
    desk.submit()
    assert "order_returned" in desk.check(finding())
    desk.bench.ruled = [finding()]
    desk.submit("SUFFIX_REFUSED")
    assert [each.generation for each in desk.bench.order(desk.order).overrides] == [1, 3]
    desk.check(finding())
    assert desk.sent()


def test_without_an_override_a_verifier_refuses(desk: Desk) -> None:
    """What the rulebook does not say, a verifier may."""
    desk.bench.ruled = []
    desk.submit()
    assert "order_returned" in desk.check(finding())

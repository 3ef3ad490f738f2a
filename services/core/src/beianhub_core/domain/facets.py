"""Verification facets of an order, beside its main state (domain.md 3.1, 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core import names
from beianhub_core.domain import overriding
from beianhub_core.domain.lookup import find_verification, tasks_of
from beianhub_core.domain.orders import open_submission, open_task
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Finding, Verification
    from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
    from beianhub_core.domain.draft import Draft

SMS_WINDOW: Final = timedelta(hours=24)  # HW-KB doc_0013
_SHOWN: Final = frozenset(
    {
        res.VERIFICATION_STATE_WAITING,
        res.VERIFICATION_STATE_PASSED,
        res.VERIFICATION_STATE_FAILED,
        res.VERIFICATION_STATE_EXPIRED,
    }
)
UNDER_WAY: Final = frozenset({res.VERIFICATION_STATE_REQUESTED, res.VERIFICATION_STATE_WAITING})


def show(draft: Draft, order: str, shown: Iterable[Verification]) -> None:
    """Takes over the facets that the vendor shows; one that begins to wait gets its challenge from a plugin."""
    for facet in (f for f in shown if f.kind and f.state in _SHOWN):
        known = find_verification(draft.order(order), facet.kind)
        if facet.state == res.VERIFICATION_STATE_WAITING:
            if known is None or known.state not in UNDER_WAY:
                _begin(draft, order, facet)
        elif known is None or known.state != facet.state:
            _end(draft, order, facet)


def _begin(draft: Draft, order: str, shown: Verification) -> None:
    facet = res.Verification()
    facet.CopyFrom(shown)
    facet.ClearField("wrong_tries")
    facet.ClearField("resends")
    if facet.kind == res.VERIFICATION_KIND_MIIT_SMS:
        facet.source[:] = facet.source or ["HW-KB doc_0013"]
        if not facet.HasField("deadline"):
            facet.deadline.FromDatetime(draft.context.now + SMS_WINDOW)
    verifier = draft.context.catalog.verifier(facet.kind)
    asks = verifier is not None or facet.kind == res.VERIFICATION_KIND_FACE
    facet.state = res.VERIFICATION_STATE_REQUESTED if asks else res.VERIFICATION_STATE_WAITING
    close_task(draft, order, facet.kind)
    draft.append(ev.VerificationChanged(order=order, verification=facet))
    if facet.kind == res.VERIFICATION_KIND_FACE:
        _open(draft, order, task_pb2.TASK_KIND_START_VERIFICATION, "", facet.kind)
    elif verifier is not None:
        _open(draft, order, task_pb2.TASK_KIND_VERIFY, names.last(verifier.name), facet.kind)


def _open(
    draft: Draft,
    order: str,
    kind: task_pb2.TaskKind.ValueType,
    plugin: str,
    verification: res.VerificationKind.ValueType,
) -> None:
    open_task(draft, draft.order(order), kind, plugin=plugin, verification=verification)


def _end(draft: Draft, order: str, shown: Verification) -> None:
    facet = res.Verification(kind=shown.kind)
    known = find_verification(draft.order(order), shown.kind)
    if known is not None:
        facet.CopyFrom(known)
    facet.state = shown.state
    facet.findings.extend(shown.findings)
    close_task(draft, order, shown.kind)
    draft.append(ev.VerificationChanged(order=order, verification=facet))


def close_task(draft: Draft, order: str, kind: res.VerificationKind.ValueType) -> None:
    """Closes whatever a plugin has to do for the facet."""
    kinds = (task_pb2.TASK_KIND_VERIFY, task_pb2.TASK_KIND_START_VERIFICATION)
    for name in [t.name for t in tasks_of(draft.record, order, *kinds) if t.verification == kind]:
        draft.append(ev.TaskClosed(task=name, reason="VERIFICATION_ENDED"))


def pass_waiting(draft: Draft, order: str) -> None:
    """The order went past them, so they were answered."""
    waiting = [v.kind for v in draft.order(order).verifications if v.state in UNDER_WAY]
    for kind in waiting:
        _end(draft, order, res.Verification(kind=kind, state=res.VERIFICATION_STATE_PASSED))


def verified(draft: Draft, task: Task, outcome: TaskOutcome.Verified) -> None:
    """What a verifier, or a provider's identity check, answered. After the last precheck the order is sent; one that
    waits for a person is asked again.
    """
    known = find_verification(draft.order(task.order), task.verification)
    facet = res.Verification(kind=task.verification)
    if known is not None:
        facet.CopyFrom(known)
    facet.state = outcome.state
    facet.challenge.CopyFrom(outcome.challenge)
    facet.findings.extend(outcome.findings)
    if outcome.HasField("deadline") and not facet.HasField("deadline"):
        facet.deadline.CopyFrom(outcome.deadline)
    checking = draft.order(task.order).submission.state == res.Submission.STATE_CHECKING
    if checking and facet.state == res.VERIFICATION_STATE_WAITING:
        if facet != known:
            draft.append(ev.VerificationChanged(order=task.order, verification=facet))
        return
    draft.append(ev.TaskClosed(task=task.name, reason="VERIFIED"))
    draft.append(ev.VerificationChanged(order=task.order, verification=facet))
    _explain_link(draft, task, facet)
    conclude(draft, task.order)


def _explain_link(draft: Draft, task: Task, facet: Verification) -> None:
    """The provider made a link; the kind's verifier, where there is one, says how to pass it."""
    verifier = draft.context.catalog.verifier(facet.kind)
    started = task.kind == task_pb2.TASK_KIND_START_VERIFICATION
    if started and facet.state == res.VERIFICATION_STATE_WAITING and verifier is not None:
        _open(draft, task.order, task_pb2.TASK_KIND_VERIFY, names.last(verifier.name), facet.kind)


def expire(draft: Draft, order: str, kind: res.VerificationKind.ValueType) -> None:
    """The facet's deadline has passed. A precheck has failed with it; any other facet is the vendor's to judge."""
    facet = res.Verification(kind=kind)
    known = find_verification(draft.order(order), kind)
    if known is not None:
        facet.CopyFrom(known)
    facet.state = res.VERIFICATION_STATE_EXPIRED
    if draft.order(order).submission.state == res.Submission.STATE_CHECKING:
        facet.findings.append(_too_late())
        close_task(draft, order, kind)
    draft.append(ev.VerificationChanged(order=order, verification=facet))
    conclude(draft, order)


def leave(draft: Draft, task: Task, finding: Finding) -> None:
    """Nobody works on the facet any more: a person acts, and what the vendor shows of it still counts."""
    facet = res.Verification(kind=task.verification)
    known = find_verification(draft.order(task.order), task.verification)
    if known is not None:
        facet.CopyFrom(known)
    facet.state = res.VERIFICATION_STATE_WAITING
    facet.findings.append(finding)
    draft.append(ev.VerificationChanged(order=task.order, verification=facet))


def conclude(draft: Draft, order_name: str) -> None:
    """Once all prechecks have answered, every finding comes back at once, or the order goes out. What an owner overrode
    when he submitted it refuses it no more (ADR 0011); the facet keeps what was found.
    """
    order = draft.order(order_name)
    checking = order.submission.state == res.Submission.STATE_CHECKING
    if not checking or tasks_of(draft.record, order.name, task_pb2.TASK_KIND_VERIFY):
        return
    unpassed = [v for v in order.verifications if v.state != res.VERIFICATION_STATE_PASSED]
    failed = [v for v in unpassed if not overriding.excuses(order, v)]
    if not failed:
        open_submission(draft, order)
        return
    draft.append(
        ev.OrderReturned(
            order=order.name,
            state=order.state,
            returned_by=res.RETURNED_BY_PRECHECK,
            findings=[finding for facet in failed for finding in facet.findings],
        )
    )


def _too_late() -> Finding:
    return blocker(
        "PRECHECK_EXPIRED",
        "order.verifications",
        "提交前核验未在期限内完成",
        "a check before the submission was not answered in time",
        (
            "请重新提交订单，并在期限前完成该项核验。 / "
            "Submit the order again, and act on the check's challenge before its deadline."
        ),
    )

"""From what a plugin's method answered, or raised, to the outcome of its task.

The conversions run inside the guard and are strict: an answer of another type, or with a value that no message takes,
raises there and counts like any other exception of the plugin.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.drift_pb2 import FiledService as FiledServiceMessage
from beianhub.resources.v1.drift_pb2 import FiledSubject as FiledSubjectMessage
from beianhub.resources.v1.task_pb2 import Handoff, TaskOutcome
from beianhub_sdk import (
    Accepted,
    Failed,
    FiledService,
    FiledSubject,
    Form,
    NotSentError,
    Observed,
    OrderStatus,
    Passed,
    Pending,
    PluginError,
    RefusedError,
    RejectedError,
)

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LONGEST_DELAY: Final = 3600.0
_EFFECTS: Final = frozenset(
    {task_pb2.TASK_KIND_SUBMIT, task_pb2.TASK_KIND_WITHDRAW, task_pb2.TASK_KIND_START_VERIFICATION}
)


class WrongAnswerError(TypeError):
    """A plugin's method returned what its interface does not allow."""


T = TypeVar("T")


def expect(answer: object, kind: type[T]) -> T:
    """The answer, which is of this kind and not empty. Raises WrongAnswerError."""
    if not isinstance(answer, kind) or not answer:
        raise WrongAnswerError(kind.__name__)
    return answer


def accepted(given: object) -> TaskOutcome:
    """The vendor has the order, or the withdrawal."""
    answer = expect(given, Accepted)
    expect(answer.provider_order_id, str)
    outcome = TaskOutcome.Accepted(provider_order_id=answer.provider_order_id, provider_status=answer.provider_status)
    return TaskOutcome(accepted=outcome)


def found(answer: object) -> TaskOutcome:
    """The vendor has our order, or surely has none."""
    return TaskOutcome(not_found=TaskOutcome.NotFound()) if answer is None else accepted(answer)


def status(given: object) -> TaskOutcome:
    """What the vendor shows of the order."""
    answer = expect(given, OrderStatus)
    return TaskOutcome(
        status=TaskOutcome.Status(
            state=answer.state,
            provider_status=answer.provider_status,
            returned_by=answer.returned_by,
            findings=answer.findings,
            verifications=answer.verifications,
            subject_licence_number=answer.subject_licence_number,
            service_licence_number=answer.service_licence_number,
            subject_provider_id=answer.subject_provider_id,
            service_provider_id=answer.service_provider_id,
            access_provider_id=answer.access_provider_id,
        )
    )


def challenge(answer: object) -> TaskOutcome:
    """A link to a provider's identity check."""
    shown = expect(answer, res.Challenge)
    return TaskOutcome(verified=TaskOutcome.Verified(state=res.VERIFICATION_STATE_WAITING, challenge=shown))


def filings(given: object) -> TaskOutcome:
    """All that is filed through an account."""
    if not isinstance(given, Iterable):
        raise WrongAnswerError("Iterable")
    answers = [expect(each, FiledSubject) for each in given]
    return TaskOutcome(filings=TaskOutcome.Filings(subjects=[_filed(answer) for answer in answers]))


def _filed(answer: FiledSubject) -> FiledSubjectMessage:
    return FiledSubjectMessage(
        licence_number=answer.licence_number,
        title=answer.title,
        nature=answer.nature,
        principal_name=answer.principal_name,
        services=[_filed_service(expect(service, FiledService)) for service in answer.services],
    )


def _filed_service(answer: FiledService) -> FiledServiceMessage:
    return FiledServiceMessage(
        kind=answer.kind,
        licence_number=answer.licence_number,
        title=answer.title,
        domains=answer.domains,
        principal_name=answer.principal_name,
    )


def verified(given: object) -> TaskOutcome:
    """What a verifier found."""
    if isinstance(given, Passed):
        return _verified(res.VERIFICATION_STATE_PASSED, given.findings)
    if isinstance(given, Failed):
        return _verified(res.VERIFICATION_STATE_FAILED, given.findings)
    answer = expect(given, Pending)
    outcome = TaskOutcome(
        verified=TaskOutcome.Verified(state=res.VERIFICATION_STATE_WAITING, challenge=answer.challenge)
    )
    if answer.deadline is not None:
        outcome.verified.deadline.FromDatetime(_utc(answer.deadline))
    return outcome


def observed(given: object) -> TaskOutcome:
    """What a patrol saw."""
    if not isinstance(given, Observed):
        raise WrongAnswerError(Observed.__name__)
    return TaskOutcome(observed=TaskOutcome.Observed(findings=given.findings, unseen=given.unseen))


def _verified(state: res.VerificationState.ValueType, findings: Iterable[res.Finding]) -> TaskOutcome:
    return TaskOutcome(verified=TaskOutcome.Verified(state=state, findings=findings))


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise WrongAnswerError("a time with its zone")
    return moment.astimezone(UTC)


def handoff(given: object) -> bytes:
    """The vendor's form, as it is sealed until an operator claims the hand-off."""
    form = expect(given, Form)
    return Handoff(
        title=form.title,
        deep_link=form.deep_link,
        fields=form.fields,
        documents=form.documents,
        instructions_zh=form.instructions_zh,
        instructions_en=form.instructions_en,
    ).SerializeToString(deterministic=True)


def prepared() -> TaskOutcome:
    """The hand-off's form is pinned."""
    return TaskOutcome(prepared=TaskOutcome.Prepared())


def rejected(findings: Iterable[res.Finding], provider_status: str = "") -> TaskOutcome:
    """A definite no."""
    return TaskOutcome(rejected=TaskOutcome.Rejected(findings=findings, provider_status=provider_status))


def retry(reason: str, delay: float = 0.0) -> TaskOutcome:
    """Surely not sent."""
    seconds = min(delay, _LONGEST_DELAY) if math.isfinite(delay) and delay > 0 else 0.0
    return TaskOutcome(retry=TaskOutcome.Retry(reason=_code(reason), delay_seconds=seconds))


def of_error(error: PluginError, task: task_pb2.Task) -> TaskOutcome:
    """The outcome of a task whose vendor call ended so. A read has changed nothing, whatever came of it: it is retried,
    unless the vendor does not let the account read at all; a refused identity check has failed.
    """
    effect = task.kind in _EFFECTS and task.phase == task_pb2.TASK_PHASE_SEND
    if isinstance(error, RefusedError):
        return retry(error.code, error.retry_after)
    if isinstance(error, RejectedError) and task.kind == task_pb2.TASK_KIND_LIST_FILINGS:
        return rejected(error.findings, error.provider_status)
    if isinstance(error, NotSentError) or not effect:
        return retry(error.code)
    if isinstance(error, RejectedError):
        if task.kind == task_pb2.TASK_KIND_START_VERIFICATION:
            return _verified(res.VERIFICATION_STATE_FAILED, error.findings)
        return rejected(error.findings, error.provider_status)
    return TaskOutcome(unknown=TaskOutcome.Unknown(reason=_code(error.code)))


def of_local_error(error: PluginError) -> TaskOutcome:
    """The outcome where a plugin failed before anybody was called."""
    if isinstance(error, RejectedError):
        return rejected(error.findings, error.provider_status)
    return retry(error.code, error.retry_after if isinstance(error, RefusedError) else 0.0)


def _code(code: object) -> str:
    """A code never carries a value."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "PLUGIN_ERROR"

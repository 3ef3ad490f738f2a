"""Decisions about a subject. Its fields were checked by :mod:`beianhub_core.rules` before they were sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.draft import Draft, refused, rejected
from beianhub_core.domain.lookup import is_in_flight, is_sending, order_in_flight
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub_core.domain.commands import CreateSubject, UpdateSubject


_OUTPUTS: Final[tuple[Literal["notices", "risks", "observations"], ...]] = ("notices", "risks", "observations")


def create(draft: Draft, command: CreateSubject) -> None:
    """A new subject; one that is filed already brings its numbers and accesses."""
    if draft.record.version:
        raise refused(
            ErrorKind.ALREADY_EXISTS,
            "SUBJECT_EXISTS",
            "subject_id",
            "该主体已存在",
            "a subject with this id exists",
            "请查询该资源，或另选编号。 / Get it, or choose another id.",
        )
    subject = res.Subject()
    subject.CopyFrom(command.subject)
    subject.ClearField("deadlines")
    for output in _OUTPUTS:
        subject.ClearField(output)
    _set_states(subject)
    _refuse_contradictions(subject)
    draft.append(ev.SubjectCreated(subject=subject))


def update(draft: Draft, command: UpdateSubject) -> None:
    """New data. It may not change under a submission whose body is pinned."""
    _require_subject(draft)
    if command.etag and command.etag != draft.record.subject.etag:
        raise etag_mismatch()
    sending = next((o for o in draft.record.orders if is_sending(o)), None)
    if sending is not None:
        raise refused(
            ErrorKind.PRECONDITION,
            "SUBMISSION_UNDER_WAY",
            "subject",
            "订单正在提交中，暂不能修改主体",
            "an order of the subject is being sent, and its data is pinned",
            f"请等待 {sending.name} 被受理或退回。 / Wait until {sending.name} is accepted or returned.",
        )
    if any(incoming.sending for incoming in draft.record.incoming):
        raise refused(
            ErrorKind.PRECONDITION,
            "SUBMISSION_UNDER_WAY",
            "subject",
            "以该主体为目标的网站迁移正在提交中，暂不能修改主体",
            "a migration to the subject is being sent, and the subject's data is pinned with it",
            (
                f"请等待 {draft.record.incoming[0].order} 被受理或退回。 / "
                f"Wait until {draft.record.incoming[0].order} is accepted or returned."
            ),
        )
    changing = next((o for o in draft.record.orders if is_in_flight(o) and o.HasField("change")), None)
    if changing is not None:
        raise refused(
            ErrorKind.PRECONDITION,
            "CHANGE_UNDER_WAY",
            "subject",
            "变更订单在途，暂不能修改主体",
            "a change of the subject is under way, and would overwrite this one",
            (
                f"请等待 {changing.name} 结束，或将其撤回或放弃。 / "
                f"Wait until {changing.name} ends, or withdraw or abandon it."
            ),
        )
    subject = res.Subject()
    subject.CopyFrom(command.subject)
    subject.ClearField("deadlines")
    _refuse_dropping(draft, subject)
    if command.as_filed:
        refuse_in_flight(draft)
        _settle_states(subject)
    else:
        keep_outputs(draft.record.subject, subject)
    _set_states(subject)
    if command.as_filed:
        _refuse_contradictions(subject)
    draft.append(ev.SubjectUpdated(subject=subject, paths=command.paths))


def _refuse_dropping(draft: Draft, subject: res.Subject) -> None:
    """Raises PRECONDITION where a service would go that an order under way is about: its approval would be lost."""
    kept = {service.name for service in subject.services}
    order = next((o for o in draft.record.orders if o.service and o.service not in kept and is_in_flight(o)), None)
    if order is None:
        return
    raise refused(
        ErrorKind.PRECONDITION,
        "SERVICE_HAS_ORDER_IN_FLIGHT",
        "subject.services",
        "服务有在途订单，暂不能从主体中删除",
        f"an order of the service {order.service} is under way, and would be filed for nothing",
        f"等待 {order.name} 结束，或将其撤回或放弃。 / Wait until {order.name} ends, or withdraw or abandon it.",
    )


def refuse_in_flight(draft: Draft) -> None:
    """Raises PRECONDITION while an order is under way, or a migration to the subject: what it ends in would be written
    over, or write over.
    """
    own = order_in_flight(draft.record)
    name = own.name if own is not None else next((incoming.order for incoming in draft.record.incoming), "")
    if name:
        raise refused(
            ErrorKind.PRECONDITION,
            "ORDER_IN_FLIGHT",
            "subject",
            "主体有在途订单，暂不能改写备案信息",
            "an order of the subject is in flight, and decides what is filed",
            f"请等待 {name} 结束，然后重新比较。 / Wait until {name} ends, then compare again.",
        )


def etag_mismatch() -> BeianhubError:
    """ABORTED: the version meant is not the current one."""
    return refused(
        ErrorKind.ABORTED,
        "ETAG_MISMATCH",
        "subject.etag",
        "数据已被他人修改",
        "somebody changed the subject in the meantime",
        "请重新查询，再重复您的修改。 / Get it again and repeat your change.",
    )


def _require_subject(draft: Draft) -> None:
    if not draft.record.version:
        raise refused(
            ErrorKind.NOT_FOUND,
            "SUBJECT_NOT_FOUND",
            "name",
            "主体不存在",
            "there is no such subject",
            "请列出主体。 / List the subjects.",
        )


def _set_states(subject: res.Subject) -> None:
    """States follow from the numbers that a record brings with it."""
    if not subject.state:
        subject.state = res.SUBJECT_STATE_FILED if subject.licence_number else res.SUBJECT_STATE_NOT_FILED
    for service in subject.services:
        if not service.state:
            service.state = res.SERVICE_STATE_FILED if service.licence_number else res.SERVICE_STATE_NOT_FILED
        for access in service.accesses:
            access.name = f"{service.name}/accesses/{access.provider}"
            access.state = access.state or res.ACCESS_STATE_ACTIVE


def _settle_states(subject: res.Subject) -> None:
    """Forgets states that the numbers and accesses taken over contradict, so that they are derived anew."""
    if subject.licence_number and subject.state == res.SUBJECT_STATE_NOT_FILED:
        subject.ClearField("state")
    for service in subject.services:
        unfiled = service.licence_number and service.state == res.SERVICE_STATE_NOT_FILED
        served = any(a.state in (res.ACCESS_STATE_UNSPECIFIED, res.ACCESS_STATE_ACTIVE) for a in service.accesses)
        if unfiled or (served and service.state == res.SERVICE_STATE_NO_ACCESS):
            service.ClearField("state")


def _refuse_contradictions(subject: res.Subject) -> None:
    findings = []
    for index, service in enumerate(subject.services):
        if service.licence_number and not subject.licence_number:
            findings.append(
                blocker(
                    "SERVICE_FILED_SUBJECT_NOT",
                    f"services[{index}].licence_number",
                    "服务有备案号而主体没有",
                    "the service has a licence number and its subject has none",
                    (
                        "请同时填写主体备案号：即服务备案号去掉后缀。 / "
                        "Give the subject's number too: it is the service's without the suffix."
                    ),
                    source=("HW-KB doc_0115",),
                )
            )
        if service.accesses and not service.licence_number:
            findings.append(
                blocker(
                    "ACCESS_WITHOUT_LICENCE",
                    f"services[{index}].accesses",
                    "未备案的服务不能有接入",
                    "a service that is not filed cannot have an access",
                    "请填写其备案号，或不填写接入信息。 / Give its licence number, or leave the accesses out.",
                    source=("MIIT-V3 1016",),
                )
            )
    if findings:
        raise rejected(findings, ErrorKind.INVALID)


def keep_outputs(before: res.Subject, after: res.Subject) -> None:
    """Puts what the regulator and the providers gave into ``after``, in place: it is not the caller's to change."""
    after.state = before.state
    after.licence_number = before.licence_number
    after.regulator_id = before.regulator_id
    after.ClearField("provider_ids")
    after.provider_ids.extend(before.provider_ids)
    for output in _OUTPUTS:
        after.ClearField(output)
        getattr(after, output).extend(getattr(before, output))
    known = {service.name: service for service in before.services}
    for service in after.services:
        old = known.get(service.name, res.Service())
        service.state = old.state
        service.licence_number = old.licence_number
        service.regulator_id = old.regulator_id
        service.ClearField("accesses")
        service.accesses.extend(old.accesses)
        service.ClearField("provider_ids")
        service.provider_ids.extend(old.provider_ids)

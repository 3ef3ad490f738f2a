"""Aliyun's view of an order, read into ours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.vocabulary import FACE_STATES, ID, REFUSERS, SMS_STATES, STATUSES
from beianhub_sdk import OrderStatus
from beianhub_sdk.vendor import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment

_RETURNED = {
    pb.ORDER_STATE_PROVIDER_REJECTED: "PROVIDER_REJECTED",
    pb.ORDER_STATE_REGULATOR_REJECTED: "REGULATOR_REJECTED",
}
SMS_SOURCE: Final = ("HW-KB doc_0013",)


def read(view: Mapping[str, Any], assignment: TaskAssignment) -> OrderStatus:
    """The status; of a word that is not known, the word alone."""
    state = order_state(view)
    word = str(view["OrderStatus"])
    if state == pb.ORDER_STATE_UNSPECIFIED:
        return OrderStatus(provider_status=word)
    source = view["FailSource"] if state in _RETURNED else ""
    filed = state == pb.ORDER_STATE_FILED
    return OrderStatus(
        provider_status=word,
        state=state,
        returned_by=REFUSERS.get(source, pb.RETURNED_BY_PROVIDER) if source else pb.RETURNED_BY_UNSPECIFIED,
        findings=_findings(view, state, assignment) if source else (),
        verifications=verifications(view),
        subject_licence_number=str(view["SponsorRecordNumber"]) if filed else "",
        service_licence_number=str(view["RecordNumber"]) if filed else "",
    )


def order_state(view: Mapping[str, Any]) -> pb.OrderState.ValueType:
    """Our state; the bureau's review begins once the SMS is answered, whatever the order shows (S3.11)."""
    state = STATUSES.get(view["OrderStatus"], pb.ORDER_STATE_UNSPECIFIED)
    waiting = SMS_STATES.get(view["SmsStatus"]) == pb.VERIFICATION_STATE_WAITING
    return pb.ORDER_STATE_READY_TO_SUBMIT if waiting and state == pb.ORDER_STATE_REGULATOR_REVIEW else state


def moment(text: str) -> datetime:
    """A moment that Aliyun wrote, such as ``2026-11-22T02:47:19.250Z``."""
    return datetime.fromisoformat(text)


def verifications(view: Mapping[str, Any]) -> list[pb.Verification]:
    """The facets that the vendor shows: the face check and the MIIT SMS."""
    facets = []
    face = FACE_STATES.get(view["VerifyStatus"])
    if face is not None:
        facets.append(pb.Verification(kind=pb.VERIFICATION_KIND_FACE, state=face))
    sms = SMS_STATES.get(view["SmsStatus"])
    if sms is not None:
        facet = pb.Verification(kind=pb.VERIFICATION_KIND_MIIT_SMS, state=sms, source=SMS_SOURCE)
        if view["SmsDeadline"]:
            facet.deadline.FromDatetime(moment(view["SmsDeadline"]))
        facets.append(facet)
    return facets


def _findings(view: Mapping[str, Any], state: pb.OrderState.ValueType, assignment: TaskAssignment) -> tuple[pb.Finding]:
    return (refusal(_RETURNED[state], ID, str(view["FailCode"]), str(view["FailReason"]), assignment),)

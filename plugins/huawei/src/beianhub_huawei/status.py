"""Huawei's view of an order, read into ours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei.vocabulary import FACE_STATES, ID, REFUSERS, SMS_STATES, STATUSES
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
    word = str(view["status"])
    if state == pb.ORDER_STATE_UNSPECIFIED:
        return OrderStatus(provider_status=word)
    reject = view["reject"] if state in _RETURNED else None
    filed = state == pb.ORDER_STATE_FILED
    return OrderStatus(
        provider_status=word,
        state=state,
        returned_by=REFUSERS.get(reject["by"], pb.RETURNED_BY_PROVIDER) if reject else pb.RETURNED_BY_UNSPECIFIED,
        findings=_findings(reject, state, assignment) if reject else (),
        verifications=verifications(view),
        subject_licence_number=str(view["subject_record_number"]) if filed else "",
        service_licence_number=str(view["record_number"]) if filed else "",
    )


def order_state(view: Mapping[str, Any]) -> pb.OrderState.ValueType:
    """Our state. 待管局审核 is shown from the SMS on (doc_0188); the bureau's review begins once it is answered."""
    state = STATUSES.get(view["status"], pb.ORDER_STATE_UNSPECIFIED)
    waiting = SMS_STATES.get(view["sms_verification"]["status"]) == pb.VERIFICATION_STATE_WAITING
    return pb.ORDER_STATE_READY_TO_SUBMIT if waiting and state == pb.ORDER_STATE_REGULATOR_REVIEW else state


def moment(text: str) -> datetime:
    """A moment that Huawei wrote, such as ``2026-11-22T02:47:19.250Z``."""
    return datetime.fromisoformat(text)


def verifications(view: Mapping[str, Any]) -> list[pb.Verification]:
    """The facets that the vendor shows: the face check and the MIIT SMS."""
    facets = []
    face = FACE_STATES.get(view["verification"]["status"])
    if face is not None:
        facets.append(pb.Verification(kind=pb.VERIFICATION_KIND_FACE, state=face))
    sms = view["sms_verification"]
    state = SMS_STATES.get(sms["status"])
    if state is not None:
        facet = pb.Verification(kind=pb.VERIFICATION_KIND_MIIT_SMS, state=state, source=SMS_SOURCE)
        if sms["deadline"]:
            facet.deadline.FromDatetime(moment(sms["deadline"]))
        facets.append(facet)
    return facets


def _findings(
    reject: Mapping[str, Any], state: pb.OrderState.ValueType, assignment: TaskAssignment
) -> tuple[pb.Finding]:
    return (refusal(_RETURNED[state], ID, str(reject["code"]), str(reject["message"]), assignment),)

"""Tencent's view of an order, read into ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import OrderStatus
from beianhub_sdk.vendor import refusal
from beianhub_tencent.vocabulary import ID, LIVE_CHECKS, REFUSERS, SMS_STATES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment

BEIJING: Final = timezone(timedelta(hours=8))
"""Tencent writes Beijing time without a zone."""

_RETURNED = frozenset({pb.ORDER_STATE_PROVIDER_REJECTED, pb.ORDER_STATE_REGULATOR_REJECTED})
SMS_SOURCE: Final = ("HW-KB doc_0013",)


def read(view: Mapping[str, Any], assignment: TaskAssignment) -> OrderStatus:
    """The status; of a word that is not known, the word alone."""
    state = order_state(view)
    if state == pb.ORDER_STATE_UNSPECIFIED:
        return OrderStatus(provider_status=str(view["StatusName"]))
    info = view["RejectInfo"] if state in _RETURNED else None
    filed = state == pb.ORDER_STATE_FILED
    return OrderStatus(
        provider_status=str(view["StatusName"]),
        state=state,
        returned_by=REFUSERS.get(info["Source"], pb.RETURNED_BY_PROVIDER) if info else pb.RETURNED_BY_UNSPECIFIED,
        findings=_findings(info, state, assignment) if info else (),
        verifications=verifications(view),
        subject_licence_number=str(view["OrganizerIcpNumber"]) if filed else "",
        service_licence_number=str(view["IcpNumber"]) if filed else "",
    )


def order_state(view: Mapping[str, Any]) -> pb.OrderState.ValueType:
    """Our state. The console speaks of the bureau's review before the SMS is answered (S3.11): it begins after it."""
    state = STATUSES.get(view["Status"], pb.ORDER_STATE_UNSPECIFIED)
    waiting = SMS_STATES.get(view["SmsVerify"]["Status"]) == pb.VERIFICATION_STATE_WAITING
    return pb.ORDER_STATE_READY_TO_SUBMIT if waiting and state == pb.ORDER_STATE_REGULATOR_REVIEW else state


def moment(text: str) -> datetime:
    """A moment that Tencent wrote, in UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).astimezone(UTC)


def verifications(view: Mapping[str, Any]) -> list[pb.Verification]:
    """The facets that the vendor shows: the face check and the MIIT SMS."""
    facets = []
    live = LIVE_CHECKS.get(view["LiveCheckStatus"])
    if live is not None:
        facets.append(pb.Verification(kind=pb.VERIFICATION_KIND_FACE, state=live))
    sms = view["SmsVerify"]
    state = SMS_STATES.get(sms["Status"])
    if state is not None:
        facet = pb.Verification(kind=pb.VERIFICATION_KIND_MIIT_SMS, state=state, source=SMS_SOURCE)
        if sms["Deadline"]:
            facet.deadline.FromDatetime(moment(sms["Deadline"]))
        facets.append(facet)
    return facets


def _findings(info: Mapping[str, Any], state: pb.OrderState.ValueType, assignment: TaskAssignment) -> tuple[pb.Finding]:
    code = "REGULATOR_REJECTED" if state == pb.ORDER_STATE_REGULATOR_REJECTED else "PROVIDER_REJECTED"
    return (refusal(code, ID, str(info["Code"]), str(info["Reason"]), assignment),)

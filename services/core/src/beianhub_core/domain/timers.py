"""Decisions when a timer's time has come. A timer that the record no longer has fires into nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.lookup import TERMINAL, find_order, find_verification, is_sending
from beianhub_core.domain.orders import channel, close_tasks, end
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub_core.domain.commands import FireTimer
    from beianhub_core.domain.draft import Draft


def fire(draft: Draft, command: FireTimer) -> None:
    """Acts on the deadline that the key names, if it is still there and has passed."""
    order_id, _, kind = command.key.partition("/")
    order = find_order(draft.record, names.order_name(draft.context.tenant, order_id))
    if order is None or order.state in TERMINAL:
        return
    deadline = next((d for d in order.deadlines if d.kind == kind), None)
    if deadline is not None and deadline.time.ToDatetime(draft.context.now.tzinfo) <= draft.context.now:
        _FIRE[kind](draft, order)


def _idle(draft: Draft, order: res.Order) -> None:
    if not is_sending(order):
        end(draft, order.name, res.ORDER_STATE_EXPIRED)


def _remind(draft: Draft, order: res.Order) -> None:
    draft.append(ev.OrderReminded(order=order.name, reminder=order.reminders + 1))


def _sms(draft: Draft, order: res.Order) -> None:
    """The 24 hours are over (HW-KB doc_0013). Where an API shows the status, the vendor says what follows."""
    _expire(draft, order, res.VERIFICATION_KIND_MIIT_SMS)
    if channel(draft, order, res.OPERATION_QUERY) == res.CHANNEL_API:
        return
    close_tasks(draft, order.name, "ORDER_RETURNED")
    draft.append(
        ev.OrderReturned(
            order=order.name,
            state=res.ORDER_STATE_PROVIDER_REJECTED,
            returned_by=res.RETURNED_BY_MIIT,
            findings=[
                blocker(
                    "MIIT_SMS_EXPIRED",
                    "order.verifications",
                    "工信部短信核验超过 24 小时未完成，订单退回接入商",
                    "the MIIT SMS was not answered within 24 hours, and the order came back",
                    "Tell the recipient, and submit the order again unchanged.",
                    source=("HW-KB doc_0013",),
                )
            ],
        )
    )


def _face(draft: Draft, order: res.Order) -> None:
    """The link lapsed; the next query of the vendor asks for a fresh one."""
    _expire(draft, order, res.VERIFICATION_KIND_FACE)


def _expire(draft: Draft, order: res.Order, kind: res.VerificationKind.ValueType) -> None:
    facet = res.Verification()
    known = find_verification(order, kind)
    if known is not None:
        facet.CopyFrom(known)
        facet.state = res.VERIFICATION_STATE_EXPIRED
        draft.append(ev.VerificationChanged(order=order.name, verification=facet))


_FIRE: Final[dict[str, Callable[[Draft, res.Order], None]]] = {
    "IDLE": _idle,
    "IDLE_REMINDER": _remind,
    "MIIT_SMS": _sms,
    "FACE": _face,
}

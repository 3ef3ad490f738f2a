"""Decisions when a timer's time has come. A timer that the record no longer has fires into nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import deadlines, facets, sms
from beianhub_core.domain.lookup import TERMINAL, find_order, is_sending
from beianhub_core.domain.orders import end, submit
from beianhub_core.errors import BeianhubError
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub_core.domain.draft import Draft


def fire(draft: Draft, command: cmd.FireTimer) -> None:
    """Warns of the deadline that the key names, or acts on its passing, if it is still there and that is due."""
    order_id, _, rest = command.key.partition("/")
    kind, _, path = rest.partition("/")
    order = find_order(draft.record, names.order_name(draft.context.tenant, order_id)) if order_id else None
    if (order_id and order is None) or (order is not None and order.state in TERMINAL):
        return
    deadline = deadlines.find((order or draft.record.subject).deadlines, kind, path)
    due = deadlines.next_time(deadline) if deadline is not None else None
    if deadline is None or due is None or due > draft.context.now:
        return
    if not deadlines.has_passed(deadline, draft.context.now):
        deadlines.warn(draft, order, deadline)
    elif order is None or kind not in _FIRE:
        deadlines.overdue(draft, order, deadline)
    else:
        _FIRE[kind](draft, order, kind)


def _idle(draft: Draft, order: res.Order, _kind: str) -> None:
    if not is_sending(order):
        end(draft, order.name, res.ORDER_STATE_EXPIRED)


def _remind(draft: Draft, order: res.Order, _kind: str) -> None:
    draft.append(ev.OrderReminded(order=order.name, reminder=order.reminders + 1))


def _submit(draft: Draft, order: res.Order, _kind: str) -> None:
    """A released order is submitted as anybody would; what stands against it is put on the order."""
    try:
        submit(draft, cmd.SubmitOrder(order.name))
    except BeianhubError as error:
        draft.append(ev.OrderHeld(order=order.name, findings=error.findings))


def _sms(draft: Draft, order: res.Order, kind: str) -> None:
    """The 24 hours are over (HW-KB doc_0013). Where the status is polled, the vendor says what follows."""
    _expire(draft, order, kind)
    sms.come_back(
        draft,
        order.name,
        blocker(
            "MIIT_SMS_EXPIRED",
            "order.verifications",
            "工信部短信核验超过 24 小时未完成，订单退回接入商",
            "the MIIT SMS was not answered within 24 hours, and the order came back",
            "请通知收件人，并原样重新提交订单。 / Tell the recipient, and submit the order again unchanged.",
            source=("HW-KB doc_0013",),
        ),
    )


def _expire(draft: Draft, order: res.Order, kind: str) -> None:
    """The deadline of a facet, by its kind's name. After a lapsed link the vendor's status asks for a fresh one."""
    facets.expire(draft, order.name, res.VerificationKind.Value(f"VERIFICATION_KIND_{kind}"))


_FACETS: Final = [name.removeprefix("VERIFICATION_KIND_") for name in res.VerificationKind.keys()[1:]]
# What follows from an order's deadline; from all others that people are told.
_FIRE: Final[dict[str, Callable[[Draft, res.Order, str], None]]] = dict.fromkeys(_FACETS, _expire) | {
    "IDLE": _idle,
    "IDLE_REMINDER": _remind,
    "MIIT_SMS": _sms,
    "SUBMIT": _submit,
}

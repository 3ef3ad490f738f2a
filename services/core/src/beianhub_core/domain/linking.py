"""Orders of a plan that wait for one another: what one waits for, its release, and what holds it back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain import cancelling
from beianhub_core.domain.lookup import TERMINAL, find_order
from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_core.domain.draft import Draft


def check(record: Record, order: res.Order) -> list[Finding]:
    """What the order waits for: orders that are not filed yet, and those that have ended without being filed."""
    ended = [o for o in _before(record, order) if o.state in TERMINAL and o.state != res.ORDER_STATE_FILED]
    if ended:
        return [_ended(each) for each in ended]
    open_ = [o for o in _orders(record, order.waits_for) if o.state != res.ORDER_STATE_FILED]
    return [_waits(each) for each in open_]


def release(draft: Draft, filed: str) -> None:
    """Releases the orders that waited for this one and wait for no other."""
    waiting = [o for o in draft.record.orders if filed in o.waits_for and o.state not in TERMINAL]
    for order in [o for o in waiting if not check(draft.record, o)]:
        destroys = order.type in cancelling.DESTRUCTIVE
        submits = order.submit_when_released and not destroys
        draft.append(ev.OrderReleased(order=order.name, submits=submits))
        if order.submit_when_released and destroys:
            findings = cancelling.confirm(draft.record, order, res.SEVERITY_BLOCKER)
            draft.append(ev.OrderHeld(order=order.name, findings=findings))


def hold(draft: Draft, ended: str) -> None:
    """Says on every order that waits for this one, directly or not, that it ended without being filed."""
    for order in list(draft.record.orders):
        before = {each.name for each in _before(draft.record, order)}
        if ended in before and order.state not in TERMINAL:
            draft.append(ev.OrderHeld(order=order.name, findings=check(draft.record, order)))


def _before(record: Record, order: res.Order) -> list[res.Order]:
    """Every order before it, the nearest first. An order waits only for earlier ones, so there is no circle."""
    direct = _orders(record, order.waits_for)
    further = [each for one in direct for each in _before(record, one)]
    return list({each.name: each for each in [*direct, *further]}.values())


def _orders(record: Record, wanted: Iterable[str]) -> list[res.Order]:
    found = (find_order(record, name) for name in wanted)
    return [order for order in found if order is not None]


def _waits(other: res.Order) -> Finding:
    return blocker(
        "WAITS_FOR_ORDER",
        "order.waits_for",
        f"须等订单 {names.last(other.name)} 备案成功后才能提交",
        f"waits until the order before it is filed ({other.name})",
        (
            "请查询该订单的进度；其备案完成后，本订单会自动放行。 / "
            "Get that order to see where it is; this one is released when it is filed."
        ),
        source=("MIIT-V3 1003",),
    )


def _ended(other: res.Order) -> Finding:
    state = res.OrderState.Name(other.state).removeprefix("ORDER_STATE_")
    return blocker(
        "ORDER_BEFORE_ENDED",
        "order.waits_for",
        f"前置订单 {names.last(other.name)} 未备案成功即已结束（{state}），本订单不会被释放",
        f"an order before it ended as {state} without being filed ({other.name}): it will not be released",
        "请放弃本订单，重新制定方案。 / Abandon this order and plan anew.",
    )

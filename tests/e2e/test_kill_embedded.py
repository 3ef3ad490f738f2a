"""`kill -9` in the middle of the demonstration: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rehearsal.api import Api
from rehearsal.moments import accepted, handed_off, imported, submitted, waits_for_sms
from rehearsal.processes import kill, until
from rehearsal.stage import STORY, Sandbox, audited, demo, up_again

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.resources.v1 import resources_pb2 as res

RETURNED = (res.ORDER_STATE_PROVIDER_REJECTED, res.ORDER_STATE_REGULATOR_REJECTED)


@pytest.mark.parametrize("moment", [imported, accepted, waits_for_sms, handed_off])
def test_the_story_rides_over_a_killed_server(tmp_path: Path, undisturbed: Any, moment: Callable[[Api], bool]) -> None:
    """Killed and started again, everything reaches its end as if nothing had happened, once at each vendor."""
    with demo(tmp_path) as played:
        with played.api() as api:
            until(lambda: moment(api), 60, str(moment.__doc__))
        kill(played.pid("up"))
        with up_again(played) as (process, _, sandbox):
            assert played.records() == undisturbed.records
            times = sandbox.times_submitted()
            assert {order for _, order, _ in times} == STORY
            assert set(times.values()) == {1}
            assert audited(played.config)["equal"]
            assert process.stop() == 0


def drafted(api: Api, order_id: str, subject: str, kind: res.OrderType.ValueType, ip: str) -> None:
    """Drafts and submits an order at Aliyun for a customer that the story leaves alone."""
    name = f"{api.parent}/subjects/{subject}"
    order = res.Order(
        subject=name,
        type=kind,
        account=f"{api.parent}/accounts/aliyun-main",
        service=f"{name}/services/site-1",
        ips=[ip],
    )
    request = orders.CreateOrderRequest(parent=api.parent, order=order, order_id=order_id)
    made = api.call(api.orders.CreateOrder, request)
    api.call(api.orders.SubmitOrder, orders.SubmitOrderRequest(name=made.name))


def is_with_the_reseller(order: res.Order) -> bool:
    """Nothing happens to it until the reseller does something: it is a draft, or came back."""
    return order.state in RETURNED or order.submission.state == res.Submission.STATE_RETURNED


def test_orders_reach_their_end_without_who_sent_them(tmp_path: Path) -> None:
    """Server and client are both killed: started alone, the server brings every order it accepted to its end."""
    with demo(tmp_path) as played:
        with played.api() as api:
            until(lambda: imported(api), 60, "the import")
            drafted(api, "yangben-first", "zhang-yangben", res.ORDER_TYPE_FIRST_FILING, "203.0.113.50")
            drafted(api, "yanshi-aliyun", "yanshi-wangluo", res.ORDER_TYPE_ADD_ACCESS, "203.0.113.60")
            until(lambda: submitted(api), 60, "the story's own order")
        server_pid = played.pid("up")
        played.running.kill()
        kill(server_pid)
        with up_again(played) as (process, server, sandbox):
            ended(server, sandbox)
            assert audited(played.config)["equal"]
            assert process.stop() == 0


def ended(api: Api, sandbox: Sandbox) -> None:
    """Every order is filed or back with the reseller, and is at its vendor once."""
    for order_id in ("shili-first", "yangben-first", "yanshi-aliyun"):
        order = api.until(order_id, lambda one: one.state == res.ORDER_STATE_FILED or is_with_the_reseller(one))
        assert order.state == res.ORDER_STATE_FILED, order
    times = sandbox.times_submitted()
    assert {order for _, order, _ in times} == {"shili-first", "yangben-first", "yanshi-aliyun"}
    assert set(times.values()) == {1}

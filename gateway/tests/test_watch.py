"""WatchOrders and WatchSubjects: nothing is missed, and nobody holds the others up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import grpc
import pytest
from gateway_support import (
    QUICK,
    TENANT,
    Client,
    Running,
    details_of,
    failure,
    make_order,
    make_subject,
    running,
    subject,
)
from google.protobuf.field_mask_pb2 import FieldMask

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1.resources_pb2 import ORDER_STATE_ABANDONED, Finding, Subject, SubjectProfile
from beianhub_core.application import Application
from beianhub_gateway import tokens

WATCH = orders.WatchOrdersRequest(parent=TENANT)
NEVER = replace(QUICK, heartbeat=60.0)


async def opened(client: Client, request: orders.WatchOrdersRequest = WATCH) -> tuple[Any, list[Any], str]:
    """A watch past its snapshot: the call, the snapshot's orders, and the token."""
    call = client.stream(client.orders.WatchOrders, request)
    snapshot = []
    while not (message := await call.read()).snapshot_complete:
        snapshot.append(message.order.name)
    return call, snapshot, message.resume_token


async def next_change(call: Any) -> orders.WatchOrdersResponse:
    """The next message that is no heartbeat."""
    async with asyncio.timeout(60):
        while True:
            message: orders.WatchOrdersResponse = await call.read()
            if message.HasField("event"):
                return message


async def abandon(gateway: Running, client: Client, order: str) -> None:
    await client.call(client.orders.AbandonOrder, orders.AbandonOrderRequest(name=order))
    await gateway.publish()


async def test_a_snapshot_then_changes(gateway: Running) -> None:
    """First each order as it is, then each change with the order as it became, its event and a token."""
    client = await gateway.client()
    order = await make_order(client, await make_subject(client))
    await gateway.publish()
    call, snapshot, _ = await opened(client)
    assert snapshot == [order.name]
    await abandon(gateway, client, order.name)
    change = await next_change(call)
    while change.event.WhichOneof("payload") == "order_created":  # a change of before the snapshot may come again
        change = await next_change(call)
    assert change.order.name == order.name
    assert change.order.state == ORDER_STATE_ABANDONED
    assert change.event.HasField("order_ended")
    assert tokens.decode("acme", change.resume_token) > 0
    call.cancel()


async def test_a_watch_goes_on_after_its_token(gateway: Running) -> None:
    """What happened while nobody watched comes first, in order, and without a snapshot."""
    client = await gateway.client()
    made = await make_subject(client)
    call, _, token = await opened(client)
    call.cancel()
    first, second = await make_order(client, made, "o1"), await make_order(client, made, "o2")
    await gateway.publish()
    request = orders.WatchOrdersRequest(parent=TENANT, resume_token=token)
    again = client.stream(client.orders.WatchOrders, request)
    changes = [await next_change(again), await next_change(again)]
    assert [c.event.order_created.order.name for c in changes] == [first.name, second.name]
    again.cancel()
    request.resume_token = changes[0].resume_token
    last = client.stream(client.orders.WatchOrders, request)
    assert (await next_change(last)).order.name == second.name
    last.cancel()


async def test_a_subject_that_is_not_there_cannot_be_watched(gateway: Running) -> None:
    """A mistyped name is an error at once, not a silent watch."""
    client = await gateway.client()
    request = orders.WatchOrdersRequest(parent=TENANT, subject=f"{TENANT}/subjects/nobody")
    error = await failure(client.stream(client.orders.WatchOrders, request))
    assert error.code is grpc.StatusCode.NOT_FOUND


async def test_nothing_is_missed_while_watches_open(gateway: Running) -> None:
    """Watches that open at any moment of a stream of changes see every change after their snapshot."""
    client = await gateway.client()
    made = await make_subject(client)
    names = {f"{TENANT}/orders/o{i}" for i in range(12)}

    async def collect() -> None:
        call, snapshot, _ = await opened(client)
        seen = set(snapshot)
        while seen != names:
            seen.add((await next_change(call)).order.name)
        call.cancel()

    watches = []
    for i in range(12):
        watches.append(asyncio.create_task(collect()))
        await make_order(client, made, f"o{i}")
        await gateway.publish()
    async with asyncio.timeout(60):
        await asyncio.gather(*watches)


async def test_a_quiet_watch_beats(gateway: Running) -> None:
    """A heartbeat carries no order, and a token that has moved on with the log."""
    client = await gateway.client()
    call, _, token = await opened(client)
    await make_subject(client)
    await gateway.publish()
    async with asyncio.timeout(60):
        while tokens.decode("acme", token) == 0:
            beat = await call.read()
            token = beat.resume_token
    assert not beat.HasField("order")
    assert not beat.HasField("event")
    call.cancel()


async def test_a_watch_shows_its_own_customer_and_subject(application: Application) -> None:
    """A limited key sees its customer's orders; a watch of a subject sees that subject's; another tenant's none."""
    async with running(application, NEVER) as gateway:
        client = await gateway.client()
        mine = await make_subject(client, subject(customer="shop"), "s1")
        other = await make_subject(client, subject("example.net", "91310000MA1K00007U", customer="else"), "s2")
        limited = await gateway.client(customer="shop")
        foreign = await gateway.client(tenant="other")
        of_customer, _, _ = await opened(limited)
        of_subject, _, _ = await opened(client, orders.WatchOrdersRequest(parent=TENANT, subject=other.name))
        of_tenant, _, _ = await opened(foreign, orders.WatchOrdersRequest(parent="tenants/other"))
        first, second = await make_order(client, mine, "o1"), await make_order(client, other, "o2")
        await gateway.publish()
        assert (await next_change(of_customer)).order.name == first.name
        assert (await next_change(of_subject)).order.name == second.name
        for call in (of_customer, of_subject, of_tenant):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await call.read()
            call.cancel()
        error = await failure(foreign.stream(foreign.orders.WatchOrders, WATCH))
        assert error.reason == "FOREIGN_TENANT"


async def test_a_slow_watch_is_closed_with_its_token(application: Application) -> None:
    """A burst beyond its queue ends a watch with RESOURCE_EXHAUSTED; its token loses nothing."""
    async with running(application, replace(QUICK, watch_queue=2)) as gateway:
        client = await gateway.client()
        made = await make_subject(client)
        await gateway.publish()
        call, _, _ = await opened(client)
        names = [(await make_order(client, made, f"o{i}")).name for i in range(5)]
        await gateway.publish()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await next_change(call)
        error = details_of(caught.value)
        assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "WATCH_TOO_SLOW")
        request = orders.WatchOrdersRequest(parent=TENANT, resume_token=error.trailing["resume-token"])
        again = client.stream(client.orders.WatchOrders, request)
        assert [(await next_change(again)).order.name for _ in names] == names
        again.cancel()


@pytest.mark.parametrize(
    ("token", "code", "reason"),
    [
        ("nonsense", grpc.StatusCode.INVALID_ARGUMENT, "RESUME_TOKEN_MALFORMED"),
        (tokens.encode("acme", 10_000), grpc.StatusCode.OUT_OF_RANGE, "POSITION_GONE"),
        (tokens.encode("other", 0), grpc.StatusCode.OUT_OF_RANGE, "POSITION_GONE"),
    ],
)
async def test_a_token_that_the_log_does_not_have(
    gateway: Running, token: str, code: grpc.StatusCode, reason: str
) -> None:
    """A position that is gone, or was never of this log, is OUT_OF_RANGE; what is no token at all is INVALID."""
    client = await gateway.client()
    request = orders.WatchOrdersRequest(parent=TENANT, resume_token=token)
    error = await failure(client.stream(client.orders.WatchOrders, request))
    assert (error.code, error.reason) == (code, reason)


async def test_a_snapshot_of_several_pages_is_whole(gateway: Running) -> None:
    """The snapshot pages through all orders, each once."""
    client = await gateway.client()
    made = await make_subject(client)
    await asyncio.gather(*(make_order(client, made, f"o{i:03}") for i in range(30)))
    call, snapshot, _ = await opened(client)
    assert len(snapshot) == len(set(snapshot)) == 30
    call.cancel()


async def next_subject(call: Any) -> subjects.WatchSubjectsResponse:
    """The next message of a watch of subjects that is no heartbeat."""
    message: subjects.WatchSubjectsResponse = await next_change(call)  # type: ignore[assignment]  # any with an event
    return message


async def rename(gateway: Running, client: Client, name: str, city: str) -> None:
    changed = Subject(name=name, profile=SubjectProfile(address=city))
    request = subjects.UpdateSubjectRequest(subject=changed, update_mask=FieldMask(paths=["profile.address"]))
    await client.call(client.subjects.UpdateSubject, request)
    await gateway.publish()


async def test_subjects_are_watched_from_snapshot_to_change(gateway: Running) -> None:
    """First each subject as it is, masked, then each event of its history with the subject as it became."""
    client = await gateway.client()
    made = await make_subject(client)
    await gateway.publish()
    call = client.stream(client.subjects.WatchSubjects, subjects.WatchSubjectsRequest(parent=TENANT))
    first, complete = await call.read(), await call.read()
    assert (first.subject, complete.snapshot_complete) == (made, True)
    await rename(gateway, client, made.name, "北京市海淀区中关村大街9号")
    change = await next_subject(call)
    while change.event.HasField("subject_created"):  # a change of before the snapshot may come again
        change = await next_subject(call)
    assert change.event.HasField("subject_updated")
    get = subjects.GetSubjectRequest(name=made.name)
    assert change.subject == await client.call(client.subjects.GetSubject, get)
    assert "张三丰" not in str(change)
    call.cancel()


async def test_a_watch_of_subjects_keeps_to_its_customer_and_its_subject(gateway: Running) -> None:
    """A filter and a limited key show the same subjects in the snapshot and after it; a foreign customer is refused."""
    client = await gateway.client()
    limited = await gateway.client(customer="shop")
    mine = await make_subject(client, subject(customer="shop"), "s1")
    other = await make_subject(client, subject("example.net", "91310000MA1K00007U", customer="else"), "s2")
    await gateway.publish()
    asked = subjects.WatchSubjectsRequest(parent=TENANT)
    calls = {
        mine.name: limited.stream(limited.subjects.WatchSubjects, asked),
        other.name: client.stream(
            client.subjects.WatchSubjects, subjects.WatchSubjectsRequest(parent=TENANT, customer="else")
        ),
    }
    for name, call in calls.items():
        assert (await call.read()).subject.name == name
        assert (await call.read()).snapshot_complete
    only = client.stream(client.subjects.WatchSubjects, subjects.WatchSubjectsRequest(parent=TENANT, subject=mine.name))
    assert (await only.read()).subject.name == mine.name
    for each in (other, mine):
        await rename(gateway, client, each.name, "北京市海淀区中关村大街9号")
    for name, call in [*calls.items(), (mine.name, only)]:
        change = await next_subject(call)
        while change.event.HasField("subject_created"):
            change = await next_subject(call)
        assert change.subject.name == name
        call.cancel()
    refused = subjects.WatchSubjectsRequest(parent=TENANT, customer="else")
    error = await failure(limited.stream(limited.subjects.WatchSubjects, refused))
    assert error.reason == "FOREIGN_CUSTOMER"


@pytest.mark.parametrize("late", [False, True])
async def test_types_of_events_narrow_the_changes(gateway: Running, *, late: bool) -> None:
    """Only changes by the asked types come, live and after a token alike; what was passed over does not come again."""
    client = await gateway.client()
    made = await make_subject(client)
    await gateway.publish()
    call, _, token = await opened(client)
    request = orders.WatchOrdersRequest(parent=TENANT, resume_token=token, event_types=["order_ended"])
    watch = None if late else client.stream(client.orders.WatchOrders, request)
    for name in ("o1", "o2"):
        order = await make_order(client, made, name)
        await abandon(gateway, client, order.name)
    watch = watch or client.stream(client.orders.WatchOrders, request)
    first = await next_change(watch)
    assert first.event.HasField("order_ended")
    watch.cancel()
    request.resume_token = first.resume_token
    again = client.stream(client.orders.WatchOrders, request)
    second = await next_change(again)
    assert (second.event.WhichOneof("payload"), second.order.name) == ("order_ended", f"{TENANT}/orders/o2")
    again.cancel()
    call.cancel()


async def test_a_type_of_event_that_is_none_is_refused(gateway: Running) -> None:
    """An unknown type, and one that changes no order, is INVALID with its place and those that there are."""
    client = await gateway.client()
    wrong = ["order_filed", "risk_raised"]
    of_orders = orders.WatchOrdersRequest(parent=TENANT, event_types=wrong)
    of_subjects = subjects.WatchSubjectsRequest(parent=TENANT, event_types=["OrderFiled"])
    for call, path in (
        (client.stream(client.orders.WatchOrders, of_orders), "event_types[1]"),
        (client.stream(client.subjects.WatchSubjects, of_subjects), "event_types[0]"),
    ):
        error = await failure(call)
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "EVENT_TYPE_UNKNOWN")
        (finding,) = error.all(Finding)
        assert finding.path == path
        assert "order_filed" in finding.suggestion


async def test_a_subject_that_is_not_there_cannot_be_watched_as_such(gateway: Running) -> None:
    """A mistyped name is an error at once, also for a key that may not see the subject."""
    client = await gateway.client()
    limited = await gateway.client(customer="shop")
    made = await make_subject(client)
    for who, name in ((client, f"{TENANT}/subjects/nobody"), (limited, made.name)):
        request = subjects.WatchSubjectsRequest(parent=TENANT, subject=name)
        error = await failure(who.stream(who.subjects.WatchSubjects, request))
        assert error.code is grpc.StatusCode.NOT_FOUND


async def test_a_watch_outlives_the_longest_call(application: Application) -> None:
    """No deadline of the server's own ends a watch: it beats long after any other call would have been cut."""
    async with running(application, replace(QUICK, longest_call=0.5, heartbeat=0.4)) as gateway:
        client = await gateway.client()
        of_subjects = subjects.WatchSubjectsRequest(parent=TENANT)
        for method, request in ((client.orders.WatchOrders, WATCH), (client.subjects.WatchSubjects, of_subjects)):
            begun = asyncio.get_running_loop().time()
            call = client.stream(method, request)
            assert (await call.read()).snapshot_complete
            async with asyncio.timeout(60):
                for _ in range(3):
                    assert (await call.read()).resume_token
            assert asyncio.get_running_loop().time() - begun > 1.0
            call.cancel()

"""Listings' filters: what nothing can match is refused with its place, its rule and a remedy, never answered empty."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from gateway_support import TENANT, Running, failure, make_order, make_subject, subject

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1 import task_service_pb2 as tasks
from beianhub.resources.v1.resources_pb2 import Finding

INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
_NOBODY = f"{TENANT}/subjects/nobody"
_WRONG: list[tuple[str, str, Any, grpc.StatusCode, str]] = [
    ("orders", "ListOrders", orders.ListOrdersRequest(subject=_NOBODY), NOT_FOUND, "subject"),
    ("orders", "ListOrders", orders.ListOrdersRequest(subject="s1"), INVALID, "subject"),
    ("orders", "ListOrders", orders.ListOrdersRequest(provider="nobody"), NOT_FOUND, "provider"),
    ("subjects", "ListDrifts", subjects.ListDriftsRequest(subject=_NOBODY), NOT_FOUND, "subject"),
    ("subjects", "ListDrifts", subjects.ListDriftsRequest(provider="nobody"), NOT_FOUND, "provider"),
    ("subjects", "ListRisks", subjects.ListRisksRequest(subject=_NOBODY), NOT_FOUND, "subject"),
    ("subjects", "ListRisks", subjects.ListRisksRequest(kinds=[99]), INVALID, "kinds[0]"),
    ("subjects", "ListRisks", subjects.ListRisksRequest(severity=99), INVALID, "severity[0]"),
    ("subjects", "ListDeadlines", subjects.ListDeadlinesRequest(subject=_NOBODY), NOT_FOUND, "subject"),
    (
        "subjects",
        "ListSubjects",
        subjects.ListSubjectsRequest(domain="no one"),
        grpc.StatusCode.INVALID_ARGUMENT,
        "domain",
    ),
    (
        "subjects",
        "ListSubjects",
        subjects.ListSubjectsRequest(domain="10.0.0.1"),
        grpc.StatusCode.INVALID_ARGUMENT,
        "domain",
    ),
    ("tasks", "ListTasks", tasks.ListTasksRequest(order=f"{TENANT}/orders/no"), NOT_FOUND, "order"),
    ("tasks", "ListTasks", tasks.ListTasksRequest(states=[99]), INVALID, "states[0]"),
    ("tasks", "ListTasks", tasks.ListTasksRequest(kinds=[0]), INVALID, "kinds[0]"),
]


@pytest.mark.parametrize(("stub", "method", "request_", "code", "path"), _WRONG)
async def test_a_filter_that_nothing_can_match_is_refused(
    gateway: Running, stub: str, method: str, request_: Any, code: grpc.StatusCode, path: str
) -> None:
    """A name that nothing has, a value that there is not, and a malformed one: each is an error with its remedy."""
    client = await gateway.client()
    await make_subject(client)
    request_.parent = TENANT
    error = await failure(client.call(getattr(getattr(client, stub), method), request_))
    (finding,) = error.all(Finding)
    assert (error.code, finding.path) == (code, path)
    assert finding.message_zh
    assert finding.suggestion


async def test_a_filter_does_not_show_what_a_key_may_not_see(gateway: Running) -> None:
    """For a key that is limited to a customer, another customer's subject and order are not there."""
    client = await gateway.client()
    limited = await gateway.client(customer="shop")
    other = await make_subject(client, subject(customer="else"))
    order = await make_order(client, other)
    for method, request in (
        (limited.orders.ListOrders, orders.ListOrdersRequest(parent=TENANT, subject=other.name)),
        (limited.subjects.ListRisks, subjects.ListRisksRequest(parent=TENANT, subject=other.name)),
        (limited.subjects.ListDrifts, subjects.ListDriftsRequest(parent=TENANT, subject=other.name)),
        (limited.tasks.ListTasks, tasks.ListTasksRequest(parent=TENANT, order=order.name)),
    ):
        assert (await failure(limited.call(method, request))).code is grpc.StatusCode.NOT_FOUND


async def test_a_domain_is_found_however_it_is_written(gateway: Running) -> None:
    """The filter takes a domain as the record's own check does: in capitals, as a URL, with a dot at its end."""
    client = await gateway.client()
    made = await make_subject(client)
    for written in ("example.com", "EXAMPLE.com", "http://example.com/", "example.com."):
        request = subjects.ListSubjectsRequest(parent=TENANT, domain=written)
        listed = await client.call(client.subjects.ListSubjects, request)
        assert [found.name for found in listed.subjects] == [made.name]

"""Plans over gRPC: who may ask for them, and how one that cannot be applied is told."""

from __future__ import annotations

import grpc
from gateway_support import TENANT, Running, failure, make_subject
from gateway_support import subject as make_company
from google.rpc.error_details_pb2 import BadRequest, PreconditionFailure

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1.resources_pb2 import SEVERITY_BLOCKER, Finding

SERVE = planning.WISH_SERVE_DOMAIN


async def test_a_viewer_plans_and_does_not_apply(gateway: Running) -> None:
    """A plan reads and changes nothing; to apply one drafts orders."""
    subject = await make_subject(await gateway.client())
    request = orders.PlanRequest(parent=TENANT, subject=subject.name, service=subject.services[0].name, wish=SERVE)
    viewer = await gateway.client(admin.ROLE_VIEWER)
    answer = await viewer.call(viewer.orders.Plan, request)
    assert "server.provider" in {question.path for question in answer.plan.questions}
    error = await failure(viewer.stream(viewer.orders.ApplyPlan, orders.ApplyPlanRequest(plan=request)))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_ALLOWED")


async def test_a_contradiction_is_told_by_its_fields(gateway: Running) -> None:
    """INVALID_ARGUMENT with a violation for each pair of facts that excludes itself."""
    client = await gateway.client()
    request = orders.PlanRequest(parent=TENANT, wish=SERVE)
    request.situation.domain.filed, request.situation.service.filed = True, False
    error = await failure(client.stream(client.orders.Plan, request))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "CONTRADICTION")
    assert error.one(BadRequest).field_violations[0].field


async def test_what_stands_against_a_plan_comes_first(gateway: Running) -> None:
    """FAILED_PRECONDITION with every finding: what has to be mended or answered before what is only to be known."""
    client = await gateway.client()
    subject = await make_subject(client)
    request = orders.ApplyPlanRequest()
    request.plan.parent, request.plan.subject, request.plan.wish = TENANT, subject.name, SERVE
    request.plan.service = subject.services[0].name
    error = await failure(client.stream(client.orders.ApplyPlan, request))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PLAN_HAS_QUESTIONS")
    severities = [finding.severity for finding in error.all(Finding)]
    assert severities == sorted(severities, reverse=True)
    assert severities[0] == SEVERITY_BLOCKER
    assert error.one(PreconditionFailure).violations
    listed = await client.call(client.orders.ListOrders, orders.ListOrdersRequest(parent=TENANT))
    assert not listed.orders


async def test_a_target_is_told_by_its_field(gateway: Running) -> None:
    """Nobody's is INVALID_ARGUMENT, one that is not there NOT_FOUND, and another tenant's PERMISSION_DENIED."""
    client = await gateway.client()
    subject = await make_subject(client)
    request = orders.ApplyPlanRequest(accounts=[f"{TENANT}/accounts/main"])
    request.plan.parent, request.plan.subject, request.plan.service = TENANT, subject.name, subject.services[0].name
    request.plan.wish = planning.WISH_MOVE_SERVICE_TO_SUBJECT
    for target, code, reason in (
        (subject.name, grpc.StatusCode.INVALID_ARGUMENT, "TARGET_SUBJECT_WRONG"),
        (f"{TENANT}/subjects/nobody", grpc.StatusCode.NOT_FOUND, "TARGET_SUBJECT_NOT_FOUND"),
        ("tenants/other/subjects/s1", grpc.StatusCode.PERMISSION_DENIED, "FOREIGN_TENANT"),
    ):
        request.plan.target_subject = target
        for call, asked in ((client.orders.Plan, request.plan), (client.orders.ApplyPlan, request)):
            error = await failure(client.stream(call, asked))
            assert (error.code, error.reason) == (code, reason)
            (found,) = error.all(Finding)
            assert found.path == "plan.target_subject"


async def test_a_target_that_is_not_filed_blocks_the_plan(gateway: Running) -> None:
    """FAILED_PRECONDITION, and the finding says what to file first; nothing is drafted."""
    client = await gateway.client()
    given = make_company("example.com", "91110000600037341L")
    given.licence_number = "京ICP备2026000001号"
    given.services[0].licence_number = "京ICP备2026000001号-1"
    given.services[0].accesses.add(provider="tencent", account=f"{TENANT}/accounts/main", ips=["8.130.0.1"])
    source = await make_subject(client, given)
    target = await make_subject(client, make_company("other.com", "914403001922038216"), "s2")
    request = orders.ApplyPlanRequest(accounts=[f"{TENANT}/accounts/main"])
    request.plan.parent, request.plan.subject, request.plan.service = TENANT, source.name, source.services[0].name
    request.plan.wish, request.plan.target_subject = planning.WISH_MOVE_SERVICE_TO_SUBJECT, target.name
    error = await failure(client.stream(client.orders.ApplyPlan, request))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PLAN_BLOCKED")
    found = {each.code: each for each in error.all(Finding)}
    assert found["TARGET_NOT_FILED"].path == "target.filed"
    assert found["TARGET_NOT_FILED"].suggestion
    assert found["MIGRATION_NOT_OFFERED"].rule == "order.offered"
    listed = await client.call(client.orders.ListOrders, orders.ListOrdersRequest(parent=TENANT))
    assert not listed.orders

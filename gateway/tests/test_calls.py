"""What the interceptor does with a call."""

from __future__ import annotations

import asyncio
import io
import uuid

import grpc
from gateway_support import TENANT, Client, Details, Running, failure, make_order, make_subject, subject
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.application import Caller
from beianhub_core.application.orders import STATUS_CODES
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_gateway.interceptor import CALLER, Interceptor
from beianhub_gateway.keys import Keys
from beianhub_gateway.observing import CallRecord, json_logger
from beianhub_gateway.permissions import is_allowed
from beianhub_gateway.servicers import SERVICES
from beianhub_gateway.status import status_of

LIST = subjects.ListSubjectsRequest(parent=TENANT)


async def test_what_is_created_can_be_read(gateway: Running) -> None:
    """A unary call reaches the application and its answer comes back."""
    client = await gateway.client()
    made = await make_subject(client)
    got = await client.call(client.subjects.GetSubject, subjects.GetSubjectRequest(name=made.name))
    assert got == made


async def test_a_call_without_a_key_is_unauthenticated(gateway: Running) -> None:
    """No key: UNAUTHENTICATED, with the reason and what to do."""
    client = gateway.anonymous()
    error = await failure(client.subjects.ListSubjects(LIST))
    assert (error.code, error.reason) == (grpc.StatusCode.UNAUTHENTICATED, "API_KEY_MISSING")
    assert "authorization" in error.one(Finding).suggestion


async def test_an_unknown_and_a_revoked_key_are_unauthenticated(gateway: Running) -> None:
    """A key that nobody has, or has any more, opens nothing."""
    stranger = Client(gateway.channel, "bh_nobody")
    assert (await failure(stranger.stream(stranger.subjects.ListSubjects, LIST))).reason == "API_KEY_INVALID"
    owner = await gateway.client()
    made = await owner.call(
        owner.admin.CreateApiKey, admin.CreateApiKeyRequest(parent=TENANT, api_key=admin.ApiKey(role=admin.ROLE_VIEWER))
    )
    viewer = Client(gateway.channel, made.secret)
    await viewer.call(viewer.subjects.ListSubjects, LIST)
    await owner.call(owner.admin.RevokeApiKey, admin.RevokeApiKeyRequest(name=made.api_key.name))
    assert (await failure(viewer.stream(viewer.subjects.ListSubjects, LIST))).reason == "API_KEY_INVALID"


async def test_another_tenants_key_opens_nothing(gateway: Running) -> None:
    """A key of another tenant is refused and changes nothing."""
    foreign = await gateway.client(tenant="other")
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject())
    error = await failure(foreign.stream(foreign.subjects.CreateSubject, request))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "FOREIGN_TENANT")
    owner = await gateway.client()
    assert not (await owner.call(owner.subjects.ListSubjects, LIST)).subjects


async def test_a_role_may_call_its_own_methods_only(gateway: Running) -> None:
    """A viewer reads and cannot write; a plugin host claims and cannot read."""
    viewer = await gateway.client(admin.ROLE_VIEWER)
    await viewer.call(viewer.subjects.ListSubjects, LIST)
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject())
    error = await failure(viewer.stream(viewer.subjects.CreateSubject, request))
    assert (error.code, error.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_ALLOWED")
    host = await gateway.client(admin.ROLE_PLUGIN_HOST)
    assert (await failure(host.stream(host.subjects.ListSubjects, LIST))).reason == "ROLE_NOT_ALLOWED"


def test_every_role_is_denied_by_default() -> None:
    """Only the owner may call a method that no table names, and every named method exists."""
    unknown = "/beianhub.filing.v1.SubjectService/EraseSubject"
    roles = (admin.ROLE_OPERATOR, admin.ROLE_VIEWER, admin.ROLE_PLUGIN_HOST, admin.ROLE_UNSPECIFIED)
    assert not any(is_allowed(Caller("acme", role), unknown) for role in roles)
    existing = {f"/{s.full_name}/{m.name}" for s in SERVICES for m in s.methods}
    readable = {m for m in existing if is_allowed(Caller("acme", admin.ROLE_VIEWER), m)}
    assert {m.rpartition("/")[2] for m in readable} >= {"GetOrder", "WatchOrders", "CheckAccess", "ListHandoffs"}
    assert all(is_allowed(Caller("acme", admin.ROLE_OPERATOR), m) for m in readable)


def test_a_limited_key_cannot_make_an_unlimited_one() -> None:
    """A customer's key stays inside the customer, whatever its role."""
    limited = Caller("acme", admin.ROLE_OWNER, customer="shop")
    assert not is_allowed(limited, "/beianhub.filing.v1.AdminService/CreateApiKey")
    assert not is_allowed(limited, "/beianhub.filing.v1.TaskService/ClaimTasks")
    assert is_allowed(limited, "/beianhub.filing.v1.SubjectService/CreateSubject")


async def test_an_error_names_field_rule_and_remedy_in_both_languages(gateway: Running) -> None:
    """A mistyped certificate number: INVALID_ARGUMENT with ErrorInfo, BadRequest and the findings themselves."""
    client = await gateway.client()
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject(number="91110000600037341M"))
    error = await failure(client.stream(client.subjects.CreateSubject, request))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.one(ErrorInfo).domain == "beianhub"
    (violation,) = error.one(BadRequest).field_violations
    (finding,) = error.all(Finding)
    assert violation.field == finding.path
    assert violation.field.endswith("certificate.number")
    assert violation.reason == finding.code == error.reason
    assert violation.description == f"{finding.message_zh} / {finding.message_en} / 办法 {finding.suggestion}"
    assert finding.message_zh
    assert "91110000600037341M" not in str(error.status)


async def test_a_precondition_is_told_as_one(gateway: Running) -> None:
    """What is right but not in this state carries PreconditionFailure, and no BadRequest."""
    client = await gateway.client()
    order = await make_order(client, await make_subject(client))
    await client.call(client.orders.AbandonOrder, orders.AbandonOrderRequest(name=order.name))
    error = await failure(client.stream(client.orders.AbandonOrder, orders.AbandonOrderRequest(name=order.name)))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.one(PreconditionFailure).violations[0].type == error.reason
    assert not error.all(BadRequest)


async def test_many_findings_still_reach_a_client_of_defaults(gateway: Running) -> None:
    """Trailing metadata is limited to 8 KiB: what does not fit is counted instead of losing the whole status."""
    client = await gateway.client()
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject())
    service = request.subject.services[0]
    del service.domains[:]
    service.domains.extend(f"不是 域名 {i}" for i in range(60))
    error = await failure(client.stream(client.subjects.CreateSubject, request))
    shown = len(error.all(Finding))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert shown >= 5
    assert len(error.one(BadRequest).field_violations) == shown
    assert int(error.one(ErrorInfo).metadata["omitted_findings"]) >= 60 - shown


def test_every_kind_of_error_has_its_code() -> None:
    """The table is complete, and a retry's delay is told."""
    assert set(STATUS_CODES) == set(ErrorKind)
    for kind in ErrorKind:
        found = [blocker("X", "path", "中文", "english", "remedy")]
        status = status_of(BeianhubError(kind, "X", found, retry_after=1.5))
        assert status.code.value[0] == STATUS_CODES[kind]
        assert status.details == "X: path: english"


async def test_an_unknown_method_is_unimplemented(gateway: Running) -> None:
    """With ErrorInfo, like any other error, and without making a label of the metrics."""
    client = await gateway.client()
    method = gateway.channel.unary_unary("/beianhub.filing.v1.SubjectService/Nothing")
    error = await failure(method(b"", metadata=client.metadata))
    assert (error.code, error.reason) == (grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD")
    assert gateway.lines()[-1]["method"] == "unknown"


async def test_the_request_id_comes_back(gateway: Running) -> None:
    """The caller's own, where it is fit for a log, or a new one; on success and on failure."""
    client = await gateway.client()
    mine = (*client.metadata, ("x-request-id", "mine-1"))
    call = client.subjects.ListSubjects(LIST, metadata=mine)
    await call
    assert dict(await call.trailing_metadata())["x-request-id"] == "mine-1"
    error = await failure(client.subjects.ListSubjects(LIST, metadata=(("x-request-id", "a b"),)))
    assert uuid.UUID(error.trailing["x-request-id"])


async def test_a_call_is_one_line_without_content(gateway: Running) -> None:
    """The log holds the declared keys and nothing of the request, whose values are personal data."""
    client = await gateway.client()
    await make_subject(client)
    (line,) = [one for one in gateway.lines() if one["method"].endswith("CreateSubject")]
    assert set(line) == {
        "event", "level", "timestamp", "method", "tenant", "code", "reason", "duration_ms", "request_id",
    }  # fmt: skip
    assert (line["tenant"], line["code"]) == ("acme", "OK")
    assert "张三丰" not in gateway.log.getvalue()


async def test_a_message_of_more_than_a_mebibyte_is_refused(gateway: Running) -> None:
    """Larger content goes through the upload's chunks."""
    client = await gateway.client()
    request = subjects.ListSubjectsRequest(parent=TENANT, page_token="x" * (1 << 20))
    assert (
        await failure(client.stream(client.subjects.ListSubjects, request))
    ).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_deadline_already_passed_changes_nothing(gateway: Running) -> None:
    """DEADLINE_EXCEEDED, and the subject is not there."""
    client = await gateway.client()
    request = subjects.CreateSubjectRequest(parent=TENANT, subject=subject())
    error = await failure(client.subjects.CreateSubject(request, metadata=client.metadata, timeout=0))
    assert error.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert not (await client.call(client.subjects.ListSubjects, LIST)).subjects


class Edge:
    """A server with the real interceptor before a handler of the test's own."""

    def __init__(self, handler: object, seconds_to_authenticate: float = 0.0, longest: float = 30.0) -> None:
        async def authenticate(_secret: str) -> Caller:
            await asyncio.sleep(seconds_to_authenticate)
            return Caller("acme", admin.ROLE_OWNER)

        self.log = io.StringIO()
        self.calls: list[CallRecord] = []
        interceptor = Interceptor(Keys(authenticate, 0), self.calls.append, json_logger(self.log), longest)
        made = grpc.unary_unary_rpc_method_handler(handler)
        self.server = grpc.aio.server(
            handlers=[grpc.method_handlers_generic_handler("beianhub.filing.v1.Test", {"Call": made})],
            interceptors=[interceptor],
        )
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    async def fail(self, seconds: float | None = None) -> Details:
        await self.server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as channel:
                call = channel.unary_unary("/beianhub.filing.v1.Test/Call")
                return await failure(call(b"", metadata=(("authorization", "Bearer k"),), timeout=seconds))
        finally:
            await self.server.stop(1)


async def test_something_unexpected_shows_nothing_of_itself() -> None:
    """INTERNAL with the request id; neither caller nor log sees the exception's text."""

    async def crash(_request: bytes, _context: object) -> bytes:
        assert CALLER.get().tenant == "acme"
        raise RuntimeError("张三丰 11010519491231002X")

    edge = Edge(crash)
    error = await edge.fail()
    assert error.code is grpc.StatusCode.INTERNAL
    assert error.one(ErrorInfo).metadata["request_id"] == error.trailing["x-request-id"]
    assert "11010519491231002X" not in str(error.status) + edge.log.getvalue()
    assert "RuntimeError" in edge.log.getvalue()
    assert "crash" in edge.log.getvalue()


async def test_work_does_not_begin_after_the_deadline() -> None:
    """A deadline that passes while the key is looked up ends the call before its work."""
    begun = []

    async def work(request: bytes, _context: object) -> bytes:
        begun.append(request)
        return request

    edge = Edge(work, seconds_to_authenticate=0.3)
    assert (await edge.fail(seconds=0.1)).code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert not begun
    assert edge.calls[0].code == "DEADLINE_EXCEEDED"


async def test_a_call_without_a_deadline_has_the_longest() -> None:
    """Nobody can hold a call for ever by naming no deadline."""

    async def work(_request: bytes, _context: object) -> bytes:
        await asyncio.sleep(60)
        return b""

    error = await Edge(work, longest=0.05).fail()
    assert (error.code, error.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED")

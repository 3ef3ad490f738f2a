"""Retries and resumption, against a real gRPC server that fails as it is told."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1.admin_service_pb2_grpc import AdminServiceServicer, add_AdminServiceServicer_to_server
from beianhub.filing.v1.order_service_pb2_grpc import OrderServiceServicer, add_OrderServiceServicer_to_server
from beianhub.resources.v1.resources_pb2 import Order
from beianhub_cli.client.connection import Connection
from beianhub_cli.client.errors import CommandError, Exit
from beianhub_cli.client.following import watch
from beianhub_gateway.status import as_grpc


class Flaky(OrderServiceServicer, AdminServiceServicer):
    """Answers UNAVAILABLE as often as ``failures`` says, then well; remembers what it was asked."""

    def __init__(self) -> None:
        self.failures = 0
        self.asked: list[Any] = []
        self.metadata: dict[str, Any] = {}

    async def _serve(self, request: Any, context: Any) -> None:
        self.asked.append(request)
        self.metadata = dict(context.invocation_metadata())
        if len(self.asked) <= self.failures:
            parts = [ErrorInfo(reason="BUSY", domain="beianhub"), RetryInfo(retry_delay=Duration(nanos=10_000_000))]
            status = as_grpc(grpc.StatusCode.UNAVAILABLE, "busy", parts)
            await context.abort(status.code, status.details, status.trailing_metadata)

    async def SubmitOrder(self, request: Any, context: Any) -> Order:  # noqa: N802 - the method's name in the service
        await self._serve(request, context)
        return Order(name=request.name)

    async def CreateApiKey(self, request: Any, context: Any) -> admin.CreateApiKeyResponse:  # noqa: N802 - as above
        await self._serve(request, context)
        return admin.CreateApiKeyResponse()

    async def WatchOrders(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802 - as above
        asked = orders.WatchOrdersRequest()
        asked.CopyFrom(request)
        number = int(request.resume_token or 0) + 1
        yield orders.WatchOrdersResponse(resume_token=str(number))
        await self._serve(asked, context)


@pytest.fixture
async def flaky() -> AsyncIterator[tuple[Flaky, str]]:
    """The server and its address."""
    servicer, server = Flaky(), grpc.aio.server()
    add_OrderServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]  # generated
    add_AdminServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]  # generated
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, f"127.0.0.1:{port}"
    await server.stop(None)


def submission() -> orders.SubmitOrderRequest:
    return orders.SubmitOrderRequest(name="tenants/a/orders/b")


async def test_a_retry_repeats_the_request_id(flaky: tuple[Flaky, str]) -> None:
    """A mutation that meets UNAVAILABLE is sent again with the same request id, and the key goes with it."""
    server, address = flaky
    server.failures = 2
    async with Connection(address, "bh_key") as connection:
        await connection.call(connection.orders.SubmitOrder, submission())
    assert len(server.asked) == 3
    (request_id,) = {request.request_id for request in server.asked}
    assert uuid.UUID(request_id)
    assert server.metadata["authorization"] == "Bearer bh_key"


async def test_retries_end_and_say_how_to_repeat(flaky: tuple[Flaky, str]) -> None:
    """After a bounded number of attempts the failure carries the request id that repeats the mutation."""
    server, address = flaky
    server.failures = 99
    async with Connection(address, "k") as connection:
        with pytest.raises(CommandError) as caught:
            await connection.call(connection.orders.SubmitOrder, submission())
    failure = caught.value.failure
    assert (failure.exit, failure.reason, failure.retry_after) == (Exit.UNAVAILABLE, "BUSY", 0.01)
    assert failure.request_id == server.asked[0].request_id
    assert len(server.asked) == 5


async def test_what_no_id_protects_is_sent_once(flaky: tuple[Flaky, str]) -> None:
    """The creation of a key has no request id: it is never sent twice by itself."""
    server, address = flaky
    server.failures = 1
    async with Connection(address, "k") as connection:
        with pytest.raises(CommandError):
            await connection.call(connection.admin.CreateApiKey, admin.CreateApiKeyRequest(), safe=False)
    assert len(server.asked) == 1


async def test_given_request_ids_are_derived_in_order(flaky: tuple[Flaky, str]) -> None:
    """A command that is repeated with its request id gives each of its mutations the id that it had before."""
    _, address = flaky
    first = str(uuid.uuid4())

    async def ids() -> list[str]:
        async with Connection(address, "k", request_id=first) as connection:
            return [connection.next_request_id() for _ in range(3)]

    once = await ids()
    assert once == await ids()
    assert once[0] == first
    assert len(set(once)) == 3


async def test_a_watch_goes_on_after_its_server_fails(flaky: tuple[Flaky, str], monkeypatch: Any) -> None:
    """A watch that ends with UNAVAILABLE is opened again with the last token that was seen."""
    monkeypatch.setattr("beianhub_cli.client.following._PAUSE", 0.01)
    server, address = flaky
    server.failures = 99
    seen: list[str] = []
    async with Connection(address, "k") as connection:
        messages = watch(connection, connection.orders.WatchOrders, orders.WatchOrdersRequest(parent="tenants/a"))
        async for message in messages:
            seen.append(message.resume_token)
            if len(seen) == 3:
                break
        await messages.aclose()
    assert seen == ["1", "2", "3"]
    assert [request.resume_token for request in server.asked][:2] == ["", "1"]


async def test_nobody_there(unused_address: Callable[[], str]) -> None:
    """Where no gateway listens, the failure says so, and how to start one."""
    async with Connection(unused_address(), "k", timeout=2) as connection:
        with pytest.raises(CommandError) as caught:
            await connection.call(connection.orders.GetOrder, orders.GetOrderRequest(name="x"))
    assert caught.value.failure.reason == "NO_GATEWAY"
    assert "beianhub up" in caught.value.failure.findings[0].suggestion


def self_signed() -> tuple[bytes, bytes]:
    """A key and a certificate of 127.0.0.1, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, form, serialization.NoEncryption()), certificate.public_bytes(pem)


async def test_tls_trusts_the_given_authority_alone() -> None:
    """Over TLS a gateway is reached with its authority's certificate, and not without it."""
    key, certificate = self_signed()
    servicer, server = Flaky(), grpc.aio.server()
    add_OrderServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]  # generated
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    await server.start()
    for roots, trusted in ((certificate, True), (None, False)):
        credentials = grpc.ssl_channel_credentials(roots)
        async with Connection(f"127.0.0.1:{port}", "k", timeout=2, credentials=credentials) as connection:
            if trusted:
                assert (await connection.call(connection.orders.SubmitOrder, submission())).name
                continue
            with pytest.raises(CommandError) as caught:
                await connection.call(connection.orders.SubmitOrder, submission())
            assert caught.value.failure.exit is Exit.UNAVAILABLE
    await server.stop(None)

"""The server as a whole: discovery, health, stopping, and its HTTP port."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from dataclasses import replace
from pathlib import Path

import grpc
import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway_support import QUICK, TENANT, Client, Running, details_of, failure, make_subject, open_application, running
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import document_service_pb2 as documents
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1.resources_pb2 import Document
from beianhub_core.application import Application
from beianhub_gateway.settings import Tls
from beianhub_gateway.tokens import decode

SERVICES = {"SubjectService", "OrderService", "AccessService", "DocumentService", "TaskService", "AdminService"}
LIST = subjects.ListSubjectsRequest(parent=TENANT)


async def test_reflection_lists_the_services(gateway: Running) -> None:
    """A client without our files finds every service, as grpcurl does."""
    stub = reflection_pb2_grpc.ServerReflectionStub(gateway.channel)
    call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="*")]))
    found = [service.name async for answer in call for service in answer.list_services_response.service]
    assert {name.removeprefix("beianhub.filing.v1.") for name in found} >= SERVICES
    assert "grpc.health.v1.Health" in found


async def test_health_says_not_serving_before_connections_close(application: Application) -> None:
    """At the stop: NOT_SERVING at once, while calls on open connections still work; then the end."""
    patient = running(application, replace(QUICK, drain=3.0))
    async with httpx.AsyncClient() as http, patient as gateway:  # the client takes its time on a busy machine
        client = await gateway.client()
        stub = health_pb2_grpc.HealthStub(gateway.channel)
        for name in ("", *(f"beianhub.filing.v1.{service}" for service in SERVICES)):
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        gateway.stop.set()
        await asyncio.sleep(0.1)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=""))
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await http.get(f"http://{gateway.addresses.http}/health/ready")).status_code == 503
        await client.call(client.subjects.ListSubjects, LIST)
        await gateway.ended
        assert (await failure(client.stream(client.subjects.ListSubjects, LIST))).code is grpc.StatusCode.UNAVAILABLE


async def test_a_stop_ends_watches_with_their_token(application: Application) -> None:
    """UNAVAILABLE with RetryInfo, and a token to go on with at another server."""
    async with running(application) as gateway:
        client = await gateway.client()
        watch = client.stream(client.orders.WatchOrders, orders.WatchOrdersRequest(parent=TENANT))
        assert (await watch.read()).snapshot_complete
        gateway.stop.set()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await watch.read()
        error = details_of(caught.value)
        assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_DRAINING")
        assert error.one(RetryInfo).retry_delay.seconds == 1
        assert decode("acme", error.trailing["resume-token"]) == 0


async def test_a_taken_port_is_an_error(gateway: Running) -> None:
    """Two gateways never share a port by accident, neither for gRPC nor for HTTP."""
    grpc_port, http_port = (int(a.rpartition(":")[2]) for a in (gateway.addresses.grpc, gateway.addresses.http))
    for settings in (replace(QUICK, grpc_port=grpc_port), replace(QUICK, http_port=http_port)):
        with pytest.raises(OSError, match=r"listen|in use"):
            async with running(gateway.application, settings):
                pass


def test_it_serves_on_uvloop(tmp_path: Path) -> None:
    """The loop is the caller's choice."""

    async def story() -> int:
        async with open_application(tmp_path) as application, running(application) as gateway:
            client = await gateway.client()
            await make_subject(client)
            return len((await client.call(client.subjects.ListSubjects, LIST)).subjects)

    assert uvloop.run(story()) == 1


async def test_tls_is_served_where_files_are_given(application: Application, tmp_path: Path) -> None:
    """A client that trusts the certificate gets through, over gRPC and over HTTP."""
    tls = self_signed(tmp_path)
    async with running(application, replace(QUICK, tls=tls)) as gateway:
        made = await application.admin.make_api_key("acme", admin.ROLE_VIEWER, "")
        trusted = grpc.ssl_channel_credentials(tls.certificate.read_bytes())
        async with grpc.aio.secure_channel(gateway.addresses.grpc, trusted) as channel:
            client = Client(channel, made.secret)
            assert not (await client.call(client.subjects.ListSubjects, LIST)).subjects
        context = ssl.create_default_context(cafile=tls.certificate)
        async with httpx.AsyncClient(verify=context) as http:
            assert (await http.get(f"https://{gateway.addresses.http}/health/live")).text == "live"


def self_signed(folder: Path) -> Tls:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / "server.pem", folder / "server.key")
    tls.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tls


async def test_documents_are_uploaded_in_chunks(gateway: Running) -> None:
    """A header, then content; anything else is refused with the place."""
    client = await gateway.client()
    made = await make_subject(client)
    document = Document(purpose="BUSINESS_LICENCE", content_type="image/png")
    header = documents.UploadDocumentRequest(header=documents.UploadHeader(parent=made.name, document=document))
    chunk = documents.UploadDocumentRequest(chunk=b"x" * 65536)
    upload = client.documents.UploadDocument
    got = await upload(iter([header, *[chunk] * 32]), metadata=client.metadata)
    assert got.size_bytes == 32 * 65536
    error = await failure(upload(iter([chunk, header]), metadata=client.metadata))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UPLOAD_OUT_OF_ORDER")
    assert (await failure(upload(iter([]), metadata=client.metadata))).reason == "UPLOAD_OUT_OF_ORDER"
    error = await failure(upload(iter([header, *[chunk] * 90]), metadata=client.metadata))
    assert error.reason == "DOCUMENT_TOO_LARGE"


async def test_the_audit_streams_its_results(gateway: Running) -> None:
    """One answer a record and the sum at the end, through the same admission as any call."""
    client = await gateway.client()
    await make_subject(client)
    request = admin.AuditRecordsRequest(parent=TENANT)
    answers = [answer async for answer in client.stream(client.admin.AuditRecords, request)]
    assert [(a.subject, a.equal) for a in answers] == [(f"{TENANT}/subjects/s1", True), ("", True)]
    assert answers[-1].records == 1
    viewer = await gateway.client(admin.ROLE_VIEWER)
    assert (await failure(viewer.stream(viewer.admin.AuditRecords, request))).reason == "ROLE_NOT_ALLOWED"


async def test_a_callback_is_kept_once(gateway: Running) -> None:
    """204 when it is durable, again for its repetition, 404 for an unknown account, 413 beyond a mebibyte."""
    base = f"http://{gateway.addresses.http}/callbacks"
    async with httpx.AsyncClient() as http:
        for _ in range(2):
            answer = await http.post(f"{base}/acme/main", content=b'{"order":"1"}', headers={"X-Vendor": "v"})
            assert answer.status_code == 204
        assert (await http.post(f"{base}/acme/nobody", content=b"x")).status_code == 404
        assert (await http.post(f"{base}/other/main", content=b"x")).status_code == 404
        assert (await http.post(f"{base}/ACME!/main", content=b"x")).status_code == 400
        assert (await http.post(f"{base}/acme/main", content=b"x" * ((1 << 20) + 1))).status_code == 413
        assert (await http.get(f"{base}/acme/main")).status_code == 405
    ((callback, body),) = await gateway.application.callbacks.pending(10)
    assert body == b'{"order":"1"}'
    assert callback.headers["x-vendor"] == "v"
    assert b"order" not in callback.body


async def test_metrics_count_calls_by_method_and_code(gateway: Running) -> None:
    """Every call is counted and timed; the index's age and the watches are shown; no tenant is a label."""
    client = await gateway.client()
    await client.call(client.subjects.ListSubjects, LIST)
    await failure(gateway.anonymous().subjects.ListSubjects(LIST))
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"http://{gateway.addresses.http}/metrics")).text
        assert (await http.get(f"http://{gateway.addresses.http}/health/ready")).status_code == 200
    method = "/beianhub.filing.v1.SubjectService/ListSubjects"
    assert f'beianhub_grpc_server_calls_total{{code="OK",method="{method}"}} 1.0' in text
    assert f'beianhub_grpc_server_calls_total{{code="UNAUTHENTICATED",method="{method}"}} 1.0' in text
    assert f'beianhub_grpc_server_call_seconds_count{{method="{method}"}} 2.0' in text
    assert "beianhub_access_index_age_seconds" in text
    assert "acme" not in text

"""CheckAccess: from the index while it is fresh, else from the store, else not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
from gateway_support import (
    QUICK,
    TENANT,
    Client,
    Running,
    failure,
    make_subject,
    open_application,
    person,
    running,
    subject,
)
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from beianhub.filing.v1 import access_service_pb2 as access
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application import Application


async def check(
    client: Client, domain: str = "www.example.com", provider: str = "tencent"
) -> access.CheckAccessResponse:
    request = access.CheckAccessRequest(parent=TENANT, domain=domain, provider=provider)
    answer: access.CheckAccessResponse = await client.call(client.access.CheckAccess, request)
    return answer


async def settle(gateway: Running) -> None:
    await gateway.publish()
    await asyncio.sleep(0.1)


def filed(domain: str = "example.com") -> res.Subject:
    """A subject imported with an access at Tencent."""
    made = subject(domain)
    made.licence_number = "京ICP备2026000001号"
    made.state = res.SUBJECT_STATE_FILED
    (service,) = made.services
    service.licence_number = "京ICP备2026000001号-1"
    service.state = res.SERVICE_STATE_FILED
    service.accesses.add(provider="tencent", state=res.ACCESS_STATE_ACTIVE, ips=["8.130.0.1"])
    return made


async def load(client: Client, given: res.Subject) -> res.Subject:
    row = subjects.ImportRow(key="1", subject=given, subject_id="s1")
    answer = await client.call(
        client.subjects.ImportSubjects, subjects.ImportSubjectsRequest(parent=TENANT, rows=[row])
    )
    (result,) = answer.results
    assert not result.findings, result.findings
    made: res.Subject = result.subject
    return made


async def test_it_answers_yes_and_no_with_the_reason(gateway: Running) -> None:
    """An active access is a yes, at the filed provider only; an unknown domain is a no."""
    client = await gateway.client()
    made = await load(client, filed())
    await settle(gateway)
    yes = await check(client)
    assert (yes.verdict, yes.reason) == (access.ACCESS_VERDICT_YES, access.ACCESS_REASON_ACTIVE)
    assert (yes.domain, yes.licence_number) == ("example.com", "京ICP备2026000001号-1")
    assert yes.service == made.services[0].name
    assert (await check(client, provider="aliyun")).reason == access.ACCESS_REASON_NO_ACCESS
    assert (await check(client, "example.org")).reason == access.ACCESS_REASON_UNKNOWN_DOMAIN


async def test_an_answer_says_how_long_it_holds(gateway: Running) -> None:
    """As of the last tail, which is now but for a moment; valid for five seconds."""
    client = await gateway.client()
    answer = await check(client)
    as_of = answer.as_of.ToDatetime(UTC)
    assert datetime.now(UTC) - as_of < timedelta(seconds=2)
    assert answer.valid_until.ToDatetime(UTC) - as_of == timedelta(seconds=5)


async def test_the_index_follows_the_log(gateway: Running) -> None:
    """A service that comes, and one whose domain goes, change the answers."""
    client = await gateway.client()
    made = await make_subject(client)
    await settle(gateway)
    assert (await check(client)).reason == access.ACCESS_REASON_NOT_FILED
    made.services[0].domains[:] = ["example.org"]
    made.services[0].principal.CopyFrom(person())
    update = subjects.UpdateSubjectRequest(subject=made)
    update.update_mask.paths.append("services")
    await client.call(client.subjects.UpdateSubject, update)
    await settle(gateway)
    assert (await check(client)).reason == access.ACCESS_REASON_UNKNOWN_DOMAIN
    assert (await check(client, "example.org")).reason == access.ACCESS_REASON_NOT_FILED


async def test_an_app_may_have_filed_a_longer_name(gateway: Running) -> None:
    """The registrable domain decides where somebody filed it; else the longer name of an APP, and what is below."""
    client = await gateway.client()
    made = subject("api.example.com")
    made.services[0].kind = res.SERVICE_KIND_APP
    await make_subject(client, made)
    await settle(gateway)
    answer = await check(client, "eu.api.example.com")
    assert (answer.domain, answer.reason) == ("api.example.com", access.ACCESS_REASON_NOT_FILED)
    assert (await check(client, "www.example.com")).reason == access.ACCESS_REASON_UNKNOWN_DOMAIN


async def test_a_limited_key_sees_its_customers_domains(gateway: Running) -> None:
    """Another customer's domain is as unknown as one that nobody has."""
    client = await gateway.client()
    await make_subject(client, subject(customer="shop"))
    await settle(gateway)
    assert (await check(await gateway.client(customer="shop"))).reason == access.ACCESS_REASON_NOT_FILED
    answer = await check(await gateway.client(customer="else"))
    assert answer.reason == access.ACCESS_REASON_UNKNOWN_DOMAIN
    assert not answer.service


async def test_mistakes_are_named(gateway: Running) -> None:
    """An unknown provider with the known ones, a name that is no domain, and in a batch its place."""
    client = await gateway.client()
    request = access.CheckAccessRequest(parent=TENANT, domain="example.com", provider="nimbus")
    error = await failure(client.stream(client.access.CheckAccess, request))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_PROVIDER")
    assert "tencent" in error.one(ErrorInfo).metadata["known"]
    request = access.CheckAccessRequest(parent=TENANT, domain="8.8.8.8", provider="tencent")
    error = await failure(client.stream(client.access.CheckAccess, request))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DOMAIN_IS_IP")
    batch = access.BatchCheckAccessRequest(parent=TENANT, requests=[{"domain": "a.cn", "provider": "tencent"}, request])
    error = await failure(client.stream(client.access.BatchCheckAccess, batch))
    assert error.one(res.Finding).path == "requests[1].domain"


async def test_a_batch_answers_in_order(gateway: Running) -> None:
    """Each pair has its answer, in the order of the questions."""
    client = await gateway.client()
    await load(client, filed())
    await settle(gateway)
    pairs = [("example.com", "tencent"), ("example.com", "aliyun"), ("a.example.com", "tencent"), ("b.cn", "tencent")]
    batch = access.BatchCheckAccessRequest(
        parent=TENANT, requests=[access.CheckAccessRequest(domain=d, provider=p) for d, p in pairs]
    )
    answer = await client.call(client.access.BatchCheckAccess, batch)
    yes, no = access.ACCESS_VERDICT_YES, access.ACCESS_VERDICT_NO
    assert [r.verdict for r in answer.responses] == [yes, no, yes, no]


async def test_an_old_index_reads_the_store(application: Application) -> None:
    """With a tail that is not fresh the answer is the store's, of now, even before the log has a position for it."""
    async with running(application, replace(QUICK, index_age=0.0)) as gateway:
        client = await gateway.client()
        before = datetime.now(UTC)
        await make_subject(client)
        answer = await check(client)
        assert answer.reason == access.ACCESS_REASON_NOT_FILED
        assert answer.as_of.ToDatetime(UTC) >= before


async def test_without_index_and_store_there_is_no_answer(tmp_path: Path) -> None:
    """When the database goes away, the index answers while it is fresh; then UNAVAILABLE, and never a stale yes."""
    settings = replace(QUICK, index_age=1.0, key_cache=60.0)
    async with open_application(tmp_path) as application, running(application, settings) as gateway:
        client = await gateway.client()
        await load(client, filed())
        await settle(gateway)
        assert (await check(client)).verdict == access.ACCESS_VERDICT_YES
        with sqlite3.connect(tmp_path / "store.db") as database:
            for table in ("events", "domains"):
                lose(database, table)
        assert (await check(client)).verdict == access.ACCESS_VERDICT_YES
        await asyncio.sleep(1.2)
        request = access.CheckAccessRequest(parent=TENANT, domain="example.com", provider="tencent")
        error = await failure(client.stream(client.access.CheckAccess, request))
        assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "NO_FRESH_ANSWER")
        assert error.one(RetryInfo).retry_delay.seconds == 1
        assert any(line["event"] == "tail_failed" for line in gateway.lines())


def lose(database: sqlite3.Connection, table: str) -> None:
    """Takes the table away, as a database that is being restored would."""
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if table in names:
        database.execute(f'ALTER TABLE "{table}" RENAME TO "lost_{table}"')

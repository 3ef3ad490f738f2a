"""Drift: a provider's copy is read by a task, compared with the record, shown, and taken over on demand."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from beianhub.filing.v1 import admin_service_pb2, task_service_pb2
from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.drift_pb2 import Drift, FiledService, FiledSubject
from beianhub.resources.v1.task_pb2 import TASK_KIND_LIST_FILINGS, Task, TaskAssignment, TaskOutcome
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import PARENT, enterprise, provider, reason

NUMBER = "京ICP备2026000001号"
MAIN = f"{PARENT}/accounts/main"
SUBJECT = f"{PARENT}/subjects/s0"
SERVICE = f"{SUBJECT}/services/site"


@pytest.fixture
async def reader(desk: Any) -> Any:
    """A desk whose provider lists what is filed; see :func:`ready`."""
    return await ready(desk)


async def ready(desk: Any) -> Any:
    plugin = provider("sim")
    plugin.capabilities.add(operation=res.OPERATION_LIST_FILINGS, channel=res.CHANNEL_API, source=["sim"])
    plugin.capabilities.add(operation=res.OPERATION_LIST_FILINGS, channel=res.CHANNEL_UNSUPPORTED, source=["S4.28"])
    await desk.app.admin.register_plugins([plugin])
    desk.app.core.forget_catalog()
    return desk


def filed(*, provider: str = "sim", account: str = MAIN) -> res.Subject:
    """The first enterprise, filed, and served through ``account``."""
    given = enterprise()
    given.licence_number = NUMBER
    given.services[0].name = SERVICE
    given.services[0].licence_number = f"{NUMBER}-1"
    given.services[0].accesses.add(provider=provider, account=account)
    return given


def copy(**service: Any) -> FiledSubject:
    """The provider's copy of it."""
    fields: dict[str, Any] = {
        "kind": res.SERVICE_KIND_WEBSITE,
        "licence_number": f"{NUMBER}-1",
        "title": "示例商店官网",
        "domains": ["shop0.com"],
        "principal_name": "张三丰",
    }
    return FiledSubject(
        licence_number=NUMBER,
        title="示例甲科技有限公司",
        nature=res.NATURE_ENTERPRISE,
        principal_name="张三丰",
        services=[FiledService(**(fields | service))],
    )


async def bring(desk: Any, subject: res.Subject) -> None:
    request = pb.ImportSubjectsRequest(parent=PARENT, rows=[pb.ImportRow(subject=subject, subject_id="s0")])
    (result,) = (await desk.app.subjects.import_subjects(desk.owner, request)).results
    assert not result.findings


async def detect(desk: Any, *accounts: str) -> list[Task]:
    request = pb.DetectDriftRequest(parent=PARENT, accounts=accounts or [MAIN])
    return list((await desk.app.drifts.detect_drift(desk.owner, request)).tasks)


async def claimed(desk: Any) -> TaskAssignment:
    """The reading, in a host's hands."""
    return next(one for one in await desk.claim() if one.task.kind == TASK_KIND_LIST_FILINGS)


async def read(desk: Any, *filings: FiledSubject) -> list[Drift]:
    """Reads the account, and lists what differs."""
    await detect(desk)
    assignment = await claimed(desk)
    await desk.report(assignment.task, filings=TaskOutcome.Filings(subjects=filings))
    return await drifts(desk)


async def drifts(desk: Any, caller: Any = None, **filters: Any) -> list[Drift]:
    request = pb.ListDriftsRequest(parent=PARENT, **filters)
    return list((await desk.app.drifts.list_drifts(caller or desk.owner, request)).drifts)


async def apply(desk: Any, drift: Drift, request_id: str = "", caller: Any = None) -> res.Subject:
    request = pb.ApplyDriftRequest(name=drift.name, request_id=request_id)
    return await desk.app.drifts.apply_drift(caller or desk.owner, request)


async def version(desk: Any) -> int:
    return (await desk.app.store.record("acme", "s0")).version


async def test_a_reading_is_one_task_of_its_account(both_desks: Any) -> None:
    """Asked for twice it is one task; it is claimed once, with the account and nothing of any subject."""
    desk = await ready(both_desks)
    await bring(desk, filed())
    first, second = [(await detect(desk))[0] for _ in range(2)]
    assert first == second
    claims = await asyncio.gather(*(desk.claim() for _ in range(4)))
    (assignment,) = [one for claim in claims for one in claim]
    assert (assignment.task.kind, assignment.account.name) == (TASK_KIND_LIST_FILINGS, MAIN)
    assert not assignment.HasField("subject")
    await desk.report(assignment.task, filings=TaskOutcome.Filings(subjects=[copy()]))
    assert (await desk.task(first.name)).state == Task.STATE_DONE
    assert await drifts(desk) == []
    (again,) = await detect(desk)
    assert (again.name, again.state) == (first.name, Task.STATE_OPEN)
    assert (await claimed(desk)).task.epoch > assignment.task.epoch


async def test_what_differs_is_shown_and_nothing_has_changed(both_desks: Any) -> None:
    """Field by field, with the time; people as masks; the record keeps its version."""
    desk = await ready(both_desks)
    await bring(desk, filed())
    before = await version(desk)
    changed = copy(title="示例新商店", domains=["SHOP0.com", "new0.com"], principal_name="李四光")
    changed.title = "示例甲集团有限公司"
    (drift,) = await read(desk, changed)
    assert {(d.path, d.ours, d.theirs, d.authoritative) for d in drift.differences} == {
        ("subject.profile.title", "示例甲科技有限公司", "示例甲集团有限公司", True),
        ("service.title", "示例商店官网", "示例新商店", True),
        ("service.domains", "shop0.com", "new0.com shop0.com", True),
        ("service.principal.full_name", "张*", "李*", False),
    }
    assert (drift.kind, drift.subject, drift.provider) == (Drift.KIND_CHANGED, SUBJECT, "sim")
    assert drift.HasField("read_time")
    assert "李四光" not in str(drift)
    assert await version(desk) == before


async def test_a_drift_is_applied_on_demand(both_desks: Any) -> None:
    """The values go into the record with an event that names the source; what is not the provider's to say remains."""
    desk = await ready(both_desks)
    await bring(desk, filed())
    (drift,) = await read(desk, copy(title="示例新商店", domains=["new0.com", "shop0.com"], principal_name="李四光"))
    subject = await apply(desk, drift)
    assert (subject.services[0].title, list(subject.services[0].domains)) == ("示例新商店", ["new0.com", "shop0.com"])
    *_, event = await desk.app.store.list_events("acme", "s0", after_version=0, limit=99)
    assert (event.drift_applied.drift, event.drift_applied.provider) == (drift.name, "sim")
    assert {d.path for d in event.drift_applied.differences} == {"service.title", "service.domains"}
    (left,) = await drifts(desk)
    assert [d.path for d in left.differences] == ["service.principal.full_name"]
    assert (await desk.app.store.domain("acme", "new0.com")).subject == "s0"
    assert all([answer.equal async for answer in desk.app.admin.audit_records(desk.owner, audit())])
    assert {d.path for d in (await read(desk, copy(title="示例新商店", domains=["new0.com", "shop0.com"])))} == set()


def audit() -> admin_service_pb2.AuditRecordsRequest:
    return admin_service_pb2.AuditRecordsRequest(parent=PARENT)


async def test_an_access_that_is_gone_is_seen_and_taken_over(reader: Any) -> None:
    """A provider knows its own accesses: without one the service is an empty shell, and its number stays (S0)."""
    await bring(reader, filed())
    (drift,) = await read(reader)
    assert drift.kind == Drift.KIND_MISSING_AT_PROVIDER
    assert [(d.path, d.service, d.ours, d.theirs) for d in drift.differences] == [
        ("service.access", SERVICE, "ACCESS_STATE_ACTIVE", "")
    ]
    subject = await apply(reader, drift)
    (service,) = subject.services
    assert service.accesses[0].state == res.ACCESS_STATE_CANCELLED
    assert (service.state, service.licence_number) == (res.SERVICE_STATE_NO_ACCESS, f"{NUMBER}-1")
    assert await drifts(reader) == []


async def test_numbers_and_an_access_that_we_lack_are_taken_over(reader: Any) -> None:
    """What was filed behind our back: the record learns its numbers, its states and the access with its account."""
    given = enterprise()
    given.services[0].name = SERVICE
    await bring(reader, given)
    (drift,) = await read(reader, copy())
    paths = {d.path for d in drift.differences}
    assert paths == {
        "subject.licence_number",
        "subject.state",
        "service.licence_number",
        "service.state",
        "service.access",
    }
    subject = await apply(reader, drift)
    (service,) = subject.services
    assert (subject.state, service.state) == (res.SUBJECT_STATE_FILED, res.SERVICE_STATE_FILED)
    assert (service.accesses[0].account, service.accesses[0].state) == (MAIN, res.ACCESS_STATE_ACTIVE)
    assert await read(reader, copy()) == []


async def test_while_another_serves_it_titles_and_domains_are_only_shown(reader: Any) -> None:
    """A change made at the other provider reaches this copy later: it may be the copy that is old (domain.md 2.4)."""
    given = filed()
    given.services[0].accesses.add(provider="other")
    await bring(reader, given)
    (drift,) = await read(reader, copy(title="示例旧商店"))
    assert [(d.path, d.authoritative) for d in drift.differences] == [("service.title", False)]
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert reason(caught) == "NOTHING_TO_APPLY"


async def test_what_our_record_lacks_is_shown_without_people(reader: Any) -> None:
    """A filing of nobody that we know says what to import; an individual's name is masked."""
    stranger = copy()
    stranger.nature, stranger.title = res.NATURE_INDIVIDUAL, "王五六"
    (drift,) = await read(reader, stranger)
    assert (drift.kind, drift.subject) == (Drift.KIND_MISSING_IN_RECORD, "")
    assert "王五六" not in str(drift)
    assert "张三丰" not in str(drift)
    assert any(NUMBER in d.theirs for d in drift.differences)
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert reason(caught) == "NOTHING_TO_APPLY"


async def test_another_accounts_access_is_not_missing(reader: Any) -> None:
    """An access of another account, and one of no account where there are several, is not this account's to miss."""
    await bring(reader, filed(account=f"{PARENT}/accounts/hand"))
    assert await read(reader) == []


async def test_nothing_is_applied_while_an_order_is_in_flight(reader: Any) -> None:
    """What the order ends in decides; afterwards the drift is read anew."""
    await bring(reader, filed())
    (drift,) = await read(reader, copy(title="示例新商店"))
    subject = (await reader.app.store.record("acme", "s0")).subject
    await reader.submitted(subject, type=res.ORDER_TYPE_CANCEL_ACCESS, ips=[])
    before = await version(reader)
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert (reason(caught), caught.value.kind) == ("ORDER_IN_FLIGHT", ErrorKind.PRECONDITION)
    assert await version(reader) == before


async def test_what_was_not_shown_is_not_applied(reader: Any) -> None:
    """A record that changed since is ABORTED; a drift that a later reading replaced is not found."""
    await bring(reader, filed())
    (drift,) = await read(reader, copy(title="示例新商店"))
    given = filed()
    given.services[0].title = "示例他人改名"
    rows = [pb.ImportRow(subject=given, subject_id="s0")]
    await reader.app.subjects.import_subjects(
        reader.owner, pb.ImportSubjectsRequest(parent=PARENT, rows=rows, update=True)
    )
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert (reason(caught), caught.value.kind) == ("DRIFT_OUTDATED", ErrorKind.ABORTED)
    (fresh,) = await read(reader, copy(title="示例新商店"))
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert (await apply(reader, fresh)).services[0].title == "示例新商店"


async def test_a_drift_is_applied_once(reader: Any) -> None:
    """The same request again, or another one, changes nothing more."""
    await bring(reader, filed())
    (drift,) = await read(reader, copy(title="示例新商店"))
    id_ = str(uuid.uuid4())
    first = await apply(reader, drift, id_)
    after = await version(reader)
    assert await apply(reader, drift, id_) == first
    assert (await apply(reader, drift)).etag == first.etag
    assert await version(reader) == after


async def test_what_remains_of_a_drift_is_not_applied_again(reader: Any) -> None:
    """The repeated request has its answer; a new one learns that nothing is the provider's to say."""
    await bring(reader, filed())
    (drift,) = await read(reader, copy(title="示例新商店", principal_name="李四光"))
    id_ = str(uuid.uuid4())
    first = await apply(reader, drift, id_)
    assert await apply(reader, drift, id_) == first
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, drift)
    assert reason(caught) == "NOTHING_TO_APPLY"


async def test_an_account_that_cannot_be_read_says_why(reader: Any) -> None:
    """A console account of a vendor without such a read is refused with the source; of all accounts it is left out."""
    with pytest.raises(BeianhubError) as caught:
        await detect(reader, f"{PARENT}/accounts/hand")
    (finding,) = caught.value.findings
    assert (finding.code, list(finding.source)) == ("CHANNEL_UNSUPPORTED", ["sim", "S4.28"])
    response = await reader.app.drifts.detect_drift(reader.owner, pb.DetectDriftRequest(parent=PARENT))
    assert [task.account for task in response.tasks] == [MAIN]
    assert [finding.path for finding in response.findings] == [f"{PARENT}/accounts/hand"]


async def test_accounts_are_read_again_and_again(both_desks: Any) -> None:
    """A day after it was made an account is read, if it can be, and then daily; one that is being read is not read
    twice. What differs is listed, and nothing is taken over.
    """
    desk = await ready(both_desks)
    await bring(desk, filed())
    day = timedelta(days=1)
    assert await desk.app.drifts.patrol(day) == 0
    desk.clock.forward(days=1)
    assert [await desk.app.drifts.patrol(day) for _ in range(2)] == [1, 0]
    before = await version(desk)
    assignment = await claimed(desk)
    assert assignment.account.name == MAIN
    await desk.report(assignment.task, filings=TaskOutcome.Filings())
    assert [drift.kind for drift in await drifts(desk)] == [Drift.KIND_MISSING_AT_PROVIDER]
    assert await version(desk) == before
    desk.clock.forward(hours=23)
    assert await desk.app.drifts.patrol(day) == 0
    desk.clock.forward(hours=1)
    assert await desk.app.drifts.patrol(day) == 1


async def test_a_reading_that_fails_changes_no_drift(reader: Any) -> None:
    """It is tried again; a definite no ends it with its code; what was read before stays."""
    await bring(reader, filed())
    await read(reader)
    (task,) = await detect(reader)
    assignment = await claimed(reader)
    await reader.report(assignment.task, retry=TaskOutcome.Retry(reason="THROTTLED", delay_seconds=5))
    assert ((await reader.task(task.name)).state, (await reader.task(task.name)).last_error) == (
        Task.STATE_OPEN,
        "THROTTLED",
    )
    reader.clock.forward(seconds=6)
    assignment = await claimed(reader)
    findings = [res.Finding(code="PROVIDER_REJECTED")]
    await reader.report(assignment.task, rejected=TaskOutcome.Rejected(findings=findings))
    assert (await reader.task(task.name)).state == Task.STATE_CLOSED
    assert len(await drifts(reader)) == 1


async def test_a_stale_report_tells_nothing(reader: Any) -> None:
    """A host that fell silent may be late; whoever took the reading over tells what it found."""
    await bring(reader, filed())
    await detect(reader)
    late = await claimed(reader)
    reader.clock.forward(seconds=61)
    fresh = await claimed(reader)
    answer = await reader.report(late.task, filings=TaskOutcome.Filings())
    assert answer.stale
    assert await drifts(reader) == []
    await reader.report(fresh.task, filings=TaskOutcome.Filings(subjects=[copy()]))
    assert await drifts(reader) == []


async def test_a_reading_is_retried_extended_and_given_up(reader: Any) -> None:
    """An account's task is any operator's to move, as an order's is."""
    (task,) = await detect(reader)
    assignment = await claimed(reader)
    extended = await reader.app.tasks.extend_lease(
        reader.owner,
        task_service_pb2.ExtendLeaseRequest(name=task.name, epoch=assignment.task.epoch, lease_seconds=90),
    )
    assert extended.lease_expire_time.ToSeconds() > assignment.task.lease_expire_time.ToSeconds()
    await reader.report(assignment.task, retry=TaskOutcome.Retry(reason="CONNECT", delay_seconds=600))
    await reader.app.tasks.retry_task(reader.owner, task_service_pb2.RetryTaskRequest(name=task.name))
    assert (await claimed(reader)).task.name == task.name
    given_up = await reader.app.tasks.give_up_task(reader.owner, task_service_pb2.GiveUpTaskRequest(name=task.name))
    assert (given_up.state, given_up.last_error) == (Task.STATE_CLOSED, "GIVEN_UP")


async def test_drifts_are_paged_and_filtered(reader: Any) -> None:
    """By subject and by provider; a page goes on where the one before ended."""
    await bring(reader, filed())
    strangers = [FiledSubject(licence_number=f"京ICP备202600010{n}号", title="乙公司") for n in range(3)]
    assert len(await read(reader, *strangers)) == 4
    assert [d.subject for d in await drifts(reader, subject=SUBJECT)] == [SUBJECT]
    assert len(await drifts(reader, provider="sim")) == 4
    with pytest.raises(BeianhubError) as caught:
        await drifts(reader, provider="tencent")
    assert caught.value.reason == "UNKNOWN_PROVIDER"
    request = pb.ListDriftsRequest(parent=PARENT, page_size=3)
    page = await reader.app.drifts.list_drifts(reader.owner, request)
    request.page_token = page.next_page_token
    rest = await reader.app.drifts.list_drifts(reader.owner, request)
    assert len({d.name for d in [*page.drifts, *rest.drifts]}) == 4
    assert not rest.next_page_token


async def test_a_limited_key_sees_its_customers_drifts_alone(reader: Any) -> None:
    """Neither another customer's, nor what is nobody's, nor the reading; it cannot have an account read."""
    given = filed()
    given.customer = "blue"
    await bring(reader, given)
    (task,) = await detect(reader)
    found = await read(reader, FiledSubject(licence_number="京ICP备2026000109号", title="乙公司"))
    mine = next(d for d in found if d.subject)
    red, blue = reader.limited("red"), reader.limited("blue")
    assert await drifts(reader, red) == []
    assert await drifts(reader, blue) == [mine]
    for call in (
        apply(reader, mine, caller=red),
        reader.app.drifts.get_drift(red, pb.GetDriftRequest(name=mine.name)),
        reader.app.tasks.get_task(blue, task_service_pb2.GetTaskRequest(name=task.name)),
    ):
        with pytest.raises(BeianhubError) as caught:
            await call
        assert caught.value.kind is ErrorKind.NOT_FOUND
    with pytest.raises(BeianhubError) as caught:
        await reader.app.drifts.detect_drift(blue, pb.DetectDriftRequest(parent=PARENT))
    assert reason(caught) == "FOREIGN_CUSTOMER"
    assert (await apply(reader, mine, caller=blue)).services[0].state == res.SERVICE_STATE_NO_ACCESS


async def test_a_domain_that_another_customer_has_is_not_taken_over(reader: Any) -> None:
    """One service of the tenant has a domain; a limited key learns that it is taken, and not by whom."""
    given = filed()
    given.customer = "blue"
    await bring(reader, given)
    await reader.subject(1, customer="red")
    found = await read(reader, copy(domains=["shop0.com", "shop1.com"]))
    with pytest.raises(BeianhubError) as caught:
        await apply(reader, next(d for d in found if d.subject == SUBJECT), caller=reader.limited("blue"))
    assert reason(caught) == "DOMAIN_EXISTS"
    assert "subject" not in caught.value.metadata


async def test_an_erased_subject_holds_up_no_reading(reader: Any) -> None:
    """Its masks tell no difference; its numbers and accesses are still compared."""
    await bring(reader, filed())
    await reader.app.core.vault.erase("acme", "s0")
    (drift,) = await read(reader, copy(title="示例新商店"))
    assert [d.path for d in drift.differences] == ["service.title"]

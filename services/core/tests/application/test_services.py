"""Subjects, orders, documents, keys, timers, callbacks and the audit over a real store and vault."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from typing import Any

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1 import (
    admin_service_pb2,
    document_service_pb2,
    order_service_pb2,
    subject_service_pb2,
)
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.application import Caller
from beianhub_core.domain import projection
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import ID_NUMBER, PARENT, PERSON, enterprise, reason


def update(
    subject: res.Subject, *paths: str, etag: str = "", **request: str
) -> subject_service_pb2.UpdateSubjectRequest:
    made = subject_service_pb2.UpdateSubjectRequest(subject=subject, **request)
    made.subject.etag = etag
    made.update_mask.paths.extend(paths)
    return made


async def upload(desk: Any, content: bytes = b"scan", request_id: str = "") -> res.Document:
    header = document_service_pb2.UploadHeader(
        parent=f"{PARENT}/subjects/s0", document=res.Document(purpose="BUSINESS_LICENCE"), request_id=request_id
    )
    return await desk.app.documents.upload_document(desk.owner, header, content)


async def test_a_subject_is_kept_masked_and_its_values_in_the_vault(desk: Any) -> None:
    """What a caller reads back has masks, and the values are nowhere in the database in the clear."""
    await desk.subject()
    request = subject_service_pb2.GetSubjectRequest(name=f"{PARENT}/subjects/s0")
    subject = await desk.app.subjects.get_subject(desk.owner, request)
    assert subject.profile.principal.mobile == "138****0001"
    events = await desk.app.store.list_events("acme", "s0", after_version=0, limit=9)
    assert ID_NUMBER not in str(events)


async def test_masks_sent_back_are_refused(desk: Any) -> None:
    """A caller who writes back what he read gets a finding for each mask, and changes nothing."""
    subject = await desk.subject()
    with pytest.raises(BeianhubError) as caught:
        await desk.app.subjects.update_subject(desk.owner, update(subject, "profile"))
    assert {finding.path for finding in caught.value.findings} >= {
        "subject.profile.certificate.number",
        "subject.profile.principal.mobile",
    }


async def test_an_update_replaces_the_version_that_it_read(both_desks: Any) -> None:
    """Of updates at the same moment none is lost, whether or not it names a version."""
    subject = await both_desks.subject()
    one, two = res.Subject(name=subject.name), res.Subject(name=subject.name)
    one.profile.city, two.profile.principal.mobile = "朝阳", "13900000002"
    await asyncio.gather(
        both_desks.app.subjects.update_subject(both_desks.owner, update(one, "profile.city")),
        both_desks.app.subjects.update_subject(both_desks.owner, update(two, "profile.principal.mobile")),
    )
    request = subject_service_pb2.GetSubjectRequest(name=subject.name)
    after = await both_desks.app.subjects.get_subject(both_desks.owner, request)
    assert (after.profile.city, after.profile.principal.mobile) == ("朝阳", "139****0002")
    with pytest.raises(BeianhubError) as caught:
        await both_desks.app.subjects.update_subject(both_desks.owner, update(one, "profile.city", etag=subject.etag))
    assert reason(caught) == "ETAG_MISMATCH"
    assert await both_desks.app.store.vault_entries("acme", [subject.vault_ref]) == {}


async def test_a_repeated_update_gets_its_first_answer(desk: Any) -> None:
    """A request that added a service adds none when it is repeated, and another body with its id is refused."""
    subject = await desk.subject()
    change = res.Subject(name=subject.name)
    service = enterprise(0, "second.com").services[0]
    change.services.append(service)
    request = update(change, "services", request_id=str(uuid.uuid4()))
    first = await desk.app.subjects.update_subject(desk.owner, request)
    assert await desk.app.subjects.update_subject(desk.owner, request) == first
    assert len(first.services) == 2
    request.subject.services[0].title = "另一商店"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.subjects.update_subject(desk.owner, request)
    assert reason(caught) == "REQUEST_ID_REUSED"


async def test_a_filed_subject_can_be_imported_and_updated(desk: Any) -> None:
    """An imported subject keeps the regulator's numbers through an update of its data, whatever the caller sends."""
    given = enterprise()
    given.licence_number = "京ICP备2026000001号"
    given.services[0].licence_number = "京ICP备2026000001号-1"
    given.services[0].accesses.add(provider="sim", account=f"{PARENT}/accounts/main", ips=["8.8.8.8"])
    row = subject_service_pb2.ImportRow(key="2", subject=given, subject_id="s0")
    request = subject_service_pb2.ImportSubjectsRequest(parent=PARENT, rows=[row], request_id=str(uuid.uuid4()))
    (result,) = (await desk.app.subjects.import_subjects(desk.owner, request)).results
    assert not result.findings
    change = res.Subject(name=result.subject.name, licence_number="粤ICP备1号")
    change.profile.city = "朝阳"
    after = await desk.app.subjects.update_subject(desk.owner, update(change, "profile.city"))
    assert after.licence_number == "京ICP备2026000001号"
    assert after.services[0].accesses[0].state == res.ACCESS_STATE_ACTIVE


async def test_an_imports_rows_stand_alone(desk: Any) -> None:
    """A repeated import creates nothing twice; a bad row and an erased subject spoil no good one."""
    rows = [subject_service_pb2.ImportRow(key=str(n), subject=enterprise(n), subject_id=f"s{n}") for n in range(3)]
    rows[1].subject.profile.certificate.number = "91110000600037341X"
    for request_id in ("", str(uuid.uuid4())):
        request = subject_service_pb2.ImportSubjectsRequest(parent=PARENT, rows=rows, request_id=request_id)
        results = (await desk.app.subjects.import_subjects(desk.owner, request)).results
        assert [bool(result.findings) for result in results] == [False, True, False]
    await desk.app.core.vault.erase("acme", "s2")
    request = subject_service_pb2.ImportSubjectsRequest(parent=PARENT, rows=rows)
    results = (await desk.app.subjects.import_subjects(desk.owner, request)).results
    assert [(bool(result.findings), result.unchanged) for result in results] == [
        (False, True),
        (True, False),
        (True, False),
    ]


async def test_a_limited_key_stays_within_its_customer(desk: Any) -> None:
    """It reads, lists and makes its own customer's subjects only, and errors name no other's."""
    await desk.subject(0, customer="blue")
    red = desk.limited("red")
    name = f"{PARENT}/subjects/s0"
    calls = [
        desk.app.subjects.get_subject(red, subject_service_pb2.GetSubjectRequest(name=name)),
        desk.app.subjects.list_events(red, subject_service_pb2.ListEventsRequest(parent=name)),
        desk.app.subjects.update_subject(red, update(res.Subject(name=name), "profile.city")),
        desk.app.documents.list_documents(red, document_service_pb2.ListDocumentsRequest(parent=name)),
    ]
    for call in calls:
        with pytest.raises(BeianhubError) as caught:
            await call
        assert caught.value.kind is ErrorKind.NOT_FOUND
    listed = await desk.app.subjects.list_subjects(red, subject_service_pb2.ListSubjectsRequest(parent=PARENT))
    assert not listed.subjects
    create = subject_service_pb2.CreateSubjectRequest(parent=PARENT, subject=enterprise(0, "other.com"))
    with pytest.raises(BeianhubError) as caught:
        await desk.app.subjects.create_subject(red, create)
    assert reason(caught) == "SUBJECT_EXISTS"
    assert "subject" not in caught.value.metadata
    key = admin_service_pb2.ApiKey(role=admin_service_pb2.ROLE_OWNER)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.admin.create_api_key(red, admin_service_pb2.CreateApiKeyRequest(parent=PARENT, api_key=key))
    assert reason(caught) == "FOREIGN_CUSTOMER"


@pytest.mark.parametrize("role", [0, 99])
async def test_a_key_has_a_known_role(desk: Any, role: Any) -> None:
    """A key without a role, or with one that this version does not know, is refused and not made."""
    request = admin_service_pb2.CreateApiKeyRequest(parent=PARENT, api_key=admin_service_pb2.ApiKey(role=role))
    with pytest.raises(BeianhubError) as caught:
        await desk.app.admin.create_api_key(desk.owner, request)
    assert reason(caught) == "ROLE_REQUIRED"


async def test_every_tenant_is_a_world_of_its_own(desk: Any) -> None:
    """A key of another tenant, or the name "-", gets nowhere."""
    stranger = Caller(tenant="other", role=admin_service_pb2.ROLE_OWNER)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.orders.list_orders(stranger, order_service_pb2.ListOrdersRequest(parent=PARENT))
    assert reason(caught) == "FOREIGN_TENANT"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.orders.list_orders(desk.owner, order_service_pb2.ListOrdersRequest(parent="tenants/-"))
    assert reason(caught) == "MALFORMED_NAME"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.admin.create_tenant("-", "")
    assert reason(caught) == "MALFORMED_NAME"


async def test_an_orders_id_is_the_tenants(desk: Any) -> None:
    """Two subjects cannot have orders of one name, and a repeated request gets the first answer."""
    first, second = await desk.subject(0), await desk.subject(1)
    await desk.draft(first, order_id="o1")
    for subject in (first, second):
        with pytest.raises(BeianhubError) as caught:
            await desk.draft(subject, order_id="o1")
        assert reason(caught) == "ORDER_EXISTS"


async def test_orders_answer_page_by_page(desk: Any) -> None:
    """Pages follow each other without gaps; a token of another query is refused."""
    subject = await desk.subject()
    made = [await desk.draft(subject) for _ in range(5)]
    request = order_service_pb2.ListOrdersRequest(parent=PARENT, page_size=2)
    seen: list[str] = []
    while True:
        page = await desk.app.orders.list_orders(desk.owner, request)
        seen += [order.name for order in page.orders]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert seen == made
    request.provider = "sim"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.orders.list_orders(desk.owner, request)
    assert reason(caught) == "PAGE_TOKEN_MISMATCH"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"states": [99]}, "ORDER_STATE_UNKNOWN"),
        ({"states": [0]}, "ORDER_STATE_UNKNOWN"),
        ({"provider": "x"}, "UNKNOWN_PROVIDER"),
    ],
)
async def test_a_filter_that_nothing_can_match_is_refused(desk: Any, filters: dict[str, Any], expected: str) -> None:
    """A mistyped state or provider is said, since an empty page would read as good news."""
    with pytest.raises(BeianhubError) as caught:
        await desk.app.orders.list_orders(desk.owner, order_service_pb2.ListOrdersRequest(parent=PARENT, **filters))
    assert reason(caught) == expected


async def test_one_of_many_submissions_at_once_is_taken(both_desks: Any) -> None:
    """Orders of one subject that are submitted at the same moment: one is under way, the others are refused."""
    subject = await both_desks.subject()
    drafts = [await both_desks.draft(subject) for _ in range(4)]
    requests = [order_service_pb2.SubmitOrderRequest(name=name) for name in drafts]
    batch = order_service_pb2.BatchSubmitOrdersRequest(parent=PARENT, requests=requests)
    answer = await both_desks.app.orders.batch_submit_orders(both_desks.owner, batch)
    assert sorted(result.code for result in answer.results) == [0, 9, 9, 9]


async def test_documents_belong_to_their_subject(desk: Any) -> None:
    """An order refers to its subject's documents only; one in use is not deleted; deleting can be repeated."""
    subject = await desk.subject()
    document = await upload(desk)
    for wrong in (f"{PARENT}/subjects/s1/documents/d", f"{PARENT}/subjects/s0/documents/none"):
        with pytest.raises(BeianhubError) as caught:
            await desk.draft(subject, documents=[wrong])
        assert caught.value.kind is ErrorKind.NOT_FOUND
    order = await desk.submitted(subject, documents=[document.name])
    (assignment,) = await desk.claim()
    assert [one.sha256 for one in assignment.documents] == [document.sha256]
    delete = document_service_pb2.DeleteDocumentRequest(name=document.name, request_id=str(uuid.uuid4()))
    with pytest.raises(BeianhubError) as caught:
        await desk.app.documents.delete_document(desk.owner, delete)
    assert reason(caught) == "DOCUMENT_IN_USE"
    await desk.app.orders.withdraw_order(desk.owner, order_service_pb2.WithdrawOrderRequest(name=order))
    for _ in range(2):
        await desk.app.documents.delete_document(desk.owner, delete)


async def test_an_uploads_content_belongs_to_its_request(desk: Any) -> None:
    """The same request gives the same document; other content under its id is refused."""
    await desk.subject()
    request_id = str(uuid.uuid4())
    assert await upload(desk, request_id=request_id) == await upload(desk, request_id=request_id)
    with pytest.raises(BeianhubError) as caught:
        await upload(desk, b"another scan", request_id)
    assert reason(caught) == "REQUEST_ID_REUSED"


async def test_timers_fire_though_one_fails(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer that fails stays due, and all others have their effect."""
    names_ = [await desk.draft(await desk.subject(number)) for number in range(3)]
    desk.clock.forward(days=46)
    run, first = desk.app.core.run, names.last(names_[0])

    async def failing(*args: Any, **options: Any) -> Any:
        if options["causation"].startswith(first):
            raise RuntimeError("a defect")
        return await run(*args, **options)

    monkeypatch.setattr(type(desk.app.core), "run", lambda _self, *args, **options: failing(*args, **options))
    with pytest.raises(RuntimeError):
        await desk.app.timers.fire_due()
    monkeypatch.undo()
    states = [(await desk.order(name)).state for name in names_]
    assert states == [res.ORDER_STATE_DRAFT, res.ORDER_STATE_EXPIRED, res.ORDER_STATE_EXPIRED]
    await desk.app.timers.fire_due()
    assert (await desk.order(names_[0])).state == res.ORDER_STATE_EXPIRED
    assert await desk.app.timers.fire_due() == 0


async def test_an_sms_that_lapses_returns_no_order_that_is_polled(desk: Any) -> None:
    """After 24 hours a console order comes back; of a polled one the vendor says what follows, quarantined or not."""
    name = await desk.accepted(await desk.subject())
    sms = res.Verification(kind=res.VERIFICATION_KIND_MIIT_SMS, state=res.VERIFICATION_STATE_WAITING)
    progress = order_service_pb2.ReportProgressRequest(
        name=name, state=res.ORDER_STATE_READY_TO_SUBMIT, provider_status="短信核验", verifications=[sms]
    )
    order = await desk.app.orders.report_progress(desk.owner, progress)
    assert [deadline.kind for deadline in order.deadlines] == ["MIIT_SMS"]
    plugin = (await desk.app.store.plugins())[0]
    plugin.state = plugin.STATE_QUARANTINED
    await desk.app.admin.register_plugins([plugin])
    desk.clock.forward(hours=25)
    await desk.app.timers.fire_due()
    order = await desk.order(name)
    assert order.state == res.ORDER_STATE_READY_TO_SUBMIT
    assert order.verifications[0].state == res.VERIFICATION_STATE_EXPIRED


@pytest.mark.parametrize(
    ("subject", "service", "path"),
    [
        ("<script>", "", "subject_licence_number"),
        ("京ICP备2026000001号", "京ICP备2026000001号", "service_licence_number"),
        ("京ICP备2026000001号", "京ICP备2026000002号-1", "service_licence_number"),
    ],
)
async def test_a_mistyped_licence_number_is_not_taken_over(desk: Any, subject: str, service: str, path: str) -> None:
    """What an operator reports as filed needs numbers that can be ones; a mistyped one changes nothing."""
    name = await desk.accepted(await desk.subject())
    before = await desk.order(name)
    report = order_service_pb2.ReportProgressRequest(
        name=name,
        state=res.ORDER_STATE_FILED,
        subject_licence_number=subject,
        service_licence_number=service,
    )
    with pytest.raises(BeianhubError) as caught:
        await desk.app.orders.report_progress(desk.owner, report)
    assert [finding.path for finding in caught.value.findings] == [path]
    assert await desk.order(name) == before


async def test_an_unreadable_callback_holds_up_no_other(desk: Any) -> None:
    """A callback is kept once, sealed; one whose key is gone is dropped."""
    assert await desk.app.callbacks.receive("acme", "main", {"X-Sign": "s"}, b"one")
    assert not await desk.app.callbacks.receive("acme", "main", {"X-Sign": "s"}, b"one")
    ((callback, body),) = await desk.app.callbacks.pending(10)
    assert (body, dict(callback.headers)) == (b"one", {"x-sign": "s"})
    assert b"one" not in callback.body
    await desk.app.core.vault.erase("acme", "callbacks")
    assert await desk.app.callbacks.pending(10) == []
    assert await desk.app.store.pending_callbacks(10) == []


async def audited(desk: Any) -> list[admin_service_pb2.AuditRecordsResponse]:
    request = admin_service_pb2.AuditRecordsRequest(parent=PARENT)
    return [answer async for answer in desk.app.admin.audit_records(desk.owner, request)]


async def test_the_audit_finds_what_was_tampered_with(desk: Any, application_store_url: str) -> None:
    """A changed record, a record behind its events, a missing event and a misfit one are each found, and named."""
    for number in range(3):
        await desk.draft(await desk.subject(number))
    assert (await audited(desk))[-1].equal
    database = sqlite3.connect(application_store_url.removeprefix("sqlite:///"))
    with database:
        record = Record.FromString(database.execute("SELECT body FROM records WHERE subject = 's0'").fetchone()[0])
        record.subject.customer = "thief"
        change = "UPDATE records SET body = ? WHERE subject = ?"
        database.execute(change, (record.SerializeToString(deterministic=True), "s0"))
        record = Record.FromString(database.execute("SELECT body FROM records WHERE subject = 's1'").fetchone()[0])
        del record.orders[:]
        record.version = 1
        record.subject.etag = "1"
        database.execute(change, (record.SerializeToString(deterministic=True), "s1"))
        database.execute("DELETE FROM events WHERE subject = 's2' AND version = 1")
    database.close()
    *answers, total = await audited(desk)
    assert [answer.difference for answer in answers] == [
        "differs in subject",
        "the event of version 2 is not in the record",
        "no event of version 1",
    ]
    assert (total.equal, total.records, total.unequal) == (False, 3, 3)


async def test_keys_are_shown_once_and_end_when_revoked(desk: Any) -> None:
    """A key's secret authenticates until it is revoked; lists carry no secret."""
    key = admin_service_pb2.ApiKey(role=admin_service_pb2.ROLE_VIEWER, customer="red")
    made = await desk.app.admin.create_api_key(
        desk.owner, admin_service_pb2.CreateApiKeyRequest(parent=PARENT, api_key=key)
    )
    caller = await desk.app.admin.authenticate(made.secret)
    assert (caller.tenant, caller.role, caller.customer) == ("acme", admin_service_pb2.ROLE_VIEWER, "red")
    listed = await desk.app.admin.list_api_keys(desk.owner, admin_service_pb2.ListApiKeysRequest(parent=PARENT))
    assert made.secret not in str(listed)
    await desk.app.admin.revoke_api_key(desk.owner, admin_service_pb2.RevokeApiKeyRequest(name=made.api_key.name))
    for secret in (made.secret, "", "bh_wrong"):
        with pytest.raises(BeianhubError) as caught:
            await desk.app.admin.authenticate(secret)
        assert caught.value.kind is ErrorKind.UNAUTHENTICATED


async def test_an_accounts_request_can_be_repeated(desk: Any) -> None:
    """The same request gives the same account; an unknown provider is named with the known ones."""
    account = res.Account(provider="sim")
    request = admin_service_pb2.CreateAccountRequest(parent=PARENT, account=account, request_id=str(uuid.uuid4()))
    first = await desk.app.admin.create_account(desk.owner, request)
    assert await desk.app.admin.create_account(desk.owner, request) == first
    request.account.provider = "nobody"
    with pytest.raises(BeianhubError) as caught:
        await desk.app.admin.create_account(desk.owner, request)
    assert (reason(caught), caught.value.metadata) == ("UNKNOWN_PROVIDER", {"known": "sim"})


async def test_no_record_holds_a_value(desk: Any) -> None:
    """After a whole story no record, event or timer has an ID number or a phone of the people in it."""
    name = await desk.accepted(await desk.subject())
    record = await desk.app.store.record("acme", "s0")
    assert find(record, name)
    text = str(record) + str(await desk.app.store.list_events("acme", "s0", after_version=0, limit=100))
    assert not [value for value in (ID_NUMBER, PERSON["mobile"], PERSON["email"]) if value in text]
    assert not [key for key in projection.timers(record) if not key.endswith("/FIRST_REVIEW")]


def find(record: Record, name: str) -> bool:
    return name in {order.name for order in record.orders}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"endpoint": "file:///etc/passwd"}, "ENDPOINT_INVALID"),
        ({"endpoint": ""}, "ENDPOINT_INVALID"),
        ({"credential": ""}, "CREDENTIAL_REQUIRED"),
        ({"max_concurrency": -5}, "MAX_CONCURRENCY_NEGATIVE"),
    ],
)
async def test_an_account_that_could_never_work_is_refused(desk: Any, change: dict[str, Any], expected: str) -> None:
    """An account over the API has an address, a credential and a limit that can be."""
    given = {"endpoint": "http://127.0.0.1:9/", "credential": "c", "max_concurrency": 0} | change
    account = res.Account(provider="sim", submission_channel=res.CHANNEL_API, **given)
    request = admin_service_pb2.CreateAccountRequest(parent=PARENT, account=account, account_id="never")
    with pytest.raises(BeianhubError) as caught:
        await desk.app.admin.create_account(desk.owner, request)
    assert reason(caught) == expected


async def test_a_report_of_no_state_is_refused(desk: Any) -> None:
    """Progress names a state that an order can have at a provider."""
    for state in (res.ORDER_STATE_UNSPECIFIED, res.ORDER_STATE_DRAFT, 77):
        request = order_service_pb2.ReportProgressRequest(name=f"{PARENT}/orders/any", state=state)
        with pytest.raises(BeianhubError) as caught:
            await desk.app.orders.report_progress(desk.owner, request)
        assert reason(caught) == "PROGRESS_STATE_INVALID"


async def test_an_order_has_a_bounded_number_of_addresses(desk: Any) -> None:
    """An order names no more addresses than a site has, and each of them once."""
    subject = await desk.subject()
    with pytest.raises(BeianhubError) as caught:
        await desk.draft(subject, ips=["203.0.113.7"] * 65)
    assert reason(caught) == "TOO_MANY_IPS"
    name = await desk.draft(subject, ips=["8.8.8.8", "8.8.4.4", "8.8.8.8"])
    assert list((await desk.order(name)).ips) == ["8.8.8.8", "8.8.4.4"]

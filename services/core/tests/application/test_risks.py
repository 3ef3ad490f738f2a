"""Risks, notices and patrols through the application, on both stores."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import finding

from .conftest import PARENT, PERSON, Desk, enterprise, provider, reason

DAY = timedelta(days=1)


def footer() -> Plugin:
    """A verifier that patrols daily."""
    return Plugin(
        name="plugins/footer",
        kind=Plugin.KIND_VERIFIER,
        state=Plugin.STATE_READY,
        verification=res.VERIFICATION_KIND_FOOTER,
        patrol_interval_seconds=DAY.total_seconds(),
    )


async def filed(desk: Desk, number: int = 0, *, customer: str = "", access: str = "sim", account: str = "main") -> str:
    """A filed subject with one website, which has the access where one is named."""
    given = enterprise(number)
    given.customer = customer
    given.licence_number = f"京ICP备202600000{number}号"
    given.services[0].licence_number = f"{given.licence_number}-1"
    given.services[0].name = "www"
    if access:
        name = f"{PARENT}/accounts/{account}" if account else ""
        given.services[0].accesses.add(provider=access, account=name, ips=["8.8.8.8"])
    request = pb.CreateSubjectRequest(parent=PARENT, subject=given, subject_id=f"s{number}")
    return (await desk.app.subjects.create_subject(desk.owner, request)).name


async def risks(desk: Desk, **fields: object) -> list[res.Risk]:
    """All pages of the listing, of two each."""
    found: list[res.Risk] = []
    request = pb.ListRisksRequest(parent=PARENT, page_size=2, **fields)
    while True:
        page = await desk.app.risks.list_risks(desk.owner, request)
        assert len(page.risks) <= 2
        found += page.risks
        request.page_token = page.next_page_token
        if not page.next_page_token:
            return found


def brief(found: list[res.Risk]) -> list[tuple[str, str]]:
    return [(risk.name.split("/")[3], res.RiskKind.Name(risk.kind).removeprefix("RISK_KIND_")) for risk in found]


async def report(desk: Desk, subject: str, kind: res.NoticeKind.ValueType, **fields: str) -> res.Notice:
    request = pb.ReportNoticeRequest(parent=subject, notice=res.Notice(kind=kind, **fields))
    return await desk.app.risks.report_notice(desk.owner, request)


async def test_risks_are_listed_by_every_filter(both_desks: Desk) -> None:
    """The listing pages through rows that follow the records, narrowed by subject, kind, severity and customer."""
    desk = both_desks
    await filed(desk, 0, customer="x", access="")
    two = await filed(desk, 1, customer="y")
    await report(desk, two, res.NOTICE_KIND_CONTENT, due_date="2020-01-01")
    await report(desk, two, res.NOTICE_KIND_CONTACT, due_date="2099-01-01")
    assert brief(await risks(desk)) == [
        ("s0", "SERVICE_WITHOUT_ACCESS"),
        ("s1", "NOTICE_DUE"),
        ("s1", "CHANGE_NOTICE_UNANSWERED"),
    ]
    assert brief(await risks(desk, subject=two, kinds=[res.RISK_KIND_NOTICE_DUE])) == [("s1", "NOTICE_DUE")]
    assert brief(await risks(desk, severity=res.SEVERITY_BLOCKER)) == [("s1", "NOTICE_DUE")]
    assert brief(await risks(desk, customer="x")) == [("s0", "SERVICE_WITHOUT_ACCESS")]
    limited = await desk.app.risks.list_risks(desk.limited("x"), pb.ListRisksRequest(parent=PARENT))
    assert brief(list(limited.risks)) == [("s0", "SERVICE_WITHOUT_ACCESS")]
    with pytest.raises(BeianhubError) as refused:
        await desk.app.risks.list_risks(desk.limited("x"), pb.ListRisksRequest(parent=PARENT, customer="y"))
    assert reason(refused) == "FOREIGN_CUSTOMER"


async def test_a_row_goes_with_its_risk(both_desks: Desk) -> None:
    """A risk that is cleared is listed no more, and one that weighs otherwise is listed as it now is, once."""
    desk = both_desks
    subject = await filed(desk)
    notice = await report(desk, subject, res.NOTICE_KIND_CONTENT, due_date="2099-01-01")
    await report(desk, subject, res.NOTICE_KIND_CONTENT, due_date="2020-01-01")
    (risk,) = await risks(desk)
    assert (risk.due_date, risk.finding.severity, risk.notice) == ("2020-01-01", res.SEVERITY_BLOCKER, notice.name)
    resolved = await desk.app.risks.resolve_notice(desk.owner, pb.ResolveNoticeRequest(name=notice.name))
    assert resolved.due_date == "2020-01-01"
    assert await risks(desk) == []


async def test_a_notice_is_reported_once(desk: Desk) -> None:
    """A repeated request is one notice, and so is the same notice in another request; foreign customers see none."""
    subject = await filed(desk, customer="x")
    request = pb.ReportNoticeRequest(parent=subject, request_id=str(uuid.uuid4()))
    request.notice.kind = res.NOTICE_KIND_FOOTER_LINK
    request.notice.reference = "ZG-2026-1"
    first = await desk.app.risks.report_notice(desk.owner, request)
    assert await desk.app.risks.report_notice(desk.owner, request) == first
    assert await report(desk, subject, res.NOTICE_KIND_FOOTER_LINK, reference="ZG-2026-1") == first
    with pytest.raises(BeianhubError) as refused:
        await desk.app.risks.resolve_notice(desk.limited("y"), pb.ResolveNoticeRequest(name=first.name))
    assert refused.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": 0}, "NOTICE_KIND_REQUIRED"),
        ({"due_date": "2026-2-1"}, "DATE_INVALID"),
        ({"reference": f"找张三丰 {PERSON['mobile']}"}, "LOOKS_PERSONAL"),
        ({"reference": "x" * 101}, "LOOKS_PERSONAL"),
        ({"service": f"{PARENT}/subjects/other/services/www"}, "FOREIGN_SERVICE"),
        ({"service": f"{PARENT}/subjects/s0/services/gone"}, "SERVICE_NOT_FOUND"),
    ],
)
async def test_a_notice_with_a_mistake_is_refused(desk: Desk, fields: dict[str, object], why: str) -> None:
    """Each mistake is named, and what looks like personal data gets on no record."""
    subject = await filed(desk)
    given = {"kind": res.NOTICE_KIND_CONTENT} | fields
    with pytest.raises(BeianhubError) as refused:
        await report(desk, subject, **given)  # type: ignore[arg-type]  # mistakes on purpose
    assert reason(refused) == why
    assert PERSON["mobile"] not in str(refused.value.findings)


async def test_a_patrol_goes_by_claim_and_report(both_desks: Desk) -> None:
    """The scheduler's look opens a standing task; what is seen becomes a risk; what is seen again appends nothing."""
    desk = both_desks
    await desk.app.admin.register_plugins([provider("sim"), footer()])
    await filed(desk)
    assert await desk.app.risks.look(lambda _: True) == 1
    assert await desk.app.risks.look(lambda _: True) == 0
    assert await desk.claim("footer") == []  # its first look is spread over the interval
    for round_ in range(3):
        desk.clock.forward(days=1)
        (assignment,) = await desk.claim("footer")
        assert assignment.service.domains == ["shop0.com"]
        assert not assignment.HasField("order")
        assert PERSON["full_name"] not in str(assignment)
        wrong = finding(res.SEVERITY_WARNING, "FOOTER_NUMBER_WRONG", "service.domains[0]", "错误", "wrong", "Mend it.")
        await desk.report(assignment.task, observed=task_pb2.TaskOutcome.Observed(findings=[wrong]))
        events = await desk.app.store.list_events("acme", "s0", after_version=0, limit=100)
        kinds = [event.WhichOneof("payload") for event in events]
        assert kinds == ["subject_created", "task_opened", "observation_changed", "risk_raised"], round_
    assert brief(await risks(desk)) == [("s0", "FOOTER_WRONG")]
    task = await desk.task(assignment.task.name)
    assert task.seen_time.ToDatetime(desk.clock.now().tzinfo) == desk.clock.now()
    assert await desk.app.store.observed("acme", task.name.rpartition("/")[2]) == ("OBSERVED", desk.clock.now())


async def test_a_verifier_that_begins_to_patrol_looks_at_all_records(both_desks: Desk) -> None:
    """Records that were looked at before are looked at again when a plugin that patrols is first seen, and not when it
    is seen again.
    """
    desk = both_desks
    await filed(desk)
    assert await desk.app.risks.look(lambda _: True) == 1
    desk.clock.forward(seconds=5)
    await desk.app.admin.register_plugins([provider("sim"), footer()])
    assert await desk.app.risks.look(lambda _: True) == 1
    await desk.app.admin.register_plugins([provider("sim"), footer()])
    assert await desk.app.risks.look(lambda _: True) == 0
    desk.clock.forward(days=1)
    assert len(await desk.claim("footer")) == 1


async def test_a_stale_report_of_a_patrol_changes_nothing(desk: Desk) -> None:
    """A host that lost its claim neither moves the row nor tells what it saw; the next claim does."""
    await desk.app.admin.register_plugins([provider("sim"), footer()])
    await filed(desk)
    await desk.app.risks.look(lambda _: True)
    desk.clock.forward(days=1)
    (first,) = await desk.claim("footer", lease=10)
    desk.clock.forward(seconds=11)
    (second,) = await desk.claim("footer")
    assert second.task.name == first.task.name
    wrong = finding(res.SEVERITY_WARNING, "FOOTER_NUMBER_WRONG", "service.domains[0]", "错误", "wrong", "Mend it.")
    seen = task_pb2.TaskOutcome.Observed(findings=[wrong])
    assert (await desk.report(first.task, observed=seen)).stale
    assert await risks(desk) == []
    assert not (await desk.report(second.task, observed=seen)).stale
    assert brief(await risks(desk)) == [("s0", "FOOTER_WRONG")]


async def test_nobody_is_visited_for_a_rehearsal(desk: Desk) -> None:
    """A site of an account that may not visit, of an access that names no account where one of its provider's may not,
    or without an access, has no patrol.
    """
    await desk.app.admin.register_plugins([provider("sim"), footer()])
    await filed(desk, 0, account="main")
    await filed(desk, 1, account="")
    await filed(desk, 2, access="")
    assert await desk.app.risks.look(lambda account: account.name.endswith("hand")) == 3
    desk.clock.forward(days=1)
    assert await desk.claim("footer") == []
    await desk.app.risks.look(lambda _: True)
    desk.clock.forward(days=1)
    assert {one.subject.name.rpartition("/")[2] for one in await desk.claim("footer")} == {"s0", "s1"}


async def test_the_days_alone_raise_a_risk(both_desks: Desk) -> None:
    """A certificate that comes within three months of its end is found by the scheduler's look, on its very day."""
    desk = both_desks
    given = enterprise()
    given.licence_number = "京ICP备2026000001号"
    given.services[0].licence_number = f"{given.licence_number}-1"
    given.services[0].accesses.add(provider="sim", account=f"{PARENT}/accounts/main")
    end = (desk.clock.now() + timedelta(days=90, hours=20)).date()
    given.profile.certificate.valid_until = end.isoformat()
    request = pb.CreateSubjectRequest(parent=PARENT, subject=given, subject_id="s0")
    await desk.app.subjects.create_subject(desk.owner, request)
    await desk.app.risks.look(lambda _: True)
    assert await risks(desk) == []
    desk.clock.forward(days=1)
    await desk.app.risks.look(lambda _: True)
    assert brief(await risks(desk)) == [("s0", "CERTIFICATE_EXPIRING")]


async def test_what_is_not_filed_is_not_looked_at_again(desk: Desk) -> None:
    """Only records with a number or a notice are looked at, and a notice has one looked at at once."""
    subject = await desk.subject()
    assert await desk.app.risks.look(lambda _: True) == 0
    notice = await report(desk, subject.name, res.NOTICE_KIND_UNFILED, due_date="2020-01-01")
    assert await desk.app.risks.look(lambda _: True) == 1
    assert brief(await risks(desk)) == [("s0", "NOTICE_DUE")]
    await desk.app.risks.resolve_notice(desk.owner, pb.ResolveNoticeRequest(name=notice.name))
    assert await desk.app.risks.look(lambda _: True) == 1
    desk.clock.forward(days=30)
    assert await desk.app.risks.look(lambda _: True) == 0

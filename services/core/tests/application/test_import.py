"""Imports of what is there already: shown field by field, taken over on demand, and nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.errors import BeianhubError

from .conftest import ID_NUMBER, PARENT, enterprise

NUMBER = "京ICP备2026000001号"


def row(subject: res.Subject, subject_id: str = "s0") -> pb.ImportRow:
    return pb.ImportRow(key=subject_id, subject=subject, subject_id=subject_id)


async def bring(desk: Any, *rows: pb.ImportRow, **how: Any) -> list[pb.ImportResult]:
    request = pb.ImportSubjectsRequest(parent=PARENT, rows=rows, **how)
    return list((await desk.app.subjects.import_subjects(desk.owner, request)).results)


async def versions(desk: Any) -> list[int]:
    events = await desk.app.store.list_events("acme", "s0", after_version=0, limit=9)
    return [event.version for event in events]


def renamed() -> res.Subject:
    """The first enterprise with another city, another person and another site name."""
    given = enterprise()
    given.profile.city = "朝阳"
    given.services[0].title = "示例商店新网站"
    given.services[0].principal.full_name = "李四光"
    return given


async def test_an_import_has_a_thousand_rows_at_most(desk: Any) -> None:
    """More rows are refused as a whole, before any is looked at: their answers would not fit into one message."""
    with pytest.raises(BeianhubError) as refusal:
        await bring(desk, *[row(enterprise())] * 1001)
    assert (refusal.value.reason, refusal.value.findings[0].path) == ("BATCH_TOO_LARGE", "rows")
    assert await desk.app.store.record("acme", "s0") is None


async def test_a_dry_run_says_what_would_be_made_and_makes_nothing(both_desks: Any) -> None:
    """A new row's subject is checked and shown with masks; there is no record, no event and no key of it after."""
    (result,) = await bring(both_desks, row(enterprise()), validate_only=True)
    assert result.subject.profile.principal.mobile == "138****0001"
    assert await both_desks.app.store.record("acme", "s0") is None
    (result,) = await bring(both_desks, row(enterprise()))
    assert result.subject.etag == "1"


async def test_a_dry_run_finds_what_an_import_would_run_into(desk: Any) -> None:
    """A certificate and a domain that another subject has refuse the row, as they would without the flag."""
    await desk.subject()
    twice, taken = enterprise(0, "other.com"), enterprise(1, "shop0.com")
    for how in ({"validate_only": True}, {}):
        first, second = await bring(desk, row(twice, "s8"), row(taken, "s9"), **how)
        assert [f.code for f in first.findings] == ["SUBJECT_EXISTS"]
        assert [f.code for f in second.findings] == ["DOMAIN_EXISTS"]


async def test_a_row_that_differs_is_shown_and_changes_nothing(desk: Any) -> None:
    """Each field comes with both values, masked where personal, and a finding; the record stays as it is."""
    await desk.subject()
    for only in (True, False):
        (result,) = await bring(desk, row(renamed()), validate_only=only)
        assert {(d.path, d.ours, d.theirs) for d in result.differences} == {
            ("subject.profile.city", "北京", "朝阳"),
            ("subject.services[0].title", "示例商店官网", "示例商店新网站"),
            ("subject.services[0].principal.full_name", "张*", "李*"),
        }
        assert [f.code for f in result.findings] == ["DIFFERS"] * 3
        assert not result.HasField("subject")
    assert await versions(desk) == [1]


async def test_a_row_is_taken_over_on_demand(both_desks: Any) -> None:
    """With ``update`` the values and what was filed become the record's; a dry run of it shows that, and does not."""
    await both_desks.subject()
    given = renamed()
    given.licence_number = NUMBER
    given.services[0].licence_number = f"{NUMBER}-1"
    given.services[0].accesses.add(provider="sim", account=f"{PARENT}/accounts/main")
    (foreseen,) = await bring(both_desks, row(given), update=True, validate_only=True)
    assert await versions(both_desks) == [1]
    (result,) = await bring(both_desks, row(given), update=True)
    assert foreseen.differences == result.differences
    assert foreseen.subject.services[0].title == result.subject.services[0].title == "示例商店新网站"
    record = await both_desks.app.store.record("acme", "s0")
    (service,) = record.subject.services
    assert (record.subject.state, service.state) == (res.SUBJECT_STATE_FILED, res.SERVICE_STATE_FILED)
    assert service.accesses[0].state == res.ACCESS_STATE_ACTIVE
    (again,) = await bring(both_desks, row(given), update=True)
    assert again.unchanged
    assert not again.differences


async def test_what_a_row_leaves_empty_stays(desk: Any) -> None:
    """The file of before the filing says nothing of the numbers since, nor of a service that it does not have."""
    given = enterprise()
    given.licence_number, given.services[0].licence_number = NUMBER, f"{NUMBER}-1"
    given.services.add(kind=res.SERVICE_KIND_WEBSITE, title="示例旧站点", domains=["second.com"])
    given.services[1].principal.CopyFrom(given.profile.principal)
    await bring(desk, row(given))
    (result,) = await bring(desk, row(enterprise()), update=True)
    assert result.unchanged
    assert result.subject.services[0].licence_number == f"{NUMBER}-1"


def silent() -> res.Subject:
    """The first enterprise's row, without what resellers leave out."""
    given = enterprise()
    given.profile.principal.certificate.ClearField("type")
    given.services[0].ClearField("principal")
    given.services[0].ClearField("kind")
    return given


async def test_what_is_new_is_completed(desk: Any) -> None:
    """A service is a website, its principal the subject's, and people have resident IDs; a dry run says so too."""
    (foreseen,) = await bring(desk, row(silent()), validate_only=True)
    (made,) = await bring(desk, row(silent()))
    for subject in (foreseen.subject, made.subject):
        (service,) = subject.services
        assert service.kind == res.SERVICE_KIND_WEBSITE
        assert service.principal == subject.profile.principal
        assert service.principal.certificate.type == res.CERTIFICATE_TYPE_RESIDENT_ID


@pytest.mark.parametrize("update", [False, True])
async def test_a_silent_row_says_nothing_of_what_is_there(both_desks: Any, update: bool) -> None:  # noqa: FBT001 - a table's column
    """Another principal of the service and another kind of it stay: a default is for what is new alone."""
    given = enterprise()
    given.services[0].principal.full_name, given.services[0].kind = "李四光", res.SERVICE_KIND_APP
    await bring(both_desks, row(given))
    (result,) = await bring(both_desks, row(silent()), update=update)
    assert (result.unchanged, list(result.differences), list(result.findings)) == (True, [], [])
    (service,) = result.subject.services
    assert (service.principal.full_name, service.kind) == ("李*", res.SERVICE_KIND_APP)


async def test_one_value_of_a_person_leaves_the_others(desk: Any) -> None:
    """A row with the site principal's new phone alone changes the phone alone."""
    given = enterprise()
    given.services[0].principal.full_name = "李四光"
    await bring(desk, row(given))
    changed = silent()
    changed.services[0].principal.mobile = "13900000002"
    (result,) = await bring(desk, row(changed), update=True)
    assert [d.path for d in result.differences] == ["subject.services[0].principal.mobile"]
    assert result.subject.services[0].principal.full_name == "李*"


async def test_a_new_site_of_a_known_subject_is_completed(desk: Any) -> None:
    """Its principal is the subject's, as the record has it."""
    await desk.subject()
    given = silent()
    given.services.add(title="示例旧站点", domains=["second.com"])
    (result,) = await bring(desk, row(given), update=True)
    assert not result.findings
    assert result.subject.services[1].principal == result.subject.profile.principal
    assert result.subject.services[1].kind == res.SERVICE_KIND_WEBSITE


async def test_a_site_that_the_record_lacks_is_a_difference(desk: Any) -> None:
    """It is added with its number when the row is taken over."""
    first = enterprise()
    first.licence_number, first.services[0].licence_number = NUMBER, f"{NUMBER}-1"
    await bring(desk, row(first))
    first.services.add(
        kind=res.SERVICE_KIND_WEBSITE, title="示例旧站点", domains=["second.com"], licence_number=f"{NUMBER}-2"
    ).principal.CopyFrom(first.profile.principal)
    (shown,) = await bring(desk, row(first))
    assert [(d.path, d.ours) for d in shown.differences] == [("subject.services[1]", "")]
    assert f"{NUMBER}-2" in shown.differences[0].theirs
    (result,) = await bring(desk, row(first), update=True)
    assert [s.licence_number for s in result.subject.services] == [f"{NUMBER}-1", f"{NUMBER}-2"]


async def test_no_row_is_taken_over_while_an_order_is_in_flight(desk: Any) -> None:
    """What the order ends in would write over it; the row says so, and the record keeps its version."""
    subject = await desk.subject()
    await desk.submitted(subject)
    before = await versions(desk)
    (result,) = await bring(desk, row(renamed()), update=True)
    assert [f.code for f in result.findings] == ["SUBMISSION_UNDER_WAY"]
    assert await versions(desk) == before


@pytest.mark.parametrize("how", [{}, {"update": True}, {"validate_only": True}])
async def test_a_limited_key_learns_nothing_of_another_customers_subject(desk: Any, how: Any) -> None:
    """A row that names it gets the refusal, and no difference that would tell what it holds."""
    await desk.subject(customer="blue")
    request = pb.ImportSubjectsRequest(parent=PARENT, rows=[row(renamed())], **how)
    (result,) = (await desk.app.subjects.import_subjects(desk.limited("red"), request)).results
    assert not result.differences
    assert [f.code for f in result.findings] == ["SUBJECT_EXISTS"]


async def test_no_value_leaves_in_differences(desk: Any) -> None:
    """Numbers, phones and names of people are compared, and shown as masks."""
    await desk.subject()
    given = enterprise()
    given.profile.principal.mobile = "13900000002"
    given.profile.principal.certificate.number = "110101199003070134"
    (result,) = await bring(desk, row(given))
    shown = str(result)
    assert "13900000002" not in shown
    assert ID_NUMBER not in shown
    assert {d.theirs for d in result.differences if "mobile" in d.path} == {"139****0002"}


def renewing(day: str, **known: bool) -> res.Subject:
    given = enterprise()
    given.services[0].registrations.add(domain="SHOP0.com", expires_on=day, **known)
    return given


async def test_a_domain_s_last_day_is_compared_and_taken_over(both_desks: Any) -> None:
    """A row that has none leaves it; one that has another shows both, and with ``update`` it is due by the new day."""
    desk = both_desks
    await bring(desk, row(renewing("2099-03-01", real_name_verified=True)))
    (silent,) = await bring(desk, row(enterprise()), update=True)
    assert silent.unchanged
    (shown,) = await bring(desk, row(renewing("2099-05-01", holder_matches=False)))
    assert {(d.path, d.ours, d.theirs) for d in shown.differences} == {
        ("subject.services[0].registrations[0].expires_on", "2099-03-01", "2099-05-01"),
        ("subject.services[0].registrations[0].holder_matches", "", "false"),
    }
    (taken,) = await bring(desk, row(renewing("2099-05-01", holder_matches=False)), update=True)
    (registration,) = taken.subject.services[0].registrations
    assert registration == res.DomainRegistration(
        domain="shop0.com", expires_on="2099-05-01", holder_matches=False, real_name_verified=True
    )
    found = await desk.app.deadlines.list_deadlines(desk.owner, pb.ListDeadlinesRequest(parent=PARENT))
    assert [each.deadline.time.ToJsonString() for each in found.deadlines] == ["2099-05-01T16:00:00Z"]

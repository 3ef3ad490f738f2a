"""Deadlines across the portfolio: listed, fired once whatever happens, counted again by a newer calendar."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.rulebook.calendar_file import read_calendar
from beianhub_core.rulebook.workdays import CHINA

from .conftest import enterprise

PARENT = "tenants/acme"


async def listed(desk: Any, caller: Any = None, **filters: Any) -> pb.ListDeadlinesResponse:
    request = pb.ListDeadlinesRequest(parent=PARENT, **filters)
    return await desk.app.deadlines.list_deadlines(caller or desk.owner, request)


async def kinds(desk: Any, caller: Any = None, **filters: Any) -> list[str]:
    return [each.deadline.kind for each in (await listed(desk, caller, **filters)).deadlines]


async def events(desk: Any, subject: str) -> list[str]:
    found = await desk.app.store.list_events("acme", subject, after_version=0, limit=100)
    return [str(event.WhichOneof("payload")) for event in found]


async def test_an_operator_sees_what_is_due(both_desks: Any) -> None:
    """Deadlines of subjects and orders by time and page by page; each says whose it is."""
    desk = both_desks
    order = await desk.accepted(await desk.subject(0, customer="blue"))
    draft = await desk.draft(await desk.subject(1, customer="red"))
    whole = (await listed(desk)).deadlines
    assert [(each.order, each.deadline.kind) for each in whole] == [(order, "FIRST_REVIEW"), (draft, "IDLE")]
    assert whole[0].subject == f"{PARENT}/subjects/s0"
    paged, token = [], ""
    for _ in whole:
        page = await listed(desk, page_size=1, page_token=token)
        paged += page.deadlines
        token = page.next_page_token
    assert paged == list(whole)
    assert not (await listed(desk, page_size=1, page_token=token)).deadlines

    before = res.Deadline(time=whole[1].deadline.time).time
    assert await kinds(desk, before=before) == ["FIRST_REVIEW"]
    assert await kinds(desk, customer="red") == ["IDLE"]
    assert await kinds(desk, subject=f"{PARENT}/subjects/s0") == ["FIRST_REVIEW"]
    assert await kinds(desk, desk.limited("red")) == ["IDLE"]


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"subject": f"{PARENT}/subjects/s0"}, "SUBJECT_NOT_FOUND"),
        ({"customer": "blue"}, "FOREIGN_CUSTOMER"),
        ({"page_token": "x"}, "PAGE_TOKEN_MISMATCH"),
        ({"page_size": -1}, "NEGATIVE_PAGE_SIZE"),
    ],
)
async def test_what_the_caller_may_not_see_is_refused(desk: Any, filters: dict[str, Any], reason: str) -> None:
    """A filter that names another customer's subject, or nobody's, is an error and no empty page."""
    await desk.subject(0, customer="blue")
    with pytest.raises(BeianhubError) as caught:
        await listed(desk, desk.limited("red"), **filters)
    assert caught.value.reason == reason


async def test_a_calendar_s_file_makes_deadlines_definite(both_desks: Any, tmp_path: Path) -> None:
    """Past the library's last year a deadline is provisional; once a file has the year it is counted by that."""
    desk = both_desks
    desk.clock.forward(days=304)  # 31 December 2026
    order = await desk.accepted(await desk.subject())
    assert await ends(desk, order) == (True, "2027-01-04T16:00:00Z")
    file = tmp_path / "calendar.yaml"
    file.write_text("source: 虚构\nyears: [{year: 2027, holidays: [2027-01-01]}]", "utf-8")
    desk.app.core.calendar = read_calendar(file)
    assert await desk.app.deadlines.recount() == 1
    assert await ends(desk, order) == (False, "2027-01-05T16:00:00Z")
    assert await desk.app.deadlines.recount() == 0


async def ends(desk: Any, order: str) -> tuple[bool, str]:
    """Whether the order's only deadline is provisional, and when it passes."""
    (found,) = (await desk.order(order)).deadlines
    return found.provisional, found.time.ToJsonString()


async def expiring(desk: Any, number: int = 0, customer: str = "") -> str:
    """The name of the deadline of a certificate that ends some day."""
    subject = enterprise(number)
    subject.profile.principal.certificate.valid_until = "2099-03-02"
    subject.customer = customer
    request = pb.CreateSubjectRequest(parent=PARENT, subject=subject, subject_id=f"s{number}")
    await desk.app.subjects.create_subject(desk.owner, request)
    (found,) = (await listed(desk, subject=f"{PARENT}/subjects/s{number}")).deadlines
    return str(found.name)


async def test_a_deadline_that_is_met_is_listed_no_more(both_desks: Any) -> None:
    """The answer says that it is done, a repeated request the same; the history has who, and what was done."""
    desk = both_desks
    name = await expiring(desk)
    request = pb.CompleteDeadlineRequest(name=name, note="已换证", request_id=str(uuid.uuid4()))
    done = await desk.app.deadlines.complete_deadline(desk.owner, request)
    assert (done.name, done.subject, done.deadline.kind) == (name, f"{PARENT}/subjects/s0", "CERTIFICATE")
    assert done.deadline.state == res.DEADLINE_STATE_DONE
    assert await kinds(desk) == []
    assert await desk.app.deadlines.complete_deadline(desk.owner, request) == done
    request.ClearField("request_id")
    assert await desk.app.deadlines.complete_deadline(desk.owner, request) == done
    assert (await events(desk, "s0")).count("deadline_completed") == 1
    told = (await desk.app.store.list_events("acme", "s0", after_version=0, limit=100))[-1]
    assert (told.actor, told.deadline_completed.note) == (desk.owner.actor, "已换证")


@pytest.mark.parametrize(
    ("id_", "note", "why"),
    [
        ("police-filing", "", "DEADLINE_NOT_FOUND"),
        ("", "", "MALFORMED_NAME"),
        ("police-filing", "机主 13800000001", "LOOKS_PERSONAL"),
        ("police-filing", "长" * 101, "LOOKS_PERSONAL"),
    ],
)
async def test_a_deadline_that_cannot_be_completed_is_refused(desk: Any, id_: str, note: str, why: str) -> None:
    """One that is not there, a name that is none, and a note that tells of a person."""
    await desk.subject(0)
    with pytest.raises(BeianhubError) as caught:
        await desk.app.deadlines.complete_deadline(
            desk.owner, pb.CompleteDeadlineRequest(name=f"{PARENT}/subjects/s0/deadlines/{id_}", note=note)
        )
    assert caught.value.reason == why


async def test_another_customer_s_deadline_is_not_there(desk: Any) -> None:
    """A key limited to one customer completes nothing of another's."""
    name = await expiring(desk, customer="blue")
    with pytest.raises(BeianhubError) as caught:
        await desk.app.deadlines.complete_deadline(desk.limited("red"), pb.CompleteDeadlineRequest(name=name))
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("committed", [0, 1], ids=["before the commit", "after it"])
async def test_a_deadline_is_told_once_whatever_fails(
    both_desks: Any, monkeypatch: pytest.MonkeyPatch, committed: int
) -> None:
    """Broken off before the commit the timer is due again; after it, it is gone: told once, and never lost."""
    desk = both_desks
    await desk.accepted(await desk.subject())
    desk.clock.forward(days=4)
    execute = desk.app.store.execute

    async def broken_off(unit: Any) -> None:
        if committed:
            await execute(unit)
        raise RuntimeError("broken off")

    with monkeypatch.context() as patch:
        patch.setattr(desk.app.store, "execute", broken_off)
        with pytest.raises(RuntimeError, match="broken off"):
            await desk.app.timers.fire_due()
    assert (await events(desk, "s0")).count("deadline_passed") == committed
    assert await desk.app.timers.fire_due() == 1 - committed
    assert await desk.app.timers.fire_due() == 0
    assert (await events(desk, "s0")).count("deadline_passed") == 1
    (told,) = (await listed(desk)).deadlines
    assert told.deadline.state == res.DEADLINE_STATE_PASSED


async def test_a_newer_calendar_moves_every_provisional_deadline(both_desks: Any) -> None:
    """Across subjects, once; the second time nothing is left to count."""
    desk = both_desks
    desk.app.core.calendar = replace(CHINA, version="bare", last_year=2000, holidays=frozenset(), workdays=frozenset())
    desk.clock.forward(days=212)  # Wednesday, 30 September
    orders = [await desk.accepted(await desk.subject(number), f"V-{number}") for number in range(2)]
    assert {each.deadline.provisional for each in (await listed(desk)).deadlines} == {True}
    assert await desk.app.deadlines.recount() == 0
    desk.app.core.calendar = CHINA
    assert await desk.app.deadlines.recount() == 2
    assert await desk.app.deadlines.recount() == 0
    for order in orders:
        (found,) = (await desk.order(order)).deadlines
        assert not found.provisional
        assert found.time.ToDatetime(UTC) - desk.clock.now() > timedelta(days=8)

"""From a plan's steps to drafts: where each is filed, with which addresses and values, and what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application.planned import Planned, check_target, planned
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.planner.answer import Step, StepKind

SUBJECT = "tenants/acme/subjects/s1"
SERVICE = f"{SUBJECT}/services/w1"
TAKER = "tenants/acme/subjects/s2"
SERVER = ("aliyun", "8.8.8.8")


def accounts(*providers: str) -> list[res.Account]:
    return [res.Account(name=f"tenants/acme/accounts/{each}", provider=each) for each in providers]


def order(id_: str, kind: str, provider: str, *after: str, **fields: Any) -> Step:
    return Step(id=id_, kind=StepKind.ORDER, order_type=kind, provider=provider, after=after, **fields)


def action(id_: str, *after: str) -> Step:
    return Step(id=id_, kind=StepKind.ACTION, action="ASK_SPECIALIST", after=after)


def request(*paths: str, **fields: Any) -> pb.ApplyPlanRequest:
    made = pb.ApplyPlanRequest(plan=pb.PlanRequest(subject=SUBJECT, service=SERVICE), submit_when_released=True)
    made.MergeFrom(pb.ApplyPlanRequest(new_values=res.OrderChange(paths=paths), **fields))
    return made


def drafts(
    *steps: Step,
    asked: pb.ApplyPlanRequest | None = None,
    at: tuple[str, ...] = ("aliyun",),
    target: Record | None = None,
) -> list[Planned]:
    return planned(steps, asked or request(), accounts(*at), SERVER, target)


def taker(*names: str) -> Record:
    """The record of the subject that takes a service, with these accounts at Huawei, or one of no account."""
    made = Record(subject=res.Subject(name=TAKER))
    for name in names:
        made.subject.services.add().accesses.add(provider="huawei", account=name and f"tenants/acme/accounts/{name}")
    return made


def test_each_order_goes_through_the_account_at_its_provider() -> None:
    """A plan may have several providers; the server's address is filed at the server's provider alone."""
    leave = (order("s1", "ADD_ACCESS", "aliyun"), order("s2", "CANCEL_ACCESS", "tencent", "s1"))
    first, second = drafts(*leave, at=("tencent", "aliyun"))
    assert [each.given.account.rpartition("/")[2] for each in (first, second)] == ["aliyun", "tencent"]
    assert (list(first.given.ips), list(second.given.ips)) == (["8.8.8.8"], [])
    assert (first.waits_for, second.waits_for) == ((), ("s1",))


@pytest.mark.parametrize("at", [("aliyun",), ()])
def test_a_provider_without_an_account_is_named(at: tuple[str, ...]) -> None:
    """The request lacks one account; which, the error says."""
    with pytest.raises(BeianhubError, match="tencent") as caught:
        drafts(order("s1", "CANCEL_ACCESS", "tencent"), at=at)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.INVALID, "ACCOUNTS_REQUIRED")


def test_what_is_the_bureaus_is_followed_at_the_servers_provider() -> None:
    """A shell has no provider (HW-KB doc_0037); its cancellation is followed in the account of the order after it."""
    first, second = drafts(
        order("s1", "CANCEL_SUBJECT", ""), order("s2", "FIRST_FILING", "aliyun", "s1"), at=("aliyun", "tencent")
    )
    assert first.given.account == second.given.account == "tenants/acme/accounts/aliyun"
    assert (first.given.service, second.given.service) == ("", SERVICE)


def test_the_server_of_another_provider_gives_no_address() -> None:
    """With LEAVE_PROVIDER the server named is the one to leave; the next access needs an address of its own."""
    with pytest.raises(BeianhubError, match="IPS_REQUIRED"):
        drafts(order("s1", "ADD_ACCESS", "huawei"), at=("huawei",))
    asked = request(ips=["8.8.4.4"])
    (made,) = drafts(order("s1", "ADD_ACCESS", "huawei"), at=("huawei",), asked=asked)
    assert list(made.given.ips) == ["8.8.4.4"]


def test_what_people_have_to_do_first_is_not_taken_to_be_done() -> None:
    """An order waits for the orders before an action, and is not sent by itself when people act before it."""
    *_, last = drafts(
        order("s1", "ADD_ACCESS", "aliyun"), action("s2", "s1"), order("s3", "CANCEL_ACCESS", "aliyun", "s1", "s2")
    )
    assert (last.waits_for, last.submits) == (("s1",), False)
    *_, last = drafts(order("s1", "ADD_ACCESS", "aliyun"), action("s2", "s1"), order("s3", "CLAIM", "aliyun", "s2"))
    assert (last.waits_for, last.submits) == (("s1",), False)
    *_, last = drafts(order("s1", "ADD_ACCESS", "aliyun"), order("s2", "CHANGE_ACCESS", "aliyun", "s1"))
    assert (last.waits_for, last.submits) == (("s1",), True)


def test_each_change_takes_its_part() -> None:
    """The subject's values go to the order of the subject, the service's to that of the service."""
    steps = (
        order("s1", "CHANGE_SUBJECT", "aliyun", changes=("NAME", "CERT_ADDRESS")),
        order("s2", "CHANGE_SERVICE", "aliyun", "s1", changes=("SERVICE_NAME",)),
    )
    paths = ("profile.title", "profile.certificate.address", "service.title")
    first, second = drafts(*steps, asked=request(*paths))
    assert list(first.given.change.paths) == ["profile.title", "profile.certificate.address"]
    assert list(second.given.change.paths) == ["service.title"]


def test_a_combined_change_is_one_order_of_the_service() -> None:
    """Where a province takes both in one order only, it is the service's and carries both parts (变更备案)."""
    both = order("s1", "CHANGE_SUBJECT", "aliyun", changes=("NAME", "SERVICE_NAME"), carries=("SUBJECT", "SERVICE"))
    (made,) = drafts(both, asked=request("profile.title", "service.title"))
    assert made.given.type == res.ORDER_TYPE_CHANGE_SERVICE
    assert list(made.given.change.paths) == ["profile.title", "service.title"]
    assert made.given.service == SERVICE


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("service.principal.mobile", "PHONE"),
        ("service.principal", "SERVICE_PRINCIPAL"),
        ("service.principal.certificate.number", "SERVICE_PRINCIPAL"),
        ("profile.principal.email", "EMAIL"),
        ("profile.certificate", "CERT_NUMBER"),
    ],
)
def test_a_value_belongs_to_the_field_that_the_plan_changes(path: str, field: str) -> None:
    """At, above or below the field; under another field's change it is refused, by its path."""
    kind = "CHANGE_SERVICE" if path.startswith("service.") else "CHANGE_SUBJECT"
    (made,) = drafts(order("s1", kind, "aliyun", changes=(field,)), asked=request(path))
    assert list(made.given.change.paths) == [path]
    with pytest.raises(BeianhubError, match="CHANGE_NOT_PLANNED") as caught:
        drafts(order("s1", kind, "aliyun", changes=("PROVINCE",)), asked=request(path))
    assert caught.value.findings[0].path == f"new_values.{path}"


def test_what_changes_needs_its_value() -> None:
    """A field that is to change and has no value is named, not passed over; what no record holds is the form's."""
    step = order("s1", "CHANGE_SUBJECT", "aliyun", changes=("ADDRESS", "PHONE", "ACCOUNT"))
    with pytest.raises(BeianhubError, match="NEW_VALUES_REQUIRED") as caught:
        drafts(step, asked=request("profile.address"))
    (finding,) = caught.value.findings
    assert (finding.path, finding.message_en) == ("new_values", "the plan needs the new values of PHONE")
    (made,) = drafts(step, asked=request("profile.address", "profile.principal.mobile"))
    assert list(made.given.change.paths) == ["profile.address", "profile.principal.mobile"]


MOVE = order("s1", "MIGRATE_SERVICE", "huawei")
MOVED = pb.PlanRequest(target_subject=TAKER)


def test_a_migration_goes_to_the_named_subject() -> None:
    """Into the account that has the target's accesses there (HW-KB doc_0168), or the one that the request names."""
    (made,) = drafts(MOVE, at=("huawei",), asked=request(plan=MOVED), target=taker("theirs", "theirs"))
    assert (made.given.target_subject, made.given.service) == (TAKER, SERVICE)
    assert made.given.target_account == "tenants/acme/accounts/theirs"
    named = request(plan=MOVED, target_account="tenants/acme/accounts/other")
    (made,) = drafts(MOVE, at=("huawei",), asked=named, target=taker("theirs"))
    assert made.given.target_account == "tenants/acme/accounts/other"


@pytest.mark.parametrize("known", [(), ("",), ("one", "two")], ids=["none", "unclaimed", "two"])
def test_a_targets_account_is_not_guessed(known: tuple[str, ...]) -> None:
    """Where the record names none, or more than one, the request has to."""
    with pytest.raises(BeianhubError) as caught:
        drafts(MOVE, at=("huawei",), asked=request(plan=MOVED), target=taker(*known))
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.INVALID, "TARGET_ACCOUNT_REQUIRED")
    assert caught.value.findings[0].path == "target_account"


def test_what_follows_a_migration_is_the_targets() -> None:
    """A claim of the moved service is an order of a subject that does not have it yet: it is no draft of this plan."""
    before, claim = order("s0", "CHANGE_SERVICE", "huawei", changes=("PHONE",)), order("s2", "CLAIM", "aliyun", "s1")
    asked = request("service.principal.mobile", plan=MOVED)
    moved = order("s1", "MIGRATE_SERVICE", "huawei", "s0")
    made = drafts(before, moved, claim, at=("huawei",), asked=asked, target=taker("theirs"))
    assert [(each.step.id, each.waits_for) for each in made] == [("s0", ()), ("s1", ("s0",))]


@pytest.mark.parametrize("target", [None, taker()])
def test_a_migration_to_nobody_is_refused(target: Record | None) -> None:
    """The plan's wish names no subject: the request does, or nothing is drafted."""
    check_target([order("s1", "CLAIM", "aliyun")], None)
    if target is not None:
        check_target([MOVE], target)
        return
    with pytest.raises(BeianhubError) as caught:
        check_target([MOVE], target)
    assert (caught.value.kind, caught.value.reason) == (ErrorKind.INVALID, "TARGET_SUBJECT_REQUIRED")
    assert caught.value.findings[0].path == "plan.target_subject"


def test_a_transfer_names_its_target() -> None:
    """The account to go to is the request's."""
    target = "tenants/acme/accounts/second"
    (made,) = drafts(order("s1", "TRANSFER_ACCOUNT", "aliyun"), asked=request(target_account=target))
    assert (made.given.target_account, made.given.service) == (target, "")

"""网站迁移 (HW-KB doc_0200): two subjects, one order that holds both, and a service that goes over."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, Task, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.catalog import Catalog
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context, Draft
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.handover import Handover
from beianhub_core.domain.lookup import find_order
from beianhub_core.errors import BeianhubError

from .support import provider

ACME = "tenants/acme"
NUMBERS = {"a": "冀ICP备2026000001号", "b": "冀ICP备2026000002号"}
ORDER = f"{ACME}/orders/m1"
PREPARED = Handover(
    service=f"{ACME}/subjects/b/services/w1", source_base="a-1", source_ref="a-2", target_base="b-1", target_ref="b-2"
)


class Pair:
    """Subjects ``a`` and ``b`` of Hebei, filed, with accesses in accounts of their own at ``huawei``."""

    def __init__(self, **of_target: Any) -> None:
        self.records: dict[str, Record] = {}
        self.events: dict[str, list[Event]] = {"a": [], "b": []}
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.rows: dict[str, Task] = {}
        self._ids = itertools.count(1)
        self.run("a", cmd.CreateSubject(self.subject("a", "a.com")))
        self.run("b", cmd.CreateSubject(self.subject("b", "b.com", **of_target)))

    def subject(self, subject: str, domain: str, **fields: Any) -> res.Subject:
        profile = res.SubjectProfile(
            nature=fields.pop("nature", res.NATURE_ENTERPRISE), province=fields.pop("province", "河北")
        )
        made = res.Subject(name=f"{ACME}/subjects/{subject}", vault_ref=f"{subject}-1", profile=profile)
        made.licence_number = fields.pop("number", NUMBERS[subject])
        if made.licence_number:
            service = made.services.add(name=f"{made.name}/services/w{subject}", title="示例网站", domains=[domain])
            service.licence_number = f"{made.licence_number}-1"
            service.kind = res.SERVICE_KIND_WEBSITE
            service.principal.mobile = "138****0001"
            service.provider_ids.add(provider="huawei", id="hw-1")
            for name in ("huawei", "tencent"):
                account = f"{ACME}/accounts/{name}-{subject}"
                service.accesses.add(provider=name, account=account, ips=["203.0.113.7"])
        return made

    def context(self, subject: str) -> Context:
        account = res.Account(name=f"{ACME}/accounts/huawei-a", provider="huawei", submission_channel=res.CHANNEL_API)
        return Context(
            tenant="acme",
            subject=subject,
            now=self.now,
            actor="test",
            causation="",
            new_id=lambda: f"id-{next(self._ids)}",
            catalog=Catalog([provider("huawei")]),
            accounts={account.name: account},
            tasks=self.rows,
        )

    def run(self, subject: str, command: cmd.Command, prepared: Handover | None = None) -> list[str]:
        """Decides a command of one subject, with the other as its target; both streams' events, but for deadlines."""
        other = "b" if subject == "a" else "a"
        target = (other, self.records.get(other)) if subject == "a" else None
        done = draft(self.records.get(subject), command, self.context(subject), target, prepared)
        return self._keep(subject, done) + (self._keep(other, done.target) if done.target else [])

    def _keep(self, subject: str, done: Draft) -> list[str]:
        self.records[subject] = done.record
        self.events[subject] += done.events
        self.rows |= {e.task_opened.task.name: e.task_opened.task for e in done.events if e.HasField("task_opened")}
        kinds = [str(event.WhichOneof("payload")) for event in done.events]
        return [f"{subject}:{kind}" for kind in kinds if kind != "deadlines_set"]

    def draft(self, **fields: Any) -> str:
        order = res.Order(
            name=ORDER,
            subject=f"{ACME}/subjects/a",
            service=f"{ACME}/subjects/a/services/wa",
            type=res.ORDER_TYPE_MIGRATE_SERVICE,
            account=f"{ACME}/accounts/huawei-a",
            provider="huawei",
            target_account=f"{ACME}/accounts/huawei-b",
            target_subject=f"{ACME}/subjects/b",
        )
        order.MergeFrom(res.Order(**fields))
        self.run("a", cmd.CreateOrder(order))
        return order.name

    def order(self, name: str = ORDER) -> res.Order:
        found = find_order(self.records["a"], name)
        assert found is not None
        return found

    def task(self, kind: int) -> Task:
        (task,) = [task for task in self.records["a"].tasks if task.kind == kind]
        return task

    def report(self, kind: int, prepared: Handover | None = None, **outcome: Any) -> list[str]:
        return self.run("a", cmd.ReportTask(self.task(kind).name, TaskOutcome(**outcome)), prepared)

    def accepted(self) -> list[str]:
        accepted = TaskOutcome.Accepted(provider_order_id="H-1", provider_status="等待初审")
        return self.report(TASK_KIND_SUBMIT, accepted=accepted)

    def status(self, state: int, prepared: Handover | None = None, **fields: Any) -> list[str]:
        shown = TaskOutcome.Status(state=state, provider_status="…", **fields)
        return self.report(task_pb2.TASK_KIND_QUERY, prepared, status=shown)

    def filed(self, prepared: Handover = PREPARED) -> list[str]:
        number = f"{NUMBERS['b']}-2"
        return self.status(
            res.ORDER_STATE_FILED, prepared, service_licence_number=number, subject_licence_number=NUMBERS["b"]
        )

    def codes(self) -> set[str]:
        with pytest.raises(BeianhubError) as refused:
            self.run("a", cmd.SubmitOrder(ORDER))
        return {finding.code for finding in refused.value.findings}


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two subjects; after the test both records are the folds of their events."""
    made = Pair()
    yield made
    assert all(fold(made.events[subject]) == made.records[subject] for subject in "ab")


def test_a_filed_migration_moves_the_service(pair: Pair) -> None:
    """The service is under the target with the target's next number, its ids and its accesses: the provider's own in
    the target's account, others nobody's until they are claimed; the source, left without a service, is a shell.
    """
    pair.draft()
    assert pair.run("a", cmd.SubmitOrder(ORDER)) == [
        "a:order_submission_requested",
        "a:task_opened",
        "b:migration_held",
    ]
    assert pair.task(TASK_KIND_SUBMIT).target_subject == f"{ACME}/subjects/b"
    assert pair.accepted() == ["a:task_closed", "a:order_accepted", "a:task_opened", "b:migration_held"]
    assert [(i.order, i.sending) for i in pair.records["b"].incoming] == [(ORDER, False)]
    assert pair.filed() == [
        "a:task_closed",
        "a:service_migrated_out",
        "a:order_filed",
        "a:risk_raised",
        "b:service_migrated_in",
        "b:migration_released",
    ]
    source, target = pair.records["a"].subject, pair.records["b"].subject
    assert (source.state, len(source.services), source.vault_ref) == (res.SUBJECT_STATE_SHELL, 0, "a-2")
    assert (target.state, target.vault_ref, target.licence_number) == (res.SUBJECT_STATE_FILED, "b-2", NUMBERS["b"])
    moved = target.services[1]
    assert (moved.name, moved.licence_number) == (PREPARED.service, f"{NUMBERS['b']}-2")
    assert (moved.state, moved.domains, moved.principal.mobile) == (res.SERVICE_STATE_FILED, ["a.com"], "138****0001")
    assert [(i.provider, i.id) for i in moved.provider_ids] == [("huawei", "hw-1")]
    assert [(a.name, a.account, a.state) for a in moved.accesses] == [
        (f"{PREPARED.service}/accesses/huawei", f"{ACME}/accounts/huawei-b", res.ACCESS_STATE_ACTIVE),
        (f"{PREPARED.service}/accesses/tencent", "", res.ACCESS_STATE_ACTIVE),
    ]
    assert (pair.order().state, pair.order().target_service) == (res.ORDER_STATE_FILED, PREPARED.service)
    assert not pair.records["b"].incoming


def test_a_source_with_other_services_stays_filed() -> None:
    """Only the last service makes a shell of the source."""
    pair = Pair()
    pair.draft()
    source = pair.records["a"].subject
    source.services.add(name=f"{source.name}/services/w9", domains=["c.com"], state=res.SERVICE_STATE_NO_ACCESS)
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.filed()
    source = pair.records["a"].subject
    assert (source.state, [s.name.rpartition("/")[2] for s in source.services]) == (res.SUBJECT_STATE_FILED, ["w9"])


def test_deadlines_go_with_the_service(pair: Pair) -> None:
    """The moved service's deadlines are the target's, and those of the services behind it move up."""
    source = res.Subject()
    source.CopyFrom(pair.records["a"].subject)
    source.services[0].principal.certificate.valid_until = "2027-01-31"
    second = source.services.add(name=f"{source.name}/services/w9", domains=["c.com"])
    second.principal.certificate.valid_until = "2028-01-31"
    pair.run("a", cmd.UpdateSubject(source, ("services",)))
    assert paths(pair, "a") == {"services[0].principal": 2027, "services[1].principal": 2028}
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.filed()
    assert paths(pair, "a") == {"services[0].principal": 2028}
    assert paths(pair, "b") == {"services[1].principal": 2027}


def paths(pair: Pair, subject: str) -> dict[str, int]:
    """Whose certificate ends in which year."""
    found = pair.records[subject].subject.deadlines
    return {
        deadline.path.removesuffix(".certificate.valid_until"): deadline.time.ToDatetime().year for deadline in found
    }


def test_a_shell_that_takes_a_service_is_none_any_more() -> None:
    """The target may be a filed subject without a service."""
    pair = Pair()
    shell = pair.records["b"].subject
    del shell.services[:]
    shell.state = res.SUBJECT_STATE_SHELL
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.filed()
    assert pair.records["b"].subject.state == res.SUBJECT_STATE_FILED


def other_order(name: str) -> res.Order:
    """A change of the target's access, by its own account."""
    return res.Order(
        name=f"{ACME}/orders/{name}",
        subject=f"{ACME}/subjects/b",
        service=f"{ACME}/subjects/b/services/wb",
        type=res.ORDER_TYPE_CHANGE_ACCESS,
        account=f"{ACME}/accounts/huawei-a",
        provider="huawei",
        ips=["203.0.113.9"],
    )


def test_the_target_takes_no_order_while_it_is_held(pair: Pair) -> None:
    """ONE ORDER IN FLIGHT holds on both sides: the target may draft and not submit, until the migration ends."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.run("b", cmd.CreateOrder(other_order("o2")))
    with pytest.raises(BeianhubError) as refused:
        pair.run("b", cmd.SubmitOrder(f"{ACME}/orders/o2"))
    assert refused.value.reason == "SUBJECT_HAS_ORDER_IN_FLIGHT"
    pair.accepted()
    pair.status(res.ORDER_STATE_REGULATOR_REJECTED)
    with pytest.raises(BeianhubError, match="SUBJECT_HAS_ORDER_IN_FLIGHT"):
        pair.run("b", cmd.SubmitOrder(f"{ACME}/orders/o2"))
    assert pair.run("a", cmd.AbandonOrder(ORDER)) == ["a:order_ended", "b:migration_released"]
    pair.run("b", cmd.SubmitOrder(f"{ACME}/orders/o2"))


def test_an_order_of_the_target_refuses_the_migration(pair: Pair) -> None:
    """Neither side may have an order in flight (HW-KB doc_0200)."""
    pair.draft()
    pair.run("b", cmd.CreateOrder(other_order("o2")))
    pair.run("b", cmd.SubmitOrder(f"{ACME}/orders/o2"))
    assert pair.codes() == {"TARGET_ORDER_IN_FLIGHT"}


def test_two_migrations_to_one_target_are_refused() -> None:
    """A target that another subject's migration holds takes no second one."""
    pair = Pair()
    pair.records["b"].incoming.add(order=f"{ACME}/orders/m0", source=f"{ACME}/subjects/c")
    pair.draft()
    assert pair.codes() == {"TARGET_ORDER_IN_FLIGHT"}


def test_the_targets_data_is_pinned_with_the_order(pair: Pair) -> None:
    """While the order is sent the target's data may not change; once the vendor has it, it may, as the source's."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    update = cmd.UpdateSubject(pair.records["b"].subject, ("customer",))
    with pytest.raises(BeianhubError, match="SUBMISSION_UNDER_WAY"):
        pair.run("b", update)
    pair.accepted()
    assert pair.run("b", update) == ["b:subject_updated"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"nature": res.NATURE_INDIVIDUAL}, "TARGET_IS_INDIVIDUAL"),
        ({"number": ""}, "TARGET_NOT_FILED"),
    ],
)
def test_who_may_be_the_target(fields: dict[str, Any], code: str) -> None:
    """The target is filed and no individual (HW-KB doc_0200)."""
    pair = Pair(**fields)
    pair.draft()
    assert pair.codes() == {code}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda service: service.accesses.pop(0), "NO_ACCESS_AT_PROVIDER"),
        (lambda service: setattr(service, "kind", res.SERVICE_KIND_APP), "APP_CANNOT_MOVE"),
        (lambda service: setattr(service, "state", res.SERVICE_STATE_CANCELLED), "NOT_FILED"),
        (lambda service: setattr(service.accesses[0], "account", f"{ACME}/accounts/other"), "NOT_IN_ACCOUNT"),
    ],
)
def test_what_may_migrate(change: Any, code: str) -> None:
    """A filed service that is no APP, through the provider and the account that have its access."""
    pair = Pair()
    pair.draft()
    change(pair.records["a"].subject.services[0])
    assert pair.codes() == {code}


def test_the_target_account_is_the_targets() -> None:
    """An account has one subject (HW-KB doc_0168): where the target has accesses, theirs is the one to name."""
    pair = Pair()
    pair.draft(target_account=f"{ACME}/accounts/huawei-c")
    assert pair.codes() == {"NOT_IN_ACCOUNT"}


def without_service(pair: Pair) -> res.Subject:
    """The giving subject, as an update would have it that drops the service."""
    subject = res.Subject()
    subject.CopyFrom(pair.records["a"].subject)
    del subject.services[0]
    return subject


def test_a_service_stays_while_its_order_is_under_way(pair: Pair) -> None:
    """An update that drops it would leave the approval nothing to move; a draft holds nothing."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    with pytest.raises(BeianhubError) as refused:
        pair.run("a", cmd.UpdateSubject(without_service(pair), ("services",)))
    assert refused.value.reason == "SERVICE_HAS_ORDER_IN_FLIGHT"
    assert refused.value.findings[0].path == "subject.services"
    pair.status(res.ORDER_STATE_REGULATOR_REJECTED)
    pair.run("a", cmd.AbandonOrder(ORDER))
    assert "a:subject_updated" in pair.run("a", cmd.UpdateSubject(without_service(pair), ("services",)))


def test_an_approval_without_a_number_says_that_it_is_missing(pair: Pair) -> None:
    """The old number was the other subject's: the moved service has none until it is told, and a risk says so."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.status(res.ORDER_STATE_FILED, PREPARED)
    moved = pair.records["b"].subject.services[1]
    assert (moved.state, moved.licence_number) == (res.SERVICE_STATE_FILED, "")
    (risk,) = pair.records["b"].subject.risks
    assert (risk.kind, risk.resource) == (res.RISK_KIND_LICENCE_NUMBER_MISSING, PREPARED.service)
    assert risk.finding.path == "service.licence_number"
    subject = res.Subject()
    subject.CopyFrom(pair.records["b"].subject)
    subject.services[1].licence_number = f"{NUMBERS['b']}-2"
    told = pair.run("b", cmd.UpdateSubject(subject, ("services",), as_filed=True))
    assert "b:risk_cleared" in told
    assert not pair.records["b"].subject.risks


def test_a_precheck_that_fails_frees_the_target(pair: Pair) -> None:
    """An order that comes back before anything was sent holds nobody."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    assert pair.run("a", cmd.GiveUpTask(pair.task(TASK_KIND_SUBMIT).name, "typo"))[-1] == "b:migration_released"
    assert not pair.records["b"].incoming


def test_an_idle_migration_frees_its_target(pair: Pair) -> None:
    """Returned and left for 45 days it expires, and the target is free."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.status(res.ORDER_STATE_PROVIDER_REJECTED)
    pair.now += timedelta(days=46)
    assert pair.run("a", cmd.FireTimer("m1/IDLE")) == ["a:order_ended", "b:migration_released"]


@pytest.mark.parametrize("base", ["source_base", "target_base"])
def test_values_that_changed_meanwhile_abort_the_filing(pair: Pair, base: str) -> None:
    """What the vault has ready was made from the values that the records still have; else nothing is decided."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    with pytest.raises(BeianhubError, match="SUBJECT_CHANGED"):
        pair.filed(replace(PREPARED, **{base: "older"}))
    assert pair.order().state == res.ORDER_STATE_PROVIDER_REVIEW


def test_a_migration_is_never_decided_without_its_target(pair: Pair) -> None:
    """A caller that forgets the target is told so, instead of leaving it free."""
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    with pytest.raises(RuntimeError, match="without its target"):
        draft(pair.records["a"], cmd.WithdrawOrder(ORDER), pair.context("a"))


def test_an_operator_gives_the_new_number() -> None:
    """A person who reports the filing copies the number that the service gets; the old one is no answer."""
    pair = Pair()
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    silent = TaskOutcome.Status(state=res.ORDER_STATE_FILED)
    with pytest.raises(BeianhubError, match="LICENCE_NUMBER_REQUIRED"):
        pair.run("a", cmd.ReportProgress(ORDER, silent), PREPARED)


def test_a_service_without_people_keeps_its_subjects_principal() -> None:
    """The record of the regulator has him as the service's principal, and a migration changes no people."""
    pair = Pair()
    pair.records["a"].subject.services[0].ClearField("principal")
    pair.records["a"].subject.profile.principal.mobile = "139****0009"
    pair.draft()
    pair.run("a", cmd.SubmitOrder(ORDER))
    pair.accepted()
    pair.filed()
    assert pair.records["b"].subject.services[1].principal.mobile == "139****0009"

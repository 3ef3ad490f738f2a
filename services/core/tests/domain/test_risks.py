"""What can go wrong after a filing: each risk is raised, and cleared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import risks
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.periods import day_of
from beianhub_core.domain.projection import watched
from beianhub_core.errors import BeianhubError
from beianhub_core.findings import finding

from . import support
from .support import SERVICE, SUBJECT, Bench

LICENCE = "京ICP备2026000001号"
TENCENT = "tenants/acme/accounts/tencent"
PATROLLING = {"footer": res.VERIFICATION_KIND_FOOTER, "site": res.VERIFICATION_KIND_SITE}


def filed(*providers: str, **fields: Any) -> Bench:
    """A record with one filed website and its accesses."""
    bench = Bench()
    accesses = [res.Access(provider=p, account=f"tenants/acme/accounts/{p}", ips=["203.0.113.7"]) for p in providers]
    bench.create_subject(
        subject_licence=LICENCE,
        licence_number=f"{LICENCE}-1",
        kind=res.SERVICE_KIND_WEBSITE,
        accesses=accesses,
        **fields,
    )
    return bench


def subject(bench: Bench) -> res.Subject:
    assert bench.record is not None
    return bench.record.subject


def kinds(bench: Bench) -> list[str]:
    """The risks on the record, which are those of its fold, and those that the rules derive."""
    assert bench.record is not None
    assert fold(bench.events) == bench.record
    derived = risks.find(bench.record, day_of(bench.now))
    assert {risk.name for risk in derived} == {risk.name for risk in bench.record.subject.risks}
    return [res.RiskKind.Name(risk.kind).removeprefix("RISK_KIND_") for risk in bench.record.subject.risks]


def notice(bench: Bench, kind: res.NoticeKind.ValueType, due: str = "", **fields: Any) -> list[str]:
    name = f"{SUBJECT}/notices/{bench.new_id()}"
    return bench.run(cmd.ReportNotice(res.Notice(name=name, kind=kind, service=SERVICE, due_date=due, **fields)))


@pytest.fixture
def patrolling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with two verifiers that patrol daily."""
    plugins = [support.provider("tencent"), support.provider("aliyun")]
    for name, kind in PATROLLING.items():
        plugins.append(support.verifier(name, kind, precheck=True))
        plugins[-1].patrol_interval_seconds = 86400
    monkeypatch.setattr(support, "CATALOG", support.Catalog(plugins))


def wrong(path: str = "service.domains[0]", code: str = "FOOTER_NUMBER_WRONG") -> res.Finding:
    return finding(res.SEVERITY_WARNING, code, path, "备案号错误", "the number is wrong", "Mend it.", source=("S4.36",))


def seen(bench: Bench, kind: str, *findings: res.Finding, unseen: tuple[str, ...] = ()) -> list[str]:
    assert bench.record is not None
    (task,) = [t for t in bench.record.tasks if t.plugin == kind]
    return bench.report(task, observed=task_pb2.TaskOutcome.Observed(findings=findings, unseen=unseen))


def test_nothing_is_at_risk_before_a_filing_or_where_all_is_well() -> None:
    """A subject that is not filed has no risks, and neither has one whose site has its access."""
    unfiled = Bench()
    unfiled.create_subject()
    assert kinds(unfiled) == kinds(filed("tencent")) == []


def test_a_service_without_access_is_at_risk_until_it_has_one() -> None:
    """The last access cancelled raises 空壳网站 (S1.12, S1.23); an access that is filed clears it."""
    bench = filed("tencent")
    order = bench.create_order("leave", res.ORDER_TYPE_CANCEL_ACCESS)
    bench.run(cmd.SubmitOrder(order, f"{LICENCE}-1"))
    assert kinds(bench) == ["SINGLE_PROVIDER_CANCELLED"]
    assert subject(bench).risks[0].resource == f"{SERVICE}/accesses/tencent"
    _file(bench, order)
    assert kinds(bench) == ["SERVICE_WITHOUT_ACCESS"]
    risk = subject(bench).risks[0]
    assert risk.finding.severity == res.SEVERITY_BLOCKER
    assert risk.wish == "SERVE_DOMAIN"
    assert {"S1.12", "S1.23"} <= set(risk.finding.source)
    back = bench.create_order("back", res.ORDER_TYPE_ADD_ACCESS, "aliyun")
    bench.run(cmd.SubmitOrder(back))
    assert kinds(bench) == ["SERVICE_WITHOUT_ACCESS"]  # an access that is pending is none yet (S1.21)
    _file(bench, back)
    assert kinds(bench) == []


def _file(bench: Bench, order: str) -> None:
    assert bench.record is not None
    bench.pass_prechecks()
    bench.report(bench.task(task_pb2.TASK_KIND_SUBMIT), accepted=task_pb2.TaskOutcome.Accepted(provider_order_id="V1"))
    bench.status(order, res.ORDER_STATE_FILED, "通过")


def test_of_two_accesses_one_may_go() -> None:
    """Cancelling one of two accesses puts nothing at risk."""
    bench = filed("tencent", "aliyun")
    bench.run(cmd.SubmitOrder(bench.create_order("leave", res.ORDER_TYPE_CANCEL_ACCESS), f"{LICENCE}-1"))
    assert kinds(bench) == []


def test_an_access_that_nobody_entered_weighs_less_than_one_that_was_lost() -> None:
    """A filed service whose accesses the record does not know is a WARNING."""
    bench = filed()
    assert kinds(bench) == ["SERVICE_WITHOUT_ACCESS"]
    assert subject(bench).risks[0].finding.severity == res.SEVERITY_WARNING


def test_a_subject_without_a_service_is_a_shell() -> None:
    """空壳主体 is raised with the last service's cancellation (S3.19)."""
    bench = filed("tencent")
    order = bench.create_order("close", res.ORDER_TYPE_CANCEL_SERVICE)
    bench.run(cmd.SubmitOrder(order, f"{LICENCE}-1"))
    _file(bench, order)
    assert kinds(bench) == ["SUBJECT_SHELL"]
    assert "S3.19" in subject(bench).risks[0].finding.source


def test_a_certificate_is_at_risk_from_three_months_before_its_last_day() -> None:
    """The days alone raise it and make it weigh more; the patrol finds out, and says since when it has been so."""
    bench = filed("tencent", principal=res.Person(certificate=res.Certificate(valid_until="2026-06-30")))
    assert kinds(bench) == []
    assert bench.record is not None
    turn = risks.next_change(bench.record, day_of(bench.now))
    assert turn == datetime(2026, 3, 31, 16, tzinfo=UTC)  # 1 April begins in China: 90 days are left
    bench.now = turn
    assert bench.run(cmd.Patrol({})) == ["risk_raised"]
    assert kinds(bench) == ["CERTIFICATE_EXPIRING"]
    assert (subject(bench).risks[0].due_date, subject(bench).risks[0].resource) == ("2026-06-30", SERVICE)
    assert bench.run(cmd.Patrol({})) == []
    turn = risks.next_change(bench.record, day_of(bench.now))
    assert turn == datetime(2026, 6, 30, 16, tzinfo=UTC)  # the day after
    since, bench.now = subject(bench).risks[0].since.ToDatetime(UTC), turn
    assert bench.run(cmd.Patrol({})) == ["risk_raised"]
    assert subject(bench).risks[0].finding.severity == res.SEVERITY_BLOCKER
    assert subject(bench).risks[0].since.ToDatetime(UTC) == since
    renewed = res.Subject()
    renewed.CopyFrom(subject(bench))
    renewed.services[0].principal.certificate.valid_until = ""
    del renewed.risks[:]  # not the caller's to change
    events = bench.run(cmd.UpdateSubject(renewed, ("services",)))
    assert events == ["subject_updated", "deadlines_set", "risk_cleared"]
    assert kinds(bench) == []


def test_a_notice_is_a_risk_with_its_date_until_it_is_resolved() -> None:
    """An open notice raises a risk, which weighs more once its date is past (S4.39); a resolved one is gone."""
    bench = filed("tencent")
    assert notice(bench, res.NOTICE_KIND_FOOTER_LINK, "2026-03-20", reference="ZG-1") == [
        "notice_reported",
        "deadlines_set",
        "risk_raised",
    ]
    assert notice(bench, res.NOTICE_KIND_FOOTER_LINK, "2026-03-20", reference="ZG-1") == []
    assert kinds(bench) == ["NOTICE_DUE"]
    risk = subject(bench).risks[0]
    assert (risk.due_date, risk.wish, risk.finding.severity) == ("2026-03-20", "ANSWER_NOTICE", res.SEVERITY_WARNING)
    assert "S4.35" in risk.finding.source
    assert notice(bench, res.NOTICE_KIND_FOOTER_LINK, "2026-03-25", reference="ZG-1") == [
        "notice_reported",
        "deadlines_set",
        "risk_raised",
    ]
    (deadline,) = subject(bench).deadlines
    assert (deadline.kind, deadline.time.ToDatetime(UTC)) == ("RECTIFICATION", datetime(2026, 3, 25, 16, tzinfo=UTC))
    key = f"/RECTIFICATION/{deadline.path}"
    bench.now = deadline.warn_time.ToDatetime(UTC)
    assert bench.run(cmd.FireTimer(key)) == ["deadline_near"]
    assert len(subject(bench).notices) == 1
    bench.now = datetime(2026, 3, 25, 16, tzinfo=UTC)
    assert bench.run(cmd.FireTimer(key)) == ["deadline_passed", "risk_raised"]
    assert bench.run(cmd.Patrol({})) == []
    assert subject(bench).risks[0].finding.severity == res.SEVERITY_BLOCKER
    assert bench.run(cmd.ResolveNotice(subject(bench).notices[0].name)) == [
        "notice_resolved",
        "deadlines_set",
        "risk_cleared",
    ]
    assert not subject(bench).deadlines
    assert kinds(bench) == []
    with pytest.raises(BeianhubError, match="NOTICE_NOT_FOUND"):
        bench.run(cmd.ResolveNotice(f"{SUBJECT}/notices/gone"))


def test_data_older_than_a_change_notice_are_a_risk_until_a_change_is_filed() -> None:
    """A notice to verify and update (S1.24, S1.25) is unanswered until a change is filed after it; then it is only
    open.
    """
    bench = filed("tencent")
    notice(bench, res.NOTICE_KIND_VERIFY_AND_UPDATE)
    assert kinds(bench) == ["CHANGE_NOTICE_UNANSWERED"]
    assert bench.record is not None
    bench.advance(days=1)
    change = Record()
    change.CopyFrom(bench.record)
    order = change.orders.add(type=res.ORDER_TYPE_CHANGE_SUBJECT, state=res.ORDER_STATE_FILED)
    order.update_time.FromDatetime(bench.now)
    (risk,) = risks.find(change, day_of(bench.now))
    assert risk.kind == res.RISK_KIND_NOTICE_DUE
    order.update_time.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC))
    (risk,) = risks.find(change, day_of(bench.now))
    assert risk.kind == res.RISK_KIND_CHANGE_NOTICE_UNANSWERED


def test_a_domain_that_expires_is_known_by_its_notice() -> None:
    """域名过期或即将过期 is a risk of its own (S4.1, S4.2)."""
    bench = filed("tencent")
    notice(bench, res.NOTICE_KIND_DOMAIN_EXPIRED, "2026-04-01")
    assert kinds(bench) == ["DOMAIN_EXPIRING"]
    assert {"S4.1", "S4.2"} <= set(subject(bench).risks[0].finding.source)


@pytest.mark.usefixtures("patrolling")
def test_a_patrol_stands_for_each_site_and_verifier() -> None:
    """Each filed site is looked at by each verifier that patrols, spread over the interval, and only once."""
    bench = filed("tencent")
    assert bench.run(cmd.Patrol({SERVICE: TENCENT})) == ["task_opened", "task_opened"]
    assert bench.run(cmd.Patrol({SERVICE: TENCENT})) == []
    assert bench.record is not None
    assert {(t.service, t.plugin, t.account) for t in bench.record.tasks} == {
        (SERVICE, "footer", TENCENT),
        (SERVICE, "site", TENCENT),
    }
    dues = {t.due_time.ToDatetime(UTC) - bench.now for t in bench.record.tasks}
    assert len(dues) == 2
    assert all(0 <= due.total_seconds() < 86400 for due in dues)
    assert bench.run(cmd.Patrol({})) == ["task_closed", "task_closed"]
    with pytest.raises(BeianhubError, match="TASK_CLOSED"):
        bench.run(cmd.GiveUpTask("tenants/acme/tasks/gone", ""))


@pytest.mark.usefixtures("patrolling")
@pytest.mark.parametrize(("plugin", "risk"), [("footer", "FOOTER_WRONG"), ("site", "SITE_CLOSED")])
def test_what_a_patrol_sees_is_a_risk_until_it_is_seen_no_more(plugin: str, risk: str) -> None:
    """A changed observation appends an event, the same one nothing; what could not be looked at keeps its finding."""
    bench = filed("tencent")
    bench.run(cmd.Patrol({SERVICE: TENCENT}))
    assert seen(bench, plugin) == []
    assert seen(bench, plugin, wrong()) == ["observation_changed", "risk_raised"]
    assert kinds(bench) == [risk]
    bench.advance(days=1)
    assert seen(bench, plugin, wrong()) == []
    assert seen(bench, plugin, unseen=("service.domains[0]",)) == []
    assert kinds(bench) == [risk]
    assert seen(bench, plugin) == ["observation_changed", "risk_cleared"]
    assert kinds(bench) == []
    assert not subject(bench).observations


@pytest.mark.usefixtures("patrolling")
def test_what_was_seen_goes_with_the_patrol() -> None:
    """Where a site is looked at no more, what was seen of it is no risk any more."""
    bench = filed("tencent")
    bench.run(cmd.Patrol({SERVICE: TENCENT}))
    seen(bench, "site", wrong())
    events = bench.run(cmd.Patrol({}))
    assert events == ["task_closed", "task_closed", "observation_changed", "risk_cleared"]
    assert kinds(bench) == []


@pytest.mark.usefixtures("patrolling")
def test_a_patrol_is_not_given_up() -> None:
    """A patrol ends with its service; an operator disables its plugin instead."""
    bench = filed("tencent")
    bench.run(cmd.Patrol({SERVICE: TENCENT}))
    assert bench.record is not None
    with pytest.raises(BeianhubError, match="PATROL_STANDS"):
        bench.run(cmd.GiveUpTask(bench.record.tasks[0].name, "no"))


def test_a_patrols_row_is_due_again_by_itself() -> None:
    """After a look the row is due after the interval; where nothing could be seen sooner, but never at once."""
    plugin = Plugin(patrol_interval_seconds=86400)
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    row = task_pb2.Task(kind=task_pb2.TASK_KIND_PATROL, state=task_pb2.Task.STATE_CLAIMED, attempt=3)

    def due(**outcome: Any) -> float:
        after = rows.report(row, task_pb2.TaskOutcome(**outcome), plugin, now)
        assert after.state == task_pb2.Task.STATE_OPEN
        assert after.HasField("seen_time") == ("observed" in outcome)
        return (after.due_time.ToDatetime(UTC) - now).total_seconds()

    assert due(observed=task_pb2.TaskOutcome.Observed()) == 86400
    assert due(retry=task_pb2.TaskOutcome.Retry(reason="TIMEOUT")) == 3600
    assert due(unknown=task_pb2.TaskOutcome.Unknown(reason="TIMEOUT")) == 3600


def test_what_a_caller_says_of_risks_is_not_taken_over() -> None:
    """Notices, risks and observations are outputs: those that a new subject brings along are dropped."""
    bench = Bench()
    given = res.Subject(name=SUBJECT, notices=[res.Notice(name="x")], risks=[res.Risk(name="x")])
    given.observations.add(service="x")
    bench.run(cmd.CreateSubject(given))
    made = subject(bench)
    assert [*made.notices, *made.risks, *made.observations] == []


def test_a_record_is_looked_at_again_when_what_it_depends_on_changes() -> None:
    """The watched part differs with accesses, domains, certificates and notices, and with nothing else."""

    def of(bench: Bench) -> dict[str, tuple[str, ...]]:
        return watched(bench.record or Record())

    bench = filed("tencent")
    before = of(bench)
    assert before == of(filed("tencent", regulator_id="r1"))
    notice(bench, res.NOTICE_KIND_CONTENT)
    assert of(bench) != before != of(filed("tencent", "aliyun"))


@pytest.mark.parametrize(
    ("domains", "day", "severity", "wish"),
    [
        (["a.com"], "2026-05-31", res.SEVERITY_WARNING, ""),  # 90 days are left
        (["a.com", "b.com"], "2026-03-02", res.SEVERITY_WARNING, "REMOVE_DOMAIN"),
        (["a.com", "b.com"], "2026-03-01", res.SEVERITY_BLOCKER, "REMOVE_DOMAIN"),
    ],
)
def test_a_domain_is_at_risk_from_three_months_before_its_last_day(
    domains: list[str], day: str, severity: int, wish: str
) -> None:
    """Orders are rejected for it; once expired others may register it (S4.1, S4.2), and its access goes (S4.34). One of
    several may be deleted from the filing by a change (S4.3).
    """
    bench = Bench()
    given = res.Subject(name=SUBJECT, licence_number=LICENCE)
    service = given.services.add(name=SERVICE, domains=domains, licence_number=f"{LICENCE}-1")
    service.accesses.add(provider="tencent")
    service.registrations.add(domain=domains[-1], expires_on=day)
    bench.run(cmd.CreateSubject(given))
    assert kinds(bench) == ["DOMAIN_EXPIRING"]
    (risk,) = subject(bench).risks
    assert (risk.due_date, risk.wish, risk.finding.severity, risk.resource) == (day, wish, severity, SERVICE)
    assert domains[-1] in risk.finding.message_zh


def test_the_days_of_a_domain_alone_raise_its_risk() -> None:
    """The record is looked at on the day on which 90 are left, and on the day after the last one."""
    bench = filed("tencent", registrations=[res.DomainRegistration(domain="example.com", expires_on="2026-06-30")])
    assert kinds(bench) == []
    assert bench.record is not None
    assert "2026-06-30" in watched(bench.record)[SERVICE]
    turn = risks.next_change(bench.record, day_of(bench.now))
    assert turn == datetime(2026, 3, 31, 16, tzinfo=UTC)
    bench.now = turn
    assert bench.run(cmd.Patrol({})) == ["risk_raised"]
    assert risks.next_change(bench.record, day_of(bench.now)) == datetime(2026, 6, 30, 16, tzinfo=UTC)

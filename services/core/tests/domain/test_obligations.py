"""Deadlines of a subject: of its certificates, and of what a filing obliges it to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import projection
from beianhub_core.domain.deadlines import name_of
from beianhub_core.domain.evolve import fold
from beianhub_core.errors import BeianhubError
from beianhub_core.rulebook.workdays import CHINA, Calendar

from .support import SERVICE, SUBJECT, Bench
from .test_deadlines import BARE, china
from .test_sms_story import fire_due

NUMBER = "京ICP备2026000001号"
CHANGE = "tenants/acme/orders/change"
TENCENT = res.Access(provider="tencent")
OLD = "profile.principal.certificate.valid_until"
NEW = "services[0].principal.certificate.valid_until"


def of_subject(bench: Bench, kind: str) -> dict[str, res.Deadline]:
    assert bench.record is not None
    return {d.path: d for d in bench.record.subject.deadlines if d.kind == kind}


def with_certificates(principal: str, service: str = "") -> Bench:
    bench = Bench()
    subject = res.Subject(name=SUBJECT, licence_number=NUMBER)
    subject.profile.principal.certificate.valid_until = principal
    made = subject.services.add(name=SERVICE, domains=["example.com"], licence_number=f"{NUMBER}-1")
    made.principal.certificate.valid_until = service
    bench.run(cmd.CreateSubject(subject))
    return bench


def test_certificates_end_and_are_warned_of_when_three_months_are_left() -> None:
    """Each certificate's last day is a deadline; it is warned of on the day that leaves 90, and told once as ended."""
    bench = with_certificates("2026-08-01", "长期")
    (path,) = of_subject(bench, "CERTIFICATE")
    found = of_subject(bench, "CERTIFICATE")[path]
    assert (path, found.time.ToDatetime(UTC)) == (OLD, china(2026, 8, 2))
    assert {"ALI-2019"} < set(found.source)
    bench.now = china(2026, 5, 2, 23)
    assert fire_due(bench) == []
    bench.now = china(2026, 5, 3)
    assert fire_due(bench) == ["deadline_near", "risk_raised"]
    bench.now = china(2026, 8, 2)
    assert fire_due(bench) == ["deadline_passed", "risk_raised"]
    assert fire_due(bench) == []
    told = bench.events[-2].deadline_passed
    assert (told.order, told.finding.path) == ("", OLD)
    assert fold(bench.events) == bench.record


def test_in_shanghai_a_licence_has_a_year_left() -> None:
    """上海 asks for more than a year of a unit's own certificate, and three months of a person's."""
    bench = Bench()
    subject = res.Subject(name=SUBJECT)
    subject.profile.province, subject.profile.nature = "上海", res.NATURE_ENTERPRISE
    subject.profile.certificate.valid_until = subject.profile.principal.certificate.valid_until = "2028-01-31"
    bench.run(cmd.CreateSubject(subject))
    warned = {path: d.warn_time.ToDatetime(UTC) for path, d in of_subject(bench, "CERTIFICATE").items()}
    assert warned == {"profile.certificate.valid_until": china(2027, 1, 31), OLD: china(2027, 11, 2)}


def update(bench: Bench, **until: str) -> list[str]:
    assert bench.record is not None
    subject = res.Subject()
    subject.CopyFrom(bench.record.subject)
    subject.profile.principal.certificate.valid_until = until["principal"]
    subject.services[0].principal.certificate.valid_until = until["service"]
    return bench.run(cmd.UpdateSubject(subject, ("profile", "services")))


def test_renewed_certificates_begin_anew() -> None:
    """A new last day is a new deadline, one that stays keeps what was told of it, and what never ends has none."""
    bench = with_certificates("2026-05-01", "2026-05-02")
    assert fire_due(bench) == ["deadline_near", "deadline_near"]
    events = update(bench, principal="2036-05-01", service="2026-05-02")
    assert events == ["subject_updated", "deadlines_set", "risk_cleared"]
    found = of_subject(bench, "CERTIFICATE")
    assert {path: d.state for path, d in found.items()} == {OLD: 0, NEW: res.DEADLINE_STATE_NEAR}
    assert fire_due(bench) == []
    assert update(bench, principal="", service="长期") == ["subject_updated", "deadlines_set", "risk_cleared"]
    assert not of_subject(bench, "CERTIFICATE")
    assert bench.record is not None
    assert not projection.timers(bench.record)


def test_nobody_sets_a_subject_s_deadlines_from_outside() -> None:
    """What a client sends in the output field is dropped."""
    bench = Bench()
    subject = res.Subject(name=SUBJECT, deadlines=[res.Deadline(kind="CERTIFICATE")])
    bench.run(cmd.CreateSubject(subject))
    assert bench.record is not None
    assert not bench.record.subject.deadlines


def filed(bench: Bench, order: str) -> None:
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="T-1"))
    numbers = {"subject_licence_number": NUMBER, "service_licence_number": f"{NUMBER}-1"}
    bench.status(order, res.ORDER_STATE_FILED, "已备案", **numbers)


def test_a_service_that_opened_is_filed_with_the_police() -> None:
    """公安联网备案 within 30 days after opening (HW-KB doc_0033)."""
    bench = Bench()
    bench.create_subject()
    bench.now = china(2026, 3, 2, 10)
    filed(bench, bench.create_order())
    found = of_subject(bench, "POLICE_FILING")["services[0]"]
    assert (found.time.ToDatetime(UTC), list(found.source)) == (china(2026, 4, 2), ["HW-KB doc_0033"])
    assert found.warn_time.ToDatetime(UTC) == china(2026, 3, 25, 9)
    assert found.calendar == ""


def registered(**days: str) -> Bench:
    """A filed website whose domains end on these days, each named by its first label."""
    bench = Bench()
    subject = res.Subject(name=SUBJECT, licence_number=NUMBER)
    domains = [f"{label}.com" for label in days]
    service = subject.services.add(name=SERVICE, domains=domains, licence_number=f"{NUMBER}-1", accesses=[TENCENT])
    for label, day in days.items():
        service.registrations.add(domain=f"{label}.com", expires_on=day)
    bench.run(cmd.CreateSubject(subject))
    return bench


def renew(bench: Bench, *days: str) -> list[str]:
    assert bench.record is not None
    subject = res.Subject()
    subject.CopyFrom(bench.record.subject)
    for registration, day in zip(subject.services[0].registrations, days, strict=True):
        registration.expires_on = day
    return bench.run(cmd.UpdateSubject(subject, ("services",)))


def test_a_domain_ends_and_is_warned_of_when_three_months_are_left() -> None:
    """Orders want more than 90 days (ALI-2019, HW-KB); one that lapses loses its access (S4.34), and others may
    register it (S4.1).
    """
    bench = registered(one="2026-08-01", two="")
    ((path, found),) = of_subject(bench, "DOMAIN_EXPIRY").items()
    assert (path, found.time.ToDatetime(UTC)) == ("services[0].registrations[0].expires_on", china(2026, 8, 2))
    assert {"ALI-2019", "HW-KB", "S4.34", "S4.1"} <= set(found.source)
    bench.now = china(2026, 5, 2, 23)
    assert fire_due(bench) == []
    bench.now = china(2026, 5, 3)
    assert fire_due(bench) == ["deadline_near", "risk_raised"]
    assert "Renew" in bench.events[-2].deadline_near.finding.suggestion
    bench.now = china(2026, 8, 2)
    assert fire_due(bench) == ["deadline_passed", "risk_raised"]
    assert fold(bench.events) == bench.record


def test_a_renewed_domain_begins_anew() -> None:
    """Its new last day is a new deadline, and the risk goes; where the day is not known any more there is none."""
    bench = registered(one="2026-05-01", two="2026-05-02")
    assert fire_due(bench) == ["deadline_near", "deadline_near"]
    assert renew(bench, "2036-05-01", "2026-05-02") == ["subject_updated", "deadlines_set", "risk_cleared"]
    assert [d.state for d in of_subject(bench, "DOMAIN_EXPIRY").values()] == [res.DEADLINE_STATE_NEAR, 0]
    assert renew(bench, "", "") == ["subject_updated", "deadlines_set", "risk_cleared"]
    assert not of_subject(bench, "DOMAIN_EXPIRY")


def test_a_cancelled_service_s_domain_is_nobody_s_concern() -> None:
    """After 注销网站 nothing here depends on the domain."""
    bench = registered(one="2026-08-01")
    assert bench.record is not None
    subject = res.Subject()
    subject.CopyFrom(bench.record.subject)
    subject.services[0].state = res.SERVICE_STATE_CANCELLED
    bench.run(cmd.UpdateSubject(subject, ("services",), as_filed=True))
    assert not of_subject(bench, "DOMAIN_EXPIRY")


def test_a_domain_that_is_deleted_from_the_filing_takes_what_is_known_of_it_along() -> None:
    """变更网站 keeps one of two domains (S4.3): the other one's last day is no deadline and no risk any more."""
    bench = registered(one="2026-05-01", two="2036-05-02")
    service = res.Service(title="示例网站", domains=["two.com"])
    order = res.Order(name=CHANGE, subject=SUBJECT, service=SERVICE, type=res.ORDER_TYPE_CHANGE_SERVICE)
    order.account, order.provider = "tenants/acme/accounts/tencent", "tencent"
    order.change.CopyFrom(res.OrderChange(service=service, paths=["service.domains"]))
    bench.run(cmd.CreateOrder(order))
    filed(bench, CHANGE)
    assert bench.record is not None
    assert [each.domain for each in bench.record.subject.services[0].registrations] == ["two.com"]
    ((path, found),) = of_subject(bench, "DOMAIN_EXPIRY").items()
    assert (path, found.time.ToDatetime(UTC)) == ("services[0].registrations[0].expires_on", china(2036, 5, 3))
    assert not bench.record.subject.risks
    assert fold(bench.events) == bench.record


def complete(bench: Bench, deadline: res.Deadline, note: str = "") -> list[str]:
    return bench.run(cmd.CompleteDeadline(name_of(SUBJECT, deadline), note))


def test_what_was_done_elsewhere_is_due_no_more() -> None:
    """A deadline that is done, even one that has passed, is not listed, warned of or told again; it stays done."""
    bench = Bench()
    bench.create_subject()
    filed(bench, bench.create_order())
    assert bench.record is not None
    bench.advance(days=40)
    assert fire_due(bench) == ["deadline_passed"]
    (found,) = bench.record.subject.deadlines
    assert complete(bench, found, "京公网安备11010502000001号") == ["deadline_completed"]
    assert bench.events[-1].deadline_completed.note == "京公网安备11010502000001号"
    assert of_subject(bench, "POLICE_FILING")["services[0]"].state == res.DEADLINE_STATE_DONE
    assert (projection.deadlines(bench.record), projection.timers(bench.record)) == ({}, {})
    assert complete(bench, found) == []
    assert fold(bench.events) == bench.record


def test_a_renewed_certificate_is_due_again_by_its_new_last_day() -> None:
    """Until the record has the new last day, the certificate stays a risk; then its deadline begins anew."""
    bench = with_certificates("2026-05-01", "长期")
    assert fire_due(bench) == ["deadline_near"]
    assert complete(bench, of_subject(bench, "CERTIFICATE")[OLD]) == ["deadline_completed"]
    bench.now = china(2026, 5, 2)
    assert fire_due(bench) == []
    assert bench.run(cmd.Patrol({})) == ["risk_raised"]
    assert update(bench, principal="2036-05-01", service="") == ["subject_updated", "deadlines_set", "risk_cleared"]
    assert of_subject(bench, "CERTIFICATE")[OLD].state == res.DEADLINE_STATE_UNSPECIFIED


def test_a_notice_goes_with_its_date() -> None:
    """A rectification done offline takes its notice off the record, and the risk with it."""
    bench = with_certificates("", "")
    notice = res.Notice(name=f"{SUBJECT}/notices/n1", kind=res.NOTICE_KIND_CONTENT, due_date="2026-03-25")
    bench.run(cmd.ReportNotice(notice))
    (due,) = of_subject(bench, "RECTIFICATION").values()
    assert complete(bench, due) == ["deadline_completed", "notice_resolved", "deadlines_set", "risk_cleared"]
    assert bench.record is not None
    assert not bench.record.subject.notices
    with pytest.raises(BeianhubError, match="DEADLINE_NOT_FOUND"):
        complete(bench, due)


def test_the_deadline_of_an_order_is_nobody_s_to_complete() -> None:
    """It ends with what becomes of the order; only the subject's own can be done elsewhere."""
    bench = Bench()
    bench.create_subject()
    bench.create_order()
    with pytest.raises(BeianhubError, match="DEADLINE_NOT_FOUND"):
        complete(bench, res.Deadline(kind="IDLE"))


def accessed_with_a_change(province: str, start: datetime, calendar: Calendar = CHINA) -> Bench:
    """An access is filed while a change of the address and of a phone is drafted."""
    bench = Bench()
    bench.calendar = calendar
    bench.create_subject(subject_licence=NUMBER, province=province, licence_number=f"{NUMBER}-1", accesses=[TENCENT])
    bench.now = start
    order = res.Order(name=CHANGE, subject=SUBJECT, service=SERVICE, type=res.ORDER_TYPE_CHANGE_SERVICE)
    order.account, order.provider = "tenants/acme/accounts/tencent", "tencent"
    order.change.paths[:] = ["profile.address", "service.principal.mobile"]
    bench.run(cmd.CreateOrder(order))
    filed(bench, bench.create_order("access", res.ORDER_TYPE_ADD_ACCESS, "aliyun"))
    return bench


@pytest.mark.parametrize(("province", "source"), [("北京", "TC-DOC"), ("江苏", "TC-DOC"), ("广东", "HW-KB doc_0173")])
def test_data_that_differ_are_changed_within_ten_working_days(province: str, source: str) -> None:
    """After an access with other data the change follows in 10 working days (HW-KB doc_0173; 北京, 江苏: TC-DOC)."""
    bench = accessed_with_a_change(province, china(2026, 3, 2, 10))
    found = of_subject(bench, "CHANGE_WITHIN")
    assert set(found) == {"profile.address", "services[0].principal.mobile"}
    assert found["profile.address"].time.ToDatetime(UTC) == china(2026, 3, 17)
    assert any(source in label for label in found["profile.address"].source)
    bench.now = china(2026, 3, 17)
    assert [event for event in fire_due(bench) if event != "order_reminded"] == ["deadline_passed"] * 2


def test_what_is_not_to_be_changed_any_more_has_no_deadline() -> None:
    """It goes with the change: filed, or given up."""
    bench = accessed_with_a_change("北京", china(2026, 3, 2, 10))
    assert bench.run(cmd.AbandonOrder(CHANGE)) == ["order_ended", "deadlines_set"]
    assert not of_subject(bench, "CHANGE_WITHIN")
    assert fold(bench.events) == bench.record


def test_a_subject_s_provisional_deadlines_are_counted_again() -> None:
    """Like those of an order, each by its own path."""
    bench = accessed_with_a_change("北京", china(2026, 9, 28, 10), BARE)
    before = of_subject(bench, "CHANGE_WITHIN")["profile.address"]
    assert (before.provisional, before.time.ToDatetime(UTC)) == (True, china(2026, 10, 13))
    bench.calendar = CHINA
    assert bench.run(cmd.RecountDeadlines()) == ["deadlines_set"]
    after = of_subject(bench, "CHANGE_WITHIN")["profile.address"]
    assert (after.provisional, after.time.ToDatetime(UTC)) == (False, china(2026, 10, 17))


def planned(day: str, calendar: Calendar = CHINA, start: datetime | None = None) -> Bench:
    """A drafted change of a filed service whose day is ``day``."""
    bench = Bench()
    bench.calendar = calendar
    bench.now = start or china(2026, 3, 2, 10)
    bench.create_subject(subject_licence=NUMBER, licence_number=f"{NUMBER}-1", accesses=[TENCENT])
    order = res.Order(name=CHANGE, subject=SUBJECT, service=SERVICE, type=res.ORDER_TYPE_CHANGE_SERVICE)
    order.account, order.provider, order.planned_date = "tenants/acme/accounts/tencent", "tencent", day
    order.change.CopyFrom(res.OrderChange(service=res.Service(title="新名称"), paths=["service.title"]))
    bench.run(cmd.CreateOrder(order))
    return bench


def of_change(bench: Bench) -> dict[str, datetime]:
    kinds = ("CHANGE_NOTICE", "CHANGE_IN_TIME")
    return {d.kind: d.time.ToDatetime(UTC) for d in bench.order(CHANGE).deadlines if d.kind in kinds}


def test_a_planned_change_is_filed_30_days_ahead() -> None:
    """HW-KB doc_0195; and if nobody does, within 10 working days after its day (HW-KB doc_0173). Both end when it is
    submitted.
    """
    bench = planned("2026-05-15")
    assert of_change(bench) == {"CHANGE_NOTICE": china(2026, 4, 16), "CHANGE_IN_TIME": china(2026, 5, 30)}
    sources = {d.kind: list(d.source) for d in bench.order(CHANGE).deadlines}
    assert sources["CHANGE_NOTICE"] == ["HW-KB doc_0195"]
    assert sources["CHANGE_IN_TIME"] == ["HW-KB doc_0173"]
    bench.now = china(2026, 4, 8, 9)
    assert "deadline_near" in fire_due(bench)
    bench.now = china(2026, 4, 16)
    assert "deadline_passed" in fire_due(bench)
    bench.run(cmd.SubmitOrder(CHANGE))
    assert of_change(bench) == {}
    assert fold(bench.events) == bench.record


def test_what_has_changed_is_filed_within_ten_working_days() -> None:
    """There is nothing to file ahead any more (HW-KB doc_0173)."""
    assert of_change(planned("2026-03-02")) == {"CHANGE_IN_TIME": china(2026, 3, 17)}


def test_a_change_that_comes_too_soon_is_late_at_once() -> None:
    """With fewer than 30 days left the day to file it has passed (HW-KB doc_0195), which is told once."""
    bench = planned("2026-03-12")
    assert of_change(bench)["CHANGE_NOTICE"] == china(2026, 2, 11)
    assert fire_due(bench) == ["deadline_passed"]
    assert fire_due(bench) == []


def test_a_change_that_comes_back_is_still_to_be_filed_in_time() -> None:
    """Rejected, it is to be submitted again, by the same day."""
    bench = planned("2026-05-15")
    bench.run(cmd.SubmitOrder(CHANGE))
    bench.pass_prechecks()
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="T-1"))
    assert of_change(bench) == {}
    bench.status(CHANGE, res.ORDER_STATE_PROVIDER_REJECTED, "驳回")
    assert of_change(bench) == {"CHANGE_NOTICE": china(2026, 4, 16), "CHANGE_IN_TIME": china(2026, 5, 30)}
    bench.run(cmd.AbandonOrder(CHANGE))
    assert of_change(bench) == {}


def test_a_change_s_day_is_counted_again_with_newer_data() -> None:
    """The working days after it, from its day on; what lies 30 days ahead needs no calendar."""
    bench = planned("2026-09-28", BARE)
    before = of_change(bench)
    bench.calendar = CHINA
    assert bench.run(cmd.RecountDeadlines()) == ["deadlines_set"]
    assert of_change(bench) == {"CHANGE_NOTICE": before["CHANGE_NOTICE"], "CHANGE_IN_TIME": china(2026, 10, 17)}
    assert before["CHANGE_IN_TIME"] == china(2026, 10, 13)

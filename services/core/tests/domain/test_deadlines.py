"""Deadlines of orders: from the rulebook and China's working days, warned of, passed once, counted again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import orders
from beianhub_core.domain.draft import Context, Draft
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.periods import BEIJING
from beianhub_core.rulebook.workdays import CHINA, Calendar

from .support import CATALOG, Bench
from .test_sms_story import WAITING, fire_due

BARE = replace(CHINA, version="weekends alone", last_year=2000, holidays=frozenset(), workdays=frozenset())
PASSED = res.DEADLINE_STATE_PASSED


def china(*when: int) -> datetime:
    return datetime(*when, tzinfo=BEIJING)  # type: ignore[arg-type,misc]  # year, month, day, …


def accepted(*, at: str = "tencent", start: datetime | None = None, province: str = "") -> tuple[Bench, str]:
    bench = Bench()
    bench.now = start or bench.now
    bench.create_subject(province=province)
    order = bench.create_order(at=at)
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="T-1"))
    return bench, order


def deadline(bench: Bench, order: str, kind: str) -> res.Deadline:
    (found,) = [d for d in bench.order(order).deadlines if d.kind == kind]
    return found


def ends(found: res.Deadline) -> datetime:
    return found.time.ToDatetime(UTC)


@pytest.mark.parametrize(
    ("at", "kind", "last", "source"),
    [
        ("tencent", "FIRST_REVIEW", date(2026, 3, 3), "S2.5"),
        ("aliyun", "FIRST_REVIEW", date(2026, 3, 3), "ALI-2019"),
        ("tencent", "PROVIDER_TO_REGULATOR", date(2026, 3, 5), "TC-DOC"),
        ("aliyun", "PROVIDER_TO_REGULATOR", date(2026, 3, 3), "ALI-2019"),
        ("tencent", "REGULATOR_REVIEW", date(2026, 3, 30), "HW-KB doc_0158"),
    ],
)
def test_a_review_has_its_deadline(at: str, kind: str, last: date, source: str) -> None:
    """Each provider's own review (S2.5, ALI-2019), its handing over, the bureau's 20 working days (HW-KB doc_0158)."""
    bench, order = accepted(at=at, start=china(2026, 3, 2, 17))
    if kind != "FIRST_REVIEW":
        state = res.ORDER_STATE_READY_TO_SUBMIT if kind == "PROVIDER_TO_REGULATOR" else res.ORDER_STATE_REGULATOR_REVIEW
        bench.status(order, state, "下一步")
    (found,) = bench.order(order).deadlines
    assert (found.kind, ends(found)) == (kind, china(last.year, last.month, last.day) + timedelta(days=1))
    assert source in found.source
    assert (found.provisional, found.calendar) == (False, CHINA.version)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (china(2026, 2, 13, 10), (2026, 2, 14)),  # the Saturday before the Spring Festival (春节) is worked (调休)
        (china(2026, 2, 14, 10), (2026, 2, 24)),  # 15 to 23 February are off
        (china(2026, 9, 30, 10), (2026, 10, 8)),  # the National Day holiday (国庆)
        (china(2026, 9, 19, 10), (2026, 9, 20)),  # a Sunday worked in exchange for it
        (china(2026, 3, 6, 10), (2026, 3, 9)),  # an ordinary weekend
        (datetime(2026, 3, 2, 17, tzinfo=UTC), (2026, 3, 4)),  # already the 3rd in China
    ],
)
def test_holidays_and_days_worked_in_exchange(start: datetime, last: tuple[int, int, int]) -> None:
    """A working day is one of China's calendar, and a day is a day in China."""
    bench, order = accepted(start=start)
    assert ends(deadline(bench, order, "FIRST_REVIEW")) == china(*last) + timedelta(days=1)


@pytest.mark.parametrize(
    ("province", "last", "warned"),
    [
        ("北京", (2026, 3, 30), (2026, 3, 23)),  # usually 10 to 14 (S2.23): later than that it is said
        ("辽宁", (2026, 3, 30), (2026, 3, 23)),
        ("浙江", (2026, 4, 1), (2026, 3, 30)),  # up to 30 days, and no working days (TC-DOC)
        ("江苏", (2026, 3, 30), (2026, 3, 28)),
    ],
)
def test_the_provinces_own_figures(province: str, last: tuple[int, int, int], warned: tuple[int, int, int]) -> None:
    """The longest that a source states counts; what the province calls usual is when it is warned of."""
    bench, order = accepted(start=china(2026, 3, 2, 10), province=province)
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    found = deadline(bench, order, "REGULATOR_REVIEW")
    assert ends(found) == china(*last) + timedelta(days=1)
    assert found.warn_time.ToDatetime(UTC) == china(*warned, 9)
    assert any("S2.23" in source for source in found.source) == (province in ("北京", "辽宁"))


def test_what_no_source_dates_has_no_deadline() -> None:
    """No source says how long a transfer takes (HW-KB doc_0199); and from the SMS on MIIT has the order."""
    bench = Bench()
    bench.create_subject(subject_licence="京ICP备2026000001号", licence_number="京ICP备2026000001号-1")
    order = bench.create_order(kind=res.ORDER_TYPE_CLAIM)
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="T-1"))
    assert bench.order(order).state == res.ORDER_STATE_PROVIDER_REVIEW
    assert not bench.order(order).deadlines

    bench, order = accepted()
    bench.status(order, res.ORDER_STATE_READY_TO_SUBMIT, "短信核验", verifications=[WAITING])
    assert [d.kind for d in bench.order(order).deadlines] == ["MIIT_SMS"]


def test_an_overdue_review_is_told_once() -> None:
    """It is warned of, then told as overdue with what to do; neither again, however often its timer fires."""
    bench, order = accepted(start=china(2026, 3, 2, 10))
    assert fire_due(bench) == []
    bench.now = china(2026, 3, 3, 9)
    assert fire_due(bench) == ["deadline_near"]
    assert fire_due(bench) == []
    bench.now = china(2026, 3, 4, 0)
    assert fire_due(bench) == ["deadline_passed"]
    bench.advance(days=60)
    assert fire_due(bench) == []
    assert bench.run(cmd.FireTimer("o1/FIRST_REVIEW")) == []
    told = bench.events[-1].deadline_passed
    assert (told.order, told.finding.code, list(told.finding.source)) == (order, "DEADLINE_PASSED", ["S2.5", "S2.22"])
    assert "provider" in told.finding.suggestion
    assert deadline(bench, order, "FIRST_REVIEW").state == PASSED
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    assert [d.kind for d in bench.order(order).deadlines] == ["REGULATOR_REVIEW"]


def test_a_scheduler_that_was_away_warns_of_nothing_that_has_passed() -> None:
    """Where both times have come, the deadline has passed, and the warning is no use any more."""
    bench, _ = accepted(start=china(2026, 3, 2, 10))
    bench.now = china(2026, 3, 9, 10)
    assert fire_due(bench) == ["deadline_passed"]


def test_a_review_begun_again_has_a_deadline_of_its_own() -> None:
    """An order that came back and is sent again is reviewed anew, from then on."""
    bench, order = accepted(start=china(2026, 3, 2, 10))
    bench.status(order, res.ORDER_STATE_PROVIDER_REJECTED, "驳回")
    assert {d.kind for d in bench.order(order).deadlines} == {"IDLE", "IDLE_REMINDER"}
    bench.now = china(2026, 3, 9, 10)
    bench.run(cmd.SubmitOrder(order))
    bench.pass_prechecks()
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="T-1"))
    assert ends(deadline(bench, order, "FIRST_REVIEW")) == china(2026, 3, 11)


def test_the_fold_does_not_depend_on_the_calendar() -> None:
    """What was counted is in the events: folded by a program with other data, the record is the same."""
    with_ours, order = accepted(start=china(2026, 9, 30, 10))
    assert fold(with_ours.events) == with_ours.record
    without = Bench()
    without.calendar = BARE
    assert ends(deadline(with_ours, order, "FIRST_REVIEW")) == china(2026, 10, 9)


def counted_without_data() -> tuple[Bench, str]:
    """In the bureau's review over the National Day holiday, for which the calendar had no data."""
    bench, order = accepted(start=china(2026, 9, 28, 10))
    bench.calendar = BARE
    bench.status(order, res.ORDER_STATE_REGULATOR_REVIEW, "管局审核中")
    return bench, order


def findings(bench: Bench, order: str) -> list[str]:
    context = Context("acme", "s1", bench.now, "test", "", bench.new_id, CATALOG, bench.accounts, {}, bench.calendar)
    return [f.path for f in orders.findings(Draft(bench.record, context), bench.order(order)) if "PROV" in f.code]


def test_provisional_deadlines_are_counted_again() -> None:
    """Past the data weekends alone count, which an INFO finding says; once the data are there, so do the holidays."""
    bench, order = counted_without_data()
    before = deadline(bench, order, "REGULATOR_REVIEW")
    assert (before.provisional, ends(before)) == (True, china(2026, 10, 27))
    assert findings(bench, order) == ["order.deadlines[0]"]
    assert bench.run(cmd.RecountDeadlines()) == []

    bench.calendar = CHINA
    assert bench.run(cmd.RecountDeadlines()) == ["deadlines_set"]
    after = deadline(bench, order, "REGULATOR_REVIEW")
    assert (after.provisional, after.calendar, after.start_time) == (False, CHINA.version, before.start_time)
    assert ends(after) == china(2026, 10, 31)  # five working days fell away, and Saturday the 10th is worked
    assert findings(bench, order) == []
    assert bench.run(cmd.RecountDeadlines()) == []
    assert fold(bench.events) == bench.record


@pytest.mark.parametrize(("when", "again"), [(china(2026, 10, 26, 10), 1), (china(2026, 10, 28, 10), 0)])
def test_a_recount_repeats_no_end(when: datetime, again: int) -> None:
    """A deadline that moved is warned of on its own day; one that has passed stays passed."""
    bench, _ = counted_without_data()
    bench.now = when
    fired = fire_due(bench)
    bench.calendar = CHINA
    assert bench.run(cmd.RecountDeadlines()) == ["deadlines_set"] * again
    bench.now = china(2026, 12, 1)
    assert [*fired, *fire_due(bench)].count("deadline_passed") == 1


def test_a_newer_calendar_may_still_end_too_early() -> None:
    """It stays provisional, by the newer version, and the warning that was given is not repeated."""
    bench, order = counted_without_data()
    bench.now = china(2026, 10, 25, 10)
    assert fire_due(bench) == ["deadline_near"]
    bench.calendar = Calendar("newer", 2000, 2001, frozenset(), frozenset())
    assert bench.run(cmd.RecountDeadlines()) == ["deadlines_set"]
    found = deadline(bench, order, "REGULATOR_REVIEW")
    assert (found.provisional, found.calendar, found.state) == (True, "newer", res.DEADLINE_STATE_NEAR)
    assert fire_due(bench) == []

"""The domain as a machine: whatever is commanded, reported, repeated, late or timed, its laws hold at every step.

CI takes 20,000 steps, always the same; ``make nightly`` takes 200,000 that nobody has taken before.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import preconditions, projection
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.lookup import find_service, is_in_flight
from beianhub_core.findings import SEVERITY_BLOCKER
from beianhub_core.rulebook.workdays import CHINA, Calendar

from . import machine_laws as laws
from .machine_inputs import FITTING, GOES_WELL, LICENCES, PROGRESS, TALK, fitting, numbers_of, outcomes, statuses
from .machine_office import Office
from .machine_world import ACCOUNTS, ACME, LEASE, OTHER, SUBJECTS, account, company
from .support import TYPES

NIGHTLY = settings.get_current_profile_name() == "nightly"
STEPS = 200_000 if NIGHTLY else 20_000
MOST_ORDERS, MOST_PIECES = 8, 8
CALENDARS = (CHINA, *(Calendar(f"bare-{n}", 2000, 2001, frozenset(), frozenset()) for n in (1, 2)))
SUBJECT = st.sampled_from(SUBJECTS)
RAREST = res.ORDER_TYPE_MIGRATE_SERVICE  # it needs two filed subjects, free, at one provider
FILED = st.sampled_from([2, 1, 0])  # services, most often all
WAY = st.none() | st.lists(st.sampled_from(PROGRESS), max_size=2)


class Filing(Office):
    """Two subjects with two services each, three accounts at two providers (API and console), hosts and an operator."""

    @initialize(
        filed=st.tuples(FILED, FILED), at=st.sampled_from([("tencent", "aliyun"), ("tencent",), ("aliyun",), ()])
    )
    def begin(self, filed: tuple[int, int], at: tuple[str, ...]) -> None:
        """Each is new, or imported with one or two filed services and their accesses."""
        for number, subject in enumerate(SUBJECTS):
            accounts = {each: each if not number or each == "aliyun" else f"{each}-second" for each in at}
            assert self.do(subject, cmd.CreateSubject(company(subject, LICENCES[subject], filed[number], accounts)))

    # --- what a reseller does ---

    def _drafted(self, subject: str, kind: int, at: str, service: str, further: int = 0) -> res.Order:
        record = self.world.records[subject]
        order = res.Order(
            name=f"{ACME}/orders/{subject}-o{len(record.orders) + 1 + further}",
            subject=record.subject.name,
            service=service,
            type=kind,
            account=account(at),
            provider=ACCOUNTS[at],
            ips=["203.0.113.9"],
        )
        if kind in CHANGES:
            order.change.vault_ref, order.change.base_ref = f"of {order.name}", record.subject.vault_ref
            order.change.paths.append("service.title")
            order.change.service.CopyFrom(
                find_service(record, service) or next(iter(record.subject.services), res.Service())
            )
            order.change.service.title += "新"
        if kind in (res.ORDER_TYPE_TRANSFER_ACCOUNT, res.ORDER_TYPE_MIGRATE_SERVICE):
            order.target_account = next(account(other) for other in ACCOUNTS if other != at)
        if kind == res.ORDER_TYPE_MIGRATE_SERVICE:
            order.target_subject = f"{ACME}/subjects/{OTHER[subject]}"
        return order

    def _services(self, subject: str) -> list[str]:
        return [service.name for service in self.world.records[subject].subject.services]

    @rule(data=st.data(), subject=SUBJECT, kind=st.sampled_from(TYPES), at=st.sampled_from(sorted(ACCOUNTS)))
    def create(self, data: st.DataObject, subject: str, kind: int, at: str) -> None:
        if len(self.world.records[subject].orders) < MOST_ORDERS:
            service = data.draw(
                st.sampled_from([*self._services(subject), "", f"{ACME}/subjects/{subject}/services/w1"])
            )
            self.do(subject, cmd.CreateOrder(self._drafted(subject, kind, at, service)))

    def _fitting(self, subject: str) -> dict[int, list[res.Order]]:
        """The orders by type that nothing stands against."""
        record, target = self.world.records[subject], self.world.records[OTHER[subject]]
        found: dict[int, list[res.Order]] = {}
        for choice in product(TYPES, ACCOUNTS, self._services(subject)):
            order = self._drafted(subject, *choice)
            if all(each.severity != SEVERITY_BLOCKER for each in preconditions.check(record, order, target)):
                found.setdefault(order.type, []).append(order)
        return found

    @precondition(lambda self: len(self.flying()) < len(SUBJECTS))
    @rule(data=st.data(), subject=SUBJECT, further=st.sampled_from([0, 0, 0, 1, 2]), way=WAY)
    def file(self, data: st.DataObject, subject: str, further: int, way: list[TaskOutcome.Status] | None) -> None:
        """Drafts and submits something that nothing stands against: of every type, sooner or later. Some of it begins a
        plan, whose further orders wait for it, and some ends at once, after what the vendor shows on its ``way``.
        """
        if len(self.world.records[subject].orders) >= MOST_ORDERS:
            return
        fitting_now = self._fitting(subject)
        if not fitting_now:
            return
        kinds = [*sorted(fitting_now), *[RAREST] * 3 * (RAREST in fitting_now)]
        order = data.draw(st.sampled_from(fitting_now[data.draw(st.sampled_from(kinds))]))
        after = [
            self._drafted(
                subject, res.ORDER_TYPE_CHANGE_ACCESS, "tencent", order.service or self._services(subject)[0], n
            )
            for n in range(1, further + 1)
        ]
        planned = [order, *after]
        for number, each in enumerate(planned):
            each.waits_for.extend(before.name for before in planned[:number])
            each.submit_when_released = bool(number)
        assert self.do(subject, cmd.CreateOrders(tuple(planned), self.world.records[subject].version))
        assert self.submit_order(subject, order.name)
        if way is not None:
            self._succeed(subject, order.name, way, anew=False)

    @precondition(lambda self: any(self.orders()))
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        self.submit_order(*self.an_order(data))

    @precondition(lambda self: any(self.orders()))
    @rule(data=st.data(), give_up=st.booleans())
    def take_back(self, data: st.DataObject, *, give_up: bool) -> None:
        subject, name = self.an_order(data)
        self.do(subject, cmd.AbandonOrder(name) if give_up else cmd.WithdrawOrder(name))

    @rule(
        name=SUBJECT,
        title=st.sampled_from(["示例科技有限公司", "新示例科技有限公司"]),
        drop=st.sampled_from([False] * 15 + [True]),
    )
    def update(self, name: str, title: str, *, drop: bool) -> None:
        """Another title; now and then a service is dropped, unless an order under way is about it."""
        record = self.world.records[name]
        subject = res.Subject()
        subject.CopyFrom(record.subject)
        subject.profile.title = title
        subject.licence_number = "粤ICP备1号"  # not the caller's to change
        subject.vault_ref = f"v{record.version}"
        dropped = subject.services.pop() if drop and subject.services else res.Service()
        busy = dropped.name in {o.service for o in record.orders if dropped.name and is_in_flight(o)}
        taken = self.do(name, cmd.UpdateSubject(subject, ("profile.title", "services")))
        assert not (taken and busy)

    # --- what hosts, operators and time do, as they should ---

    @precondition(lambda self: self.world.rows)
    @rule(data=st.data(), pieces=st.integers(1, 5))
    def serve(self, data: st.DataObject, pieces: int) -> None:
        """Hosts and operators do the next pieces of work as they should be done, each once it is due."""
        for _ in range(pieces):
            if self.world.rows:
                row = self.world.rows[self.a_row(data)]
                kind = data.draw(st.sampled_from(FITTING[row.kind]))
                self._work(row, kind, data.draw(st.sampled_from(PROGRESS)))

    @precondition(lambda self: self.flying())
    @rule(data=st.data(), anew=st.booleans())
    def succeed(self, data: st.DataObject, *, anew: bool) -> None:
        """Everything goes well with an order under way until it is filed, so that what comes after it is seen too."""
        self._succeed(*data.draw(st.sampled_from(self.flying())), [], anew=anew)

    def _succeed(self, subject: str, name: str, way: list[TaskOutcome.Status], *, anew: bool) -> None:
        order = next(order for _, order in self.orders() if order.name == name)
        owner = OTHER[subject] if order.target_subject else subject
        numbers = numbers_of(owner, len(self._services(owner)) + 1, anew=anew)
        filed = TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已备案", **numbers)
        shown = iter(way)
        for _ in range(MOST_PIECES):
            for row in [row for row in self.world.rows.values() if row.order == name][:1]:
                self._work(
                    row, GOES_WELL[row.kind], next(shown, filed) if row.kind == task_pb2.TASK_KIND_QUERY else filed
                )
        self.do(subject, cmd.ReportProgress(name, filed))

    def _work(self, row: Task, kind: str, status: TaskOutcome.Status) -> None:
        """One piece of work, once it is due: claimed, pinned where something is sent, reported."""
        world = self.world
        if row.phase == task_pb2.TASK_PHASE_PERSON:
            self.do(world.subject_of(row.name), cmd.CompleteHandoff(row.name, "H-1", TALK))
            return
        waited = max(row.due_time.ToDatetime(UTC), row.lease_expire_time.ToDatetime(UTC)) - world.now
        world.now += max(waited, timedelta())
        if not world.claim(row.name):
            return
        held = world.rows[row.name]
        if held.kind in (task_pb2.TASK_KIND_SUBMIT, task_pb2.TASK_KIND_HANDOFF):
            world.pin(row.name, held.epoch)
        finds = held.phase == task_pb2.TASK_PHASE_FIND
        self.report_task(row.name, held.epoch, fitting("accepted" if finds else kind, status))

    @precondition(lambda self: any(laws.waits_for_a_report(order) for _, order in self.orders()))
    @rule(data=st.data(), status=st.sampled_from(PROGRESS))
    def tell(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        """The operator reports on an order that went through the console."""
        waiting = [(subject, order.name) for subject, order in self.orders() if laws.waits_for_a_report(order)]
        subject, name = data.draw(st.sampled_from(waiting))
        self.do(subject, cmd.ReportProgress(name, status))

    @rule(seconds=st.sampled_from([1, 30, 61, 600, 86_400, 8 * 86_400, 46 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @rule(subject=SUBJECT, calendar=st.sampled_from(CALENDARS))
    def recount(self, subject: str, calendar: Calendar) -> None:
        """The calendar of working days gets other data; what was provisional is counted again."""
        self.world.calendar = calendar
        self.do(subject, cmd.RecountDeadlines())

    # --- what they do late, twice, wrongly, or after the record has moved on ---

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A command comes a second time, now or much later."""
        self.do(*data.draw(st.sampled_from(self.done[-12:])))

    @precondition(lambda self: any(self.orders()))
    @rule(data=st.data(), status=statuses())
    def progress(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        subject, name = self.an_order(data)
        self.do(subject, cmd.ReportProgress(name, status))

    @precondition(lambda self: self.world.rows)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        self.world.claim(self.a_row(data))

    @precondition(lambda self: self.world.claims)
    @rule(data=st.data())
    def pin(self, data: st.DataObject) -> None:
        self.world.pin(*data.draw(st.sampled_from(self.world.claims[-8:])))

    @precondition(lambda self: self.world.claims)
    @rule(data=st.data(), outcome=outcomes())
    def report(self, data: st.DataObject, outcome: TaskOutcome) -> None:
        """Of any claim there ever was: current, stale or reported before."""
        self.report_task(*data.draw(st.sampled_from(self.world.claims[-8:])), outcome)

    @precondition(lambda self: self.world.rows)
    @rule(data=st.data(), what=st.sampled_from(["claim", "complete", "give up", "retry"]))
    def operate(self, data: st.DataObject, what: str) -> None:
        world, name = self.world, self.a_row(data)
        row = world.rows[name]
        if what == "complete":
            self.do(world.subject_of(name), cmd.CompleteHandoff(name, "H-1", TALK))
        elif what == "give up":
            self.do(world.subject_of(name), cmd.GiveUpTask(name, TALK))
        elif what == "retry":
            world.rows[name] = rows.expedite(row, world.now)
        elif row.phase == task_pb2.TASK_PHASE_PERSON and row.kind == task_pb2.TASK_KIND_HANDOFF:
            world.rows[name] = rows.claim(row, world.now, LEASE, "operator")

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """Any timer that ever was: due, early, late, or of a record that has moved on. One that was due is gone."""
        subject, key = data.draw(st.sampled_from(sorted(self.keys)))
        old = projection.timers(self.world.records[subject]).get(key)
        self.do(subject, cmd.FireTimer(key))
        if old is not None and old <= self.world.now:
            assert projection.timers(self.world.records[subject]).get(key) != old or "IDLE_REMINDER" in key


@pytest.mark.timeout(0 if NIGHTLY else 600)
def test_the_laws_hold_at_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    """So many steps are taken that each order type is filed, each end reached, and no law of the domain is broken."""
    Office.taken, Office.reached, Office.released = 0, Counter(), 0
    run_state_machine_as_test(
        Filing,
        settings=settings(
            max_examples=STEPS // 35,
            stateful_step_count=50,
            deadline=None,
            derandomize=not NIGHTLY,
            suppress_health_check=list(HealthCheck),
        ),
    )
    filed = {kind: times for (kind, state), times in Office.reached.items() if state == "FILED"}
    ends = Counter[str]()
    for (_, state), times in Office.reached.items():
        ends[state] += times
    with capsys.disabled():  # how far a run came is told by every run
        sys.stdout.write(
            f"\n{Office.taken} steps; {Office.released} released; orders filed: {filed}; reached: {dict(ends)}\n"
        )
    assert Office.released
    assert Office.taken >= STEPS
    assert set(filed) == {res.OrderType.Name(kind).removeprefix("ORDER_TYPE_") for kind in TYPES}
    assert set(ends) == {state.removeprefix("ORDER_STATE_") for state in res.OrderState.keys()[1:]}

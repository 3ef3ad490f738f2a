"""The domain as a machine: whatever is commanded, reported, repeated, late or timed, its laws hold at every step.

CI takes 20,000 steps, always the same; ``make nightly`` takes 200,000 that nobody has taken before.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, timedelta
from itertools import product
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core.domain import cancelling, preconditions, projection
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.evolve import apply, fold
from beianhub_core.domain.lookup import EFFECTFUL, find_order, is_in_flight
from beianhub_core.errors import BeianhubError
from beianhub_core.findings import SEVERITY_BLOCKER
from beianhub_core.rulebook.workdays import CHINA, Calendar

from . import machine_laws as laws
from .machine_inputs import (
    ANEW,
    FITTING,
    GOES_WELL,
    ID_NUMBER,
    LICENCE,
    MOBILE,
    NUMBERS,
    PROGRESS,
    TALK,
    fitting,
    outcomes,
    statuses,
)
from .support import SERVICE, SUBJECT, TYPES, Bench, provider

NIGHTLY = settings.get_current_profile_name() == "nightly"
STEPS = 200_000 if NIGHTLY else 20_000
SECOND = f"{SUBJECT}/services/w2"
SERVICES = (SERVICE, SECOND)
ACCOUNTS = {"tencent": "tencent", "tencent-second": "tencent", "aliyun": "aliyun"}
LEASE = timedelta(seconds=60)
MOST_ORDERS, MOST_PIECES = 8, 8
CALENDARS = (CHINA, *(Calendar(f"bare-{n}", 2000, 2001, frozenset(), frozenset()) for n in (1, 2)))
UNFILED = {res.ORDER_TYPE_MIGRATE_SERVICE}  # a type that this version names and files no order of


class Filing(RuleBasedStateMachine):
    """One subject with two services, three accounts at two providers (API and console), two hosts and an operator."""

    taken: ClassVar[int] = 0
    reached: ClassVar[Counter[tuple[str, str]]] = Counter()
    released: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.accounts["tenants/acme/accounts/aliyun"].submission_channel = res.CHANNEL_CONSOLE
        second = res.Account(provider="tencent", submission_channel=res.CHANNEL_API)
        self.bench.accounts["tenants/acme/accounts/tencent-second"] = second
        self.plugin = provider("tencent")
        self.folded = Record(tenant="acme")
        self.claims: list[tuple[str, int]] = []
        self.keys: set[str] = set()
        self.done: list[cmd.Command] = []
        self.steps = -1  # the first look is before the first step

    @initialize(filed=st.integers(0, 2), at=st.sets(st.sampled_from(["tencent", "aliyun"])))
    def begin(self, filed: int, at: set[str]) -> None:
        """The subject is new, or imported with one or two filed services and their accesses."""
        subject = res.Subject(name=SUBJECT, customer="shop", vault_ref="v0", licence_number=LICENCE if filed else "")
        subject.profile.nature = res.NATURE_ENTERPRISE
        subject.profile.title = "示例科技有限公司"
        subject.profile.province = "四川"
        for number, name in enumerate(SERVICES, 1):
            service = subject.services.add(
                name=name, title=f"示例网站{number}", domains=[f"a{number}.com", f"b{number}.cn"]
            )
            if number <= filed:
                service.licence_number = f"{LICENCE}-{number}"
                for known in sorted(at):
                    service.accesses.add(provider=known, account=f"tenants/acme/accounts/{known}", ips=["203.0.113.7"])
        assert self.do(cmd.CreateSubject(subject))

    @property
    def record(self) -> Record:
        return Record() if self.bench.record is None else self.bench.record

    def do(self, command: cmd.Command) -> bool:
        """Runs the command; whether it was taken or refused, the laws hold across it."""
        before, known = self.record, len(self.bench.events)
        try:
            self.bench.run(command)
        except BeianhubError as refused:
            said = str(refused)
        else:
            self._took(command, before, self.bench.events[known:])
            return True
        assert len(self.bench.events) == known
        assert self.folded == self.record, "a refused command changes nothing"
        assert ID_NUMBER not in said
        return False

    def _took(self, command: cmd.Command, before: Record, events: list[Event]) -> None:
        self.done.append(command)
        for event in events:
            apply(self.folded, Event.FromString(event.SerializeToString()))
        assert self.folded == self.record, "the record is the fold of its events"
        laws.hold_across(before, self.record, events)
        laws.hold(self.record)
        self._note(before)
        Filing.released += sum(event.HasField("order_released") for event in events)

    def _note(self, before: Record) -> None:
        """Remembers what there was of timers and ends, and forgets rows that were closed."""
        self.keys |= set(projection.timers(self.record))
        opened = {task.name for task in self.record.tasks}
        self.bench.rows = {name: row for name, row in self.bench.rows.items() if name in opened}
        known = {order.name: order.state for order in before.orders}
        for order in self.record.orders:
            if order.state != known.get(order.name):
                kind, state = res.OrderType.Name(order.type), res.OrderState.Name(order.state)
                self.reached[kind.removeprefix("ORDER_TYPE_"), state.removeprefix("ORDER_STATE_")] += 1

    def pick(self, data: st.DataObject, choices: list[str]) -> str:
        return data.draw(st.sampled_from(sorted(choices)))

    def order_names(self) -> list[str]:
        return [order.name for order in self.record.orders]

    # --- what a reseller does ---

    def _drafted(self, kind: int, account: str, service: str) -> res.Order:
        order = res.Order(
            name=f"tenants/acme/orders/o{len(self.record.orders) + 1}",
            subject=SUBJECT,
            service=service,
            type=kind,
            account=f"tenants/acme/accounts/{account}",
            provider=ACCOUNTS[account],
            ips=["203.0.113.9"],
        )
        if kind in CHANGES:
            order.change.vault_ref, order.change.base_ref = f"of {order.name}", self.record.subject.vault_ref
            order.change.paths.append("service.title")
            order.change.service.CopyFrom(
                next(s for s in self.record.subject.services if s.name == (service or SERVICE))
            )
            order.change.service.title += "新"
        if kind == res.ORDER_TYPE_TRANSFER_ACCOUNT:
            order.target_account = next(f"tenants/acme/accounts/{other}" for other in ACCOUNTS if other != account)
        return order

    @precondition(lambda self: len(self.record.orders) < MOST_ORDERS)
    @rule(
        kind=st.sampled_from(TYPES), account=st.sampled_from(sorted(ACCOUNTS)), service=st.sampled_from((*SERVICES, ""))
    )
    def create(self, kind: int, account: str, service: str) -> None:
        self.do(cmd.CreateOrder(self._drafted(kind, account, service)))

    @precondition(lambda self: len(self.record.orders) < MOST_ORDERS)
    @precondition(lambda self: not any(is_in_flight(order) for order in self.record.orders))
    @rule(data=st.data(), further=st.sampled_from([0, 0, 0, 1, 2]))
    def file(self, data: st.DataObject, further: int) -> None:
        """Drafts and submits something that nothing stands against: of every type, sooner or later. Some of it begins a
        plan, whose further orders wait for it.
        """
        wanted = [self._drafted(*choice) for choice in product(TYPES, ACCOUNTS, SERVICES)]
        fitting_now = {order.type: [] for order in wanted}
        for order in wanted:
            if all(finding.severity != SEVERITY_BLOCKER for finding in preconditions.check(self.record, order)):
                fitting_now[order.type].append(order)
        kinds = [kind for kind, orders in fitting_now.items() if orders]
        order = data.draw(st.sampled_from(fitting_now[data.draw(st.sampled_from(kinds))]))
        planned = [order, *(self._drafted(res.ORDER_TYPE_CHANGE_ACCESS, "tencent", SERVICE) for _ in range(further))]
        for number, each in enumerate(planned):
            each.name = f"tenants/acme/orders/o{len(self.record.orders) + 1 + number}"
            each.waits_for.extend(before.name for before in planned[:number])
            each.submit_when_released = bool(number)
        assert self.do(cmd.CreateOrders(tuple(planned), self.record.version))
        assert self._submit(order.name)

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        self._submit(self.pick(data, self.order_names()))

    def _submit(self, name: str) -> bool:
        """What is destroyed is destroyed only by those who repeat what they give up."""
        order = find_order(self.record, name)
        assert order is not None
        repeated = cancelling.confirmation(self.record, order)
        assert not repeated or not self.do(cmd.SubmitOrder(name))
        return self.do(cmd.SubmitOrder(name, repeated))

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data(), give_up=st.booleans())
    def take_back(self, data: st.DataObject, give_up: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        name = self.pick(data, self.order_names())
        self.do(cmd.AbandonOrder(name) if give_up else cmd.WithdrawOrder(name))

    @rule(title=st.sampled_from(["示例科技有限公司", "新示例科技有限公司"]))
    def update(self, title: str) -> None:
        subject = res.Subject()
        subject.CopyFrom(self.record.subject)
        subject.profile.title = title
        subject.licence_number = "粤ICP备1号"  # not the caller's to change
        subject.vault_ref = f"v{self.record.version}"
        self.do(cmd.UpdateSubject(subject, ("profile.title",)))

    # --- what hosts, operators and time do, as they should ---

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data(), pieces=st.integers(1, 5))
    def serve(self, data: st.DataObject, pieces: int) -> None:
        """Hosts and operators do the next pieces of work as they should be done, each once it is due."""
        for _ in range(pieces):
            if self.bench.rows:
                self._serve(data)

    def _serve(self, data: st.DataObject) -> None:
        row = self.bench.rows[self.pick(data, list(self.bench.rows))]
        kind = data.draw(st.sampled_from(FITTING[row.kind]))
        self._work(row, kind, data.draw(st.sampled_from(PROGRESS)))

    @precondition(lambda self: any(is_in_flight(order) for order in self.record.orders))
    @rule(numbers=st.sampled_from([NUMBERS, ANEW]))
    def succeed(self, numbers: dict[str, str]) -> None:
        """Everything goes well with the order under way until it is filed, so that what comes after it is seen too."""
        name = next(order.name for order in self.record.orders if is_in_flight(order))
        filed = TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已备案", **numbers)
        for _ in range(MOST_PIECES):
            rows_left = [row for row in self.bench.rows.values() if row.order == name]
            for row in rows_left[:1]:
                self._work(row, GOES_WELL[row.kind], filed)
        self.do(cmd.ReportProgress(name, filed))

    def _work(self, row: Task, kind: str, status: TaskOutcome.Status) -> None:
        """One piece of work, once it is due: claimed, pinned where something is sent, reported."""
        if row.phase == task_pb2.TASK_PHASE_PERSON:
            self.do(cmd.CompleteHandoff(row.name, "H-1", TALK))
            return
        waited = max(row.due_time.ToDatetime(UTC), row.lease_expire_time.ToDatetime(UTC)) - self.bench.now
        self.bench.now += max(waited, timedelta())
        self._claim(row.name)
        held = self.bench.rows[row.name]
        if held.state != Task.STATE_CLAIMED:
            return
        if held.kind in (task_pb2.TASK_KIND_SUBMIT, task_pb2.TASK_KIND_HANDOFF) and not held.request_ref:
            self.bench.rows[row.name] = rows.pin(held, "request", self.bench.now, LEASE)
        finds = held.phase == task_pb2.TASK_PHASE_FIND
        self._report(row.name, held.epoch, fitting("accepted" if finds else kind, status))

    @precondition(lambda self: any(laws.waits_for_a_report(order) for order in self.record.orders))
    @rule(data=st.data(), status=st.sampled_from(PROGRESS))
    def tell(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        """The operator reports on an order that went through the console."""
        names = [order.name for order in self.record.orders if laws.waits_for_a_report(order)]
        self.do(cmd.ReportProgress(self.pick(data, names), status))

    @rule(seconds=st.sampled_from([1, 30, 61, 600, 86_400, 8 * 86_400, 46 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.bench.advance(seconds=seconds)

    @rule(calendar=st.sampled_from(CALENDARS))
    def recount(self, calendar: Calendar) -> None:
        """The calendar of working days gets other data; what was provisional is counted again."""
        self.bench.calendar = calendar
        self.do(cmd.RecountDeadlines())

    # --- what they do late, twice, wrongly, or after the record has moved on ---

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A command comes a second time, now or much later."""
        self.do(data.draw(st.sampled_from(self.done[-12:])))

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data(), status=statuses())
    def progress(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        self.do(cmd.ReportProgress(self.pick(data, self.order_names()), status))

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        """As TaskService does it: settle what lapsed, keep effects one at a time, then take the row."""
        self._claim(self.pick(data, list(self.bench.rows)))

    def _claim(self, name: str) -> None:
        row, now = self.bench.rows[name], self.bench.now
        if rows.has_lapsed(row, now):
            row = self.bench.rows[name] = rows.lapse(row, self.plugin, now)
        if not rows.is_claimable(row, now) or row.phase == task_pb2.TASK_PHASE_PERSON or self._busy(row):
            return
        outlived = rows.outlived(row, self.plugin, now, LEASE)
        self.bench.rows[name] = outlived or rows.claim(row, now, LEASE, f"host {MOBILE}")
        if outlived is None:
            self.claims.append((name, self.bench.rows[name].epoch))

    def _busy(self, row: Task) -> bool:
        others = (other for other in self.bench.rows.values() if other.name != row.name and other.kind in EFFECTFUL)
        return row.kind in EFFECTFUL and any(
            other.state == Task.STATE_CLAIMED and not rows.has_lapsed(other, self.bench.now) for other in others
        )

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def pin(self, data: st.DataObject) -> None:
        name, epoch = data.draw(st.sampled_from(self.claims[-8:]))
        row = self.bench.rows.get(name)
        if row is not None and rows.holds(row, epoch) and not row.request_ref:
            self.bench.rows[name] = rows.pin(row, "request", self.bench.now, LEASE)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=outcomes())
    def report(self, data: st.DataObject, outcome: TaskOutcome) -> None:
        """Of any claim there ever was: current, stale or reported before."""
        name, epoch = data.draw(st.sampled_from(self.claims[-8:]))
        self._report(name, epoch, outcome)

    def _report(self, name: str, epoch: int, outcome: TaskOutcome) -> None:
        row = self.bench.rows.get(name)
        held = row is not None and rows.holds(row, epoch)
        if self.do(cmd.ReportTask(name, outcome, epoch=epoch)) and held and row is not None and name in self.bench.rows:
            self.bench.rows[name] = rows.report(row, outcome, self.plugin, self.bench.now)

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data(), what=st.sampled_from(["claim", "complete", "give up", "retry"]))
    def operate(self, data: st.DataObject, what: str) -> None:
        name = self.pick(data, list(self.bench.rows))
        row = self.bench.rows[name]
        if what == "complete":
            self.do(cmd.CompleteHandoff(name, "H-1", TALK))
        elif what == "give up":
            self.do(cmd.GiveUpTask(name, TALK))
        elif what == "retry":
            self.bench.rows[name] = rows.expedite(row, self.bench.now)
        elif row.phase == task_pb2.TASK_PHASE_PERSON and row.kind == task_pb2.TASK_KIND_HANDOFF:
            self.bench.rows[name] = rows.claim(row, self.bench.now, LEASE, "operator")

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """Any timer that ever was: due, early, late, or of a record that has moved on. One that was due is gone."""
        key = self.pick(data, list(self.keys))
        due = [k for k, time in projection.timers(self.record).items() if time <= self.bench.now]
        old = projection.timers(self.record).get(key)
        self.do(cmd.FireTimer(key))
        if key in due:
            assert projection.timers(self.record).get(key) != old or "IDLE_REMINDER" in key

    @invariant()
    def rows_hold(self) -> None:
        laws.rows_hold(list(self.bench.rows.values()), self.bench.now)
        self.steps += 1

    def teardown(self) -> None:
        assert fold(self.bench.events) == self.record
        Filing.taken += self.steps


@pytest.mark.timeout(0 if NIGHTLY else 600)
def test_the_laws_hold_at_every_step() -> None:
    """So many steps are taken that each order type is filed, each end reached, and no law of the domain is broken."""
    Filing.taken, Filing.reached, Filing.released = 0, Counter(), 0
    run_state_machine_as_test(
        Filing,
        settings=settings(
            max_examples=STEPS // 36,
            stateful_step_count=50,
            deadline=None,
            derandomize=not NIGHTLY,
            suppress_health_check=list(HealthCheck),
        ),
    )
    filed = {kind: times for (kind, state), times in Filing.reached.items() if state == "FILED"}
    sys.stdout.write(f"{Filing.taken} steps; {Filing.released} released; orders filed: {filed}\n")
    assert Filing.released
    assert Filing.taken >= STEPS
    assert set(filed) == {res.OrderType.Name(kind).removeprefix("ORDER_TYPE_") for kind in TYPES if kind not in UNFILED}
    assert {state for _, state in Filing.reached} == {s.removeprefix("ORDER_STATE_") for s in res.OrderState.keys()[1:]}

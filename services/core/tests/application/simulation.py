"""A seeded world with one order: hosts that die, a network that delays, and a vendor with a ledger of its own.

The decisions are the real ones (:mod:`beianhub_core.domain`); what stands around them is played: a store that holds one
record and its rows, two hosts, a person, and the vendor. Time is a number that only events move.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Plugin, SubmissionGuarantee
from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_SUBMIT,
    TASK_KIND_WITHDRAW,
    TASK_PHASE_FIND,
    TASK_PHASE_PERSON,
    Task,
    TaskOutcome,
)
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.catalog import Catalog
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.lookup import TERMINAL

ORDER = "tenants/acme/orders/o1"
SUBJECT = "tenants/acme/subjects/s1"
ACCOUNT = "tenants/acme/accounts/a1"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

LEASE = 30.0
MARGIN = 2.0
CALL_TIMEOUT = 10.0
SIGNATURE = 60.0  # how long after signing a request may still land
VISIBILITY = 40.0  # how long an order may stay invisible to a search
TOKEN = 240.0  # how long the vendor remembers a token
FAULTS = 900.0  # until then things go wrong
HORIZON = 20_000.0  # by then the order must have come to rest


@dataclass(slots=True)
class Bugs:
    """What is planted, to show that the harness would find it."""

    no_settling: bool = False
    forgets_token: bool = False
    ignores_token_validity: bool = False
    trusts_stale_reports: bool = False
    sends_without_lease: bool = False


@dataclass(slots=True)
class VendorOrder:
    """An order in the vendor's ledger."""

    number: str
    token: str
    visible: float
    withdrawn: bool = False


@dataclass(slots=True)
class Vendor:
    """Takes requests whenever they land."""

    kind: SubmissionGuarantee.Kind.ValueType
    rng: random.Random
    ledger: list[VendorOrder] = field(default_factory=list)
    tokens: dict[str, tuple[float, VendorOrder]] = field(default_factory=dict)

    def submit(self, token: str, now: float) -> VendorOrder:
        first, known = self.tokens.get(token, (0.0, None))
        if self.kind == SubmissionGuarantee.KIND_CLIENT_TOKEN and known is not None and now <= first + TOKEN:
            return known
        order = VendorOrder(f"V-{len(self.ledger) + 1}", token, now + self.rng.uniform(0, VISIBILITY))
        self.ledger.append(order)
        self.tokens[token] = now, order
        return order

    def find(self, now: float) -> VendorOrder | None:
        return next((order for order in self.ledger if order.visible <= now), None)


class World:
    """One run: :meth:`run` plays it to its end."""

    def __init__(self, seed: int, kind: SubmissionGuarantee.Kind.ValueType, bugs: Bugs | None = None) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a seeded schedule, no secret
        self.bugs = bugs or Bugs()
        self.vendor = Vendor(kind, self.rng)
        self.now = 0.0
        self.events: list[Event] = []
        self.rows: dict[str, Task] = {}
        self.record: Record | None = None
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._ids = itertools.count(1)
        self.plugin = self._plugin(kind)
        self._catalog = Catalog([self.plugin])
        account = res.Account(name=ACCOUNT, provider="sim", submission_channel=res.CHANNEL_API)
        self._accounts = {ACCOUNT: account}

    def _plugin(self, kind: SubmissionGuarantee.Kind.ValueType) -> Plugin:
        plugin = Plugin(name="plugins/sim", kind=Plugin.KIND_PROVIDER, state=Plugin.STATE_READY)
        for operation in (res.OPERATION_SUBMIT, res.OPERATION_WITHDRAW):
            plugin.capabilities.add(
                operation=operation, order_type=res.ORDER_TYPE_FIRST_FILING, channel=res.CHANNEL_API
            )
        plugin.guarantee.kind = kind
        settles = 0.0 if self.bugs.no_settling else 1.0
        plugin.guarantee.signature_validity.FromTimedelta(timedelta(seconds=settles * SIGNATURE))
        plugin.guarantee.visibility_delay.FromTimedelta(timedelta(seconds=settles * VISIBILITY))
        validity = 1e6 if self.bugs.ignores_token_validity else TOKEN
        plugin.guarantee.token_validity.FromTimedelta(timedelta(seconds=validity))
        return plugin

    # Time

    def time(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def at(self, delay: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.now + delay, next(self._order), what))

    def unlucky(self, chance: float) -> bool:
        return self.now < FAULTS and self.rng.random() < chance

    # The store

    def decide(self, command: cmd.Command) -> list[Event]:
        context = Context(
            tenant="acme",
            subject="s1",
            now=self.time(),
            actor="sim",
            causation="",
            new_id=lambda: f"id-{next(self._ids)}",
            catalog=self._catalog,
            accounts=self._accounts,
            tasks=self.rows,
        )
        done = draft(self.record, command, context)
        self.events += done.events
        self.record = done.record
        opened = {t.name for t in self.record.tasks}
        for task in self.record.tasks:
            self.rows.setdefault(task.name, task)
        self.rows = {name: row for name, row in self.rows.items() if name in opened}
        return done.events

    def claim(self, host: str) -> Task | None:
        """As TaskService's claim does it: what lapsed is settled first, then one due row is taken."""
        now, lease = self.time(), timedelta(seconds=LEASE)
        for name, held in list(self.rows.items()):
            row = rows.lapse(held, self.plugin, now) if rows.has_lapsed(held, now) else held
            self.rows[name] = row
            if not rows.is_claimable(row, now) or row.phase == TASK_PHASE_PERSON:
                continue
            outlived = rows.outlived(row, self.plugin, now, lease)
            self.rows[name] = outlived or rows.claim(row, now, lease, host)
            if outlived is None:
                return self.rows[name]
        return None

    def pin(self, task: Task) -> Task | None:
        row = self.rows.get(task.name)
        if row is None or not rows.holds(row, task.epoch):
            return None
        self.rows[task.name] = rows.pin(row, "ref", self.time(), timedelta(seconds=LEASE))
        return self.rows[task.name]

    def report(self, task: Task, outcome: TaskOutcome) -> None:
        """As TaskService's report does it."""
        row = self.rows.get(task.name)
        held = row is not None and (rows.holds(row, task.epoch) or self.bugs.trusts_stale_reports)
        epoch = None if self.bugs.trusts_stale_reports else task.epoch
        self.decide(cmd.ReportTask(task.name, outcome, epoch=epoch))
        if held and row is not None and task.name in self.rows:
            self.rows[task.name] = rows.report(row, outcome, self.plugin, self.time())

    # The hosts

    def host(self, name: str) -> None:
        """Looks for work every few seconds; dies now and then, and comes back without a memory."""
        task = self.claim(name)
        pause = self.rng.uniform(1, 8)
        if task is not None and not self.unlucky(0.1):  # else it died with the claim
            self.work(task)
        if self.unlucky(0.05):
            pause += self.rng.uniform(10, 120)
        if not self.at_rest():
            self.at(pause, lambda: self.host(name))

    def work(self, task: Task) -> None:
        if task.kind == TASK_KIND_WITHDRAW:
            self.withdraw(task)
        elif task.phase == TASK_PHASE_FIND:
            self.find(task)
        elif task.request_ref:
            self.at(self.rng.uniform(0, 3), lambda: self.sign(task))
        else:
            self.at(self.rng.uniform(0, LEASE * 1.2), lambda: self.prepare(task))

    def prepare(self, task: Task) -> None:
        pinned = self.pin(task)
        if pinned is not None and not self.unlucky(0.1):  # else it died with the body pinned
            self.sign(pinned)

    def sign(self, task: Task) -> None:
        """The request is signed, waits in this host for a moment, and leaves if the lease still holds."""
        wait = self.rng.uniform(0, LEASE * 8) if self.unlucky(0.2) else 0.1
        signed = self.now
        self.at(wait, lambda: self.send(task, signed))

    def send(self, task: Task, signed: float) -> None:
        lease = task.lease_expire_time.ToDatetime(UTC)
        if self.time() >= lease - timedelta(seconds=MARGIN) and not self.bugs.sends_without_lease:
            self.say(task, TaskOutcome(retry=TaskOutcome.Retry(reason="LEASE_LAPSED")))
            return
        if self.unlucky(0.15):
            self.say(task, TaskOutcome(retry=TaskOutcome.Retry(reason="CONNECT")))
            return
        travels = self.rng.uniform(0, SIGNATURE) if self.unlucky(0.4) else 0.2
        lands = self.now + travels
        lost = self.unlucky(0.15) or (lands > signed + SIGNATURE and not self.bugs.sends_without_lease)
        token = f"{next(self._ids)}" if self.bugs.forgets_token else task.client_token
        answered = not self.unlucky(0.4) and travels < CALL_TIMEOUT and not lost
        if not lost:
            self.at(travels, lambda: self.land(task, token, answered=answered))
        if not answered:
            unknown = TaskOutcome(unknown=TaskOutcome.Unknown(reason="TIMEOUT"))
            self.at(CALL_TIMEOUT, lambda: self.say(task, unknown))

    def land(self, task: Task, token: str, *, answered: bool) -> None:
        order = self.vendor.submit(token, self.now)
        if answered:
            self.say(task, self._accepted(order))

    def find(self, task: Task) -> None:
        found = self.vendor.find(self.now)
        absent = TaskOutcome(not_found=TaskOutcome.NotFound())
        if self.unlucky(0.2):
            self.say(task, TaskOutcome(retry=TaskOutcome.Retry(reason="HTTP_500")))
        else:
            self.say(task, absent if found is None else self._accepted(found))

    def withdraw(self, task: Task) -> None:
        for order in self.vendor.ledger:
            order.withdrawn = True
        self.say(task, TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id="W")))

    def say(self, task: Task, outcome: TaskOutcome) -> None:
        """Reports, perhaps late, twice or never: the host may die before."""
        if self.unlucky(0.1):
            return
        late = self.rng.uniform(0, LEASE * 4) if self.unlucky(0.25) else 0.05
        self.at(late, lambda: self.report(task, outcome))
        if self.unlucky(0.2):
            self.at(late + self.rng.uniform(0, 20), lambda: self.report(task, outcome))

    @staticmethod
    def _accepted(order: VendorOrder) -> TaskOutcome:
        return TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id=order.number, provider_status="初审中"))

    # The people

    def person(self) -> None:
        """Settles what only a person can: waits until nothing can land, then looks into the console."""
        for name, row in list(self.rows.items()):
            if row.kind == TASK_KIND_SUBMIT and row.phase == TASK_PHASE_PERSON:
                self.at(LEASE + SIGNATURE + VISIBILITY, lambda name=name: self.settle(name))  # type: ignore[misc]  # bound
        if not self.at_rest():
            self.at(300.0, self.person)

    def settle(self, name: str) -> None:
        row = self.rows.get(name)
        if row is None or row.phase != TASK_PHASE_PERSON:
            return
        found = self.vendor.find(self.now)
        if found is not None:
            self.decide(cmd.CompleteHandoff(name, found.number, "初审中"))
        elif row.last_error == "TOKEN_EXPIRED" or self.order.withdrawing:
            self.decide(cmd.GiveUpTask(name, "the vendor has no such order"))
            if self.order.state not in TERMINAL:
                self.decide(cmd.SubmitOrder(ORDER))
        else:
            self.rows[name] = rows.expedite(row, self.time())

    # The run

    @property
    def order(self) -> res.Order:
        assert self.record is not None
        return self.record.orders[0]

    def at_rest(self) -> bool:
        """The vendor has it and we know, or it ended."""
        accepted = self.order.submission.state == res.Submission.STATE_ACCEPTED and not self.order.withdrawing
        return accepted or self.order.state in TERMINAL

    def change_mind(self) -> None:
        if not self.at_rest():
            self.decide(cmd.WithdrawOrder(ORDER))

    def run(self) -> World:
        subject = res.Subject(name=SUBJECT)
        subject.services.add(name=f"{SUBJECT}/services/w1", domains=["example.com"])
        self.decide(cmd.CreateSubject(subject))
        order = res.Order(name=ORDER, subject=SUBJECT, service=f"{SUBJECT}/services/w1", account=ACCOUNT)
        order.type, order.provider = res.ORDER_TYPE_FIRST_FILING, "sim"
        order.ips.append("203.0.113.7")
        self.decide(cmd.CreateOrder(order))
        self.decide(cmd.SubmitOrder(ORDER))
        self.at(0, lambda: self.host("host-1"))
        self.at(1, lambda: self.host("host-2"))
        self.at(60, self.person)
        if self.rng.random() < 0.25:
            self.at(self.rng.uniform(0, 400), self.change_mind)
        while self._queue and self.now < HORIZON:
            self.now, _, what = heapq.heappop(self._queue)
            what()
        return self

    def problems(self) -> list[str]:
        """What went wrong, seen from the vendor's own ledger."""
        held = [order for order in self.vendor.ledger if not order.withdrawn]
        ended = self.order.state in TERMINAL
        wrong = []
        if len(self.vendor.ledger) > 1:
            wrong.append(f"{len(self.vendor.ledger)} orders at the vendor")
        if not self.at_rest():
            wrong.append(f"not at rest: {[row.phase for row in self.rows.values()]}")
        if ended and held:
            wrong.append("ended here, and at the vendor it goes on")
        if not ended and self.at_rest() and self.order.provider_order_id not in {order.number for order in held}:
            wrong.append("accepted here, and the vendor has nothing")
        if fold(self.events) != self.record:
            wrong.append("the record is not the fold of its events")
        return wrong

"""The machine's world: two subjects, the rows of their tasks, and a clock. It does what store and TaskService do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core import names
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context, Draft
from beianhub_core.domain.handover import Handover
from beianhub_core.domain.lookup import EFFECTFUL, find_order, find_task
from beianhub_core.rulebook.workdays import CHINA, Calendar

from .machine_inputs import MOBILE
from .support import CATALOG, provider

ACME = "tenants/acme"
SUBJECTS = ("s1", "s2")
OTHER = {"s1": "s2", "s2": "s1"}
ACCOUNTS = {"tencent": "tencent", "tencent-second": "tencent", "aliyun": "aliyun"}
LEASE = timedelta(seconds=60)
PLUGIN = provider("tencent")


@dataclass
class Decided:
    """What a command did to one subject."""

    before: Record
    after: Record
    events: list[Event]


@dataclass
class World:
    """Runs commands on either subject; one about a migration sees both, as in a unit of the store (ADR 0009)."""

    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    calendar: Calendar = CHINA
    records: dict[str, Record] = field(default_factory=lambda: {subject: Record(tenant="acme") for subject in SUBJECTS})
    events: dict[str, list[Event]] = field(default_factory=lambda: {subject: [] for subject in SUBJECTS})
    rows: dict[str, Task] = field(default_factory=dict)
    claims: list[tuple[str, int]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def run(self, subject: str, command: cmd.Command) -> dict[str, Decided]:
        """Decides and folds, of all subjects that the command is about. Raises BeianhubError, and changes nothing."""
        order = self._order(subject, command)
        target = names.last(order.target_subject) if order is not None else ""
        pair = (target, self.records[target]) if target else None
        prepared = self._handover(subject, target) if target else None
        done = draft(self.records[subject], command, self._context(subject), pair, prepared)
        return {name: self._keep(name, each) for name, each in ((subject, done), (target, done.target)) if each}

    def _context(self, subject: str) -> Context:
        return Context(
            tenant="acme",
            subject=subject,
            now=self.now,
            actor="test",
            causation="",
            new_id=self.new_id,
            catalog=CATALOG,
            accounts={account(each): _account(each) for each in ACCOUNTS},
            tasks=self.rows,
            calendar=self.calendar,
        )

    def _order(self, subject: str, command: cmd.Command) -> res.Order | None:
        """The order that the command is about, as TaskService, the timers and OrderService know it."""
        record = self.records[subject]
        if isinstance(command, cmd.FireTimer):
            return find_order(record, names.order_name("acme", command.key.partition("/")[0]))
        if isinstance(command, cmd.ReportTask | cmd.CompleteHandoff | cmd.GiveUpTask):
            task = find_task(record, command.task)
            return find_order(record, task.order) if task is not None else None
        name = getattr(command, "order", "")
        return find_order(record, name) if isinstance(name, str) else None

    def _handover(self, source: str, target: str) -> Handover:
        """What the vault has ready, should the command file the migration."""
        service = f"{ACME}/subjects/{target}/services/{self.new_id()}"
        refs = [self.records[each].subject.vault_ref for each in (source, target)]
        return Handover(service, refs[0], self.new_id(), refs[1], self.new_id())

    def _keep(self, subject: str, done: Draft) -> Decided:
        decided = Decided(self.records[subject], done.record, done.events)
        self.records[subject] = done.record
        self.events[subject] += done.events
        self.rows |= {e.task_opened.task.name: e.task_opened.task for e in done.events if e.HasField("task_opened")}
        opened = {task.name for record in self.records.values() for task in record.tasks}
        self.rows = {name: row for name, row in self.rows.items() if name in opened}
        return decided

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def subject_of(self, task: str) -> str:
        """The subject whose task it is; the first one's where it is closed."""
        return next((each for each in SUBJECTS if find_task(self.records[each], task) is not None), SUBJECTS[0])

    # --- the rows, as TaskService keeps them ---

    def claim(self, name: str) -> bool:
        """Settles what lapsed, keeps effects one at a time, then takes the row; whether somebody holds it now."""
        row = self.rows[name]
        if rows.has_lapsed(row, self.now):
            row = self.rows[name] = rows.lapse(row, PLUGIN, self.now)
        if not rows.is_claimable(row, self.now) or row.phase == task_pb2.TASK_PHASE_PERSON or self._busy(row):
            return row.state == Task.STATE_CLAIMED
        outlived = rows.outlived(row, PLUGIN, self.now, LEASE)
        self.rows[name] = outlived or rows.claim(row, self.now, LEASE, f"host {MOBILE}")
        if outlived is None:
            self.claims.append((name, self.rows[name].epoch))
        return self.rows[name].state == Task.STATE_CLAIMED

    def _busy(self, row: Task) -> bool:
        """Whether another call for the subject may be changing something."""
        others = (one for one in self.rows.values() if one.name != row.name and one.subject == row.subject)
        held = (one for one in others if one.kind in EFFECTFUL and one.state == Task.STATE_CLAIMED)
        return row.kind in EFFECTFUL and any(not rows.has_lapsed(one, self.now) for one in held)

    def pin(self, name: str, epoch: int) -> None:
        """Pins the body of a request, if the claim still holds."""
        row = self.rows.get(name)
        if row is not None and rows.holds(row, epoch) and not row.request_ref:
            self.rows[name] = rows.pin(row, "request", self.now, LEASE)

    @contextmanager
    def reporting(self, name: str, epoch: int, outcome: TaskOutcome) -> Iterator[None]:
        """The row takes the outcome too, where the report came of the current claim and did not end the task."""
        row = self.rows.get(name)
        held = row if row is not None and rows.holds(row, epoch) else None
        yield
        if held is not None and name in self.rows:
            self.rows[name] = rows.report(held, outcome, PLUGIN, self.now)


def account(id_: str) -> str:
    """The account's name."""
    return f"{ACME}/accounts/{id_}"


def _account(id_: str) -> res.Account:
    """One at Aliyun goes over the console."""
    channel = res.CHANNEL_CONSOLE if id_ == "aliyun" else res.CHANNEL_API
    return res.Account(name=account(id_), provider=ACCOUNTS[id_], submission_channel=channel)


def company(subject: str, licence: str, filed: int, at: Mapping[str, str]) -> res.Subject:
    """A company with two services, the first ``filed`` of which are filed, with accesses by provider and account."""
    made = res.Subject(name=f"{ACME}/subjects/{subject}", customer="shop", vault_ref=f"v-{subject}")
    made.licence_number = licence if filed else ""
    made.profile.nature, made.profile.title, made.profile.province = res.NATURE_ENTERPRISE, "示例科技有限公司", "四川"
    for number in (1, 2):
        service = made.services.add(name=f"{made.name}/services/w{number}", title=f"示例网站{number}")
        service.domains.extend([f"{subject}-a{number}.com", f"{subject}-b{number}.cn"])
        if number <= filed:
            service.licence_number = f"{licence}-{number}"
            for known in sorted(at):
                service.accesses.add(provider=known, account=account(at[known]), ips=["203.0.113.7"])
    return made

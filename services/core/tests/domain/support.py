"""A small workbench for the pure domain: a record, a clock and ids of its own."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Capability, Plugin, SubmissionGuarantee
from beianhub.resources.v1.task_pb2 import TASK_KIND_QUERY, Task, TaskKind, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.catalog import Catalog
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context
from beianhub_core.rulebook.workdays import CHINA

TYPES = res.OrderType.values()[1:]
SUBJECT = "tenants/acme/subjects/s1"
SERVICE = f"{SUBJECT}/services/w1"
API = res.CHANNEL_API


def provider(name: str) -> Plugin:
    """A provider that offers everything over the API, and submission over the console too."""
    plugin = Plugin(name=f"plugins/{name}", kind=Plugin.KIND_PROVIDER, state=Plugin.STATE_READY)
    plugin.poll_interval_seconds = 60
    plugin.guarantee.kind = SubmissionGuarantee.KIND_CLIENT_TOKEN
    for operation in res.Operation.values()[1:]:
        for order_type in TYPES:
            plugin.capabilities.add(operation=operation, order_type=order_type, channel=API)
    for order_type in TYPES:
        console = Capability(operation=res.OPERATION_SUBMIT, order_type=order_type, channel=res.CHANNEL_CONSOLE)
        plugin.capabilities.append(console)
    return plugin


def verifier(name: str, kind: res.VerificationKind.ValueType, *, precheck: bool) -> Plugin:
    """A verifier of the kind."""
    return Plugin(
        name=f"plugins/{name}",
        kind=Plugin.KIND_VERIFIER,
        state=Plugin.STATE_READY,
        verification=kind,
        precheck=precheck,
    )


CATALOG = Catalog(
    [
        provider("tencent"),
        provider("aliyun"),
        provider("huawei"),
        verifier("domain", res.VERIFICATION_KIND_DOMAIN, precheck=True),
        verifier("ip", res.VERIFICATION_KIND_IP, precheck=True),
        verifier("miit-sms", res.VERIFICATION_KIND_MIIT_SMS, precheck=False),
    ]
)


class Bench:
    """Runs commands on one subject's record and keeps its events."""

    def __init__(self, channel: res.Channel.ValueType = API) -> None:
        self.record: Record | None = None
        self.events: list[Event] = []
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.rows: dict[str, Task] = {}
        self.calendar = CHINA
        self.ruled: list[res.Finding] = []  # what the rulebook says of every order
        self._ids = itertools.count(1)
        self.accounts = {
            f"tenants/acme/accounts/{p}": res.Account(
                name=f"tenants/acme/accounts/{p}", provider=p, submission_channel=channel
            )
            for p in ("tencent", "aliyun", "huawei")
        }

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def run(self, command: cmd.Command) -> list[str]:
        """Decides and folds; returns the names of the events."""
        context = Context(
            tenant="acme",
            subject="s1",
            now=self.now,
            actor="test",
            causation="",
            new_id=self.new_id,
            catalog=CATALOG,
            accounts=self.accounts,
            tasks=self.rows,
            calendar=self.calendar,
            ruling=lambda *_: self.ruled,
        )
        drafted = draft(self.record, command, context)
        self.record, events = drafted.record, drafted.events
        for event in events:
            if event.HasField("task_opened"):
                self.rows[event.task_opened.task.name] = event.task_opened.task
        self.events += events
        return [str(event.WhichOneof("payload")) for event in events]

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def create_subject(self, **service: object) -> None:
        subject = res.Subject(name=SUBJECT, customer="shop")
        subject.profile.nature = res.NATURE_ENTERPRISE
        subject.profile.title = "示例科技有限公司"
        subject.profile.province = str(service.pop("province", ""))
        subject.licence_number = str(service.pop("subject_licence", ""))
        subject.services.add(name=SERVICE, title="示例网站", domains=["example.com"], **service)
        self.run(cmd.CreateSubject(subject))

    def create_order(self, order_id: str = "o1", kind: int = res.ORDER_TYPE_FIRST_FILING, at: str = "tencent") -> str:
        name = f"tenants/acme/orders/{order_id}"
        order = res.Order(
            name=name,
            subject=SUBJECT,
            service=SERVICE,
            type=kind,
            account=f"tenants/acme/accounts/{at}",
            provider=at,
            ips=["203.0.113.7"],
        )
        self.run(cmd.CreateOrder(order))
        return name

    def order(self, name: str) -> res.Order:
        assert self.record is not None
        return next(o for o in self.record.orders if o.name == name)

    def task(self, kind: TaskKind.ValueType) -> Task:
        """The record's only open task of the kind."""
        assert self.record is not None
        (task,) = [t for t in self.record.tasks if t.kind == kind]
        return task

    def report(self, task: Task, **outcome: object) -> list[str]:
        return self.run(cmd.ReportTask(task.name, TaskOutcome(**outcome)))

    def pass_prechecks(self) -> None:
        assert self.record is not None
        for task in list(self.record.tasks):
            self.report(task, verified=TaskOutcome.Verified(state=res.VERIFICATION_STATE_PASSED))

    def status(self, order: str, state: int, word: str, **more: object) -> list[str]:
        """What the vendor shows at the next poll."""
        assert self.record is not None
        (task,) = [t for t in self.record.tasks if t.order == order and t.name.endswith(self._query(order))]
        return self.report(task, status=TaskOutcome.Status(state=state, provider_status=word, **more))

    def _query(self, order: str) -> str:
        assert self.record is not None
        return next(t.name for t in self.record.tasks if t.order == order and t.kind == TASK_KIND_QUERY)

"""The context of a decision, and the draft that a decision writes its events to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from beianhub.events.v1.events_pb2 import (
    DeadlineNear,
    DeadlinePassed,
    DeadlinesSet,
    DriftApplied,
    Event,
    OrderCreated,
    RiskCleared,
    RiskRaised,
    ServiceMigratedIn,
    SubjectCreated,
    SubjectUpdated,
    TaskOpened,
)
from beianhub.events.v1.record_pb2 import Record
from beianhub_core.domain.evolve import apply
from beianhub_core.domain.lookup import find_order, find_task
from beianhub_core.domain.scrub import clean
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.rulebook import load_rulebook
from beianhub_core.rulebook.workdays import CHINA

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from beianhub.resources.v1.resources_pb2 import Account, Finding, Order
    from beianhub.resources.v1.task_pb2 import Task
    from beianhub_core.domain.catalog import Catalog
    from beianhub_core.domain.handover import Handover
    from beianhub_core.rulebook import Rulebook
    from beianhub_core.rulebook.workdays import Calendar


def _no_ruling(_record: Record, _order: Order, _today: date, _book: Rulebook, _target: Record | None) -> list[Finding]:
    return []


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a decision needs beside the record: time, ids and data come in here and nowhere else.

    ``accounts`` are by name; ``tasks`` are the rows of the record's open tasks by name. ``calendar`` counts working
    days, ``rules`` says how long what takes. ``ruling`` gives what those rules find about an order on a day in
    China, with the record of a migration's target; it is pure.
    """

    tenant: str
    subject: str
    now: datetime
    actor: str
    causation: str
    new_id: Callable[[], str]
    catalog: Catalog
    accounts: Mapping[str, Account] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    calendar: Calendar = CHINA
    rules: Rulebook = field(default_factory=load_rulebook)
    ruling: Callable[[Record, Order, date, Rulebook, Record | None], list[Finding]] = _no_ruling


# What these carry was checked field by field, is of our own making, or was cleaned when it came; all others may quote
# somebody's words.
_OUR_WORDS: Final = (
    SubjectCreated,
    SubjectUpdated,
    DriftApplied,
    OrderCreated,
    TaskOpened,
    DeadlinesSet,
    DeadlineNear,
    DeadlinePassed,
    ServiceMigratedIn,
    RiskRaised,
    RiskCleared,
)


class Draft:
    """A record under change: each appended event is folded in at once, so that the next line sees its effect.

    ``target`` is the same of the subject that a migration brings a service to, ``handover`` what the vault has ready
    for it; both are ``None`` where nothing migrates.
    """

    def __init__(
        self,
        record: Record | None,
        context: Context,
        target: Draft | None = None,
        handover: Handover | None = None,
    ) -> None:
        self.target = target
        self.handover = handover
        self.record = Record(tenant=context.tenant)
        if record is not None:
            self.record.CopyFrom(record)
        self.context = context
        self.events: list[Event] = []

    def append(self, payload: Message) -> None:
        """Appends the event of this payload."""
        event = Event(
            id=self.context.new_id(),
            tenant=self.context.tenant,
            subject=self.context.subject,
            version=self.record.version + 1,
            actor=self.context.actor,
            causation_id=self.context.causation,
        )
        event.time.FromDatetime(self.context.now)
        kept = getattr(event, PAYLOADS[payload.DESCRIPTOR.full_name])
        kept.CopyFrom(payload)
        if not isinstance(payload, _OUR_WORDS):
            clean(kept)
        apply(self.record, event)
        self.events.append(event)

    def order(self, order: str) -> Order:
        """The order of this name. Raises NOT_FOUND."""
        found = find_order(self.record, order)
        if found is None:
            raise refused(
                ErrorKind.NOT_FOUND,
                "ORDER_NOT_FOUND",
                "name",
                "订单不存在",
                "there is no such order",
                "请列出订单。 / List the orders.",
            )
        return found

    def task(self, task: str) -> Task:
        """The open task of this name. Raises PRECONDITION when it is closed."""
        found = find_task(self.record, task)
        if found is None:
            raise refused(
                ErrorKind.PRECONDITION,
                "TASK_CLOSED",
                "name",
                "任务已结束",
                "the task is closed",
                "请查询该任务的订单，了解结果。 / Get the task's order to see what became of it.",
            )
        return found


PAYLOADS = {
    f.message_type.full_name: f.name for f in Event.DESCRIPTOR.oneofs_by_name["payload"].fields if f.message_type
}


def refused(
    kind: ErrorKind, reason: str, path: str, zh: str, en: str, suggestion: str, source: tuple[str, ...] = ()
) -> BeianhubError:
    """An error with one finding."""
    return BeianhubError(kind, reason, [blocker(reason, path, zh, en, suggestion, source=source)])


def rejected(findings: list[Finding], kind: ErrorKind = ErrorKind.PRECONDITION) -> BeianhubError:
    """An error with all findings, named after the first."""
    return BeianhubError(kind, findings[0].code, findings)

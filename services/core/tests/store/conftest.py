"""Records, events and units made by hand: the store knows nothing of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Deadline, Order, OrderState, Service, Subject
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, Task, TaskKind
from beianhub_core.names import order_name, subject_name, task_name
from beianhub_core.store.port import Changes, Loaded, Plan, RequestKey, Unit


class Samples:
    """Makes what the tests write; the tenant is "t" unless it is told."""

    def order(
        self,
        order: str,
        subject: str,
        *,
        state: OrderState.ValueType = OrderState.ORDER_STATE_DRAFT,
        provider: str = "tencent",
        number: str = "",
        deadlines: dict[str, datetime] | None = None,
        tenant: str = "t",
    ) -> Order:
        made = Order(
            name=order_name(tenant, order),
            subject=subject_name(tenant, subject),
            provider=provider,
            account=f"tenants/{tenant}/accounts/main",
            provider_order_id=number,
            state=state,
        )
        for kind, time in (deadlines or {}).items():
            deadline = Deadline(kind=kind)
            deadline.time.FromDatetime(time)
            made.deadlines.append(deadline)
        return made

    def task(
        self,
        task: str,
        subject: str,
        *,
        kind: TaskKind.ValueType = TASK_KIND_SUBMIT,
        state: Task.State.ValueType = Task.STATE_OPEN,
        plugin: str = "tencent",
        order: str = "o",
        due: datetime = datetime(2026, 3, 1, tzinfo=UTC),
        lease: datetime | None = None,
        tenant: str = "t",
    ) -> Task:
        made = Task(
            name=task_name(tenant, task),
            kind=kind,
            state=state,
            plugin=plugin,
            subject=subject_name(tenant, subject),
            order=order_name(tenant, order),
        )
        made.due_time.FromDatetime(due)
        if lease:
            made.lease_expire_time.FromDatetime(lease)
        return made

    def changes(
        self,
        unit: tuple[str, str],
        loaded: Loaded,
        *,
        events: int = 1,
        domains: Sequence[str] | None = None,
        customer: str | None = None,
        orders: Sequence[Order] | None = None,
        tasks: Sequence[Task] | None = None,
        **parts: object,
    ) -> Changes:
        """The record with what is given replaced, its events, and the other parts of the changes as they are.

        ``tasks`` are those that the record holds open afterwards; rows are theirs too, unless ``rows`` are given.
        """
        tenant, subject = unit
        record = loaded.record or Record(tenant=tenant, subject=Subject(name=subject_name(tenant, subject)))
        if customer is not None:
            record.subject.customer = customer
        if domains is not None:
            name = f"{record.subject.name}/services/main"
            del record.subject.services[:]
            record.subject.services.append(Service(name=name, domains=domains))
        if orders is not None:
            del record.orders[:]
            record.orders.extend(orders)
        if tasks is not None:
            del record.tasks[:]
            record.tasks.extend(tasks)
        rows = parts.pop("rows", tasks or ())
        first = record.version + 1
        record.version += events
        made = [
            Event(id=str(uuid4()), tenant=tenant, subject=subject, version=version)
            for version in range(first, first + events)
        ]
        return Changes(record=record, events=made, tasks=rows, **parts)

    def unit(self, subject: str, *, tenant: str = "t", request: RequestKey | None = None, **changes: object) -> Unit:
        """A unit whose plan makes :meth:`changes`."""
        return Unit(tenant, subject, lambda loaded: self.changes((tenant, subject), loaded, **changes), request)

    def plan(self, subject: str, plan: Plan) -> Unit:
        """A unit with a plan of the test's own."""
        return Unit("t", subject, plan)

    def observation(self, subject: str, observed: dict[str, str]) -> Unit:
        """A unit that notes what a poll confirmed, without an event."""
        return Unit("t", subject, lambda _: Changes(observed=observed))

    def request(self, request_id: str, digest: bytes = b"digest", method: str = "Create") -> RequestKey:
        return RequestKey("t", method, request_id, digest)


@pytest.fixture
def samples() -> Samples:
    return Samples()

"""What the store derives from a record: rows to find and to list by, and timers. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from beianhub.resources.v1.resources_pb2 import Order, Service
from beianhub_core import names

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record


def orders(record: Record) -> dict[str, Order]:
    """The record's orders by id."""
    return {names.last(order.name): order for order in record.orders}


def domains(record: Record) -> dict[str, Service]:
    """The record's services by each of their domains, without their people."""
    rows: dict[str, Service] = {}
    for service in record.subject.services:
        row = Service()
        row.CopyFrom(service)
        row.ClearField("principal")
        rows.update(dict.fromkeys(service.domains, row))
    return rows


def timers(record: Record) -> dict[str, datetime]:
    """The record's timers: ``{order id}/{deadline kind}`` to its time, UTC."""
    return {
        f"{names.last(order.name)}/{deadline.kind}": deadline.time.ToDatetime(tzinfo=UTC)
        for order in record.orders
        for deadline in order.deadlines
    }


def open_tasks(record: Record) -> set[str]:
    """Names of the tasks that the record holds open; a row of any other is closed."""
    return {task.name for task in record.tasks}

"""From the log's events to the changes of orders that a watch sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beianhub.filing.v1.order_service_pb2 import WatchOrdersResponse
from beianhub_core.domain.lookup import find_order
from beianhub_gateway import tokens

if TYPE_CHECKING:
    from beianhub.events.v1.events_pb2 import Event
    from beianhub.events.v1.record_pb2 import Record
    from beianhub_core.store.port import Positioned, Store


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an order, made ready to be sent to everyone who watches it."""

    position: int
    subject: str
    customer: str
    response: WatchOrdersResponse


@dataclass(frozen=True, slots=True)
class Scope:
    """What a watcher may and wants to see; empty means all of the tenant's."""

    tenant: str
    customer: str
    subject: str

    def includes(self, change: Change) -> bool:
        """Whether a change of the tenant is inside."""
        return self.customer in ("", change.customer) and self.subject in ("", change.subject)


async def read_changes(store: Store, events: Iterable[Positioned], scopes: Sequence[Scope]) -> dict[str, list[Change]]:
    """The changes by tenant, in order of position, each with the order as it now is.

    A subject's record is read once for the whole batch, and only where one of the scopes may include it.
    """
    watched = {(scope.tenant, scope.subject) for scope in scopes}
    records: dict[tuple[str, str], Record | None] = {}
    changes: dict[str, list[Change]] = {}
    for positioned in events:
        event = positioned.event
        name = order_of(event)
        key = (event.tenant, event.subject)
        if not name or watched.isdisjoint((key, (event.tenant, ""))):
            continue
        if key not in records:
            records[key] = await store.record(*key)
        change = _change(positioned, name, records[key])
        if change is not None:
            changes.setdefault(event.tenant, []).append(change)
    return changes


def order_of(event: Event) -> str:
    """The name of the order that the event changed; "" when it changed none."""
    kind = event.WhichOneof("payload")
    if kind is None or not kind.startswith(("order_", "verification_", "deadline")):
        return ""
    order = getattr(getattr(event, kind), "order", "")  # a subject's own deadline has none
    return order if isinstance(order, str) else order.name


def _change(positioned: Positioned, name: str, record: Record | None) -> Change | None:
    order = find_order(record, name) if record is not None else None
    if record is None or order is None:
        return None  # the subject was erased
    event = positioned.event
    token = tokens.encode(event.tenant, positioned.position)
    response = WatchOrdersResponse(order=order, event=event, resume_token=token)
    return Change(positioned.position, event.subject, record.subject.customer, response)

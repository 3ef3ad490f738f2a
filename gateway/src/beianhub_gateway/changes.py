"""From the log's events to the changes of orders and subjects that watches send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1.order_service_pb2 import WatchOrdersResponse
from beianhub.filing.v1.subject_service_pb2 import WatchSubjectsResponse
from beianhub_core.domain.draft import refused
from beianhub_core.domain.lookup import find_order
from beianhub_core.errors import ErrorKind
from beianhub_core.store.port import Positioned, Store
from beianhub_gateway import tokens

Response = WatchOrdersResponse | WatchSubjectsResponse
_OF_ORDERS: Final = ("order_", "verification_", "deadline")


class Kind(Enum):
    """What a watch is about."""

    ORDERS = "orders"
    SUBJECTS = "subjects"


EVENT_TYPES: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.SUBJECTS: tuple(field.name for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields),
    Kind.ORDERS: tuple(
        field.name for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields if field.name.startswith(_OF_ORDERS)
    ),
}
"""The types of events that a watch can be narrowed to, in the order in which the schema has them."""


@dataclass(frozen=True)
class Change:
    """An event, with the record as it now is; its responses are made once for everybody who watches."""

    positioned: Positioned
    record: Record

    @property
    def position(self) -> int:
        """The event's, in the log."""
        return self.positioned.position

    @cached_property
    def type(self) -> str:
        """The name of the event's payload."""
        return self.positioned.event.WhichOneof("payload") or ""

    def response(self, kind: Kind) -> Response | None:
        """What a watch of this kind sends of it; ``None`` where it is none of that kind's."""
        return self._of_order if kind is Kind.ORDERS else self._of_subject

    @cached_property
    def _of_order(self) -> WatchOrdersResponse | None:
        name = order_of(self.positioned.event)
        order = find_order(self.record, name) if name else None
        if order is None:
            return None
        return WatchOrdersResponse(order=order, event=self.positioned.event, resume_token=self._token)

    @cached_property
    def _of_subject(self) -> WatchSubjectsResponse:
        return WatchSubjectsResponse(subject=self.record.subject, event=self.positioned.event, resume_token=self._token)

    @property
    def _token(self) -> str:
        return tokens.encode(self.positioned.event.tenant, self.position)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a watcher may and wants to see; empty means all of the tenant's."""

    tenant: str
    customer: str
    subject: str
    kind: Kind
    types: frozenset[str]

    def response(self, change: Change) -> Response | None:
        """What the watcher is sent of a change of the tenant; ``None`` for one outside."""
        if self.subject not in ("", change.positioned.event.subject):
            return None
        if self.customer not in ("", change.record.subject.customer):
            return None
        if self.types and change.type not in self.types:
            return None
        return change.response(self.kind)


async def read_changes(store: Store, events: Iterable[Positioned], scopes: Sequence[Scope]) -> dict[str, list[Change]]:
    """The changes by tenant, in order of position, each with the record as it now is.

    A subject's record is read once for the whole batch, and only where one of the scopes may include it; the changes of
    one that was erased are none.
    """
    watched = {(scope.tenant, scope.subject, scope.kind) for scope in scopes}
    records: dict[tuple[str, str], Record | None] = {}
    changes: dict[str, list[Change]] = {}
    for positioned in events:
        event = positioned.event
        kinds = (Kind.SUBJECTS, Kind.ORDERS) if order_of(event) else (Kind.SUBJECTS,)
        if watched.isdisjoint((event.tenant, subject, kind) for subject in (event.subject, "") for kind in kinds):
            continue
        key = (event.tenant, event.subject)
        if key not in records:
            records[key] = await store.record(*key)
        record = records[key]
        if record is not None:
            changes.setdefault(event.tenant, []).append(Change(positioned, record))
    return changes


def order_of(event: Event) -> str:
    """The name of the order that the event changed; "" when it changed none."""
    kind = event.WhichOneof("payload")
    if kind is None or not kind.startswith(_OF_ORDERS):
        return ""
    order = getattr(event, kind).order
    return order if isinstance(order, str) else order.name


def wanted_types(kind: Kind, given: Sequence[str]) -> frozenset[str]:
    """The types of events that a watch is narrowed to.

    Raises:
        BeianhubError: INVALID with reason ``EVENT_TYPE_UNKNOWN`` for one that no watch of this kind can show.
    """
    for index, name in enumerate(given):
        if name not in EVENT_TYPES[kind]:
            raise refused(
                ErrorKind.INVALID,
                "EVENT_TYPE_UNKNOWN",
                f"event_types[{index}]",
                "没有这种事件，或它不属于此订阅",
                f"is no type of event of {kind.value}",
                f"请使用其中之一 / Use one of: {', '.join(EVENT_TYPES[kind])}.",
            )
    return frozenset(given)

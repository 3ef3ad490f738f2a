"""What an order's approval does to the subject, its services and accesses (domain.md 2.2). Pure, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import find_access, find_service

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from beianhub.events.v1.events_pb2 import OrderFiled
    from beianhub.events.v1.record_pb2 import Record

MAKES_ACCESS = frozenset({res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_ACCESS})


def put_pending_access(record: Record, order: res.Order) -> None:
    """Shows the access that the order would make, unless there is one that still counts."""
    service = find_service(record, order.service)
    if service is None or order.type not in MAKES_ACCESS:
        return
    access = find_access(service, order.provider)
    if access is None:
        access = service.accesses.add(
            name=f"{service.name}/accesses/{order.provider}",
            provider=order.provider,
        )
    access.account = order.account
    access.state = res.ACCESS_STATE_PENDING
    access.ClearField("ips")
    access.ips.extend(order.ips)


def drop_pending_access(record: Record, order: res.Order) -> None:
    """Takes back what :func:`put_pending_access` showed; an access that counts stays (S1.22)."""
    service = find_service(record, order.service)
    if service is None:
        return
    kept = [a for a in service.accesses if a.provider != order.provider or a.state != res.ACCESS_STATE_PENDING]
    service.ClearField("accesses")
    service.accesses.extend(kept)


def apply_filed(record: Record, order: res.Order, filed: OrderFiled, time: Timestamp) -> None:
    """The record after the regulator approved the order."""
    service = find_service(record, order.service)
    if service is None:
        return
    if order.type in MAKES_ACCESS:
        _number(record.subject, service, filed)
        _activate(service, order, filed, time)
    elif order.type == res.ORDER_TYPE_CANCEL_ACCESS:
        _cancel(service, order, time)
    _remember(record.subject.provider_ids, order.provider, filed.subject_provider_id)
    _remember(service.provider_ids, order.provider, filed.service_provider_id)


def _number(subject: res.Subject, service: res.Service, filed: OrderFiled) -> None:
    """A first filing gives the numbers; an access never changes one (HW-KB doc_0165)."""
    subject.licence_number = subject.licence_number or filed.subject_licence_number
    service.licence_number = service.licence_number or filed.service_licence_number
    subject.state = res.SUBJECT_STATE_FILED
    service.state = res.SERVICE_STATE_FILED


def _activate(service: res.Service, order: res.Order, filed: OrderFiled, time: Timestamp) -> None:
    access = find_access(service, order.provider) or service.accesses.add(
        name=f"{service.name}/accesses/{order.provider}", provider=order.provider
    )
    access.account = order.account
    access.state = res.ACCESS_STATE_ACTIVE
    access.provider_id = filed.access_provider_id
    access.ClearField("ips")
    access.ips.extend(order.ips)
    access.update_time.CopyFrom(time)


def _cancel(service: res.Service, order: res.Order, time: Timestamp) -> None:
    """The number stays (S0, S1); without an access the service is an empty shell (空壳网站)."""
    access = find_access(service, order.provider)
    if access is not None:
        access.state = res.ACCESS_STATE_CANCELLED
        access.update_time.CopyFrom(time)
    if not any(a.state == res.ACCESS_STATE_ACTIVE for a in service.accesses):
        service.state = res.SERVICE_STATE_NO_ACCESS


def _remember(ids: object, provider: str, id_: str) -> None:
    if not id_:
        return
    known = next((entry for entry in ids if entry.provider == provider), None)  # type: ignore[attr-defined]  # repeated
    if known is None:
        ids.add(provider=provider, id=id_)  # type: ignore[attr-defined]  # a protobuf repeated field
    else:
        known.id = id_

"""What an order's approval does to the subject, its services and accesses (domain.md 2.2). Pure, in place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import changing
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED, find_access, find_service

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from beianhub.events.v1.events_pb2 import OrderFiled, ServiceMigratedIn, ServiceMigratedOut
    from beianhub.events.v1.record_pb2 import Record

_SERVICE_PATH: Final = re.compile(r"services\[(\d+)\]")
MAKES_ACCESS: Final = frozenset({res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_SERVICE, res.ORDER_TYPE_ADD_ACCESS})


def put_pending_access(record: Record, order: res.Order) -> None:
    """Shows the access that the order would make, unless there is one that still counts."""
    service = find_service(record, order.service)
    if service is None or order.type not in MAKES_ACCESS:
        return
    access = _access(service, order)
    if access.state == res.ACCESS_STATE_ACTIVE:
        return
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
    """The record after the regulator approved the order. What a migration moves stands in events of its own."""
    if order.type == res.ORDER_TYPE_MIGRATE_SERVICE:
        return
    effect = _EFFECTS.get(order.type)
    if effect is not None:
        effect(record, order, filed, time)
    remember(record.subject.provider_ids, order.provider, filed.subject_provider_id)
    service = find_service(record, order.service)
    if service is not None:
        remember(service.provider_ids, order.provider, filed.service_provider_id)


def _file_service(record: Record, order: res.Order, filed: OrderFiled, time: Timestamp) -> None:
    """首次备案, 新增网站: the regulator gives the numbers; what was cancelled gets new ones (S0.11, S1.4)."""
    service = find_service(record, order.service)
    if service is None:
        return
    subject = record.subject
    if subject.state not in SUBJECT_FILED or not subject.licence_number:
        subject.licence_number = filed.subject_licence_number
    if service.state not in SERVICE_FILED or not service.licence_number:
        service.licence_number = filed.service_licence_number
    subject.state = res.SUBJECT_STATE_FILED
    _activate(service, order, filed, time)


def _add_access(record: Record, order: res.Order, filed: OrderFiled, time: Timestamp) -> None:
    """接入备案, 认领备案: the access appears with its account; no number changes (HW-KB doc_0165, doc_0198)."""
    service = find_service(record, order.service)
    if service is not None:
        record.subject.licence_number = record.subject.licence_number or filed.subject_licence_number
        service.licence_number = service.licence_number or filed.service_licence_number
        _activate(service, order, filed, time)


def _activate(service: res.Service, order: res.Order, filed: OrderFiled, time: Timestamp) -> None:
    service.state = res.SERVICE_STATE_FILED
    access = _access(service, order)
    access.account = order.account
    access.state = res.ACCESS_STATE_ACTIVE
    access.provider_id = filed.access_provider_id or access.provider_id
    _set_ips(access, order)
    access.update_time.CopyFrom(time)


def _change(record: Record, order: res.Order, _filed: OrderFiled, _time: Timestamp) -> None:
    """变更主体, 变更网站: the new values, and the vault's entry of them."""
    changing.take_over(record.subject, order)


def _change_access(record: Record, order: res.Order, _filed: OrderFiled, time: Timestamp) -> None:
    """变更接入: the addresses of the provider's own access."""
    service = find_service(record, order.service)
    access = find_access(service, order.provider) if service is not None else None
    if access is not None:
        _set_ips(access, order)
        access.update_time.CopyFrom(time)


def _cancel_access(record: Record, order: res.Order, _filed: OrderFiled, time: Timestamp) -> None:
    """The number stays (S0, S1); without an access the service is an empty shell (空壳网站)."""
    service = find_service(record, order.service)
    if service is None:
        return
    access = find_access(service, order.provider)
    if access is not None:
        _end_access(access, time)
    if not any(a.state == res.ACCESS_STATE_ACTIVE for a in service.accesses):
        service.state = res.SERVICE_STATE_NO_ACCESS


def _cancel_service(record: Record, order: res.Order, _filed: OrderFiled, time: Timestamp) -> None:
    """注销网站: the others stay (S0.12, S0.13); after the last one the subject is a shell (S3.19)."""
    service = find_service(record, order.service)
    if service is not None:
        _void(service, time)
    _mark_shell(record.subject)


def _cancel_subject(record: Record, _order: res.Order, _filed: OrderFiled, time: Timestamp) -> None:
    """注销主体: the number and all its sites (S0.10)."""
    record.subject.state = res.SUBJECT_STATE_CANCELLED
    for service in record.subject.services:
        if service.state in SERVICE_FILED:
            _void(service, time)


def _transfer(record: Record, order: res.Order, _filed: OrderFiled, time: Timestamp) -> None:
    """备案迁移: the regulator's record stays; the account's accesses are the other account's (HW-KB doc_0199)."""
    for service in record.subject.services:
        for access in service.accesses:
            if access.provider == order.provider and access.account in ("", order.account):
                access.account = order.target_account
                access.update_time.CopyFrom(time)


def give(subject: res.Subject, moved: ServiceMigratedOut) -> None:
    """网站迁移: the service is the other subject's; without another filed one this is a shell (HW-KB doc_0200)."""
    gone = [service.name for service in subject.services].index(moved.service)
    _drop_deadlines(subject, gone)
    del subject.services[gone]
    subject.vault_ref = moved.vault_ref
    _mark_shell(subject)


def take(subject: res.Subject, moved: ServiceMigratedIn, time: Timestamp) -> None:
    """网站迁移: the service with its accesses; a shell that takes one is none any more."""
    service = subject.services.add()
    service.CopyFrom(moved.service)
    for access in service.accesses:
        access.update_time.CopyFrom(time)
    subject.vault_ref = moved.vault_ref
    subject.state = res.SUBJECT_STATE_FILED
    remember(subject.provider_ids, moved.subject_provider_id.provider, moved.subject_provider_id.id)


def _drop_deadlines(subject: res.Subject, gone: int) -> None:
    """Those of the service at the index ``gone`` are no more, and those of the services behind it move up."""
    kept = []
    for deadline in subject.deadlines:
        found = _SERVICE_PATH.match(deadline.path)
        index = int(found[1]) if found else -1
        if index > gone and found is not None:
            deadline.path = f"services[{index - 1}]{deadline.path[found.end() :]}"
        if index != gone or found is None:
            kept.append(deadline)
    subject.ClearField("deadlines")
    subject.deadlines.extend(kept)


def _mark_shell(subject: res.Subject) -> None:
    if not any(service.state in SERVICE_FILED for service in subject.services):
        subject.state = res.SUBJECT_STATE_SHELL


def _void(service: res.Service, time: Timestamp) -> None:
    service.state = res.SERVICE_STATE_CANCELLED
    for access in service.accesses:
        _end_access(access, time)


def _end_access(access: res.Access, time: Timestamp) -> None:
    access.state = res.ACCESS_STATE_CANCELLED
    access.update_time.CopyFrom(time)


def _access(service: res.Service, order: res.Order) -> res.Access:
    return find_access(service, order.provider) or service.accesses.add(
        name=f"{service.name}/accesses/{order.provider}", provider=order.provider
    )


def _set_ips(access: res.Access, order: res.Order) -> None:
    if order.ips:
        access.ClearField("ips")
        access.ips.extend(order.ips)


def remember(ids: object, provider: str, id_: str) -> None:
    """Keeps the id that the provider gave, in place of an older one; "" keeps the older one."""
    if not id_:
        return
    known = next((entry for entry in ids if entry.provider == provider), None)  # type: ignore[attr-defined]  # repeated
    if known is None:
        ids.add(provider=provider, id=id_)  # type: ignore[attr-defined]  # a protobuf repeated field
    else:
        known.id = id_


_EFFECTS: Final[dict[int, Callable[[Record, res.Order, OrderFiled, Timestamp], None]]] = {
    res.ORDER_TYPE_FIRST_FILING: _file_service,
    res.ORDER_TYPE_ADD_SERVICE: _file_service,
    res.ORDER_TYPE_ADD_ACCESS: _add_access,
    res.ORDER_TYPE_CHANGE_SUBJECT: _change,
    res.ORDER_TYPE_CHANGE_SERVICE: _change,
    res.ORDER_TYPE_CHANGE_ACCESS: _change_access,
    res.ORDER_TYPE_CANCEL_SUBJECT: _cancel_subject,
    res.ORDER_TYPE_CANCEL_SERVICE: _cancel_service,
    res.ORDER_TYPE_CANCEL_ACCESS: _cancel_access,
    res.ORDER_TYPE_TRANSFER_ACCOUNT: _transfer,
    res.ORDER_TYPE_CLAIM: _add_access,
}

"""What a change order carries: the new values, sealed beside those of the record until the order is filed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application import sealing
from beianhub_core.domain.changing import CHANGES, SERVICE_FIELDS
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.errors import ErrorKind
from beianhub_core.rules.registrations import drop_stray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding, Order, OrderChange, Subject
    from beianhub_core.application.core import Core
    from beianhub_core.store.port import VaultEntry


@dataclass(frozen=True, slots=True)
class SealedChange:
    """A change with masks and exact paths, the ciphertext of the subject as it is to be, and its values."""

    change: OrderChange
    entry: VaultEntry
    plain: Subject


async def seal(core: Core, tenant: str, record: Record, order: Order) -> tuple[OrderChange, VaultEntry]:
    """The order's change with masks and exact paths, and the ciphertext of the subject as it is to be.

    Raises:
        BeianhubError: INVALID: a path that cannot change, a value that is wrong, or nothing that differs.
    """
    plain = await sealing.unseal(core, tenant, record.subject)
    sealed = await seal_onto(core, tenant, plain, record.subject.vault_ref, order)
    return sealed.change, sealed.entry


async def seal_onto(core: Core, tenant: str, plain: Subject, base: str, order: Order) -> SealedChange:
    """Like :func:`seal`, onto values that the vault keeps, or is to keep, under the reference ``base``."""
    paths = _paths(order)
    now = res.Subject()
    now.CopyFrom(plain)
    plain = now
    before = _wanted(plain, order)
    after = res.OrderChange()
    after.CopyFrom(before)
    FieldMask(paths=paths).MergeMessage(order.change, after, replace_message_field=True, replace_repeated_field=True)
    _put(plain, order, after)
    plain, findings = sealing.checked(core, plain)
    if findings:
        raise rejected([_at_change(plain, order, finding) for finding in findings], ErrorKind.INVALID)
    sealed = await sealing.encrypt(core, tenant, plain, "change")
    changed = sorted(_differing(before, _wanted(plain, order)))
    if not changed:
        raise _bad("order.change", "CHANGE_REQUIRED", "变更内容与现有资料相同", "the change changes nothing")
    return SealedChange(_masked(sealed.masked, order, changed, base), sealed.entry, plain)


def refuse_stray(order: Order) -> None:
    """Raises INVALID for a change in an order of another type."""
    if order.HasField("change") and order.type not in CHANGES:
        raise _bad("order.change", "CHANGE_NOT_ALLOWED", "该类型的订单不能携带变更内容", "this type carries no change")


def _paths(order: Order) -> list[str]:
    """The caller's paths; without any, every field that is set. Of a subject's change those of the profile only."""
    change = order.change
    paths = list(change.paths) or [
        f"{part}.{field.name}"
        for part, message in (("profile", change.profile), ("service", change.service))
        for field, _ in message.ListFields()
    ]
    if not paths:
        raise _bad("order.change.paths", "CHANGE_REQUIRED", "变更订单没有变更内容", "the order changes nothing")
    for path in paths:
        if not _is_allowed(order, path):
            raise _bad("order.change.paths", "FIELD_NOT_CHANGEABLE", f"不能变更 {path}", f"{path} cannot be changed")
    return paths


def _is_allowed(order: Order, path: str) -> bool:
    part, _, below = path.partition(".")
    known = FieldMask(paths=[path]).IsValidForDescriptor(res.OrderChange.DESCRIPTOR)
    if part == "service":
        return known and order.type == res.ORDER_TYPE_CHANGE_SERVICE and below.split(".")[0] in SERVICE_FIELDS
    return known and part == "profile"


def _wanted(plain: Subject, order: Order) -> OrderChange:
    """The part of the subject's values that the order may change."""
    change = res.OrderChange(profile=plain.profile)
    for service in plain.services:
        if service.name == order.service and order.type == res.ORDER_TYPE_CHANGE_SERVICE:
            change.service.CopyFrom(service)
    return change


def _put(plain: Subject, order: Order, change: OrderChange) -> None:
    plain.profile.CopyFrom(change.profile)
    for service in plain.services:
        if service.name == order.service and change.HasField("service"):
            service.CopyFrom(change.service)
            drop_stray(service)


def _masked(subject: Subject, order: Order, changed: list[str], base: str) -> OrderChange:
    """Only the parts that change: a profile that stays is none of the order's."""
    change = _wanted(subject, order)
    for part in ("profile", "service"):
        if not any(path.startswith(f"{part}.") for path in changed):
            change.ClearField(part)
    change.paths[:] = changed
    change.vault_ref = subject.vault_ref
    change.base_ref = base
    return change


def _differing(before: Message, after: Message, prefix: str = "") -> Iterator[str]:
    """Paths of the fields that differ, as deep as both have the message."""
    for field in after.DESCRIPTOR.fields:
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        path = f"{prefix}{field.name}"
        if isinstance(new, Message):
            yield from _differing(old, new, f"{path}.")
        else:
            yield path


def _at_change(subject: Subject, order: Order, finding: Finding) -> Finding:
    """Names the field as the request does."""
    index = next((i for i, service in enumerate(subject.services) if service.name == order.service), -1)
    finding.path = finding.path.replace(f"subject.services[{index}]", "order.change.service")
    finding.path = finding.path.replace("subject.profile", "order.change.profile")
    return finding


def _bad(path: str, reason: str, zh: str, en: str) -> Exception:
    fields = ", ".join(f"service.{field}" for field in SERVICE_FIELDS)
    return refused(
        ErrorKind.INVALID,
        reason,
        path,
        zh,
        en,
        (
            f"变更主体时填写 profile 的字段；变更服务时还可填写 {fields}。 / "
            f"A change of the subject names fields of profile; a change of the service {fields} too."
        ),
    )

"""A migration holds both of its subjects while it runs, and moves the service once it is filed. Pure.

The order is in the record of the subject that gives the service. What the other one has to know is told in its own
stream, in the same transaction: that it is held, that it is free again, and that it has the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.filed import remember
from beianhub_core.domain.lookup import find_incoming, find_order, find_service, is_in_flight, is_sending
from beianhub_core.errors import ErrorKind

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.task_pb2 import TaskOutcome


@dataclass(frozen=True, slots=True)
class Handover:
    """What the vault has ready for a migration that is filed: the name of the service at its target, and for each of
    the two subjects the reference of its values as they will be (``_ref``), made from those of ``_base``.
    """

    service: str
    source_base: str
    source_ref: str
    target_base: str
    target_ref: str


def settle(before: Record | None, draft: Draft) -> None:
    """Tells the target what the decision did to the migration that holds it.

    Raises:
        RuntimeError: the decision changed that, and was not given the target: a defect of the caller.
    """
    for order in draft.record.orders:
        if not order.target_subject:
            continue
        target = draft.target
        if target is not None and names.last(order.target_subject) == target.context.subject:
            _tell(target, order)
        elif _hold(order) != _hold(find_order(before, order.name) if before is not None else None):
            raise RuntimeError(f"{order.name} was decided without its target")


def _hold(order: res.Order | None) -> tuple[bool, bool]:
    """Whether the order holds its subjects, and whether their data is on its way."""
    return (is_in_flight(order), is_sending(order)) if order is not None else (False, False)


def _tell(target: Draft, order: res.Order) -> None:
    holds, sending = _hold(order)
    known = find_incoming(target.record, order.name)
    if holds and (known is None or known.sending != sending):
        target.append(ev.MigrationHeld(order=order.name, source=order.subject, sending=sending))
    elif not holds and known is not None:
        target.append(ev.MigrationReleased(order=order.name))


def hand_over(draft: Draft, order: res.Order, status: TaskOutcome.Status) -> None:
    """Moves the service to the target: with a new number, and under the target's key in the vault.

    Raises:
        BeianhubError: ABORTED with reason SUBJECT_CHANGED, a subject's values changed since they were sealed anew.
    """
    target, handover = draft.target, draft.handover
    service = find_service(draft.record, order.service)
    if target is None or handover is None or service is None:
        raise RuntimeError(f"{order.name} is filed without its target, its values or its service")
    bases = draft.record.subject.vault_ref, target.record.subject.vault_ref
    if bases != (handover.source_base, handover.target_base):
        raise refused(
            ErrorKind.ABORTED,
            "SUBJECT_CHANGED",
            "subject",
            "主体刚被修改",
            "a subject of the migration was changed at this moment",
            "请重复该请求。 / Repeat the request.",
        )
    moved = as_migrated(draft.record.subject, order, status, handover.service)
    target.append(
        ev.ServiceMigratedIn(
            order=order.name,
            source_service=order.service,
            service=moved,
            vault_ref=handover.target_ref,
            subject_provider_id=res.ProviderId(provider=order.provider, id=status.subject_provider_id),
        )
    )
    draft.append(
        ev.ServiceMigratedOut(
            order=order.name,
            service=order.service,
            target_service=handover.service,
            vault_ref=handover.source_ref,
        )
    )


def as_migrated(subject: res.Subject, order: res.Order, status: TaskOutcome.Status, name: str) -> res.Service:
    """The order's service of the giving subject as its target has it: the next number of the target's sequence, the
    same people, and all accesses.

    The provider's own access is in the target's account. Those at other providers are nobody's until they are claimed
    (认领备案, HW-KB doc_0198). A service that named no people had its subject's principal, and keeps him.
    """
    moved = res.Service()
    moved.CopyFrom(next(service for service in subject.services if service.name == order.service))
    moved.name = name
    moved.licence_number = status.service_licence_number
    if not moved.HasField("principal"):
        moved.principal.CopyFrom(subject.profile.principal)
    remember(moved.provider_ids, order.provider, status.service_provider_id)
    for access in moved.accesses:
        own = access.provider == order.provider
        access.name = f"{name}/accesses/{access.provider}"
        access.account = order.target_account if own else ""
        access.provider_id = (status.access_provider_id or access.provider_id) if own else access.provider_id
    return moved

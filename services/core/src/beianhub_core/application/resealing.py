"""A migration that is filed takes the people of its service along: sealed anew under the key of the subject that takes
it, and gone from the values of the one that gives it. Values never leave the vault's entries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from beianhub.resources.v1.resources_pb2 import ORDER_STATE_FILED
from beianhub.resources.v1.task_pb2 import TaskOutcome
from beianhub_core import names
from beianhub_core.application import sealing
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.handover import Handover, as_migrated
from beianhub_core.domain.lookup import is_in_flight

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Order, Subject
    from beianhub_core.application.core import Core
    from beianhub_core.store.port import Changes, VaultEntry


@dataclass(frozen=True, slots=True)
class Resealed:
    """Both subjects' values as they will be, for the unit that files the migration."""

    handover: Handover
    source: VaultEntry
    target: VaultEntry

    def keep(self, changes: Changes) -> Changes:
        """The changes with both entries in place of the older ones, if the decision did hand the service over."""
        if changes.second is None or not any(event.HasField("service_migrated_out") for event in changes.events):
            return changes
        second = replace(
            changes.second,
            vault=[*changes.second.vault, self.target],
            dropped_refs=[*changes.second.dropped_refs, self.handover.target_base],
        )
        return replace(
            changes,
            vault=[*changes.vault, self.source],
            dropped_refs=[*changes.dropped_refs, self.handover.source_base],
            second=second,
        )


async def reseal(core: Core, tenant: str, source_id: str, target_id: str, command: cmd.Command) -> Resealed | None:
    """What the command needs if it files a migration from the one subject to the other; ``None`` if it does not.

    Raises:
        BeianhubError: ABORTED with reason SUBJECT_CHANGED, values were replaced while they were read; NOT_FOUND, a
            subject was erased.
    """
    status = _status(command)
    if status is None or status.state != ORDER_STATE_FILED:
        return None
    source, target = await core.store.record(tenant, source_id), await core.store.record(tenant, target_id)
    order = _running(source, target)
    if source is None or target is None or order is None:
        return None
    given = await sealing.unseal(core, tenant, source.subject)
    taken = await sealing.unseal(core, tenant, target.subject)
    name = _name(core, target.subject, order.service)
    moved, with_values = (as_migrated(subject, order, status, name) for subject in (source.subject, given))
    moved.principal.CopyFrom(with_values.principal)
    taken.services.append(moved)
    kept = [service for service in given.services if service.name != order.service]
    given.ClearField("services")
    given.services.extend(kept)
    sealed = [await sealing.encrypt(core, tenant, plain, "subject") for plain in (given, taken)]
    handover = Handover(
        service=name,
        source_base=source.subject.vault_ref,
        source_ref=sealed[0].entry.ref,
        target_base=target.subject.vault_ref,
        target_ref=sealed[1].entry.ref,
    )
    return Resealed(handover, sealed[0].entry, sealed[1].entry)


def _status(command: cmd.Command) -> TaskOutcome.Status | None:
    """What the vendor shows, where the command says it."""
    if isinstance(command, cmd.ReportProgress):
        return command.status
    return command.outcome.status if isinstance(command, cmd.ReportTask) else None


def _running(source: Record | None, target: Record | None) -> Order | None:
    """The migration of the two that is under way: each subject has one order at a time."""
    if source is None or target is None:
        return None
    return next((o for o in source.orders if o.target_subject == target.subject.name and is_in_flight(o)), None)


def _name(core: Core, target: Subject, service: str) -> str:
    """The service keeps its id, unless the target has one that is called so."""
    taken = {one.name for one in target.services}
    name = names.child(target.name, "services", names.last(service))
    return name if name not in taken else names.child(target.name, "services", core.ids.new())

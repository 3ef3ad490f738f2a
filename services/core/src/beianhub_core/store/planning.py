"""The units of one group, run one after the other in memory: no I/O.

Plans are pure, so a group can be planned again when something that it took for granted turns out otherwise.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Document
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.domain import projection
from beianhub_core.errors import BeianhubError
from beianhub_core.store import faults
from beianhub_core.store.port import Changes, Committed, Loaded, Unit

Key = tuple[str, str]  # tenant, subject
RequestId = tuple[str, str, str]  # tenant, method, request id
Claim = tuple[str, str, str]  # tenant, what is claimed, its value

CERTIFICATE: Final = "certificate"
DOMAIN: Final = "domain"
ORDER: Final = "order"
_ENDED: Final = frozenset({Task.STATE_DONE, Task.STATE_CLOSED})


@dataclass(slots=True)
class Held:
    """A subject inside the transaction; its messages are never changed in place. ``certificate`` is in hex."""

    record: Record | None = None
    certificate: str | None = None
    tasks: dict[str, Task] = field(default_factory=dict)


@dataclass(slots=True)
class Snapshot:
    """What the database holds of what a group touches; ``owners`` of claims are filled in as they come up."""

    subjects: Mapping[Key, Held]
    requests: Mapping[RequestId, tuple[bytes, bytes]]
    owners: dict[Claim, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Writes:
    """What is to be written beside the records; a ``None`` deletes."""

    events: list[Event] = field(default_factory=list)
    tasks: dict[tuple[str, str], tuple[str, Task]] = field(default_factory=dict)
    vault: dict[tuple[str, str], tuple[str, bytes] | None] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], tuple[Document, str] | None] = field(default_factory=dict)
    observed: dict[tuple[str, str], str] = field(default_factory=dict)
    patrols: dict[Key, datetime | None] = field(default_factory=dict)
    requests: dict[RequestId, tuple[bytes, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a unit wants of one of its subjects."""

    key: Key
    held: Held
    changes: Changes

    @property
    def tenant(self) -> str:
        return self.key[0]

    @property
    def subject(self) -> str:
        return self.key[1]


class Planning:
    """Runs units over a snapshot. Afterwards ``subjects`` are as they will be, ``writes`` says what else to write, and
    ``assumed`` are the claims that were taken to be free without the snapshot's word.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._owners: ChainMap[Claim, str | None] = ChainMap({}, snapshot.owners)
        self.subjects: dict[Key, Held] = {}
        self.assumed: dict[Claim, str] = {}
        self.writes = Writes()

    def run(self, unit: Unit) -> Committed | Exception:
        """The unit's result, or what its plan raised: then it has changed nothing."""
        try:
            return self._replayed(unit) or self._carried_out(unit)
        except StopIteration:  # a future cannot carry it
            return faults.BrokenPlanError("the plan raised StopIteration")
        except Exception as error:  # noqa: BLE001 - one failing plan never fails its group
            return error

    def _replayed(self, unit: Unit) -> Committed | None:
        if unit.request is None:
            return None
        id_ = unit.request.tenant, unit.request.method, unit.request.request_id
        earlier = self.writes.requests.get(id_) or self._snapshot.requests.get(id_)
        if earlier is None:
            return None
        digest, response = earlier
        if digest != unit.request.digest:
            raise faults.reused()
        return Committed(response, _copy(self._held(keys_of(unit)[0]).record), replayed=True)

    def _carried_out(self, unit: Unit) -> Committed:
        keys = keys_of(unit)
        held = [self._held(key) for key in keys]
        changes = unit.plan(_loaded(*held))
        if changes.second is not None and len(keys) == 1:
            raise faults.BrokenPlanError(f"a unit of {unit.subject} alone changes a second subject")
        parts = [_Part(*part) for part in zip(keys, held, (changes, changes.second or Changes()), strict=False)]
        for part in parts:
            _verify(part)
        claims = self._claims(parts)
        if unit.validate_only:
            return Committed(changes.response, _copy(held[0].record), replayed=False)
        for part in parts:
            self._apply(part)
        self._owners.update(claims)
        if unit.request is not None:
            id_ = unit.request.tenant, unit.request.method, unit.request.request_id
            self.writes.requests[id_] = unit.request.digest, changes.response
        return Committed(changes.response, _copy(held[0].record), replayed=False)

    def _held(self, key: Key) -> Held:
        if key not in self.subjects:
            loaded = self._snapshot.subjects.get(key, Held())
            self.subjects[key] = Held(loaded.record, loaded.certificate, dict(loaded.tasks))
        return self.subjects[key]

    def _claims(self, parts: Sequence[_Part]) -> dict[Claim, str | None]:
        """The claims that the unit makes (each with its subject) and gives up (with ``None``)."""
        wanted: dict[Claim, str] = {}
        dropped: set[Claim] = set()
        for part in parts:
            taken, given = _part_claims(part)
            dropped |= given
            for claim in sorted(taken):
                if claim in wanted:
                    raise _taken(claim, wanted[claim])
                wanted[claim] = part.subject
        for claim, subject in wanted.items():
            self._check(claim, subject, free=claim in dropped)
        for part in parts:
            _check_within(part.subject, part.changes.record)
        return dict.fromkeys(dropped) | wanted

    def _check(self, claim: Claim, subject: str, *, free: bool) -> None:
        """Refuses what another subject has; what the unit itself gives up is free."""
        if free:
            return
        if claim not in self._owners:
            self.assumed[claim] = subject
        owner = self._owners.get(claim)
        if owner is not None and owner != subject:
            raise _taken(claim, owner)

    def _apply(self, part: _Part) -> None:
        (tenant, subject), held, changes, writes = part.key, part.held, part.changes, self.writes
        if changes.events:
            held.record = _copy(changes.record)
            writes.events.extend(changes.events)
        if changes.certificate:
            held.certificate = changes.certificate.hex()
        self._apply_tasks(part)
        writes.vault.update({(tenant, entry.ref): (subject, entry.ciphertext) for entry in changes.vault})
        writes.vault.update({(tenant, ref): None for ref in changes.dropped_refs})
        for document, ref in changes.documents:
            writes.documents[tenant, subject, names.last(document.name)] = document, ref
        writes.documents.update({(tenant, subject, names.last(name)): None for name in changes.deleted_documents})
        writes.observed.update({(tenant, names.last(order)): word for order, word in changes.observed.items()})
        if changes.patrolled:
            writes.patrols[tenant, subject] = changes.next_patrol

    def _apply_tasks(self, part: _Part) -> None:
        """Takes the rows, and closes those that the record no longer holds open and nobody has ended."""
        held = part.held
        open_ = projection.open_tasks(held.record) if held.record else set()
        written = {row.name: _copied(row) for row in part.changes.tasks}
        for name, row in (held.tasks | written).items():
            if name not in open_ and row.state not in _ENDED:
                written[name] = closed = _copied(row)
                closed.state = Task.STATE_CLOSED
        held.tasks = {name: row for name, row in (held.tasks | written).items() if name in open_}
        rows = {(part.tenant, names.last(name)): (part.subject, row) for name, row in written.items()}
        self.writes.tasks.update(rows)


def keys_of(unit: Unit) -> list[Key]:
    """The subjects that the unit writes to, its own first."""
    return [(unit.tenant, subject) for subject in dict.fromkeys((unit.subject, unit.second)) if subject]


def _loaded(held: Held, second: Held | None = None) -> Loaded:
    """Copies, for the plan to own."""
    tasks = {name: _copied(task) for name, task in held.tasks.items()}
    return Loaded(_copy(held.record), tasks, _loaded(second) if second is not None else None)


def _verify(part: _Part) -> None:
    """The events go on gaplessly from the record, which is as of the last of them."""
    before, changes = part.held.record, part.changes
    version = before.version if before else 0
    if not changes.events and changes.record in (None, before):
        return
    if changes.record is None or changes.record.version != version + len(changes.events) or not changes.events:
        raise faults.BrokenPlanError(f"the record of {part.subject} is not that of its last event")
    for expected, event in enumerate(changes.events, version + 1):
        if (event.tenant, event.subject, event.version) != (*part.key, expected):
            raise faults.BrokenPlanError(f"event {event.version} of {part.subject} stands where {expected} belongs")


def _part_claims(part: _Part) -> tuple[set[Claim], set[Claim]]:
    """What the part takes up and gives up."""
    tenant, before, changes = part.tenant, part.held.record, part.changes
    wanted, dropped = _domain_claims(tenant, before, changes.record)
    wanted |= _order_claims(tenant, before, changes.record)
    if changes.certificate and changes.certificate.hex() != part.held.certificate:
        wanted.add((tenant, CERTIFICATE, changes.certificate.hex()))
        if part.held.certificate:
            dropped.add((tenant, CERTIFICATE, part.held.certificate))
    return wanted, dropped


def _domain_claims(tenant: str, before: Record | None, after: Record | None) -> tuple[set[Claim], set[Claim]]:
    """Domains that a record takes up and gives up."""
    if after is None:
        return set(), set()
    old = set(_domains(before)) if before else set()
    new = set(_domains(after))
    return {(tenant, DOMAIN, domain) for domain in new - old}, {(tenant, DOMAIN, domain) for domain in old - new}


def _order_claims(tenant: str, before: Record | None, after: Record | None) -> set[Claim]:
    """Ids of new orders: an order is found by its id alone, so no other subject of the tenant may have it."""
    if after is None:
        return set()
    known = {order.name for order in before.orders} if before else set()
    return {(tenant, ORDER, names.last(order.name)) for order in after.orders if order.name not in known}


def _taken(claim: Claim, owner: str) -> BeianhubError:
    _, kind, value = claim
    if kind == CERTIFICATE:
        return faults.subject_exists(owner)
    return faults.order_exists() if kind == ORDER else faults.domain_exists(owner, value)


def _check_within(subject: str, record: Record | None) -> None:
    """No two services of the subject itself share a domain."""
    seen: set[str] = set()
    for domain in _domains(record) if record else ():
        if domain in seen:
            raise faults.domain_exists(subject, domain)
        seen.add(domain)


def _domains(record: Record) -> Iterable[str]:
    return [domain for service in record.subject.services for domain in dict.fromkeys(service.domains)]


def _copy(record: Record | None) -> Record | None:
    if record is None:
        return None
    copy = Record()
    copy.CopyFrom(record)
    return copy


def _copied(task: Task) -> Task:
    copy = Task()
    copy.CopyFrom(task)
    return copy

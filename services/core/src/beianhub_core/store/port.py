"""The store's port: one way to write (:meth:`Store.execute`), and the reads that the application needs.

A write is a :class:`Unit`: a pure ``plan`` that sees the subject's record and open tasks inside the transaction and
returns :class:`Changes`; a unit that names a second subject sees and changes both, or neither. Units that wait at the
same moment share one transaction (group commit); a plan that raises fails its own unit alone. What can be derived from
the record (rows of orders, services and timers) is derived by the store through :mod:`beianhub_core.domain.projection`,
in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1.admin_service_pb2 import ApiKey, Tenant
from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.resources_pb2 import (
    Account,
    Deadline,
    Document,
    Order,
    OrderState,
    Risk,
    RiskKind,
    Service,
    Severity,
    Subject,
)
from beianhub.resources.v1.task_pb2 import Task, TaskKind


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Makes a mutation repeatable: ``digest`` is the SHA-256 of the request, so that the same id with another body is
    refused (reason ``REQUEST_ID_REUSED``).
    """

    tenant: str
    method: str
    request_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """A ciphertext of one subject; ``ref`` is unique per tenant."""

    ref: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a plan sees. ``record`` is ``None`` before the subject's first event; ``tasks`` are the rows of the
    record's open tasks by name. Both are the plan's own copies. ``second`` is the same of the unit's second subject,
    ``None`` where it names none.
    """

    record: Record | None
    tasks: Mapping[str, Task]
    second: Loaded | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan wants written, all or nothing.

    ``record`` is the fold after ``events``, whose versions go on gaplessly from the loaded record's. ``tasks`` are rows
    to insert or replace by name. ``certificate`` is the blind index of the subject's certificate: one subject per
    tenant has it, else the unit fails with ALREADY_EXISTS and reason ``SUBJECT_EXISTS``; a domain of another service
    of the tenant fails it with reason ``DOMAIN_EXISTS``; both name the other subject in the error's metadata.
    ``patrolled`` says that the record's patrols and risks were looked at, and are again at ``next_patrol`` (``None``:
    never).
    ``observed`` maps orders to the vendor's word that a poll merely confirmed. ``drifts``, of an account's task only,
    replace all that the account had; ``None`` leaves them. ``response`` is kept for the request
    key. ``second`` are those of the unit's second subject: a domain that one of the two gives up the other may take.
    """

    record: Record | None = None
    events: Sequence[Event] = ()
    tasks: Sequence[Task] = ()
    vault: Sequence[VaultEntry] = ()
    dropped_refs: Sequence[str] = ()
    certificate: bytes | None = None
    documents: Sequence[tuple[Document, str]] = ()  # with the vault's reference of the content
    deleted_documents: Sequence[str] = ()
    observed: Mapping[str, str] = field(default_factory=dict)
    drifts: Sequence[Drift] | None = None
    patrolled: bool = False
    next_patrol: datetime | None = None
    response: bytes = b""
    second: Changes | None = None


Plan = Callable[[Loaded], Changes]


@dataclass(frozen=True, slots=True)
class Unit:
    """One write to one subject's stream, or to those of two (``second``: the other one's id) in one transaction.
    ``validate_only``: it is carried out to the point where it would be written, and nothing is; it has no request key
    then.
    """

    tenant: str
    subject: str
    plan: Plan
    request: RequestKey | None = None
    second: str = ""
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """What became durable. ``replayed`` says that the request had been carried out before: ``response`` is that of
    then, and nothing was written. ``record`` is the subject's record after the commit (``None``: has none).
    """

    response: bytes
    record: Record | None
    replayed: bool


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task that may be claimed."""

    tenant: str
    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come; ``key`` is unique within the subject."""

    tenant: str
    subject: str
    key: str
    time: datetime


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline of the subject, or of one of its orders: ``key`` is
    :func:`~beianhub_core.domain.projection.deadline_key`'s.
    """

    time: datetime
    subject: str
    key: str
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Positioned:
    """An event with its place in the log: gapless from 1, in the order of assignment."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True)
class Lease:
    """Leadership: writes of an older ``epoch`` are refused."""

    name: str
    holder: str
    epoch: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A service by one of its domains, without personal data."""

    tenant: str
    domain: str
    customer: str
    subject: str
    service: Service


@dataclass(frozen=True, slots=True)
class Callback:
    """A vendor's callback as it was received; ``body`` is sealed by the vault."""

    id: str
    tenant: str
    account: str
    headers: Mapping[str, str]
    body: bytes
    received: datetime


class Writer(Protocol):
    """The one way to write a subject's stream."""

    async def execute(self, unit: Unit) -> Committed:
        """Runs the unit in a transaction that it may share.

        Raises:
            BeianhubError: what the plan raised, or REQUEST_ID_REUSED, SUBJECT_EXISTS, DOMAIN_EXISTS.
        """
        ...


class RecordReads(Protocol):
    """Reads of records, orders and events. Listings are ordered by creation; ``after`` is the last id of the page
    before ("" for the first); one that is not there is INVALID with reason ``PAGE_TOKEN_INVALID``.
    """

    async def record(self, tenant: str, subject: str) -> Record | None: ...  # noqa: D102 - the name says it
    async def subject_of_order(self, tenant: str, order: str) -> str | None: ...  # noqa: D102 - the name says it
    async def subject_of_task(self, tenant: str, task: str) -> str | None: ...  # noqa: D102 - the name says it
    async def subject_of_provider_order(
        self, tenant: str, account: str, provider_order_id: str
    ) -> tuple[str, str] | None:
        """The subject's and the order's id of a vendor's order number."""
        ...

    async def list_subjects(self, tenant: str, *, customer: str, domain: str, after: str, limit: int) -> list[Subject]:
        """Subjects; empty ``customer`` and ``domain`` mean any."""
        ...

    async def list_orders(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        states: Sequence[OrderState.ValueType],
        provider: str,
        after: str,
        limit: int,
    ) -> list[Order]:
        """Orders; empty filters mean any."""
        ...

    async def list_risks(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        kinds: Sequence[RiskKind.ValueType],
        severity: Severity.ValueType,
        after: str,
        limit: int,
    ) -> list[Risk]:
        """Risks that weigh at least ``severity``, in the order in which they appeared; empty filters mean any.

        ``after`` is the id of the last one of the page before: ``{subject}/{risk}``.
        """
        ...

    async def list_events(self, tenant: str, subject: str, *, after_version: int, limit: int) -> list[Event]:
        """A subject's events with a version above ``after_version``, in order."""
        ...

    async def list_record_ids(self, tenant: str, *, after: str, limit: int) -> list[str]:
        """Ids of subjects, in order; for audits."""
        ...

    async def domain(self, tenant: str, domain: str) -> DomainRow | None: ...  # noqa: D102 - the name says it
    async def domains(self, subjects: Sequence[tuple[str, str]] | None = None) -> list[DomainRow]:
        """All rows, or those of the subjects (tenant, subject)."""
        ...

    async def observed(self, tenant: str, order: str) -> tuple[str, datetime] | None:
        """The vendor's word that a poll last confirmed, and when."""
        ...


class TaskReads(Protocol):
    """Reads of tasks and timers."""

    async def due_tasks(self, *, tenant: str, plugins: Sequence[str], now: datetime, limit: int) -> list[DueTask]:
        """Open tasks that are due, and claimed ones whose lease has lapsed, oldest first; "" means every tenant.

        Of a subject's effectful tasks (SUBMIT, WITHDRAW, START_VERIFICATION) the oldest only, and none while another
        is claimed. Tasks in phase PERSON, and those of disabled plugins, are left out.
        """
        ...

    async def task(self, tenant: str, task: str) -> Task | None: ...  # noqa: D102 - the name says it
    async def list_tasks(
        self,
        tenant: str,
        *,
        kinds: Sequence[TaskKind.ValueType],
        states: Sequence[Task.State.ValueType],
        order: str,
        after: str,
        limit: int,
    ) -> list[Task]:
        """Tasks; empty filters mean any."""
        ...

    async def due_patrols(self, *, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Records (tenant, subject) whose risks and patrols are to be looked at, longest due first."""
        ...

    async def due_timers(self, *, now: datetime, limit: int) -> list[DueTimer]: ...  # noqa: D102 - the name says it
    async def next_due(self) -> datetime | None:
        """When the next open task or timer is due; ``None`` when nothing waits."""
        ...


class DeadlineReads(Protocol):
    """Reads of deadlines."""

    async def list_deadlines(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        before: datetime | None,
        after: tuple[datetime, str, str] | None,
        limit: int,
    ) -> list[DeadlineRow]:
        """Deadlines by time, subject and key, those behind the place ``after``; empty filters mean any."""
        ...

    async def outdated_deadlines(self, calendar: str, limit: int) -> list[tuple[str, str]]:
        """Subjects (tenant, subject) with deadlines that are provisional by another version of the calendar."""
        ...


class Drifts(Protocol):
    """Tasks of accounts, and the drifts that they find."""

    async def execute_account(self, tenant: str, task: str, plan: Plan) -> Committed:
        """Runs a plan over one task of an account, in a transaction of its own. It sees the row while that is open, and
        no record; of its changes the tasks, drifts and response count.
        """
        ...

    async def drift(self, tenant: str, drift: str) -> Drift | None: ...  # noqa: D102 - the name says it
    async def list_drifts(
        self, tenant: str, *, customer: str, subject: str, provider: str, after: str, limit: int
    ) -> list[Drift]:
        """Drifts that nobody has applied; empty filters mean any."""
        ...

    async def put_drift(self, drift: Drift) -> None:
        """Replaces one that is there; does nothing where a later reading has replaced it."""
        ...


class Log(Protocol):
    """The event log by position, and what its one leader and its consumers keep."""

    async def assign_positions(self, lease: Lease, limit: int) -> int:
        """Gives unpositioned events their positions, per subject in version order; returns how many.

        Raises:
            BeianhubError: ABORTED, the lease is not the current one.
        """
        ...

    async def events_after(self, position: int, limit: int) -> list[Positioned]: ...  # noqa: D102 - the name says it
    async def head(self) -> int:
        """The last position given; 0 before the first."""
        ...

    async def waiting_since(self) -> datetime | None:
        """The time of the oldest event without a position: what readers of the log cannot see yet; ``None``: none."""
        ...

    async def published(self, topic: str) -> int:
        """The position up to which the broker has acknowledged."""
        ...

    async def set_published(self, lease: Lease, topic: str, position: int) -> None:
        """Moves it. Raises ABORTED like :meth:`assign_positions`."""
        ...

    async def marks(self, consumer: str, subjects: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The high-water marks of (tenant, subject); absent ones are 0."""
        ...

    async def advance_marks(self, consumer: str, marks: Mapping[tuple[str, str], int]) -> None:
        """Raises marks; never lowers one."""
        ...

    async def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Takes or renews leadership by the store's own clock; ``None`` while another holds it."""
        ...

    async def release_lease(self, lease: Lease) -> None: ...  # noqa: D102 - the name says it


class Directory(Protocol):
    """Tenants, accounts, keys, plugins, documents, callbacks and ciphertexts."""

    async def put_tenant(self, tenant: Tenant) -> bool:
        """Adds it; ``False`` when it is there."""
        ...

    async def count_tenants(self) -> int: ...  # noqa: D102 - the name says it
    async def tenant_ids(self) -> list[str]: ...  # noqa: D102 - the name says it
    async def tenant(self, tenant: str) -> Tenant | None: ...  # noqa: D102 - the name says it
    async def put_account(self, account: Account, request: RequestKey | None = None) -> Account:
        """Adds it, or returns the same one of an earlier request; ALREADY_EXISTS for another of the name."""
        ...

    async def account(self, tenant: str, account: str) -> Account | None: ...  # noqa: D102 - the name says it
    async def list_accounts(self, tenant: str, *, after: str, limit: int) -> list[Account]: ...  # noqa: D102
    async def put_api_key(self, key: ApiKey, secret_digest: bytes) -> None: ...  # noqa: D102 - the name says it
    async def api_key(self, secret_digest: bytes) -> ApiKey | None:
        """The key with this digest, revoked or not."""
        ...

    async def list_api_keys(self, tenant: str, *, after: str, limit: int) -> list[ApiKey]: ...  # noqa: D102
    async def revoke_api_key(self, tenant: str, key: str, now: datetime) -> ApiKey | None: ...  # noqa: D102
    async def put_plugins(self, plugins: Sequence[Plugin]) -> None:
        """Adds or replaces what an engine has seen; a plugin that an operator disabled stays disabled."""
        ...

    async def plugins(self) -> list[Plugin]: ...  # noqa: D102 - the name says it
    async def set_plugin_enabled(self, plugin: str, *, enabled: bool) -> Plugin | None: ...  # noqa: D102
    async def document(self, tenant: str, subject: str, document: str) -> tuple[Document, str] | None:
        """A document and the vault's reference of its content."""
        ...

    async def list_documents(self, tenant: str, subject: str, *, after: str, limit: int) -> list[Document]: ...  # noqa: D102
    async def vault_entries(self, tenant: str, refs: Sequence[str]) -> dict[str, bytes]: ...  # noqa: D102
    async def add_callback(self, callback: Callback) -> bool:
        """Keeps a callback; ``False`` when one with the id is there."""
        ...

    async def pending_callbacks(self, limit: int) -> list[Callback]: ...  # noqa: D102 - the name says it
    async def finish_callback(self, callback_id: str) -> None: ...  # noqa: D102 - the name says it
    async def purge(self, now: datetime) -> None:
        """Drops request keys older than 7 days and finished callbacks older than one."""
        ...


class Store(Writer, RecordReads, TaskReads, DeadlineReads, Drifts, Log, Directory, Protocol):
    """Everything that is kept."""

    async def start(self) -> None:
        """Opens it and brings its schema up to date."""
        ...

    async def close(self) -> None:
        """Ends after the last waiting unit."""
        ...

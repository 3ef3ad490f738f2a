"""Finding things in a record. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1.resources_pb2 import (
    ACCESS_STATE_ACTIVE,
    ORDER_STATE_ABANDONED,
    ORDER_STATE_DRAFT,
    ORDER_STATE_EXPIRED,
    ORDER_STATE_FILED,
    ORDER_STATE_PROVIDER_REJECTED,
    ORDER_STATE_REGULATOR_REJECTED,
    ORDER_STATE_WITHDRAWN,
    SERVICE_STATE_FILED,
    SERVICE_STATE_NO_ACCESS,
    SUBJECT_STATE_FILED,
    SUBJECT_STATE_SHELL,
    Access,
    Order,
    Service,
    Submission,
    Verification,
    VerificationKind,
)
from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_START_VERIFICATION,
    TASK_KIND_SUBMIT,
    TASK_KIND_WITHDRAW,
    Task,
    TaskKind,
)

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import IncomingMigration, Record

TERMINAL: Final = frozenset(
    {ORDER_STATE_FILED, ORDER_STATE_WITHDRAWN, ORDER_STATE_ABANDONED, ORDER_STATE_EXPIRED},
)
# States in which the regulator has it, with its number.
SUBJECT_FILED: Final = frozenset({SUBJECT_STATE_FILED, SUBJECT_STATE_SHELL})
SERVICE_FILED: Final = frozenset({SERVICE_STATE_FILED, SERVICE_STATE_NO_ACCESS})
RETURNED: Final = frozenset({ORDER_STATE_PROVIDER_REJECTED, ORDER_STATE_REGULATOR_REJECTED})
SENDING: Final = frozenset({Submission.STATE_CHECKING, Submission.STATE_QUEUED, Submission.STATE_IN_DOUBT})
# Tasks whose calls change something at the vendor: one of a subject is claimed at a time.
EFFECTFUL: Final = frozenset({TASK_KIND_SUBMIT, TASK_KIND_WITHDRAW, TASK_KIND_START_VERIFICATION})


def find_order(record: Record, order: str) -> Order | None:
    """The order of this name."""
    return next((o for o in record.orders if o.name == order), None)


def find_task(record: Record, task: str) -> Task | None:
    """The open task of this name."""
    return next((t for t in record.tasks if t.name == task), None)


def tasks_of(record: Record, order: str, *kinds: TaskKind.ValueType) -> list[Task]:
    """The order's open tasks, of these kinds or of any."""
    return [t for t in record.tasks if t.order == order and (not kinds or t.kind in kinds)]


def find_service(record: Record, service: str) -> Service | None:
    """The service of this name."""
    return next((s for s in record.subject.services if s.name == service), None)


def find_access(service: Service, provider: str) -> Access | None:
    """The service's access at this provider."""
    return next((a for a in service.accesses if a.provider == provider), None)


def find_verification(order: Order, kind: VerificationKind.ValueType) -> Verification | None:
    """The order's facet of this kind."""
    return next((v for v in order.verifications if v.kind == kind), None)


def has_access(service: Service, provider: str) -> bool:
    """Whether the provider has an access of the service that counts."""
    access = find_access(service, provider)
    return access is not None and access.state == ACCESS_STATE_ACTIVE


def accounts_at(record: Record, provider: str) -> list[str]:
    """The accounts that hold the subject's accesses at this provider; an account has one subject (HW-KB doc_0168)."""
    accesses = (access for service in record.subject.services for access in service.accesses)
    return list(dict.fromkeys(a.account for a in accesses if a.provider == provider and a.account))


def is_sending(order: Order) -> bool:
    """Whether its data is on the way to the vendor and must not change."""
    return order.state not in TERMINAL and order.submission.state in SENDING


def is_in_flight(order: Order) -> bool:
    """Whether the order holds its subject: the regulator takes one at a time (主办者冲突, MIIT-V3 1003)."""
    return order.state not in TERMINAL and (order.state != ORDER_STATE_DRAFT or is_sending(order))


def find_incoming(record: Record, order: str) -> IncomingMigration | None:
    """What the record knows of a migration that holds it as its target."""
    return next((incoming for incoming in record.incoming if incoming.order == order), None)


def order_in_flight(record: Record, but: str = "") -> Order | None:
    """The order that holds the subject, other than the one named ``but``."""
    return next((o for o in record.orders if o.name != but and is_in_flight(o)), None)

"""Commands: what somebody wants of one subject's record. They hold no personal data but masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.resources_pb2 import Notice, Order, Subject
from beianhub.resources.v1.task_pb2 import TaskOutcome


@dataclass(frozen=True, slots=True)
class CreateSubject:
    """``subject`` is complete, with its name and its services' names."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class UpdateSubject:
    """``subject`` replaces the whole subject; ``etag`` is the version meant, "" for any. ``as_filed``: it brings what
    was filed too, numbers, states and accesses, which an update otherwise leaves alone.
    """

    subject: Subject
    paths: tuple[str, ...]
    etag: str = ""
    as_filed: bool = False


@dataclass(frozen=True, slots=True)
class ApplyDrift:
    """``subject`` is the whole subject with the provider's values; ``etag`` is the version that it was made from."""

    subject: Subject
    drift: Drift
    etag: str


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """``order`` has its name, subject, type, account, provider, service and addresses."""

    order: Order


@dataclass(frozen=True, slots=True)
class CreateOrders:
    """A plan's orders, in sequence; ``version`` is that of the record that they were planned from."""

    orders: tuple[Order, ...]
    version: int


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send the order, or its corrected data; ``confirmation`` repeats what a destructive order gives up.

    ``override_codes`` are blockers of the rules that the caller, who may do so, overrides for ``override_reason``.
    """

    order: str
    confirmation: str = ""
    override_reason: str = ""
    override_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawOrder:
    """Take the order back."""

    order: str


@dataclass(frozen=True, slots=True)
class AbandonOrder:
    """Give the order up before it is at the provider, or after it came back."""

    order: str


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """What a person saw in the vendor's console."""

    order: str
    status: TaskOutcome.Status


@dataclass(frozen=True, slots=True)
class ReportTask:
    """What became of a claimed task; ``stale`` when its claim is known to be no longer the current one.

    With an ``epoch`` the row that the decision sees tells, so that nobody can take the task over in between.
    """

    task: str
    outcome: TaskOutcome
    stale: bool = False
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class CompleteHandoff:
    """An operator filed it in the vendor's console, and got this number."""

    task: str
    provider_order_id: str
    provider_status: str


@dataclass(frozen=True, slots=True)
class GiveUpTask:
    """An operator sees no way for the task to end."""

    task: str
    reason: str


@dataclass(frozen=True, slots=True)
class FireTimer:
    """A timer's time has come; the key is :func:`beianhub_core.domain.projection.deadline_key`'s."""

    key: str


@dataclass(frozen=True, slots=True)
class RecountDeadlines:
    """The calendar of working days has new data."""


@dataclass(frozen=True, slots=True)
class CompleteDeadline:
    """What the subject's own deadline of this name asks for was done; ``note`` says what."""

    deadline: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportNotice:
    """A rectification notice arrived; it has its name."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class ResolveNotice:
    """The notice of this name was met, or taken back."""

    notice: str


@dataclass(frozen=True, slots=True)
class Patrol:
    """It is time to look at the record and its sites; ``accounts`` has for each service that may be visited the name of
    the account for which it is.
    """

    accounts: Mapping[str, str]


Command = (
    CreateSubject
    | UpdateSubject
    | ApplyDrift
    | CreateOrder
    | CreateOrders
    | SubmitOrder
    | WithdrawOrder
    | AbandonOrder
    | ReportProgress
    | ReportTask
    | CompleteHandoff
    | GiveUpTask
    | FireTimer
    | RecountDeadlines
    | CompleteDeadline
    | ReportNotice
    | ResolveNotice
    | Patrol
)

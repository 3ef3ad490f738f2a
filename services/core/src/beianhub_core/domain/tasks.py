"""The life of a task's row: claim, outcome, lapse. Pure; each function returns the row as it is to be next.

Vendor calls are made effectively once. A claim commits the intent before a byte leaves. An outcome is *surely not
sent* (RETRY), *definite*, or UNKNOWN; after UNKNOWN the vendor's guarantee decides:

=============  =========================================================================================
CLIENT_TOKEN   the same token and body again, within the token's validity; after it a person decides
SEARCH         from the end of the lease, wait for the signature's validity and the visibility delay, then
               ask by our reference, and only then send again
MANUAL         a person decides
=============  =========================================================================================
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1.plugin_pb2 import SubmissionGuarantee
from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_HANDOFF,
    TASK_KIND_PATROL,
    TASK_KIND_QUERY,
    TASK_KIND_SUBMIT,
    TASK_KIND_VERIFY,
    TASK_PHASE_FIND,
    TASK_PHASE_PERSON,
    TASK_PHASE_SEND,
    Task,
    TaskPhase,
)
from beianhub_core.domain.scrub import code, short

if TYPE_CHECKING:
    from beianhub.resources.v1.plugin_pb2 import Plugin
    from beianhub.resources.v1.task_pb2 import TaskOutcome

_FIRST_BACKOFF: Final = timedelta(seconds=1)
_LONGEST_BACKOFF: Final = timedelta(minutes=5)
_DOUBLINGS: Final = 9  # beyond it the longest backoff holds anyway
_POLL_SECONDS: Final = 60.0  # where a plugin names no interval, as verifiers do not
_PATROL: Final = timedelta(days=1)  # where the catalogue knows the plugin no more
_PATROL_RETRY: Final = timedelta(hours=1)
_LONGEST_DELAY: Final = timedelta(days=1)  # of a retry that a plugin asks for


def claim(task: Task, now: datetime, lease: timedelta, assignee: str) -> Task:
    """The row in the hands of ``assignee``: a new epoch and, for a call that may reach the vendor, a new attempt."""
    row = _copy(task)
    row.state = Task.STATE_CLAIMED
    row.epoch += 1
    row.attempt += 1
    row.assignee = short(assignee)
    row.lease_expire_time.FromDatetime(now + lease)
    _intend(row, now)
    return row


def is_claimable(task: Task, now: datetime) -> bool:
    """Open and due. A claim that lapsed is settled first, by :func:`lapse`."""
    return task.state == Task.STATE_OPEN and task.due_time.ToDatetime(UTC) <= now


def has_lapsed(task: Task, now: datetime) -> bool:
    """Claimed, and its lease is over."""
    return task.state == Task.STATE_CLAIMED and task.lease_expire_time.ToDatetime(UTC) <= now


def holds(task: Task, epoch: int) -> bool:
    """Whether the claim ``epoch`` still has the task: it was neither settled nor taken over, nor has it reported."""
    return task.state == Task.STATE_CLAIMED and task.epoch == epoch


def outlived(task: Task, plugin: Plugin | None, now: datetime, lease: timedelta = timedelta()) -> Task | None:
    """The row for a person, if its client token may have been sent and is not honoured until the end of a ``lease``
    that begins now; else ``None``.

    A vendor that forgot the token would take the same body for another order, and a byte may leave until the lease
    ends.
    """
    guarantee = plugin.guarantee if plugin else SubmissionGuarantee()
    repeats = task.kind == TASK_KIND_SUBMIT and task.phase == TASK_PHASE_SEND and task.HasField("first_send_time")
    if not repeats or guarantee.kind != SubmissionGuarantee.KIND_CLIENT_TOKEN:
        return None
    until = _token_ends(task, guarantee)
    if now + lease < until:
        return None
    row = _open(task, now, TASK_PHASE_PERSON, "TOKEN_EXPIRED")
    row.in_doubt = True
    return row


def _token_ends(task: Task, guarantee: SubmissionGuarantee) -> datetime:
    """Until when a call may begin: what lingers on the way, while its signature holds, still meets the token."""
    lingers = guarantee.signature_validity.ToTimedelta()
    return task.first_send_time.ToDatetime(UTC) + guarantee.token_validity.ToTimedelta() - lingers


def lapse(task: Task, plugin: Plugin | None, now: datetime) -> Task:
    """The row after its holder fell silent. Without a pinned body nothing can have been sent."""
    if task.kind == TASK_KIND_SUBMIT and task.phase == TASK_PHASE_SEND and task.HasField("first_send_time"):
        return unknown(task, plugin, now, "LEASE_LAPSED")
    return _open(task, now, last_error="LEASE_LAPSED")


def pin(task: Task, ref: str, now: datetime, lease: timedelta) -> Task:
    """The row with its request body pinned: from here on a byte may leave."""
    row = _copy(task)
    row.request_ref = ref
    row.lease_expire_time.FromDatetime(now + lease)
    _intend(row, now)
    return row


def extend(task: Task, now: datetime, lease: timedelta) -> Task:
    """The row with a longer lease."""
    row = _copy(task)
    row.lease_expire_time.FromDatetime(now + lease)
    return row


def report(task: Task, outcome: TaskOutcome, plugin: Plugin | None, now: datetime) -> Task:
    """The row after an outcome that leaves it open; what closes it is an event's."""
    if task.kind == TASK_KIND_PATROL:
        return _patrolled(task, outcome, plugin, now)
    return _reported(task, outcome, plugin, now)


def _reported(task: Task, outcome: TaskOutcome, plugin: Plugin | None, now: datetime) -> Task:
    kind = outcome.WhichOneof("outcome")
    if kind == "retry":
        return retry(task, outcome.retry.reason, outcome.retry.delay_seconds, now)
    if kind == "unknown":
        return unknown(task, plugin, now, outcome.unknown.reason)
    if kind == "not_found" and task.phase == TASK_PHASE_FIND:
        row = _open(task, now, TASK_PHASE_SEND, "NOT_FOUND")
        row.ClearField("first_send_time")
        row.in_doubt = False
        return row
    if kind == "prepared" and task.kind == TASK_KIND_HANDOFF:
        row = _open(task, now, TASK_PHASE_PERSON)
        row.attempt = 0  # the form is filled in by nobody yet
        return row
    if task.kind == TASK_KIND_QUERY or (task.kind == TASK_KIND_VERIFY and kind == "verified"):
        return _polled(task, plugin, now)
    return _copy(task)


def retry(task: Task, reason: str, delay_seconds: float, now: datetime) -> Task:
    """Surely not sent by this attempt: due again after the delay, or after the task's backoff.

    Unless an earlier attempt is in doubt nothing can have been sent, so the intent is forgotten; the pinned body stays.
    """
    longest = _LONGEST_DELAY.total_seconds()
    delay = timedelta(seconds=min(delay_seconds, longest)) if delay_seconds > 0 else backoff(task.attempt)
    row = _open(task, now + delay, last_error=reason)
    if task.phase == TASK_PHASE_SEND and not task.in_doubt:
        row.ClearField("first_send_time")
    return row


def ended(task: Task, now: datetime, last_error: str = "") -> Task:
    """The row with nothing more to do: done, or closed for a reason."""
    row = _open(task, now, last_error=last_error)
    row.state = Task.STATE_CLOSED if last_error else Task.STATE_DONE
    return row


def unknown(task: Task, plugin: Plugin | None, now: datetime, reason: str) -> Task:
    """The row after a call that may have been carried out."""
    if task.kind != TASK_KIND_SUBMIT or task.phase == TASK_PHASE_FIND:
        return _open(task, now + backoff(task.attempt), last_error=reason)
    task = _copy(task)
    task.in_doubt = True
    guarantee = plugin.guarantee if plugin else SubmissionGuarantee()
    if guarantee.kind == SubmissionGuarantee.KIND_CLIENT_TOKEN:
        until = _token_ends(task, guarantee)
        due = now + backoff(task.attempt)
        return _open(task, due, TASK_PHASE_SEND if due < until else TASK_PHASE_PERSON, reason)
    if guarantee.kind == SubmissionGuarantee.KIND_SEARCH:
        settle = guarantee.signature_validity.ToTimedelta() + guarantee.visibility_delay.ToTimedelta()
        return _open(task, max(now, task.lease_expire_time.ToDatetime(UTC)) + settle, TASK_PHASE_FIND, reason)
    return _open(task, now, TASK_PHASE_PERSON, reason)


def expedite(task: Task, now: datetime) -> Task:
    """The row due at once: somebody hinted, or an operator wants it. What settles goes on settling, and a prepared
    form stays a person's. A submission that a person sends again is in doubt no more: he has looked.
    """
    row = _copy(task)
    a_form = row.kind == TASK_KIND_HANDOFF and row.phase == TASK_PHASE_PERSON
    if row.state == Task.STATE_OPEN and row.phase != TASK_PHASE_FIND and not a_form:
        row.in_doubt = row.in_doubt and row.phase != TASK_PHASE_PERSON
        row.due_time.FromDatetime(now)
        row.phase = TASK_PHASE_SEND
    return row


def backoff(attempt: int) -> timedelta:
    """Doubles from a second to five minutes."""
    doublings = min(max(attempt - 1, 0), _DOUBLINGS)
    return min(_FIRST_BACKOFF * (1 << doublings), _LONGEST_BACKOFF)


def _polled(task: Task, plugin: Plugin | None, now: datetime) -> Task:
    seconds = plugin.poll_interval_seconds if plugin else 0.0
    interval = timedelta(seconds=seconds or _POLL_SECONDS)
    row = _open(task, now + interval)
    row.attempt = 0
    return row


def _patrolled(task: Task, outcome: TaskOutcome, plugin: Plugin | None, now: datetime) -> Task:
    """Due again after the interval; where nothing could be seen sooner, but never so often that a site would suffer."""
    interval = timedelta(seconds=plugin.patrol_interval_seconds if plugin else 0) or _PATROL
    if not outcome.HasField("observed"):
        reason = outcome.retry.reason or outcome.unknown.reason or "NOT_OBSERVED"
        return _open(task, now + min(interval, _PATROL_RETRY), last_error=reason)
    row = _open(task, now + interval)
    row.attempt = 0
    row.seen_time.FromDatetime(now)
    return row


def _open(task: Task, due: datetime, phase: TaskPhase.ValueType | None = None, last_error: str = "") -> Task:
    row = _copy(task)
    row.state = Task.STATE_OPEN
    row.assignee = ""
    row.ClearField("lease_expire_time")
    row.due_time.FromDatetime(due)
    row.last_error = code(last_error)
    if phase is not None:
        row.phase = phase
    return row


def _intend(row: Task, now: datetime) -> None:
    """With a pinned body in a claimed row, a byte may leave at any moment: the intent is committed with the row."""
    sends = row.kind == TASK_KIND_SUBMIT and row.phase == TASK_PHASE_SEND and row.request_ref
    if sends and not row.HasField("first_send_time"):
        row.first_send_time.FromDatetime(now)


def _copy(task: Task) -> Task:
    row = Task()
    row.CopyFrom(task)
    return row

"""Taking a provider's copy of a filing over into the record (domain.md 2.4: every copy can silently drift). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.lookup import find_access
from beianhub_core.domain.subjects import etag_mismatch, refuse_in_flight
from beianhub_core.errors import ErrorKind
from beianhub_core.rules.registrations import drop_stray

if TYPE_CHECKING:
    from datetime import datetime

    from beianhub.resources.v1.drift_pb2 import Difference, Drift
    from beianhub_core.domain.commands import ApplyDrift

ACTIVE: Final = res.AccessState.Name(res.ACCESS_STATE_ACTIVE)


def apply(draft: Draft, command: ApplyDrift) -> None:
    """The record as the provider has it, unless something has changed or is about to."""
    if command.etag != draft.record.subject.etag:
        raise etag_mismatch()
    refuse_in_flight(draft)
    drift, subject = command.drift, res.Subject()
    subject.CopyFrom(command.subject)
    subject.ClearField("deadlines")
    draft.append(
        ev.DriftApplied(
            drift=drift.name,
            provider=drift.provider,
            account=drift.account,
            read_time=drift.read_time,
            differences=authoritative(drift),
            subject=subject,
        )
    )


def authoritative(drift: Drift) -> list[Difference]:
    """What applying the drift takes over."""
    return [difference for difference in drift.differences if difference.authoritative]


def outdated(subject: res.Subject, drift: Drift) -> bool:
    """Whether the record no longer says there what it said when the copy was read."""
    return any(said(subject, difference, drift.provider) != difference.ours for difference in authoritative(drift))


def refuse_outdated() -> Exception:
    """ABORTED: the difference that was shown is no longer the one there is."""
    return refused(
        ErrorKind.ABORTED,
        "DRIFT_OUTDATED",
        "name",
        "读取之后记录已变更，差异已过时",
        "the record has changed there since the provider's copy was read",
        "请重新检测差异，并查看结果。 / Detect the drift again, and look at what it shows.",
    )


def said(subject: res.Subject, difference: Difference, provider: str) -> str:
    """What the record says where the difference is, in the difference's form."""
    target = _target(subject, difference)
    if target is None:
        return ""
    read = _READ.get(difference.path)
    return read(target, provider) if read is not None else str(getattr(target, difference.path.rpartition(".")[2]))


def take_over(subject: res.Subject, drift: Drift, now: datetime) -> None:
    """Puts the provider's values into the subject, in place."""
    for difference in authoritative(drift):
        target = _target(subject, difference)
        if target is not None and difference.path == "service.access":
            _take_access(target, drift, difference, now)
        elif target is not None:
            _TAKE[difference.path](target, difference.theirs)
    _settle(subject)


def _target(subject: res.Subject, difference: Difference) -> Any:
    if not difference.service:
        return subject
    return next((service for service in subject.services if service.name == difference.service), None)


def _take_access(service: res.Service, drift: Drift, difference: Difference, now: datetime) -> None:
    access = find_access(service, drift.provider) or service.accesses.add(
        name=f"{service.name}/accesses/{drift.provider}", provider=drift.provider
    )
    access.account = drift.account
    access.state = res.ACCESS_STATE_ACTIVE if difference.theirs == ACTIVE else res.ACCESS_STATE_CANCELLED
    access.update_time.FromDatetime(now)


def _settle(subject: res.Subject) -> None:
    """A filed service without an access is an empty shell (空壳网站), and one with an access is none."""
    for service in subject.services:
        served = any(access.state == res.ACCESS_STATE_ACTIVE for access in service.accesses)
        if service.state in (res.SERVICE_STATE_FILED, res.SERVICE_STATE_NO_ACCESS):
            service.state = res.SERVICE_STATE_FILED if served else res.SERVICE_STATE_NO_ACCESS


def _read_state(target: Any, _provider: str) -> str:
    kind = res.SubjectState if isinstance(target, res.Subject) else res.ServiceState
    return str(kind.Name(target.state))


def _read_access(service: res.Service, provider: str) -> str:
    access = find_access(service, provider)
    return res.AccessState.Name(access.state) if access is not None else ""


def _take_state(target: Any, _theirs: str) -> None:
    is_subject = isinstance(target, res.Subject)
    target.state = res.SUBJECT_STATE_FILED if is_subject else res.SERVICE_STATE_FILED


def _take_number(target: Any, theirs: str) -> None:
    target.licence_number = theirs


def _take_service_title(service: res.Service, theirs: str) -> None:
    service.title = theirs


def _take_domains(service: res.Service, theirs: str) -> None:
    service.domains[:] = theirs.split()
    drop_stray(service)


def _take_subject_title(subject: res.Subject, theirs: str) -> None:
    subject.profile.title = theirs


_READ: Final[dict[str, Callable[[Any, str], str]]] = {
    "subject.state": _read_state,
    "service.state": _read_state,
    "service.access": _read_access,
    "service.domains": lambda service, _provider: " ".join(sorted(service.domains)),
    "subject.profile.title": lambda subject, _provider: str(subject.profile.title),
}
_TAKE: Final[dict[str, Callable[[Any, str], None]]] = {
    "subject.licence_number": _take_number,
    "subject.profile.title": _take_subject_title,
    "subject.state": _take_state,
    "service.licence_number": _take_number,
    "service.title": _take_service_title,
    "service.domains": _take_domains,
    "service.state": _take_state,
}

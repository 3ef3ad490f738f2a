"""How two records of one subject differ, field by field, and taking one over into the other. Pure.

Values are compared; what is shown of personal data are masks, which may look alike where the values do not. What the
other side leaves empty says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import Message

from beianhub.resources.v1.drift_pb2 import Difference
from beianhub.resources.v1.resources_pb2 import Access, DomainRegistration, Service, Subject
from beianhub_core.domain.lookup import find_access
from beianhub_core.rules.registrations import drop_stray
from beianhub_core.vault import personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor import FieldDescriptor

_OURS: Final = frozenset(
    {"name", "vault_ref", "etag", "create_time", "update_time", "regulator_id", "provider_id", "provider_ids"}
)
"""Fields that name a record rather than describe the filing."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A message with its values, and as it is shown."""

    plain: Any
    shown: Any

    def below(self, name: str) -> _Side:
        return _Side(getattr(self.plain, name), getattr(self.shown, name))

    def text(self, field: FieldDescriptor) -> str:
        value = getattr(self.shown, field.name)
        if field.enum_type is not None:
            return str(field.enum_type.values_by_number[value].name) if value else ""
        if field.type == field.TYPE_BOOL:
            return str(value).lower() if self.shown.HasField(field.name) else ""
        return str(value) if isinstance(value, str) else " ".join(value)


def between(ours: Subject, theirs: Subject) -> list[Difference]:
    """Where ``theirs`` says something else than ``ours``; both in canonical form. Paths begin with ``subject.`` and
    count the services of ``theirs``.
    """
    return list(_subject(_side(ours), _side(theirs)))


def overlay(ours: Subject, theirs: Subject) -> None:
    """Puts what ``theirs`` says into ``ours``, in place: what it is silent about stays, and so do other services."""
    _put(ours, theirs)
    for service in theirs.services:
        known = paired(ours.services, service)
        if known is None:
            ours.services.add().CopyFrom(service)
        else:
            _put(known, service)
            _put_accesses(known, service)
            put_registrations(known, service.registrations)


def paired(services: Sequence[Service], wanted: Service) -> Service | None:
    """The service that ``wanted`` is: by a domain, by its number, or, where it has neither, by kind and title."""
    domains = set(wanted.domains)
    numbered = (s for s in services if wanted.licence_number and s.licence_number == wanted.licence_number)
    alike = (s for s in services if not domains and (s.kind, s.title) == (wanted.kind or s.kind, wanted.title))
    return next((s for s in services if domains & set(s.domains)), None) or next(numbered, None) or next(alike, None)


def summary(service: Service) -> str:
    """A service in one line: title, domains, number."""
    return " ".join(part for part in (service.title, *service.domains, service.licence_number) if part)


def _side(subject: Subject) -> _Side:
    shown = Subject()
    shown.CopyFrom(subject)
    return _Side(subject, personal.mask(shown))


def _subject(ours: _Side, theirs: _Side) -> Iterator[Difference]:
    yield from _fields(ours, theirs, "subject.")
    known = list(ours.plain.services)
    for index, service in enumerate(theirs.plain.services):
        path, pair = f"subject.services[{index}]", paired(known, service)
        if pair is None:
            yield Difference(path=path, theirs=summary(service))
            continue
        shown = ours.shown.services[known.index(pair)]
        yield from _fields(_Side(pair, shown), _Side(service, theirs.shown.services[index]), f"{path}.")
        yield from _accesses(pair, service, path)
        yield from _registrations(pair, service, path)


def _fields(ours: _Side, theirs: _Side, prefix: str) -> Iterator[Difference]:
    """The fields that are set in ``theirs``, but for those of repeated messages."""
    for field, value in theirs.plain.ListFields():
        own = getattr(ours.plain, field.name)
        if field.name in _OURS or _holds_messages(value):
            continue
        if isinstance(value, Message):
            yield from _fields(ours.below(field.name), theirs.below(field.name), f"{prefix}{field.name}.")
        elif _canonical(own) != _canonical(value) or (field.has_presence and not ours.plain.HasField(field.name)):
            yield Difference(path=f"{prefix}{field.name}", ours=ours.text(field), theirs=theirs.text(field))


def _accesses(ours: Service, theirs: Service, path: str) -> Iterator[Difference]:
    for index, access in enumerate(theirs.accesses):
        below, own = f"{path}.accesses[{index}]", find_access(ours, access.provider)
        if own is None:
            yield Difference(path=below, theirs=access.provider)
        else:
            yield from _fields(_Side(own, own), _Side(access, access), f"{below}.")


def _registrations(ours: Service, theirs: Service, path: str) -> Iterator[Difference]:
    for index, registration in enumerate(theirs.registrations):
        below, own = f"{path}.registrations[{index}]", _registration(ours, registration.domain)
        empty = own if own is not None else DomainRegistration(domain=registration.domain)
        yield from _fields(_Side(empty, empty), _Side(registration, registration), f"{below}.")


def _registration(service: Service, domain: str) -> DomainRegistration | None:
    return next((each for each in service.registrations if each.domain == domain), None)


def put_registrations(ours: Service, theirs: Sequence[DomainRegistration]) -> None:
    """Puts what is known of the service's domains into ``ours``, in place; what ``theirs`` leaves unset stays."""
    for registration in theirs:
        own = _registration(ours, registration.domain)
        _put(own if own is not None else ours.registrations.add(), registration)
    drop_stray(ours)


def _put_accesses(ours: Service, theirs: Service) -> None:
    for access in theirs.accesses:
        own = find_access(ours, access.provider)
        _put(own if own is not None else ours.accesses.add(provider=access.provider), access)


def _put(target: Message, source: Subject | Service | Access | Message) -> None:
    for field, value in source.ListFields():
        if field.name in _OURS or _holds_messages(value):
            continue
        if isinstance(value, Message):
            _put(getattr(target, field.name), value)
        elif isinstance(value, (str, int)):
            setattr(target, field.name, value)
        else:
            getattr(target, field.name)[:] = value


def _holds_messages(value: object) -> bool:
    return not isinstance(value, (Message, str, int)) and any(isinstance(each, Message) for each in value)  # type: ignore[attr-defined]  # a repeated field


def _canonical(value: Any) -> Any:
    """Several values in no order of their own."""
    return value if isinstance(value, (str, int)) else sorted(value)

"""What resellers leave out of a row for a subject or a service that is new. Pure.

Only of what is new: where the record has something, a row that is silent about it must not say it by a default.
"""

from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as res


def complete(subject: res.Subject) -> None:
    """Fills in, in place: a service is a website and its principal the subject's, and people have resident IDs, unless
    the row says otherwise.
    """
    _complete_person(subject.profile.principal)
    for service in subject.services:
        service.kind = service.kind or res.SERVICE_KIND_WEBSITE
        if not service.HasField("principal"):
            service.principal.CopyFrom(subject.profile.principal)
        _complete_person(service.principal)


def completed(subject: res.Subject) -> res.Subject:
    """A copy that :func:`complete` has filled in."""
    copy = res.Subject()
    copy.CopyFrom(subject)
    complete(copy)
    return copy


def _complete_person(person: res.Person) -> None:
    person.certificate.type = person.certificate.type or res.CERTIFICATE_TYPE_RESIDENT_ID

"""One spelling of everything that has several: blanks, domains, addresses, phones, certificates, licence numbers."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from beianhub.resources.v1.resources_pb2 import Certificate, Person, Service, Subject, SubjectProfile
from beianhub_core.rules.addresses import canonical_ip
from beianhub_core.rules.certificates import LONG_TERM, normalise_number
from beianhub_core.rules.domains import canonical_domain
from beianhub_core.rules.licence import parse_licence
from beianhub_core.rules.phones import canonical_phone
from beianhub_core.rules.provinces import canonical_province


def normalise_subject(subject: Subject) -> Subject:
    """Puts the subject into canonical form in place, and returns it; doing it twice changes nothing.

    What cannot be read keeps its spelling, for :func:`beianhub_core.rules.subjects.check_subject` to name.
    """
    _trim(subject)
    subject.licence_number = _licence(subject.licence_number)
    if subject.HasField("profile"):
        _profile(subject.profile)
    for service in subject.services:
        _service(service)
    return subject


def _trim(message: Message) -> None:
    """Removes outer blanks of every text."""
    for field, value in message.ListFields():
        if isinstance(value, str):
            setattr(message, field.name, value.strip())
        elif field.type == FieldDescriptor.TYPE_STRING:
            value[:] = [element.strip() for element in value]
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for child in [value] if isinstance(value, Message) else value:
                _trim(child)


def _profile(profile: SubjectProfile) -> None:
    profile.province = canonical_province(profile.province) or profile.province
    if profile.HasField("certificate"):
        _certificate(profile.certificate)
    if profile.HasField("principal"):
        _person(profile.principal)


def _service(service: Service) -> None:
    service.licence_number = _licence(service.licence_number)
    service.domains[:] = [canonical_domain(domain) or domain for domain in service.domains]
    for registration in service.registrations:
        registration.domain = canonical_domain(registration.domain) or registration.domain
    for access in service.accesses:
        access.ips[:] = [canonical_ip(ip) or ip for ip in access.ips]
    if service.HasField("principal"):
        _person(service.principal)


def _person(person: Person) -> None:
    person.mobile = canonical_phone(person.mobile)
    person.emergency_phone = canonical_phone(person.emergency_phone)
    if person.HasField("certificate"):
        _certificate(person.certificate)


def _certificate(certificate: Certificate) -> None:
    certificate.number = normalise_number(certificate.number)
    if certificate.valid_until == LONG_TERM:
        certificate.valid_until = ""


def _licence(text: str) -> str:
    licence = parse_licence(text)
    return str(licence) if licence else text

"""What a record of ours knows of a situation. What it does not hold stays ``None``: a plan asks, it never guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.lookup import (
    RETURNED,
    SERVICE_FILED,
    SUBJECT_FILED,
    accounts_at,
    find_service,
    find_verification,
    has_access,
    is_in_flight,
    order_in_flight,
)
from beianhub_core.planner import situation as known
from beianhub_core.planner.vocabulary import Kind, Nature, ServiceStatus, State, SubjectStatus
from beianhub_core.planner.vocabulary import Order as OrderWord
from beianhub_core.rules.certificates import last_day
from beianhub_core.rules.provinces import canonical_province

if TYPE_CHECKING:
    import datetime as dt

    from beianhub.events.v1.record_pb2 import Record

_SUBJECT_STATUS: Final = {
    res.SUBJECT_STATE_FILED: SubjectStatus.NORMAL,
    res.SUBJECT_STATE_SHELL: SubjectStatus.SHELL,
    res.SUBJECT_STATE_CANCELLED: SubjectStatus.CANCELLED,
}
_SERVICE_STATUS: Final = {
    res.SERVICE_STATE_FILED: ServiceStatus.NORMAL,
    res.SERVICE_STATE_NO_ACCESS: ServiceStatus.NO_ACCESS,
    res.SERVICE_STATE_CANCELLED: ServiceStatus.CANCELLED,
}
# Each proves who the service principal is; a province or a provider takes one of them (domain facts 4.4).
_IDENTITY: Final = (
    res.VERIFICATION_KIND_FACE,
    res.VERIFICATION_KIND_CURTAIN_PHOTO,
    res.VERIFICATION_KIND_VIDEO,
    res.VERIFICATION_KIND_SHANGHAI_APP,
)
_WITH_PROVIDER: Final = frozenset({res.ORDER_STATE_PROVIDER_REVIEW, res.ORDER_STATE_READY_TO_SUBMIT})
_WAITS: Final = frozenset({res.VERIFICATION_STATE_REQUESTED, res.VERIFICATION_STATE_WAITING})


def recorded(record: Record, service_name: str, provider: str, today: dt.date) -> known.Situation:
    """The situation of the named service, for a server at ``provider``, as far as the record holds it.

    ``service_name`` is the resource's name, "" for the whole subject; ``provider`` a plugin's id, "" where none is
    meant; ``today`` is a day in China. The server's address, which is to be chosen, is nobody's yet.
    """
    service = find_service(record, service_name)
    return known.Situation(
        today=today,
        subject=_subject(record),
        service=_service(service).model_copy(update={"order_in_flight": _in_flight(record)}),
        domain=domain_of(service, service.domains[0]) if service is not None and service.domains else known.Domain(),
        domains_on_service=len(service.domains) if service is not None else None,
        server=known.Server(provider=provider or None),
        contact=_contact(service),
    )


def recorded_target(record: Record, provider: str, order: str = "") -> known.Target:
    """What the record of the subject that takes a service over says of it, for a migration at ``provider``; ``order``
    is the name of that migration, which is no other order of the target's.
    """
    subject = record.subject
    nature = res.Nature.Name(subject.profile.nature).removeprefix("NATURE_")
    account = next(iter(accounts_at(record, provider)), "")
    others = [incoming for incoming in record.incoming if incoming.order != order]
    return known.Target(
        nature=Nature.__members__.get(nature),
        province=canonical_province(subject.profile.province) or None,
        filed=_is_filed(subject.state, SUBJECT_FILED),
        account=names.last(account) if account else None,
        order_in_flight=bool(others) or order_in_flight(record) is not None,
    )


def _subject(record: Record) -> known.Subject:
    subject = record.subject
    filed = [service for service in subject.services if service.state in SERVICE_FILED]
    nature = res.Nature.Name(subject.profile.nature).removeprefix("NATURE_")
    return known.Subject(
        nature=Nature.__members__.get(nature),
        province=canonical_province(subject.profile.province) or None,
        filed=_is_filed(subject.state, SUBJECT_FILED),
        filed_at=_holders(filed) if subject.state else None,
        services=len(filed) if filed or subject.state in _WITHOUT_SERVICES else None,
        status=_SUBJECT_STATUS.get(subject.state),
        order=_order(record),
    )


# A subject that is filed has services, and the record may not name them.
_WITHOUT_SERVICES: Final = frozenset(
    {res.SUBJECT_STATE_NOT_FILED, res.SUBJECT_STATE_SHELL, res.SUBJECT_STATE_CANCELLED}
)


def _is_filed(state: int, filed: frozenset[int] | frozenset[res.SubjectState.ValueType]) -> bool | None:
    """Unspecified is 0 in every enum of states, and says nothing."""
    return state in filed if state else None


def _holders(services: list[res.Service]) -> list[str] | None:
    """Who has an access to one of them; ``None`` where one is filed through somebody whom the record does not name."""
    if any(_accesses(service) is None for service in services):
        return None
    return list(dict.fromkeys(provider for service in services for provider in _accesses(service) or ()))


def _accesses(service: res.Service) -> list[str] | None:
    """The providers that hold the service; a filed one has an access somewhere, unless its state denies it."""
    at = [access.provider for access in service.accesses if has_access(service, access.provider)]
    return None if not at and service.state not in _WITHOUT_ACCESS else at


_WITHOUT_ACCESS: Final = frozenset(
    {res.SERVICE_STATE_NOT_FILED, res.SERVICE_STATE_NO_ACCESS, res.SERVICE_STATE_CANCELLED}
)


def _service(service: res.Service | None) -> known.Service:
    if service is None:
        return known.Service()
    kind = res.ServiceKind.Name(service.kind).removeprefix("SERVICE_KIND_")
    return known.Service(
        kind=Kind.__members__.get(kind),
        filed=_is_filed(service.state, SERVICE_FILED),
        filed_at=_accesses(service),
        status=_SERVICE_STATUS.get(service.state),
    )


def domain_of(service: res.Service, name: str) -> known.Domain:
    """A domain of the service. An unfiled service's may be filed under somebody else (S4.7), so that it is unknown."""
    told = next((each for each in service.registrations if each.domain == name), res.DomainRegistration())
    return known.Domain(
        name=name,
        filed=True if service.state in SERVICE_FILED else None,
        expires_on=last_day(told.expires_on),
        holder_matches=told.holder_matches if told.HasField("holder_matches") else None,
        real_name_verified=told.real_name_verified if told.HasField("real_name_verified") else None,
    )


def _contact(service: res.Service | None) -> known.Contact:
    """An e-mail that the record lacks may still be in the filed data."""
    return known.Contact(email=True if service is not None and service.principal.email else None)


def _order(record: Record) -> known.CurrentOrder | None:
    """The order that holds the subject, otherwise the newest one; drafts hold nothing."""
    flying = next((order for order in record.orders if is_in_flight(order)), None)
    drafted = [order for order in record.orders if order.state != res.ORDER_STATE_DRAFT]
    order = flying or (drafted[-1] if drafted else None)
    if order is None:
        return None
    word = res.OrderType.Name(order.type).removeprefix("ORDER_TYPE_")
    return known.CurrentOrder(
        type=OrderWord.__members__.get(word),
        state=_state(order),
        provider=order.provider or None,
        identity_passed=_passed(order, *_IDENTITY),
        sms_answered=_passed(order, res.VERIFICATION_KIND_MIIT_SMS),
        by_email=True if find_verification(order, res.VERIFICATION_KIND_CANCELLATION_EMAIL) else None,
    )


def _in_flight(record: Record) -> bool | None:
    """Whether one of the subject's orders is under way; ``None`` of a subject of which nothing is known."""
    return any(map(is_in_flight, record.orders)) if record.subject.state else None


def _state(order: res.Order) -> State:
    """The order's phase; a draft on its way holds the subject, and how far it came is not known."""
    if order.state == res.ORDER_STATE_DRAFT:
        return State.UNKNOWN
    sms = find_verification(order, res.VERIFICATION_KIND_MIIT_SMS)
    if sms is not None and order.state in _WITH_PROVIDER and sms.state in _WAITS:
        return State.SMS_PENDING
    if sms is not None and order.state in RETURNED and sms.state == res.VERIFICATION_STATE_EXPIRED:
        return State.SMS_TIMEOUT
    if order.state == res.ORDER_STATE_PROVIDER_REVIEW and _waits(order, *_IDENTITY):
        return State.IDENTITY_CHECK
    return State[res.OrderState.Name(order.state).removeprefix("ORDER_STATE_")]


def _waits(order: res.Order, *kinds: res.VerificationKind.ValueType) -> bool:
    return any(facet.kind in kinds and facet.state in _WAITS for facet in order.verifications)


def _passed(order: res.Order, *kinds: res.VerificationKind.ValueType) -> bool | None:
    """Whether one of them was passed; ``None`` where none of them was ever shown."""
    states = [facet.state for facet in order.verifications if facet.kind in kinds]
    return res.VERIFICATION_STATE_PASSED in states if states else None

"""What can go wrong after a filing, derived from the record, its notices and what patrols saw. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain import risk_rules as rules
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED, is_in_flight
from beianhub_core.domain.periods import end_of
from beianhub_core.findings import SEVERITY_BLOCKER, SEVERITY_WARNING
from beianhub_core.rules.certificates import last_day

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Certificate, Finding, Notice, Risk, Service
    from beianhub_core.domain.risk_rules import RiskRule

THREE_MONTHS: Final = timedelta(days=90)
"""What is to be left of a certificate, and of a domain (ALI-2019, HW-KB)."""


def is_filed(record: Record) -> bool:
    """Whether there is anything that can go wrong: a number, or a notice."""
    subject = record.subject
    filed = subject.state in SUBJECT_FILED or any(s.state in SERVICE_FILED for s in subject.services)
    return filed or bool(subject.notices)


def find(record: Record, today: date) -> list[Risk]:
    """The record's risks on a day in China, without ``since``: the same record and day give the same, in order."""
    if not is_filed(record):
        return []
    found = [*_shell(record), *_certificates(record, today)]
    for service in filed_services(record):
        found += [*_number(service), *_access(service), *_leaving(record, service), *_observed(record, service)]
        found += _domains(service, today)
    return [*found, *_notices(record, today)]


def next_change(record: Record, today: date) -> datetime | None:
    """The begin of the next day in China on which a date by itself changes the risks; ``None`` when none does."""
    days = [day for _, _, certificate in _certified(record) for day in _turns(certificate.valid_until)]
    days += [day for service in filed_services(record) for r in service.registrations for day in _turns(r.expires_on)]
    days += [due + timedelta(days=1) for notice in record.subject.notices if (due := last_day(notice.due_date))]
    coming = min((day for day in days if day > today), default=None)
    return end_of(coming - timedelta(days=1)).astimezone(UTC) if coming is not None else None


def filed_services(record: Record) -> list[Service]:
    """The services that the regulator has."""
    return [service for service in record.subject.services if service.state in SERVICE_FILED]


def _risk(rule: RiskRule, resource: str, finding: Finding, *, due: str = "", notice: str = "") -> Risk:
    return _made(rule.kind, resource, finding, rule.wish, due, notice)


def _made(
    kind: res.RiskKind.ValueType, resource: str, finding: Finding, wish: str, due: str = "", notice: str = ""
) -> Risk:
    """The name depends on kind, resource, field and notice alone, so that a risk that comes again has it again."""
    word = res.RiskKind.Name(kind).removeprefix("RISK_KIND_").lower().replace("_", "-")
    digest = hashlib.sha256(f"{resource}|{finding.path}|{notice}".encode()).hexdigest()[:12]
    subject = "/".join(resource.split("/")[:4])
    return res.Risk(
        name=names.child(subject, "risks", f"{word}-{digest}"),
        kind=kind,
        resource=resource,
        finding=finding,
        wish=wish,
        due_date=due,
        notice=notice,
    )


def _shell(record: Record) -> Iterator[Risk]:
    subject = record.subject
    if subject.state in SUBJECT_FILED and not filed_services(record):
        yield _risk(rules.SHELL, subject.name, rules.SHELL.at("subject.services"))


def _number(service: Service) -> Iterator[Risk]:
    """An approval may be seen before its number is: the service is filed all the same."""
    if not service.licence_number:
        yield _risk(rules.NUMBER_MISSING, service.name, rules.NUMBER_MISSING.at("service.licence_number"))


def _access(service: Service) -> Iterator[Risk]:
    """A service that is known to have lost its last access weighs more than one whose accesses nobody entered."""
    if any(access.state == res.ACCESS_STATE_ACTIVE for access in service.accesses):
        return
    cancelled = any(access.state == res.ACCESS_STATE_CANCELLED for access in service.accesses)
    known = service.state == res.SERVICE_STATE_NO_ACCESS or cancelled
    rule = rules.NO_ACCESS if known else rules.ACCESS_UNKNOWN
    yield _risk(rule, service.name, rule.at("service.accesses"))


def _leaving(record: Record, service: Service) -> Iterator[Risk]:
    active = [access for access in service.accesses if access.state == res.ACCESS_STATE_ACTIVE]
    if len(active) != 1:
        return
    for order in record.orders:
        leaves = order.type == res.ORDER_TYPE_CANCEL_ACCESS and order.service == service.name
        if leaves and order.provider == active[0].provider and is_in_flight(order):
            yield _risk(rules.SOLE_ACCESS, active[0].name, rules.SOLE_ACCESS.at("service.accesses"))
            return


def _observed(record: Record, service: Service) -> Iterator[Risk]:
    """A site that nobody here gives access to is not ours to look at."""
    if not any(access.state == res.ACCESS_STATE_ACTIVE for access in service.accesses):
        return
    for observation in record.subject.observations:
        if observation.service == service.name:
            kind, wish = rules.OBSERVED.get(observation.verification, (res.RISK_KIND_OTHER_OBSERVED, ""))
            for finding in observation.findings:
                if finding.severity >= SEVERITY_WARNING:
                    yield _made(kind, service.name, finding, wish)


def _certified(record: Record) -> Iterator[tuple[str, str, Certificate]]:
    """The certificates that have been filed: whose, the field's path, and the certificate."""
    subject, profile = record.subject, record.subject.profile
    if not filed_services(record):
        return
    yield subject.name, "profile.certificate", profile.certificate
    yield subject.name, "profile.principal.certificate", profile.principal.certificate
    for service in filed_services(record):
        yield service.name, "service.principal.certificate", service.principal.certificate


def _certificates(record: Record, today: date) -> Iterator[Risk]:
    for resource, path, certificate in _certified(record):
        day = last_day(certificate.valid_until)
        if day is not None and day - today <= THREE_MONTHS:
            rule = rules.CERTIFICATE_OVER if day < today else rules.CERTIFICATE_SOON
            yield _risk(rule, resource, rule.at(f"{path}.valid_until", day=day.isoformat()), due=day.isoformat())


def _domains(service: Service, today: date) -> Iterator[Risk]:
    """What its registrar tells of each domain; one of several may be deleted from the filing by a change (S4.3)."""
    for index, registration in enumerate(service.registrations):
        day = last_day(registration.expires_on)
        if day is not None and day - today <= THREE_MONTHS:
            rule = rules.DOMAIN_OVER if day < today else rules.DOMAIN_SOON
            path = f"service.registrations[{index}].expires_on"
            finding = rule.at(path, domain=registration.domain, day=day.isoformat())
            wish = "REMOVE_DOMAIN" if len(service.domains) > 1 else ""
            yield _made(rule.kind, service.name, finding, wish, day.isoformat())


def _turns(text: str) -> list[date]:
    """The days on which a last day, YYYY-MM-DD, begins to be a risk, and to weigh more."""
    day = last_day(text)
    return [day - THREE_MONTHS, day + timedelta(days=1)] if day is not None else []


def _notices(record: Record, today: date) -> Iterator[Risk]:
    for notice in record.subject.notices:
        rule = _notice_rule(record, notice)
        finding = rule.at("notice", kind=res.NoticeKind.Name(notice.kind).removeprefix("NOTICE_KIND_"))
        due = last_day(notice.due_date)
        if due is not None and due < today:
            finding.severity = SEVERITY_BLOCKER
        resource = notice.service or record.subject.name
        yield _risk(rule, resource, finding, due=notice.due_date, notice=notice.name)


def _notice_rule(record: Record, notice: Notice) -> RiskRule:
    if notice.kind == res.NOTICE_KIND_DOMAIN_EXPIRED:
        return rules.DOMAIN
    return rules.UNANSWERED if notice.kind in rules.DATA_NOTICES and not _changed(record, notice) else rules.NOTICE


def _changed(record: Record, notice: Notice) -> bool:
    """Whether a change was filed since the notice arrived."""
    since = notice.report_time.ToDatetime(UTC)
    return any(
        order.type in CHANGES and order.state == res.ORDER_STATE_FILED and order.update_time.ToDatetime(UTC) >= since
        for order in record.orders
    )

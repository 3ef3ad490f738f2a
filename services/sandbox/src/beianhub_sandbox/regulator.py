"""The regulator (管局): one national record, and what each order type does to it. No clock, no I/O.

Result codes are those of MIIT-V3 (domain.md 3.4). `examine` says whether an order may come in, `enact`
changes the record when it is approved, `recipients` names who gets the MIIT SMS (domain.md 4.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from beianhub_sandbox import checks
from beianhub_sandbox.model import Access, Application, Order, OrderType, Person, Service, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RESULT_CODES: dict[int, str] = {
    1003: "主办者冲突",
    1004: "无效域名",
    1005: "域名冲突",
    1006: "无效IP",
    1008: "无效证件",
    1011: "无效手机号",
    1015: "无效身份证",
    1016: "数据不存在",
    1025: "唯一接入不可取消",
    1032: "重复取消接入",
    1037: "已上报，请勿重复上报",
    1046: "跨省变更",
    1047: "非本接入商",
}
"""Codes this regulator gives by itself."""

SCRIPTED_CODES: dict[int, str] = {
    1017: "变更中",
    1019: "区划代码错误",
    1020: "网站名称冲突",
    1021: "首页地址冲突",
    1024: "IP冲突",
    1033: "前置审批类型错误",
    1041: "首页不含域名",
    1042: "主体正在注销中，不允许注销网站",
    1043: "网站正在注销中，不允许注销主体",
    1045: "省外报备",
    1048: "非本接入商",
    1049: "已注销",
    1055: "核验单不符",
    1063: "接入IP与IP备案不一致",
    1064: "黑名单",
}
"""MIIT's words for codes that only a scenario gives; a scenario may give any other code too."""

KIND_SUFFIXES: Mapping[str, str] = {"WEBSITE": "", "APP": "A", "MINI_PROGRAM": "X", "QUICK_APP": "K"}
"""Website -1, APP -2A, mini-program -3X, quick app -4K, in one sequence (HW-KB doc_0115)."""

LICENCE_CERTIFICATE = "BUSINESS_LICENCE"
ID_CERTIFICATE = "RESIDENT_ID"
_USCC_LENGTH = 18
_SUFFIX = re.compile(r"-(\d+)[AXK]?$")


class Record(Protocol):
    """The national record, as the rules see it."""

    def subject(self, certificate_number: str) -> Subject | None:
        """The subject with this certificate number."""

    def domain_owner(self, domain: str) -> Subject | None:
        """The subject under which a domain is filed."""

    def in_flight(self, key: str) -> Order | None:
        """The order at the regulator for a certificate number or a domain."""

    def next_serial(self) -> str:
        """Year and six digits of a new subject number."""

    def save(self, subject: Subject) -> None:
        """Keep a new or changed subject."""

    def drop(self, subject: Subject) -> None:
        """Void a subject with all its services."""


@dataclass(frozen=True)
class Operation:
    """What the regulator does with one order type."""

    title: str
    examine: Callable[[Record, Application, str], int | None]
    enact: Callable[[Record, Application, str], str]
    recipients: Callable[[Record, Application], list[Person]]


def examine(record: Record, order: Order) -> int | None:
    """The result code that refuses the order on arrival, or None.

    One order in flight per subject, nationwide, whoever hands it in (MIIT-V3 1003; HW-KB doc_0152).
    """
    application = order.application
    code = _examine_data(application)
    if code is not None:
        return code
    other = record.in_flight(application.certificate_number)
    if other is not None:
        return 1032 if _cancels_twice(other, order) else 1003
    if application.target_certificate and record.in_flight(application.target_certificate) is not None:
        return 1003
    if application.domain and record.in_flight(application.domain) is not None:
        return 1005
    return OPERATIONS[order.order_type].examine(record, application, order.vendor)


def enact(record: Record, order: Order) -> str:
    """Change the record as the approved order wishes; the licence number that the order ends with."""
    return OPERATIONS[order.order_type].enact(record, order.application, order.vendor)


def recipients(record: Record, order: Order) -> list[Person]:
    """Who must answer a text message: one per mobile number (same mobile, one code)."""
    people = OPERATIONS[order.order_type].recipients(record, order.application)
    return list({person.mobile: person for person in reversed(people)}.values())[::-1]


def words_of(code: str) -> str:
    """MIIT's words for a result code, or the general ones."""
    known = {str(number): words for number, words in (RESULT_CODES | SCRIPTED_CODES).items()}
    return known.get(code, "管局审核不通过")


def new_service(subject: Subject, application: Application, provider: str) -> Service:
    """The next service of a subject, with its first access."""
    subject.last_sequence += 1
    suffix = KIND_SUFFIXES[application.service_kind]
    service = Service(
        number=f"{subject.number}-{subject.last_sequence}{suffix}",
        name=application.service_name,
        kind=application.service_kind,
        domain=application.domain.lower(),
        manager=application.manager,
        accesses=[Access(provider, list(application.ips))] if provider else [],
    )
    subject.services.append(service)
    return service


def sequence_of(service_number: str) -> int:
    """3 for `京ICP备2026000123号-3X`; 0 when the number has no suffix."""
    match = _SUFFIX.search(service_number)
    return int(match.group(1)) if match else 0


def _cancels_twice(other: Order, order: Order) -> bool:
    return (
        other.order_type is order.order_type is OrderType.CANCEL_ACCESS
        and other.application.licence_number == order.application.licence_number
    )


def _examine_data(application: Application) -> int | None:
    """What can be told without the record; fields that the order type does not carry are empty."""
    number, kind = application.certificate_number, application.certificate_type
    if kind == LICENCE_CERTIFICATE and len(number) == _USCC_LENGTH and not checks.is_uscc(number):
        return 1008
    ids = [application.principal_id, application.manager_id]
    if kind == ID_CERTIFICATE:
        ids.append(number)
    if not all(checks.is_resident_id(item) for item in ids if item):
        return 1015
    mobiles = (application.principal_mobile, application.manager_mobile)
    if not all(checks.is_mobile(mobile) for mobile in mobiles if mobile):
        return 1011
    if application.domain and not checks.is_domain(application.domain):
        return 1004
    return 1006 if any(checks.is_private_ip(ip) for ip in application.ips) else None


def _find(record: Record, application: Application) -> tuple[Subject, Service] | None:
    """The service an order speaks of: its certificate, licence number and domain must agree."""
    subject = record.subject(application.certificate_number)
    for service in subject.services if subject else []:
        same_domain = not application.domain or application.domain.lower() == service.domain
        if subject and service.number == application.licence_number and same_domain:
            return subject, service
    return None


def _must_find(record: Record, application: Application) -> tuple[Subject, Service]:
    found = _find(record, application)
    if found is None:
        raise LookupError("approved an order without its service: examine comes first")
    return found


def _known_subject(record: Record, application: Application) -> Subject | None:
    """The subject an order speaks of: its certificate and the subject's part of the number must agree."""
    subject = record.subject(application.certificate_number)
    number = application.licence_number.partition("号")[0] + "号"
    return subject if subject and subject.number == number else None


def _must_have(record: Record, application: Application) -> Subject:
    subject = record.subject(application.certificate_number)
    if subject is None:
        raise LookupError("approved an order without its subject: examine comes first")
    return subject


def _access_of(service: Service, provider: str) -> Access | None:
    return next((access for access in service.accesses if access.provider == provider), None)


# --- the order types -----------------------------------------------------------------------------------


def _examine_first(record: Record, application: Application, _provider: str) -> int | None:
    if record.subject(application.certificate_number) is not None:
        return 1003
    return 1005 if record.domain_owner(application.domain) is not None else None


def _enact_first(record: Record, application: Application, provider: str) -> str:
    subject = Subject(
        certificate_number=application.certificate_number,
        certificate_type=application.certificate_type,
        name=application.name,
        nature=application.nature,
        province=application.province,
        number=f"{application.province}ICP备{record.next_serial()}号",
        principal=application.principal,
    )
    service = new_service(subject, application, provider)
    record.save(subject)
    return service.number


def _examine_add_service(record: Record, application: Application, _provider: str) -> int | None:
    if _known_subject(record, application) is None:
        return 1016
    return 1005 if record.domain_owner(application.domain) is not None else None


def _enact_add_service(record: Record, application: Application, provider: str) -> str:
    subject = _must_have(record, application)
    if not application.manager.mobile:
        application = replace(
            application,
            manager_name=subject.principal.name,
            manager_mobile=subject.principal.mobile,
            manager_id=subject.principal.id_number,
        )
    service = new_service(subject, application, provider)
    record.save(subject)
    return service.number


def _examine_add_access(record: Record, application: Application, provider: str) -> int | None:
    found = _find(record, application)
    if found is None:
        return 1016
    return 1037 if _access_of(found[1], provider) else None


def _enact_add_access(record: Record, application: Application, provider: str) -> str:
    """A new access only; the number does not change (HW-KB doc_0165)."""
    subject, service = _must_find(record, application)
    service.accesses.append(Access(provider, list(application.ips)))
    record.save(subject)
    return service.number


def _examine_own_access(record: Record, application: Application, provider: str) -> int | None:
    found = _find(record, application)
    if found is None:
        return 1016
    return None if _access_of(found[1], provider) else 1047


def _enact_cancel_access(record: Record, application: Application, provider: str) -> str:
    """The number stays (S0 Q8); without another access the site becomes an empty shell (空壳网站)."""
    subject, service = _must_find(record, application)
    service.accesses = [access for access in service.accesses if access.provider != provider]
    record.save(subject)
    return service.number


def _examine_change_subject(record: Record, application: Application, provider: str) -> int | None:
    subject = _known_subject(record, application)
    if subject is None:
        return 1016
    if application.province and application.province != subject.province:
        return 1046
    return None if _serves(subject, provider) else 1047


def _serves(subject: Subject, provider: str) -> bool:
    return any(_access_of(service, provider) for service in subject.services)


def _enact_change_subject(record: Record, application: Application, _provider: str) -> str:
    subject = _must_have(record, application)
    _change_sponsor(subject, application)
    record.save(subject)
    return subject.number


def _change_sponsor(subject: Subject, application: Application) -> None:
    subject.name = application.name or subject.name
    if application.principal_mobile:
        subject.principal = application.principal


def _enact_change_service(record: Record, application: Application, _provider: str) -> str:
    """变更网站; with the subject's fields in the form both change (变更备案)."""
    subject, service = _must_find(record, application)
    service.name = application.service_name or service.name
    if application.manager_mobile:
        service.manager = application.manager
    _change_sponsor(subject, application)
    record.save(subject)
    return service.number


def _enact_change_access(record: Record, application: Application, provider: str) -> str:
    subject, service = _must_find(record, application)
    access = _access_of(service, provider)
    if access is not None:
        access.ips = list(application.ips)
    record.save(subject)
    return service.number


def _examine_own_subject(record: Record, application: Application, provider: str) -> int | None:
    subject = _known_subject(record, application)
    if subject is None:
        return 1016
    return None if _serves(subject, provider) else 1047


def _enact_cancel_subject(record: Record, application: Application, _provider: str) -> str:
    subject = _must_have(record, application)
    record.drop(subject)
    return subject.number


def _enact_cancel_service(record: Record, application: Application, _provider: str) -> str:
    subject, service = _must_find(record, application)
    subject.services.remove(service)
    record.save(subject)
    return service.number


def _enact_transfer(record: Record, application: Application, _provider: str) -> str:
    """From one account to another of the vendor: nothing changes here (HW-KB doc_0199)."""
    return _must_have(record, application).number


def _enact_claim(record: Record, application: Application, _provider: str) -> str:
    """The access shows in the account; nothing changes here (HW-KB doc_0198)."""
    return _must_find(record, application)[1].number


def _target_of(record: Record, application: Application) -> Subject | None:
    """The subject that takes the service: its certificate and number must agree."""
    subject = record.subject(application.target_certificate)
    return subject if subject and subject.number == application.target_licence else None


def _examine_migration(record: Record, application: Application, provider: str) -> int | None:
    if _target_of(record, application) is None:
        return 1016
    return _examine_own_access(record, application, provider)


def _enact_migration(record: Record, application: Application, _provider: str) -> str:
    """网站迁移: the target's next number, and every access goes along (HW-KB doc_0200)."""
    source, service = _must_find(record, application)
    target = _target_of(record, application)
    if target is None:
        raise LookupError("approved a migration without its target: examine comes first")
    source.services.remove(service)
    record.save(source)  # it lets the domain go before the target takes it
    target.last_sequence += 1
    service.number = f"{target.number}-{target.last_sequence}{KIND_SUFFIXES[service.kind]}"
    target.services.append(service)
    record.save(target)
    return service.number


def _both_applicants(_record: Record, application: Application) -> list[Person]:
    return [application.principal, application.manager]


def _applied_manager(record: Record, application: Application) -> list[Person]:
    if application.manager.mobile:
        return [application.manager]
    return _filed_principal(record, application)


def _filed_manager(record: Record, application: Application) -> list[Person]:
    """The contact 1 in the record, not one in the form (S1: it must be changed at the old provider first)."""
    found = _find(record, application)
    return [found[1].manager] if found else []


def _filed_principal(record: Record, application: Application) -> list[Person]:
    subject = record.subject(application.certificate_number)
    return [subject.principal] if subject else []


def _changed_manager(record: Record, application: Application) -> list[Person]:
    """The contact 1 that the change carries, else the one in the record: a dead phone is changed so (S1.2, S3.22)."""
    return [application.manager] if application.manager_mobile else _filed_manager(record, application)


def _nobody(_record: Record, _application: Application) -> list[Person]:
    return []


OPERATIONS: Mapping[OrderType, Operation] = {
    OrderType.FIRST_FILING: Operation("首次备案", _examine_first, _enact_first, _both_applicants),
    OrderType.ADD_SERVICE: Operation("新增网站", _examine_add_service, _enact_add_service, _applied_manager),
    OrderType.ADD_ACCESS: Operation("接入备案", _examine_add_access, _enact_add_access, _filed_manager),
    OrderType.CHANGE_SUBJECT: Operation("变更主体", _examine_change_subject, _enact_change_subject, _filed_principal),
    OrderType.CHANGE_SERVICE: Operation("变更网站", _examine_own_access, _enact_change_service, _changed_manager),
    OrderType.CHANGE_ACCESS: Operation("变更接入", _examine_own_access, _enact_change_access, _filed_manager),
    OrderType.CANCEL_SUBJECT: Operation("注销主体", _examine_own_subject, _enact_cancel_subject, _filed_principal),
    OrderType.CANCEL_SERVICE: Operation("注销网站", _examine_own_access, _enact_cancel_service, _filed_manager),
    OrderType.CANCEL_ACCESS: Operation("取消接入", _examine_own_access, _enact_cancel_access, _nobody),
    OrderType.TRANSFER_ACCOUNT: Operation("备案迁移", _examine_own_subject, _enact_transfer, _nobody),
    OrderType.CLAIM: Operation("认领备案", _examine_own_access, _enact_claim, _nobody),
    OrderType.MIGRATE_SERVICE: Operation("网站迁移", _examine_migration, _enact_migration, _filed_manager),
}
"""One row per order type; a new type is a new row (and its code in each vendor's table)."""

"""有效期核验: certificates and domains are valid for more than three months when an order is filed (ALI-2019, HW-KB).

A certificate's last day is on the record. A domain's is known to its registrar: where nobody has entered it, the answer
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Verifier, VerifierManifest
from beianhub_verification.dates import china_day, read_day
from beianhub_verification.orders import MAKES_ACCESS
from beianhub_verification.rules import Basis, Rule, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Certificate, Finding, Service
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, Failed, Passed

THREE_MONTHS: Final = timedelta(days=90)
_YEAR: Final = timedelta(days=365)
_TC: Final = Basis(("TC-DOC",), "2023-01-01")

_UNREADABLE: Final = Rule(
    id="certificate.expiry",
    code="CERTIFICATE_DATE_INVALID",
    severity=pb.SEVERITY_BLOCKER,
    zh="证件有效期应写作 YYYY-MM-DD，长期有效的留空",
    en="The certificate's last day is to be written YYYY-MM-DD, and left empty where it has none (长期).",
    suggestion="更正日期。 / Correct the date.",
    basis=Basis(("WX certificate_validity_date_end",), ""),
)
_EXPIRED: Final = Rule(
    id="certificate.expiry",
    code="CERTIFICATE_EXPIRED",
    severity=pb.SEVERITY_BLOCKER,
    zh="证件已于 {day} 到期",
    en="The certificate expired on {day}.",
    suggestion="换证，并填写新的截止日期。 / Renew the certificate, and enter its new last day.",
    basis=Basis(("ALI-2019", "HW-KB", "S4.41"), "2026-05-01"),
)
_SOON: Final = Rule(
    id="certificate.expiry",
    code="CERTIFICATE_EXPIRES_SOON",
    severity=pb.SEVERITY_WARNING,
    zh="证件将于 {day} 到期：剩余有效期须超过 {days} 天，否则多地管局驳回",
    en="The certificate expires on {day}: more than {days} days are to be left, or many bureaus reject the order.",
    suggestion="先换证。 / Renew the certificate first.",
    basis=Basis(("ALI-2019", "HW-KB"), "2026-05-01"),
)
_DOMAIN: Final = Rule(
    id="domain.expiry",
    code="DOMAIN_EXPIRY_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="域名到期日此处未核验：剩余有效期须超过 3 个月；到期未续费的域名会失去接入",
    en="The domain's expiry is not checked here: more than 3 months must be left; one that lapses loses its access.",
    suggestion="在注册商处查询，剩余不足则先续费。 / "
    "Look it up at the registrar, and renew it first where less is left.",
    basis=Basis(("ALI-2019", "HW-KB", "S4.34", "S4.1"), "2026-05-01"),
)

_DOMAIN_UNREADABLE: Final = Rule(
    id="domain.expiry",
    code="DOMAIN_DATE_INVALID",
    severity=pb.SEVERITY_BLOCKER,
    zh="域名到期日应写作 YYYY-MM-DD，未知请留空",
    en="The domain's last day is to be written YYYY-MM-DD, and left empty where it is not known.",
    suggestion="更正日期。 / Correct the date.",
    basis=Basis(("S4.29",), ""),
)
_DOMAIN_EXPIRED: Final = Rule(
    id="domain.expiry",
    code="DOMAIN_EXPIRED",
    severity=pb.SEVERITY_BLOCKER,
    zh="域名已于 {day} 到期",
    en="The domain expired on {day}.",
    suggestion="续费域名，并填写新的到期日。 / Renew the domain, and enter its new last day.",
    basis=Basis(("S4.34", "ALI-2019", "HW-KB"), "2026-05-01"),
)
_DOMAIN_SOON: Final = Rule(
    id="domain.expiry",
    code="DOMAIN_EXPIRES_SOON",
    severity=pb.SEVERITY_WARNING,  # the rulebook's own blocker is an owner's to override
    zh="域名将于 {day} 到期：剩余有效期须超过 {days} 天",
    en="The domain expires on {day}: more than {days} days are to be left.",
    suggestion="先续费域名。 / Renew the domain first.",
    basis=Basis(("ALI-2019", "HW-KB"), "2026-05-01"),
)

_ID_STRICT: Final = frozenset({"上海", "浙江", "河南"})
"""TC-DOC names the three months of the ID as a condition; elsewhere it is a reason of rejections."""

_LICENCE_LEFT: Final[Mapping[str, timedelta]] = {"上海": _YEAR}
"""营业执照 > 1 年 (TC-DOC)."""


class ExpiryVerifier(Verifier):
    """有效期核验, before anything is sent. It calls nobody."""

    manifest = VerifierManifest(
        id="expiry",
        title="有效期核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_EXPIRY,
        precheck=True,
        source=("ALI-2019", "TC-DOC", "HW-KB", "S4.1", "S4.34"),
        order_types=(*MAKES_ACCESS, pb.ORDER_TYPE_CHANGE_SUBJECT, pb.ORDER_TYPE_CHANGE_SERVICE),
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Each certificate and each domain against China's day; a domain that stays unchecked is said to."""
        today = china_day(call.now)
        found = [
            f for path, certificate in _certificates(call.assignment) for f in _check(call, path, certificate, today)
        ]
        return answer([*found, *_domains(call.assignment.service, today)])


def _certificates(assignment: TaskAssignment) -> Iterator[tuple[str, Certificate]]:
    profile = assignment.subject.profile
    yield "profile.certificate", profile.certificate
    yield "profile.principal.certificate", profile.principal.certificate
    if assignment.service.HasField("principal"):
        yield "service.principal.certificate", assignment.service.principal.certificate


def _domains(service: Service, today: date) -> Iterator[Finding]:
    """Each domain of which the record knows the last day; for all others together, that they stay unchecked."""
    days = {told.domain: told.expires_on for told in service.registrations if told.expires_on}
    for index, domain in enumerate(service.domains):
        text, where = days.get(domain, ""), f"service.domains[{index}]"
        day = read_day(text)
        if text and day is None:
            yield _DOMAIN_UNREADABLE.at(where)
        elif day is not None and day < today:
            yield _DOMAIN_EXPIRED.at(where, day=text)
        elif day is not None and day - today <= THREE_MONTHS:
            yield _DOMAIN_SOON.at(where, day=text, days=str(THREE_MONTHS.days))
    if any(domain not in days for domain in service.domains):
        yield _DOMAIN.at("service.domains")


def _check(call: Call, path: str, certificate: Certificate, today: date) -> Iterator[Finding]:
    text, where = certificate.valid_until, f"{path}.valid_until"
    if not text:
        return
    day = read_day(text)
    if day is None:
        yield _UNREADABLE.at(where)
    elif day < today:
        yield _EXPIRED.at(where, day=text)
    else:
        rule, least = _least(certificate, call.assignment.subject.profile.province)
        if day - today <= least:
            yield rule.at(where, day=text, days=str(least.days))


def _least(certificate: Certificate, province: str) -> tuple[Rule, timedelta]:
    """What has to be left of a certificate, and what it means if it is not."""
    if certificate.type == pb.CERTIFICATE_TYPE_USCC:
        demanded, least = province in _LICENCE_LEFT, _LICENCE_LEFT.get(province, THREE_MONTHS)
    else:
        demanded, least = province in _ID_STRICT, THREE_MONTHS
    return (replace(_SOON, severity=pb.SEVERITY_BLOCKER, basis=_TC) if demanded else _SOON), least

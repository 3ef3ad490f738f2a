"""Changes (变更主体, 变更网站, domain.md 2.4): what may change, and the subject once a change is filed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import find_service
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding
from beianhub_core.rules.registrations import drop_stray

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding

CHANGES: Final = frozenset({res.ORDER_TYPE_CHANGE_SUBJECT, res.ORDER_TYPE_CHANGE_SERVICE})
SERVICE_FIELDS: Final = ("title", "domains", "principal")
"""What a change of a service may name; its kind is part of its number (HW-KB doc_0115)."""


def take_over(subject: res.Subject, order: res.Order) -> None:
    """Puts the order's new values in, in place, with the vault's entry of them; numbers and accesses stay."""
    change = order.change
    if change.HasField("profile"):
        subject.profile.CopyFrom(change.profile)
    for service in subject.services:
        if change.HasField("service") and service.name == order.service:
            _put(service, change.service)
    subject.vault_ref = change.vault_ref or subject.vault_ref


def _put(service: res.Service, wanted: res.Service) -> None:
    service.title = wanted.title
    service.ClearField("domains")
    service.domains.extend(wanted.domains)
    drop_stray(service)
    service.ClearField("principal")
    if wanted.HasField("principal"):
        service.principal.CopyFrom(wanted.principal)


def as_changed(subject: res.Subject, order: res.Order) -> res.Subject:
    """A copy of the subject as the order wants it: what the vendor is given."""
    copy = res.Subject()
    copy.CopyFrom(subject)
    take_over(copy, order)
    return copy


def check(record: Record, order: res.Order) -> list[Finding]:
    """Findings about what a change order changes."""
    changed = set(order.change.paths)
    if not changed:
        return [_nothing()]
    findings = [_outdated()] if order.change.base_ref != record.subject.vault_ref else []
    if changed & {"profile.certificate.number", "profile.certificate.type"}:
        findings.append(_certificate())
    if "profile.province" in changed:
        findings.append(_province(order.provider))
    if "profile.title" in changed:
        findings.append(_title())
    if "service.domains" in changed:
        findings += _domains(record, order)
    return findings


def _nothing() -> Finding:
    return blocker(
        "CHANGE_REQUIRED",
        "order.change",
        "变更订单没有变更内容",
        "the order changes nothing",
        "请在 order.change 中说明要变更的内容。 / Say in order.change what is to change.",
        source=("S0.3",),
    )


def _outdated() -> Finding:
    return blocker(
        "CHANGE_OUTDATED",
        "order.change",
        "起草之后主体资料已更新，变更内容已过时",
        "the subject's data was updated since the change was drafted",
        "请放弃该订单，重新起草变更。 / Abandon the order and draft the change anew.",
    )


def _certificate() -> Finding:
    return blocker(
        "CERTIFICATE_NOT_CHANGEABLE",
        "order.change.profile.certificate.number",
        "证件类型和证件号码不能通过变更备案修改",
        "the certificate's type and number cannot be changed by a change order",
        (
            "请先咨询接入商的备案专员（S0.5）；否则请注销主体后重新备案。 / "
            "Ask the provider's filing specialist first (S0.5); else cancel the subject and file anew."
        ),
        source=("HW-KB doc_0195", "S0.5", "S2.21"),
        as_of="2026-05-01",
    )


def _province(provider: str) -> Finding:
    """MIIT's interface refuses it; HW-KB SubjectChange says that a change of the subject may be filed for it."""
    severity = SEVERITY_WARNING if provider == "huawei" else res.SEVERITY_BLOCKER
    return finding(
        severity,
        "CROSS_PROVINCE_CHANGE",
        "order.change.profile.province",
        "跨省变更：工信部接口不受理，部分资料称可提交变更主体",
        "a change across provinces: MIIT's interface refuses it, one newer source says it may be filed",
        (
            "请咨询接入商；否则请注销主体，在另一省重新备案。 / "
            "Ask the provider; else cancel the subject and file anew in the other province."
        ),
        source=("MIIT-V3 1046", "HW-KB SubjectChange", "HW-KB doc_0198"),
        as_of="2026-05-01",
    )


def _title() -> Finding:
    return finding(
        SEVERITY_WARNING,
        "SUBJECT_RENAMED",
        "order.change.profile.title",
        "变更主办单位名称一般须提供更名函；证件号码也变的须先咨询接入商",
        "a new name usually needs a rename letter; with a new certificate number ask the provider first",
        "请上传更名函，并填入 order.documents。 / Upload the rename letter (更名函) and name it in order.documents.",
        source=("S4.16", "S0.5", "S2.21"),
        as_of="2026-05-01",
    )


def _domains(record: Record, order: res.Order) -> list[Finding]:
    service = find_service(record, order.service)
    filed = set(service.domains) if service is not None else set()
    wanted = set(order.change.service.domains)
    if wanted and wanted < filed:
        return []
    return [
        blocker(
            "DOMAINS_ONLY_DELETED",
            "order.change.service.domains",
            "变更备案只能删除域名，不能新增、替换或全部删除",
            "a change can only delete domains: not add or replace one, nor delete them all",
            (
                "新域名请作为单独的服务备案；放弃最后一个域名请注销服务。 / "
                "File a new domain as a service of its own; to give up the last one cancel the service."
            ),
            source=("ALI-2019", "TC-DOC", "HW-KB doc_0195", "HW-KB doc_0194"),
            as_of="2026-05-01",
        )
    ]

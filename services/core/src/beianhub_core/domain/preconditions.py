"""What an order type needs before it may be sent (domain.md 2.2 to 2.4). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import cancelling, changing, migrating, relations
from beianhub_core.domain.filed import MAKES_ACCESS
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED, find_access, find_service, has_access
from beianhub_core.findings import SEVERITY_INFO, blocker, finding

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding

WHOLE_SUBJECT: Final = frozenset(
    {res.ORDER_TYPE_CHANGE_SUBJECT, res.ORDER_TYPE_CANCEL_SUBJECT, res.ORDER_TYPE_TRANSFER_ACCOUNT}
)
"""Orders that need name no service."""

NEEDS_IPS: Final = MAKES_ACCESS | {res.ORDER_TYPE_CHANGE_ACCESS}
"""Orders that need the servers' addresses."""


def check(record: Record, order: res.Order, target: Record | None = None) -> list[Finding]:
    """Every finding about the order against the record, and that of a migration's target; blockers and warnings."""
    service = find_service(record, order.service)
    if service is None and (order.service or order.type not in WHOLE_SUBJECT):
        return [_no_service()]
    findings = [*relations.check(record, order), *_addresses(order)]
    if order.type == res.ORDER_TYPE_MIGRATE_SERVICE:
        findings += migrating.check(order, service, target)
    else:
        findings += _BY_TYPE[order.type](record, order, service)
    return findings + cancelling.confirm(record, order)


def _addresses(order: res.Order) -> list[Finding]:
    if order.type not in NEEDS_IPS or order.ips:
        return []
    return [
        blocker(
            "IPS_REQUIRED",
            "order.ips",
            "接入必须填写服务器公网 IP",
            "an access needs the server's public addresses",
            "请至少填写一个接入商的公网 IP 地址。 / Give at least one public address of the provider.",
            source=("MIIT-V3",),
        )
    ]


def _first_filing(record: Record, _order: res.Order, service: res.Service | None) -> list[Finding]:
    """首次备案: neither the subject nor the domain is filed."""
    findings = []
    if record.subject.state in SUBJECT_FILED:
        findings.append(
            blocker(
                "SUBJECT_ALREADY_FILED",
                "order.type",
                "主体已备案，不能再首次备案",
                "the subject is filed already",
                (
                    "已备案的服务请用接入备案（ADD_ACCESS），新服务请用新增网站（ADD_SERVICE）。 / "
                    "Use ADD_ACCESS (接入备案) for a filed service, ADD_SERVICE (新增网站) for a new one."
                ),
                source=("S1", "HW-KB doc_0165"),
            )
        )
    return findings + _not_yet(service)


def _not_yet(service: res.Service | None) -> list[Finding]:
    if service is None or service.state not in SERVICE_FILED:
        return []
    return [
        blocker(
            "SERVICE_ALREADY_FILED",
            "order.service",
            "服务已备案",
            "the service is filed already",
            "请使用接入备案（ADD_ACCESS）。 / Use ADD_ACCESS (接入备案).",
            source=("HW-KB doc_0165",),
        )
    ]


def _add_service(record: Record, _order: res.Order, service: res.Service | None) -> list[Finding]:
    """新增网站: the subject is filed, here or elsewhere, and the domain is new. Of a shell the rulebook decides."""
    if record.subject.state not in SUBJECT_FILED:
        return [
            blocker(
                "SUBJECT_NOT_FILED",
                "order.type",
                "主体尚未备案，不能新增网站",
                "the subject is not filed: a service cannot be added to it",
                "请使用首次备案（FIRST_FILING）。 / Use FIRST_FILING (首次备案).",
                source=("S1.3", "MIIT-V3 1016"),
            )
        ]
    return _not_yet(service)


def _add_access(record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """接入备案: subject and domain are filed, and not here."""
    unfiled = _unfiled(record, service)
    if unfiled or service is None or not has_access(service, order.provider):
        return unfiled
    return [
        blocker(
            "ACCESS_EXISTS",
            "order.account",
            "该接入商已有接入",
            "the service has an access at this provider",
            (
                "无需备案；变更地址请使用变更接入（CHANGE_ACCESS）。 / "
                "Nothing is to be filed; to change addresses, use CHANGE_ACCESS (变更接入)."
            ),
            source=("HW-KB doc_0165", "MIIT-V3 1037"),
        )
    ]


def _unfiled(record: Record, service: res.Service | None) -> list[Finding]:
    if record.subject.state in SUBJECT_FILED and service is not None and service.state in SERVICE_FILED:
        return []
    return [
        blocker(
            "SERVICE_NOT_FILED",
            "order.type",
            "主体或网站尚未备案，不能接入备案",
            "the subject and the service must be filed before an access can be added",
            (
                "请使用首次备案（FIRST_FILING）；主体已备案的请使用新增网站（ADD_SERVICE）。 / "
                "Use FIRST_FILING (首次备案), or ADD_SERVICE (新增网站) where the subject is filed."
            ),
            source=("S1", "MIIT-V3 1016"),
        )
    ]


def _change_subject(record: Record, order: res.Order, _service: res.Service | None) -> list[Finding]:
    """变更主体: filed through this provider."""
    if record.subject.state not in SUBJECT_FILED:
        return [cancelling.not_filed("order.subject", "主体未备案或已注销", "the subject is not filed, or cancelled")]
    here = any(has_access(s, order.provider) for s in record.subject.services)
    return [*([] if here else [cancelling.not_own_access()]), *changing.check(record, order)]


def _change_service(record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """变更网站: filed, with an access here."""
    return _own(order, service) or changing.check(record, order)


def _own(order: res.Order, service: res.Service | None) -> list[Finding]:
    if service is None or service.state not in SERVICE_FILED:
        return [cancelling.not_filed("order.service", "网站未备案或已注销", "the service is not filed, or cancelled")]
    return [] if has_access(service, order.provider) else [cancelling.not_own_access()]


def _change_access(_record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """变更接入: the provider's own access; Huawei calls it optional within one provider, S0 and S2 do not."""
    own = _own(order, service)
    if own or order.provider != "huawei":
        return own
    return [
        finding(
            SEVERITY_INFO,
            "CHANGE_ACCESS_OPTIONAL",
            "order.type",
            "同一接入商内变更 IP 非强制；但解析 IP 与备案 IP 不符可能被要求整改",
            "within one provider a change of addresses is optional; one that differs may be objected to",
            (
                "如网站今后仍使用另一地址，请在其所在接入商处备案。 / "
                "File it where the site's address will stay another one."
            ),
            source=("HW-KB IPChange", "S0.6", "S2.20"),
            as_of="2026-05-01",
        )
    ]


def _transfer(record: Record, order: res.Order, _service: res.Service | None) -> list[Finding]:
    """备案迁移: from the account that has the accesses to another one of the vendor, which has no subject."""
    accounts = {a.account for s in record.subject.services for a in s.accesses if a.provider == order.provider}
    if not any(has_access(s, order.provider) for s in record.subject.services):
        return [cancelling.not_own_access()]
    if not accounts & {order.account, ""}:
        return [
            blocker(
                "NOT_IN_ACCOUNT",
                "order.account",
                "备案不在该账号下",
                "the filing is not in this account",
                "请指明拥有这些接入的账号。 / Name the account that has the accesses.",
                source=("HW-KB doc_0199",),
            )
        ]
    return [
        finding(
            SEVERITY_INFO,
            "TARGET_ACCOUNT_EMPTY",
            "order.target_account",
            "目标账号下不能已有备案主体；转移无需接入商和管局审核",
            "the target account must have no subject; neither the vendor nor the bureau reviews a transfer",
            "请在接入商控制台核对目标账号。 / Check the target account in the vendor's console.",
            source=("HW-KB doc_0199", "HW-KB doc_0168"),
            as_of="2026-05-01",
        )
    ]


def _claim(record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """认领备案: the regulator has the provider as an access, and the account does not show it."""
    unfiled = _unfiled(record, service)
    access = find_access(service, order.provider) if service is not None else None
    if unfiled or access is None or access.state != res.ACCESS_STATE_ACTIVE or not access.account:
        return unfiled
    return [
        blocker(
            "ACCESS_EXISTS",
            "order.account",
            "该接入已在账号中",
            f"the access is in {access.account} already",
            (
                "转移到其他账号请使用备案转移（TRANSFER_ACCOUNT）。 / "
                "Use TRANSFER_ACCOUNT to move it to another account."
            ),
            source=("HW-KB doc_0198", "HW-KB doc_0199"),
        )
    ]


def _no_service() -> Finding:
    return blocker(
        "SERVICE_NOT_FOUND",
        "order.service",
        "主体下没有该服务",
        "the subject has no such service",
        "请查询该主体，并使用其某一服务的名称。 / Get the subject, and use the name of one of its services.",
    )


_BY_TYPE: Final[dict[int, Callable[[Record, res.Order, res.Service | None], list[Finding]]]] = {
    res.ORDER_TYPE_FIRST_FILING: _first_filing,
    res.ORDER_TYPE_ADD_SERVICE: _add_service,
    res.ORDER_TYPE_ADD_ACCESS: _add_access,
    res.ORDER_TYPE_CHANGE_SUBJECT: _change_subject,
    res.ORDER_TYPE_CHANGE_SERVICE: _change_service,
    res.ORDER_TYPE_CHANGE_ACCESS: _change_access,
    res.ORDER_TYPE_CANCEL_SUBJECT: cancelling.cancel_subject,
    res.ORDER_TYPE_CANCEL_SERVICE: cancelling.cancel_service,
    res.ORDER_TYPE_CANCEL_ACCESS: cancelling.cancel_access,
    res.ORDER_TYPE_TRANSFER_ACCOUNT: _transfer,
    res.ORDER_TYPE_CLAIM: _claim,
}

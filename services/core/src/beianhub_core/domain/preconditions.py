"""What an order type needs before it may be sent (domain.md 2.2 to 2.4). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.filed import MAKES_ACCESS
from beianhub_core.domain.lookup import find_access, find_service, order_in_flight
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding

_FILED = frozenset({res.SUBJECT_STATE_FILED, res.SUBJECT_STATE_SHELL})
_SERVICE_FILED = frozenset({res.SERVICE_STATE_FILED, res.SERVICE_STATE_NO_ACCESS})


def check(record: Record, order: res.Order) -> list[Finding]:
    """Every finding about the order against the record, blockers and warnings."""
    service = find_service(record, order.service)
    if service is None:
        return [_no_service()]
    findings = [*_in_flight(record, order), *_addresses(order)]
    findings += _BY_TYPE[order.type](record, order, service)
    return findings


def _in_flight(record: Record, order: res.Order) -> list[Finding]:
    other = order_in_flight(record, but=order.name)
    if other is None:
        return []
    return [
        blocker(
            "SUBJECT_HAS_ORDER_IN_FLIGHT",
            "order",
            f"主办者冲突：该主体已有在途订单 {names.last(other.name)}",
            f"the subject has an order under way ({other.name}); the regulator takes one at a time",
            "Wait until it ends, or withdraw or abandon it.",
            source=("MIIT-V3 1003", "HW-KB doc_0152"),
        )
    ]


def _addresses(order: res.Order) -> list[Finding]:
    if order.type not in MAKES_ACCESS or order.ips:
        return []
    return [
        blocker(
            "IPS_REQUIRED",
            "order.ips",
            "接入必须填写服务器公网 IP",
            "an access needs the server's public addresses",
            "Give at least one public address of the provider.",
            source=("MIIT-V3",),
        )
    ]


def _first_filing(record: Record, _order: res.Order, service: res.Service) -> list[Finding]:
    findings = []
    if record.subject.state in _FILED:
        findings.append(
            blocker(
                "SUBJECT_ALREADY_FILED",
                "order.type",
                "主体已备案，不能再首次备案",
                "the subject is filed already",
                "Add an access for a filed service; a new service needs an order that adds it.",
                source=("S1", "HW-KB doc_0165"),
            )
        )
    if service.state in _SERVICE_FILED:
        findings.append(
            blocker(
                "SERVICE_ALREADY_FILED",
                "order.service",
                "服务已备案",
                "the service is filed already",
                "Use ADD_ACCESS (接入备案).",
                source=("HW-KB doc_0165",),
            )
        )
    return findings


def _add_access(record: Record, order: res.Order, service: res.Service) -> list[Finding]:
    if record.subject.state not in _FILED or service.state not in _SERVICE_FILED:
        return [
            blocker(
                "SERVICE_NOT_FILED",
                "order.type",
                "主体或网站尚未备案，不能接入备案",
                "the subject and the service must be filed before an access can be added",
                "Use FIRST_FILING (首次备案).",
                source=("S1", "MIIT-V3 1016"),
            )
        ]
    access = find_access(service, order.provider)
    if access is not None and access.state == res.ACCESS_STATE_ACTIVE:
        return [
            blocker(
                "ACCESS_EXISTS",
                "order.account",
                "该接入商已有接入",
                "the service has an access at this provider",
                "Nothing is to be filed; to change addresses, change the access.",
                source=("HW-KB doc_0165",),
            )
        ]
    return []


def _cancel_access(_record: Record, order: res.Order, service: res.Service) -> list[Finding]:
    access = find_access(service, order.provider)
    if access is None or access.state != res.ACCESS_STATE_ACTIVE:
        return [
            blocker(
                "NO_ACCESS_AT_PROVIDER",
                "order.account",
                "该接入商没有此网站的接入，只能取消自己的接入",
                "the service has no access at this provider, which may cancel only its own",
                "Name an account of the provider that has the access.",
                source=("MIIT-V3 1047",),
            )
        ]
    if sum(a.state == res.ACCESS_STATE_ACTIVE for a in service.accesses) > 1:
        return []
    return [
        finding(
            SEVERITY_WARNING,
            "SOLE_ACCESS",
            "order.service",
            "这是唯一的接入：取消后成为空壳网站，管局可能不受理或注销备案号",
            "it is the only access: the service becomes an empty shell; some bureaus refuse, some cancel the number",
            "Add the new access first.",
            source=("S0.14", "S0.15", "S0.16", "MIIT-V3 1025"),
        )
    ]


def _no_service() -> Finding:
    return blocker(
        "SERVICE_NOT_FOUND",
        "order.service",
        "主体下没有该服务",
        "the subject has no such service",
        "Get the subject, and use the name of one of its services.",
    )


_BY_TYPE: dict[int, Callable[[Record, res.Order, res.Service], list[Finding]]] = {
    res.ORDER_TYPE_FIRST_FILING: _first_filing,
    res.ORDER_TYPE_ADD_ACCESS: _add_access,
    res.ORDER_TYPE_CANCEL_ACCESS: _cancel_access,
}

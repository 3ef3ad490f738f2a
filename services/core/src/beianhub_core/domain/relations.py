"""How orders of one subject stand to each other (domain.md 2.4). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain import linking
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.lookup import order_in_flight
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding

_SOURCES: Final[dict[int, tuple[str, str, str]]] = {
    res.ORDER_TYPE_CANCEL_SUBJECT: ("主体正在注销中", "the subject is being cancelled", "MIIT-V3 1042"),
    res.ORDER_TYPE_CANCEL_SERVICE: ("网站正在注销中", "a service is being cancelled", "MIIT-V3 1043"),
    res.ORDER_TYPE_CANCEL_ACCESS: ("接入正在取消中", "an access is being cancelled", "MIIT-V3 1032"),
    res.ORDER_TYPE_CHANGE_SUBJECT: ("变更中", "a change is under way", "MIIT-V3 1017"),
    res.ORDER_TYPE_CHANGE_SERVICE: ("变更中", "a change is under way", "MIIT-V3 1017"),
    res.ORDER_TYPE_CHANGE_ACCESS: ("变更中", "a change is under way", "MIIT-V3 1017"),
}
_ORDINARY: Final = ("主办者冲突", "the regulator takes one at a time", "MIIT-V3 1003")


def check(record: Record, order: res.Order) -> list[Finding]:
    """What other orders of the subject, under way or drafted, mean for this one."""
    return [*linking.check(record, order), *_in_flight(record, order), *_earlier(record, order)]


def _in_flight(record: Record, order: res.Order) -> list[Finding]:
    other = order_in_flight(record, but=order.name)
    if other is None:
        return _held(record)
    zh, en, source = _SOURCES.get(other.type, _ORDINARY)
    return [
        blocker(
            "SUBJECT_HAS_ORDER_IN_FLIGHT",
            "order",
            f"{zh}：该主体已有在途订单 {names.last(other.name)}",
            f"the subject has an order under way ({other.name}): {en}",
            "请等待其结束，或将其撤回或放弃。 / Wait until it ends, or withdraw or abandon it.",
            source=(source, *({"MIIT-V3 1003"} - {source}), "HW-KB doc_0152"),
        )
    ]


def _held(record: Record) -> list[Finding]:
    """A migration that would bring a service here holds this subject as well (HW-KB doc_0200)."""
    return [
        blocker(
            "SUBJECT_HAS_ORDER_IN_FLIGHT",
            "order",
            f"该主体是在途网站迁移 {names.last(incoming.order)} 的目标主体",
            f"the subject is the target of a migration under way ({incoming.order})",
            "请等待其结束，或将其撤回或放弃。 / Wait until it ends, or withdraw or abandon it.",
            source=("HW-KB doc_0200", "MIIT-V3 1003"),
        )
        for incoming in record.incoming
    ]


def _earlier(record: Record, order: res.Order) -> list[Finding]:
    """Types cannot be combined: a change, and an access, come before a new service (HW-KB doc_0015, doc_0016)."""
    if order.type != res.ORDER_TYPE_ADD_SERVICE:
        return []
    drafts = {o.type for o in record.orders if o.name != order.name and o.state == res.ORDER_STATE_DRAFT}
    findings = []
    if drafts & CHANGES:
        findings.append(
            _first(
                "CHANGE_BEFORE_ADD",
                "应先变更后新增：先新增的，变更须随后提交，否则备案可能被注销",
                "a change comes before a new service; added first, the change must follow or the filing is at risk",
                "请先提交已起草的变更。 / Submit the drafted change first.",
            )
        )
    if res.ORDER_TYPE_ADD_ACCESS in drafts:
        findings.append(
            _first(
                "ACCESS_BEFORE_ADD",
                "应先接入后新增",
                "an access comes before a new service",
                "请先提交已起草的接入。 / Submit the drafted access first.",
            )
        )
    return findings


def _first(code: str, zh: str, en: str, suggestion: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        code,
        "order.type",
        zh,
        en,
        suggestion,
        source=("HW-KB doc_0015", "HW-KB doc_0016"),
        as_of="2026-05-01",
    )

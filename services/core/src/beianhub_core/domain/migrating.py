"""Migrations (网站迁移): what a service needs to go over to another subject (domain.md 2.2, HW-KB doc_0200). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import cancelling
from beianhub_core.domain.lookup import (
    SERVICE_FILED,
    SUBJECT_FILED,
    accounts_at,
    find_access,
    has_access,
    order_in_flight,
)
from beianhub_core.findings import SEVERITY_INFO, blocker, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding

_SOURCE: Final = ("HW-KB doc_0200", "HW-KB MigrationCondition")


def check(order: res.Order, service: res.Service | None, target: Record | None) -> list[Finding]:
    """Every finding about the two subjects' records; an order in flight of the source is found as for any other type.
    What their provinces say of migrations is the rulebook's.
    """
    given = _service(order, service)
    if target is None or not target.HasField("subject"):
        return [*given, _no_target()]
    return [*given, *_target(order, target), _real_name()]


def _service(order: res.Order, service: res.Service | None) -> list[Finding]:
    """Filed, with the provider's own access (MIIT-V3 1047) in the order's account, and no APP."""
    if service is None or service.state not in SERVICE_FILED:
        return [cancelling.not_filed("order.service", "网站未备案或已注销", "the service is not filed, or cancelled")]
    app = [_app()] if service.kind == res.SERVICE_KIND_APP else []
    if not has_access(service, order.provider):
        return [*app, cancelling.not_own_access()]
    access = find_access(service, order.provider)
    elsewhere = access is not None and access.account not in ("", order.account)
    return [*app, _not_in_account("order.account")] if elsewhere else app


def _target(order: res.Order, target: Record) -> Iterator[Finding]:
    """Filed, no individual, with an account of its own, and no order in flight (HW-KB doc_0200)."""
    subject = target.subject
    if subject.profile.nature == res.NATURE_INDIVIDUAL:
        yield _individual()
    if subject.state not in SUBJECT_FILED:
        yield _target_not_filed()
    accounts = accounts_at(target, order.provider)
    if accounts and order.target_account not in accounts:
        yield _not_in_account("order.target_account")
    yield from _in_flight(order, target)


def _in_flight(order: res.Order, target: Record) -> Iterator[Finding]:
    other = order_in_flight(target)
    names = [*([other.name] if other else []), *(i.order for i in target.incoming if i.order != order.name)]
    for name in names[:1]:
        yield blocker(
            "TARGET_ORDER_IN_FLIGHT",
            "order.target_subject",
            "目标主体已有在途订单，迁出和迁入双方都不能有在途订单",
            f"the target has an order under way ({name}): neither side may have one",
            "请等待其结束，或将其撤回或放弃。 / Wait until it ends, or withdraw or abandon it.",
            source=("HW-KB doc_0200", "MIIT-V3 1003"),
        )


def _real_name() -> Finding:
    return finding(
        SEVERITY_INFO,
        "HOLDER_BEFORE_MIGRATION",
        "order.service",
        "迁移前域名实名须已转到目标主体",
        "the domain's real name must have moved to the target before the migration",
        (
            "请在注册商处变更域名持有者，并等待信息同步到工信部。 / "
            "Change the domain's holder at its registrar, and wait until MIIT knows it."
        ),
        source=("HW-KB MigrationCondition",),
        as_of="2026-05-01",
    )


def _no_target() -> Finding:
    return blocker(
        "TARGET_NOT_FOUND",
        "order.target_subject",
        "目标主体不存在",
        "there is no such target subject",
        "请指明接收该服务的主体。 / Name the subject that is to take the service.",
        source=_SOURCE,
    )


def _app() -> Finding:
    return blocker(
        "APP_CANNOT_MOVE",
        "order.service",
        "APP 不支持迁移",
        "an APP cannot be migrated",
        (
            "请注销该 APP 的备案，并以另一主体重新备案。 / "
            "Cancel the APP's filing and file it anew under the other subject."
        ),
        source=("HW-KB AppMigration",),
    )


def _individual() -> Finding:
    return blocker(
        "TARGET_IS_INDIVIDUAL",
        "order.target_subject",
        "网站不能迁移到个人主体",
        "a service cannot be migrated to an individual",
        "请迁移到单位主体。 / Migrate it to a unit.",
        source=_SOURCE,
    )


def _target_not_filed() -> Finding:
    return blocker(
        "TARGET_NOT_FILED",
        "order.target_subject",
        "目标主体未备案或已注销，不能接收网站",
        "the target is not filed, or cancelled: it has no number that the service could get",
        "请先为目标主体办理首次备案（FIRST_FILING）。 / File the target first (FIRST_FILING).",
        source=("HW-KB doc_0200", "MIIT-V3 1016"),
    )


def _not_in_account(path: str) -> Finding:
    return blocker(
        "NOT_IN_ACCOUNT",
        path,
        "备案不在该账号下；一个账号只有一个主体",
        "the filing is not in this account, and an account has one subject",
        (
            "请指明该主体在此接入商处拥有接入的账号。 / "
            "Name the account that has the subject's accesses at this provider."
        ),
        source=("HW-KB doc_0168", "HW-KB doc_0200"),
    )

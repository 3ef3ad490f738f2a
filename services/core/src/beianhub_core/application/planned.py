"""From a plan's steps to the orders to draft: account, addresses, new values and what each waits for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.draft import refused
from beianhub_core.domain.lookup import accounts_at
from beianhub_core.domain.preconditions import NEEDS_IPS, WHOLE_SUBJECT
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.planner.answer import Step, StepKind
from beianhub_core.planner.vocabulary import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.filing.v1.order_service_pb2 import ApplyPlanRequest

_MIGRATION: Final = "MIGRATE_SERVICE"
_PERSON: Final = {
    "full_name": frozenset({Field.PRINCIPAL}),
    "certificate": frozenset({Field.PRINCIPAL}),
    "mobile": frozenset({Field.PRINCIPAL, Field.PHONE}),
    "emergency_phone": frozenset({Field.PRINCIPAL, Field.PHONE}),
    "email": frozenset({Field.PRINCIPAL, Field.EMAIL}),
}
_CERTIFICATE: Final = frozenset({Field.CERT_NUMBER, Field.CERT_TYPE, Field.CERT_ADDRESS})
_FIELDS: Final[Mapping[str, frozenset[Field]]] = {
    "profile.title": frozenset({Field.NAME}),
    "profile.nature": frozenset({Field.NATURE}),
    "profile.province": frozenset({Field.PROVINCE}),
    "profile.city": frozenset({Field.PROVINCE, Field.ADDRESS, Field.CERT_ADDRESS}),
    "profile.address": frozenset({Field.ADDRESS}),
    "profile.certificate.number": frozenset({Field.CERT_NUMBER}),
    "profile.certificate.type": frozenset({Field.CERT_TYPE}),
    "profile.certificate.address": frozenset({Field.CERT_ADDRESS}),
    "profile.certificate.valid_until": _CERTIFICATE | {Field.NAME},
    "service.title": frozenset({Field.SERVICE_NAME}),
    "service.domains": frozenset({Field.DOMAIN}),
    **{f"profile.principal.{part}": fields for part, fields in _PERSON.items()},
    **{f"service.principal.{part}": fields | {Field.SERVICE_PRINCIPAL} for part, fields in _PERSON.items()},
}
"""What the planner calls the fields of an OrderChange."""
_HELD: Final = frozenset[Field]().union(*_FIELDS.values())


@dataclass(frozen=True, slots=True)
class Planned:
    """An order to draft: its step, what CreateOrder would be given, and the steps whose orders it waits for.

    ``submits``: it may be submitted by itself once it is released.
    """

    step: Step
    given: res.Order
    waits_for: tuple[str, ...]
    submits: bool


def planned(
    steps: Sequence[Step],
    request: ApplyPlanRequest,
    accounts: Sequence[res.Account],
    server: tuple[str, str],
    target: Record | None = None,
) -> list[Planned]:
    """The orders of the plan, in sequence; ``server`` is the provider and the address that the situation names,
    ``target`` the record of the subject that takes the service.

    Raises:
        BeianhubError: INVALID, with what the request lacks for one of them.
    """
    orders = _of_subject(steps)
    paths = _paths(request.new_values)
    taken = {step.id: _taken(step, orders, paths) for step in orders}
    stray = [path for path in paths if not any(path in each for each in taken.values())]
    if stray:
        raise not_planned(stray)
    by_id = {step.id: step for step in steps}
    return [
        Planned(
            step,
            _given(step, taken[step.id], request, accounts, server, target),
            _orders_before(step, by_id),
            request.submit_when_released and all(by_id[before].kind is StepKind.ORDER for before in step.after),
        )
        for step in orders
    ]


def check_target(steps: Sequence[Step], target: Record | None) -> None:
    """Raises INVALID for a migration to nobody."""
    if target is None and any(step.order_type == _MIGRATION for step in steps):
        raise _required("plan.target_subject", "接收网站的目标主体", "the subject that is to take the service")


def check_planned(step: Step, change: res.OrderChange) -> None:
    """Raises INVALID where a value differs that the step is not to change."""
    stray = [path for path in change.paths if not _fields(path) & set(step.changes)]
    if stray:
        raise not_planned(stray)


def not_planned(paths: Sequence[str]) -> BeianhubError:
    """INVALID: new values that no order of the plan would file."""
    fields = sorted({str(field) for path in paths for field in _fields(path)})
    return refused(
        ErrorKind.INVALID,
        "CHANGE_NOT_PLANNED",
        f"new_values.{paths[0]}",
        f"计划中没有变更 {'、'.join(paths)} 的订单",
        f"no order of the plan changes {', '.join(paths)}",
        (
            f"请在方案的变更项中列出 {'、'.join(fields) or '该项'}，或不填写该值。 / "
            f"Name {' or '.join(fields) or 'it'} in the plan's change, or leave the value out."
        ),
    )


def _of_subject(steps: Sequence[Step]) -> list[Step]:
    """The orders of the subject itself: a service that has moved is the target's, and so is what follows for it."""
    orders = [step for step in steps if step.kind is StepKind.ORDER]
    moves = (number for number, step in enumerate(orders, 1) if step.order_type == _MIGRATION)
    return orders[: next(moves, len(orders))]


def _orders_before(step: Step, by_id: Mapping[str, Step]) -> tuple[str, ...]:
    """The nearest orders before the step; what people do between is theirs."""
    found: list[str] = []
    for name in step.after:
        before = by_id[name]
        found += [name] if before.kind is StepKind.ORDER else _orders_before(before, by_id)
    return tuple(dict.fromkeys(found))


def _given(
    step: Step,
    paths: Sequence[str],
    request: ApplyPlanRequest,
    accounts: Sequence[res.Account],
    server: tuple[str, str],
    target: Record | None,
) -> res.Order:
    order_type = _order_type(step, paths)
    account = _account(step, accounts, server[0])
    order = res.Order(subject=request.plan.subject, type=order_type, account=account.name, documents=request.documents)
    if order_type not in WHOLE_SUBJECT:
        order.service = _service(request)
    if order_type in NEEDS_IPS:
        order.ips.extend(_ips(request, step, server))
    if order_type == res.ORDER_TYPE_TRANSFER_ACCOUNT:
        order.target_account = request.target_account
    if order_type == res.ORDER_TYPE_MIGRATE_SERVICE:
        order.target_subject = request.plan.target_subject
        order.target_account = request.target_account or _account_of(target, account.provider)
    if order_type in CHANGES:
        missing = _without_value(step, paths)
        if missing or not paths:
            names = ", ".join(missing)
            raise _required("new_values", f"{step.order_type} 的变更内容：{names}", f"the new values of {names}")
        order.change.CopyFrom(request.new_values)
        order.change.paths[:] = paths
    return order


def _order_type(step: Step, paths: Sequence[str]) -> res.OrderType.ValueType:
    """An order of the service carries the subject's fields too where both must go together (变更备案)."""
    if "SERVICE" in step.carries and any(path.startswith("service.") for path in paths):
        return res.ORDER_TYPE_CHANGE_SERVICE
    return res.OrderType.Value(f"ORDER_TYPE_{step.order_type}")


def _account(step: Step, accounts: Sequence[res.Account], server: str) -> res.Account:
    """The account at the step's provider; what is the bureau's is followed in the account of the server's."""
    wanted = step.provider or server
    found = [each for each in accounts if each.provider == wanted] if wanted else list(accounts)
    if len(found) == 1:
        return found[0]
    where = wanted or "the plan"
    raise _required("accounts", f"{wanted or '该计划'} 的一个账号", f"one account of {where} for {step.order_type}")


def _account_of(target: Record | None, provider: str) -> str:
    """The account that has the target's accesses at the provider, where there is one."""
    found = accounts_at(target, provider) if target is not None else []
    if len(found) != 1:
        raise _required("target_account", "目标主体的账号", f"the target's own account at {provider}")
    return found[0]


def _service(request: ApplyPlanRequest) -> str:
    if not request.plan.service:
        raise _required("plan.service", "服务", "the service that the orders are about")
    return request.plan.service


def _ips(request: ApplyPlanRequest, step: Step, server: tuple[str, str]) -> list[str]:
    provider, ip = server
    ips = list(request.ips) or ([ip] if ip and step.provider == provider else [])
    if not ips:
        raise _required("ips", "服务器公网 IP", "the server's public addresses")
    return ips


def _required(path: str, zh: str, en: str) -> BeianhubError:
    reason = f"{path.rpartition('.')[2].upper()}_REQUIRED"
    return refused(
        ErrorKind.INVALID,
        reason,
        path,
        f"缺少 {zh}",
        f"the plan needs {en}",
        "补上后重新应用计划。 / Add it, and apply the plan again.",
    )


def _paths(change: res.OrderChange) -> list[str]:
    """The caller's paths; without any, those of every field that is set."""
    return list(change.paths) or [
        f"{part}.{field.name}"
        for part, message in (("profile", change.profile), ("service", change.service))
        for field, _ in message.ListFields()
    ]


def _taken(step: Step, orders: Sequence[Step], paths: Iterable[str]) -> list[str]:
    """The new values that are this step's to file: by its part of the record, and by what it is to change."""
    both = "SERVICE" in step.carries or not any(s.order_type == "CHANGE_SUBJECT" for s in orders)
    parts = {"CHANGE_SUBJECT": ["profile"], "CHANGE_SERVICE": ["service"]}.get(step.order_type, [])
    parts = ["profile", "service"] if parts and both else parts
    return [p for p in paths if p.partition(".")[0] in parts and _fields(p) & set(step.changes)]


def _without_value(step: Step, paths: Sequence[str]) -> list[str]:
    """What the order is to change and no path gives: it would stay as it is, unnoticed. What the record does not hold
    is given in the vendor's form; without any path there is nothing to file at all.
    """
    given = frozenset[Field]().union(*map(_fields, paths))
    missing = [field for field in step.changes if field in _HELD and field not in given]
    return missing if paths else [*step.changes]


def _fields(path: str) -> frozenset[Field]:
    """What lies at or below the path, or above it."""
    under = (
        fields
        for known, fields in _FIELDS.items()
        if f"{known}.".startswith(f"{path}.") or f"{path}.".startswith(f"{known}.")
    )
    return frozenset[Field]().union(*under)

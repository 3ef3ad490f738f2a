"""From entries of a file to orders at the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import ParseDict, ParseError

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1.subject_service_pb2 import GetSubjectRequest
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client import words
from beianhub_cli.client.errors import CommandError, Failure, local_failure, several
from beianhub_cli.client.orders_file import OrderEntry, find_service
from beianhub_cli.client.output import Grid, Report, plain
from beianhub_core.findings import blocker
from beianhub_core.names import last
from beianhub_core.rules.addresses import canonical_ip

if TYPE_CHECKING:
    from beianhub_cli.client.command import Session


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an entry: ``what`` is created, unchanged, submitted or failed; its order, or why there is none."""

    label: str
    what: str
    order: res.Order | None = None
    failure: Failure | None = None


async def draft(session: Session, entry: OrderEntry) -> res.Order:
    """Drafts the order that the entry describes.

    Raises:
        CommandError: the gateway refused it, or its service cannot be found.
    """
    order = await _order(session, entry)
    request = pb.CreateOrderRequest(parent=session.parent, order=order, order_id=entry.id)
    drafted: res.Order = await session.connection.call(session.connection.orders.CreateOrder, request)
    return drafted


async def apply_orders(session: Session, entries: Sequence[OrderEntry], *, submit: bool) -> bool:
    """Drafts each entry, submits the drafts where asked to, and shows what became of each. Whether one failed."""
    results = [await _apply(session, entry, f"orders[{i}]") for i, entry in enumerate(entries)]
    if submit:
        results = [await _submit(session, *pair) for pair in zip(results, entries, strict=True)]
    session.screen.show(Report([_document(r) for r in results], [_grid(results)]))
    for result in results:
        if result.failure is not None:
            session.screen.note(f"{result.label}:")
            session.screen.fail(result.failure)
    return any(result.failure is not None for result in results)


async def _order(session: Session, entry: OrderEntry) -> res.Order:
    name = session.name("subjects", entry.subject)
    request = GetSubjectRequest(name=name)
    subject: res.Subject = await session.connection.call(session.connection.subjects.GetSubject, request)
    return res.Order(
        subject=name,
        type=entry.type,
        account=session.name("accounts", entry.account),
        service=find_service(subject, entry),
        ips=entry.ips,
        documents=[d if "/" in d else f"{name}/documents/{d}" for d in entry.documents],
        target_account=session.name("accounts", entry.target_account) if entry.target_account else "",
        target_subject=session.name("subjects", entry.target_subject) if entry.target_subject else "",
        change=_change(entry),
        planned_date=entry.planned_date,
    )


def _change(entry: OrderEntry) -> res.OrderChange | None:
    if not entry.change:
        return None
    try:
        return ParseDict(dict(entry.change), res.OrderChange())
    except ParseError as error:
        raise local_failure(
            "CHANGE_UNREADABLE",
            "change",
            "变更内容无法识别",
            str(error),
            "请参见 OrderChange：profile、service、paths。 / See OrderChange: profile, service, paths.",
        ) from None


async def _apply(session: Session, entry: OrderEntry, path: str) -> Applied:
    label = entry.id or path
    try:
        return Applied(label, "created", await draft(session, entry))
    except CommandError as error:
        if error.failure.reason == "ORDER_EXISTS":
            return await _existing(session, entry, label, error.failure)
        return Applied(label, "failed", failure=error.failure)


async def _existing(session: Session, entry: OrderEntry, label: str, failure: Failure) -> Applied:
    """The order that has the id already: unchanged if it is the one that the entry describes."""
    try:
        request = pb.GetOrderRequest(name=session.name("orders", entry.id))
        there: res.Order = await session.connection.call(session.connection.orders.GetOrder, request)
        wanted = await _order(session, entry)
    except CommandError as error:
        return Applied(label, "failed", failure=error.failure)
    if _content(there) != _content(wanted):
        return Applied(label, "failed", failure=failure)
    return Applied(label, "unchanged", there)


def _content(order: res.Order) -> tuple[Any, ...]:
    ips = [canonical_ip(ip) or ip for ip in order.ips]
    targets = (
        order.subject,
        order.type,
        order.account,
        order.service,
        order.target_account,
        order.target_subject,
        order.planned_date,
    )
    return *targets, ips, list(order.documents)


async def _submit(session: Session, result: Applied, entry: OrderEntry) -> Applied:
    if result.order is None or result.order.state != res.ORDER_STATE_DRAFT or result.order.HasField("submission"):
        return result
    try:
        request = pb.SubmitOrderRequest(name=result.order.name, confirmation=entry.confirm)
        order = await session.connection.call(session.connection.orders.SubmitOrder, request)
    except CommandError as error:
        return replace(result, what="failed", failure=error.failure)
    return replace(result, what="submitted", order=order)


def _document(result: Applied) -> dict[str, Any]:
    parts: dict[str, Any] = {"entry": result.label, "result": result.what}
    if result.order is not None:
        parts["order"] = plain(result.order)
    return parts | (result.failure.document() if result.failure is not None else {})


def _grid(results: Sequence[Applied]) -> Grid:
    rows = [
        (
            result.label,
            result.what,
            last(result.order.name) if result.order else "",
            words.say(res.OrderType.DESCRIPTOR, result.order.type) if result.order else "",
            words.say(res.OrderState.DESCRIPTOR, result.order.state) if result.order else "",
            result.failure.reason if result.failure else "",
        )
        for result in results
    ]
    return Grid(("entry", "result", "order", "type", "state", "reason"), rows)


def refusals(orders: Sequence[str], results: Sequence[pb.SubmitResult]) -> CommandError | None:
    """The findings of a batch's refused orders, each by its order; ``None`` when none was refused."""
    found = [
        blocker(f.code, f"{last(order)}: {f.path}", f.message_zh, f.message_en, f.suggestion, source=tuple(f.source))
        for order, result in zip(orders, results, strict=True)
        for f in result.findings
    ]
    return several(found) if found else None

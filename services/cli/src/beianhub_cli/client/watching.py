"""``beianhub watch``: orders or subjects, and their changes as they happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated, Any, Final

import typer

from beianhub.events.v1.events_pb2 import Event
from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1.subject_service_pb2 import WatchSubjectsRequest, WatchSubjectsResponse
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client import words
from beianhub_cli.client.command import Session, command
from beianhub_cli.client.errors import CommandError, Exit
from beianhub_cli.client.following import Request
from beianhub_cli.client.following import watch as follow
from beianhub_cli.client.output import plain
from beianhub_cli.client.views import moment
from beianhub_core.names import last

_TYPES: Final = tuple(field.name for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields)


def register(app: typer.Typer) -> None:
    """Adds the command to the root."""
    command(
        app,
        "watch",
        examples=[
            "beianhub watch",
            "beianhub watch --subject shili-keji -o json",
            "beianhub watch --type order_filed --type order_returned",
            "beianhub watch --subjects --type risk_raised",
            "beianhub watch --since TOKEN",
        ],
    )(watch)


def _complete(incomplete: str) -> list[str]:
    return [name for name in _TYPES if name.startswith(_as_type(incomplete))]


async def watch(
    session: Session,
    *,
    subjects: Annotated[
        bool, typer.Option("--subjects", help="Watch the subjects' records (主体) in place of the orders.")
    ] = False,
    subject: Annotated[str, typer.Option(help="Only this subject, or this subject's orders.")] = "",
    customer: Annotated[str, typer.Option(help="With --subjects: only this customer's.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="EVENT_TYPE",
            autocompletion=_complete,
            help="After the snapshot only changes by this type of event, such as order_filed; may be repeated.",
        ),
    ] = None,
    since: Annotated[str, typer.Option(metavar="TOKEN", help="Go on after this token, without a snapshot.")] = "",
    snapshot: Annotated[bool, typer.Option("--snapshot", help="End when the snapshot is complete.")] = False,
) -> None:
    """Show the orders, then each change, until Ctrl-C. With -o json one line each, with the token to go on from.

    With --subjects the same for subjects: each event of their history, with the record as it then is.
    """
    if customer and not subjects:
        raise typer.BadParameter("goes with --subjects", param_hint="--customer")
    if since and snapshot:
        raise typer.BadParameter("goes on without a snapshot", param_hint="--since")
    method: Callable[..., Any] = session.connection.orders.WatchOrders
    request: Request = pb.WatchOrdersRequest()
    if subjects:
        method, request = session.connection.subjects.WatchSubjects, WatchSubjectsRequest(customer=customer)
    request.parent = session.parent
    request.resume_token = since
    request.subject = session.name("subjects", subject) if subject else ""
    request.event_types[:] = [_as_type(each) for each in kind or ()]
    try:
        await _follow(session, method, request, snapshot=snapshot)
    except (CommandError, asyncio.CancelledError) as error:
        goes_on = not isinstance(error, CommandError) or error.failure.exit is Exit.UNAVAILABLE
        if goes_on and request.resume_token:
            session.screen.note(f"go on with --since {request.resume_token}")
        raise


async def _follow(session: Session, method: Callable[..., Any], request: Request, *, snapshot: bool) -> None:
    subjects = isinstance(request, WatchSubjectsRequest)
    async with aclosing(follow(session.connection, method, request)) as messages:
        async for message in messages:
            if message.HasField("subject" if subjects else "order"):
                session.screen.show_line(plain(message), _line(message))
            elif message.snapshot_complete:
                session.screen.show_line(plain(message), f"— snapshot complete; --since {message.resume_token}")
            if snapshot and message.snapshot_complete:
                return


def _as_type(given: str) -> str:
    """``order_filed`` of ``order-filed`` and ``ORDER_FILED``."""
    return given.strip().lower().replace("-", "_")


def _line(message: pb.WatchOrdersResponse | WatchSubjectsResponse) -> str:
    return subject_line(message) if isinstance(message, WatchSubjectsResponse) else line(message)


def line(message: pb.WatchOrdersResponse) -> str:
    """A change of an order in one line: when, which event, and the state after it."""
    order, event = message.order, message.event
    parts = [
        moment(event.time) if message.HasField("event") else moment(order.update_time),
        last(order.name),
        f"{last(order.subject)}@{order.provider}",
        words.say(res.OrderType.DESCRIPTOR, order.type),
        _what(message),
        words.say(res.OrderState.DESCRIPTOR, order.state),
        f"「{order.provider_status}」" if order.provider_status else "",
        *(_facet(verification) for verification in order.verifications),
    ]
    return "  ".join(part for part in parts if part)


def subject_line(message: WatchSubjectsResponse) -> str:
    """A change of a subject in one line: when, which event, and what the record then says."""
    subject, event = message.subject, message.event
    parts = [
        moment(event.time) if message.HasField("event") else moment(subject.update_time),
        last(subject.name),
        subject.profile.title,
        _what(message),
        words.say(res.SubjectState.DESCRIPTOR, subject.state),
        subject.licence_number,
        *(_service(service) for service in subject.services),
    ]
    return "  ".join(part for part in parts if part)


def _what(message: pb.WatchOrdersResponse | WatchSubjectsResponse) -> str:
    return (message.event.WhichOneof("payload") or "") if message.HasField("event") else "snapshot"


def _service(service: res.Service) -> str:
    where = "、".join(access.provider for access in service.accesses if access.state == res.ACCESS_STATE_ACTIVE)
    shown = service.domains[0] if service.domains else service.title
    return f"{shown}@{where}" if where else shown


def _facet(verification: res.Verification) -> str:
    kind = words.say(res.VerificationKind.DESCRIPTOR, verification.kind)
    return f"{kind}={words.say(res.VerificationState.DESCRIPTOR, verification.state)}"

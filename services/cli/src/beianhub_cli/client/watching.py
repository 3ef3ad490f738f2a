"""``beianhub watch``: orders and their changes as they happen."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated

import typer

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client import words
from beianhub_cli.client.command import Session, command
from beianhub_cli.client.following import watch as follow
from beianhub_cli.client.output import plain
from beianhub_cli.client.views import moment
from beianhub_core.names import last


def register(app: typer.Typer) -> None:
    """Adds the command to the root."""
    command(
        app,
        "watch",
        examples=["beianhub watch", "beianhub watch --subject shili-keji -o json", "beianhub watch --since TOKEN"],
    )(watch)


async def watch(
    session: Session,
    *,
    subject: Annotated[str, typer.Option(help="Only this subject's orders.")] = "",
    since: Annotated[str, typer.Option(metavar="TOKEN", help="Go on after this token, without a snapshot.")] = "",
    snapshot: Annotated[bool, typer.Option("--snapshot", help="End when the snapshot is complete.")] = False,
) -> None:
    """Show the orders, then each change, until Ctrl-C. With -o json one line each, with the token to go on from."""
    request = pb.WatchOrdersRequest(
        parent=session.parent, resume_token=since, subject=session.name("subjects", subject) if subject else ""
    )
    async with aclosing(follow(session.connection, request)) as messages:
        async for message in messages:
            if message.HasField("order"):
                session.screen.show_line(plain(message), line(message))
            elif message.snapshot_complete:
                session.screen.show_line(plain(message), f"— snapshot complete; --since {message.resume_token}")
            if snapshot and message.snapshot_complete:
                return


def line(message: pb.WatchOrdersResponse) -> str:
    """A change of an order in one line: when, which event, and the state after it."""
    order, event = message.order, message.event
    what = (event.WhichOneof("payload") or "") if message.HasField("event") else "snapshot"
    parts = [
        moment(event.time) if message.HasField("event") else moment(order.update_time),
        last(order.name),
        f"{last(order.subject)}@{order.provider}",
        words.say(res.OrderType.DESCRIPTOR, order.type),
        what,
        words.say(res.OrderState.DESCRIPTOR, order.state),
        f"「{order.provider_status}」" if order.provider_status else "",
        *(_facet(verification) for verification in order.verifications),
    ]
    return "  ".join(part for part in parts if part)


def _facet(verification: res.Verification) -> str:
    kind = words.say(res.VerificationKind.DESCRIPTOR, verification.kind)
    return f"{kind}={words.say(res.VerificationState.DESCRIPTOR, verification.state)}"

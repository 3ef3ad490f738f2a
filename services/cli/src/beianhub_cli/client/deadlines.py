"""``beianhub deadlines`` and ``beianhub deadline``: what is due across the portfolio, and what is done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command

app = typer.Typer(help="One deadline (期限) of a subject.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Adds ``deadlines`` to the root."""
    command(
        root,
        "deadlines",
        examples=["beianhub deadlines --before 2026-12-31", "beianhub deadlines --customer 示例集团 --all -o yaml"],
    )(deadlines)


async def deadlines(
    session: Session,
    *,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Only those before this local time."
        ),
    ] = None,
    customer: Annotated[str, typer.Option(help="Only of this customer's subjects.")] = "",
    subject: Annotated[str, typer.Option(help="Only of this subject and its orders.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List the deadlines (期限) of subjects and orders by time, the overdue first, with their sources."""
    request = pb.ListDeadlinesRequest(
        parent=session.parent,
        page_size=page_size,
        page_token=page_token,
        customer=customer,
        subject=session.name("subjects", subject) if subject else "",
    )
    if before is not None:
        request.before.FromDatetime(before.astimezone())
    session.show(
        await session.page(session.connection.subjects.ListDeadlines, request, pb.ListDeadlinesResponse, every=every)
    )


@command(
    app,
    "complete",
    mutates=True,
    examples=[
        "beianhub deadline complete shili-keji/police-filing-06f0b1a2c3d4 --note 京公网安备11010502000001号",
        "beianhub deadlines --subject shili-keji    # for the names",
    ],
)
async def complete(
    session: Session,
    deadline: Annotated[str, typer.Argument(metavar="NAME", help="SUBJECT/DEADLINE as listed, or its full name.")],
    *,
    note: Annotated[str, typer.Option(help="What was done, for the history; no names.")] = "",
) -> None:
    """Say that what a deadline asks for was done (已完成): a certificate renewed, a notice met, the police filing made.

    It is listed and warned of no more. Those of an order end with what becomes of the order.
    """
    subject, _, id_ = deadline.partition("/")
    name = deadline if deadline.startswith("tenants/") else f"{session.parent}/subjects/{subject}/deadlines/{id_}"
    request = pb.CompleteDeadlineRequest(name=name, note=note)
    session.show(await session.connection.call(session.connection.subjects.CompleteDeadline, request))

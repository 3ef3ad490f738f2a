"""``beianhub deadlines``: what is due across the portfolio, by time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command


def register(app: typer.Typer) -> None:
    """Adds the command to the root."""
    command(
        app,
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

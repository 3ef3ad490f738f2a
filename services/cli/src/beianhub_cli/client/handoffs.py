"""``beianhub handoff``: what an operator files in a vendor's console."""

from __future__ import annotations

from typing import Annotated

import typer

from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command

app = typer.Typer(help="Hand-offs (转人工): orders that an operator files in a vendor's console.", no_args_is_help=True)
HandoffId = Annotated[str, typer.Argument(metavar="HANDOFF", help="The hand-off's id or full name.")]


@command(app, "list", examples=["beianhub handoff list"])
async def list_(
    session: Session, *, page_size: PageSize = 0, page_token: PageToken = "", every: AllPages = False
) -> None:
    """List hand-offs that wait for an operator or are in one's hands; no values are shown."""
    request = pb.ListHandoffsRequest(parent=session.parent, page_size=page_size, page_token=page_token)
    session.show(
        await session.page(session.connection.tasks.ListHandoffs, request, pb.ListHandoffsResponse, every=every)
    )


@command(app, "claim", examples=['beianhub handoff claim 0198… --as wang --purpose "在华为云控制台提交接入备案"'])
async def claim(
    session: Session,
    handoff: HandoffId,
    *,
    assignee: Annotated[str, typer.Option("--as", help="Who claims it.")],
    purpose: Annotated[str, typer.Option(help="Why the personal data is read; it is kept.")],
    lease_seconds: Annotated[float, typer.Option(min=0, help="How long; 0 means half an hour.")] = 0,
) -> None:
    """Claim a hand-off and show the vendor's form, filled in from the vault. It shows personal data."""
    request = pb.ClaimHandoffRequest(
        name=session.name("tasks", handoff), assignee=assignee, purpose=purpose, lease_seconds=lease_seconds
    )
    session.show(await session.connection.call(session.connection.tasks.ClaimHandoff, request))


@command(app, "complete", examples=["beianhub handoff complete 0198… --number HW202600001"])
async def complete(
    session: Session,
    handoff: HandoffId,
    *,
    number: Annotated[str, typer.Option(help="The vendor's order number (订单号).")],
    status: Annotated[str, typer.Option(help="The vendor's own word for the state.")] = "",
) -> None:
    """Report that it was filed, with the vendor's order number. The same number again changes nothing."""
    request = pb.CompleteHandoffRequest(
        name=session.name("tasks", handoff), provider_order_id=number, provider_status=status
    )
    session.show(await session.connection.call(session.connection.tasks.CompleteHandoff, request))

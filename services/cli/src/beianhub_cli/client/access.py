"""``beianhub access``: may a domain be served from a provider?"""

from __future__ import annotations

from typing import Annotated

import typer

from beianhub.filing.v1 import access_service_pb2 as pb
from beianhub_cli.client.command import Session, command
from beianhub_cli.client.errors import Exit

app = typer.Typer(help="Whether a domain may be served from a provider (接入).", no_args_is_help=True)


@command(
    app,
    "check",
    examples=[
        "beianhub access check www.shili-keji.com --provider tencent",
        "beianhub access check a.com b.com --provider tencent --provider aliyun -o json",
    ],
)
async def check(
    session: Session,
    domains: Annotated[list[str], typer.Argument(metavar="DOMAIN...", help="Names at or below a filed domain.")],
    *,
    provider: Annotated[list[str], typer.Option("--provider", "-p", help="The provider's id; may be repeated.")],
) -> None:
    """May these domains be served from these providers now, and why? Exit code 7 if one may not."""
    pairs = [
        pb.CheckAccessRequest(parent=session.parent, domain=domain, provider=one)
        for domain in domains
        for one in provider
    ]
    access = session.connection.access
    if len(pairs) == 1:
        answers = [await session.connection.call(access.CheckAccess, pairs[0])]
        session.show(answers[0])
    else:
        request = pb.BatchCheckAccessRequest(parent=session.parent, requests=pairs)
        answers = list((await session.connection.call(access.BatchCheckAccess, request)).responses)
        session.show_all(answers)
    if any(answer.verdict != pb.ACCESS_VERDICT_YES for answer in answers):
        raise typer.Exit(Exit.NO)

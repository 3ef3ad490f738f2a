"""``beianhub account``: cloud accounts at providers."""

from __future__ import annotations

from typing import Annotated

import typer

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import Account, Channel
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, choice, command

app = typer.Typer(help="Cloud accounts at providers (云账号).", no_args_is_help=True)


@command(
    app,
    "create",
    mutates=True,
    examples=["beianhub account create tencent-main --provider tencent --credential tencent --channel API"],
)
async def create(
    session: Session,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The new account's id.")],
    *,
    provider: Annotated[str, typer.Option(help="The provider's plugin, such as tencent.")],
    channel: Annotated[str, typer.Option(help="API where the partner API is open to it, else CONSOLE.")] = "CONSOLE",
    credential: Annotated[str, typer.Option(help="The name of a credential in the engine's configuration.")] = "",
    endpoint: Annotated[str, typer.Option(help="The vendor's endpoint, or the sandbox's.")] = "",
    max_concurrency: Annotated[int, typer.Option(min=0, help="Calls at once; 0 is the plugin's default.")] = 0,
) -> None:
    """Create an account. Credentials stay in the engine's configuration; only their name is given here."""
    request = pb.CreateAccountRequest(
        parent=session.parent,
        account_id=account,
        account=Account(
            provider=provider,
            endpoint=endpoint,
            credential=credential,
            submission_channel=Channel.ValueType(choice(Channel.DESCRIPTOR, channel, "channel")),
            max_concurrency=max_concurrency,
        ),
    )
    session.show(await session.connection.call(session.connection.admin.CreateAccount, request))


@command(app, "get", examples=["beianhub account get tencent-main"])
async def get(
    session: Session, account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id or full name.")]
) -> None:
    """Show an account."""
    request = pb.GetAccountRequest(name=session.name("accounts", account))
    session.show(await session.connection.call(session.connection.admin.GetAccount, request))


@command(app, "list", examples=["beianhub account list -o json"])
async def list_(
    session: Session, *, page_size: PageSize = 0, page_token: PageToken = "", every: AllPages = False
) -> None:
    """List accounts in order of creation."""
    request = pb.ListAccountsRequest(parent=session.parent, page_size=page_size, page_token=page_token)
    session.show(
        await session.page(session.connection.admin.ListAccounts, request, pb.ListAccountsResponse, every=every)
    )

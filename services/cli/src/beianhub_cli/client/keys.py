"""``beianhub key``: API keys and their roles."""

from __future__ import annotations

from typing import Annotated

import typer

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, choice, command
from beianhub_cli.client.output import Report, plain
from beianhub_cli.client.views import table

app = typer.Typer(help="API keys and their roles (密钥).", no_args_is_help=True)


@command(
    app,
    "create",
    examples=["beianhub key create --role VIEWER", "beianhub key create --role OPERATOR --customer acme -o json"],
)
async def create(
    session: Session,
    *,
    role: Annotated[str, typer.Option(help="OWNER, OPERATOR, VIEWER or PLUGIN_HOST.")],
    customer: Annotated[str, typer.Option(help="Limit it to this customer's subjects.")] = "",
) -> None:
    """Create an API key. Its secret is shown this once, on standard output."""
    key = pb.ApiKey(role=pb.Role.ValueType(choice(pb.Role.DESCRIPTOR, role, "role")), customer=customer)
    request = pb.CreateApiKeyRequest(parent=session.parent, api_key=key)
    answer = await session.connection.call(session.connection.admin.CreateApiKey, request, safe=False)
    grid = table([answer.api_key])
    cells = [*grid.rows[0], answer.secret]
    session.screen.show(Report(plain(answer), [type(grid)((*grid.header, "secret, shown once"), [cells])]))


@command(app, "list", examples=["beianhub key list"])
async def list_(
    session: Session, *, page_size: PageSize = 0, page_token: PageToken = "", every: AllPages = False
) -> None:
    """List API keys, without their secrets."""
    request = pb.ListApiKeysRequest(parent=session.parent, page_size=page_size, page_token=page_token)
    session.show(await session.page(session.connection.admin.ListApiKeys, request, pb.ListApiKeysResponse, every=every))


@command(app, "revoke", examples=["beianhub key revoke 0198…"])
async def revoke(session: Session, key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")]) -> None:
    """Revoke an API key; gateways refuse it within seconds."""
    request = pb.RevokeApiKeyRequest(name=session.name("apiKeys", key))
    session.show(await session.connection.call(session.connection.admin.RevokeApiKey, request))

"""``beianhub plugin``: providers and verifiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from google.protobuf.message import Message

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_cli.client.command import Session, command
from beianhub_cli.client.output import Report, plain
from beianhub_cli.client.views import capabilities, table

app = typer.Typer(help="Plugins: providers (接入商) and verifiers (核验).", no_args_is_help=True)
PluginId = Annotated[str, typer.Argument(metavar="PLUGIN", help="The plugin's id.")]


@command(app, "list", examples=["beianhub plugin list", "beianhub plugin list -o json"])
async def list_(session: Session) -> None:
    """List the plugins, quarantined ones with the reason, and the channel of each operation and order type."""
    request = pb.ListPluginsRequest(page_size=1000)
    answer = await session.page(session.connection.admin.ListPlugins, request, pb.ListPluginsResponse, every=True)
    session.screen.show(Report(plain(answer), [table(answer.plugins, "plugins"), capabilities(answer.plugins)]))


@command(app, "get", examples=["beianhub plugin get tencent -o yaml"])
async def get(session: Session, plugin: PluginId) -> None:
    """Show one plugin with its capabilities."""
    await _show(session, session.connection.admin.GetPlugin, pb.GetPluginRequest(name=_name(plugin)))


@command(app, "enable", examples=["beianhub plugin enable tencent"])
async def enable(session: Session, plugin: PluginId) -> None:
    """Offer the plugin's tasks again (启用)."""
    await _show(session, session.connection.admin.EnablePlugin, pb.EnablePluginRequest(name=_name(plugin)))


@command(app, "disable", examples=["beianhub plugin disable tencent"])
async def disable(session: Session, plugin: PluginId) -> None:
    """Offer none of the plugin's tasks any more (停用); they wait."""
    await _show(session, session.connection.admin.DisablePlugin, pb.DisablePluginRequest(name=_name(plugin)))


async def _show(session: Session, method: Callable[..., Any], request: Message) -> None:
    plugin: Plugin = await session.connection.call(method, request)
    session.screen.show(Report(plain(plugin), [table([plugin]), capabilities([plugin])]))


def _name(plugin: str) -> str:
    return plugin if "/" in plugin else f"plugins/{plugin}"

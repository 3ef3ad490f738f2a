"""The commands that run beianhub: init, up, gateway, engine, sandbox, config."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop
import yaml

from beianhub_cli.client.command import epilog
from beianhub_cli.config import Config, load, where
from beianhub_cli.config.loading import DEFAULT_FILE
from beianhub_cli.guarded import guarded
from beianhub_cli.serve.initialising import (
    add_sandbox_credentials,
    ensure_initialised,
    initialise,
    write_template,
)
from beianhub_cli.serve.locking import alone
from beianhub_cli.serve.logging import configure
from beianhub_cli.serve.running import (
    Announcement,
    run_all,
    run_engine_alone,
    run_gateway,
    run_sandbox,
    until_stopped,
)
from beianhub_engine.runner import HOST, RELAY, ROLES, SCHEDULER

ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", envvar="BEIANHUB_CONFIG")
]
ReadyFile = Annotated[
    Path | None, typer.Option("--ready-file", help="Write pid and addresses there as JSON once everything answers.")
]
_EXAMPLES: Final = {
    "init": ("beianhub init --sandbox", "beianhub init --tenant second --title 第二家", "beianhub init --new-key"),
    "up": ("beianhub up --sandbox", "beianhub up --config /etc/beianhub.toml --ready-file /run/beianhub.json"),
    "gateway": ("beianhub gateway", "BEIANHUB_GATEWAY__LISTEN=0.0.0.0:7430 beianhub gateway"),
    "engine": ("beianhub engine", "beianhub engine --role relay --role scheduler"),
    "sandbox": ("beianhub sandbox", "BEIANHUB_SANDBOX__SMS_MODE=manual beianhub sandbox"),
    "show": ("beianhub config show", "beianhub config show -o json"),
}


class Role(StrEnum):
    """A part of the engine."""

    RELAY = RELAY
    HOST = HOST
    SCHEDULER = SCHEDULER


class Format(StrEnum):
    """How to print a result."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def register(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    for name, command in (("init", init), ("up", up), ("gateway", gateway), ("engine", engine), ("sandbox", sandbox)):
        app.command(name, epilog=epilog(_EXAMPLES[name]))(guarded(command))
    config = typer.Typer(help="The configuration in force.", no_args_is_help=True)
    config.command("show", epilog=epilog(_EXAMPLES["show"]))(guarded(show))
    app.add_typer(config, name="config")


def init(
    config: ConfigFile = None,
    tenant: Annotated[str, typer.Option(help="The tenant's id; the configuration's tenant if not given.")] = "",
    title: Annotated[str, typer.Option(help="The tenant's title.")] = "",
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make one more owner's key for a tenant that exists.")
    ] = False,
    for_sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Add the sandbox's invented key pairs: tencent, aliyun and huawei.")
    ] = False,
) -> None:
    """Makes the master key, the schema, the first tenant and its owner's key (初始化).

    The key is printed once, and kept in the data directory, where only its owner can read it.
    """
    file = where(config) or DEFAULT_FILE
    write_template(file, tenant or "main")
    settings = load(config)
    if for_sandbox and (added := add_sandbox_credentials(file, settings)):
        typer.echo(f"{file}: the sandbox's credentials {', '.join(added)}", err=True)
    secret = asyncio.run(initialise(settings, tenant or settings.tenant, title, new_key=new_key))
    typer.echo(f"tenant {tenant or settings.tenant} is ready; its owner's key, shown once:", err=True)
    typer.echo(secret)


def up(
    config: ConfigFile = None,
    with_sandbox: Annotated[bool, typer.Option("--sandbox", help="Run the sandbox in it too.")] = False,
    ready_file: ReadyFile = None,
) -> None:
    """Runs everything in one process: gateway, engine and, with --sandbox, the vendors' sandbox.

    Initialises what is missing. Whatever was under way when an earlier run ended goes on.
    """
    parts = {"gateway", "engine", *(["sandbox"] if with_sandbox else [])}

    async def run(settings: Config, announcement: Announcement, stop: asyncio.Event) -> None:
        with alone(settings.data_dir):
            if await ensure_initialised(settings):
                typer.echo(f"initialised; the owner's key is in {settings.owner_key_file}", err=True)
            await run_all(settings, announcement, stop, sandbox=with_sandbox)

    _run(config, ready_file, parts, run)


def gateway(config: ConfigFile = None, ready_file: ReadyFile = None) -> None:
    """Runs a gateway alone: gRPC, and HTTP for callbacks, health and metrics."""
    _run(config, ready_file, {"gateway"}, run_gateway)


def engine(
    config: ConfigFile = None,
    role: Annotated[
        list[Role] | None, typer.Option(help="Run only this role; may be repeated. All roles if not given.")
    ] = None,
    ready_file: ReadyFile = None,
) -> None:
    """Runs an engine alone: relay, plugin host and scheduler. Several may run beside each other."""

    async def run(settings: Config, announcement: Announcement, stop: asyncio.Event) -> None:
        await run_engine_alone(settings, {one.value for one in role} if role else set(ROLES), announcement, stop)

    _run(config, ready_file, {"engine"}, run)


def sandbox(config: ConfigFile = None, ready_file: ReadyFile = None) -> None:
    """Runs the sandbox alone: three vendor-style systems and the regulator behind them, for training and tests."""
    _run(config, ready_file, {"sandbox"}, run_sandbox)


def show(
    config: ConfigFile = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="How to print it.")] = Format.YAML,
) -> None:
    """Prints the configuration in force, with its defaults; secrets are stars."""
    values = json.loads(load(config).model_dump_json())
    if output is Format.JSON:
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
    elif output is Format.YAML:
        typer.echo(yaml.safe_dump(values, allow_unicode=True, sort_keys=False).rstrip())
    else:
        for key, value in _flat(values):
            typer.echo(f"{key} = {value}")


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in values.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


def _run(
    config: Path | None,
    ready_file: Path | None,
    parts: set[str],
    run: Callable[[Config, Announcement, asyncio.Event], Coroutine[Any, Any, None]],
) -> None:
    settings = load(config)
    configure(settings.log)
    announcement = Announcement(parts, ready_file)
    uvloop.run(until_stopped(lambda stop: run(settings, announcement, stop)))

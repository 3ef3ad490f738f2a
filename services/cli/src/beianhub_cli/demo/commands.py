"""`beianhub demo`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from beianhub_cli.client.command import epilog
from beianhub_cli.client.connection import Connection
from beianhub_cli.client.errors import Exit, local_failure
from beianhub_cli.client.messages import load_yaml, read_bytes
from beianhub_cli.client.orders_file import read_orders
from beianhub_cli.config import load
from beianhub_cli.demo import records
from beianhub_cli.demo.people import People, persons_of, read_rows
from beianhub_cli.demo.processes import Processes
from beianhub_cli.demo.sandbox import Sandbox
from beianhub_cli.demo.setting import TENANT, Setting, prepare
from beianhub_cli.demo.story import Story, tell
from beianhub_cli.demo.telling import Teller
from beianhub_cli.demo.watching import Watcher
from beianhub_cli.guarded import guarded
from beianhub_cli.serve.initialising import initialise

_TERMINATED: Final = 143


class Format(StrEnum):
    """How to print the records."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def register(app: typer.Typer) -> None:
    """Adds the command to the root."""
    app.command("demo", epilog=epilog(["beianhub demo", "beianhub demo -o json"]))(guarded(demo))


def demo(
    output: Annotated[Format, typer.Option("--output", "-o", help="How to print the final records.")] = Format.TABLE,
    samples: Annotated[Path, typer.Option(help="The reseller's files.")] = Path("samples"),
    directory: Annotated[Path, typer.Option(help="Where it happens; cleared at the start.")] = Path(".beianhub/demo"),
    bus: Annotated[
        str, typer.Option(help="embedded://, or kafka://host:port,… for separate processes.")
    ] = "embedded://",
    store: Annotated[str, typer.Option(help="postgresql://…, with a Kafka bus; must be empty.")] = "",
    keystore: Annotated[str, typer.Option(help="postgresql://… for the vault's keys; must be empty.")] = "",
) -> None:
    """Files a reseller's customers through three providers into one record each, live, in the sandbox (演示).

    Everything runs on this machine. With a Kafka bus and a PostgreSQL store, sandbox, two gateways and two engines run
    as processes of their own; otherwise everything but this story runs in one. Kill what you like: started again with
    `beianhub up --sandbox --config DIRECTORY/beianhub.toml`, it goes on.

    Exit codes: 0 the story ended as it should; 1 it did not, and the message says where.
    """
    scaled = not bus.startswith("embedded://")
    if scaled != store.startswith("postgresql"):
        raise local_failure(
            "STORE_MISMATCH",
            "store",
            "Kafka 总线与 PostgreSQL 存储须一起使用",
            "a Kafka bus and a PostgreSQL store go together",
            "请同时给出两者；内嵌演示则都不给。 / Give both, or neither for the embedded demonstration.",
            Exit.USAGE,
        )
    portfolio = samples / "portfolio.csv"
    for file in (portfolio, samples / "orders.yaml"):
        if not file.is_file():
            raise local_failure(
                "SAMPLES_MISSING",
                "samples",
                f"缺少 {file}",
                f"{file} is missing",
                "请指明文件夹。 / Name the folder.",
                Exit.USAGE,
            )
    more: dict[str, Any] = {"bus": {"url": bus}}
    if store:
        more["store"] = {"url": store}
    if keystore:
        more["vault"] = {"keystore_url": keystore}
    people = None if scaled else portfolio.resolve()
    setting = prepare(directory.resolve(), people=people, gateways=2 if scaled else 1, more=more)
    try:
        final, history = asyncio.run(_run(setting, samples, scaled=scaled))
    except asyncio.CancelledError:
        raise typer.Exit(_TERMINATED) from None
    _print(final, history, output)


async def _run(setting: Setting, samples: Path, *, scaled: bool) -> tuple[dict[str, Any], dict[str, list[str]]]:
    _end_with_signals()
    config = load(setting.config_file)
    secret = await initialise(config, TENANT, "演示经销商")
    rows = {row.subject_id: row for row in read_rows(samples / "portfolio.csv")}
    written = load_yaml(read_bytes(samples / "orders.yaml"), "orders.yaml")
    plans = {entry.id: entry for entry in read_orders(written, "orders.yaml")}
    async with _processes(setting, scaled=scaled) as servers:
        sandbox, teller = Sandbox(setting.sandbox), Teller()
        async with Connection(servers, secret) as connection:
            watcher = Watcher(connection, TENANT, teller.event)
            story = Story(connection, sandbox, watcher, teller, TENANT, rows, plans)
            helpers = [watcher.run()]
            if scaled:
                helpers.append(People(persons_of(rows.values()), sandbox, connection, TENANT).run())
            async with _beside(*helpers):
                await tell(story)
                final, history = await records.gather(story), await records.histories(story)
        await sandbox.close()
    return final, history


def _end_with_signals() -> None:
    """SIGTERM and SIGINT cancel the story, which ends the processes that it started."""
    story = asyncio.current_task()
    if story is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, story.cancel)


@contextlib.asynccontextmanager
async def _processes(setting: Setting, *, scaled: bool) -> AsyncIterator[str]:
    """Starts what runs, and gives the gateways' address."""
    config = ("--config", str(setting.config_file))
    async with Processes(setting.directory, {}) as processes:
        if not scaled:
            await processes.start("up", "up", "--sandbox", *config)
        else:
            await processes.start("sandbox", "sandbox", *config)
            for number, (grpc, http) in enumerate(setting.gateways, 1):
                own = {"BEIANHUB_GATEWAY__LISTEN": grpc, "BEIANHUB_GATEWAY__HTTP_LISTEN": http}
                await processes.start(f"gateway-{number}", "gateway", *config, environment=own)
            for number in (1, 2):
                await processes.start(f"engine-{number}", "engine", *config)
        yield "ipv4:" + ",".join(grpc for grpc, _ in setting.gateways)


@contextlib.asynccontextmanager
async def _beside(*coroutines: Any) -> AsyncIterator[None]:
    """Runs them beside the block; the first that fails ends it with its error."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _print(final: dict[str, Any], history: dict[str, list[str]], output: Format) -> None:
    if output is Format.JSON:
        typer.echo(json.dumps(final, ensure_ascii=False, indent=2))
    elif output is Format.YAML:
        typer.echo(yaml.safe_dump(final, allow_unicode=True, sort_keys=False).rstrip())
    else:
        records.show(final, history)

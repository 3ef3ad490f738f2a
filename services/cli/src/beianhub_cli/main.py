"""The ``beianhub`` command."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable
from typing import Annotated, Final

import typer

from beianhub_cli import client, demo, serve
from beianhub_cli.client.errors import EXIT_CODES

# Each adds its commands to the root, in the order in which --help lists them.
REGISTER: Final[tuple[Callable[[typer.Typer], None], ...]] = (demo.register, serve.register, client.register)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"beianhub {importlib.metadata.version('beianhub')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One ICP filing record (备案记录), every cloud.

    `beianhub demo` tells the whole story on this machine; `beianhub up` runs everything in one process.
    """


def make_app() -> typer.Typer:
    """The root with every command."""
    app = typer.Typer(
        name="beianhub",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # locals hold personal data
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog=EXIT_CODES)(_root)
    for register in REGISTER:
        register(app)
    return app


def main() -> None:
    """Runs the command with the process's arguments."""
    for stream in (sys.stdout, sys.stderr):
        # Chinese text must not fail where the locale is C.
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # text streams of the process have it
    make_app()()

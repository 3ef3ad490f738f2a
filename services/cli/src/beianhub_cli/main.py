"""The ``beianhub`` command."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer
from typer.core import TyperGroup
from typer.main import get_group

from beianhub_cli.client.errors import EXIT_CODES, CommandError, failure_at_home, misconfigured, refused_by_system
from beianhub_cli.client.output import Screen
from beianhub_cli.client.usage import UsageError, asked_form, is_help, misused
from beianhub_cli.config import ConfigError
from beianhub_core.errors import BeianhubError

# Where each command lives, in the order in which --help lists them. A package is imported when one of its commands is
# asked for, and then its ``register`` adds them: a client's command need not wait for a whole engine to load.
COMMANDS: Final[Mapping[str, str]] = {
    "demo": "beianhub_cli.demo",
    "plan": "beianhub_cli.plan",
    "rules": "beianhub_cli.rules",
    **dict.fromkeys(("init", "up", "gateway", "engine", "sandbox", "config"), "beianhub_cli.serve"),
    **dict.fromkeys(("subject", "order", "access", "drift", "watch", "handoff", "task"), "beianhub_cli.client"),
    **dict.fromkeys(("deadlines", "deadline", "document", "account", "key", "plugin"), "beianhub_cli.client"),
    **dict.fromkeys(("risks", "notice", "audit"), "beianhub_cli.client"),
}

_TYPED: Final = "beianhub_cli.typed"


class _Root(TyperGroup):
    """The root, which finds its commands by name."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the name in the base class
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the name in the base class
        if cmd_name not in self.commands:
            # For an unknown name all are loaded, so that the error can say what was perhaps meant.
            for package in {COMMANDS[cmd_name]} if cmd_name in COMMANDS else dict.fromkeys(COMMANDS.values()):
                self._load(package)
        return self.commands.get(cmd_name)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remembers what was typed, so that a mistake in it is told in the form that was asked for."""
        ctx.meta[_TYPED] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; what is raised on purpose ends it with its exit code, and without a traceback.

        So does what the system refuses, such as writing to a full disk; a reader that has gone is Typer's to end with.
        """
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except CommandError as error:
            failure = error.failure
        except UsageError as error:
            if is_help(error):
                raise
            failure = misused(error)
        except BrokenPipeError:
            raise
        except OSError as error:
            failure = refused_by_system(error).failure
        except ConfigError as error:
            failure = misconfigured(error)
        except BeianhubError as error:
            failure = failure_at_home(error)
        Screen(asked_form(ctx.meta[_TYPED])).fail(failure)
        raise typer.Exit(failure.exit)

    def _load(self, package: str) -> None:
        part = typer.Typer()
        part.callback()(_nothing)  # without one, a part with a single command would be that command
        importlib.import_module(package).register(part)
        self.commands.update(get_group(part).commands)


def _nothing() -> None:
    """The parts have no options of their own."""


def _stream(given: TextIO | None) -> TextIO:
    """The stream, or one that leads nowhere in the place of one that the caller closed."""
    if given is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    given.reconfigure(encoding="utf-8")  # type: ignore[attr-defined]  # Chinese text must not fail where the locale is C
    return given


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
        cls=_Root,
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # locals hold personal data
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog=EXIT_CODES)(_root)
    return app


def main() -> None:
    """Runs the command with the process's arguments."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own lines would stand among ours on standard error
    sys.stdout, sys.stderr = _stream(sys.stdout), _stream(sys.stderr)
    make_app()()

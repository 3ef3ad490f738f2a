"""One way for the commands that run something to fail: what is wrong, what to do, and an exit code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import typer

from beianhub_cli.client.errors import CommandError, Exit, Failure
from beianhub_cli.client.output import Format, Screen
from beianhub_cli.config import ConfigError
from beianhub_core.errors import BeianhubError, ErrorKind

_EXITS: Final = {
    ErrorKind.NOT_FOUND: Exit.NOT_FOUND,
    ErrorKind.PERMISSION: Exit.DENIED,
    ErrorKind.UNAUTHENTICATED: Exit.DENIED,
    ErrorKind.UNAVAILABLE: Exit.UNAVAILABLE,
    ErrorKind.DEADLINE: Exit.UNAVAILABLE,
}


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The command, with its errors told instead of traced."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        screen = Screen(Format.TABLE)
        try:
            command(*args, **options)
        except* CommandError as group:
            raise typer.Exit(_tell(screen, [e.failure for e in leaves(group)])) from None
        except* ConfigError as group:
            for error in leaves(group):
                for problem in error.problems:
                    screen.note(f"configuration: {problem}", "red")
            raise typer.Exit(Exit.USAGE) from None
        except* BeianhubError as group:
            raise typer.Exit(_tell(screen, [_failure(e) for e in leaves(group)])) from None
        except* OSError as group:
            for oserror in leaves(group):
                screen.note(f"{oserror.strerror or oserror}: {oserror.filename or 'a port or a file'}", "red")
            raise typer.Exit(Exit.OTHER) from None

    return run


def leaves(group: BaseExceptionGroup[Any]) -> list[Any]:
    """The errors inside, however deep."""
    found: list[Any] = []
    for error in group.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _tell(screen: Screen, failures: list[Failure]) -> Exit:
    for failure in failures:
        screen.fail(failure)
    return failures[0].exit


def _failure(error: BeianhubError) -> Failure:
    return Failure(
        exit=_EXITS.get(error.kind, Exit.INVALID),
        code=error.kind.name,
        reason=error.reason,
        message=error.reason,
        findings=error.findings,
        metadata=error.metadata,
    )
